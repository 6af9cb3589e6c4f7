//! A script that is read: where the reader is in it, what its variables are,
//! and the steps that all parts of the language share.

use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::command::{Command, Commands};
use crate::derive::canonical::lower::Lower;
use crate::derive::canonical::notes::Notes;
use crate::derive::canonical::variables::Variables;

/// Most variables that are remembered in one script.
const MOST_VARIABLES: usize = 48;

/// Most values that are read one in the other: casts, brackets, arguments.
/// Each takes some of the thread's stack.
pub(super) const MOST_OPEN: u8 = 24;

/// Most brackets and blocks that are open at once.
pub(super) const MOST_LEVELS: u8 = 8;

/// Most operators, elements and calls of one expression.
const MOST_STEPS: u32 = 4096;

/// Length of the name of a variable that a text begins with.
pub(super) fn name_length(text: &[u8]) -> usize {
    let is_of_name = |byte: &&u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':')
    };
    text.iter().take_while(is_of_name).count()
}

/// A value of an expression.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    /// A text, a number, or bytes.
    Text(Piece),
    /// Words on the stack from a place on, up to its top.
    List(usize),
    /// Not known.
    Unknown,
}

/// Reads one script.
pub(super) struct Script<'t, 'c> {
    pub(super) text: &'t [u8],
    pub(super) at: usize,
    pub(super) commands: &'c mut Commands,
    pub(super) outer: Command,
    pub(super) notes: Notes,
    pub(super) variables: Variables<MOST_VARIABLES>,
    pub(super) level: u8,
    /// The property that was read last.
    pub(super) property: Lower,
    /// How many values are being read, one in the other.
    pub(super) open: u8,
    pub(super) steps: u32,
}

impl<'t, 'c> Script<'t, 'c> {
    pub(super) fn new(
        text: &'t [u8],
        commands: &'c mut Commands,
        outer: Command,
    ) -> Script<'t, 'c> {
        Script {
            text,
            at: 0,
            notes: outer.origin.notes,
            commands,
            outer,
            variables: Variables::new(),
            level: 0,
            property: Lower::new(b""),
            open: 0,
            steps: 0,
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

    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        if is_next {
            self.pass(1);
        }
        is_next
    }

    /// Whether a name, in any case, stands here with no more of a name
    /// behind it.
    pub(super) fn is_word(&self, word: &[u8]) -> bool {
        let rest = self.rest();
        let head = rest.get(..word.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(word))
            && !rest.get(word.len()).is_some_and(u8::is_ascii_alphanumeric)
    }

    pub(super) fn eat_word(&mut self, word: &[u8]) -> bool {
        let is_next = self.is_word(word);
        if is_next {
            self.pass(word.len());
        }
        is_next
    }

    /// Passes over blanks and comments, with line ends or without.
    pub(super) fn blanks(&mut self, lines: bool) {
        loop {
            let blank = |byte: &&u8| {
                matches!(byte, b' ' | b'\t' | b'\r')
                    || lines && **byte == b'\n'
            };
            let count = self.rest().iter().take_while(blank).count();
            self.pass(count);
            let rest = self.rest();
            if rest.starts_with(b"`\r\n") || rest.starts_with(b"`\n") {
                let end = memchr::memchr(b'\n', rest).unwrap_or(0);
                self.pass(end.saturating_add(1));
            } else if rest.starts_with(b"<#") {
                let end = memchr::memmem::find(rest, b"#>");
                let end = end.unwrap_or(rest.len()).saturating_add(2);
                self.pass(end);
            } else if rest.first() == Some(&b'#') {
                let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                self.pass(end);
            } else {
                return;
            }
        }
    }

    pub(super) fn set(&mut self, name: Piece, value: Piece) {
        self.variables.set(&self.commands.arena, name, value);
    }

    /// The value that a variable was set to, by its name in lower case.
    pub(super) fn variable(&self, name: &[u8]) -> Option<Piece> {
        self.variables.get(&self.commands.arena, name)
    }

    /// Counts a step of an expression; false when there were too many.
    pub(super) fn step(&mut self) -> bool {
        self.steps = self.steps.saturating_add(1);
        if self.steps > MOST_STEPS {
            self.commands.cut();
        }
        self.steps <= MOST_STEPS
    }

    /// A value as a text: a list's elements with a blank between them.
    pub(super) fn text_of(&mut self, value: Value) -> Option<Piece> {
        match value {
            Value::Text(text) => Some(text),
            Value::List(base) => Some(self.commands.join_stacked(base)),
            Value::Unknown => None,
        }
    }
}
