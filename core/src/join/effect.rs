/*!
What system calls do with files.
*/

use crate::event::Value;
use crate::record::SyscallArgument;

/// What a system call does with the paths that are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Effect {
    /// Only what they are there for tells.
    #[default]
    Unknown,
    /// It runs a program.
    Runs,
    /// It opens a file; the argument that has its flags.
    Opens(usize),
    /// It changes what is in a file.
    Writes,
    Renames,
    Links,
    /// It makes a link that holds a path.
    LinksSymbolically,
    /// It concerns directories, which are no files here, or who may do what
    /// with a file.
    None,
}

impl Effect {
    /// What a call does, and which of its arguments are the directories of
    /// the path that it names first and of the new one.
    pub(super) fn of(name: Value<'_>) -> (Effect, [Option<usize>; 2]) {
        let none = [None; 2];
        match name.unwrap_or_default() {
            b"execve" | b"execveat" => (Effect::Runs, none),
            b"open" => (Effect::Opens(1), none),
            b"openat" => (Effect::Opens(2), [Some(0); 2]),
            b"creat" | b"truncate" | b"ftruncate" => (Effect::Writes, none),
            b"rename" => (Effect::Renames, none),
            b"renameat" | b"renameat2" => {
                (Effect::Renames, [Some(0), Some(2)])
            }
            b"link" => (Effect::Links, none),
            b"linkat" => (Effect::Links, [Some(0), Some(2)]),
            b"symlink" => (Effect::LinksSymbolically, none),
            b"symlinkat" => (Effect::LinksSymbolically, [None, Some(1)]),
            b"mkdir" | b"mkdirat" | b"rmdir" => (Effect::None, none),
            b"chmod" | b"fchmod" | b"fchmodat" | b"fchmodat2" | b"chown"
            | b"fchown" | b"lchown" | b"fchownat" => (Effect::None, none),
            b"openat2" | b"unlinkat" | b"mknodat" => {
                (Effect::Unknown, [Some(0); 2])
            }
            _ => (Effect::Unknown, none),
        }
    }

    /// Whether a call that did not fail changes no file and starts no program,
    /// as far as its arguments tell.
    pub(super) fn is_idle(
        self,
        argument: impl Fn(usize) -> Option<SyscallArgument>,
    ) -> bool {
        match self {
            Effect::Opens(flags) => argument(flags)
                .is_some_and(|flags| !flags.writes && !flags.creates),
            Effect::None => true,
            _ => false,
        }
    }
}
