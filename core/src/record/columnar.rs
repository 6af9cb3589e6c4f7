/*!
Tables in JSON that are written column by column, as pandas does by default
(`{"EventID":{"0":4698,"1":4699},"Channel":{"0":..}}`): as tables whose rows
are lists, which are read like others.
*/

use super::syntax::json::{Cursor, Value};

/// Most columns. The widest of Sentinel's tables have 230.
const MOST_COLUMNS: usize = 256;

/// Least columns: an object of two others is one of many things.
const LEAST_COLUMNS: usize = 3;

/// Writes the object last opened as a table by rows, if it is one by columns.
/// Returns whether it is; writes nothing if it is none.
pub(super) fn write(cursor: Cursor<'_>, text: &mut Vec<u8>) -> bool {
    let start = text.len();
    let is_written = is_one(cursor.clone()).is_some_and(|is_one| is_one)
        && write_rows(cursor, text).is_some();
    if !is_written {
        text.truncate(start);
    }
    is_written
}

/// Whether all members are objects that begin with the same number.
pub(super) fn is_one(mut cursor: Cursor<'_>) -> Option<bool> {
    let mut first = None;
    let mut count = 0_usize;
    while cursor.member().ok()?.is_some() {
        let Value::Object = cursor.value().ok()? else {
            return Some(false);
        };
        let name = cursor.clone().member().ok()??;
        let is_number = name.iter().all(u8::is_ascii_digit);
        if !is_number || *first.get_or_insert(name) != name {
            return Some(false);
        }
        count = count.saturating_add(1);
        cursor.close(Value::Object).ok()?;
    }
    Some((LEAST_COLUMNS..=MOST_COLUMNS).contains(&count))
}

/// Goes along all columns at once, so that the time is linear.
#[inline(never)]
fn write_rows<'a>(mut cursor: Cursor<'a>, text: &mut Vec<u8>) -> Option<()> {
    let mut columns: [Option<Cursor<'a>>; MOST_COLUMNS] =
        [const { None }; MOST_COLUMNS];
    let mut slots = columns.iter_mut();
    text.extend_from_slice(b"{\"columns\":");
    let mut before = b'[';
    while let Some(name) = cursor.member().ok()? {
        text.extend_from_slice(&[before, b'"']);
        text.extend_from_slice(name);
        text.push(b'"');
        before = b',';
        let Value::Object = cursor.value().ok()? else { return None };
        *slots.next()? = Some(cursor.clone());
        cursor.close(Value::Object).ok()?;
    }
    text.extend_from_slice(b"],\"data\":[");
    let mut is_first = true;
    while write_row(&mut columns, is_first, text)? {
        is_first = false;
    }
    text.extend_from_slice(b"]}");
    Some(())
}

/// Writes the next row; false at the end of all columns. `None` where they
/// do not end together.
fn write_row(
    columns: &mut [Option<Cursor<'_>>],
    is_first: bool,
    text: &mut Vec<u8>,
) -> Option<bool> {
    let mut has_more = None;
    for column in columns.iter_mut().map_while(Option::as_mut) {
        let is_there = column.member().ok()?.is_some();
        let begins_row = has_more.is_none();
        if *has_more.get_or_insert(is_there) != is_there {
            return None;
        }
        if !is_there {
            continue;
        }
        let before: &[u8] = match (begins_row, is_first) {
            (true, true) => b"[",
            (true, false) => b",[",
            (false, _) => b",",
        };
        text.extend_from_slice(before);
        let from = column.rest();
        column.skip().ok()?;
        let length = from.len().saturating_sub(column.rest().len());
        text.extend_from_slice(from.get(..length)?);
    }
    let has_more = has_more?;
    if has_more {
        text.push(b']');
    }
    Some(has_more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::json_record::tests::events;

    fn by_rows(table: &str) -> Option<String> {
        let mut cursor = Cursor::new(table.as_bytes());
        cursor.value().unwrap();
        let mut text = Vec::new();
        let is_written = write(cursor, &mut text);
        assert!(is_written || text.is_empty(), "{table}");
        is_written.then(|| String::from_utf8(text).unwrap())
    }

    #[test]
    fn tables_by_columns_are_tables_by_rows() {
        let table = r#"{"a":{"0":1,"1":null},"b":{"0":"x","1":{"y":[2]}},"c":{"0":true,"1":""}}"#;
        let expected = r#"{"columns":["a","b","c"],"data":[[1,"x",true],[null,{"y":[2]},""]]}"#;
        assert_eq!(by_rows(table).as_deref(), Some(expected));
        for other in [
            "{}",
            r#"{"a":{"0":1},"b":{"0":1}}"#,
            r#"{"a":{"0":1},"b":{"0":1},"c":{"1":1}}"#,
            r#"{"a":{"0":1},"b":{"0":1},"c":[1]}"#,
            r#"{"a":{"x":1},"b":{"x":1},"c":{"x":1}}"#,
            // Columns that do not end together.
            r#"{"a":{"0":1,"1":2},"b":{"0":1},"c":{"0":1}}"#,
            r#"{"a":{"0":1},"b":{"0":1,"1":2},"c":{"0":1}}"#,
        ] {
            assert_eq!(by_rows(other), None, "{other}");
        }
    }

    #[test]
    fn what_pandas_writes_is_read_row_by_row() {
        let table = r#"{"EventID":{"0":4699,"1":4624,"2":4699},"Channel":{"0":"Security","1":"Security","2":"Security"},"TaskName":{"0":"\\a","1":null,"2":"\\b"}}"#;
        let event = "windows/task_deleted EventID=4699 Channel=Security";
        let expected = [
            format!(r"0: {event} TaskName=\a"),
            format!(r"2: {event} TaskName=\b"),
        ];
        let (found, reading) = events(table);
        assert_eq!(found, expected);
        assert_eq!((reading.others, reading.not_understood), (1, 0));
        // A shape is told by members that are there, whatever they hold, and
        // its values may be objects as texts.
        let table = r#"{"ActionType":{"0":"ScheduledTaskCreated"},"Timestamp":{"0":"2024-02-03T04:05:06Z"},"DeviceName":{"0":"h"},"AdditionalFields":{"0":"{\"TaskName\":\"a\"}"}}"#;
        let (found, _) = events(table);
        assert!(found[0].ends_with(r" TaskName=\a"), "{found:?}");
    }
}
