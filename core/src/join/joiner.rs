/*!
Audit records that wait for the others of their event.
*/

use std::collections::VecDeque;

use super::assembly::{Assembly, Joined};
use super::counts::JoinCounts;
use super::group::{Call, Group};
use super::keys::{Done, hash};
use super::open::OpenEvents;
use super::owner::Owner;
use super::processes::Processes;
use super::scripts::Scripts;
use crate::event::{Event, EventKind, EventKinds, Field};
use crate::memory::held;
use crate::record::{self, AUDIT_HEAD, AuditDetails, AuditPiece};
use crate::time::Timestamp;

/// Keeps audit records until all of their event are there, and the parts of
/// [`Scripts`].
///
/// Holds at most [`MOST_OPEN`] events, of at most [`MOST_HELD`] bytes
/// together, and 1 MiB of [`Processes`]. Memory grows as it is used and is
/// kept.
#[derive(Debug, Default)]
pub(crate) struct Joiner {
    /// The host of records that name none; empty where it is not known.
    pub(super) own_host: Box<[u8]>,
    own_hash: u64,
    /// Events that have begun and not ended, by the number of their group.
    pub(super) open: OpenEvents,
    /// Those of them that end together.
    over: Vec<(u64, usize)>,
    /// What came of events, open or ended; others are spare.
    pub(super) groups: Vec<Group>,
    spare: Vec<usize>,
    /// Events that have ended and were not taken yet.
    ended: VecDeque<usize>,
    /// Group of the open event that the last record was of.
    pub(super) last: Option<usize>,
    /// Events that ended last.
    pub(super) done: Done,
    /// What follows the type in lines of the last event that did nothing: what
    /// comes of it is passed over without another look.
    idle: Vec<u8>,
    /// Bytes that open events hold.
    pub(super) held: usize,
    /// Bytes that all groups have room for.
    pub(super) room: usize,
    pub(super) processes: Processes,
    pub(super) scripts: Scripts,
    /// The event that is put together.
    assembly: Assembly,
    /// Whether its records stand together in the raw record that is read.
    is_whole: bool,
    /// Holds values that are decoded.
    buffer: Vec<u8>,
    /// Kinds of joined event that are asked for.
    pub(super) wanted: EventKinds,
    pub(super) counts: JoinCounts,
}

/// What the event of a record is.
enum Whose {
    /// It is open, in this group.
    Open(usize),
    /// It has ended.
    Ended,
    /// It does nothing, by its call, which is the first that comes of it.
    Idle,
}

/// Audit events of which some records have come and others have not. On one
/// host a handful are open at any time; a central log of many hosts has more.
pub(super) const MOST_OPEN: usize = 1024;

/// Most bytes that all open events hold together, beside what one record
/// brings.
pub(super) const MOST_HELD: usize = 16 << 20;

/// How much younger a record of another event is when an event is taken to be
/// over, in ticks of 100 ns: two seconds, as auparse and go-libaudit have it.
const MOST_AGE: i64 = 2 * 10_000_000;

impl Joiner {
    /// One that makes events of some kinds. `own_host` is that of records
    /// which name none.
    pub(crate) fn new(wanted: EventKinds, own_host: Option<&[u8]>) -> Joiner {
        let own_host = own_host.unwrap_or_default();
        let own_hash = hash(0, own_host);
        let own_host = own_host.into();
        Joiner { wanted, own_host, own_hash, ..Joiner::default() }
    }

    /// Bytes of memory held, but for the event that is put together, which is
    /// small.
    pub(crate) fn memory_usage(&self) -> usize {
        let groups = self.groups.iter().map(Group::memory_usage);
        let lists = [held(&self.groups), held(&self.spare), held(&self.over)];
        let more = [held(&self.buffer), self.processes.memory_usage()];
        let lists = lists.into_iter().chain([self.open.memory_usage()]);
        let scripts = self.scripts.memory_usage();
        groups.chain(lists).chain(more).chain([scripts]).sum()
    }

    /// Takes an event that was read; others than audit records and script
    /// blocks pass by. Where one raw record holds all records of an event, it goes out when the
    /// next event comes, or with [`end_record`](Joiner::end_record).
    ///
    /// Returns whether a new process tells all that the record says of jobs:
    /// EXECVE's arguments, and a title that has their beginning.
    pub(crate) fn observe(
        &mut self,
        event: &Event<'_>,
        details: AuditDetails,
        record: u64,
        sink: &mut Joined<'_>,
    ) -> bool {
        if event.kind() == EventKind::ScriptBlock {
            if self.wanted.contains(EventKind::ScriptBlock) {
                self.scripts.observe(event, record, &mut self.counts);
            }
            return false;
        }
        let Some(piece) = AuditPiece::of(event, details) else { return false };
        let Some(id) = event.get(Field::AuditId) else { return false };
        let is_arguments = piece.kind == EventKind::AuditExecve;
        let host = event.host.unwrap_or_default();
        let owner = Owner { id, host, time: event.time };
        if details.is_whole {
            if !self.is_whole || !self.assembly.is_of(owner) {
                self.end_record(sink);
                self.assembly.begin(owner, hash(0, host));
                self.is_whole = true;
            }
            self.assembly.take(&piece, record);
            return is_arguments && self.makes_processes();
        }
        let is_title = piece.kind == EventKind::AuditProctitle;
        let is_call = piece.kind == EventKind::AuditSyscall;
        let call = is_call.then(|| Call::of_piece(&piece));
        let Whose::Open(at) = self.find(owner, is_title, call) else {
            return false;
        };
        let is_told = self.group(at).is_some_and(|group| {
            let is_of_process = is_arguments || is_title && group.is_process();
            is_of_process && !group.is_idle()
        });
        let is_held = self
            .put(at, is_title, |group| group.hold_piece(&piece, call, record));
        is_told && is_held && self.makes_processes()
    }

    fn makes_processes(&self) -> bool {
        self.wanted.contains(EventKind::ProcessCreation)
    }

    /// Takes a line of auditd's own that was not read. Returns whether it
    /// could; it has to be read to know its event otherwise.
    pub(crate) fn hold(
        &mut self,
        kind: EventKind,
        line: &[u8],
        record: u64,
    ) -> bool {
        let rest = record::audit_rest(line);
        if !self.idle.is_empty() && rest.starts_with(&self.idle) {
            // It ends another event all the same.
            self.end_last_if_complete();
            return true;
        }
        let is_title = kind == EventKind::AuditProctitle;
        let is_call = kind == EventKind::AuditSyscall;
        if is_call
            && let Some(id) = record::audit_idle_call(rest)
            && self.is_only(rest)
        {
            let key = hash(self.own_hash, id);
            if self.done.get(key).is_none() {
                self.done.insert(key, true);
                self.pass_over(id);
                return true;
            }
        }
        let call = is_call.then(|| Call::of_line(rest));
        let put =
            |group: &mut Group| group.hold_line(kind, line, call, record);
        // Most records follow one of the same event.
        if let Some(at) = self.last
            && let Some(group) = self.group(at)
            && group.has(rest, &self.own_host)
        {
            self.put(at, is_title, put);
            return true;
        }
        let Some((id, time)) = record::audit_owner(rest) else {
            return false;
        };
        let host = core::mem::take(&mut self.own_host);
        let owner = Owner { id, host: &host, time: Some(time) };
        match self.find_other(owner, is_title, call) {
            Whose::Open(at) => {
                self.put(at, is_title, put);
            }
            Whose::Idle => self.pass_over(id),
            Whose::Ended => {}
        }
        self.own_host = host;
        true
    }

    /// Whether no event is open: neither that of a line, nor another that it may
    /// end by its time. Ends the last one, if the line does.
    fn is_only(&mut self, rest: &[u8]) -> bool {
        if let Some(at) = self.last {
            let group = self.group(at);
            if group.is_some_and(|group| group.has(rest, &self.own_host)) {
                return false;
            }
            self.end_last_if_complete();
        }
        self.open.is_empty()
    }

    /// Has what comes of an event, which did nothing, passed over.
    fn pass_over(&mut self, id: &[u8]) {
        let [before, after] = AUDIT_HEAD;
        self.idle.clear();
        for part in [before, id, after] {
            self.idle.extend_from_slice(part);
        }
    }

    fn group(&self, at: usize) -> Option<&Group> {
        let group = self.groups.get(at);
        debug_assert!(group.is_some(), "an open event without its group");
        group
    }

    /// Adds a record to an open event, which it may end. Returns whether there
    /// was room.
    fn put(
        &mut self,
        at: usize,
        is_title: bool,
        put: impl FnOnce(&mut Group) -> bool,
    ) -> bool {
        self.last = Some(at);
        let group = self.groups.get_mut(at);
        debug_assert!(group.is_some(), "an open event without its group");
        let Some(group) = group else { return false };
        let (size, room) = (group.size(), group.room());
        let is_held = put(group);
        if !is_held {
            let cut = &mut self.counts.cut;
            *cut = cut.saturating_add(1);
        }
        let grown = |now: usize, before: usize| now.saturating_sub(before);
        self.held = self.held.saturating_add(grown(group.size(), size));
        self.room = self.room.saturating_add(grown(group.room(), room));
        if is_title && group.is_complete() {
            self.end(at);
        }
        while self.held > MOST_HELD && !self.open.is_empty() {
            self.evict();
        }
        is_held
    }

    /// What a record's event is.
    fn find(
        &mut self,
        owner: Owner<'_>,
        is_title: bool,
        call: Option<Call>,
    ) -> Whose {
        // Most records follow one of the same event.
        if let Some(at) = self.last
            && self.is_of(at, owner)
        {
            return Whose::Open(at);
        }
        self.find_other(owner, is_title, call)
    }

    /// The same of a record that is not of the last one's event.
    fn find_other(
        &mut self,
        owner: Owner<'_>,
        is_title: bool,
        call: Option<Call>,
    ) -> Whose {
        self.end_last_if_complete();
        let host = hash(0, owner.host);
        let key = hash(host, owner.id);
        if let Some(at) = self.open.find(key, |at| self.is_of(at, owner)) {
            return Whose::Open(at);
        }
        if let Some(is_idle) = self.done.get(key) {
            // A title that comes after all that was promised is usual.
            let late = &mut self.counts.late;
            *late = late.saturating_add(u64::from(!is_title && !is_idle));
            return Whose::Ended;
        }
        self.end_older(host, owner.time);
        if call.is_some_and(|call| call.is_idle) {
            self.done.insert(key, true);
            return Whose::Idle;
        }
        while self.open.len() >= MOST_OPEN {
            self.evict();
        }
        let at = self.begin_hashed(owner, host, key);
        at.map_or(Whose::Ended, Whose::Open)
    }

    /// Begins an event; returns its group.
    pub(super) fn begin(&mut self, owner: Owner<'_>) -> Option<usize> {
        let host = hash(0, owner.host);
        self.begin_hashed(owner, host, hash(host, owner.id))
    }

    fn begin_hashed(
        &mut self,
        owner: Owner<'_>,
        host: u64,
        key: u64,
    ) -> Option<usize> {
        let at = self.spare.pop().unwrap_or_else(|| {
            self.groups.push(Group::default());
            self.groups.len().saturating_sub(1)
        });
        let begun = self.groups.get_mut(at);
        debug_assert!(begun.is_some(), "no group {at}");
        let begun = begun?;
        let room = begun.room();
        begun.begin(owner, host);
        let grown = begun.room().saturating_sub(room);
        self.room = self.room.saturating_add(grown);
        self.held = self.held.saturating_add(begun.size());
        self.open.insert(at, key, host, owner.time);
        Some(at)
    }

    fn is_of(&self, at: usize, owner: Owner<'_>) -> bool {
        self.group(at).is_some_and(|group| group.is_of(owner))
    }

    /// Ends the event of the last record, if nothing of it is missing: a
    /// record of another event has come.
    fn end_last_if_complete(&mut self) {
        let Some(at) = self.last else { return };
        if self.group(at).is_some_and(Group::is_complete) {
            self.end(at);
        }
        self.last = None;
    }

    /// Ends a host's events that are much older than a record of it.
    fn end_older(&mut self, host: u64, time: Option<Timestamp>) {
        let Some(time) = time else { return };
        if self.open.is_empty() {
            return;
        }
        let mut over = core::mem::take(&mut self.over);
        self.open.older(host, time, MOST_AGE, &mut over);
        for (_, at) in over.drain(..) {
            self.end(at);
        }
        self.over = over;
    }

    /// Ends the event that began first, for want of room.
    pub(super) fn evict(&mut self) {
        let evicted = &mut self.counts.evicted;
        *evicted = evicted.saturating_add(1);
        let first = self.open.iter().next();
        if let Some(at) = first {
            self.end(at);
        }
    }

    /// Ends an open event.
    fn end(&mut self, at: usize) {
        let key = self.open.remove(at);
        debug_assert!(key.is_some(), "no event to end");
        let Some(key) = key else { return };
        self.last = None;
        // Of so many others that end it may have been forgotten.
        self.idle.clear();
        let mut is_idle = false;
        if let Some(group) = self.groups.get(at) {
            self.held = self.held.saturating_sub(group.size());
            is_idle = group.is_idle();
        }
        self.done.insert(key, is_idle);
        self.ended.push_back(at);
    }

    /// Ends the event of an EOE that is a line of auditd's own.
    pub(crate) fn end_event(&mut self, id: &[u8]) {
        let host = &*self.own_host;
        let owner = Owner { id, host, time: None };
        let key = hash(hash(0, host), id);
        if let Some(at) = self.open.find(key, |at| self.is_of(at, owner)) {
            self.end(at);
        }
    }

    /// Ends the raw record that was read: what it holds of an event is all
    /// that there is.
    pub(crate) fn end_record(&mut self, sink: &mut Joined<'_>) {
        if core::mem::take(&mut self.is_whole) {
            self.give(sink);
        }
    }

    /// Ends events that began before a time, and those without one; all of
    /// them where none is given.
    pub(crate) fn flush(&mut self, before: Option<Timestamp>) {
        let mut next = self.open.iter().next();
        while let Some(at) = next {
            next = self.open.next(at);
            let is_over = match (before, self.open.time(at)) {
                (Some(before), Some(time)) => time < before,
                _ => true,
            };
            if is_over {
                self.end(at);
            }
        }
        if before.is_none() {
            self.done = Done::default();
            self.idle.clear();
        }
        self.scripts.flush(before);
    }

    /// Whether an event has ended and was not taken.
    pub(crate) fn has_ended(&self) -> bool {
        !self.ended.is_empty() || self.scripts.has_ended()
    }

    /// Hands over what the event that ended first makes, if it may match.
    /// Returns whether there was one.
    pub(crate) fn next_ended(&mut self, sink: &mut Joined<'_>) -> bool {
        let Some(at) = self.ended.pop_front() else {
            return self.scripts.next_ended(&mut self.counts, sink);
        };
        // Out of the list, which the rest does not look at.
        let mut groups = core::mem::take(&mut self.groups);
        if let Some(group) = groups.get_mut(at) {
            if !group.is_whole() {
                let incomplete = &mut self.counts.incomplete;
                *incomplete = incomplete.saturating_add(1);
            }
            if self.is_wanted(group) {
                self.assemble(group);
                self.give(sink);
            }
            if self.room > MOST_HELD {
                self.room = self.room.saturating_sub(group.room());
                *group = Group::default();
            }
            group.clear();
        }
        self.groups = groups;
        self.spare.push(at);
        true
    }

    /// Whether anyone asks for what an event makes.
    fn is_wanted(&self, group: &Group) -> bool {
        let kinds = match group.is_process() {
            true => EventKinds::NONE.with(EventKind::ProcessCreation),
            false => record::JOINED_KINDS,
        };
        group.is_done() && kinds.intersection(self.wanted) != EventKinds::NONE
    }

    /// Puts an event together of its records, and reads those that were not.
    fn assemble(&mut self, group: &Group) {
        let Joiner { assembly, buffer, .. } = self;
        assembly.begin(group.owner(), group.host);
        let is_process = group.is_process();
        for (held, bytes) in group.held() {
            // Of a process the files are of no use, nor the title, unless
            // SYSCALL or EXECVE is missing.
            let is_of_use = match held.kind {
                EventKind::AuditPath => !is_process || !group.has_call(),
                EventKind::AuditProctitle => is_process && !group.has_execve(),
                _ => true,
            };
            if !is_of_use {
                continue;
            }
            let take = |piece: &AuditPiece<'_>| {
                assembly.take(piece, held.record);
            };
            if held.is_line {
                record::read_audit(held.kind, bytes, buffer, take);
                continue;
            }
            let piece = AuditPiece::read(bytes);
            debug_assert!(piece.is_some(), "what was held cannot be read");
            piece.as_ref().map(take);
        }
        assembly.records.clear();
        assembly.records.extend_from_slice(&group.records);
    }

    /// Hands over what the event that was put together makes.
    fn give(&mut self, sink: &mut Joined<'_>) {
        let Joiner { assembly, processes, counts, .. } = self;
        let joined = &mut counts.joined;
        assembly.give(processes, &mut |records, event| {
            *joined = joined.saturating_add(1);
            sink(records, event);
        });
    }

    /// Forgets all events, processes and counts.
    pub(crate) fn clear(&mut self) {
        self.flush(None);
        while let Some(at) = self.ended.pop_front() {
            if let Some(group) = self.groups.get_mut(at) {
                group.clear();
            }
            self.spare.push(at);
        }
        self.is_whole = false;
        // The same stream then takes the same memory for the same events.
        self.spare.sort_unstable_by(|a, b| b.cmp(a));
        self.processes.clear();
        self.scripts.clear();
        self.counts = JoinCounts::default();
    }

    pub(crate) fn counts(&self) -> JoinCounts {
        self.counts
    }
}
