/*!
Entries as Fluent Bit prints them on its standard output, which containers
keep: `[0] tag: [[1795600800.123, {}], {"EventID"=>4698, ..}]`, of older
versions without the list around the time. Neither quotes nor backslashes in
a text are escaped.
*/

use memchr::memmem;

use super::prefix::MOST_PREFIX;

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

/// Writes such an object as JSON. What is JSON stays as it is.
pub(super) fn write(mut object: &[u8], json: &mut Vec<u8>) {
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
