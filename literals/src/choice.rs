/*!
Which four bytes of each literal to look for.

The filter looks at the low four bits of four neighbouring bytes, their
nibbles. Each of its buckets has a set of nibbles for each of the four; a
place is a candidate if all four are in the sets of some bucket. The sets of
a bucket grow with each literal that is put there, so windows and buckets are
chosen together: one literal after the other, each so that the fewest places
of a sample of logs become candidates.

The sample is short and made up. What makes the choice good for other logs
too is that it counts twice: as it stands, and as if its nibbles came
independently of each other. For 70 literals, 1 in 250 to 400 places of real
logs are candidates, about as few as when such logs are the sample.
*/

use std::collections::HashMap;

use crate::Literal;
use crate::count::{PLACES, Places, WORDS, count};
use crate::table::{WINDOW, key_at};

static SAMPLE: &[u8] = include_bytes!("sample.txt");

/// What a candidate that is expected from the frequencies of nibbles counts,
/// against one that is there in the sample.
const EXPECTED: f32 = 2.0;

/// The buckets of one table.
pub(crate) const BUCKETS: usize = 8;

/// What a candidate costs, in tables looked up.
const CANDIDATE: f32 = 300.0;

/// What comparing one more literal costs, in candidates.
const COMPARISON: f32 = 0.2;

/// As many literals share buckets without getting in each other's way.
const FEW: usize = 4 * BUCKETS;

/// More literals than these are first put into buckets without a look at the
/// sample, in a quarter of the time.
const MANY: usize = 2500;

/// Where so many places are candidates then, it stays so: buckets are full, and
/// looking at the sample lets one in fifteen pass less at most. Of 13,520
/// literals of public rules 74 % are candidates in one way and 75 % in the
/// other, of 3,777 others 47 and 43 %. Below, looking pays: of 5,254 long
/// literals 3.5 % are candidates without, and 2.1 % with.
const HOPELESS: f32 = 0.25;

/// A nibble that may be anything.
const ANY: usize = 16;

/// The sets of nibbles of one bucket, one for each byte of a window.
pub(crate) type Bucket = [u16; WINDOW];

/// Where the window of each literal begins, and the buckets that find them.
pub(crate) struct Choice {
    pub(crate) windows: Vec<usize>,
    /// Those of one, two or four tables.
    pub(crate) buckets: Vec<Bucket>,
    /// Whether windows may be anything but ASCII, so that all but the nibbles
    /// of the haystack must be masked.
    #[cfg_attr(
        not(any(target_arch = "x86_64", target_arch = "aarch64")),
        allow(dead_code)
    )]
    pub(crate) is_masked: bool,
}

/// A set of nibbles, the places that have one of them, and their share in
/// all.
#[derive(Clone, Copy)]
struct Nibbles<P> {
    set: u16,
    places: P,
    share: f32,
}

/// What is known of the sample: for each byte of a window, each nibble by
/// itself and then `ANY`.
struct Sample([[Nibbles<Places>; ANY + 1]; WINDOW]);

/// The sample, taken apart when the library is compiled: it would cost as
/// much as a small choice.
static TAKEN_APART: Sample = Sample::new();

/// What tells how good a bucket is.
#[derive(Clone, Copy, PartialEq)]
enum Measure {
    /// What is expected from the frequencies of nibbles.
    Expected,
    /// That, and the places of the sample that are candidates.
    Counted,
}

/// A window that a literal may have.
struct Window<'s> {
    start: usize,
    /// As in the table; a literal that is shorter has none.
    key: Option<u32>,
    is_ascii: bool,
    nibbles: [Nibbles<&'s Places>; WINDOW],
    /// What a bucket with this window alone scores.
    score: f32,
}

/// A bucket that is being filled.
#[derive(Clone)]
struct Filling {
    nibbles: [Nibbles<Places>; WINDOW],
    /// The places that are candidates and those that are expected to be.
    score: f32,
}

impl Choice {
    pub(crate) fn new(literals: &[Literal<'_>]) -> Choice {
        let sample = &TAKEN_APART;
        if literals.len() > MANY {
            let windows = sample.windows_of_each(literals, Measure::Expected);
            let (choice, _) = choose(&windows, 4, Measure::Expected);
            if choice.rate() > HOPELESS {
                return choice;
            }
        }
        let measure = Measure::Counted;
        let windows = sample.windows_of_each(literals, measure);
        let mut tables = match literals.len() {
            0..=100 => 1_usize,
            101..=200 => 2,
            _ => 4,
        };
        let (mut best, mut least) = choose(&windows, tables, measure);
        // Twice the tables leave about half of the candidates, but for those
        // of short literals.
        while tables < 4 && least > tables as f32 * 2.5 {
            tables = tables.saturating_mul(2);
            let (choice, cost) = choose(&windows, tables, measure);
            if cost >= least {
                break;
            }
            (best, least) = (choice, cost);
        }
        best
    }

    /// The share of the sample's places that are candidates.
    fn rate(&self) -> f32 {
        let windows = SAMPLE.windows(WINDOW).take(PLACES);
        let is_candidate = |window: &&[u8]| {
            self.buckets.iter().any(|bucket| {
                let both = bucket.iter().zip(*window);
                both.fold(true, |all, (set, byte)| {
                    all & (set >> (byte & 15) & 1 == 1)
                })
            })
        };
        windows.filter(is_candidate).count() as f32 / PLACES as f32
    }

    #[cfg(test)]
    pub(crate) fn with_tables(
        literals: &[Literal<'_>],
        tables: usize,
    ) -> Choice {
        let measure = Measure::Counted;
        let windows = TAKEN_APART.windows_of_each(literals, measure);
        choose(&windows, tables, measure).0
    }
}

impl Sample {
    // By the compiler: a wrong index, or a sum that is too high, would be an
    // error then.
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    const fn new() -> Sample {
        let nothing = Nibbles { set: 0, places: [0; WORDS], share: 0.0 };
        let mut sample = Sample([[nothing; ANY + 1]; WINDOW]);
        let mut offset = 0;
        while offset < WINDOW {
            let nibbles = &mut sample.0[offset];
            let mut place = 0;
            while place < PLACES && offset + place < SAMPLE.len() {
                let nibble = (SAMPLE[offset + place] & 15) as usize;
                let bit = 1 << (place % 64);
                nibbles[nibble].places[place / 64] |= bit;
                nibbles[ANY].places[place / 64] |= bit;
                place += 1;
            }
            let mut nibble = 0;
            while nibble <= ANY {
                let it = &mut nibbles[nibble];
                it.set = if nibble == ANY { !0 } else { 1 << nibble };
                let (mut word, mut count) = (0, 0);
                while word < WORDS {
                    count += it.places[word].count_ones();
                    word += 1;
                }
                it.share = count as f32 / PLACES as f32;
                nibble += 1;
            }
            offset += 1;
        }
        sample
    }

    /// For each literal its length and the windows that are tried, the best
    /// first.
    fn windows_of_each(
        &self,
        literals: &[Literal<'_>],
        measure: Measure,
    ) -> Vec<(usize, Vec<Window<'_>>)> {
        // To try many windows is worth less the more literals there are, and
        // nothing where there is room for all.
        let tries = match literals.len() {
            0..=FEW => 2,
            many => 4096_usize.checked_div(many).unwrap_or(0).clamp(2, 64),
        };
        let empty = Filling::empty();
        let of_one = |literal: &Literal<'_>| {
            let mut windows = self.windows(literal.bytes);
            for window in &mut windows {
                // Counting places takes far longer than what it is worth
                // where few literals are.
                window.score = if literals.len() <= FEW {
                    empty.expected_with(window)
                } else {
                    empty.score_with(window, measure)
                };
            }
            windows.sort_by(|one, other| one.score.total_cmp(&other.score));
            windows.truncate(tries);
            (literal.bytes.len(), windows)
        };
        literals.iter().map(of_one).collect()
    }

    /// The windows that a literal may have: those of ASCII, if there are any.
    fn windows(&self, literal: &[u8]) -> Vec<Window<'_>> {
        let window = |(start, bytes): (usize, &[u8])| {
            let mut bytes_left = bytes.iter();
            let nibbles = self.0.each_ref().map(|nibbles| {
                let byte = bytes_left.next();
                nibbles.get(byte.map_or(ANY, |it| usize::from(it & 15)))
            });
            let [Some(a), Some(b), Some(c), Some(d)] = nibbles else {
                return None;
            };
            let nibbles = [a, b, c, d].map(|it| Nibbles {
                set: it.set,
                places: &it.places,
                share: it.share,
            });
            let is_ascii = bytes.is_ascii() && bytes.len() == WINDOW;
            let key = key_at(bytes, 0);
            Some(Window { start, key, is_ascii, nibbles, score: 0.0 })
        };
        let mut windows: Vec<_> = match literal.len() {
            0 => Vec::new(),
            1..WINDOW => window((0, literal)).into_iter().collect(),
            _ => {
                let all = literal.windows(WINDOW).enumerate();
                all.filter_map(window).collect()
            }
        };
        if windows.iter().any(|it| it.is_ascii) {
            windows.retain(|it| it.is_ascii);
        }
        windows
    }
}

/// Chooses one of the windows of each literal and fills the buckets of so many
/// tables. With it comes what it costs to look at a place, in tables.
fn choose(
    literals: &[(usize, Vec<Window<'_>>)],
    tables: usize,
    measure: Measure,
) -> (Choice, f32) {
    let buckets = tables.saturating_mul(BUCKETS);
    let mut filling = vec![Filling::empty(); buckets];
    let mut starts = vec![0; literals.len()];
    let mut is_masked = false;
    // How many literals have a window.
    let mut sharing: HashMap<Option<u32>, f32> = HashMap::new();

    // Those with the least choice come first.
    let mut order: Vec<_> = literals.iter().zip(&mut starts).collect();
    order.sort_by_key(|((length, _), _)| *length);
    for ((_, windows), start) in order {
        let mut best = None;
        let mut least = f32::INFINITY;
        for window in windows {
            let sharing = sharing.get(&window.key).unwrap_or(&0.0);
            let comparisons = COMPARISON * sharing * window.score;
            for (index, bucket) in filling.iter().enumerate() {
                let before = bucket.score - comparisons;
                let is_too_high = |score| score - before >= least;
                let score = bucket.score_below(window, measure, is_too_high);
                if let Some(score) = score {
                    least = score - before;
                    best = Some((window, index));
                }
            }
        }
        let Some((window, index)) = best else { continue };
        *start = window.start;
        is_masked |= !window.is_ascii;
        *sharing.entry(window.key).or_default() += 1.0;
        if let Some(bucket) = filling.get_mut(index) {
            bucket.add(window, measure);
        }
    }
    let score: f32 = filling.iter().map(|it| it.score).sum();
    let rate = score / ((1.0 + EXPECTED) * PLACES as f32);
    let cost = tables as f32 + rate * CANDIDATE;
    let buckets = filling.iter().map(|it| it.nibbles.map(|it| it.set));
    let buckets = buckets.collect();
    (Choice { windows: starts, buckets, is_masked }, cost)
}

impl Filling {
    fn empty() -> Filling {
        let nothing = Nibbles { set: 0, places: [0; WORDS], share: 0.0 };
        Filling { nibbles: [nothing; WINDOW], score: 0.0 }
    }

    /// The score that the bucket would have with this window too.
    fn score_with(&self, window: &Window<'_>, measure: Measure) -> f32 {
        let score = self.score_below(window, measure, |_| false);
        score.unwrap_or(f32::INFINITY)
    }

    /// The same, unless it is too high; what is higher must be so too.
    fn score_below(
        &self,
        window: &Window<'_>,
        measure: Measure,
        is_too_high: impl Fn(f32) -> bool,
    ) -> Option<f32> {
        let expected = self.expected_with(window);
        if is_too_high(expected) {
            return None;
        }
        if measure == Measure::Expected {
            return Some(expected);
        }
        let have = self.nibbles.each_ref().map(|nibbles| &nibbles.places);
        let add = window.nibbles.each_ref().map(|nibbles| nibbles.places);
        let score = |count: u32| count as f32 + expected;
        let count = count(have, add, |count| is_too_high(score(count)));
        count.map(score)
    }

    /// The part of that score that comes from the frequencies alone.
    fn expected_with(&self, window: &Window<'_>) -> f32 {
        let both = self.nibbles.iter().zip(&window.nibbles);
        let shares = both.map(|(have, add)| have.share_with(add));
        EXPECTED * PLACES as f32 * shares.product::<f32>()
    }

    fn add(&mut self, window: &Window<'_>, measure: Measure) {
        self.score = self.score_with(window, measure);
        for (have, add) in self.nibbles.iter_mut().zip(&window.nibbles) {
            have.share = have.share_with(add);
            have.set |= add.set;
            if measure == Measure::Expected {
                continue;
            }
            for (have, add) in have.places.iter_mut().zip(add.places) {
                *have |= add;
            }
        }
    }
}

impl Nibbles<Places> {
    fn share_with(&self, add: &Nibbles<&Places>) -> f32 {
        match self.set & add.set {
            0 => self.share + add.share,
            _ => self.share.max(add.share),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sample must be as long as the places that are looked at.
    #[test]
    fn sample_is_used() {
        let places = PLACES + WINDOW - 1;
        assert!((places..places + 64).contains(&SAMPLE.len()));
        assert!(SAMPLE.is_ascii());
    }

    #[test]
    fn rare_bytes_are_chosen() {
        fn window(literal: &[u8]) -> &[u8] {
            let choice = Choice::new(&[Literal::new(literal)]);
            &literal[choice.windows[0]..][..WINDOW]
        }
        assert_eq!(window(b"windows_zzkk_system"), b"zzkk");
        assert_ne!(window(b"updater.exe"), b".exe");
    }

    /// Buckets have the nibbles of all windows, whatever is chosen.
    #[test]
    fn windows_are_in_buckets() {
        let literals = ["schtasks", "at", "crontab", "\u{e9}\u{c9}"];
        let literals = literals.map(Literal::new);
        let choice = Choice::new(&literals);
        assert!(choice.is_masked);
        for (literal, start) in literals.iter().zip(&choice.windows) {
            let window = &literal.bytes[*start..];
            assert!(choice.buckets.iter().any(|bucket| {
                let mut both = bucket.iter().zip(window);
                both.all(|(set, byte)| set >> (byte & 15) & 1 == 1)
            }));
        }
    }

    /// Without a look at the sample, where a look would not help; and each
    /// literal is found all the same.
    #[test]
    #[cfg_attr(miri, ignore)]
    fn full_buckets_are_filled_without_a_look() {
        let letters = b"etaoinsrhldcumfpgw. \\";
        let word = |number: usize| {
            let letter = |by: usize| letters[number / by % letters.len()];
            [1, 3, 21, 147].map(|by| letter(by + number % 5))
        };
        let words: Vec<[u8; 4]> = (0..MANY + 500).map(word).collect();
        assert!(words.len() > MANY);
        let literals: Vec<Literal<'_>> =
            words.iter().map(Literal::new).collect();
        let choice = Choice::new(&literals);
        let looked = Choice::with_tables(&literals, 4);
        assert_ne!(choice.buckets, looked.buckets);
        let rates = (choice.rate(), looked.rate());
        assert!(rates.0 > HOPELESS && rates.0 < rates.1 * 1.2, "{rates:?}");
        for (word, start) in words.iter().zip(&choice.windows) {
            assert_eq!(*start, 0);
            assert!(choice.buckets.iter().any(|bucket| {
                let mut both = bucket.iter().zip(word);
                both.all(|(set, byte)| set >> (byte & 15) & 1 == 1)
            }));
        }
    }
}
