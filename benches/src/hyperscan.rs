/*!
Hyperscan, as far as it is needed to search bytes for literals: a limit to
measure against.
*/

use std::ffi::{CString, c_char, c_int, c_uint, c_ulonglong, c_void};
use std::ptr::{null, null_mut};

const CASELESS: c_uint = 1;
const MODE_BLOCK: c_uint = 1;
const SUCCESS: c_int = 0;

type OnMatch = unsafe extern "C" fn(
    c_uint,
    c_ulonglong,
    c_ulonglong,
    c_uint,
    *mut c_void,
) -> c_int;

#[link(name = "hs")]
unsafe extern "C" {
    fn hs_compile_lit_multi(
        expressions: *const *const c_char,
        flags: *const c_uint,
        ids: *const c_uint,
        lengths: *const usize,
        elements: c_uint,
        mode: c_uint,
        platform: *const c_void,
        database: *mut *mut c_void,
        error: *mut *mut c_void,
    ) -> c_int;
    fn hs_alloc_scratch(
        database: *const c_void,
        scratch: *mut *mut c_void,
    ) -> c_int;
    fn hs_scan(
        database: *const c_void,
        data: *const c_char,
        length: c_uint,
        flags: c_uint,
        scratch: *mut c_void,
        on_event: Option<OnMatch>,
        context: *mut c_void,
    ) -> c_int;
    fn hs_free_scratch(scratch: *mut c_void) -> c_int;
    fn hs_free_database(database: *mut c_void) -> c_int;
}

/// A compiled set of literals, and the memory to search with.
pub struct Hyperscan {
    database: *mut c_void,
    scratch: *mut c_void,
}

impl Hyperscan {
    /// Compiles literals whose case does not count.
    pub fn new(literals: &[&str]) -> Hyperscan {
        let texts: Vec<CString> = literals
            .iter()
            .map(|it| CString::new(*it).expect("no NUL in it"))
            .collect();
        let pointers: Vec<_> = texts.iter().map(|it| it.as_ptr()).collect();
        let lengths: Vec<usize> = literals.iter().map(|it| it.len()).collect();
        let flags = vec![CASELESS; literals.len()];
        let ids: Vec<c_uint> = (0..literals.len() as c_uint).collect();
        let mut hyperscan =
            Hyperscan { database: null_mut(), scratch: null_mut() };
        let mut error = null_mut();
        // SAFETY: the four arrays have as many elements as is said and
        // outlive the call; the last two point to where results may be put.
        let compiled = unsafe {
            hs_compile_lit_multi(
                pointers.as_ptr(),
                flags.as_ptr(),
                ids.as_ptr(),
                lengths.as_ptr(),
                literals.len() as c_uint,
                MODE_BLOCK,
                null(),
                &mut hyperscan.database,
                &mut error,
            )
        };
        assert_eq!(compiled, SUCCESS, "Hyperscan compiles the literals");
        // SAFETY: the database was compiled above; the scratch is null, which
        // asks for a new one.
        let allocated = unsafe {
            hs_alloc_scratch(hyperscan.database, &mut hyperscan.scratch)
        };
        assert_eq!(allocated, SUCCESS, "Hyperscan has memory");
        hyperscan
    }

    /// How often any of the literals ends in the bytes.
    pub fn count(&mut self, bytes: &[u8]) -> u64 {
        unsafe extern "C" fn on_match(
            _: c_uint,
            _: c_ulonglong,
            _: c_ulonglong,
            _: c_uint,
            context: *mut c_void,
        ) -> c_int {
            // SAFETY: the context is the counter below, which outlives the
            // scan and is not looked at meanwhile.
            unsafe { *context.cast::<u64>() += 1 };
            0
        }
        let mut count = 0u64;
        for block in bytes.chunks(1 << 30) {
            // SAFETY: the database and the scratch are live and belong
            // together, the scratch is not shared, and the length is the
            // block's, which fits.
            let scanned = unsafe {
                hs_scan(
                    self.database,
                    block.as_ptr().cast(),
                    block.len() as c_uint,
                    0,
                    self.scratch,
                    Some(on_match),
                    (&raw mut count).cast(),
                )
            };
            assert_eq!(scanned, SUCCESS, "Hyperscan scans");
        }
        count
    }
}

impl Drop for Hyperscan {
    fn drop(&mut self) {
        // SAFETY: both were made by Hyperscan, or are null, which it takes.
        unsafe {
            hs_free_scratch(self.scratch);
            hs_free_database(self.database);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_whatever_the_case() {
        let mut hyperscan = Hyperscan::new(&["schtasks", "/create"]);
        assert_eq!(hyperscan.count(b"SchTasks /CREATE; at"), 2);
    }
}
