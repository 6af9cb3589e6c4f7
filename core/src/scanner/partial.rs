/*!
Lines of containers' logs that are parts of a longer one: a runtime cuts lines
at 16 KiB. CRI's (`/var/log/pods`) mark each part, Docker's end the last one
with a line feed:

```text
2026-11-25T10:00:00.1Z stdout P type=PATH msg=audit(..): item=1 na
2026-11-25T10:00:00.1Z stdout F me="/etc/cron.d/x" nametype=CREATE
{"log":"type=PATH msg=audit(..): item=1 na","stream":"stdout","time":".."}
{"log":"me=\"/etc/cron.d/x\" nametype=CREATE\n","stream":"stdout","time":".."}
```
*/

use crate::memory;
use crate::record::syntax::json::{Cursor, Value};
use crate::record::{RecordErrorKind, begins_line};
use crate::state::{Content, StateError, Writer, corrupt};

/// Bytes at which runtimes cut lines. A line of Docker's that is shorter and
/// ends without a line feed was written by hand, or by what takes that off:
/// it may be whole.
const CUT: usize = 16 * 1024;

/// The parts of lines whose last one has not come, by stream: CRI's output
/// and errors, and Docker's.
#[derive(Debug, Default)]
pub(super) struct Partial {
    lines: [Kept; 4],
    /// Whether any of Docker's that may be whole is kept.
    has_doubtful: bool,
}

/// A line whose last part has not come.
#[derive(Debug, Default)]
struct Kept {
    line: Vec<u8>,
    /// Where its text ends.
    end: usize,
    /// Where the last record stands that it is of.
    at: At,
    is_doubtful: bool,
}

/// Where a record stands in the stream.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct At {
    /// Its 0-based number.
    pub(super) number: u64,
    /// Bytes before it.
    pub(super) offset: u64,
    /// Its bytes.
    pub(super) length: u64,
}

/// A line that is whole, taken out of what is kept: to be given back, for its
/// memory.
pub(super) struct Taken {
    stream: usize,
    /// The line.
    pub(super) line: Vec<u8>,
    /// Where the last record stands that it is of.
    pub(super) at: At,
}

/// A line of a container's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    /// Place of its stream.
    stream: usize,
    /// Whether the line ends with it.
    pub(super) is_last: bool,
    /// Bytes before the text.
    head: usize,
    /// Bytes up to the end of the text.
    end: usize,
    line: &'a [u8],
}

impl<'a> Part<'a> {
    /// Takes a line of a container's log apart; `None` for any other.
    pub(super) fn of(line: &'a [u8]) -> Option<Part<'a>> {
        // Most records are told from one by a byte or two.
        if let [b'{', b'"', b'l', ..] = line {
            return Part::of_docker(line);
        }
        if line.get(10) != Some(&b'T') || line.get(4) != Some(&b'-') {
            return None;
        }
        let time = memchr::memchr(b' ', line.get(..40).unwrap_or(line))?;
        let rest = line.get(time.checked_add(1)?..)?;
        let stream = match rest.get(..7)? {
            b"stdout " => 0,
            b"stderr " => 1,
            _ => return None,
        };
        // Further tags follow a colon.
        let tags = rest.get(7..)?;
        let tag = tags.split(|byte| *byte == b' ').next()?;
        let is_last = match tag.split(|byte| *byte == b':').next()? {
            b"P" => false,
            b"F" => true,
            _ => return None,
        };
        let head = line.len().checked_sub(tags.len())?;
        let head = head.checked_add(tag.len())?.checked_add(1)?;
        Some(Part { stream, is_last, head, end: line.len(), line })
    }

    /// Docker's has three members, in this order. With others beside them it
    /// comes from a collector, which may have changed the text.
    fn of_docker(line: &'a [u8]) -> Option<Part<'a>> {
        let mut cursor = Cursor::new(line);
        cursor.value().ok()?;
        let text = member(&mut cursor, b"log")?;
        let stream = match member(&mut cursor, b"stream")? {
            b"stdout" => 2,
            b"stderr" => 3,
            _ => return None,
        };
        member(&mut cursor, b"time")?;
        if !matches!(cursor.member(), Ok(None)) {
            return None;
        }
        let start = text.as_ptr().addr();
        let head = start.checked_sub(line.as_ptr().addr())?;
        let end = head.checked_add(text.len())?;
        let is_last = ends_line(text);
        Some(Part { stream, is_last, head, end, line })
    }

    /// The part of the line that it holds.
    fn text(self) -> &'a [u8] {
        self.line.get(self.head..self.end).unwrap_or_default()
    }

    /// Whether it may be a line of its own although no line feed ends it.
    fn is_doubtful(self) -> bool {
        self.stream >= 2 && self.text().len() < CUT
    }
}

/// The text that is the next member of an object, if that has a name.
fn member<'a>(cursor: &mut Cursor<'a>, name: &[u8]) -> Option<&'a [u8]> {
    let is_next = cursor.member().ok()? == Some(name);
    match cursor.value().ok()? {
        Value::String(text) if is_next => Some(text),
        _ => None,
    }
}

/// Whether a string's inside ends with a line feed.
fn ends_line(text: &[u8]) -> bool {
    let Some(before) = text.strip_suffix(b"n") else { return false };
    let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
    backslashes.count() % 2 == 1
}

impl Partial {
    /// Keeps a part, which is of a record that stands there. Where the line
    /// would be longer than the limit, or finds no memory, what there is of it
    /// is forgotten.
    pub(super) fn keep(
        &mut self,
        part: Part<'_>,
        at: At,
        limit: usize,
    ) -> Result<(), RecordErrorKind> {
        let Some(kept) = self.lines.get_mut(part.stream) else {
            return Err(RecordErrorKind::TooLarge);
        };
        let is_first = kept.line.is_empty();
        // Doubt ends with the first part that was cut for its length.
        kept.is_doubtful = part.is_doubtful() && is_first;
        self.has_doubtful |= kept.is_doubtful;
        kept.add(part)?;
        kept.at = at;
        if kept.line.len() > limit {
            kept.clear();
            return Err(RecordErrorKind::TooLarge);
        }
        Ok(())
    }

    /// The parts that came before the last one of a line, and that, which is
    /// of a record that stands there.
    pub(super) fn take(
        &mut self,
        part: Part<'_>,
        at: At,
    ) -> Result<Option<Taken>, RecordErrorKind> {
        let stream = part.stream;
        let Some(kept) = self.lines.get_mut(stream) else { return Ok(None) };
        if kept.line.is_empty() {
            return Ok(None);
        }
        kept.add(part)?;
        kept.at = at;
        Ok(Some(kept.take(stream)))
    }

    /// Whether no part is kept.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.iter().all(|kept| kept.line.is_empty())
    }

    /// Takes the memory back.
    pub(super) fn give_back(&mut self, taken: Taken) {
        let Taken { stream, mut line, .. } = taken;
        line.clear();
        if let Some(kept) = self.lines.get_mut(stream) {
            kept.line = line;
        }
    }

    /// Bytes of memory held.
    pub(super) fn memory_usage(&self) -> usize {
        self.lines.iter().map(|kept| memory::held(&kept.line)).sum()
    }

    /// Forgets what was kept.
    pub(super) fn clear(&mut self) {
        self.lines.iter_mut().for_each(Kept::clear);
        self.has_doubtful = false;
    }

    /// A line whose last part never came, and where the last stands that did.
    pub(super) fn left(&mut self) -> Option<Taken> {
        self.left_of(|_, _| true)
    }

    /// A line that was kept although it may be whole, and is if what comes
    /// next is no part of it: another record, or one whose text begins as a
    /// record does. With nothing next, any.
    pub(super) fn whole_before(
        &mut self,
        next: Option<Part<'_>>,
    ) -> Option<Taken> {
        if !self.has_doubtful {
            return None;
        }
        let goes_on = next.filter(|part| !begins_line(part.text()));
        let goes_on = goes_on.map(|part| part.stream);
        let found = self.left_of(|stream, kept| {
            kept.is_doubtful && goes_on != Some(stream)
        });
        self.has_doubtful = found.is_some();
        found
    }

    /// Writes down the lines that are kept.
    pub(super) fn save(&self, writer: &mut Writer) {
        for kept in &self.lines {
            writer.text(&kept.line);
            writer.number(kept.end as u64);
            let At { number, offset, length } = kept.at;
            writer.number(number);
            writer.number(offset);
            writer.number(length);
            writer.byte(u8::from(kept.is_doubtful));
        }
    }

    /// What was written down.
    pub(super) fn restored(
        content: &mut Content<'_>,
    ) -> Result<Partial, StateError> {
        let mut partial = Partial::default();
        for kept in &mut partial.lines {
            kept.line = content.text()?.to_vec();
            kept.end = usize::try_from(content.number()?)
                .ok()
                .filter(|end| *end <= kept.line.len())
                .ok_or_else(corrupt)?;
            kept.at = At {
                number: content.number()?,
                offset: content.number()?,
                length: content.number()?,
            };
            kept.is_doubtful = content.truth()?;
            partial.has_doubtful |= kept.is_doubtful;
        }
        Ok(partial)
    }

    fn left_of(
        &mut self,
        is_meant: impl Fn(usize, &Kept) -> bool,
    ) -> Option<Taken> {
        let mut lines = self.lines.iter_mut().enumerate();
        let found = lines.find(|(stream, kept)| {
            !kept.line.is_empty() && is_meant(*stream, kept)
        });
        found.map(|(stream, kept)| kept.take(stream))
    }
}

impl Kept {
    /// Puts a part behind the text. What stands around the text is that of
    /// the first part before it, and of the last one behind it.
    fn add(&mut self, part: Part<'_>) -> Result<(), RecordErrorKind> {
        let (added, end) = match self.line.is_empty() {
            true => (part.line, part.end),
            false => (
                part.line.get(part.head..).unwrap_or_default(),
                self.end.saturating_add(part.text().len()),
            ),
        };
        self.line.truncate(self.end);
        if !memory::append(&mut self.line, added) {
            self.clear();
            return Err(RecordErrorKind::NoMemory);
        }
        self.end = end;
        Ok(())
    }

    fn take(&mut self, stream: usize) -> Taken {
        let line = core::mem::take(&mut self.line);
        self.clear();
        Taken { stream, line, at: self.at }
    }

    fn clear(&mut self) {
        self.line.clear();
        self.end = 0;
        self.is_doubtful = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_containers_are_told_by_their_head() {
        let part = |line: &'static str| {
            let part = Part::of(line.as_bytes())?;
            let text = str::from_utf8(part.text()).unwrap();
            Some((part.stream, part.is_last, text))
        };
        for (line, expected) in [
            ("2026-11-25T10:00:00.1Z stdout F a b", Some((0, true, "a b"))),
            ("2026-11-25T10:00:00Z stderr P a", Some((1, false, "a"))),
            ("2026-11-25T10:00:00+01:00 stdout P:x a", Some((0, false, "a"))),
            ("2026-11-25T10:00:00Z stdout X a", None),
            ("2026-11-25T10:00:00Z host F a", None),
            ("2026-11-25T10:00:00Z", None),
            (
                r#"{"log":"a\n","stream":"stdout","time":"x"}"#,
                Some((2, true, r"a\n")),
            ),
            (
                r#"{"log": "a\\n", "stream": "stderr", "time": "x"}"#,
                Some((3, false, r"a\\n")),
            ),
            (
                r#"{"log":"","stream":"stdout","time":"x"}"#,
                Some((2, false, "")),
            ),
            (r#"{"log":"a","stream":"stdout","time":"x","tag":"y"}"#, None),
            (r#"{"log":"a","stream":"x","time":"x"}"#, None),
            (r#"{"log":"a","stream":"stdout"}"#, None),
            (r#"{"log":{"a":1},"stream":"stdout","time":"x"}"#, None),
            (r#"{"log":"a"#, None),
            (r#"{"l"#, None),
            ("{\"a\":1}", None),
            ("", None),
        ] {
            assert_eq!(part(line), expected, "{line}");
        }
    }
}
