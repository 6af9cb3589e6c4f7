/*!
What audit records say beyond the fields of their events, for the joining of
an event's records.
*/

use core::cell::Cell;

use crate::event::{EventKind, Value};

/// The kinds of event that a record may hold in which others are joined.
pub(crate) const AUDIT_KINDS: [EventKind; 5] = [
    EventKind::AuditSyscall,
    EventKind::AuditExecve,
    EventKind::AuditPath,
    EventKind::AuditProctitle,
    EventKind::AuditCwd,
];

/// What the record read last says that its event has no field for.
///
/// Of one record only some of it is there, by its type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AuditDetails {
    /// SYSCALL: the name of the call, if it is known. Where the kernel gives a
    /// number, by that: what a daemon adds behind it is not looked at in lines
    /// that the filter passes over.
    pub(crate) name: Option<&'static [u8]>,
    /// SYSCALL: whether the number is of a call that has no name here, as none
    /// has that starts a program or opens, moves or removes a file.
    pub(crate) is_other: bool,
    /// SYSCALL: how many PATH records the event has.
    pub(crate) items: Option<u32>,
    /// SYSCALL: the first three arguments of a call that may name files, as
    /// far as they are told.
    pub(crate) arguments: [Option<SyscallArgument>; 3],
    /// EXECVE: how many arguments the program has; only the first record of
    /// several says so.
    pub(crate) argc: Option<u32>,
    /// EXECVE: the argument, and the part of it, that the record begins with.
    pub(crate) first: (u32, u32),
    /// EXECVE: the argument that the record ends with.
    pub(crate) last: u32,
    /// EXECVE: whether an argument comes in pieces, of which the next record
    /// may have more.
    pub(crate) in_pieces: bool,
    /// Whether the raw record holds all records of the event.
    pub(crate) is_whole: bool,
}

/// An argument of a system call, as far as file events depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SyscallArgument {
    /// As flags of `open`: whether the file may be changed.
    pub(crate) writes: bool,
    /// As flags of `open`: whether the file may be made.
    pub(crate) creates: bool,
    /// As a directory: whether it is the working directory.
    pub(crate) is_cwd: bool,
}

impl SyscallArgument {
    /// Reads an argument as the kernel writes it (hex), as Laurel does
    /// (`0x` before it), or as `ausearch` interprets it (names of flags).
    pub(crate) fn read(text: &[u8]) -> Option<SyscallArgument> {
        let digits = text.strip_prefix(b"0x").unwrap_or(text);
        let Some(value) = hex(digits) else {
            let has = |name: &[u8]| memchr::memmem::find(text, name).is_some();
            let is_cwd = has(b"AT_FDCWD");
            let names = [&b"O_WRONLY"[..], b"O_RDWR", b"O_TRUNC"];
            let writes = names.into_iter().any(has);
            let creates = has(b"O_CREAT");
            let is_known = is_cwd || has(b"O_");
            let argument = SyscallArgument { writes, creates, is_cwd };
            return is_known.then_some(argument);
        };
        // The kernel shows what a program passed in a register: an int may
        // have the upper half clear or set.
        let low = value & 0xffff_ffff;
        let is_cwd = low == AT_FDCWD;
        let writes = !is_cwd && low & (ACCESS_MODE | TRUNCATE) != 0;
        let creates = !is_cwd && low & CREATE != 0;
        Some(SyscallArgument { writes, creates, is_cwd })
    }
}

/// The number that hex digits write, if it fits and they are all there is.
fn hex(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    digits.iter().try_fold(0, |value: u64, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(value << 4 | u64::from(digit))
    })
}

/// `O_ACCMODE`: not zero for what is opened to be written. It, `O_TRUNC` and
/// `O_CREAT` are the same on every architecture whose calls have names here.
const ACCESS_MODE: u64 = 3;
/// `O_TRUNC`.
const TRUNCATE: u64 = 0o1000;
/// `O_CREAT`.
const CREATE: u64 = 0o100;
/// -100: a path is relative to the working directory.
const AT_FDCWD: u64 = 0xffff_ff9c;

/// Where a reader leaves the details of the record whose event it hands over.
pub(crate) type Details = Cell<AuditDetails>;

/// A value as the name that interpreting made of a number, and as a number.
pub(super) fn name_and_number<'a>(value: Value<'a>) -> (Value<'a>, Value<'a>) {
    let first = value.and_then(<[u8]>::first);
    if first.is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') {
        (value, None)
    } else {
        (None, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_in_every_form() {
        for (text, writes, creates, is_cwd) in [
            ("ffffff9c", false, false, true),
            ("ffffffffffffff9c", false, false, true),
            ("0xffffff9c", false, false, true),
            ("AT_FDCWD", false, false, true),
            ("0", false, false, false),
            ("80000", false, false, false),
            ("40", false, true, false),
            ("241", true, true, false),
            ("0x1", true, false, false),
            ("2", true, false, false),
            ("200", true, false, false),
            ("O_RDONLY|O_CLOEXEC", false, false, false),
            ("O_RDONLY|O_CREAT", false, true, false),
            ("O_WRONLY|O_CREAT|O_TRUNC", true, true, false),
        ] {
            let expected = SyscallArgument { writes, creates, is_cwd };
            let read = SyscallArgument::read(text.as_bytes());
            assert_eq!(read, Some(expected), "{text}");
        }
        for text in ["", "0x", "x", "12345678901234567", "\u{e9}"] {
            assert_eq!(SyscallArgument::read(text.as_bytes()), None, "{text}");
        }
    }
}
