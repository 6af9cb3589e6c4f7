/*!
Log sources: which platform and kinds of event a rule is about.
*/

use super::error::{Error, Reason};
use super::yaml::Map;
use crate::event::{EventKind, Field, Platform};

/// A log source that rules may name.
#[derive(Debug)]
pub(super) struct Source {
    /// `category` or `service`.
    by: &'static str,
    name: &'static str,
    platforms: &'static [Platform],
    /// The key whose value picks the kind of event, or nothing.
    pub(super) selector: &'static str,
    /// The kinds of event, each with the selector's value.
    pub(super) kinds: &'static [(EventKind, &'static str)],
    /// The values of `EventType` that the source stands for; empty for any.
    pub(super) event_types: &'static [&'static str],
}

const fn category(
    name: &'static str,
    platforms: &'static [Platform],
    kinds: &'static [(EventKind, &'static str)],
) -> Source {
    let (by, selector) = ("category", "");
    Source { by, name, platforms, selector, kinds, event_types: &[] }
}

const fn registry(
    name: &'static str,
    event_types: &'static [&'static str],
) -> Source {
    let kinds = &[(EventKind::RegistryEvent, "")];
    Source { event_types, ..category(name, &[Platform::Windows], kinds) }
}

const fn service(
    name: &'static str,
    platforms: &'static [Platform],
    selector: &'static str,
    kinds: &'static [(EventKind, &'static str)],
) -> Source {
    let by = "service";
    Source { by, name, platforms, selector, kinds, event_types: &[] }
}

const ENDPOINTS: &[Platform] = &[Platform::Windows, Platform::Linux];

static SOURCES: &[Source] = &[
    category(
        "process_creation",
        ENDPOINTS,
        &[(EventKind::ProcessCreation, "")],
    ),
    category("file_event", ENDPOINTS, &[(EventKind::FileCreation, "")]),
    registry("registry_event", &[]),
    registry("registry_set", &["SetValue"]),
    registry("registry_add", &["CreateKey"]),
    registry("registry_delete", &["DeleteKey", "DeleteValue"]),
    Source {
        selector: "EventID",
        ..category(
            "ps_script",
            &[Platform::Windows],
            &[(EventKind::ScriptBlock, "4104")],
        )
    },
    service(
        "powershell",
        &[Platform::Windows],
        "EventID",
        &[(EventKind::ScriptBlock, "4104")],
    ),
    service(
        "security",
        &[Platform::Windows],
        "EventID",
        &[
            (EventKind::ProcessCreation, "4688"),
            (EventKind::TaskRegistered, "4698"),
            (EventKind::TaskDeleted, "4699"),
            (EventKind::TaskEnabled, "4700"),
            (EventKind::TaskDisabled, "4701"),
            (EventKind::TaskUpdated, "4702"),
        ],
    ),
    service(
        "sysmon",
        ENDPOINTS,
        "EventID",
        &[
            (EventKind::ProcessCreation, "1"),
            (EventKind::FileCreation, "11"),
            (EventKind::RegistryEvent, "12"),
            (EventKind::RegistryEvent, "13"),
            (EventKind::RegistryEvent, "14"),
        ],
    ),
    service(
        "taskscheduler",
        &[Platform::Windows],
        "",
        &[(EventKind::TaskScheduler, "")],
    ),
    service(
        "auditd",
        &[Platform::Linux],
        "type",
        &[
            (EventKind::AuditSyscall, "SYSCALL"),
            (EventKind::AuditExecve, "EXECVE"),
            (EventKind::AuditPath, "PATH"),
            (EventKind::AuditProctitle, "PROCTITLE"),
            (EventKind::AuditCwd, "CWD"),
        ],
    ),
    service(
        "activitylogs",
        &[Platform::Azure],
        "",
        &[(EventKind::CloudActivity, "")],
    ),
];

/// The log source of a rule.
pub(super) fn source(
    map: Map<'_>,
) -> Result<(&'static Source, Platform), Error> {
    map.only(&["category", "product", "service", "definition"])?;
    let key = match (map.get("category"), map.get("service")) {
        (Some(_), None) => "category",
        (None, Some(_)) => "service",
        _ => {
            let reason = "expected either `category` or `service`";
            return Err(Error::new(map.line, Reason::Other(reason.into())));
        }
    };
    let by = || SOURCES.iter().filter(|source| source.by == key);
    let source = map.need(key, |node| {
        let name = node.words()?;
        let found = by().find(|source| source.name == name);
        let what = if key == "category" { "category" } else { "service" };
        let valid = by().map(|source| source.name);
        found.ok_or_else(|| node.error(Reason::unknown(what, name, valid)))
    })?;
    let platform = map.need("product", |node| {
        let name = node.words()?;
        let mut platforms = source.platforms.iter().copied();
        let found = platforms.clone().find(|it| it.name() == name);
        let valid = platforms.by_ref().map(Platform::name);
        found
            .ok_or_else(|| node.error(Reason::unknown("product", name, valid)))
    })?;
    Ok((source, platform))
}

/// Whether events of a kind come from several logs, or under several ids,
/// so that the kind does not say what `EventID` is.
pub(super) fn many_ids(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::ProcessCreation
            | EventKind::FileCreation
            | EventKind::RegistryEvent
    )
}

/// Whether events of a kind can have a field.
pub(super) fn carries(kind: EventKind, field: Field) -> bool {
    let fields = kind.fields();
    match field {
        Field::EventId
        | Field::Channel
        | Field::Computer
        | Field::User
        | Field::UserSid => true,
        Field::Command | Field::Arguments | Field::Hidden => {
            fields.contains(&Field::TaskContent)
        }
        _ => fields.contains(&field),
    }
}
