/*!
Short names in lower case, on the stack.
*/

use core::ops::Deref;

/// Longest name that is compared; a longer one is no name of ours.
const MOST: usize = 40;

/// A copy of a name in lower case; empty where the name is too long to be one
/// that is known.
#[derive(Clone, Copy)]
pub(crate) struct Lower {
    bytes: [u8; MOST],
    length: usize,
}

impl Lower {
    /// Copies a name.
    pub(crate) fn new(name: &[u8]) -> Lower {
        let mut lower = Lower { bytes: [0; MOST], length: 0 };
        if let Some(room) = lower.bytes.get_mut(..name.len()) {
            room.copy_from_slice(name);
            room.make_ascii_lowercase();
            lower.length = name.len();
        }
        lower
    }
}

impl Deref for Lower {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}
