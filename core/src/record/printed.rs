/*!
What programs print for people, and containers and services keep.

Entries as Fluent Bit prints them on its standard output, which containers
keep: `[0] tag: [[1795600800.123, {}], {"EventID"=>4698, ..}]`, of older
versions without the list around the time. Neither quotes nor backslashes in
a text are escaped. Alerts as Falco prints them, or has them as `output`:
`10:00:00.123: Notice Crontab run (user=root evt_type=execve command=..)`; also
behind syslog's header.

And objects that are the only field of a table's row, as exports of a single
column hold them.
*/

use memchr::memmem;

use super::prefix::MOST_PREFIX;
use crate::bytes::{self, Phrase};

/// The object of an entry; `None` for what is none.
pub(super) fn entry(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii();
    let text = line.strip_prefix(b"[")?.strip_suffix(b"]")?;
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || !text.ends_with(b"}") {
        return None;
    }
    let text = text.get(digits..)?.strip_prefix(b"] ")?;
    let head = text.get(..MOST_PREFIX).unwrap_or(text);
    let tag = memmem::find(head, b": [")?;
    let is_of_tag = |byte: &u8| !byte.is_ascii_whitespace() && *byte != b'"';
    if !text.get(..tag)?.iter().all(is_of_tag) {
        return None;
    }
    let list = text.get(tag.checked_add(3)?..)?;
    let (time, end): (&[u8], &[u8]) = match list.strip_prefix(b"[") {
        Some(time) => (time, b"}], {"),
        None => (list, b", {"),
    };
    if !time.first()?.is_ascii_digit() {
        return None;
    }
    let object = memmem::find(time, end)?.checked_add(end.len())?;
    time.get(object.checked_sub(1)?..)
}

/// Whether a line is an alert of Falco's that says what the system call was.
pub(super) fn is_alert(line: &[u8]) -> bool {
    alert(line).is_some()
}

const FALCO: Phrase = Phrase::new(b" falco", b'f');

/// Falco's names for how grave an alert is.
const PRIORITIES: [&[u8]; 8] = [
    b"Emergency ",
    b"Alert ",
    b"Critical ",
    b"Error ",
    b"Warning ",
    b"Notice ",
    b"Informational ",
    b"Debug ",
];

/// The text of an alert, and its fields.
fn alert(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.trim_ascii();
    // As no alert does, and most lines do.
    if !line.ends_with(b")") {
        return None;
    }
    let message = behind_tag(line);
    // Where syslog's header has the time, Falco's own may be left out.
    let text = match (behind_time(message.unwrap_or(line)), message) {
        (Some(text), _) | (None, Some(text)) => text,
        (None, None) => return None,
    };
    let text = PRIORITIES.iter().find_map(|name| text.strip_prefix(*name))?;
    let at = memmem::find(text, b" (")?;
    let (text, fields) = text.split_at_checked(at)?;
    let fields = fields.strip_prefix(b" (")?.strip_suffix(b")")?;
    let is_there = |name: &[u8]| memmem::find(fields, name).is_some();
    (is_there(b"evt_type=") || is_there(b"command=")).then_some((text, fields))
}

/// What a line says behind the tag that syslog gives Falco: `falco[7]: `, or
/// its kin in RFC 5424.
fn behind_tag(line: &[u8]) -> Option<&[u8]> {
    let head = line.get(..MOST_PREFIX).unwrap_or(line);
    let at = FALCO.find(head)?.checked_add(6)?;
    let rest = line.get(at..)?;
    if let Some(rest) = rest.strip_prefix(b" ") {
        let at = memmem::find(rest.get(..32).unwrap_or(rest), b" - - ")?;
        return rest.get(at.checked_add(5)?..);
    }
    let rest = match rest.strip_prefix(b"[") {
        Some(id) => {
            let digits = id.iter().take_while(|byte| byte.is_ascii_digit());
            id.get(digits.count()..)?.strip_prefix(b"]")?
        }
        None => rest,
    };
    rest.strip_prefix(b": ")
}

/// What follows a time: `10:00:00.123456789: `, or with the date before it.
fn behind_time(line: &[u8]) -> Option<&[u8]> {
    let head = line.get(..40).unwrap_or(line);
    head.first().filter(|byte| byte.is_ascii_digit())?;
    let end = bytes::find_near(b' ', head)?;
    let (time, rest) = line.split_at_checked(end.checked_sub(1)?)?;
    let is_of_time =
        |byte: &u8| byte.is_ascii_digit() || b"-:.+TZ".contains(byte);
    let is_time = time.contains(&b':')
        && time.contains(&b'.')
        && time.iter().all(is_of_time);
    rest.strip_prefix(b": ").filter(|_| is_time)
}

/// The fields that Falco's own rules print, and what they are.
const FIELDS: &[(&str, &str)] = &[
    ("evt_type", "evt.type"),
    ("flags", "evt.arg.flags"),
    ("newpath", "evt.arg.newpath"),
    ("oldpath", "evt.arg.oldpath"),
    ("file", "fd.name"),
    ("user", "user.name"),
    ("process", "proc.name"),
    ("proc_exepath", "proc.exepath"),
    ("command", "proc.cmdline"),
    ("cwd", "proc.cwd"),
    ("parent", "proc.pname"),
    ("pcmdline", "proc.pcmdline"),
    // What ends the value before it.
    ("user_uid", ""),
    ("user_loginuid", ""),
    ("gparent", ""),
    ("ggparent", ""),
    ("gggparent", ""),
    ("program", ""),
    ("pid", ""),
    ("terminal", ""),
    ("exe_flags", ""),
    ("container_id", ""),
    ("container_name", ""),
    ("container_image", ""),
    ("container_image_repository", ""),
    ("container_image_tag", ""),
    ("k8s_ns", ""),
    ("k8s_ns_name", ""),
    ("k8s_pod", ""),
    ("k8s_pod_name", ""),
];

/// Writes an alert as Falco writes it in JSON; `None` for what is none.
fn write_alert(line: &[u8], json: &mut Vec<u8>) -> Option<()> {
    let (text, fields) = alert(line)?;
    json.extend_from_slice(br#"{"priority":"","rule":"#);
    push_text(text, json);
    json.extend_from_slice(br#","output_fields":{"#);
    let mut known: Option<&str> = None;
    let mut value = 0..0_usize;
    let mut is_first = true;
    let mut seen = [false; FIELDS.len()];
    let mut end_value = |known: Option<&str>, value: &[u8]| {
        let Some(name) = known.filter(|name| !name.is_empty()) else { return };
        if !is_first {
            json.push(b',');
        }
        is_first = false;
        push_text(name.as_bytes(), json);
        json.push(b':');
        push_text(value, json);
    };
    for equals in memchr::memchr_iter(b'=', fields) {
        let before = fields.get(..equals).unwrap_or_default();
        let start = memchr::memrchr(b' ', before);
        let start = start.map_or(0, |at| at.saturating_add(1));
        let word = before.get(start..).unwrap_or_default();
        let mut fields_seen = FIELDS.iter().zip(&mut seen);
        let field = fields_seen.find(|(field, _)| field.0.as_bytes() == word);
        let Some(((_, name), is_seen)) = field else { continue };
        // Each is there once: what looks like one again is part of a value.
        if core::mem::replace(is_seen, true) {
            continue;
        }
        let last = fields.get(value.start..start.saturating_sub(1));
        end_value(known, last.unwrap_or_default());
        known = Some(name);
        value = equals.saturating_add(1)..fields.len();
    }
    end_value(known, fields.get(value).unwrap_or_default());
    json.extend_from_slice(b"}}");
    Some(())
}

/// Writes a text as JSON has it.
pub(super) fn push_text(text: &[u8], json: &mut Vec<u8>) {
    json.push(b'"');
    push_escaped(text, json);
    json.push(b'"');
}

/// Writes the inside of such a text.
pub(super) fn push_escaped(text: &[u8], json: &mut Vec<u8>) {
    for byte in text {
        if matches!(byte, b'"' | b'\\') {
            json.push(b'\\');
        }
        json.push(*byte);
    }
}

/// Whether a line is the only field of a row, in quotes, and an object: its
/// own quotes are doubled.
pub(super) fn is_field(line: &[u8]) -> bool {
    field(line).is_some()
}

fn field(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii();
    let object = line.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let is_object = object.starts_with(b"{\"\"")
        && object.trim_ascii_end().ends_with(b"}");
    is_object.then_some(object)
}

/// Whether a line is one that a program printed.
pub(super) fn is_printed(line: &[u8]) -> bool {
    !line.starts_with(b"{")
        && (entry(line).is_some() || is_alert(line) || is_field(line))
}

/// Writes what was printed as JSON.
pub(super) fn write(line: &[u8], json: &mut Vec<u8>) {
    if let Some(object) = field(line) {
        return write_field(object, json);
    }
    match entry(line) {
        Some(object) => write_entry(object, json),
        None => write_alert(line, json).unwrap_or_default(),
    }
}

/// Writes a field without the quotes that are there for the row's sake.
fn write_field(mut object: &[u8], json: &mut Vec<u8>) {
    while let Some(at) = memmem::find(object, b"\"\"") {
        let end = at.saturating_add(1);
        json.extend_from_slice(object.get(..end).unwrap_or_default());
        object = object.get(end.saturating_add(1)..).unwrap_or_default();
    }
    json.extend_from_slice(object);
}

/// Writes the object of an entry. What is JSON stays as it is.
fn write_entry(mut object: &[u8], json: &mut Vec<u8>) {
    if memmem::find(object, b"\"=>").is_none() {
        json.extend_from_slice(object);
        return;
    }
    let mut in_text = false;
    while let Some((byte, rest)) = object.split_first() {
        object = rest;
        match byte {
            b'"' if !in_text || ends_text(rest) => {
                in_text = !in_text;
                json.push(b'"');
            }
            b'"' | b'\\' if in_text => json.extend([b'\\', *byte]),
            b'=' if !in_text && rest.starts_with(b">") => {
                object = rest.get(1..).unwrap_or_default();
                json.push(b':');
            }
            b'n' if !in_text && rest.starts_with(b"il") => {
                object = rest.get(2..).unwrap_or_default();
                json.extend_from_slice(b"null");
            }
            _ => json.push(*byte),
        }
    }
}

/// Whether a text ends with the quote before what follows.
fn ends_text(rest: &[u8]) -> bool {
    match rest {
        [] | [b'=', b'>', ..] => true,
        [b'}' | b']', rest @ ..] => {
            matches!(rest, [] | [b',' | b'}' | b']', ..])
        }
        // Another member, or another text of a list.
        [b',', b' ', rest @ ..] => matches!(rest, [b'"' | b'{' | b'[', ..]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::json_record::tests::{event, events};

    const RECORD: &str = r#"{"EventID":4699,"Channel":"Security","TaskName":"\\a \"b\", c","SubjectUserName":null}"#;

    #[test]
    fn entries_are_read_however_they_are_printed() {
        let expected = event(RECORD);
        let printed = r#"{"EventID"=>4699, "Channel"=>"Security", "TaskName"=>"\a "b", c", "SubjectUserName"=>nil}"#;
        for object in [RECORD, printed] {
            for head in [
                "[0] win.log: [[1706933106.123456789, {}], ",
                "[12] win: [[1706933106.1, {\"a\"=>{}}], ",
                "[0] winlog.0: [1706933106.123456789, ",
            ] {
                assert_eq!(event(&format!("{head}{object}]")), expected);
            }
        }
    }

    const ALERT: &str = "10:00:00.123456789: Notice Cron table changed (user=root evt_type=execve process=crontab proc_exepath=/usr/bin/crontab parent=bash command=crontab -u a=b \"c\" terminal=0)";

    #[test]
    fn alerts_are_read_from_their_text() {
        let expected = "linux/process_creation User=root Image=/usr/bin/crontab CommandLine=crontab -u a=b \"c\" ParentImage=/bash";
        assert_eq!(event(ALERT), expected);
        let mut text = String::new();
        for character in ALERT.chars() {
            if character == '"' {
                text.push('\\');
            }
            text.push(character);
        }
        let record = format!(
            r#"{{"output":"{text}","priority":"Notice","rule":"r","time":"2024-02-03T04:05:06Z"}}"#
        );
        let timed =
            expected.replace("creation ", "creation 2024-02-03T04:05:06Z ");
        assert_eq!(event(&record), timed);
        let file = "10:00:00.1: Error File below /etc opened for writing (file=/etc/cron.d/x evt_type=openat proc_exepath=/bin/cp)";
        let expected =
            "linux/file_creation Image=/bin/cp TargetFilename=/etc/cron.d/x";
        assert_eq!(event(file), expected);
    }

    #[test]
    fn alerts_are_read_behind_any_header() {
        let (_, message) = ALERT.split_once(": ").unwrap();
        let expected = event(ALERT);
        for line in [
            format!("Nov 25 10:00:00 lx1 falco[12]: {ALERT}"),
            format!("Nov 25 10:00:00 lx1 falco: {message}"),
            format!("<13>1 2024-02-03T04:05:06Z lx1 falco 12 - - {ALERT}"),
            format!("2024-02-03T04:05:06.123456789+0000: {message}"),
        ] {
            assert_eq!(event(&line), expected, "{line}");
        }
        for line in [
            format!("Nov 25 10:00:00 lx1 other[12]: {message}"),
            format!("Nov 25 10:00:00 lx1 falco[x]: {message}"),
            format!("Nov 25 10:00:00 lx1 falcon: {message}"),
        ] {
            assert!(!is_alert(line.as_bytes()), "{line}");
        }
    }

    /// Where a rule's output names neither the call nor a file.
    #[test]
    fn a_command_that_holds_a_fields_name_is_not_cut_there() {
        let line = "10:00:00.1: Notice Cron (user=root command=crontab -u x user=y container_id=host)";
        assert_eq!(
            event(line),
            "linux/process_creation User=root CommandLine=crontab -u x user=y"
        );
    }

    #[test]
    fn an_object_may_be_the_only_field_of_a_row() {
        let row = format!("\"{}\"", RECORD.replace('"', "\"\""));
        assert_eq!(event(&row), event(RECORD));
        let string = RECORD.replace('\\', r"\\").replace('"', "\\\"");
        assert_eq!(event(&format!("\"{string}\"")), event(RECORD));
        for line in ["\"{\"\"", "\"x\"", "\"{\"\"a\"\":1}\",2", "\""] {
            assert!(!is_field(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn what_is_no_alert_is_told_from_one() {
        for (from, to) in [
            ("10:", "x0:"),
            (": Notice", ": Remark"),
            (" (", " "),
            ("0)", "0"),
            ("10:00:00.123456789", "10"),
        ] {
            let line = ALERT.replacen(from, to, 1);
            assert!(!is_alert(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn what_is_no_entry_is_told_from_one() {
        for line in [
            "[0] a b: [1, {}]",
            "[0] a: [1, {}",
            "[x] a: [1, {}]",
            "[0] a: [{}]",
            "[0] \"a: [1, {}]",
            "[1.5] a: [1, {}]",
            "[0, {}]",
            "[]",
            "",
        ] {
            assert_eq!(entry(line.as_bytes()), None, "{line}");
        }
        let (found, reading) = events("[0] a: [1, {\"b\"=>1}]");
        assert!(found.is_empty());
        assert_eq!(reading.not_understood, 1);
    }
}
