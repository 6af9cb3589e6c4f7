/*!
Literals as words: compared eight bytes at a time, with ASCII case ignored
where the literal has a letter.
*/

use core::ops::Range;

/// What turns an upper-case ASCII letter into its lower-case one.
const CASE: u8 = 0x20;

/// Eight bytes of a literal.
#[derive(Clone, Copy, Default)]
struct Word {
    /// The bytes, letters in lower case unless the literal is cased.
    bytes: u64,
    /// `CASE` for each byte that is such a letter.
    case: u64,
}

/// The bytes of many literals.
#[derive(Default)]
pub(crate) struct Texts {
    words: Vec<Word>,
}

/// One of these literals.
pub(crate) struct Text {
    /// Its end, which is compared first.
    last: Word,
    /// Where the words before that are.
    words: Range<usize>,
    pub(crate) len: usize,
}

impl Texts {
    pub(crate) fn push(&mut self, bytes: &[u8], cased: bool) -> Text {
        let case_of = |byte: &u8| match byte.is_ascii_alphabetic() && !cased {
            true => CASE,
            false => 0,
        };
        let case: Vec<u8> = bytes.iter().map(case_of).collect();
        let word =
            |(bytes, case): (u64, u64)| Word { bytes: bytes | case, case };
        let first = self.words.len();
        self.words.extend(words(bytes).zip(words(&case)).map(word));
        Text {
            last: word((last_word(bytes), last_word(&case))),
            words: first..self.words.len(),
            len: bytes.len(),
        }
    }

    /// Whether the literal stands in the haystack at `start`.
    #[inline]
    pub(crate) fn is_at(
        &self,
        text: &Text,
        haystack: &[u8],
        start: usize,
    ) -> bool {
        let here = haystack.get(start..).and_then(|it| it.get(..text.len));
        here.is_some_and(|here| {
            text.last.is(last_word(here)) && self.begins(text, here)
        })
    }

    /// Whether all but the end of these bytes are the literal's.
    fn begins(&self, text: &Text, here: &[u8]) -> bool {
        let expected = self.words.get(text.words.clone()).unwrap_or_default();
        expected.iter().zip(words(here)).all(|(word, here)| word.is(here))
    }

    pub(crate) fn memory_usage(&self) -> usize {
        self.words.capacity().saturating_mul(size_of::<Word>())
    }
}

impl Word {
    #[inline]
    fn is(self, here: u64) -> bool {
        here | self.case == self.bytes
    }
}

/// The last eight bytes, or all if they are fewer. How bytes lie in a word
/// depends on their number alone.
#[inline]
fn last_word(bytes: &[u8]) -> u64 {
    if let Some(last) = bytes.last_chunk() {
        return u64::from_le_bytes(*last);
    }
    if let (Some(first), Some(last)) =
        (bytes.first_chunk(), bytes.last_chunk())
    {
        return u64::from(u32::from_le_bytes(*first)) << 32
            | u64::from(u32::from_le_bytes(*last));
    }
    bytes.iter().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

/// The words before the last one, which may overlap it.
fn words(bytes: &[u8]) -> impl Iterator<Item = u64> {
    let words = bytes.chunks_exact(8).take(bytes.len().saturating_sub(1) / 8);
    words.map(|word| word.try_into().map_or(0, u64::from_le_bytes))
}
