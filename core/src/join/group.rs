/*!
The records of one audit event, until all of them are there.
*/

use super::effect::Effect;
use super::owner::Owner;
use crate::event::EventKind;
use crate::memory::held;
use crate::record::{
    self, AUDIT_HEAD, AUDIT_KINDS, AuditCall, AuditDetails, AuditPiece,
    SyscallArgument,
};
use crate::state::{Content, StateError, Writer, corrupt};
use crate::time::Timestamp;

/// Most bytes that are kept of the records of one event. Linux lets a program
/// have 2 MiB of arguments; nearly all have less than 4 KiB.
const MOST_BYTES: usize = 256 << 10;

/// Most records that are kept of one event: 2 MiB of arguments take 280.
const MOST_RECORDS: usize = 512;

/// Most records and pieces: a raw record may hold several of an event's.
const MOST_HELD: usize = 4 * MOST_RECORDS;

/// What came of one audit event: its records as they are, or what was read of
/// them, and what tells whether it is over and of interest.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// What follows the type in a raw line of the event (` msg=audit(`, time
    /// and serial, `):`), and the host.
    owner: Vec<u8>,
    /// Where the host begins.
    head: usize,
    /// Hash of the host.
    pub(super) host: u64,
    pub(super) time: Option<Timestamp>,
    /// Records, one after the other.
    bytes: Vec<u8>,
    held: Vec<Held>,
    /// Numbers of its raw records in the stream.
    pub(super) records: Vec<u64>,
    seen: Seen,
}

/// A record that is held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub(super) record: u64,
    /// Where it ends; it begins where the one before it ends.
    end: usize,
    pub(super) kind: EventKind,
    /// Whether it is a line of auditd's own. Else it is an [`AuditPiece`].
    pub(super) is_line: bool,
}

/// What has come of an event.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    call: Option<Call>,
    paths: u32,
    has_execve: bool,
    /// Whether one record has all arguments.
    has_all_arguments: bool,
    /// How many arguments there are: the first of several records says it.
    argc: Option<u32>,
    /// The last argument that came, or the first piece of it.
    last_argument: u32,
    has_cwd: bool,
    has_title: bool,
}

/// What SYSCALL says of what is to come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Call {
    /// Whether it runs a program.
    is_run: bool,
    /// Whether nothing comes of it: it failed, or only looked at files.
    pub(super) is_idle: bool,
    /// How many PATH records there are.
    items: Option<u32>,
}

impl Call {
    /// Looks into a line, of which what follows the type is given.
    pub(super) fn of_line(rest: &[u8]) -> Call {
        let call = AuditCall::new(rest);
        let AuditCall { name, is_other, has_failed, items, .. } = call;
        let argument = |place| call.argument(place);
        Call::new(name, has_failed, is_other, items, argument)
    }

    /// Looks into what was read.
    pub(super) fn of_piece(piece: &AuditPiece<'_>) -> Call {
        let AuditDetails { name, is_other, items, arguments, .. } =
            piece.details;
        let has_failed = piece.call().success == Some(b"no");
        let argument = |place: usize| arguments.get(place).copied().flatten();
        Call::new(name, has_failed, is_other, items, argument)
    }

    fn new(
        name: Option<&[u8]>,
        has_failed: bool,
        is_other: bool,
        items: Option<u32>,
        argument: impl Fn(usize) -> Option<SyscallArgument>,
    ) -> Call {
        let (effect, _) = Effect::of(name);
        let is_idle = has_failed
            || is_other && items == Some(0)
            || effect.is_idle(argument);
        Call { is_run: effect == Effect::Runs, is_idle, items }
    }
}

impl Group {
    /// Begins an event.
    pub(super) fn begin(&mut self, owner: Owner<'_>, host: u64) {
        debug_assert!(self.owner.is_empty() && self.held.is_empty());
        let [before, after] = AUDIT_HEAD;
        for part in [before, owner.id, after] {
            self.owner.extend_from_slice(part);
        }
        self.head = self.owner.len();
        self.owner.extend_from_slice(owner.host);
        self.host = host;
        self.time = owner.time;
    }

    /// Whose records these are.
    pub(super) fn owner(&self) -> Owner<'_> {
        let [before, after] = AUDIT_HEAD;
        let (head, host) =
            self.owner.split_at_checked(self.head).unwrap_or_default();
        let id = head.strip_prefix(before);
        let id = id.and_then(|id| id.strip_suffix(after));
        debug_assert!(id.is_some(), "an event without an id");
        let id = id.unwrap_or_default();
        Owner { id, host, time: self.time }
    }

    pub(super) fn is_of(&self, owner: Owner<'_>) -> bool {
        let own = self.owner();
        own.id == owner.id && own.host == owner.host
    }

    /// Whether a line of auditd's own, of which what follows the type is
    /// given, is of the event, if it is of this host.
    pub(super) fn has(&self, rest: &[u8], host: &[u8]) -> bool {
        let parts = self.owner.split_at_checked(self.head);
        parts.is_some_and(|(head, own)| rest.starts_with(head) && own == host)
    }

    /// Bytes held.
    pub(super) fn size(&self) -> usize {
        let Group { owner, bytes, held, records, .. } = self;
        Group::sum(owner.len(), bytes.len(), held.len(), records.len())
    }

    /// Bytes of memory held.
    pub(super) fn memory_usage(&self) -> usize {
        let lists = [held(&self.owner), held(&self.bytes), held(&self.held)];
        lists.into_iter().chain([held(&self.records)]).sum()
    }

    /// Bytes that there is room for.
    pub(super) fn room(&self) -> usize {
        let Group { owner, bytes, held, records, .. } = self;
        Group::sum(
            owner.capacity(),
            bytes.capacity(),
            held.capacity(),
            records.capacity(),
        )
    }

    fn sum(owner: usize, bytes: usize, held: usize, records: usize) -> usize {
        let held = held.saturating_mul(size_of::<Held>());
        let records = records.saturating_mul(size_of::<u64>());
        let lists = held.saturating_add(records);
        owner.saturating_add(bytes).saturating_add(lists)
    }

    /// Makes ready for another event; keeps the memory.
    pub(super) fn clear(&mut self) {
        self.owner.clear();
        self.bytes.clear();
        self.held.clear();
        self.records.clear();
        self.seen = Seen::default();
    }

    /// Keeps a line that was not read. Returns whether there was room.
    pub(super) fn hold_line(
        &mut self,
        kind: EventKind,
        line: &[u8],
        call: Option<Call>,
        record: u64,
    ) -> bool {
        // The files of a process that starts are of no use.
        let is_of_use = self.see_line(kind, call)
            && !(kind == EventKind::AuditPath
                && self.seen.call.is_some_and(|call| call.is_run));
        if !is_of_use {
            return self.note(record, 0);
        }
        let has_room = self.note(record, line.len());
        if has_room {
            self.bytes.extend_from_slice(line);
            let end = self.bytes.len();
            self.held.push(Held { record, end, kind, is_line: true });
        }
        has_room
    }

    /// Keeps what was read of a record. Returns whether there was room.
    pub(super) fn hold_piece(
        &mut self,
        piece: &AuditPiece<'_>,
        call: Option<Call>,
        record: u64,
    ) -> bool {
        if !self.see_piece(piece, call) {
            return self.note(record, 0);
        }
        let has_room = self.note(record, piece.size());
        if has_room {
            piece.append(&mut self.bytes);
            let end = self.bytes.len();
            let kind = piece.kind;
            self.held.push(Held { record, end, kind, is_line: false });
        }
        has_room
    }

    /// Notes a record. Returns whether there is room for it.
    fn note(&mut self, record: u64, bytes: usize) -> bool {
        let size = self.bytes.len().saturating_add(bytes);
        // One raw record may hold several of an event's.
        let is_new = self.records.last() != Some(&record);
        if size > MOST_BYTES
            || self.held.len() >= MOST_HELD
            || is_new && self.records.len() >= MOST_RECORDS
        {
            return false;
        }
        if is_new {
            self.records.push(record);
        }
        true
    }

    fn see_line(&mut self, kind: EventKind, call: Option<Call>) -> bool {
        // The filter has others read.
        if kind == EventKind::AuditExecve {
            self.seen.has_all_arguments = true;
        }
        self.see(kind, call)
    }

    fn see_piece(
        &mut self,
        piece: &AuditPiece<'_>,
        call: Option<Call>,
    ) -> bool {
        let AuditDetails { argc, first, last, in_pieces, .. } = piece.details;
        if piece.kind == EventKind::AuditExecve {
            let seen = &mut self.seen;
            let is_all =
                argc.is_some_and(|argc| last.checked_add(1) == Some(argc));
            seen.has_all_arguments |= first == (0, 0) && !in_pieces && is_all;
            seen.argc = seen.argc.or(argc);
            seen.last_argument = seen.last_argument.max(last);
        }
        self.see(piece.kind, call)
    }

    /// Notes that a record has come. Returns whether it is of use: of SYSCALL,
    /// CWD and PROCTITLE an event has one, and of what did nothing none is.
    fn see(&mut self, kind: EventKind, call: Option<Call>) -> bool {
        let seen = &mut self.seen;
        let is_new = match kind {
            EventKind::AuditSyscall if seen.call.is_some() => false,
            EventKind::AuditSyscall => {
                seen.call = call;
                true
            }
            EventKind::AuditCwd => {
                !core::mem::replace(&mut seen.has_cwd, true)
            }
            EventKind::AuditProctitle => {
                !core::mem::replace(&mut seen.has_title, true)
            }
            EventKind::AuditExecve => {
                seen.has_execve = true;
                true
            }
            _ => {
                seen.paths = seen.paths.saturating_add(1);
                true
            }
        };
        is_new && !seen.call.is_some_and(|call| call.is_idle)
    }

    /// Whether nothing is missing, for certain: SYSCALL and all that it and
    /// EXECVE promise. Of an argument in pieces only the title, which is
    /// written last, tells that there are no more.
    pub(super) fn is_complete(&self) -> bool {
        let Seen { has_all_arguments, has_title, .. } = self.seen;
        self.has_records(has_all_arguments || has_title)
    }

    /// Whether nothing is missing, as far as that can be told.
    pub(super) fn is_whole(&self) -> bool {
        let Seen { has_all_arguments, argc, last_argument, .. } = self.seen;
        let has_last =
            argc.is_some_and(|argc| last_argument.saturating_add(1) >= argc);
        self.has_records(has_all_arguments || has_last)
    }

    fn has_records(&self, has_arguments: bool) -> bool {
        let Seen { call, paths, has_execve, has_title, .. } = self.seen;
        let Some(Call { is_run, is_idle, items }) = call else {
            return false;
        };
        // Of what did nothing, nothing is missed.
        if is_idle {
            return true;
        }
        let has_paths = items.map_or(has_title, |items| paths >= items);
        has_paths
            && match has_execve {
                true => has_arguments,
                false => !is_run,
            }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.seen.call.is_some_and(|call| call.is_idle)
    }

    pub(super) fn has_call(&self) -> bool {
        self.seen.call.is_some()
    }

    pub(super) fn has_execve(&self) -> bool {
        self.seen.has_execve
    }

    /// Whether a program was started, as far as is known.
    pub(super) fn is_process(&self) -> bool {
        let Seen { call, has_execve, .. } = self.seen;
        has_execve || call.is_some_and(|call| call.is_run)
    }

    /// Whether something was done that makes an event: nothing is of a call
    /// that failed or only looked, and no file without PATH.
    pub(super) fn is_done(&self) -> bool {
        !self.is_idle() && (self.is_process() || self.seen.paths > 0)
    }

    /// Its records, as they came.
    pub(super) fn held(&self) -> impl Iterator<Item = (Held, &[u8])> {
        let mut start = 0;
        self.held.iter().map(move |held| {
            let bytes = self.bytes.get(start..held.end);
            debug_assert!(bytes.is_some(), "no bytes of {held:?}");
            start = held.end;
            (*held, bytes.unwrap_or_default())
        })
    }

    /// Writes all but the owner.
    pub(super) fn save(&self, writer: &mut Writer) {
        let Seen {
            call,
            paths,
            has_execve,
            has_all_arguments,
            argc,
            last_argument,
            has_cwd,
            has_title,
        } = self.seen;
        let Call { is_run, is_idle, items } = call.unwrap_or_default();
        for truth in [
            call.is_some(),
            is_run,
            is_idle,
            items.is_some(),
            argc.is_some(),
            has_execve,
            has_all_arguments,
            has_cwd,
            has_title,
        ] {
            writer.byte(u8::from(truth));
        }
        let [items, argc] = [items, argc].map(Option::unwrap_or_default);
        for number in [items, argc, paths, last_argument] {
            writer.number(u64::from(number));
        }
        writer.number(self.held.len() as u64);
        for (held, bytes) in self.held() {
            writer.number(held.record);
            let kind = AUDIT_KINDS.iter().position(|kind| *kind == held.kind);
            debug_assert!(kind.is_some(), "{} is not held", held.kind);
            writer.number(kind.unwrap_or_default() as u64);
            writer.byte(u8::from(held.is_line));
            writer.text(bytes);
        }
        writer.number(self.records.len() as u64);
        for record in &self.records {
            writer.number(*record);
        }
    }

    /// Takes what [`save`](Group::save) wrote, into a group that has just
    /// begun.
    pub(super) fn restore(
        &mut self,
        content: &mut Content<'_>,
    ) -> Result<(), StateError> {
        let mut truths = [false; 9];
        for truth in &mut truths {
            *truth = content.truth()?;
        }
        let [has_call, is_run, is_idle, has_items, rest @ ..] = truths;
        let [has_argc, has_execve, has_all_arguments, rest @ ..] = rest;
        let [has_cwd, has_title] = rest;
        let mut small = || u32::try_from(content.number()?).or(Err(corrupt()));
        let [items, argc, paths] = [small()?, small()?, small()?];
        let last_argument = small()?;
        let items = has_items.then_some(items);
        let call = Call { is_run, is_idle, items };
        self.seen = Seen {
            call: has_call.then_some(call),
            paths,
            has_execve,
            has_all_arguments,
            argc: has_argc.then_some(argc),
            last_argument,
            has_cwd,
            has_title,
        };
        let Owner { id, .. } = self.owner();
        let id = id.to_vec();
        for _ in 0..content.number()? {
            let record = content.number()?;
            let kind = usize::try_from(content.number()?).ok();
            let kind = kind.and_then(|at| AUDIT_KINDS.get(at).copied());
            let kind = kind.ok_or_else(corrupt)?;
            let is_line = content.truth()?;
            let bytes = content.text()?;
            let is_own = match is_line {
                true => {
                    record::audit_owner(record::audit_rest(bytes))
                        .is_some_and(|(own, _)| own == id)
                        && record::audit_kind(bytes) == Some(Some(kind))
                }
                false => AuditPiece::read(bytes)
                    .is_some_and(|piece| piece.kind == kind),
            };
            let size = self.bytes.len().saturating_add(bytes.len());
            if !is_own || size > MOST_BYTES || self.held.len() >= MOST_HELD {
                return Err(corrupt());
            }
            self.bytes.extend_from_slice(bytes);
            let end = self.bytes.len();
            self.held.push(Held { record, end, kind, is_line });
        }
        for _ in 0..content.number()? {
            if self.records.len() >= MOST_RECORDS {
                return Err(corrupt());
            }
            self.records.push(content.number()?);
        }
        match self.records.is_empty() {
            true => Err(corrupt()),
            false => Ok(()),
        }
    }
}
