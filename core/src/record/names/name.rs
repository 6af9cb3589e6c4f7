//! A name in an object, and how it is compared.

/// A place in the tree of names, by its number; the record itself is the
/// first.
pub(crate) type Node = u16;

/// An odd number whose bits are in no order.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// No place in the tree.
pub(super) const NO_NODE: Node = Node::MAX;

/// A name in an object, to be compared as words: most names are short, and
/// there are too many to compare them one by one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) parent: Node,
    pub(super) length: u16,
    pub(super) words: [u64; 3],
}

/// Longest name of a member of a member, or behind a prefix, that is looked
/// up. The longest known one, a claim's in ECS, has 112 bytes.
pub(super) const MOST_NAME: usize = 256;

/// Longest name whose words are all of its bytes.
pub(super) const SHORT: usize = 24;

/// Words that tell a name from all others of its length: its bytes if it is
/// short; of a longer one the first, a sum of all and the last, which no two
/// names share by chance.
#[inline]
pub(super) const fn words(name: &[u8]) -> [u64; 3] {
    if let Some((first, rest)) = name.split_first_chunk::<8>()
        && let Some(last) = name.last_chunk::<8>()
        && name.len() > 16
    {
        let middle = match rest.first_chunk::<8>() {
            Some(middle) if name.len() <= SHORT => u64::from_le_bytes(*middle),
            _ => sum(rest),
        };
        let first = u64::from_le_bytes(*first);
        return [first, middle, u64::from_le_bytes(*last)];
    }
    let mut bytes = [0; 16];
    if let Some((bytes, _)) = bytes.split_at_mut_checked(name.len()) {
        bytes.copy_from_slice(name);
    }
    let bytes = u128::from_le_bytes(bytes);
    [bytes as u64, (bytes >> 64_u32) as u64, 0]
}

/// The bits of a number that its first bytes have, for each number of bytes.
static FIRST: [u128; 17] = {
    let mut masks = [0; 17];
    let mut rest: &mut [u128] = &mut masks;
    let mut bits = 0;
    while let [mask, after @ ..] = rest {
        *mask = match 1_u128.checked_shl(bits) {
            Some(over) => over.wrapping_sub(1),
            None => u128::MAX,
        };
        bits = bits.saturating_add(8);
        rest = after;
    }
    masks
};

/// A sum of all words of what is left of a long name.
#[inline(never)]
pub(super) const fn sum(mut rest: &[u8]) -> u64 {
    let mut sum = 0_u64;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        sum = sum.wrapping_mul(SPREAD) ^ u64::from_le_bytes(*word);
        rest = after;
    }
    sum
}

impl Name {
    #[inline]
    pub(super) const fn new(parent: Node, name: &[u8]) -> Name {
        // Of lengths that 16 bits cannot hold the rest will do: no name in the
        // table is near that.
        Name { parent, length: name.len() as u16, words: words(name) }
    }

    /// A name that begins sixteen bytes and is no longer. Names are told for
    /// each member there is: without a branch for the length this takes two
    /// thirds of the time.
    #[inline]
    pub(super) fn beginning(
        parent: Node,
        chunk: &[u8; 16],
        length: usize,
    ) -> Name {
        debug_assert!(length <= chunk.len(), "a name of {length} bytes");
        let first = FIRST.get(length).copied().unwrap_or(0);
        let bytes = u128::from_le_bytes(*chunk) & first;
        let words = [bytes as u64, (bytes >> 64_u32) as u64, 0];
        Name { parent, length: length as u16, words }
    }

    /// Its first byte; 0 of an empty one.
    #[inline]
    pub(super) fn first(self) -> u8 {
        let [first, ..] = self.words;
        let [first, ..] = first.to_le_bytes();
        first
    }

    /// Bits that names have in common by chance only.
    #[inline]
    pub(super) const fn hash(self) -> u64 {
        let Name { parent, length, words: [first, middle, _] } = self;
        let kind = (parent as u64) << 16_u32 | length as u64;
        let mixed = first.wrapping_mul(SPREAD) ^ middle ^ kind.rotate_left(40);
        mixed.wrapping_mul(SPREAD)
    }

    /// Whether it is the same, without a branch for each word.
    #[inline]
    pub(super) const fn is(self, other: Name) -> bool {
        let [first, middle, last] = self.words;
        let [others_first, others_middle, others_last] = other.words;
        (first ^ others_first)
            | (middle ^ others_middle)
            | (last ^ others_last)
            | (self.length ^ other.length) as u64
            | (self.parent ^ other.parent) as u64
            == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Differences in two places do not make up for each other.
    #[test]
    fn differences_add_up() {
        let name = Name { parent: 0, length: 20, words: [1, 2, 3] };
        assert!(name.is(name));
        let changed = |place: usize| {
            let mut other = name;
            if let Some(word) = other.words.get_mut(place) {
                *word ^= 1;
            } else {
                other.length ^= 1;
            }
            other
        };
        for one in 0..4 {
            assert!(!name.is(changed(one)), "{one}");
            for two in 0..one {
                let Name { length, words, .. } = changed(two);
                let mut both = changed(one);
                both.length ^= length ^ name.length;
                for (at, word) in words.into_iter().enumerate() {
                    both.words[at] ^= word ^ name.words[at];
                }
                assert!(!name.is(both), "{one} and {two}");
            }
        }
        assert!(!name.is(Name { parent: 1, ..name }));
        assert!(!name.is(Name { parent: 1, length: 21, ..name }));
    }
}
