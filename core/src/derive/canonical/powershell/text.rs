//! Numbers, characters and encodings that scripts hide text in.

use crate::derive::canonical::arena::{Arena, Piece};

/// Where the bracket that a text begins with is closed; its end if nowhere.
pub(super) fn matching(text: &[u8], open: u8, close: u8) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.iter().enumerate() {
        if *byte == open {
            depth = depth.saturating_add(1);
        } else if *byte == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at;
            }
        }
    }
    text.len()
}

/// A number, decimal or hexadecimal.
pub(super) fn number(text: &[u8]) -> Option<i64> {
    let text = str::from_utf8(text.trim_ascii()).ok()?;
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

pub(super) fn push_number(value: i64, arena: &mut Arena) -> Piece {
    let mut digits = [0_u8; 20];
    let digits = crate::derive::canonical::decimal(value, &mut digits);
    arena.add(digits)
}

pub(super) fn push_character(code: i64, arena: &mut Arena) -> Piece {
    let character = u32::try_from(code).ok().and_then(char::from_u32);
    let mut text = [0_u8; 4];
    let character = character.unwrap_or('\u{FFFD}');
    arena.add(character.encode_utf8(&mut text).as_bytes())
}

/// Writes what base64 stands for; what is no part of it is passed over.
pub(crate) fn push_base64(text: Piece, arena: &mut Arena) {
    let (mut bits, mut count) = (0_u32, 0_u32);
    let mut rest = text;
    while let Some(&byte) = arena.get(rest).first() {
        rest = rest.after(1);
        let value = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = bits.wrapping_shl(6) | u32::from(value);
        count = count.saturating_add(6);
        if count >= 8 {
            count = count.saturating_sub(8);
            arena.push((bits.wrapping_shr(count) & 0xFF) as u8);
        }
    }
}

/// UTF-16, the low byte first, as UTF-8.
pub(crate) fn from_utf16(bytes: Piece, arena: &mut Arena) -> Piece {
    let mark = arena.mark();
    let mut rest = bytes;
    let mut high = None;
    while let Some(&[low, upper]) = arena.get(rest).first_chunk::<2>() {
        rest = rest.after(2);
        let unit = u32::from(u16::from_le_bytes([low, upper]));
        let character = match (high.take(), unit) {
            (None, 0xD800..=0xDBFF) => {
                high = Some(unit);
                continue;
            }
            (Some(high), 0xDC00..=0xDFFF) => {
                let code = (high & 0x3FF) << 10_u32 | unit & 0x3FF;
                char::from_u32(code.saturating_add(0x1_0000))
            }
            _ => char::from_u32(unit),
        };
        let mut text = [0_u8; 4];
        let character = character.unwrap_or('\u{FFFD}');
        arena.extend(character.encode_utf8(&mut text).as_bytes());
    }
    arena.since(mark)
}
