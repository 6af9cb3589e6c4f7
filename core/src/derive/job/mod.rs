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
pub(crate) mod encoded;
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
pub(crate) mod property_list;
pub(crate) mod reader;
pub(crate) mod reg;
pub(crate) mod registry;
pub(crate) mod scheduled;
pub(crate) mod scheduler;
pub(crate) mod schtasks;
pub(crate) mod systemd;
pub(crate) mod table;
pub(crate) mod task_name;
pub(crate) mod traits;
pub(crate) mod vendor;
pub(crate) mod wmic;
pub(crate) mod words;
pub(crate) mod write;

pub(crate) use guard::{guard, kinds};

/// The direct fields that jobs are told by, of whatever kind of event.
pub(crate) const SOURCES: &[Field] = &[
    Field::AccessMask,
    Field::ActionName,
    Field::Activity,
    Field::Argv,
    Field::AttributeLdapDisplayName,
    Field::AttributeValue,
    Field::ClientProcessId,
    Field::CommandLine,
    Field::Details,
    Field::ErrorCode,
    Field::EventName,
    Field::EventSource,
    Field::EventType,
    Field::Image,
    Field::ImageLoaded,
    Field::InterfaceUuid,
    Field::IpAddress,
    Field::MethodName,
    Field::Name,
    Field::Nametype,
    Field::ObjectRefApiGroup,
    Field::ObjectRefName,
    Field::ObjectRefNamespace,
    Field::ObjectRefResource,
    Field::ObjectRefSubresource,
    Field::OpNum,
    Field::OperationName,
    Field::OperationType,
    Field::OriginalFileName,
    Field::ParentCommandLine,
    Field::ParentImage,
    Field::Path,
    Field::Proctitle,
    Field::RelativeTargetName,
    Field::Request,
    Field::RequestObject,
    Field::RequestParameters,
    Field::RequestUri,
    Field::ResourceId,
    Field::ResourceName,
    Field::ResponseStatusCode,
    Field::ResultType,
    Field::RpcCallClientLocality,
    Field::RunAs,
    Field::Schedule,
    Field::Scheduler,
    Field::ScriptBlockText,
    Field::StatusCode,
    Field::SubjectUserName,
    Field::TargetFilename,
    Field::TargetObject,
    Field::TaskContent,
    Field::TaskName,
    Field::User,
    Field::Verb,
];
pub use reader::{Job, JobIter, JobReader};

use crate::event::Field;
