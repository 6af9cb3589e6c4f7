/*!
Sigma's strings: wildcards and escapes.

`*` stands for any run of bytes and `?` for any one character. A backslash before `*`,
`?` or another backslash makes that one plain; elsewhere it is itself.
*/

use crate::bytes;
use crate::rule::Operation;

/// A piece of a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Plain text, not empty.
    Plain(String),
    /// `*`
    Many,
    /// `?`
    One,
}

/// Splits a string into pieces. No two plain ones and no two `*` follow each
/// other.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '*' => push(&mut pieces, Piece::Many),
            '?' => push(&mut pieces, Piece::One),
            '\\' => {
                let escaped = |next: &char| matches!(next, '*' | '?' | '\\');
                let plain = characters.next_if(escaped).unwrap_or('\\');
                push_plain(&mut pieces, plain);
            }
            plain => push_plain(&mut pieces, plain),
        }
    }
    pieces
}

/// Adds a piece; a second `*` in a row adds nothing.
pub(super) fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    if piece != Piece::Many || pieces.last() != Some(&Piece::Many) {
        pieces.push(piece);
    }
}

fn push_plain(pieces: &mut Vec<Piece>, plain: char) {
    match pieces.last_mut() {
        Some(Piece::Plain(text)) => text.push(plain),
        _ => pieces.push(Piece::Plain(plain.into())),
    }
}

/// The plainest comparison that finds these pieces as the whole value, and
/// its pattern. What ignores the case of letters besides ASCII's is always
/// one of wildcards, since no search does.
pub(super) fn comparison(
    pieces: &[Piece],
    cased: bool,
) -> (Operation, String) {
    use Piece::{Many, Plain};
    let has_twin = |letter: char| bytes::twin(letter).is_some();
    let is_wide = |piece: &Piece| matches!(piece, Plain(text) if text.contains(has_twin));
    if !cased && pieces.iter().any(is_wide) {
        return (Operation::Like, expression(pieces));
    }
    match pieces {
        [] => (Operation::Equals, String::new()),
        [Plain(text)] => (Operation::Equals, text.clone()),
        [Plain(text), Many] => (Operation::StartsWith, text.clone()),
        [Many, Plain(text)] => (Operation::EndsWith, text.clone()),
        [Many, Plain(text), Many] => (Operation::Contains, text.clone()),
        [Many] => (Operation::Exists, String::new()),
        pieces => (Operation::Like, expression(pieces)),
    }
}

/// The wildcard expression of these pieces, as [`Operation::Like`] reads it.
fn expression(pieces: &[Piece]) -> String {
    let mut expression = String::new();
    for piece in pieces {
        match piece {
            Piece::Many => expression.push('*'),
            Piece::One => expression.push('?'),
            Piece::Plain(text) => {
                for character in text.chars() {
                    if matches!(character, '*' | '?' | '\\') {
                        expression.push('\\');
                    }
                    expression.push(character);
                }
            }
        }
    }
    expression
}

/// Every spelling of a string with its option dashes exchanged: `windash`.
/// A dash or slash between a character that is not of a word and one that is
/// may be any of five. `None` when there are more than `most` spellings.
pub(super) fn dashes(text: &str, most: usize) -> Option<Vec<String>> {
    const DASHES: [char; 5] = ['-', '/', '–', '—', '―'];
    let word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut spellings = vec![String::new()];
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let dash = matches!(character, '-' | '/')
            && !word(before)
            && characters.peek().is_some_and(|&next| word(next));
        if dash {
            if spellings.len().saturating_mul(DASHES.len()) > most {
                return None;
            }
            let spell = |dash: char| {
                spellings.iter().map(move |spelling| {
                    let mut spelling = spelling.clone();
                    spelling.push(dash);
                    spelling
                })
            };
            spellings = DASHES.into_iter().flat_map(spell).collect();
        } else {
            for spelling in &mut spellings {
                spelling.push(character);
            }
        }
        before = character;
    }
    Some(spellings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, operation: Operation, pattern: &str) {
        let expected = (operation, pattern.to_string());
        assert_eq!(comparison(&pieces(text), false), expected, "{text}");
    }

    #[test]
    fn plainest_comparison() {
        check("", Operation::Equals, "");
        check("a b", Operation::Equals, "a b");
        check("a*", Operation::StartsWith, "a");
        check("*a", Operation::EndsWith, "a");
        check("**a**", Operation::Contains, "a");
        check("*", Operation::Exists, "");
        check("?", Operation::Like, "?");
        check("a*b", Operation::Like, "a*b");
        check("*a?", Operation::Like, "*a?");
        check("*ä*", Operation::Like, "*ä*");
        check("ä?", Operation::Like, "ä?");
        check("日本", Operation::Equals, "日本");
        let cased = comparison(&pieces("*ä"), true);
        assert_eq!(cased, (Operation::EndsWith, "ä".to_owned()));
    }

    #[test]
    fn escapes() {
        check(r"C:\a\b", Operation::Equals, r"C:\a\b");
        check(r"C:\\a", Operation::Equals, r"C:\a");
        check(r"\\\\host", Operation::Equals, r"\\host");
        check(r"\*", Operation::Equals, "*");
        check(r"a\?", Operation::Equals, "a?");
        check(r"a\\*", Operation::StartsWith, r"a\");
        check(r"a\", Operation::Equals, r"a\");
        check(r"*\at.exe", Operation::EndsWith, r"\at.exe");
        check(r"a\*b*c\d", Operation::Like, r"a\*b*c\\d");
    }

    #[test]
    fn exchanged_dashes() {
        let all = dashes("at -x a-b //c", 625).unwrap();
        assert_eq!(all.len(), 25);
        assert!(all.contains(&"at /x a-b /—c".into()));
        assert_eq!(dashes("-a -b -c", 100), None);
        assert_eq!(dashes("a - b-", 1), Some(vec!["a - b-".into()]));
    }
}
