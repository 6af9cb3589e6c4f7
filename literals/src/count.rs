/*!
Counting the places of the sample that a bucket makes candidates: nearly all
that choosing windows takes.

The only unsafe code is the call of a function for which the processor was
found to be right.
*/
#![allow(unsafe_code)]

use crate::table::WINDOW;

/// Places of the sample that are looked at, 64 to a word.
pub(crate) const PLACES: usize = WORDS * 64;
pub(crate) const WORDS: usize = 108;

/// A set of places of the sample.
pub(crate) type Places = [u64; WORDS];

/// Words that are counted before it is looked whether they are too many: a
/// third of all, as most windows are by far too bad.
const BLOCK: usize = 36;

/// How many places are in one set or the other, for each byte of a window;
/// `None` as soon as there are too many, which must be so of all higher
/// numbers.
pub(crate) fn count(
    have: [&Places; WINDOW],
    add: [&Places; WINDOW],
    is_too_many: impl Fn(u32) -> bool,
) -> Option<u32> {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") {
        // SAFETY: the processor has the instructions.
        return unsafe { count_avx2(have, add, is_too_many) };
    }
    count_plain(have, add, is_too_many)
}

/// The same with instructions that not every processor has: in a sixth of the
/// time, as those that each has do not count bits.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
fn count_avx2(
    have: [&Places; WINDOW],
    add: [&Places; WINDOW],
    is_too_many: impl Fn(u32) -> bool,
) -> Option<u32> {
    count_plain(have, add, is_too_many)
}

#[inline(always)]
fn count_plain(
    have: [&Places; WINDOW],
    add: [&Places; WINDOW],
    is_too_many: impl Fn(u32) -> bool,
) -> Option<u32> {
    let [[a, b, c, d], [e, f, g, h]] = [have, add]
        .map(|sets| sets.map(|places| places.as_chunks::<BLOCK>().0));
    let have = a.iter().zip(b).zip(c.iter().zip(d));
    let add = e.iter().zip(f).zip(g.iter().zip(h));
    let mut count = 0_u32;
    for (((a, b), (c, d)), ((e, f), (g, h))) in have.zip(add) {
        let mut places = [!0; BLOCK];
        for (have, add) in [(a, e), (b, f), (c, g), (d, h)] {
            for (place, (have, add)) in
                places.iter_mut().zip(have.iter().zip(add))
            {
                *place &= have | add;
            }
        }
        for word in places {
            count = count.saturating_add(u64::count_ones(word));
        }
        if is_too_many(count) {
            return None;
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_until_there_are_too_many() {
        let mut state = 1_u64;
        let mut places = || {
            let mut places: Places = [0; _];
            for word in &mut places {
                state = state.wrapping_mul(0x5851_F42D_4C95_7F2D) + 1;
                *word = state ^ state >> 29;
            }
            places
        };
        let sets: [Places; 8] = core::array::from_fn(|_| places());
        let [a, b, c, d, e, f, g, h] = &sets;
        let (have, add) = ([a, b, c, d], [e, f, g, h]);
        let expected: u32 = (0..a.len())
            .map(|at| {
                (0..4)
                    .fold(!0, |all, set| all & (have[set][at] | add[set][at]))
            })
            .map(u64::count_ones)
            .sum();
        assert!(expected > 1000);
        for most in [0, 1, expected / 2, expected - 1, expected, u32::MAX] {
            let fits = (most >= expected).then_some(expected);
            assert_eq!(count(have, add, |count| count > most), fits);
            assert_eq!(count_plain(have, add, |count| count > most), fits);
        }
    }
}
