/*!
What loggers put before a record.
*/

use memchr::{memchr, memmem};

/// Most bytes that loggers put before a record.
pub(super) const MOST_PREFIX: usize = 512;

/// Where the JSON object begins that a syslog line carries behind its header.
pub(super) fn carried_object(line: &[u8]) -> Option<usize> {
    // As most JSON is, without any.
    if line.starts_with(b"{") || line.trim_ascii_end().last() != Some(&b'}') {
        return None;
    }
    let head = line.get(..MOST_PREFIX).unwrap_or(line);
    let at = memmem::find(head, b"{\"")?;
    let header = head.get(..at)?;
    let is_apart = matches!(header.last(), Some(b' ' | b':'));
    // JSON itself is no header, nor what is left of a cut record, nor XML.
    let is_header = match header.trim_ascii_start() {
        [] | [b'{' | b'[', ..] => false,
        [b'<', digit, ..] => digit.is_ascii_digit(),
        _ => memchr(b'"', header).is_none(),
    };
    let is_header = is_header && memmem::find(header, b"<Event").is_none();
    (is_apart && is_header).then_some(at)
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
}
