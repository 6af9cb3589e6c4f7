/*!
Raw values: bytes of a record and how they are written in it, and the buffer
that decoded ones live in while their event does.
*/

use super::{json, xml};

/// How a raw value is written in its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// As it is.
    Plain,
    /// A JSON string's inside, with escapes.
    Json,
    /// XML text or attribute value, with entities.
    Xml,
    /// As Wazuh writes it: backslashes doubled, then a JSON string's inside.
    DoubledJson,
}

/// A value as it stands in the record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) encoding: Encoding,
}

impl<'a> Raw<'a> {
    pub(crate) const fn plain(bytes: &'a [u8]) -> Raw<'a> {
        Raw { bytes, encoding: Encoding::Plain }
    }
}

/// A decoded value: part of the record, or of the buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Decoded<'a> {
    Record(&'a [u8]),
    Buffer(usize, usize),
}

impl<'a> Decoded<'a> {
    /// Decodes a value, into the buffer if it cannot be borrowed.
    pub(crate) fn from_raw(raw: Raw<'a>, buffer: &mut Vec<u8>) -> Decoded<'a> {
        let start = buffer.len();
        match raw.encoding {
            Encoding::Plain => return Decoded::Record(raw.bytes),
            Encoding::Json => json::unescape_into(raw.bytes, buffer),
            Encoding::Xml => xml::unescape_into(raw.bytes, buffer),
            Encoding::DoubledJson => {
                json::unescape_into(raw.bytes, buffer);
                halve_backslashes(buffer, start);
            }
        }
        Decoded::Buffer(start, buffer.len())
    }

    /// The bytes, once nothing more is decoded.
    pub(crate) fn resolve<'b>(self, buffer: &'b [u8]) -> &'b [u8]
    where
        'a: 'b,
    {
        match self {
            Decoded::Record(bytes) => bytes,
            Decoded::Buffer(start, end) => {
                buffer.get(start..end).unwrap_or_default()
            }
        }
    }
}

/// Makes one backslash of each pair in the buffer from `start` on.
fn halve_backslashes(buffer: &mut Vec<u8>, start: usize) {
    let mut after_backslash = false;
    let mut index = 0;
    buffer.retain(|&byte| {
        let second = after_backslash && byte == b'\\' && index > start;
        after_backslash = byte == b'\\' && !second && index >= start;
        index += 1;
        !second
    });
}
