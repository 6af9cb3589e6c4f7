/*!
Texts of Windows, which are UTF-16.
*/

use core::ffi::c_char;

use crate::guard::guard;
use crate::pointer::{self, Buffer};

/// Writes UTF-16 as UTF-8 into a buffer, as events take it: no NUL at the end
/// but what is in the text. A surrogate that stands alone becomes U+FFFD.
///
/// Returns how many bytes the whole has, which are all written if that is at
/// most `capacity`; if it is more, the beginning is. Three bytes a unit are
/// always enough. 0 when `units` is NULL or misaligned, or `count` is no
/// possible length.
///
/// A scanner needs no such help: it decodes records and streams of UTF-16 by
/// itself.
///
/// Any thread. Does not allocate. Costs time in proportion to `count`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_utf8_from_utf16(
    units: *const u16,
    count: usize,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    guard(0, || {
        // SAFETY: an array of that length, by the caller's word.
        let Ok(units) = (unsafe { pointer::slice(units, count) }) else {
            return 0;
        };
        // SAFETY: NULL or so many bytes, by the caller's word.
        let mut buffer = unsafe { Buffer::new(buffer, capacity) };
        for character in char::decode_utf16(units.iter().copied()) {
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            let mut bytes = [0; 4];
            buffer.write(character.encode_utf8(&mut bytes).as_bytes());
        }
        buffer.needed()
    })
}
