/*!
What commands write whose words, and whose input, are constants.

Only those that do no more than to write or change a text: `echo`, `printf`,
`cat`, `rev`, `tr`, `base64 -d`, `xxd -r -p`. What only sorts lines, or leaves
some out, is taken to write them all.
*/

use super::text::escape;
use crate::derive::canonical::arena::{Arena, Piece};
use crate::derive::canonical::powershell::push_base64;

/// A command that only writes or changes a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    Echo,
    Printf,
    Cat,
    Rev,
    Tr,
    Base64,
    Hex,
    /// Lines that it reads, in some order.
    Lines,
}

impl Filter {
    pub(super) fn named(name: &[u8]) -> Option<Filter> {
        Some(match name {
            b"echo" => Filter::Echo,
            b"printf" => Filter::Printf,
            b"cat" => Filter::Cat,
            b"rev" => Filter::Rev,
            b"tr" => Filter::Tr,
            b"base64" => Filter::Base64,
            b"xxd" => Filter::Hex,
            b"sort" | b"uniq" | b"grep" | b"egrep" | b"fgrep" | b"head"
            | b"tail" | b"tac" | b"tee" | b"sponge" => Filter::Lines,
            _ => return None,
        })
    }

    /// Whether it decodes what it reads, or may.
    pub(super) fn decodes(self) -> bool {
        matches!(self, Filter::Base64 | Filter::Hex)
    }
}

/// What a command writes; `None` where that is no constant.
pub(super) fn write(
    filter: Filter,
    words: &[Piece],
    input: Option<Piece>,
    arena: &mut Arena,
) -> Option<Piece> {
    match filter {
        Filter::Echo => Some(echo(words, arena)),
        Filter::Printf => Some(printf(words, arena)),
        Filter::Cat => input.filter(|_| words.is_empty()),
        Filter::Lines => input,
        Filter::Rev => Some(rev(input?, arena)),
        Filter::Tr => tr(words, input?, arena),
        Filter::Base64 => {
            let decodes = words.iter().any(|word| {
                matches!(
                    arena.get(*word),
                    b"-d" | b"-D" | b"--decode" | b"-di"
                )
            });
            if !decodes {
                return None;
            }
            let input = input?;
            let mark = arena.mark();
            push_base64(input, arena);
            Some(arena.since(mark))
        }
        Filter::Hex => {
            let reverts = words.iter().any(|word| {
                let word = arena.get(*word);
                word.first() == Some(&b'-') && word.contains(&b'r')
            });
            if reverts { Some(hex(input?, arena)) } else { None }
        }
    }
}

fn echo(words: &[Piece], arena: &mut Arena) -> Piece {
    let mark = arena.mark();
    let mut words = words;
    let (mut has_end, mut has_escapes) = (true, false);
    while let [first, rest @ ..] = words {
        let [b'-', flags @ ..] = arena.get(*first) else { break };
        if flags.is_empty() || !flags.iter().all(|flag| b"neE".contains(flag))
        {
            break;
        }
        has_end &= !flags.contains(&b'n');
        has_escapes |= flags.contains(&b'e');
        words = rest;
    }
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            arena.push(b' ');
        }
        if has_escapes {
            unescape(*word, arena);
        } else {
            arena.extend_from(*word);
        }
    }
    if has_end {
        arena.push(b'\n');
    }
    arena.since(mark)
}

fn unescape(mut rest: Piece, arena: &mut Arena) {
    while let Some(&byte) = arena.get(rest).first() {
        rest = rest.after(1);
        if byte == b'\\' {
            let (value, length) = escape(arena.get(rest));
            arena.push(value.unwrap_or(b'\\'));
            rest = rest.after(length);
        } else {
            arena.push(byte);
        }
    }
}

/// `%s`, `%b`, `%c` and `%d` by the words behind the format, which is used
/// again for those that are left, eight times at most.
fn printf(words: &[Piece], arena: &mut Arena) -> Piece {
    let mark = arena.mark();
    let Some((format, mut values)) = words.split_first() else {
        return arena.since(mark);
    };
    // An option is none of ours: `-v name`.
    for _ in 0..8 {
        let before = values.len();
        let mut rest = *format;
        while let Some(&byte) = arena.get(rest).first() {
            rest = rest.after(1);
            match byte {
                b'\\' => {
                    let (value, length) = escape(arena.get(rest));
                    arena.push(value.unwrap_or(b'\\'));
                    rest = rest.after(length);
                }
                b'%' => {
                    let text = arena.get(rest);
                    let width = text.iter().take_while(|byte| {
                        byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
                    });
                    let width = width.count();
                    let conversion = text.get(width).copied();
                    rest = rest.after(width.saturating_add(1));
                    if conversion == Some(b'%') {
                        arena.push(b'%');
                    } else if let Some((value, others)) = values.split_first()
                    {
                        values = others;
                        match conversion {
                            Some(b'b') => unescape(*value, arena),
                            Some(b'c') => arena.extend_from(value.until(1)),
                            _ => arena.extend_from(*value),
                        }
                    }
                }
                _ => arena.push(byte),
            }
        }
        if values.is_empty() || values.len() == before {
            break;
        }
    }
    arena.since(mark)
}

fn rev(input: Piece, arena: &mut Arena) -> Piece {
    let mark = arena.mark();
    let mut rest = input;
    loop {
        let text = arena.get(rest);
        let end = memchr::memchr(b'\n', text);
        let length = end.unwrap_or(text.len());
        for index in (0..length).rev() {
            let byte = arena.get(rest).get(index).copied();
            arena.push(byte.unwrap_or_default());
        }
        if end.is_none() {
            return arena.since(mark);
        }
        arena.push(b'\n');
        rest = rest.after(length.saturating_add(1));
    }
}

/// `tr a b` and `tr -d a`, with ranges.
fn tr(words: &[Piece], input: Piece, arena: &mut Arena) -> Option<Piece> {
    let mut table = [None; 256];
    let (first, second, deletes) = match words {
        [flag, set] if arena.get(*flag) == b"-d" => (set, None, true),
        [from, to] => (from, Some(to), false),
        _ => return None,
    };
    let mut from = [0_u8; 256];
    let from = set(arena.get(*first), &mut from);
    let mut to = [0_u8; 256];
    let to = match second {
        Some(second) => set(arena.get(*second), &mut to),
        None => &[],
    };
    for (index, byte) in from.iter().enumerate() {
        let with = to.get(index).or(to.last()).copied();
        if let Some(entry) = table.get_mut(usize::from(*byte)) {
            *entry = Some(with);
        }
    }
    let mark = arena.mark();
    let mut rest = input;
    while let Some(&byte) = arena.get(rest).first() {
        rest = rest.after(1);
        match table.get(usize::from(byte)).copied().flatten() {
            Some(_) if deletes => {}
            Some(Some(with)) => arena.push(with),
            _ => arena.push(byte),
        }
    }
    Some(arena.since(mark))
}

/// The bytes of a set with ranges, at most 256 of them.
fn set<'s>(text: &[u8], room: &'s mut [u8; 256]) -> &'s [u8] {
    let mut count = 0_usize;
    let mut rest = text;
    while let [first, after @ ..] = rest {
        let (last, behind) = match after {
            [b'-', last, behind @ ..] if last >= first => (*last, behind),
            _ => (*first, after),
        };
        for byte in *first..=last {
            if let Some(slot) = room.get_mut(count) {
                *slot = byte;
                count = count.saturating_add(1);
            }
        }
        rest = behind;
    }
    room.get(..count).unwrap_or_default()
}

fn hex(input: Piece, arena: &mut Arena) -> Piece {
    let mark = arena.mark();
    let mut high = None;
    let mut rest = input;
    while let Some(&byte) = arena.get(rest).first() {
        rest = rest.after(1);
        let Some(digit) = char::from(byte).to_digit(16) else { continue };
        match high.take() {
            Some(high) => arena.push((high << 4_u32 | digit) as u8),
            None => high = Some(digit),
        }
    }
    arena.since(mark)
}
