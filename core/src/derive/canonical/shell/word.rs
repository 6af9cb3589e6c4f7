//! Words: quotes, parameters, substitutions and braces.

use super::reader::Shell;
use super::text::{
    alternative, arithmetic, assignment, closing_brace, escape, glob,
    is_substitution, known_path, name_length, replaced, substring,
};
use crate::derive::canonical::arena::{Mark, Piece};
use crate::derive::canonical::argv::{Quotes, Word};
use crate::derive::canonical::command::MOST_NESTING;
use crate::derive::canonical::decimal;
use crate::derive::canonical::notes::Obfuscation;

/// Most words that braces in one word make.
const MOST_BRACES: usize = 64;

/// Longest value, and longest pattern, that are matched at every place.
const MOST_VALUE: usize = 512;
const MOST_PATTERN: usize = 64;

impl Shell<'_, '_> {
    /// Reads a word onto the stack; of braces several.
    pub(super) fn word(&mut self, base: usize) {
        if self.braces() {
            return;
        }
        let mut word = WordWriter {
            mark: self.commands.arena.mark(),
            quotes: Quotes::None,
            has_bare: false,
            is_split: false,
            has_glob: false,
            was_undone: false,
        };
        let start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b'`' if self.close == Some(b'`') => break,
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b')' => {
                    break;
                }
                // `a=(x y)`: what is in brackets is one value.
                b'(' if self.commands.stacked() == base
                    && self.text.get(self.at.wrapping_sub(1))
                        == Some(&b'=') =>
                {
                    self.array(&mut word);
                }
                b'(' => break,
                b'<' | b'>' if is_substitution(self.rest()) => {
                    self.process(&mut word);
                }
                b'<' | b'>' => break,
                _ => self.part(byte, &mut word),
            }
        }
        if self.at == start {
            // Nothing that a word can begin with: never without progress.
            self.pass(1);
            return;
        }
        self.finish_word(word, base);
    }

    /// Reads a part of a word that begins with a byte.
    fn part(&mut self, byte: u8, word: &mut WordWriter) {
        match byte {
            b'\'' => {
                self.pass(1);
                let inside = self.rest();
                let end = memchr::memchr(b'\'', inside);
                let end = end.unwrap_or(inside.len());
                let text = inside.get(..end).unwrap_or_default();
                self.commands.arena.extend(text);
                self.pass(end.saturating_add(1));
                word.quoted();
            }
            b'"' => {
                self.pass(1);
                self.double_quoted(word);
                word.quoted();
            }
            b'\\' => {
                self.pass(1);
                if let Some(escaped) = self.peek() {
                    self.pass(1);
                    if escaped != b'\n' {
                        self.commands.arena.push(escaped);
                    }
                    let is_plain =
                        escaped.is_ascii_alphanumeric() || escaped == b'/';
                    word.was_undone |= is_plain;
                }
                word.has_bare = true;
            }
            b'$' => self.dollar(word, false),
            b'`' => self.backticks(word, false),
            _ => {
                let plain = |byte: &&u8| {
                    byte.is_ascii_alphanumeric()
                        || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'=')
                };
                let count = self.rest().iter().take_while(plain).count();
                let count = count.max(1);
                let text = self.rest().get(..count).unwrap_or_default();
                word.has_glob |= matches!(byte, b'*' | b'?' | b'[');
                self.commands.arena.extend(text);
                self.pass(count);
                word.has_bare = true;
            }
        }
    }

    fn double_quoted(&mut self, word: &mut WordWriter) {
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.pass(1);
                    return;
                }
                b'\\' => {
                    self.pass(1);
                    let escaped = self.peek();
                    match escaped {
                        Some(byte @ (b'"' | b'\\' | b'$' | b'`')) => {
                            self.commands.arena.push(byte);
                            self.pass(1);
                        }
                        Some(b'\n') => self.pass(1),
                        _ => self.commands.arena.push(b'\\'),
                    }
                }
                b'$' => self.dollar(word, true),
                b'`' => self.backticks(word, true),
                _ => {
                    let rest = self.rest();
                    let end = memchr::memchr3(b'"', b'\\', b'$', rest);
                    let end = end.unwrap_or(rest.len());
                    let text = rest.get(..end).unwrap_or_default();
                    let end = memchr::memchr(b'`', text).unwrap_or(end);
                    self.commands
                        .arena
                        .extend(rest.get(..end.max(1)).unwrap_or_default());
                    self.pass(end.max(1));
                }
            }
        }
    }

    /// Reads what begins with a dollar sign.
    fn dollar(&mut self, word: &mut WordWriter, is_quoted: bool) {
        self.pass(1);
        match self.rest() {
            [b'\'', ..] if !is_quoted => {
                self.pass(1);
                self.ansi_c();
                word.quoted();
                word.was_undone = true;
                self.notes.add(Obfuscation::AnsiC);
            }
            [b'"', ..] if !is_quoted => {}
            [b'(', b'(', ..] => self.arithmetic(word),
            [b'(', ..] => {
                self.pass(1);
                let written = self.substituted(Some(b')'), word);
                self.insert(written, word, is_quoted);
            }
            [b'{', ..] => {
                self.pass(1);
                self.braced_parameter(word, is_quoted);
            }
            [first, ..] if first.is_ascii_alphabetic() || *first == b'_' => {
                let length = name_length(self.rest());
                let name = self.rest().get(..length).unwrap_or_default();
                self.pass(length);
                match self.variable(name) {
                    Some(value) => {
                        self.insert(Some(value), word, is_quoted);
                        word.was_undone = true;
                        self.notes.add(Obfuscation::Expansion);
                    }
                    None => {
                        self.commands.arena.push(b'$');
                        self.commands.arena.extend(name);
                    }
                }
            }
            // Nothing is given: `$@`, `$*`, `$1`.
            [b'@' | b'*' | b'1'..=b'9', ..] => self.pass(1),
            _ => self.commands.arena.push(b'$'),
        }
        word.has_bare |= !is_quoted;
    }

    /// Writes a value into a word; of what is not known nothing.
    fn insert(
        &mut self,
        value: Option<Piece>,
        word: &mut WordWriter,
        is_quoted: bool,
    ) {
        let Some(value) = value else { return };
        let text = self.commands.arena.get(value);
        let has_blank = text.iter().any(u8::is_ascii_whitespace);
        word.is_split |= has_blank && !is_quoted;
        self.commands.arena.extend_from(value);
    }

    /// Reads the commands of a substitution; what they write, without the
    /// line ends behind it. What the word has so far is written anew, as the
    /// substitution has written in between.
    fn substituted(
        &mut self,
        close: Option<u8>,
        word: &mut WordWriter,
    ) -> Option<Piece> {
        let before = self.commands.arena.since(word.mark);
        let notes = self.notes;
        let written = if self.level < MOST_NESTING {
            self.level = self.level.saturating_add(1);
            let outer = core::mem::replace(&mut self.close, close);
            let written = self.list(close);
            self.close = outer;
            self.level = self.level.saturating_sub(1);
            written
        } else {
            self.commands.cut();
            self.pass(self.text.len());
            None
        };
        self.notes.merge(notes);
        if written.is_some() {
            self.notes.add(Obfuscation::Expansion);
            word.was_undone = true;
        }
        word.mark = self.commands.arena.mark();
        self.commands.arena.extend_from(before);
        written.map(|written| {
            let text = self.commands.arena.get(written);
            let kept = text.len().saturating_sub(
                text.iter().rev().take_while(|byte| **byte == b'\n').count(),
            );
            written.until(kept)
        })
    }

    /// Reads a substitution in backticks, whose text is unescaped once.
    fn backticks(&mut self, word: &mut WordWriter, is_quoted: bool) {
        self.pass(1);
        let written = self.substituted(Some(b'`'), word);
        self.insert(written, word, is_quoted);
        word.has_bare |= !is_quoted;
    }

    /// `<(..)`, a file that holds what commands write.
    fn process(&mut self, word: &mut WordWriter) {
        self.pass(2);
        let written = self.substituted(Some(b')'), word);
        self.commands.arena.extend(b"/dev/fd/63");
        let file = self.commands.arena.since(word.mark);
        self.remember(file, written.unwrap_or_default(), false);
        word.has_bare = true;
    }

    /// `(x y)` behind `a=`, as one value.
    fn array(&mut self, word: &mut WordWriter) {
        self.pass(1);
        let end = memchr::memchr(b')', self.rest());
        let end = end.unwrap_or(self.rest().len());
        let text = self.rest().get(..end).unwrap_or_default();
        for byte in text {
            if !matches!(byte, b'"' | b'\'') {
                self.commands.arena.push(*byte);
            }
        }
        self.pass(end.saturating_add(1));
        word.has_bare = true;
    }

    /// `$((..))` of numbers and `+ - *`.
    fn arithmetic(&mut self, word: &mut WordWriter) {
        let rest = self.rest();
        let end = memchr::memmem::find(rest, b"))").unwrap_or(rest.len());
        let inside = rest.get(2..end).unwrap_or_default();
        match arithmetic(inside) {
            Some(number) => {
                let mut digits = [0_u8; 20];
                self.commands.arena.extend(decimal(number, &mut digits));
                word.was_undone = true;
                self.notes.add(Obfuscation::Expansion);
            }
            None => {
                self.commands.arena.push(b'$');
                let whole = rest.get(..end.saturating_add(2)).unwrap_or(rest);
                self.commands.arena.extend(whole);
            }
        }
        self.pass(end.saturating_add(2));
    }

    /// `$'..'`: escapes as in C.
    fn ansi_c(&mut self) {
        while let Some(byte) = self.peek() {
            self.pass(1);
            match byte {
                b'\'' => return,
                b'\\' => {
                    let (value, length) = escape(self.rest());
                    self.pass(length);
                    match value {
                        Some(value) => self.commands.arena.push(value),
                        None => self.commands.arena.push(b'\\'),
                    }
                }
                _ => self.commands.arena.push(byte),
            }
        }
    }

    /// `${..}`, whose brace was read.
    fn braced_parameter(&mut self, word: &mut WordWriter, is_quoted: bool) {
        let rest = self.rest();
        let end = closing_brace(rest);
        let inside = rest.get(..end).unwrap_or_default();
        self.pass(end.saturating_add(1));
        let is_indirect = inside.first() == Some(&b'!');
        let named = inside.get(usize::from(is_indirect)..).unwrap_or_default();
        let length = name_length(named);
        let (name, operation) =
            named.split_at_checked(length).unwrap_or_default();
        let mut value = self.variable(name);
        if is_indirect {
            let inner = value.map(|value| self.commands.arena.get(value));
            value = inner.and_then(|inner| self.variable(inner));
        }
        let before = self.commands.arena.since(word.mark);
        let value = self.parameter(value, operation);
        word.mark = self.commands.arena.mark();
        self.commands.arena.extend_from(before);
        match value {
            Some(value) => {
                self.insert(Some(value), word, is_quoted);
                word.was_undone = true;
                self.notes.add(if operation.is_empty() {
                    Obfuscation::Expansion
                } else {
                    Obfuscation::Substring
                });
            }
            // A variable of the host stays as it is written.
            None if length > 0 && operation.is_empty() => {
                self.commands.arena.extend(b"${");
                self.commands.arena.extend(inside);
                self.commands.arena.push(b'}');
            }
            None => {}
        }
    }

    /// What an operation makes of a variable. A value or a pattern that is too
    /// long for the work of matching at every place is left as it is.
    fn parameter(
        &mut self,
        value: Option<Piece>,
        operation: &[u8],
    ) -> Option<Piece> {
        let length =
            value.map_or(0, |value| self.commands.arena.get(value).len());
        let is_cutting = matches!(operation.first(), Some(b'#' | b'%'));
        if is_cutting
            && (length > MOST_VALUE || operation.len() > MOST_PATTERN)
        {
            return value;
        }
        // A pattern is compared at each place, one with a star with all of
        // the value behind that. What replaces or changes case looks at each
        // byte, where a match may begin: that takes as long as 16 of those.
        let at_a_place = match (is_cutting, operation.contains(&b'*')) {
            _ if operation.is_empty() => 0,
            (true, true) => operation.len().saturating_mul(length) / 2,
            (true, false) => operation.len(),
            (false, _) => 16,
        };
        if !self.commands.may_take(length.saturating_mul(at_a_place)) {
            return value;
        }
        let arena = &mut self.commands.arena;
        match operation {
            [] => value,
            [b':', b'-' | b'=', word @ ..] | [b'-' | b'=', word @ ..] => {
                let value = value.filter(|value| !value.is_empty());
                value.or_else(|| Some(arena.add(word)))
            }
            [b':', b'+', word @ ..] | [b'+', word @ ..] => {
                value.map(|_| arena.add(word))
            }
            [b':', range @ ..] => substring(value?, range, arena),
            [b'#', b'#', pattern @ ..] => {
                let text = arena.get(value?);
                let cut = (0..=text.len()).rev().find(|&end| {
                    glob(text.get(..end).unwrap_or_default(), pattern)
                });
                Some(value?.after(cut.unwrap_or(0)))
            }
            [b'#', pattern @ ..] => {
                let text = arena.get(value?);
                let cut = (0..=text.len()).find(|&end| {
                    glob(text.get(..end).unwrap_or_default(), pattern)
                });
                Some(value?.after(cut.unwrap_or(0)))
            }
            [b'%', b'%', pattern @ ..] => {
                let text = arena.get(value?);
                let cut = (0..=text.len()).find(|&start| {
                    glob(text.get(start..).unwrap_or_default(), pattern)
                });
                Some(value?.until(cut.unwrap_or(text.len())))
            }
            [b'%', pattern @ ..] => {
                let text = arena.get(value?);
                let cut = (0..=text.len()).rev().find(|&start| {
                    glob(text.get(start..).unwrap_or_default(), pattern)
                });
                Some(value?.until(cut.unwrap_or(text.len())))
            }
            [b'/', rest @ ..] => replaced(value?, rest, arena),
            [b',', ..] => Some(arena.lower(value?)),
            [b'^', ..] => Some(arena.upper(value?)),
            [b'@', ..] => value,
            _ => None,
        }
    }

    /// Ends a word: puts it, or the words that it splits into, on the stack.
    fn finish_word(&mut self, word: WordWriter, base: usize) {
        let text = self.commands.arena.since(word.mark);
        let quotes = match word.quotes {
            Quotes::Around if word.has_bare => Quotes::Inside,
            quotes => quotes,
        };
        if word.was_undone || quotes == Quotes::Inside {
            self.notes.add(Obfuscation::Expansion);
        }
        let is_first = self.commands.stacked() == base;
        let is_assignment =
            is_first && assignment(self.commands.arena.get(text)).is_some();
        if word.is_split && !is_assignment {
            let mut rest = text;
            loop {
                let bytes = self.commands.arena.get(rest);
                let blank = |byte: &&u8| byte.is_ascii_whitespace();
                let start = bytes.iter().take_while(blank).count();
                let bytes = bytes.get(start..).unwrap_or_default();
                if bytes.is_empty() {
                    return;
                }
                let length = bytes.iter().take_while(|byte| !blank(byte));
                let length = length.count();
                let part = rest.after(start).until(length);
                self.commands.stack(Word { text: part, quotes: Quotes::None });
                rest = rest.after(start.saturating_add(length));
            }
        }
        let text = if word.has_glob { self.globbed(text) } else { text };
        self.commands.stack(Word { text, quotes });
    }

    /// A pattern that names a scheduler's file or tool, as that.
    fn globbed(&mut self, pattern: Piece) -> Piece {
        let text = self.commands.arena.get(pattern);
        let letters = text.iter().filter(|byte| byte.is_ascii_alphabetic());
        if letters.count() < 3 {
            return pattern;
        }
        let Some((known, length)) = known_path(text) else { return pattern };
        self.notes.add(Obfuscation::WildcardName);
        let mark = self.commands.arena.mark();
        self.commands.arena.extend(known);
        self.commands.arena.extend_from(pattern.after(length));
        self.commands.arena.since(mark)
    }

    /// Reads a word of braces as the words that it stands for; false when it
    /// is none.
    fn braces(&mut self) -> bool {
        // Nothing more can be written.
        if self.commands.is_cut() {
            return false;
        }
        // It is asked at each word, so it looks no further than a bound.
        let rest = self.rest();
        let rest = rest.get(..MOST_VALUE).unwrap_or(rest);
        let is_end = |byte: &u8| {
            byte.is_ascii_whitespace()
                || matches!(byte, b';' | b'&' | b'|' | b'<' | b'>' | b')')
        };
        let is_special = |byte: &u8| {
            matches!(byte, b'"' | b'\'' | b'\\' | b'$' | b'`' | b'(')
        };
        let stops = |byte: &u8| is_end(byte) || is_special(byte);
        let end = rest.iter().position(stops).unwrap_or(rest.len());
        if rest.get(end).is_some_and(is_special) {
            return false;
        }
        let raw = rest.get(..end).unwrap_or_default();
        let Some(open) = memchr::memchr(b'{', raw) else { return false };
        let inside = raw.get(open..).unwrap_or_default();
        let Some(close) = memchr::memchr(b'}', inside) else { return false };
        let inside = inside.get(1..close).unwrap_or_default();
        if memchr::memchr(b',', inside).is_none() {
            return false;
        }
        let mut alternatives = [0_usize; 8];
        for _ in 0..MOST_BRACES {
            let mark = self.commands.arena.mark();
            let more =
                alternative(raw, &mut alternatives, &mut self.commands.arena);
            let text = self.commands.arena.since(mark);
            if !text.is_empty() {
                self.commands.stack(Word { text, quotes: Quotes::None });
            }
            if !more {
                break;
            }
        }
        self.notes.add(Obfuscation::Expansion);
        self.pass(end);
        true
    }
}

/// A word while it is read.
struct WordWriter {
    mark: Mark,
    quotes: Quotes,
    /// Whether a part of it is not in quotes.
    has_bare: bool,
    /// Whether what was put in has blanks that split it.
    is_split: bool,
    /// Whether it has a wildcard outside of quotes.
    has_glob: bool,
    /// Whether letters were written in a way that hides them.
    was_undone: bool,
}

impl WordWriter {
    fn quoted(&mut self) {
        self.quotes = match self.quotes {
            Quotes::None if !self.has_bare => Quotes::Around,
            _ => Quotes::Inside,
        };
    }
}
