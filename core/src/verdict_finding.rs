/*!
Verdicts for programs: a line of NDJSON an event.
*/

use core::fmt::{self, Write};

use crate::derive::Job;
use crate::event::Field;
use crate::finding::{begin, happened};
use crate::keep::Quote;
use crate::line::{Escaped, Line};
use crate::scanner::Place;
use crate::verdict::Verdict;

/// A verdict and its place, to be rendered as one line of NDJSON (without the
/// line end). `docs/schema/verdict-1.json` is a JSON Schema of it.
///
/// The object has, in this order: `schema` ([`VerdictFinding::SCHEMA`]),
/// `path`, `record`, `item` (only where the record wraps several), `joined`
/// (only where several records make the event: the list of their numbers),
/// `id` (32 hexadecimal digits), `severity`, `line`, `is_expected`, `event` (its kind),
/// `time`, `host`, `user`, `traits` and `detections` (slugs), and `jobs`: of
/// each job an object with a list of values for each field that is known.
/// With a quote there are `offset`, `length`, `fields` and `raw`, too, as
/// [`Quote`] tells. What is unknown of the rest is `null`. Bytes that are not UTF-8 show as
/// U+FFFD.
///
/// Allocates nothing.
///
/// # Example
///
/// ```
/// use t1053::event::{Event, ProcessCreation};
/// use t1053::{Detector, Place, Scratch, VerdictFinding};
///
/// let detector = Detector::new();
/// let mut scratch = Scratch::new(&detector);
/// let event = Event::windows(ProcessCreation {
///     image: Some(br"C:\Windows\System32\schtasks.exe"),
///     command_line: Some(
///         br"schtasks /create /tn Up /tr C:\Users\Public\p.exe /ru SYSTEM",
///     ),
///     ..Default::default()
/// });
/// let verdict = detector.evaluate(&event, &mut scratch).verdict().unwrap();
/// let path = Some("a.jsonl");
/// let place = Place { path, record: 3, ..Place::default() };
/// let (verdict, quote) = (&verdict, None);
/// let line = VerdictFinding { place, verdict, quote }.to_string();
/// assert!(line.starts_with(r#"{"schema":1,"path":"a.jsonl","record":3,"id":""#));
/// assert!(line.contains(r#""severity":"high","line":"high: creates task"#));
/// assert!(line.contains(r#""JobUser":["SYSTEM"]"#));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct VerdictFinding<'a> {
    /// Where.
    pub place: Place<'a>,
    /// What.
    pub verdict: &'a Verdict<'a>,
    /// What else is told of the event.
    pub quote: Option<Quote<'a>>,
}

impl VerdictFinding<'_> {
    /// The version of a line's form, in its member `schema`. New members do
    /// not raise it: it is raised when a member goes away or means something
    /// else.
    pub const SCHEMA: u32 = 1;
}

impl fmt::Display for VerdictFinding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = Line::new(f);
        self.write(&mut line)?;
        line.end()
    }
}

impl VerdictFinding<'_> {
    fn write(&self, line: &mut Line<'_, '_>) -> fmt::Result {
        let VerdictFinding { place, verdict, quote } = self;
        let event = verdict.event();
        begin(line, VerdictFinding::SCHEMA, *place)?;
        line.write_str(",\"id\":\"")?;
        for byte in verdict.id() {
            write!(line, "{byte:02x}")?;
        }
        write!(line, "\",\"severity\":\"{}\"", verdict.severity())?;
        line.write_str(",\"line\":\"")?;
        write!(Escaped(line), "{verdict}")?;
        write!(line, "\",\"is_expected\":{}", verdict.is_expected())?;
        write!(line, ",\"event\":\"{}\"", event.kind())?;
        happened(line, event.time, event.host, event.user)?;
        let traits = verdict.traits().map(|detection| &detection.slug);
        line.write_str(",\"traits\":")?;
        list(line, traits.map(|slug| slug.as_bytes()))?;
        let detections = verdict.matches().map(|found| found.detection());
        line.write_str(",\"detections\":")?;
        list(line, detections.map(|detection| detection.slug.as_bytes()))?;
        line.write_str(",\"jobs\":[")?;
        for (index, job) in verdict.jobs().enumerate() {
            line.write_str(if index == 0 { "" } else { "," })?;
            facts(line, job)?;
        }
        line.write_str("]")?;
        if let Some(quote) = quote {
            quote.write(line, |field| verdict.value(field))?;
        }
        line.write_str("}")
    }
}

fn list<'v>(
    line: &mut Line<'_, '_>,
    values: impl Iterator<Item = &'v [u8]>,
) -> fmt::Result {
    line.write_str("[")?;
    for (index, value) in values.enumerate() {
        line.write_str(if index == 0 { "" } else { "," })?;
        line.bytes(value)?;
    }
    line.write_str("]")
}

/// Writes what is said of a job, by field: each in the place of its first
/// value.
fn facts(line: &mut Line<'_, '_>, job: Job<'_>) -> fmt::Result {
    let mut is_written = [false; Field::ALL.len()];
    line.write_str("{")?;
    let mut separator = "";
    for (field, _) in job.values() {
        let Some(done) = is_written.get_mut(field as usize) else {
            debug_assert!(false, "{field} is no field");
            continue;
        };
        if core::mem::replace(done, true) {
            continue;
        }
        write!(line, "{separator}\"{field}\":")?;
        list(line, job.all(field))?;
        separator = ",";
    }
    line.write_str("}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, ProcessCreation};
    use crate::{Detector, Scratch};

    #[test]
    fn line_is_json_whatever_the_values_are() {
        let detector = Detector::new();
        let mut scratch = Scratch::new(&detector);
        for value in [
            &b"\"},\"severity\":\"low\""[..],
            b"\\\"\r\n\t\x00\x1b[2J",
            b"\xff\xfe\xc3 \xed\xa0\x80",
            "\u{202e}\u{2028}".as_bytes(),
        ] {
            let line = [b"schtasks /create /ru SYSTEM /tr C:\\Users\\Public\\p.exe /tn a", value].concat();
            let mut event = Event::windows(ProcessCreation {
                image: Some(b"schtasks.exe"),
                command_line: Some(&line),
                ..Default::default()
            });
            event.host = Some(value);
            event.user = Some(value);
            let matches = detector.evaluate(&event, &mut scratch);
            let verdict = matches.verdict().unwrap();
            let path = String::from_utf8_lossy(value);
            let place = Place {
                path: Some(&path),
                record: 7,
                item: Some(1),
                ..Place::default()
            };
            let (verdict, quote) = (&verdict, None);
            let line = VerdictFinding { place, verdict, quote }.to_string();
            assert!(!line.contains(['\n', '\r']), "{line}");
            let json: serde_json::Value = serde_json::from_str(&line).unwrap();
            for member in ["path", "host", "user"] {
                assert_eq!(json[member], path.as_ref(), "{line}");
            }
            assert_eq!(json["severity"], verdict.severity().name());
            assert_eq!(json["line"], verdict.to_string());
            assert_eq!(json["item"], 1);
            assert_eq!(json["id"].as_str().map(str::len), Some(32));
            let job = json["jobs"][0].as_object().unwrap();
            assert_eq!(job["JobActivity"][0], "create", "{line}");
            let values = job.values().map(|all| all.as_array().unwrap().len());
            let said = verdict.jobs().next().unwrap().values().count();
            assert_eq!(values.sum::<usize>(), said, "{line}");
        }
    }
}
