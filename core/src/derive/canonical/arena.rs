/*!
The memory that canonical text is written into.

Layers undo quoting, escapes and expansion, so what they yield is often no
part of the record. They write into one [`Arena`], which is reused for every
event, and speak of [`Piece`]s of it: two numbers, which stay right while the
arena grows.
*/

/// Most bytes that all layers together write for one event. What is longer
/// is cut, and [`Arena::is_cut`] tells so.
pub(crate) const MOST_WRITTEN: usize = 64 * 1024;

/// A part of an [`Arena`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Piece {
    start: u32,
    end: u32,
}

impl Piece {
    /// Whether there is nothing in it.
    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The part between two offsets in it.
    pub(crate) fn part(self, (start, end): (u32, u32)) -> Piece {
        let at = |offset: u32| self.start.saturating_add(offset).min(self.end);
        Piece { start: at(start), end: at(end) }
    }

    /// Its first so many bytes.
    #[must_use]
    pub(crate) fn until(self, count: usize) -> Piece {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let end = self.start.saturating_add(count).min(self.end);
        Piece { end, ..self }
    }

    /// Without so many of its first bytes.
    #[must_use]
    pub(crate) fn after(self, count: usize) -> Piece {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let start = self.start.saturating_add(count).min(self.end);
        Piece { start, ..self }
    }
}

/// Bytes that layers have written for one event.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    bytes: Vec<u8>,
    is_cut: bool,
}

impl Arena {
    /// Forgets what was written; keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.is_cut = false;
    }

    /// Whether something was too long to be written whole.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The bytes of a piece.
    pub(crate) fn get(&self, piece: Piece) -> &[u8] {
        let range = piece.start as usize..piece.end as usize;
        let found = self.bytes.get(range);
        debug_assert!(found.is_some(), "a piece of another event");
        found.unwrap_or_default()
    }

    /// Where the next byte goes: the beginning of a piece to be written.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.position())
    }

    /// Writes a byte.
    pub(crate) fn push(&mut self, byte: u8) {
        if self.bytes.len() < MOST_WRITTEN {
            self.bytes.push(byte);
        } else {
            self.is_cut = true;
        }
    }

    /// Writes bytes.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let room = MOST_WRITTEN.saturating_sub(self.bytes.len());
        let fitting = bytes.get(..room).unwrap_or(bytes);
        self.bytes.extend_from_slice(fitting);
        self.is_cut |= fitting.len() < bytes.len();
    }

    /// Writes a copy of a piece.
    pub(crate) fn extend_from(&mut self, piece: Piece) {
        let range = piece.start as usize..piece.end as usize;
        let room = MOST_WRITTEN.saturating_sub(self.bytes.len());
        if range.len() > room {
            self.is_cut = true;
        } else if self.bytes.get(range.clone()).is_some() {
            self.bytes.extend_from_within(range);
        }
    }

    /// Writes a copy of a piece in upper case.
    pub(crate) fn upper(&mut self, piece: Piece) -> Piece {
        let mark = self.mark();
        self.extend_from(piece);
        if let Some(copy) = self.bytes.get_mut(mark.0 as usize..) {
            copy.make_ascii_uppercase();
        }
        self.since(mark)
    }

    /// Writes a copy of a piece in lower case.
    pub(crate) fn lower(&mut self, piece: Piece) -> Piece {
        let mark = self.mark();
        self.extend_from(piece);
        if let Some(copy) = self.bytes.get_mut(mark.0 as usize..) {
            copy.make_ascii_lowercase();
        }
        self.since(mark)
    }

    /// The last byte written since a mark.
    pub(crate) fn last_since(&self, mark: Mark) -> Option<u8> {
        self.bytes.get(mark.0 as usize..)?.last().copied()
    }

    /// What was written since a mark.
    pub(crate) fn since(&self, mark: Mark) -> Piece {
        Piece { start: mark.0, end: self.position() }
    }

    /// Writes what a function appends, cut at the bound.
    pub(crate) fn write_with(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Piece {
        let mark = self.mark();
        write(&mut self.bytes);
        self.is_cut |= self.bytes.len() > MOST_WRITTEN;
        self.bytes.truncate(MOST_WRITTEN);
        self.since(mark)
    }

    /// Writes bytes as a piece of their own.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> Piece {
        let mark = self.mark();
        self.extend(bytes);
        self.since(mark)
    }

    fn position(&self) -> u32 {
        // `MOST_WRITTEN` bounds it far below.
        u32::try_from(self.bytes.len()).unwrap_or(u32::MAX)
    }

    /// Takes all the memory that it may ever need.
    pub(crate) fn reserve(&mut self) {
        self.bytes.reserve(MOST_WRITTEN);
    }

    /// Bytes of memory held.
    pub(crate) fn memory_usage(&self) -> usize {
        self.bytes.capacity()
    }
}

/// A place in an [`Arena`] that a piece begins at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(u32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_stops_at_the_bound_and_says_so() {
        let mut arena = Arena::default();
        let whole = arena.add(&[b'x'; MOST_WRITTEN]);
        assert!(!arena.is_cut());
        arena.push(b'y');
        assert!(arena.is_cut());
        assert_eq!(arena.get(whole).len(), MOST_WRITTEN);
        arena.clear();
        assert!(!arena.is_cut());
        let piece = arena.add(b"again");
        assert_eq!(arena.get(piece), b"again");
        assert_eq!(arena.get(piece.after(2)), b"ain");
        assert!(piece.after(9).is_empty());
    }
}
