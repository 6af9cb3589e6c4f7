/*!
What loggers put before a record.
*/

use memchr::{memchr, memchr_iter};

use crate::bytes::{self, Phrase};

/// Most bytes that loggers put before a record.
pub(crate) const MOST_PREFIX: usize = 512;

/// Begins an event of Windows in XML.
pub(crate) const EVENT: Phrase = Phrase::new(b"<Event", b'<');

/// Ends the tag of a line, or the time before it.
pub(super) const COLON: Phrase = Phrase::new(b": ", b':');

/// Where the JSON object begins that a syslog line carries behind its header.
pub(super) fn carried_object(line: &[u8]) -> Option<usize> {
    // As most JSON is, without any.
    if line.starts_with(b"{") || line.trim_ascii_end().last() != Some(&b'}') {
        return None;
    }
    let head = line.get(..MOST_PREFIX).unwrap_or(line);
    let at = memchr_iter(b'{', head).find(|&at| {
        let mut inside = bytes::after(line, at).iter();
        inside.find(|byte| !byte.is_ascii_whitespace()) == Some(&b'"')
    })?;
    let header = head.get(..at)?;
    let is_apart = ends_header(header) || header.ends_with(b":");
    // JSON itself is no header, nor what is left of a cut record, nor XML.
    let is_header = match header.trim_ascii_start() {
        [] | [b'{', ..] => false,
        time @ [b'[', ..] => is_dated(time) || is_kernel_line(time),
        [b'<', digit, ..] => digit.is_ascii_digit(),
        _ => memchr(b'"', header).is_none(),
    };
    let is_header = is_header && EVENT.find(header).is_none();
    (is_apart && is_header).then_some(at)
}

/// Whether a header may end where a text does: with a blank, with a priority
/// and nothing else, or with the mark that RFC 5424 puts before text in UTF-8.
pub(super) fn ends_header(header: &[u8]) -> bool {
    match header {
        [.., last] if last.is_ascii_whitespace() => true,
        [b'<', priority @ .., b'>'] => {
            !priority.is_empty() && priority.iter().all(u8::is_ascii_digit)
        }
        _ => header.ends_with(BOM),
    }
}

/// What says that text in UTF-8 follows.
pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Whether a text begins as syslog's lines do: with a priority, or a time.
pub(super) fn begins_header(text: &[u8]) -> bool {
    let time = match text {
        [b'<', rest @ ..] => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
            let end = rest.get(digits.count()..).unwrap_or_default();
            return end.first() == Some(&b'>');
        }
        time => time.get(..15).unwrap_or_default(),
    };
    match time {
        [b'A'..=b'Z', _, _, b' ', day @ ..] => {
            matches!(day, [b' ' | b'0'..=b'9', b'0'..=b'9', b' ', ..])
                && day.get(5) == Some(&b':')
        }
        [_, _, _, _, b'-', _, _, b'-', _, _, b'T' | b' ', ..] => {
            time.first().is_some_and(u8::is_ascii_digit)
        }
        _ => false,
    }
}

/// Whether a line begins with a date in brackets, `[2026-11-25 10:00:00] `,
/// as programs write it. No array of JSON does.
pub(super) fn is_dated(line: &[u8]) -> bool {
    let is_digit = u8::is_ascii_digit;
    matches!(line, [b'[', year @ .., ] if year.iter().take(4).all(is_digit)
        && year.get(4) == Some(&b'-')
        && year.iter().skip(5).take(2).all(is_digit)
        && year.get(7) == Some(&b'-'))
}

/// Whether a line begins with a time as the kernel's own lines do:
/// `[   12.345678] audit: ..`.
pub(super) fn is_kernel_line(line: &[u8]) -> bool {
    let head = line.get(..32).unwrap_or(line);
    let time = head.strip_prefix(b"[").unwrap_or_default();
    let end = memchr(b']', time).unwrap_or_default();
    let (time, after) = time.split_at_checked(end).unwrap_or_default();
    let is_of_time = |byte: &u8| matches!(byte, b' ' | b'.' | b'0'..=b'9');
    // JSON has no word after its end.
    time.iter().all(is_of_time)
        && matches!(after, [b']', b' ', it, ..] if it.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_list_is_no_header() {
        for line in ["[ {\"a\":1}", "{ {\"a\":1}", " {\"a\":1}"] {
            assert_eq!(carried_object(line.as_bytes()), None, "{line}");
        }
        assert_eq!(carried_object(b"x: {\"a\":1}"), Some(3));
    }

    #[test]
    fn headers_end_in_several_ways() {
        for header in [
            "<14>",
            "<14>1 - h x - - - \u{feff}",
            "key\t",
            "[2026-11-25 10:00:00] ",
            "[    1.5] x: ",
        ] {
            for object in ["{\"a\":1}", "{\n \"a\":1}"] {
                let line = format!("{header}{object}");
                let found = carried_object(line.as_bytes());
                assert_eq!(found, Some(header.len()), "{line}");
            }
        }
        for line in ["<a>{\"a\":1}", "[2026] {\"a\":1}", "<>{\"a\":1}"] {
            assert_eq!(carried_object(line.as_bytes()), None, "{line}");
        }
    }
}
