/*!
Lines of plain text.
*/

use memchr::memchr;

/// The first line without its end, and what follows.
pub(crate) fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = split_at_byte(text, b'\n').unwrap_or((text, b""));
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

/// What stands before and after a byte.
pub(crate) fn split_at_byte(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let (before, rest) = text.split_at_checked(memchr(byte, text)?)?;
    Some((before, rest.get(1..)?))
}

/// A text without the line ends after it.
pub(crate) fn trim_line_ends(mut text: &[u8]) -> &[u8] {
    while let [rest @ .., b'\r' | b'\n'] = text {
        text = rest;
    }
    text
}
