//! Another Rust library, which is linked into the same program: neither must
//! notice the other.
use std::collections::HashMap;
use std::panic::catch_unwind;

/// Panics and contains the panic. Returns 1 when that went well.
#[expect(clippy::indexing_slicing, reason = "it is to panic")]
#[unsafe(no_mangle)]
pub extern "C" fn other_contains_a_panic() -> i32 {
    let caught = catch_unwind(|| {
        let squares: HashMap<i32, i32> = (0..9).map(|x| (x, x * x)).collect();
        // There is no such key.
        squares[&9]
    });
    i32::from(caught.is_err())
}
