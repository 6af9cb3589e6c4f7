/*!
Matches, as a callback gets them.
*/

use core::ffi::{c_char, c_void};
use core::ops::ControlFlow;

use t1053::{Finding, Keep, Match, Place, Quote, Source};

use crate::detection::{Shared, t1053_detection};
use crate::guard::{flow, guard, status};
use crate::names;
use crate::pointer::{self, t1053_text};
use crate::status::t1053_status;

/// Stands for no item in `item` of t1053_match.
pub const T1053_NO_ITEM: u32 = 0xFFFF_FFFF;

/// Why a match matches: a comparison that passed, and where. Members are
/// never added: arrays are made of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_evidence {
    /// The field that was compared: of t1053_field.
    pub field: u32,
    /// 0; keeps the struct without gaps.
    pub reserved: u32,
    /// Where in the field's decoded value the decisive bytes begin.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// Those bytes.
    pub text: t1053_text,
    /// The pattern that they were compared with, as the rule wrote it.
    pub pattern: t1053_text,
}

/// What a match is inside of the library.
pub struct t1053_found<'a> {
    found: &'a Match<'a>,
    origin: Origin<'a>,
}

/// Where something was found, and what its line tells of the event: nothing
/// of one that the caller built.
#[derive(Clone, Copy, Default)]
pub(crate) struct Origin<'a> {
    pub(crate) place: Place<'a>,
    pub(crate) source: Source<'a>,
    pub(crate) quote: Option<Quote<'a>>,
}

impl<'a> Origin<'a> {
    /// That of a record, of which lines tell what is kept.
    pub(crate) fn of(
        place: Place<'a>,
        source: Source<'a>,
        keep: &'a Keep,
    ) -> Origin<'a> {
        Origin { place, source, quote: Quote::of(keep, source) }
    }

    /// That of an event of several, by its place among them.
    pub(crate) fn at(place: u64) -> Origin<'a> {
        let place = Place { record: place, ..Place::default() };
        Origin { place, ..Origin::default() }
    }

    /// The record, or NULL.
    pub(crate) fn raw(&self) -> t1053_text {
        let bytes = Some(self.source.bytes).filter(|bytes| !bytes.is_empty());
        t1053_text::option(bytes)
    }
}

/// One detection that an event matches. It and all that it points to, but
/// `detection`, lives for the callback only.
///
/// Only the library makes these; members may be added at the end.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_match {
    /// Size of this struct in the library that is running.
    pub struct_size: usize,
    /// For t1053_match_value(), t1053_match_message() and
    /// t1053_match_ndjson().
    pub found: *const t1053_found<'static>,
    /// What is known of the detection; lives as long as the detector.
    pub detection: *const t1053_detection,
    /// Its index in the detector.
    pub detection_index: usize,
    /// Why it matches.
    pub evidence: *const t1053_evidence,
    /// How many pieces of evidence.
    pub evidence_len: usize,
    /// 0-based number of the record in the stream; 0 from an evaluator.
    pub record: u64,
    /// 0-based place of the event in a record that wraps several, or
    /// T1053_NO_ITEM.
    pub item: u32,
    /// What kind of event matched: of t1053_event_kind.
    pub kind: u32,
    /// When the event happened, if `has_time` is not 0: ticks of 100
    /// nanoseconds since 1970-01-01T00:00:00Z.
    pub time: i64,
    /// Of a sequence, when its other event happened, if `has_other_time` is
    /// not 0.
    pub other_time: i64,
    /// Whether the time is known.
    pub has_time: u32,
    /// Whether this is a sequence.
    pub has_other_time: u32,
    /// Host that recorded the event, or NULL.
    pub host: t1053_text,
    /// Account that the event is about, or NULL.
    pub user: t1053_text,
    /// Byte offset in the stream at which the record begins; in a UTF-16
    /// stream, counted in its UTF-8 form. 0 from an evaluator, and of an event
    /// that was joined from several records.
    pub offset: u64,
    /// How many bytes the record has there; of a line that came in parts,
    /// those of the last part. 0 where the offset is not known.
    pub length: u64,
    /// The record as it was read, with any password that stands in it: as
    /// UTF-8, and a line that came in parts whole. NULL from an evaluator, and
    /// of an event that was joined from several records.
    pub raw: t1053_text,
    /// Of an event that was joined from several records: their numbers in the
    /// stream, in the order in which they came; `record` is the first.
    pub joined: *const u64,
    /// How many records it was joined from; 0 where one says all of it.
    pub joined_len: usize,
}

/// Takes a match: `user` is what the caller gave with it. 0 goes on, anything
/// else stops.
///
/// It runs on the caller's thread, inside of the call. It must return: to
/// jump or throw out of it is undefined. It may use any handle but the one
/// that calls it; that one is T1053_BUSY.
pub type t1053_on_match = Option<
    unsafe extern "C" fn(user: *mut c_void, found: *const t1053_match) -> i32,
>;

/// Where matches go.
pub(crate) struct Sink<'s> {
    pub(crate) shared: &'s Shared,
    pub(crate) evidence: &'s mut Evidence,
    pub(crate) on_match:
        unsafe extern "C" fn(*mut c_void, *const t1053_match) -> i32,
    pub(crate) user: *mut c_void,
}

/// Memory for the evidence of one match at a time.
pub(crate) struct Evidence(Vec<t1053_evidence>);

impl Evidence {
    pub(crate) fn new() -> Evidence {
        // More than any built-in detection has comparisons that must pass.
        Evidence(Vec::with_capacity(64))
    }

    pub(crate) fn memory_usage(&self) -> usize {
        let one = size_of::<t1053_evidence>();
        self.0.capacity().saturating_mul(one)
    }
}

impl Sink<'_> {
    /// Reports a match of a typed event, unless the callback has asked to stop
    /// at an earlier one.
    pub(crate) fn report_next(
        &mut self,
        found: &Match<'_>,
        flow: &mut ControlFlow<()>,
    ) {
        if flow.is_continue() {
            *flow = self.report(found, Origin::default());
        }
    }

    pub(crate) fn report(
        &mut self,
        found: &Match<'_>,
        origin: Origin<'_>,
    ) -> ControlFlow<()> {
        let evidence = &mut self.evidence.0;
        evidence.clear();
        found.each_evidence(|it| {
            evidence.push(t1053_evidence {
                field: it.field.number(),
                reserved: 0,
                start: it.range.start,
                end: it.range.end,
                text: t1053_text::bytes(it.text),
                pattern: t1053_text::of(it.pattern),
            });
        });
        let index = found.index();
        let Some(detection) = self.shared.detections.get(index) else {
            return ControlFlow::Continue(());
        };
        let event = found.event();
        let other_time = found.other_time();
        let inside = t1053_found { found, origin };
        let Origin { place, source, .. } = origin;
        let found = t1053_match {
            struct_size: size_of::<t1053_match>(),
            found: core::ptr::from_ref(&inside).cast(),
            detection,
            detection_index: index,
            evidence: evidence.as_ptr(),
            evidence_len: evidence.len(),
            record: place.record,
            item: place.item.unwrap_or(T1053_NO_ITEM),
            kind: event.kind().number(),
            time: event.time.map_or(0, |it| it.ticks()),
            other_time: other_time.map_or(0, |it| it.ticks()),
            has_time: u32::from(event.time.is_some()),
            has_other_time: u32::from(other_time.is_some()),
            host: t1053_text::option(event.host),
            user: t1053_text::option(event.user),
            offset: source.offset,
            length: source.length,
            raw: origin.raw(),
            joined: place.joined.as_ptr(),
            joined_len: place.joined.len(),
        };
        // SAFETY: the caller's function, called as it says; what it is given
        // lives until it returns.
        flow(unsafe { (self.on_match)(self.user, &raw const found) })
    }
}

/// What is inside of a caller's match.
///
/// # Safety
///
/// NULL, misaligned, or what the callback was given, before it returns.
unsafe fn inside<'a>(
    found: *const t1053_match,
) -> Result<&'a t1053_found<'a>, t1053_status> {
    // SAFETY: as the caller's.
    unsafe { pointer::shared(pointer::shared(found)?.found.cast()) }
}

/// What is inside of a caller's match, if it is of this detector.
///
/// # Safety
///
/// As of [`inside`].
pub(crate) unsafe fn of<'a>(
    found: *const t1053_match,
    shared: &Shared,
) -> Result<&'a Match<'a>, t1053_status> {
    // SAFETY: as the caller's.
    let found = unsafe { inside(found) }?.found;
    let same = shared.detector.detection(found.index());
    match same.is_some_and(|one| core::ptr::eq(one, found.detection())) {
        true => Ok(found),
        false => Err(t1053_status::T1053_OTHER_DETECTOR),
    }
}

/// The first value of any field of the event that matched, as the rule saw
/// it; parts of a task definition (`Command`, `Arguments`, `Hidden`) only
/// where the detection looks at them.
///
/// Writes `*value`, NULL when the field is absent; it lives for the callback.
/// Only within the callback that `found` was given to. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_match_value(
    found: *const t1053_match,
    field: u32,
    value: *mut t1053_text,
) -> t1053_status {
    status(|| {
        // SAFETY: of the callback that we are in, by the caller's word.
        let found = unsafe { inside(found) }?;
        // SAFETY: the caller gives a place for the result.
        let value = unsafe { pointer::place(value) }?;
        let field = names::field(field)?;
        value.write(t1053_text::option(found.found.value(field)));
        Ok(())
    })
}

/// Writes one line in plain words about a match, with the telling values,
/// into a buffer: no line end, no NUL. UTF-8, without control characters.
///
/// Returns how many bytes it has, which are all written if that is at most
/// `capacity`; if it is more, the beginning is. 0 when `found` is NULL.
/// Only within the callback that `found` was given to. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_match_message(
    found: *const t1053_match,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    guard(0, || {
        // SAFETY: of the callback that we are in, by the caller's word.
        let Ok(found) = (unsafe { inside(found) }) else { return 0 };
        // SAFETY: the caller gives `capacity` bytes.
        unsafe { pointer::write(buffer, capacity, &found.found.message()) }
    })
}

/// Writes a match as one line of NDJSON into a buffer: no line end, no NUL.
///
/// The object has `path`, `record`, `item` (only where the record wraps
/// several), `detection`, `title`, `kind`, `techniques`, `risk_score`, `time`,
/// `host`, `user`, `message`, `evidence`; with `keep` in the options of its
/// scanner also `event`, `offset`, `length`, `fields` and `raw`. `path` names the file or stream, in
/// UTF-8; NULL renders as `null`. The buffer must not overlap it.
///
/// Returns how many bytes the line has, which are all written if that is at
/// most `capacity`; if it is more, the beginning is. 0 when `found` is NULL
/// or `path` is not UTF-8. Only within the callback that `found` was given
/// to. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_match_ndjson(
    found: *const t1053_match,
    path: *const c_char,
    path_len: usize,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    guard(0, || {
        // SAFETY: of the callback that we are in, by the caller's word.
        let Ok(found) = (unsafe { inside(found) }) else { return 0 };
        // SAFETY: the caller gives `path_len` bytes.
        let name = unsafe { pointer::text(path, path_len) };
        let Ok(name) = name else { return 0 };
        let t1053_found { found, origin } = *found;
        let Origin { mut place, quote, .. } = origin;
        place.path = if path.is_null() { None } else { Some(name) };
        let line = Finding { place, found, quote };
        // SAFETY: the caller gives `capacity` bytes.
        unsafe { pointer::write(buffer, capacity, &line) }
    })
}
