//! Whether standard input or output was closed when the program began.
//!
//! Before `main`, Rust opens `/dev/null` in the place of one that is closed: a
//! scan of it, or into it, would end well and say nothing. So on Linux this
//! looks before that; elsewhere nobody does.

use std::sync::atomic::{AtomicBool, Ordering};

static INPUT: AtomicBool = AtomicBool::new(false);
static OUTPUT: AtomicBool = AtomicBool::new(false);

pub(crate) fn input() -> bool {
    INPUT.load(Ordering::Relaxed)
}

pub(crate) fn output() -> bool {
    OUTPUT.load(Ordering::Relaxed)
}

// SAFETY: the loader calls what stands in this section before `main`, when
// there is one thread. The function needs nothing of the standard library
// that is not there yet: it asks the kernel, and writes two numbers.
#[cfg(target_os = "linux")]
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = look;

#[cfg(target_os = "linux")]
extern "C" fn look() {
    use rustix::io::fcntl_getfd;
    use rustix::stdio::{stdin, stdout};

    INPUT.store(fcntl_getfd(stdin()).is_err(), Ordering::Relaxed);
    OUTPUT.store(fcntl_getfd(stdout()).is_err(), Ordering::Relaxed);
}
