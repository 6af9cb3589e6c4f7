/*!
What one audit record says, as far as a joined event needs it.
*/

use crate::event::{Event, EventData, EventKind, Value};

use super::audit_details::{AUDIT_KINDS, AuditDetails, SyscallArgument};

/// What one audit record says. It borrows from the event that was read, or
/// from bytes that [`append`](AuditPiece::append) wrote.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct AuditPiece<'a> {
    pub(crate) kind: EventKind,
    pub(crate) details: AuditDetails,
    /// Its values, by what kind it is.
    values: [Value<'a>; MOST_VALUES],
}

/// As many as SYSCALL has.
const MOST_VALUES: usize = 7;

/// What SYSCALL says.
pub(crate) struct CallValues<'a> {
    pub(crate) name: Value<'a>,
    pub(crate) success: Value<'a>,
    pub(crate) exe: Value<'a>,
    pub(crate) uid: Value<'a>,
    pub(crate) uid_name: Value<'a>,
    pub(crate) process_id: Value<'a>,
    pub(crate) parent_process_id: Value<'a>,
}

/// What PATH says.
pub(crate) struct PathValues<'a> {
    pub(crate) name: Value<'a>,
    pub(crate) item: Value<'a>,
    pub(crate) nametype: Value<'a>,
    pub(crate) mode: Value<'a>,
}

impl<'a> AuditPiece<'a> {
    /// What an event of an audit record says; `None` of others.
    pub(crate) fn of(
        event: &Event<'a>,
        details: AuditDetails,
    ) -> Option<AuditPiece<'a>> {
        let values = match event.data {
            EventData::AuditSyscall(call) => [
                details.name.or(call.syscall_name),
                call.success,
                call.exe,
                call.uid,
                call.uid_name,
                call.process_id,
                call.parent_process_id,
            ],
            EventData::AuditPath(path) => {
                let [a, b, c] = [path.item, path.nametype, path.mode];
                [path.name, a, b, c, None, None, None]
            }
            EventData::AuditExecve(execve) => only(execve.argv),
            EventData::AuditProctitle(title) => only(title.proctitle),
            EventData::AuditCwd(cwd) => only(cwd.cwd),
            _ => return None,
        };
        Some(AuditPiece { kind: event.kind(), details, values })
    }

    /// What a SYSCALL says.
    pub(super) fn of_call(
        call: CallValues<'a>,
        details: AuditDetails,
    ) -> AuditPiece<'a> {
        let values = [
            call.name,
            call.success,
            call.exe,
            call.uid,
            call.uid_name,
            call.process_id,
            call.parent_process_id,
        ];
        AuditPiece { kind: EventKind::AuditSyscall, details, values }
    }

    /// What a CWD says, if it is known.
    pub(super) fn of_directory(cwd: Value<'a>) -> Option<AuditPiece<'a>> {
        let details = AuditDetails::default();
        let kind = EventKind::AuditCwd;
        cwd.map(|cwd| AuditPiece { kind, details, values: only(Some(cwd)) })
    }

    /// What an EXECVE says.
    pub(super) fn of_arguments(
        argv: &'a [u8],
        details: AuditDetails,
    ) -> AuditPiece<'a> {
        let kind = EventKind::AuditExecve;
        AuditPiece { kind, details, values: only(Some(argv)) }
    }

    pub(crate) fn call(&self) -> CallValues<'a> {
        let [name, success, exe, uid, uid_name, process_id, parent_process_id] =
            self.values;
        CallValues {
            name,
            success,
            exe,
            uid,
            uid_name,
            process_id,
            parent_process_id,
        }
    }

    pub(crate) fn path(&self) -> PathValues<'a> {
        let [name, item, nametype, mode, ..] = self.values;
        PathValues { name, item, nametype, mode }
    }

    /// The value of a record that has one: arguments, directory or title.
    pub(crate) fn value(&self) -> Value<'a> {
        let [value, ..] = self.values;
        value
    }

    /// Bytes that [`append`](AuditPiece::append) takes.
    pub(crate) fn size(&self) -> usize {
        let values = self.values.iter().flatten();
        let values = values.map(|value| value.len());
        values.fold(HEAD, usize::saturating_add)
    }

    /// Appends it to a buffer; [`read`](AuditPiece::read) gives it back.
    pub(crate) fn append(&self, into: &mut Vec<u8>) {
        let AuditDetails { items, arguments, argc, first, last, .. } =
            self.details;
        let AuditDetails { in_pieces, is_whole, .. } = self.details;
        debug_assert!(!is_whole, "what is whole is not kept");
        let kind = AUDIT_KINDS.iter().position(|kind| *kind == self.kind);
        debug_assert!(kind.is_some(), "{} has no place", self.kind);
        let kind = kind.and_then(|at| u8::try_from(at).ok());
        let [a0, a1, a2] = arguments.map(|argument| match argument {
            None => 0,
            Some(SyscallArgument { writes, creates, is_cwd }) => {
                1 | u8::from(writes) << 1
                    | u8::from(is_cwd) << 2
                    | u8::from(creates) << 3
            }
        });
        let flags = [kind.unwrap_or(NO_KIND), a0, a1, a2, u8::from(in_pieces)];
        let or_none = |number: Option<u32>| number.unwrap_or(NONE);
        let numbers = [or_none(items), or_none(argc), first.0, first.1, last];
        let lengths = self.values.map(|value| {
            let length = value.map(|value| u32::try_from(value.len()));
            length.and_then(Result::ok).unwrap_or(NONE)
        });
        // At once: one number at a time takes longer than all else here.
        let mut head = [0; HEAD];
        let (flag_bytes, number_bytes) = head.split_at_mut(flags.len());
        flag_bytes.copy_from_slice(&flags);
        let places = number_bytes.chunks_exact_mut(4);
        for (place, number) in places.zip(numbers.into_iter().chain(lengths)) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        into.extend_from_slice(&head);
        for value in self.values.iter().flatten() {
            into.extend_from_slice(value);
        }
    }

    /// What [`append`](AuditPiece::append) wrote; `None` of other bytes.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<AuditPiece<'a>> {
        let (head, mut rest) = bytes.split_at_checked(HEAD)?;
        let (flags, numbers) = head.split_at_checked(5)?;
        let &[kind, a0, a1, a2, in_pieces] = flags else { return None };
        let kind = *AUDIT_KINDS.get(usize::from(kind))?;
        let mut numbers = numbers.chunks_exact(4).map(|number| {
            let number = <[u8; 4]>::try_from(number).unwrap_or_default();
            u32::from_le_bytes(number)
        });
        let mut number = || numbers.next().unwrap_or(NONE);
        let some = |number: u32| (number != NONE).then_some(number);
        let details = AuditDetails {
            // It is the first of the values.
            name: None,
            is_other: false,
            items: some(number()),
            argc: some(number()),
            first: (number(), number()),
            last: number(),
            arguments: [a0, a1, a2].map(|flags| {
                (flags & 1 != 0).then_some(SyscallArgument {
                    writes: flags & 2 != 0,
                    is_cwd: flags & 4 != 0,
                    creates: flags & 8 != 0,
                })
            }),
            in_pieces: in_pieces != 0,
            is_whole: false,
        };
        let mut values = [None; MOST_VALUES];
        for value in &mut values {
            if let Some(length) = some(number()) {
                let length = usize::try_from(length).ok()?;
                let (this, after) = rest.split_at_checked(length)?;
                (*value, rest) = (Some(this), after);
            }
        }
        rest.is_empty().then_some(AuditPiece { kind, details, values })
    }
}

fn only(value: Value<'_>) -> [Value<'_>; MOST_VALUES] {
    [value, None, None, None, None, None, None]
}

/// No number, or no value.
const NONE: u32 = u32::MAX;

/// No kind of audit record.
const NO_KIND: u8 = u8::MAX;

/// The kind, three arguments, whether there are pieces, five numbers and the
/// lengths of values.
const HEAD: usize = 5 + 4 * (5 + MOST_VALUES);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{AuditPath, AuditSyscall};

    #[test]
    fn pieces_come_back_as_they_were() {
        let argument =
            SyscallArgument { writes: true, creates: true, is_cwd: false };
        let details = AuditDetails {
            name: None,
            is_other: false,
            items: Some(2),
            arguments: [None, Some(argument), None],
            argc: None,
            first: (3, 4),
            last: 5,
            in_pieces: true,
            is_whole: false,
        };
        let call = Event::linux(AuditSyscall {
            syscall_name: Some(b"openat"),
            exe: Some(b""),
            parent_process_id: Some(b"7"),
            ..AuditSyscall::default()
        });
        let path = Event::linux(AuditPath {
            name: Some(b"\xff\0"),
            mode: Some(b"0100644"),
            ..AuditPath::default()
        });
        for event in [&call, &path] {
            let piece = AuditPiece::of(event, details).unwrap();
            let mut bytes = Vec::new();
            piece.append(&mut bytes);
            assert_eq!(bytes.len(), piece.size());
            assert_eq!(AuditPiece::read(&bytes), Some(piece));
            for length in 0..bytes.len() {
                assert_eq!(AuditPiece::read(&bytes[..length]), None);
            }
            bytes.push(0);
            assert_eq!(AuditPiece::read(&bytes), None);
        }
    }
}
