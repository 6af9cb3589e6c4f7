/*!
The language of sh: from a text to the commands in it, constants folded.

Only texts that a shell is told to run are read: `-c`, standard input that is
a constant, `eval`. Nothing is run. What depends on the host stays as it is
written; of control flow every branch is read once. So the commands found are
those that might start, with their words as they would be.

A word is written to the arena as it is read. Where a substitution in it
writes in between, what was written so far is copied behind; the arena's
bound is the bound on that work.
*/

use super::arena::{Mark, Piece};
use super::argv::{Quotes, Word};
use super::command::{Command, Commands, MOST_NESTING, Origin, System};
use super::decimal;
use super::lower::Lower;
use super::notes::{Notes, Obfuscation};
use super::path::stem;
use super::variables::Variables;
use output::Filter;
use text::{
    alternative, arithmetic, assignment, closing_brace, escape, glob,
    is_substitution, known_path, name_length, replaced, substring,
};

mod output;
mod text;

/// Most variables that are remembered in one text.
const MOST_VARIABLES: usize = 32;

/// Most words that braces in one word make.
const MOST_BRACES: usize = 64;

/// Longest value, and longest pattern, that are matched at every place.
const MOST_VALUE: usize = 512;
const MOST_PATTERN: usize = 64;

/// The program's name of what is no program: a redirection to a file. Its
/// second word is the file, its input what is written.
pub(crate) const WRITE: &[u8] = b">";

/// Appends the commands that a call of a shell is told to run.
pub(crate) fn expand(commands: &mut Commands, command: Command) {
    if let Some(text) = text_option(commands, command) {
        expand_text(commands, command, text);
        return;
    }
    let is_bare = commands.words(command).iter().skip(1).all(|word| {
        matches!(commands.arena.get(word.text).first(), Some(b'-' | b'+'))
    });
    if let Some(input) = command.origin.input.filter(|_| is_bare) {
        expand_text(commands, command, input);
    }
}

/// The text behind `-c`, alone or with other letters: `-lc`.
fn text_option(commands: &Commands, command: Command) -> Option<Piece> {
    let is_text = |word: &[u8]| {
        matches!(word, [b'-', first, ..] if *first != b'-')
            && word.contains(&b'c')
    };
    let words = commands.words(command);
    let mut index = 1_usize;
    while let Some(word) = words.get(index) {
        let word = commands.arena.get(word.text);
        index = index.saturating_add(1);
        if is_text(word) {
            break;
        }
        if !matches!(word.first(), Some(b'-' | b'+')) {
            return None;
        }
    }
    // Of a line that was split at blanks the text is all of the rest.
    match command.origin.line {
        Some(line) => {
            let text = commands.arena.get(line);
            let start = after_words(text, index);
            let rest = line.after(start);
            Some(rest).filter(|rest| !rest.is_empty())
        }
        None => words.get(index).map(|word| word.text),
    }
}

/// Where a line goes on behind so many words.
fn after_words(line: &[u8], count: usize) -> usize {
    let mut at = 0_usize;
    let blanks = |at: usize, blank: bool| {
        let rest = line.get(at..).unwrap_or_default().iter();
        rest.take_while(|byte| byte.is_ascii_whitespace() == blank).count()
    };
    for _ in 0..count {
        at = at.saturating_add(blanks(at, true));
        at = at.saturating_add(blanks(at, false));
    }
    at.saturating_add(blanks(at, true))
}

/// Appends the commands of a text that a command hands to a shell.
pub(crate) fn expand_text(
    commands: &mut Commands,
    outer: Command,
    text: Piece,
) {
    let Some(copy) = commands.borrow_text(text, outer.origin.depth) else {
        return;
    };
    let mut shell = Shell::new(&copy, commands, outer);
    shell.list(None);
    commands.return_text(copy, outer.origin.depth);
}

/// What stands between two commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    /// `|`: what one writes the next reads.
    Pipe,
    /// `;`, `&`, `&&`, `||`, a bracket, a line's end.
    Next,
    /// The end of the text, or of the substitution.
    End,
}

/// What one simple command has besides its words.
#[derive(Clone, Copy, Default)]
struct Streams {
    /// What it reads, where that is a constant.
    input: Option<Piece>,
    /// The file that its output goes to.
    file: Option<Piece>,
}

/// Words that begin or end a part of a compound command.
const KEYWORDS: [&[u8]; 18] = [
    b"if", b"then", b"elif", b"else", b"fi", b"while", b"until", b"do",
    b"done", b"for", b"select", b"case", b"esac", b"in", b"!", b"{", b"}",
    b"time",
];

/// Reads one text.
struct Shell<'t, 'c> {
    text: &'t [u8],
    at: usize,
    commands: &'c mut Commands,
    outer: Command,
    /// What had to be undone to read the words of the current command.
    notes: Notes,
    variables: Variables<MOST_VARIABLES>,
    directory: Option<Piece>,
    /// Where a here-document ends that begins on the next line.
    document_end: Option<usize>,
    /// How many brackets are open.
    groups: u32,
    /// What ends the substitution that is being read.
    close: Option<u8>,
    /// How many substitutions are open.
    level: u8,
}

impl<'t, 'c> Shell<'t, 'c> {
    fn new(
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

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn pass(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.text.len());
    }

    fn eat(&mut self, what: &[u8]) -> bool {
        let is_next = self.rest().starts_with(what);
        if is_next {
            self.pass(what.len());
        }
        is_next
    }

    /// Reads commands up to the end of the text or to a closing byte, and
    /// gives what the last of them writes, where that is a constant.
    fn list(&mut self, close: Option<u8>) -> Option<Piece> {
        let (mut piped, mut output) = (None, None);
        loop {
            let base = self.commands.stacked();
            let (streams, operator) = self.simple(base, piped, close);
            let is_empty = self.commands.stacked() == base;
            let written = if is_empty { output } else { None };
            let written = self.run(base, streams).or(written);
            match operator {
                Operator::Pipe => piped = written,
                Operator::Next => {
                    piped = None;
                    output = written.or(output);
                }
                Operator::End => return written.or(output),
            }
        }
    }

    /// Reads one simple command onto the stack of words; its streams, and
    /// what comes behind it.
    fn simple(
        &mut self,
        base: usize,
        piped: Option<Piece>,
        close: Option<u8>,
    ) -> (Streams, Operator) {
        self.notes = self.outer.origin.notes;
        let mut streams = Streams { input: piped, file: None };
        loop {
            self.blanks();
            let Some(byte) = self.peek() else {
                return (streams, Operator::End);
            };
            if Some(byte) == close {
                self.pass(1);
                return (streams, Operator::End);
            }
            match byte {
                b'\n' => {
                    self.line_end();
                    return (streams, Operator::Next);
                }
                b'|' if !self.rest().starts_with(b"||") => {
                    self.pass(1);
                    self.eat(b"&");
                    return (streams, Operator::Pipe);
                }
                b'&' if self.rest().starts_with(b"&>") => {
                    self.pass(1);
                    self.redirection(true, &mut streams);
                }
                b')' if self.groups == 0 => {
                    // The label of a case is no command.
                    self.pass(1);
                    self.commands.unstack(base);
                }
                b';' | b'&' | b'|' | b'(' | b')' => {
                    self.groups = match byte {
                        b'(' => self.groups.saturating_add(1),
                        b')' => self.groups.saturating_sub(1),
                        _ => self.groups,
                    };
                    self.pass(1);
                    return (streams, Operator::Next);
                }
                b'#' => self.comment(),
                b'<' | b'>' if !is_substitution(self.rest()) => {
                    self.redirection(byte == b'>', &mut streams);
                }
                b'0'..=b'9' if self.is_redirected_number() => {
                    self.pass(1);
                    self.redirection(byte == b'1', &mut streams);
                }
                _ => {
                    self.word(base);
                    self.drop_keyword(base);
                }
            }
        }
    }

    fn blanks(&mut self) {
        loop {
            let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r');
            let count = self.rest().iter().take_while(blank).count();
            self.pass(count);
            if !self.eat(b"\\\n") {
                return;
            }
        }
    }

    fn line_end(&mut self) {
        self.pass(1);
        if let Some(end) = self.document_end.take() {
            self.at = end.min(self.text.len());
        }
    }

    fn comment(&mut self) {
        let end = memchr::memchr(b'\n', self.rest());
        self.pass(end.unwrap_or(self.text.len()));
    }

    fn is_redirected_number(&self) -> bool {
        matches!(self.rest(), [_, b'<' | b'>', ..])
    }

    /// Takes a keyword that stands where a command begins off the stack; of
    /// `for x in a b` the variable is set to the first of its values.
    fn drop_keyword(&mut self, base: usize) {
        if self.commands.stacked() != base.saturating_add(1) {
            return;
        }
        let Some(word) = self.commands.stacked_word(base) else { return };
        let text = self.commands.arena.get(word.text);
        if word.quotes != Quotes::None || !KEYWORDS.contains(&text) {
            return;
        }
        let is_loop = matches!(text, b"for" | b"select");
        let is_case = text == b"case";
        self.commands.unstack(base);
        if is_loop {
            self.blanks();
            self.word(base);
            let name = self.commands.stacked_word(base);
            self.blanks();
            if self.eat(b"in ") {
                self.blanks();
                self.word(base);
            }
            let value = self.commands.stacked_word(base.saturating_add(1));
            if let (Some(name), Some(value)) = (name, value) {
                self.set(name.text, value.text);
            }
            // What is left of the list is no command.
            let end = memchr::memchr2(b';', b'\n', self.rest());
            self.pass(end.unwrap_or(0));
            self.commands.unstack(base);
        } else if is_case {
            self.blanks();
            self.word(base);
            self.commands.unstack(base);
        }
    }

    /// Reads a redirection.
    fn redirection(&mut self, is_output: bool, streams: &mut Streams) {
        let base = self.commands.stacked();
        if self.eat(b"<<<") {
            self.blanks();
            self.word(base);
            streams.input = self.taken(base);
        } else if self.eat(b"<<") {
            let is_indented = self.eat(b"-");
            self.blanks();
            self.word(base);
            let end = self.taken(base).unwrap_or_default();
            streams.input = self.document(end, is_indented);
        } else if self.eat(b"<") {
            self.eat(b"&");
            self.eat(b">");
            self.blanks();
            self.word(base);
            streams.input = None;
            self.commands.unstack(base);
        } else if self.eat(b">>")
            || self.eat(b">|")
            || self.eat(b">&")
            || self.eat(b">")
        {
            self.blanks();
            self.word(base);
            let file = self.taken(base);
            // `2>&1` names no file.
            let number = |file: Piece| {
                let text = self.commands.arena.get(file);
                text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-')
            };
            if is_output && file.is_some_and(|file| !number(file)) {
                streams.file = file;
            }
        } else {
            self.pass(1);
        }
    }

    /// The word on top of the stack, taken off it.
    fn taken(&mut self, base: usize) -> Option<Piece> {
        let word = self.commands.stacked_word(base);
        self.commands.unstack(base);
        word.map(|word| word.text)
    }

    /// The lines of a here-document that ends with a line that is `end`.
    fn document(&mut self, end: Piece, is_indented: bool) -> Option<Piece> {
        let line_end = memchr::memchr(b'\n', self.rest())?;
        let start = self.at.saturating_add(line_end).saturating_add(1);
        let body = self.text.get(start..)?;
        let mark = self.commands.arena.mark();
        let mut at = start;
        for line in body.split_inclusive(|byte| *byte == b'\n') {
            at = at.saturating_add(line.len());
            let mut bare = line.strip_suffix(b"\n").unwrap_or(line);
            while let ([b'\t', rest @ ..], true) = (bare, is_indented) {
                bare = rest;
            }
            if bare == self.commands.arena.get(end) {
                break;
            }
            self.commands.arena.extend(line);
        }
        self.document_end = Some(at);
        Some(self.commands.arena.since(mark))
    }

    /// Ends a command: does what of it has an effect on the text itself, and
    /// appends it. What it writes, where that is a constant.
    fn run(&mut self, base: usize, streams: Streams) -> Option<Piece> {
        self.assignments(base);
        let count = self.commands.stacked().saturating_sub(base);
        let program = self.commands.stacked_word(base);
        let written = program.and_then(|_| self.output(base, streams.input));
        if let Some(file) = streams.file {
            self.append_write(file, written);
        }
        let program = program?;
        let argument = |index: usize| {
            let word = self.commands.stacked_word(base.saturating_add(index));
            word.map(|word| word.text)
        };
        let name = Lower::new(stem(self.commands.arena.get(program.text)));
        match &*name {
            b"cd" | b"pushd" => self.directory = argument(1),
            b"eval" => {
                let text = self.commands.join_stacked(base.saturating_add(1));
                self.commands.unstack(base);
                self.notes.add(Obfuscation::Expansion);
                self.nested(text);
                return None;
            }
            _ => {}
        }
        let origin = Origin {
            system: System::Unix,
            input: streams.input,
            notes: self.notes,
            directory: self.directory,
            ..Origin::within(self.outer)
        };
        debug_assert!(count > 0);
        self.commands.finish_stacked(base, origin);
        written
    }

    /// What the command on the stack writes, where that is a constant.
    fn output(&mut self, base: usize, input: Option<Piece>) -> Option<Piece> {
        let program = self.commands.stacked_word(base)?;
        let name = stem(self.commands.arena.get(program.text));
        let filter = Filter::named(name)?;
        let mut words = [Piece::default(); 32];
        let mut count = 0_usize;
        while let Some(word) = self
            .commands
            .stacked_word(base.saturating_add(count).saturating_add(1))
        {
            *words.get_mut(count)? = word.text;
            count = count.saturating_add(1);
        }
        let words = words.get(..count)?;
        output::write(filter, words, input, &mut self.commands.arena)
    }

    /// Appends a write to a file as a command of its own.
    fn append_write(&mut self, file: Piece, written: Option<Piece>) {
        let base = self.commands.stacked();
        let program = self.commands.arena.add(WRITE);
        self.commands.stack(Word { text: program, quotes: Quotes::None });
        self.commands.stack(Word { text: file, quotes: Quotes::None });
        let origin = Origin {
            system: System::Unix,
            input: written,
            notes: self.notes,
            directory: self.directory,
            ..Origin::within(self.outer)
        };
        self.commands.finish_stacked(base, origin);
    }

    /// Reads a text that the shell itself would read in turn.
    fn nested(&mut self, text: Piece) {
        let mut outer = self.outer;
        outer.origin.notes = self.notes;
        outer.origin.depth = outer.origin.depth.saturating_add(1);
        expand_text(self.commands, outer, text);
    }

    /// Takes assignments that stand before a command off the stack, and those
    /// that `export` and its kin make.
    fn assignments(&mut self, base: usize) {
        let first = self.commands.stacked_word(base);
        let declares = first.is_some_and(|word| {
            let name: &[u8] = self.commands.arena.get(word.text);
            matches!(
                name,
                b"export" | b"declare" | b"local" | b"readonly" | b"typeset"
            )
        });
        let mut from = base.saturating_add(usize::from(declares));
        while let Some(word) = self.commands.stacked_word(from) {
            let text = self.commands.arena.get(word.text);
            let Some(at) = assignment(text) else {
                if !declares {
                    break;
                }
                from = from.saturating_add(1);
                continue;
            };
            let (name, value) =
                (word.text.until(at), word.text.after(at.saturating_add(1)));
            self.set(name, value);
            from = from.saturating_add(1);
        }
        if declares {
            self.commands.unstack(base);
        } else {
            self.commands.unstack_first(base, from.saturating_sub(base));
        }
    }

    fn set(&mut self, name: Piece, value: Piece) {
        self.variables.set(&self.commands.arena, name, value);
    }

    fn variable(&self, name: &[u8]) -> Option<Piece> {
        self.variables.get(&self.commands.arena, name)
    }

    /// Reads a word onto the stack; of braces several.
    fn word(&mut self, base: usize) {
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
        let _ = self.substituted(Some(b')'), word);
        self.commands.arena.extend(b"/dev/fd/63");
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
        let arena = &mut self.commands.arena;
        let length = value.map_or(0, |value| arena.get(value).len());
        if matches!(operation.first(), Some(b'#' | b'%'))
            && (length > MOST_VALUE || operation.len() > MOST_PATTERN)
        {
            return value;
        }
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
        // It is asked at each word, so it looks no further than a bound.
        let rest = self.rest();
        let rest = rest.get(..MOST_VALUE).unwrap_or(rest);
        let is_end = |byte: &u8| {
            byte.is_ascii_whitespace()
                || matches!(byte, b';' | b'&' | b'|' | b'<' | b'>' | b')')
        };
        let end = rest.iter().position(is_end).unwrap_or(rest.len());
        let raw = rest.get(..end).unwrap_or_default();
        let is_plain = |byte: &u8| {
            !matches!(byte, b'"' | b'\'' | b'\\' | b'$' | b'`' | b'(')
        };
        let Some(open) = memchr::memchr(b'{', raw) else { return false };
        let inside = raw.get(open..).unwrap_or_default();
        let Some(close) = memchr::memchr(b'}', inside) else { return false };
        let inside = inside.get(1..close).unwrap_or_default();
        if !raw.iter().all(is_plain) || memchr::memchr(b',', inside).is_none()
        {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::canonical::expand;

    /// The commands that a text starts: words in quotes, `< input` where that
    /// is a constant.
    fn commands(text: &str) -> Vec<String> {
        let mut commands = Commands::default();
        let base = commands.begin();
        for word in ["sh", "-c", text] {
            let word = commands.arena.add(word.as_bytes());
            commands.push_word(word, Quotes::None);
        }
        commands.finish(base, Origin::outermost(System::Unix));
        expand::all(&mut commands, 0, None);
        let show = |command: Command| {
            let mut line = commands.shown(command);
            if let Some(input) = command.origin.input {
                let input = commands.arena.get(input);
                line += &format!(" < {:?}", String::from_utf8_lossy(input));
            }
            line
        };
        let all = commands.inner();
        all.map(show).collect()
    }

    #[test]
    fn texts_come_down_to_commands() {
        for (text, expected) in [
            ("crontab -l", &["crontab|-l"][..]),
            (r#"cr"on"tab -r"#, &["crontab|-r"]),
            (r"\c\rontab -r", &["crontab|-r"]),
            (r"$'\x63rontab' -r", &["crontab|-r"]),
            ("a=cron; b=tab; $a$b -r", &["crontab|-r"]),
            ("a='crontab -r'; $a", &["crontab|-r"]),
            ("${x:-crontab} -r", &["crontab|-r"]),
            ("x=xcrontabx; ${x:1:7} -r", &["crontab|-r"]),
            (
                "x=a.crontab; ${x#*.} -r; y=crontab.b; ${y%.*}",
                &["crontab|-r", "crontab"],
            ),
            ("x=CRONTAB; ${x,,} -r", &["crontab|-r"]),
            ("x=zrontab; ${x/z/c} -r", &["crontab|-r"]),
            ("$(echo cron)tab -r", &["echo|cron", "crontab|-r"]),
            ("`echo crontab` -r", &["echo|crontab", "crontab|-r"]),
            ("$(printf 'cr\\x6fn')tab -r", &["printf|cr\\x6fn", "crontab|-r"]),
            (
                "$(echo batnorc | rev) -r",
                &["echo|batnorc", "rev < \"batnorc\\n\"", "crontab|-r"],
            ),
            (
                "echo Y3JvbnRhYiAtcg== | base64 -d | sh",
                &[
                    "echo|Y3JvbnRhYiAtcg==",
                    "base64|-d < \"Y3JvbnRhYiAtcg==\\n\"",
                    "sh < \"crontab -r\"",
                    "crontab|-r",
                ],
            ),
            ("{crontab,-r}", &["crontab|-r"]),
            ("cr{on,}tab", &["crontab|crtab"]),
            ("eval crontab -r", &["crontab|-r"]),
            ("sh -c 'crontab -r'", &["sh|-c|crontab -r", "crontab|-r"]),
            (
                "bash <<< 'crontab -r'",
                &["bash < \"crontab -r\"", "crontab|-r"],
            ),
            (
                "echo '* * * * * x' | crontab -",
                &["echo|* * * * * x", "crontab|- < \"* * * * * x\\n\""],
            ),
            (
                "echo x > /etc/cron.d/y; z",
                &[">|/etc/cron.d/y < \"x\\n\"", "echo|x", "z"],
            ),
            ("x 2>&1 >/dev/null", &[">|/dev/null", "x"]),
            ("x 2>/tmp/e", &["x"]),
            (
                "crontab - <<EOF\n* * * * * x\nEOF\ny",
                &["crontab|- < \"* * * * * x\\n\"", "y"],
            ),
            (
                "if true; then crontab -r; else at -l; fi",
                &["true", "crontab|-r", "at|-l"],
            ),
            ("for i in crontab at; do $i -l; done", &["crontab|-l"]),
            ("case x in *) crontab -l;; esac", &["crontab|-l"]),
            (
                "(crontab -l; echo x) | crontab -",
                &["crontab|-l", "echo|x", "crontab|- < \"x\\n\""],
            ),
            ("crontab <(echo x)", &["echo|x", "crontab|/dev/fd/63"]),
            ("/usr/bin/cr?ntab -l", &["/usr/bin/crontab|-l"]),
            ("x=$((1+2)); sleep $x", &["sleep|3"]),
            (
                "sudo -u ann crontab -l",
                &["sudo|-u|ann|crontab|-l", "crontab|-l"],
            ),
            ("# crontab -r\nat -l # x", &["at|-l"]),
            (
                "echo \"a $unknown ${unknown} b\"",
                &["echo|a $unknown ${unknown} b"],
            ),
            ("x=1 crontab -l", &["crontab|-l"]),
            ("export P=/etc; ls $P/crontab", &["ls|/etc/crontab"]),
            ("", &[]),
            (";;)|(", &[]),
            ("'", &[""]),
        ] {
            assert_eq!(commands(text), expected, "{text}");
        }
    }

    #[test]
    fn any_text_ends() {
        let pieces = [
            "$(", "`", "${", "{", "}", "'", "\"", "\\", "<<", "<<<", "(", ")",
            "|", ";", "&", "a", " ", "\n", "$((", "<(", "[", "*", "for ",
            "case ", "eval ", "=",
        ];
        let mut state = 1_u64;
        for _ in 0..4000 {
            let mut text = String::new();
            for _ in 0..12 {
                state = state.wrapping_mul(6_364_136_223_846_793_005);
                state = state.wrapping_add(1_442_695_040_888_963_407);
                text += pieces[(state >> 33) as usize % pieces.len()];
            }
            let _ = commands(&text);
        }
        for piece in pieces {
            let _ = commands(&piece.repeat(5000));
        }
    }
}
