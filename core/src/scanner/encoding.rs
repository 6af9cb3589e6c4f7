/*!
UTF-16 streams to UTF-8.
*/

use crate::state::{Content, StateError, Writer, corrupt};

/// How a stream is encoded, told from its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Not told yet: fewer than two bytes came.
    Unknown,
    /// UTF-8, or bytes of no known encoding.
    Utf8,
    /// UTF-16, little-endian, by its byte order mark.
    Utf16Le,
    /// UTF-16, big-endian, by its byte order mark.
    Utf16Be,
}

/// Decodes a UTF-16 stream that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Utf16 {
    /// The first byte of a unit whose second has not come.
    byte: Option<u8>,
    /// A leading surrogate whose trailing one has not come.
    leading: Option<u16>,
}

impl Utf16 {
    /// Writes down what is left of a piece.
    pub(super) fn save(&self, writer: &mut Writer) {
        writer.byte(u8::from(self.byte.is_some()));
        writer.byte(self.byte.unwrap_or(0));
        writer.byte(u8::from(self.leading.is_some()));
        writer.array(self.leading.unwrap_or(0).to_le_bytes());
    }

    pub(super) fn restored(
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

    /// Appends what a piece decodes to. What cannot be decoded becomes
    /// U+FFFD.
    pub(super) fn decode(
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

    /// Appends what is left of a stream that ends in the middle.
    pub(super) fn finish(&mut self, text: &mut Vec<u8>) {
        let cut = self.byte.take().is_some();
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
    }
}
