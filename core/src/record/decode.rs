/*!
Raw values decoded, and the buffer that decoded ones live in while their
event does.
*/

use crate::bytes;

use super::raw::{Encoding, Raw};
use super::syntax::json::{self, Cursor, Value};
use super::syntax::xml;

impl<'a> Raw<'a> {
    /// A short value without blanks around it, for looking at: the escapes
    /// that a cautious JSON writer puts even there (`\/`, `\u002B`) are
    /// decoded in the scratch.
    pub(crate) fn short<'s>(&self, scratch: &'s mut [u8]) -> &'s [u8]
    where
        'a: 's,
    {
        let decoded = match self.encoding {
            Encoding::Json | Encoding::DoubledJson => {
                json::unescape_short(self.bytes, scratch)
            }
            _ => None,
        };
        decoded.unwrap_or(self.bytes).trim_ascii()
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
    #[inline]
    pub(crate) fn from_raw(raw: Raw<'a>, buffer: &mut Vec<u8>) -> Decoded<'a> {
        let start = buffer.len();
        match Decoded::borrowed(raw, buffer) {
            Some(bytes) => Decoded::Record(bytes),
            None => Decoded::Buffer(start, buffer.len()),
        }
    }

    /// The bytes that mean what they are; `None` once the value is at the
    /// buffer's end. Returned in registers: what is read back from memory that
    /// was just written in parts is waited for.
    fn borrowed(raw: Raw<'a>, buffer: &mut Vec<u8>) -> Option<&'a [u8]> {
        let start = buffer.len();
        match raw.encoding {
            Encoding::Plain | Encoding::List => {
                return Some(raw.bytes);
            }
            Encoding::Json | Encoding::DoubledJson
                if json::find(b'\\', raw.bytes).is_none() =>
            {
                return Some(raw.bytes);
            }
            Encoding::Xml if !xml::is_escaped(raw.bytes) => {
                return Some(raw.bytes);
            }
            Encoding::LastPart => {
                let bar = memchr::memrchr(b'|', raw.bytes);
                let bytes =
                    bar.map_or(raw.bytes, |at| bytes::after(raw.bytes, at));
                let last = Raw { bytes, encoding: Encoding::Json };
                return Decoded::borrowed(last, buffer);
            }
            Encoding::Backslashes => {
                if json::find(b'\\', raw.bytes).is_none() {
                    return Some(raw.bytes);
                }
                buffer.extend_from_slice(raw.bytes);
                shrink(buffer, start, |byte, rest| match (byte, rest) {
                    (b'\\', [escaped @ (b'\\' | b'"' | b']'), ..]) => {
                        (*escaped, 2)
                    }
                    _ => (byte, 1),
                });
            }
            Encoding::Cef => {
                if json::find(b'\\', raw.bytes).is_none() {
                    return Some(raw.bytes);
                }
                buffer.extend_from_slice(raw.bytes);
                shrink(buffer, start, |byte, rest| match (byte, rest) {
                    (b'\\', [escaped @ (b'\\' | b'=' | b'|'), ..]) => {
                        (*escaped, 2)
                    }
                    (b'\\', [b'n', ..]) => (b'\n', 2),
                    (b'\\', [b'r', ..]) => (b'\r', 2),
                    _ => (byte, 1),
                });
            }
            Encoding::Santa => {
                const BAR: &[u8] = b"<pipe>";
                let mut rest = raw.bytes;
                while let Some(at) = memchr::memmem::find(rest, BAR) {
                    let (before, after) = rest.split_at(at);
                    buffer.extend_from_slice(before);
                    buffer.push(b'|');
                    rest = after.strip_prefix(BAR).unwrap_or_default();
                }
                if rest.len() == raw.bytes.len() {
                    return Some(raw.bytes);
                }
                buffer.extend_from_slice(rest);
            }
            Encoding::Json => json::unescape_into(raw.bytes, buffer),
            Encoding::Base64 => {
                json::unescape_into(raw.bytes, buffer);
                let text = buffer.get(start..).unwrap_or_default();
                let length = text.trim_ascii_end().len();
                buffer.truncate(start.saturating_add(length));
                decode_base64(buffer, start);
            }
            Encoding::Xml => xml::unescape_into(raw.bytes, buffer),
            Encoding::DoubledJson => {
                json::unescape_into(raw.bytes, buffer);
                halve_backslashes(buffer, start);
            }
            Encoding::First => {
                let first = elements(raw.bytes).next();
                return match first {
                    Some(first) => Decoded::borrowed(first, buffer),
                    None => Some(b""),
                };
            }
            Encoding::Arguments | Encoding::Base64Arguments => {
                for (index, argument) in elements(raw.bytes).enumerate() {
                    if index > 0 {
                        buffer.push(b' ');
                    }
                    let at = buffer.len();
                    if let Some(text) = Decoded::borrowed(argument, buffer) {
                        buffer.extend_from_slice(text);
                    }
                    if raw.encoding == Encoding::Base64Arguments {
                        decode_base64(buffer, at);
                    }
                }
            }
            Encoding::Bytes => buffer.extend(
                elements(raw.bytes)
                    .filter(|number| !number.bytes.is_empty())
                    .filter_map(|number| bytes::number(number.bytes))
                    .filter_map(|number| u8::try_from(number).ok()),
            ),
        }
        None
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

/// The plain elements of a JSON array, or members of an object, that is known
/// to be well-formed. An object counts as its member `Value`, as PowerShell writes values, any other
/// object, an array or `null` as an empty one.
pub(crate) fn elements(list: &[u8]) -> Elements<'_> {
    let mut cursor = Cursor::new(list);
    let opened = cursor.value().ok();
    Elements { cursor, opened }
}

/// The values of a list.
#[derive(Clone)]
pub(crate) struct Elements<'a> {
    cursor: Cursor<'a>,
    /// What was opened: an object has its values in its members.
    opened: Option<Value<'a>>,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Raw<'a>;

    fn next(&mut self) -> Option<Raw<'a>> {
        let more = match self.opened {
            Some(Value::Array) => self.cursor.element().ok()?,
            Some(Value::Object) => self.cursor.member().ok()?.is_some(),
            _ => false,
        };
        let value = |cursor| value(cursor, 2).unwrap_or(Raw::plain(b""));
        more.then(|| value(&mut self.cursor))
    }
}

/// The value that comes next, if it is plain or an object with a plain value
/// at most some levels down: an identifier of an account is an object in its
/// turn.
fn value<'a>(cursor: &mut Cursor<'a>, levels: usize) -> Option<Raw<'a>> {
    let value = cursor.value().ok()?;
    match (value, levels.checked_sub(1)) {
        (Value::Object, Some(levels)) => {
            let mut found = None;
            while let Some(name) = cursor.member().ok()? {
                if matches!(name, b"Value" | b"#text") {
                    found = self::value(cursor, levels);
                }
            }
            found
        }
        (Value::Object | Value::Array, _) => {
            cursor.close(value).ok()?;
            None
        }
        _ => value.raw(),
    }
}

/// The value that comes next, if it is plain.
pub(crate) fn plain<'a>(cursor: &mut Cursor<'a>) -> Option<Raw<'a>> {
    let value = cursor.value().ok()?;
    if let Value::Object | Value::Array = value {
        cursor.close(value).ok()?;
    }
    value.raw()
}

/// Decodes base64 in the buffer from `start` on; what is none stays as it is.
fn decode_base64(buffer: &mut Vec<u8>, start: usize) {
    let text = buffer.get(start..).unwrap_or_default();
    let digits = text.iter().take_while(|byte| **byte != b'=');
    let is_base64 = text.len() & 3 == 0
        && digits.clone().all(|byte| base64_digit(*byte).is_some())
        && text.len().saturating_sub(digits.count()) < 3;
    if !is_base64 {
        return;
    }
    let (mut bits, mut count, mut to) = (0_u32, 0_u32, start);
    for from in start..buffer.len() {
        let digit = buffer.get(from).and_then(|byte| base64_digit(*byte));
        let Some(digit) = digit else { break };
        bits = bits << 6 | digit;
        count = count.saturating_add(6);
        if let Some(left) = count.checked_sub(8) {
            count = left;
            if let Some(slot) = buffer.get_mut(to) {
                *slot = (bits >> left) as u8;
            }
            to = to.saturating_add(1);
        }
    }
    buffer.truncate(to);
}

fn base64_digit(byte: u8) -> Option<u32> {
    let (first, value) = match byte {
        b'A'..=b'Z' => (b'A', 0),
        b'a'..=b'z' => (b'a', 26),
        b'0'..=b'9' => (b'0', 52),
        b'+' | b'-' => (byte, 62),
        b'/' | b'_' => (byte, 63),
        _ => return None,
    };
    Some(u32::from(byte.saturating_sub(first)).saturating_add(value))
}

/// Makes one backslash of each pair in the buffer from `start` on.
fn halve_backslashes(buffer: &mut Vec<u8>, start: usize) {
    shrink(buffer, start, |byte, rest| {
        let pair = byte == b'\\' && rest.first() == Some(&b'\\');
        (byte, if pair { 2 } else { 1 })
    });
}

/// Decodes the buffer's end from `start` on in place, into as many bytes or
/// fewer. Given a byte and what follows it, `decode` returns the byte that
/// the first of them stand for, and how many those are.
#[inline]
pub(super) fn shrink(
    buffer: &mut Vec<u8>,
    start: usize,
    decode: impl Fn(u8, &[u8]) -> (u8, usize),
) {
    let (mut from, mut to) = (start, start);
    while let Some([byte, rest @ ..]) = buffer.get(from..) {
        let (byte, length) = decode(*byte, rest);
        from = from.saturating_add(length);
        if let Some(slot) = buffer.get_mut(to) {
            *slot = byte;
        }
        to = to.saturating_add(1);
    }
    buffer.truncate(to);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borrowed_or_decoded() {
        use Encoding::{Base64Arguments, DoubledJson, Json, Plain, Xml};
        let mut buffer = br"before\\".to_vec();
        for (encoding, bytes, expected) in [
            (Plain, r"a\\b", r"a\\b"),
            (Json, "plain", "plain"),
            (Json, r"C:\\x\\\\y\n", "C:\\x\\\\y\n"),
            (DoubledJson, r"C:\\\\x\\\\\\\\y", r"C:\x\\y"),
            (DoubledJson, r"odd\\ \\\\\\", r"odd\ \\"),
            (DoubledJson, r#"\"\\\"\\\\"#, r#""\"\"#),
            (DoubledJson, "plain", "plain"),
            (
                Base64Arguments,
                r#"["Y3JvbnRhYg==","LWU=","LXUK","not base64!","abc"]"#,
                "crontab -e -u\n not base64! abc",
            ),
            (Xml, r"C:\\x &amp; y", r"C:\\x & y"),
            (Xml, r"C:\\plain > x", r"C:\\plain > x"),
        ] {
            let raw = Raw { bytes: bytes.as_bytes(), encoding };
            let decoded = Decoded::from_raw(raw, &mut buffer);
            let text = String::from_utf8_lossy(decoded.resolve(&buffer));
            assert_eq!(text, expected, "{encoding:?} {bytes}");
            let borrowed = matches!(decoded, Decoded::Record(_));
            assert_eq!(borrowed, expected == bytes, "{encoding:?} {bytes}");
        }
        assert!(buffer.starts_with(br"before\\"));
    }

    #[test]
    fn lists() {
        use Encoding::{Arguments, Bytes, First, List};
        let odd = r#" [ "a\"b" , null,[1],{"x":[]}, 7 ,true]"#;
        for (encoding, bytes, expected) in [
            (List, r#"["a"]"#, r#"["a"]"#),
            (Arguments, r#"["sh","-c","a \"b\""]"#, r#"sh -c a "b""#),
            (Arguments, odd, r#"a"b    7 true"#),
            (Arguments, "[]", ""),
            (First, odd, r#"a"b"#),
            (First, "[7,8]", "7"),
            (First, "[]", ""),
            (Bytes, "[104, 105,10]", "hi\n"),
            // What is no byte is left out.
            (Bytes, r#"[104,256,-1,null,"x",1.5,105]"#, "hi"),
        ] {
            let raw = Raw { bytes: bytes.as_bytes(), encoding };
            let mut buffer = b"before".to_vec();
            let decoded = Decoded::from_raw(raw, &mut buffer);
            let text = String::from_utf8_lossy(decoded.resolve(&buffer));
            assert_eq!(text, expected, "{encoding:?} {bytes}");
            assert!(buffer.starts_with(b"before"));
        }
    }
}
