/*!
What a job starts: program and arguments, and what those start in turn.
*/

use super::facts::Jobs;
use super::traits::Trait;
use crate::derive::canonical::arena::{Arena, Piece};
use crate::derive::canonical::command::{Command, Commands, System};
use crate::derive::canonical::expand;
use crate::derive::canonical::notes::Obfuscation;
use crate::derive::canonical::path;
use crate::derive::canonical::shell;
use crate::event::Field;

/// States a command line that a job starts: its program and arguments, then
/// those of every command that the program would start in turn.
pub(crate) fn push_line(
    commands: &mut Commands,
    line: Piece,
    outer: Command,
    jobs: &mut Jobs,
) {
    let from = commands.len();
    let line = match outer.origin.system {
        System::Windows => in_double_quotes(commands, line),
        System::Unix => line,
    };
    commands.add_inner_line(outer, line);
    push_all(commands, from, outer, jobs);
}

/// A line whose program stands in single quotes, as the scheduler reads it:
/// `'C:\a b.exe' -x`.
fn in_double_quotes(commands: &mut Commands, line: Piece) -> Piece {
    let Some(rest) = commands.arena.get(line).strip_prefix(b"'") else {
        return line;
    };
    let Some(end) = memchr::memchr(b'\'', rest) else { return line };
    let arena = &mut commands.arena;
    let mark = arena.mark();
    arena.push(b'"');
    arena.extend_from(line.after(1).until(end));
    arena.push(b'"');
    arena.extend_from(line.after(end.saturating_add(2)));
    arena.since(mark)
}

/// States commands from one on, and forgets them: the event does not start
/// them, the job will.
fn push_all(
    commands: &mut Commands,
    from: usize,
    outer: Command,
    jobs: &mut Jobs,
) {
    expand::all(commands, from, None);
    // That the job is set up by an encoded command says nothing of its action.
    let was_encoded = outer.origin.notes.has(Obfuscation::Encoded);
    let mut index = from;
    while let Some(command) = commands.get(index) {
        index = index.saturating_add(1);
        if command.origin.notes.has(Obfuscation::Encoded) && !was_encoded {
            jobs.say(Field::JobTrait, Trait::CommandEncoded.name());
        }
        if is_passed_over(commands, command, jobs) {
            continue;
        }
        let Some((program, arguments)) = started_by(commands, command) else {
            debug_assert!(false, "a command without words");
            continue;
        };
        jobs.write(Field::JobCommand, program);
        jobs.write(Field::JobArguments, arguments);
    }
    commands.forget(from);
}

/// Whether a command of a shell is nothing that a job starts: a file that is
/// written, a folder that is gone to. What it says of the job is stated.
fn is_passed_over(
    commands: &Commands,
    command: Command,
    jobs: &mut Jobs,
) -> bool {
    let program = commands.text(command, 0).unwrap_or_default();
    let first = commands.text(command, 1).unwrap_or_default();
    if program == shell::WRITE {
        let connects =
            first.starts_with(b"/dev/tcp/") || first.starts_with(b"/dev/udp/");
        if connects {
            jobs.say(Field::JobTrait, Trait::CommandNetwork.name());
        }
        return true;
    }
    let is_folder = command.origin.system == System::Unix
        && matches!(program, b"cd" | b"pushd" | b"popd");
    if command.origin.is_piped && commands.words(command).len() == 1 {
        jobs.say(Field::JobTrait, Trait::CommandReadsPipe.name());
    }
    is_folder
}

/// A line of a shell's, and behind it a word that it takes as it is.
pub(crate) fn add_word(
    line: Option<Piece>,
    word: Piece,
    arena: &mut Arena,
) -> Piece {
    let mark = arena.mark();
    if let Some(line) = line {
        arena.extend_from(line);
        arena.push(b' ');
    }
    let text = arena.get(word);
    let is_plain = !text.is_empty()
        && text.iter().all(|byte| {
            !byte.is_ascii_whitespace() && !b"'\"\\$`;|&<>".contains(byte)
        });
    if is_plain {
        arena.extend_from(word);
        return arena.since(mark);
    }
    arena.push(b'\'');
    let mut rest = word;
    while let Some(quote) = memchr::memchr(b'\'', arena.get(rest)) {
        arena.extend_from(rest.until(quote));
        arena.extend(b"'\\''");
        rest = rest.after(quote.saturating_add(1));
    }
    arena.extend_from(rest);
    arena.push(b'\'');
    arena.since(mark)
}

/// States a text that a shell will run for a job: each command in it.
pub(crate) fn push_shell(
    commands: &mut Commands,
    text: Piece,
    outer: Command,
    jobs: &mut Jobs,
) {
    let from = commands.len();
    shell::expand_text(commands, outer, text);
    push_all(commands, from, outer, jobs);
}

/// States the words of a command from one on: a program and its arguments.
pub(crate) fn push_words(
    commands: &mut Commands,
    command: Command,
    first: usize,
    jobs: &mut Jobs,
) {
    let from = commands.len();
    commands.add_tail(command, first);
    push_all(commands, from, command, jobs);
}

/// Most commands that one action comes down to.
const MOST_COMMANDS: usize = 8;

/// A program and its arguments.
pub(crate) type Started = (Piece, Piece);

/// A program with its arguments, and what the program would start in turn.
pub(crate) fn expanded(
    commands: &mut Commands,
    program: Piece,
    arguments: Option<Piece>,
    outer: Command,
) -> [Option<Started>; MOST_COMMANDS] {
    let arena = &mut commands.arena;
    let mark = arena.mark();
    let is_quoted = arena.get(program).first() == Some(&b'"');
    if !is_quoted {
        arena.push(b'"');
    }
    arena.extend_from(program);
    if !is_quoted {
        arena.push(b'"');
    }
    if let Some(arguments) = arguments {
        arena.push(b' ');
        arena.extend_from(arguments);
    }
    let line = arena.since(mark);
    let from = commands.len();
    commands.add_inner_line(outer, line);
    expand::all(commands, from, None);
    let mut started = [None; MOST_COMMANDS];
    for (index, slot) in started.iter_mut().enumerate() {
        let command = commands.get(from.saturating_add(index));
        let Some(command) = command else { break };
        *slot = started_by(commands, command);
    }
    commands.forget(from);
    started
}

/// States a program that a job starts, with its arguments, and what the
/// program would start in turn.
pub(crate) fn push(
    commands: &mut Commands,
    program: Piece,
    arguments: Option<Piece>,
    outer: Command,
    jobs: &mut Jobs,
) {
    let all = expanded(commands, program, arguments, outer);
    for (program, arguments) in all.into_iter().flatten() {
        jobs.write(Field::JobCommand, program);
        jobs.write(Field::JobArguments, arguments);
    }
}

/// The canonical path of a command's program, and its arguments.
pub(crate) fn started_by(
    commands: &mut Commands,
    command: Command,
) -> Option<Started> {
    let program = commands.words(command).first()?.text;
    let (arena, notes) =
        (&mut commands.arena, &mut command.origin.notes.clone());
    let system = command.origin.system;
    let program = path::canonical(program, system, arena, notes);
    let arguments = commands.joined(command, 1);
    let arguments = match system {
        System::Windows => single_separators(arguments, &mut commands.arena),
        System::Unix => arguments,
    };
    Some((program, arguments))
}

/// Arguments with the backslashes in paths that begin with a drive or a
/// variable taken once: to Windows `C:\\Temp\\x` is `C:\Temp\x`.
pub(crate) fn single_separators(arguments: Piece, arena: &mut Arena) -> Piece {
    let bytes = arena.get(arguments);
    if memchr::memmem::find(bytes, br"\\").is_none() {
        return arguments;
    }
    let mark = arena.mark();
    let mut is_path = false;
    let mut before = [b' '; 3];
    let mut index = 0_usize;
    while let Some(byte) = arena.get(arguments).get(index).copied() {
        index = index.saturating_add(1);
        let [third, first, last] = before;
        if byte == b'\\' {
            let is_drive = last == b':'
                && first.is_ascii_alphabetic()
                && !third.is_ascii_alphanumeric();
            is_path |= last == b'%' || is_drive;
        } else if byte.is_ascii_whitespace() || b"\"'=,;|&<>()".contains(&byte)
        {
            is_path = false;
        }
        if !(is_path && byte == b'\\' && last == b'\\') {
            arena.push(byte);
        }
        before = [first, last, byte];
    }
    arena.since(mark)
}
