/*!
How a call ended.
*/

use core::ffi::{CStr, c_char};

use t1053::{
    BuildError, BuildErrorKind, OtherDetector, StateError, StateErrorKind,
};

/// How a call ended. A number never changes and is never used again.
///
/// Unless it is T1053_OK, T1053_STOPPED or T1053_NO_MEMORY, the call did
/// nothing, and wrote none of its results.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum t1053_status {
    /// Done.
    T1053_OK = 0,
    /// A callback asked to stop, and that was done. No error.
    T1053_STOPPED = 1,
    /// Done, but for records for which there was no memory: each was handed to
    /// `on_unreadable` and counted as unreadable. Only of calls that scan.
    T1053_NO_MEMORY = 2,

    /// A pointer that must not be NULL is NULL.
    T1053_NULL_ARGUMENT = 100,
    /// A pointer is not aligned for what it points to.
    T1053_MISALIGNED = 101,
    /// A length is over half of the address space.
    T1053_TOO_LONG = 102,
    /// A text that must be UTF-8 is not.
    T1053_NOT_UTF8 = 103,
    /// A `struct_size` is less than the smallest that there ever was, more
    /// than 4096, or not a size that such a struct can have; or a member that
    /// this library does not know is not zero.
    T1053_BAD_STRUCT_SIZE = 104,
    /// No platform has this number.
    T1053_UNKNOWN_PLATFORM = 105,
    /// No kind of event has this number.
    T1053_UNKNOWN_EVENT_KIND = 106,
    /// No field has this number.
    T1053_UNKNOWN_FIELD = 107,
    /// Events of this kind have no such field.
    T1053_FIELD_NOT_OF_KIND = 108,
    /// No format has this number.
    T1053_UNKNOWN_FORMAT = 109,
    /// No operation has this number.
    T1053_UNKNOWN_OPERATION = 110,
    /// There is nothing of this name.
    T1053_UNKNOWN_NAME = 111,
    /// The selector cannot be read; t1053_builder_error() tells more.
    T1053_BAD_SELECTOR = 112,
    /// No detector comes of this; t1053_builder_error() tells more.
    T1053_BUILD_FAILED = 113,
    /// The buffer is too small for even one of what would go into it.
    T1053_BUFFER_TOO_SMALL = 114,
    /// A flag is set that this library does not know.
    T1053_UNKNOWN_FLAG = 115,
    /// A number is outside of the range that its declaration states.
    T1053_OUT_OF_RANGE = 116,
    /// There is not as much memory as was asked for, or as the call would
    /// take. It may be repeated.
    T1053_OUT_OF_MEMORY = 117,
    /// This library is built without what the call needs.
    T1053_UNSUPPORTED = 118,
    /// A rule cannot be loaded, and all were to be; t1053_builder_error()
    /// tells more.
    T1053_BAD_RULES = 119,
    /// These bytes are no saved state, or that of another kind of handle.
    T1053_NOT_STATE = 120,
    /// The state was saved by a later version, which this one cannot read.
    T1053_NEWER_STATE = 121,
    /// The end of the state is missing.
    T1053_TRUNCATED_STATE = 122,
    /// The state was changed since it was saved.
    T1053_CORRUPT_STATE = 123,
    /// The configuration is wrong; t1053_builder_error() tells more.
    T1053_BAD_CONFIG = 124,
    /// What was given is of another detector than the handle.
    T1053_OTHER_DETECTOR = 125,

    /// The handle is in use: by another thread, or by the very call whose
    /// callback this is.
    T1053_BUSY = 200,
    /// An earlier call with this handle ended in T1053_PANIC; it can only be
    /// freed.
    T1053_POISONED = 201,
    /// A defect in the library was met and contained. The handle that was
    /// used, unless it was a detector, can only be freed.
    T1053_PANIC = 202,
}

impl From<BuildError> for t1053_status {
    fn from(error: BuildError) -> t1053_status {
        match error.kind() {
            BuildErrorKind::OutOfRange => t1053_status::T1053_OUT_OF_RANGE,
            BuildErrorKind::OutOfMemory => t1053_status::T1053_OUT_OF_MEMORY,
            _ => t1053_status::T1053_BUILD_FAILED,
        }
    }
}

impl From<StateError> for t1053_status {
    fn from(error: StateError) -> t1053_status {
        match error.kind() {
            StateErrorKind::NotState => t1053_status::T1053_NOT_STATE,
            StateErrorKind::Newer => t1053_status::T1053_NEWER_STATE,
            StateErrorKind::Truncated => t1053_status::T1053_TRUNCATED_STATE,
            StateErrorKind::OutOfMemory => t1053_status::T1053_OUT_OF_MEMORY,
            _ => t1053_status::T1053_CORRUPT_STATE,
        }
    }
}

impl From<OtherDetector> for t1053_status {
    fn from(_: OtherDetector) -> t1053_status {
        t1053_status::T1053_OTHER_DETECTOR
    }
}

macro_rules! name {
    ($status:ident: $($name:ident)*) => {
        match $status {
            $(
                it if it == t1053_status::$name as i32 => {
                    const NAME: &str = concat!(stringify!($name), "\0");
                    match CStr::from_bytes_with_nul(NAME.as_bytes()) {
                        Ok(name) => name,
                        Err(_) => c"",
                    }
                }
            )*
            _ => c"unknown status",
        }
    };
}

/// The name of a status, as in this header, NUL-terminated; `unknown status`
/// when there is none of this number.
///
/// The text lives as long as the library. Any thread. Does not allocate.
#[unsafe(no_mangle)]
pub extern "C" fn t1053_status_name(status: i32) -> *const c_char {
    let name: &CStr = name!(status:
        T1053_OK T1053_STOPPED T1053_NO_MEMORY T1053_NULL_ARGUMENT
        T1053_MISALIGNED T1053_TOO_LONG T1053_NOT_UTF8 T1053_BAD_STRUCT_SIZE
        T1053_UNKNOWN_PLATFORM T1053_UNKNOWN_EVENT_KIND T1053_UNKNOWN_FIELD
        T1053_FIELD_NOT_OF_KIND T1053_UNKNOWN_FORMAT T1053_UNKNOWN_OPERATION
        T1053_UNKNOWN_NAME T1053_BAD_SELECTOR T1053_BUILD_FAILED
        T1053_BUFFER_TOO_SMALL T1053_UNKNOWN_FLAG T1053_OUT_OF_RANGE
        T1053_OUT_OF_MEMORY T1053_UNSUPPORTED T1053_BAD_RULES
        T1053_NOT_STATE T1053_NEWER_STATE T1053_TRUNCATED_STATE
        T1053_CORRUPT_STATE T1053_BAD_CONFIG T1053_OTHER_DETECTOR T1053_BUSY
        T1053_POISONED T1053_PANIC);
    name.as_ptr()
}
