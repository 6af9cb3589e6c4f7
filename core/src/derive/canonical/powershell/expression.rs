//! Expressions: values and the operators between them.

use super::script::{Script, Value};
use super::text::{number, push_number};
use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::argv::{Quotes, Word};
use crate::derive::canonical::notes::Obfuscation;

impl Script<'_, '_> {
    /// Reads an expression: values and the operators between them, from left
    /// to right. A method that is called for what is assigned is a command
    /// that is assigned.
    pub(super) fn expression(&mut self, assigned: Option<Piece>) -> Value {
        self.blanks(false);
        let mut left = if self.eat_word(b"-join") {
            self.blanks(false);
            let base = self.commands.stacked();
            let list = self.listed(assigned);
            let empty = self.commands.arena.add(b"");
            self.joined_by(base, list, empty)
        } else {
            self.listed(assigned)
        };
        while self.step() {
            self.blanks(false);
            left = match self.rest() {
                [b'+', next, ..] if *next != b'=' => {
                    self.pass(1);
                    self.blanks(true);
                    self.sum(left)
                }
                [b'.', b'.', ..] => {
                    self.pass(2);
                    self.range(left)
                }
                [b'*', next, ..] if next.is_ascii_digit() || *next == b' ' => {
                    self.pass(1);
                    self.blanks(false);
                    let _ = self.listed(None);
                    Value::Unknown
                }
                [b'-', ..] => match self.operator(left) {
                    Some(value) => value,
                    None => return left,
                },
                // A list of numbers, made characters one by one.
                [b'|', ..] => match self.characters(left) {
                    Some(value) => value,
                    None => return left,
                },
                _ => return left,
            };
        }
        left
    }

    /// Reads values with commas between them.
    fn listed(&mut self, assigned: Option<Piece>) -> Value {
        let base = self.commands.stacked();
        let first = self.primary(assigned);
        self.blanks(false);
        if self.peek() != Some(b',') {
            return first;
        }
        let mut is_known = self.push_element(first);
        while self.step() {
            self.blanks(false);
            if !self.eat(b',') {
                break;
            }
            self.blanks(true);
            let element = self.primary(None);
            is_known &= self.push_element(element);
        }
        if is_known { Value::List(base) } else { Value::Unknown }
    }

    fn sum(&mut self, left: Value) -> Value {
        let base = self.commands.stacked();
        let right = self.listed(None);
        let right = self.text_of(right);
        self.commands.unstack(base);
        let (Value::Text(left), Some(right)) = (left, right) else {
            return Value::Unknown;
        };
        self.notes.add(Obfuscation::Concatenation);
        let arena = &mut self.commands.arena;
        if let (Some(first), Some(second)) =
            (number(arena.get(left)), number(arena.get(right)))
        {
            return Value::Text(push_number(
                first.saturating_add(second),
                arena,
            ));
        }
        let mark = arena.mark();
        arena.extend_from(left);
        arena.extend_from(right);
        Value::Text(arena.since(mark))
    }

    /// `a..b`, 256 numbers at most.
    fn range(&mut self, left: Value) -> Value {
        let right = self.primary(None);
        let base = self.commands.stacked();
        let (Value::Text(left), Value::Text(right)) = (left, right) else {
            return Value::Unknown;
        };
        let arena = &self.commands.arena;
        let (Some(from), Some(to)) =
            (number(arena.get(left)), number(arena.get(right)))
        else {
            return Value::Unknown;
        };
        let step = if from <= to { 1_i64 } else { -1 };
        let mut at = from;
        for _ in 0..256 {
            let text = push_number(at, &mut self.commands.arena);
            self.commands.stack(Word { text, quotes: Quotes::None });
            if at == to {
                break;
            }
            at = at.saturating_add(step);
        }
        Value::List(base)
    }

    /// Reads an operator that is a word, and what is behind it; `None` for
    /// what is none that is known.
    fn operator(&mut self, left: Value) -> Option<Value> {
        let base = match left {
            Value::List(base) => base,
            _ => self.commands.stacked(),
        };
        if self.eat_word(b"-f") {
            self.blanks(true);
            let values = self.commands.stacked();
            let right = self.listed(None);
            if let Value::Text(text) = right {
                self.commands.stack(Word { text, quotes: Quotes::None });
            }
            let value = match (left, right) {
                (Value::Text(format), Value::Text(_) | Value::List(_)) => {
                    self.notes.add(Obfuscation::Format);
                    Value::Text(self.formatted(format, values))
                }
                _ => Value::Unknown,
            };
            self.commands.unstack(base);
            return Some(value);
        }
        if self.eat_word(b"-join") {
            self.blanks(false);
            let right = self.primary(None);
            let Value::Text(with) = right else { return Some(Value::Unknown) };
            return Some(self.joined_by(base, left, with));
        }
        if self.eat_word(b"-split") || self.eat_word(b"-csplit") {
            self.blanks(false);
            let right = self.primary(None);
            let (Value::Text(text), Value::Text(by)) = (left, right) else {
                return Some(Value::Unknown);
            };
            return Some(self.split_by(text, by));
        }
        let replaces = [b"-replace".as_slice(), b"-creplace", b"-ireplace"]
            .into_iter()
            .any(|name| self.eat_word(name));
        if replaces {
            self.blanks(false);
            let values = self.commands.stacked();
            let right = self.listed(None);
            let value = match (left, right) {
                (Value::Text(text), Value::List(_)) => {
                    let what = self.commands.stacked_word(values);
                    let with =
                        self.commands.stacked_word(values.saturating_add(1));
                    let empty = self.commands.arena.add(b"");
                    let with = with.map_or(empty, |word| word.text);
                    what.map(|what| self.replaced(text, what.text, with))
                }
                (Value::Text(text), Value::Text(what)) => {
                    let empty = self.commands.arena.add(b"");
                    Some(self.replaced(text, what, empty))
                }
                _ => None,
            };
            self.commands.unstack(base);
            return Some(value.map_or(Value::Unknown, Value::Text));
        }
        // `-as`, `-bxor`, `-eq` and all others.
        for name in [
            b"-as".as_slice(),
            b"-eq",
            b"-ne",
            b"-like",
            b"-match",
            b"-and",
            b"-or",
            b"-bxor",
            b"-band",
            b"-is",
            b"-in",
            b"-gt",
            b"-lt",
            b"-contains",
            b"-notlike",
            b"-notmatch",
        ] {
            if self.eat_word(name) {
                self.blanks(false);
                let _ = self.listed(None);
                self.commands.unstack(base);
                return Some(Value::Unknown);
            }
        }
        None
    }

    /// `| % { [char]$_ }` behind a list.
    fn characters(&mut self, left: Value) -> Option<Value> {
        let Value::List(base) = left else { return None };
        let rest = self.rest();
        let end = memchr::memchr(b'}', rest)?;
        let block = rest.get(..end)?;
        let has = |what: &[u8]| {
            block
                .windows(what.len())
                .any(|part| part.eq_ignore_ascii_case(what))
        };
        if !has(b"[char]") || !has(b"$_") {
            return None;
        }
        self.pass(end.saturating_add(1));
        self.notes.add(Obfuscation::CharCodes);
        self.decode_characters(base);
        Some(Value::List(base))
    }

    /// One argument: an expression without the commas between arguments.
    pub(super) fn argument_value(&mut self) -> Value {
        let mut left = self.primary(None);
        while self.step() {
            self.blanks(true);
            left = match self.rest() {
                [b'+', ..] => {
                    self.pass(1);
                    self.blanks(true);
                    let right = self.primary(None);
                    match (left, right) {
                        (Value::Text(left), Value::Text(right)) => {
                            self.notes.add(Obfuscation::Concatenation);
                            let arena = &mut self.commands.arena;
                            let mark = arena.mark();
                            arena.extend_from(left);
                            arena.extend_from(right);
                            Value::Text(arena.since(mark))
                        }
                        _ => Value::Unknown,
                    }
                }
                [b'.', b'.', ..] => {
                    self.pass(2);
                    self.range(left)
                }
                [b'-', ..] => match self.operator(left) {
                    Some(value) => value,
                    None => return left,
                },
                _ => return left,
            };
        }
        left
    }
}
