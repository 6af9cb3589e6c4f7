//! What a field holds. It is written as text where it is UTF-8, as bytes
//! where it is not.

#[cfg(feature = "serde")]
use serde::{Serialize, Serializer};

/// A field's value: absent, or bytes that may be empty.
pub type Value<'a> = Option<&'a [u8]>;

/// A value under its own name, for which there is no
/// [`Field`](crate::event::Field).
///
/// Names are compared exactly; steps of a path are joined by dots.
///
/// # Example
///
/// A sign-in to Okta, as a rule about that log source sees it:
///
/// ```
/// use t1053::event::{Event, Generic, NamedValue, Platform};
///
/// let members = [
///     NamedValue::new("eventType", "user.session.start"),
///     NamedValue::new("outcome.result", "FAILURE"),
/// ];
/// let event = Event::other(Generic {
///     product: Some(b"okta"),
///     service: Some(b"okta"),
///     ..Default::default()
/// })
/// .with_members(&members);
/// assert_eq!(event.member("outcome.result"), Some(&b"FAILURE"[..]));
/// assert_eq!(event.platform, Platform::Other);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct NamedValue<'a> {
    /// The name.
    pub name: &'a str,
    /// The value, which may be empty.
    #[cfg_attr(feature = "serde", serde(serialize_with = "bytes"))]
    pub value: &'a [u8],
}

impl<'a> NamedValue<'a> {
    /// A value under a name.
    pub fn new<V: AsRef<[u8]> + ?Sized>(
        name: &'a str,
        value: &'a V,
    ) -> NamedValue<'a> {
        NamedValue { name, value: value.as_ref() }
    }
}

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

#[cfg(feature = "serde")]
fn bytes<S: Serializer>(
    value: &[u8],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serialize(&Some(value), serializer)
}
