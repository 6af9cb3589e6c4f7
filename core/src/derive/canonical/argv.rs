/*!
Command lines to words.

On Windows a process gets one line and splits it itself; nearly all do as the
C runtime does, whose rules are documented and stand here. On Unix a process
gets its words; a record that has only a line has lost where they ended, and
splitting at blanks is the best guess.
*/

use super::arena::{Arena, Piece};

/// A word of a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// What the program sees.
    pub(crate) text: Piece,
    /// How quotes stood in it.
    pub(crate) quotes: Quotes,
}

/// How quotes stand in a word. A quoted value is common, an option with
/// quotes inside of it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// There are none.
    None,
    /// The word is quoted as a whole.
    Around,
    /// A part of the word is quoted.
    Inside,
}

/// Splits a command line as the C runtime of Windows does.
///
/// In the first word, the program, a quote begins or ends a quoted part and
/// nothing is escaped. In the others, of `2n` backslashes before a quote `n`
/// remain and the quote begins or ends a quoted part; of `2n + 1`, `n` and
/// the quote remain; `""` in a quoted part is a quote. Other backslashes are
/// as they are.
pub(crate) fn split_windows(
    line: &[u8],
    arena: &mut Arena,
    words: &mut Vec<Word>,
) {
    let mut rest = blank_trimmed(line);
    if rest.is_empty() {
        return;
    }
    rest = program(rest, arena, words);
    loop {
        rest = blank_trimmed(rest);
        if rest.is_empty() {
            return;
        }
        rest = argument(rest, arena, words);
    }
}

/// Splits a line at blanks, as it is the best guess for the line of a Unix
/// process.
///
/// Some writers of records put the words in quotes that have blanks in them,
/// and people who write a line down do. So a word that begins with a quote,
/// and a value behind `=` that does, ends where a shell would end it.
pub(crate) fn split_blanks(
    line: &[u8],
    arena: &mut Arena,
    words: &mut Vec<Word>,
) {
    let mut at = 0_usize;
    while let Some(found) = unix_word(line, at) {
        let word = line.get(found.start..found.end).unwrap_or_default();
        let text = match found.quotes {
            Quotes::None => arena.add(word),
            _ => unquoted(word, arena),
        };
        words.push(Word { text, quotes: found.quotes });
        at = found.end;
    }
}

/// Where a word of a line of Unix stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WordPlace {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) quotes: Quotes,
}

/// The next word of a line of Unix, from an offset on.
pub(crate) fn unix_word(line: &[u8], from: usize) -> Option<WordPlace> {
    let rest = line.get(from..)?;
    let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace());
    let start = from.saturating_add(blanks.count());
    let word = line.get(start..).filter(|word| !word.is_empty())?;
    let quotes = match word.first() {
        Some(b'"' | b'\'') => Quotes::Around,
        _ if begins_quoted_value(word) => Quotes::Inside,
        _ => Quotes::None,
    };
    if quotes != Quotes::None
        && let Some(length) = quoted_length(word)
    {
        let end = start.saturating_add(length);
        return Some(WordPlace { start, end, quotes });
    }
    let length = word.iter().position(u8::is_ascii_whitespace);
    let end = start.saturating_add(length.unwrap_or(word.len()));
    Some(WordPlace { start, end, quotes: Quotes::None })
}

/// Whether a word is `name="..` or `--name='..`.
fn begins_quoted_value(word: &[u8]) -> bool {
    let is_of_name =
        |byte: &&u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    let name = word.iter().take_while(is_of_name).count();
    let behind = word.get(name..).unwrap_or_default();
    name > 0 && matches!(behind, [b'=', b'"' | b'\'', ..])
}

/// Length of a word of a shell, quotes and what is in them counted; `None`
/// where a quote is not closed.
fn quoted_length(word: &[u8]) -> Option<usize> {
    let mut at = 0_usize;
    while let Some(byte) = word.get(at) {
        let behind = at.saturating_add(1);
        at = match byte {
            b'\'' => {
                let length = memchr::memchr(b'\'', word.get(behind..)?)?;
                behind.saturating_add(length).saturating_add(1)
            }
            b'"' => behind.saturating_add(double_quoted(word.get(behind..)?)?),
            b'\\' => behind.saturating_add(1),
            _ if byte.is_ascii_whitespace() => break,
            _ => behind,
        };
    }
    Some(at.min(word.len()))
}

/// Length of what stands behind a double quote, with the closing one.
fn double_quoted(text: &[u8]) -> Option<usize> {
    let mut at = 0_usize;
    loop {
        let rest = text.get(at..)?;
        let found = memchr::memchr2(b'"', b'\\', rest)?;
        at = at.saturating_add(found).saturating_add(1);
        match rest.get(found) {
            Some(b'"') => return Some(at),
            _ => at = at.saturating_add(1),
        }
    }
}

/// Writes a word without its quotes. Nothing else is undone.
fn unquoted(word: &[u8], arena: &mut Arena) -> Piece {
    let mark = arena.mark();
    let (mut at, mut open) = (0_usize, None);
    while let Some(&byte) = word.get(at) {
        at = at.saturating_add(1);
        match (open, byte) {
            (None, b'"' | b'\'') => open = Some(byte),
            (Some(quote), _) if byte == quote => open = None,
            (Some(b'"'), b'\\') => match word.get(at) {
                Some(&next @ (b'"' | b'\\' | b'$' | b'`')) => {
                    arena.push(next);
                    at = at.saturating_add(1);
                }
                _ => arena.push(byte),
            },
            _ => arena.push(byte),
        }
    }
    arena.since(mark)
}

fn blank_trimmed(line: &[u8]) -> &[u8] {
    let end = line.iter().position(|byte| !is_blank(*byte));
    line.get(end.unwrap_or(line.len())..).unwrap_or_default()
}

fn is_blank(byte: u8) -> bool {
    // Line ends are no separators for the C runtime, but no program's
    // options begin or end with one.
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Where the first word of a line ends.
pub(crate) fn program_end(line: &[u8]) -> usize {
    let mut is_open = false;
    let end = line.iter().position(|byte| {
        is_open ^= *byte == b'"';
        is_blank(*byte) && !is_open
    });
    end.unwrap_or(line.len())
}

/// Writes the first word; what follows it.
fn program<'l>(
    line: &'l [u8],
    arena: &mut Arena,
    words: &mut Vec<Word>,
) -> &'l [u8] {
    let mark = arena.mark();
    let mut track = QuoteTrack::default();
    let mut rest = line;
    while let Some((&byte, after)) = rest.split_first() {
        match byte {
            b'"' => track.toggle(),
            _ if is_blank(byte) && !track.is_open => break,
            _ => {
                track.byte();
                arena.push(byte);
            }
        }
        rest = after;
    }
    words.push(Word { text: arena.since(mark), quotes: track.quotes() });
    rest
}

/// Writes one of the other words; what follows it.
fn argument<'l>(
    line: &'l [u8],
    arena: &mut Arena,
    words: &mut Vec<Word>,
) -> &'l [u8] {
    let mark = arena.mark();
    let mut track = QuoteTrack::default();
    let mut rest = line;
    while let Some((&byte, after)) = rest.split_first() {
        match byte {
            b'\\' => {
                let run = rest.iter().take_while(|byte| **byte == b'\\');
                let count = run.count();
                let after = rest.get(count..).unwrap_or_default();
                let is_before_quote = after.first() == Some(&b'"');
                let kept = if is_before_quote { count / 2 } else { count };
                for _ in 0..kept {
                    track.byte();
                    arena.push(b'\\');
                }
                rest = after;
                if is_before_quote && count % 2 == 1 {
                    track.byte();
                    arena.push(b'"');
                    rest = after.get(1..).unwrap_or_default();
                }
                continue;
            }
            b'"' if track.is_open && after.first() == Some(&b'"') => {
                track.byte();
                arena.push(b'"');
                rest = after.get(1..).unwrap_or_default();
                continue;
            }
            b'"' => track.toggle(),
            _ if is_blank(byte) && !track.is_open => break,
            _ => {
                track.byte();
                arena.push(byte);
            }
        }
        rest = after;
    }
    words.push(Word { text: arena.since(mark), quotes: track.quotes() });
    rest
}

/// What is known of the quotes of a word while it is read.
#[derive(Default)]
struct QuoteTrack {
    is_open: bool,
    toggles: u32,
    /// Bytes that stand outside of quotes.
    has_bare: bool,
}

impl QuoteTrack {
    fn toggle(&mut self) {
        self.is_open = !self.is_open;
        self.toggles = self.toggles.saturating_add(1);
    }

    fn byte(&mut self) {
        self.has_bare |= !self.is_open;
    }

    fn quotes(&self) -> Quotes {
        match (self.toggles, self.has_bare) {
            (0, _) => Quotes::None,
            (1 | 2, false) => Quotes::Around,
            _ => Quotes::Inside,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<(String, Quotes)> {
        let (mut arena, mut words) = (Arena::default(), Vec::new());
        split_windows(line.as_bytes(), &mut arena, &mut words);
        let text = |word: &Word| {
            String::from_utf8_lossy(arena.get(word.text)).into_owned()
        };
        words.iter().map(|word| (text(word), word.quotes)).collect()
    }

    fn texts(line: &str) -> Vec<String> {
        words(line).into_iter().map(|(text, _)| text).collect()
    }

    /// The examples of Microsoft's documentation of `CommandLineToArgvW` and
    /// of the C runtime, and those of people who were surprised.
    #[test]
    fn lines_are_split_as_the_c_runtime_splits_them() {
        for (line, expected) in [
            (r#"x "abc" d e"#, &["x", "abc", "d", "e"][..]),
            (r#"x a\\b d"e f"g h"#, &["x", r"a\\b", "de fg", "h"]),
            (r#"x a\\\"b c d"#, &["x", r#"a\"b"#, "c", "d"]),
            (r#"x a\\\\"b c" d e"#, &["x", r"a\\b c", "d", "e"]),
            (r#"x a"b"" c d"#, &["x", r#"ab" c d"#]),
            (
                r#""C:\a b\x.exe" /tn "a \"b\" c""#,
                &[r"C:\a b\x.exe", "/tn", r#"a "b" c"#],
            ),
            (r#"C:\"a b"\x.exe y"#, &[r"C:\a b\x.exe", "y"]),
            (r#""C:\a\" y"#, &[r"C:\a\", "y"]),
            ("x \t y\r\n", &["x", "y"]),
            (r#"x """#, &["x", ""]),
            (r#"x "open to the end"#, &["x", "open to the end"]),
            ("  x", &["x"]),
            ("", &[]),
            (" \t", &[]),
        ] {
            assert_eq!(texts(line), expected, "{line}");
        }
    }

    #[test]
    fn lines_of_unix_are_split_at_blanks_outside_of_words_in_quotes() {
        for (line, expected) in [
            ("a b  c", &["a", "b", "c"][..]),
            (
                r#"bash -c "a 'b c' \"d\"" e"#,
                &["bash", "-c", r#"a 'b c' "d""#, "e"],
            ),
            (r#"x 'a "b"' "$c""#, &["x", r#"a "b""#, "$c"]),
            (r#"x 'a '"'"'b'"'"' c'"#, &["x", "a 'b' c"]),
            (r#"x --y="a b" z="c d""#, &["x", "--y=a b", "z=c d"]),
            // A quote that a program was given, or one of a text.
            ("echo don't do it's", &["echo", "don't", "do", "it's"]),
            (
                r#"echo "open to the end"#,
                &["echo", "\"open", "to", "the", "end"],
            ),
            (r#"x a"b c""#, &["x", "a\"b", "c\""]),
            ("", &[]),
        ] {
            let (mut arena, mut words) = (Arena::default(), Vec::new());
            split_blanks(line.as_bytes(), &mut arena, &mut words);
            let texts = words.iter().map(|word| {
                String::from_utf8_lossy(arena.get(word.text)).into_owned()
            });
            assert_eq!(texts.collect::<Vec<_>>(), expected, "{line}");
        }
    }

    #[test]
    fn quotes_inside_of_a_word_are_told_from_those_around_it() {
        use Quotes::{Around, Inside, None};
        for (line, expected) in [
            ("x /create", None),
            (r#"x "/create""#, Around),
            (r#"x /cr"ea"te"#, Inside),
            (r#"x "/c"reate"#, Inside),
            (r#"x /create"""#, Inside),
            (r#"x """#, Around),
            (r#"x \"a"#, None),
        ] {
            assert_eq!(words(line).pop().unwrap().1, expected, "{line}");
        }
    }
}
