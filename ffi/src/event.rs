/*!
Events that a caller builds field by field.
*/

use core::mem::offset_of;

use t1053::Timestamp;
use t1053::event::Event;

use crate::names;
use crate::pointer::{self, Growing, t1053_text};
use crate::status::t1053_status;

/// One field of an event.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_field_value {
    /// Which field: of t1053_field.
    pub field: u32,
    /// 0; keeps the struct without gaps.
    pub reserved: u32,
    /// Its value. NULL means that the field is absent, which is not the same
    /// as empty. Any bytes; usually UTF-8.
    pub value: t1053_text,
}

/// An event. The caller owns it and all that it points to; the library reads
/// it during the call and keeps nothing.
///
/// Set everything to zero first, then `struct_size`, then what is known.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_event {
    /// `sizeof(t1053_event)`.
    pub struct_size: usize,
    /// Where it was recorded: of t1053_platform. A detection for one
    /// platform never matches events of another.
    pub platform: u32,
    /// What kind of event it is: of t1053_event_kind.
    pub kind: u32,
    /// When it happened, if `has_time` is not 0: in ticks of 100 nanoseconds
    /// since 1970-01-01T00:00:00Z. From Unix milliseconds, multiply by
    /// 10000; from a Windows FILETIME, subtract 116444736000000000.
    pub time: i64,
    /// Whether the time is known.
    pub has_time: u32,
    /// 0; keeps the struct without gaps.
    pub reserved: u32,
    /// The fields. Of a field that comes twice, the last value counts.
    pub fields: *const t1053_field_value,
    /// How many fields.
    pub fields_len: usize,
}

// SAFETY: as asked; numbers and pointers.
unsafe impl Growing for t1053_event {
    const FIRST_SIZE: usize =
        offset_of!(t1053_event, fields_len) + size_of::<usize>();
}

/// Borrows an event from a caller.
///
/// # Safety
///
/// `event` and all it points to is NULL, misaligned, or valid for `'a` and
/// not written to in it.
pub(crate) unsafe fn borrow<'a>(
    event: *const t1053_event,
) -> Result<Event<'a>, t1053_status> {
    // SAFETY: as the caller's.
    Ok(unsafe { borrow_sized(event) }?.0)
}

/// [`borrow`], and how many bytes the longest value has.
///
/// # Safety
///
/// As of [`borrow`].
pub(crate) unsafe fn borrow_sized<'a>(
    event: *const t1053_event,
) -> Result<(Event<'a>, usize), t1053_status> {
    // SAFETY: as the caller's.
    let from = unsafe { pointer::grown(event) }?;
    let platform = names::platform(from.platform)?;
    let mut event = Event::new(platform, names::kind(from.kind)?);
    if from.has_time != 0 {
        event.time = Some(Timestamp::from_ticks(from.time));
    }
    // SAFETY: as the caller's.
    let fields = unsafe { pointer::slice(from.fields, from.fields_len) }?;
    let mut longest = 0;
    for it in fields {
        let field = names::field(it.field)?;
        if it.value.data.is_null() && it.value.len == 0 {
            continue;
        }
        // SAFETY: as the caller's.
        let value = unsafe { pointer::bytes(it.value.data, it.value.len) }?;
        event
            .set(field, value)
            .map_err(|_| t1053_status::T1053_FIELD_NOT_OF_KIND)?;
        longest = longest.max(value.len());
    }
    Ok((event, longest))
}
