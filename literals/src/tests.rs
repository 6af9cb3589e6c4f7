use core::ops::ControlFlow;

use proptest::prelude::*;

use crate::choice::{Choice, MOST_BUCKETS, Sight};
use crate::simd::Filter;
use crate::table::{Place, Table};
use crate::{Literal, Literals};

/// The literals with each number of tables and each kind of instructions, and
/// with places that nobody would choose.
fn variants(literals: &[Literal<'_>]) -> Vec<Literals> {
    let mut variants = vec![Literals::new(literals.iter().copied()).scalar()];
    for sight in [Sight::FourBits, Sight::SixBits] {
        let chosen = [1, 2, 4]
            .map(|tables| Choice::with_tables(literals, tables, sight));
        let place = |(index, literal): (usize, &Literal<'_>)| Place {
            start: index * 7 % literal.bytes.len().max(4).saturating_sub(3),
            bucket: index * 13 % MOST_BUCKETS,
        };
        let places = literals.iter().enumerate().map(place).collect();
        let odd = Choice::of(literals, sight, places);
        for choice in chosen.into_iter().chain([odd]) {
            for filter in Filter::each(&choice) {
                let table = Table::new(literals, &choice.places);
                variants.push(Literals { table, filter: Some(filter) });
            }
        }
    }
    variants
}

/// All occurrences, sorted, after checking what is promised of their order.
fn find_all(literals: &[Literal<'_>], haystack: &[u8]) -> Vec<(usize, usize)> {
    let each = variants(literals).into_iter().map(|variant| {
        let mut all = Vec::new();
        let flow = variant.find_all(haystack, |index, start| {
            all.push((index, start));
            ControlFlow::Continue(())
        });
        assert_eq!(flow, ControlFlow::Continue(()));
        assert_eq!(variant.find(haystack), all.first().copied());
        let mut last_start = 0;
        for &(index, start) in &all {
            assert!(last_start < start + literals[index].bytes.len());
            last_start = last_start.max(start);
        }
        all.sort_unstable();
        (variant, all)
    });
    let all = each.reduce(|(first, all), (other, others)| {
        assert_eq!(all, others, "{} and {other:?}", first.backend());
        (first, all)
    });
    all.unwrap().1
}

/// The same, in the most obvious way.
fn naive(literals: &[Literal<'_>], haystack: &[u8]) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    for (index, &Literal { bytes, cased }) in literals.iter().enumerate() {
        if bytes.is_empty() {
            continue;
        }
        for (start, here) in haystack.windows(bytes.len()).enumerate() {
            if here == bytes || !cased && here.eq_ignore_ascii_case(bytes) {
                all.push((index, start));
            }
        }
    }
    all
}

fn check(literals: &[Literal<'_>], haystack: &[u8]) {
    assert_eq!(find_all(literals, haystack), naive(literals, haystack));
}

/// Bytes that are often the same, or the same but for bit 0x20.
fn bytes(len: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        8 => prop::sample::select(b"aAbB".as_slice()),
        2 => prop::sample::select(b"@`[{0\x10\n*\xe9\xc9".as_slice()),
        1 => any::<u8>(),
    ];
    prop::collection::vec(byte, len)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    #[cfg_attr(miri, ignore)]
    fn as_naive(
        literals in prop::collection::vec((bytes(0..20), any::<bool>()), 0..9),
        haystack in bytes(0..300),
    ) {
        let literals: Vec<Literal<'_>> = literals
            .iter()
            .map(|(bytes, cased)| Literal { bytes, cased: *cased })
            .collect();
        check(&literals, &haystack);
    }

    /// Literals cut from the haystack are there to be found.
    #[test]
    #[cfg_attr(miri, ignore)]
    fn as_naive_where_found(
        haystack in bytes(1..300),
        cuts in prop::collection::vec(
            (any::<prop::sample::Index>(), 1..40_usize, any::<bool>()),
            1..50,
        ),
    ) {
        let literals: Vec<Literal<'_>> = cuts
            .iter()
            .map(|(start, len, cased)| {
                let rest = &haystack[start.index(haystack.len())..];
                let bytes = rest.get(..*len).unwrap_or(rest);
                Literal { bytes, cased: *cased }
            })
            .collect();
        check(&literals, &haystack);
    }
}

/// Each length of literal at each place of each length of haystack.
#[test]
#[cfg_attr(miri, ignore)]
fn every_length_and_place() {
    let most = 150;
    let letters: Vec<u8> = (b'a'..=b'z').cycle().take(most).collect();
    for len in 1..=40 {
        let literal = &letters[..len];
        for literals in variants(&[Literal::new(literal)]) {
            for size in len..most {
                let mut haystack = vec![b'.'; size];
                for start in 0..=size - len {
                    let here = start..start + len;
                    haystack[here.clone()].copy_from_slice(literal);
                    haystack[here.clone()].make_ascii_uppercase();
                    assert_eq!(literals.find(&haystack), Some((0, start)));
                    // Past the end of what is searched, nothing is seen.
                    let short = &haystack[..start + len - 1];
                    assert_eq!(literals.find(short), None);
                    haystack[here].fill(b'.');
                }
            }
        }
    }
}

/// More candidates than are told of at once.
#[test]
#[cfg_attr(miri, ignore)]
fn everywhere() {
    let literals = ["aaaa", "aaa", "aaaaa", "aaab"].map(Literal::new);
    for len in [66, 67, 68, 600, 2000] {
        check(&literals, &vec![b'a'; len]);
    }
}

/// As many literals as make windows be shared and tables be full.
#[test]
#[cfg_attr(miri, ignore)]
fn many() {
    let number = 3_000;
    let words: Vec<String> =
        (0..number).map(|it| format!("{:x}.exe", it * 7919)).collect();
    let haystack = words[..number / 2].join(" ").to_uppercase();
    let literals = words.iter().map(Literal::new);
    let literals: Vec<Literal<'_>> = literals.collect();
    check(&literals, &haystack.as_bytes()[..haystack.len().min(10_000)]);
}

#[test]
fn case_is_ignored_for_letters_only() {
    let literals = ["[{@`", "\u{e9}\u{c9}", "\u{e9}tat", "a[b", "Z", "k"];
    let literals = literals.map(Literal::new);
    let haystack = "[{@` {[`@ [[@` \u{e9}\u{c9} \u{c9}\u{e9} \
         \u{e9}TAT \u{c9}tat A[B a{b z Z \u{212a}";
    check(&literals, haystack.as_bytes());
}

#[test]
fn cased() {
    let literals = [Literal::cased("/S"), Literal::new("/S")];
    assert_eq!(find_all(&literals, b"/s /S"), [(0, 3), (1, 0), (1, 3)]);
}

#[test]
fn empty() {
    check(&[], b"schtasks");
    check(&[Literal::new("")], b"schtasks");
    check(&[Literal::new("at")], b"");
}

#[test]
fn stops_on_break() {
    let literals = Literals::new([Literal::new("at")]);
    let mut calls = 0;
    let flow = literals.find_all(b"at at at", |_, _| {
        calls += 1;
        if calls == 2 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert_eq!((flow, calls), (ControlFlow::Break(()), 2));
}

#[test]
fn shared_between_threads() {
    fn assert<T: Send + Sync + std::panic::UnwindSafe>() {}
    assert::<Literals>();
}
