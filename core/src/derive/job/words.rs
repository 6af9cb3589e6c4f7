//! Words of ours, which fields of jobs have for values, and how words are
//! looked for in what they are said of.

use crate::bytes;

/// Declares names for what a field may say.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($word:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub(crate) enum $name { $($word,)* }

        impl $name {
            /// Every one, in declaration order.
            #[allow(dead_code, reason = "not every enum is gone through")]
            pub(crate) const ALL: &[$name] = &[$($name::$word,)*];

            /// The word in rules and output.
            pub(crate) const fn name(self) -> &'static str {
                match self { $($name::$word => $text,)* }
            }
        }
    };
}

pub(crate) use words;

/// A text that many words are looked for in. Nearly each of them has a pair of
/// neighbouring bytes that stands nowhere in the text, which takes less time to
/// find out than to search for the word.
#[derive(Clone, Copy)]
pub(super) struct Text<'t> {
    pub(super) bytes: &'t [u8],
    /// A bit for each class of pairs that it has.
    pairs: [u64; 4],
}

impl<'t> Text<'t> {
    pub(super) fn new(bytes: &'t [u8]) -> Text<'t> {
        let mut pairs = [0; 4];
        for class in classes(bytes) {
            let [word, bit] = place_of(class);
            if let Some(word) = pairs.get_mut(word) {
                *word |= 1_u64.wrapping_shl(bit as u32);
            }
        }
        Text { bytes, pairs }
    }

    /// Whether it has another in it, case aside.
    pub(super) fn has(&self, what: &str) -> bool {
        let found = || bytes::find(self.bytes, what.as_bytes(), 0, false);
        self.may_have(what) && found().is_some()
    }

    /// Whether it has one of some in it.
    pub(super) fn has_any(&self, what: &[&str]) -> bool {
        what.iter().any(|what| self.has(what))
    }

    /// False if it has not. The ends of words differ most.
    #[inline]
    pub(super) fn may_have(&self, what: &str) -> bool {
        classes(what.as_bytes()).rev().all(|class| {
            let [word, bit] = place_of(class);
            let word = self.pairs.get(word).copied().unwrap_or_default();
            word & 1_u64.wrapping_shl(bit as u32) != 0
        })
    }
}

/// The classes of a text's pairs of neighbouring bytes. Letters are of one
/// class in either case.
fn classes(bytes: &[u8]) -> impl DoubleEndedIterator<Item = u8> + '_ {
    bytes.windows(2).map(|pair| {
        let [first, second] = pair else { return 0 };
        (first | 0x20).wrapping_mul(29) ^ (second | 0x20)
    })
}

/// Which word of a set a class is in, and which bit of that.
fn place_of(class: u8) -> [usize; 2] {
    [usize::from(class / 64), usize::from(class % 64)]
}

/// Whether a text has one of some in it.
pub(super) fn has_any(text: &[u8], what: &[&str]) -> bool {
    Text::new(text).has_any(what)
}

/// Whether a name is one of some.
pub(super) fn is_any(name: &[u8], names: &[&str]) -> bool {
    names.iter().any(|one| name.eq_ignore_ascii_case(one.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pair that is taken for one that is not there is a word that is not
    /// seen.
    #[test]
    fn words_are_found_as_by_a_search() {
        let text = br"C:\Users\PUBLIC\x@`[{ \xC3\xA4.tmp 2>&1";
        let searched = Text::new(text);
        for start in 0..text.len() {
            for end in start..=text.len() {
                let word = &text[start..end];
                let Ok(word) = core::str::from_utf8(word) else { continue };
                for word in [
                    word.to_owned(),
                    word.to_ascii_lowercase(),
                    word.to_ascii_uppercase(),
                ] {
                    assert!(searched.has(&word), "{word}");
                }
                let other = format!("{word}~");
                let found = bytes::find(text, other.as_bytes(), 0, false);
                assert!(!searched.has(&other), "{other}");
                assert_eq!(searched.has(&other), found.is_some());
            }
        }
        assert!(!Text::new(b"").has("a") && Text::new(b"").has(""));
        assert!(searched.has_any(&["x2", "public"]));
        assert!(!searched.has_any(&["x2", "publics"]));
        // Most words are ruled out without a search.
        let words = ["\\perflogs\\", "%appdata%", "/dev/tcp/", "mshta"];
        assert!(words.iter().all(|word| !searched.may_have(word)));
    }
}
