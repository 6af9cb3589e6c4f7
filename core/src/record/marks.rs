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
use super::shape::{Form, Member, Reads, Rule, Shape, Tell};
use super::shapes::SHAPES;
use super::syntax::json::value_after_name;

/// What stands unescaped in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sign {
    pub(crate) text: &'static str,
    /// Whether the case of its letters counts.
    pub(crate) cased: bool,
    pub(crate) next: Next,
}

impl Sign {
    const fn of(text: &'static str) -> Sign {
        Sign { text, cased: true, next: Next::Anything }
    }
}

/// What follows a sign that is the name of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Next {
    Anything,
    /// One of these values, or a list that has one.
    OneOf(&'static [&'static str]),
    /// A text or a number.
    Text,
}

impl Next {
    /// Whether what follows a name, in JSON, may be this. What is not written
    /// in the usual way may be.
    pub(crate) fn may_be(self, after: &[u8]) -> bool {
        let value = value_after_name(after).unwrap_or_default();
        match self {
            Next::Anything => true,
            Next::OneOf(texts) => may_be_one_of(texts, value),
            Next::Text => !value.starts_with(b"["),
        }
    }
}

/// Signs of which at least one is in every record that holds an event of the
/// shapes that are told by more than the log and the id of a Windows event.
pub(crate) fn telling_signs() -> Vec<Sign> {
    let mut all = Vec::new();
    for shape in SHAPES {
        let of_shape = signs(&shape.tells);
        for rule in rules(shape) {
            all.extend(telling(&of_shape, rule));
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The rules of a shape, if it is of those that have some.
fn rules(shape: &'static Shape) -> &'static [Rule] {
    match shape.reads {
        Reads::Rules(rules) => rules,
        _ => &[],
    }
}

/// The same of a rule of a shape with some signs: those of the shape, unless
/// Windows' logs have them, too. What rules ask for is common there.
fn telling(of_shape: &[Sign], rule: &Rule) -> Vec<Sign> {
    let is_of_windows = |sign: &Sign| {
        OF_WINDOWS.contains(&sign.text) && sign.next == Next::Anything
    };
    match of_shape.iter().any(is_of_windows) {
        true => of_rule(of_shape, rule),
        false => of_shape.to_vec(),
    }
}

/// Signs of which at least one is in every record that a rule of a shape with
/// some signs holds of. Empty where there are none.
fn of_rule(of_shape: &[Sign], rule: &Rule) -> Vec<Sign> {
    rarest([of_shape.to_vec(), signs(&rule.tell)])
}

/// Signs of which at least one is in every record of which something holds:
/// the texts that a member is told by, or its name. Of several parts that have
/// to hold, those of the one that tells most. Empty where there are none.
fn signs(tell: &Tell) -> Vec<Sign> {
    match *tell {
        Tell::Is(path, texts) | Tell::Among(path, texts) => {
            let of_name = Sign { next: Next::OneOf(texts), ..name(path) };
            texts_or_name(texts, of_name)
        }
        Tell::Begins(path, texts) | Tell::Ends(path, texts) => {
            texts_or_name(texts, name(path))
        }
        Tell::Has(path) | Tell::Writes(path) => vec![name(path)],
        Tell::Text(path) => vec![Sign { next: Next::Text, ..name(path) }],
        Tell::Lacks(_) | Tell::Not(_) => Vec::new(),
        Tell::All(tells) => rarest(tells.iter().map(signs)),
        Tell::Any(tells) => {
            let each: Vec<_> = tells.iter().map(signs).collect();
            // What holds of a record without a mark has none.
            let has_marks = !each.iter().any(Vec::is_empty);
            if has_marks { each.concat() } else { Vec::new() }
        }
    }
}

/// The texts of a member, or its name where they may be written in other ways
/// or tell less.
fn texts_or_name(texts: &[&'static str], name: Sign) -> Vec<Sign> {
    let is_plain = |text: &&str| !text.contains(['/', '\\', '"']);
    match texts.iter().all(is_plain) {
        true => {
            let texts = texts.iter().copied().map(Sign::of).collect();
            rarest([texts, vec![name]])
        }
        false => vec![name],
    }
}

/// Whether a value may be one of some texts, or a list that has one.
fn may_be_one_of(texts: &[&str], value: &[u8]) -> bool {
    let is_one = |text: &[u8]| {
        // A number may have been through floating point.
        text.ends_with(b".0") || texts.iter().any(|one| one.as_bytes() == text)
    };
    let Some(mut list) = value.strip_prefix(b"[") else {
        return plain_text(value).is_none_or(|(text, _)| is_one(text));
    };
    for _ in 0..MOST_ELEMENTS {
        list = list.trim_ascii_start();
        if list.starts_with(b"]") {
            return false;
        }
        let Some((text, rest)) = plain_text(list) else { return true };
        if is_one(text) {
            return true;
        }
        let rest = rest.trim_ascii_start();
        list = rest.strip_prefix(b",").unwrap_or(rest);
    }
    true
}

/// Most elements of a list that are looked at without reading it.
const MOST_ELEMENTS: usize = 8;

/// A value in quotes, or a number, that stands for itself, without blanks
/// around it, and what follows.
fn plain_text(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let (text, is_quoted) = match value.strip_prefix(b"\"") {
        Some(text) => (text, true),
        None => (value, false),
    };
    let is_plain = |byte: &u8| match is_quoted {
        true => {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b' ' | b'_' | b'-' | b'.')
        }
        false => byte.is_ascii_digit(),
    };
    let most = text.get(..MOST_TEXT).unwrap_or(text);
    let end = most.iter().position(|byte| !is_plain(byte))?;
    let (text, rest) = text.split_at_checked(end)?;
    let rest = match is_quoted {
        true => rest.strip_prefix(b"\"")?,
        false => matches!(rest, [b',' | b']' | b'}', ..]).then_some(rest)?,
    };
    Some((text.trim_ascii(), rest))
}

/// Most bytes of a value that is looked at without reading it.
const MOST_TEXT: usize = 64;

/// Of lists of signs the one that is in the fewest records, as far as that
/// can be told.
fn rarest(lists: impl IntoIterator<Item = Vec<Sign>>) -> Vec<Sign> {
    let lists = lists.into_iter();
    lists.max_by_key(|signs| rarity(signs)).unwrap_or_default()
}

/// How rare records are that have one of some signs: the longer the shortest
/// text is, the fewer there should be. Nothing is known of no signs.
fn rarity(signs: &[Sign]) -> Option<usize> {
    let of_one = |Sign { text, .. }: &Sign| match COMMON.contains(text) {
        true => 0,
        // Beside these, even what is short tells more.
        false if OF_WINDOWS.contains(text) => text.len().min(7),
        false => text.len(),
    };
    signs.iter().map(of_one).min()
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
fn name(path: &'static str) -> Sign {
    Sign::of(path.rsplit('.').next().unwrap_or(path))
}

/// What stands unescaped in every record that holds an event of a kind.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// Signs of which there is at least one, or else one of `of_platform`.
    pub(crate) signs: Vec<Sign>,
    /// Signs beside which one of [`platform_marks`] stands.
    pub(crate) of_platform: Vec<Sign>,
    /// Those of `signs` beside which what rules ask for may stand encoded.
    pub(crate) encoded: Vec<Sign>,
}

/// What every record that holds an event of a kind has; `None` when there is
/// nothing, or nothing that would tell much. It is that of all shapes that
/// give such an event, or, `without_telling`, of those that may stand in a
/// record that has none of [`telling_signs`].
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
                let signs = gives.marks.iter().map(|(text, cased)| Sign {
                    cased: *cased,
                    ..Sign::of(text)
                });
                marks.signs.extend(signs);
            }
        }
        for rule in rules(shape) {
            let is_there = rule.platform.is_none_or(|own| own == platform);
            if rule.kind == kind && is_there {
                let of_shape = signs(&shape.tells);
                if without_telling && !telling(&of_shape, rule).is_empty() {
                    continue;
                }
                let signs = of_rule(&of_shape, rule);
                let is_told = is_told && rule.platform.is_none();
                if is_encoded(shape) {
                    marks.encoded.extend(&signs);
                }
                for sign in signs {
                    if is_told && OF_WINDOWS.contains(&sign.text) {
                        marks.of_platform.push(sign);
                    } else {
                        marks.signs.push(sign);
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

/// The kinds of event that only records with one of [`telling_signs`] hold, of
/// JSON and XML.
pub(crate) fn kinds_told_by_marks() -> EventKinds {
    let mut unmarked = kinds_with_ids().with(EventKind::Generic);
    for shape in SHAPES {
        let of_shape = signs(&shape.tells);
        let rules = rules(shape).iter();
        let rules = rules.filter(|rule| telling(&of_shape, rule).is_empty());
        let given = shape.gives.iter().map(|gives| gives.kind);
        let of_shape = given.chain(rules.map(|rule| rule.kind)).collect();
        unmarked = unmarked.union(of_shape);
    }
    let all = EventKind::ALL.iter().copied();
    all.filter(|kind| !unmarked.contains(*kind)).collect()
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
            let signs = signs(tell);
            let texts: Vec<_> = signs.iter().map(|sign| sign.text).collect();
            assert_eq!(texts, expected);
        }
        let [sign] = signs(&Tell::Is("a.b", &["1"]))[..] else { panic!() };
        assert_eq!(sign.next, Next::OneOf(&["1"]));
    }

    /// What a reader would take for one of the values may be, and nothing else
    /// that is written as usual.
    #[test]
    fn values_after_a_name_are_told() {
        const TEXTS: [&str; 3] = ["process", "7", "a b"];
        for (after, expected) in [
            (r#"":"process","#, true),
            (r#"" : " process ""#, true),
            (r#"":["file","process"]"#, true),
            (r#"":[ "a b" ]"#, true),
            (r#"":7,"#, true),
            (r#"":"7""#, true),
            // Numbers that were through floating point, and what is escaped,
            // quoted or left out.
            (r#"":7.0,"#, true),
            (r#"":"7.0","#, true),
            (r#"":"pro\u0063ess""#, true),
            (r#"":["file",{"Value":"process"}]"#, true),
            (r#"":{"Value":"process"}"#, true),
            (r#"\":\"file\""#, true),
            (r#"","value":"process""#, true),
            ("", true),
            (r#"":"fi"#, true),
            (r#"":["file""#, true),
            (r#"":["1","2","3","4","5","6","7","8","9","process"]"#, true),
            (r#"":"file","x":"process""#, false),
            (r#"": ["file", "registry"],"process""#, false),
            (r#"":[],"process""#, false),
            (r#"":"processes""#, false),
            (r#"":17,"#, false),
            (r#"":[1, 2]"#, false),
        ] {
            let may_be = Next::OneOf(&TEXTS).may_be(after.as_bytes());
            assert_eq!(may_be, expected, "{after}");
        }
        for (after, expected) in [
            (r#"":"process","#, true),
            (r#"\":[\"process\"]"#, true),
            (r#"","value":["process"]"#, true),
            (r#"" : ["process"]"#, false),
        ] {
            let may_be = Next::Text.may_be(after.as_bytes());
            assert_eq!(may_be, expected, "{after}");
        }
    }

    #[test]
    fn marks_are_not_those_of_most_records() {
        for sign in telling_signs() {
            assert!(rarity(&[sign]) > Some(4), "{sign:?}");
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
        let is = |text| move |sign: &Sign| sign.text == text;
        assert!(linux.of_platform.iter().all(is("category")));
        assert!(!linux.of_platform.is_empty());
        assert!(linux.signs.iter().any(is("class_uid")));
        assert!(!linux.signs.iter().any(is("category")));
        // Records of ECS without marks of their own.
        assert!(created(Platform::Windows).is_none());
    }
}
