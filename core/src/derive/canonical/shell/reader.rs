//! A text that is read: where the reader is in it, and what its variables
//! are.

use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::command::{Command, Commands};
use crate::derive::canonical::notes::Notes;
use crate::derive::canonical::variables::Variables;

/// Most variables that are remembered in one text.
const MOST_VARIABLES: usize = 32;

/// Reads one text.
pub(super) struct Shell<'t, 'c> {
    pub(super) text: &'t [u8],
    pub(super) at: usize,
    pub(super) commands: &'c mut Commands,
    pub(super) outer: Command,
    /// What had to be undone to read the words of the current command.
    pub(super) notes: Notes,
    pub(super) variables: Variables<MOST_VARIABLES>,
    pub(super) directory: Option<Piece>,
    /// Where a here-document ends that begins on the next line.
    pub(super) document_end: Option<usize>,
    /// How many brackets are open.
    pub(super) groups: u32,
    /// What ends the substitution that is being read.
    pub(super) close: Option<u8>,
    /// How many substitutions are open.
    pub(super) level: u8,
}

impl<'t, 'c> Shell<'t, 'c> {
    pub(super) fn new(
        text: &'t [u8],
        commands: &'c mut Commands,
        outer: Command,
    ) -> Shell<'t, 'c> {
        Shell {
            text,
            at: 0,
            notes: outer.origin.notes,
            commands,
            outer,
            variables: Variables::new(),
            directory: None,
            document_end: None,
            groups: 0,
            close: None,
            level: 0,
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub(super) fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn pass(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.text.len());
    }

    pub(super) fn eat(&mut self, what: &[u8]) -> bool {
        let is_next = self.rest().starts_with(what);
        if is_next {
            self.pass(what.len());
        }
        is_next
    }

    pub(super) fn set(&mut self, name: Piece, value: Piece) {
        self.variables.set(&self.commands.arena, name, value);
    }

    pub(super) fn variable(&self, name: &[u8]) -> Option<Piece> {
        self.variables.get(&self.commands.arena, name)
    }
}
