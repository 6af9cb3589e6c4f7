/*!
Options of Unix programs, in the order in which they stand.
*/

use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::command::{Command, Commands};

/// A word of a command: an option, with its value, or an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// `-x`, one of letters that stand together.
    Letter(u8, Option<Piece>),
    /// `--name`, `--name=value`, `--name value`; the name without dashes.
    Long(Piece, Option<Piece>),
    /// Anything else, with its place among the words.
    Operand(Piece, usize),
}

/// How a program reads its options.
#[derive(Clone, Copy)]
pub(crate) struct Grammar {
    /// Letters that take a value: behind them, or the next word.
    pub(crate) letters: &'static [u8],
    /// Names that take a value: the rest of the word, or the next.
    pub(crate) names: &'static [&'static str],
    /// Whether an operand ends the options.
    pub(crate) stops: bool,
}

/// Reads a command's options; `each` gets one item after the other, until it
/// returns false.
pub(crate) fn read(
    commands: &Commands,
    command: Command,
    grammar: Grammar,
    each: &mut dyn FnMut(Item) -> bool,
) {
    let arena = &commands.arena;
    let words = commands.words(command);
    let mut index = 1_usize;
    let mut are_over = false;
    while let Some(word) = words.get(index) {
        let text = arena.get(word.text);
        let place = index;
        index = index.saturating_add(1);
        let next = words.get(index).map(|word| word.text);
        let go_on = match text {
            _ if are_over => each(Item::Operand(word.text, place)),
            b"--" => {
                are_over = true;
                true
            }
            [b'-', b'-', long @ ..] => {
                let name = word.text.after(2);
                match memchr::memchr(b'=', long) {
                    Some(at) => each(Item::Long(
                        name.until(at),
                        Some(name.after(at.saturating_add(1))),
                    )),
                    None => {
                        // A beginning will do that only one option has, or
                        // options that all take a value.
                        let takes = long.len() > 2
                            && grammar
                                .names
                                .iter()
                                .any(|name| name.as_bytes().starts_with(long));
                        let value = next.filter(|_| takes);
                        index =
                            index.saturating_add(usize::from(value.is_some()));
                        each(Item::Long(name, value))
                    }
                }
            }
            [b'-', letters @ ..] if !letters.is_empty() => {
                let mut go_on = true;
                for (at, letter) in letters.iter().enumerate() {
                    if !grammar.letters.contains(letter) {
                        go_on &= each(Item::Letter(*letter, None));
                        continue;
                    }
                    let behind = word.text.after(at.saturating_add(2));
                    let value = if behind.is_empty() {
                        index = index.saturating_add(1);
                        next
                    } else {
                        Some(behind)
                    };
                    go_on &= each(Item::Letter(*letter, value));
                    break;
                }
                go_on
            }
            _ => {
                are_over = grammar.stops;
                each(Item::Operand(word.text, place))
            }
        };
        if !go_on {
            return;
        }
    }
}
