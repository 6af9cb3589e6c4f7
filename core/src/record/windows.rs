/*!
Windows events, whatever shape they came in.

Every reader of a Windows shape (JSON, XML, classic text) fills the same
[`WindowsRecord`] with raw values under the names that Windows gives them;
what those values mean is decided here, once.
*/

use crate::Timestamp;
use crate::bytes;
use crate::event::{Event, EventData, EventKind, Field, Generic, Platform};
use crate::vocabulary::Log;
use crate::vocabulary::sources::{category_of, service_of_channel};

use super::context::{Context, Reading, Sink};
use super::decode::Decoded;
use super::keys::Key;
use super::raw::{Encoding, Rank, Raw, Values};
use super::syntax::xml;
use super::sysmon_form::{self, Fields};

/// The values that tell what a record is.
pub(crate) type Head<'a> = Values<'a, { Key::HEAD }>;

/// The raw values of one Windows record.
#[derive(Clone)]
pub(crate) struct WindowsRecord<'a>(Values<'a, { Key::COUNT }>);

impl<'a> WindowsRecord<'a> {
    pub(crate) fn new() -> WindowsRecord<'a> {
        WindowsRecord(Values::new())
    }

    /// Sets a value that stands where it belongs; of several the last
    /// counts.
    pub(crate) fn set(&mut self, key: Key, raw: Raw<'a>) {
        self.offer(key, raw, Rank::Own);
    }

    /// Sets a value unless there is one that stands nearer to where it
    /// belongs.
    #[inline]
    pub(crate) fn offer(&mut self, key: Key, raw: Raw<'a>, rank: Rank) {
        self.0.set(key as usize, raw, rank);
    }

    /// Sets the event data that another record holds.
    pub(crate) fn fill(&mut self, other: &WindowsRecord<'a>) {
        for &(_, key) in Key::DATA_NAMES {
            if let Some(raw) = other.get(key) {
                self.set(key, raw);
            }
        }
    }

    /// Whether the value is missing that rules about such an event look at
    /// most. It may stand in the rendered message then.
    pub(crate) fn is_hollow(&self) -> bool {
        let Some((_, kind)) = self.kind() else { return false };
        let keys: &[Key] = match kind {
            EventKind::ProcessCreation => {
                &[Key::CommandLine, Key::Image, Key::NewProcessName]
            }
            EventKind::TaskRegistered | EventKind::TaskUpdated => {
                &[Key::TaskContent]
            }
            EventKind::TaskDeleted
            | EventKind::TaskEnabled
            | EventKind::TaskDisabled
            | EventKind::TaskScheduler => &[Key::TaskName],
            EventKind::ScriptBlock => &[Key::ScriptBlockText],
            EventKind::FileCreation | EventKind::FileDeletion => {
                &[Key::TargetFilename]
            }
            EventKind::ModuleLoad => &[Key::ImageLoaded],
            EventKind::RegistryEvent => {
                &[Key::TargetObject, Key::AuditedObject]
            }
            EventKind::ShareAccess => &[Key::RelativeTargetName],
            EventKind::DirectoryChange => &[Key::ObjectDn],
            _ => return false,
        };
        keys.iter().all(|key| self.get(*key).is_none())
    }

    #[inline]
    pub(crate) fn get(&self, key: Key) -> Option<Raw<'a>> {
        self.0.get(key as usize)
    }

    /// What kind of event it is; `None` when it is none that is known here.
    pub(crate) fn kind(&self) -> Option<(Platform, EventKind)> {
        kind_in(&self.0)
    }

    /// Builds the event and hands it to the sink. False when it is of a kind
    /// that is unknown or not wanted.
    pub(crate) fn emit(
        &self,
        item: Option<u32>,
        context: &mut Context<'_>,
        sink: &mut Sink<'_>,
    ) -> bool {
        // An id and a log make an event, be it of no kind that is known.
        let told = self.get(Key::EventId).and(self.get(Key::Channel));
        let generic = told.filter(|_| context.wants_generic()).map(|_| {
            let platform = log_in(&self.0).map(Log::platform);
            (platform.unwrap_or(Platform::Windows), EventKind::Generic)
        });
        self.kind().or(generic).is_some_and(|(platform, kind)| {
            context.wanted.contains(kind)
                && self.emit_as(platform, kind, None, item, context, sink)
        })
    }

    /// Builds the event that a record is whose log source was told: of a kind,
    /// where the source is one, with the values that the record gives under the
    /// names of fields. Says what was read `otherwise` where nothing was told,
    /// or the record has no such value.
    pub(crate) fn read_told(
        &self,
        otherwise: Reading,
        item: Option<u32>,
        context: &mut Context<'_>,
        sink: &mut Sink<'_>,
    ) -> Reading {
        let Some(source) = context.log_source else { return otherwise };
        let Some((kind, category)) = source.kind() else {
            if !context.wants_generic() {
                return otherwise;
            }
            let (platform, data) = (source.platform(), source.generic());
            let is_event =
                self.emit_generic(platform, data, item, context, sink);
            return Reading::of(is_event);
        };
        if keys_of(kind).iter().all(|(key, _)| self.get(*key).is_none()) {
            return otherwise;
        }
        if !context.wanted.contains(kind) {
            return Reading::of(false);
        }
        let mut sink = |item: Option<u32>, event: &Event<'_>| {
            let mut event = *event;
            if let [meant] = category.event_types
                && event.get(Field::EventType).is_none()
            {
                let _ = event.set(Field::EventType, meant.as_bytes());
            }
            sink(item, &event);
        };
        let platform = source.platform();
        let is_event =
            self.emit_as(platform, kind, None, item, context, &mut sink);
        Reading::of(is_event)
    }

    /// Builds a generic event of a log source.
    pub(crate) fn emit_generic(
        &self,
        platform: Platform,
        data: Generic<'_>,
        item: Option<u32>,
        context: &mut Context<'_>,
        sink: &mut Sink<'_>,
    ) -> bool {
        let kind = EventKind::Generic;
        let mut sink = |item: Option<u32>, event: &Event<'_>| {
            sink(item, &Event { data: data.into(), ..*event });
        };
        self.emit_as(platform, kind, None, item, context, &mut sink)
    }

    /// Builds an event of another source than Windows' logs; none when its
    /// platform is none that is known or that has such events. One without
    /// any value that a rule may ask for is not understood: its members have
    /// other names than they had. Only of a task it is enough to know what
    /// was done.
    pub(crate) fn emit_made(
        &self,
        made: Made,
        item: Option<u32>,
        context: &mut Context<'_>,
        sink: &mut Sink<'_>,
    ) -> Reading {
        let Made { kind, platform, words } = made;
        let keys = keys_of(kind);
        let is_task = keys.iter().any(|(key, _)| *key == Key::TaskName);
        let has_value = keys.iter().any(|(key, _)| self.get(*key).is_some());
        if !is_task && !has_value {
            return Reading { not_understood: 1, ..Reading::of(false) };
        }
        let platform =
            platform.or_else(|| sysmon_form::platform(&self.0, kind));
        let platform =
            platform.filter(|platform| kind.platforms().contains(platform));
        Reading::of(platform.is_some_and(|platform| {
            self.emit_as(platform, kind, Some(words), item, context, sink)
        }))
    }

    /// Builds an event. One that was `made` elsewhere than in Windows' logs
    /// has its values brought into their form.
    fn emit_as(
        &self,
        platform: Platform,
        kind: EventKind,
        made: Option<Words>,
        item: Option<u32>,
        context: &mut Context<'_>,
        sink: &mut Sink<'_>,
    ) -> bool {
        let buffer = &mut *context.buffer;
        buffer.clear();
        let mut decoded: [(Field, Decoded<'a>); MOST_FIELDS] =
            [(Field::EventId, Decoded::Record(b"")); MOST_FIELDS];
        let mut count = 0;
        let keys = match kind {
            // Its host and its log are none of the event's.
            EventKind::CloudActivity
            | EventKind::KubernetesApiCall
            | EventKind::AwsApiCall
            | EventKind::GcpApiCall => [RECORD, &[], keys_of(kind)],
            _ => [COMMON, self.process_keys().as_slice(), keys_of(kind)],
        };
        for &(key, field) in keys.into_iter().flatten() {
            let Some(raw) = self.get(key) else { continue };
            debug_assert!(count < decoded.len());
            if let Some(slot) = decoded.get_mut(count) {
                *slot = (field, Decoded::from_raw(raw, buffer));
                count = count.saturating_add(1);
            }
        }
        let is_audited = kind == EventKind::RegistryEvent
            && self.get(Key::AuditedObject).is_some();
        if made.is_some() || is_audited {
            let mut fields = Fields::new(&mut decoded, &mut count);
            sysmon_form::bring(&self.0, platform, &mut fields, buffer);
        }
        let decoded = decoded.get_mut(..count).unwrap_or_default();
        for (field, value) in decoded.iter_mut() {
            if *field == Field::TaskContent {
                *value = unwrap_task_content(*value, buffer);
            }
        }
        let user = self.user(kind, made.is_some(), buffer);
        let event_type = match (kind, made) {
            (EventKind::RegistryEvent, Some(said))
                if !said.event_type.is_empty() =>
            {
                Some(said.event_type.as_bytes())
            }
            (EventKind::RegistryEvent, _) => self.event_type(buffer),
            _ => None,
        };
        let mut event = Event::new(platform, kind);
        event.time = self.time();
        for (field, value) in decoded.iter() {
            let value = value.resolve(buffer);
            // The header field of an executable without one.
            let none = matches!(value, b"" | b"-")
                && *field == Field::OriginalFileName;
            if !none {
                let _ = event.set(*field, value);
            }
        }
        event.user = user
            .map(|user| user.resolve(buffer))
            .filter(|user| ![&b""[..], b"-", b"?"].contains(user));
        if let Some(event_type) = event_type {
            let _ = event.set(Field::EventType, event_type);
        }
        if kind == EventKind::Generic {
            let service = event.channel.and_then(service_of_channel);
            let id = event.event_id.unwrap_or_default();
            let category = service.and_then(|name| category_of(name, id));
            event.data = EventData::Generic(Generic {
                product: Some(platform.name().as_bytes()),
                category: category.map(str::as_bytes),
                service: service.map(str::as_bytes),
            });
        }
        if kind == EventKind::JobRecord {
            let said = made.unwrap_or(Words::NONE);
            for (field, word) in [
                (Field::Activity, said.activity),
                (Field::Scheduler, said.scheduler),
            ] {
                if !word.is_empty() {
                    let _ = event.set(field, word.as_bytes());
                }
            }
        }
        sink(item, &event);
        true
    }

    /// The account: as the event's data names it, with its domain where that
    /// is given apart.
    fn user(
        &self,
        kind: EventKind,
        is_made: bool,
        buffer: &mut Vec<u8>,
    ) -> Option<Decoded<'a>> {
        if matches!(
            kind,
            EventKind::CloudActivity
                | EventKind::KubernetesApiCall
                | EventKind::AwsApiCall
                | EventKind::GcpApiCall
        ) {
            let caller = self.get(Key::Caller);
            let caller = caller.or_else(|| self.get(Key::AccountName))?;
            return Some(Decoded::from_raw(caller, buffer));
        }
        let named =
            |key| self.get(key).filter(|raw| !matches!(raw.bytes, b"" | b"-"));
        let whole = [Key::User, Key::UserContext, Key::UserName];
        if let Some(raw) = whole.into_iter().find_map(named) {
            return Some(Decoded::from_raw(raw, buffer));
        }
        let subject = (Key::SubjectUserName, Key::SubjectDomainName);
        let account = (Key::AccountName, Key::AccountDomain);
        // Sysmon and PowerShell name no subject, but a collector may have
        // copied one in from elsewhere.
        let order = match kind {
            EventKind::RegistryEvent
            | EventKind::FileCreation
            | EventKind::FileModification
            | EventKind::FileRename
            | EventKind::FileLink
            | EventKind::FileDeletion
            | EventKind::ModuleLoad
            | EventKind::ScriptBlock => [account, subject],
            // OCSF names who asked for a process beside whose it is.
            EventKind::ProcessCreation if is_made => [account, subject],
            _ => [subject, account],
        };
        let (name, domain) = order
            .into_iter()
            .find_map(|(name, domain)| Some((named(name)?, named(domain))))?;
        let Some(domain) = domain else {
            return Some(Decoded::from_raw(name, buffer));
        };
        let start = buffer.len();
        for (index, raw) in [domain, name].into_iter().enumerate() {
            if index == 1 {
                buffer.push(b'\\');
            }
            if let Decoded::Record(bytes) = Decoded::from_raw(raw, buffer) {
                buffer.extend_from_slice(bytes);
            }
        }
        Some(Decoded::Buffer(start, buffer.len()))
    }

    /// When it happened. `@timestamp` comes late: shippers that keep the
    /// event's own time elsewhere put the time of receipt there.
    pub(crate) fn time(&self) -> Option<Timestamp> {
        [Key::SystemTime, Key::EventTime, Key::Received, Key::UtcTime]
            .into_iter()
            .find_map(|key| {
                let text = &mut [0; 64];
                let text = self.get(key)?.short(text);
                // Carbon Black's `2026-11-25 10:00:00 +0000 UTC`.
                let text = text.strip_suffix(b" UTC").unwrap_or(text);
                Timestamp::parse(text)
                    .or_else(|| Timestamp::parse_us_short(text))
                    .or_else(|| Timestamp::parse_epoch(text))
                    .or_else(|| Timestamp::parse_dotnet(text))
                    .or_else(|| Timestamp::parse_kibana(text))
                    .or_else(|| Timestamp::parse_named(text))
            })
    }

    /// Where the ids of processes stand.
    fn process_keys(&self) -> &'static [(Key, Field); PROCESS_KEYS] {
        let scratch = &mut [0; 64];
        match self.get(Key::EventId).map(|raw| raw.short(scratch)) {
            // 4688 names the creator plainly `ProcessId`.
            Some(b"4688") => &[
                (Key::ProcessId, Field::ParentProcessId),
                (Key::NewProcessId, Field::ProcessId),
            ],
            _ => &[
                (Key::NewProcessId, Field::ProcessId),
                (Key::ProcessId, Field::ProcessId),
            ],
        }
    }

    /// What was done to the registry. A flat collector's own `EventType`
    /// (its severity) may stand where Sysmon's should; then the line in the
    /// message tells, and Sysmon 13 is SetValue in any case.
    fn event_type(&self, buffer: &mut Vec<u8>) -> Option<&'static [u8]> {
        let known = |bytes: &[u8]| {
            let mut all = EVENT_TYPES.iter();
            all.find(|known| known.eq_ignore_ascii_case(bytes)).copied()
        };
        let from_message = |buffer: &mut Vec<u8>| {
            let message = Decoded::from_raw(self.get(Key::Message)?, buffer);
            let message = message.resolve(buffer);
            let text = bytes::after_phrase(message, b"EventType: ")?;
            let end = text.iter().position(|byte| !byte.is_ascii_alphabetic());
            known(text.get(..end.unwrap_or(text.len()))?)
        };
        let scratch = &mut [0; 64];
        let from_id = || match self.get(Key::EventId)?.short(scratch) {
            b"13" => Some(b"SetValue".as_slice()),
            b"14" => Some(b"RenameKey".as_slice()),
            _ => None,
        };
        let scratch = &mut [0; 64];
        // As Windows audits it: `%%1906`, or that in words.
        let from_operation = || {
            let said = self.get(Key::OperationType)?.short(scratch);
            let is_any = |words: [&[u8]; 2]| {
                words
                    .iter()
                    .any(|word| bytes::find(said, word, 0, false).is_some())
            };
            match () {
                () if is_any([b"%%1906", b"deleted"]) => {
                    Some(b"DeleteValue".as_slice())
                }
                () if is_any([b"%%1904", b"created"])
                    || is_any([b"%%1905", b"modified"]) =>
                {
                    Some(b"SetValue".as_slice())
                }
                () => None,
            }
        };
        self.get(Key::EventType)
            .and_then(|raw| {
                let said = Decoded::from_raw(raw, buffer);
                known(said.resolve(buffer).trim_ascii())
            })
            .or_else(|| from_message(buffer))
            .or_else(from_id)
            .or_else(from_operation)
    }
}

/// What an event of another source than Windows' logs was told to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made {
    pub(crate) kind: EventKind,
    /// `None` where the values tell it.
    pub(crate) platform: Option<Platform>,
    /// What it says beside its values.
    pub(crate) words: Words,
}

/// What an event says that none of its values does; empty for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// What was done to the registry, in Sysmon's words.
    pub(crate) event_type: &'static str,
    /// What was done to a job.
    pub(crate) activity: &'static str,
    /// What runs it.
    pub(crate) scheduler: &'static str,
}

impl Words {
    pub(crate) const NONE: Words =
        Words { event_type: "", activity: "", scheduler: "" };
}

/// What kind of event some values make; `None` when it is none that is known
/// here.
pub(crate) fn kind_in<const COUNT: usize>(
    values: &Values<'_, COUNT>,
) -> Option<(Platform, EventKind)> {
    let id = &mut [0; 64];
    let id = values.get(Key::EventId as usize)?.short(id);
    let log = log_in(values)?;
    Some((log.platform(), log.kind(id)?))
}

/// The log that some values name.
fn log_in<const COUNT: usize>(values: &Values<'_, COUNT>) -> Option<Log> {
    let [provider, channel] = &mut [[0; 64]; 2];
    let get = |key: Key| values.get(key as usize);
    let provider = get(Key::Provider).map(|raw| raw.short(provider));
    let channel = get(Key::Channel).map(|raw| raw.short(channel));
    log_of(provider, channel)
}

/// What kind of event the provider, log and id make; `None` when it is none
/// that is known here.
pub(crate) fn kind_of(
    provider: Option<&[u8]>,
    channel: Option<&[u8]>,
    id: &[u8],
) -> Option<(Platform, EventKind)> {
    let log = log_of(provider, channel)?;
    Some((log.platform(), log.kind(id)?))
}

/// Whether a channel is one of Windows' logs, or of Sysmon's for Linux.
pub(crate) fn is_known_channel(raw: Raw<'_>) -> bool {
    service_of_channel(raw.short(&mut [0; 64])).is_some()
}

/// The log: the provider decides where it is known, else the log's name, for a
/// forwarded event may name the collecting log.
fn log_of(provider: Option<&[u8]>, channel: Option<&[u8]>) -> Option<Log> {
    let of_provider = provider.and_then(Log::from_provider);
    of_provider.or_else(|| channel.and_then(Log::from_channel))
}

/// Sysmon's names for what is done to the registry.
const EVENT_TYPES: [&[u8]; 6] = [
    b"SetValue",
    b"DeleteValue",
    b"CreateKey",
    b"DeleteKey",
    b"RenameKey",
    b"RenameValue",
];

/// How many values may be a process's id.
const PROCESS_KEYS: usize = 2;

/// Most values that become fields of an event.
const MOST_FIELDS: usize = {
    let mut most = 0;
    let mut rest = EventKind::ALL;
    while let [kind, after @ ..] = rest {
        let count = keys_of(*kind).len();
        most = if count > most { count } else { most };
        rest = after;
    }
    COMMON.len() + PROCESS_KEYS + most
};

const RECORD: &[(Key, Field)] = &[(Key::RecordNumber, Field::RecordId)];

const COMMON: &[(Key, Field)] = &[
    (Key::RecordNumber, Field::RecordId),
    (Key::EventId, Field::EventId),
    (Key::Channel, Field::Channel),
    (Key::Computer, Field::Computer),
    (Key::WriterSid, Field::UserSid),
];

/// Which values go into which fields, for a kind of event; of several for one
/// field the last that is present counts.
const fn keys_of(kind: EventKind) -> &'static [(Key, Field)] {
    match kind {
        EventKind::ProcessCreation => &[
            (Key::Image, Field::Image),
            (Key::NewProcessName, Field::Image),
            (Key::CommandLine, Field::CommandLine),
            (Key::OriginalFileName, Field::OriginalFileName),
            (Key::CurrentDirectory, Field::CurrentDirectory),
            (Key::MandatoryLabel, Field::IntegrityLevel),
            (Key::IntegrityLevel, Field::IntegrityLevel),
            (Key::ParentImage, Field::ParentImage),
            (Key::ParentProcessName, Field::ParentImage),
            (Key::ParentCommandLine, Field::ParentCommandLine),
            (Key::ParentProcessId, Field::ParentProcessId),
            (Key::ParentUser, Field::ParentUser),
            (Key::SubjectUserSid, Field::SubjectUserSid),
            (Key::SubjectUserName, Field::SubjectUserName),
            (Key::SubjectDomainName, Field::SubjectDomainName),
            (Key::SubjectLogonId, Field::SubjectLogonId),
            (Key::TargetUserName, Field::TargetUserName),
        ],
        EventKind::FileCreation
        | EventKind::FileModification
        | EventKind::FileDeletion => &[
            (Key::TargetFilename, Field::TargetFilename),
            (Key::Image, Field::Image),
        ],
        EventKind::FileRename | EventKind::FileLink => &[
            (Key::TargetFilename, Field::TargetFilename),
            (Key::SourceFilename, Field::SourceFilename),
            (Key::Image, Field::Image),
        ],
        EventKind::ModuleLoad => &[
            // Where Winlogbeat's Sysmon module had it.
            (Key::TargetFilename, Field::ImageLoaded),
            (Key::ImageLoaded, Field::ImageLoaded),
            (Key::OriginalFileName, Field::OriginalFileName),
            (Key::Image, Field::Image),
        ],
        EventKind::ShareAccess => &[
            (Key::ShareName, Field::ShareName),
            (Key::RelativeTargetName, Field::RelativeTargetName),
            (Key::IpAddress, Field::IpAddress),
            (Key::AccessMask, Field::AccessMask),
            (Key::SubjectUserSid, Field::SubjectUserSid),
            (Key::SubjectUserName, Field::SubjectUserName),
            (Key::SubjectDomainName, Field::SubjectDomainName),
            (Key::SubjectLogonId, Field::SubjectLogonId),
        ],
        EventKind::DirectoryChange => &[
            (Key::ObjectDn, Field::ObjectDn),
            (Key::ObjectClass, Field::ObjectClass),
            (Key::AttributeLdapDisplayName, Field::AttributeLdapDisplayName),
            (Key::AttributeValue, Field::AttributeValue),
            (Key::OperationType, Field::OperationType),
            (Key::SubjectUserSid, Field::SubjectUserSid),
            (Key::SubjectUserName, Field::SubjectUserName),
            (Key::SubjectDomainName, Field::SubjectDomainName),
            (Key::SubjectLogonId, Field::SubjectLogonId),
        ],
        EventKind::RegistryEvent => &[
            (Key::AuditedObject, Field::TargetObject),
            (Key::NewValue, Field::Details),
            (Key::AuditedProcess, Field::Image),
            (Key::TargetObject, Field::TargetObject),
            (Key::Details, Field::Details),
            (Key::Image, Field::Image),
        ],
        EventKind::TaskRegistered
        | EventKind::TaskDeleted
        | EventKind::TaskEnabled
        | EventKind::TaskDisabled
        | EventKind::TaskUpdated => &[
            (Key::TaskName, Field::TaskName),
            (Key::TaskContent, Field::TaskContent),
            (Key::SubjectUserSid, Field::SubjectUserSid),
            (Key::SubjectUserName, Field::SubjectUserName),
            (Key::SubjectDomainName, Field::SubjectDomainName),
            (Key::SubjectLogonId, Field::SubjectLogonId),
            (Key::ClientProcessId, Field::ClientProcessId),
            (Key::RpcCallClientLocality, Field::RpcCallClientLocality),
            (Key::Fqdn, Field::Fqdn),
        ],
        EventKind::JobRecord => &[
            (Key::TaskName, Field::TaskName),
            (Key::TargetFilename, Field::TargetFilename),
            (Key::JobFile, Field::TargetFilename),
            (Key::Schedule, Field::Schedule),
            (Key::RunAs, Field::RunAs),
            (Key::Arguments, Field::CommandLine),
            (Key::TaskCommand, Field::CommandLine),
            (Key::CommandLine, Field::CommandLine),
            (Key::Image, Field::Image),
        ],
        EventKind::TaskScheduler => &[
            (Key::TaskName, Field::TaskName),
            (Key::ActionName, Field::ActionName),
            (Key::Path, Field::Path),
            (Key::TaskInstanceId, Field::TaskInstanceId),
            (Key::ResultCode, Field::ResultCode),
        ],
        EventKind::ScriptBlock => &[
            (Key::ScriptBlockText, Field::ScriptBlockText),
            (Key::ScriptBlockId, Field::ScriptBlockId),
            (Key::MessageNumber, Field::MessageNumber),
            (Key::MessageTotal, Field::MessageTotal),
            // A collector's plain "path of a file".
            (Key::TargetFilename, Field::Path),
            (Key::Path, Field::Path),
        ],
        EventKind::CloudActivity => &[
            (Key::OperationName, Field::OperationName),
            (Key::ResultType, Field::ResultType),
            (Key::ResourceId, Field::ResourceId),
            (Key::CallerIpAddress, Field::CallerIpAddress),
        ],
        EventKind::KubernetesApiCall => &[
            (Key::OperationName, Field::Verb),
            (Key::ResourceId, Field::RequestUri),
            (Key::ObjectApiGroup, Field::ObjectRefApiGroup),
            (Key::ObjectResource, Field::ObjectRefResource),
            (Key::ObjectSubresource, Field::ObjectRefSubresource),
            (Key::ObjectNamespace, Field::ObjectRefNamespace),
            (Key::ObjectName, Field::ObjectRefName),
            (Key::Request, Field::RequestObject),
            (Key::ResultType, Field::ResponseStatusCode),
            (Key::SourceIps, Field::SourceIps),
            (Key::UserAgent, Field::UserAgent),
        ],
        EventKind::AwsApiCall => &[
            (Key::Category, Field::EventSource),
            (Key::OperationName, Field::EventName),
            (Key::Request, Field::RequestParameters),
            (Key::ResultType, Field::ErrorCode),
            (Key::CallerIpAddress, Field::SourceIpAddress),
            (Key::UserAgent, Field::UserAgent),
        ],
        EventKind::GcpApiCall => &[
            (Key::Category, Field::ServiceName),
            (Key::OperationName, Field::MethodName),
            (Key::ResourceId, Field::ResourceName),
            (Key::Request, Field::Request),
            (Key::ResultType, Field::StatusCode),
            (Key::CallerIpAddress, Field::CallerIpAddress),
        ],
        _ => &[],
    }
}

/// Undoes the escaping of a task definition inside the value that holds it:
/// some collectors leave the event XML's own escapes in place.
fn unwrap_task_content<'a>(
    value: Decoded<'a>,
    buffer: &mut Vec<u8>,
) -> Decoded<'a> {
    let escaped =
        value.resolve(buffer).trim_ascii_start().starts_with(b"&lt;");
    if !escaped {
        return value;
    }
    match value {
        Decoded::Record(bytes) => {
            let raw = Raw { bytes, encoding: Encoding::Xml };
            Decoded::from_raw(raw, buffer)
        }
        Decoded::Buffer(start, end) => {
            // What is read is never behind what is written: text only
            // shrinks when it is unescaped. A copy keeps the borrow simple.
            let from = buffer.len();
            buffer.extend_from_within(start..end);
            xml::unescape_in_place(buffer, from);
            Decoded::Buffer(from, buffer.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::event;

    #[test]
    fn task_events_tell_who_asked_for_them() {
        let record = r#"{"EventID":4698,"Channel":"Security","TaskName":"\\x","ClientProcessId":"0","RpcCallClientLocality":2,"FQDN":"h.example"}"#;
        let expected = r"windows/task_registered EventID=4698 Channel=Security TaskName=\x ClientProcessId=0 RpcCallClientLocality=2 FQDN=h.example";
        assert_eq!(event(record), expected);
    }

    #[test]
    fn deleted_files_are_read_from_sysmon() {
        for id in [23, 26] {
            let record = format!(
                r#"{{"EventID":{id},"Channel":"Microsoft-Windows-Sysmon/Operational","User":"u","Image":"i","TargetFilename":"f"}}"#
            );
            let expected = format!(
                "windows/file_deletion EventID={id} Channel=Microsoft-Windows-Sysmon/Operational User=u Image=i TargetFilename=f"
            );
            assert_eq!(event(&record), expected);
        }
    }

    #[test]
    fn modules_shares_and_the_directory_are_read() {
        for (data, expected) in [
            (
                r#""EventID":7,"Channel":"Microsoft-Windows-Sysmon/Operational","ProcessId":4,"Image":"i","ImageLoaded":"l","OriginalFileName":"-","User":"u""#,
                "windows/module_load EventID=7 Channel=Microsoft-Windows-Sysmon/Operational User=u Image=i ProcessId=4 ImageLoaded=l",
            ),
            (
                r#""EventID":5145,"Channel":"Security","SubjectUserName":"ann","SubjectDomainName":"E","ShareName":"\\\\*\\IPC$","RelativeTargetName":"atsvc","IpAddress":"192.0.2.7","AccessMask":"0x12019f""#,
                r"windows/share_access EventID=5145 Channel=Security User=E\ann SubjectUserName=ann SubjectDomainName=E ShareName=\\*\IPC$ RelativeTargetName=atsvc IpAddress=192.0.2.7 AccessMask=0x12019f",
            ),
            (
                r#""EventID":4657,"Channel":"Security","SubjectUserName":"ann","SubjectDomainName":"E","ObjectName":"\\REGISTRY\\MACHINE\\SOFTWARE\\x","ObjectValueName":"Index","OperationType":"%%1905","OldValue":"1","NewValueType":"%%1876","NewValue":"0","ProcessName":"C:\\Windows\\System32\\reg.exe""#,
                r"windows/registry_event EventID=4657 Channel=Security User=E\ann Image=C:\Windows\System32\reg.exe EventType=SetValue TargetObject=HKLM\SOFTWARE\x\Index Details=DWORD (0x00000000)",
            ),
            (
                r#""EventID":5136,"Channel":"Security","ObjectDN":"CN={1}","ObjectClass":"groupPolicyContainer","AttributeLDAPDisplayName":"gPCMachineExtensionNames","AttributeValue":"[{2}]","OperationType":"%%14674""#,
                "windows/directory_change EventID=5136 Channel=Security ObjectDN=CN={1} ObjectClass=groupPolicyContainer AttributeLDAPDisplayName=gPCMachineExtensionNames AttributeValue=[{2}] OperationType=%%14674",
            ),
        ] {
            assert_eq!(event(&format!("{{{data}}}")), expected);
        }
    }
}
