/*!
Canonical text: what is meant, whatever way it is written.

A layer takes bytes and writes what they come down to into an [`Arena`]. All
are pure, run in time linear in the bytes, change nothing when they are run
again, and leave alone what they are not sure of.
*/

pub(crate) mod argv;
pub(crate) mod arena;
pub(crate) mod notes;
pub(crate) mod path;
pub(crate) mod command;
pub(crate) mod tool;
pub(crate) mod cmd;
pub(crate) mod expand;
pub(crate) mod lower;
pub(crate) mod powershell;
pub(crate) mod shell;
