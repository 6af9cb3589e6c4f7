/*!
The allocator of the C libraries: the system's, and a reserve for when that has
nothing left.

Rust ends the process where a list cannot grow, and an agent must not end. What
an attacker or a configuration can make large asks first whether there is
memory (`try_reserve` in the core, [`can_take`] here). The rest are small lists
that grow to a fixed size in some hundred places, and these are served from
here when the system refuses: so the work at hand is done, nothing is lost, and
the caller is told before the next: see [`check`].

The reserve is in the library's zeroed data. So it is address space and no
memory until it is used, it costs no call to have it, and there is no moment at
which it could not be had.
*/

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::hint::{black_box, spin_loop};
use core::mem::MaybeUninit;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::alloc::System;

use crate::status::t1053_status;

/// Bytes of the reserve. To make a detector and the filter of its scanners
/// takes 1.4 MiB of it, when nothing else is to be had; a scanner grows by
/// 2.5 MiB at most with records of usual size.
const SIZE: usize = 8 << 20;

/// The largest block. What is larger is asked for beforehand.
const MOST: usize = 2 << 20;

/// The largest alignment: that of what is searched with vectors.
const MOST_ALIGN: usize = 64;

/// What blocks begin at, and are multiples of. A hole has room in it to say
/// how long it is, and where the next one is.
const UNIT: usize = 16;

/// Bytes that are asked for to see whether the system has memory again.
const ENOUGH: usize = 256 << 10;

#[repr(C, align(4096))]
struct Room(UnsafeCell<MaybeUninit<[u8; SIZE]>>);

/// What of the room is handed out, in units.
struct Blocks {
    /// Where what was never handed out begins.
    end: u32,
    /// The first hole before that, in the order of places; at the end, none.
    first: u32,
}

/// A hole, as it stands in the room.
#[derive(Clone, Copy)]
#[repr(C)]
struct Hole {
    length: u32,
    /// The next hole, or the end.
    next: u32,
}

struct Reserve {
    room: Room,
    is_taken: AtomicBool,
    blocks: UnsafeCell<Blocks>,
    /// Units in use.
    used: AtomicUsize,
    /// How many blocks were ever handed out.
    times: AtomicUsize,
}

// SAFETY: the blocks are only touched by who holds the lock, and the room only
// by who was given a part of it.
unsafe impl Sync for Reserve {}

static RESERVE: Reserve = Reserve::new();

/// How many units a block has, and what its first is a multiple of, if it may
/// be had here.
fn units(layout: Layout) -> Option<(u32, u32)> {
    let may_be = layout.align() <= MOST_ALIGN && layout.size() <= MOST;
    let length = layout.size().max(1).div_ceil(UNIT) as u32;
    may_be.then_some((length, layout.align().div_ceil(UNIT) as u32))
}

impl Reserve {
    const fn new() -> Reserve {
        Reserve {
            room: Room(UnsafeCell::new(MaybeUninit::uninit())),
            is_taken: AtomicBool::new(false),
            blocks: UnsafeCell::new(Blocks { end: 0, first: 0 }),
            used: AtomicUsize::new(0),
            times: AtomicUsize::new(0),
        }
    }

    fn start(&self) -> *mut u8 {
        self.room.0.get().cast()
    }

    /// Whether a block is of the reserve.
    fn holds(&self, block: *mut u8) -> bool {
        block.addr().wrapping_sub(self.start().addr()) < SIZE
    }

    /// Works with the blocks. `None` where another thread is at them for so
    /// long that it must have been lost: in a fork.
    fn with<R>(&self, body: impl FnOnce(&mut Blocks) -> R) -> Option<R> {
        let mut spins = 0_u32;
        while self.is_taken.swap(true, Ordering::Acquire) {
            spins = spins.checked_add(1).filter(|spins| *spins < 1 << 28)?;
            match spins % 64 {
                0 => std::thread::yield_now(),
                _ => spin_loop(),
            }
        }
        // SAFETY: nobody else holds the lock.
        let result = body(unsafe { &mut *self.blocks.get() });
        self.is_taken.store(false, Ordering::Release);
        Some(result)
    }

    /// Where the block at a unit begins.
    fn block(&self, unit: u32) -> *mut u8 {
        debug_assert!((unit as usize) < SIZE / UNIT, "unit {unit}");
        // SAFETY: within the room.
        unsafe { self.start().add((unit as usize).wrapping_mul(UNIT)) }
    }

    /// A block, or NULL.
    fn take(&self, layout: Layout) -> *mut u8 {
        let Some((length, align)) = units(layout) else {
            return ptr::null_mut();
        };
        let take = |blocks: &mut Blocks| blocks.aligned(self, length, align);
        let unit = self.with(take).flatten();
        let Some(unit) = unit else { return ptr::null_mut() };
        self.used.fetch_add(length as usize, Ordering::Relaxed);
        self.times.fetch_add(1, Ordering::Relaxed);
        self.block(unit)
    }

    /// Takes a block back that it holds.
    fn give_back(&self, block: *mut u8, layout: Layout) {
        let Some((length, _)) = units(layout) else { return };
        let at = block.addr().wrapping_sub(self.start().addr());
        let unit = (at / UNIT) as u32;
        self.with(|blocks| blocks.give_back(self, unit, length));
        self.used.fetch_sub(length as usize, Ordering::Relaxed);
    }
}

impl Blocks {
    fn hole(room: &Reserve, unit: u32) -> Hole {
        // SAFETY: holes are in the room, aligned, and whole.
        unsafe { room.block(unit).cast::<Hole>().read() }
    }

    /// Writes a hole, and links it behind another, or as the first.
    fn put(
        &mut self,
        room: &Reserve,
        behind: Option<u32>,
        at: u32,
        hole: Hole,
    ) {
        // SAFETY: of a unit at least, that nobody uses.
        unsafe { room.block(at).cast::<Hole>().write(hole) };
        self.link(room, behind, at);
    }

    fn link(&mut self, room: &Reserve, behind: Option<u32>, next: u32) {
        match behind {
            None => self.first = next,
            Some(before) => {
                let hole = Hole { next, ..Blocks::hole(room, before) };
                // SAFETY: a hole, which is there already.
                unsafe { room.block(before).cast::<Hole>().write(hole) };
            }
        }
    }

    /// As [`Blocks::take`], with a place that is a multiple of `align`.
    fn aligned(
        &mut self,
        room: &Reserve,
        length: u32,
        align: u32,
    ) -> Option<u32> {
        let spare = align.saturating_sub(1);
        let from = self.take(room, length.checked_add(spare)?)?;
        let unit = from.next_multiple_of(align);
        let before = unit.saturating_sub(from);
        let after = spare.saturating_sub(before);
        for (place, spare) in
            [(from, before), (unit.saturating_add(length), after)]
        {
            if spare > 0 {
                self.give_back(room, place, spare);
            }
        }
        Some(unit)
    }

    /// The first hole that is long enough, or what was never handed out.
    fn take(&mut self, room: &Reserve, length: u32) -> Option<u32> {
        let (mut behind, mut at) = (None, self.first);
        while at != self.end {
            let hole = Blocks::hole(room, at);
            if let Some(left) = hole.length.checked_sub(length) {
                match left {
                    0 => self.link(room, behind, hole.next),
                    _ => {
                        let next = hole.next;
                        let rest = Hole { length: left, next };
                        let place = at.saturating_add(length);
                        self.put(room, behind, place, rest);
                    }
                }
                return Some(at);
            }
            (behind, at) = (Some(at), hole.next);
        }
        let end = self.end.checked_add(length)?;
        if end as usize > SIZE / UNIT {
            return None;
        }
        // The last hole points to the end.
        self.end = end;
        self.link(room, behind, end);
        Some(at)
    }

    /// Makes a hole, one with those that it touches.
    fn give_back(&mut self, room: &Reserve, unit: u32, length: u32) {
        let (mut before, mut behind, mut at) = (None, None, self.first);
        while at < unit {
            (before, behind) = (behind, Some(at));
            at = Blocks::hole(room, at).next;
        }
        let (mut unit, mut length, mut next) = (unit, length, at);
        if let Some(hole_at) = behind {
            let hole = Blocks::hole(room, hole_at);
            if hole_at.saturating_add(hole.length) == unit {
                unit = hole_at;
                length = length.saturating_add(hole.length);
                behind = before;
            }
        }
        let end = unit.saturating_add(length);
        if end == self.end {
            self.end = unit;
            return self.link(room, behind, unit);
        }
        if end == next {
            let hole = Blocks::hole(room, next);
            length = length.saturating_add(hole.length);
            next = hole.next;
        }
        self.put(room, behind, unit, Hole { length, next });
    }
}

struct Host;

#[global_allocator]
static HOST: Host = Host;

/// The first that is not NULL.
fn or_reserve(block: *mut u8, layout: Layout) -> *mut u8 {
    if block.is_null() { RESERVE.take(layout) } else { block }
}

// SAFETY: each block comes from the system or from the reserve, and goes back
// to where it is from.
unsafe impl GlobalAlloc for Host {
    // Not inlined: else they stand at every place that allocates or frees, and
    // the library is 11 % larger.
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller's.
        or_reserve(unsafe { System.alloc(layout) }, layout)
    }

    #[inline(never)]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller's.
        let block = unsafe { System.alloc_zeroed(layout) };
        if !block.is_null() {
            return block;
        }
        let block = RESERVE.take(layout);
        if !block.is_null() {
            // SAFETY: it is as long as was asked for, and ours.
            unsafe { block.write_bytes(0, layout.size()) };
        }
        block
    }

    #[inline(never)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if RESERVE.holds(block) {
            return RESERVE.give_back(block, layout);
        }
        // SAFETY: of the system, as the caller's.
        unsafe { System.dealloc(block, layout) }
    }

    #[inline(never)]
    unsafe fn realloc(
        &self,
        block: *mut u8,
        layout: Layout,
        size: usize,
    ) -> *mut u8 {
        let is_ours = RESERVE.holds(block);
        if !is_ours {
            // SAFETY: of the system, as the caller's.
            let grown = unsafe { System.realloc(block, layout, size) };
            if !grown.is_null() {
                return grown;
            }
        }
        let Ok(new) = Layout::from_size_align(size, layout.align()) else {
            return ptr::null_mut();
        };
        // What is in the reserve leaves it as soon as it can.
        let grown = match is_ours {
            // SAFETY: a size that is not 0, by the caller's word.
            true => unsafe { self.alloc(new) },
            false => RESERVE.take(new),
        };
        if !grown.is_null() {
            let both = layout.size().min(size);
            // SAFETY: two blocks that are as long; the old one is given up.
            unsafe {
                grown.copy_from_nonoverlapping(block, both);
                self.dealloc(block, layout);
            }
        }
        grown
    }
}

/// Whether the system has so many bytes.
fn system_has(bytes: usize) -> bool {
    let Ok(layout) = Layout::from_size_align(bytes.max(1), UNIT) else {
        return false;
    };
    // SAFETY: the size is not 0; a block that is had is given back. It goes
    // through a black box, as else the compiler leaves both calls out.
    unsafe {
        let block = black_box(System.alloc(layout));
        if !block.is_null() {
            System.dealloc(block, layout);
        }
        !block.is_null()
    }
}

/// Whether there is memory for what may take so many bytes, in blocks of which
/// some are large. With 0, for what takes little: then nothing is asked, unless
/// the reserve is half used.
pub(crate) fn can_take(bytes: usize) -> bool {
    let is_half_used = RESERVE.used.load(Ordering::Relaxed) > SIZE / UNIT / 2;
    if bytes == 0 && !is_half_used {
        return true;
    }
    system_has(bytes.max(ENOUGH))
}

/// Ends a call that would do what may take so many bytes, where there is no
/// memory for that. Nothing is done then, and the call may be repeated.
pub(crate) fn check(bytes: usize) -> Result<(), t1053_status> {
    match can_take(bytes) {
        true => Ok(()),
        false => Err(t1053_status::T1053_OUT_OF_MEMORY),
    }
}

/// Makes what may take so many bytes, for which the system has memory: what
/// was made with the reserve goes again, so that this is there for others.
pub(crate) fn made<T>(
    bytes: usize,
    make: impl FnOnce() -> Result<T, t1053_status>,
) -> Result<T, t1053_status> {
    check(bytes)?;
    let before = RESERVE.times.load(Ordering::Relaxed);
    let made = make()?;
    if RESERVE.times.load(Ordering::Relaxed) != before {
        drop(made);
        return Err(t1053_status::T1053_OUT_OF_MEMORY);
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    static TRIED: Reserve = Reserve::new();

    /// Blocks of random sizes come and go in random order.
    #[test]
    fn blocks_do_not_overlap_and_leave_no_hole_behind() {
        let mut random = 1_u64;
        let mut next = |below: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005) + 1;
            (random >> 33) as usize % below
        };
        let mut live: Vec<(*mut u8, Layout, u8)> = Vec::new();
        let mut refused = 0;
        for step in 0..60_000_usize {
            if step % 3 == 2 && !live.is_empty() {
                let (block, layout, mark) = live.swap_remove(next(live.len()));
                // SAFETY: as long as its layout says.
                let ends = unsafe { [*block, *block.add(layout.size() - 1)] };
                assert_eq!(ends, [mark, mark], "{step}");
                TRIED.give_back(block, layout);
                continue;
            }
            let size = 1 + next([40, 3000, 60_000][step % 3]);
            let align = [8, 16, 64][next(3)];
            let layout = Layout::from_size_align(size, align).unwrap();
            let block = TRIED.take(layout);
            if block.is_null() {
                refused += 1;
                continue;
            }
            assert!(block.addr().is_multiple_of(align));
            assert!(TRIED.holds(block));
            // SAFETY: as long as its layout says.
            unsafe {
                *block = step as u8;
                *block.add(size - 1) = step as u8;
            }
            live.push((block, layout, step as u8));
        }
        assert!(refused > 0, "the room was never full");
        for (block, layout, _) in live {
            TRIED.give_back(block, layout);
        }
        assert_eq!(TRIED.used.load(Ordering::Relaxed), 0);
        // SAFETY: no other thread is at it.
        assert_eq!(unsafe { (*TRIED.blocks.get()).end }, 0);
        for (size, align) in [(MOST + 1, 8), (8, 128)] {
            let layout = Layout::from_size_align(size, align).unwrap();
            assert!(TRIED.take(layout).is_null());
        }
    }
}
