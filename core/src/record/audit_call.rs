/*!
A SYSCALL as the kernel writes it: its fields in the order that all kernels
have had since 2.6, one blank after each.

Every audit event has one, so it is looked into whenever records are joined.
Word by word, and no further than is needed, takes a sixth of what
[`Fields`](super::syntax::auditd::Fields) do, which find a field wherever it
stands. Whatever is not exactly in that order is none here, and is read by
them.
*/

use memchr::memchr;

use super::audit_details::{AuditDetails, SyscallArgument};
use super::audit_piece::{AuditPiece, CallValues};
use super::syntax::auditd::{ENRICHED, split};
use super::syscalls;
use crate::bytes;

/// What the first fields say, up to how many PATHs there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct CallHead<'a> {
    pub(super) name: Option<&'static [u8]>,
    pub(super) is_other: bool,
    pub(super) success: &'a [u8],
    pub(super) items: Option<u32>,
    /// From the arguments on.
    arguments: Words<'a>,
    /// What follows them.
    after_arguments: usize,
    rest: Words<'a>,
}

const HEAD: [Name; 4] = [
    Name::new(b"arch="),
    Name::new(b"syscall="),
    Name::new(b"success="),
    Name::new(b"exit="),
];

const ARGUMENTS: [Name; 4] = [
    Name::new(b"a0="),
    Name::new(b"a1="),
    Name::new(b"a2="),
    Name::new(b"a3="),
];

const ITEMS: [Name; 1] = [Name::new(b"items=")];

const IDS: [Name; 4] = [
    Name::new(b"ppid="),
    Name::new(b"pid="),
    Name::new(b"auid="),
    Name::new(b"uid="),
];

/// What stands between those and the command.
const OTHERS: [Name; 9] = [
    Name::new(b"gid="),
    Name::new(b"euid="),
    Name::new(b"suid="),
    Name::new(b"fsuid="),
    Name::new(b"egid="),
    Name::new(b"sgid="),
    Name::new(b"fsgid="),
    Name::new(b"tty="),
    Name::new(b"ses="),
];

/// What an enriching daemon adds.
const NAMES: [Name; 2] = [Name::new(b"ARCH="), Name::new(b"SYSCALL=")];

/// Whether a call plainly did nothing to a file, and started nothing: it
/// failed, or it is one that has no name here and names no file. Three of four
/// calls of a server's log are such, and this takes a quarter of what reading
/// a [`CallHead`] does.
///
/// What follows `audit(..):` is given. A call that looks otherwise than most
/// is none here.
pub(super) fn is_plainly_idle(body: &[u8]) -> bool {
    let told = || {
        let (arch, rest) =
            body.strip_prefix(b" arch=")?.split_at_checked(8)?;
        let rest = rest.strip_prefix(b" syscall=")?;
        let (number, rest) = split(rest, bytes::find_near(b' ', rest)?);
        let rest = rest.strip_prefix(b" success=")?;
        if !is_number(number) {
            return None;
        }
        if rest.starts_with(b"no exit=") {
            return Some(true);
        }
        let rest = rest.strip_prefix(b"yes exit=")?;
        if !syscalls::is_other(arch, number) {
            return None;
        }
        // The numbers between are in hex, and have no such letter.
        let (between, rest) = split(rest, memchr(b'i', rest)?);
        Some(between.ends_with(b" ") && rest.starts_with(b"items=0 "))
    };
    told().unwrap_or(false)
}

impl<'a> CallHead<'a> {
    /// Reads what follows `audit(..):`.
    pub(super) fn read(body: &'a [u8]) -> Option<CallHead<'a>> {
        let mut words = Words(body.strip_prefix(b" ")?);
        let [arch, number, success, _] = words.values(&HEAD)?;
        // The arguments are numbers in hex, which have no such letter.
        let arguments = words;
        let (between, rest) = split(words.0, memchr(b'i', words.0)?);
        if !between.is_empty() && !between.ends_with(b" ") {
            return None;
        }
        words = Words(rest);
        let [items] = words.values(&ITEMS)?;
        if !is_plain(success) || !is_number(number) || !is_number(items) {
            return None;
        }
        let name = syscalls::name(arch, number);
        let items = bytes::number(items);
        Some(CallHead {
            name,
            is_other: name.is_none() && syscalls::is_known(arch),
            success,
            items: items.and_then(|items| u32::try_from(items).ok()),
            arguments,
            after_arguments: rest.len(),
            rest: words,
        })
    }

    /// The first three arguments.
    pub(super) fn arguments(&self) -> Option<[&'a [u8]; 3]> {
        let mut words = self.arguments;
        let [a0, a1, a2, _] = words.values(&ARGUMENTS)?;
        let arguments = [a0, a1, a2];
        let is_all = words.0.len() == self.after_arguments;
        (is_all && arguments.into_iter().all(is_plain)).then_some(arguments)
    }

    /// Reads the other fields that a joined event needs; what follows the
    /// record on its line has been taken away.
    pub(super) fn piece(self) -> Option<AuditPiece<'a>> {
        let arguments = self.arguments()?;
        let CallHead { name, is_other, success, items, .. } = self;
        let mut words = self.rest;
        let [parent_process_id, process_id, _, uid] = words.values(&IDS)?;
        words.values(&OTHERS)?;
        let are_plain =
            [parent_process_id, process_id].into_iter().all(is_plain);
        if !are_plain || !is_number(uid) {
            return None;
        }
        let exe = words.after(b"comm=")?.quoted(b"exe=")?;
        if words.0.starts_with(b"subj=") {
            words.after(b"subj=")?;
        }
        let enriched = words.last(b"key=")?;
        let mut names = [None; 2];
        if !enriched.is_empty() {
            words = Words(enriched);
            let [_, name] = words.values(&NAMES)?;
            words.quoted(b"AUID=")?;
            names = [Some(name), Some(words.quoted(b"UID=")?)];
        }
        let [enriched_name, uid_name] = names;
        let values = CallValues {
            name: name.or(enriched_name),
            success: Some(success),
            exe: Some(exe),
            uid: Some(uid),
            uid_name,
            process_id: Some(process_id),
            parent_process_id: Some(parent_process_id),
        };
        let details = AuditDetails {
            name,
            is_other,
            items,
            arguments: match syscalls::may_have_files(name, is_other) {
                true => arguments.map(SyscallArgument::read),
                false => [None; 3],
            },
            ..AuditDetails::default()
        };
        Some(AuditPiece::of_call(values, details))
    }
}

/// Whether a value is one: something in brackets stands for none.
fn is_plain(value: &[u8]) -> bool {
    value.first() != Some(&b'(')
}

fn is_number(value: &[u8]) -> bool {
    value.iter().all(u8::is_ascii_digit)
}

/// The name of a field with its equals sign, in one word: a comparison by
/// length and call took longer than finding the value's end.
struct Name {
    word: u64,
    mask: u64,
    length: usize,
}

impl Name {
    const fn new(name: &[u8]) -> Name {
        let (mut word, mut mask, mut left) = (0, 0, name);
        while let [rest @ .., last] = left {
            word = word << 8 | *last as u64;
            mask = mask << 8 | 0xff;
            left = rest;
        }
        Name { word, mask, length: name.len() }
    }
}

/// What is left of the fields.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Words<'a>(&'a [u8]);

impl<'a> Words<'a> {
    /// The values of the next fields, which have to have these names and no
    /// quotes.
    fn values<const N: usize>(
        &mut self,
        names: &[Name; N],
    ) -> Option<[&'a [u8]; N]> {
        let mut values = [&b""[..]; N];
        let mut rest = self.0;
        for (name, value) in names.iter().zip(&mut values) {
            let word = u64::from_le_bytes(*rest.first_chunk()?);
            if word & name.mask != name.word {
                return None;
            }
            let text = rest.get(name.length..)?;
            let end = bytes::find_near(b' ', text)?;
            if text.first() == Some(&b'"') {
                return None;
            }
            (*value, rest) = text.split_at_checked(end)?;
            rest = rest.get(1..)?;
        }
        self.0 = rest;
        Some(values)
    }

    /// Passes over the next field; its value may be quoted.
    fn after(&mut self, name: &[u8]) -> Option<&mut Words<'a>> {
        let text = self.0.strip_prefix(name)?;
        let end = match text.strip_prefix(b"\"") {
            Some(inside) => bytes::find_near(b'"', inside)?.checked_add(2)?,
            None => bytes::find_near(b' ', text)?,
        };
        self.0 = text.get(end..)?.strip_prefix(b" ")?;
        Some(self)
    }

    /// The value of the next field, which has to be in quotes.
    fn quoted(&mut self, name: &[u8]) -> Option<&'a [u8]> {
        let text = self.0.strip_prefix(name)?.strip_prefix(b"\"")?;
        let end = bytes::find_near(b'"', text)?;
        let (value, rest) = text.split_at_checked(end)?;
        self.0 = rest.strip_prefix(b"\" ")?;
        Some(value)
    }

    /// The last field that the kernel writes; returns what the daemon adds.
    fn last(&self, name: &[u8]) -> Option<&'a [u8]> {
        let text = self.0.strip_prefix(name)?;
        let end = match text.strip_prefix(b"\"") {
            Some(inside) => memchr(b'"', inside)?.checked_add(2)?,
            None => {
                let ends = |byte: &u8| matches!(byte, &ENRICHED | b' ' | b'=');
                text.iter().position(ends).unwrap_or(text.len())
            }
        };
        match split(text, end).1 {
            [] => Some(b""),
            [first, rest @ ..] => {
                (*first == ENRICHED && !rest.is_empty()).then_some(rest)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::audit_peek::{AuditCall, audit_body, audit_rest};
    use super::super::auditd::read_any_line;
    use super::*;
    use crate::event::EventKind;

    const RAW: &str = "type=SYSCALL msg=audit(1700000000.042:77): \
        arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=55d0 \
        a2=241 a3=1b6 items=2 ppid=31 pid=32 auid=1000 uid=0 gid=0 euid=0 \
        suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=3 comm=\"sh\" \
        exe=\"/usr/bin/sh\" subj=unconfined key=\"cron\"";
    const ENRICHED_LINE: &str = "\u{1d}ARCH=x86_64 SYSCALL=openat \
        AUID=\"ann\" UID=\"root\" GID=\"root\"";

    fn read(line: &str) -> Option<AuditPiece<'_>> {
        CallHead::read(audit_body(audit_rest(line.as_bytes())))?.piece()
    }

    #[test]
    fn usual_lines_are_read() {
        let bare = RAW.replace("\"cron\"", "(null)");
        for line in [
            RAW.to_string(),
            bare.clone(),
            bare.replace(" subj=unconfined", ""),
            bare.replace("comm=\"sh\"", "comm=612062"),
            format!("{RAW}{ENRICHED_LINE}"),
            format!("{bare}{ENRICHED_LINE}"),
        ] {
            let piece = read(&line);
            assert!(piece.is_some(), "{line}");
            let uid_name = piece.and_then(|piece| piece.call().uid_name);
            let is_enriched = line.contains("ARCH");
            assert_eq!(uid_name, is_enriched.then_some(&b"root"[..]));
        }
    }

    /// Each line, with each byte changed, cut or doubled.
    #[test]
    fn what_is_read_is_what_is_read_of_fields_in_any_order() {
        let enriched = format!("{RAW}{ENRICHED_LINE}");
        let bare = RAW.replace("\"cron\"", "(null)");
        let mut seen = [0_u32; 3];
        let mut compare = |line: &[u8]| {
            let line = line.trim_ascii_end();
            let rest = audit_rest(line);
            if is_plainly_idle(audit_body(rest)) {
                let kind = EventKind::AuditSyscall;
                read_any_line(kind, line, &mut Vec::new(), |piece| {
                    let AuditDetails { is_other, items, .. } = piece.details;
                    let is_idle = piece.call().success == Some(b"no")
                        || is_other && items == Some(0);
                    assert!(is_idle, "{}", String::from_utf8_lossy(line));
                });
                seen[2] += 1;
            }
            let Some(head) = CallHead::read(audit_body(rest)) else {
                return seen[0] += 1;
            };
            let call = AuditCall::new(rest);
            assert_eq!((call.name, call.items), (head.name, head.items));
            let Some(piece) = head.piece() else { return seen[0] += 1 };
            seen[1] += 1;
            let kind = EventKind::AuditSyscall;
            read_any_line(kind, line, &mut Vec::new(), |other| {
                let line = String::from_utf8_lossy(line);
                assert_eq!(&piece, other, "{line}");
            });
        };
        let failed = RAW.replace("success=yes", "success=no");
        let other = bare.replace("syscall=257", "syscall=42");
        let other = other.replace("items=2", "items=0");
        let both = format!("{bare}{ENRICHED_LINE}");
        for line in [RAW, &bare, &enriched, &both, &failed, &other] {
            let line = line.as_bytes();
            // The head is the caller's to look at.
            let body = line.len() - audit_body(audit_rest(line)).len();
            for at in body..line.len() {
                compare(&line[..at]);
                for byte in *b"\x1d\" =(A0:x_" {
                    let mut changed = line.to_vec();
                    changed[at] = byte;
                    compare(&changed);
                    changed.insert(at, line[at]);
                    compare(&changed);
                }
                for other in [" uid=7", " exe=\"/x\"", " key=", "\u{1d}UID="] {
                    let mut longer = line.to_vec();
                    longer.splice(at..at, other.bytes());
                    compare(&longer);
                }
            }
        }
        assert!(seen.iter().all(|count| *count > 1000), "{seen:?}");
    }
}
