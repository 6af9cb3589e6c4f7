/*!
What raw records of a kind of event always hold, for those who want to tell
without reading them.

These follow from how the readers tell what a record is; a change there is a
change here, and a test compares the two on every record there is.
*/

use crate::event::{EventKind, EventKinds, Field, Platform};

use super::auditd::JOINED;
use super::format::Format;
use super::shape::{Mark, Reads, Tell};
use super::shapes::SHAPES;

/// Texts of which at least one stands in every record of the shapes that are
/// told by more than the log and the id of a Windows event; found in any
/// case.
pub(crate) fn telling_marks() -> impl Iterator<Item = &'static str> {
    let rules = SHAPES.iter().filter(|it| matches!(it.reads, Reads::Rules(_)));
    rules.flat_map(|shape| texts(&shape.tells))
}

/// Texts of which at least one stands unescaped in every record of which
/// something holds: those that a member is told by, or else its name.
fn texts(tell: &Tell) -> Vec<&'static str> {
    match *tell {
        Tell::Is(path, texts)
        | Tell::Among(path, texts)
        | Tell::Begins(path, texts) => {
            let is_mark = |text: &&str| {
                text.len() >= SHORTEST && !text.contains(['/', '\\', '"'])
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

/// Length of the shortest text that is a mark: shorter ones stand in many
/// records that they do not tell.
const SHORTEST: usize = 8;

/// The last name of a path: the others may be spelled in other ways.
fn name(path: &'static str) -> &'static str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Texts of which at least one stands unescaped in every record that holds an
/// event of a kind; `None` when there are none, or none that would tell much.
/// They are those of all shapes that give such an event.
pub(crate) fn marks(
    kind: EventKind,
    platform: Platform,
    format: Format,
) -> Option<Vec<Mark>> {
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
                marks.extend(gives.marks);
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
                marks.extend(texts.into_iter().map(|text| (text, false)));
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
