/*!
How a string in a JSON record begins, where it may be a record itself.
*/

use memchr::memmem;

use super::detect::detect;
use super::prefix::{BOM, begins_header};
use super::syntax::json;
use super::{host_line, windows_text};

/// Whether the inside of a string may be a record.
pub(super) fn may_be_record(text: &[u8]) -> bool {
    let scratch = &mut [0; MOST_BEGINNING];
    let start = beginning(text, scratch);
    let is_escaped = start.as_ptr() != text.as_ptr();
    detect(start).is_some()
        || begins_text(start)
        || host_line::is_record(start)
        // What follows the header is not in plain sight.
        || begins_header(start) && (is_escaped || has_escaped_tag(text))
}

/// Most bytes of a string that are looked at to tell how it begins: several
/// headers, each character of which is escaped, are shorter.
pub(super) const MOST_BEGINNING: usize = 512;

/// The inside of a string from where its text begins: behind white space and
/// a mark of byte order. Where that is escaped, the beginning of it without
/// escapes: what writes JSON that may stand in HTML has `\u003c` for `<`, as
/// Docker's logs and PowerShell do.
pub(super) fn beginning<'t>(
    text: &'t [u8],
    scratch: &'t mut [u8; MOST_BEGINNING],
) -> &'t [u8] {
    let start = text.trim_ascii_start();
    let start = start.strip_prefix(BOM).unwrap_or(start);
    if start.first() != Some(&b'\\') {
        return start;
    }
    let head = start.get(..MOST_BEGINNING).unwrap_or(start);
    // No escape is shorter than what it stands for.
    let head = json::unescape_short(head, scratch);
    debug_assert!(head.is_some(), "longer than it was");
    let head = head.unwrap_or_default();
    head.strip_prefix(BOM).unwrap_or(head).trim_ascii_start()
}

/// Whether a text begins as a record does in base64: `{"`, `{` and a line end
/// or a blank, `[{`, `<E`, `<?x`, `typ`. Queues and streams carry records so.
pub(super) fn begins_in_base64(text: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 9] = [
        b"eyI", b"eyJ", b"ewo", b"ew0", b"eyA", b"W3s", b"PEV", b"PD94",
        b"dHlw",
    ];
    BEGINNINGS.iter().any(|begins| text.starts_with(begins))
}

/// Whether the tag of an event's XML stands in a string, escaped.
fn has_escaped_tag(text: &[u8]) -> bool {
    let tags = [br"\u003cEvent", br"\u003CEvent"];
    tags.iter().any(|tag| memmem::find(text, *tag).is_some())
}

/// Whether the inside of a string is a text that its first line tells: to be
/// looked at without the escape that ends it.
pub(super) fn begins_text(text: &[u8]) -> bool {
    let line = text.split(|&byte| byte == b'\\').next();
    line.is_some_and(windows_text::is_record)
}
