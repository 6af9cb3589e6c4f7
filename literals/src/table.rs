/*!
Which literals have their window at a place.
*/

use core::ops::{ControlFlow, Range};

use crate::Literal;
use crate::text::{Text, Texts};

/// The bytes of a window.
pub(crate) const WINDOW: usize = 4;

/// A literal by its window.
struct Entry {
    /// The window, folded.
    key: u32,
    /// Where in the literal the window is.
    window: usize,
    literal: usize,
    text: Text,
}

/// All literals, by the hash of their windows.
pub(crate) struct Table {
    /// A bit for each hash: whether any window has it.
    bits: Vec<u64>,
    bits_shift: u32,
    /// For each hash, where its entries begin; those of the next end them.
    starts: Vec<u32>,
    starts_shift: u32,
    /// In order of hash.
    entries: Vec<Entry>,
    /// Literals shorter than a window.
    short: Option<Box<Short>>,
    texts: Texts,
}

/// Literals shorter than a window. Their window is their start.
struct Short {
    /// Whether any begins with a byte.
    first: [bool; 256],
    entries: Vec<Entry>,
}

impl Table {
    pub(crate) fn new(literals: &[Literal<'_>]) -> Table {
        let mut texts = Texts::default();
        let mut entries = Vec::new();
        let mut short: Option<Box<Short>> = None;
        for (literal, &Literal { bytes, cased }) in literals.iter().enumerate()
        {
            let Some(&first) = bytes.first() else { continue };
            let text = texts.push(bytes, cased);
            if let Some(key) = bytes.first_chunk() {
                let key = fold(*key);
                entries.push(Entry { key, window: 0, literal, text });
                continue;
            }
            let short = short.get_or_insert_with(|| {
                let entries = Vec::new();
                Box::new(Short { first: [false; 256], entries })
            });
            short.entries.push(Entry { key: 0, window: 0, literal, text });
            let fold = |byte: u8| match cased {
                true => byte,
                false => byte.to_ascii_lowercase(),
            };
            for (byte, is_first) in (0..=255).zip(&mut short.first) {
                *is_first |= fold(byte) == fold(first);
            }
        }
        entries.sort_by_key(|it| hash(it.key));

        // A few per cent of the bits are set, so that most places are told
        // apart by a bit alone.
        let log2 = entries.len().next_power_of_two().ilog2();
        let bits_shift = 32 - (log2 + 5).clamp(6, 24);
        let mut bits = vec![0; 1 << (32 - bits_shift - 6)];
        for entry in &entries {
            let hash = hash(entry.key) >> bits_shift;
            if let Some(word) = bits.get_mut(hash as usize / 64) {
                *word |= 1 << (hash % 64);
            }
        }
        let starts_shift = 32 - (log2 + 1).clamp(1, 24);
        let mut starts = Vec::new();
        let mut entry = 0;
        for value in 0..=1_u32 << (32 - starts_shift) {
            let before = |it: &Entry| hash(it.key) >> starts_shift < value;
            while entries.get(entry as usize).is_some_and(before) {
                entry += 1;
            }
            starts.push(entry);
        }
        Table { bits, bits_shift, starts, starts_shift, entries, short, texts }
    }

    /// Reports the literals with their window at one of the places.
    #[inline]
    pub(crate) fn scan<F>(
        &self,
        haystack: &[u8],
        places: Range<usize>,
        found: &mut F,
    ) -> ControlFlow<()>
    where
        F: FnMut(usize, usize) -> ControlFlow<()>,
    {
        if self.short.is_some() {
            for place in places {
                self.at(haystack, place, found)?;
            }
            return ControlFlow::Continue(());
        }
        let here = haystack.get(places.start..).unwrap_or_default();
        for (place, window) in places.zip(here.windows(WINDOW)) {
            let Some(window) = window.first_chunk() else { break };
            let key = fold(*window);
            if self.may_have(key) {
                self.long_at(haystack, place, key, found)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Reports the literals with their window at a place.
    #[inline]
    pub(crate) fn at<F>(
        &self,
        haystack: &[u8],
        place: usize,
        found: &mut F,
    ) -> ControlFlow<()>
    where
        F: FnMut(usize, usize) -> ControlFlow<()>,
    {
        let here = haystack.get(place..).unwrap_or_default();
        if let Some(window) = here.first_chunk() {
            let key = fold(*window);
            if self.may_have(key) {
                self.long_at(haystack, place, key, found)?;
            }
        }
        let Some(short) = &self.short else {
            return ControlFlow::Continue(());
        };
        let Some(&first) = here.first() else {
            return ControlFlow::Continue(());
        };
        if short.first.get(usize::from(first)) == Some(&true) {
            for entry in &short.entries {
                if self.texts.is_at(&entry.text, haystack, place) {
                    found(entry.literal, place)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Whether any window may have these bytes.
    #[inline]
    fn may_have(&self, key: u32) -> bool {
        let hash = hash(key) >> self.bits_shift;
        let word = self.bits.get(hash as usize / 64);
        word.is_some_and(|it| it >> (hash % 64) & 1 == 1)
    }

    /// Reports the literals with this window, found at a place.
    fn long_at<F>(
        &self,
        haystack: &[u8],
        place: usize,
        key: u32,
        found: &mut F,
    ) -> ControlFlow<()>
    where
        F: FnMut(usize, usize) -> ControlFlow<()>,
    {
        let hash = (hash(key) >> self.starts_shift) as usize;
        let start = |at| self.starts.get(at).map(|&it| it as usize);
        let (Some(start), Some(end)) = (start(hash), start(hash + 1)) else {
            return ControlFlow::Continue(());
        };
        for entry in self.entries.get(start..end).unwrap_or_default() {
            if entry.key != key {
                continue;
            }
            let Some(start) = place.checked_sub(entry.window) else {
                continue;
            };
            if self.texts.is_at(&entry.text, haystack, start) {
                found(entry.literal, start)?;
            }
        }
        ControlFlow::Continue(())
    }

    pub(crate) fn memory_usage(&self) -> usize {
        let short = self.short.as_ref().map_or(0, |short| {
            size_of::<Short>() + short.entries.capacity() * size_of::<Entry>()
        });
        self.bits.capacity() * size_of::<u64>()
            + self.starts.capacity() * size_of::<u32>()
            + self.entries.capacity() * size_of::<Entry>()
            + self.texts.memory_usage()
            + short
    }
}

/// A window as a number, with ASCII case and a little more folded away.
#[inline]
fn fold(window: [u8; WINDOW]) -> u32 {
    u32::from_le_bytes(window) | 0x2020_2020
}

/// Spreads keys; the high bits are the good ones.
#[inline]
fn hash(key: u32) -> u32 {
    key.wrapping_mul(0x9E37_79B1)
}
