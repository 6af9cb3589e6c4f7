/*!
Detectors, and the builder that chooses what they detect.
*/

use core::ffi::c_char;
use core::ptr;
use std::sync::Arc;

use t1053::{Canonical, Detector, DetectorBuilder, Selector};

use crate::detection::{Shared, t1053_detection};
use crate::guard::{Turn, guard, status};
use crate::names;
use crate::pointer::{self, t1053_text};
use crate::reserve;
use crate::status::t1053_status;

/// Detections, ready to run. Immutable: any number of threads may use one at
/// a time, without locks.
pub struct t1053_detector {
    pub(crate) shared: Arc<Shared>,
}

/// Chooses what a detector detects. One thread at a time.
pub struct t1053_builder {
    turn: Turn<Choice>,
}

#[derive(Default)]
pub(crate) struct Choice {
    pub(crate) builder: DetectorBuilder,
    /// What is set for rules and scanners.
    #[cfg(feature = "sigma")]
    pub(crate) config: Option<t1053::Config>,
    /// Bytes of texts and packs of rules that were added.
    pub(crate) rule_bytes: usize,
    /// Why the last call failed.
    pub(crate) error: String,
}

/// Bytes of memory that rules take at most, while they are read and while a
/// detector is made of them, for each byte of their text.
pub(crate) const BYTES_FOR_RULES: usize = 64;

/// Bytes that a detector of all built-in detections takes while it is made.
const BUILTIN_BYTES: usize = 2 << 20;

fn handle(shared: Shared) -> Box<t1053_detector> {
    Box::new(t1053_detector { shared: Arc::new(shared) })
}

/// Makes a detector of all built-in detections.
///
/// Writes `*detector`, which the caller frees with t1053_detector_free().
/// Any thread. Allocates; takes some milliseconds. Make one, and share
/// it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_detector_new(
    detector: *mut *mut t1053_detector,
) -> t1053_status {
    status(|| {
        // SAFETY: the caller gives a place for the result.
        let detector = unsafe { pointer::place(detector) }?;
        let made = reserve::made(BUILTIN_BYTES, || {
            Ok(handle(Shared::new(Detector::new())))
        })?;
        detector.write(Box::into_raw(made));
        Ok(())
    })
}

/// Frees a detector; NULL is accepted. Evaluators and scanners made from it
/// stay usable. What t1053_detector_get() gave must not be used any more,
/// unless one of those still lives.
///
/// No other thread may be using the handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_detector_free(detector: *mut t1053_detector) {
    guard((), || {
        if !detector.is_null() {
            // SAFETY: made by `handle`, and the caller gives it up.
            drop(unsafe { Box::from_raw(detector) });
        }
    });
}

/// How many detections a detector has; 0 for NULL.
///
/// Any thread. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_detector_count(
    detector: *const t1053_detector,
) -> usize {
    guard(0, || {
        // SAFETY: NULL or a handle, by the caller's word.
        let detector = unsafe { pointer::shared(detector) };
        detector.map_or(0, |it| it.shared.detections.len())
    })
}

/// What is known of the detection at an index, which is less than
/// t1053_detector_count(); NULL when there is none. Detections stand in the
/// order of their slugs. Indices hold for this detector; to remember a
/// detection, remember its slug.
///
/// The result lives as long as the detector. Any thread. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_detector_get(
    detector: *const t1053_detector,
    index: usize,
) -> *const t1053_detection {
    guard(ptr::null(), || {
        // SAFETY: NULL or a handle, by the caller's word.
        let detector = unsafe { pointer::shared(detector) };
        let found = detector.map(|it| it.shared.detections.get(index));
        found.ok().flatten().map_or(ptr::null(), ptr::from_ref)
    })
}

/// A number for what a detector finds: another one wherever a detection, an
/// exclusion or how text is seen through differs, and the same on every
/// platform, to tell which content an agent runs. 0 for NULL.
///
/// Another version of the library may give another number to the same
/// content. Any thread. Does not allocate; takes some milliseconds for a
/// thousand detections.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_detector_content(
    detector: *const t1053_detector,
) -> u64 {
    guard(0, || {
        // SAFETY: NULL or a handle, by the caller's word.
        let detector = unsafe { pointer::shared(detector) };
        detector.map_or(0, |it| it.shared.detector.content_hash())
    })
}

/// Finds the index of a detection from its slug.
///
/// Writes `*index` on T1053_OK; else T1053_UNKNOWN_NAME. Any thread. Does
/// not allocate; takes time in proportion to the number of detections.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_detector_find(
    detector: *const t1053_detector,
    slug: *const c_char,
    slug_len: usize,
    index: *mut usize,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let detector = unsafe { pointer::shared(detector) }?;
        // SAFETY: the caller gives `slug_len` bytes.
        let slug = unsafe { pointer::bytes(slug, slug_len) }?;
        // SAFETY: the caller gives a place for the result.
        let index = unsafe { pointer::place(index) }?;
        let mut all = detector.shared.detector.detections();
        let found = all.position(|it| it.slug.as_bytes() == slug);
        index.write(found.ok_or(t1053_status::T1053_UNKNOWN_NAME)?);
        Ok(())
    })
}

/// Makes a builder. Without any t1053_builder_enable() every built-in
/// detection is chosen; with some, only those that one of them means. Then
/// each t1053_builder_disable() takes away.
///
/// Writes `*builder`, which the caller frees with t1053_builder_free(). Any
/// thread. Allocates.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_builder_new(
    builder: *mut *mut t1053_builder,
) -> t1053_status {
    status(|| {
        // SAFETY: the caller gives a place for the result.
        let builder = unsafe { pointer::place(builder) }?;
        let made = reserve::made(0, || {
            let turn = Turn::new(Choice::default());
            Ok(Box::new(t1053_builder { turn }))
        })?;
        builder.write(Box::into_raw(made));
        Ok(())
    })
}

/// Frees a builder; NULL is accepted.
///
/// No other thread may be using the handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_builder_free(builder: *mut t1053_builder) {
    guard((), || {
        if !builder.is_null() {
            // SAFETY: made by `t1053_builder_new`, and given up.
            drop(unsafe { Box::from_raw(builder) });
        }
    });
}

/// Works with what a builder has chosen.
///
/// # Safety
///
/// NULL, misaligned, or a handle.
pub(crate) unsafe fn with_choice(
    builder: *mut t1053_builder,
    body: impl FnOnce(&mut Choice) -> Result<(), t1053_status>,
) -> Result<(), t1053_status> {
    // SAFETY: as the caller's.
    let builder = unsafe { pointer::shared(builder) }?;
    builder.turn.with(|choice| {
        choice.error.clear();
        body(choice)
    })
}

/// Lets a builder change, or keeps why it could not.
unsafe fn change(
    builder: *mut t1053_builder,
    body: impl FnOnce(DetectorBuilder) -> Result<DetectorBuilder, Refusal>,
) -> Result<(), t1053_status> {
    let change = |choice: &mut Choice| {
        let changed = reserve::made(0, || {
            body(choice.builder.clone()).map_err(|(status, error)| {
                choice.error = error;
                status
            })
        })?;
        choice.builder = changed;
        Ok(())
    };
    // SAFETY: as the caller's.
    unsafe { with_choice(builder, change) }
}

type Refusal = (t1053_status, String);

/// Reads a selector.
unsafe fn selector(
    text: *const c_char,
    len: usize,
) -> Result<Selector, Refusal> {
    // SAFETY: as the caller's.
    let text = unsafe { pointer::text(text, len) }.map_err(plain)?;
    text.parse().map_err(|error: t1053::SelectorError| {
        (t1053_status::T1053_BAD_SELECTOR, error.to_string())
    })
}

/// A refusal that its status says everything of.
fn plain(status: t1053_status) -> Refusal {
    (status, String::new())
}

/// Chooses the detections that a selector means; several calls add up.
///
/// A selector is a preset (`all`; `published`, the detections of other
/// publishers; `behaviours`, ours), a slug, `kind:TTP`, `technique:T1053.003`
/// (`technique:T1053` takes its sub-techniques in), `platform:linux`,
/// `pack:scheduled-tasks` or `risk:50` (at least 50). On T1053_BAD_SELECTOR,
/// t1053_builder_error() tells why. That a slug is unknown comes out in
/// t1053_builder_build(). One thread at a time. Allocates; the text is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_builder_enable(
    builder: *mut t1053_builder,
    selector: *const c_char,
    selector_len: usize,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, and `selector_len` bytes.
        unsafe {
            change(builder, |it| {
                Ok(it.enable(self::selector(selector, selector_len)?))
            })
        }
    })
}

/// Takes away the detections that a selector means; see
/// t1053_builder_enable(). One thread at a time. Allocates; the text is
/// copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_builder_disable(
    builder: *mut t1053_builder,
    selector: *const c_char,
    selector_len: usize,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, and `selector_len` bytes.
        unsafe {
            change(builder, |it| {
                Ok(it.disable(self::selector(selector, selector_len)?))
            })
        }
    })
}

/// Leaves the built-in detections out: the builder has what is added to it
/// and nothing else. Call it before t1053_builder_add_rules(), so that rules
/// may have the names of built-in ones. One thread at a time. Allocates.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_builder_without_builtin(
    builder: *mut t1053_builder,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        unsafe { change(builder, |it| Ok(it.without_builtin())) }
    })
}

/// Says how far command lines and scripts are taken apart for detections
/// about scheduled jobs: `off`, not at all; `argv`, into words, and no text of
/// a shell; `full`, the usual, with the texts that shells are told to run. On
/// T1053_BAD_SELECTOR, for any other name, t1053_builder_error() tells the
/// names. One thread at a time. Allocates.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_builder_canonical(
    builder: *mut t1053_builder,
    name: *const c_char,
    name_len: usize,
) -> t1053_status {
    status(|| {
        let body = |chosen: DetectorBuilder| {
            // SAFETY: the caller gives `name_len` bytes.
            let name = unsafe { pointer::text(name, name_len) };
            let name = name.map_err(plain)?;
            let canonical = name.parse::<Canonical>();
            let canonical = canonical.map_err(|error| {
                (t1053_status::T1053_BAD_SELECTOR, error.to_string())
            })?;
            Ok(chosen.canonical(canonical))
        };
        // SAFETY: NULL or a handle, by the caller's word.
        unsafe { change(builder, body) }
    })
}

/// Silences a detection for events in which a field compares with a pattern:
/// `field` is of t1053_field, `operation` of t1053_operation. Several
/// exclusions of one detection each silence it; of a sequence, they apply to
/// both of its events. One thread at a time. Allocates; the texts are copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_builder_exclude(
    builder: *mut t1053_builder,
    slug: *const c_char,
    slug_len: usize,
    field: u32,
    operation: u32,
    pattern: *const c_char,
    pattern_len: usize,
) -> t1053_status {
    status(|| {
        let body = |it: DetectorBuilder| {
            // SAFETY: the caller gives `slug_len` bytes.
            let slug = unsafe { pointer::text(slug, slug_len) };
            // SAFETY: the caller gives `pattern_len` bytes.
            let pattern = unsafe { pointer::text(pattern, pattern_len) };
            let field = names::field(field).map_err(plain)?;
            let operation = names::operation(operation).map_err(plain)?;
            let pattern = pattern.map_err(plain)?.to_owned();
            Ok(it.exclude(slug.map_err(plain)?, field, operation, pattern))
        };
        // SAFETY: NULL or a handle, by the caller's word.
        unsafe { change(builder, body) }
    })
}

/// Makes a detector of what was chosen. The builder stays as it is, and may
/// make another.
///
/// Writes `*detector`, which the caller frees with t1053_detector_free().
/// On T1053_BUILD_FAILED, t1053_builder_error() tells why. One thread at a
/// time. Allocates; takes some milliseconds at most.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_builder_build(
    builder: *mut t1053_builder,
    detector: *mut *mut t1053_detector,
) -> t1053_status {
    status(|| {
        // SAFETY: the caller gives a place for the result.
        let detector = unsafe { pointer::place(detector) }?;
        let build = |choice: &mut Choice| {
            let built = choice.builder.clone().build().map_err(|error| {
                choice.error = error.to_string();
                t1053_status::T1053_BUILD_FAILED
            })?;
            #[cfg_attr(not(feature = "sigma"), expect(unused_mut))]
            let mut shared = Shared::new(built);
            #[cfg(feature = "sigma")]
            shared.config.clone_from(&choice.config);
            Ok(handle(shared))
        };
        let make = |choice: &mut Choice| {
            let rules = choice.rule_bytes.saturating_mul(BYTES_FOR_RULES);
            let bytes = rules.saturating_add(BUILTIN_BYTES);
            let made = reserve::made(bytes, || build(choice))?;
            detector.write(Box::into_raw(made));
            Ok(())
        };
        // SAFETY: NULL or a handle, by the caller's word.
        unsafe { with_choice(builder, make) }
    })
}

/// Why the last call with this builder failed, in plain words, with the
/// nearest valid names; NULL when it did not fail, or when its status says
/// everything.
///
/// The text lives until the next call with the builder. One thread at a time.
/// Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_builder_error(
    builder: *const t1053_builder,
) -> t1053_text {
    guard(t1053_text::NONE, || {
        // SAFETY: NULL or a handle, by the caller's word.
        let builder = unsafe { pointer::shared(builder) };
        let error = builder.and_then(|it| {
            it.turn.with(|choice| Ok(t1053_text::of(&choice.error)))
        });
        let error = error.unwrap_or(t1053_text::NONE);
        if error.len == 0 { t1053_text::NONE } else { error }
    })
}

/// Writes to `*bytes` how much memory a detector holds, which all that is made
/// of it shares; with its filter, where a scanner was made.
///
/// Any thread. Does not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_detector_memory(
    detector: *const t1053_detector,
    bytes: *mut usize,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let shared = &unsafe { pointer::shared(detector) }?.shared;
        // SAFETY: the caller gives a place for the result.
        let bytes = unsafe { pointer::place(bytes) }?;
        bytes.write(shared.memory_usage());
        Ok(())
    })
}

/// Writes to `*is_needed` whether some detection looks at a field, of
/// t1053_field, of events of a kind, of t1053_event_kind: 1, or 0 where it
/// need not be collected. A field that is left out although it is needed makes
/// matches be missed. What is shown besides (host, user, time) is not asked.
///
/// 0 also for a field that no event of the kind has, and for all of a kind that
/// no detection asks for. docs/sensors.md tells which value of which sensor is
/// which field. Any thread. Does not allocate. Takes time in proportion to the
/// number of detections: to be asked as a program starts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_detector_needs(
    detector: *const t1053_detector,
    kind: u32,
    field: u32,
    is_needed: *mut i32,
) -> t1053_status {
    status(|| {
        // SAFETY: NULL or a handle, by the caller's word.
        let shared = &unsafe { pointer::shared(detector) }?.shared;
        let (kind, field) = (names::kind(kind)?, names::field(field)?);
        // SAFETY: the caller gives a place for the result.
        let is_needed = unsafe { pointer::place(is_needed) }?;
        is_needed.write(i32::from(shared.detector.needs(kind, field)));
        Ok(())
    })
}
