/*!
VBScript and JScript in a command line: what they do with the scheduler's COM
object.

`mshta vbscript:..` and `rundll32 javascript:..` run the script that they are
given. Of it only calls of methods and properties that are set are read, and
only where the scheduler's object is made; they become commands as those of
PowerShell do, whose program is the method's name with a dot before it.
*/

use super::arena::{Arena, Piece};
use super::argv::{Quotes, Word};
use super::command::{Command, Commands, Origin};
use super::lower::Lower;

/// The classes of COM that are the scheduler, by name and by identifier.
const SCHEDULERS: [&str; 4] = [
    "schedule.service",
    "0f87369f-a4e5-4cfc-bd3e-73e6154572dd",
    "148bd52a-a2ab-11ce-b11f-00aa00530503",
    "microsoft.win32.taskscheduler",
];

/// Whether a text names the scheduler's class.
pub(crate) fn names_scheduler(text: &[u8]) -> bool {
    SCHEDULERS.iter().any(|name| {
        crate::bytes::find(text, name.as_bytes(), 0, false).is_some()
    })
}

/// Most arguments of a method.
const MOST_ARGUMENTS: usize = 8;

/// Appends what a script in a command line does with the scheduler's object.
pub(crate) fn expand(commands: &mut Commands, command: Command) {
    let line = match command.origin.line {
        Some(line) => line,
        None => commands.joined(command, 1),
    };
    if !names_scheduler(commands.arena.get(line)) {
        return;
    }
    let text = plain_quotes(line, &mut commands.arena);
    let depth = command.origin.depth;
    let Some(copy) = commands.borrow_text(text, depth) else { return };
    let mut script = Script { text: &copy, at: 0, commands, outer: command };
    script.read();
    commands.return_text(copy, depth);
}

/// Quotes in a text that stands in quotes are doubled.
fn plain_quotes(line: Piece, arena: &mut Arena) -> Piece {
    let bytes = arena.get(line);
    let has =
        |what: &[u8]| crate::bytes::find(bytes, what, 0, false).is_some();
    if !has(b"(\"\"") {
        return line;
    }
    let mark = arena.mark();
    let mut index = 0_usize;
    while let Some(byte) = arena.get(line).get(index).copied() {
        index = index.saturating_add(1);
        let next = arena.get(line).get(index).copied();
        let is_escape = byte == b'"' && next == Some(b'"');
        if !is_escape {
            arena.push(byte);
        }
    }
    arena.since(mark)
}

struct Script<'t, 'c> {
    text: &'t [u8],
    at: usize,
    commands: &'c mut Commands,
    outer: Command,
}

impl<'t> Script<'t, '_> {
    fn read(&mut self) {
        let class = SCHEDULERS.first().copied().unwrap_or_default();
        let made = SCHEDULERS.iter().find_map(|name| {
            let name = name.as_bytes();
            let at = crate::bytes::find(self.text, name, 0, false)?;
            Some(at.saturating_add(name.len()))
        });
        // The quote behind the name, too.
        self.pass(made.map_or(0, |end| end.saturating_add(1)));
        let words = [b"new-object".as_slice(), class.as_bytes()];
        let base = self.commands.stacked();
        for word in words {
            let text = self.commands.arena.add(word);
            self.commands.stack(Word { text, quotes: Quotes::None });
        }
        self.append(base);
        let mut owner = Lower::new(b"");
        while let Some(dot) = memchr::memchr(b'.', self.rest()) {
            let before = self.at.saturating_add(dot).checked_sub(1);
            let before = before.and_then(|at| self.text.get(at)).copied();
            self.pass(dot.saturating_add(1));
            let is_member = before.is_some_and(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b')')
            });
            let length = self.name_length();
            if !is_member || length == 0 {
                continue;
            }
            let name = self.rest().get(..length).unwrap_or_default();
            self.pass(length);
            self.member(name, &owner);
            owner = Lower::new(name);
        }
    }

    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn pass(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.text.len());
    }

    fn name_length(&self) -> usize {
        let is_of_name =
            |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
        self.rest().iter().take_while(is_of_name).count()
    }

    fn blanks(&mut self) {
        let count = self.rest().iter().take_while(|byte| **byte == b' ');
        let count = count.count();
        self.pass(count);
    }

    /// A method that is called, or a property that is set.
    fn member(&mut self, name: &[u8], owner: &[u8]) {
        if self.rest().first() == Some(&b'.') {
            return;
        }
        self.blanks();
        let base = self.commands.stacked();
        let mark = self.commands.arena.mark();
        self.commands.arena.push(b'.');
        // `.Triggers.Create(9)` is not `.Actions.Create(0)`.
        if name.eq_ignore_ascii_case(b"create") && !owner.is_empty() {
            self.commands.arena.extend(owner);
            self.commands.arena.push(b'.');
        }
        self.commands.arena.extend(name);
        let is_set = matches!(self.rest(), [b'=', next, ..] if *next != b'=');
        if is_set {
            self.commands.arena.push(b'=');
        }
        let text = self.commands.arena.since(mark);
        self.commands.stack(Word { text, quotes: Quotes::None });
        if is_set {
            self.pass(1);
            self.argument();
        } else {
            if self.rest().first() == Some(&b'(') {
                self.pass(1);
            }
            for _ in 0..MOST_ARGUMENTS {
                self.argument();
                self.blanks();
                if self.rest().first() != Some(&b',') {
                    break;
                }
                self.pass(1);
            }
        }
        self.append(base);
    }

    /// A text in quotes, or what stands up to the next one.
    fn argument(&mut self) {
        self.blanks();
        let text = match self.rest() {
            [quote @ (b'"' | b'\''), inside @ ..] => {
                let end = memchr::memchr(*quote, inside);
                let text = inside.get(..end.unwrap_or(inside.len()));
                text.unwrap_or_default()
            }
            rest => {
                let is_end = |byte: &u8| b",):;\r\n".contains(byte);
                let end = rest.iter().position(is_end);
                rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
            }
        };
        let is_quoted = matches!(self.rest().first(), Some(b'"' | b'\''));
        let count = text.len().saturating_add(if is_quoted { 2 } else { 0 });
        let text = self.commands.arena.add(text.trim_ascii());
        self.pass(count);
        self.commands.stack(Word { text, quotes: Quotes::None });
    }

    fn append(&mut self, base: usize) {
        let origin = Origin { is_script: true, ..Origin::within(self.outer) };
        self.commands.finish_stacked(base, origin);
    }
}
