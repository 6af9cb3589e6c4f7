/*!
cmd.exe's language: from the text behind `/c` to the commands in it.

Of variables those are known that every Windows has, and those that the text
itself sets. A variable is put in where a command is read, so what a text
sets with one command the next one sees, with `call` or without.
*/

use super::arena::{Arena, Piece};
use super::command::{Command, Commands, MOST_NESTING, Origin, System};
use super::lower::Lower;
use super::notes::{Notes, Obfuscation};
use super::path::windows_variable;
use super::variables::Variables;

/// Most variables that a text sets.
const MOST_VARIABLES: usize = 32;

/// Most commands of one text, those of loops counted each time.
const MOST_ROUNDS: u32 = 256;

/// Appends the commands that a call of cmd is told to run.
pub(crate) fn expand(commands: &mut Commands, command: Command) {
    let text = match text_option(commands, command) {
        Some(text) => Some(text),
        None => command.origin.input,
    };
    if let Some(text) = text {
        expand_text(commands, command, text);
    }
}

/// The text behind `/c`, `/k` or `/r`, as it stands in the line.
fn text_option(commands: &mut Commands, command: Command) -> Option<Piece> {
    let line = match command.origin.line {
        Some(line) => line,
        None => commands.joined(command, 0),
    };
    let text = commands.arena.get(line);
    let mut at = program_length(text);
    while let Some(slash) = memchr::memchr2(b'/', b'-', text.get(at..)?) {
        let place = at.saturating_add(slash);
        let letter = text.get(place.saturating_add(1))?;
        at = place.saturating_add(2);
        if matches!(letter.to_ascii_lowercase(), b'c' | b'k' | b'r') {
            return Some(unquoted(line.after(at), &commands.arena));
        }
    }
    None
}

/// Length of the program's name, with the quotes around it.
fn program_length(line: &[u8]) -> usize {
    let mut is_quoted = false;
    for (at, byte) in line.iter().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            // `cmd/c` needs no blank.
            b' ' | b'\t' | b'/' if !is_quoted => return at,
            _ => {}
        }
    }
    line.len()
}

/// A text without the quotes around all of it: the first, and the last.
fn unquoted(text: Piece, arena: &Arena) -> Piece {
    let bytes = arena.get(text);
    let start =
        bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let text = text.after(start);
    let bytes = arena.get(text);
    if bytes.first() != Some(&b'"') {
        return text;
    }
    // Two quotes around a program alone are its own.
    let inside = bytes.get(1..).unwrap_or_default();
    let count = inside.iter().filter(|byte| **byte == b'"').count();
    let end = memchr::memrchr(b'"', inside);
    match end {
        Some(end) if count == 1 => {
            let program = inside.get(..end).unwrap_or_default();
            let is_program = program.contains(&b' ')
                && !program.iter().any(|byte| b"&<>()@^|".contains(byte))
                && super::ends_with(program, b".exe");
            if is_program { text } else { text.after(1).until(end) }
        }
        Some(end) => {
            // What is behind the last quote stays: `"a" b` is `a b`.
            let rest = inside.get(end.saturating_add(1)..);
            let is_last = rest.is_none_or(|rest| rest.trim_ascii().is_empty());
            if is_last { text.after(1).until(end) } else { text }
        }
        None => text.after(1),
    }
}

/// Appends the commands of a text that a command hands to cmd.
pub(crate) fn expand_text(
    commands: &mut Commands,
    outer: Command,
    text: Piece,
) {
    let Some(copy) = commands.borrow_text(text, outer.origin.depth) else {
        return;
    };
    let mut batch = Batch {
        commands,
        outer,
        notes: outer.origin.notes,
        variables: Variables::new(),
        rounds: 0,
    };
    batch.commands(&copy, 0);
    commands.return_text(copy, outer.origin.depth);
}

/// What is known while a text is read.
struct Batch<'c> {
    commands: &'c mut Commands,
    outer: Command,
    notes: Notes,
    variables: Variables<MOST_VARIABLES>,
    rounds: u32,
}

impl Batch<'_> {
    /// Reads the commands of a text: those between `&`, `|`, brackets and
    /// line ends that are not in quotes or behind a caret.
    fn commands(&mut self, text: &[u8], level: u8) {
        // What stands before a command is passed at once: a round for each
        // bracket would look at all that follow it.
        let mut rest = beginning(text);
        let mut piped = None;
        while !rest.is_empty() {
            self.rounds = self.rounds.saturating_add(1);
            if self.rounds > MOST_ROUNDS {
                self.commands.cut();
                return;
            }
            let length = command_length(rest);
            let (command, behind) =
                rest.split_at_checked(length).unwrap_or((rest, b""));
            let written = self.command(command, piped.take(), level);
            let is_pipe = matches!(behind, [b'|', next, ..] if *next != b'|');
            piped = written.filter(|_| is_pipe);
            rest = beginning(behind.get(1..).unwrap_or_default());
        }
    }

    /// Reads one command; what it writes, where that is a constant.
    fn command(
        &mut self,
        text: &[u8],
        piped: Option<Piece>,
        level: u8,
    ) -> Option<Piece> {
        if text.is_empty() {
            return None;
        }
        self.notes = self.outer.origin.notes;
        if let Some(rest) = word(text, b"if") {
            // What is asked is passed over: a comparison, `exist x`, `not`.
            let taken = taken(rest);
            self.nested(taken, level);
            return None;
        }
        if let Some(rest) = word(text, b"else") {
            self.nested(rest, level);
            return None;
        }
        if let Some(rest) = word(text, b"for") {
            self.loop_over(rest, level);
            return None;
        }
        if let Some(rest) = word(text, b"call") {
            self.nested(rest, level);
            return None;
        }
        if let Some(rest) = word(text, b"start") {
            self.nested(started(rest), level);
            return None;
        }
        if let Some(rest) = word(text, b"set") {
            self.set(rest);
            return None;
        }
        let line = self.expanded(text);
        if let Some(rest) = word(self.commands.arena.get(line), b"echo") {
            let start = self.commands.arena.get(line).len();
            let start = start.saturating_sub(rest.len());
            return Some(line.after(start));
        }
        let origin = Origin {
            notes: self.notes,
            input: piped,
            ..Origin::within(self.outer)
        };
        self.commands.add_line_piece(line, System::Windows, origin);
        None
    }

    fn nested(&mut self, text: &[u8], level: u8) {
        if level < MOST_NESTING {
            self.commands(text, level.saturating_add(1));
        } else {
            self.commands.cut();
        }
    }

    /// `set x=y`, `set "x=y"`.
    fn set(&mut self, text: &[u8]) {
        let line = self.expanded(text);
        let bytes = self.commands.arena.get(line);
        let is_quoted = bytes.first() == Some(&b'"');
        let line = line.after(usize::from(is_quoted));
        let bytes = self.commands.arena.get(line);
        let Some(at) = memchr::memchr(b'=', bytes) else { return };
        let value = line.after(at.saturating_add(1));
        let value = match memchr::memrchr(b'"', self.commands.arena.get(value))
        {
            Some(end) if is_quoted => value.until(end),
            _ => value,
        };
        let name = self.commands.arena.lower(line.until(at));
        self.set_variable(name, value);
    }

    fn set_variable(&mut self, name: Piece, value: Piece) {
        self.variables.set(&self.commands.arena, name, value);
    }

    fn variable(&self, name: &[u8]) -> Option<Piece> {
        self.variables.get(&self.commands.arena, name)
    }

    /// `%x in (a b) do ..`, `/f %x in ('echo a') do ..`; other loops are read
    /// once, with their variable as it is written.
    fn loop_over(&mut self, text: &[u8], level: u8) {
        let lower = |text: &[u8], what: &[u8]| {
            text.windows(what.len())
                .position(|part| part.eq_ignore_ascii_case(what))
        };
        let Some(at) = lower(text, b" do ") else { return };
        let (head, body) = text.split_at_checked(at).unwrap_or_default();
        let body = body.get(4..).unwrap_or_default();
        let open = memchr::memchr(b'(', head);
        let close = memchr::memrchr(b')', head);
        let list = open
            .zip(close)
            .and_then(|(open, close)| head.get(open.saturating_add(1)..close));
        let letter = memchr::memchr(b'%', head).and_then(|at| {
            let name = head.get(at..)?;
            let name = name.iter().find(|byte| **byte != b'%');
            name.copied()
        });
        let (Some(list), Some(letter)) = (list, letter) else {
            self.nested(body, level);
            return;
        };
        self.notes.add(Obfuscation::Loop);
        let is_of_lines = lower(head, b"/f").is_some();
        let is_of_numbers = lower(head, b"/l").is_some();
        let list = self.expanded(list);
        let mut values = [Piece::default(); 16];
        let mut count = 0_usize;
        let text = self.commands.arena.get(list).trim_ascii();
        if is_of_lines {
            let inside = text
                .strip_prefix(b"'")
                .and_then(|text| text.strip_suffix(b"'"))
                .or_else(|| {
                    let text = text.strip_prefix(b"\"")?;
                    text.strip_suffix(b"\"")
                });
            let text = inside.unwrap_or_default();
            let text = word(text, b"echo").unwrap_or(text);
            let mut copy = [0_u8; 512];
            let length = text.len().min(copy.len());
            if let (Some(to), Some(from)) =
                (copy.get_mut(..length), text.get(..length))
            {
                to.copy_from_slice(from);
            }
            let text = copy.get(..length).unwrap_or_default();
            if let Some(slot) = values.first_mut() {
                *slot = self.commands.arena.add(text.trim_ascii());
                count = 1;
            }
        } else if !is_of_numbers {
            let mut rest = list;
            while let Some(slot) = values.get_mut(count) {
                let bytes = self.commands.arena.get(rest);
                let separator =
                    |byte: &&u8| matches!(byte, b' ' | b',' | b';' | b'\t');
                let start = bytes.iter().take_while(separator).count();
                let bytes = bytes.get(start..).unwrap_or_default();
                let length =
                    bytes.iter().take_while(|byte| !separator(byte)).count();
                if length == 0 {
                    break;
                }
                *slot = rest.after(start).until(length);
                rest = rest.after(start.saturating_add(length));
                count = count.saturating_add(1);
            }
        }
        let name = self.commands.arena.add(&[b'%', letter]);
        let name = self.commands.arena.lower(name);
        let notes = self.outer.origin.notes;
        self.outer.origin.notes.add(Obfuscation::Loop);
        for value in values.iter().take(count) {
            self.set_variable(name, *value);
            self.nested(body, level);
        }
        if count == 0 {
            self.nested(body, level);
        }
        self.outer.origin.notes = notes;
    }

    /// Writes a text as cmd reads it: variables put in, carets taken out.
    fn expanded(&mut self, text: &[u8]) -> Piece {
        let mark = self.commands.arena.mark();
        let mut rest = text.trim_ascii();
        let mut is_quoted = false;
        while let Some((&byte, after)) = rest.split_first() {
            match byte {
                b'"' => {
                    is_quoted = !is_quoted;
                    self.commands.arena.push(byte);
                }
                b'^' if !is_quoted => {
                    let Some((&escaped, behind)) = after.split_first() else {
                        break;
                    };
                    if escaped.is_ascii_alphanumeric() {
                        self.notes.add(Obfuscation::Caret);
                    }
                    self.commands.arena.push(escaped);
                    rest = behind;
                    continue;
                }
                b'%' | b'!' => {
                    if let Some(length) = self.put_variable(byte, after) {
                        rest = after.get(length..).unwrap_or_default();
                        continue;
                    }
                    self.commands.arena.push(byte);
                }
                _ => self.commands.arena.push(byte),
            }
            rest = after;
        }
        self.commands.arena.since(mark)
    }

    /// Writes the value of a variable that is named here; the length of its
    /// name with what ends it.
    fn put_variable(&mut self, mark: u8, text: &[u8]) -> Option<usize> {
        // The variable of a loop has one letter, and no end.
        if mark == b'%' {
            let letter = text.iter().find(|byte| **byte != b'%')?;
            let percents =
                text.iter().take_while(|byte| **byte == b'%').count();
            let name = [b'%', letter.to_ascii_lowercase()];
            if let Some(value) = self.variable(&name) {
                self.commands.arena.extend_from(value);
                return Some(percents.saturating_add(1));
            }
        }
        let end = text.iter().take(128).position(|byte| *byte == mark)?;
        let named = text.get(..end)?;
        let colon = memchr::memchr(b':', named);
        let name = named.get(..colon.unwrap_or(end))?;
        let operation = colon.and_then(|at| named.get(at.saturating_add(1)..));
        let name = Lower::new(name);
        let value = match self.variable(&name) {
            Some(value) => {
                self.notes.add(match (operation, mark) {
                    (Some(_), _) => Obfuscation::Substring,
                    (None, b'!') => Obfuscation::DelayedExpansion,
                    (None, _) => Obfuscation::Expansion,
                });
                value
            }
            None => {
                let value = windows_variable(&name)?;
                let range =
                    operation.map(|operation| part(value.len(), operation));
                if range.is_some() {
                    self.notes.add(Obfuscation::Substring);
                }
                let (start, end) = range.flatten().unwrap_or((0, value.len()));
                let value = value.get(start..end).unwrap_or_default();
                self.commands.arena.extend(value);
                return Some(named.len().saturating_add(1));
            }
        };
        match operation {
            None => self.commands.arena.extend_from(value),
            Some(operation) => self.push_part(value, operation),
        }
        Some(end.saturating_add(1))
    }

    /// Writes a part of a value, `~1,2`, or the value with a text replaced,
    /// `x=y`.
    fn push_part(&mut self, value: Piece, operation: &[u8]) {
        let length = self.commands.arena.get(value).len();
        if let Some((start, end)) = part(length, operation) {
            self.commands.arena.extend_from(value.until(end).after(start));
            return;
        }
        let at = memchr::memchr(b'=', operation).unwrap_or(operation.len());
        let (what, with) = operation.split_at_checked(at).unwrap_or_default();
        let with = with.get(1..).unwrap_or_default();
        let mut rest = value;
        while !what.is_empty() {
            let bytes = self.commands.arena.get(rest);
            let Some(at) = crate::bytes::find(bytes, what, 0, false) else {
                break;
            };
            self.commands.arena.extend_from(rest.until(at));
            self.commands.arena.extend(with);
            rest = rest.after(at.saturating_add(what.len()));
        }
        self.commands.arena.extend_from(rest);
    }
}

/// The part of so many bytes that `~start,length` names; either may count
/// from the end.
fn part(length: usize, operation: &[u8]) -> Option<(usize, usize)> {
    let [b'~', range @ ..] = operation else { return None };
    let mut numbers = range.split(|byte| *byte == b',').map(|digits| {
        let digits = str::from_utf8(digits.trim_ascii()).ok()?;
        digits.parse::<i64>().ok()
    });
    let length = i64::try_from(length).ok()?;
    let start = numbers.next().flatten().unwrap_or(0);
    let start = if start < 0 { length.saturating_add(start) } else { start };
    let start = start.clamp(0, length);
    let end = match numbers.next().flatten() {
        None => length,
        Some(count) if count < 0 => length.saturating_add(count),
        Some(count) => start.saturating_add(count),
    };
    let end = end.clamp(start, length);
    Some((usize::try_from(start).ok()?, usize::try_from(end).ok()?))
}

/// Length of the command that a text begins with: up to `&`, `|`, a bracket
/// or a line's end outside of quotes. What a loop or a condition runs belongs
/// to it.
fn command_length(text: &[u8]) -> usize {
    let is_compound = [b"for".as_slice(), b"if"]
        .iter()
        .any(|name| word(text, name).is_some());
    let (mut is_quoted, mut is_escaped, mut depth) = (false, false, 0_usize);
    for (at, byte) in text.iter().enumerate() {
        if is_escaped {
            is_escaped = false;
            continue;
        }
        match byte {
            b'"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            b'^' => is_escaped = true,
            b'(' if is_compound => depth = depth.saturating_add(1),
            b')' if is_compound => depth = depth.saturating_sub(1),
            b'&' | b'|' | b'\n' | b'\r' if depth == 0 => return at,
            b'(' | b')' if !is_compound => return at,
            _ => {}
        }
    }
    text.len()
}

/// A command without what may stand before it.
fn beginning(text: &[u8]) -> &[u8] {
    let is_before = |byte: &&u8| {
        matches!(byte, b' ' | b'\t' | b'@' | b',' | b';' | b'=' | b'(')
    };
    let count = text.iter().take_while(is_before).count();
    text.get(count..).unwrap_or_default()
}

/// What follows a word that a text begins with, in any case.
fn word<'t>(text: &'t [u8], name: &[u8]) -> Option<&'t [u8]> {
    let (head, rest) = text.split_at_checked(name.len())?;
    let is_it = head.eq_ignore_ascii_case(name);
    let is_whole =
        !matches!(rest.first(), Some(b'.' | b'\\' | b':' | b'-' | b'_'))
            && !rest.first().is_some_and(u8::is_ascii_alphanumeric);
    let is_whole = is_whole || name == b"echo" && rest.first() == Some(&b'.');
    (is_it && is_whole).then(|| rest.trim_ascii_start())
}

/// What is done if what is asked is so.
fn taken(text: &[u8]) -> &[u8] {
    let mut rest = text;
    for _ in 0..3 {
        rest = rest.trim_ascii_start();
        let switch = [b"/i".as_slice(), b"not"]
            .iter()
            .find_map(|name| word(rest, name));
        match switch {
            Some(behind) => rest = behind,
            None => break,
        }
    }
    let operands = [b"exist".as_slice(), b"defined", b"errorlevel"];
    if let Some(behind) = operands.iter().find_map(|name| word(rest, name)) {
        return after_operand(behind);
    }
    let behind = after_operand(rest);
    let is_word = [b"equ".as_slice(), b"neq", b"lss", b"leq", b"gtr", b"geq"]
        .iter()
        .find_map(|name| word(behind, name));
    match (is_word, behind.strip_prefix(b"==")) {
        (Some(behind), _) | (None, Some(behind)) => after_operand(behind),
        (None, None) => behind,
    }
}

/// What follows the first word, which may be in quotes.
fn after_operand(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_start();
    let mut is_quoted = false;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b' ' | b'\t' if !is_quoted => {
                return text.get(at..).unwrap_or_default().trim_ascii_start();
            }
            _ => {}
        }
    }
    b""
}

/// What `start` starts: behind the title, which is in quotes, and switches.
fn started(text: &[u8]) -> &[u8] {
    let mut rest = text.trim_ascii_start();
    let mut has_title = false;
    loop {
        match rest {
            [b'"', ..] if !has_title && !after_operand(rest).is_empty() => {
                has_title = true;
                rest = after_operand(rest);
            }
            [b'/', letter, behind @ ..] => {
                let has_value = letter.eq_ignore_ascii_case(&b'd')
                    && behind.first() == Some(&b' ');
                rest = after_operand(rest);
                if has_value {
                    rest = after_operand(rest);
                }
            }
            _ => return rest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::canonical::expand;

    fn commands(line: &str) -> Vec<String> {
        let mut commands = Commands::default();
        commands.add_line(line.as_bytes(), System::Windows);
        expand::all(&mut commands, 0, None);
        let inner = commands.inner();
        inner.map(|command| commands.shown(command)).collect()
    }

    #[test]
    fn texts_come_down_to_commands() {
        for (line, expected) in [
            ("cmd /c schtasks /create", &["schtasks|/create"][..]),
            ("cmd.exe/cschtasks /create", &["schtasks|/create"]),
            (r#""C:\a b\cmd.exe" /q /c "schtasks /x""#, &["schtasks|/x"]),
            (r#"cmd /c ""schtasks" /tn "a b"""#, &["schtasks|/tn|a b"]),
            ("cmd /c s^ch^tasks /create", &["schtasks|/create"]),
            (
                "cmd /c set x=schtasks&& call %x% /create",
                &["schtasks|/create"],
            ),
            (
                r#"cmd /v:on /c "set a=sch&set b=tasks&!a!!b! /x""#,
                &["schtasks|/x"],
            ),
            (
                r#"cmd /c "set "a=xschtasksx"&&call %a:~1,8% /x""#,
                &["schtasks|/x"],
            ),
            ("cmd /c set a=zchtasks&call %a:z=s% /x", &["schtasks|/x"]),
            ("cmd /c ,;=schtasks /x", &["schtasks|/x"]),
            ("cmd /c @schtasks /x & at /y", &["schtasks|/x", "at|/y"]),
            ("cmd /c (schtasks /x) && (at /y)", &["schtasks|/x", "at|/y"]),
            ("cmd /c start /min \"\" schtasks /x", &["schtasks|/x"]),
            (r#"cmd /c start "t" /b schtasks /x"#, &["schtasks|/x"]),
            ("cmd /c for %i in (schtasks) do %i /x", &["schtasks|/x"]),
            (
                "cmd /c for /f %i in ('echo schtasks') do %i /x",
                &["schtasks|/x"],
            ),
            ("cmd /c if exist c:\\x schtasks /x", &["schtasks|/x"]),
            ("cmd /c if not a==b schtasks /x", &["schtasks|/x"]),
            ("cmd /c echo schtasks /x | cmd", &["cmd", "schtasks|/x"]),
            (
                "cmd /c %windir%\\system32\\schtasks /x",
                &[r"C:\Windows\system32\schtasks|/x"],
            ),
            ("cmd /c echo schtasks", &[]),
            ("cmd /c", &[]),
            ("cmd", &[]),
        ] {
            assert_eq!(commands(line), expected, "{line}");
        }
    }

    #[test]
    fn any_text_ends() {
        let pieces = [
            "for ", "if ", "(", ")", "%", "!", "^", "\"", "&", "|", "set ",
            "call ", "start ", " do ", "in ", "=", ":~", ",", "1", "a", " ",
        ];
        let mut state = 1_u64;
        for _ in 0..4000 {
            let mut text = "cmd /c ".to_owned();
            for _ in 0..14 {
                state = state.wrapping_mul(6_364_136_223_846_793_005);
                state = state.wrapping_add(1_442_695_040_888_963_407);
                text += pieces[(state >> 33) as usize % pieces.len()];
            }
            let _ = commands(&text);
        }
        for piece in pieces {
            let _ = commands(&format!("cmd /c {}", piece.repeat(5000)));
        }
    }
}
