/*!
Which library this is.
*/

use core::ffi::{CStr, c_char};

/// The version of this interface. A library of the same number has every
/// declaration of this header, with the same meaning.
pub const T1053_ABI_VERSION: u32 = 1;

/// The ABI version of the library that is running; compare it with
/// T1053_ABI_VERSION where the library is loaded at run time.
///
/// Any thread. Does not allocate.
#[unsafe(no_mangle)]
pub extern "C" fn t1053_abi_version() -> u32 {
    T1053_ABI_VERSION
}

/// The version of the library that is running, NUL-terminated: `0.1.0`.
///
/// The text lives as long as the library. Any thread. Does not allocate.
#[unsafe(no_mangle)]
pub extern "C" fn t1053_version() -> *const c_char {
    const VERSION: &CStr = match CStr::from_bytes_with_nul(
        concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes(),
    ) {
        Ok(version) => version,
        Err(_) => c"",
    };
    VERSION.as_ptr()
}
