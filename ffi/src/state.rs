/*!
Memory of sequences: what it left out, and as bytes.
*/

use core::ffi::c_void;
use core::mem::offset_of;
use std::hash::{BuildHasher, RandomState};

use t1053::{
    BuildError, Correlator, CorrelatorCounts, Detector, Restored, StateError,
};

use crate::pointer::{self, Buffer, Growing};
use crate::reserve;
use crate::status::t1053_status;

/// What had to be left out of sequences and counts, which is 0 where all is
/// well.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_sequence_counts {
    /// `sizeof(t1053_sequence_counts)`, set by the caller.
    pub struct_size: usize,
    /// How many keys are remembered: a task on a host, say. No fault.
    pub keys: u64,
    /// Events that were forgotten to make room, and that a later event might
    /// still have completed a match with.
    pub evicted: u64,
    /// Events that were forgotten when their time had passed: only an event
    /// that came late could have completed a match with them.
    pub expired: u64,
    /// Events without a time, which cannot be put in order.
    pub untimed: u64,
    /// Events without one of the values that the events of a match must agree
    /// in.
    pub ungrouped: u64,
}

/// What became of saved state.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_restored {
    /// `sizeof(t1053_restored)`, set by the caller.
    pub struct_size: usize,
    /// Detections that are the same here, whose keys were taken over.
    pub detections: u64,
    /// Their keys.
    pub keys: u64,
    /// Detections that are not the same here, or not here at all.
    pub dropped_detections: u64,
    /// Their keys.
    pub dropped_keys: u64,
}

// SAFETY: as asked; numbers.
unsafe impl Growing for t1053_sequence_counts {
    const FIRST_SIZE: usize =
        offset_of!(t1053_sequence_counts, ungrouped) + size_of::<u64>();
}

// SAFETY: as asked; numbers.
unsafe impl Growing for t1053_restored {
    const FIRST_SIZE: usize =
        offset_of!(t1053_restored, dropped_keys) + size_of::<u64>();
}

/// A correlator that remembers so many keys, or as many as usual for 0, and
/// hashes them by numbers that nobody can foresee.
pub(crate) fn correlator(
    detector: &Detector,
    capacity: usize,
) -> Result<Correlator, BuildError> {
    let mut builder = Correlator::builder(detector).seed(seed());
    if capacity != 0 {
        builder = builder.capacity(capacity);
    }
    builder.build()
}

/// Random bytes. The standard library asks the system for the keys of its
/// hash tables, and a hash with those tells nothing of them.
pub(crate) fn seed() -> [u8; 16] {
    let mut seed = [0; 16];
    for half in seed.chunks_mut(8) {
        let hash = RandomState::new().hash_one(half.len());
        half.copy_from_slice(&hash.to_le_bytes());
    }
    seed
}

pub(crate) fn counts(
    counts: CorrelatorCounts,
    keys: usize,
) -> t1053_sequence_counts {
    t1053_sequence_counts {
        struct_size: size_of::<t1053_sequence_counts>(),
        keys: keys as u64,
        evicted: counts.evicted,
        expired: counts.expired,
        untimed: counts.untimed,
        ungrouped: counts.ungrouped,
    }
}

/// Hands saved state out, of what holds so many bytes of memory.
///
/// # Safety
///
/// A buffer of so many bytes, and NULL, misaligned, or a place.
pub(crate) unsafe fn give(
    held: usize,
    save: impl FnOnce() -> Vec<u8>,
    buffer: *mut c_void,
    capacity: usize,
    needed: *mut usize,
) -> Result<(), t1053_status> {
    // SAFETY: the caller gives a place for the result.
    let needed = unsafe { pointer::place(needed) }?;
    // State is no longer than what it is of, and doubles as it grows.
    let most = held.saturating_mul(3);
    let state = reserve::made(most, || Ok(save()))?;
    needed.write(state.len());
    if state.len() > capacity {
        return Err(t1053_status::T1053_BUFFER_TOO_SMALL);
    }
    if buffer.is_null() {
        return Err(t1053_status::T1053_NULL_ARGUMENT);
    }
    // SAFETY: the caller gives `capacity` bytes.
    let mut buffer = unsafe { Buffer::new(buffer.cast(), capacity) };
    buffer.write(&state);
    Ok(())
}

/// Takes saved state, and tells what became of it where that is asked.
///
/// # Safety
///
/// So many bytes, and NULL, misaligned, or a struct as long as it says.
pub(crate) unsafe fn take(
    state: *const c_void,
    state_len: usize,
    restored: *mut t1053_restored,
    take: impl FnOnce(&[u8]) -> Result<Restored, StateError>,
) -> Result<(), t1053_status> {
    // SAFETY: the caller gives `state_len` bytes.
    let state = unsafe { pointer::bytes(state.cast(), state_len) }?;
    if !restored.is_null() {
        // Nothing is taken where it cannot be told.
        // SAFETY: the caller's struct, as long as it says.
        unsafe { pointer::grown(restored) }?;
    }
    // What is restored is made beside what there is.
    reserve::check(state.len().saturating_mul(8))?;
    let Restored { rules, keys, dropped_rules, dropped_keys, .. } =
        take(state)?;
    let told = t1053_restored {
        struct_size: size_of::<t1053_restored>(),
        detections: rules,
        keys,
        dropped_detections: dropped_rules,
        dropped_keys,
    };
    match restored.is_null() {
        true => Ok(()),
        // SAFETY: the caller's struct, as long as it says.
        false => unsafe { pointer::give_grown(restored, told) },
    }
}
