/*!
A configuration as text, and what exclusions have silenced.
*/

use core::ffi::{c_char, c_void};

#[cfg(feature = "sigma")]
use crate::detector::BYTES_FOR_RULES;
use crate::detector::{t1053_builder, t1053_detector};
use crate::evaluator::t1053_evaluator;
use crate::guard::{guard, status};
use crate::pointer::{self, t1053_text};
#[cfg(feature = "sigma")]
use crate::reserve;
use crate::scanner::{self, t1053_scanner};
use crate::status::t1053_status;

/// Takes the path of a file or folder of rules that a configuration names, as
/// it is written there: `path_len` bytes of UTF-8, for the callback only.
/// `user` is what the caller gave. 0 goes on, anything else stops.
///
/// It must return: to jump or throw out of it is undefined. The builder that
/// calls it is T1053_BUSY.
pub type t1053_on_rules_path = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        path: *const c_char,
        path_len: usize,
    ) -> i32,
>;

/// Lets a builder choose what a configuration says, besides what it has
/// chosen: a YAML text that is the same for all languages, which docs/rules.md
/// tells. Placeholders and names that it gives are those of all rules that are
/// added after it. Scanners of the detector read logs as it says; what their
/// options say comes before that.
///
/// The library reads no files: `on_path` takes the paths of rules that the
/// text names, and the program adds these. It may be NULL where none are
/// expected.
///
/// T1053_BAD_CONFIG where the text is wrong, and nothing is chosen:
/// t1053_builder_error() tells all that is, each in a line with its place.
/// T1053_STOPPED where `on_path` stopped, and nothing is chosen either.
/// T1053_UNSUPPORTED where the library is built without its feature `sigma`.
/// One thread at a time. Allocates; the text is not kept.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_builder_configure(
    builder: *mut t1053_builder,
    text: *const c_char,
    text_len: usize,
    on_path: t1053_on_rules_path,
    user: *mut c_void,
) -> t1053_status {
    #[cfg(not(feature = "sigma"))]
    {
        let _ = (builder, text, text_len, on_path, user);
        status(|| Err(t1053_status::T1053_UNSUPPORTED))
    }
    #[cfg(feature = "sigma")]
    status(|| {
        // SAFETY: the caller gives `text_len` bytes.
        let text = unsafe { pointer::text(text, text_len) }?;
        let body = |choice: &mut crate::detector::Choice| {
            let needed = text_len.saturating_mul(BYTES_FOR_RULES);
            let config = reserve::made(needed, || {
                text.parse::<t1053::Config>().map_err(|error| {
                    choice.error = error.to_string();
                    t1053_status::T1053_BAD_CONFIG
                })
            })?;
            for path in config.rules() {
                let Some(on_path) = on_path else { continue };
                let (data, len) = (path.as_ptr().cast(), path.len());
                // SAFETY: the caller's function, as it says.
                if unsafe { on_path(user, data, len) } != 0 {
                    return Err(t1053_status::T1053_STOPPED);
                }
            }
            let builder = core::mem::take(&mut choice.builder);
            choice.builder = config.for_detector(builder);
            choice.config = Some(config);
            Ok(())
        };
        // SAFETY: NULL or a handle, by the caller's word.
        unsafe { crate::detector::with_choice(builder, body) }
    })
}

/// How many exclusions a detector has; 0 for NULL. They stand in the order in
/// which they were given.
///
/// Any thread. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_detector_exclusion_count(
    detector: *const t1053_detector,
) -> usize {
    guard(0, || {
        // SAFETY: NULL or a handle, by the caller's word.
        let detector = unsafe { pointer::shared(detector) };
        detector.map_or(0, |it| it.shared.detector.exclusions().len())
    })
}

/// The name of the exclusion at an index: the one that its configuration gives
/// it, or the slug that t1053_builder_exclude() was given. NULL where there is
/// none.
///
/// The text lives as long as the detector. Any thread. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_detector_exclusion_name(
    detector: *const t1053_detector,
    index: usize,
) -> t1053_text {
    guard(t1053_text::NONE, || {
        // SAFETY: NULL or a handle, by the caller's word.
        let detector = unsafe { pointer::shared(detector) };
        let name = detector.ok().and_then(|it| {
            let exclusion = it.shared.detector.exclusions().get(index)?;
            Some(t1053_text::of(exclusion.name()))
        });
        name.unwrap_or(t1053_text::NONE)
    })
}

/// Writes to `*count` how many matches the exclusion at an index has silenced
/// in this evaluator. Of a detection that needs several events each event
/// counts, and of one about jobs each job.
///
/// T1053_OUT_OF_RANGE where the detector has no such exclusion. One thread at
/// a time. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_evaluator_excluded(
    evaluator: *const t1053_evaluator,
    index: usize,
    count: *mut u64,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let evaluator = unsafe { pointer::shared(evaluator) }?;
        evaluator.with(|work| {
            // SAFETY: as the caller's.
            unsafe { pointer::give_one(work.scratch.excluded(), index, count) }
        })
    })
}

/// The same of a scanner: since it was made, or last reset.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_scanner_excluded(
    scanner: *const t1053_scanner,
    index: usize,
    count: *mut u64,
) -> t1053_status {
    let body = |scanner: &t1053::Scanner| {
        // SAFETY: as the caller's.
        unsafe { pointer::give_one(scanner.excluded(), index, count) }
    };
    // SAFETY: NULL or a handle, by the caller's word.
    unsafe { scanner::looked_at(scanner, body) }
}
