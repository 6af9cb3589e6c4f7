/*!
What the members of JSON records mean, in every shape that is read.

The shapes are not told apart before a record is read: no name means one thing
in one shape and another in the next where that could do harm, so one walk
with the names of all of them serves each. A [`Scope`] is an object whose
members are known, and [`Scope::place`] says what one of its members is.
*/

use memchr::memchr2;

use super::raw::Rank::{self, Copied, Hint, Own};
use super::raw::{Raw, Values};
use super::syntax::json;
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

impl Scope {
    /// What the member of a name, as it stands in the record, is. A name may
    /// be that of a member of a member, and so on: `process.executable`.
    #[inline]
    pub(crate) fn place(self, name: &[u8]) -> Place {
        let place = self.member(name);
        if place == Place::UNKNOWN && may_be_distant(name) {
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

    #[inline]
    fn member(self, name: &[u8]) -> Place {
        let listed = Name::new(self, name).and_then(Name::place);
        listed.unwrap_or_else(|| self.unlisted(name))
    }

    /// What a member is of which no list can tell.
    fn unlisted(self, name: &[u8]) -> Place {
        match self {
            Scope::Record if is_capitals(name) => mark(Mark::Capitals),
            Scope::UserData => match name {
                [b'#' | b'@', ..] => Place::UNKNOWN,
                _ => object(Scope::EventData),
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
                        Key::from_data_name(windows_name)
                            .map_or(Place::UNKNOWN, |key| data(key, Own))
                    }
                    _ => Place::UNKNOWN,
                }
            }
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
                _ => Place::UNKNOWN,
            },
            _ => Place::UNKNOWN,
        }
    }
}

/// Whether a name may be that of a member of a member, or hold an escape.
#[inline]
fn may_be_distant(name: &[u8]) -> bool {
    const fn has(byte: u8, word: u64) -> bool {
        let zeros = word ^ u64::from_ne_bytes([byte; 8]);
        let ones = u64::from_ne_bytes([1; 8]);
        // Whether a byte is zero.
        zeros.wrapping_sub(ones) & !zeros & (ones << 7_u32) != 0
    }
    let Some([first, middle, last]) = words(name) else {
        return memchr2(b'.', b'\\', name).is_some();
    };
    let any = |word| has(b'.', word) | has(b'\\', word);
    any(first) || any(last) || (middle != 0 && any(middle))
}

fn is_capitals(name: &[u8]) -> bool {
    name.iter()
        .all(|it| it.is_ascii_uppercase() || matches!(it, b'_' | b'0'..=b'9'))
}

/// A member that is known by its name.
struct Member {
    scope: Scope,
    name: &'static [u8],
    place: Place,
}

/// Declares the members that are known by their names.
macro_rules! members {
    ($($scope:ident {
        $($($name:literal)|+ => $place:expr,)*
    })*) => {
        const MEMBERS: &[Member] = &[$($($(Member {
            scope: Scope::$scope,
            name: $name,
            place: $place,
        },)+)*)*];
    };
}

members! {
    Record {
        // Windows events, flat.
        b"EventID" => data(Key::EventId, Own).or(Scope::EventId),
        b"EventId" | b"EventCode" | b"event_id" => data(Key::EventId, Copied),
        b"SourceName" | b"ProviderName" | b"source_name"
        | b"provider_name" | b"EventSourceName" => data(Key::Provider, Own),
        b"Provider" => data(Key::Provider, Own).or(Scope::Provider),
        b"Source" => data(Key::Provider, Copied),
        b"Channel" | b"LogName" | b"log_name" | b"EventLog" =>
            data(Key::Channel, Own),
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
        b"operationName" =>
            extra(Extra::OperationName, Own).or(Scope::Operation),
        b"OperationNameValue" => extra(Extra::OperationName, Own),
        b"resultType" => extra(Extra::ResultType, Own),
        b"ActivityStatusValue" => extra(Extra::ResultType, Own),
        b"status" => extra(Extra::ResultType, Hint).or(Scope::Status),
        b"resourceId" => extra(Extra::ResourceId, Own),
        b"ResourceId" | b"_ResourceId" => extra(Extra::ResourceId, Copied),
        b"resourceUri" => extra(Extra::ResourceId, Hint),
        b"callerIpAddress" | b"CallerIpAddress" =>
            extra(Extra::CallerIpAddress, Own),
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
        b"_raw" | b"raw_data" | b"SyslogMessage" | b"RenderedDescription" =>
            extra(Extra::Original, Own),
    }

    // Windows events as converters from EVTX write them.
    Event {
        b"System" => object(Scope::System),
        b"EventData" => object(Scope::EventData),
        b"UserData" => object(Scope::UserData),
    }
    System {
        b"Provider" | b"Provider_attributes" =>
            object(Scope::Provider),
        b"EventID" => data(Key::EventId, Own).or(Scope::EventId),
        b"TimeCreated" | b"TimeCreated_attributes" =>
            object(Scope::TimeCreated),
        b"Channel" => data(Key::Channel, Own),
        b"Computer" => data(Key::Computer, Own),
        b"Security" | b"Security_attributes" =>
            object(Scope::Security),
    }
    Provider {
        b"#attributes" => object(Scope::Provider),
        b"Name" | b"@Name" => data(Key::Provider, Own),
    }
    EventId {
        b"#text" | b"Value" => data(Key::EventId, Own),
    }
    TimeCreated {
        b"#attributes" => object(Scope::TimeCreated),
        b"SystemTime" | b"@SystemTime" => data(Key::SystemTime, Own),
    }
    Security {
        b"#attributes" => object(Scope::Security),
        b"UserID" | b"@UserID" | b"UserId" | b"@UserId" =>
            data(Key::WriterSid, Own),
    }
    EventData {
        b"Data" => object(Scope::DataItem),
    }
    DataItem {
        b"#attributes" => object(Scope::DataItemAttributes),
        b"@Name" | b"Name" => extra(Extra::ItemName, Own),
        b"#text" | b"Value" => extra(Extra::ItemValue, Own),
    }
    DataItemAttributes {
        b"Name" => extra(Extra::ItemName, Own),
    }

    // ECS: Winlogbeat and others of its kin.
    EcsEvent {
        b"code" => data(Key::EventId, Copied),
        b"provider" => data(Key::Provider, Copied),
        b"created" => data(Key::Received, Hint),
        b"module" => extra(Extra::Module, Own),
        b"record_type" => mark(Mark::Audit),
        b"original" => extra(Extra::Original, Copied),
    }
    Winlog {
        b"event_id" => data(Key::EventId, Own),
        b"provider_name" => data(Key::Provider, Own),
        b"channel" => data(Key::Channel, Own),
        b"computer_name" => data(Key::Computer, Own),
        b"time_created" => data(Key::SystemTime, Own),
        b"event_data" => object(Scope::EventData),
        b"user_data" => object(Scope::EventData),
        b"user" => object(Scope::Writer),
    }
    Writer {
        b"identifier" => data(Key::WriterSid, Own),
        b"name" => data(Key::AccountName, Hint),
        b"domain" => data(Key::AccountDomain, Hint),
    }
    Host {
        b"name" => data(Key::Computer, Copied),
        b"hostname" => data(Key::Computer, Hint),
    }
    User {
        b"name" => data(Key::AccountName, Copied),
        b"domain" => data(Key::AccountDomain, Copied),
        b"identifier" => data(Key::WriterSid, Own),
        b"id" => data(Key::WriterSid, Hint),
    }
    Process {
        b"executable" => data(Key::Image, Copied),
        b"name" => data(Key::Image, Hint),
        b"command_line" | b"cmd_line" =>
            data(Key::CommandLine, Copied),
        b"working_directory" => data(Key::CurrentDirectory, Copied),
        b"pid" => data(Key::NewProcessId, Copied),
        b"pe" => object(Scope::ProcessPe),
        b"file" => object(Scope::ProcessFile),
        b"parent" | b"parent_process" => object(Scope::Parent),
        b"user" => object(Scope::User),
    }
    ProcessPe {
        b"original_file_name" => data(Key::OriginalFileName, Copied),
    }
    ProcessFile {
        b"path" => data(Key::Image, Copied),
    }
    Parent {
        b"executable" => data(Key::ParentImage, Copied),
        b"name" => data(Key::ParentImage, Hint),
        b"command_line" | b"cmd_line" =>
            data(Key::ParentCommandLine, Copied),
        b"pid" => data(Key::ParentProcessId, Copied),
        b"file" => object(Scope::ParentFile),
    }
    ParentFile {
        b"path" => data(Key::ParentImage, Copied),
    }
    File {
        b"path" => data(Key::TargetFilename, Copied),
    }
    Registry {
        b"path" => data(Key::TargetObject, Copied),
        b"data" => object(Scope::RegistryData),
    }
    RegistryData {
        b"strings" => data(Key::Details, Copied),
    }
    PowerShell {
        b"file" => object(Scope::PowerShellFile),
        b"sequence" => data(Key::MessageNumber, Copied),
        b"total" => data(Key::MessageTotal, Copied),
    }
    PowerShellFile {
        b"script_block_text" => data(Key::ScriptBlockText, Copied),
        b"script_block_id" => data(Key::ScriptBlockId, Copied),
    }
    Source {
        b"ip" => extra(Extra::CallerIpAddress, Hint),
    }
    Azure {
        b"activitylogs" => object(Scope::ActivityLogs),
        b"resource" => object(Scope::Resource),
    }
    ActivityLogs {
        b"operation_name" => extra(Extra::OperationName, Own),
        b"result_type" => extra(Extra::ResultType, Own),
        b"identity" => object(Scope::Identity),
    }
    Resource {
        b"id" => extra(Extra::ResourceId, Own),
    }

    // Wazuh.
    Wazuh {
        b"win" => object(Scope::Win),
    }
    Win {
        b"system" => object(Scope::WinSystem),
        b"eventdata" | b"eventData" => object(Scope::WinData),
    }
    WinSystem {
        b"eventID" => data(Key::EventId, Own),
        b"providerName" => data(Key::Provider, Own),
        b"channel" => data(Key::Channel, Own),
        b"computer" => data(Key::Computer, Own),
        b"systemTime" => data(Key::SystemTime, Own),
        b"message" => data(Key::Message, Own),
    }

    // Azure activity.
    Operation {
        b"value" => extra(Extra::OperationName, Own),
    }
    Status {
        b"value" => extra(Extra::ResultType, Copied),
    }
    Category {
        b"value" => extra(Extra::Category, Own),
    }
    HttpRequest {
        b"clientIpAddress" => extra(Extra::CallerIpAddress, Copied),
    }
    Identity {
        b"claims" => object(Scope::Claims),
    }
    Claims {
        b"ipaddr" => extra(Extra::CallerIpAddress, Hint),
    }

    // OCSF.
    Job {
        b"name" => data(Key::TaskName, Copied),
    }
    Actor {
        b"user" => object(Scope::ActorUser),
        b"process" => object(Scope::ActorProcess),
    }
    ActorUser {
        b"name" => data(Key::SubjectUserName, Copied),
        b"domain" => data(Key::SubjectDomainName, Copied),
        b"uid" => data(Key::SubjectUserSid, Copied),
    }
    ActorProcess {
        b"cmd_line" => data(Key::ParentCommandLine, Hint),
        b"pid" => data(Key::ParentProcessId, Hint),
        b"file" => object(Scope::ParentFile),
    }
    Device {
        b"hostname" => data(Key::Computer, Copied),
        b"name" => data(Key::Computer, Hint),
        b"os" => object(Scope::Os),
    }
    Os {
        b"type" => extra(Extra::Os, Own),
        b"name" => extra(Extra::Os, Copied),
    }
    Metadata {
        b"event_code" => data(Key::EventId, Copied),
        b"log_name" => data(Key::Channel, Copied),
        b"log_provider" => data(Key::Provider, Copied),
        b"product" => object(Scope::Product),
    }
    Product {
        b"name" => data(Key::Provider, Hint),
    }
}

/// A name in a scope, to be compared as words: most names are short, and
/// there are too many to compare them one by one.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Name {
    scope: Scope,
    length: u8,
    words: [u64; 3],
}

/// Words that tell a name from all others of its length; `None` for a name
/// that is too long.
#[inline]
const fn words(name: &[u8]) -> Option<[u64; 3]> {
    if let (Some(first), Some(last)) =
        (name.first_chunk::<8>(), name.last_chunk::<8>())
    {
        let middle = match name {
            [_, _, _, _, _, _, _, _, rest @ ..] if name.len() > 16 => {
                rest.first_chunk::<8>()
            }
            _ => Some(&[0; 8]),
        };
        return match middle {
            Some(middle) if name.len() <= 24 => Some([
                u64::from_le_bytes(*first),
                u64::from_le_bytes(*middle),
                u64::from_le_bytes(*last),
            ]),
            _ => None,
        };
    }
    let (first, last) = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => {
            (u32::from_le_bytes(*first), u32::from_le_bytes(*last))
        }
        _ => match *name {
            [first, second, third] => {
                (u32::from_le_bytes([first, second, third, 0]), 0)
            }
            [first, second] => (u32::from_le_bytes([first, second, 0, 0]), 0),
            [first] => (first as u32, 0),
            _ => (0, 0),
        },
    };
    Some([first as u64, 0, last as u64])
}

impl Name {
    #[inline]
    const fn new(scope: Scope, name: &[u8]) -> Option<Name> {
        match words(name) {
            Some(words) => {
                Some(Name { scope, length: name.len() as u8, words })
            }
            None => None,
        }
    }

    /// The slot from which on the name stands in the table.
    #[inline]
    const fn slot(self) -> usize {
        let Name { scope, length, words: [first, _, last] } = self;
        let kind = u64::from_le_bytes([scope as u8, length, 0, 0, 0, 0, 0, 0]);
        let mixed = first.wrapping_mul(SPREAD) ^ last ^ kind.rotate_left(40);
        let slot = mixed.wrapping_mul(SPREAD).rotate_left(SLOTS.ilog2());
        slot as usize % SLOTS
    }

    /// Whether it is the same, without a branch for each word.
    #[inline]
    fn is(self, other: Name) -> bool {
        let [first, middle, last] = self.words;
        let [others_first, others_middle, others_last] = other.words;
        (first ^ others_first)
            | (middle ^ others_middle)
            | (last ^ others_last)
            | u64::from(self.length ^ other.length)
            | u64::from(self.scope as u8 ^ other.scope as u8)
            == 0
    }

    #[inline]
    fn place(self) -> Option<Place> {
        TABLE
            .get(self.slot()..)?
            .iter()
            .map_while(Option::as_ref)
            .find(|(name, _)| name.is(self))
            .map(|(_, place)| *place)
    }
}

/// An odd number whose bits are in no order.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// Some times as many as there are members, so that few share a slot.
const SLOTS: usize = 1024;

/// The members by their names: each stands in the slot of its name, or in
/// one of those that follow without a gap.
static TABLE: [Option<(Name, Place)>; SLOTS + 8] = table();

const fn table() -> [Option<(Name, Place)>; SLOTS + 8] {
    let mut table = [None; SLOTS + 8];
    let mut members = MEMBERS;
    while let [Member { scope, name, place }, rest @ ..] = members {
        enter(&mut table, *scope, name, *place);
        members = rest;
    }
    let mut names = Key::DATA_NAMES;
    while let [(name, key), rest @ ..] = names {
        enter(&mut table, Scope::Record, name, data(*key, Own));
        enter(&mut table, Scope::EventData, name, data(*key, Own));
        names = rest;
    }
    table
}

/// Enters a name after those that were entered before.
const fn enter(
    table: &mut [Option<(Name, Place)>],
    scope: Scope,
    name: &[u8],
    place: Place,
) {
    let Some(name) = Name::new(scope, name) else { return };
    let (_, mut slots) = table.split_at_mut(name.slot());
    while let [slot, rest @ ..] = slots {
        if slot.is_none() {
            *slot = Some((name, place));
            return;
        }
        slots = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the table says, without the table.
    fn listed(scope: Scope, name: &[u8]) -> Option<Place> {
        let mut members = MEMBERS.iter();
        let member = members.find(|it| it.scope == scope && it.name == name);
        let key = Key::from_data_name(name)
            .filter(|_| matches!(scope, Scope::Record | Scope::EventData));
        member
            .map(|member| member.place)
            .or_else(|| key.map(|key| data(key, Own)))
    }

    #[test]
    fn every_name_is_found() {
        let scopes: Vec<Scope> = MEMBERS.iter().map(|it| it.scope).collect();
        let data_names = Key::DATA_NAMES.iter().map(|(name, _)| *name);
        let names = MEMBERS.iter().map(|it| it.name).chain(data_names);
        for name in names {
            for &scope in &scopes {
                for name in [name, &name[1..], &[name, b"x"].concat()] {
                    let place = Name::new(scope, name).and_then(Name::place);
                    let text = String::from_utf8_lossy(name);
                    assert_eq!(place, listed(scope, name), "{text}");
                }
            }
        }
    }

    #[test]
    fn no_two_names_are_the_same() {
        // Of every length, each with one byte that is another.
        for length in 0..=24 {
            let name = &b"abcdefghijklmnopqrstuvwx"[..length];
            for at in 0..length {
                let mut other = name.to_vec();
                other[at] = b'.';
                assert_ne!(words(name), words(&other));
                assert!(may_be_distant(&other));
                other[at] = b'\\';
                assert!(may_be_distant(&other));
            }
            assert!(!may_be_distant(name));
        }
        assert_eq!(words(&[b'a'; 25]), None);
        assert!(may_be_distant(&[&[b'a'; 25][..], b"."].concat()));
    }

    /// Differences in two places do not make up for each other.
    #[test]
    fn differences_add_up() {
        let name = Name { scope: Scope::Record, length: 20, words: [1, 2, 3] };
        assert!(name.is(name));
        let changed = |place: usize| {
            let mut other = name;
            if let Some(word) = other.words.get_mut(place) {
                *word ^= 1;
            } else {
                other.length ^= 1;
            }
            other
        };
        for one in 0..4 {
            assert!(!name.is(changed(one)), "{one}");
            for two in 0..one {
                let Name { length, words, .. } = changed(two);
                let mut both = changed(one);
                both.length ^= length ^ name.length;
                for (at, word) in words.into_iter().enumerate() {
                    both.words[at] ^= word ^ name.words[at];
                }
                assert!(!name.is(both), "{one} and {two}");
            }
        }
        let scope = Scope::EventData;
        let bits = scope as u8 ^ name.scope as u8;
        assert!(!name.is(Name { scope, ..name }));
        assert!(!name.is(Name { scope, length: 20 ^ bits, ..name }));
    }

    #[test]
    fn few_names_share_a_slot() {
        let mut longest = 0;
        for names in TABLE.split(Option::is_none) {
            longest = longest.max(names.len());
        }
        assert!(longest < 12, "{longest} in a row");
        let entered = TABLE.iter().flatten().count();
        assert_eq!(entered, MEMBERS.len() + 2 * Key::DATA_NAMES.len());
    }
}
