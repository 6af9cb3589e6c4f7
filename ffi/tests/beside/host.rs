//! A Rust program that links the static library as a C program does: the
//! standard library is in it twice, and each contains its own panics.

use std::ffi::c_void;
use std::panic::catch_unwind;
use std::ptr;

unsafe extern "C" {
    fn t1053_detector_new(detector: *mut *mut c_void) -> i32;
    fn t1053_detector_free(detector: *mut c_void);
    #[cfg(test_panic)]
    fn t1053_test_panic(place: u8);
}

const T1053_OK: i32 = 0;
#[cfg(test_panic)]
const T1053_PANIC: i32 = 202;

fn main() {
    let mut detector = ptr::null_mut();
    #[cfg(test_panic)]
    // SAFETY: the library writes the handle, or says that it did not.
    unsafe {
        t1053_test_panic(1);
        assert_eq!(t1053_detector_new(&mut detector), T1053_PANIC);
    }
    assert!(catch_unwind(|| panic!("contained")).is_err());
    // SAFETY: as above; then the handle is given back, once.
    unsafe {
        assert_eq!(t1053_detector_new(&mut detector), T1053_OK);
        t1053_detector_free(detector);
    }
}
