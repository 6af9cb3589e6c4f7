//! The C interface, driven by an arbitrary program of calls: handles that
//! exist or not, buffers too small, numbers that mean nothing, callbacks that
//! stop or call back in. Nothing panics, nothing is written out of bounds,
//! and the counts add up.

#![no_main]

use core::ffi::{c_char, c_void};
use core::ptr;

use libfuzzer_sys::fuzz_target;
use t1053_c::correlator::*;
use t1053_c::detector::*;
use t1053_c::evaluator::*;
use t1053_c::event::*;
use t1053_c::found::*;
use t1053_c::names::*;
use t1053_c::pointer::t1053_text;
use t1053_c::scanner::*;
use t1053_c::sequence_event::t1053_sequence_event;
use t1053_c::state::t1053_restored;
use t1053_c::status::t1053_status;

/// What is left of the program.
struct Program<'d>(&'d [u8]);

impl<'d> Program<'d> {
    fn byte(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first)
    }

    fn bytes(&mut self) -> &'d [u8] {
        let length = self.byte().min(self.0.len());
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        bytes
    }

    /// As long as a record.
    fn record(&mut self) -> &'d [u8] {
        let length = (self.byte() * 16).min(self.0.len());
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        bytes
    }

    /// One of the handles, or NULL.
    fn pick<T>(&mut self, handles: &[*mut T]) -> *mut T {
        let at = self.byte();
        if at == 255 || handles.is_empty() {
            return ptr::null_mut();
        }
        handles[at % handles.len()]
    }

    fn take<T>(&mut self, handles: &mut Vec<*mut T>) -> *mut T {
        let at = self.byte();
        if at == 255 || handles.is_empty() {
            return ptr::null_mut();
        }
        handles.swap_remove(at % handles.len())
    }
}

fn text(bytes: &[u8]) -> (*const c_char, usize) {
    (bytes.as_ptr().cast(), bytes.len())
}

/// What a callback is told to do, and what it saw.
struct Visit {
    stop: bool,
    again: *mut t1053_scanner,
    seen: usize,
}

unsafe extern "C" fn on_match(
    user: *mut c_void,
    found: *const t1053_match,
) -> i32 {
    // SAFETY: what the library hands over, in its callback.
    unsafe {
        let visit = &mut *user.cast::<Visit>();
        visit.seen += 1;
        let it = &*found;
        for at in 0..it.evidence_len {
            let evidence = &*it.evidence.add(at);
            assert_eq!(evidence.end - evidence.start, evidence.text.len);
        }
        let mut value = t1053_text { data: ptr::null(), len: 0 };
        for field in 0..64 {
            let _ = t1053_match_value(found, field, &raw mut value);
        }
        let mut small = [0x55; 24];
        let buffer = small.as_mut_ptr().cast();
        let needed = t1053_match_message(found, buffer, 16);
        assert!(needed > 0);
        t1053_match_ndjson(found, ptr::null(), 0, buffer, 16);
        assert_eq!(small[16..], [0x55; 8]);
        if !visit.again.is_null() {
            // A handle in use says so.
            let status = t1053_scanner_reset(visit.again);
            assert_eq!(status, t1053_status::T1053_BUSY);
            t1053_scanner_free(visit.again);
        }
        i32::from(visit.stop)
    }
}

unsafe extern "C" fn on_unreadable(
    user: *mut c_void,
    unreadable: *const t1053_unreadable,
) -> i32 {
    // SAFETY: what the library hands over, in its callback.
    unsafe {
        let visit = &mut *user.cast::<Visit>();
        assert!((*unreadable).reason.len > 0);
        i32::from(visit.stop)
    }
}

unsafe extern "C" fn on_not_understood(
    user: *mut c_void,
    record: *const t1053_not_understood,
) -> i32 {
    // SAFETY: what the library hands over, in its callback.
    unsafe {
        let visit = &mut *user.cast::<Visit>();
        let t1053_text { data, len } = (*record).bytes;
        let bytes = std::slice::from_raw_parts(data.cast::<u8>(), len);
        assert!(bytes.iter().any(|byte| !byte.is_ascii_whitespace()));
        i32::from(visit.stop)
    }
}

unsafe extern "C" fn on_sequence_event(
    user: *mut c_void,
    event: *const t1053_sequence_event,
) -> i32 {
    // SAFETY: what the library hands over, in its callback, and a correlator
    // that is always there.
    unsafe {
        let visit = &*user.cast::<Visit>();
        let status = t1053_correlator_take_sequence_event(
            CORRELATOR.with(|it| *it),
            event,
            Some(on_match),
            user,
        );
        assert!(matches!(
            status,
            t1053_status::T1053_OK
                | t1053_status::T1053_STOPPED
                | t1053_status::T1053_OTHER_DETECTOR
        ));
        i32::from(visit.stop)
    }
}

// Those that are always there: making one takes most of the time.
thread_local! {
    static DETECTOR: *mut t1053_detector = {
        let mut detector = ptr::null_mut();
        // SAFETY: a place for the result.
        unsafe { t1053_detector_new(&raw mut detector) };
        detector
    };
    /// Several scanners share it.
    static CORRELATOR: *mut t1053_correlator = {
        let detector = DETECTOR.with(|it| *it);
        let mut correlator = ptr::null_mut();
        // SAFETY: a detector, and a place for the result.
        unsafe { t1053_correlator_new(detector, 4, &raw mut correlator) };
        correlator
    };
}

fuzz_target!(|data: &[u8]| {
    // SAFETY: handles come from the library and are freed once; every
    // pointer is NULL or points to what its declaration asks for.
    unsafe { run(Program(data)) }
});

unsafe fn run(mut program: Program<'_>) {
    let always = DETECTOR.with(|it| *it);
    let mut detectors = vec![always];
    let mut builders: Vec<*mut t1053_builder> = Vec::new();
    let mut evaluators: Vec<*mut t1053_evaluator> = Vec::new();
    let mut scanners: Vec<*mut t1053_scanner> = Vec::new();
    let mut steps = 0;
    while !program.0.is_empty() && steps < 24 {
        steps += 1;
        // SAFETY: as the caller's.
        unsafe {
            let status = step(
                &mut program,
                &mut detectors,
                &mut builders,
                &mut evaluators,
                &mut scanners,
            );
            assert_ne!(status, t1053_status::T1053_PANIC);
            assert_ne!(status, t1053_status::T1053_POISONED);
        }
    }
    // SAFETY: as the caller's. In any order: what needs another keeps it.
    unsafe {
        detectors.retain(|it| *it != always);
        detectors.into_iter().for_each(|it| t1053_detector_free(it));
        builders.into_iter().for_each(|it| t1053_builder_free(it));
        evaluators.into_iter().for_each(|it| t1053_evaluator_free(it));
        for scanner in scanners {
            check(scanner);
            t1053_scanner_free(scanner);
        }
    }
}

/// Every record is accounted for.
unsafe fn check(scanner: *mut t1053_scanner) {
    let mut counts = core::mem::MaybeUninit::<t1053_counts>::zeroed();
    // SAFETY: zero is a value of every member.
    unsafe {
        let counts = counts.assume_init_mut();
        counts.struct_size = size_of::<t1053_counts>();
        if t1053_scanner_counts(scanner, counts) == t1053_status::T1053_OK {
            let sum = counts.read + counts.filtered;
            let sum = sum + counts.uninteresting + counts.unreadable;
            assert_eq!(sum, counts.records);
        }
    }
}

unsafe fn step(
    program: &mut Program<'_>,
    detectors: &mut Vec<*mut t1053_detector>,
    builders: &mut Vec<*mut t1053_builder>,
    evaluators: &mut Vec<*mut t1053_evaluator>,
    scanners: &mut Vec<*mut t1053_scanner>,
) -> t1053_status {
    let mut number = 0u32;
    // SAFETY: as the caller's.
    unsafe {
        match program.byte() % 20 {
            0 if program.byte() % 64 == 63 => {
                made(detectors, |it| t1053_detector_new(it))
            }
            1 => made(builders, |it| t1053_builder_new(it)),
            2 => {
                let builder = program.pick(builders);
                let (data, len) = text(program.bytes());
                match program.byte() % 2 {
                    0 => t1053_builder_enable(builder, data, len),
                    _ => t1053_builder_disable(builder, data, len),
                }
            }
            3 => {
                let builder = program.pick(builders);
                let (slug, slug_len) = text(program.bytes());
                let field = program.byte() as u32;
                let operation = program.byte() as u32;
                let (pattern, pattern_len) = text(program.bytes());
                t1053_builder_exclude(
                    builder,
                    slug,
                    slug_len,
                    field,
                    operation,
                    pattern,
                    pattern_len,
                )
            }
            4 => {
                let builder = program.pick(builders);
                let status =
                    made(detectors, |it| t1053_builder_build(builder, it));
                let error = t1053_builder_error(builder);
                if status == t1053_status::T1053_BUILD_FAILED {
                    assert!(error.len > 0);
                }
                status
            }
            5 => {
                let detector = program.pick(detectors);
                let capacity = program.byte() % 4 + 1;
                made(evaluators, |it| {
                    t1053_evaluator_new(detector, capacity, it)
                })
            }
            6 => {
                let detector = program.pick(detectors);
                let keep: [&[u8]; 4] =
                    [b"", b"raw", b"Image,JobName,raw", b"nothing"];
                let (data, len) = text(keep[program.byte() % keep.len()]);
                let options = t1053_scanner_options {
                    struct_size: size_of::<t1053_scanner_options>()
                        - program.byte() % 7 * 8,
                    format: (program.byte() % 7) as u32,
                    flags: (program.byte() % 8) as u32,
                    record_limit: program.byte() * 64,
                    sequence_capacity: program.byte() % 4 + 1,
                    sequence_depth: program.byte() % 4,
                    on_verdict: None,
                    keep: t1053_text { data, len },
                    on_sequence_event: match program.byte() % 2 {
                        0 => None,
                        _ => Some(on_sequence_event),
                    },
                    on_not_understood: match program.byte() % 2 {
                        0 => None,
                        _ => Some(on_not_understood),
                    },
                };
                let options = match program.byte() % 32 {
                    31 => ptr::null(),
                    _ => &raw const options,
                };
                made(scanners, |it| t1053_scanner_new(detector, options, it))
            }
            7 | 8 => {
                let evaluator = program.pick(evaluators);
                let detector = program.pick(detectors);
                event(program, evaluator, detector)
            }
            9..=11 => {
                let scanner = program.pick(scanners);
                let again = match program.byte() % 2 {
                    0 => ptr::null_mut(),
                    _ => scanner,
                };
                let mut visit =
                    Visit { stop: program.byte() % 4 == 3, again, seen: 0 };
                let user = (&raw mut visit).cast();
                let way = program.byte();
                let data = program.record();
                let (bytes, len) = (data.as_ptr().cast(), data.len());
                let unreadable: t1053_on_unreadable = match way & 8 {
                    0 => Some(on_unreadable),
                    _ => None,
                };
                match way % 3 {
                    0 => t1053_scanner_feed(
                        scanner,
                        bytes,
                        len,
                        Some(on_match),
                        unreadable,
                        user,
                    ),
                    1 => t1053_scanner_record(
                        scanner,
                        bytes,
                        len,
                        Some(on_match),
                        unreadable,
                        user,
                    ),
                    _ => t1053_scanner_finish(
                        scanner,
                        Some(on_match),
                        unreadable,
                        user,
                    ),
                }
            }
            12 | 13 => {
                let scanner = program.pick(scanners);
                let data = program.record();
                let at_end = (program.byte() % 2) as i32;
                let capacity = program.byte() * 4;
                let mut buffer = vec![0x55u8; capacity + 8];
                let (mut written, mut waiting) = (0, 0);
                let status = t1053_scanner_lines(
                    scanner,
                    data.as_ptr().cast(),
                    data.len(),
                    at_end,
                    buffer.as_mut_ptr().cast(),
                    capacity,
                    &raw mut written,
                    &raw mut waiting,
                );
                assert_eq!(buffer[capacity..], [0x55; 8]);
                if status == t1053_status::T1053_OK && written > 0 {
                    assert_eq!(buffer[written - 1], b'\n');
                }
                status
            }
            14 => {
                let scanner = program.pick(scanners);
                check(scanner);
                let mut count = 0;
                let kind = program.byte() as u32;
                t1053_scanner_events(scanner, kind, &raw mut count)
            }
            15 => {
                let detector = program.pick(detectors);
                let count = t1053_detector_count(detector);
                let at = program.byte();
                let found = t1053_detector_get(detector, at);
                assert_eq!(found.is_null(), at >= count);
                let (slug, len) = text(program.bytes());
                let mut index = 0;
                t1053_detector_find(detector, slug, len, &raw mut index)
            }
            16 => {
                let (name, len) = text(program.bytes());
                let status = t1053_field_from_name(name, len, &raw mut number);
                if status == t1053_status::T1053_OK {
                    assert_eq!(t1053_field_name(number).len, len);
                }
                let _ = t1053_kind_from_name(name, len, &raw mut number);
                let _ = t1053_format_from_name(name, len, &raw mut number);
                let _ = t1053_kind_name(program.byte() as u32);
                let kind = program.byte() as u32;
                t1053_kind_has_field(kind, program.byte() as u32)
            }
            17 => {
                if detectors.len() > 1 {
                    t1053_detector_free(detectors.pop().unwrap());
                }
                t1053_builder_free(program.take(builders));
                t1053_status::T1053_OK
            }
            18 => {
                t1053_evaluator_free(program.take(evaluators));
                t1053_scanner_free(program.take(scanners));
                t1053_status::T1053_OK
            }
            _ => match program.byte() % 4 {
                0 => t1053_evaluator_reset(program.pick(evaluators)),
                1 => t1053_scanner_reset(program.pick(scanners)),
                2 => {
                    let from = program.pick(evaluators);
                    let to = program.pick(evaluators);
                    moved(
                        program,
                        |state, len, needed| {
                            t1053_evaluator_save(from, state, len, needed)
                        },
                        |state, len, told| {
                            t1053_evaluator_restore(to, state, len, told)
                        },
                    )
                }
                _ => {
                    let from = program.pick(scanners);
                    let to = program.pick(scanners);
                    moved(
                        program,
                        |state, len, needed| {
                            t1053_scanner_save(from, state, len, needed)
                        },
                        |state, len, told| {
                            t1053_scanner_restore(to, state, len, told)
                        },
                    )
                }
            },
        }
    }
}

/// Takes the state of one handle to another, whole, cut or changed.
fn moved(
    program: &mut Program<'_>,
    save: impl Fn(*mut c_void, usize, *mut usize) -> t1053_status,
    restore: impl Fn(*const c_void, usize, *mut t1053_restored) -> t1053_status,
) -> t1053_status {
    let mut needed = 0;
    let status = save(ptr::null_mut(), 0, &raw mut needed);
    if status != t1053_status::T1053_BUFFER_TOO_SMALL {
        return status;
    }
    let mut state = vec![0x55_u8; needed + 1];
    let place = state.as_mut_ptr().cast();
    assert_eq!(save(place, needed, &raw mut needed), t1053_status::T1053_OK);
    assert_eq!(state.pop(), Some(0x55));
    let whole = state.clone();
    match program.byte() % 4 {
        0 => state.truncate(program.byte()),
        1 => {
            let at = program.byte() * 7 % state.len();
            state[at] ^= program.byte() as u8;
        }
        _ => {}
    }
    let mut told = t1053_restored {
        struct_size: size_of::<t1053_restored>(),
        detections: 0,
        keys: 0,
        dropped_detections: 0,
        dropped_keys: 0,
    };
    let told = match program.byte() % 2 {
        0 => ptr::null_mut(),
        _ => &raw mut told,
    };
    let status = restore(state.as_ptr().cast(), state.len(), told);
    assert!(state == whole || status != t1053_status::T1053_OK);
    status
}

/// Keeps a handle that a call makes.
fn made<T>(
    handles: &mut Vec<*mut T>,
    make: impl FnOnce(*mut *mut T) -> t1053_status,
) -> t1053_status {
    if handles.len() >= 3 {
        return t1053_status::T1053_OK;
    }
    let mut handle = ptr::null_mut();
    let status = make(&raw mut handle);
    assert_eq!(handle.is_null(), status != t1053_status::T1053_OK);
    if !handle.is_null() {
        handles.push(handle);
    }
    status
}

unsafe fn event(
    program: &mut Program<'_>,
    evaluator: *mut t1053_evaluator,
    detector: *mut t1053_detector,
) -> t1053_status {
    let kind = program.byte() as u32 % 20;
    let platform = program.byte() as u32 % 5;
    let time = program.byte() as i64 * 10_000_000;
    let mut fields = Vec::new();
    for _ in 0..program.byte() % 6 {
        let field = program.byte() as u32 % 66;
        let value = program.bytes();
        let (data, len) = text(value);
        let value = match program.byte() % 8 {
            7 => t1053_text { data: ptr::null(), len: 0 },
            _ => t1053_text { data, len },
        };
        fields.push(t1053_field_value { field, reserved: 0, value });
    }
    let event = t1053_event {
        struct_size: size_of::<t1053_event>(),
        platform,
        kind,
        time,
        has_time: program.byte() as u32 % 2,
        reserved: 0,
        fields: fields.as_ptr(),
        fields_len: fields.len(),
    };
    let event = &raw const event;
    // SAFETY: as the caller's.
    unsafe {
        if program.byte() % 2 == 0 {
            let stop = program.byte() % 4 == 3;
            let mut visit = Visit { stop, again: ptr::null_mut(), seen: 0 };
            let user = (&raw mut visit).cast();
            let mut is_part = 0;
            return match program.byte() % 4 {
                3 => t1053_evaluate_alone(
                    evaluator,
                    event,
                    Some(on_match),
                    user,
                    &raw mut is_part,
                ),
                _ => t1053_evaluate(evaluator, event, Some(on_match), user),
            };
        }
        // With an evaluator that has seen this event, another one, or none,
        // and perhaps of another detector.
        if program.byte() % 4 == 3 {
            let again = ptr::null_mut();
            let mut visit = Visit { stop: false, again, seen: 0 };
            let mut correlator = ptr::null_mut();
            let status =
                t1053_correlator_new(detector, 2, &raw mut correlator);
            let taken = t1053_correlator_take(
                correlator,
                evaluator,
                event,
                Some(on_match),
                (&raw mut visit).cast(),
            );
            t1053_correlator_free(correlator);
            let is_other = taken == t1053_status::T1053_OTHER_DETECTOR;
            assert!(!is_other || visit.seen == 0);
            return if status == t1053_status::T1053_OK {
                taken
            } else {
                status
            };
        }
        let capacity = program.byte() % 8;
        let mut indices = vec![0x5555_5555; capacity + 1];
        let mut count = 0;
        let status = t1053_evaluate_indices(
            evaluator,
            event,
            indices.as_mut_ptr(),
            capacity,
            &raw mut count,
        );
        assert_eq!(indices[capacity], 0x5555_5555);
        status
    }
}
