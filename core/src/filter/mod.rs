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

mod by_id;
mod escapes;
mod fragment;
mod gate;
mod ids;
mod pace;

use memchr::memmem;

use self::by_id::ById;
use self::escapes::reference_hides;
use self::fragment::Known;
use self::gate::{Asked, Gate};
use self::ids::Ids;
pub(crate) use self::pace::Pace;
use crate::derive::Canonical;
use crate::event::{EventKind, EventKinds};
use crate::record::{self, Format};
use crate::rule::Rule;

/// Filters for the formats that have one. Immutable; shared by scanners.
#[derive(Debug)]
pub(crate) struct Filter {
    json: Windows,
    xml: Windows,
    auditd: Gate,
    ids: Ids,
    /// Kinds that rules ask for.
    wanted: EventKinds,
    /// Begins an auditd record's time and serial.
    head: memmem::Finder<'static>,
    /// Begins a character reference.
    reference: memmem::Finder<'static>,
}

impl Filter {
    /// Derives the filters from the rules that are to run.
    pub(crate) fn new(
        rules: &[Rule],
        wanted: EventKinds,
        canonical: Canonical,
    ) -> Filter {
        let asked = gate::asked(rules, canonical);
        Filter {
            json: Windows::new(&asked, Format::Json),
            xml: Windows::new(&asked, Format::Xml),
            auditd: Gate::new(&asked, Format::Auditd, Known::Nothing),
            ids: Ids::new(),
            wanted,
            head: memmem::Finder::new("audit("),
            reference: memmem::Finder::new("&#"),
        }
    }

    /// Whether the records of an event can match nothing, whatever their
    /// reader would make of them. `format` is what the caller knows of them,
    /// and `is_told` whether it tells the reader their log source.
    pub(crate) fn rules_out(
        &self,
        records: &[&[u8]],
        format: Format,
        is_told: bool,
    ) -> bool {
        let mut all = records.iter();
        !records.is_empty()
            && all.all(|record| self.rules_out_one(record, format, is_told))
    }

    fn rules_out_one(
        &self,
        record: &[u8],
        format: Format,
        is_told: bool,
    ) -> bool {
        // A line as its format's writers end it; a comma may stand between
        // the elements of an array.
        let record = record.trim_ascii_end();
        let record = record.strip_suffix(b",").unwrap_or(record);
        let is = |asked| matches!(format, Format::Auto) || format == asked;
        match (record.first(), record.last()) {
            (Some(b'{'), Some(b'}')) if is(Format::Json) => {
                self.json.rules_out(record, &self.ids, is_told)
            }
            (Some(b'<'), Some(b'>'))
                if is(Format::Xml)
                    && record.starts_with(b"<Event")
                    && record.ends_with(b"</Event>") =>
            {
                self.xml.rules_out(record, &self.ids, is_told)
                    && !self.has_hidden_bytes(record)
            }
            (Some(b't'), _) if is(Format::Auditd) => {
                match record::audit_kind(record) {
                    None => false,
                    Some(Some(kind)) if self.wanted.contains(kind) => {
                        let may_be = |kinds: EventKinds| kinds.contains(kind);
                        !self.auditd.may_match(record, may_be)
                    }
                    // Whatever its type, it may be a generic event.
                    Some(None) if self.wanted.contains(EventKind::Generic) => {
                        false
                    }
                    // Nothing is wanted of it, if it is the only record on
                    // its line.
                    _ => self.head.find_iter(record).nth(1).is_none(),
                }
            }
            _ => false,
        }
    }

    /// Whether a character reference stands for a byte of literals.
    fn has_hidden_bytes(&self, record: &[u8]) -> bool {
        let mut references = self.reference.find_iter(record);
        references.any(|at| reference_hides(record, at))
    }

    pub(crate) fn memory_usage(&self) -> usize {
        let windows = [&self.json, &self.xml];
        let windows = windows.into_iter().map(Windows::memory_usage);
        let auditd = self.auditd.memory_usage();
        windows.chain([auditd, self.ids.memory_usage()]).sum()
    }
}

/// The searches over records of JSON or XML.
#[derive(Debug)]
struct Windows {
    format: Format,
    /// For all literals.
    whole: Gate,
    /// By the ids of records, where that is faster.
    by_id: Option<ById>,
}

impl Windows {
    fn new(asked: &[Asked<'_>], format: Format) -> Windows {
        let whole = Gate::new(asked, format, Known::Nothing);
        let by_id = ById::new(asked, &whole, format);
        Windows { format, whole, by_id }
    }

    fn rules_out(&self, record: &[u8], ids: &Ids, is_told: bool) -> bool {
        let by_id = self.by_id.as_ref().filter(|_| !is_told);
        let by_id = by_id.map(|by_id| by_id.may_match(record));
        let may_match = match by_id {
            Some(Some(may_match)) => may_match,
            // The ids tell nothing.
            Some(None) => {
                self.whole.may_match(record, |kinds| kinds != EventKinds::NONE)
            }
            // They are looked for only where somebody asks.
            None => {
                let mut ids = ids.of(record, self.format);
                self.whole.may_match(record, |kinds| ids.may_be(kinds))
            }
        };
        !may_match
    }

    fn memory_usage(&self) -> usize {
        let by_id = self.by_id.as_ref().map_or(0, ById::memory_usage);
        self.whole.memory_usage().saturating_add(by_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Field, Platform};
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
        Filter::new(&[rule], kinds, Canonical::Full)
    }

    #[test]
    fn records_of_the_example_are_judged_as_it_says() {
        let filter = filter();
        for (record, expected) in [
            (r#"{"EventID":1,"Image":"C:\\x\\SchTasks.exe"}"#, false),
            (r#"{"EventID":1,"Image":"C:\\x\\cmd.exe"}"#, true),
            (r#"{"EventID":1,"Image":"\u0073chtasks.exe"}"#, false),
            (r#"{"EventID":11,"TargetFilename":"schtasks.exe"}"#, true),
            (r#"{"EventID":"0x1","Image":"schtasks.exe"}"#, false),
            (r#"{"EventID":1,"Image":"cmd.exe""#, false),
            (r#"{"shape":"of nobody's"}"#, true),
            (r#"{"shape":"of nobody's","a":"schtasks.exe"}"#, false),
            ("<Event><EventID>1</EventID></Event>", true),
            ("not a record", false),
            ("", false),
        ] {
            let records = [record.as_bytes()];
            let is_out = filter.rules_out(&records, Format::Auto, false);
            assert_eq!(is_out, expected, "{record}");
        }
    }

    /// Else the default detector reads all JSON whose records have no ids.
    #[test]
    fn records_of_no_known_shape_are_passed_over_whatever_is_built_in() {
        let rules = crate::catalog::builtin();
        for canonical in [Canonical::Off, Canonical::Argv, Canonical::Full] {
            let filter = Filter::new(rules, EventKinds::ALL, canonical);
            for record in [
                r#"{"a":"b"}"#,
                r#"{"time":"2026-11-25T10:00:00Z","remote_addr":"192.0.2.7","request":"GET /a.js HTTP/1.1","status":200}"#,
                "<Event><System><EventID>4624</EventID></System></Event>",
            ] {
                let records = [record.as_bytes()];
                let is_out = filter.rules_out(&records, Format::Auto, false);
                assert!(is_out, "{canonical:?}: {record}");
            }
        }
    }

    #[test]
    fn ids_say_nothing_of_events_without_them() {
        // One search for all literals, and searches by id.
        let builtin = crate::catalog::builtin();
        let builtin = Filter::new(builtin, EventKinds::ALL, Canonical::Full);
        assert!(builtin.json.by_id.is_some());
        let filters = [filter(), builtin];
        for (record, expected) in [
            // An id, and another event beside it that has none.
            (
                r#"{"records":[{"winlog":{"event_id":3}},{"event":{"category":"process"},"x":"schtasks.exe"}]}"#,
                false,
            ),
            (r#"{"ActionType":"","EventId":3,"x":"schtasks.exe"}"#, false),
            // More ids than are remembered, and one that is written unusually.
            (
                r#"[{"EventID":3},{"EventID":4},{"EventID":5},{"EventID":6},{"EventID":1,"x":"schtasks.exe"}]"#,
                false,
            ),
            (r#"{"EventID":3,"EventID":" 1","x":"schtasks.exe"}"#, false),
            (r#"{"EventID":3,"EventCode":1,"x":"schtasks.exe"}"#, false),
            (r#"{"EventID":3,"EventCode":4,"x":"schtasks.exe"}"#, true),
            (r#"{"a":3,"x":"schtasks.exe"}"#, false),
            // Names are told by their case.
            (r#"{"Category":"","EventId":3,"x":"schtasks.exe"}"#, true),
        ] {
            for filter in &filters {
                let records = [record.as_bytes()];
                let is_out = filter.rules_out(&records, Format::Auto, false);
                assert_eq!(is_out, expected, "{record}");
            }
        }
    }

    /// Of `/at/`, what stands between the slashes is looked for, and they or
    /// what writes them have to stand beside it.
    #[test]
    fn part_of_a_pattern_stands_apart_as_in_the_pattern() {
        let contains = |pattern: &'static str| {
            let operation = Operation::Contains;
            let test = Test::new(Field::Image, operation, pattern.into());
            let kinds = vec![EventKind::ProcessCreation].into();
            let predicate = Predicate::Test(test);
            let rule = Rule {
                detection: Detection::new("r", "R", Platform::Windows),
                logic: Logic::Single(Selection { kinds, predicate }),
            };
            let kinds = EventKinds::NONE.with(EventKind::ProcessCreation);
            Filter::new(&[rule], kinds, Canonical::Full)
        };
        for (pattern, value, expected) in [
            ("/at/", r"/x/at/y", false),
            ("/at/", r"\/x\/AT\/y", false),
            ("/at/", r"/at/y", false),
            ("/at/", r"x/status/y", true),
            ("/at/", r"x/atd/y", true),
            ("/atd", r"x/atdy", false),
            ("/atd", r"xatdy", true),
            ("atd/", r"xatd/", false),
            ("atd/", r"atdx/", true),
            (
                "<atd\n", r"<atd
", false,
            ),
            ("atd", "xatdx", false),
        ] {
            let record = format!(r#"{{"EventID":1,"Image":"{value}"}}"#);
            let filter = contains(pattern);
            let records = [record.as_bytes()];
            let is_out = filter.rules_out(&records, Format::Auto, false);
            assert_eq!(is_out, expected, "{pattern} {record}");
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
            (&[no_literal, read, no_literal][..], false),
            (&[no_mark, no_literal], true),
            (&[no_mark, no_mark], true),
            (&[no_mark, read], false),
            (&[], false),
        ] {
            assert_eq!(
                filter.rules_out(records, Format::Auto, false),
                expected
            );
        }
    }

    /// Each of these is read, however its platform is told; in a record of
    /// Windows the category tells nothing.
    #[test]
    fn category_tells_events_of_linux_only() {
        let test = |field, operation, pattern: &'static str| {
            Predicate::Test(Test::new(field, operation, pattern.into()))
        };
        let kinds = vec![EventKind::ProcessCreation].into();
        let predicate = test(Field::Image, Operation::EndsWith, "crontab");
        let rule = Rule {
            detection: Detection::new("r", "R", Platform::Linux),
            logic: Logic::Single(Selection { kinds, predicate }),
        };
        let kinds = EventKinds::NONE.with(EventKind::ProcessCreation);
        let filter = Filter::new(&[rule], kinds, Canonical::Full);
        let is_out = |record: &str| {
            filter.rules_out(&[record.as_bytes()], Format::Auto, false)
        };
        let read = |record: &str| {
            let mut read = 0;
            let mut reader = record::Reader::new();
            let found =
                reader.read(Format::Auto, record.as_bytes(), |_, event| {
                    read += u32::from(event.platform == Platform::Linux)
                });
            assert!(found.is_ok(), "{record}");
            read > 0
        };
        let head = r#""event":{"category":["process"],"action":"exec"},"ecs":{"version":"8"}"#;
        let image = r#""process":{"executable":"/usr/bin/crontab"}"#;
        let bare = r#""process":{"executable":"crontab"}"#;
        let inside = |record: &str| {
            let text = record.replace('\\', r"\\").replace('"', r#"\""#);
            format!(r#"{{"message":"{text}"}}"#)
        };
        for rest in [
            image.to_owned(),
            image.replace(":\"/", ": \"/"),
            image.replace(":\"/", ":\t\"/"),
            image.replace("\"/usr/bin/crontab\"", "[\"/usr/bin/crontab\"]"),
            image.replace('/', r"\/"),
            format!(r#"{bare},"host":{{"os":{{"type":"Linux"}}}}"#),
            format!(r#"{bare},"host":{{"os":{{"type":200}}}}"#),
            format!(r#"{bare},"host":{{"os":{{"type": 200}}}}"#),
            format!(r#"{bare},"host.os.type":"200""#),
        ] {
            let record = format!("{{{head},{rest}}}");
            let twice = inside(&inside(&record));
            for record in [&record, &inside(&record), &twice] {
                assert!(read(record), "{record}");
                assert!(!is_out(record), "{record}");
            }
        }
        for rest in [
            bare.to_owned(),
            format!(r#"{bare},"host":{{"os":{{"type":"windows"}}}}"#),
            image.replace("/usr/bin/", r"C:\\"),
        ] {
            let record = format!("{{{head},{rest}}}");
            assert!(!read(&record) && is_out(&record), "{record}");
        }
    }
}
