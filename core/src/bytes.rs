/*!
Comparing bytes while ignoring ASCII case.

These are the plain, obvious forms: one value against one pattern. The
detector uses them where a shared search would not pay, to say where in a
value a match lies, and to check what its shared search found.
*/

use core::fmt::{self, Write};
use core::ops::Range;

/// Whether `value` begins with `prefix`.
pub(crate) fn starts_with(value: &[u8], prefix: &[u8], cased: bool) -> bool {
    value.get(..prefix.len()).is_some_and(|head| equals(head, prefix, cased))
}

/// Whether `value` ends with `suffix`.
pub(crate) fn ends_with(value: &[u8], suffix: &[u8], cased: bool) -> bool {
    let start = value.len().checked_sub(suffix.len());
    let tail = start.and_then(|start| value.get(start..));
    tail.is_some_and(|tail| equals(tail, suffix, cased))
}

/// Whether two byte strings are the same.
pub(crate) fn equals(a: &[u8], b: &[u8], cased: bool) -> bool {
    if cased { a == b } else { a.eq_ignore_ascii_case(b) }
}

/// Where `pattern` first occurs at or after `from`.
pub(crate) fn find(
    value: &[u8],
    pattern: &[u8],
    from: usize,
    cased: bool,
) -> Option<usize> {
    let Some((&first, rest)) = pattern.split_first() else {
        return (from <= value.len()).then_some(from);
    };
    let (lower, upper) = if cased {
        (first, first)
    } else {
        (first.to_ascii_lowercase(), first.to_ascii_uppercase())
    };
    let tail = value.get(from..)?;
    memchr::memchr2_iter(lower, upper, tail)
        .find(|&at| starts_with(after(tail, at), rest, cased))
        .map(|at| from.saturating_add(at))
}

/// What follows the byte at a place; nothing where there is no such byte.
#[inline]
pub(crate) fn after(value: &[u8], at: usize) -> &[u8] {
    match value.get(at..) {
        Some([_, after @ ..]) => after,
        _ => b"",
    }
}

/// What follows the first occurrence of a phrase.
pub(crate) fn after_phrase<'a>(
    value: &'a [u8],
    phrase: &[u8],
) -> Option<&'a [u8]> {
    let at = memchr::memmem::find(value, phrase)?;
    value.get(at..)?.get(phrase.len()..)
}

/// A text to be looked for in lines of logs: by a byte of it that is rare
/// there. To make a search with vectors for the text takes longer than to
/// search such a line.
#[derive(Clone, Copy)]
pub(crate) struct Phrase {
    text: &'static [u8],
    byte: u8,
    /// The place of that byte in the text.
    at: usize,
}

impl Phrase {
    pub(crate) const fn new(text: &'static [u8], rare: u8) -> Phrase {
        let mut rest = text;
        while let [byte, after @ ..] = rest
            && *byte != rare
        {
            rest = after;
        }
        assert!(!rest.is_empty(), "a phrase without its rare byte");
        let at = text.len().saturating_sub(rest.len());
        Phrase { text, byte: rare, at }
    }

    /// Where it first occurs.
    pub(crate) fn find(self, value: &[u8]) -> Option<usize> {
        self.each(value).next()
    }

    /// Where it occurs.
    pub(crate) fn each(
        self,
        value: &[u8],
    ) -> impl Iterator<Item = usize> + use<'_> {
        let places = memchr::memchr_iter(self.byte, value);
        places.filter_map(move |at| {
            let start = at.checked_sub(self.at)?;
            value.get(start..)?.starts_with(self.text).then_some(start)
        })
    }
}

/// The place of so many bytes from `start` on.
#[inline]
pub(crate) fn range(start: usize, length: usize) -> Range<usize> {
    start..start.saturating_add(length)
}

/// The number that decimal digits stand for; `None` where anything else is
/// among them, and where it is too high.
#[inline]
pub(crate) fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |number, &byte| {
        let digit = char::from(byte).to_digit(10)?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

/// The place of a byte that is likely to be among the first ones. Eight are
/// looked at at a time: at the sixteenth that takes a third of what a search
/// with vectors takes to begin, or what one byte at a time does.
#[inline(always)]
pub(crate) fn find_near(byte: u8, text: &[u8]) -> Option<usize> {
    find_near_any([byte], text)
}

/// The place of the first of several bytes, one of which is likely to be near.
#[inline(always)]
pub(crate) fn find_near_any<const COUNT: usize>(
    bytes: [u8; COUNT],
    text: &[u8],
) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHS: u64 = u64::from_le_bytes([0x80; 8]);
    let mut rest = text;
    while let Some((chunk, after)) = rest.split_first_chunk::<8>() {
        let chunk = u64::from_le_bytes(*chunk);
        let found = bytes.iter().fold(0, |found, byte| {
            // Only a byte that is zero turns its highest bit on, and those
            // that follow it.
            let word = chunk ^ u64::from_le_bytes([*byte; 8]);
            found | word.wrapping_sub(ONES) & !word & HIGHS
        });
        if found != 0 {
            let before = text.len().saturating_sub(rest.len());
            let at = found.trailing_zeros() / u8::BITS;
            return before.checked_add(usize::try_from(at).ok()?);
        }
        rest = after;
    }
    let before = text.len().saturating_sub(rest.len());
    let at = rest.iter().position(|other| bytes.contains(other))?;
    before.checked_add(at)
}

/// The last component of a path, split at `/` and `\`; a value without
/// either is its own name.
pub(crate) fn name(path: &[u8]) -> &[u8] {
    match memchr::memrchr2(b'/', b'\\', path) {
        Some(at) => after(path, at),
        None => path,
    }
}

/// Whether an occurrence of a token stands apart: where its edge byte is
/// alphanumeric, the neighbouring byte is not.
pub(crate) fn is_token(value: &[u8], at: &Range<usize>) -> bool {
    let apart = |edge: Option<usize>, neighbour: Option<usize>| {
        let alphanumeric = |index: Option<usize>| {
            let byte = index.and_then(|index| value.get(index));
            byte.is_some_and(u8::is_ascii_alphanumeric)
        };
        !(alphanumeric(edge) && alphanumeric(neighbour))
    };
    let last = at.end.checked_sub(1);
    apart(Some(at.start), at.start.checked_sub(1)) && apart(last, Some(at.end))
}

/// Where a token first occurs apart.
pub(crate) fn find_token(
    value: &[u8],
    token: &[u8],
    cased: bool,
) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = find(value, token, from, cased)?;
        if is_token(value, &range(at, token.len())) {
            return Some(at);
        }
        from = at.saturating_add(1);
    }
}

/// Shannon entropy in bits per character: the sum over distinct characters
/// of `-p log2 p`. Bytes that are not UTF-8 count as a character each.
pub(crate) fn entropy(value: &[u8]) -> f32 {
    // Nearly every value is ASCII and short, so bytes are counted first; the
    // few other characters are compared pairwise, in no extra memory. That
    // is quadratic in them, so it stops at a length that no name has.
    const MOST_WIDE: usize = 512;
    let mut ascii = [0u32; 128];
    let mut total = 0u32;
    let mut bits = 0f64;
    let mut wide = false;
    for character in characters(value) {
        total = total.saturating_add(1);
        match ascii.get_mut(character as usize) {
            Some(count) => *count = count.saturating_add(1),
            None => wide = true,
        }
    }
    let mut add = |count: u32| {
        if count > 0 {
            let p = f64::from(count) / f64::from(total);
            bits -= p * p.log2();
        }
    };
    ascii.iter().copied().for_each(&mut add);
    if wide {
        let wides =
            || characters(value).filter(|wide| *wide >= 128).take(MOST_WIDE);
        for (index, character) in wides().enumerate() {
            if wides().take(index).all(|wide| wide != character) {
                let count = wides().filter(|wide| *wide == character).count();
                add(u32::try_from(count).unwrap_or(u32::MAX));
            }
        }
    }
    bits as f32
}

/// The characters of a value; a byte that is not UTF-8 as one of its own,
/// above every real character.
fn characters(value: &[u8]) -> impl Iterator<Item = u32> + '_ {
    value.utf8_chunks().flat_map(|chunk| {
        let valid = chunk.valid().chars().map(u32::from);
        let invalid = chunk.invalid().iter();
        valid.chain(invalid.map(|&byte| 0x11_0000 + u32::from(byte)))
    })
}

/// Matches a wildcard expression against a whole value: `*` is any run of
/// bytes, `?` any one character, `\` makes the next of these plain. A byte
/// that is no part of a UTF-8 character is one. Unless case counts, letters
/// are equal to their other case, see [`twin`].
///
/// Greedy with one point to fall back to: the last `*`. Quadratic at worst
/// in theory, so the detector only comes here when the expression's literals
/// have been seen.
pub(crate) fn like(value: &[u8], pattern: &[u8], cased: bool) -> bool {
    let (mut value, mut pattern) = (value, pattern);
    // What follows the last `*`, and the value from where that was tried.
    let mut star: Option<(&[u8], &[u8])> = None;
    loop {
        let next = glyph(pattern);
        let step = match (next, value.first()) {
            (Some((Glyph::Run, rest)), _) => {
                star = Some((rest, value));
                pattern = rest;
                continue;
            }
            (Some((Glyph::One, rest)), Some(_)) => {
                Some((rest, character(value).1))
            }
            (Some((Glyph::Byte(expected), rest)), Some(&byte))
                if cased || byte.is_ascii() || expected.is_ascii() =>
            {
                let same = equals(&[byte], &[expected], cased);
                same.then(|| (rest, after(value, 0)))
            }
            (Some((Glyph::Byte(_), _)), Some(_)) => {
                let (expected, rest) = character(pattern);
                let (found, after) = character(value);
                is_same_letter(found, expected).then_some((rest, after))
            }
            (None, None) => return true,
            _ => None,
        };
        if let Some((rest, after)) = step {
            (pattern, value) = (rest, after);
            continue;
        }
        let Some((after_star, from)) = star else { return false };
        let Some((_, from)) = from.split_first() else { return false };
        star = Some((after_star, from));
        (pattern, value) = (after_star, from);
    }
}

/// The first character of a text that is not empty, and what follows it. A
/// byte that is no part of a UTF-8 character is one of its own, above every
/// real one.
fn character(text: &[u8]) -> (u32, &[u8]) {
    let length = match text.first() {
        Some(0xC2..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(0xF0..=0xF4) => 4,
        _ => 1,
    };
    let parts = text.split_at_checked(length);
    let valid = parts.and_then(|(head, rest)| {
        let character = str::from_utf8(head).ok()?.chars().next()?;
        Some((u32::from(character), rest))
    });
    let byte = || text.first().copied().unwrap_or_default();
    let invalid =
        || (0x11_0000_u32.saturating_add(byte().into()), after(text, 0));
    valid.unwrap_or_else(invalid)
}

/// Whether two characters are one letter, in whatever case.
fn is_same_letter(one: u32, other: u32) -> bool {
    let letter = || char::from_u32(one);
    one == other
        || letter().and_then(twin).is_some_and(|twin| u32::from(twin) == other)
}

/// The other case of a letter that is not ASCII, where each of the two is
/// that of the other. Letters that are two in their other case have none, nor
/// have those whose other case is an ASCII letter (the Kelvin sign): an ASCII
/// letter is equal to its ASCII twin only, as all searches for literals have
/// it.
pub(crate) fn twin(letter: char) -> Option<char> {
    if letter.is_ascii() {
        return None;
    }
    let lower = only(letter.to_lowercase());
    let upper = only(letter.to_uppercase());
    let is_lower_of_it =
        |lower: &char| only(lower.to_uppercase()) == Some(letter);
    let is_upper_of_it =
        |upper: &char| only(upper.to_lowercase()) == Some(letter);
    let other = |twin: &char| *twin != letter;
    lower
        .filter(other)
        .filter(is_lower_of_it)
        .or_else(|| upper.filter(other).filter(is_upper_of_it))
}

/// The only character of several, if it is not ASCII.
fn only(mut characters: impl Iterator<Item = char>) -> Option<char> {
    let first = characters.next()?;
    let is_only = characters.next().is_none() && !first.is_ascii();
    is_only.then_some(first)
}

/// Sets of bytes of which every value that contains a text in some case of
/// its letters contains one, besides ASCII's case.
pub(crate) fn spellings(text: &str) -> Vec<Vec<String>> {
    /// As many letters are spelled in both cases: eight spellings.
    const MOST: usize = 3;
    let has_twin = |letter: char| twin(letter).is_some();
    if !text.contains(has_twin) {
        return vec![vec![text.to_owned()]];
    }
    // What stands between such letters is always the same.
    let parts = text.split(has_twin).filter(|part| !part.is_empty());
    let mut sets: Vec<Vec<String>> =
        parts.map(|part| vec![part.to_owned()]).collect();
    let mut whole = vec![String::new()];
    let mut count = 0_usize;
    for letter in text.chars() {
        let other = twin(letter);
        count = count.saturating_add(usize::from(other.is_some()));
        if count > MOST {
            break;
        }
        let with = |letter: char| {
            whole.iter().map(move |text| format!("{text}{letter}"))
        };
        whole = with(letter).chain(other.into_iter().flat_map(with)).collect();
    }
    sets.push(whole);
    sets
}

/// One element of a wildcard expression.
enum Glyph {
    /// `*`
    Run,
    /// `?`
    One,
    /// A plain byte.
    Byte(u8),
}

/// The first element of a wildcard expression, and what follows it.
fn glyph(pattern: &[u8]) -> Option<(Glyph, &[u8])> {
    match pattern {
        [] => None,
        [b'*', rest @ ..] => Some((Glyph::Run, rest)),
        [b'?', rest @ ..] => Some((Glyph::One, rest)),
        [b'\\', plain @ (b'*' | b'?' | b'\\'), rest @ ..]
        | [plain, rest @ ..] => Some((Glyph::Byte(*plain), rest)),
    }
}

/// The runs of plain bytes in a wildcard expression, all of which a value
/// must contain to match it. Some may be empty.
pub(crate) fn plain_runs(pattern: &[u8]) -> Vec<Vec<u8>> {
    let mut runs = Vec::new();
    let mut run = Vec::new();
    let mut pattern = pattern;
    while let Some((next, rest)) = glyph(pattern) {
        pattern = rest;
        match next {
            Glyph::Byte(byte) => run.push(byte),
            Glyph::Run | Glyph::One => runs.push(core::mem::take(&mut run)),
        }
    }
    runs.push(run);
    runs
}

/// Writes a value on one line, up to so many characters: what would break the
/// line, turn it around or hide a part of it is written as an escape.
pub(crate) fn write_in_one_line(
    f: &mut fmt::Formatter<'_>,
    value: &[u8],
    most: usize,
) -> fmt::Result {
    let mut left = most;
    // Chunks take twenty times as long to tell that all of a value is text.
    if let Ok(text) = str::from_utf8(value) {
        return write_text(f, text, &mut left).map(|_| ());
    }
    for chunk in value.utf8_chunks() {
        let bad = if chunk.invalid().is_empty() { "" } else { "\u{fffd}" };
        if !write_text(f, chunk.valid(), &mut left)?
            || !write_text(f, bad, &mut left)?
        {
            break;
        }
    }
    Ok(())
}

/// Writes a text on one line, up to as many characters as are left. Where it
/// has more it writes an ellipsis, and returns false.
fn write_text(
    f: &mut fmt::Formatter<'_>,
    mut rest: &str,
    left: &mut usize,
) -> Result<bool, fmt::Error> {
    while !rest.is_empty() {
        // Nearly all is written as it is, and at once: a character at a time
        // takes twenty times as long.
        let length = plain_length(rest.as_bytes()).min(*left);
        let (plain, after) = rest.split_at_checked(length).unwrap_or_default();
        f.write_str(plain)?;
        *left = left.saturating_sub(length);
        let mut characters = after.chars();
        let Some(character) = characters.next() else { break };
        rest = characters.as_str();
        match left.checked_sub(1) {
            Some(fewer) => *left = fewer,
            None => return f.write_char('…').map(|()| false),
        }
        write_shown(f, character)?;
    }
    Ok(true)
}

/// How many bytes a text begins with that are shown as they are.
fn plain_length(text: &[u8]) -> usize {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~');
    let (chunks, _) = text.as_chunks::<16>();
    // All of a chunk, without a branch for each byte.
    let all = chunks.iter().take_while(|chunk| {
        chunk.iter().fold(true, |all, byte| all & is_plain(byte))
    });
    let length = all.count().saturating_mul(16);
    let rest = text.get(length..).unwrap_or_default();
    let more = rest.iter().take_while(|byte| is_plain(byte)).count();
    length.saturating_add(more)
}

/// Writes a character so that it can be seen.
fn write_shown(f: &mut fmt::Formatter<'_>, character: char) -> fmt::Result {
    match character {
        '\r' => Ok(()),
        '\n' | '\t' => f.write_char(' '),
        // Also what would break the line, turn it around or hide parts.
        '\u{61c}'
        | '\u{feff}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => {
            write!(f, "\\u{{{:x}}}", u32::from(character))
        }
        control if control.is_control() => {
            write!(f, "\\u{{{:x}}}", u32::from(control))
        }
        other => f.write_char(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value shown on one line.
    struct InOneLine<'v>(&'v [u8], usize);

    impl fmt::Display for InOneLine<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write_in_one_line(f, self.0, self.1)
        }
    }

    #[test]
    fn phrases_are_found_by_any_byte_of_theirs() {
        let text = b"a: b:: c: ";
        for rare in *b": " {
            let phrase = Phrase::new(b": ", rare);
            let found: Vec<usize> = phrase.each(text).collect();
            assert_eq!(found, [1, 5, 8]);
            assert_eq!(phrase.find(b" :"), None);
            assert_eq!(phrase.find(b""), None);
        }
    }

    /// Beside one byte at a time, in all texts of the bytes that could be taken
    /// for one another: those looked for, and those a bit or a borrow apart.
    #[test]
    fn near_bytes_are_found_where_they_stand() {
        let alphabet = [b' ', b'\t', b'!', 0, 0x80, 0xA0];
        let mut text = [0; 11];
        for number in 0..alphabet.len().pow(4) {
            let mut rest = number;
            for (at, byte) in text.iter_mut().enumerate() {
                // The pattern goes on over the end of the first eight bytes.
                if at % 4 == 0 {
                    rest = number;
                }
                *byte = alphabet[rest % alphabet.len()];
                rest /= alphabet.len();
            }
            for from in 0..text.len() {
                let text = &text[from..];
                let place = |bytes: &[u8]| {
                    text.iter().position(|byte| bytes.contains(byte))
                };
                assert_eq!(find_near(b' ', text), place(b" "), "{text:?}");
                let found = find_near_any([b' ', b'\t'], text);
                assert_eq!(found, place(b" \t"), "{text:?}");
            }
        }
    }

    /// Beside one character at a time.
    #[test]
    fn values_are_shown_up_to_the_character_that_is_one_too_many() {
        let text = "plain text of more than a chunk, \r\n\t, \u{7f}, \
            \u{1b}, é, €, \u{202e}, \u{feff}, 😀, and the end of it: ~";
        let mut values = vec![text.as_bytes().to_vec()];
        let mut bad = text.as_bytes().to_vec();
        bad.splice(40..40, *b"\xFF\xC3");
        bad.extend_from_slice(b"\xE2\x82");
        values.push(bad);
        values.push(b"\xFF\xFF\xFF".to_vec());
        for value in values {
            let text = String::from_utf8_lossy(&value);
            let count = text.chars().count();
            for most in 0..count + 2 {
                let mut expected: String = text
                    .chars()
                    .take(most)
                    .map(|character| match character {
                        '\r' => String::new(),
                        '\n' | '\t' => " ".into(),
                        '\u{7f}' | '\u{1b}' | '\u{202e}' | '\u{feff}' => {
                            format!("\\u{{{:x}}}", u32::from(character))
                        }
                        other => other.into(),
                    })
                    .collect();
                if count > most {
                    expected.push('…');
                }
                assert_eq!(InOneLine(&value, most).to_string(), expected);
            }
        }
    }

    #[test]
    fn likes() {
        for (pattern, value, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXbYcZ", false),
            ("*b*c", "abcbc", true),
            ("A?C", "abc", true),
            ("a?c", "ac", false),
            (r"\*x", "*X", true),
            (r"\*x", "ax", false),
            (r"c:\win\\*", r"C:\Win\a", true),
        ] {
            let result = like(value.as_bytes(), pattern.as_bytes(), false);
            assert_eq!(result, expected, "{pattern} on {value}");
        }
        assert!(!like(b"ABC", b"abc", true));
        for (pattern, value, expected) in [
            ("?", "é", true),
            ("??", "é", false),
            ("a?c", "a€c", true),
            ("ÄÖ*", "äöü", true),
            ("*ПРИВЕТ*", "скажи привет", true),
            ("k", "\u{212a}", false),
            ("\u{212a}", "k", false),
            ("s", "ſ", false),
            ("σ", "Σ", true),
            ("ς", "Σ", false),
            ("å", "\u{212b}", false),
            ("ß", "SS", false),
        ] {
            let result = like(value.as_bytes(), pattern.as_bytes(), false);
            assert_eq!(result, expected, "{pattern} on {value}");
            let folds = pattern == value;
            let cased = like(value.as_bytes(), pattern.as_bytes(), true);
            assert!(!cased || pattern.contains('?') || folds, "{pattern}");
        }
        assert!(like(b"a\xffb", b"a?b", false));
        assert!(like(b"\xff", b"\xff", false));
        assert!(!like(b"\xff\xfe", b"?", false));
        assert!(!like(b"\xc3", "é".as_bytes(), false));
    }

    #[test]
    fn spellings_are_those_of_any_case() {
        let shown = |text| {
            let sets = spellings(text).into_iter();
            sets.map(|set| set.join(" ")).collect::<Vec<_>>().join(" | ")
        };
        assert_eq!(shown("abc"), "abc");
        assert_eq!(shown("日本"), "日本");
        assert_eq!(shown("xÄy"), "x | y | xÄy xäy");
        assert_eq!(shown("äö"), "äö Äö äÖ ÄÖ");
        assert_eq!(shown("ääääb").split(' ').count(), 10);
        for letter in (0..0x2000).filter_map(char::from_u32) {
            assert!(twin(letter).is_none_or(|other| {
                twin(other) == Some(letter) && other != letter
            }));
        }
    }

    #[test]
    fn tokens() {
        let token = |value: &[u8], token: &[u8]| {
            let at = find(value, token, 0, false).unwrap();
            is_token(value, &(at..at + token.len()))
        };
        assert!(token(b"x /s y", b"/s"));
        assert!(!token(b"x /sc y", b"/s"));
        assert!(token(b"a/s", b"/s"));
        assert!(!token(b"preshutdown", b"shutdown"));
        assert!(token(b"shutdown", b"shutdown"));
    }

    #[test]
    fn entropies() {
        for (value, expected) in [
            ("", 0.0),
            ("aaaa", 0.0),
            ("ab", 1.0),
            ("abcd", 2.0),
            ("ääbb", 1.0),
        ] {
            assert!((entropy(value.as_bytes()) - expected).abs() < 1e-6);
        }
        assert!((entropy(b"\xff\xfe") - 1.0).abs() < 1e-6);
    }

    #[test]
    fn names() {
        for (path, expected) in [
            (&br"C:\a/b\At.exe"[..], &b"At.exe"[..]),
            (b"/usr/bin/at", b"at"),
            (b"at", b"at"),
            (b"at/", b""),
        ] {
            assert_eq!(name(path), expected);
        }
    }

    #[test]
    fn runs_of_expressions() {
        let runs = plain_runs(br"*ab*cde\*?f");
        assert_eq!(runs, [&b""[..], b"ab", b"cde*", b"f"]);
        assert_eq!(plain_runs(b"*"), [b"", b""]);
    }
}
