/*!
PowerShell's language: from a script to the commands in it, constants folded.

Nothing is run. A value is known where it is a literal, an operation of known
values, or a variable that was set to one; what is not known stays as it is
written. Calls of methods become commands, too, whose program is the method's
name with a dot before it: that is how COM objects are told what to do.

Words are put on the stack of [`Commands`] while they are read; so are the
elements of lists.
*/

use core::mem;

use super::arena::{Arena, Piece};
use super::argv::{Quotes, Word};
use super::command::{Command, Commands, MOST_NESTING, Origin, System};
use super::lower::Lower;
use super::notes::Obfuscation;
use super::tool::option;
use super::variables::Variables;

mod expression;
mod method;
mod operation;
mod script;
mod text;
mod value;

use script::{MOST_LEVELS, Script, name_length};
use text::from_utf16;

pub(crate) use text::push_base64;

/// Appends the commands that a call of PowerShell is told to run.
pub(crate) fn expand(commands: &mut Commands, command: Command) {
    let words = commands.words(command);
    let mut index = 1_usize;
    while let Some(word) = words.get(index) {
        let text = commands.arena.get(word.text);
        index = index.saturating_add(1);
        // To PowerShell, longer dashes begin an option as well.
        let long = match text {
            [0xe2, 0x80, 0x93..=0x95, name @ ..] => Some(name),
            _ => None,
        };
        let Some(name) = option(text).or(long) else {
            // The first word that is no option begins the command.
            let script = commands.joined(command, index.saturating_sub(1));
            expand_text(commands, command, script);
            return;
        };
        let name = Lower::new(name);
        if is_prefix(&name, b"encodedcommand", 1) || &*name == b"ec" {
            let Some(value) = words.get(index).map(|word| word.text) else {
                return;
            };
            let mark = commands.arena.mark();
            push_base64(value, &mut commands.arena);
            let bytes = commands.arena.since(mark);
            let script = from_utf16(bytes, &mut commands.arena);
            let mut outer = command;
            outer.origin.notes.add(Obfuscation::Encoded);
            expand_text(commands, outer, script);
            return;
        }
        if is_prefix(&name, b"command", 1)
            || is_prefix(&name, b"commandwithargs", 12)
            || &*name == b"cwa"
        {
            let script = commands.joined(command, index);
            expand_text(commands, command, script);
            return;
        }
        if is_prefix(&name, b"file", 1) {
            return;
        }
        let has_value = [
            (b"executionpolicy".as_slice(), 2_usize),
            (b"windowstyle", 1),
            (b"inputformat", 3),
            (b"outputformat", 1),
            (b"version", 1),
            (b"psconsolefile", 1),
            (b"configurationname", 7),
            (b"custompipename", 2),
            (b"settingsfile", 2),
            (b"workingdirectory", 2),
        ]
        .iter()
        .any(|(full, least)| is_prefix(&name, full, *least))
            || matches!(&*name, b"ep" | b"ex" | b"w" | b"v" | b"wd");
        index = index.saturating_add(usize::from(has_value));
    }
    if let Some(input) = command.origin.input {
        expand_text(commands, command, input);
    }
}

/// Whether a name is the beginning, of at least so many letters, of another.
fn is_prefix(name: &[u8], full: &[u8], least: usize) -> bool {
    name.len() >= least && full.starts_with(name)
}

/// Appends the commands of a script that a command runs.
pub(crate) fn expand_text(
    commands: &mut Commands,
    outer: Command,
    text: Piece,
) {
    let text = plain_punctuation(text, &mut commands.arena);
    let Some(copy) = commands.borrow_text(text, outer.origin.depth) else {
        return;
    };
    let mut script = Script::new(&copy, commands, outer);
    script.statements(None);
    commands.return_text(copy, outer.origin.depth);
}

/// Dashes and quotes of typographers are the language's own, too.
fn plain_punctuation(text: Piece, arena: &mut Arena) -> Piece {
    let bytes = arena.get(text);
    if memchr::memmem::find(bytes, b"\xE2\x80").is_none() {
        return text;
    }
    let mark = arena.mark();
    let mut rest = text;
    loop {
        let bytes = arena.get(rest);
        let at = memchr::memmem::find(bytes, b"\xE2\x80");
        let Some(at) = at else {
            arena.extend_from(rest);
            return arena.since(mark);
        };
        let plain = match bytes.get(at.saturating_add(2)) {
            Some(0x93..=0x95) => Some(b'-'),
            Some(0x98..=0x9B) => Some(b'\''),
            Some(0x9C..=0x9E) => Some(b'"'),
            _ => None,
        };
        let length = if plain.is_some() { 3 } else { 2 };
        let before = rest.until(at);
        let whole = rest.until(at.saturating_add(length));
        match plain {
            Some(byte) => {
                arena.extend_from(before);
                arena.push(byte);
            }
            None => arena.extend_from(whole),
        }
        rest = rest.after(at.saturating_add(length));
    }
}

/// What comes behind a statement or a part of a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Behind {
    Pipe,
    Statement,
    End,
}

impl Script<'_, '_> {
    /// Reads statements up to a closing byte or the end.
    pub(super) fn statements(&mut self, close: Option<u8>) {
        let mut piped = None;
        loop {
            self.blanks(true);
            let Some(byte) = self.peek() else { return };
            if Some(byte) == close {
                self.pass(1);
                return;
            }
            match byte {
                b';' | b'{' | b'}' | b')' | b',' => {
                    self.pass(1);
                    piped = None;
                    continue;
                }
                b'|' => {
                    self.pass(1);
                    self.eat(b'|');
                    continue;
                }
                _ => {}
            }
            let start = self.at;
            let (value, behind) = self.element(piped);
            piped = value.filter(|_| behind == Behind::Pipe);
            if behind == Behind::End {
                return;
            }
            if self.at == start {
                self.pass(1);
            }
        }
    }

    /// Reads one part of a pipeline; its value, where it has one that is
    /// known, and what comes behind it.
    fn element(&mut self, piped: Option<Piece>) -> (Option<Piece>, Behind) {
        self.notes = self.outer.origin.notes;
        let base = self.commands.stacked();
        let value = match self.peek() {
            Some(b'&' | b'.') if self.is_call() => {
                self.pass(1);
                self.blanks(false);
                self.call(None, piped);
                None
            }
            Some(b'$') => match self.assigned() {
                Some(name) => {
                    self.assignment(name);
                    None
                }
                None => self.expression_statement(piped),
            },
            Some(b'[' | b'(' | b'\'' | b'"' | b'@' | b'0'..=b'9') => {
                self.expression_statement(piped)
            }
            Some(b'-') if self.is_word(b"-join") => {
                self.expression_statement(piped)
            }
            _ => {
                self.skip_keyword();
                self.command(None, piped);
                None
            }
        };
        self.commands.unstack(base);
        self.blanks(false);
        let behind = match self.peek() {
            None => Behind::End,
            Some(b'|') => {
                self.pass(1);
                Behind::Pipe
            }
            Some(_) => Behind::Statement,
        };
        (value, behind)
    }

    /// Whether `&` or `.` calls what is behind it.
    pub(super) fn is_call(&self) -> bool {
        match self.rest() {
            [b'&', ..] => true,
            [b'.', next, ..] => {
                matches!(next, b' ' | b'(' | b'$' | b'"' | b'\'' | b'{')
            }
            _ => false,
        }
    }

    /// Words that begin a part of a statement.
    fn skip_keyword(&mut self) {
        for keyword in [
            b"if".as_slice(),
            b"elseif",
            b"else",
            b"foreach",
            b"for",
            b"while",
            b"do",
            b"until",
            b"switch",
            b"try",
            b"catch",
            b"finally",
            b"function",
            b"return",
            b"throw",
            b"param",
            b"begin",
            b"process",
            b"end",
        ] {
            if self.eat_word(keyword) {
                self.blanks(true);
                // The names of a function and of a loop's variable.
                if keyword == b"function" {
                    let end = self
                        .rest()
                        .iter()
                        .position(|byte| matches!(byte, b'{' | b'(' | b'\n'));
                    self.pass(end.unwrap_or(0));
                }
                return;
            }
        }
    }

    /// The name of the variable that an assignment begins with.
    fn assigned(&mut self) -> Option<Piece> {
        let rest = self.rest();
        let name = rest.get(1..)?;
        let is_braced = name.first() == Some(&b'{');
        let name = name.get(usize::from(is_braced)..)?;
        let length = name
            .iter()
            .take_while(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':')
            })
            .count();
        let braces = usize::from(is_braced).saturating_mul(2);
        let end = length.saturating_add(braces).saturating_add(1);
        let behind = rest.get(end..)?.trim_ascii_start();
        let is_set = matches!(behind, [b'=', next, ..] if *next != b'=')
            || behind == b"="
            || behind.starts_with(b"+=");
        if !is_set || length == 0 {
            return None;
        }
        let name = name.get(..length)?;
        let scope = memchr::memchr(b':', name);
        let name = name.get(scope.map_or(0, |at| at.saturating_add(1))..)?;
        let name = self.commands.arena.add(name);
        let name = self.commands.arena.lower(name);
        self.pass(end);
        self.blanks(false);
        let is_sum = self.eat(b'+');
        self.pass(1);
        self.blanks(true);
        // What is added to is not followed.
        (!is_sum).then_some(name)
    }

    /// Reads what a variable is set to.
    fn assignment(&mut self, name: Piece) {
        if self.is_expression() {
            let base = self.commands.stacked();
            let value = self.expression(Some(name));
            let value = self.text_of(value);
            self.commands.unstack(base);
            if let Some(value) = value {
                self.set(name, value);
            }
        } else if self.is_call() {
            self.pass(1);
            self.blanks(false);
            self.call(Some(name), None);
        } else {
            self.command(Some(name), None);
        }
    }

    /// Whether an expression, and no command, begins here.
    pub(super) fn is_expression(&self) -> bool {
        matches!(
            self.peek(),
            Some(b'[' | b'(' | b'\'' | b'"' | b'@' | b'$' | b'0'..=b'9')
        ) || self.is_word(b"-join")
    }

    /// Reads an expression that stands alone, or in a pipeline.
    fn expression_statement(&mut self, piped: Option<Piece>) -> Option<Piece> {
        let base = self.commands.stacked();
        let _ = piped;
        let value = self.expression(None);
        let value = self.text_of(value);
        self.commands.unstack(base);
        value
    }

    /// Reads a command whose program is an expression.
    pub(super) fn call(
        &mut self,
        assigned: Option<Piece>,
        piped: Option<Piece>,
    ) {
        if self.peek() == Some(b'{') {
            return;
        }
        if !self.is_expression() {
            self.command(assigned, piped);
            return;
        }
        let base = self.commands.stacked();
        let value = self.primary(None);
        let value = self.text_of(value);
        self.commands.unstack(base);
        let program = match value {
            Some(program) => program,
            None => self.commands.arena.add(b"&"),
        };
        self.commands.stack(Word { text: program, quotes: Quotes::None });
        self.arguments(base, assigned, piped);
    }

    /// Reads a command whose program is a word.
    pub(super) fn command(
        &mut self,
        assigned: Option<Piece>,
        piped: Option<Piece>,
    ) {
        let base = self.commands.stacked();
        let Some(program) = self.bare_word() else { return };
        self.commands.stack(Word { text: program, quotes: Quotes::None });
        self.arguments(base, assigned, piped);
    }

    /// Reads a command's arguments, and appends it.
    fn arguments(
        &mut self,
        base: usize,
        assigned: Option<Piece>,
        piped: Option<Piece>,
    ) {
        let notes = self.notes;
        let from = self.commands.len();
        loop {
            self.blanks(false);
            let Some(byte) = self.peek() else { break };
            match byte {
                b';' | b'|' | b'\n' | b')' | b'}' => break,
                b'&' if self.rest().starts_with(b"&&") => {
                    self.pass(1);
                    break;
                }
                b'>' => {
                    self.pass(1);
                    self.eat(b'>');
                    self.eat(b'&');
                }
                b',' => self.pass(1),
                b'{' => self.block(),
                b'@' if matches!(self.rest().get(1), Some(b'{')) => {
                    self.hash();
                }
                b'@' if self
                    .rest()
                    .get(1)
                    .is_some_and(u8::is_ascii_alphabetic) =>
                {
                    self.splatted();
                }
                b'-' if self.rest().starts_with(b"--%") => {
                    self.pass(3);
                    let rest = self.rest();
                    let end = memchr::memchr2(b'\n', b'|', rest);
                    let end = end.unwrap_or(rest.len());
                    let line = rest.get(..end).unwrap_or_default();
                    for word in line.split(u8::is_ascii_whitespace) {
                        if !word.is_empty() {
                            let text = self.commands.arena.add(word);
                            let quotes = Quotes::None;
                            self.commands.stack(Word { text, quotes });
                        }
                    }
                    self.pass(end);
                }
                _ => self.argument(),
            }
        }
        self.notes.merge(notes);
        if let Some(host) = self.remote_host(base) {
            self.commands.run_on(host, from);
        }
        self.finish(base, assigned, piped);
    }

    /// The host on which the command on the stack runs its block:
    /// `Invoke-Command -ComputerName host { .. }`.
    fn remote_host(&self, base: usize) -> Option<Piece> {
        let word = |index: usize| -> Option<&[u8]> {
            let word = self.commands.stacked_word(index)?;
            Some(self.commands.arena.get(word.text))
        };
        let name = Lower::new(word(base)?);
        if !matches!(&*name, b"invoke-command" | b"icm") {
            return None;
        }
        let behind = base.saturating_add(1)..self.commands.stacked();
        let mut behind = behind.filter(|index| {
            let name = Lower::new(word(*index).unwrap_or_default());
            let name = name.strip_prefix(b"-").unwrap_or_default();
            name == b"cn" || is_prefix(name, b"computername", 3)
        });
        let value = behind.next()?.saturating_add(1);
        Some(self.commands.stacked_word(value)?.text)
    }

    /// Reads one argument.
    fn argument(&mut self) {
        let base = self.commands.stacked();
        let start = self.at;
        if self.is_expression() && self.peek().is_some_and(|byte| byte != b'[')
        {
            let is_number =
                self.peek().is_some_and(|byte| byte.is_ascii_digit());
            if !is_number {
                let is_quoted = matches!(self.peek(), Some(b'"' | b'\''));
                let value = self.primary(None);
                let value = self.text_of(value);
                self.commands.unstack(base);
                let behind = self.at;
                // `"a"b` is one word.
                let text = match value {
                    Some(text) => text,
                    None => {
                        let raw = self.text.get(start..behind);
                        self.commands.arena.add(raw.unwrap_or_default())
                    }
                };
                let text = self.glued(text);
                let quotes =
                    if is_quoted { Quotes::Around } else { Quotes::None };
                self.commands.stack(Word { text, quotes });
                return;
            }
        }
        match self.bare_word() {
            Some(text) => {
                self.commands.stack(Word { text, quotes: Quotes::None });
            }
            None => self.pass(1),
        }
    }

    /// A word with what stands right behind it.
    fn glued(&mut self, text: Piece) -> Piece {
        let is_end = |byte: u8| {
            byte.is_ascii_whitespace()
                || matches!(byte, b';' | b'|' | b')' | b'}' | b',' | b'{')
        };
        if self.peek().is_none_or(is_end) {
            return text;
        }
        let Some(more) = self.bare_word() else { return text };
        let arena = &mut self.commands.arena;
        let mark = arena.mark();
        arena.extend_from(text);
        arena.extend_from(more);
        arena.since(mark)
    }

    /// Reads a word without quotes around it: backticks are taken out, quoted
    /// parts and variables are put in.
    fn bare_word(&mut self) -> Option<Piece> {
        let mut mark = self.commands.arena.mark();
        let start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'|' | b')' | b'}'
                | b',' | b'{' => break,
                b'(' => break,
                b'`' => {
                    self.pass(1);
                    if let Some(escaped) = self.peek() {
                        self.commands.arena.push(escaped);
                        self.pass(1);
                        if escaped.is_ascii_alphanumeric() {
                            self.notes.add(Obfuscation::Backtick);
                        }
                    }
                }
                b'"' | b'\'' => {
                    let before = self.commands.arena.since(mark);
                    let text = self.quoted();
                    mark = self.commands.arena.mark();
                    self.commands.arena.extend_from(before);
                    self.commands.arena.extend_from(text);
                    if !before.is_empty() {
                        self.notes.add(Obfuscation::Concatenation);
                    }
                }
                b'$' => {
                    let before = self.commands.arena.since(mark);
                    let value = self.variable_text();
                    mark = self.commands.arena.mark();
                    self.commands.arena.extend_from(before);
                    self.commands.arena.extend_from(value);
                }
                b'&' if self.at > start => break,
                b'>' if self.at > start => break,
                _ => {
                    self.commands.arena.push(byte);
                    self.pass(1);
                }
            }
        }
        let text = self.commands.arena.since(mark);
        (self.at > start).then_some(text)
    }

    /// A block of statements as an argument: its text is a word, and what is
    /// in it is read, too.
    fn block(&mut self) {
        self.pass(1);
        let start = self.at;
        let base = self.commands.stacked();
        if self.level < MOST_LEVELS {
            self.level = self.level.saturating_add(1);
            let notes = self.notes;
            self.statements(Some(b'}'));
            self.notes = notes;
            self.level = self.level.saturating_sub(1);
        } else {
            self.commands.cut();
            self.at = self.text.len();
        }
        self.commands.unstack(base);
        let end = self.at.saturating_sub(1).max(start);
        let text = self.text.get(start..end).unwrap_or_default();
        let text = self.commands.arena.add(text.trim_ascii());
        self.commands.stack(Word { text, quotes: Quotes::Around });
    }

    /// `@{a = b; ..}` as words `-a b`.
    fn hash(&mut self) {
        self.pass(2);
        loop {
            self.blanks(true);
            match self.peek() {
                None => return,
                Some(b'}') => {
                    self.pass(1);
                    return;
                }
                Some(b';' | b',' | b'=') => self.pass(1),
                _ => {
                    let start = self.at;
                    let mark = self.commands.arena.mark();
                    self.commands.arena.push(b'-');
                    let name = self.rest();
                    let is_of_name = |byte: &&u8| {
                        byte.is_ascii_alphanumeric()
                            || matches!(byte, b'_' | b'"' | b'\'')
                    };
                    let length = name.iter().take_while(is_of_name).count();
                    for byte in name.iter().take(length) {
                        if !matches!(byte, b'"' | b'\'') {
                            self.commands.arena.push(*byte);
                        }
                    }
                    self.pass(length);
                    let text = self.commands.arena.since(mark);
                    let quotes = Quotes::None;
                    self.commands.stack(Word { text, quotes });
                    self.blanks(false);
                    self.eat(b'=');
                    self.blanks(false);
                    self.hash_value();
                    if self.at == start {
                        self.pass(1);
                    }
                }
            }
        }
    }

    /// The value of a name in a table: an expression, or a command, whose
    /// result the name stands for. One that is not known is a word as it is
    /// written.
    fn hash_value(&mut self) {
        let from = self.at;
        let begins =
            self.peek().is_some_and(|byte| byte.is_ascii_alphabetic());
        let base = self.commands.stacked();
        let value = if self.is_expression() {
            let value = self.expression(None);
            self.text_of(value)
        } else if begins {
            self.command(None, None);
            None
        } else {
            return;
        };
        self.commands.unstack(base);
        let raw = self.text.get(from..self.at).unwrap_or_default();
        let text = match value {
            Some(text) => text,
            None => self.commands.arena.add(raw.trim_ascii()),
        };
        self.commands.stack(Word { text, quotes: Quotes::Around });
    }

    /// `@name`: the words of a table that a variable was set to.
    fn splatted(&mut self) {
        self.pass(1);
        let length = name_length(self.rest());
        let name = self.rest().get(..length).unwrap_or_default();
        let name = Lower::new(name);
        self.pass(length);
        let Some(table) = self.variable(&name) else { return };
        if self.level >= MOST_NESTING {
            return;
        }
        // The table's own text is read where it is used.
        let depth = self.outer.origin.depth.saturating_add(self.level);
        let depth = depth.saturating_add(1);
        let Some(copy) = self.commands.borrow_text(table, depth) else {
            return;
        };
        // It may name variables that were set before.
        let variables = mem::replace(&mut self.variables, Variables::new());
        let mut inner = Script::new(&copy, self.commands, self.outer);
        inner.level = self.level.saturating_add(1);
        inner.variables = variables;
        inner.hash();
        self.variables = inner.variables;
        self.commands.return_text(copy, depth);
    }

    /// Appends the command on the stack, and the script that it runs if that
    /// is known.
    fn finish(
        &mut self,
        base: usize,
        assigned: Option<Piece>,
        piped: Option<Piece>,
    ) {
        let Some(program) = self.commands.stacked_word(base) else { return };
        let name = Lower::new(self.commands.arena.get(program.text));
        if matches!(&*name, b"iex" | b"invoke-expression") {
            let first = self.commands.stacked_word(base.saturating_add(1));
            let is_named = first.is_some_and(|word| {
                self.commands.arena.get(word.text).first() == Some(&b'-')
            });
            let first = if is_named {
                self.commands.stacked_word(base.saturating_add(2))
            } else {
                first
            };
            let text = first.map(|word| word.text).or(piped);
            self.commands.unstack(base);
            if let Some(text) = text {
                self.nested(text);
            }
            return;
        }
        let origin = Origin {
            system: System::Windows,
            notes: self.notes,
            input: piped,
            assigned,
            is_script: true,
            ..Origin::within(self.outer)
        };
        self.commands.finish_stacked(base, origin);
    }

    /// Reads a text that the script itself would run.
    pub(super) fn nested(&mut self, text: Piece) {
        let mut outer = self.outer;
        outer.origin.notes = self.notes;
        outer.origin.depth =
            outer.origin.depth.saturating_add(self.level).saturating_add(1);
        expand_text(self.commands, outer, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::canonical::expand;

    /// The commands of a script: words in `|`, `name=` before those whose
    /// result is assigned.
    fn commands(text: &str) -> Vec<String> {
        let mut commands = Commands::default();
        let base = commands.begin();
        for word in ["powershell.exe", "-c", text] {
            let word = commands.arena.add(word.as_bytes());
            commands.push_word(word, Quotes::None);
        }
        commands.finish(base, Origin::outermost(System::Windows));
        expand::all(&mut commands, 0, None);
        let show = |command: Command| {
            let words = commands.shown(command);
            let Some(name) = command.origin.assigned else { return words };
            let name = String::from_utf8_lossy(commands.arena.get(name));
            format!("{name}={words}")
        };
        commands.inner().map(show).collect()
    }

    #[test]
    fn scripts_come_down_to_commands() {
        for (text, expected) in [
            (
                "Get-ScheduledTask -TaskName x",
                &["Get-ScheduledTask|-TaskName|x"][..],
            ),
            (
                "schtasks /create /tn 'a b' /tr \"c d\"",
                &["schtasks|/create|/tn|a b|/tr|c d"],
            ),
            ("sch`tasks.exe /create", &["schtasks.exe|/create"]),
            ("& ('sch'+'tasks') /create", &["schtasks|/create"]),
            ("& ('{1}{0}' -f 'tasks','sch') /create", &["schtasks|/create"]),
            ("&(\"sch\"+\"tasks\") /create", &["schtasks|/create"]),
            (
                "$a='schtasks'; & $a /create /tn $b",
                &["schtasks|/create|/tn|$b"],
            ),
            ("iex 'schtasks /create'", &["schtasks|/create"]),
            ("'schtasks /create' | iex", &["schtasks|/create"]),
            ("iex ('sch'+'tasks /create')", &["schtasks|/create"]),
            ("& ([char]115+[char]99+'htasks') /create", &["schtasks|/create"]),
            (
                "& (-join [char[]](115,99,104,116,97,115,107,115)) /create",
                &["schtasks|/create"],
            ),
            (
                "& ((115,99,104,116,97,115,107,115|%{[char]$_}) -join '') /x",
                &["schtasks|/x"],
            ),
            ("& (('sksathcs'[7..0]) -join '') /create", &["schtasks|/create"]),
            ("& 'zchtasks'.Replace('z','s') /create", &["schtasks|/create"]),
            ("& ('zchtasks' -replace 'z','s') /create", &["schtasks|/create"]),
            ("& 'xxschtasksx'.Substring(2,8) /create", &["schtasks|/create"]),
            (
                "& ([string]::Join('',('sch','tasks'))) /create",
                &["schtasks|/create"],
            ),
            (
                "iex ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('c2NodGFza3MgL2NyZWF0ZQ==')))",
                &["schtasks|/create"],
            ),
            (
                "powershell -e cwBjAGgAdABhAHMAawBzAA==",
                &["powershell|-e|cwBjAGgAdABhAHMAawBzAA==", "schtasks"],
            ),
            (
                "$a = New-ScheduledTaskAction -Execute x; Register-ScheduledTask -Action $a",
                &[
                    "a=New-ScheduledTaskAction|-Execute|x",
                    "Register-ScheduledTask|-Action|$a",
                ],
            ),
            (
                "Register-ScheduledTask y -Action (New-ScheduledTaskAction x)",
                &[
                    "New-ScheduledTaskAction|x",
                    "Register-ScheduledTask|y|-Action|(New-ScheduledTaskAction x)",
                ],
            ),
            (
                "$p = @{TaskName='x'; User=\"y\"}; Register-ScheduledTask @p",
                &["Register-ScheduledTask|-TaskName|x|-User|y"],
            ),
            (
                "$s = New-Object -ComObject Schedule.Service; $s.Connect('h'); $f=$s.GetFolder('\\\\'); $a.Path = 'c:\\\\x'; $f.RegisterTaskDefinition('n', $t, 6, 'SYSTEM', $null, 5)",
                &[
                    "s=New-Object|-ComObject|Schedule.Service",
                    ".Connect|h",
                    "f=.GetFolder|\\\\",
                    ".Path=|c:\\\\x",
                    ".RegisterTaskDefinition|n|$t|6|SYSTEM|$null|5",
                ],
            ),
            (
                "if ($x) { schtasks /run } else { schtasks /end }",
                &["schtasks|/run", "schtasks|/end"],
            ),
            ("# schtasks\nat", &["at"]),
            ("<# schtasks #> at", &["at"]),
            (
                "\u{201c}a\u{201d} | out-null; x \u{2013}y",
                &["out-null", "x|-y"],
            ),
            ("", &[]),
        ] {
            assert_eq!(commands(text), expected, "{text}");
        }
    }

    #[test]
    fn any_text_ends() {
        let pieces = [
            "$", "(", ")", "{", "}", "[", "]", "'", "\"", "`", "@", "@(",
            "@{", "-f ", "-join ", "+", ",", ";", "|", "&", ".", "a", " ",
            "\n", "[char]", "iex ", "$a=", "::", "$(", "..", "1",
        ];
        let mut state = 1_u64;
        for _ in 0..6000 {
            let mut text = String::new();
            for _ in 0..14 {
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
