/*!
Telling from its raw bytes that a record can match nothing, so that it need
not be read.

For each rule and each kind of event it asks for, some literals are derived of
which at least one stands in the raw bytes of every record that the rule
matches: parts of its patterns where they come through JSON and XML as they
are, or else what every record of that kind holds. One search over a record
for the literals of all rules then tells most records apart that nobody cares
for. Where what was found only concerns kinds of Windows events, the ids in
the record are looked at too: a name that a rule looks for in a new process is
of no interest in an event about an open file.

This must never lose a match. What cannot be told is read:

- literals are made of bytes only that no writer of JSON or XML has a reason
  to escape, and a record in which such a byte is escaped all the same is read;
- a record is only passed over when it begins and ends as a whole line of its
  format does; anything else is read, and reported if it cannot be;
- every place in the record that may give an event's id is looked at, and one
  that does not look as usual makes the record be read;
- an auditd line in which a value that matters is not quoted is read: it may be
  in hex.

Classic text is not filtered: its reader looks at little more than the filter
would.
*/

use core::cmp::Reverse;
use core::ops::ControlFlow;

use memchr::memmem;
use t1053_literals::{Literal, Literals};

use crate::bytes;
use crate::detector::compile::is_searched;
use crate::event::{EventKind, EventKinds, Platform};
use crate::record::{self, Format};
use crate::rule::{Operation, Predicate, Rule, Test};

/// Filters for the formats that have one.
#[derive(Debug)]
pub(crate) struct Prefilter {
    json: Gate,
    xml: Gate,
    auditd: Gate,
    ids: Literals,
    /// Kinds that rules ask for.
    wanted: EventKinds,
    /// Begins an auditd record's time and serial.
    head: memmem::Finder<'static>,
    /// Begins a character reference.
    reference: memmem::Finder<'static>,
}

impl Prefilter {
    /// Derives the filters from the rules that are to run.
    pub(crate) fn new(rules: &[Rule], wanted: EventKinds) -> Prefilter {
        Prefilter {
            json: Gate::new(rules, Format::Json),
            xml: Gate::new(rules, Format::Xml),
            auditd: Gate::new(rules, Format::Auditd),
            ids: Literals::new(ID_NAMES.map(Literal::new)),
            wanted,
            head: memmem::Finder::new("audit("),
            reference: memmem::Finder::new("&#"),
        }
    }

    /// Whether a record can match nothing, whatever its reader would make of
    /// it. `format` is what the caller knows of it.
    pub(super) fn rules_out(&self, record: &[u8], format: Format) -> bool {
        // A line as its format's writers end it; a comma may stand between
        // the elements of an array.
        let record = record.trim_ascii_end();
        let record = record.strip_suffix(b",").unwrap_or(record);
        let is = |asked| matches!(format, Format::Auto) || format == asked;
        match (record.first(), record.last()) {
            (Some(b'{'), Some(b'}')) if is(Format::Json) => {
                let kinds = self.json.kinds(record);
                self.kinds_ruled_out(record, kinds, Format::Json)
            }
            (Some(b'<'), Some(b'>'))
                if is(Format::Xml)
                    && record.starts_with(b"<Event")
                    && record.ends_with(b"</Event>") =>
            {
                let kinds = self.xml.kinds(record);
                self.kinds_ruled_out(record, kinds, Format::Xml)
                    && !self.has_hidden_bytes(record)
            }
            (Some(b't'), _) if is(Format::Auditd) => {
                match record::audit_kind(record) {
                    None => false,
                    Some(Some(kind)) if self.wanted.contains(kind) => {
                        let kinds = self.auditd.kinds(record);
                        kinds != EventKinds::ALL && !kinds.contains(kind)
                    }
                    // Nothing is wanted of it, if it is the only record on
                    // its line.
                    _ => self.head.find_iter(record).nth(1).is_none(),
                }
            }
            _ => false,
        }
    }

    /// Whether a record of which events of some kinds may match holds none
    /// of these.
    fn kinds_ruled_out(
        &self,
        record: &[u8],
        kinds: EventKinds,
        format: Format,
    ) -> bool {
        kinds == EventKinds::NONE || self.ids_rule_out(record, kinds, format)
    }

    /// Whether a character reference stands for a byte of literals.
    fn has_hidden_bytes(&self, record: &[u8]) -> bool {
        let mut references = self.reference.find_iter(record);
        references.any(|at| reference_hides(record, at))
    }

    /// Whether the ids in a record show that it is of none of some kinds.
    fn ids_rule_out(
        &self,
        record: &[u8],
        kinds: EventKinds,
        format: Format,
    ) -> bool {
        if !kinds.is_subset(record::kinds_with_ids()) {
            return false;
        }
        let mut seen = false;
        let found = self.ids.find_all(record, |name, at| {
            let length = ID_NAMES.get(name).map_or(0, |it| it.len());
            let end = at.saturating_add(length);
            let before = record.get(..at).unwrap_or_default();
            let after = record.get(end..).unwrap_or_default();
            if name == CLASS {
                return ControlFlow::Break(());
            }
            match id_after(before, after, format) {
                Id::Closing => ControlFlow::Continue(()),
                Id::Digits(id) if !record::id_is_of(id, kinds) => {
                    seen = true;
                    ControlFlow::Continue(())
                }
                _ => ControlFlow::Break(()),
            }
        });
        seen && found.is_continue()
    }

    pub(crate) fn memory_usage(&self) -> usize {
        let gates = [&self.json, &self.xml, &self.auditd];
        let gates = gates.into_iter().map(Gate::memory_usage);
        gates.chain([self.ids.memory_usage()]).sum()
    }
}

/// Names, in any shape, of the member or element that gives an event's id,
/// and of one that makes an event of a record without an id. Found in any
/// case, inside longer names too.
const ID_NAMES: [&str; 6] =
    ["eventid", "event_id", "eventcode", "event_code", "\"code", "class_uid"];

/// Place in the names of the one that makes an event without an id.
const CLASS: usize = 5;

/// What follows a name that may give an event's id.
enum Id<'a> {
    /// The end of an element; its beginning was looked at.
    Closing,
    /// A plain number.
    Digits(&'a [u8]),
    /// Something else.
    Unusual,
}

fn id_after<'a>(before: &[u8], after: &'a [u8], format: Format) -> Id<'a> {
    let after = if format == Format::Xml {
        if before.ends_with(b"</") {
            return Id::Closing;
        }
        // Only this element itself, with or without attributes.
        let after = match after.first() {
            Some(b'>') => after.get(1..),
            Some(byte) if byte.is_ascii_whitespace() => {
                let end = memchr::memchr(b'>', after);
                end.map(|end| bytes::after(after, end))
            }
            _ => None,
        };
        after.map(<[u8]>::trim_ascii_start)
    } else {
        // `":7`, `" : "7`; anything in between is unusual.
        let value = after.strip_prefix(b"\"").map(<[u8]>::trim_ascii_start);
        let value = value.and_then(|it| it.strip_prefix(b":"));
        let value = value.map(<[u8]>::trim_ascii_start);
        value.map(|it| it.strip_prefix(b"\"").unwrap_or(it))
    };
    let Some(after) = after else { return Id::Unusual };
    let digits = after.iter().take_while(|it| it.is_ascii_digit()).count();
    let (id, rest) = after.split_at_checked(digits).unwrap_or_default();
    match rest.first() {
        // An id that goes on in another way is no plain number.
        Some(b'"' | b',' | b'}' | b'<') if digits > 0 => Id::Digits(id),
        _ => Id::Unusual,
    }
}

/// The filter of one format.
#[derive(Debug)]
struct Gate {
    literals: Literals,
    needles: Vec<Needle>,
    /// Kinds for which no literal could be derived: any record may matter.
    base: EventKinds,
}

/// What finding a literal means.
#[derive(Clone, Debug, PartialEq)]
struct Needle {
    bytes: Vec<u8>,
    cased: bool,
    meaning: Meaning,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    /// Events of these kinds may match.
    Kinds {
        kinds: EventKinds,
        /// Only where a value or a component of a path may begin.
        starts: bool,
        /// Only where a value may end.
        ends: bool,
    },
    /// An escape of JSON: if it hides a byte of literals, anything may.
    JsonEscape,
    /// XML in a string, unless it is a member's name: if it hides a byte of
    /// literals, anything may match.
    Element,
    /// Text that is written in pieces: anything may match.
    Pieces,
    /// The name of an auditd field: if its value is not quoted, or cut, events
    /// of these kinds may match.
    Label(EventKinds),
    /// The head of an auditd record: if it is not the only one on the line,
    /// anything may match.
    Head,
}

impl Gate {
    fn new(rules: &[Rule], format: Format) -> Gate {
        let mut gate = Gate {
            literals: Literals::new([]),
            needles: Vec::new(),
            base: EventKinds::NONE,
        };
        for rule in rules {
            for selection in rule.logic.selections() {
                let platform = rule.detection.platform;
                for &kind in selection.kinds.iter() {
                    gate.add(kind, platform, &selection.predicate, format);
                }
            }
        }
        match format {
            Format::Json => {
                gate.push(b"\\u00", true, Meaning::JsonEscape);
                gate.push(b"EventData", false, Meaning::Element);
            }
            Format::Xml => {
                gate.push(b"<![CDATA[", true, Meaning::Pieces);
                gate.push(b"<!--", true, Meaning::Pieces);
            }
            _ => gate.push(b"audit(", true, Meaning::Head),
        }
        gate.literals = Literals::new(gate.needles.iter().map(|needle| {
            Literal { bytes: &needle.bytes, cased: needle.cased }
        }));
        gate
    }

    /// Adds what a predicate asks of the raw bytes.
    fn add(
        &mut self,
        kind: EventKind,
        platform: Platform,
        predicate: &Predicate,
        format: Format,
    ) {
        let kinds = EventKinds::NONE.with(kind);
        let whole = Meaning::Kinds { kinds, starts: false, ends: false };
        if let Some(marks) = record::marks(kind, platform, format) {
            for (bytes, cased) in marks {
                self.push(bytes.as_bytes(), *cased, whole);
            }
            return;
        }
        let Some(needles) = required(predicate, format) else {
            self.base = self.base.with(kind);
            return;
        };
        for Fragment { bytes, starts, ends, label } in needles {
            self.push(&bytes, false, Meaning::Kinds { kinds, starts, ends });
            if let Some(label) = label {
                self.push(label.as_bytes(), true, Meaning::Label(kinds));
            }
        }
    }

    fn push(&mut self, bytes: &[u8], cased: bool, meaning: Meaning) {
        let mut bytes = bytes.to_vec();
        if !cased {
            bytes.make_ascii_lowercase();
        }
        for needle in &mut self.needles {
            if needle.bytes != bytes || needle.cased != cased {
                continue;
            }
            // The same place for two reasons: the looser one counts.
            match (&mut needle.meaning, meaning) {
                (
                    Meaning::Kinds { kinds, starts, ends },
                    Meaning::Kinds { kinds: more, starts: start, ends: end },
                ) => {
                    *kinds = kinds.union(more);
                    *starts &= start;
                    *ends &= end;
                }
                (Meaning::Label(kinds), Meaning::Label(more)) => {
                    *kinds = kinds.union(more);
                }
                _ => {}
            }
            return;
        }
        self.needles.push(Needle { bytes, cased, meaning });
    }

    /// The kinds of event of which a record may hold one that matches.
    fn kinds(&self, record: &[u8]) -> EventKinds {
        let mut all = self.base;
        let mut has_head = false;
        let found = self.literals.find_all(record, |index, at| {
            let Some(needle) = self.needles.get(index) else {
                return ControlFlow::Continue(());
            };
            let end = at.saturating_add(needle.bytes.len());
            let before = record.get(..at).unwrap_or_default();
            let after = record.get(end..).unwrap_or_default();
            let may_matter = match needle.meaning {
                Meaning::Kinds { kinds, starts, ends } => {
                    let here = (!starts || may_start(before))
                        && (!ends || may_end(after));
                    if here {
                        all = all.union(kinds);
                    }
                    false
                }
                Meaning::JsonEscape => escape_hides(after),
                Meaning::Element => {
                    after.first() != Some(&b'"') && may_hide(record)
                }
                Meaning::Pieces => true,
                Meaning::Label(kinds) => {
                    let quoted = after.strip_prefix(b"\"");
                    let end = quoted.and_then(|it| memchr::memchr(b'"', it));
                    if end.is_none() {
                        all = all.union(kinds);
                    }
                    false
                }
                // A second one.
                Meaning::Head => core::mem::replace(&mut has_head, true),
            };
            if may_matter {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if found.is_break() { EventKinds::ALL } else { all }
    }

    fn memory_usage(&self) -> usize {
        let needles = self.needles.as_slice();
        let bytes = needles.iter().map(|it| it.bytes.capacity());
        let lists = [size_of_val(needles), self.literals.memory_usage()];
        bytes.chain(lists).sum()
    }
}

/// Whether a byte may be part of a literal that is searched for in raw
/// records: no writer of JSON or XML has a reason to escape it.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// Whether what follows `\u00` is a plain byte, or an ampersand that begins
/// a character reference.
fn escape_hides(after: &[u8]) -> bool {
    let digits = after.get(..2).and_then(|it| str::from_utf8(it).ok());
    match digits.and_then(|it| u8::from_str_radix(it, 16).ok()) {
        Some(b'&') => after.get(2) == Some(&b'#'),
        Some(byte) => is_plain(byte),
        // No escape: `\user`, after a backslash that is one.
        None => false,
    }
}

/// Whether XML in a record may be written in other than plain bytes.
fn may_hide(record: &[u8]) -> bool {
    let has = |bytes: &[u8]| memmem::find(record, bytes).is_some();
    has(b"&#") || has(b"!--") || has(b"![CDATA[")
}

/// Whether a character reference stands for a plain byte.
fn reference_hides(record: &[u8], at: usize) -> bool {
    let text = record.get(at..).and_then(|it| it.strip_prefix(b"&#"));
    let text = text.unwrap_or_default();
    let text = text.get(..text.len().min(16)).unwrap_or_default();
    let Some(end) = memchr::memchr(b';', text) else {
        return true;
    };
    let number = text.get(..end).and_then(|it| str::from_utf8(it).ok());
    let code = number.and_then(|it| match it.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => it.parse().ok(),
    });
    match code.map(u8::try_from) {
        Some(Ok(byte)) => is_plain(byte),
        Some(Err(_)) => false,
        None => true,
    }
}

/// Whether a value, or a component of a path, may begin after these bytes.
fn may_start(before: &[u8]) -> bool {
    match before {
        // After an escape, the letter of it stands before: `\t`, `\u003e`.
        [.., b'\\', b'b' | b'f' | b'n' | b'r' | b't'] => true,
        [.., byte] if is_plain(*byte) => after_hex_escape(before),
        _ => true,
    }
}

fn after_hex_escape(before: &[u8]) -> bool {
    let start = before.len().checked_sub(6);
    let escape = start.and_then(|start| before.get(start..));
    escape.is_some_and(|it| it.starts_with(b"\\u"))
}

/// Whether a value may end before these bytes.
fn may_end(after: &[u8]) -> bool {
    // The end of a string, of an element, or of a line of text in a string;
    // spelled out or escaped.
    after.first().is_none_or(|it| !is_plain(*it))
}

/// Part of a pattern that stands in raw bytes as it is.
#[derive(Clone, Debug)]
struct Fragment {
    bytes: Vec<u8>,
    /// Where it is found, a value or a component of a path begins.
    starts: bool,
    /// Where it is found, a value ends.
    ends: bool,
    /// In auditd records, the name of the field.
    label: Option<&'static str>,
}

impl Fragment {
    /// The part of a test's pattern to search for; `None` when there is
    /// none, or the test may pass without it.
    fn of(test: &Test, format: Format) -> Option<Fragment> {
        if format == Format::Auditd {
            Fragment::of_quoted(test)
        } else {
            Fragment::of_escaped(test)
        }
    }

    /// In an auditd line, where quoted values are as they are. A quote ends
    /// them, and what the kernel does not quote is in hex.
    fn of_quoted(test: &Test) -> Option<Fragment> {
        let label = record::audit_label(test.field)?;
        let pattern = test.pattern.as_ref();
        let quoted = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
        if !pattern.bytes().all(quoted) || pattern.len() < 2 {
            return None;
        }
        let bytes = match test.operation {
            Operation::Equals => format!("\"{pattern}\""),
            Operation::StartsWith => format!("\"{pattern}"),
            Operation::EndsWith => format!("{pattern}\""),
            Operation::Contains | Operation::Token => pattern.to_owned(),
            _ => return None,
        };
        let bytes = bytes.into_bytes();
        let (starts, ends) = (false, false);
        Some(Fragment { bytes, starts, ends, label: Some(label) })
    }

    /// In JSON and XML, the longest part that neither escapes.
    fn of_escaped(test: &Test) -> Option<Fragment> {
        let literal = match test.operation {
            Operation::Like => bytes::longest_literal(test.pattern.as_bytes()),
            // Cased ones too, which no search of a value settles.
            Operation::Equals | Operation::Name => {
                test.pattern.as_bytes().to_vec()
            }
            _ if is_searched(test) => test.pattern.as_bytes().to_vec(),
            _ => return None,
        };
        let runs = literal.split(|byte| !is_plain(*byte));
        let run = runs
            .filter(|run| run.len() > 1)
            .min_by_key(|run| (cost(run), Reverse(run.len())))?;
        let whole = run.len() == literal.len();
        let named =
            matches!(test.operation, Operation::Equals | Operation::Name);
        Some(Fragment {
            bytes: run.to_vec(),
            starts: whole && named,
            ends: whole && named,
            label: None,
        })
    }
}

/// How often bytes are found where they do not matter, roughly.
fn cost(bytes: &[u8]) -> usize {
    let is = |name: &str| bytes.eq_ignore_ascii_case(name.as_bytes());
    let known = COMMON.iter().find(|(name, _)| is(name));
    let by_length = match bytes.len() {
        0..=2 => 10_000,
        3 => 1000,
        4 => 100,
        5 => 20,
        6 => 5,
        7..=9 => 2,
        _ => 1,
    };
    known.map_or(by_length, |(_, cost)| *cost)
}

/// Names that are long, yet all over the logs of a healthy system.
const COMMON: [(&str, usize); 10] = [
    ("svchost.exe", 5000),
    ("services.exe", 2000),
    ("wmiprvse.exe", 500),
    ("powershell.exe", 300),
    ("cmd.exe", 1000),
    ("currentversion", 1000),
    ("configuration", 1000),
    ("microsoft", 5000),
    ("windows", 5000),
    ("mmc.exe", 100),
];

/// The cheapest fragments of which at least one stands in every record that
/// a predicate holds for.
fn required(predicate: &Predicate, format: Format) -> Option<Vec<Fragment>> {
    let required = |part: &Predicate| required(part, format);
    let cost = |fragments: &Vec<Fragment>| {
        fragments.iter().map(|it| cost(&it.bytes)).sum::<usize>()
    };
    match predicate {
        Predicate::Test(test) => Fragment::of(test, format).map(|it| vec![it]),
        Predicate::All(parts) => {
            parts.iter().filter_map(required).min_by_key(cost)
        }
        Predicate::Any(parts) => {
            let parts: Option<Vec<_>> = parts.iter().map(required).collect();
            Some(parts?.concat())
        }
        Predicate::None(_) => None,
    }
}
