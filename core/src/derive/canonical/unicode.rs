/*!
Characters that some programs of Windows read as others: dashes, letters that
are printed in another form, and what does not show at all.
*/

use super::arena::Arena;
use super::command::{Command, Commands};
use super::notes::{Notes, Obfuscation};

/// What a character is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Itself,
    As(u8),
    Nothing,
}

/// First characters of alphabets in other forms, which have a letter each in
/// the order of ASCII: capitals, then small letters.
const ALPHABETS: [(u32, u32); 14] = [
    (0xFF21, 0xFF41),
    (0x24B6, 0x24D0),
    (0x1D400, 0x1D41A),
    (0x1D434, 0x1D44E),
    (0x1D468, 0x1D482),
    (0x1D49C, 0x1D4B6),
    (0x1D4D0, 0x1D4EA),
    (0x1D504, 0x1D51E),
    (0x1D538, 0x1D552),
    (0x1D56C, 0x1D586),
    (0x1D5A0, 0x1D5BA),
    (0x1D5D4, 0x1D5EE),
    (0x1D608, 0x1D622),
    (0x1D670, 0x1D68A),
];

/// Letters that stand higher or lower than others.
const MODIFIERS: &str = "ᵃaᵇbᶜcᵈdᵉeᶠfᵍgʰhⁱiʲjᵏkˡlᵐmⁿnᵒoᵖpʳrˢsᵗtᵘuᵛvʷwˣxʸyᶻzᴬAᴮBᴰDᴱEᴳGᴴHᴵIᴶJᴷKᴸLᴹMᴺNᴼOᴾPᴿRᵀTᵁUⱽVᵂWₐaₑeₕhᵢiⱼjₖkₗlₘmₙnₒoₚpᵣrₛsₜtᵤuᵥvₓxªaºoſsℎhℂCℋHℌHℍHℐIℑIℒLℓlℕNℙPℚQℛRℜRℝRℤZℨZKKℬBℭCℯeℰEℱFℳMℴo";

fn reading(character: char) -> Reading {
    let code = u32::from(character);
    match character {
        _ if character.is_ascii() => Reading::Itself,
        '\u{2010}'..='\u{2015}'
        | '\u{2212}'
        | '\u{fe58}'
        | '\u{fe63}'
        | '\u{ff0d}' => Reading::As(b'-'),
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{e0001}'
        | '\u{e0020}'..='\u{e007f}'
        | '\u{e0100}'..='\u{e01ef}' => Reading::Nothing,
        // The rest of the wide forms: digits and punctuation.
        '\u{ff01}'..='\u{ff5e}' => {
            let byte = code.saturating_sub(0xFEE0);
            u8::try_from(byte).map_or(Reading::Itself, Reading::As)
        }
        _ => letter(character, code),
    }
}

fn letter(character: char, code: u32) -> Reading {
    for (capitals, small) in ALPHABETS {
        for (first, letter) in [(capitals, b'A'), (small, b'a')] {
            let place = code.checked_sub(first).filter(|place| *place < 26);
            if let Some(place) = place.and_then(|at| u8::try_from(at).ok()) {
                return Reading::As(letter.saturating_add(place));
            }
        }
    }
    let mut pairs = MODIFIERS.chars();
    while let (Some(from), Some(to)) = (pairs.next(), pairs.next()) {
        if from == character {
            return u8::try_from(to).map_or(Reading::Itself, Reading::As);
        }
    }
    Reading::Itself
}

/// Puts the words of a command into plain letters, where they are read so;
/// returns what was undone. Costs a look at each byte of a plain text.
pub(crate) fn fold_words(commands: &mut Commands, command: Command) -> Notes {
    let mut notes = Notes::default();
    let count = commands.words(command).len();
    for index in 0..count {
        let Some(word) = commands.words(command).get(index).copied() else {
            break;
        };
        if commands.arena.get(word.text).is_ascii() {
            continue;
        }
        let mark = commands.arena.mark();
        let mut at = 0_usize;
        loop {
            let text = commands.arena.get(word.text);
            let Some(chunk) = text.get(at..).filter(|rest| !rest.is_empty())
            else {
                break;
            };
            let (length, read, own) = next(chunk);
            let bytes = own;
            at = at.saturating_add(length);
            write(&mut commands.arena, read, &bytes, length, &mut notes);
        }
        let text = commands.arena.since(mark);
        commands.replace(command, index, text);
    }
    notes
}

/// The next character: its length, what it is read as, and its bytes.
fn next(text: &[u8]) -> (usize, Reading, [u8; 4]) {
    let chunk = text.utf8_chunks().next();
    let character = chunk.and_then(|chunk| chunk.valid().chars().next());
    let length = character.map_or(1, char::len_utf8);
    let mut own = [0; 4];
    for (to, from) in own.iter_mut().zip(text.iter().take(length)) {
        *to = *from;
    }
    (length, character.map_or(Reading::Itself, reading), own)
}

fn write(
    arena: &mut Arena,
    read: Reading,
    own: &[u8; 4],
    length: usize,
    notes: &mut Notes,
) {
    match read {
        Reading::Itself => {
            arena.extend(own.get(..length).unwrap_or_default());
        }
        Reading::As(byte) => {
            notes.add(Obfuscation::LookAlike);
            arena.push(byte);
        }
        Reading::Nothing => notes.add(Obfuscation::HiddenCharacter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::canonical::command::System;

    #[test]
    fn forms_of_letters_are_read_as_letters() {
        for (text, expected) in [
            ("ａｄｄ －ｖ", "add|-v"),
            ("𝐝𝐞𝐥𝐞𝐭𝐞 ˢᵈ", "delete|sd"),
            ("de\u{200b}le\u{ad}te \u{fe63}f", "delete|-f"),
            ("größe ж", "größe|ж"),
        ] {
            let mut commands = Commands::default();
            commands.add_line(text.as_bytes(), System::Windows);
            let command = commands.get(0).unwrap();
            fold_words(&mut commands, command);
            assert_eq!(commands.shown(command), expected, "{text}");
        }
    }
}
