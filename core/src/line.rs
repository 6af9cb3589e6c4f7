/*!
A line of JSON on its way out.
*/

use core::fmt::{self, Write};

use t1053_literals::escapes_of;

/// Bytes that are gathered before they are handed on: a finding has 700.
const ROOM: usize = 512;

/// Bytes that are looked at in one step, and the most that they become: each
/// may be written as `\u0000`.
const STEP: usize = 16;
const MOST_OF_STEP: usize = STEP * 6;

/// Writes a line of JSON.
///
/// It gathers what it is given: a finding is eighty pieces, and to call
/// through `dyn Write` for each takes longer than to copy it. Whoever makes
/// one [ends](Line::end) it.
pub(crate) struct Line<'l, 'f> {
    out: &'l mut fmt::Formatter<'f>,
    gathered: [u8; ROOM],
    length: usize,
}

impl<'l, 'f> Line<'l, 'f> {
    pub(crate) fn new(out: &'l mut fmt::Formatter<'f>) -> Line<'l, 'f> {
        Line { out, gathered: [0; ROOM], length: 0 }
    }

    /// Hands on what is left.
    pub(crate) fn end(mut self) -> fmt::Result {
        self.hand_on()?;
        debug_assert!(self.length == 0, "a character that was cut");
        Ok(())
    }

    /// Writes a number.
    pub(crate) fn number(&mut self, mut number: u64) -> fmt::Result {
        let mut digits = [0; 20];
        let mut count = 0_usize;
        for digit in digits.iter_mut().rev() {
            *digit = b'0'.saturating_add((number % 10) as u8);
            count = count.saturating_add(1);
            number /= 10;
            if number == 0 {
                break;
            }
        }
        let from = digits.len().saturating_sub(count);
        self.put(digits.get(from..).unwrap_or_default())
    }

    /// Writes a string.
    pub(crate) fn string(&mut self, text: &str) -> fmt::Result {
        self.put(b"\"")?;
        self.escaped(text)?;
        self.put(b"\"")
    }

    /// Writes a string of bytes. What is not UTF-8 becomes U+FFFD.
    pub(crate) fn bytes(&mut self, value: &[u8]) -> fmt::Result {
        self.put(b"\"")?;
        // To look for chunks that are text takes twenty times as long.
        if value.is_ascii() {
            self.escaped_bytes(value)?;
            return self.put(b"\"");
        }
        for chunk in value.utf8_chunks() {
            self.escaped(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                self.write_str("\u{fffd}")?;
            }
        }
        self.put(b"\"")
    }

    /// Writes a string of bytes, or `null`.
    pub(crate) fn option(&mut self, value: Option<&[u8]>) -> fmt::Result {
        match value {
            Some(value) => self.bytes(value),
            None => self.write_str("null"),
        }
    }

    /// Writes the inside of a string.
    pub(crate) fn escaped(&mut self, text: &str) -> fmt::Result {
        self.escaped_bytes(text.as_bytes())
    }

    /// The same of bytes that are text.
    fn escaped_bytes(&mut self, mut rest: &[u8]) -> fmt::Result {
        while !rest.is_empty() {
            if self.length > ROOM - MOST_OF_STEP {
                self.hand_on()?;
            }
            let (chunk, count) = chunk_of(rest);
            let escapes = escapes_of(&chunk).trailing_zeros() as usize;
            let plain = escapes.min(count);
            // All of the chunk, as that is one instruction; what is no part of
            // it is written over.
            let room = self.gathered.get_mut(self.length..);
            if let Some(room) = room.and_then(<[u8]>::first_chunk_mut) {
                *room = chunk;
            }
            self.length = self.length.saturating_add(plain);
            rest = rest.get(plain..).unwrap_or_default();
            if plain < count
                && let Some((byte, after)) = rest.split_first()
            {
                self.escape(*byte)?;
                rest = after;
            }
        }
        Ok(())
    }

    /// Writes a byte of a string that does not stand for itself.
    fn escape(&mut self, byte: u8) -> fmt::Result {
        match byte {
            b'"' => self.put(b"\\\""),
            b'\\' => self.put(b"\\\\"),
            b'\n' => self.put(b"\\n"),
            b'\r' => self.put(b"\\r"),
            b'\t' => self.put(b"\\t"),
            other => write!(self, "\\u{other:04x}"),
        }
    }

    /// Gathers bytes of UTF-8.
    #[inline]
    fn put(&mut self, bytes: &[u8]) -> fmt::Result {
        let room = self.gathered.get_mut(self.length..).unwrap_or_default();
        match room.get_mut(..bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.length = self.length.saturating_add(bytes.len());
                Ok(())
            }
            None => self.put_much(bytes),
        }
    }

    /// The same where there is not enough room.
    #[cold]
    fn put_much(&mut self, bytes: &[u8]) -> fmt::Result {
        // A character that is cut is handed on with what follows it.
        for part in bytes.chunks(ROOM / 2) {
            if ROOM.saturating_sub(self.length) < part.len() {
                self.hand_on()?;
            }
            self.put(part)?;
        }
        Ok(())
    }

    /// Hands on what was gathered, but for a character that is cut.
    fn hand_on(&mut self) -> fmt::Result {
        let gathered = self.gathered.get(..self.length).unwrap_or_default();
        let whole = match str::from_utf8(gathered) {
            Ok(whole) => whole,
            Err(error) => {
                let whole = gathered.get(..error.valid_up_to());
                str::from_utf8(whole.unwrap_or_default()).unwrap_or_default()
            }
        };
        self.out.write_str(whole)?;
        let from = whole.len();
        self.gathered.copy_within(from..self.length, 0);
        self.length = self.length.saturating_sub(from);
        debug_assert!(self.length < 4, "no text was gathered");
        Ok(())
    }
}

/// What the next step looks at, with zeros behind a rest that is shorter, and
/// how many bytes of it there are.
#[inline]
fn chunk_of(rest: &[u8]) -> ([u8; STEP], usize) {
    if let Some(chunk) = rest.first_chunk() {
        return (*chunk, STEP);
    }
    // Most strings are short, and byte by byte takes three times as long as
    // two numbers that overlap.
    let ends = |first: u64, last: u64, length: usize| {
        let behind = rest.len().saturating_sub(length).saturating_mul(8);
        u128::from(first) | u128::from(last) << behind
    };
    let number = if let (Some(first), Some(last)) =
        (rest.first_chunk(), rest.last_chunk())
    {
        ends(u64::from_le_bytes(*first), u64::from_le_bytes(*last), 8)
    } else if let (Some(first), Some(last)) =
        (rest.first_chunk(), rest.last_chunk())
    {
        let [first, last] = [first, last].map(|end| u32::from_le_bytes(*end));
        ends(u64::from(first), u64::from(last), 4)
    } else {
        let bytes = rest.iter().rev();
        bytes.fold(0, |number, byte| number << 8 | u128::from(*byte))
    };
    (number.to_le_bytes(), rest.len())
}

impl Write for Line<'_, '_> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.put(text.as_bytes())
    }
}

/// Writes the inside of a string that is made piece by piece.
pub(crate) struct Escaped<'e, 'l, 'f>(pub(crate) &'e mut Line<'l, 'f>);

impl Write for Escaped<'_, '_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.escaped(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a closure writes.
    struct Written<F>(F);

    impl<F: Fn(&mut Line<'_, '_>) -> fmt::Result> fmt::Display for Written<F> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let mut line = Line::new(f);
            (self.0)(&mut line)?;
            line.end()
        }
    }

    #[test]
    fn strings_are_what_serde_writes_wherever_they_begin_and_end() {
        let mut value = String::new();
        for byte in 0..128_u8 {
            value.push(byte.into());
            value.push_str("plain é€😀"); // of one to four bytes
        }
        value.push_str(&"\0\\\"".repeat(400));
        for length in 0..value.len() {
            let Some(part) = value.get(length / 3..length) else { continue };
            let expected = serde_json::to_string(part).unwrap();
            // Those that serde writes shorter.
            let expected = expected.replace("\\b", "\\u0008");
            let expected = expected.replace("\\f", "\\u000c");
            let expected = format!("{}{expected}", "x".repeat(length % 600));
            let written = Written(|line: &mut Line<'_, '_>| {
                line.write_str(&"x".repeat(length % 600))?;
                line.string(part)
            });
            assert_eq!(written.to_string(), expected, "{length}");
        }
    }

    #[test]
    fn bytes_that_are_not_text_become_replacement_characters() {
        let written = Written(|line: &mut Line<'_, '_>| {
            line.bytes(b"a\xFF\xC3 \xED\xA0\x80")
        });
        let expected = String::from_utf8_lossy(b"a\xFF\xC3 \xED\xA0\x80");
        assert_eq!(written.to_string(), format!("\"{expected}\""));
    }

    #[test]
    fn numbers_are_those_of_the_standard_library() {
        for number in [0, 7, 10, 99, 1234, u64::MAX] {
            let written =
                Written(|line: &mut Line<'_, '_>| line.number(number));
            assert_eq!(written.to_string(), number.to_string());
        }
    }

    #[test]
    fn long_pieces_are_whole() {
        for length in [0, 1, 255, 511, 512, 513, 100_000] {
            let text = "é".repeat(length);
            let written = Written(|line: &mut Line<'_, '_>| {
                line.write_str("a")?;
                line.write_str(&text)
            });
            assert_eq!(written.to_string(), format!("a{text}"));
        }
    }
}
