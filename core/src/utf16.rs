/*!
UTF-16 to UTF-8: records and streams of Windows agents.
*/

use crate::state::{Content, StateError, Writer, corrupt};

/// How a stream or a record is encoded, told from its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Not told yet: too few bytes came.
    Unknown,
    /// UTF-8, or bytes of no known encoding.
    Utf8,
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
}

impl Encoding {
    /// The bytes that always tell.
    pub(crate) const ENOUGH: usize = 4;

    /// The encoding of what begins with these bytes, and the length of its
    /// byte order mark.
    ///
    /// Without a mark, UTF-16 is told by two units that are ASCII, as every
    /// record's first ones are. No text in UTF-8 has a zero byte in every
    /// second place.
    #[inline]
    pub(crate) fn of(first: &[u8]) -> (Encoding, usize) {
        match first {
            [0xFF, 0xFE, ..] => (Encoding::Utf16Le, 2),
            [0xFE, 0xFF, ..] => (Encoding::Utf16Be, 2),
            [1..=0x7F, 0, 1..=0x7F, 0, ..] => (Encoding::Utf16Le, 0),
            [0, 1..=0x7F, 0, 1..=0x7F, ..] => (Encoding::Utf16Be, 0),
            [] | [_] | [0, 1..=0x7F] | [1..=0x7F, 0] => (Encoding::Unknown, 0),
            [0, 1..=0x7F, 0] | [1..=0x7F, 0, 1..=0x7F] => {
                (Encoding::Unknown, 0)
            }
            _ => (Encoding::Utf8, 0),
        }
    }

    /// The encoding of a record, and the length of its byte order mark. A
    /// mark alone tells nothing here: noise may stand before a record.
    #[inline]
    pub(crate) fn of_record(record: &[u8]) -> (Encoding, usize) {
        let (encoding, mark) = Encoding::of(record);
        let units = record.get(mark..).unwrap_or_default();
        match Encoding::of(units) {
            (told, 0) if told == encoding => (encoding, mark),
            _ => (Encoding::Utf8, 0),
        }
    }

    /// Whether it is one of UTF-16.
    pub(crate) fn is_utf16(self) -> bool {
        matches!(self, Encoding::Utf16Le | Encoding::Utf16Be)
    }
}

/// Decodes a UTF-16 stream that comes in pieces.
#[derive(Debug, Default)]
pub(crate) struct Utf16 {
    /// The first byte of a unit whose second has not come.
    byte: Option<u8>,
    /// A leading surrogate whose trailing one has not come.
    leading: Option<u16>,
}

impl Utf16 {
    /// Writes down what is left of a piece.
    pub(crate) fn save(&self, writer: &mut Writer) {
        writer.byte(u8::from(self.byte.is_some()));
        writer.byte(self.byte.unwrap_or(0));
        writer.byte(u8::from(self.leading.is_some()));
        writer.array(self.leading.unwrap_or(0).to_le_bytes());
    }

    pub(crate) fn restored(
        content: &mut Content<'_>,
    ) -> Result<Utf16, StateError> {
        let (has_byte, byte) = (content.truth()?, content.byte()?);
        let has_leading = content.truth()?;
        let leading = u16::from_le_bytes(content.array()?);
        // Whatever else it was would be no surrogate.
        let is_leading = (0xD800..0xDC00).contains(&leading);
        if has_leading && !is_leading {
            return Err(corrupt());
        }
        Ok(Utf16 {
            byte: has_byte.then_some(byte),
            leading: has_leading.then_some(leading),
        })
    }

    /// The most bytes of UTF-8 that so many bytes decode to, with what is left
    /// of a stream before them and after.
    pub(crate) fn most_bytes(bytes: usize) -> usize {
        // Two bytes become three at most.
        bytes.saturating_add(bytes / 2).saturating_add(8)
    }

    /// Appends what a piece decodes to. What cannot be decoded becomes
    /// U+FFFD.
    pub(crate) fn decode(
        &mut self,
        piece: &[u8],
        encoding: Encoding,
        text: &mut Vec<u8>,
    ) {
        for &byte in piece {
            let Some(first) = self.byte.take() else {
                self.byte = Some(byte);
                continue;
            };
            let unit = match encoding {
                Encoding::Utf16Be => u16::from_be_bytes([first, byte]),
                _ => u16::from_le_bytes([first, byte]),
            };
            self.unit(unit, text);
        }
    }

    /// Appends what is left of a stream that ends in the middle. A zero byte
    /// is left where text was split at the byte of a line end.
    pub(crate) fn finish(&mut self, text: &mut Vec<u8>) {
        let cut = self.byte.take().is_some_and(|byte| byte != 0);
        if self.leading.take().is_some() || cut {
            push(char::REPLACEMENT_CHARACTER, text);
        }
    }

    fn unit(&mut self, unit: u16, text: &mut Vec<u8>) {
        let units = match self.leading.take() {
            Some(leading) => [leading, unit],
            None if (0xD800..0xDC00).contains(&unit) => {
                self.leading = Some(unit);
                return;
            }
            None => [unit, 0],
        };
        let count = if is_surrogate(units[0]) { 2 } else { 1 };
        for decoded in char::decode_utf16(units.into_iter().take(count)) {
            match decoded {
                Ok(character) => push(character, text),
                Err(_) => push(char::REPLACEMENT_CHARACTER, text),
            }
        }
    }
}

fn is_surrogate(unit: u16) -> bool {
    (0xD800..0xDC00).contains(&unit)
}

fn push(character: char, text: &mut Vec<u8>) {
    let mut bytes = [0; 4];
    text.extend_from_slice(character.encode_utf8(&mut bytes).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(pieces: &[&[u8]]) -> String {
        let mut utf16 = Utf16::default();
        let mut text = Vec::new();
        for piece in pieces {
            utf16.decode(piece, Encoding::Utf16Le, &mut text);
        }
        utf16.finish(&mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn encodings_are_told_by_two_characters() {
        for (text, encoding) in [
            ("{\0\"\0", Encoding::Utf16Le),
            ("\0{\0\"", Encoding::Utf16Be),
            ("{\0\"", Encoding::Unknown),
            ("{\0", Encoding::Unknown),
            ("\0{", Encoding::Unknown),
            ("{", Encoding::Unknown),
            ("", Encoding::Unknown),
            ("{\"", Encoding::Utf8),
            // Records that end with a zero byte.
            ("{}\0{", Encoding::Utf8),
            ("\0{}\0", Encoding::Utf8),
            ("\0\0", Encoding::Utf8),
        ] {
            let (told, mark) = Encoding::of(text.as_bytes());
            assert_eq!((told, mark), (encoding, 0), "{text:?}");
        }
        assert_eq!(Encoding::of(b"\xFF\xFEx"), (Encoding::Utf16Le, 2));
        assert_eq!(Encoding::of(b"\xFE\xFF"), (Encoding::Utf16Be, 2));
        assert_eq!(Encoding::of(b"\xFF"), (Encoding::Unknown, 0));
        let of_record = Encoding::of_record;
        assert_eq!(of_record(b"\xFF\xFE{\0\"\0"), (Encoding::Utf16Le, 2));
        assert_eq!(of_record(b"\xFF\xFE\0{\0\""), (Encoding::Utf8, 0));
        assert_eq!(of_record(b"\xFF\xFE{\""), (Encoding::Utf8, 0));
        assert_eq!(of_record(b"\0{\0\""), (Encoding::Utf16Be, 0));
    }

    #[test]
    fn pieces_and_surrogates() {
        let bytes: Vec<u8> =
            "aé😀z".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decoded(&[&bytes]), "aé😀z");
        for cut in 0..bytes.len() {
            let (head, tail) = bytes.split_at(cut);
            assert_eq!(decoded(&[head, tail]), "aé😀z");
        }
        assert_eq!(decoded(&[&[0x3D, 0xD8, b'a', 0]]), "\u{fffd}a");
        assert_eq!(decoded(&[&[0x3D, 0xD8, 0x3D, 0xD8]]), "\u{fffd}\u{fffd}");
        assert_eq!(decoded(&[&[0, 0xDC]]), "\u{fffd}");
        assert_eq!(decoded(&[&[b'a', 0, b'b']]), "a\u{fffd}");
        assert_eq!(decoded(&[&[b'a', 0, 0]]), "a");
    }
}
