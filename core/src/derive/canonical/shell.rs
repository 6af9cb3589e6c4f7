/*! The language of sh: constants folded, to the commands in a text. */
use super::arena::Piece;
use super::command::{Command, Commands};
/// Appends the commands that a call of a shell is told to run.
pub(crate) fn expand(commands: &mut Commands, command: Command) {
    let _ = (commands, command);
}
/// Appends the commands of a text that a command hands to a shell.
pub(crate) fn expand_text(commands: &mut Commands, outer: Command, text: Piece) {
    let _ = (commands, outer, text);
}
