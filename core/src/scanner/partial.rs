/*!
Lines of containers' logs that are parts of a longer one: a runtime cuts lines
at 16 KiB, and marks each part (CRI, `/var/log/pods`):

```text
2026-11-25T10:00:00.1Z stdout P type=PATH msg=audit(..): item=1 na
2026-11-25T10:00:00.1Z stdout F me="/etc/cron.d/x" nametype=CREATE
```
*/

/// The parts of lines whose last one has not come, by stream: output, errors.
#[derive(Debug, Default)]
pub(super) struct Partial([Vec<u8>; 2]);

/// A line of a container's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    /// Place of its stream.
    stream: usize,
    /// Whether the line ends with it.
    pub(super) is_last: bool,
    /// Bytes before the text.
    head: usize,
    line: &'a [u8],
}

impl<'a> Part<'a> {
    /// Takes a line of a container's log apart; `None` for any other.
    pub(super) fn of(line: &'a [u8]) -> Option<Part<'a>> {
        // Most records are told from one by a byte.
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
        Some(Part { stream, is_last, head, line })
    }

    /// The part of the line that it holds.
    pub(super) fn text(self) -> &'a [u8] {
        self.line.get(self.head..).unwrap_or_default()
    }
}

impl Partial {
    /// Keeps a part; false where the line would be longer than the limit: then
    /// what there is of it is forgotten.
    pub(super) fn keep(&mut self, part: Part<'_>, limit: usize) -> bool {
        let Some(kept) = self.0.get_mut(part.stream) else { return false };
        // The head of the first part is that of the line.
        let more = if kept.is_empty() { part.line } else { part.text() };
        if kept.len().saturating_add(more.len()) > limit {
            kept.clear();
            return false;
        }
        kept.extend_from_slice(more);
        true
    }

    /// The parts that came before the last one of a line, to be given back.
    pub(super) fn take(&mut self, part: Part<'_>) -> Option<Vec<u8>> {
        let kept = self.0.get_mut(part.stream)?;
        (!kept.is_empty()).then(|| core::mem::take(kept))
    }

    /// Takes the memory back.
    pub(super) fn give_back(&mut self, part: Part<'_>, mut line: Vec<u8>) {
        line.clear();
        if let Some(kept) = self.0.get_mut(part.stream) {
            *kept = line;
        }
    }

    /// Forgets what was kept.
    pub(super) fn clear(&mut self) {
        self.0.iter_mut().for_each(Vec::clear);
    }

    /// A line whose last part never came.
    pub(super) fn left(&mut self) -> Option<Vec<u8>> {
        let kept = self.0.iter_mut().find(|kept| !kept.is_empty())?;
        Some(core::mem::take(kept))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_containers_are_told_by_their_head() {
        let part = |line: &'static str| {
            let part = Part::of(line.as_bytes())?;
            Some((part.stream, part.is_last, line.get(part.head..).unwrap()))
        };
        for (line, expected) in [
            ("2026-11-25T10:00:00.1Z stdout F a b", Some((0, true, "a b"))),
            ("2026-11-25T10:00:00Z stderr P a", Some((1, false, "a"))),
            ("2026-11-25T10:00:00+01:00 stdout P:x a", Some((0, false, "a"))),
            ("2026-11-25T10:00:00Z stdout X a", None),
            ("2026-11-25T10:00:00Z host F a", None),
            ("2026-11-25T10:00:00Z", None),
            ("{\"a\":1}", None),
            ("", None),
        ] {
            assert_eq!(part(line), expected, "{line}");
        }
    }
}
