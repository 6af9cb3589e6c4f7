/*!
What raw records of a kind of event always hold, for those who want to tell
without reading them.

These follow from how the readers tell what a record is; a change there is a
change here, and a test compares the two on every record there is.
*/

use crate::event::{EventKind, EventKinds, Field, Platform};

use super::auditd::JOINED;
use super::format::Format;
use super::shape::{Reads, Shape, Tell};
use super::shapes::SHAPES;

/// A text that stands unescaped in records of a kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TellingMark {
    pub(crate) text: &'static str,
    pub(crate) cased: bool,
    /// A member that no such record has.
    pub(crate) unless: Option<&'static str>,
}

/// Texts of which at least one stands in every record of the shapes that are
/// told by more than the log and the id of a Windows event.
pub(crate) fn telling_marks() -> impl Iterator<Item = TellingMark> {
    let rules = SHAPES.iter().filter(|it| matches!(it.reads, Reads::Rules(_)));
    rules.flat_map(|shape| telling(shape, texts(&shape.tells)))
}

/// Marks of a shape's records. Names and values that tell a shape are
/// compared byte by byte, so their case counts.
fn telling(
    shape: &Shape,
    texts: Vec<&'static str>,
) -> impl Iterator<Item = TellingMark> + use<> {
    let parts = match shape.tells {
        Tell::All(parts) => parts,
        _ => &[],
    };
    let unless = parts.iter().find_map(|part| match part {
        Tell::Lacks(path) if !path.contains('.') => Some(*path),
        _ => None,
    });
    texts.into_iter().map(move |text| TellingMark {
        text,
        cased: true,
        unless,
    })
}

/// Texts of which at least one stands unescaped in every record of which
/// something holds: those that a member is told by, or else its name.
fn texts(tell: &Tell) -> Vec<&'static str> {
    match *tell {
        Tell::Is(path, texts)
        | Tell::Among(path, texts)
        | Tell::Begins(path, texts) => {
            let is_mark = |text: &&str| {
                text.len() > 4 && !text.contains(['/', '\\', '"'])
            };
            match texts.iter().all(is_mark) {
                true => texts.to_vec(),
                false => vec![name(path)],
            }
        }
        Tell::Has(path) => vec![name(path)],
        Tell::Lacks(_) | Tell::Not(_) => Vec::new(),
        Tell::All(tells) => tells.first().map(texts).unwrap_or_default(),
        Tell::Any(tells) => tells.iter().flat_map(texts).collect(),
    }
}

/// Length of the shortest text by which a rule is told better than by its
/// shape: shorter ones, such as `process`, stand in many records.
const SHORTEST: usize = 8;

/// The longest name of a path, which tells most. Each of them stands in a
/// record, with or without dots.
fn name(path: &'static str) -> &'static str {
    path.split('.').max_by_key(|name| name.len()).unwrap_or(path)
}

/// Texts of which at least one stands unescaped in every record that holds an
/// event of a kind; `None` when there are none, or none that would tell much.
/// They are those of all shapes that give such an event.
pub(crate) fn marks(
    kind: EventKind,
    platform: Platform,
    format: Format,
) -> Option<Vec<TellingMark>> {
    if format == Format::Auditd {
        let is_audit = JOINED.contains(&kind);
        return if is_audit { None } else { Some(Vec::new()) };
    }
    let mut marks = Vec::new();
    for shape in SHAPES {
        // XML holds Windows' logs alone.
        if format == Format::Xml && !matches!(shape.reads, Reads::Log) {
            continue;
        }
        for gives in shape.gives {
            if gives.kind == kind && gives.platform == platform {
                if gives.marks.is_empty() {
                    return None;
                }
                marks.extend(gives.marks.iter().map(|&(text, cased)| {
                    TellingMark { text, cased, unless: None }
                }));
            }
        }
        let Reads::Rules(rules) = shape.reads else { continue };
        for rule in rules {
            let is_there = rule.platform.is_none_or(|it| it == platform);
            if rule.kind == kind && is_there {
                let own = texts(&rule.tell);
                let is_mark = |text: &&str| text.len() >= SHORTEST;
                let is_telling = !own.is_empty() && own.iter().all(is_mark);
                let texts = if is_telling { own } else { texts(&shape.tells) };
                marks.extend(telling(shape, texts));
            }
        }
    }
    Some(marks)
}

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
    IDS.iter().map(|(_, kind)| *kind).collect()
}

/// Whether an id, in digits, is that of events of one of some kinds, in any
/// log.
pub(crate) fn id_is_of(id: &[u8], kinds: EventKinds) -> bool {
    let id = number(id);
    IDS.iter().any(|(known, kind)| *known == id && kinds.contains(*kind))
}

/// Every id in a log that numbers its events, with the kind it means there.
///
/// As numbers: each record that the filter looks at asks, and comparing texts
/// took 4 % of a scan of Windows records.
const IDS: [(u32, EventKind); put_ids(&mut [])] = {
    let mut ids = [(0, EventKind::ProcessCreation); put_ids(&mut [])];
    put_ids(&mut ids);
    ids
};

/// Puts the ids into a slice, as far as it reaches, and counts them all.
const fn put_ids(mut into: &mut [(u32, EventKind)]) -> usize {
    let (mut kinds, mut count) = (EventKind::ALL, 0_usize);
    while let [kind, other_kinds @ ..] = kinds {
        let mut logs = kind.ids();
        while let [(log, id), other_logs @ ..] = logs {
            if has_numbers(*log) {
                count = count.saturating_add(1);
                if let [slot, rest @ ..] = into {
                    *slot = (number(id.as_bytes()), *kind);
                    into = rest;
                }
            }
            logs = other_logs;
        }
        kinds = other_kinds;
    }
    count
}

const fn has_numbers(log: crate::vocabulary::Log) -> bool {
    matches!(log.selector().as_bytes(), b"EventID")
}

/// The number that digits write; the highest one where it is larger.
const fn number(mut digits: &[u8]) -> u32 {
    let mut number = 0_u32;
    while let [digit, rest @ ..] = digits {
        let digit = digit.wrapping_sub(b'0') as u32;
        number = number.saturating_mul(10).saturating_add(digit);
        digits = rest;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_their_kinds() {
        let sysmon = EventKinds::NONE.with(EventKind::RegistryEvent);
        for id in [&b"12"[..], b"13", b"14"] {
            assert!(id_is_of(id, sysmon));
        }
        for id in [&b"1"[..], b"4688", b"15", b"", b"4294967308"] {
            assert!(!id_is_of(id, sysmon));
        }
        assert!(id_is_of(b"4688", EventKinds::ALL));
        let with_ids = kinds_with_ids();
        assert!(with_ids.contains(EventKind::ScriptBlock));
        for kind in [
            EventKind::TaskScheduler,
            EventKind::AuditSyscall,
            EventKind::FileRename,
        ] {
            assert!(!with_ids.contains(kind));
        }
    }

    /// A short mark stands in records of every shape, so that none of those
    /// would be passed over.
    #[test]
    fn marks_are_not_short() {
        for mark in telling_marks() {
            assert!(mark.text.len() > 4, "{mark:?}");
        }
    }
}
