/*!
The members of a JSON object that a caller of an interface gave.
*/

use crate::derive::canonical::arena::{Arena, Piece};
use crate::record::syntax::json::{self, Cursor, Value};

/// Longest path of a member that is told: those that are asked for have some
/// forty bytes.
const MOST_PATH: usize = 128;

/// Most objects and lists that are looked into, one in the other.
const MOST_LEVELS: usize = 12;

/// Tells each plain value in an object with the names that lead to it, dots
/// between them; what stands in a list is told like what stands in its place.
/// Of a broken text, what comes before the break.
pub(crate) fn read(text: &[u8], mut found: impl FnMut(&[u8], Value<'_>)) {
    let mut cursor = Cursor::new(text);
    let mut path = [0; MOST_PATH];
    // Of each level whether it is a list, and how long the path is there.
    let mut levels = [(false, 0_usize); MOST_LEVELS];
    let mut depth = 0_usize;
    if !matches!(cursor.value(), Ok(Value::Object)) {
        return;
    }
    loop {
        let Some(&(is_list, length)) = levels.get(depth) else { return };
        let mut end = length;
        if is_list {
            match cursor.element() {
                Ok(true) => {}
                Ok(false) => match depth.checked_sub(1) {
                    Some(above) => {
                        depth = above;
                        continue;
                    }
                    None => return,
                },
                Err(_) => return,
            }
        } else {
            match cursor.member() {
                Ok(Some(name)) => {
                    let dot = usize::from(length > 0);
                    end =
                        length.saturating_add(dot).saturating_add(name.len());
                    let start = length.saturating_add(dot);
                    if let Some(slot) = path.get_mut(start..end) {
                        slot.copy_from_slice(name);
                        if let (1, Some(slot)) = (dot, path.get_mut(length)) {
                            *slot = b'.';
                        }
                    } else {
                        // Too long to be asked for: passed over by the next
                        // step.
                        continue;
                    }
                }
                Ok(None) => match depth.checked_sub(1) {
                    Some(above) => {
                        depth = above;
                        continue;
                    }
                    None => return,
                },
                Err(_) => return,
            }
        }
        let Ok(value) = cursor.value() else { return };
        match value {
            Value::Object | Value::Array => {
                let below = depth.saturating_add(1);
                match levels.get_mut(below) {
                    Some(slot) => {
                        *slot = (value == Value::Array, end);
                        depth = below;
                    }
                    None if cursor.close(value).is_err() => return,
                    None => {}
                }
            }
            _ => found(path.get(..end).unwrap_or_default(), value),
        }
    }
}

/// A plain value, decoded.
pub(crate) fn text(value: Value<'_>, arena: &mut Arena) -> Piece {
    match value {
        Value::String(inside) => {
            arena.write_with(|bytes| json::unescape_into(inside, bytes))
        }
        Value::Scalar(scalar) => arena.add(scalar),
        Value::Null | Value::Object | Value::Array => arena.add(b""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_with_the_names_that_lead_to_them() {
        let mut found = Vec::new();
        let text = r#"{"a":1,"b":{"c":"x","d":[{"e":true},{"e":"y"},"z",[2]]},"f":null,"":{}}"#;
        read(text.as_bytes(), |path, value| {
            let path = String::from_utf8_lossy(path).into_owned();
            let value = value.raw().map_or(&b"-"[..], |raw| raw.bytes);
            found.push(format!("{path}={}", String::from_utf8_lossy(value)));
        });
        assert_eq!(
            found,
            ["a=1", "b.c=x", "b.d.e=true", "b.d.e=y", "b.d=z", "b.d=2", "f=-"]
        );
        let deep = "{\"a\":".repeat(40) + "1" + &"}".repeat(40);
        let long = format!("{{\"{}\":1,\"b\":2}}", "x".repeat(500));
        for (text, count) in
            [("", 0), ("[1]", 0), ("{\"a\":1", 1), (&deep, 0), (&long, 1)]
        {
            let mut values = 0;
            read(text.as_bytes(), |_, _| values += 1);
            assert_eq!(values, count, "{text}");
        }
    }
}
