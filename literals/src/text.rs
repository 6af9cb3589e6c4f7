/*!
Literals as words: compared eight bytes at a time, with ASCII case ignored
where the literal has a letter.
*/

use core::ops::Range;

/// What turns an upper-case ASCII letter into its lower-case one.
const CASE: u8 = 0x20;

/// Eight bytes of a literal.
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

/// Where the words of one literal are, and its length in bytes.
pub(crate) struct Text {
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
        let first = self.words.len();
        each_word(bytes, |word| {
            self.words.push(Word { bytes: word, case: 0 });
            true
        });
        let mut rest = self.words.iter_mut().skip(first);
        each_word(&case, |case| {
            if let Some(word) = rest.next() {
                word.bytes |= case;
                word.case = case;
            }
            true
        });
        Text { words: first..self.words.len(), len: bytes.len() }
    }

    /// Whether the literal stands in the haystack at `start`.
    pub(crate) fn is_at(
        &self,
        text: &Text,
        haystack: &[u8],
        start: usize,
    ) -> bool {
        let here = haystack.get(start..).and_then(|it| it.get(..text.len));
        let words = self.words.get(text.words.clone());
        let (Some(here), Some(words)) = (here, words) else {
            return false;
        };
        let mut words = words.iter();
        each_word(here, |here| {
            words.next().is_some_and(|it| here | it.case == it.bytes)
        })
    }

    pub(crate) fn memory_usage(&self) -> usize {
        self.words.capacity() * size_of::<Word>()
    }
}

/// Calls `check` with words that cover every byte, the last overlapping the
/// one before, until it returns false; whether it never did. How bytes lie in
/// words depends on the length alone.
#[inline]
fn each_word<F: FnMut(u64) -> bool>(bytes: &[u8], mut check: F) -> bool {
    let ends = |word: [u8; 4], last: [u8; 4]| {
        u64::from(u32::from_le_bytes(word)) << 32
            | u64::from(u32::from_le_bytes(last))
    };
    if let Some(last) = bytes.last_chunk::<8>() {
        let mut words = bytes.chunks_exact(8);
        return words.all(|word| {
            word.try_into().is_ok_and(|it| check(u64::from_le_bytes(it)))
        }) && check(u64::from_le_bytes(*last));
    }
    match (bytes, bytes.first_chunk(), bytes.last_chunk()) {
        (_, Some(first), Some(last)) => check(ends(*first, *last)),
        (&[first, second, third], ..) => {
            check(ends([first, second, third, 0], [0; 4]))
        }
        (&[first, second], ..) => check(ends([first, second, 0, 0], [0; 4])),
        (&[first], ..) => check(ends([first, 0, 0, 0], [0; 4])),
        _ => true,
    }
}
