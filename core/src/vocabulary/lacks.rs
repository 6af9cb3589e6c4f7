use super::field::Field;
use super::kind::EventKind;
use super::log::Log;

/// What the events of an id in a log have not, though others of their kind have
/// it.
#[derive(Debug)]
pub(crate) struct Lacks {
    pub(crate) kind: EventKind,
    pub(crate) log: Log,
    pub(crate) id: &'static str,
    pub(crate) fields: &'static [Field],
    /// Values that are no fields of ours, by their names.
    pub(crate) members: &'static [&'static str],
}

/// Who acted, apart from whose the process is: the Security log alone says so.
const ACTOR: &[Field] = &[
    Field::SubjectUserSid,
    Field::SubjectUserName,
    Field::SubjectDomainName,
    Field::SubjectLogonId,
    Field::TargetUserName,
];

const TOKEN: &[&str] = &[
    "TargetDomainName",
    "TargetLogonId",
    "TargetUserSid",
    "TokenElevationType",
];

/// By kind, log and id. From Microsoft's documentation of 4688 (versions 0 to
/// 2) and of Sysmon (schema 4.90).
pub(crate) const LACKS: &[Lacks] = &[
    Lacks {
        kind: EventKind::ProcessCreation,
        log: Log::Security,
        id: "4688",
        fields: &[
            Field::OriginalFileName,
            Field::CurrentDirectory,
            Field::ParentCommandLine,
            Field::ParentUser,
        ],
        members: &[
            "Company",
            "Description",
            "FileVersion",
            "Hashes",
            "Imphash",
            "LogonGuid",
            "ParentProcessGuid",
            "ProcessGuid",
            "Product",
            "RuleName",
            "TerminalSessionId",
        ],
    },
    Lacks {
        kind: EventKind::ProcessCreation,
        log: Log::Sysmon,
        id: "1",
        fields: ACTOR,
        members: TOKEN,
    },
    Lacks {
        kind: EventKind::ProcessCreation,
        log: Log::LinuxSysmon,
        id: "1",
        fields: ACTOR,
        members: TOKEN,
    },
];
