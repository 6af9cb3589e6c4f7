/*!
Values that were found in a text, kept by where they stand in it, so that what
keeps them outlives the text.
*/

use super::raw::{Encoding, Raw};

/// Longest text that is read: places in it have 32 bits.
pub(crate) const MOST_TEXT: usize = u32::MAX as usize;

/// A value that was found: where in the text, at which node of the tree of
/// names, and how it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    start: u32,
    length: u32,
    node: u16,
    encoding: Encoding,
    /// Whether it is one of those that tell what a record is.
    is_head: bool,
}

impl Found {
    pub(crate) fn new(
        node: u16,
        start: usize,
        length: usize,
        encoding: Encoding,
        is_head: bool,
    ) -> Found {
        debug_assert!(start.max(length) <= MOST_TEXT, "a text too long");
        let [start, length] = [start as u32, length as u32];
        Found { start, length, node, encoding, is_head }
    }

    pub(crate) fn raw<'a>(&self, text: &'a [u8]) -> Raw<'a> {
        let (start, length) = (self.start as usize, self.length as usize);
        let bytes = text.get(start..start.saturating_add(length));
        debug_assert!(bytes.is_some(), "found outside of the text");
        let bytes = bytes.unwrap_or_default();
        Raw { bytes, encoding: self.encoding }
    }

    pub(crate) fn start(&self) -> usize {
        self.start as usize
    }

    pub(crate) fn is_head(&self) -> bool {
        self.is_head
    }

    pub(crate) fn node(&self) -> u16 {
        self.node
    }
}
