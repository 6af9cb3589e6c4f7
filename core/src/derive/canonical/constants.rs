/*!
Programs in other languages: the commands that their constants are.

`python -c`, `perl -e`, `osascript -e` and their kin are told a program, which
starts others: `os.system("crontab /tmp/x")`, `do shell script ".."`. Such
languages are not read. But what they start stands in them as a constant, and
a constant that is no command is none of a scheduler either.
*/

use super::arena::{Arena, Piece};
use super::command::{Command, Commands, System, words_end};
use super::path::stem;
use super::shell;
use super::tool::Tool;

/// Most constants of one program that are read.
const MOST_CONSTANTS: usize = 64;

/// Appends the commands that constants in a command's program text are.
pub(crate) fn expand(commands: &mut Commands, command: Command) {
    // Of a line that sensors joined from arguments, quotes are the program's
    // own: `osascript -e do shell script "crontab x"`.
    let own = command
        .origin
        .line
        .map(|line| line.after(words_end(commands.arena.get(line), 1)));
    let is_call = |text: Piece| {
        let text = commands.arena.get(text);
        memchr::memmem::find(text, b"do shell script").is_some()
    };
    let mut words = commands.words(command).iter();
    let is_one_word = words.any(|word| is_call(word.text));
    let own = own.filter(|own| is_call(*own) && !is_one_word);
    let text = own.unwrap_or_else(|| commands.joined(command, 1));
    constants(text, commands, command);
}

/// Appends the commands that constants in a text are.
fn constants(text: Piece, commands: &mut Commands, command: Command) {
    let mut rest = text;
    for _ in 0..MOST_CONSTANTS {
        let Some(constant) = next(rest, &mut commands.arena) else { return };
        rest = constant.behind;
        let text = match constant.value {
            value if is_line(commands.arena.get(value)) => value,
            value => {
                let system = command.origin.system;
                let path = commands.arena.get(value);
                // `/etc/crontab` is the name of a file.
                let is_program = !path.starts_with(b"/")
                    || memchr::memmem::find(path, b"bin/").is_some();
                let tool = Tool::named(stem(path), system);
                if tool == Tool::Other || !is_program {
                    continue;
                }
                // `["crontab", "/tmp/x"]`.
                list(value, &mut rest, &mut commands.arena)
            }
        };
        match command.origin.system {
            System::Unix => shell::expand_text(commands, command, text),
            System::Windows => commands.add_inner_line(command, text),
        }
    }
}

/// Whether a constant is a line of words.
fn is_line(text: &[u8]) -> bool {
    text.trim_ascii().iter().any(u8::is_ascii_whitespace)
}

/// A constant of a program.
struct Constant {
    /// What stands between its quotes, backslashes before quotes taken off.
    value: Piece,
    /// What comes behind it.
    behind: Piece,
}

/// The next constant of a text.
fn next(text: Piece, arena: &mut Arena) -> Option<Constant> {
    let bytes = arena.get(text);
    let start = memchr::memchr3(b'"', b'\'', b'`', bytes)?;
    let quote = *bytes.get(start)?;
    let inside = text.after(start.saturating_add(1));
    let mark = arena.mark();
    let mut at = 0_usize;
    loop {
        let byte = *arena.get(inside).get(at)?;
        at = at.saturating_add(1);
        if byte == quote {
            break;
        }
        let escaped = arena.get(inside).get(at).copied();
        if byte == b'\\'
            && let Some(escaped @ (b'"' | b'\'' | b'\\')) = escaped
        {
            arena.push(escaped);
            at = at.saturating_add(1);
        } else {
            arena.push(byte);
        }
    }
    let value = arena.since(mark);
    Some(Constant { value, behind: inside.after(at) })
}

/// A constant and those that follow it in a list, with a blank between them.
fn list(first: Piece, rest: &mut Piece, arena: &mut Arena) -> Piece {
    let mut line = first;
    loop {
        let bytes = arena.get(*rest);
        let between =
            |byte: &&u8| byte.is_ascii_whitespace() || **byte == b',';
        let gap = bytes.iter().take_while(between).count();
        let is_list = bytes.get(..gap).is_some_and(|gap| gap.contains(&b','))
            && matches!(bytes.get(gap), Some(b'"' | b'\''));
        if !is_list {
            return line;
        }
        let Some(constant) = next(*rest, arena) else { return line };
        *rest = constant.behind;
        let mark = arena.mark();
        arena.extend_from(line);
        arena.push(b' ');
        arena.extend_from(constant.value);
        line = arena.since(mark);
    }
}
