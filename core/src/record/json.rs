/*!
JSON, read in place.
*/

/// Appends a string's inside with its escapes decoded.
pub(crate) fn unescape_into(raw: &[u8], buffer: &mut Vec<u8>) {
    buffer.extend_from_slice(raw);
}
