/*!
The fields in the text of an auditd record.

Few of a record's fields are of interest, and they come in one order. So each
is looked for from where the one before it ended, by a byte of its name that
is rare in what is passed over. Going from word to word instead took half as
long again, most of it lost on branches that no processor predicts: 300 ns for
a SYSCALL of 314 bytes, now 200.
*/

use memchr::{memchr, memchr_iter, memchr2};

use crate::bytes;
use crate::event::Value;

use crate::record::decode::Decoded;

/// Stands between what the kernel wrote and what the daemon adds.
pub(crate) const ENRICHED: u8 = 0x1d;

/// How a record's values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As the kernel writes them: quoted, or in hex where that would be
    /// ambiguous.
    Raw,
    /// As `ausearch -i` shows them: bare, with names for numbers.
    Interpreted,
    /// As auoms does: decoded, quoted or not.
    Decoded,
}

/// The name of a field, and where in it the byte is that is looked for.
pub(crate) struct Label {
    /// With the equals sign.
    pub(crate) name: &'static [u8],
    /// Place in the name of the byte that is looked for.
    pub(crate) rare: usize,
    /// That byte.
    pub(crate) byte: u8,
}

/// The fields of a record.
///
/// What takes a label is always inlined: with names compared as constants, a
/// record is read in two thirds of the time.
#[derive(Clone)]
pub(crate) struct Fields<'a> {
    text: &'a [u8],
    form: Form,
    /// Where the field found last ended.
    at: usize,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(text: &'a [u8], form: Form) -> Fields<'a> {
        Fields { text, form, at: 0 }
    }

    /// Whether nothing follows the field found last.
    pub(crate) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// The value of a field, which is looked for after the one found last,
    /// then before it.
    #[inline(always)]
    pub(crate) fn get(&mut self, label: &Label) -> Option<Text<'a>> {
        let at = match split(self.text, self.at).1 {
            [(..=b' '), next @ ..] if next.starts_with(label.name) => {
                self.at.saturating_add(1)
            }
            _ => self
                .find(label, self.at, self.text.len())
                .or_else(|| self.find(label, 0, self.at))?,
        };
        let at = at.saturating_add(label.name.len());
        let (value, length) = Text::read(split(self.text, at).1, self.form);
        self.at = at.saturating_add(length);
        Some(value)
    }

    /// The value of a field that may be the last one that the kernel wrote:
    /// the enriched part may follow it without a blank.
    #[inline(always)]
    pub(crate) fn get_last(&mut self, label: &Label) -> Option<Text<'a>> {
        let (value, enriched) = self.get(label)?.without_enriched();
        self.at = self.at.saturating_sub(enriched);
        Some(value)
    }

    /// The value of a field that is never in hex.
    #[inline(always)]
    pub(crate) fn plain(&mut self, label: &Label) -> Value<'a> {
        self.get(label).and_then(Text::plain)
    }

    /// The value of a field that the kernel may have written in hex.
    #[inline(always)]
    pub(crate) fn decoded(
        &mut self,
        label: &Label,
        buffer: &mut Vec<u8>,
    ) -> Option<Decoded<'a>> {
        self.get(label)?.decode(buffer)
    }

    #[inline(always)]
    fn find(&self, label: &Label, from: usize, to: usize) -> Option<usize> {
        for at in memchr_iter(label.byte, self.text.get(from..to)?) {
            let at = from.saturating_add(at);
            let Some(at) = at.checked_sub(label.rare) else { continue };
            let (before, text) = split(self.text, at);
            let starts = before.last().is_none_or(|&byte| byte <= b' ');
            if starts && text.starts_with(label.name) {
                return Some(at);
            }
        }
        None
    }
}

/// A value without the enriched part that may be glued to it.
fn before_enriched(value: &[u8]) -> &[u8] {
    if let Some(at) = memchr(ENRICHED, value) {
        return split(value, at).0;
    }
    let Some(at) = memchr(b'=', value) else { return value };
    let (before, _) = split(value, at);
    [&b"ARCH"[..], b"SYSCALL", b"AUID", b"OUID", b"UID"]
        .into_iter()
        .find_map(|name| before.strip_suffix(name))
        .unwrap_or(value)
}

/// A value as it stands in a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Text<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) written: Written,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Quoted,
    Bare,
    /// By the kernel, so in hex if the field can be quoted at all.
    BareOrHex,
}

impl<'a> Text<'a> {
    /// The value without the enriched part that may be glued to it, and how
    /// long that is.
    #[inline(always)]
    pub(crate) fn without_enriched(self) -> (Text<'a>, usize) {
        if self.written != Written::BareOrHex {
            return (self, 0);
        }
        let bytes = before_enriched(self.bytes);
        let enriched = self.bytes.len().saturating_sub(bytes.len());
        (Text { bytes, ..self }, enriched)
    }

    /// Reads the value that a text begins with, and says how much of the text
    /// that is.
    pub(crate) fn read(text: &'a [u8], form: Form) -> (Text<'a>, usize) {
        if let Some(inside) = text.strip_prefix(b"\"") {
            let length = memchr(b'"', inside).unwrap_or(inside.len());
            let bytes = split(inside, length).0;
            let text = Text { bytes, written: Written::Quoted };
            return (text, length.saturating_add(2));
        }
        let (length, written) = match form {
            Form::Raw => (memchr(b' ', text), Written::BareOrHex),
            Form::Interpreted => (interpreted_end(text), Written::Bare),
            Form::Decoded if text.starts_with(b"[\"") => {
                (list_end(text), Written::Bare)
            }
            Form::Decoded => (memchr(b' ', text), Written::Bare),
        };
        let length = length.unwrap_or(text.len());
        (Text { bytes: split(text, length).0, written }, length)
    }

    /// The value, unless it stands for none.
    pub(crate) fn plain(self) -> Value<'a> {
        let none = self.written != Written::Quoted
            && matches!(self.bytes, b"(null)" | b"(none)");
        (!none).then_some(self.bytes)
    }

    /// The value of a field that the kernel may have written in hex.
    pub(crate) fn decode(self, buffer: &mut Vec<u8>) -> Option<Decoded<'a>> {
        let bytes = self.plain()?;
        let start = buffer.len();
        if self.written == Written::BareOrHex && decode_hex(bytes, buffer) {
            return Some(Decoded::Buffer(start, buffer.len()));
        }
        Some(Decoded::Record(bytes))
    }

    /// Appends such a value.
    pub(crate) fn append(self, buffer: &mut Vec<u8>) {
        if let Some(Decoded::Record(bytes)) = self.decode(buffer) {
            buffer.extend_from_slice(bytes);
        }
    }
}

/// Appends what hex digits stand for, if they are such as the kernel writes:
/// in pairs, upper case.
fn decode_hex(text: &[u8], buffer: &mut Vec<u8>) -> bool {
    if !text.len().is_multiple_of(2) {
        return false;
    }
    let start = buffer.len();
    let mut wrong = 0;
    buffer.extend(text.chunks_exact(2).map(|pair| {
        let mut value = 0;
        for &digit in pair {
            let digit = hex_value(digit);
            wrong |= digit;
            value = value << 4 | digit & 0xf;
        }
        value
    }));
    let right = wrong <= 0xf;
    if !right {
        buffer.truncate(start);
    }
    right
}

/// The value of an upper-case hex digit; of anything else, over 15.
fn hex_value(byte: u8) -> u8 {
    let number = byte.wrapping_sub(b'0');
    let letter = byte.wrapping_sub(b'A' - 10);
    match (number, letter) {
        (0..10, _) => number,
        (_, 10..16) => letter,
        _ => 0xff,
    }
}

/// Where an interpreted value ends, if before the text does: before a blank
/// and what looks like the name of a field.
fn interpreted_end(text: &[u8]) -> Option<usize> {
    let mut from = 0;
    for equals in memchr_iter(b'=', text) {
        let before = text.get(from..equals)?;
        let name = before.iter().rev().take_while(
            |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'),
        );
        let start = before.len().saturating_sub(name.count());
        let (before, name) = split(before, start);
        if !name.is_empty() && before.last() == Some(&b' ') {
            return Some(from.saturating_add(before.trim_ascii_end().len()));
        }
        from = equals.saturating_add(1);
    }
    None
}

/// Where a list of strings ends.
fn list_end(text: &[u8]) -> Option<usize> {
    let mut strings = Strings(text);
    loop {
        let rest = strings.0;
        let (_, end) = split(rest, memchr2(b']', b'"', rest)?);
        if let [b']', after @ ..] = end {
            return text.len().checked_sub(after.len());
        }
        strings.next()?;
    }
}

/// The insides of the strings in a JSON array.
pub(crate) struct Strings<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for Strings<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let inside = bytes::after(self.0, memchr(b'"', self.0)?);
        let mut from = 0_usize;
        loop {
            let at = memchr2(b'"', b'\\', inside.get(from..)?)?;
            from = from.saturating_add(at);
            let (string, after) = split(inside, from);
            if let [b'"', after @ ..] = after {
                self.0 = after;
                return Some(string);
            }
            from = from.saturating_add(2);
        }
    }
}

/// A text in two, the second part empty when it is too short.
pub(crate) fn split(text: &[u8], at: usize) -> (&[u8], &[u8]) {
    text.split_at_checked(at).unwrap_or((text, b""))
}
