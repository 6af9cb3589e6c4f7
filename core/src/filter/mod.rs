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

# Records that make an event together

The records of one audit event are joined to events of other kinds, which rules
about processes and files match. By itself each of them is judged as any other
record; one that can match nothing alone is held until the others are there.
What they make is not filtered: of a failed call, or one that did nothing to a
file, that is told by SYSCALL, and of the others the few values of the event are
looked at where they stand, which takes no longer than a search of all its
records.

A script of PowerShell that is logged in several parts is joined, too. A record
of its event that tells plainly that it is the only part is judged as any
other, and all others are read.
*/

mod by_id;
mod escapes;
mod fragment;
mod gate;
mod ids;
mod pace;
mod parts;

use memchr::memmem;

use self::by_id::ById;
use self::escapes::reference_hides;
use self::fragment::Known;
use self::gate::{Asked, Gate, Needs};
use self::ids::Ids;
pub(crate) use self::pace::Pace;
use crate::derive::Canonical;
use crate::event::{EventKind, EventKinds};
use crate::record::{self, Format, JOINED_KINDS, Opening};
use crate::rule::Rule;
use crate::search::TakeSearch;

/// Filters for the formats that have one. Immutable; shared by scanners.
#[derive(Debug)]
pub(crate) struct Filter {
    json: Windows,
    xml: Windows,
    auditd: Gate,
    /// Whether audit records are joined.
    joins: bool,
    ids: Ids,
    /// Kinds that rules ask for.
    wanted: EventKinds,
    /// Begins an auditd record's time and serial.
    head: memmem::Finder<'static>,
    /// Begins a character reference.
    reference: memmem::Finder<'static>,
}

/// What is to be done with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handling {
    /// Nothing in it can match, whatever other records hold.
    PassOver,
    /// It is to be read.
    Read,
    /// Nothing in it can match alone, but it is an auditd line that may be of
    /// use once the others of its event are there.
    Hold(EventKind),
}

impl Filter {
    /// Derives the filters from the rules that are to run, and for the kinds of
    /// event that records are joined to.
    pub(crate) fn new(
        rules: &[Rule],
        wanted: EventKinds,
        canonical: Canonical,
        joined: EventKinds,
    ) -> Filter {
        let asked = gate::asked(rules, canonical);
        Filter {
            json: Windows::new(&asked, Format::Json, joined),
            xml: Windows::new(&asked, Format::Xml, joined),
            auditd: whole(&asked, Format::Auditd, joined),
            joins: joined.intersects(JOINED_KINDS),
            ids: Ids::new(),
            wanted,
            head: memmem::Finder::new("audit("),
            reference: memmem::Finder::new("&#"),
        }
    }

    /// What is to be done with a record, whatever its reader would make of it.
    /// `opening` is what it opens with, and `is_told` whether the caller tells
    /// the reader its log source.
    pub(crate) fn judge(
        &self,
        record: &[u8],
        opening: Opening,
        is_told: bool,
    ) -> Handling {
        // A line as its format's writers end it; a comma may stand between
        // the elements of an array.
        let record = record.trim_ascii_end();
        let record = record.strip_suffix(b",").unwrap_or(record);
        let is_out = match opening {
            // What is indented is part of a list, and what ends the list may
            // stand behind it.
            Opening::Object
                if record.starts_with(b"{") && record.ends_with(b"}") =>
            {
                self.json.rules_out(record, &self.ids, is_told)
            }
            Opening::Element
                if record.starts_with(b"<Event")
                    && record.ends_with(b"</Event>") =>
            {
                self.xml.rules_out(record, &self.ids, is_told)
                    && !self.has_hidden_bytes(record)
            }
            Opening::Type | Opening::Named(Format::Auditd) => {
                return self.judge_audit(record);
            }
            _ => false,
        };
        if is_out { Handling::PassOver } else { Handling::Read }
    }

    fn judge_audit(&self, record: &[u8]) -> Handling {
        let Some(kind) = record::audit_kind(record) else {
            return Handling::Read;
        };
        let is_out = match kind {
            Some(kind) if self.wanted.contains(kind) => {
                let may_be = |kinds: EventKinds| kinds.contains(kind);
                !self.auditd.may_match(record, may_be)
            }
            // Whatever its type, it may be a generic event.
            None if self.wanted.contains(EventKind::Generic) => false,
            // Nothing is wanted of it, if it is the only record on its line.
            _ => self.head.find_iter(record).nth(1).is_none(),
        };
        match kind {
            _ if !is_out => Handling::Read,
            // Only reading tells whether arguments in hex, or in pieces, are
            // all there.
            Some(EventKind::AuditExecve)
                if self.joins && !record::has_all_arguments(record) =>
            {
                Handling::Read
            }
            Some(kind) if self.joins => Handling::Hold(kind),
            _ => Handling::PassOver,
        }
    }

    /// Whether a character reference stands for a byte of literals.
    fn has_hidden_bytes(&self, record: &[u8]) -> bool {
        let mut references = self.reference.find_iter(record);
        references.any(|at| reference_hides(record, at))
    }

    /// Hands over the literals of each search.
    pub(crate) fn each_search(&self, take: TakeSearch<'_>) {
        for Windows { whole, by_id, .. } in [&self.json, &self.xml] {
            let by_id = by_id.iter().flat_map(ById::all_gates);
            by_id.chain([whole]).for_each(|gate| gate.each_search(take));
        }
        self.auditd.each_search(take);
        self.ids.each_search(take);
    }

    pub(crate) fn memory_usage(&self) -> usize {
        let windows = [&self.json, &self.xml];
        let windows = windows.into_iter().map(Windows::memory_usage);
        let auditd = self.auditd.memory_usage();
        windows.chain([auditd, self.ids.memory_usage()]).sum()
    }
}

/// The search for all that is asked, over records of which nothing is known.
fn whole(asked: &[Asked<'_>], format: Format, joined: EventKinds) -> Gate {
    let needs = Needs::new(asked, format, Known::Nothing);
    Gate::new(&needs, 0..asked.len(), joined)
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
    fn new(
        asked: &[Asked<'_>],
        format: Format,
        joined: EventKinds,
    ) -> Windows {
        let whole = whole(asked, format, joined);
        let by_id = ById::new(asked, &whole, format, joined);
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

    /// What is to be done with a record of which nothing is known.
    fn judged(filter: &Filter, record: &[u8]) -> Handling {
        filter.judge(record, Opening::of(Format::Auto, record), false)
    }

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
        Filter::new(&[rule], kinds, Canonical::Full, EventKinds::NONE)
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
            let handling = judged(&filter, record.as_bytes());
            assert_eq!(handling == Handling::PassOver, expected, "{record}");
        }
    }

    /// Else the default detector reads all JSON whose records have no ids.
    #[test]
    fn records_of_no_known_shape_are_passed_over_whatever_is_built_in() {
        let rules = crate::catalog::builtin();
        for canonical in [Canonical::Off, Canonical::Argv, Canonical::Full] {
            let filter = Filter::new(
                rules,
                EventKinds::ALL,
                canonical,
                EventKinds::NONE,
            );
            for record in [
                r#"{"a":"b"}"#,
                r#"{"time":"2026-11-25T10:00:00Z","remote_addr":"192.0.2.7","request":"GET /a.js HTTP/1.1","status":200}"#,
                "<Event><System><EventID>4624</EventID></System></Event>",
            ] {
                let handling = judged(&filter, record.as_bytes());
                let is_out = handling == Handling::PassOver;
                assert!(is_out, "{canonical:?}: {record}");
            }
        }
    }

    #[test]
    fn ids_say_nothing_of_events_without_them() {
        // One search for all literals, and searches by id.
        let builtin = crate::catalog::builtin();
        let (kinds, canonical) = (EventKinds::ALL, Canonical::Full);
        let builtin = Filter::new(builtin, kinds, canonical, EventKinds::NONE);
        assert!(builtin.json.by_id.is_some());
        let filters = [filter(), builtin];
        for (record, expected) in [
            // An id, and another event beside it that has none.
            (
                r#"{"records":[{"winlog":{"event_id":3}},{"event":{"category":"process"},"x":"schtasks.exe"}]}"#,
                false,
            ),
            (r#"{"ActionType":"","EventId":3,"x":"schtasks.exe"}"#, false),
            // Windows' logs have this, too, with other values.
            (
                r#"{"category":["file","process"],"EventId":3,"x":"schtasks.exe"}"#,
                false,
            ),
            (r#"{"category":["iam"],"EventId":3,"x":"schtasks.exe"}"#, true),
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
                let handling = judged(filter, record.as_bytes());
                let is_out = handling == Handling::PassOver;
                assert_eq!(is_out, expected, "{record}");
            }
        }
    }

    /// In the event, blanks join them.
    #[test]
    fn arguments_in_a_list_are_read_as_those_in_a_line() {
        let builtin = crate::catalog::builtin();
        let filter = Filter::new(
            builtin,
            EventKinds::ALL,
            Canonical::Full,
            EventKinds::ALL,
        );
        let is_out = |record: &str| {
            let record = record.as_bytes();
            judged(&filter, record) == Handling::PassOver
        };
        let ecs = r#""event":{"category":["process"],"action":"exec"},"ecs":{"version":"8"}"#;
        let ecs = |system: &str, image: &str, arguments: &str| {
            format!(
                r#"{{{ecs},"host":{{"os":{{"type":"{system}"}}}},"process":{{"executable":"{image}","args":[{arguments}]}}}}"#
            )
        };
        let tracee = |arguments: &str| {
            format!(
                r#"{{"eventName":"sched_process_exec","hostName":"h","args":[{{"name":"pathname","value":"/usr/bin/env"}},{{"name":"argv","value":[{arguments}]}}]}}"#
            )
        };
        let shell = r#""env","sh","-c","c''rontab /tmp/x""#;
        for record in [
            ecs("linux", "/usr/bin/env", shell),
            ecs("linux", "/bin/bash", r#""bash", "-c", "c''rontab x""#),
            ecs("linux", "/usr/bin/sudo", r#""sudo","at","now""#),
            ecs("macos", "/usr/bin/env", shell),
            ecs("windows", r"C:\\a.exe", r#""a.exe","/delete","/tn","b""#),
            ecs("windows", r"C:\\a.exe", r#""a.exe","/run", "/tn","b""#),
            tracee(shell),
        ] {
            assert!(!is_out(&record), "{record}");
        }
        let quiet = ecs("linux", "/bin/ls", r#""ls","-l","/tmp""#);
        assert!(is_out(&quiet), "{quiet}");
    }

    /// A task of which only the action is told, a kind of event of the registry
    /// in an agent's words, and a line of cron's.
    #[test]
    fn nothing_is_looked_for_that_a_reader_makes() {
        use EventKind::{JobRecord, RegistryEvent, TaskRegistered};
        use Field::{Activity, EventType, Scheduler, TaskContent};
        use Platform::{Linux, Windows};
        let task = r#"{"event_simpleName":"ScheduledTaskRegistered","event_platform":"Win","aid":"a","TaskName":"t","TaskExecCommand":"C:\\p.exe"}"#;
        let value = r#"{"event":{"category":["registry"],"action":"modification"},"ecs":{"version":"8"},"host":{"os":{"type":"windows"}},"registry":{"path":"HKLM\\x\\v"}}"#;
        let cron = r#"{"SYSLOG_IDENTIFIER":"crontab","MESSAGE":"(al) REPLACE (al)","_HOSTNAME":"h"}"#;
        for (platform, kind, field, pattern, record) in [
            (Windows, TaskRegistered, TaskContent, "<Command>", task),
            (Windows, RegistryEvent, EventType, "SetValue", value),
            (Linux, JobRecord, Activity, "update", cron),
            (Linux, JobRecord, Scheduler, "cron", cron),
        ] {
            let test = Test::new(field, Operation::Contains, pattern.into());
            let predicate = Predicate::Test(test);
            let kinds = vec![kind].into();
            let rule = Rule {
                detection: Detection::new("r", "R", platform),
                logic: Logic::Single(Selection { kinds, predicate }),
            };
            let detector = crate::Detector::builder().without_builtin();
            let detector = detector.rule(rule).build().unwrap();
            let mut matched = 0;
            let _ = record::Reader::new().read(
                Format::Auto,
                record.as_bytes(),
                |_, event| {
                    let mut scratch = crate::Scratch::new(&detector);
                    let found = detector.evaluate(event, &mut scratch);
                    matched += found.count();
                },
            );
            assert_eq!(matched, 1, "{record}");
            let filter = detector.filter(false);
            let handling = judged(&filter, record.as_bytes());
            assert_eq!(handling, Handling::Read, "{field:?} {record}");
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
            Filter::new(&[rule], kinds, Canonical::Full, EventKinds::NONE)
        };
        for (pattern, value, expected) in [
            ("/at/", "/x/at/y", false),
            ("/at/", "\\/x\\/AT\\/y", false),
            ("/at/", "\\u002fat\\u002fy", false),
            ("/at/", "x/status/y", true),
            ("/at/", "x/atd/y", true),
            ("/atd", "x/atdy", false),
            ("/atd", "xatdy", true),
            ("atd/", "xatd/", false),
            ("atd/", "atdx/", true),
            ("<atd\n", "\\u003catd\\n", false),
            ("<atd\n", "\\nlatd\\n", true),
            ("\natd", "\\natd", false),
            ("atd", "xatdx", false),
        ] {
            let record = format!(r#"{{"EventID":1,"Image":"{value}"}}"#);
            let filter = contains(pattern);
            let handling = judged(&filter, record.as_bytes());
            let is_out = handling == Handling::PassOver;
            assert_eq!(is_out, expected, "{pattern} {record}");
        }
    }

    /// What becomes of an auditd line, for a rule about processes and one about
    /// paths that audit records name.
    #[test]
    fn audit_records_are_held_where_they_are_joined() {
        let rule = |kind, field, pattern: &'static str| {
            let test = Test::new(field, Operation::EndsWith, pattern.into());
            let predicate = Predicate::Test(test);
            let kinds = vec![kind].into();
            Rule {
                detection: Detection::new("r", "R", Platform::Linux),
                logic: Logic::Single(Selection { kinds, predicate }),
            }
        };
        let kinds = [EventKind::ProcessCreation, EventKind::AuditPath];
        let rules = [
            rule(kinds[0], Field::Image, "/crontab"),
            rule(kinds[1], Field::Name, "/crontab"),
        ];
        let wanted = kinds.into_iter().collect();
        let [joining, alone] =
            [JOINED_KINDS, EventKinds::NONE].map(|joined| {
                Filter::new(&rules, wanted, Canonical::Full, joined)
            });
        let hold = Handling::Hold;
        for (line, expected) in [
            ("SYSCALL #: exe=\"/bin/crontab\"", hold(EventKind::AuditSyscall)),
            ("EXECVE #: argc=1 a0=\"a\"", hold(EventKind::AuditExecve)),
            ("CWD #:  cwd=\"/\"", hold(EventKind::AuditCwd)),
            ("PATH #: name=\"/etc/passwd\"", hold(EventKind::AuditPath)),
            ("PATH #: name=\"/etc/crontab\"", Handling::Read),
            ("PATH #: name=2F6574632F61", Handling::Read),
            ("EOE #:", Handling::PassOver),
            // Two on a line.
            ("CWD #: cwd=\"/\" type=EOE #:", Handling::Read),
            // These may carry a record of another format.
            ("CWD h x: {\"EventID\":1}", Handling::Read),
            ("Quote #: {\"EventID\":1}", Handling::Read),
        ] {
            let line = line.replace('#', "msg=audit(1.2:3)");
            let line = format!("type={line}");
            let judge = |filter: &Filter| judged(filter, line.as_bytes());
            assert_eq!(judge(&joining), expected, "{line}");
            let is_read = expected == Handling::Read;
            assert_eq!(judge(&alone) == Handling::Read, is_read, "{line}");
        }
        let hex = b"type=EXECVE msg=audit(1.2:3): argc=1 a0=6120";
        assert_eq!(judged(&joining, hex), Handling::Read);
        let json = r#"{"ID":"1.2:3","SYSCALL":{"syscall":59,"exe":"/bin/x"}}"#;
        for (joined, expected) in [
            (JOINED_KINDS, Handling::Read),
            (EventKinds::NONE, Handling::PassOver),
        ] {
            let wanted = EventKinds::NONE.with(kinds[0]);
            let filter =
                Filter::new(&rules[..1], wanted, Canonical::Full, joined);
            let handling = judged(&filter, json.as_bytes());
            assert_eq!(handling, expected);
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
        let filter =
            Filter::new(&[rule], kinds, Canonical::Full, EventKinds::NONE);
        let is_out = |record: &str| {
            let handling = judged(&filter, record.as_bytes());
            handling == Handling::PassOver
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
