/*!
What stands between a caller and this library's defects and shared state: no
panic crosses the boundary, and a handle is used by one call at a time.
*/

use core::cell::UnsafeCell;
use core::ops::ControlFlow;
use core::sync::atomic::{AtomicU8, Ordering};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::status::t1053_status;

/// Runs the body of an entry point; a panic in it ends here.
pub(crate) fn guard<T>(on_panic: T, body: impl FnOnce() -> T) -> T {
    let body = AssertUnwindSafe(|| {
        #[cfg(feature = "test-panic")]
        panic_if_asked();
        body()
    });
    match catch_unwind(body) {
        Ok(value) => value,
        Err(payload) => {
            // To drop a payload may panic again.
            let dropped = catch_unwind(AssertUnwindSafe(|| drop(payload)));
            core::mem::forget(dropped);
            on_panic
        }
    }
}

/// [`guard`] for an entry point that returns a status.
pub(crate) fn status(
    body: impl FnOnce() -> Result<(), t1053_status>,
) -> t1053_status {
    guard(t1053_status::T1053_PANIC, || match body() {
        Ok(()) => t1053_status::T1053_OK,
        Err(status) => status,
    })
}

/// How a call ends whose callbacks may ask to stop.
pub(crate) fn ended(flow: ControlFlow<()>) -> Result<(), t1053_status> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(t1053_status::T1053_STOPPED),
    }
}

/// What a callback's answer asks for.
pub(crate) fn flow(answer: i32) -> ControlFlow<()> {
    match answer {
        0 => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    }
}

/// Makes a handle's work usable by one call at a time, and no more once a
/// call has panicked. Without waiting: whoever comes second is told so.
pub(crate) struct Turn<T> {
    state: AtomicU8,
    work: UnsafeCell<T>,
}

const FREE: u8 = 0;
const TAKEN: u8 = 1;
const POISONED: u8 = 2;

impl<T> Turn<T> {
    pub(crate) fn new(work: T) -> Turn<T> {
        Turn { state: AtomicU8::new(FREE), work: UnsafeCell::new(work) }
    }

    pub(crate) fn with<R>(
        &self,
        body: impl FnOnce(&mut T) -> Result<R, t1053_status>,
    ) -> Result<R, t1053_status> {
        let order = (Ordering::Acquire, Ordering::Relaxed);
        self.state.compare_exchange(FREE, TAKEN, order.0, order.1).map_err(
            |state| match state {
                POISONED => t1053_status::T1053_POISONED,
                _ => t1053_status::T1053_BUSY,
            },
        )?;
        let mut leave = Leave { state: &self.state, to: POISONED };
        #[cfg(feature = "test-panic")]
        panic_if_asked();
        // SAFETY: the state was free and is taken now, so that no other
        // reference to the work exists until it is left.
        let result = body(unsafe { &mut *self.work.get() });
        leave.to = FREE;
        result
    }

    /// Whether nobody is at work, so that the handle may go.
    pub(crate) fn is_idle(&self) -> bool {
        self.state.load(Ordering::Acquire) != TAKEN
    }
}

struct Leave<'t> {
    state: &'t AtomicU8,
    to: u8,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.state.store(self.to, Ordering::Release);
    }
}

#[cfg(feature = "test-panic")]
static COUNTDOWN: AtomicU8 = AtomicU8::new(0);

/// Makes a call panic: with 1 the next one, as it begins; with 2 the next one
/// that uses an evaluator, a scanner or a builder, in the midst of its work.
/// With 128 more, it is told of as a defect is.
#[cfg(feature = "test-panic")]
#[unsafe(no_mangle)]
pub extern "C" fn t1053_test_panic(place: u8) {
    COUNTDOWN.store(place, Ordering::SeqCst);
}

#[cfg(feature = "test-panic")]
fn panic_if_asked() {
    const TOLD: u8 = 128;
    let asked = COUNTDOWN.load(Ordering::SeqCst);
    let left = asked & !TOLD;
    let told = if left > 1 { asked & TOLD } else { 0 };
    COUNTDOWN.store(told | left.saturating_sub(1), Ordering::SeqCst);
    match left {
        #[expect(clippy::panic, reason = "asked for")]
        1 if asked & TOLD != 0 => panic!("asked to panic"),
        1 => std::panic::resume_unwind(Box::new("asked to panic")),
        _ => {}
    }
}
