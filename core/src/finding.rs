/*!
Matches for people and programs: one line in plain words, and NDJSON.

Everything here borrows and writes into what the caller gives; nothing is
built up in memory.
*/

use core::fmt::{self, Write};

use crate::bytes;
use crate::detector::{Evidence, Match};
use crate::event::{Field, Value};
use crate::keep::{KeptQuote, Quote};
use crate::line::{Escaped, Line};
use crate::rule::{Detection, Piece, pieces};
use crate::scanner::Place;
use crate::time::Timestamp;

/// Most characters of one value in a message.
const MOST_IN_MESSAGE: usize = 200;

/// A match's message: one line in plain words, with the telling values.
///
/// Made by [`Match::message`] from the detection's
/// [message](Detection::message). A value that the event lacks is
/// `(unknown)`, unless it stands in a part that is left out then. Control
/// characters are written as escapes, long values are cut, and bytes that are
/// not UTF-8 show as U+FFFD.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a>(Match<'a>);

impl<'a> Match<'a> {
    /// One line in plain words about this match.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::event::{Event, ProcessCreation};
    /// use t1053::{Detector, Scratch};
    ///
    /// let detector = Detector::builder()
    ///     .enable("windows_schtasks_create_run_as_system".parse()?)
    ///     .build()?;
    /// let mut scratch = Scratch::new(&detector);
    /// let event = Event::windows(ProcessCreation {
    ///     image: Some(b"schtasks.exe"),
    ///     command_line: Some(b"schtasks /create /ru system /tr a.exe"),
    ///     ..Default::default()
    /// });
    /// let found = detector.evaluate(&event, &mut scratch).next().unwrap();
    /// let message = found.message().to_string();
    /// assert!(message.ends_with("schtasks /create /ru system /tr a.exe"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn message(&self) -> Message<'a> {
        Message(*self)
    }
}

impl Message<'_> {
    /// The value of a field, if the event has one.
    fn value(&self, name: &str) -> Option<&[u8]> {
        let value = self.0.value(name.parse().ok()?)?;
        (!value.is_empty()).then_some(value)
    }

    fn write(&self, text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        pieces(text).try_for_each(|piece| match piece {
            Piece::Text(text) => f.write_str(text),
            Piece::Field(name) => match self.value(name) {
                Some(value) => shown(f, value),
                None if name.parse::<Field>().is_ok() => {
                    f.write_str("(unknown)")
                }
                None => write!(f, "{{{name}}}"),
            },
            // Within a part there is no other.
            Piece::Optional(part) if self.has_all(part) => self.write(part, f),
            Piece::Optional(_) => Ok(()),
        })
    }

    /// Whether the event has every field that a part of a message names.
    fn has_all(&self, part: &str) -> bool {
        pieces(part).all(|piece| match piece {
            Piece::Field(name) => self.value(name).is_some(),
            _ => true,
        })
    }
}

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(&self.0.detection().message, f)
    }
}

/// Writes a value on one line.
pub(crate) fn shown(f: &mut fmt::Formatter<'_>, value: &[u8]) -> fmt::Result {
    bytes::write_in_one_line(f, value, MOST_IN_MESSAGE)
}

/// A match and its place, to be rendered as one line of NDJSON (without the
/// line end).
///
/// The object has, in this order: `schema` ([`Finding::SCHEMA`]), `path`, `record`, `item` (only where the
/// record wraps several), `joined` (only where several records make the event:
/// the list of their numbers), `detection`, `title`, `kind`, `techniques`,
/// `risk_score`, `time`, `host`, `user`, `message`, `evidence`: a list of
/// objects with `field`, `start`, `end` (byte offsets in the decoded value),
/// `text` and `pattern`; and with a quote `event`, `offset`, `length`,
/// `fields` and `raw`, as [`Quote`] tells. What is unknown is `null`. Text that is not UTF-8
/// shows as U+FFFD; the offsets count the original bytes.
///
/// # Example
///
/// ```
/// use t1053::event::{Event, TaskScheduler};
/// use t1053::{Detector, Finding, Place, Scratch};
///
/// let detector = Detector::new();
/// let mut scratch = Scratch::new(&detector);
/// let mut event = Event::windows(TaskScheduler::default());
/// event.event_id = Some(b"200");
/// let found = detector.evaluate(&event, &mut scratch).next().unwrap();
/// let place =
///     Place { path: Some("a.jsonl"), record: 3, ..Place::default() };
/// let line = Finding { place, found: &found, quote: None }.to_string();
/// assert!(line.starts_with(r#"{"schema":1,"path":"a.jsonl","record":3,"#));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Finding<'a> {
    /// Where.
    pub place: Place<'a>,
    /// What.
    pub found: &'a Match<'a>,
    /// What else is told of the event.
    pub quote: Option<Quote<'a>>,
}

impl Finding<'_> {
    /// The version of a line's form, in its member `schema`; a JSON Schema of
    /// it is in `docs/schema`. New members do not raise it: it is raised when
    /// a member goes away or means something else.
    pub const SCHEMA: u32 = 1;
}

impl fmt::Display for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { place, found, quote } = self;
        let event = found.event();
        let head = Head {
            place: *place,
            detection: found.detection(),
            time: event.time,
            host: event.host,
            user: event.user,
            message: &found.message(),
        };
        head.fmt(
            f,
            |visit| found.each_evidence(visit),
            |line| match quote {
                Some(quote) => {
                    write!(line, ",\"event\":\"{}\"", event.kind())?;
                    quote.write(line, |field| found.value(field))
                }
                None => Ok(()),
            },
        )
    }
}

/// A finding that has outlived its record: the same line of NDJSON from
/// values that the caller has kept.
///
/// # Example
///
/// ```
/// use t1053::event::Platform;
/// use t1053::rule::Detection;
/// use t1053::{KeptFinding, Place};
///
/// let detection = Detection::new("my_rule", "My rule", Platform::Linux);
/// let kept = KeptFinding {
///     place: Place::default(),
///     detection: &detection,
///     time: None,
///     host: Some(b"web-3"),
///     user: None,
///     message: "crontab was used",
///     identity: &[],
///     evidence: &[],
///     quote: None,
/// };
/// assert!(kept.to_string().contains(r#""host":"web-3","user":null"#));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct KeptFinding<'a> {
    /// Where.
    pub place: Place<'a>,
    /// What was found.
    pub detection: &'a Detection,
    /// When it happened.
    pub time: Option<Timestamp>,
    /// Host that recorded it.
    pub host: Option<&'a [u8]>,
    /// Account that it is about.
    pub user: Option<&'a [u8]>,
    /// [`Match::message`], as text.
    pub message: &'a str,
    /// [`Match::value`] of the fields of its [`Grouping`](crate::Grouping), in
    /// their order, for [`Repeats::take_kept`](crate::Repeats::take_kept);
    /// empty where it has none.
    pub identity: &'a [Value<'a>],
    /// [`Match::evidence`].
    pub evidence: &'a [Evidence<'a>],
    /// What else is told of the event.
    pub quote: Option<KeptQuote<'a>>,
}

impl fmt::Display for KeptFinding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let KeptFinding {
            place,
            detection,
            time,
            host,
            user,
            message,
            identity: _,
            evidence,
            quote,
        } = *self;
        let head =
            Head { place, detection, time, host, user, message: &message };
        head.fmt(
            f,
            |visit| evidence.iter().cloned().for_each(visit),
            |line| quote.map_or(Ok(()), |quote| quote.write(line)),
        )
    }
}

/// All of a finding but its evidence.
struct Head<'a> {
    place: Place<'a>,
    detection: &'a Detection,
    time: Option<Timestamp>,
    host: Option<&'a [u8]>,
    user: Option<&'a [u8]>,
    message: &'a dyn fmt::Display,
}

impl<'a> Head<'a> {
    fn fmt(
        &self,
        f: &mut fmt::Formatter<'_>,
        each_evidence: impl FnOnce(&mut dyn FnMut(Evidence<'a>)),
        quote: impl FnOnce(&mut Line<'_, '_>) -> fmt::Result,
    ) -> fmt::Result {
        let Head { place, detection, .. } = self;
        let mut line = Line::new(f);
        begin(&mut line, Finding::SCHEMA, *place)?;
        line.write_str(",\"detection\":\"")?;
        line.escaped(&detection.slug)?;
        line.write_str("\",\"title\":\"")?;
        line.escaped(&detection.title)?;
        line.write_str("\",\"kind\":\"")?;
        line.write_str(detection.kind.name())?;
        line.write_str("\",\"techniques\":[")?;
        for (index, technique) in detection.techniques.iter().enumerate() {
            line.write_str(if index == 0 { "" } else { "," })?;
            line.string(technique)?;
        }
        line.write_str("],\"risk_score\":")?;
        match detection.risk {
            Some(risk) => line.number(u64::from(risk.score))?,
            None => line.write_str("null")?,
        }
        happened(&mut line, self.time, self.host, self.user)?;
        line.write_str(",\"message\":\"")?;
        write!(Escaped(&mut line), "{}", self.message)?;
        line.write_str("\",\"evidence\":[")?;
        let mut result = Ok(());
        let mut first = true;
        each_evidence(&mut |evidence| {
            if result.is_ok() {
                result = piece(&mut line, &evidence, first);
                first = false;
            }
        });
        result?;
        line.write_str("]")?;
        quote(&mut line)?;
        line.write_str("}")?;
        line.end()
    }
}

fn piece(
    line: &mut Line<'_, '_>,
    evidence: &Evidence<'_>,
    first: bool,
) -> fmt::Result {
    line.write_str(if first { "" } else { "," })?;
    line.write_str("{\"field\":\"")?;
    line.escaped(evidence.name())?;
    line.write_str("\",\"start\":")?;
    line.number(evidence.range.start as u64)?;
    line.write_str(",\"end\":")?;
    line.number(evidence.range.end as u64)?;
    line.write_str(",\"text\":")?;
    line.bytes(evidence.text)?;
    line.write_str(",\"pattern\":\"")?;
    line.escaped(evidence.pattern)?;
    line.write_str("\"}")
}

/// Begins a line: the version of its form, and its place.
pub(crate) fn begin(
    line: &mut Line<'_, '_>,
    schema: u32,
    place: Place<'_>,
) -> fmt::Result {
    line.write_str("{\"schema\":")?;
    line.number(u64::from(schema))?;
    line.write_str(",\"path\":")?;
    line.option(place.path.map(str::as_bytes))?;
    line.write_str(",\"record\":")?;
    line.number(place.record)?;
    if let Some(item) = place.item {
        line.write_str(",\"item\":")?;
        line.number(u64::from(item))?;
    }
    for (index, record) in place.joined.iter().enumerate() {
        line.write_str(if index == 0 { ",\"joined\":[" } else { "," })?;
        line.number(*record)?;
    }
    if !place.joined.is_empty() {
        line.write_str("]")?;
    }
    Ok(())
}

/// Writes when an event happened, on which host and by whom.
pub(crate) fn happened(
    line: &mut Line<'_, '_>,
    time: Option<Timestamp>,
    host: Option<&[u8]>,
    user: Option<&[u8]>,
) -> fmt::Result {
    match time {
        Some(time) => write!(line, ",\"time\":\"{time}\"")?,
        None => line.write_str(",\"time\":null")?,
    }
    line.write_str(",\"host\":")?;
    line.option(host)?;
    line.write_str(",\"user\":")?;
    line.option(user)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, ProcessCreation};
    use crate::{Detector, Scratch};

    /// Every byte by itself, and what is awkward in longer runs.
    fn hostile_values() -> Vec<Vec<u8>> {
        let mut values: Vec<Vec<u8>> =
            (0..=u8::MAX).map(|byte| vec![b'a', byte, b'z']).collect();
        for text in [
            "\"}\n{\"detection\":\"forged\"}",
            "\\\\\" \\u0000 \\",
            "\u{7f}\u{85}\u{9b}31m",
            "\u{61c}\u{feff}\u{200b}\u{200f}\u{202e}\u{2066}\u{2069}",
            "\u{2028}\u{2029}",
        ] {
            values.push(text.into());
        }
        values.push(b"\xc3 \xed\xa0\x80 \xf0\x9f\x92 \xff\xfe".to_vec());
        values
    }

    /// The rendered finding, and its message, of an event that has the value
    /// wherever a record may have text.
    fn rendered(value: &[u8]) -> (String, String) {
        let detector = Detector::builder()
            .enable("schtasks_run_task_on_demand".parse().unwrap())
            .build()
            .unwrap();
        let mut scratch = Scratch::new(&detector);
        let command_line = [b"schtasks /run ", value].concat();
        let mut event = Event::windows(ProcessCreation {
            image: Some(b"schtasks.exe"),
            command_line: Some(&command_line),
            ..Default::default()
        });
        event.host = Some(value);
        event.user = Some(value);
        let found = detector.evaluate(&event, &mut scratch).next().unwrap();
        let path = String::from_utf8_lossy(value);
        let joined = &[7, 9];
        let place = Place { path: Some(&path), record: 7, item: None, joined };
        let quote = None;
        let line = Finding { place, found: &found, quote }.to_string();
        (line, found.message().to_string())
    }

    #[test]
    fn finding_is_one_line_of_json_whatever_the_values_are() {
        for value in hostile_values() {
            let (line, message) = rendered(&value);
            assert!(!line.contains(['\n', '\r']), "{line}");
            let json: serde_json::Value = serde_json::from_str(&line).unwrap();
            let text = String::from_utf8_lossy(&value);
            for member in ["path", "host", "user"] {
                assert_eq!(json[member], text.as_ref(), "{line}");
            }
            assert_eq!(json["message"], message, "{line}");
            assert_eq!(json["detection"], "schtasks_run_task_on_demand");
        }
    }

    #[test]
    fn message_leaves_out_what_the_event_does_not_tell() {
        let detector = Detector::builder()
            .enable("task_created".parse().unwrap())
            .build()
            .unwrap();
        let mut scratch = Scratch::new(&detector);
        for (command_line, expected) in [
            (r"/create", "Task Created"),
            (r"/create /tn a", r"Task Created: \a"),
            (r"/create /tr b.exe", "Task Created, runs b.exe"),
            (r"/create /tn a /tr b.exe", r"Task Created: \a, runs b.exe"),
        ] {
            let command_line = format!("schtasks {command_line}");
            let event = Event::windows(ProcessCreation {
                image: Some(br"C:\Windows\System32\schtasks.exe"),
                command_line: Some(command_line.as_bytes()),
                ..Default::default()
            });
            let found = detector.evaluate(&event, &mut scratch).next();
            assert_eq!(found.unwrap().message().to_string(), expected);
        }
    }

    #[test]
    fn message_shows_no_character_that_breaks_turns_or_hides_the_line() {
        const UNSEEN: &str = "\u{61c}\u{feff}\u{200b}\u{200c}\u{200d}\u{200e}\
            \u{200f}\u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\
            \u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
        for value in hostile_values() {
            let (_, message) = rendered(&value);
            let is_unseen =
                |one: char| one.is_control() || UNSEEN.contains(one);
            assert!(!message.contains(is_unseen), "{message:?}");
        }
    }
}
