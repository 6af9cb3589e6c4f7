//! What a field holds. It is written as text where it is UTF-8, as bytes
//! where it is not.

#[cfg(feature = "serde")]
use serde::{Serialize, Serializer};

/// A field's value: absent, or bytes that may be empty.
pub type Value<'a> = Option<&'a [u8]>;

#[cfg(feature = "serde")]
#[derive(Serialize)]
#[serde(untagged)]
enum Text<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
}

#[cfg(feature = "serde")]
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
