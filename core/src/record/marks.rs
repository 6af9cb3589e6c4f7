/*!
What raw records of a kind of event always hold, for those who want to tell
without reading them.

These follow from how the readers tell what a record is; a change there is a
change here, and a test compares the two on every record there is.
*/

use crate::event::{EventKind, EventKinds, Field, Platform};

use super::format::Format;

/// Texts, and whether their case counts, of which at least one stands
/// unescaped in every record that holds an event of a kind. `None` when
/// there are none, or none that would tell much.
pub(crate) fn marks(
    kind: EventKind,
    platform: Platform,
    format: Format,
) -> Option<&'static [(&'static str, bool)]> {
    let xml = format == Format::Xml;
    if format == Format::Auditd {
        let is_audit = AUDIT_KINDS.contains(&kind);
        return if is_audit { None } else { Some(&[]) };
    }
    Some(match kind {
        // An id of their own, or in OCSF a class.
        EventKind::TaskRegistered => &[("4698", true), ("\"class_uid", true)],
        EventKind::TaskDeleted => &[("4699", true), ("\"class_uid", true)],
        EventKind::TaskEnabled => &[("4700", true), ("\"class_uid", true)],
        EventKind::TaskDisabled => &[("4701", true), ("\"class_uid", true)],
        EventKind::TaskUpdated => &[("4702", true), ("\"class_uid", true)],
        // The name of the provider, or of the log.
        EventKind::TaskScheduler => &[("TaskScheduler", false)],
        EventKind::CloudActivity if xml => &[],
        _ if AUDIT_KINDS.contains(&kind) && xml => &[],
        // Laurel's, auditbeat's and auoms' members, or a line in a string.
        _ if AUDIT_KINDS.contains(&kind) => &[
            ("\"ID\"", true),
            ("auditd", false),
            ("RecordType", true),
            ("record_type", true),
            ("audit(", true),
            // As the journal forwards a line, without time and serial.
            ("audit: ", true),
            ("audit[", true),
        ],
        // Sysmon's provider, or in OCSF an operating system or a path.
        _ if platform == Platform::Linux => {
            &[("linux", false), ("\"class_uid", true)]
        }
        _ => return None,
    })
}

const AUDIT_KINDS: [EventKind; 5] = [
    EventKind::AuditSyscall,
    EventKind::AuditExecve,
    EventKind::AuditPath,
    EventKind::AuditProctitle,
    EventKind::AuditCwd,
];

/// The name, with the equals sign, of an auditd field whose value stands in a
/// line as it is when it is quoted; `None` for fields that are derived, in
/// hex as a rule, or made of several.
pub(crate) fn audit_label(field: Field) -> Option<&'static str> {
    match field {
        Field::Comm => Some("comm="),
        Field::Exe => Some("exe="),
        Field::Name => Some("name="),
        _ => None,
    }
}

/// Kinds whose records give the id of the event, but for those of OCSF.
pub(crate) fn kinds_with_ids() -> EventKinds {
    let kinds = EventKind::ALL.iter().copied();
    kinds.filter(|kind| event_ids(*kind).next().is_some()).collect()
}

/// Whether an id is that of events of one of some kinds, in any log.
pub(crate) fn id_is_of(id: &[u8], kinds: EventKinds) -> bool {
    let mut kinds =
        EventKind::ALL.iter().filter(|kind| kinds.contains(**kind));
    kinds.any(|kind| event_ids(*kind).any(|known| known.as_bytes() == id))
}

/// The ids of events of a kind.
fn event_ids(kind: EventKind) -> impl Iterator<Item = &'static str> {
    let ids = kind.ids().iter();
    let numbered = ids.filter(|(log, _)| log.selector() == "EventID");
    numbered.map(|(_, id)| *id)
}
