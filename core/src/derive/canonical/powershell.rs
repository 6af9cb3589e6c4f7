/*! PowerShell's language: constants folded, to the commands in a script. */
use super::command::{Command, Commands};
/// Appends the commands that a call of PowerShell is told to run.
pub(crate) fn expand(commands: &mut Commands, command: Command) {
    let _ = (commands, command);
}
