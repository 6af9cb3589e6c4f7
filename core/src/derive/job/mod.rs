/*!
Scheduled jobs: what an event says of any of them, in the same few fields for
every mechanism.
*/

pub(crate) mod account;
pub(crate) mod action;
pub(crate) mod at;
pub(crate) mod attack;
pub(crate) mod call;
pub(crate) mod cloud;
pub(crate) mod cloud_tool;
pub(crate) mod crontab;
pub(crate) mod definition;
pub(crate) mod event;
pub(crate) mod facts;
pub(crate) mod file;
pub(crate) mod guard;
pub(crate) mod kubernetes;
pub(crate) mod launchd;
pub(crate) mod members;
pub(crate) mod names;
pub(crate) mod options;
pub(crate) mod powershell;
pub(crate) mod process;
pub(crate) mod reader;
pub(crate) mod reg;
pub(crate) mod registry;
pub(crate) mod scheduled;
pub(crate) mod schtasks;
pub(crate) mod systemd;
pub(crate) mod table;
pub(crate) mod traits;
pub(crate) mod wmic;
pub(crate) mod words;
pub(crate) mod write;

pub(crate) use guard::{guard, kinds};
pub use reader::{Job, JobIter, JobReader};
