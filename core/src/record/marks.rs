/*!
What raw records of a kind of event always hold, for those who want to tell
without reading them.

These follow from how the readers tell what a record is; a change there is a
change here, and a test compares the two on every record there is.
*/

use std::collections::BTreeSet;

use crate::event::{EventKind, EventKinds, Field, Platform};

use super::audit_details::AUDIT_KINDS;
use super::format::Format;
use super::shape::{Form, Mark, Member, Reads, Shape, Tell};
use super::shapes::SHAPES;

/// Texts of which at least one stands in every record of the shapes that are
/// told by more than the log and the id of a Windows event. Case counts.
pub(crate) fn telling_marks() -> Vec<&'static str> {
    let rules =
        SHAPES.iter().filter(|shape| matches!(shape.reads, Reads::Rules(_)));
    let mut marks: Vec<_> =
        rules.flat_map(|shape| texts(&shape.tells)).collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// Texts of which at least one stands unescaped in every record of which
/// something holds: those that a member is told by, or its name. Of several
/// parts that have to hold, those of the one that tells most. Empty where
/// there are none.
fn texts(tell: &Tell) -> Vec<&'static str> {
    match *tell {
        Tell::Is(path, texts)
        | Tell::Among(path, texts)
        | Tell::Begins(path, texts)
        | Tell::Ends(path, texts) => {
            let is_plain = |text: &&str| !text.contains(['/', '\\', '"']);
            let name = vec![name(path)];
            match texts.iter().all(is_plain) {
                true => rarest([texts.to_vec(), name]),
                false => name,
            }
        }
        Tell::Has(path) | Tell::Writes(path) => vec![name(path)],
        Tell::Lacks(_) | Tell::Not(_) => Vec::new(),
        Tell::All(tells) => rarest(tells.iter().map(texts)),
        Tell::Any(tells) => {
            let each: Vec<_> = tells.iter().map(texts).collect();
            // What holds of a record without a mark has none.
            let has_marks = !each.iter().any(Vec::is_empty);
            if has_marks { each.concat() } else { Vec::new() }
        }
    }
}

/// Of lists of texts the one that is in the fewest records, as far as that
/// can be told.
fn rarest(
    lists: impl IntoIterator<Item = Vec<&'static str>>,
) -> Vec<&'static str> {
    let lists = lists.into_iter();
    lists.max_by_key(|texts| rarity(texts)).unwrap_or_default()
}

/// How rare records are that hold one of some texts: the longer the shortest
/// of them is, the fewer there should be. Nothing is known of no texts.
fn rarity(texts: &[&str]) -> Option<usize> {
    let of_one = |text: &&str| match COMMON.contains(text) {
        true => 0,
        // Beside these, even what is short tells more.
        false if OF_WINDOWS.contains(text) => text.len().min(7),
        false => text.len(),
    };
    texts.iter().map(of_one).min()
}

/// Texts that many records hold of which they tell nothing, those of Windows
/// above all: a filter that looked for them would read most records. And some
/// that look like what many records hold, as the search for literals sees it,
/// by the low bits of four bytes: without these four it stops at half as many
/// places.
const COMMON: [&str; 19] = [
    "File Creation",
    "Process Creation",
    "activity_id",
    "created",
    "creation",
    "deleted",
    "event",
    "eventName",
    "hostname__",
    "modified",
    "name",
    "operation",
    "path",
    "process",
    "processName",
    "serviceName",
    "source",
    "type",
    "version",
];

/// The last name of a path: the others may be spelled in other ways.
fn name(path: &'static str) -> &'static str {
    path.rsplit('.').next().unwrap_or(path)
}

/// What stands unescaped in every record that holds an event of a kind.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// Texts of which there is at least one, or else one of `of_platform`.
    pub(crate) texts: Vec<Mark>,
    /// Texts beside which one of [`platform_marks`] stands.
    pub(crate) of_platform: Vec<&'static str>,
    /// Those of `texts` beside which what rules ask for may stand encoded.
    pub(crate) encoded: Vec<&'static str>,
}

/// What every record that holds an event of a kind has; `None` when there is
/// nothing, or nothing that would tell much. It is that of all shapes that
/// give such an event, or, `without_telling`, of those that may stand in a
/// record that has none of [`telling_marks`].
pub(crate) fn marks(
    kind: EventKind,
    platform: Platform,
    format: Format,
    without_telling: bool,
) -> Option<Marks> {
    let mut marks = Marks::default();
    if format == Format::Auditd {
        return (!AUDIT_KINDS.contains(&kind)).then_some(marks);
    }
    // Any log may have such events.
    if kind == EventKind::Generic {
        return None;
    }
    // Where nothing tells a platform, it is the first.
    let is_told = platform == Platform::Linux
        && kind.platforms().first() != Some(&platform);
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
                marks.texts.extend(gives.marks);
            }
        }
        let Reads::Rules(rules) = shape.reads else { continue };
        if without_telling && !texts(&shape.tells).is_empty() {
            continue;
        }
        for rule in rules {
            let is_there = rule.platform.is_none_or(|own| own == platform);
            if rule.kind == kind && is_there {
                let texts = rarest([texts(&shape.tells), texts(&rule.tell)]);
                let is_told = is_told && rule.platform.is_none();
                if is_encoded(shape) {
                    marks.encoded.extend(&texts);
                }
                for text in texts {
                    if is_told && OF_WINDOWS.contains(&text) {
                        marks.of_platform.push(text);
                    } else {
                        marks.texts.push((text, true));
                    }
                }
            }
        }
    }
    Some(marks)
}

/// Texts that stand in many records of Windows, too: each that Winlogbeat
/// writes has the category of ECS.
const OF_WINDOWS: [&str; 1] = ["category"];

/// Texts of which one stands in every record of an event on Linux whose
/// platform its values tell, unless [`begins_path`] holds of it: how the name
/// of the system begins, or its number in OCSF. Case does not count.
pub(crate) fn platform_marks() -> Vec<String> {
    // What may stand before a number.
    let before = [':', ' ', '[', ',', '\t', '\n', '\r', '"'];
    let numbers = before.map(|before| format!("{before}200"));
    numbers.into_iter().chain(["\"lin".into()]).collect()
}

/// Whether a value of a record, or of one that is a string in it, may begin
/// as a path from the root does, with the slash escaped or not.
///
/// Not by a search for literals: of three bytes, they would stop it at every
/// other place.
pub(crate) fn begins_path(record: &[u8]) -> bool {
    memchr::memchr_iter(b'/', record).any(|slash| {
        let before = record.get(..slash).unwrap_or_default();
        matches!(before, [.., b'"'] | [.., b'"' | b'\\', b'\\'])
    })
}

/// Whether a shape has values in base64, as Santa's arguments are.
fn is_encoded(shape: &Shape) -> bool {
    let mut members = shape.layouts.iter().flat_map(|layout| layout.members);
    members.any(|member| {
        let form = Form::Base64Arguments;
        matches!(member, Member::Value { form: own, .. } if *own == form)
    })
}

/// Whether what rules ask for of such events, beside their marks, stands in
/// records as it is, but for marks of encoded values: not in hex, as values of
/// audit events may. Marks alone would let through all that Winlogbeat writes:
/// it has the category that one of them is.
pub(crate) fn is_plain(kind: EventKind, platform: Platform) -> bool {
    use Platform::{Linux, Macos, Windows};
    matches!(platform, Windows | Linux | Macos) && !AUDIT_KINDS.contains(&kind)
}

/// Whether a field's value may be a list in a record of JSON, whose elements
/// are joined by blanks: the arguments of a process.
pub(crate) fn is_joined(field: Field) -> bool {
    matches!(field, Field::CommandLine | Field::ParentCommandLine)
}

/// Whether a reader may make a field's value of what a record says in other
/// words, so that nothing of it need stand there: the definition of a task of
/// which a product tells only the action, the kind of an event of the registry,
/// and what a scheduler's own record says was done.
pub(crate) fn is_made(field: Field) -> bool {
    use Field::{Activity, EventType, Scheduler, TaskContent};
    matches!(field, Activity | EventType | Scheduler | TaskContent)
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

/// Kinds of event that the records of an audit event are joined to.
pub(crate) const JOINED_KINDS: EventKinds = EventKinds::NONE
    .with(EventKind::ProcessCreation)
    .with(EventKind::FileCreation)
    .with(EventKind::FileModification)
    .with(EventKind::FileDeletion)
    .with(EventKind::FileRename)
    .with(EventKind::FileLink);

/// Kinds whose records give the id of the event, but for those of OCSF.
pub(crate) fn kinds_with_ids() -> EventKinds {
    IDS.iter().map(|(_, kind)| *kind).collect()
}

/// The ids of events of a kind in logs that number theirs; `None` where events
/// of the kind may have any id, or none.
pub(crate) fn ids_of(kind: EventKind) -> Option<BTreeSet<u32>> {
    let ids = IDS.iter().filter(|(_, of)| *of == kind).map(|(id, _)| *id);
    let ids: BTreeSet<u32> = ids.collect();
    (!ids.is_empty()).then_some(ids)
}

/// The number that the digits of an id write.
pub(crate) fn id_number(digits: &[u8]) -> u32 {
    number(digits)
}

/// Whether only records with one of [`telling_marks`] hold events of a kind,
/// of JSON and XML.
pub(crate) fn is_told_by_marks(kind: EventKind) -> bool {
    let is_of_log = kind == EventKind::Generic || !kind.ids().is_empty();
    let is_given = || {
        let mut gives = SHAPES.iter().flat_map(|shape| shape.gives);
        gives.any(|gives| gives.kind == kind)
    };
    let may_be_unmarked = || {
        SHAPES.iter().any(|shape| match shape.reads {
            Reads::Rules(rules) => {
                texts(&shape.tells).is_empty()
                    && rules.iter().any(|rule| rule.kind == kind)
            }
            _ => false,
        })
    };
    !is_of_log && !is_given() && !may_be_unmarked()
}

/// The kinds of event that an id, in digits, means in any log.
pub(crate) fn kinds_of_id(id: &[u8]) -> EventKinds {
    let id = number(id);
    let of_id = IDS.iter().filter(|(known, _)| *known == id);
    of_id.map(|(_, kind)| *kind).collect()
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
    fn marks_are_texts_that_have_to_be_there() {
        const HAS: Tell = Tell::Has("a.long_name");
        for (tell, expected) in [
            (&HAS, &["long_name"][..]),
            (&Tell::Is("a.name", &["kunai"]), &["kunai"]),
            (&Tell::Is("a.b", &["1"]), &["b"]),
            (&Tell::All(&[Tell::Has("source"), HAS]), &["long_name"]),
            (&Tell::Any(&[Tell::Has("x"), HAS]), &["x", "long_name"]),
            // It holds of records without the name.
            (&Tell::Any(&[HAS, Tell::Lacks("b")]), &[]),
            (&Tell::Not(&HAS), &[]),
        ] {
            assert_eq!(texts(tell), expected);
        }
    }

    #[test]
    fn marks_are_not_those_of_most_records() {
        for mark in telling_marks() {
            assert!(rarity(&[mark]) > Some(4), "{mark}");
        }
    }

    #[test]
    fn ids_are_those_of_their_kinds() {
        let sysmon = EventKinds::NONE.with(EventKind::RegistryEvent);
        for id in [&b"12"[..], b"13", b"14"] {
            assert!(kinds_of_id(id).intersects(sysmon));
        }
        for id in [&b"1"[..], b"4688", b"15", b"", b"4294967308"] {
            assert!(!kinds_of_id(id).intersects(sysmon));
        }
        assert!(kinds_of_id(b"4688").contains(EventKind::ProcessCreation));
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

    #[test]
    fn text_that_windows_has_too_is_no_mark_by_itself() {
        let created = |platform| {
            let kind = EventKind::ProcessCreation;
            marks(kind, platform, Format::Json, false)
        };
        let linux = created(Platform::Linux).unwrap();
        let is_category = |text: &&str| *text == "category";
        assert!(linux.of_platform.iter().all(is_category));
        assert!(!linux.of_platform.is_empty());
        assert!(linux.texts.contains(&("class_uid", true)));
        assert!(!linux.texts.contains(&("category", true)));
        // Records of ECS without marks of their own.
        assert!(created(Platform::Windows).is_none());
    }
}
