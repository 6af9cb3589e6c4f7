/*!
Detection of scheduled-task abuse (MITRE ATT&CK T1053) that any collector can
embed.
*/

#![forbid(unsafe_code)]

pub mod event;
pub mod record;
pub mod rule;
mod time;

pub use time::Timestamp;
mod error;
