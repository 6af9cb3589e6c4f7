/*!
Names as the shapes spell them, for records whose writer spells them in another
way: `process_exec` for `processExec`, `eventSource` for `eventsource`.
*/

use crate::record::keys::Key;
use crate::record::shape::{Member, Reads, Shape, Tell};
use crate::record::shapes::SHAPE_LIST;

/// How the words of a name are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `EventName`
    Pascal,
    /// `eventName`
    Camel,
    /// `event_name`
    Snake,
}

impl Style {
    pub(crate) const ALL: [Style; 3] =
        [Style::Pascal, Style::Camel, Style::Snake];

    /// Whether a name of several words is written so.
    fn is_of(self, name: &[u8]) -> bool {
        let has_bars = name.contains(&b'_');
        let has_large = name.iter().any(u8::is_ascii_uppercase);
        let begins_large = name.first().is_some_and(u8::is_ascii_uppercase);
        match self {
            Style::Pascal => begins_large && !has_bars,
            Style::Camel => has_large && !begins_large && !has_bars,
            Style::Snake => has_bars && !has_large,
        }
    }
}

/// The name that shapes know for one that differs from it in case only, and in
/// what stands between words; of several such names the one in the style, or
/// the first.
pub(crate) fn spelled(name: &[u8], style: Style) -> Option<&'static [u8]> {
    if name.len() > MOST_NAME {
        return None;
    }
    // Of the style; of one small word, as all but the first style have some;
    // and any.
    let (mut fitting, mut small, mut first) = (None, None, None);
    for &at in SLOTS.get(slot(hash(name))..)? {
        let Some(at) = usize::from(at).checked_sub(1) else { break };
        let (length, rest) = NAMES.get(at..)?.split_first()?;
        let known = rest.get(..usize::from(*length))?;
        if !letters(known).eq(letters(name)) {
            continue;
        }
        // Where words stand apart, `hostname` is one.
        let is_small = !name.iter().any(u8::is_ascii_uppercase);
        if style == Style::Snake && is_small && known == name {
            return Some(known);
        }
        let is_fitting = style.is_of(known);
        let is_word =
            style != Style::Pascal && known.iter().all(u8::is_ascii_lowercase);
        fitting = fitting.or(is_fitting.then_some(known));
        small = small.or(is_word.then_some(known));
        first = first.or(Some(known));
    }
    fitting.or(small).or(first)
}

/// What of a name counts: all but what stands between words, in small letters.
fn letters(name: &[u8]) -> impl Iterator<Item = u8> {
    let letters = name.iter().filter(|byte| !is_between(**byte));
    letters.map(u8::to_ascii_lowercase)
}

const fn is_between(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b' ')
}

/// Longest name that is looked for. The longest known one has 36 bytes.
const MOST_NAME: usize = 64;

/// A slot for a name, and those behind the last for names that find theirs
/// taken: three times as many as there are names.
const COUNT: usize = 4096;
const MORE: usize = 32;

const BUILT: Builder = build();

/// All names, each behind its length.
static NAMES: [u8; BUILT.used] = used(&BUILT.names);

/// Where the names with a hash begin, from 1; 0 for none.
static SLOTS: [u16; COUNT + MORE] = BUILT.slots;

#[expect(clippy::indexing_slicing, reason = "run by the compiler")]
const fn used<const USED: usize>(all: &[u8]) -> [u8; USED] {
    let mut used = [0; USED];
    let mut index = 0;
    while index < USED {
        used[index] = all[index];
        index = index.saturating_add(1);
    }
    used
}

/// Bits that names have in common by chance only, unless they have the same
/// letters.
const fn hash(mut name: &[u8]) -> u32 {
    let mut hash = 0x811C_9DC5_u32;
    while let [byte, rest @ ..] = name {
        if !is_between(*byte) {
            hash ^= byte.to_ascii_lowercase() as u32;
            hash = hash.wrapping_mul(0x0100_0193);
        }
        name = rest;
    }
    hash
}

const fn slot(hash: u32) -> usize {
    ((hash >> 16_u32) ^ hash) as usize % COUNT
}

/// Makes the table. The compiler runs this; what does not fit ends the
/// compilation.
#[allow(long_running_const_eval)]
const fn build() -> Builder {
    let mut builder =
        Builder { names: [0; 1 << 16], used: 0, slots: [0; COUNT + MORE] };
    let mut names = Key::DATA_NAMES;
    while let [(name, _), rest @ ..] = names {
        builder.name(name);
        names = rest;
    }
    let mut shapes = SHAPE_LIST;
    while let [shape, rest @ ..] = shapes {
        builder.shape(shape);
        shapes = rest;
    }
    builder
}

struct Builder {
    names: [u8; 1 << 16],
    used: usize,
    slots: [u16; COUNT + MORE],
}

#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "run by the compiler, which stops at either"
)]
impl Builder {
    const fn shape(&mut self, shape: &Shape) {
        self.tell(&shape.tells);
        if let Reads::Rules(mut rules) = shape.reads {
            while let [rule, rest @ ..] = rules {
                self.tell(&rule.tell);
                rules = rest;
            }
        }
        let mut layouts = shape.layouts;
        while let [layout, rest @ ..] = layouts {
            let mut members = layout.members;
            while let [member, rest @ ..] = members {
                self.member(member);
                members = rest;
            }
            layouts = rest;
        }
    }

    const fn tell(&mut self, tell: &Tell) {
        match *tell {
            Tell::Has(path)
            | Tell::Text(path)
            | Tell::Lacks(path)
            | Tell::Is(path, _)
            | Tell::Among(path, _)
            | Tell::Begins(path, _)
            | Tell::Ends(path, _)
            | Tell::Writes(path) => self.path(path),
            Tell::Not(tell) => self.tell(tell),
            Tell::All(mut tells) | Tell::Any(mut tells) => {
                while let [tell, rest @ ..] = tells {
                    self.tell(tell);
                    tells = rest;
                }
            }
        }
    }

    const fn member(&mut self, member: &Member) {
        match *member {
            Member::Value { path, .. }
            | Member::Data { path, .. }
            | Member::Records { path }
            | Member::Tables { path }
            | Member::Text { path } => self.path(path),
            Member::Like { path, other } => {
                self.path(path);
                self.path(other);
            }
            Member::Pairs { path, of } => {
                self.path(path);
                self.path(of);
            }
            Member::Prefix { other, .. } => self.path(other),
        }
    }

    /// Enters each step of a path.
    const fn path(&mut self, path: &'static str) {
        let mut rest = path.as_bytes();
        let mut at = 0;
        while at < rest.len() {
            if rest[at] == b'.' {
                let (name, after) = rest.split_at(at);
                self.name(name);
                (_, rest) = after.split_at(1);
                at = 0;
            } else {
                at += 1;
            }
        }
        self.name(rest);
    }

    const fn name(&mut self, name: &'static [u8]) {
        // Those that are known by a part only are no names.
        if matches!(name, [] | [b'*', ..]) {
            return;
        }
        assert!(name.len() <= MOST_NAME, "too long a name");
        let mut slot = slot(hash(name));
        while self.slots[slot] != 0 {
            if self.is_at(self.slots[slot] as usize - 1, name) {
                return;
            }
            slot += 1;
        }
        self.slots[slot] = self.used as u16 + 1;
        self.names[self.used] = name.len() as u8;
        self.used += 1;
        let mut index = 0;
        while index < name.len() {
            self.names[self.used] = name[index];
            self.used += 1;
            index += 1;
        }
    }

    const fn is_at(&self, at: usize, name: &[u8]) -> bool {
        if self.names[at] as usize != name.len() {
            return false;
        }
        let mut index = 0;
        while index < name.len() {
            if self.names[at + 1 + index] != name[index] {
                return false;
            }
            index += 1;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_style(name: &str, style: Style) -> Option<&'static str> {
        let spelled = spelled(name.as_bytes(), style)?;
        Some(core::str::from_utf8(spelled).unwrap())
    }

    #[test]
    fn names_are_found_however_their_words_are_put_together() {
        for name in [
            "CommandLine",
            "commandLine",
            "command_line",
            "COMMAND_LINE",
            "COMMANDLINE",
            "command-line",
            "Command Line",
        ] {
            for (style, expected) in [
                (Style::Pascal, "CommandLine"),
                (Style::Snake, "command_line"),
            ] {
                assert_eq!(in_style(name, style), Some(expected), "{name}");
            }
        }
        // As one word it is known, too.
        for (style, expected) in [
            (Style::Pascal, "CommandLine"),
            (Style::Camel, "commandLine"),
            (Style::Snake, "commandline"),
        ] {
            assert_eq!(in_style("commandline", style), Some(expected));
        }
        // One word is small where the first of several is.
        for (style, expected) in
            [(Style::Pascal, "Type"), (Style::Snake, "type")]
        {
            for name in ["type", "Type", "TYPE"] {
                assert_eq!(in_style(name, style), Some(expected));
            }
        }
        // Where there is none of the style, another one.
        for style in Style::ALL {
            let found = in_style("EVENT_SIMPLENAME", style);
            assert_eq!(found, Some("event_simpleName"));
        }
        for name in ["", "_", "commandlines", "comma", "*"] {
            assert_eq!(in_style(name, Style::Pascal), None, "{name}");
        }
        assert_eq!(in_style(&"a".repeat(100), Style::Camel), None);
    }

    #[test]
    fn few_names_share_a_slot() {
        let longest = SLOTS.split(|at| *at == 0).map(<[u16]>::len).max();
        assert!(longest <= Some(MORE), "{longest:?}");
        let names = SLOTS.iter().filter(|at| **at != 0).count();
        assert!((500..COUNT / 2).contains(&names), "{names}");
    }
}
