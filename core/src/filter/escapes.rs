/*!
Bytes that JSON and XML leave as they are, and the ways to write them
otherwise all the same.
*/

use memchr::memmem;

/// Whether a byte may be part of a literal that is searched for in raw
/// records: no writer of JSON or XML has a reason to escape it.
pub(super) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// Whether a byte stands in raw records as it is: a plain one, or one that
/// writers do not escape either, though it may stand between values, too. Not
/// among them are those that JSON (`"`, `\`, `/`) or XML (`<`, `>`, `&`, `'`)
/// escape, and those that some encoders of JSON escape for the sake of HTML
/// (`=`, `+`, a backtick).
///
/// With these, the rule's `event::clear` is looked for as a whole, and not as
/// `event`, which every record has.
pub(super) fn is_kept(byte: u8) -> bool {
    is_plain(byte) || b" !#$%()*,:;?@[]^{|}~".contains(&byte)
}

/// Whether what follows `\u00` is a plain byte, or an ampersand that begins
/// a character reference.
pub(super) fn escape_hides(after: &[u8]) -> bool {
    let digits = after.get(..2).and_then(|digits| str::from_utf8(digits).ok());
    match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
        Some(b'&') => after.get(2) == Some(&b'#'),
        Some(byte) => is_kept(byte),
        // No escape: `\user`, after a backslash that is one.
        None => false,
    }
}

/// Whether XML in a record may be written in other than plain bytes.
pub(super) fn may_hide(record: &[u8]) -> bool {
    let has = |bytes: &[u8]| memmem::find(record, bytes).is_some();
    has(b"&#") || has(b"!--") || has(b"![CDATA[")
}

/// Whether a character reference stands for a plain byte.
pub(super) fn reference_hides(record: &[u8], at: usize) -> bool {
    let text = record.get(at..).and_then(|text| text.strip_prefix(b"&#"));
    let text = text.unwrap_or_default();
    let text = text.get(..text.len().min(16)).unwrap_or_default();
    let Some(end) = memchr::memchr(b';', text) else {
        return true;
    };
    let number =
        text.get(..end).and_then(|digits| str::from_utf8(digits).ok());
    let code =
        number.and_then(|digits| match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        });
    match code.map(u8::try_from) {
        Some(Ok(byte)) => is_kept(byte),
        Some(Err(_)) => false,
        None => true,
    }
}

/// Whether a value, or a component of a path, may begin after these bytes.
pub(super) fn may_start(before: &[u8]) -> bool {
    match before {
        // After an escape, the letter of it stands before: `\t`, `\u003e`.
        [.., b'\\', b'b' | b'f' | b'n' | b'r' | b't'] => true,
        [.., byte] if is_plain(*byte) => after_hex_escape(before),
        _ => true,
    }
}

fn after_hex_escape(before: &[u8]) -> bool {
    let start = before.len().checked_sub(6);
    let escape = start.and_then(|start| before.get(start..));
    escape.is_some_and(|escape| escape.starts_with(b"\\u"))
}

/// Whether a value may end before these bytes.
pub(super) fn may_end(after: &[u8]) -> bool {
    // The end of a string, of an element, or of a line of text in a string;
    // spelled out or escaped.
    after.first().is_none_or(|byte| !is_plain(*byte))
}
