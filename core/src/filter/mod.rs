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

# Why no match is lost

For a rule to match, its predicate must hold of an event of a kind that it
asks for. What that takes of the event's values is told by the rule: each test
says which bytes every passing value contains
([`Test::required`](crate::rule::Test)), and a test of a derived field says
what it takes of direct ones ([`guard`](crate::derive)). *All of* several
parts takes what any one of them takes, *any of* takes what one of each takes,
and *none of* takes nothing. What remains is that these bytes may be written
in another way in the record than they stand in the value. Therefore what
cannot be told is read:

- literals are made of bytes only that no writer of JSON or XML has a reason
  to escape, and a record in which such a byte is escaped all the same is read;
- a record is only passed over when it begins and ends as a whole line of its
  format does; anything else is read, and reported if it cannot be;
- every place in the record that may give an event's id is looked at, and one
  that does not look as usual makes the record be read;
- an auditd line in which a value that matters is not quoted is read: it may be
  in hex.

For example, a rule asks for new processes on Windows with

```text
all of
    Image|endswith: '\schtasks.exe'
    CommandLine|contains: ' /create '
```

Every value of Image that passes ends in `\schtasks.exe`. JSON writes the
backslash as two and XML as one, but `schtasks.exe` comes through both; of the
other test it is `create`, which is more common, so the rule takes
`schtasks.exe`. Now these records are judged:

| record | | |
|---|---|---|
| `{"EventID":1,"Image":"C:\\x\\SchTasks.exe"}` | read | the literal is there, in whatever case |
| `{"EventID":1,"Image":"C:\\x\\cmd.exe"}` | passed over | it is not, and nothing can stand for it |
| `{"EventID":1,"Image":"\u0073chtasks.exe"}` | read | `\u0073` is a plain byte, escaped |
| `{"EventID":11,"TargetFilename":"schtasks.exe"}` | passed over | 11 is no new process |
| `{"EventID":"0x1","Image":"schtasks.exe"}` | read | that id is unusual |
| `{"EventID":1,"Image":"cmd.exe"` | read | it does not end as a record does |

Classic text is not filtered: its reader looks at little more than the filter
would.

# Records that are judged together

An event may take several records: the lines of one auditd serial, the parts
of a script block. They are judged together, and read if any of them would be:
each holds values as they are, so a literal stands in one of them. A literal
that only arises when parts are joined (a working directory and a relative
name) is none that a rule may require, which the derivation that joins them
must say by its guard.
*/

mod escapes;
mod fragment;
mod gate;
mod ids;

use memchr::memmem;
use t1053_literals::{Literal, Literals};

use self::escapes::reference_hides;
use self::gate::Gate;
use self::ids::{Ids, telling_marks};
use crate::event::EventKinds;
use crate::record::{self, Format};
use crate::rule::Rule;

/// Filters for the formats that have one. Immutable; shared by scanners.
#[derive(Debug)]
pub(crate) struct Filter {
    json: Gate,
    xml: Gate,
    auditd: Gate,
    ids: Ids,
    /// What tells the shape of a JSON record.
    marks: Literals,
    /// Kinds that rules ask for.
    wanted: EventKinds,
    /// Begins an auditd record's time and serial.
    head: memmem::Finder<'static>,
    /// Begins a character reference.
    reference: memmem::Finder<'static>,
}

/// What the filter says of the records of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// They may match something, or it cannot be told.
    Read,
    /// They hold nothing that a rule asks for.
    NoLiteral,
    /// Neither that, nor a mark of any shape that is read.
    NoMark,
}

impl Judgement {
    /// Whether the records need not be read.
    pub(crate) fn is_passed_over(self) -> bool {
        self != Judgement::Read
    }

    /// What holds of two records that are judged together.
    fn and(self, other: Judgement) -> Judgement {
        match (self, other) {
            (Judgement::Read, _) | (_, Judgement::Read) => Judgement::Read,
            (Judgement::NoMark, Judgement::NoMark) => Judgement::NoMark,
            _ => Judgement::NoLiteral,
        }
    }
}

impl Filter {
    /// Derives the filters from the rules that are to run.
    pub(crate) fn new(rules: &[Rule], wanted: EventKinds) -> Filter {
        Filter {
            json: Gate::new(rules, Format::Json),
            xml: Gate::new(rules, Format::Xml),
            auditd: Gate::new(rules, Format::Auditd),
            ids: Ids::new(),
            marks: Literals::new(
                MARKS.into_iter().map(Literal::new).chain(telling_marks()),
            ),
            wanted,
            head: memmem::Finder::new("audit("),
            reference: memmem::Finder::new("&#"),
        }
    }

    /// Whether the records of an event can match nothing, whatever their
    /// reader would make of them. `format` is what the caller knows of them.
    ///
    /// Only where `tells_shape` is set, those of no known shape are told
    /// from those without a literal. That takes a second search, which made
    /// scanning JSON a third slower: it is for one record in many.
    pub(crate) fn judge(
        &self,
        records: &[&[u8]],
        format: Format,
        tells_shape: bool,
    ) -> Judgement {
        let each = records.iter().map(|record| {
            let judgement = self.of_one(record, format);
            let is_unknown = tells_shape
                && judgement == Judgement::NoLiteral
                && record.trim_ascii_start().starts_with(b"{")
                && self.marks.find(record).is_none();
            if is_unknown { Judgement::NoMark } else { judgement }
        });
        each.reduce(Judgement::and).unwrap_or(Judgement::Read)
    }

    fn of_one(&self, record: &[u8], format: Format) -> Judgement {
        // A line as its format's writers end it; a comma may stand between
        // the elements of an array.
        let record = record.trim_ascii_end();
        let record = record.strip_suffix(b",").unwrap_or(record);
        let is = |asked| matches!(format, Format::Auto) || format == asked;
        let no_literal = |is_so| match is_so {
            true => Judgement::NoLiteral,
            false => Judgement::Read,
        };
        match (record.first(), record.last()) {
            (Some(b'{'), Some(b'}')) if is(Format::Json) => {
                let kinds = self.json.kinds(record);
                no_literal(
                    kinds == EventKinds::NONE
                        || self.ids.rule_out(record, kinds, Format::Json),
                )
            }
            (Some(b'<'), Some(b'>'))
                if is(Format::Xml)
                    && record.starts_with(b"<Event")
                    && record.ends_with(b"</Event>") =>
            {
                let kinds = self.xml.kinds(record);
                let is_ruled_out = kinds == EventKinds::NONE
                    || self.ids.rule_out(record, kinds, Format::Xml);
                no_literal(is_ruled_out && !self.has_hidden_bytes(record))
            }
            (Some(b't'), _) if is(Format::Auditd) => {
                no_literal(match record::audit_kind(record) {
                    None => false,
                    Some(Some(kind)) if self.wanted.contains(kind) => {
                        let kinds = self.auditd.kinds(record);
                        kinds != EventKinds::ALL && !kinds.contains(kind)
                    }
                    // Nothing is wanted of it, if it is the only record on
                    // its line.
                    _ => self.head.find_iter(record).nth(1).is_none(),
                })
            }
            _ => Judgement::Read,
        }
    }

    /// Whether a character reference stands for a byte of literals.
    fn has_hidden_bytes(&self, record: &[u8]) -> bool {
        let mut references = self.reference.find_iter(record);
        references.any(|at| reference_hides(record, at))
    }

    pub(crate) fn memory_usage(&self) -> usize {
        let gates = [&self.json, &self.xml, &self.auditd];
        let gates = gates.into_iter().map(Gate::memory_usage);
        let searches = [self.ids.memory_usage(), self.marks.memory_usage()];
        gates.chain(searches).sum()
    }
}

/// Texts of which at least one stands in every JSON record of a shape whose
/// own marks ([`record::telling_marks`]) are not in it: members that give an
/// event's id, auditd's records in JSON, and Azure's operations.
const MARKS: [&str; 14] = [
    "eventid",
    "event_id",
    "eventcode",
    "event_code",
    "\"code",
    "record_type",
    "recordtype",
    "\"id\"",
    "audit",
    "operationname",
    "eventdataid",
    "event_identifier",
    "signature_id",
    "\"messages",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{EventKind, Field, Platform};
    use crate::rule::{
        Detection, Logic, Operation, Predicate, Selection, Test,
    };

    /// The filter of the rule in the example above.
    fn filter() -> Filter {
        let test = |field, operation, pattern: &'static str| {
            Predicate::Test(Test::new(field, operation, pattern.into()))
        };
        let predicate = Predicate::All(
            vec![
                test(Field::Image, Operation::EndsWith, r"\schtasks.exe"),
                test(Field::CommandLine, Operation::Contains, " /create "),
            ]
            .into(),
        );
        let kinds = vec![EventKind::ProcessCreation].into();
        let rule = Rule {
            detection: Detection::new("r", "R", Platform::Windows),
            logic: Logic::Single(Selection { kinds, predicate }),
        };
        let kinds = EventKinds::NONE.with(EventKind::ProcessCreation);
        Filter::new(&[rule], kinds)
    }

    #[test]
    fn records_of_the_example_are_judged_as_it_says() {
        let filter = filter();
        for (record, expected) in [
            (
                r#"{"EventID":1,"Image":"C:\\x\\SchTasks.exe"}"#,
                Judgement::Read,
            ),
            (
                r#"{"EventID":1,"Image":"C:\\x\\cmd.exe"}"#,
                Judgement::NoLiteral,
            ),
            (r#"{"EventID":1,"Image":"\u0073chtasks.exe"}"#, Judgement::Read),
            (
                r#"{"EventID":11,"TargetFilename":"schtasks.exe"}"#,
                Judgement::NoLiteral,
            ),
            (r#"{"EventID":"0x1","Image":"schtasks.exe"}"#, Judgement::Read),
            (r#"{"EventID":1,"Image":"cmd.exe""#, Judgement::Read),
            (r#"{"shape":"of nobody's"}"#, Judgement::NoMark),
            (r#"{"shape":"of nobody's","a":"schtasks.exe"}"#, Judgement::Read),
            ("<Event><EventID>1</EventID></Event>", Judgement::NoLiteral),
            ("not a record", Judgement::Read),
            ("", Judgement::Read),
        ] {
            let records = [record.as_bytes()];
            let judged = filter.judge(&records, Format::Auto, true);
            assert_eq!(judged, expected, "{record}");
            let judged = filter.judge(&records, Format::Auto, false);
            assert_eq!(judged.is_passed_over(), expected.is_passed_over());
        }
    }

    #[test]
    fn ids_say_nothing_of_events_without_them() {
        let filter = filter();
        for (record, expected) in [
            // An id, and another event beside it that has none.
            (
                r#"{"records":[{"winlog":{"event_id":3}},{"event":{"category":"process"},"x":"schtasks.exe"}]}"#,
                Judgement::Read,
            ),
            (
                r#"{"ActionType":"","EventId":3,"x":"schtasks.exe"}"#,
                Judgement::Read,
            ),
            // Names are told by their case.
            (
                r#"{"Category":"","EventId":3,"x":"schtasks.exe"}"#,
                Judgement::NoLiteral,
            ),
        ] {
            let records = [record.as_bytes()];
            let judged = filter.judge(&records, Format::Auto, true);
            assert_eq!(judged, expected, "{record}");
        }
    }

    #[test]
    fn records_of_one_event_are_read_if_one_of_them_is() {
        let filter = filter();
        let [read, no_literal, no_mark] = [
            r#"{"EventID":1,"Image":"schtasks.exe"}"#,
            r#"{"EventID":1}"#,
            r#"{"shape":1}"#,
        ]
        .map(str::as_bytes);
        for (records, expected) in [
            (&[no_literal, read, no_literal][..], Judgement::Read),
            (&[no_mark, no_literal], Judgement::NoLiteral),
            (&[no_mark, no_mark], Judgement::NoMark),
            (&[no_mark, read], Judgement::Read),
            (&[], Judgement::Read),
        ] {
            let judged = filter.judge(records, Format::Auto, true);
            assert_eq!(judged, expected);
        }
    }
}
