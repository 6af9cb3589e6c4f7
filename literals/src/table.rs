/*!
Which literals have their window at a place.
*/

use core::ops::{ControlFlow, Range};

use crate::Literal;
use crate::text::{Text, Texts};

/// The bytes of a window.
pub(crate) const WINDOW: usize = 4;

/// Where the window of a literal begins, and the number of the filter's bucket
/// that finds it. Of a literal that is shorter, the window begins with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) start: usize,
    pub(crate) bucket: usize,
}

/// What is called with the index and the start of an occurrence.
pub(crate) type Found<'f> = &'f mut dyn FnMut(usize, usize) -> ControlFlow<()>;

/// A literal by its window.
struct Entry {
    /// The window, folded.
    key: u32,
    /// Where in the literal the window begins.
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
    short: Option<Short>,
    texts: Texts,
}

/// Literals shorter than a window, by their first two bytes.
///
/// Public rules have some 150 of them for one field, many of which begin
/// with a blank, a hyphen or a slash: by the first byte alone, each candidate
/// would be compared with dozens.
struct Short {
    /// For each pair of bytes, where its entries begin; those of the next
    /// pair end them.
    starts: Vec<u32>,
    /// In order of pair.
    entries: Vec<ShortEntry>,
}

/// A short literal. One of a single byte has an entry for every pair that it
/// may begin.
struct ShortEntry {
    pair: usize,
    literal: usize,
    text: Text,
}

impl Table {
    /// A table of literals, given where in each its window is.
    pub(crate) fn new(literals: &[Literal<'_>], places: &[Place]) -> Table {
        let mut texts = Texts::default();
        let mut entries = Vec::new();
        let mut short = Vec::new();
        for (literal, (&Literal { bytes, cased }, place)) in
            literals.iter().zip(places).enumerate()
        {
            let window = place.start;
            if let Some(key) = key_at(bytes, window) {
                let text = texts.push(bytes, cased);
                entries.push(Entry { key, window, literal, text });
                continue;
            }
            for pair in pairs_of(bytes) {
                let text = texts.push(bytes, cased);
                short.push(ShortEntry { pair, literal, text });
            }
        }
        let short = (!short.is_empty()).then(|| Short::new(short));
        entries.sort_by_key(|it| hash(it.key));

        // So many bits that at most one in 32 is set.
        let log2 = entries.len().next_power_of_two().ilog2();
        let bits_log2 = log2.saturating_add(5).clamp(6, 24);
        let bits_shift = u32::BITS.saturating_sub(bits_log2);
        let mut bits = vec![0_u64; 1 << bits_log2 >> 6];
        for entry in &entries {
            let bit = hash(entry.key) >> bits_shift;
            if let Some(word) = bits.get_mut(bit as usize / 64) {
                *word |= 1 << (bit % 64);
            }
        }
        let starts_log2 = log2.saturating_add(1).clamp(1, 24);
        let starts_shift = u32::BITS.saturating_sub(starts_log2);
        let starts = (0..=1_u32 << starts_log2).map(|start| {
            let is_before = |it: &Entry| hash(it.key) >> starts_shift < start;
            entries.partition_point(is_before) as u32
        });
        let starts = starts.collect();
        Table { bits, bits_shift, starts, starts_shift, entries, short, texts }
    }

    /// Reports the literals with their window at one of the places.
    pub(crate) fn scan(
        &self,
        haystack: &[u8],
        places: Range<usize>,
        found: Found<'_>,
    ) -> ControlFlow<()> {
        for place in places {
            self.at(haystack, place, found)?;
        }
        ControlFlow::Continue(())
    }

    /// Reports the literals with their window at a place.
    #[inline(always)]
    pub(crate) fn at(
        &self,
        haystack: &[u8],
        place: usize,
        found: Found<'_>,
    ) -> ControlFlow<()> {
        if let Some(key) = key_at(haystack, place) {
            let bit = hash(key) >> self.bits_shift;
            let word = self.bits.get(bit as usize / 64).copied();
            if word.unwrap_or(0) >> (bit % 64) & 1 == 1 {
                self.windows_at(haystack, place, key, found)?;
            }
        }
        match &self.short {
            Some(short) => self.short_at(short, haystack, place, found),
            None => ControlFlow::Continue(()),
        }
    }

    /// Reports the literals with this window, which is at a place.
    #[inline(never)]
    fn windows_at(
        &self,
        haystack: &[u8],
        place: usize,
        key: u32,
        found: Found<'_>,
    ) -> ControlFlow<()> {
        let hash = (hash(key) >> self.starts_shift) as usize;
        let start = |hash| self.starts.get(hash).map(|&it| it as usize);
        let next = hash.saturating_add(1);
        let (Some(start), Some(end)) = (start(hash), start(next)) else {
            return ControlFlow::Continue(());
        };
        for entry in self.entries.get(start..end).unwrap_or_default() {
            if entry.key != key {
                continue;
            }
            let start = place.checked_sub(entry.window);
            let start = start.filter(|&start| {
                self.texts.is_at(&entry.text, haystack, start)
            });
            if let Some(start) = start {
                found(entry.literal, start)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Reports the short literals that start at a place.
    fn short_at(
        &self,
        short: &Short,
        haystack: &[u8],
        place: usize,
        found: Found<'_>,
    ) -> ControlFlow<()> {
        let Some(bytes) = haystack.get(place..) else {
            return ControlFlow::Continue(());
        };
        for entry in short.entries_of(pair_at(bytes)) {
            if self.texts.is_at(&entry.text, haystack, place) {
                found(entry.literal, place)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// The places near the end of a haystack where no window can be, but a
    /// short literal can.
    pub(crate) fn rest(&self, haystack: &[u8]) -> Range<usize> {
        let len = haystack.len();
        match self.short {
            Some(_) => len.saturating_sub(WINDOW - 1)..len,
            None => len..len,
        }
    }

    pub(crate) fn memory_usage(&self) -> usize {
        fn list<T>(list: &Vec<T>) -> usize {
            list.capacity().saturating_mul(size_of::<T>())
        }
        let short = self.short.as_ref().map_or(0, |short| {
            list(&short.starts).saturating_add(list(&short.entries))
        });
        let lists =
            [list(&self.bits), list(&self.starts), list(&self.entries)];
        lists.into_iter().chain([self.texts.memory_usage(), short]).sum()
    }
}

impl Short {
    fn new(mut entries: Vec<ShortEntry>) -> Short {
        entries.sort_by_key(|entry| entry.pair);
        let starts = (0..=PAIRS).map(|pair| {
            entries.partition_point(|entry| entry.pair < pair) as u32
        });
        Short { starts: starts.collect(), entries }
    }

    /// The literals that may begin with a pair of bytes.
    #[inline]
    fn entries_of(&self, pair: usize) -> &[ShortEntry] {
        let start = |pair| self.starts.get(pair).map(|&start| start as usize);
        let (Some(start), Some(end)) =
            (start(pair), start(pair.saturating_add(1)))
        else {
            return &[];
        };
        self.entries.get(start..end).unwrap_or_default()
    }
}

/// Bits of a byte that count in a pair: letters differ in these alone, so
/// case is folded away.
const PAIR_BITS: usize = 5;

/// The different pairs.
const PAIRS: usize = 1 << (2 * PAIR_BITS);

/// The first two bytes, with ASCII case and a little more folded away. What
/// ends after the first byte is as if a zero followed.
#[inline]
fn pair_at(bytes: &[u8]) -> usize {
    let bits = |byte: Option<&u8>| {
        byte.map_or(0, |byte| usize::from(byte & ((1 << PAIR_BITS) - 1)))
    };
    bits(bytes.first()) << PAIR_BITS | bits(bytes.get(1))
}

/// The pairs that a literal may begin.
fn pairs_of(literal: &[u8]) -> Range<usize> {
    let first = pair_at(literal);
    match literal.len() {
        0 => first..first,
        1 => first..first.saturating_add(1 << PAIR_BITS),
        _ => first..first.saturating_add(1),
    }
}

/// The window at a place as a number, with ASCII case and a little more
/// folded away.
#[inline]
pub(crate) fn key_at(bytes: &[u8], place: usize) -> Option<u32> {
    let window = bytes.get(place..)?.first_chunk::<WINDOW>()?;
    Some(u32::from_le_bytes(*window) | 0x2020_2020)
}

/// Spreads keys; the high bits are the good ones.
#[inline]
fn hash(key: u32) -> u32 {
    key.wrapping_mul(0x9E37_79B1)
}
