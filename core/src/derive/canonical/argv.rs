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
pub(crate) fn split_blanks(
    line: &[u8],
    arena: &mut Arena,
    words: &mut Vec<Word>,
) {
    for word in line.split(u8::is_ascii_whitespace) {
        if !word.is_empty() {
            let text = arena.add(word);
            words.push(Word { text, quotes: Quotes::None });
        }
    }
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
