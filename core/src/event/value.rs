//! Values as text where they are UTF-8, as bytes where they are not.

use serde::{Serialize, Serializer};

use super::Value;

#[derive(Serialize)]
#[serde(untagged)]
enum Text<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
}

pub(super) fn serialize<S: Serializer>(
    value: &Value<'_>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let text = value.map(|bytes| match core::str::from_utf8(bytes) {
        Ok(text) => Text::Text(text),
        Err(_) => Text::Bytes(bytes),
    });
    text.serialize(serializer)
}

pub(super) fn bytes<S: Serializer>(
    value: &[u8],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serialize(&Some(value), serializer)
}
