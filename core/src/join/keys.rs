/*!
What tells events that are joined apart: hashes of their ids and hosts.
*/

use crate::state::{Content, StateError, Writer, corrupt};

/// What ended last, by its keys: what comes of it is late, unless it did
/// nothing.
#[derive(Debug)]
pub(super) struct Done {
    keys: [u64; Done::KEPT],
    next: usize,
}

impl Done {
    /// Late records come right after others: of the events that ended
    /// meanwhile there are as many as processors that write.
    const KEPT: usize = 32;

    /// The bit of a key that tells whether the event did nothing.
    const IDLE: u64 = 1;

    pub(super) fn insert(&mut self, key: u64, is_idle: bool) {
        if let Some(slot) = self.keys.get_mut(self.next) {
            *slot = key & !Done::IDLE | u64::from(is_idle);
        }
        let next = self.next.saturating_add(1);
        self.next = if next < Done::KEPT { next } else { 0 };
    }

    /// Whether an event has ended; if so, whether it did nothing.
    pub(super) fn get(&self, key: u64) -> Option<bool> {
        let is_same = |done: &u64| (done ^ key) & !Done::IDLE == 0;
        // No early end: that is four comparisons at a time.
        let has = |found, done| found | is_same(done);
        if !self.keys.iter().fold(false, has) {
            return None;
        }
        let done = self.keys.iter().find(|done| is_same(done))?;
        Some(done & Done::IDLE != 0)
    }

    pub(super) fn save(&self, writer: &mut Writer) {
        for key in self.keys {
            writer.number(key);
        }
        writer.number(self.next as u64);
    }

    /// Takes what [`save`](Done::save) wrote.
    pub(super) fn restore(
        &mut self,
        content: &mut Content<'_>,
    ) -> Result<(), StateError> {
        for key in &mut self.keys {
            *key = content.number()?;
        }
        let next = usize::try_from(content.number()?).or(Err(corrupt()))?;
        if next >= self.keys.len() {
            return Err(corrupt());
        }
        self.next = next;
        Ok(())
    }
}

impl Default for Done {
    fn default() -> Done {
        Done { keys: [0; Done::KEPT], next: 0 }
    }
}

/// A hash of bytes, for comparing before the bytes are. Eight bytes at a time:
/// an id has some 20. It is part of saved state.
pub(super) fn hash(seed: u64, bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut hash = seed ^ (bytes.len() as u64).wrapping_mul(ODD);
    let mut chunks = bytes.chunks_exact(8);
    let mut mix = |word: u64| {
        hash = (hash ^ word).wrapping_mul(ODD);
        hash ^= hash >> 32;
    };
    for chunk in &mut chunks {
        let word = <[u8; 8]>::try_from(chunk).unwrap_or_default();
        mix(u64::from_le_bytes(word));
    }
    let rest = chunks.remainder().iter();
    mix(rest.fold(0, |word, byte| word << 8 | u64::from(*byte)));
    hash
}
