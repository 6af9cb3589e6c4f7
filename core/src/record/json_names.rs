/*!
What the members of JSON records mean, in every shape that is read.

The shapes are not told apart before a record is read: no name means one thing
in one shape and another in the next where that could do harm, so one walk
with the names of all of them serves each. A [`Scope`] is an object whose
members are known, and [`Scope::place`] says what one of its members is.
*/

use memchr::memchr2;

use super::json;
use super::value::Rank::{self, Copied, Hint, Own};
use super::value::{Raw, Values};
use super::windows::{Key, WindowsRecord};

/// A value of a record that is no [`Key`] of Windows'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extra {
    // Of Azure activity.
    OperationName,
    ResultType,
    ResourceId,
    CallerIpAddress,
    /// Who asked for the operation.
    Caller,
    /// Sort of log that the entry is of.
    Category,

    // Of OCSF.
    /// Number of the class.
    ClassUid,
    /// Number of the activity in its class.
    ActivityId,
    /// Operating system of the device.
    Os,

    /// The name and the value of an item in a list of data.
    ItemName,
    /// See `ItemName`.
    ItemValue,
    /// The `EventData` element, as text.
    DataXml,
    /// The original record, as text.
    Original,
    /// Module of the collector.
    Module,
}

impl Extra {
    pub(crate) const COUNT: usize = Extra::Module as usize + 1;
}

/// What an audit event as JSON is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// auoms' `RecordType`, or auditbeat's `auditd` or `record_type`.
    Audit,
    /// The `ID` of an event of Laurel's.
    Id,
    /// A name in capitals, as Laurel names the records in an event.
    Capitals,
}

/// What was gathered from a record.
pub(crate) struct Fields<'a> {
    pub(crate) windows: WindowsRecord<'a>,
    extras: Values<'a, { Extra::COUNT }>,
    /// Bit per mark.
    marks: u8,
}

impl<'a> Fields<'a> {
    pub(crate) fn new() -> Fields<'a> {
        Fields {
            windows: WindowsRecord::new(),
            extras: Values::new(),
            marks: 0,
        }
    }

    #[inline]
    pub(crate) fn set(&mut self, slot: Slot, raw: Raw<'a>) {
        match slot {
            Slot::Data(key, rank) => self.windows.offer(key, raw, rank),
            Slot::Extra(extra, rank) => {
                self.extras.set(extra as usize, raw, rank);
            }
            Slot::Mark(_) | Slot::Nothing => {}
        }
    }

    pub(crate) fn mark(&mut self, mark: Mark) {
        self.marks |= 1 << mark as u8;
    }

    pub(crate) fn extra(&self, extra: Extra) -> Option<Raw<'a>> {
        self.extras.get(extra as usize)
    }

    /// Takes the item of a list of data that was read last for what its name
    /// says.
    pub(crate) fn take_item(&mut self) {
        let name = self.extras.take(Extra::ItemName as usize);
        let value = self.extras.take(Extra::ItemValue as usize);
        if let (Some(name), Some(value)) = (name, value) {
            let scratch = &mut [0; 64];
            if let Some(key) = Key::from_data_name(name.short(scratch)) {
                self.windows.set(key, value);
            }
        }
    }

    /// Whether it is an audit event.
    pub(crate) fn is_audit(&self) -> bool {
        let has = |mark: Mark| self.marks & 1 << mark as u8 != 0;
        has(Mark::Audit)
            || has(Mark::Id) && has(Mark::Capitals)
            || self
                .extra(Extra::Module)
                .is_some_and(|module| module.bytes == b"auditd")
    }
}

/// What a plain value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Nothing,
    Data(Key, Rank),
    Extra(Extra, Rank),
    /// The value does not matter, that it is there does.
    Mark(Mark),
}

/// An object whose members are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// None that is known.
    Unknown,
    /// The record itself, or what wraps it.
    Record,
    /// A list of records.
    Records,

    // Windows events as converters from EVTX write them.
    Event,
    System,
    Provider,
    EventId,
    TimeCreated,
    Security,
    EventData,
    UserData,
    DataItem,
    DataItemAttributes,

    // ECS: Winlogbeat and others of its kin.
    EcsEvent,
    Winlog,
    Writer,
    Host,
    User,
    Process,
    ProcessPe,
    ProcessFile,
    Parent,
    ParentFile,
    File,
    Registry,
    RegistryData,
    PowerShell,
    PowerShellFile,
    Source,
    Azure,
    ActivityLogs,
    Resource,

    // Wazuh.
    Wazuh,
    Win,
    WinSystem,
    WinData,

    // Azure activity.
    Operation,
    Status,
    Category,
    HttpRequest,
    Identity,
    Claims,

    // OCSF.
    Job,
    Actor,
    ActorUser,
    ActorProcess,
    Device,
    Os,
    Metadata,
    Product,
}

/// What a member is: what its value is for when that is plain, and what it
/// holds when that is an object. The elements of an array are what the array
/// is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) slot: Slot,
    pub(crate) scope: Scope,
}

impl Place {
    pub(crate) const UNKNOWN: Place =
        Place { slot: Slot::Nothing, scope: Scope::Unknown };

    /// A plain value or an object.
    const fn or(self, scope: Scope) -> Place {
        Place { scope, ..self }
    }
}

const fn data(key: Key, rank: Rank) -> Place {
    Place { slot: Slot::Data(key, rank), ..Place::UNKNOWN }
}

const fn extra(extra: Extra, rank: Rank) -> Place {
    Place { slot: Slot::Extra(extra, rank), ..Place::UNKNOWN }
}

const fn mark(mark: Mark) -> Place {
    Place { slot: Slot::Mark(mark), ..Place::UNKNOWN }
}

const fn object(scope: Scope) -> Place {
    Place::UNKNOWN.or(scope)
}

/// A value of the event's data under the name that Windows gives it.
fn event_data(name: &[u8]) -> Place {
    Key::from_data_name(name).map_or(Place::UNKNOWN, |key| data(key, Own))
}

impl Scope {
    /// What the member of a name, as it stands in the record, is. A name may
    /// be that of a member of a member, and so on: `process.executable`.
    #[inline]
    pub(crate) fn place(self, name: &[u8]) -> Place {
        let place = self.member(name);
        if place == Place::UNKNOWN && memchr2(b'.', b'\\', name).is_some() {
            return self.distant(name);
        }
        place
    }

    fn distant(mut self, name: &[u8]) -> Place {
        let scratch = &mut [0; 128];
        let Some(name) = json::unescape_short(name, scratch) else {
            return Place::UNKNOWN;
        };
        let mut rest = name;
        loop {
            let place = self.member(rest);
            if place != Place::UNKNOWN {
                return place;
            }
            let dot = memchr::memchr(b'.', rest);
            let parts = dot.and_then(|dot| rest.split_at_checked(dot));
            let Some((first, [_, after @ ..])) = parts else {
                return Place::UNKNOWN;
            };
            let place = self.member(first);
            match place.scope {
                Scope::Unknown if matches!(place.slot, Slot::Mark(_)) => {
                    return place;
                }
                Scope::Unknown => return Place::UNKNOWN,
                scope => (self, rest) = (scope, after),
            }
        }
    }

    fn member(self, name: &[u8]) -> Place {
        match self {
            Scope::Unknown | Scope::Records => Place::UNKNOWN,
            Scope::Record => record(name),

            Scope::Event => match name {
                b"System" => object(Scope::System),
                b"EventData" => object(Scope::EventData),
                b"UserData" => object(Scope::UserData),
                _ => Place::UNKNOWN,
            },
            Scope::System => match name {
                b"Provider" | b"Provider_attributes" => {
                    object(Scope::Provider)
                }
                b"EventID" => data(Key::EventId, Own).or(Scope::EventId),
                b"TimeCreated" | b"TimeCreated_attributes" => {
                    object(Scope::TimeCreated)
                }
                b"Channel" => data(Key::Channel, Own),
                b"Computer" => data(Key::Computer, Own),
                b"Security" | b"Security_attributes" => {
                    object(Scope::Security)
                }
                _ => Place::UNKNOWN,
            },
            Scope::Provider => match name {
                b"#attributes" => object(self),
                b"Name" | b"@Name" => data(Key::Provider, Own),
                _ => Place::UNKNOWN,
            },
            Scope::EventId => match name {
                b"#text" | b"Value" => data(Key::EventId, Own),
                _ => Place::UNKNOWN,
            },
            Scope::TimeCreated => match name {
                b"#attributes" => object(self),
                b"SystemTime" | b"@SystemTime" => data(Key::SystemTime, Own),
                _ => Place::UNKNOWN,
            },
            Scope::Security => match name {
                b"#attributes" => object(self),
                b"UserID" | b"@UserID" | b"UserId" | b"@UserId" => {
                    data(Key::WriterSid, Own)
                }
                _ => Place::UNKNOWN,
            },
            Scope::EventData => match name {
                b"Data" => object(Scope::DataItem),
                _ => event_data(name),
            },
            Scope::UserData => match name {
                [b'#' | b'@', ..] => Place::UNKNOWN,
                _ => object(Scope::EventData),
            },
            Scope::DataItem => match name {
                b"#attributes" => object(Scope::DataItemAttributes),
                b"@Name" | b"Name" => extra(Extra::ItemName, Own),
                b"#text" | b"Value" => extra(Extra::ItemValue, Own),
                _ => Place::UNKNOWN,
            },
            Scope::DataItemAttributes => match name {
                b"Name" => extra(Extra::ItemName, Own),
                _ => Place::UNKNOWN,
            },

            Scope::EcsEvent => match name {
                b"code" => data(Key::EventId, Copied),
                b"provider" => data(Key::Provider, Copied),
                b"created" => data(Key::Received, Hint),
                b"module" => extra(Extra::Module, Own),
                b"record_type" => mark(Mark::Audit),
                b"original" => extra(Extra::Original, Copied),
                _ => Place::UNKNOWN,
            },
            Scope::Winlog => match name {
                b"event_id" => data(Key::EventId, Own),
                b"provider_name" => data(Key::Provider, Own),
                b"channel" => data(Key::Channel, Own),
                b"computer_name" => data(Key::Computer, Own),
                b"time_created" => data(Key::SystemTime, Own),
                b"event_data" => object(Scope::EventData),
                b"user_data" => object(Scope::EventData),
                b"user" => object(Scope::Writer),
                _ => Place::UNKNOWN,
            },
            Scope::Writer => match name {
                b"identifier" => data(Key::WriterSid, Own),
                b"name" => data(Key::AccountName, Hint),
                b"domain" => data(Key::AccountDomain, Hint),
                _ => Place::UNKNOWN,
            },
            Scope::Host => match name {
                b"name" => data(Key::Computer, Copied),
                b"hostname" => data(Key::Computer, Hint),
                _ => Place::UNKNOWN,
            },
            Scope::User => match name {
                b"name" => data(Key::AccountName, Copied),
                b"domain" => data(Key::AccountDomain, Copied),
                b"identifier" => data(Key::WriterSid, Own),
                b"id" => data(Key::WriterSid, Hint),
                _ => Place::UNKNOWN,
            },
            Scope::Process => match name {
                b"executable" => data(Key::Image, Copied),
                b"command_line" | b"cmd_line" => {
                    data(Key::CommandLine, Copied)
                }
                b"working_directory" => data(Key::CurrentDirectory, Copied),
                b"pid" => data(Key::NewProcessId, Copied),
                b"pe" => object(Scope::ProcessPe),
                b"file" => object(Scope::ProcessFile),
                b"parent" | b"parent_process" => object(Scope::Parent),
                b"user" => object(Scope::User),
                _ => Place::UNKNOWN,
            },
            Scope::ProcessPe => match name {
                b"original_file_name" => data(Key::OriginalFileName, Copied),
                _ => Place::UNKNOWN,
            },
            Scope::ProcessFile => match name {
                b"path" => data(Key::Image, Copied),
                _ => Place::UNKNOWN,
            },
            Scope::Parent => match name {
                b"executable" => data(Key::ParentImage, Copied),
                b"command_line" | b"cmd_line" => {
                    data(Key::ParentCommandLine, Copied)
                }
                b"pid" => data(Key::ParentProcessId, Copied),
                b"file" => object(Scope::ParentFile),
                _ => Place::UNKNOWN,
            },
            Scope::ParentFile => match name {
                b"path" => data(Key::ParentImage, Copied),
                _ => Place::UNKNOWN,
            },
            Scope::File => match name {
                b"path" => data(Key::TargetFilename, Copied),
                _ => Place::UNKNOWN,
            },
            Scope::Registry => match name {
                b"path" => data(Key::TargetObject, Copied),
                b"data" => object(Scope::RegistryData),
                _ => Place::UNKNOWN,
            },
            Scope::RegistryData => match name {
                b"strings" => data(Key::Details, Copied),
                _ => Place::UNKNOWN,
            },
            Scope::PowerShell => match name {
                b"file" => object(Scope::PowerShellFile),
                b"sequence" => data(Key::MessageNumber, Copied),
                b"total" => data(Key::MessageTotal, Copied),
                _ => Place::UNKNOWN,
            },
            Scope::PowerShellFile => match name {
                b"script_block_text" => data(Key::ScriptBlockText, Copied),
                b"script_block_id" => data(Key::ScriptBlockId, Copied),
                _ => Place::UNKNOWN,
            },
            Scope::Source => match name {
                b"ip" => extra(Extra::CallerIpAddress, Hint),
                _ => Place::UNKNOWN,
            },
            Scope::Azure => match name {
                b"activitylogs" => object(Scope::ActivityLogs),
                b"resource" => object(Scope::Resource),
                _ => Place::UNKNOWN,
            },
            Scope::ActivityLogs => match name {
                b"operation_name" => extra(Extra::OperationName, Own),
                b"result_type" => extra(Extra::ResultType, Own),
                b"identity" => object(Scope::Identity),
                _ => Place::UNKNOWN,
            },
            Scope::Resource => match name {
                b"id" => extra(Extra::ResourceId, Own),
                _ => Place::UNKNOWN,
            },

            Scope::Wazuh => match name {
                b"win" => object(Scope::Win),
                _ => Place::UNKNOWN,
            },
            Scope::Win => match name {
                b"system" => object(Scope::WinSystem),
                b"eventdata" | b"eventData" => object(Scope::WinData),
                _ => Place::UNKNOWN,
            },
            Scope::WinSystem => match name {
                b"eventID" => data(Key::EventId, Own),
                b"providerName" => data(Key::Provider, Own),
                b"channel" => data(Key::Channel, Own),
                b"computer" => data(Key::Computer, Own),
                b"systemTime" => data(Key::SystemTime, Own),
                b"message" => data(Key::Message, Own),
                _ => Place::UNKNOWN,
            },
            // Windows' names with a small first letter.
            Scope::WinData => {
                let mut windows_name = [0; 32];
                match windows_name.get_mut(..name.len()) {
                    Some(windows_name @ [_, ..]) => {
                        windows_name.copy_from_slice(name);
                        windows_name
                            .iter_mut()
                            .take(1)
                            .for_each(|first| first.make_ascii_uppercase());
                        event_data(windows_name)
                    }
                    _ => Place::UNKNOWN,
                }
            }

            Scope::Operation => match name {
                b"value" => extra(Extra::OperationName, Own),
                _ => Place::UNKNOWN,
            },
            Scope::Status => match name {
                b"value" => extra(Extra::ResultType, Copied),
                _ => Place::UNKNOWN,
            },
            Scope::Category => match name {
                b"value" => extra(Extra::Category, Own),
                _ => Place::UNKNOWN,
            },
            Scope::HttpRequest => match name {
                b"clientIpAddress" => extra(Extra::CallerIpAddress, Copied),
                _ => Place::UNKNOWN,
            },
            Scope::Identity => match name {
                b"claims" => object(Scope::Claims),
                _ => Place::UNKNOWN,
            },
            // `http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn`;
            // some index the dots away.
            Scope::Claims => match name {
                [.., b'/', b'u', b'p', b'n'] => extra(Extra::Caller, Own),
                _ if name.ends_with(b"/claims/emailaddress") => {
                    extra(Extra::Caller, Copied)
                }
                _ if name.ends_with(b"/claims/name") => {
                    extra(Extra::Caller, Hint)
                }
                b"ipaddr" => extra(Extra::CallerIpAddress, Hint),
                _ => Place::UNKNOWN,
            },

            Scope::Job => match name {
                b"name" => data(Key::TaskName, Copied),
                _ => Place::UNKNOWN,
            },
            Scope::Actor => match name {
                b"user" => object(Scope::ActorUser),
                b"process" => object(Scope::ActorProcess),
                _ => Place::UNKNOWN,
            },
            Scope::ActorUser => match name {
                b"name" => data(Key::SubjectUserName, Copied),
                b"domain" => data(Key::SubjectDomainName, Copied),
                b"uid" => data(Key::SubjectUserSid, Copied),
                _ => Place::UNKNOWN,
            },
            // What started a process is also its parent.
            Scope::ActorProcess => match name {
                b"cmd_line" => data(Key::ParentCommandLine, Hint),
                b"pid" => data(Key::ParentProcessId, Hint),
                b"file" => object(Scope::ParentFile),
                _ => Place::UNKNOWN,
            },
            Scope::Device => match name {
                b"hostname" => data(Key::Computer, Copied),
                b"name" => data(Key::Computer, Hint),
                b"os" => object(Scope::Os),
                _ => Place::UNKNOWN,
            },
            Scope::Os => match name {
                b"type" => extra(Extra::Os, Own),
                b"name" => extra(Extra::Os, Copied),
                _ => Place::UNKNOWN,
            },
            Scope::Metadata => match name {
                b"event_code" => data(Key::EventId, Copied),
                b"log_name" => data(Key::Channel, Copied),
                b"log_provider" => data(Key::Provider, Copied),
                b"product" => object(Scope::Product),
                _ => Place::UNKNOWN,
            },
            Scope::Product => match name {
                b"name" => data(Key::Provider, Hint),
                _ => Place::UNKNOWN,
            },
        }
    }
}

/// A member of the record itself.
fn record(name: &[u8]) -> Place {
    match name {
        // Windows events, flat.
        b"EventID" => data(Key::EventId, Own).or(Scope::EventId),
        b"EventId" | b"EventCode" | b"event_id" => data(Key::EventId, Copied),
        b"SourceName" | b"ProviderName" | b"source_name"
        | b"provider_name" | b"EventSourceName" => data(Key::Provider, Own),
        b"Provider" => data(Key::Provider, Own).or(Scope::Provider),
        b"Source" => data(Key::Provider, Copied),
        b"Channel" | b"LogName" | b"log_name" | b"EventLog" => {
            data(Key::Channel, Own)
        }
        b"Hostname" | b"Computer" | b"ComputerName" | b"computer_name"
        | b"MachineName" => data(Key::Computer, Own),
        b"EventTime" | b"TimeCreated" => data(Key::EventTime, Own),
        b"@timestamp" => data(Key::Received, Own),
        b"Timestamp" => data(Key::Received, Hint),
        b"UserID" | b"UserId" => data(Key::WriterSid, Own),
        b"AccountName" => data(Key::AccountName, Own),
        b"Domain" => data(Key::AccountDomain, Own),
        b"Message" | b"message" => data(Key::Message, Own),

        // Windows events, nested.
        b"Event" => object(Scope::Event),
        b"System" => object(Scope::System),
        b"EventData" => extra(Extra::DataXml, Own).or(Scope::EventData),
        b"UserData" => object(Scope::UserData),
        b"event_data" => object(Scope::EventData),
        b"user_data" => object(Scope::EventData),
        b"win" => object(Scope::Win),
        b"data" => object(Scope::Wazuh),
        b"winlog" => object(Scope::Winlog),

        // ECS.
        b"event" => object(Scope::EcsEvent),
        b"host" => data(Key::Computer, Hint).or(Scope::Host),
        b"user" => object(Scope::User),
        b"process" => object(Scope::Process),
        b"file" => object(Scope::File),
        b"registry" => object(Scope::Registry),
        b"powershell" => object(Scope::PowerShell),
        b"source" => object(Scope::Source),
        b"azure" => object(Scope::Azure),

        // Azure activity.
        b"operationName" => {
            extra(Extra::OperationName, Own).or(Scope::Operation)
        }
        b"OperationNameValue" => extra(Extra::OperationName, Own),
        b"resultType" => extra(Extra::ResultType, Own),
        b"ActivityStatusValue" => extra(Extra::ResultType, Own),
        b"status" => extra(Extra::ResultType, Hint).or(Scope::Status),
        b"resourceId" => extra(Extra::ResourceId, Own),
        b"ResourceId" | b"_ResourceId" => extra(Extra::ResourceId, Copied),
        b"resourceUri" => extra(Extra::ResourceId, Hint),
        b"callerIpAddress" | b"CallerIpAddress" => {
            extra(Extra::CallerIpAddress, Own)
        }
        b"caller" | b"Caller" => extra(Extra::Caller, Copied),
        b"category" => extra(Extra::Category, Own).or(Scope::Category),
        b"CategoryValue" => extra(Extra::Category, Own),
        b"identity" => object(Scope::Identity),
        b"claims" => object(Scope::Claims),
        b"httpRequest" => object(Scope::HttpRequest),
        b"eventTimestamp" | b"TimeGenerated" => data(Key::EventTime, Own),
        b"time" | b"_time" => data(Key::EventTime, Copied),

        // OCSF.
        b"class_uid" => extra(Extra::ClassUid, Own),
        b"activity_id" => extra(Extra::ActivityId, Own),
        b"job" => object(Scope::Job),
        b"actor" => object(Scope::Actor),
        b"device" => object(Scope::Device),
        b"metadata" => object(Scope::Metadata),

        // Audit events.
        b"RecordType" | b"record_type" | b"auditd" => mark(Mark::Audit),
        b"ID" => mark(Mark::Id),

        // What wraps records.
        b"records" | b"items" | b"value" => object(Scope::Records),
        b"_source" | b"result" | b"unmapped" => object(Scope::Record),
        b"_raw" | b"raw_data" | b"SyslogMessage" | b"RenderedDescription" => {
            extra(Extra::Original, Own)
        }

        _ => match event_data(name) {
            Place::UNKNOWN if is_capitals(name) => mark(Mark::Capitals),
            place => place,
        },
    }
}

fn is_capitals(name: &[u8]) -> bool {
    name.iter()
        .all(|it| it.is_ascii_uppercase() || matches!(it, b'_' | b'0'..=b'9'))
}
