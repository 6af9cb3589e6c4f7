//! Values as text where they are UTF-8, as bytes where they are not.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Value;

#[derive(Serialize, Deserialize)]
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

pub(super) fn deserialize<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Value<'a>, D::Error> {
    let text = Option::<Text<'de>>::deserialize(deserializer)?;
    Ok(text.map(|text| match text {
        Text::Text(text) => text.as_bytes(),
        Text::Bytes(bytes) => bytes,
    }))
}
