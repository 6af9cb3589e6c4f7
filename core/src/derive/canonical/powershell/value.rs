//! Single values: literals, variables, brackets and casts.

use super::script::{MOST_LEVELS, MOST_OPEN, Script, Value, name_length};
use super::text::{matching, number, push_character};
use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::argv::{Quotes, Word};
use crate::derive::canonical::lower::Lower;
use crate::derive::canonical::notes::Obfuscation;
use crate::derive::canonical::path::windows_variable;

impl Script<'_, '_> {
    /// Reads one value with the methods that are called on it.
    pub(super) fn primary(&mut self, assigned: Option<Piece>) -> Value {
        if self.open == MOST_OPEN {
            self.commands.cut();
            self.at = self.text.len();
            return Value::Unknown;
        }
        self.open = self.open.saturating_add(1);
        let value = self.primary_within(assigned);
        self.open = self.open.saturating_sub(1);
        value
    }

    fn primary_within(&mut self, assigned: Option<Piece>) -> Value {
        self.blanks(false);
        let value = match self.peek() {
            Some(b'\'' | b'"') => Value::Text(self.quoted()),
            Some(b'@') => self.literal_list(),
            Some(b'$') => self.dollar(),
            Some(b'(') => self.bracketed(assigned),
            Some(b'[') => return self.cast(assigned),
            Some(b'0'..=b'9' | b'-') => {
                let text = self.number();
                Value::Text(text)
            }
            _ => Value::Unknown,
        };
        self.behind(value, assigned)
    }

    fn number(&mut self) -> Piece {
        let is_of_number = |byte: &&u8| {
            byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'X' | b'-')
        };
        let length = self.rest().iter().take_while(is_of_number).count();
        let digits = self.rest().get(..length.max(1)).unwrap_or_default();
        self.pass(digits.len());
        self.commands.arena.add(digits)
    }

    /// `@(..)`; `@'..'@` and `@".."@` are texts; `@{..}` is kept as it is
    /// written, for whoever splats it.
    fn literal_list(&mut self) -> Value {
        let rest = self.rest();
        for (open, close) in
            [(b"@'".as_slice(), b"'@".as_slice()), (b"@\"", b"\"@")]
        {
            if rest.starts_with(open) {
                let inside = rest.get(2..).unwrap_or_default();
                let end = memchr::memmem::find(inside, close);
                let end = end.unwrap_or(inside.len());
                let text = inside.get(..end).unwrap_or_default();
                self.pass(end.saturating_add(4));
                let text = text.strip_prefix(b"\r").unwrap_or(text);
                let text = text.strip_prefix(b"\n").unwrap_or(text);
                return Value::Text(self.commands.arena.add(text));
            }
        }
        if rest.starts_with(b"@{") {
            let end = matching(rest.get(1..).unwrap_or_default(), b'{', b'}');
            let text = rest.get(..end.saturating_add(2)).unwrap_or(rest);
            self.pass(text.len());
            return Value::Text(self.commands.arena.add(text));
        }
        self.pass(1);
        if self.peek() == Some(b'(') {
            return self.bracketed(None);
        }
        Value::Unknown
    }

    /// A variable, or `$(..)`.
    fn dollar(&mut self) -> Value {
        if self.rest().starts_with(b"$(") {
            self.pass(1);
            return self.bracketed(None);
        }
        let start = self.at;
        let text = self.variable_text();
        let raw = self.text.get(start..self.at).unwrap_or_default();
        if self.commands.arena.get(text) == raw {
            return Value::Unknown;
        }
        Value::Text(text)
    }

    /// Reads a variable; its value where that is known, else as it is
    /// written.
    pub(super) fn variable_text(&mut self) -> Piece {
        let start = self.at;
        self.pass(1);
        let is_braced = self.eat(b'{');
        let length = if is_braced {
            memchr::memchr(b'}', self.rest()).unwrap_or(0)
        } else {
            name_length(self.rest())
        };
        let name = self.rest().get(..length).unwrap_or_default();
        self.pass(length.saturating_add(usize::from(is_braced)));
        let name = Lower::new(name);
        if let Some(variable) = name.strip_prefix(b"env:") {
            if let Some(value) = windows_variable(variable) {
                return self.commands.arena.add(value);
            }
        } else {
            let scope = memchr::memchr(b':', &name);
            let bare = name.get(scope.map_or(0, |at| at.saturating_add(1))..);
            let bare = bare.unwrap_or_default();
            if bare == b"pshome" {
                let home = br"C:\Windows\System32\WindowsPowerShell\v1.0";
                return self.commands.arena.add(home);
            }
            if let Some(value) = self.variable(bare) {
                return value;
            }
        }
        let raw = self.text.get(start..self.at).unwrap_or_default();
        self.commands.arena.add(raw)
    }

    /// What stands in brackets: an expression, or statements.
    fn bracketed(&mut self, assigned: Option<Piece>) -> Value {
        self.pass(1);
        self.blanks(true);
        if self.level >= MOST_LEVELS {
            self.commands.cut();
            self.at = self.text.len();
            return Value::Unknown;
        }
        self.level = self.level.saturating_add(1);
        let value =
            if self.is_expression() || matches!(self.peek(), Some(b'-')) {
                let value = self.expression(assigned);
                self.blanks(true);
                if self.peek() == Some(b')') {
                    self.pass(1);
                    value
                } else {
                    self.statements(Some(b')'));
                    Value::Unknown
                }
            } else {
                let base = self.commands.stacked();
                let notes = self.notes;
                self.bracketed_command(assigned);
                self.notes = notes;
                self.commands.unstack(base);
                Value::Unknown
            };
        self.level = self.level.saturating_sub(1);
        value
    }

    /// A command in brackets is one that the variable is set to.
    fn bracketed_command(&mut self, assigned: Option<Piece>) {
        if self.peek() == Some(b')') {
            self.pass(1);
            return;
        }
        if self.is_call() {
            self.pass(1);
            self.blanks(false);
            self.call(assigned, None);
        } else {
            self.command(assigned, None);
        }
        self.statements(Some(b')'));
    }

    /// `[type]`, with a value behind it, or a method of its own.
    fn cast(&mut self, assigned: Option<Piece>) -> Value {
        let rest = self.rest();
        let end = matching(rest, b'[', b']');
        let name = rest.get(1..end).unwrap_or_default();
        let name = Lower::new(name.trim_ascii());
        self.pass(end.saturating_add(1));
        if self.rest().starts_with(b"::") {
            self.pass(2);
            return self.static_method(&name, assigned);
        }
        self.blanks(false);
        let base = self.commands.stacked();
        if !self.is_expression() {
            return Value::Unknown;
        }
        let value = self.primary(assigned);
        match (&*name, value) {
            (b"char" | b"system.char", Value::Text(text)) => {
                let arena = &mut self.commands.arena;
                match number(arena.get(text)) {
                    Some(code) => {
                        let text = push_character(code, arena);
                        self.notes.add(Obfuscation::CharCodes);
                        Value::Text(text)
                    }
                    None => Value::Text(text),
                }
            }
            (b"char[]" | b"system.char[]", Value::List(from)) => {
                self.notes.add(Obfuscation::CharCodes);
                self.decode_characters(from);
                Value::List(from)
            }
            (b"char[]" | b"system.char[]", Value::Text(text)) => {
                let length = self.commands.arena.get(text).len();
                for at in 0..length.min(1024) {
                    let text = text.after(at).until(1);
                    self.commands.stack(Word { text, quotes: Quotes::None });
                }
                Value::List(base)
            }
            (b"wmiclass" | b"wmi", value) => value,
            (_, value) => value,
        }
    }

    /// Reads a text in quotes.
    pub(super) fn quoted(&mut self) -> Piece {
        let is_plain = self.eat(b'\'');
        if is_plain {
            return self.single_quoted();
        }
        self.pass(1);
        let mut mark = self.commands.arena.mark();
        while let Some(byte) = self.peek() {
            match byte {
                b'"' if self.rest().starts_with(b"\"\"") => {
                    self.commands.arena.push(b'"');
                    self.pass(2);
                }
                b'"' => {
                    self.pass(1);
                    break;
                }
                b'`' => {
                    self.pass(1);
                    let escaped = self.peek();
                    self.pass(1);
                    let meant = match escaped {
                        Some(b'n') => b'\n',
                        Some(b'r') => b'\r',
                        Some(b't') => b'\t',
                        Some(b'0') => 0,
                        Some(byte) => {
                            if byte.is_ascii_alphanumeric() {
                                self.notes.add(Obfuscation::Backtick);
                            }
                            byte
                        }
                        None => break,
                    };
                    self.commands.arena.push(meant);
                }
                b'$' if self.rest().get(1).is_some_and(|next| {
                    next.is_ascii_alphabetic() || matches!(next, b'{' | b'_')
                }) =>
                {
                    let before = self.commands.arena.since(mark);
                    let value = self.variable_text();
                    mark = self.commands.arena.mark();
                    self.commands.arena.extend_from(before);
                    self.commands.arena.extend_from(value);
                }
                b'$' if self.rest().starts_with(b"$(") => {
                    let before = self.commands.arena.since(mark);
                    self.pass(1);
                    let base = self.commands.stacked();
                    let value = self.bracketed(None);
                    let value = self.text_of(value);
                    self.commands.unstack(base);
                    mark = self.commands.arena.mark();
                    self.commands.arena.extend_from(before);
                    if let Some(value) = value {
                        self.commands.arena.extend_from(value);
                    }
                }
                _ => {
                    self.commands.arena.push(byte);
                    self.pass(1);
                }
            }
        }
        self.commands.arena.since(mark)
    }

    fn single_quoted(&mut self) -> Piece {
        let mark = self.commands.arena.mark();
        loop {
            let rest = self.rest();
            let end = memchr::memchr(b'\'', rest).unwrap_or(rest.len());
            let text = rest.get(..end).unwrap_or_default();
            self.commands.arena.extend(text);
            self.pass(end.saturating_add(1));
            if !self.eat(b'\'') {
                return self.commands.arena.since(mark);
            }
            self.commands.arena.push(b'\'');
        }
    }
}
