//! What operators and methods alike make of values that are known.

use super::script::{Script, Value};
use super::text::{number, push_character};
use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::argv::{Quotes, Word};
use crate::derive::canonical::notes::Obfuscation;

impl Script<'_, '_> {
    /// Puts a value on the stack as an element of a list. The elements of a
    /// list stand there already.
    pub(super) fn push_element(&mut self, value: Value) -> bool {
        match value {
            Value::Text(text) => {
                self.commands.stack(Word { text, quotes: Quotes::None });
                true
            }
            Value::List(_) => true,
            Value::Unknown => false,
        }
    }

    /// Makes numbers on the stack, from one on, the characters that they are
    /// the codes of.
    pub(super) fn decode_characters(&mut self, base: usize) {
        for index in base..self.commands.stacked() {
            let Some(word) = self.commands.stacked_word(index) else { return };
            let arena = &mut self.commands.arena;
            if let Some(code) = number(arena.get(word.text)) {
                let text = push_character(code, arena);
                self.commands.restack(index, text);
            }
        }
    }

    pub(super) fn joined_by(
        &mut self,
        base: usize,
        list: Value,
        with: Piece,
    ) -> Value {
        let value = match list {
            Value::Text(text) => Value::Text(text),
            Value::Unknown => Value::Unknown,
            Value::List(from) => {
                self.notes.add(Obfuscation::Concatenation);
                let mark = self.commands.arena.mark();
                for index in from..self.commands.stacked() {
                    let word = self.commands.stacked_word(index);
                    let Some(word) = word else { break };
                    if index > from {
                        self.commands.arena.extend_from(with);
                    }
                    self.commands.arena.extend_from(word.text);
                }
                Value::Text(self.commands.arena.since(mark))
            }
        };
        self.commands.unstack(base);
        value
    }

    pub(super) fn split_by(&mut self, text: Piece, by: Piece) -> Value {
        let base = self.commands.stacked();
        let mut rest = text;
        while self.step() {
            let separator = self.commands.arena.get(by);
            let bytes = self.commands.arena.get(rest);
            let at = if separator.is_empty() {
                None
            } else {
                memchr::memmem::find(bytes, separator)
            };
            let length = at.unwrap_or(bytes.len());
            let skipped = length.saturating_add(separator.len());
            let part = rest.until(length);
            self.commands.stack(Word { text: part, quotes: Quotes::None });
            if at.is_none() {
                break;
            }
            rest = rest.after(skipped);
        }
        Value::List(base)
    }

    /// A text with every occurrence of another replaced, case aside.
    pub(super) fn replaced(
        &mut self,
        text: Piece,
        what: Piece,
        with: Piece,
    ) -> Piece {
        self.notes.add(Obfuscation::Concatenation);
        let mark = self.commands.arena.mark();
        let mut rest = text;
        while self.step() {
            let arena = &self.commands.arena;
            let wanted = arena.get(what);
            // Of a regular expression only escapes are understood.
            let wanted = wanted.strip_prefix(b"\\").unwrap_or(wanted);
            let length = wanted.len();
            let at = if wanted.is_empty() {
                None
            } else {
                crate::bytes::find(arena.get(rest), wanted, 0, false)
            };
            let Some(at) = at else { break };
            self.commands.arena.extend_from(rest.until(at));
            self.commands.arena.extend_from(with);
            rest = rest.after(at.saturating_add(length));
        }
        self.commands.arena.extend_from(rest);
        self.commands.arena.since(mark)
    }

    /// `{1}{0}` with the words on the stack from one on.
    pub(super) fn formatted(&mut self, format: Piece, values: usize) -> Piece {
        let mark = self.commands.arena.mark();
        let mut rest = format;
        while let Some(&byte) = self.commands.arena.get(rest).first() {
            let bytes = self.commands.arena.get(rest);
            let end = memchr::memchr(b'}', bytes);
            let inside = end.and_then(|end| bytes.get(1..end));
            let index = inside.and_then(|inside| {
                let digits = inside.split(|byte| matches!(byte, b',' | b':'));
                let digits = digits.into_iter().next()?;
                str::from_utf8(digits).ok()?.trim().parse::<usize>().ok()
            });
            match (byte, index, end) {
                (b'{', Some(index), Some(end)) => {
                    let word = self
                        .commands
                        .stacked_word(values.saturating_add(index));
                    if let Some(word) = word {
                        self.commands.arena.extend_from(word.text);
                    }
                    rest = rest.after(end.saturating_add(1));
                }
                _ => {
                    self.commands.arena.push(byte);
                    rest = rest.after(1);
                }
            }
        }
        self.commands.arena.since(mark)
    }
}
