/*!
What a text sets its variables to.
*/

use super::arena::{Arena, Piece};

/// Variables, each with its value; the first `MOST` that are set.
pub(crate) struct Variables<const MOST: usize> {
    known: [(Piece, Piece); MOST],
    count: usize,
}

impl<const MOST: usize> Variables<MOST> {
    pub(crate) fn new() -> Variables<MOST> {
        let none = Piece::default();
        Variables { known: [(none, none); MOST], count: 0 }
    }

    /// Sets a variable, whose name is as it is asked for later.
    pub(crate) fn set(&mut self, arena: &Arena, name: Piece, value: Piece) {
        let index = self.position(arena, arena.get(name));
        let index = index.unwrap_or(self.count);
        if let Some(slot) = self.known.get_mut(index) {
            *slot = (name, value);
            self.count = self.count.max(index.saturating_add(1));
        }
    }

    /// The value that a variable was set to.
    pub(crate) fn get(&self, arena: &Arena, name: &[u8]) -> Option<Piece> {
        let index = self.position(arena, name)?;
        self.known.get(index).map(|(_, value)| *value)
    }

    fn position(&self, arena: &Arena, name: &[u8]) -> Option<usize> {
        let mut known = self.known.iter().take(self.count);
        known.position(|(known, _)| arena.get(*known) == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_counts_and_what_is_too_much_is_not_known() {
        let mut arena = Arena::default();
        let [a, b, c] = [b"a", b"b", b"c"].map(|name| arena.add(name));
        let mut variables = Variables::<2>::new();
        assert_eq!(variables.get(&arena, b"a"), None);
        for (name, value) in [(a, b), (b, c), (a, c), (c, a)] {
            variables.set(&arena, name, value);
        }
        assert_eq!(variables.get(&arena, b"a"), Some(c));
        assert_eq!(variables.get(&arena, b"b"), Some(c));
        assert_eq!(variables.get(&arena, b"c"), None);
    }
}
