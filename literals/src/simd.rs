/*!
The filter: 64 places at a time.

For each byte of a window there is a table: for each value of its low bits, the
buckets that have it, a bit each. One vector instruction looks up 16, 32 or 64
bytes in such a table at once. AVX-512 VBMI looks at the low six bits of a
byte, which tell most bytes of logs apart, the others at the low four, so that
letters are found in either case.

The only unsafe code is the loading of vectors from arrays of their size, and
the call of a function for which the processor was found to be right.
*/
#![allow(unsafe_code)]
#![cfg_attr(
    not(any(target_arch = "x86_64", target_arch = "aarch64")),
    allow(dead_code, unused)
)]

use crate::choice::{BUCKETS, Bucket, Choice, Sight};
use crate::table::WINDOW;

/// The tables of eight buckets, one for each byte of a window: for four bits,
/// and for six.
type Group = [[u8; 16]; WINDOW];
type WideGroup = [[u8; 64]; WINDOW];

/// Some places, and a bit for each of them whether it is a candidate.
#[derive(Clone, Copy, Default)]
pub(crate) struct Candidates {
    pub(crate) start: usize,
    pub(crate) bits: u64,
}

/// How many candidates were written, and the place to go on from.
type Filled = (usize, usize);

type Fill<G> = unsafe fn(&[G], &[u8], usize, &mut [Candidates]) -> Filled;

/// The tables, and what walks over a haystack with them.
enum Tables {
    FourBits(Vec<Group>, Fill<Group>),
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code))]
    SixBits(Vec<WideGroup>, Fill<WideGroup>),
}

/// Tells where windows may be.
pub(crate) struct Filter {
    pub(crate) name: &'static str,
    tables: Tables,
}

/// Picks the variant of a function for some groups of tables.
macro_rules! variant {
    ($fill:ident, $groups:expr) => {
        match $groups.len() {
            1 => $fill::<1>,
            2 => $fill::<2>,
            _ => $fill::<4>,
        }
    };
    ($fill:ident, $groups:expr, $masked:expr) => {
        match ($groups.len(), $masked) {
            (1, false) => $fill::<1, false>,
            (1, true) => $fill::<1, true>,
            (2, false) => $fill::<2, false>,
            (2, true) => $fill::<2, true>,
            (_, false) => $fill::<4, false>,
            (_, true) => $fill::<4, true>,
        }
    };
}

impl Filter {
    /// How much of each byte the best filter of this processor sees.
    pub(crate) fn sight() -> Sight {
        #[cfg(target_arch = "x86_64")]
        if has_vbmi() {
            return Sight::SixBits;
        }
        Sight::FourBits
    }

    /// A filter for each set of instructions that this processor has, the
    /// best one first. Each is made when it is asked for.
    pub(crate) fn each(choice: &Choice) -> impl Iterator<Item = Filter> {
        let all: &[fn(&Choice) -> Option<Filter>] = &[
            #[cfg(target_arch = "x86_64")]
            Filter::vbmi,
            #[cfg(target_arch = "x86_64")]
            Filter::avx2,
            #[cfg(target_arch = "x86_64")]
            Filter::ssse3,
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Filter::neon,
        ];
        all.iter().filter_map(|make| make(choice))
    }

    #[cfg(target_arch = "x86_64")]
    fn vbmi(choice: &Choice) -> Option<Filter> {
        use x86::fill_vbmi;
        if !has_vbmi() {
            return None;
        }
        let groups: Vec<WideGroup> =
            choice.buckets.chunks(BUCKETS).map(wide_group).collect();
        let fill: Fill<WideGroup> = variant!(fill_vbmi, groups);
        let tables = Tables::SixBits(groups, fill);
        Some(Filter { name: "avx512vbmi", tables })
    }

    #[cfg(target_arch = "x86_64")]
    fn avx2(choice: &Choice) -> Option<Filter> {
        use x86::fill_avx2;
        let fill = |groups: &[Group]| -> Fill<Group> {
            variant!(fill_avx2, groups, choice.is_masked)
        };
        is_x86_feature_detected!("avx2")
            .then(|| Filter::of_four_bits("avx2", choice, fill))
    }

    #[cfg(target_arch = "x86_64")]
    fn ssse3(choice: &Choice) -> Option<Filter> {
        use x86::fill_ssse3;
        let fill = |groups: &[Group]| -> Fill<Group> {
            variant!(fill_ssse3, groups, choice.is_masked)
        };
        is_x86_feature_detected!("ssse3")
            .then(|| Filter::of_four_bits("ssse3", choice, fill))
    }

    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    fn neon(choice: &Choice) -> Option<Filter> {
        use neon::fill_neon;
        let fill = |groups: &[Group]| -> Fill<Group> {
            variant!(fill_neon, groups, choice.is_masked)
        };
        std::arch::is_aarch64_feature_detected!("neon")
            .then(|| Filter::of_four_bits("neon", choice, fill))
    }

    fn of_four_bits(
        name: &'static str,
        choice: &Choice,
        fill: impl Fn(&[Group]) -> Fill<Group>,
    ) -> Filter {
        let groups: Vec<Group> =
            choice.buckets.chunks(BUCKETS).map(group).collect();
        let fill = fill(&groups);
        Filter { name, tables: Tables::FourBits(groups, fill) }
    }

    /// Writes the candidates from a place on, as many as there is room for.
    #[inline]
    pub(crate) fn fill(
        &self,
        haystack: &[u8],
        start: usize,
        out: &mut [Candidates],
    ) -> Filled {
        // SAFETY: `each` found that the processor has the instructions.
        unsafe {
            match &self.tables {
                Tables::FourBits(groups, fill) => {
                    fill(groups, haystack, start, out)
                }
                Tables::SixBits(groups, fill) => {
                    fill(groups, haystack, start, out)
                }
            }
        }
    }

    pub(crate) fn memory_usage(&self) -> usize {
        match &self.tables {
            Tables::FourBits(groups, _) => size_of_val(groups.as_slice()),
            Tables::SixBits(groups, _) => size_of_val(groups.as_slice()),
        }
    }
}

/// Whether the processor looks up bytes in tables of 64.
#[cfg(target_arch = "x86_64")]
fn has_vbmi() -> bool {
    is_x86_feature_detected!("avx512vbmi")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx2")
}

fn wide_group(buckets: &[Bucket]) -> WideGroup {
    core::array::from_fn(|byte| {
        let mut table = [0; 64];
        for (eight, values) in table.as_chunks_mut().0.iter_mut().enumerate() {
            // A bit for each of eight values, in a byte for each bucket.
            let mut sets = [0; BUCKETS];
            for (set, bucket) in sets.iter_mut().zip(buckets) {
                let all = bucket.get(byte).copied().unwrap_or(0);
                *set = all.to_le_bytes().get(eight).copied().unwrap_or(0);
            }
            *values = transposed(sets);
        }
        table
    })
}

/// Eight bytes of which each has what had been at its place in all of them:
/// halves, quarters and eighths of the square of bits change places.
fn transposed(bytes: [u8; 8]) -> [u8; 8] {
    let mut bits = u64::from_le_bytes(bytes);
    for (shift, upper) in [
        (7, 0x00AA_00AA_00AA_00AA),
        (14, 0x0000_CCCC_0000_CCCC),
        (28, 0x0000_0000_F0F0_F0F0),
    ] {
        let change = (bits ^ bits >> shift) & upper;
        bits ^= change ^ change << shift;
    }
    bits.to_le_bytes()
}

/// A table for four bits has what that for six has at any value of the other
/// two.
fn group(buckets: &[Bucket]) -> Group {
    wide_group(buckets).map(|table| {
        let quarters = table.as_chunks::<16>().0;
        core::array::from_fn(|nibble| {
            let each = quarters.iter().filter_map(|it| it.get(nibble));
            each.fold(0, |all, bits| all | bits)
        })
    })
}

/// Walks over the haystack. Two of the functions tell by bits which of 64 and
/// 32 places are candidates, the last one which of 16, given vectors of the
/// bytes at each offset in a window, as `load` makes them.
#[inline(always)]
fn walk<V: Copy>(
    haystack: &[u8],
    mut start: usize,
    out: &mut [Candidates],
    wide: impl Fn(&[u8; 64 + WINDOW - 1]) -> u64,
    half: impl Fn(&[u8; 32 + WINDOW - 1]) -> u64,
    load: impl Fn(&[u8; 16]) -> V,
    quarter: impl Fn([V; WINDOW]) -> u64,
) -> Filled {
    let len = haystack.len();
    let Some(last) = haystack.last_chunk() else {
        let bits = walk_short(haystack, half, load, quarter);
        if let Some(out) = out.first_mut() {
            *out = Candidates { start: 0, bits };
        }
        return (1, len);
    };
    // Whether places are candidates is hard to predict, so nothing is decided
    // by it: what has none is written too, and then written over.
    let mut filled = 0_usize;
    while let Some(out) = out.get_mut(filled) {
        let Some(block) = part(haystack, start) else {
            // The last block overlaps what was looked at already.
            let last_start = len.saturating_sub(last.len());
            let known = start.saturating_sub(last_start);
            let rest = u64::MAX.checked_shl(known as u32);
            let bits = wide(last) & rest.unwrap_or(0);
            *out = Candidates { start: last_start, bits };
            return (filled.saturating_add(1), len);
        };
        let bits = wide(block);
        *out = Candidates { start, bits };
        #[expect(
            clippy::arithmetic_side_effects,
            reason = "they stay within `out` and the haystack"
        )]
        {
            filled += usize::from(bits != 0);
            start += 64;
        }
    }
    (filled, start)
}

/// The same for a haystack of at most 66 bytes.
#[inline(always)]
fn walk_short<V: Copy>(
    haystack: &[u8],
    half: impl Fn(&[u8; 32 + WINDOW - 1]) -> u64,
    load: impl Fn(&[u8; 16]) -> V,
    quarter: impl Fn([V; WINDOW]) -> u64,
) -> u64 {
    if let Some((first, last, shift)) = ends(haystack) {
        return half(first) | half(last) << shift;
    }
    let load_ends = |first: &[u8; 19], last: &[u8; 19]| {
        (offsets(first).map(&load), offsets(last).map(&load))
    };
    // Fewer bytes are shifted into place as a number, zeros behind them. That
    // may make candidates of places that are none, which does no harm.
    let load_number = |number: u128| {
        [0, 8, 16, 24].map(|it| load(&(number >> it).to_le_bytes()))
    };
    let (first, last, shift) =
        if let Some((first, last, shift)) = ends(haystack) {
            let (first, last) = load_ends(first, last);
            (first, last, shift)
        } else if let Some((first, last, shift)) = ends(haystack) {
            let first = load_number(u128::from_le_bytes(*first));
            let last = load_number(u128::from_le_bytes(*last));
            (first, last, shift)
        } else {
            let number = if let Some((first, last, shift)) = ends(haystack) {
                let [first, last] =
                    [first, last].map(|it| u64::from_le_bytes(*it).into());
                joined(first, last, shift)
            } else if let Some((first, last, shift)) = ends(haystack) {
                let [first, last] =
                    [first, last].map(|it| u32::from_le_bytes(*it).into());
                joined(first, last, shift)
            } else {
                return 0;
            };
            let both = load_number(number);
            (both, both, 0)
        };
    let places = haystack.len().saturating_sub(WINDOW - 1);
    (quarter(first) | quarter(last) << shift) & !(u64::MAX << places)
}

/// The first and the last so many bytes, which may overlap, and where the
/// last begin.
#[inline(always)]
fn ends<const LEN: usize>(
    bytes: &[u8],
) -> Option<(&[u8; LEN], &[u8; LEN], usize)> {
    let start = bytes.len().checked_sub(LEN)?;
    Some((bytes.first_chunk()?, bytes.last_chunk()?, start))
}

/// The number of bytes of which the first and the last are given, as are
/// those of `ends`.
#[inline(always)]
fn joined(first: u128, last: u128, start: usize) -> u128 {
    first | last << start.saturating_mul(8)
}

/// So many bytes from an offset.
#[inline(always)]
fn part<const LEN: usize>(bytes: &[u8], start: usize) -> Option<&[u8; LEN]> {
    bytes.get(start..)?.first_chunk()
}

/// The bytes at each offset in a window.
#[inline(always)]
fn offsets<const LEN: usize>(bytes: &[u8]) -> [&[u8; LEN]; WINDOW] {
    [0, 1, 2, 3].map(|it| part(bytes, it).unwrap_or(&[0; LEN]))
}

/// The function for more places, made of the one for 16.
#[inline(always)]
fn quarters<V: Copy>(
    bytes: &[u8],
    load: impl Fn(&[u8; 16]) -> V,
    quarter: impl Fn([V; WINDOW]) -> u64,
) -> u64 {
    let places = bytes.len().saturating_sub(WINDOW - 1);
    let starts = (0..places).step_by(16);
    starts.fold(0, |bits, start| {
        let bytes = bytes.get(start..).unwrap_or_default();
        bits | quarter(offsets(bytes).map(&load)) << start
    })
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use core::arch::x86_64::*;

    use super::{
        Candidates, Filled, Group, WINDOW, WideGroup, offsets, quarters, walk,
    };

    /// Bytes above ASCII are seen as others, so nothing needs a mask.
    #[target_feature(enable = "avx512vbmi,avx512bw,avx2")]
    pub(super) fn fill_vbmi<const GROUPS: usize>(
        groups: &[WideGroup],
        haystack: &[u8],
        start: usize,
        out: &mut [Candidates],
    ) -> Filled {
        let Some(groups) = groups.first_chunk::<GROUPS>() else {
            return (0, haystack.len());
        };
        let mut tables = [[_mm512_setzero_si512(); WINDOW]; GROUPS];
        for (table, bytes) in
            tables.as_flattened_mut().iter_mut().zip(groups.as_flattened())
        {
            *table = load64(bytes);
        }
        let find = |[a, b, c, d]: [__m512i; WINDOW]| {
            let mut any = _mm512_setzero_si512();
            for [t, u, v, w] in &tables {
                let one = _mm512_and_si512(
                    _mm512_permutexvar_epi8(a, *t),
                    _mm512_permutexvar_epi8(b, *u),
                );
                let other = _mm512_and_si512(
                    _mm512_permutexvar_epi8(c, *v),
                    _mm512_permutexvar_epi8(d, *w),
                );
                any = _mm512_or_si512(any, _mm512_and_si512(one, other));
            }
            _mm512_test_epi8_mask(any, any)
        };
        // Where there are fewer bytes, the others are zeros, and their bits of
        // no meaning.
        let half = |bytes: &[u8; 32]| _mm512_zextsi256_si512(load32(bytes));
        walk(
            haystack,
            start,
            out,
            |it| find(offsets(it).map(|it| load64(it))),
            |it| find(offsets(it).map(half)) & u64::from(u32::MAX),
            |it| _mm512_zextsi128_si512(load16(it)),
            |it| find(it) & u64::from(u16::MAX),
        )
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn fill_avx2<const GROUPS: usize, const MASKED: bool>(
        groups: &[Group],
        haystack: &[u8],
        start: usize,
        out: &mut [Candidates],
    ) -> Filled {
        let Some(groups) = groups.first_chunk::<GROUPS>() else {
            return (0, haystack.len());
        };
        // A loop, for no closure that `map` is given is inlined here.
        let mut tables = [[_mm256_setzero_si256(); WINDOW]; GROUPS];
        for (table, bytes) in
            tables.as_flattened_mut().iter_mut().zip(groups.as_flattened())
        {
            *table = _mm256_broadcastsi128_si256(load16(bytes));
        }
        let half = |bytes: &[u8]| {
            let [a, b, c, d] = offsets(bytes).map(|it| match MASKED {
                true => _mm256_and_si256(load32(it), _mm256_set1_epi8(15)),
                false => load32(it),
            });
            let mut any = _mm256_setzero_si256();
            for [t, u, v, w] in &tables {
                let one = _mm256_and_si256(
                    _mm256_shuffle_epi8(*t, a),
                    _mm256_shuffle_epi8(*u, b),
                );
                let other = _mm256_and_si256(
                    _mm256_shuffle_epi8(*v, c),
                    _mm256_shuffle_epi8(*w, d),
                );
                any = _mm256_or_si256(any, _mm256_and_si256(one, other));
            }
            let none = _mm256_cmpeq_epi8(any, _mm256_setzero_si256());
            u64::from(!_mm256_movemask_epi8(none) as u32)
        };
        walk(
            haystack,
            start,
            out,
            |it| half(it) | half(it.get(32..).unwrap_or_default()) << 32,
            |it| half(it),
            |it| load16(it),
            |it| quarter::<GROUPS, MASKED>(groups, it),
        )
    }

    #[target_feature(enable = "ssse3")]
    pub(super) fn fill_ssse3<const GROUPS: usize, const MASKED: bool>(
        groups: &[Group],
        haystack: &[u8],
        start: usize,
        out: &mut [Candidates],
    ) -> Filled {
        let Some(groups) = groups.first_chunk::<GROUPS>() else {
            return (0, haystack.len());
        };
        let load = |bytes: &[u8; 16]| load16(bytes);
        let quarter = |it| quarter::<GROUPS, MASKED>(groups, it);
        walk(
            haystack,
            start,
            out,
            |it| quarters(it, load, quarter),
            |it| quarters(it, load, quarter),
            load,
            quarter,
        )
    }

    #[inline]
    #[target_feature(enable = "ssse3")]
    fn quarter<const GROUPS: usize, const MASKED: bool>(
        groups: &[Group; GROUPS],
        bytes: [__m128i; WINDOW],
    ) -> u64 {
        let [a, b, c, d] = bytes.map(|it| match MASKED {
            true => _mm_and_si128(it, _mm_set1_epi8(15)),
            false => it,
        });
        let mut any = _mm_setzero_si128();
        for [t, u, v, w] in groups {
            let one = _mm_and_si128(
                _mm_shuffle_epi8(load16(t), a),
                _mm_shuffle_epi8(load16(u), b),
            );
            let other = _mm_and_si128(
                _mm_shuffle_epi8(load16(v), c),
                _mm_shuffle_epi8(load16(w), d),
            );
            any = _mm_or_si128(any, _mm_and_si128(one, other));
        }
        let none = _mm_cmpeq_epi8(any, _mm_setzero_si128());
        u64::from(!_mm_movemask_epi8(none) as u16)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn load64(bytes: &[u8; 64]) -> __m512i {
        // SAFETY: 64 bytes are there to be read, and need no alignment.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load32(bytes: &[u8; 32]) -> __m256i {
        // SAFETY: 32 bytes are there to be read, and need no alignment.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "ssse3")]
    fn load16(bytes: &[u8; 16]) -> __m128i {
        // SAFETY: 16 bytes are there to be read, and need no alignment.
        unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
    }
}

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon {
    use core::arch::aarch64::*;

    use super::{Candidates, Filled, Group, WINDOW, quarters, walk};

    #[target_feature(enable = "neon")]
    pub(super) fn fill_neon<const GROUPS: usize, const MASKED: bool>(
        groups: &[Group],
        haystack: &[u8],
        start: usize,
        out: &mut [Candidates],
    ) -> Filled {
        let Some(groups) = groups.first_chunk::<GROUPS>() else {
            return (0, haystack.len());
        };
        let bit_of_lane = load16(&[
            1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128,
        ]);
        // The look-up gives nothing for what is above 15, so bytes are masked
        // in any case.
        let load = |bytes: &[u8; 16]| vandq_u8(load16(bytes), vdupq_n_u8(15));
        let quarter = |[a, b, c, d]: [uint8x16_t; WINDOW]| {
            let mut any = vdupq_n_u8(0);
            for [t, u, v, w] in groups {
                let one = vandq_u8(
                    vqtbl1q_u8(load16(t), a),
                    vqtbl1q_u8(load16(u), b),
                );
                let other = vandq_u8(
                    vqtbl1q_u8(load16(v), c),
                    vqtbl1q_u8(load16(w), d),
                );
                any = vorrq_u8(any, vandq_u8(one, other));
            }
            let lanes = vandq_u8(vtstq_u8(any, any), bit_of_lane);
            u64::from(vaddv_u8(vget_low_u8(lanes)))
                | u64::from(vaddv_u8(vget_high_u8(lanes))) << 8
        };
        walk(
            haystack,
            start,
            out,
            |it| quarters(it, load, quarter),
            |it| quarters(it, load, quarter),
            load,
            quarter,
        )
    }

    #[inline]
    #[target_feature(enable = "neon")]
    fn load16(bytes: &[u8; 16]) -> uint8x16_t {
        // SAFETY: 16 bytes are there to be read, and need no alignment.
        unsafe { vld1q_u8(bytes.as_ptr()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The candidates of each kind of instructions are what the buckets say,
    /// at each length.
    #[test]
    fn bits_change_places() {
        for at in 0..8 {
            for bit in 0..8 {
                let [mut bytes, mut turned] = [[0; 8]; 2];
                bytes[at] = 1 << bit;
                turned[bit] = 1 << at;
                assert_eq!(transposed(bytes), turned);
            }
        }
    }

    #[test]
    fn candidates_are_as_in_buckets() {
        // Some numbers without a pattern.
        let mut state = 1_u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        };
        let (most_len, step) = if cfg!(miri) { (90, 11) } else { (300, 1) };
        for tables in [1, 2, 4] {
            for is_masked in [false, true] {
                let choice = Choice {
                    places: Vec::new(),
                    buckets: (0..tables * BUCKETS)
                        .map(|_| {
                            [(); WINDOW].map(|_| {
                                let mut word = || random() & random();
                                let words = [(); 4].map(|_| word() as u16);
                                words.iter().fold(0, |set, &word| {
                                    set << 16 | u64::from(word)
                                })
                            })
                        })
                        .collect(),
                    is_masked,
                };
                let most = if is_masked { 255 } else { 127 };
                let haystack: Vec<u8> =
                    (0..most_len).map(|_| random() as u8 & most).collect();
                let filters: Vec<_> = Filter::each(&choice).collect();
                assert!(!filters.is_empty() || !cfg!(target_arch = "aarch64"));
                for filter in filters {
                    for len in (0..haystack.len()).step_by(step) {
                        let haystack = &haystack[..len];
                        let mut all = candidates(&filter, haystack);
                        let expected = expected(
                            &choice.buckets,
                            filter.values(),
                            haystack,
                        );
                        if len < 19 {
                            // Some windows reach into the zeros there.
                            assert!(all.iter().all(|it| it + 4 <= len));
                            all.retain(|it| expected.contains(it));
                        }
                        assert_eq!(all, expected);
                    }
                }
            }
        }
    }

    fn candidates(filter: &Filter, haystack: &[u8]) -> Vec<usize> {
        let mut places = Vec::new();
        let mut next = 0;
        while next < haystack.len() {
            let mut out = [Candidates::default(); 3];
            let filled;
            (filled, next) = filter.fill(haystack, next, &mut out);
            for Candidates { start, bits } in &out[..filled] {
                let is_set = |it: &usize| bits >> it & 1 == 1;
                places.extend((0..64).filter(is_set).map(|it| start + it));
            }
        }
        places
    }

    impl Filter {
        /// How many values of a byte it tells apart.
        fn values(&self) -> u8 {
            match &self.tables {
                Tables::FourBits(..) => 16,
                Tables::SixBits(..) => 64,
            }
        }
    }

    fn expected(
        buckets: &[Bucket],
        values: u8,
        haystack: &[u8],
    ) -> Vec<usize> {
        let has = |set: &u64, byte: &u8| {
            let mut seen = (0..64).filter(|it| set >> it & 1 == 1);
            seen.any(|it: u8| it % values == byte % values)
        };
        let is_candidate = |window: &[u8]| {
            buckets.iter().any(|bucket| {
                let mut both = bucket.iter().zip(window);
                both.all(|(set, byte)| has(set, byte))
            })
        };
        let windows = haystack.windows(WINDOW).enumerate();
        let candidates = windows.filter(|it| is_candidate(it.1));
        candidates.map(|it| it.0).collect()
    }
}
