/*!
Entries of the journal as `journalctl -o export` and `-o verbose` write them: a
field a line. They are written as the object that `-o json` makes of them, and
that is read by the shapes of JSON records.
*/

use memchr::memchr;

use super::printed::{push_escaped, push_text};

/// How an entry is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JournalForm {
    /// `__CURSOR=..` first, and a blank line behind. A value that is no text
    /// stands behind its length.
    Export,
    /// A time first, to the microsecond, and the fields indented.
    Verbose,
}

/// The form of the entry that begins here: its first 32 bytes tell.
pub(crate) fn journal_form(text: &[u8]) -> Option<JournalForm> {
    if text.starts_with(b"__CURSOR=") {
        return Some(JournalForm::Export);
    }
    const TIME: &[u8] = b"Aaa 0000-00-00 00:00:00.000000";
    let is_of_time = |(byte, sample): (&u8, &u8)| match sample {
        b'0' => byte.is_ascii_digit(),
        b'A' => byte.is_ascii_uppercase(),
        b'a' => byte.is_ascii_lowercase(),
        other => byte == other,
    };
    let is_verbose =
        text.len() >= TIME.len() && text.iter().zip(TIME).all(is_of_time);
    is_verbose.then_some(JournalForm::Verbose)
}

/// What comes next in an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JournalPart<'a> {
    /// A field, and how long it is with its line end.
    Field { name: &'a [u8], value: &'a [u8], length: usize },
    /// What goes on with the value of the field before, or says nothing.
    Line { text: &'a [u8], length: usize },
    /// The entry ends before it.
    End,
    /// There is not enough of it.
    More,
}

/// Longest name of a field.
const MOST_NAME: usize = 64;

/// Bytes of the length of a value.
const LENGTH: usize = 8;

impl JournalForm {
    /// What comes next in an entry, at the beginning of a line other than its
    /// first.
    pub(crate) fn part(self, text: &[u8], is_all: bool) -> JournalPart<'_> {
        let (line, length) = match memchr(b'\n', text) {
            Some(end) => {
                let line = text.get(..end).unwrap_or_default();
                (line, end.saturating_add(1))
            }
            None if is_all && !text.is_empty() => (text, text.len()),
            None if is_all => return JournalPart::End,
            None => return JournalPart::More,
        };
        if line.trim_ascii().is_empty() || journal_form(line) == Some(self) {
            return JournalPart::End;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match self {
            JournalForm::Export if is_name(line) => {
                binary(line, text, length, is_all)
            }
            JournalForm::Verbose if !matches!(line, [b' ' | b'\t', ..]) => {
                JournalPart::End
            }
            JournalForm::Export | JournalForm::Verbose => {
                let line = line.trim_ascii_start();
                let equals = memchr(b'=', line).unwrap_or(0);
                match line.split_at_checked(equals) {
                    Some((name, [b'=', value @ ..])) if is_name(name) => {
                        JournalPart::Field { name, value, length }
                    }
                    _ => JournalPart::Line { text: line, length },
                }
            }
        }
    }
}

/// Whether a text may be the name of a field.
fn is_name(text: &[u8]) -> bool {
    let is_of_name = |byte: &u8| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_'
    };
    (1..=MOST_NAME).contains(&text.len()) && text.iter().all(is_of_name)
}

/// A field whose value stands behind its length, in 8 bytes, the lowest
/// first. `head` is how long the line of its name is.
fn binary<'a>(
    name: &'a [u8],
    text: &'a [u8],
    head: usize,
    is_all: bool,
) -> JournalPart<'a> {
    let line = JournalPart::Line { text: name, length: head };
    let after = text.get(head..).unwrap_or_default();
    let Some((count, after)) = after.split_first_chunk::<LENGTH>() else {
        return if is_all { line } else { JournalPart::More };
    };
    let count = u64::from_le_bytes(*count);
    // What is no length is a line like others.
    let Some(count) = usize::try_from(count)
        .ok()
        .filter(|count| *count <= u32::MAX as usize)
    else {
        return line;
    };
    let Some((value, rest)) = after.split_at_checked(count) else {
        return if is_all { line } else { JournalPart::More };
    };
    match rest.first() {
        Some(b'\n') => {}
        None if !is_all => return JournalPart::More,
        None => {}
        Some(_) => return line,
    }
    let parts = [head, LENGTH, count, usize::from(!rest.is_empty())];
    let length = parts.into_iter().fold(0, usize::saturating_add);
    JournalPart::Field { name, value, length }
}

/// Writes an entry as JSON.
pub(super) fn write(entry: &[u8], form: JournalForm, json: &mut Vec<u8>) {
    let mut rest = entry;
    json.push(b'{');
    let mut is_first = true;
    let mut push = |name: &[u8], value: &[u8], json: &mut Vec<u8>| {
        if !is_first {
            json.push(b',');
        }
        is_first = false;
        push_text(name, json);
        json.push(b':');
        push_text(value, json);
    };
    let end =
        memchr(b'\n', rest).map_or(rest.len(), |at| at.saturating_add(1));
    if form == JournalForm::Verbose {
        let (head, fields) = rest.split_at_checked(end).unwrap_or_default();
        rest = fields;
        if let Some(time) = time_of_cursor(head) {
            let mut digits = [0; 20];
            push(b"__REALTIME_TIMESTAMP", decimal(time, &mut digits), json);
        }
    } else {
        rest = rest.get(end..).unwrap_or_default();
    }
    loop {
        match form.part(rest, true) {
            JournalPart::Field { name, value, length } => {
                push(name, value, json);
                rest = rest.get(length..).unwrap_or_default();
            }
            JournalPart::Line { text, length } => {
                // Behind the value that it goes on with.
                if json.last() == Some(&b'"') {
                    json.pop();
                    json.push(b'\n');
                    push_escaped(text, json);
                    json.push(b'"');
                }
                rest = rest.get(length..).unwrap_or_default();
            }
            JournalPart::End | JournalPart::More => break,
        }
    }
    json.push(b'}');
}

/// The time in the cursor of a verbose entry: microseconds since 1970, in hex.
fn time_of_cursor(head: &[u8]) -> Option<u64> {
    let at = memchr::memmem::find(head, b";t=")?.saturating_add(3);
    let digits = head.get(at..)?.split(|byte| *byte == b';').next()?;
    u64::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

/// A number in decimal digits.
fn decimal(mut number: u64, digits: &mut [u8; 20]) -> &[u8] {
    let mut count = 0_usize;
    for slot in digits.iter_mut().rev() {
        *slot = b'0'.saturating_add((number % 10) as u8);
        number /= 10;
        count = count.saturating_add(1);
        if number == 0 {
            break;
        }
    }
    digits.get(digits.len().saturating_sub(count)..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::json_record::tests::event;
    use crate::{Detector, Format, Report, Scanner};
    use core::ops::ControlFlow;

    const EXPORT: &str = "__CURSOR=s=a;i=1;t=5f1e\n\
        __REALTIME_TIMESTAMP=1706933106000000\n\
        _HOSTNAME=h\nSYSLOG_IDENTIFIER=crontab\n\
        MESSAGE=(al) REPLACE (root)\n";
    const EXPECTED: &str = "linux/job_record 2024-02-03T04:05:06Z Computer=h";

    fn read(entry: &[u8]) -> String {
        let mut json = Vec::new();
        write(entry, journal_form(entry).unwrap(), &mut json);
        String::from_utf8(json).unwrap()
    }

    #[test]
    fn entries_are_written_as_objects() {
        let found = event(EXPORT);
        assert!(found.starts_with(EXPECTED), "{found}");
        // 0x6 10 73 c1 .. is the same time.
        let verbose = format!(
            "Sat 2024-02-03 04:05:06.000000 UTC [s=a;i=1;t={:x};x=1]\n    \
             _HOSTNAME=h\n    SYSLOG_IDENTIFIER=crontab\n    \
             MESSAGE=(al) REPLACE (root)\n",
            1_706_933_106_000_000_u64
        );
        assert_eq!(event(&verbose), found);
        let lines = verbose.replace("REPLACE", "REPLACE\n            x=");
        assert!(read(lines.as_bytes()).contains("REPLACE\nx= (root)"));
    }

    #[test]
    fn values_behind_their_length_may_hold_anything() {
        let value = b"a\n\nb=\"\\\n__CURSOR=x";
        let mut entry = b"__CURSOR=a\nMESSAGE\n".to_vec();
        entry.extend_from_slice(&(value.len() as u64).to_le_bytes());
        entry.extend_from_slice(value);
        entry.extend_from_slice(b"\n_HOSTNAME=h\n");
        let expected = "{\"MESSAGE\":\"a\n\nb=\\\"\\\\\n__CURSOR=x\",\
                        \"_HOSTNAME\":\"h\"}";
        assert_eq!(read(&entry), expected);
        // A length that is none, or reaches beyond the entry.
        for length in [3_u64, 1 << 20, u64::MAX] {
            let mut entry = b"__CURSOR=a\nMESSAGE\n".to_vec();
            entry.extend_from_slice(&length.to_le_bytes());
            entry.extend_from_slice(b"abcd\n_HOSTNAME=h\n");
            assert!(!read(&entry).contains("abcd\n"), "{length}");
        }
    }

    #[test]
    fn entries_are_told_apart_in_chunks_of_any_size() {
        let binary = b"__CURSOR=b\n_HOSTNAME=h\nSYSLOG_IDENTIFIER=crontab\n\
            MESSAGE\n\x19\0\0\0\0\0\0\0(al) REPLACE (root)\n\n\n\nx\n";
        let verbose = "Sat 2024-02-03 04:05:06.000000 UTC [s=a]\n    \
            SYSLOG_IDENTIFIER=crontab\n    MESSAGE=(al) REPLACE (al)\n";
        let parts = [EXPORT.as_bytes(), b"\n", binary, b"\n"];
        let entries = [
            &parts[..],
            &parts,
            &[b"\n", verbose.as_bytes()],
            &[verbose.as_bytes()],
        ];
        let stream = entries.concat().concat();
        let detector = Detector::new();
        for chunk in [1, 2, 7, 64, usize::MAX] {
            let mut scanner = Scanner::builder(&detector)
                .format(Format::Auto)
                .build()
                .unwrap();
            let mut sink = |_: Report<'_>| ControlFlow::Continue(());
            for chunk in stream.chunks(chunk) {
                let _ = scanner.feed(chunk, &mut sink);
            }
            let _ = scanner.finish(&mut sink);
            let counts = scanner.counts();
            assert_eq!((counts.records, counts.read), (6, 6), "{chunk}");
        }
    }

    /// What never ends is looked at once.
    #[test]
    fn time_is_linear() {
        let detector = Detector::new();
        for part in ["A\n", "A=\n", "x\n", "A\n\0\0\0\0\0\0\0\0\n", "A\n\x7F"]
        {
            let stream = format!("__CURSOR=a\n{}", part.repeat(20_000));
            let mut scanner = Scanner::new(&detector);
            let mut sink = |_: Report<'_>| ControlFlow::Continue(());
            for chunk in stream.as_bytes().chunks(1000) {
                let _ = scanner.feed(chunk, &mut sink);
            }
            let _ = scanner.finish(&mut sink);
            assert!(scanner.counts().records >= 1);
        }
    }
}
