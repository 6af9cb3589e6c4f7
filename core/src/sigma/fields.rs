/*!
What the names of fields in rules are, for events of a kind.
*/

use super::error::is_near;
use crate::event::{EventKind, Field};
use crate::vocabulary::sources::{HEADER, PROVIDER};

/// What a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named<'n> {
    Field(Field),
    /// A member of the event under this name.
    Member(&'n str),
    /// Nothing that events of the kind have.
    Absent,
}

/// A name from the top of an event's own record: Google's logs are often
/// collected with a wrapper around each, and rules name that, too.
fn own_name(kind: EventKind, name: &str) -> &str {
    let inside = name.strip_prefix("data.");
    let inside = inside.filter(|inside| inside.starts_with("protoPayload."));
    inside.filter(|_| kind == EventKind::GcpApiCall).unwrap_or(name)
}

/// What a name is for events of a kind.
pub(super) fn named(kind: EventKind, name: &str) -> Named<'_> {
    let name = own_name(kind, name);
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    let alias = alias.map(|(_, field)| *field);
    let is_plain = |field: &Field| {
        !field.is_asked_only() && !field.is_told() && kind.may_be_asked(*field)
    };
    let is_of_log = |field: &Field| {
        kind != EventKind::Generic || OF_EVERY_LOG.contains(field)
    };
    let field = name.parse().ok().filter(is_plain).or(alias);
    if let Some(field) = field.filter(is_plain).filter(is_of_log) {
        return Named::Field(field);
    }
    let is_known = |names: &[&str]| names.contains(&name);
    // Each kind of record of auditd has fields of its own.
    let is_of_other = is_audit(kind) && name.parse::<Field>().is_ok();
    match is_open(kind) && !is_of_other
        || name == PROVIDER
        || is_known(&HEADER)
        || is_known(members(kind))
    {
        true => Named::Member(name),
        false => Named::Absent,
    }
}

/// The names that one that is none of them may be meant to be, of events of
/// these kinds: those of members only where it is nearly one.
pub(super) fn names(kinds: &[EventKind], meant: &str) -> Vec<&'static str> {
    let is_one = |field: &&Field| {
        !field.is_asked_only()
            && !field.is_told()
            && kinds.iter().any(|kind| kind.may_be_asked(**field))
    };
    let fields = Field::ALL.iter().filter(is_one).map(|field| field.name());
    let members = kinds.iter().flat_map(|kind| members(*kind).iter().copied());
    let fields: Vec<&str> = fields.collect();
    let members = members.filter(|name| is_near(meant, &[name]));
    match is_near(meant, &fields) {
        true => fields,
        false => fields.into_iter().chain(members).collect(),
    }
}

/// Other names of fields: Windows' own, those of the Elastic Common Schema,
/// those of Splunk's Common Information Model, and Google's own. Names of
/// accounts are not among them: there they have no domain.
const ALIASES: &[(&str, Field)] = &[
    ("NewProcessName", Field::Image),
    ("ParentProcessName", Field::ParentImage),
    ("TaskContentNew", Field::TaskContent),
    ("process.executable", Field::Image),
    ("process.command_line", Field::CommandLine),
    ("process.pe.original_file_name", Field::OriginalFileName),
    ("process.working_directory", Field::CurrentDirectory),
    ("process.pid", Field::ProcessId),
    ("process.parent.executable", Field::ParentImage),
    ("process.parent.command_line", Field::ParentCommandLine),
    ("process.parent.pid", Field::ParentProcessId),
    ("file.path", Field::TargetFilename),
    ("dll.path", Field::ImageLoaded),
    ("registry.path", Field::TargetObject),
    ("registry.data.strings", Field::Details),
    ("powershell.file.script_block_text", Field::ScriptBlockText),
    ("process_path", Field::Image),
    ("process", Field::CommandLine),
    ("original_file_name", Field::OriginalFileName),
    ("process_current_directory", Field::CurrentDirectory),
    ("process_id", Field::ProcessId),
    ("parent_process_path", Field::ParentImage),
    ("parent_process", Field::ParentCommandLine),
    ("parent_process_id", Field::ParentProcessId),
    ("file_path", Field::TargetFilename),
    ("registry_path", Field::TargetObject),
    ("registry_value_data", Field::Details),
    ("protoPayload.serviceName", Field::ServiceName),
    ("protoPayload.methodName", Field::MethodName),
    ("protoPayload.resourceName", Field::ResourceName),
];

/// What a generic event has besides its members.
const OF_EVERY_LOG: &[Field] =
    &[Field::EventId, Field::Channel, Field::Computer];

fn is_audit(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::AuditSyscall
            | EventKind::AuditExecve
            | EventKind::AuditPath
    )
}

/// Whether events of a kind may have members of any name, since no list of
/// them is complete.
fn is_open(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::Generic
            | EventKind::TaskScheduler
            | EventKind::CloudActivity
            | EventKind::KubernetesApiCall
            | EventKind::AwsApiCall
            | EventKind::GcpApiCall
    ) || is_audit(kind)
}

/// The members of events of a kind that no field is there for.
fn members(kind: EventKind) -> &'static [&'static str] {
    match kind {
        EventKind::ProcessCreation => PROCESS,
        EventKind::ModuleLoad => MODULE,
        EventKind::FileCreation
        | EventKind::FileModification
        | EventKind::FileDeletion
        | EventKind::FileRename
        | EventKind::FileLink => FILE,
        EventKind::RegistryEvent => REGISTRY,
        EventKind::ShareAccess => &[
            "AccessList",
            "AccessReason",
            "IpPort",
            "ObjectType",
            "ShareLocalPath",
        ],
        EventKind::DirectoryChange => &[
            "AppCorrelationID",
            "AttributeSyntaxOID",
            "DSName",
            "DSType",
            "ObjectGUID",
            "OpCorrelationID",
        ],
        EventKind::TaskRegistered
        | EventKind::TaskDeleted
        | EventKind::TaskEnabled
        | EventKind::TaskDisabled
        | EventKind::TaskUpdated => {
            &["ClientProcessStartKey", "ParentProcessId"]
        }
        _ => &[],
    }
}

/// Of Sysmon 1 and Security 4688, and what Sigma's rules make of `Hashes`.
const PROCESS: &[&str] = &[
    "Company",
    "Description",
    "FileVersion",
    "GrandParentImage",
    "Hashes",
    "Imphash",
    "LogonGuid",
    "LogonId",
    "MandatoryLabel",
    "NewProcessId",
    "ParentProcessGuid",
    "ProcessGuid",
    "Product",
    "RuleName",
    "TargetDomainName",
    "TargetLogonId",
    "TargetUserSid",
    "TerminalSessionId",
    "TokenElevationType",
    "UtcTime",
    "md5",
    "sha1",
    "sha256",
];

/// Of Sysmon 7.
const MODULE: &[&str] = &[
    "CommandLine",
    "Company",
    "Description",
    "FileVersion",
    "Hashes",
    "Imphash",
    "ProcessGuid",
    "Product",
    "RuleName",
    "Signature",
    "SignatureStatus",
    "Signed",
    "UtcTime",
    "md5",
    "sha1",
    "sha256",
];

/// Of Sysmon 11, 23 and 26, and what sensors add that know the process.
const FILE: &[&str] = &[
    "Archived",
    "CommandLine",
    "CreationUtcTime",
    "Hashes",
    "IntegrityLevel",
    "IsExecutable",
    "ParentCommandLine",
    "ParentImage",
    "PreviousCreationUtcTime",
    "ProcessGuid",
    "RuleName",
    "UtcTime",
];

/// Of Sysmon 12, 13 and 14, of Security 4657, and what sensors add that know
/// the process.
const REGISTRY: &[&str] = &[
    "CommandLine",
    "HandleId",
    "NewName",
    "NewValue",
    "NewValueType",
    "ObjectName",
    "ObjectValueName",
    "OldValue",
    "OldValueType",
    "OperationType",
    "ParentCommandLine",
    "ParentImage",
    "ProcessGuid",
    "ProcessName",
    "RuleName",
    "SubjectDomainName",
    "SubjectLogonId",
    "SubjectUserName",
    "SubjectUserSid",
    "UtcTime",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_fields_members_or_nothing() {
        for (kind, name, expected) in [
            (EventKind::ProcessCreation, "Image", Named::Field(Field::Image)),
            (
                EventKind::ProcessCreation,
                "NewProcessName",
                Named::Field(Field::Image),
            ),
            (EventKind::ProcessCreation, "Hashes", Named::Member("Hashes")),
            (EventKind::ProcessCreation, "TaskName", Named::Absent),
            (EventKind::ProcessCreation, "(kind)", Named::Absent),
            (
                EventKind::TaskUpdated,
                "TaskContentNew",
                Named::Field(Field::TaskContent),
            ),
            (
                EventKind::Generic,
                "TaskContentNew",
                Named::Member("TaskContentNew"),
            ),
            (
                EventKind::GcpApiCall,
                "data.protoPayload.methodName",
                Named::Field(Field::MethodName),
            ),
            (
                EventKind::GcpApiCall,
                "data.protoPayload.a",
                Named::Member("protoPayload.a"),
            ),
            (
                EventKind::RegistryEvent,
                "ObjectName",
                Named::Member("ObjectName"),
            ),
            (EventKind::ProcessCreation, "Level", Named::Member("Level")),
            (EventKind::Generic, "Image", Named::Member("Image")),
            (
                EventKind::Generic,
                "logsource.product",
                Named::Member("logsource.product"),
            ),
            (EventKind::Generic, "EventID", Named::Field(Field::EventId)),
        ] {
            assert_eq!(named(kind, name), expected, "{kind} {name}");
        }
    }

    #[test]
    fn no_member_is_called_as_a_field() {
        for kind in EventKind::ALL {
            for name in members(*kind) {
                assert_eq!(
                    named(*kind, name),
                    Named::Member(name),
                    "{kind} {name}"
                );
            }
        }
    }
}
