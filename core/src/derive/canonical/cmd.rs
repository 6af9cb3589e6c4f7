/*! cmd.exe's language: what stands behind `/c` to the commands in it. */
use super::command::{Command, Commands};
/// Appends the commands that a call of cmd is told to run.
pub(crate) fn expand(commands: &mut Commands, command: Command) {
    let _ = (commands, command);
}
