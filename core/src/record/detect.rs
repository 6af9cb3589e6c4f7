/*!
The format of a record, from how it begins.

What it opens with is told once: of a stream's record by the framer, for its
end depends on it. The filter and the reader are handed that.
*/

use super::format::Format;
use super::journal_text::journal_form;
use super::prefix::{
    EVENT, begins_header, carried_object, is_dated, is_kernel_line,
};
use super::{auditd, host_line, printed, windows_line, windows_text};

/// What a record opens with, if that alone tells what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// `{`: JSON.
    Object,
    /// `<`, but of no priority of syslog's: XML.
    Element,
    /// `type=`: a line of auditd's, unless what follows is of no record.
    Type,
    /// None of these: what it is has to be looked for in it.
    Other,
    /// None of these, in a format that the caller names.
    Named(Format),
}

impl Opening {
    /// What a record of a format, or a beginning of it, opens with. The format
    /// is what the caller names.
    pub(crate) fn of(format: Format, record: &[u8]) -> Opening {
        let is = |asked| matches!(format, Format::Auto) || format == asked;
        match record.trim_ascii_start() {
            [b'{', ..] if is(Format::Json) => Opening::Object,
            [b'<', after @ ..]
                if is(Format::Xml)
                    && !after.first().is_some_and(u8::is_ascii_digit) =>
            {
                Opening::Element
            }
            _ if format != Format::Auto => Opening::Named(format),
            text if text.starts_with(b"type=") => Opening::Type,
            _ => Opening::Other,
        }
    }

    /// The format of the record that opens so; `None` when it is none that is
    /// known.
    pub(super) fn format(self, record: &[u8]) -> Option<Format> {
        let start = record.trim_ascii_start();
        match self {
            Opening::Object => Some(Format::Json),
            Opening::Element => Some(Format::Xml),
            Opening::Named(format) => Some(format),
            // Most auditd lines; no text begins so.
            Opening::Type if auditd::is_record(start) => Some(Format::Auditd),
            Opening::Type | Opening::Other => detect_text(start),
        }
    }
}

/// The format of a text, from how it begins; `None` when it is none that is
/// known.
pub(super) fn detect(text: &[u8]) -> Option<Format> {
    Opening::of(Format::Auto, text).format(text)
}

/// The same of one, without leading blanks, that is no object and no element.
fn detect_text(start: &[u8]) -> Option<Format> {
    match start.first()? {
        // The kernel's lines, and Santa's, begin with the time.
        b'[' if start.get(1).is_some_and(u8::is_ascii_digit)
            && host_line::is_record(start) =>
        {
            None
        }
        b'[' if !is_kernel_line(start) && !is_dated(start)
            || printed::entry(start).is_some() =>
        {
            Some(Format::Json)
        }
        b'0'..=b'9' if printed::is_alert(start) => Some(Format::Json),
        // A string that is an object, and the only field of a table.
        b'"' if start.starts_with(b"\"{\\") || printed::is_field(start) => {
            Some(Format::Json)
        }
        // What is in an entry of the journal may be anything.
        _ if journal_form(start).is_some() => Some(Format::Json),
        // Before auditd, whose mark may stand in what the text quotes.
        _ if windows_text::is_record(start)
            || windows_line::is_record(start) =>
        {
            Some(Format::WinEventLog)
        }
        _ if auditd::is_record(start) => Some(Format::Auditd),
        _ if printed::is_alert(start) => Some(Format::Json),
        _ if carried_object(start).is_some() => Some(Format::Json),
        // A syslog line that carries XML.
        _ if EVENT.find(start).is_some() => Some(Format::Xml),
        _ => None,
    }
}

/// Whether a text begins with a record, with nothing before it.
pub(super) fn begins_record(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    match text {
        [b'{' | b'[', ..] => true,
        [b'<', next, ..] if !next.is_ascii_digit() => true,
        _ => {
            windows_text::is_record(text)
                || text.starts_with(b"type=")
                || text.starts_with(b"node=")
                || printed::is_alert(text)
        }
    }
}

/// Whether a line begins as a record of its own does, and not as one that an
/// event of several lines may have.
pub(crate) fn begins_line(line: &[u8]) -> bool {
    begins_header(line)
        || line.starts_with(b"type=")
        || matches!(line, [b'{', b'"', ..])
        || matches!(
            line,
            [b'<', b'E', b'v', b'e', b'n', b't', b' ' | b'>', ..]
        )
        || windows_line::is_record(line)
}

/// Whether a line of a table is a record of another format, and no row: where
/// a field begins so, it stands in quotes.
pub(crate) fn is_other_than_row(line: &[u8]) -> bool {
    match line {
        [b'{', next, ..] => {
            matches!(next, b'"' | b'}') || next.is_ascii_whitespace()
        }
        [b'<', next, ..] => matches!(next, b'E' | b'?' | b'!' | b'/'),
        _ => line.starts_with(b"type=") || line.starts_with(b"node="),
    }
}

/// Whether a line is what evtx_dump writes before each record.
pub(super) fn is_heading(line: &[u8]) -> bool {
    let number = line.strip_prefix(b"Record ").unwrap_or_default();
    let number = number.trim_ascii_end();
    !number.is_empty() && number.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_how_records_begin() {
        for (record, format) in [
            (" {}", Some(Format::Json)),
            ("[1]", Some(Format::Json)),
            ("<Event/>", Some(Format::Xml)),
            ("<13>Jan  2 03:04:05 h x: <Event/>", Some(Format::Xml)),
            ("<13>Jan  2 03:04:05 h x: y", None),
            ("<13>x type=CWD msg=audit(1.2:3):", Some(Format::Auditd)),
            ("type=CWD msg=audit(1.2:3): cwd=/", Some(Format::Auditd)),
            ("LogName=Security", Some(Format::WinEventLog)),
            (
                "LogName=Security type=CWD msg=audit(1.2:3):",
                Some(Format::WinEventLog),
            ),
            ("Jan  2 03:04:05 h x: <Event/>", Some(Format::Xml)),
            ("Jan  2 03:04:05 h x: {\"a\":1}\r", Some(Format::Json)),
            ("Jan  2 03:04:05 h x:{\"a\":1}", Some(Format::Json)),
            (
                "<13>1 - h x - - [y@1 z=\"1\"] {\"a\":\"<Event/>\"}",
                Some(Format::Json),
            ),
            (
                "Jan  2 03:04:05 h x: {\"a\":\" type=CWD msg=audit(1.2:3):\"}",
                Some(Format::Json),
            ),
            // What is left of a record is none.
            ("ab\", \"x\": {\"a\":1}}", None),
            ("Jan  2 03:04:05 h x: {\"a\":1} y", None),
            ("Jan  2 03:04:05 h x: y{\"a\":1}", None),
            ("[ 1.5] audit: type=1302 audit(1.2:3):", Some(Format::Auditd)),
            ("[1.5] type=1302 audit(1.2:3):", Some(Format::Auditd)),
            ("[    1.5] usb 1-1: y", None),
            ("[1.5], x", Some(Format::Json)),
            ("Jan  2 03:04:05 h x: y", None),
            ("", None),
        ] {
            assert_eq!(detect(record.as_bytes()), format, "{record}");
        }
    }
}
