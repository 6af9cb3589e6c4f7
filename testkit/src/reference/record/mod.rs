/*!
Records as the readers everyone uses understand them: `serde_json`,
`roxmltree`, and text taken apart at its line ends, quotes and blanks.

Each shape is known by the members that only it has, and is read by a walk of
its own; what the built-in rules look at is taken from it. A record that
mixes shapes, that says a thing twice, or that a strict reader refuses, is
`None`: nothing is said of it.
*/

use std::collections::BTreeMap;
use std::fmt;

use t1053::event::{Event, EventKind, Field, Platform};

mod audit;
mod audit_json;
mod cloud;
mod ecs;
mod json;
mod message;
mod windows;
mod xml;

/// The fields whose values are compared by themselves; others only by what
/// rules say of them.
const TOLD: [Field; 22] = [
    Field::EventId,
    Field::Image,
    Field::CommandLine,
    Field::OriginalFileName,
    Field::ParentImage,
    Field::TargetFilename,
    Field::EventType,
    Field::TargetObject,
    Field::TaskName,
    Field::ActionName,
    Field::ScriptBlockText,
    Field::Comm,
    Field::Exe,
    Field::UidName,
    Field::Success,
    Field::Name,
    Field::Nametype,
    Field::Item,
    Field::Mode,
    Field::Proctitle,
    Field::OperationName,
    Field::ResultType,
];

/// An event with values of its own.
#[derive(Clone, PartialEq)]
pub struct Owned {
    /// Where it happened.
    pub platform: Platform,
    /// What happened.
    pub kind: EventKind,
    /// The values of its fields.
    pub values: BTreeMap<Field, Vec<u8>>,
}

impl Owned {
    fn new(platform: Platform, kind: EventKind) -> Owned {
        Owned { platform, kind, values: BTreeMap::new() }
    }

    fn set(&mut self, field: Field, value: Option<impl Into<Vec<u8>>>) {
        if let Some(value) = value {
            self.values.insert(field, value.into());
        }
    }

    /// A copy of an event.
    pub fn of(event: &Event<'_>) -> Owned {
        let mut owned = Owned::new(event.platform, event.kind());
        for field in Field::ALL {
            owned.set(*field, event.get(*field));
        }
        owned
    }

    /// What differs between the events that are expected and those that
    /// were read, in the fields that are always told.
    pub fn difference(expected: &[Owned], read: &[Owned]) -> Option<String> {
        let kinds = |of: &[Owned]| {
            let mut all: Vec<_> =
                of.iter().map(|it| (it.platform, it.kind)).collect();
            all.sort();
            all
        };
        let (these, those) = (kinds(expected), kinds(read));
        if these != those {
            return Some(format!("{those:?} instead of {these:?}"));
        }
        for field in TOLD {
            let values = |of: &[Owned]| {
                let value = |it: &Owned| {
                    let value = it.event().get(field)?.escape_ascii();
                    Some(value.to_string())
                };
                let mut all: Vec<_> =
                    of.iter().map(|it| (it.kind, value(it))).collect();
                all.sort();
                all
            };
            let (these, those) = (values(expected), values(read));
            if these != those {
                return Some(format!(
                    "{field}: {those:?} instead of {these:?}"
                ));
            }
        }
        None
    }

    /// The same as an event that borrows.
    pub fn event(&self) -> Event<'_> {
        let mut event = Event::new(self.platform, self.kind);
        for (field, value) in &self.values {
            let _ = event.set(*field, value);
        }
        event
    }
}

/// Whether a line is the first of an event in text.
pub fn begins_text(line: &[u8]) -> bool {
    std::str::from_utf8(line).is_ok_and(message::is_record)
}

impl fmt::Debug for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.platform, self.kind)?;
        for (field, value) in &self.values {
            write!(f, " {field}=\"{}\"", value.escape_ascii())?;
        }
        Ok(())
    }
}

/// The events of a record; `None` where there is no one reading of it.
type Events = Option<Vec<Owned>>;

/// The name of a record's shape, and its events where it plainly holds some
/// or plainly holds none.
pub fn read(record: &[u8]) -> (&'static str, Events) {
    let Ok(text) = std::str::from_utf8(record) else {
        return ("not text", None);
    };
    // A blank at the end of a text may be part of its last value.
    let whole = text.trim_matches(['\r', '\n']);
    let text = whole.trim_matches(' ');
    if audit::is_line(text) {
        ("auditd", audit::read(text))
    } else if text.starts_with(['{', '[']) {
        json::read(text)
    } else if text.starts_with("<Event") {
        ("event XML", xml::read(text))
    } else if message::is_record(text) {
        ("event text", message::read(whole))
    } else if text.ends_with('}')
        && let Some((header, json)) = text.split_once(" {\"")
        && is_header(header)
    {
        let object = format!("{{\"{json}");
        ("JSON after a syslog header", json::read(&object).1)
    } else if let Some(at) = text.find("<Event") {
        ("event XML after a syslog header", xml::after(text, at))
    } else {
        ("other text", None)
    }
}

/// Whether a text is plainly what syslog writes before a message.
fn is_header(text: &str) -> bool {
    let is_priority = |it: char| it.is_ascii_digit() || "<>".contains(it);
    let text = text.trim_start_matches(is_priority);
    !text.contains(['"', '{', '<', '[']) && !text.contains("type=")
}
