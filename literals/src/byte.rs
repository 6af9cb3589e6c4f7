/*!
One byte among sixteen, for texts that are too short for a search.

The only unsafe code is the loading of a vector from an array of its size,
and instructions that every processor of the architecture has.
*/
#![allow(unsafe_code)]

/// Place of the first of a byte among sixteen; 16 where there is none.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[inline]
pub fn first_of(byte: u8, bytes: &[u8; 16]) -> usize {
    use core::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_set1_epi8,
    };
    // SAFETY: SSE2 is there, and sixteen bytes are read from sixteen.
    let places = unsafe {
        let bytes = _mm_loadu_si128(bytes.as_ptr().cast());
        let wanted = _mm_set1_epi8(byte.cast_signed());
        _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted))
    };
    (places | 1 << 16).trailing_zeros() as usize
}

/// Place of the first of a byte among sixteen; 16 where there is none.
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
#[inline]
pub fn first_of(byte: u8, bytes: &[u8; 16]) -> usize {
    first_of_number(byte, bytes)
}

/// The same without vectors.
#[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "sse2"))))]
#[inline]
fn first_of_number(byte: u8, bytes: &[u8; 16]) -> usize {
    let ones = u128::from_le_bytes([1; 16]);
    let number = u128::from_le_bytes(*bytes) ^ u128::from_le_bytes([byte; 16]);
    // The lowest bit that is set is that of the first byte that is zero.
    let zeros = number.wrapping_sub(ones) & !number & (ones << 7);
    zeros.trailing_zeros() as usize / 8
}

/// Which of sixteen bytes are one of two: a bit for each, from the lowest.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[inline]
pub fn places_of([one, other]: [u8; 2], bytes: &[u8; 16]) -> u16 {
    use core::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128,
        _mm_set1_epi8,
    };
    // SAFETY: SSE2 is there, and sixteen bytes are read from sixteen.
    let places = unsafe {
        let bytes = _mm_loadu_si128(bytes.as_ptr().cast());
        let [one, other] = [one, other]
            .map(|byte| _mm_set1_epi8(byte.cast_signed()))
            .map(|wanted| _mm_cmpeq_epi8(bytes, wanted));
        _mm_movemask_epi8(_mm_or_si128(one, other))
    };
    places as u16
}

/// Which of sixteen bytes are one of two: a bit for each, from the lowest.
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
#[inline]
pub fn places_of(wanted: [u8; 2], bytes: &[u8; 16]) -> u16 {
    places_one_by_one(wanted, bytes)
}

/// The same without vectors.
#[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "sse2"))))]
#[inline]
fn places_one_by_one(wanted: [u8; 2], bytes: &[u8; 16]) -> u16 {
    bytes
        .iter()
        .rev()
        .fold(0, |places, byte| places << 1 | u16::from(wanted.contains(byte)))
}

/// Which of sixteen bytes do not stand for themselves in a string of JSON:
/// quotes, backslashes and control characters; a bit for each, from the
/// lowest.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[inline]
pub fn escapes_of(bytes: &[u8; 16]) -> u16 {
    use core::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_loadu_si128, _mm_min_epu8, _mm_movemask_epi8,
        _mm_or_si128, _mm_set1_epi8,
    };
    // SAFETY: SSE2 is there, and sixteen bytes are read from sixteen.
    let places = unsafe {
        let bytes = _mm_loadu_si128(bytes.as_ptr().cast());
        let [quotes, backslashes] = [b'"', b'\\']
            .map(|byte| _mm_set1_epi8(byte.cast_signed()))
            .map(|wanted| _mm_cmpeq_epi8(bytes, wanted));
        let lowered = _mm_min_epu8(bytes, _mm_set1_epi8(0x1F));
        let controls = _mm_cmpeq_epi8(bytes, lowered);
        let signs = _mm_or_si128(quotes, backslashes);
        _mm_movemask_epi8(_mm_or_si128(signs, controls))
    };
    places as u16
}

/// Which of sixteen bytes do not stand for themselves in a string of JSON:
/// quotes, backslashes and control characters; a bit for each, from the
/// lowest.
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
#[inline]
pub fn escapes_of(bytes: &[u8; 16]) -> u16 {
    escapes_one_by_one(bytes)
}

/// The same without vectors.
#[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "sse2"))))]
#[inline]
fn escapes_one_by_one(bytes: &[u8; 16]) -> u16 {
    let is_escaped = |byte: u8| byte < b' ' || matches!(byte, b'"' | b'\\');
    let bits = bytes.iter().rev();
    bits.fold(0, |places, byte| places << 1 | u16::from(is_escaped(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_every_byte_at_every_place() {
        for byte in 0..=u8::MAX {
            for place in 0..16 {
                let mut bytes = *b"plain text, long";
                bytes[place] = byte;
                let escapes = escapes_of(&bytes);
                assert_eq!(escapes, escapes_one_by_one(&bytes));
                let is_escaped = matches!(byte, 0..0x20 | b'"' | b'\\');
                assert_eq!(escapes, u16::from(is_escaped) << place, "{byte}");
            }
        }
    }

    #[test]
    fn places_of_two_bytes() {
        let mut bytes = *b".a\\b.\\..\0\xAE\xDC/-[]\\";
        for turn in 0..16 {
            bytes.rotate_left(1);
            for wanted in [*b".\\", *b"ab", [0, 0xAE], *b"zz"] {
                let places = places_of(wanted, &bytes);
                assert_eq!(places, places_one_by_one(wanted, &bytes));
                let is = |place: usize| wanted.contains(&bytes[place]);
                let expected = (0..16).filter(|place| is(*place));
                let expected = expected.fold(0, |all, place| all | 1 << place);
                assert_eq!(places, expected, "{turn}");
            }
        }
    }

    #[test]
    fn every_place_of_every_byte() {
        for byte in 0..=u8::MAX {
            // Neighbours that differ in one bit only, on both sides.
            for other in [byte ^ 1, byte ^ 0x80, byte.wrapping_add(1)] {
                let none = [other; 16];
                assert_eq!(first_of(byte, &none), 16);
                assert_eq!(first_of_number(byte, &none), 16);
                for place in 0..16 {
                    let mut bytes = none;
                    bytes[place] = byte;
                    bytes[15] = byte;
                    assert_eq!(first_of(byte, &bytes), place);
                    assert_eq!(first_of_number(byte, &bytes), place);
                }
            }
        }
    }
}
