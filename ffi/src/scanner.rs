/*!
Raw bytes to matches.
*/

use core::ffi::{c_char, c_void};
use core::fmt::Write;
use core::mem::offset_of;
use core::ops::ControlFlow;
use std::sync::Arc;

use t1053::record::RecordErrorKind;
use t1053::{
    Finding, Keep, NotUnderstood, Place, Quote, Report, ScanCounts, Scanner,
    Timestamp, Unreadable,
};

use crate::detection::Shared;
use crate::detector::t1053_detector;
use crate::found::{Evidence, Origin, Sink, t1053_on_match};
use crate::guard::{Turn, ended, flow, guard, status};
use crate::names;
use crate::pointer::{self, Buffer, Growing, t1053_text};
use crate::reserve;
use crate::sequence_event::{t1053_on_sequence_event, t1053_sequence_event};
use crate::state::{self, t1053_restored};
use crate::status::t1053_status;
use crate::verdict::{Judge, t1053_on_verdict};

/// Finds records in a stream of bytes, and matches in the records. Make one
/// for each stream; one thread at a time.
pub struct t1053_scanner {
    turn: Turn<Work>,
}

struct Work {
    shared: Arc<Shared>,
    scanner: Scanner,
    evidence: Evidence,
    on_verdict: t1053_on_verdict,
    on_sequence_event: t1053_on_sequence_event,
    on_not_understood: t1053_on_not_understood,
    keep: Keep,
    judge: Judge,
    lines: Lines,
}

/// Findings that wait to be taken, as NDJSON.
#[derive(Default)]
struct Lines {
    text: String,
    taken: usize,
    /// What they name as their stream.
    path: Option<String>,
    /// Whether there was no memory for one, or for a record, since that was
    /// told.
    has_lost: bool,
}

/// A flag of t1053_scanner_options: every record is read, also where a search
/// of its bytes shows that it can match nothing. So all unreadable records
/// are found and all events counted, at the cost of several times the time.
pub const T1053_SCANNER_NO_FILTER: u32 = 1;

/// A flag of t1053_scanner_options: each record is looked at by itself. Else
/// the records of an audit event (SYSCALL, EXECVE, CWD, PATH, ..) are also
/// joined to a new process, or to what happened to files, and matched by what
/// is asked of these; a scanner then holds up to 17 MiB of events whose records
/// have not all come.
pub const T1053_SCANNER_NO_JOIN: u32 = 2;

/// A flag of t1053_scanner_options: sequences and counts are not looked for,
/// and no memory is taken for them, which else is 10 MB of address space,
/// touched as keys come. For programs with many streams whose events do not
/// belong together; where they do, `on_sequence_event` of the options is for
/// them.
pub const T1053_SCANNER_NO_SEQUENCES: u32 = 4;

/// Bytes that the filter takes while it is made.
const FILTER_BYTES: usize = 2 << 20;

/// All flags that there are.
const FLAGS: u32 = T1053_SCANNER_NO_FILTER
    | T1053_SCANNER_NO_JOIN
    | T1053_SCANNER_NO_SEQUENCES;

/// Settings of a scanner. Set everything to zero first, then `struct_size`,
/// then what is to be other than usual.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_scanner_options {
    /// `sizeof(t1053_scanner_options)`.
    pub struct_size: usize,
    /// The shape of all records: of t1053_format. 0: each tells its own.
    pub format: u32,
    /// T1053_SCANNER_NO_FILTER, T1053_SCANNER_NO_JOIN and
    /// T1053_SCANNER_NO_SEQUENCES, as many as are meant, or 0;
    /// T1053_UNKNOWN_FLAG for any other bit.
    pub flags: u32,
    /// The most bytes that a record may have; a larger one is counted and
    /// reported as unreadable, and never held in memory. At least 1024, or 0
    /// for the usual 16 MiB; T1053_OUT_OF_RANGE for less. The scanner's
    /// memory grows up to three times this limit, if records are that large.
    pub record_limit: usize,
    /// How many keys of sequences are remembered; see t1053_evaluator_new().
    pub sequence_capacity: usize,
    /// How many events of each step of a sequence are remembered for each
    /// key: 1 to 1024, or 0 for the usual 8.
    pub sequence_depth: usize,
    /// Takes the verdict of each event that matches, after its matches and
    /// with the `user` of the call that scans it; or NULL. With it, `on_match`
    /// of those calls may be NULL.
    pub on_verdict: t1053_on_verdict,
    /// What lines of NDJSON tell of the event, besides what was found: names
    /// of fields, separated by commas, and `raw` for the record; or NULL.
    /// T1053_UNKNOWN_NAME for any other. A callback has all of it without.
    pub keep: t1053_text,
    /// Takes each event that is part of a sequence or a count, with the `user`
    /// of the call that scans it, to hand it to a correlator that several
    /// scanners share (t1053_correlator_take_sequence_event()); or NULL. With
    /// it, the scanner has no memory of sequences, as with
    /// T1053_SCANNER_NO_SEQUENCES.
    pub on_sequence_event: t1053_on_sequence_event,
    /// Takes each record of no shape that is known, of those that are looked
    /// at (`not_understood` of t1053_counts), with the `user` of the call that
    /// scans it; or NULL. The first few tell what is in a stream.
    pub on_not_understood: t1053_on_not_understood,
}

/// A record of no shape that is known. Lives for the callback only.
///
/// Only the library makes these; members may be added at the end.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_not_understood {
    /// Size of this struct in the library that is running.
    pub struct_size: usize,
    /// 0-based number of the record in the stream.
    pub record: u64,
    /// Byte offset in the stream at which the record begins; in a UTF-16
    /// stream, counted in its UTF-8 form.
    pub offset: u64,
    /// All of the record.
    pub bytes: t1053_text,
}

/// Takes a record of no shape that is known. 0 goes on, anything else stops.
/// The rules of t1053_on_match hold.
pub type t1053_on_not_understood = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        record: *const t1053_not_understood,
    ) -> i32,
>;

/// A record that could not be read, or not wholly. Lives for the callback
/// only.
///
/// Only the library makes these; members may be added at the end.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_unreadable {
    /// Size of this struct in the library that is running.
    pub struct_size: usize,
    /// 0-based number of the record in the stream.
    pub record: u64,
    /// Byte offset in the stream at which the record begins; in a UTF-16
    /// stream, counted in its UTF-8 form.
    pub offset: u64,
    /// Byte offset in the record at which reading stopped.
    pub error_offset: usize,
    /// What was wrong, in plain words; lives as long as the library.
    pub reason: t1053_text,
}

/// Takes a record that could not be read. 0 goes on, anything else stops. The
/// rules of t1053_on_match hold.
pub type t1053_on_unreadable = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        unreadable: *const t1053_unreadable,
    ) -> i32,
>;

/// What a scanner has seen so far. `records` is the sum of `read`,
/// `filtered`, `uninteresting` and `unreadable`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_counts {
    /// `sizeof(t1053_counts)`, set by the caller.
    pub struct_size: usize,
    /// Bytes fed.
    pub bytes: u64,
    /// Records found in them.
    pub records: u64,
    /// Records with at least one event.
    pub read: u64,
    /// Records that were not read, because a search of their bytes showed
    /// that they could match nothing.
    pub filtered: u64,
    /// Records that were read and hold no event that any detection asks for.
    pub uninteresting: u64,
    /// Records that could not be read, wholly or in part.
    pub unreadable: u64,
    /// Matches reported.
    pub matches: u64,
    /// Halves of sequences that were forgotten to make room, and that a later
    /// event might still have completed.
    pub sequences_evicted: u64,
    /// Events of sequences without a time, which cannot be put in order.
    pub sequences_untimed: u64,
    /// Halves of sequences that were forgotten to make room when their time
    /// had passed: only an event that came late could have completed them.
    pub sequences_expired: u64,
    /// Events of sequences without one of the values that the events of a
    /// sequence must agree in.
    pub sequences_ungrouped: u64,
    /// Of the `uninteresting` records, how many are of no shape that is known:
    /// that nothing matches in them says nothing. Of records that the filter
    /// passes over the first 64 are looked at, and one in 1 MiB after them.
    pub not_understood: u64,
    /// Events that were made of the records of an audit event.
    pub joined: u64,
    /// Audit events that ended without all of their records, which were lost
    /// or came too late: they were taken as far as they came.
    pub joins_incomplete: u64,
    /// Audit events that ended because too many others had begun, or too
    /// large ones.
    pub joins_evicted: u64,
    /// Records that came after their audit event had ended: what is asked of
    /// joined events does not see them.
    pub joins_late: u64,
    /// Records that found no room, as their audit event has over 512 records
    /// or 256 KiB.
    pub joins_cut: u64,
}

// SAFETY: as asked; numbers.
unsafe impl Growing for t1053_scanner_options {
    const FIRST_SIZE: usize =
        offset_of!(t1053_scanner_options, sequence_capacity)
            + size_of::<usize>();
}

// SAFETY: as asked; numbers.
unsafe impl Growing for t1053_counts {
    const FIRST_SIZE: usize =
        offset_of!(t1053_counts, sequences_untimed) + size_of::<u64>();
}

/// Makes a scanner; `options` may be NULL for the usual settings.
///
/// T1053_OUT_OF_RANGE for a number that is not allowed, T1053_OUT_OF_MEMORY
/// when there is no memory for the sequences. Writes `*scanner`, which the
/// caller frees with t1053_scanner_free(). Any thread. Allocates; the first
/// one of a detector takes about 3 ms, in which its filter is made.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_scanner_new(
    detector: *const t1053_detector,
    options: *const t1053_scanner_options,
    scanner: *mut *mut t1053_scanner,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let shared = &unsafe { pointer::shared(detector) }?.shared;
        // SAFETY: the caller gives a place for the result.
        let scanner = unsafe { pointer::place(scanner) }?;
        let mut builder =
            Scanner::builder(&shared.detector).sequence_seed(state::seed());
        #[cfg(feature = "sigma")]
        if let Some(config) = &shared.config {
            builder = config.for_scanner(builder);
        }
        let mut on_verdict = None;
        let mut on_sequence_event = None;
        let mut on_not_understood = None;
        let mut keep = Keep::default();
        if !options.is_null() {
            // SAFETY: the caller's options.
            let options = unsafe { pointer::grown(options) }?;
            // 0 leaves what a configuration said.
            if options.format != 0 {
                builder = builder.format(names::format(options.format)?);
            }
            if options.flags & !FLAGS != 0 {
                return Err(t1053_status::T1053_UNKNOWN_FLAG);
            }
            let filter = options.flags & T1053_SCANNER_NO_FILTER == 0;
            builder = builder.filter(filter);
            if options.flags & T1053_SCANNER_NO_JOIN != 0 {
                builder = builder.join(false);
            }
            if options.flags & T1053_SCANNER_NO_SEQUENCES != 0 {
                builder = builder.sequences(false);
            }
            if options.record_limit != 0 {
                builder = builder.record_limit(options.record_limit);
            }
            if options.sequence_capacity != 0 {
                builder = builder.sequence_capacity(options.sequence_capacity);
            }
            if options.sequence_depth != 0 {
                builder = builder.sequence_depth(options.sequence_depth);
            }
            on_verdict = options.on_verdict;
            let t1053_text { data, len } = options.keep;
            // SAFETY: the caller's text.
            let names = unsafe { pointer::text(data, len) }?;
            let parsed = names.parse();
            keep = parsed.map_err(|_| t1053_status::T1053_UNKNOWN_NAME)?;
            builder = builder.matched_events(on_verdict.is_some());
            on_sequence_event = options.on_sequence_event;
            builder = builder.sequence_events(on_sequence_event.is_some());
            on_not_understood = options.on_not_understood;
        }
        let builder = builder.memory_check(reserve::can_take);
        let made = reserve::made(FILTER_BYTES, || {
            let turn = Turn::new(Work {
                shared: shared.clone(),
                scanner: builder.build()?,
                evidence: Evidence::new(),
                on_verdict,
                on_sequence_event,
                on_not_understood,
                keep,
                judge: Judge::new(shared.detections.len()),
                lines: Lines::default(),
            });
            Ok(Box::new(t1053_scanner { turn }))
        })?;
        scanner.write(Box::into_raw(made));
        Ok(())
    })
}

/// Frees a scanner; NULL is accepted. Within its own callback it does
/// nothing.
///
/// No other thread may be using the handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_scanner_free(scanner: *mut t1053_scanner) {
    guard((), || {
        // SAFETY: NULL or a handle, by the caller's word.
        let idle = unsafe { pointer::shared(scanner) };
        if idle.is_ok_and(|it| it.turn.is_idle()) {
            // SAFETY: made by `t1053_scanner_new`, and given up.
            drop(unsafe { Box::from_raw(scanner) });
        }
    });
}

/// Forgets the stream, its counts, its sequences and what was not taken of
/// t1053_scanner_lines(); keeps the memory.
///
/// One thread at a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_scanner_reset(
    scanner: *mut t1053_scanner,
) -> t1053_status {
    // SAFETY: as the caller's.
    unsafe {
        with(scanner, |work| {
            work.scanner.reset();
            work.lines.text.clear();
            work.lines.taken = 0;
            work.lines.has_lost = false;
            Ok(())
        })
    }
}

/// Looks at a scanner that nobody else is at.
///
/// # Safety
///
/// NULL, misaligned, or a handle.
pub(crate) unsafe fn looked_at(
    scanner: *const t1053_scanner,
    body: impl FnOnce(&Scanner) -> Result<(), t1053_status>,
) -> t1053_status {
    // SAFETY: as the caller's.
    unsafe { with(scanner, |work| body(&work.scanner)) }
}

unsafe fn with(
    scanner: *const t1053_scanner,
    body: impl FnOnce(&mut Work) -> Result<(), t1053_status>,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let scanner = unsafe { pointer::shared(scanner) }?;
        scanner.turn.with(body)
    })
}

/// Runs a part of a scan with a caller's callbacks.
unsafe fn scan(
    scanner: *mut t1053_scanner,
    on_match: t1053_on_match,
    on_unreadable: t1053_on_unreadable,
    user: *mut c_void,
    body: impl FnOnce(
        &mut Scanner,
        &mut dyn FnMut(Report<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, t1053_status>,
) -> t1053_status {
    let body = |work: &mut Work| {
        let Work { shared, scanner, evidence, keep, judge, .. } = work;
        let Work { on_verdict, on_sequence_event, on_not_understood, .. } =
            work;
        if on_match.is_none() && on_verdict.is_none() {
            return Err(t1053_status::T1053_NULL_ARGUMENT);
        }
        reserve::check(0)?;
        let mut has_lost = false;
        let mut report = |report: Report<'_>| match report {
            Report::Match(it) => match on_match {
                Some(on_match) => {
                    let origin = Origin::of(it.place(None), it.source, keep);
                    let mut sink = Sink { shared, evidence, on_match, user };
                    sink.report(&it.found, origin)
                }
                None => ControlFlow::Continue(()),
            },
            Report::SequenceEvent(event) => {
                let Some(on_sequence_event) = *on_sequence_event else {
                    return ControlFlow::Continue(());
                };
                let evidence = Turn::new(&mut *evidence);
                let event =
                    t1053_sequence_event { shared, keep, event, evidence };
                // SAFETY: the caller's function, called as it says; what it is
                // given lives until it returns.
                let answer = unsafe {
                    on_sequence_event(user, (&raw const event).cast())
                };
                flow(answer)
            }
            Report::MatchedEvent(event) => {
                match (event.matches.verdict(), *on_verdict) {
                    (Some(verdict), Some(on_verdict)) => {
                        let place = event.place(None);
                        let origin = Origin::of(place, event.source, keep);
                        judge.tell(&verdict, origin, on_verdict, user)
                    }
                    _ => ControlFlow::Continue(()),
                }
            }
            Report::Unreadable(it) => {
                has_lost |= is_lost(it);
                unread(it, on_unreadable, user)
            }
            Report::NotUnderstood(it) => {
                not_understood(it, *on_not_understood, user)
            }
            _ => ControlFlow::Continue(()),
        };
        ended(body(scanner, &mut report)?)?;
        told(has_lost)
    };
    // SAFETY: as the caller's.
    unsafe { with(scanner, body) }
}

/// Whether a record was lost for want of memory.
fn is_lost(unreadable: &Unreadable) -> bool {
    unreadable.error.kind() == RecordErrorKind::NoMemory
}

/// How a scan ends that may have lost something.
fn told(has_lost: bool) -> Result<(), t1053_status> {
    match has_lost {
        false => Ok(()),
        true => Err(t1053_status::T1053_NO_MEMORY),
    }
}

fn not_understood(
    it: &NotUnderstood<'_>,
    on_not_understood: t1053_on_not_understood,
    user: *mut c_void,
) -> ControlFlow<()> {
    let Some(on_not_understood) = on_not_understood else {
        return ControlFlow::Continue(());
    };
    let record = t1053_not_understood {
        struct_size: size_of::<t1053_not_understood>(),
        record: it.record,
        offset: it.offset,
        bytes: t1053_text::bytes(it.bytes),
    };
    // SAFETY: the caller's function, called as it says; what it is given
    // lives until it returns.
    flow(unsafe { on_not_understood(user, &raw const record) })
}

fn unread(
    it: &Unreadable,
    on_unreadable: t1053_on_unreadable,
    user: *mut c_void,
) -> ControlFlow<()> {
    let Some(on_unreadable) = on_unreadable else {
        return ControlFlow::Continue(());
    };
    let unreadable = t1053_unreadable {
        struct_size: size_of::<t1053_unreadable>(),
        record: it.record,
        offset: it.offset,
        error_offset: it.error.offset(),
        reason: t1053_text::of(it.error.reason()),
    };
    // SAFETY: the caller's function, called as it says; what it is given
    // lives until it returns.
    flow(unsafe { on_unreadable(user, &raw const unreadable) })
}

/// Scans the next bytes of a stream, in a chunk of any size; a record that
/// does not end in them is kept for the next call. `on_unreadable` may be
/// NULL.
///
/// When a callback asks to stop, T1053_STOPPED: the rest of the chunk is
/// dropped, and further calls do nothing and are T1053_STOPPED too, until
/// t1053_scanner_reset(). T1053_NO_MEMORY where there was no memory for some
/// records, which were reported so; all others were scanned. One thread at a
/// time. Does not allocate, as long as records fit the buffers that earlier
/// ones made grow. Takes time in proportion to the bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_scanner_feed(
    scanner: *mut t1053_scanner,
    data: *const c_void,
    data_len: usize,
    on_match: t1053_on_match,
    on_unreadable: t1053_on_unreadable,
    user: *mut c_void,
) -> t1053_status {
    // SAFETY: NULL or a handle, and `data_len` bytes.
    unsafe {
        scan(scanner, on_match, on_unreadable, user, |scanner, report| {
            let chunk = pointer::bytes(data.cast(), data_len)?;
            Ok(scanner.feed(chunk, report))
        })
    }
}

/// Scans one record whose borders the caller knows. It has no share in what
/// t1053_scanner_feed() keeps of a cut record, but the next number, and
/// sequences are found across both. One over the limit is unreadable here too.
///
/// Otherwise as t1053_scanner_feed().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_scanner_record(
    scanner: *mut t1053_scanner,
    data: *const c_void,
    data_len: usize,
    on_match: t1053_on_match,
    on_unreadable: t1053_on_unreadable,
    user: *mut c_void,
) -> t1053_status {
    // SAFETY: NULL or a handle, and `data_len` bytes.
    unsafe {
        scan(scanner, on_match, on_unreadable, user, |scanner, report| {
            let record = pointer::bytes(data.cast(), data_len)?;
            Ok(scanner.record(record, report))
        })
    }
}

/// Ends the audit events that began before a time (ticks of 100 nanoseconds
/// since 1970-01-01T00:00:00Z), and those without one, though some of their
/// records may not have come: what they make is matched as far as it is known.
///
/// For hosts that read a live log. An event ends by itself when a later record
/// tells that it is over; where none comes, its matches would wait. Call this
/// every second or two, with a time that lies as far back. With
/// T1053_SCANNER_NO_JOIN it does nothing. Otherwise as t1053_scanner_feed().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_scanner_flush_pending(
    scanner: *mut t1053_scanner,
    before: i64,
    on_match: t1053_on_match,
    on_unreadable: t1053_on_unreadable,
    user: *mut c_void,
) -> t1053_status {
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe {
        scan(scanner, on_match, on_unreadable, user, |scanner, report| {
            let before = Timestamp::from_ticks(before);
            Ok(scanner.flush_pending(before, report))
        })
    }
}

/// Ends the stream: what was kept is scanned as its last record, and no more
/// records of an audit event are waited for. Then t1053_scanner_reset() begins
/// another.
///
/// Otherwise as t1053_scanner_feed().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_scanner_finish(
    scanner: *mut t1053_scanner,
    on_match: t1053_on_match,
    on_unreadable: t1053_on_unreadable,
    user: *mut c_void,
) -> t1053_status {
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe {
        scan(scanner, on_match, on_unreadable, user, |scanner, report| {
            Ok(scanner.finish(report))
        })
    }
}

/// t1053_scanner_feed() without a callback: scans a chunk, and hands out
/// findings as lines of NDJSON, each with its line end; `path` is null, or as
/// t1053_scanner_path() says.
///
/// `data_len` may be 0; `at_end` other than 0 ends the stream after the
/// chunk. As many whole lines as fit are written into `buffer`; the others
/// are kept for the next call. Call again with no data while `*waiting` is
/// not 0.
///
/// Writes `*written`: bytes in the buffer, and `*waiting`: bytes of lines
/// kept. It calls no function of the options.
/// T1053_BUFFER_TOO_SMALL when not even the first line fits: nothing is
/// lost, and `*waiting` (written in this case too) is enough for all.
/// T1053_NO_MEMORY when records or lines found no memory, and are lost. One
/// thread at a time. Does not allocate, as long as lines fit what earlier
/// ones made grow; holds at most the lines of the chunks fed since `*waiting`
/// was 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_scanner_lines(
    scanner: *mut t1053_scanner,
    data: *const c_void,
    data_len: usize,
    at_end: i32,
    buffer: *mut c_char,
    capacity: usize,
    written: *mut usize,
    waiting: *mut usize,
) -> t1053_status {
    let body = |work: &mut Work| {
        // SAFETY: the caller gives `data_len` bytes.
        let chunk = unsafe { pointer::bytes(data.cast(), data_len) }?;
        // SAFETY: the caller gives a place for the result.
        let written = unsafe { pointer::place(written) }?;
        // SAFETY: the caller gives a place for the result.
        let waiting = unsafe { pointer::place(waiting) }?;
        reserve::check(0)?;
        let Work { scanner, lines, keep, .. } = work;
        let mut keep = |report: Report<'_>| {
            match report {
                Report::Match(it) => {
                    let place = it.place(None);
                    let quote = Quote::of(keep, it.source);
                    lines.add(Finding { place, found: &it.found, quote });
                }
                Report::Unreadable(it) => lines.has_lost |= is_lost(it),
                _ => {}
            }
            ControlFlow::Continue(())
        };
        // Neither is stopped: `keep` never asks to.
        let _ = scanner.feed(chunk, &mut keep);
        if at_end != 0 {
            let _ = scanner.finish(&mut keep);
        }
        // SAFETY: the caller gives `capacity` bytes.
        let mut buffer = unsafe { Buffer::new(buffer, capacity) };
        let left = lines.take(&mut buffer);
        waiting.write(left);
        if buffer.needed() == 0 && left > 0 {
            return Err(t1053_status::T1053_BUFFER_TOO_SMALL);
        }
        written.write(buffer.needed());
        told(core::mem::take(&mut lines.has_lost))
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(scanner, body) }
}

impl Write for Lines {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.text.try_reserve(text.len()).map_err(|_| core::fmt::Error)?;
        self.text.push_str(text);
        Ok(())
    }
}

impl Lines {
    /// Adds the line of a finding, wholly or not at all.
    fn add(&mut self, finding: Finding<'_>) {
        let before = self.text.len();
        let path = self.path.take();
        let place = Place { path: path.as_deref(), ..finding.place };
        let finding = Finding { place, ..finding };
        if writeln!(self, "{finding}").is_err() {
            self.text.truncate(before);
            self.has_lost = true;
        }
        self.path = path;
    }

    /// Moves as many whole lines as fit; returns how many bytes are left.
    fn take(&mut self, buffer: &mut Buffer) -> usize {
        let all = self.text.as_bytes().get(self.taken..).unwrap_or_default();
        let fits = all.get(..buffer.capacity().min(all.len()));
        let fits = fits.unwrap_or_default();
        let end = fits.iter().rposition(|&byte| byte == b'\n');
        let whole = end.and_then(|at| fits.get(..=at)).unwrap_or_default();
        buffer.write(whole);
        let left = all.len().saturating_sub(whole.len());
        self.taken = self.taken.saturating_add(whole.len());
        if left == 0 {
            self.text.clear();
            self.taken = 0;
        }
        left
    }
}

/// Writes what a scanner has seen so far to `*counts`, whose `struct_size`
/// the caller has set.
///
/// One thread at a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_scanner_counts(
    scanner: *const t1053_scanner,
    counts: *mut t1053_counts,
) -> t1053_status {
    let body = |work: &mut Work| {
        let ScanCounts {
            bytes,
            records,
            read,
            filtered,
            uninteresting,
            not_understood,
            unreadable,
            matches,
            correlator,
            joins,
            ..
        } = *work.scanner.counts();
        let now = t1053_counts {
            struct_size: size_of::<t1053_counts>(),
            bytes,
            records,
            read,
            filtered,
            uninteresting: uninteresting.saturating_add(not_understood),
            unreadable,
            matches,
            sequences_evicted: correlator.evicted,
            sequences_untimed: correlator.untimed,
            sequences_expired: correlator.expired,
            sequences_ungrouped: correlator.ungrouped,
            not_understood,
            joined: joins.joined,
            joins_incomplete: joins.incomplete,
            joins_evicted: joins.evicted,
            joins_late: joins.late,
            joins_cut: joins.cut,
        };
        // SAFETY: the caller's struct, as long as it says.
        unsafe { pointer::give_grown(counts, now) }
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(scanner, body) }
}

/// Writes to `*count` how many of a scanner's matches are of the detection at
/// an index, since it was made, or last reset.
///
/// T1053_OUT_OF_RANGE where the detector has no such detection. One thread at
/// a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_scanner_hits(
    scanner: *const t1053_scanner,
    detection_index: usize,
    count: *mut u64,
) -> t1053_status {
    let body = |work: &mut Work| {
        let hits = work.scanner.hits();
        // SAFETY: as the caller's.
        unsafe { pointer::give_one(hits, detection_index, count) }
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(scanner, body) }
}

/// Writes to `*count` how many events of a kind, of t1053_event_kind, a
/// scanner has read.
///
/// One thread at a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_scanner_events(
    scanner: *const t1053_scanner,
    kind: u32,
    count: *mut u64,
) -> t1053_status {
    let body = |work: &mut Work| {
        // SAFETY: the caller gives a place for the result.
        let count = unsafe { pointer::place(count) }?;
        count.write(work.scanner.counts().events(names::kind(kind)?));
        Ok(())
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(scanner, body) }
}

/// Writes all that the scanner knows of its stream into `buffer`: sequences,
/// counts, numbers, and a record that is cut; not its settings, and not what
/// waits to be taken by t1053_scanner_lines(). Else as t1053_correlator_save().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_scanner_save(
    scanner: *const t1053_scanner,
    buffer: *mut c_void,
    capacity: usize,
    needed: *mut usize,
) -> t1053_status {
    let body = |work: &mut Work| {
        let scanner = &work.scanner;
        let (held, save) = (scanner.memory_usage(), || scanner.save());
        // SAFETY: the caller gives `capacity` bytes, and a place.
        unsafe { state::give(held, save, buffer, capacity, needed) }
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(scanner, body) }
}

/// Takes over what t1053_scanner_save() wrote, in place of what this scanner
/// knows; the stream goes on as it was with the same format and record limit.
/// Else as t1053_correlator_restore().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_scanner_restore(
    scanner: *mut t1053_scanner,
    state: *const c_void,
    state_len: usize,
    restored: *mut t1053_restored,
) -> t1053_status {
    let body = |work: &mut Work| {
        let take = |state: &[u8]| work.scanner.restore(state);
        // SAFETY: the caller gives `state_len` bytes, and NULL or a struct as
        // long as it says.
        unsafe { state::take(state, state_len, restored, take) }
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(scanner, body) }
}

/// Writes to `*bytes` how much memory a scanner holds, besides its detector:
/// with its sequences, all that they ever will, of which they touch what their
/// keys need.
///
/// One thread at a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_scanner_memory(
    scanner: *const t1053_scanner,
    bytes: *mut usize,
) -> t1053_status {
    let body = |work: &mut Work| {
        // SAFETY: the caller gives a place for the result.
        let bytes = unsafe { pointer::place(bytes) }?;
        bytes.write(bytes_of(work));
        Ok(())
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(scanner, body) }
}

fn bytes_of(work: &Work) -> usize {
    let Work { scanner, evidence, judge, lines, .. } = work;
    let own = [size_of::<Work>(), scanner.memory_usage()];
    let lists = [evidence.memory_usage(), judge.memory_usage()];
    let all = own.into_iter().chain(lists).chain([lines.text.capacity()]);
    all.fold(0, usize::saturating_add)
}

/// Says what lines of t1053_scanner_lines() name as their `path`: the file or
/// stream, in UTF-8; NULL for `null`, as it is without this call.
///
/// It holds for the lines of the chunks that are fed after. One thread at a
/// time. Allocates; the text is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_scanner_path(
    scanner: *mut t1053_scanner,
    path: *const c_char,
    path_len: usize,
) -> t1053_status {
    let body = |work: &mut Work| {
        // SAFETY: the caller gives `path_len` bytes.
        let path_text = unsafe { pointer::text(path, path_len) }?;
        let copy = || Ok((!path.is_null()).then(|| path_text.to_owned()));
        work.lines.path = reserve::made(path_len, copy)?;
        Ok(())
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { with(scanner, body) }
}
