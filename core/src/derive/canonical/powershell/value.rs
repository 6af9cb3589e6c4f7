/*!
Expressions of PowerShell: literals, operators, casts and methods of what is
known.
*/

use super::{MOST_NESTING, MOST_OPEN, MOST_STEPS, Script, Value};
use crate::derive::canonical::arena::{Arena, Piece};
use crate::derive::canonical::argv::{Quotes, Word};
use crate::derive::canonical::command::{Origin, System};
use crate::derive::canonical::lower::Lower;
use crate::derive::canonical::notes::Obfuscation;
use crate::derive::canonical::path::windows_variable;

/// Length of the name of a variable that a text begins with.
pub(super) fn name_length(text: &[u8]) -> usize {
    let is_of_name = |byte: &&u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':')
    };
    text.iter().take_while(is_of_name).count()
}

impl Script<'_, '_> {
    /// Counts a step of an expression; false when there were too many.
    fn step(&mut self) -> bool {
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

    /// Puts a value on the stack as an element of a list. The elements of a
    /// list stand there already.
    fn push_element(&mut self, value: Value) -> bool {
        match value {
            Value::Text(text) => {
                self.commands.stack(Word { text, quotes: Quotes::None });
                true
            }
            Value::List(_) => true,
            Value::Unknown => false,
        }
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

    /// Makes numbers on the stack, from one on, the characters that they are
    /// the codes of.
    fn decode_characters(&mut self, base: usize) {
        for index in base..self.commands.stacked() {
            let Some(word) = self.commands.stacked_word(index) else { return };
            let arena = &mut self.commands.arena;
            if let Some(code) = number(arena.get(word.text)) {
                let text = push_character(code, arena);
                self.commands.restack(index, text);
            }
        }
    }

    fn joined_by(&mut self, base: usize, list: Value, with: Piece) -> Value {
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

    fn split_by(&mut self, text: Piece, by: Piece) -> Value {
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
    fn replaced(&mut self, text: Piece, what: Piece, with: Piece) -> Piece {
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
    fn formatted(&mut self, format: Piece, values: usize) -> Piece {
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
        if self.level >= MOST_NESTING {
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

    /// `[type]::Method(..)`.
    fn static_method(
        &mut self,
        class: &[u8],
        assigned: Option<Piece>,
    ) -> Value {
        let length = name_length(self.rest());
        let method = self.rest().get(..length).unwrap_or_default();
        let name = Lower::new(method);
        self.pass(length);
        // `[Text.Encoding]::Unicode.GetString(..)`: what is behind tells.
        if self.peek() != Some(b'(') {
            let is_wide = &*name == b"unicode";
            let is_text = class.ends_with(b"encoding");
            if is_text && self.rest().starts_with(b".") {
                return self.decoded(is_wide);
            }
            return self.behind(Value::Unknown, assigned);
        }
        let base = self.commands.stacked();
        let is_known = self.call_arguments();
        let argument = |script: &Self, index: usize| {
            let word =
                script.commands.stacked_word(base.saturating_add(index));
            word.map(|word| word.text)
        };
        let first = argument(self, 0);
        let value = match (class, &*name, first) {
            (_, b"frombase64string", Some(text)) if is_known => {
                self.notes.add(Obfuscation::Encoded);
                let arena = &mut self.commands.arena;
                let mark = arena.mark();
                push_base64(text, arena);
                Value::Text(arena.since(mark))
            }
            (b"string" | b"system.string", b"join", Some(with))
                if is_known =>
            {
                let list = Value::List(base.saturating_add(1));
                self.joined_by(base, list, with)
            }
            (b"string" | b"system.string", b"concat", Some(_)) if is_known => {
                let empty = self.commands.arena.add(b"");
                self.joined_by(base, Value::List(base), empty)
            }
            (b"string" | b"system.string", b"format", Some(format))
                if is_known =>
            {
                self.notes.add(Obfuscation::Format);
                Value::Text(self.formatted(format, base.saturating_add(1)))
            }
            (b"scriptblock", b"create", Some(text)) => Value::Text(text),
            (_, b"toint32", Some(text)) => Value::Text(text),
            _ => {
                self.append_method(method, base, assigned);
                Value::Unknown
            }
        };
        self.commands.unstack(base);
        self.behind(value, assigned)
    }

    /// `.GetString(bytes)`, of two bytes a character or of one.
    fn decoded(&mut self, is_wide: bool) -> Value {
        self.pass(1);
        let length = name_length(self.rest());
        self.pass(length);
        let base = self.commands.stacked();
        if self.peek() != Some(b'(') {
            return Value::Unknown;
        }
        let is_known = self.call_arguments();
        let first = self.commands.stacked_word(base);
        self.commands.unstack(base);
        let value = match first.filter(|_| is_known) {
            Some(word) if is_wide => {
                let text = from_utf16(word.text, &mut self.commands.arena);
                Value::Text(text)
            }
            Some(word) => Value::Text(word.text),
            None => Value::Unknown,
        };
        self.behind(value, None)
    }

    /// Reads the arguments of a method onto the stack; whether all are known.
    /// One that is not is there as it is written.
    fn call_arguments(&mut self) -> bool {
        self.pass(1);
        let mut are_known = true;
        while self.step() {
            self.blanks(true);
            match self.peek() {
                None => return false,
                Some(b')') => {
                    self.pass(1);
                    return are_known;
                }
                Some(b',') => self.pass(1),
                Some(_) => {
                    let start = self.at;
                    let base = self.commands.stacked();
                    let value = if self.level < MOST_NESTING {
                        self.level = self.level.saturating_add(1);
                        let value = self.argument_value();
                        self.level = self.level.saturating_sub(1);
                        value
                    } else {
                        Value::Unknown
                    };
                    if !self.push_element(value) {
                        self.commands.unstack(base);
                        are_known = false;
                        if self.at == start {
                            self.pass(1);
                        }
                        let raw = self.text.get(start..self.at);
                        let raw = raw.unwrap_or_default().trim_ascii();
                        let text = self.commands.arena.add(raw);
                        let quotes = Quotes::None;
                        self.commands.stack(Word { text, quotes });
                    }
                }
            }
        }
        false
    }

    /// One argument: an expression without the commas between arguments.
    fn argument_value(&mut self) -> Value {
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

    /// Reads methods, properties and indexes behind a value.
    fn behind(&mut self, mut value: Value, assigned: Option<Piece>) -> Value {
        while self.step() {
            value = match self.rest() {
                [b'.', next, ..] if next.is_ascii_alphabetic() => {
                    self.pass(1);
                    self.member(value, assigned)
                }
                // `.'Invoke'()`: a name that is a text.
                [b'.', b'\'' | b'"', ..] => {
                    self.pass(1);
                    let name = self.quoted();
                    let name = Lower::new(self.commands.arena.get(name));
                    self.method(value, &name, &name, assigned)
                }
                [b'[', ..] => self.indexed(value),
                _ => return value,
            };
        }
        value
    }

    fn member(&mut self, value: Value, assigned: Option<Piece>) -> Value {
        let length = name_length(self.rest());
        let raw = self.rest().get(..length).unwrap_or_default();
        let name = Lower::new(raw);
        self.pass(length);
        self.method(value, raw, &name, assigned)
    }

    fn method(
        &mut self,
        value: Value,
        raw: &[u8],
        name: &[u8],
        assigned: Option<Piece>,
    ) -> Value {
        if self.peek() != Some(b'(') {
            self.property = Lower::new(raw);
            return self.property(value, raw);
        }
        let owner = core::mem::replace(&mut self.property, Lower::new(b""));
        let base = self.commands.stacked();
        let is_known = self.call_arguments();
        let argument = |script: &Self, index: usize| {
            let at = base.saturating_add(index);
            script.commands.stacked_word(at).map(|word| word.text)
        };
        let (first, second) = (argument(self, 0), argument(self, 1));
        let result = match (value, name) {
            (Value::Text(text), b"replace") if is_known => {
                first.zip(second).map(|(what, with)| {
                    Value::Text(self.replaced(text, what, with))
                })
            }
            (Value::Text(text), b"substring") if is_known => {
                let number = |piece: Option<Piece>| {
                    let digits = self.commands.arena.get(piece?);
                    usize::try_from(number(digits)?).ok()
                };
                let (start, length) = (number(first), number(second));
                self.notes.add(Obfuscation::Substring);
                start.map(|start| {
                    let rest = text.after(start);
                    Value::Text(
                        length.map_or(rest, |length| rest.until(length)),
                    )
                })
            }
            (Value::Text(text), b"tolower" | b"tolowerinvariant") => {
                Some(Value::Text(self.commands.arena.lower(text)))
            }
            (Value::Text(text), b"toupper" | b"toupperinvariant") => {
                Some(Value::Text(self.commands.arena.upper(text)))
            }
            (Value::Text(text), b"trim" | b"tostring" | b"getnewclosure") => {
                Some(Value::Text(text))
            }
            (Value::Text(text), b"tochararray") => {
                self.commands.unstack(base);
                let length = self.commands.arena.get(text).len();
                for at in 0..length.min(1024) {
                    let text = text.after(at).until(1);
                    self.commands.stack(Word { text, quotes: Quotes::None });
                }
                return Value::List(base);
            }
            (Value::Text(text), b"split") if is_known => {
                self.commands.unstack(base);
                return first
                    .map_or(Value::Unknown, |by| self.split_by(text, by));
            }
            // A text that is run: `[scriptblock]::Create(..).Invoke()`.
            (Value::Text(text), b"invoke" | b"invokereturnasis") => {
                self.commands.unstack(base);
                self.nested(text);
                return Value::Unknown;
            }
            _ => None,
        };
        if result.is_none() {
            // `.Triggers.Create(9)` is not `.Actions.Create(0)`.
            let is_part = name == b"create" && !owner.is_empty();
            if is_part {
                let mark = self.commands.arena.mark();
                self.commands.arena.extend(&owner);
                self.commands.arena.push(b'.');
                self.commands.arena.extend(name);
                let whole = self.commands.arena.since(mark);
                let whole = Lower::new(self.commands.arena.get(whole));
                self.append_method(&whole, base, assigned);
            } else {
                self.append_method(raw, base, assigned);
            }
        }
        self.commands.unstack(base);
        result.unwrap_or(Value::Unknown)
    }

    /// A property; one that is set is a command `.Name=`.
    fn property(&mut self, value: Value, raw: &[u8]) -> Value {
        let start = self.at;
        self.blanks(false);
        let is_set = matches!(self.rest(), [b'=', next, ..] if *next != b'=');
        if !is_set {
            self.at = start;
            return match (value, raw) {
                (Value::Text(text), b"Length" | b"length" | b"Count") => {
                    let length = self.commands.arena.get(text).len();
                    let length = i64::try_from(length).unwrap_or(i64::MAX);
                    let arena = &mut self.commands.arena;
                    Value::Text(push_number(length, arena))
                }
                _ => Value::Unknown,
            };
        }
        self.pass(1);
        self.blanks(false);
        let from = self.at;
        let base = self.commands.stacked();
        let set = self.expression(None);
        let set = self.text_of(set);
        self.commands.unstack(base);
        if self.at == from {
            // A word: `$x.Enabled = $true` is read above, `= 1` too.
            return Value::Unknown;
        }
        let text = match set {
            Some(text) => text,
            None => {
                let raw = self.text.get(from..self.at).unwrap_or_default();
                self.commands.arena.add(raw.trim_ascii())
            }
        };
        let mark = self.commands.arena.mark();
        self.commands.arena.push(b'.');
        self.commands.arena.extend(raw);
        self.commands.arena.push(b'=');
        let program = self.commands.arena.since(mark);
        for text in [program, text] {
            self.commands.stack(Word { text, quotes: Quotes::None });
        }
        self.append(base, None);
        Value::Unknown
    }

    /// Appends a method with the arguments on the stack as a command.
    fn append_method(
        &mut self,
        name: &[u8],
        base: usize,
        assigned: Option<Piece>,
    ) {
        let mark = self.commands.arena.mark();
        self.commands.arena.push(b'.');
        self.commands.arena.extend(name);
        let program = self.commands.arena.since(mark);
        self.commands.stack_under(base, program);
        self.append(base, assigned);
    }

    fn append(&mut self, base: usize, assigned: Option<Piece>) {
        let origin = Origin {
            system: System::Windows,
            notes: self.notes,
            assigned,
            is_script: true,
            ..Origin::within(self.outer)
        };
        self.commands.finish_stacked(base, origin);
    }

    /// `[i]`, `[a,b]`, `[a..b]` of a text or a list.
    fn indexed(&mut self, value: Value) -> Value {
        self.pass(1);
        let base = self.commands.stacked();
        let index = self.expression(None);
        self.blanks(false);
        self.eat(b']');
        let count = match value {
            Value::Text(text) => self.commands.arena.get(text).len(),
            Value::List(from) => base.saturating_sub(from),
            Value::Unknown => 0,
        };
        let at = |script: &Self, index: Piece| -> Option<Piece> {
            let wanted = number(script.commands.arena.get(index))?;
            let count = i64::try_from(count).ok()?;
            let wanted =
                if wanted < 0 { wanted.checked_add(count)? } else { wanted };
            let wanted = usize::try_from(wanted).ok()?;
            match value {
                Value::Text(text) if wanted < count as usize => {
                    Some(text.after(wanted).until(1))
                }
                Value::List(from) => {
                    let place = from.saturating_add(wanted);
                    let word = script.commands.stacked_word(place)?;
                    (place < base).then_some(word.text)
                }
                _ => None,
            }
        };
        match index {
            Value::Text(index) => {
                let found = at(self, index);
                found.map_or(Value::Unknown, Value::Text)
            }
            Value::List(from) => {
                self.notes.add(Obfuscation::Reversal);
                for place in from..self.commands.stacked() {
                    let word = self.commands.stacked_word(place);
                    let found = word.and_then(|word| at(self, word.text));
                    match found {
                        Some(text) => self.commands.restack(place, text),
                        None => return Value::Unknown,
                    }
                }
                Value::List(from)
            }
            Value::Unknown => Value::Unknown,
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

/// Where the bracket that a text begins with is closed; its end if nowhere.
fn matching(text: &[u8], open: u8, close: u8) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.iter().enumerate() {
        if *byte == open {
            depth = depth.saturating_add(1);
        } else if *byte == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at;
            }
        }
    }
    text.len()
}

/// A number, decimal or hexadecimal.
fn number(text: &[u8]) -> Option<i64> {
    let text = str::from_utf8(text.trim_ascii()).ok()?;
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

fn push_number(value: i64, arena: &mut Arena) -> Piece {
    let mut digits = [0_u8; 20];
    let digits = crate::derive::canonical::decimal(value, &mut digits);
    arena.add(digits)
}

fn push_character(code: i64, arena: &mut Arena) -> Piece {
    let character = u32::try_from(code).ok().and_then(char::from_u32);
    let mut text = [0_u8; 4];
    let character = character.unwrap_or('\u{FFFD}');
    arena.add(character.encode_utf8(&mut text).as_bytes())
}

/// Writes what base64 stands for; what is no part of it is passed over.
pub(crate) fn push_base64(text: Piece, arena: &mut Arena) {
    let (mut bits, mut count) = (0_u32, 0_u32);
    let mut rest = text;
    while let Some(&byte) = arena.get(rest).first() {
        rest = rest.after(1);
        let value = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = bits.wrapping_shl(6) | u32::from(value);
        count = count.saturating_add(6);
        if count >= 8 {
            count = count.saturating_sub(8);
            arena.push((bits.wrapping_shr(count) & 0xFF) as u8);
        }
    }
}

/// UTF-16, the low byte first, as UTF-8.
pub(crate) fn from_utf16(bytes: Piece, arena: &mut Arena) -> Piece {
    let mark = arena.mark();
    let mut rest = bytes;
    let mut high = None;
    while let Some(&[low, upper]) = arena.get(rest).first_chunk::<2>() {
        rest = rest.after(2);
        let unit = u32::from(u16::from_le_bytes([low, upper]));
        let character = match (high.take(), unit) {
            (None, 0xD800..=0xDBFF) => {
                high = Some(unit);
                continue;
            }
            (Some(high), 0xDC00..=0xDFFF) => {
                let code = (high & 0x3FF) << 10_u32 | unit & 0x3FF;
                char::from_u32(code.saturating_add(0x1_0000))
            }
            _ => char::from_u32(unit),
        };
        let mut text = [0_u8; 4];
        let character = character.unwrap_or('\u{FFFD}');
        arena.extend(character.encode_utf8(&mut text).as_bytes());
    }
    arena.since(mark)
}
