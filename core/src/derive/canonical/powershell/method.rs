//! What stands behind a value: methods, properties and indexes.

use super::script::{MOST_LEVELS, Script, Value, name_length};
use super::text::{from_utf16, number, push_base64, push_number};
use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::argv::{Quotes, Word};
use crate::derive::canonical::command::{Origin, System};
use crate::derive::canonical::lower::Lower;
use crate::derive::canonical::notes::Obfuscation;

impl Script<'_, '_> {
    /// `[type]::Method(..)`.
    pub(super) fn static_method(
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
                    let value = if self.level < MOST_LEVELS {
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

    /// Reads methods, properties and indexes behind a value.
    pub(super) fn behind(
        &mut self,
        mut value: Value,
        assigned: Option<Piece>,
    ) -> Value {
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
        // `([wmiclass]'root\\cimv2:Win32_Process').Create(..)`.
        if result.is_none()
            && name == b"create"
            && let Value::Text(class) = value
            && crate::bytes::find(
                self.commands.arena.get(class),
                b"win32_",
                0,
                false,
            )
            .is_some()
        {
            self.commands.stack_under(base, class);
        }
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
}
