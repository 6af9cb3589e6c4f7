/*!
JSON, read in place.

[`Cursor`] walks one JSON text member by member without building anything and
without recursion. Whatever the caller does not ask for is skipped, but its
structure is checked all the same: a record that is cut short is an error,
never a silent part of one. What real logs get wrong inside strings (raw
control characters, bytes that are not UTF-8, unknown escapes) is let
through.
*/

use memchr::memchr;
use t1053_literals::first_of;

use crate::record::error::{RecordError, RecordErrorKind};
use crate::record::raw::{Encoding, Raw};

/// Deepest nesting that is read.
const MOST_LEVELS: usize = 1024;

const TOO_DEEP: &str = "nested too deep";

/// A value, or the beginning of one that holds others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// A string's inside, escapes and all.
    String(&'a [u8]),
    /// A number, `true` or `false`, as spelled.
    Scalar(&'a [u8]),
    /// `null`.
    Null,
    /// An object was opened; its members come from [`Cursor::member`].
    Object,
    /// An array was opened; its elements come from [`Cursor::element`].
    Array,
}

impl<'a> Value<'a> {
    /// The value of a field; `None` for null, objects and arrays.
    pub(crate) fn raw(self) -> Option<Raw<'a>> {
        match self {
            Value::String(bytes) => {
                Some(Raw { bytes, encoding: Encoding::Json })
            }
            Value::Scalar(bytes) => Some(Raw::plain(bytes)),
            Value::Null | Value::Object | Value::Array => None,
        }
    }
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// A value.
    Value,
    /// The first member or element, or the end of what was opened.
    First,
    /// A comma, or the end of what is open.
    Next,
}

/// A place in a JSON text.
///
/// A caller asks for the value it is at ([`value`](Cursor::value)), and when
/// that opened an object or array, for each of its members or elements until
/// there are no more. A value that was not asked for is skipped.
///
/// What is met at every member is inlined whatever its size: to hand a
/// `Result` of values over in memory takes as long as to read a short string.
/// It looks for what most writers write, and leaves blanks, errors and the
/// rest to functions that do without.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    /// Length of the text.
    length: usize,
    /// What was not read yet.
    rest: &'a [u8],
    expected: Expected,
    /// How many objects and arrays are open.
    levels: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of a text, a byte order mark aside.
    pub(crate) fn new(input: &'a [u8]) -> Cursor<'a> {
        let has_mark = input.starts_with(b"\xEF\xBB\xBF");
        Cursor::at(input, if has_mark { 3 } else { 0 })
    }

    /// At an offset in what holds a text at its end.
    pub(crate) fn at(input: &'a [u8], offset: usize) -> Cursor<'a> {
        let rest = input.get(offset..).unwrap_or_default();
        let length = input.len();
        Cursor { length, rest, expected: Expected::Value, levels: 0 }
    }

    /// Offset of the next byte that is not blank.
    pub(crate) fn offset(&mut self) -> usize {
        self.peek();
        self.length.saturating_sub(self.rest.len())
    }

    /// What was not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Reads the value that comes next: all of a plain one, the opening of
    /// an object or array.
    #[inline(always)]
    pub(crate) fn value(&mut self) -> Result<Value<'a>, RecordError> {
        // As most are written, without blanks.
        if let [b'"', text @ ..] = self.rest
            && let Some((inside, rest)) = string(text)
        {
            self.rest = rest;
            self.expected = Expected::Next;
            return Ok(Value::String(inside));
        }
        if let Some(b'-' | b'0'..=b'9') = self.rest.first() {
            return self.number();
        }
        self.any_value()
    }

    /// The same, blanks and errors included.
    #[inline(always)]
    fn any_value(&mut self) -> Result<Value<'a>, RecordError> {
        match self.peek() {
            Some(b'"') => {
                let string = self.string()?;
                self.expected = Expected::Next;
                Ok(Value::String(string))
            }
            Some(b'{') => self.open(Value::Object),
            Some(b'[') => self.open(Value::Array),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => {
                self.literal(b"null")?;
                Ok(Value::Null)
            }
            // What Python writes for numbers that JSON has not.
            Some(b'N') => {
                self.literal(b"NaN")?;
                Ok(Value::Null)
            }
            Some(b'I') => {
                self.literal(b"Infinity")?;
                Ok(Value::Null)
            }
            _ => Err(self.error("expected a value")),
        }
    }

    /// The next member's name, escapes and all, in the object last opened;
    /// `None` at its end. Its value comes next.
    #[inline(always)]
    pub(crate) fn member(&mut self) -> Result<Option<&'a [u8]>, RecordError> {
        Ok(self.member_at()?.and_then(|(text, name)| text.get(..name)))
    }

    /// The same as the text that the name begins, and its length.
    #[inline(always)]
    pub(crate) fn member_at(
        &mut self,
    ) -> Result<Option<(&'a [u8], usize)>, RecordError> {
        if self.expected == Expected::Value {
            self.skip()?;
        }
        self.next_member()
    }

    /// Whether the array last opened has another element, which comes next.
    #[inline(always)]
    pub(crate) fn element(&mut self) -> Result<bool, RecordError> {
        if self.expected == Expected::Value {
            self.skip()?;
        }
        self.next_element()
    }

    /// Whether the first element of the array last opened is an object.
    pub(crate) fn opens_object(mut self) -> bool {
        self.peek() == Some(b'{')
    }

    /// Passes over the value that comes next.
    #[inline(always)]
    pub(crate) fn skip(&mut self) -> Result<(), RecordError> {
        let rest = match self.rest {
            [b'"', text @ ..] => string(text).map(|(_, rest)| rest),
            [b'-' | b'0'..=b'9', ..] => number(self.rest).map(|split| split.1),
            _ => None,
        };
        let Some(rest) = rest else { return self.skip_any() };
        self.rest = rest;
        self.expected = Expected::Next;
        Ok(())
    }

    /// The same for every value.
    #[inline(never)]
    fn skip_any(&mut self) -> Result<(), RecordError> {
        match self.any_value()? {
            opened @ (Value::Object | Value::Array) => self.close(opened),
            _ => Ok(()),
        }
    }

    /// Whether another object or array comes after the outermost value,
    /// with a comma between them or without. Nothing else may.
    pub(crate) fn joined(&mut self) -> Result<bool, RecordError> {
        if self.peek() == Some(b',') {
            self.pass();
        }
        match self.peek() {
            None => Ok(false),
            Some(b'{' | b'[') => {
                self.expected = Expected::Value;
                Ok(true)
            }
            Some(_) => Err(self.error("text after the end of the value")),
        }
    }

    /// The place after the object or array last opened.
    #[inline(never)]
    pub(crate) fn closed(
        mut self,
        opened: Value<'a>,
    ) -> Result<Cursor<'a>, RecordError> {
        self.close(opened)?;
        Ok(self)
    }

    /// Passes over what is left of the object or array last opened.
    pub(crate) fn close(
        &mut self,
        opened: Value<'a>,
    ) -> Result<(), RecordError> {
        let floor = self.levels;
        // Bit per level from the floor up: whether an object is open there.
        let mut objects = [0_u64; MOST_LEVELS / 64];
        let mut in_object = opened == Value::Object;
        if let Some(word) = objects.first_mut() {
            *word = u64::from(in_object);
        }
        loop {
            let more = if in_object {
                self.next_member()?.is_some()
            } else {
                self.next_element()?
            };
            if more {
                let opened = self.value()?;
                if !matches!(opened, Value::Object | Value::Array) {
                    continue;
                }
                in_object = opened == Value::Object;
            } else if self.levels < floor {
                return Ok(());
            }
            let level = self.levels.saturating_sub(floor);
            let bit = 1_u64.wrapping_shl(level as u32 % 64);
            match objects.get_mut(level / 64) {
                Some(word) if more && in_object => *word |= bit,
                Some(word) if more => *word &= !bit,
                Some(word) => in_object = *word & bit != 0,
                // `open` has seen to it that no level lacks its bit.
                None => return Err(self.error(TOO_DEEP)),
            }
        }
    }

    #[inline(always)]
    fn next_member(
        &mut self,
    ) -> Result<Option<(&'a [u8], usize)>, RecordError> {
        // As most are written, without blanks.
        let text = match (self.expected, self.rest) {
            (Expected::Next, [b',', b'"', text @ ..])
            | (Expected::First, [b'"', text @ ..]) => text,
            (_, [b'}', rest @ ..]) => {
                self.rest = rest;
                self.levels = self.levels.saturating_sub(1);
                self.expected = Expected::Next;
                return Ok(None);
            }
            _ => return self.any_member(),
        };
        let Some((name, [b':', rest @ ..])) = string(text) else {
            return self.any_member();
        };
        self.rest = rest;
        self.expected = Expected::Value;
        Ok(Some((text, name.len())))
    }

    /// The same, blanks and errors included.
    #[inline(never)]
    fn any_member(
        &mut self,
    ) -> Result<Option<(&'a [u8], usize)>, RecordError> {
        if !self.another(b'}', "expected a comma or the object's end")? {
            return Ok(None);
        }
        if self.peek() != Some(b'"') {
            return Err(self.error("expected a member's name"));
        }
        let text = self.rest.get(1..).unwrap_or_default();
        let name = self.string()?;
        if self.peek() != Some(b':') {
            return Err(self.error("expected a colon"));
        }
        self.pass();
        self.expected = Expected::Value;
        Ok(Some((text, name.len())))
    }

    #[inline(always)]
    fn next_element(&mut self) -> Result<bool, RecordError> {
        let more =
            self.another(b']', "expected a comma or the array's end")?;
        if more {
            self.expected = Expected::Value;
        }
        Ok(more)
    }

    /// Passes over the comma before a member or element; false when the end
    /// of what holds them came instead.
    #[inline(always)]
    fn another(
        &mut self,
        end: u8,
        reason: &'static str,
    ) -> Result<bool, RecordError> {
        match self.peek() {
            Some(b',') if self.expected == Expected::Next => {
                self.pass();
                Ok(true)
            }
            Some(byte) if byte == end => {
                self.pass();
                self.levels = self.levels.saturating_sub(1);
                self.expected = Expected::Next;
                Ok(false)
            }
            Some(_) if self.expected == Expected::First => Ok(true),
            _ => Err(self.error(reason)),
        }
    }

    #[inline]
    fn open(&mut self, opened: Value<'a>) -> Result<Value<'a>, RecordError> {
        if self.levels == MOST_LEVELS {
            return Err(self.error(TOO_DEEP));
        }
        self.pass();
        self.levels = self.levels.saturating_add(1);
        self.expected = Expected::First;
        Ok(opened)
    }

    /// The inside of the string that begins here.
    #[inline(always)]
    fn string(&mut self) -> Result<&'a [u8], RecordError> {
        let text = self.rest.get(1..).unwrap_or_default();
        let Some((inside, rest)) = string(text) else {
            return Err(self.error("string without an end"));
        };
        self.rest = rest;
        Ok(inside)
    }

    #[inline(always)]
    fn number(&mut self) -> Result<Value<'a>, RecordError> {
        let Some((number, rest)) = number(self.rest) else {
            if self.rest.starts_with(b"-I") {
                self.literal(b"-Infinity")?;
                return Ok(Value::Null);
            }
            return Err(self.error("malformed number"));
        };
        self.rest = rest;
        self.expected = Expected::Next;
        Ok(Value::Scalar(number))
    }

    #[inline]
    fn literal(&mut self, spelling: &[u8]) -> Result<Value<'a>, RecordError> {
        let literal = self.rest.split_at_checked(spelling.len());
        let Some((literal, rest)) =
            literal.filter(|split| split.0 == spelling)
        else {
            return Err(self.error("unknown literal"));
        };
        self.rest = rest;
        self.expected = Expected::Next;
        Ok(Value::Scalar(literal))
    }

    /// The next byte that is not blank.
    #[inline(always)]
    fn peek(&mut self) -> Option<u8> {
        loop {
            let (&byte, rest) = self.rest.split_first()?;
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.rest = rest;
        }
    }

    /// Passes over the byte that was looked at.
    #[inline(always)]
    fn pass(&mut self) {
        if let [_, rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    #[inline(always)]
    fn error(&self, reason: &'static str) -> RecordError {
        error(reason, self.length, self.rest.len())
    }
}

#[cold]
fn error(reason: &'static str, length: usize, rest: usize) -> RecordError {
    let at = length.saturating_sub(rest);
    RecordError::new(RecordErrorKind::Json(reason), at)
}

/// A string whose first quote was passed over, and what follows it.
#[inline(always)]
fn string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    // Most are short, and then this is all there is to do.
    let end = text.first_chunk().map_or(16, |chunk| first_of(b'"', chunk));
    let end = match end.checked_sub(1).and_then(|last| text.get(last)) {
        Some(last) if end < 16 && *last != b'\\' => end,
        _ => string_length(text)?,
    };
    let (inside, rest) = text.split_at_checked(end)?;
    Some((inside, rest.get(1..)?))
}

/// Length of a string whose first quote was passed over; `None` if there is
/// no other.
#[inline(never)]
fn string_length(text: &[u8]) -> Option<usize> {
    let mut length = find(b'"', text)?;
    while ends_escaped(text.get(..length)?) {
        let from = length.checked_add(1)?;
        length = from.checked_add(find(b'"', text.get(from..)?)?)?;
    }
    Some(length)
}

/// What stands behind a member's name, of which what follows it is given:
/// `":7` or `" : "7`. `None` where anything else follows.
pub(crate) fn value_after_name(after: &[u8]) -> Option<&[u8]> {
    let colon = after.strip_prefix(b"\"")?.trim_ascii_start();
    Some(colon.strip_prefix(b":")?.trim_ascii_start())
}

/// Where the first of a byte is. Most texts are short: these are searched in
/// less time than it takes to call `memchr`.
#[inline]
pub(crate) fn find(byte: u8, text: &[u8]) -> Option<usize> {
    const CHUNKS: usize = 4;
    let (chunks, rest) = text.as_chunks::<16>();
    for (index, chunk) in chunks.iter().take(CHUNKS).enumerate() {
        let place = first_of(byte, chunk);
        if place < 16 {
            return Some(index.saturating_mul(16).saturating_add(place));
        }
    }
    if chunks.len() > CHUNKS {
        let at = memchr(byte, text.get(CHUNKS * 16..)?)?;
        return at.checked_add(CHUNKS * 16);
    }
    // What is left overlaps with what was searched.
    let Some(last) = text.last_chunk() else {
        return rest.iter().position(|other| *other == byte);
    };
    let before = text.len().saturating_sub(last.len());
    let place = first_of(byte, last);
    (place < last.len()).then(|| before.saturating_add(place))
}

/// Whether a quote after these bytes of a string is escaped: they end in an
/// odd number of backslashes. No run of backslashes is looked at twice, as
/// each ends at another quote.
#[inline]
fn ends_escaped(inside: &[u8]) -> bool {
    inside.last() == Some(&b'\\')
        && inside.iter().rev().take_while(|&&byte| byte == b'\\').count() % 2
            == 1
}

/// A number, and what follows it.
#[inline(always)]
fn number(text: &[u8]) -> Option<(&[u8], &[u8])> {
    text.split_at_checked(number_length(text)?)
}

/// Length of the number that the text begins with.
#[inline(never)]
fn number_length(text: &[u8]) -> Option<usize> {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let mut rest = after_digits(unsigned)?;
    // Of several digits the first is no zero.
    if let [b'0', b'0'..=b'9', ..] = unsigned {
        return None;
    }
    if let [b'.', fraction @ ..] = rest {
        rest = after_digits(fraction)?;
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        rest = match exponent {
            [b'+' | b'-', digits @ ..] => after_digits(digits)?,
            digits => after_digits(digits)?,
        };
    }
    text.len().checked_sub(rest.len())
}

/// What follows one digit or more.
#[inline]
fn after_digits(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text;
    // Bit masks and times have up to twenty.
    while let Some(chunk) = rest.first_chunk() {
        let count = leading_digits(*chunk);
        rest = rest.get(count..)?;
        if count < chunk.len() {
            return (rest.len() < text.len()).then_some(rest);
        }
    }
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = rest.get(count..)?;
    (rest.len() < text.len()).then_some(rest)
}

/// How many of eight bytes are digits before the first that is none.
#[inline]
fn leading_digits(bytes: [u8; 8]) -> usize {
    let repeat = |byte: u8| u64::from_ne_bytes([byte; 8]);
    let values = u64::from_le_bytes(bytes) ^ repeat(b'0');
    // The highest bit of each byte that is over 9; without it in the sum,
    // none is carried to the next byte.
    let sums = (values & repeat(0x7F)).wrapping_add(repeat(0x7F - 9));
    let others = (sums | values) & repeat(0x80);
    others.trailing_zeros() as usize / 8
}

/// Appends a string's inside with its escapes decoded. A lone surrogate
/// becomes U+FFFD; what is no escape stays as it is.
pub(crate) fn unescape_into(raw: &[u8], buffer: &mut Vec<u8>) {
    unescape(raw, |part| buffer.extend_from_slice(part));
}

/// A string's inside with its escapes decoded; in the scratch if need be,
/// `None` if it does not fit there.
pub(crate) fn unescape_short<'s>(
    raw: &'s [u8],
    scratch: &'s mut [u8],
) -> Option<&'s [u8]> {
    if find(b'\\', raw).is_none() {
        return Some(raw);
    }
    let mut length = 0_usize;
    let mut fits = true;
    unescape(raw, |part| {
        let end = part.len().saturating_add(length);
        match scratch.get_mut(length..end) {
            Some(free) => free.copy_from_slice(part),
            None => fits = false,
        }
        length = end;
    });
    scratch.get(..length).filter(|_| fits)
}

fn unescape(mut raw: &[u8], mut push: impl FnMut(&[u8])) {
    // A character that stands for itself once the backslash before it is gone
    // is pushed with what follows it.
    let mut kept = 0_usize;
    while let Some((plain, escaped)) = raw
        .get(kept..)
        .and_then(|text| find(b'\\', text)?.checked_add(kept))
        .and_then(|at| raw.split_at_checked(at))
    {
        push(plain);
        kept = 0;
        let mut text = [0; 4];
        let (part, rest): (&[u8], &[u8]) = match escaped {
            [_, b'\\' | b'"' | b'/', ..] => {
                kept = 1;
                (b"", escaped.get(1..).unwrap_or_default())
            }
            [_, b'b', rest @ ..] => (b"\x08", rest),
            [_, b'f', rest @ ..] => (b"\x0C", rest),
            [_, b'n', rest @ ..] => (b"\n", rest),
            [_, b'r', rest @ ..] => (b"\r", rest),
            [_, b't', rest @ ..] => (b"\t", rest),
            [first, rest @ ..] => match code_unit(escaped) {
                Some((unit, rest)) => {
                    let (character, rest) = character(unit, rest);
                    (character.encode_utf8(&mut text).as_bytes(), rest)
                }
                None => (core::slice::from_ref(first), rest),
            },
            [] => (b"", b""),
        };
        if !part.is_empty() {
            push(part);
        }
        raw = rest;
    }
    push(raw);
}

/// The UTF-16 code unit of a `\uXXXX`, and what follows it.
fn code_unit(escaped: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) =
        escaped.strip_prefix(b"\\u")?.split_first_chunk::<4>()?;
    let mut unit = 0;
    for &digit in digits {
        unit = unit << 4_u32 | char::from(digit).to_digit(16)?;
    }
    Some((unit, rest))
}

/// The character that begins with a code unit: of two units when the next
/// escape completes a surrogate pair.
fn character(unit: u32, rest: &[u8]) -> (char, &[u8]) {
    if (0xD800..0xDC00).contains(&unit)
        && let Some((low @ 0xDC00..0xE000, after)) = code_unit(rest)
    {
        let code = (unit & 0x3FF) << 10_u32 | low & 0x3FF;
        let code = code.checked_add(0x10000).and_then(char::from_u32);
        return (code.unwrap_or('\u{FFFD}'), after);
    }
    (char::from_u32(unit).unwrap_or('\u{FFFD}'), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(text: &[u8]) -> Option<(usize, &'static str)> {
        let mut cursor = Cursor::new(text);
        let read = cursor.skip().and_then(|()| cursor.joined().map(|_| ()));
        read.err().map(|error| (error.offset(), error.reason()))
    }

    #[test]
    fn digits_end_at_the_first_byte_that_is_none() {
        for length in 0..=20 {
            for byte in 0..=u8::MAX {
                let digits = b"90817263549081726354";
                let mut text = digits[..length].to_vec();
                text.push(byte);
                text.extend_from_slice(b"0099");
                let expected = if byte.is_ascii_digit() {
                    Some(&b""[..])
                } else {
                    Some(&text[length..]).filter(|_| length > 0)
                };
                assert_eq!(after_digits(&text), expected);
            }
        }
        assert_eq!(after_digits(b""), None);
    }

    #[test]
    fn well_formed() {
        for text in [
            r#"{}"#,
            r#"[]"#,
            r#" { "a" : [ 1 , "b" , { } , [ [ ] ] , null ] , "c" : { "d" : true } } "#,
            r#"{"a":{"b":[{"c":[]},{"c":{}}],"d":1},"e":false}"#,
            r#"[0,-0,1.5,-1.5e10,1E+2,2e-3,9223372036854775808]"#,
            r#""""#,
            "{\"tab\":\"raw\ttab\nand line\"}",
            r#"{"":"","\"":"\\"}"#,
            r#""\\\"""#,
            r#"{"bad escape":"\x \u12"}"#,
            r#"{"a":NaN,"b":[Infinity,-Infinity]}"#,
        ] {
            assert_eq!(error_of(text.as_bytes()), None, "{text}");
        }
        assert_eq!(error_of(b"\xEF\xBB\xBF{}\r\n"), None);
        assert_eq!(error_of(b"\"\xFF\xC0\""), None);
    }

    #[test]
    fn malformed() {
        for (text, offset, reason) in [
            ("", 0, "expected a value"),
            ("  ", 2, "expected a value"),
            ("{", 1, "expected a comma or the object's end"),
            ("[", 1, "expected a comma or the array's end"),
            ("{]", 1, "expected a member's name"),
            ("[}", 1, "expected a value"),
            ("[1}", 2, "expected a comma or the array's end"),
            (r#"{"a":1]"#, 6, "expected a comma or the object's end"),
            (r#"{"a":[1}"#, 7, "expected a comma or the array's end"),
            (
                r#"{"a":{"b":[1},"c":2}"#,
                12,
                "expected a comma or the array's end",
            ),
            ("[1,]", 3, "expected a value"),
            ("[,1]", 1, "expected a value"),
            ("[1 2]", 3, "expected a comma or the array's end"),
            (r#"{"a":1,}"#, 7, "expected a member's name"),
            (r#"{"a" 1}"#, 5, "expected a colon"),
            (r#"{"a":}"#, 5, "expected a value"),
            (r#"{"a"}"#, 4, "expected a colon"),
            (r#"{a:1}"#, 1, "expected a member's name"),
            (r#"{"a":"b"#, 5, "string without an end"),
            (r#"{"a":"b\"}"#, 5, "string without an end"),
            (r#"{"a":"b\\\"}"#, 5, "string without an end"),
            ("[tru]", 1, "unknown literal"),
            ("[Na]", 1, "unknown literal"),
            ("[-Inf]", 1, "unknown literal"),
            ("[nul", 1, "unknown literal"),
            ("[01]", 1, "malformed number"),
            ("[-]", 1, "malformed number"),
            ("[1.]", 1, "malformed number"),
            ("[1.e5]", 1, "malformed number"),
            ("[1e]", 1, "malformed number"),
            ("[+1]", 1, "expected a value"),
            ("[1x]", 2, "expected a comma or the array's end"),
            ("[nan]", 1, "unknown literal"),
            ("{}}", 2, "text after the end of the value"),
            ("{} x", 3, "text after the end of the value"),
        ] {
            assert_eq!(
                error_of(text.as_bytes()),
                Some((offset, reason)),
                "{text}"
            );
        }
    }

    #[test]
    fn nesting_is_bounded() {
        for (open, close) in
            [("[", "]"), (r#"{"a":"#, "}"), (r#"[{"a":"#, "}]")]
        {
            let per = open.matches(['[', '{']).count();
            let levels = MOST_LEVELS / per;
            let text =
                [&open.repeat(levels), "1", &close.repeat(levels)].concat();
            assert_eq!(error_of(text.as_bytes()), None);
            let text = open.repeat(levels + 1) + "1";
            let (_, reason) = error_of(text.as_bytes()).unwrap();
            assert_eq!(reason, TOO_DEEP);
            assert!(error_of(open.repeat(1_000_000).as_bytes()).is_some());
        }
    }

    #[test]
    fn walk() {
        let text =
            br#"{"a":"x\ny","skipped":{"a":[1,{"b":[]}]},"c":[1,[2],"z"],"n":null}"#;
        let mut cursor = Cursor::new(text);
        assert_eq!(cursor.value(), Ok(Value::Object));
        assert_eq!(cursor.member(), Ok(Some(&b"a"[..])));
        assert_eq!(cursor.value(), Ok(Value::String(br"x\ny")));
        assert_eq!(cursor.member(), Ok(Some(&b"skipped"[..])));
        assert_eq!(cursor.member(), Ok(Some(&b"c"[..])));
        assert_eq!(cursor.value(), Ok(Value::Array));
        assert_eq!(cursor.element(), Ok(true));
        assert_eq!(cursor.value(), Ok(Value::Scalar(b"1")));
        assert_eq!(cursor.element(), Ok(true));
        assert_eq!(cursor.element(), Ok(true));
        assert_eq!(text.get(cursor.offset()), Some(&b'"'));
        assert_eq!(cursor.value(), Ok(Value::String(b"z")));
        assert_eq!(cursor.element(), Ok(false));
        assert_eq!(cursor.member(), Ok(Some(&b"n"[..])));
        assert_eq!(cursor.value(), Ok(Value::Null));
        assert_eq!(cursor.member(), Ok(None));
        assert_eq!(cursor.joined(), Ok(false));
    }

    #[test]
    fn escapes() {
        for (raw, expected) in [
            ("", ""),
            ("plain", "plain"),
            (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\x08\x0C\n\r\t"),
            (r"C:\\Windows\\x", r"C:\Windows\x"),
            (r"\u0041\u00e9\u20AC", "A\u{e9}\u{20ac}"),
            (r"\ud83d\ude00!", "\u{1f600}!"),
            (r"\ud83d", "\u{fffd}"),
            (r"\ude00x", "\u{fffd}x"),
            (r"\ud83d\ud83d\ude00", "\u{fffd}\u{1f600}"),
            (r"\ud83d\n", "\u{fffd}\n"),
            (r"\ud83dA", "\u{fffd}A"),
            (r"\x\u12\u12g4\", r"\x\u12\u12g4\"),
            (r"\u0000", "\0"),
        ] {
            let mut buffer = b"kept ".to_vec();
            unescape_into(raw.as_bytes(), &mut buffer);
            assert_eq!(buffer, ["kept ", expected].concat().as_bytes());
            let mut scratch = [0; 16];
            assert_eq!(
                unescape_short(raw.as_bytes(), &mut scratch),
                Some(expected.as_bytes()),
            );
        }
        assert_eq!(unescape_short(br"1234\n", &mut [0; 4]), None);
        assert_eq!(unescape_short(b"12345", &mut [0; 4]), Some(&b"12345"[..]));
        let mut buffer = Vec::new();
        unescape_into(b"\xFF\\n\xC0", &mut buffer);
        assert_eq!(buffer, b"\xFF\n\xC0");
    }

    #[test]
    fn cut_and_changed_texts_never_panic() {
        let text = br#"{"a\u0041\ud800":"b\\\"","c":[1.5e-3,true,null,{"d":[]}],"e":{"f":-0}}"#;
        assert_eq!(error_of(text), None);
        for end in 0..text.len() {
            assert!(error_of(&text[..end]).is_some(), "cut at {end}");
            for byte in *b"\"\\{}[],:u0\x00\xFF \n" {
                let mut changed = text.to_vec();
                changed[end] = byte;
                let _ = error_of(&changed);
                let mut buffer = Vec::new();
                unescape_into(&changed, &mut buffer);
                unescape_into(&changed[end..], &mut buffer);
            }
        }
    }
}
