/*!
What comes over the boundary, checked as far as it can be, and texts that go
out over it.
*/

use core::ffi::c_char;
use core::mem::MaybeUninit;

use crate::status::t1053_status;

/// Bytes, usually UTF-8, not NUL-terminated. `data` is NULL when there is no
/// such text, which is not the same as an empty one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_text {
    /// The first byte, or NULL.
    pub data: *const c_char,
    /// How many bytes.
    pub len: usize,
}

impl t1053_text {
    pub(crate) const NONE: t1053_text =
        t1053_text { data: core::ptr::null(), len: 0 };

    pub(crate) fn of(text: &str) -> t1053_text {
        t1053_text::bytes(text.as_bytes())
    }

    pub(crate) fn bytes(bytes: &[u8]) -> t1053_text {
        t1053_text { data: bytes.as_ptr().cast(), len: bytes.len() }
    }

    pub(crate) fn option(bytes: Option<&[u8]>) -> t1053_text {
        bytes.map_or(t1053_text::NONE, t1053_text::bytes)
    }
}

fn check<T>(pointer: *const T) -> Result<(), t1053_status> {
    if pointer.is_null() {
        return Err(t1053_status::T1053_NULL_ARGUMENT);
    }
    if !pointer.is_aligned() {
        return Err(t1053_status::T1053_MISALIGNED);
    }
    Ok(())
}

/// What a pointer points to.
///
/// # Safety
///
/// NULL, misaligned, or valid for `'a` and not written to in it.
pub(crate) unsafe fn shared<'a, T>(
    pointer: *const T,
) -> Result<&'a T, t1053_status> {
    check(pointer)?;
    // SAFETY: neither NULL nor misaligned, so valid.
    Ok(unsafe { &*pointer })
}

/// The place of a result.
///
/// # Safety
///
/// NULL, misaligned, or valid for `'a` and nobody else's in it.
pub(crate) unsafe fn place<'a, T>(
    pointer: *mut T,
) -> Result<&'a mut MaybeUninit<T>, t1053_status> {
    check(pointer)?;
    // SAFETY: neither NULL nor misaligned, so valid and ours.
    Ok(unsafe { &mut *pointer.cast() })
}

/// An array. NULL is an empty one, where the length says so too.
///
/// # Safety
///
/// NULL, misaligned, or valid for `'a` and not written to in it, over the
/// whole length.
pub(crate) unsafe fn slice<'a, T>(
    data: *const T,
    len: usize,
) -> Result<&'a [T], t1053_status> {
    if len == 0 {
        return Ok(&[]);
    }
    check(data)?;
    if len
        .checked_mul(size_of::<T>())
        .is_none_or(|it| it > isize::MAX as usize)
    {
        return Err(t1053_status::T1053_TOO_LONG);
    }
    // SAFETY: neither NULL nor misaligned, so valid; of a possible length.
    Ok(unsafe { core::slice::from_raw_parts(data, len) })
}

/// Bytes.
///
/// # Safety
///
/// As of [`slice`].
pub(crate) unsafe fn bytes<'a>(
    data: *const c_char,
    len: usize,
) -> Result<&'a [u8], t1053_status> {
    // SAFETY: as the caller's.
    unsafe { slice(data.cast(), len) }
}

/// A text that must be UTF-8.
///
/// # Safety
///
/// As of [`slice`].
pub(crate) unsafe fn text<'a>(
    data: *const c_char,
    len: usize,
) -> Result<&'a str, t1053_status> {
    // SAFETY: as the caller's.
    let bytes = unsafe { bytes(data, len) }?;
    core::str::from_utf8(bytes).map_err(|_| t1053_status::T1053_NOT_UTF8)
}

/// A struct that begins with its size, and may get members at its end.
///
/// # Safety
///
/// `repr(C)`, a `usize` first, and all zero is a valid value.
pub(crate) unsafe trait Growing: Copy {
    /// The size that it had at first.
    const FIRST_SIZE: usize;
}

/// The most that a `struct_size` may be. The largest struct has 72 bytes
/// today: no version of it will ever come near, and a size that was never set
/// is most often larger.
const MOST_STRUCT_SIZE: usize = 4096;

/// The size that a caller's struct says it has. One that was never set must
/// not make the library read, or write, that many bytes.
///
/// # Safety
///
/// As of [`shared`], over the first member.
unsafe fn struct_size<T: Growing>(
    pointer: *const T,
) -> Result<usize, t1053_status> {
    check(pointer)?;
    // SAFETY: neither NULL nor misaligned; its first member is its size.
    let said = unsafe { *pointer.cast::<usize>() };
    // C pads a struct to a multiple of its alignment.
    let is_possible = said.is_multiple_of(align_of::<T>())
        && (T::FIRST_SIZE..=MOST_STRUCT_SIZE).contains(&said);
    is_possible.then_some(said).ok_or(t1053_status::T1053_BAD_STRUCT_SIZE)
}

/// Reads a struct from a caller whose header may be older or newer than this
/// library: members that the caller does not know are zero, those that only
/// the caller knows must be.
///
/// # Safety
///
/// As of [`shared`], over the size that it says.
pub(crate) unsafe fn grown<T: Growing>(
    pointer: *const T,
) -> Result<T, t1053_status> {
    // SAFETY: as the caller's.
    let said = unsafe { struct_size(pointer) }?;
    // SAFETY: the caller's struct is that long.
    let all = unsafe { slice(pointer.cast::<u8>(), said) }?;
    if all.iter().skip(size_of::<T>()).any(|&byte| byte != 0) {
        return Err(t1053_status::T1053_BAD_STRUCT_SIZE);
    }
    let mut value = MaybeUninit::<T>::zeroed();
    let known = said.min(size_of::<T>());
    // SAFETY: as much as both have; the rest is zero, which is valid.
    unsafe {
        let to = value.as_mut_ptr().cast::<u8>();
        to.copy_from_nonoverlapping(pointer.cast(), known);
        Ok(value.assume_init())
    }
}

/// Writes a struct to a caller whose header may be older or newer than this
/// library: as much as the caller knows; members that only the caller knows
/// are set to zero. The caller's size stays.
///
/// # Safety
///
/// As of [`place`], over the size that it says, which is set.
pub(crate) unsafe fn give_grown<T: Growing>(
    pointer: *mut T,
    value: T,
) -> Result<(), t1053_status> {
    // SAFETY: as the caller's.
    let said = unsafe { struct_size(pointer) }?;
    let known = said.min(size_of::<T>());
    let first = size_of::<usize>();
    let members = known.saturating_sub(first);
    let unknown = said.saturating_sub(known);
    // SAFETY: within the caller's struct, and within ours.
    unsafe {
        let (from, to) =
            ((&raw const value).cast::<u8>(), pointer.cast::<u8>());
        to.add(first).copy_from_nonoverlapping(from.add(first), members);
        to.add(known).write_bytes(0, unknown);
    }
    Ok(())
}

/// A caller's buffer that text is written into as far as it has room, and
/// the size that the whole has.
pub(crate) struct Buffer {
    data: *mut u8,
    capacity: usize,
    needed: usize,
}

impl Buffer {
    /// # Safety
    ///
    /// `data` is NULL, or valid for writes of `capacity` bytes.
    pub(crate) unsafe fn new(data: *mut c_char, capacity: usize) -> Buffer {
        let capacity = if data.is_null() { 0 } else { capacity };
        Buffer { data: data.cast(), capacity, needed: 0 }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    pub(crate) fn needed(&self) -> usize {
        self.needed
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let room = self.capacity.saturating_sub(self.needed);
        let length = bytes.len().min(room);
        if length > 0 {
            // SAFETY: `needed + length` is at most the capacity, and what
            // comes from this library does not overlap a caller's buffer.
            unsafe {
                let to = self.data.add(self.needed);
                to.copy_from_nonoverlapping(bytes.as_ptr(), length);
            }
        }
        self.needed = self.needed.saturating_add(bytes.len());
    }
}

impl core::fmt::Write for Buffer {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.write(text.as_bytes());
        Ok(())
    }
}

/// Writes what shows as text into a caller's buffer; returns how many bytes
/// the whole has.
///
/// # Safety
///
/// The buffer is NULL, or has so many bytes, which nobody else uses.
pub(crate) unsafe fn write(
    buffer: *mut c_char,
    capacity: usize,
    what: &dyn core::fmt::Display,
) -> usize {
    use core::fmt::Write;

    // SAFETY: as the caller's.
    let mut buffer = unsafe { Buffer::new(buffer, capacity) };
    match write!(buffer, "{what}") {
        Ok(()) => buffer.needed(),
        Err(_) => 0,
    }
}

/// Writes one of some counts to a caller's place.
///
/// # Safety
///
/// The place is NULL, misaligned, or the caller's.
pub(crate) unsafe fn give_one(
    counts: &[u64],
    index: usize,
    count: *mut u64,
) -> Result<(), t1053_status> {
    // SAFETY: as the caller's.
    let count = unsafe { place(count) }?;
    let of_one = counts.get(index).ok_or(t1053_status::T1053_OUT_OF_RANGE)?;
    count.write(*of_one);
    Ok(())
}
