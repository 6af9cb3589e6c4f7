/*!
Where the library tells of its own defects.
*/

use core::ffi::{c_char, c_void};
use core::fmt::{self, Write};
use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};

use crate::guard::status;
use crate::reserve;
use crate::status::t1053_status;

/// Takes a line for a log: `text_len` bytes of UTF-8, without a line end, for
/// the callback only. `user` is what t1053_log_to() was given.
///
/// It must return: to jump or throw out of it is undefined. It may be called
/// by any thread that is in the library, by several at a time, and must not
/// call the library.
pub type t1053_on_log = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        text: *const c_char,
        text_len: usize,
    ),
>;

#[derive(Clone, Copy)]
struct Log {
    on_log: t1053_on_log,
    user: *mut c_void,
}

// SAFETY: the caller says that any thread may call with it.
unsafe impl Send for Log {}

static LOG: Mutex<Log> =
    Mutex::new(Log { on_log: None, user: core::ptr::null_mut() });

/// Bytes of the longest line; the rest is cut off.
const LONGEST: usize = 512;

/// Hands `on_log` what the library has to say that no status and no callback
/// of a call can: of a defect of its own, which ends in T1053_PANIC, one line
/// with its place in the source. Without this call the line goes to standard
/// error; with NULL for `on_log`, nowhere.
///
/// It is the one setting of the process, or, where several copies of the
/// library are in it, of this copy. A later call replaces an earlier one,
/// which another thread may still be in. Before the code of `on_log` is
/// unloaded, call it with NULL. Any thread. Allocates.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_log_to(
    on_log: t1053_on_log,
    user: *mut c_void,
) -> t1053_status {
    status(|| {
        reserve::made(0, || {
            *LOG.lock().unwrap_or_else(PoisonError::into_inner) =
                Log { on_log, user };
            std::panic::set_hook(Box::new(tell));
            Ok(())
        })
    })
}

/// Tells of a panic, without allocating: it may have been for want of memory.
fn tell(panic: &PanicHookInfo<'_>) {
    let Log { on_log, user } =
        *LOG.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(on_log) = on_log else { return };
    let mut line = Line { bytes: [0; LONGEST], length: 0 };
    // It is cut off where it is too long.
    let _ = write!(line, "t1053 {}: defect", env!("CARGO_PKG_VERSION"));
    if let Some(place) = panic.location() {
        let _ = write!(line, " at {place}");
    }
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref().map(String::as_str));
    if let Some(text) = text {
        let _ = write!(line, ": {text}");
    }
    let text = line.bytes.as_ptr().cast();
    // SAFETY: the caller's function, as it says.
    unsafe { on_log(user, text, line.length) };
}

/// A line of bounded length, without line ends.
struct Line {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            let shown = if character.is_control() { ' ' } else { character };
            let end = self.length.saturating_add(shown.len_utf8());
            let Some(free) = self.bytes.get_mut(self.length..end) else {
                return Err(fmt::Error);
            };
            shown.encode_utf8(free);
            self.length = end;
        }
        Ok(())
    }
}
