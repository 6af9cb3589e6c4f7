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

/// Longest name whose words are all of its bytes.
pub(super) const SHORT: usize = 24;

/// Words that tell a name from all others of its length: its bytes if it is
/// short; of a longer one the first, the last and a sum of all, which no two names
/// share by chance.
#[inline]
pub(super) const fn words(name: &[u8]) -> [u64; 3] {
    if let (Some(first), Some(last)) =
        (name.first_chunk::<8>(), name.last_chunk::<8>())
    {
        let middle = match name {
            [_, _, _, _, _, _, _, _, rest @ ..] if name.len() > SHORT => {
                sum(rest)
            }
            [_, _, _, _, _, _, _, _, rest @ ..] if name.len() > 16 => {
                match rest.first_chunk::<8>() {
                    Some(middle) => u64::from_le_bytes(*middle),
                    None => 0,
                }
            }
            _ => 0,
        };
        return [
            u64::from_le_bytes(*first),
            middle,
            u64::from_le_bytes(*last),
        ];
    }
    let (first, last) = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => {
            (u32::from_le_bytes(*first), u32::from_le_bytes(*last))
        }
        _ => match *name {
            [first, second, third] => {
                (u32::from_le_bytes([first, second, third, 0]), 0)
            }
            [first, second] => (u32::from_le_bytes([first, second, 0, 0]), 0),
            [first] => (first as u32, 0),
            _ => (0, 0),
        },
    };
    [first as u64, 0, last as u64]
}

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

    /// Whether it may be that of a member of a member, or hold an escape.
    #[inline]
    pub(super) fn may_be_distant(self) -> bool {
        const fn has(byte: u8, word: u64) -> bool {
            let zeros = word ^ u64::from_ne_bytes([byte; 8]);
            let ones = u64::from_ne_bytes([1; 8]);
            // Whether a byte is zero.
            zeros.wrapping_sub(ones) & !zeros & (ones << 7_u32) != 0
        }
        let [first, middle, last] = self.words;
        let any = |word| has(b'.', word) | has(b'\\', word);
        any(first) || any(last) || (middle != 0 && any(middle))
    }

    /// Bits that names have in common by chance only.
    #[inline]
    pub(super) const fn hash(self) -> u64 {
        let Name { parent, length, words: [first, _, last] } = self;
        let kind = (parent as u64) << 16_u32 | length as u64;
        let mixed = first.wrapping_mul(SPREAD) ^ last ^ kind.rotate_left(40);
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
