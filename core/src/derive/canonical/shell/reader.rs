//! A text that is read: where the reader is in it, and what its variables
//! are.

use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::command::{Command, Commands};
use crate::derive::canonical::notes::Notes;
use crate::derive::canonical::variables::Variables;

/// Most variables that are remembered in one text.
const MOST_VARIABLES: usize = 32;

/// Most files of one text of which it is remembered what was written.
const MOST_FILES: usize = 4;

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
    /// Files that the text writes, and what they hold then.
    pub(super) files: [Option<(Piece, Piece)>; MOST_FILES],
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
            files: [None; MOST_FILES],
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

    /// Remembers what is written to a file; of more files than there is room
    /// for the last is forgotten.
    pub(super) fn remember(
        &mut self,
        file: Piece,
        written: Piece,
        appends: bool,
    ) {
        let arena = &mut self.commands.arena;
        let is_it = |known: &Option<(Piece, Piece)>| {
            known.is_none_or(|(name, _)| arena.get(name) == arena.get(file))
        };
        let at = self.files.iter().position(is_it);
        let at = at.unwrap_or(MOST_FILES.saturating_sub(1));
        let Some(known) = self.files.get_mut(at) else { return };
        let before = known.filter(|(name, _)| {
            appends && arena.get(*name) == arena.get(file)
        });
        let all = match before {
            Some((_, before)) => {
                let mark = arena.mark();
                arena.extend_from(before);
                arena.extend_from(written);
                arena.since(mark)
            }
            None => written,
        };
        *known = Some((file, all));
    }

    /// What a file holds, where the text wrote it.
    pub(super) fn held(&self, file: Piece) -> Option<Piece> {
        let arena = &self.commands.arena;
        let mut known = self.files.iter().flatten();
        let found =
            known.find(|(name, _)| arena.get(*name) == arena.get(file));
        found.map(|(_, written)| *written)
    }

    pub(super) fn variable(&self, name: &[u8]) -> Option<Piece> {
        self.variables.get(&self.commands.arena, name)
    }
}
