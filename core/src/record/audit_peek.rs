/*!
What can be told of an auditd line without reading it: for lines that the
filter passes over, and that may be needed once the others of their event are
there.

They begin with `type=`, and hold what the kernel wrote.
*/

use memchr::{memchr, memrchr};

use super::audit_call::{self, CallHead};
use super::audit_details::{SyscallArgument, name_and_number};
use super::syntax::auditd::{Fields, Form, Label, Text, split};
use super::syscalls;
use crate::Timestamp;
use crate::bytes;
use crate::event::Value;

/// A line's type, the time and serial of its event, and its fields.
struct Line<'a> {
    kind: &'a [u8],
    id: &'a [u8],
    body: &'a [u8],
}

impl<'a> Line<'a> {
    fn new(line: &'a [u8]) -> Option<Line<'a>> {
        let rest = line.strip_prefix(b"type=")?;
        let (kind, rest) = split(rest, memchr(b' ', rest)?);
        let rest = rest.strip_prefix(b" msg=audit(")?;
        let (id, rest) = split(rest, memchr(b')', rest)?);
        let body = rest.strip_prefix(b"):")?;
        Some(Line { kind, id, body })
    }
}

/// Stands before the id of a line's event, and after it.
pub(crate) const AUDIT_HEAD: [&[u8]; 2] = [b" msg=audit(", b"):"];

/// What follows a line's type; nothing where it is no line of auditd's own.
pub(crate) fn audit_rest(line: &[u8]) -> &[u8] {
    let rest = line.strip_prefix(b"type=").unwrap_or_default();
    // As reading does, so that what is read otherwise is none here.
    let end = rest.iter().position(|byte| *byte <= b' ');
    split(rest, end.unwrap_or(rest.len())).1
}

/// What follows the id of a line's event, of which what follows the type is
/// given.
pub(super) fn audit_body(rest: &[u8]) -> &[u8] {
    let [before, after] = AUDIT_HEAD;
    let rest = rest.strip_prefix(before).unwrap_or_default();
    let end = bytes::find_near(b')', rest);
    let (_, rest) = split(rest, end.unwrap_or(rest.len()));
    rest.strip_prefix(after).unwrap_or_default()
}

/// The id and the time of a line's event, of a line as the daemon writes it,
/// of which what follows the type is given; `None` where it has to be read to
/// know.
pub(crate) fn audit_owner(rest: &[u8]) -> Option<(&[u8], Timestamp)> {
    let [before, after] = AUDIT_HEAD;
    let rest = rest.strip_prefix(before)?;
    let (id, rest) = split(rest, bytes::find_near(b')', rest)?);
    if !rest.starts_with(after) {
        return None;
    }
    // Ten digits of seconds, and three more after a point.
    let usual = id.split_at_checked(14);
    let usual = usual
        .and_then(|(time, serial)| Some((time, serial.strip_prefix(b":")?)));
    let (time, serial) = usual.or_else(|| split_id(id))?;
    let is_serial =
        !serial.is_empty() && serial.iter().all(u8::is_ascii_digit);
    let time = usual_time(time).or_else(|| Timestamp::parse_unix(time));
    Some((id, time.filter(|_| is_serial)?))
}

/// The id of the event of a call that plainly did nothing to a file, and
/// started nothing, of a line of which what follows the type is given.
pub(crate) fn idle_call(rest: &[u8]) -> Option<&[u8]> {
    let [before, after] = AUDIT_HEAD;
    let id = rest.strip_prefix(before)?;
    let (id, rest) = split(id, bytes::find_near(b')', id)?);
    let body = rest.strip_prefix(after)?;
    let (time, serial) = id.split_at_checked(14)?;
    let (seconds, milliseconds) = time.split_at_checked(10)?;
    let milliseconds = milliseconds.strip_prefix(b".")?;
    let serial = serial.strip_prefix(b":")?;
    let are_digits = |digits: &[u8]| {
        digits.iter().fold(true, |are, byte| are & byte.is_ascii_digit())
    };
    let is_id = are_digits(seconds)
        && are_digits(milliseconds)
        && are_digits(serial)
        && !serial.is_empty();
    (is_id && audit_call::is_plainly_idle(body)).then_some(id)
}

/// The time as the kernel writes it: seconds, a point and three digits. Every
/// event has one.
fn usual_time(time: &[u8]) -> Option<Timestamp> {
    let (seconds, fraction) = split(time, time.len().checked_sub(4)?);
    let milliseconds = fraction.strip_prefix(b".")?;
    // Ten digits of seconds end in the year 2286.
    if seconds.is_empty() || seconds.len() > 10 {
        return None;
    }
    let seconds = few_digits(seconds)?.checked_mul(10_000_000)?;
    let rest = few_digits(milliseconds)?.checked_mul(10_000)?;
    Some(Timestamp::from_ticks(seconds.checked_add(rest)?))
}

/// A number of at most ten digits, which cannot overflow: in a third of what
/// [`bytes::number`] takes.
fn few_digits(digits: &[u8]) -> Option<i64> {
    let (number, are_digits) =
        digits.iter().fold((0_i64, true), |(number, are_digits), byte| {
            let digit = byte.wrapping_sub(b'0');
            let number = number.wrapping_mul(10).wrapping_add(digit.into());
            (number, are_digits & (digit < 10))
        });
    are_digits.then_some(number)
}

/// Time and serial of an event's id.
pub(super) fn split_id(id: &[u8]) -> Option<(&[u8], &[u8])> {
    let (time, serial) = id.split_at_checked(memrchr(b':', id)?)?;
    Some((time, serial.get(1..)?))
}

/// The id of the event that an EOE ends.
pub(crate) fn audit_end(line: &[u8]) -> Option<&[u8]> {
    if !line.starts_with(b"type=EOE") && !line.starts_with(b"type=1320") {
        return None;
    }
    let Line { kind, id, .. } = Line::new(line)?;
    matches!(kind, b"EOE" | b"1320").then_some(id)
}

/// What a SYSCALL says that decides whether its event is of interest.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct AuditCall<'a> {
    /// The name of the call, if it is known.
    pub(crate) name: Value<'a>,
    /// Whether it is a call that has no name here.
    pub(crate) is_other: bool,
    pub(crate) has_failed: bool,
    /// How many PATH records there are.
    pub(crate) items: Option<u32>,
    /// What its fields are read from, if they stand as usual.
    head: Option<CallHead<'a>>,
    body: &'a [u8],
}

impl<'a> AuditCall<'a> {
    /// Looks into a line, which is a SYSCALL's, of which what follows the type
    /// is given.
    pub(crate) fn new(rest: &'a [u8]) -> AuditCall<'a> {
        let body = audit_body(rest);
        if let Some(head) = CallHead::read(body) {
            return AuditCall {
                name: head.name,
                is_other: head.is_other,
                has_failed: head.success == b"no",
                items: head.items,
                head: Some(head),
                body,
            };
        }
        let mut fields = Fields::new(body, Form::Raw);
        let number = fields
            .plain(&Label::ARCH)
            .zip(name_and_number(fields.plain(&Label::SYSCALL)).1);
        let name =
            number.and_then(|(arch, number)| syscalls::name(arch, number));
        let is_known =
            number.is_some_and(|(arch, _)| syscalls::is_known(arch));
        let has_failed = fields.plain(&Label::SUCCESS) == Some(b"no");
        // As reading does: each is looked for from the one before.
        for label in [&Label::A0, &Label::A1, &Label::A2] {
            fields.plain(label);
        }
        let items = fields.plain(&Label::ITEMS).and_then(bytes::number);
        let items = items.and_then(|items| u32::try_from(items).ok());
        let is_other = is_known && name.is_none();
        AuditCall { name, is_other, has_failed, items, head: None, body }
    }

    /// An argument, by its place.
    pub(crate) fn argument(&self, place: usize) -> Option<SyscallArgument> {
        if let Some(arguments) = self.head.and_then(|head| head.arguments()) {
            return SyscallArgument::read(arguments.get(place)?);
        }
        let mut fields = Fields::new(self.body, Form::Raw);
        for label in [&Label::ARCH, &Label::SYSCALL, &Label::SUCCESS] {
            fields.plain(label);
        }
        let arguments = [
            fields.plain(&Label::A0),
            fields.plain(&Label::A1),
            fields.plain(&Label::A2),
        ];
        SyscallArgument::read((*arguments.get(place)?)?)
    }
}

/// Whether an EXECVE holds all arguments, each in one piece and in quotes.
pub(crate) fn has_all_arguments(line: &[u8]) -> bool {
    let argc = |line: &Line<'_>| -> Option<bool> {
        let text = line.body.trim_ascii_start().strip_prefix(b"argc=")?;
        let (argc, length) = Text::read(text, Form::Raw);
        let argc = bytes::number(argc.bytes)?;
        let mut rest = split(text, length).1;
        let mut count = 0_i64;
        while !rest.is_empty() {
            rest = rest.strip_prefix(b" a")?;
            let (number, after) = split(rest, memchr(b'=', rest)?);
            if bytes::number(number)? != count {
                return None;
            }
            let value = after.strip_prefix(b"=\"")?;
            rest = bytes::after(value, memchr(b'"', value)?);
            count = count.saturating_add(1);
        }
        Some(count == argc)
    };
    let line = Line::new(line.trim_ascii_end());
    line.as_ref().and_then(argc).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &[u8] = b"type=SYSCALL msg=audit(1.002:3): arch=c000003e \
        syscall=59 success=no exit=-2 a0=1 items=2 ppid=5 pid=6 \
        comm=\"x\" exe=2F6220 key=(null)";

    #[test]
    fn lines_are_looked_into() {
        let (id, time) = audit_owner(audit_rest(CALL)).unwrap();
        assert_eq!((id, time.ticks()), (&b"1.002:3"[..], 10_020_000));
        assert!(audit_rest(CALL).starts_with(b" msg=audit(1.002:3): a"));
        let call = AuditCall::new(audit_rest(CALL));
        assert_eq!(call.items, Some(2));
        assert_eq!(call.name, Some(&b"execve"[..]));
        assert!(call.has_failed);
        assert_eq!(audit_end(CALL), None);
        let end = b"type=EOE msg=audit(1.002:3): ";
        assert_eq!(audit_end(end), Some(&b"1.002:3"[..]));
        for line in [
            &b""[..],
            b"type=",
            b"type=SYSCALL msg=audit(",
            b"type=SYSCALL msg=audit(1.002:x): items=1",
            b"type=SYSCALL msg=audit(11/14/2023 22:13:20.101:5) : items=1",
            b"type=SYSCALL audit(1.002:3): items=1",
            b"type=SYSCALL\0 msg=audit(1.002:3): items=1",
        ] {
            assert_eq!(audit_owner(audit_rest(line)), None);
            assert_eq!(AuditCall::new(audit_rest(line)).name, None);
        }
    }

    #[test]
    fn arguments_are_all_there_or_not() {
        for (fields, expected) in [
            (r#"argc=2 a0="x" a1="--color=auto""#, true),
            (r#"argc=0"#, true),
            (r#"argc=2 a0="x""#, false),
            (r#"argc=1 a0=6120"#, false),
            (r#"argc=2 a0="x" a1=6120"#, false),
            (r#"argc=2 a0="x" a1_len=9 a1[0]="abc""#, false),
            (r#"a1="x""#, false),
            (r#"argc=1 a0="cut"#, false),
            (r#"argc=1 a1="x""#, false),
            ("", false),
        ] {
            let line = format!("type=EXECVE msg=audit(1.002:3): {fields}");
            assert_eq!(has_all_arguments(line.as_bytes()), expected, "{line}");
        }
    }
}
