/*!
What a job starts: program and arguments, and what those start in turn.
*/

use super::{JobField, Jobs};
use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::command::{Command, Commands, System};
use crate::derive::canonical::expand;
use crate::derive::canonical::path;
use crate::derive::canonical::shell;

/// States a command line that a job starts: its program and arguments, then
/// those of every command that the program would start in turn.
pub(crate) fn push_line(
    commands: &mut Commands,
    line: Piece,
    outer: Command,
    jobs: &mut Jobs,
) {
    let from = commands.len();
    commands.add_inner_line(outer, line);
    push_all(commands, from, jobs);
}

/// States commands from one on, and forgets them: the event does not start
/// them, the job will.
fn push_all(commands: &mut Commands, from: usize, jobs: &mut Jobs) {
    expand::all(commands, from, None);
    let mut index = from;
    while let Some(command) = commands.get(index) {
        index = index.saturating_add(1);
        let Some(program) = commands.words(command).first().copied() else {
            debug_assert!(false, "a command without words");
            continue;
        };
        let mut notes = command.notes;
        let program = match command.system {
            System::Windows => {
                path::windows(program.text, &mut commands.arena, &mut notes)
            }
            System::Unix => {
                path::unix(program.text, None, &mut commands.arena, &mut notes)
            }
        };
        let arguments = commands.joined(command, 1);
        jobs.write(JobField::Command, program);
        jobs.write(JobField::Arguments, arguments);
    }
    commands.forget(from);
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
    push_all(commands, from, jobs);
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
    push_all(commands, from, jobs);
}
