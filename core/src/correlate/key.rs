/*!
What events must agree in, as a number.
*/

use core::fmt::{self, Write};
use core::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::detector::Scratch;
use crate::event::{Event, Field};
use crate::rule::{Logic, Rule};
use crate::state::{Content, StateError, Writer};

/// What keys are hashed with, so that nobody who writes the values can choose
/// where they go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seed([u64; 2]);

impl Seed {
    /// A seed from bytes.
    pub(crate) fn of(bytes: [u8; 16]) -> Seed {
        let number = u128::from_le_bytes(bytes);
        Seed([number as u64, (number >> 64) as u64])
    }

    pub(crate) fn save(self, writer: &mut Writer) {
        let Seed([low, high]) = self;
        writer.number(low);
        writer.number(high);
    }

    pub(crate) fn restored(
        content: &mut Content<'_>,
    ) -> Result<Seed, StateError> {
        Ok(Seed([content.number()?, content.number()?]))
    }

    /// A value as a number, ignoring ASCII case.
    pub(super) fn value(self, value: &[u8]) -> u64 {
        let mut hasher = KeyHasher::new(self);
        hasher.value(value);
        let Key([first, _]) = hasher.finish();
        first
    }
}

/// A key in the making.
pub(crate) struct KeyHasher(SipHasher13);

impl KeyHasher {
    pub(crate) fn new(seed: Seed) -> KeyHasher {
        let Seed([first, second]) = seed;
        KeyHasher(SipHasher13::new_with_keys(first, second))
    }

    /// Adds a value in lower case, and its end, so that its length cannot be
    /// shifted into the next.
    pub(crate) fn value(&mut self, value: &[u8]) {
        self.folded(value);
        self.number(value.len() as u64);
    }

    /// Adds part of a value in lower case.
    fn folded(&mut self, value: &[u8]) {
        let mut folded = [0; 64];
        for part in value.chunks(folded.len()) {
            for (to, from) in folded.iter_mut().zip(part) {
                *to = from.to_ascii_lowercase();
            }
            self.0.write(folded.get(..part.len()).unwrap_or_default());
        }
    }

    /// Adds a number, as bytes: on its own it would be written as the machine
    /// has it.
    pub(crate) fn number(&mut self, number: u64) {
        self.0.write(&number.to_le_bytes());
    }

    pub(crate) fn finish(&self) -> Key {
        let hash = self.0.finish128();
        Key([hash.h1, hash.h2])
    }
}

/// What is displayed is part of a value.
impl Write for KeyHasher {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.folded(text.as_bytes());
        Ok(())
    }
}

/// A rule and the values its events agree in, as a 128-bit hash: long enough
/// that no two ever meet in practice. With the same seed the hash is the same
/// in every process and on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key([u64; 2]);

impl Key {
    /// The key of an event as one of a stage, ignoring ASCII case. `None` if the event lacks a
    /// value: what is unknown of two events does not make them agree. The
    /// host is the exception: all events without one are of the same host,
    /// as in an agent that knows no other.
    ///
    /// A derived field may have several values; two events agree in it if
    /// they have the same ones in the same order. Evaluation has derived
    /// them, as the event matched.
    pub(super) fn of(
        seed: Seed,
        (rule, stage): (&Rule, usize),
        event: &Event<'_>,
        job: Option<u16>,
        number: usize,
        scratch: &Scratch,
    ) -> Option<Key> {
        let mut hasher = KeyHasher::new(seed);
        hasher.value(rule.detection.slug.as_bytes());
        if matches!(rule.logic, Logic::Chain(_)) {
            hasher.number(stage as u64);
        }
        for attribute in rule.logic.stage(stage)?.group_by() {
            let origin = attribute.origin(number)?;
            let values = || scratch.values_from(event, job, origin);
            let is_known = values().any(|value| !value.is_empty());
            if !is_known && origin.field != Field::Computer {
                return None;
            }
            let mut count = 0_u64;
            for value in values().filter(|_| is_known) {
                hasher.value(value);
                count = count.saturating_add(1);
            }
            // Ends the values, so that none can be shifted into the next
            // field.
            hasher.number(count);
        }
        Some(hasher.finish())
    }

    pub(crate) fn save(self, writer: &mut Writer) {
        let Key([first, second]) = self;
        writer.number(first);
        writer.number(second);
    }

    pub(crate) fn restored(
        content: &mut Content<'_>,
    ) -> Result<Key, StateError> {
        Ok(Key([content.number()?, content.number()?]))
    }

    /// The part of the hash that a table goes by.
    pub(super) fn hash(self) -> u64 {
        let Key([first, _]) = self;
        first
    }
}
