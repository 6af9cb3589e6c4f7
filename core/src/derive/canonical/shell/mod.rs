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

use super::arena::Piece;
use super::argv::{Quotes, Word, unix_word};
use super::command::{Command, Commands, Origin, System, words_end};
use super::lower::Lower;
use super::notes::Obfuscation;
use super::path::stem;
use output::Filter;
use reader::Shell;
use text::{assignment, is_substitution};

mod output;
mod reader;
mod text;
mod word;

pub(crate) use text::glob;

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
    // Of a line that was split at blanks the text is all of the rest, unless
    // it is in quotes.
    let word = words.get(index);
    match command.origin.line {
        Some(line) => {
            let text = commands.arena.get(line);
            let start = words_end(text, index);
            let rest = text.get(start..).unwrap_or_default();
            match word.filter(|word| is_whole(word, rest, commands)) {
                Some(word) => Some(word.text),
                None => Some(line.after(start)).filter(|_| word.is_some()),
            }
        }
        None => word.map(|word| word.text),
    }
}

/// Whether a word in quotes is a whole text for a shell, and not its first
/// word: nothing stands behind it, or it has commands in it.
fn is_whole(word: &Word, rest: &[u8], commands: &Commands) -> bool {
    if word.quotes != Quotes::Around {
        return false;
    }
    let text = commands.arena.get(word.text);
    let is_last = unix_word(rest, 0).is_some_and(|first| {
        let behind = rest.get(first.end..).unwrap_or_default();
        behind.trim_ascii().is_empty()
    });
    let has_operator = text.iter().any(|byte| b"|&;<>\n".contains(byte));
    is_last || has_operator
}

/// Appends the commands of a text that a command hands to a shell.
// Called in many places, which the library would grow by.
#[inline(never)]
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
    /// The file that it reads.
    source: Option<Piece>,
    /// Whether it reads what another command writes.
    is_piped: bool,
    /// The file that its output goes to.
    file: Option<Piece>,
    /// Whether that is written behind what is in the file.
    appends: bool,
}

/// Words that begin or end a part of a compound command.
const KEYWORDS: [&[u8]; 18] = [
    b"if", b"then", b"elif", b"else", b"fi", b"while", b"until", b"do",
    b"done", b"for", b"select", b"case", b"esac", b"in", b"!", b"{", b"}",
    b"time",
];

impl Shell<'_, '_> {
    /// Reads commands up to the end of the text or to a closing byte, and
    /// gives what the last of them writes, where that is a constant.
    pub(super) fn list(&mut self, close: Option<u8>) -> Option<Piece> {
        let (mut piped, mut output) = (None, None);
        let mut is_piped = false;
        loop {
            let base = self.commands.stacked();
            let (mut streams, operator) = self.simple(base, piped, close);
            streams.is_piped = is_piped;
            is_piped = operator == Operator::Pipe;
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
        let mut streams = Streams { input: piped, ..Streams::default() };
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
                    // What is said of errors is no content.
                    let is_output = !matches!(byte, b'0' | b'2');
                    self.redirection(is_output, &mut streams);
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
            streams.source = self.taken(base);
        } else if self.rest().first() == Some(&b'>') {
            let appends = self.eat(b">>");
            if !appends {
                self.pass(1);
                let _ = self.eat(b"|") || self.eat(b"&");
            }
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
                streams.appends = appends;
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
            let written = written.unwrap_or_default();
            self.remember(file, written, streams.appends);
        }
        let program = program?;
        let argument = |index: usize| {
            let word = self.commands.stacked_word(base.saturating_add(index));
            word.map(|word| word.text)
        };
        let names_held = (1..count).find_map(|index| {
            let file = argument(index)?;
            self.held(file)
        });
        let name = Lower::new(stem(self.commands.arena.get(program.text)));
        match &*name {
            b"cd" | b"pushd" => {
                let directory = argument(1);
                self.directory = directory.map(|to| self.below(to));
            }
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
            source: streams.source,
            written: names_held,
            is_piped: streams.is_piped,
            notes: self.notes,
            directory: self.directory,
            ..Origin::within(self.outer)
        };
        debug_assert!(count > 0);
        self.commands.finish_stacked(base, origin);
        written
    }

    /// A directory, from the one that the text is in.
    fn below(&mut self, to: Piece) -> Piece {
        let is_absolute =
            matches!(self.commands.arena.get(to), [b'/' | b'~', ..]);
        let Some(from) = self.directory.filter(|_| !is_absolute) else {
            return to;
        };
        let arena = &mut self.commands.arena;
        let mark = arena.mark();
        arena.extend_from(from);
        arena.push(b'/');
        arena.extend_from(to);
        arena.since(mark)
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
        if filter.decodes() {
            self.notes.add(Obfuscation::Encoded);
        }
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::canonical::command::MOST_STEPS;
    use crate::derive::canonical::expand;

    /// The memory in which a text was read.
    fn read(text: &str) -> Commands {
        let mut commands = Commands::default();
        let base = commands.begin();
        for word in ["sh", "-c", text] {
            let word = commands.arena.add(word.as_bytes());
            commands.push_word(word, Quotes::None);
        }
        commands.finish(base, Origin::outermost(System::Unix));
        expand::all(&mut commands, 0, None);
        commands
    }

    /// The commands that a text starts: words in quotes, `< input` where that
    /// is a constant.
    fn commands(text: &str) -> Vec<String> {
        let commands = read(text);
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

    /// However a text is written, so many steps of matching are taken for it
    /// and no more; usual texts are far below that.
    #[test]
    fn steps_of_matching_are_bounded() {
        let value = "x".repeat(500);
        for operation in ["//x/xx", "/y/z", "//x/", "#*y*z", "%%*y*z", "^^"] {
            let part = format!("b=${{a{operation}}};a=$b$b$b$a;");
            let all = part.repeat((32 << 10) / part.len());
            let commands = read(&format!("a={value};{all}"));
            let steps = commands.steps();
            assert!(steps <= MOST_STEPS, "{operation}: {steps}");
            let part = format!("b=${{a{operation}}};");
            let all = part.repeat((31 << 10) / part.len());
            let commands = read(&format!("a={value};{all}"));
            let steps = commands.steps();
            assert!(steps <= MOST_STEPS, "{operation}: {steps}");
            assert!(commands.is_cut(), "{operation}: {steps}");
        }
        let usual = "f=/var/log/x.log; d=${f%/*}; n=${f##*/}; b=${n%.log}";
        let commands = read(&usual.repeat(20));
        assert!(commands.steps() > 0 && commands.steps() < MOST_STEPS / 4);
        assert!(!commands.is_cut());
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
