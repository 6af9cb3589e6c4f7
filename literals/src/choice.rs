/*!
Which four bytes of each literal to look for.

The filter looks at the low six bits of four neighbouring bytes, or at the low
four of them, their nibbles. Each of its buckets has a set of such bits for
each of the four; a place is a candidate if all four are in the sets of some
bucket. The sets of a bucket grow with each literal that is put there, so
windows and buckets are chosen together: one literal after the other, each so
that the fewest places of a sample of logs become candidates.

The sample is short and made up. What makes the choice good for other logs
too is that it counts twice: as it stands, and as if its bytes came
independently of each other. For 70 literals, 1 in 250 to 400 places of real
logs are candidates, about as few as when such logs are the sample.
*/

use std::collections::HashMap;

use crate::Literal;
use crate::count::{PLACES, Places, WORDS, count};
use crate::table::{Place, WINDOW, key_at};

static SAMPLE: &[u8] = include_bytes!("sample.txt");

/// What a candidate that is expected from the frequencies of bytes counts,
/// against one that is there in the sample.
const EXPECTED: f32 = 2.0;

/// The buckets of one table.
pub(crate) const BUCKETS: usize = 8;

/// Those of four.
pub(crate) const MOST_BUCKETS: usize = 4 * BUCKETS;

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

/// How much of a byte a filter looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// The low four bits.
    FourBits,
    /// The low six bits.
    SixBits,
}

/// The sets of one bucket, one for each byte of a window: a bit for each value
/// that the low six bits of a byte may have.
pub(crate) type Bucket = [u64; WINDOW];

/// Where the window of each literal is, and the buckets that find them.
pub(crate) struct Choice {
    pub(crate) places: Vec<Place>,
    /// Those of one, two or four tables.
    pub(crate) buckets: Vec<Bucket>,
    /// Whether windows may be anything but ASCII. Then a filter that would take
    /// bytes above that for none of its own must not.
    #[cfg_attr(
        not(any(target_arch = "x86_64", target_arch = "aarch64")),
        allow(dead_code)
    )]
    pub(crate) is_masked: bool,
}

/// What a filter sees of a byte of a literal, in either case if case is
/// ignored.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen {
    /// The low four bits; `None` behind the end of a literal that is shorter
    /// than a window.
    nibble: Option<u8>,
    /// A bit for each value of the two bits above them.
    quarters: u8,
}

/// Bytes, by what is seen of them, and their share in all of the sample.
#[derive(Clone, Copy)]
struct Bytes {
    set: u64,
    share: f32,
}

/// What is known of bytes that are seen alike.
struct Known {
    /// Where it is among all that are known.
    number: usize,
    bytes: Bytes,
    /// The places of the sample that have one of them at each offset in a
    /// window, where they are counted.
    places: Option<Box<[Places; WINDOW]>>,
}

/// What is known of the bytes of some literals.
struct Sample {
    sight: Sight,
    measure: Measure,
    known: Vec<Known>,
    /// Where each is among them, by what is seen ([`Seen::slot`]).
    numbers: [Option<u16>; Seen::SLOTS],
}

/// The windows of a literal, the best first.
struct Tried<'s> {
    /// How long the literal is.
    length: usize,
    windows: Vec<Window<'s>>,
}

/// A bit for each byte of the sample.
type Text = [u64; WORDS + 1];

/// The bytes of the sample that have each nibble, and then each value of the
/// two bits above it: taken apart when the library is compiled.
static TAKEN_APART: [Text; 16 + 4] = take_apart();

/// How many bytes of the sample have each value of their low six bits.
static COUNTS: [u16; 64] = count_values();

/// What tells how good a bucket is.
#[derive(Clone, Copy, PartialEq)]
enum Measure {
    /// What is expected from the frequencies of bytes.
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
    known: [&'s Known; WINDOW],
    /// What a bucket with this window alone scores.
    score: f32,
    /// How many places of the sample are candidates of that, if they are
    /// counted.
    count: f32,
}

/// A bucket that is being filled.
#[derive(Clone)]
struct Filling {
    bytes: [Bytes; WINDOW],
    /// Where they are counted, and a window is in the bucket.
    places: Option<Box<[Places; WINDOW]>>,
    /// The places that are candidates and those that are expected to be.
    score: f32,
    /// The places that are candidates.
    count: f32,
}

/// The share of the bytes that each bucket would have with others: for each
/// offset in a window and all that are known, one number a bucket.
///
/// A window is tried in each of them, and few that are put there change
/// anything: so what a bucket would have is worked out when it changes.
struct Shares([Vec<[f32; MOST_BUCKETS]>; WINDOW]);

/// No places.
static NOWHERE: Places = [0; WORDS];

impl Choice {
    /// The best choice for a filter that sees so much of each byte.
    pub(crate) fn new(literals: &[Literal<'_>], sight: Sight) -> Choice {
        if literals.len() > MANY {
            let sample = Sample::new(literals, sight, Measure::Expected);
            let windows = sample.windows_of_each(literals);
            let (places, _) = sample.choose(&windows, 4);
            let choice = Choice::of(literals, sight, places);
            if choice.rate() > HOPELESS {
                return choice;
            }
        }
        let sample = Sample::new(literals, sight, Measure::Counted);
        let windows = sample.windows_of_each(literals);
        let mut tables = match literals.len() {
            0..=100 => 1_usize,
            101..=200 => 2,
            _ => 4,
        };
        let (mut best, mut least) = sample.choose(&windows, tables);
        // Twice the tables leave about half of the candidates, but for those
        // of short literals.
        while tables < 4 && least > tables as f32 * 2.5 {
            tables = tables.saturating_mul(2);
            let (places, cost) = sample.choose(&windows, tables);
            if cost >= least {
                break;
            }
            (best, least) = (places, cost);
        }
        Choice::of(literals, sight, best)
    }

    /// What follows from the place of each literal: as many tables as the
    /// buckets take.
    pub(crate) fn of(
        literals: &[Literal<'_>],
        sight: Sight,
        places: Vec<Place>,
    ) -> Choice {
        let most = places.iter().map(|place| place.bucket).max();
        let tables = most.unwrap_or(0) / BUCKETS;
        let tables = tables.saturating_add(1).next_power_of_two().min(4);
        let mut buckets = vec![[0; WINDOW]; tables.saturating_mul(BUCKETS)];
        let mut is_masked = false;
        for (literal, place) in literals.iter().zip(&places) {
            let bucket = buckets.get_mut(place.bucket);
            let bucket = bucket.filter(|_| !literal.bytes.is_empty());
            let Some(bucket) = bucket else { continue };
            let seen = seen_of(*literal, sight).skip(place.start);
            for (set, seen) in bucket.iter_mut().zip(seen) {
                *set |= seen.set();
            }
            let window = literal.bytes.get(place.start..).unwrap_or_default();
            let window = window.get(..WINDOW);
            is_masked |= !window.is_some_and(<[u8]>::is_ascii);
        }
        Choice { places, buckets, is_masked }
    }

    /// The share of the sample's places that are candidates.
    fn rate(&self) -> f32 {
        let windows = SAMPLE.windows(WINDOW).take(PLACES);
        let is_candidate = |window: &&[u8]| {
            self.buckets.iter().any(|bucket| {
                let both = bucket.iter().zip(*window);
                both.fold(true, |all, (set, byte)| {
                    all & (set >> (byte & 63) & 1 == 1)
                })
            })
        };
        windows.filter(is_candidate).count() as f32 / PLACES as f32
    }

    #[cfg(test)]
    pub(crate) fn with_tables(
        literals: &[Literal<'_>],
        tables: usize,
        sight: Sight,
    ) -> Choice {
        let sample = Sample::new(literals, sight, Measure::Counted);
        let windows = sample.windows_of_each(literals);
        let (places, _) = sample.choose(&windows, tables);
        Choice::of(literals, sight, places)
    }
}

// By the compiler: a wrong index would be an error then.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
const fn take_apart() -> [Text; 16 + 4] {
    let mut texts = [[0; WORDS + 1]; 16 + 4];
    let mut place = 0;
    while place < SAMPLE.len() {
        let bit = 1 << (place % 64);
        let byte = SAMPLE[place];
        texts[(byte & 15) as usize][place / 64] |= bit;
        texts[16 + (byte >> 4 & 3) as usize][place / 64] |= bit;
        place += 1;
    }
    texts
}

// The same.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
const fn count_values() -> [u16; 64] {
    let mut counts = [0; 64];
    let mut place = 0;
    while place < SAMPLE.len() {
        counts[(SAMPLE[place] & 63) as usize] += 1;
        place += 1;
    }
    counts
}

impl Seen {
    /// How many there may be, and more.
    const SLOTS: usize = 17 * 16;

    /// A number of its own.
    fn slot(self) -> usize {
        let nibble = self.nibble.map_or(16, usize::from);
        nibble.saturating_mul(16).saturating_add(self.quarters.into())
    }

    /// Behind the end of a literal anything may be.
    const ANY: Seen = Seen { nibble: None, quarters: 15 };

    fn of(byte: u8, cased: bool, sight: Sight) -> Seen {
        let quarter = |byte: u8| 1 << (byte >> 4 & 3);
        let quarters = match sight {
            Sight::FourBits => 15,
            Sight::SixBits if cased => quarter(byte),
            Sight::SixBits => {
                quarter(byte.to_ascii_lowercase())
                    | quarter(byte.to_ascii_uppercase())
            }
        };
        Seen { nibble: Some(byte & 15), quarters }
    }

    /// The values of six bits.
    fn set(self) -> u64 {
        let nibbles = self.nibble.map_or(0xffff_u64, |nibble| 1 << nibble);
        let shifts = [0_u32, 16, 32, 48].into_iter().enumerate();
        let shifts = shifts.filter(|(at, _)| self.quarters >> at & 1 == 1);
        shifts.fold(0, |set, (_, shift)| set | nibbles << shift)
    }

    fn bytes(self) -> Bytes {
        let set = self.set();
        let counts = COUNTS.iter().enumerate();
        let counts = counts.filter(|(value, _)| set >> value & 1 == 1);
        let count: u32 = counts.map(|(_, &count)| u32::from(count)).sum();
        Bytes { set, share: count as f32 / SAMPLE.len() as f32 }
    }

    /// The places of the sample that have such a byte at each offset.
    fn places(self) -> Box<[Places; WINDOW]> {
        let text = self.text();
        Box::new([0, 1, 2, 3].map(|offset| places_before(&text, offset)))
    }

    /// The bytes of the sample.
    fn text(self) -> Text {
        let (nibbles, quarters) = TAKEN_APART.split_at(16);
        let mut text = [0; WORDS + 1];
        for (quarter, places) in quarters.iter().enumerate() {
            if self.quarters >> quarter & 1 == 1 {
                text.iter_mut().zip(places).for_each(|(all, it)| *all |= it);
            }
        }
        let nibble = self.nibble.map(usize::from);
        if let Some(places) = nibble.and_then(|it| nibbles.get(it)) {
            text.iter_mut().zip(places).for_each(|(all, it)| *all &= it);
        }
        text
    }
}

impl Sample {
    fn new(
        literals: &[Literal<'_>],
        sight: Sight,
        measure: Measure,
    ) -> Sample {
        let mut known: Vec<Known> = Vec::new();
        let mut numbers = [None; Seen::SLOTS];
        for seen in literals.iter().flat_map(|it| seen_of(*it, sight)) {
            let Some(place @ None) = numbers.get_mut(seen.slot()) else {
                continue;
            };
            let number = known.len();
            *place = u16::try_from(number).ok();
            let is_counted = measure == Measure::Counted;
            let places = is_counted.then(|| seen.places());
            known.push(Known { number, bytes: seen.bytes(), places });
        }
        Sample { sight, measure, known, numbers }
    }

    /// What is known of bytes that one of the literals has.
    fn known(&self, seen: Seen) -> Option<&Known> {
        let number = (*self.numbers.get(seen.slot())?)?;
        self.known.get(usize::from(number))
    }

    /// For each literal the windows that are tried.
    fn windows_of_each(&self, literals: &[Literal<'_>]) -> Vec<Tried<'_>> {
        // Six bits tell so much that the first windows will do. To try many is
        // worth less the more literals there are, and nothing where there is
        // room for all.
        let tries = match (literals.len(), self.sight) {
            (0..=FEW, _) | (_, Sight::SixBits) => 3,
            (many, Sight::FourBits) => {
                4096_usize.checked_div(many).unwrap_or(0).clamp(2, 64)
            }
        };
        // Counting places takes far longer than what it is worth where few
        // literals are.
        let is_counted =
            self.measure == Measure::Counted && literals.len() > FEW;
        let of_one = |literal: &Literal<'_>| {
            let mut windows = self.windows(*literal);
            let length = literal.bytes.len();
            if is_counted {
                windows.sort_by(|it, other| it.score.total_cmp(&other.score));
            }
            Tried { length, windows: best(windows, tries, is_counted) }
        };
        literals.iter().map(of_one).collect()
    }

    /// The windows that a literal may have: those of ASCII, if there are any.
    fn windows<'s>(&'s self, literal: Literal<'_>) -> Vec<Window<'s>> {
        let known = seen_of(literal, self.sight);
        let known: Vec<&'s Known> =
            known.filter_map(|seen| self.known(seen)).collect();
        let literal = literal.bytes;
        let window = |(start, known): (usize, &[&'s Known])| {
            let &known = known.first_chunk()?;
            let shares = known.map(|known| known.bytes.share);
            let score = expected(shares.iter());
            let window = literal.get(start..)?;
            let window = window.get(..WINDOW).unwrap_or(window);
            let is_ascii = window.is_ascii() && window.len() == WINDOW;
            let key = key_at(window, 0);
            Some(Window { start, key, is_ascii, known, score, count: 0.0 })
        };
        let all = known.windows(WINDOW).enumerate();
        let mut windows: Vec<_> = all.filter_map(window).collect();
        if windows.iter().any(|it| it.is_ascii) {
            windows.retain(|it| it.is_ascii);
        }
        windows
    }
}

/// What is seen of the bytes of a literal, and of as many behind it as a window
/// needs. Of an empty one, which is never found, there is nothing.
fn seen_of(
    literal: Literal<'_>,
    sight: Sight,
) -> impl Iterator<Item = Seen> + '_ {
    let Literal { bytes, cased } = literal;
    let behind = match bytes.len() {
        0 => 0,
        len => WINDOW.saturating_sub(len),
    };
    let seen = bytes.iter().map(move |byte| Seen::of(*byte, cased, sight));
    seen.chain(core::iter::repeat_n(Seen::ANY, behind))
}

/// The places that have bytes of a text so far behind them.
fn places_before(text: &Text, offset: usize) -> Places {
    let mut places = [0; WORDS];
    let next = text.iter().skip(1);
    for (places, (word, next)) in places.iter_mut().zip(text.iter().zip(next))
    {
        *places = word >> offset | next << 1 << (63 ^ offset);
    }
    places
}

/// How many candidates bytes with such shares make, if they come independently
/// of each other.
fn expected<'f>(shares: impl Iterator<Item = &'f f32>) -> f32 {
    EXPECTED * PLACES as f32 * shares.product::<f32>()
}

/// The best of some windows, the best first. The places that are candidates
/// only make them worse than what is expected: where they are counted, and the
/// windows are sorted by that, most need not be.
fn best(
    windows: Vec<Window<'_>>,
    most: usize,
    is_counted: bool,
) -> Vec<Window<'_>> {
    let mut best: Vec<Window<'_>> = Vec::with_capacity(most);
    for mut window in windows {
        let worst = best.get(most.saturating_sub(1));
        let worst = worst.map(|worst| (worst.score, worst.start));
        let start = window.start;
        // Of two that are as good the first one is taken.
        let is_too_high =
            |score| worst.is_some_and(|worst| (score, start) >= worst);
        if is_too_high(window.score) {
            continue;
        }
        if is_counted {
            let expected = window.score;
            let count =
                Filling::EMPTY.count_below(&window, expected, is_too_high);
            let Some(count) = count else { continue };
            (window.count, window.score) = (count, expected + count);
        }
        best.truncate(most.saturating_sub(1));
        let here = (window.score, start);
        let is_better = |other: &Window<'_>| (other.score, other.start) < here;
        best.insert(best.partition_point(is_better), window);
    }
    best
}

impl Sample {
    /// Chooses one of the windows of each literal and a bucket of so many
    /// tables. With it comes what it costs to look at a place, in tables.
    fn choose(
        &self,
        literals: &[Tried<'_>],
        tables: usize,
    ) -> (Vec<Place>, f32) {
        let buckets = tables.saturating_mul(BUCKETS).min(MOST_BUCKETS);
        let mut filling = vec![Filling::EMPTY; buckets];
        let mut shares = Shares::new(self);
        let mut places = vec![Place::default(); literals.len()];
        // How many literals have a window.
        let mut sharing: HashMap<Option<u32>, f32> = HashMap::new();

        // Those with the least choice come first.
        let mut order: Vec<_> = literals.iter().zip(&mut places).collect();
        order.sort_by_key(|(tried, _)| tried.length);
        for (Tried { windows, .. }, place) in order {
            let mut best = None;
            let mut least = f32::INFINITY;
            for window in windows {
                let sharing = sharing.get(&window.key).unwrap_or(&0.0);
                let comparisons = COMPARISON * sharing * window.score;
                let found = shares.best_bucket(
                    &filling,
                    window,
                    comparisons,
                    &mut least,
                );
                best = found.map(|index| (window, index)).or(best);
            }
            let Some((window, index)) = best else { continue };
            *place = Place { start: window.start, bucket: index };
            *sharing.entry(window.key).or_default() += 1.0;
            if let Some(bucket) = filling.get_mut(index) {
                let has_changed = bucket.add(window);
                shares.update(self, index, &bucket.bytes, has_changed);
            }
        }
        let score: f32 = filling.iter().map(|it| it.score).sum();
        let rate = score / ((1.0 + EXPECTED) * PLACES as f32);
        (places, tables as f32 + rate * CANDIDATE)
    }
}

impl Shares {
    /// Of empty buckets.
    fn new(sample: &Sample) -> Shares {
        let alone = sample.known.iter();
        let alone = alone.map(|known| [known.bytes.share; MOST_BUCKETS]);
        let alone: Vec<_> = alone.collect();
        Shares(core::array::from_fn(|_| alone.clone()))
    }

    /// What is expected of each bucket with a window too.
    fn expected(&self, window: &Window<'_>) -> [f32; MOST_BUCKETS] {
        let mut expected = [1.0; MOST_BUCKETS];
        for (known, shares) in window.known.iter().zip(&self.0) {
            let Some(shares) = shares.get(known.number) else { continue };
            for (all, share) in expected.iter_mut().zip(shares) {
                *all *= share;
            }
        }
        expected.map(|product| EXPECTED * PLACES as f32 * product)
    }

    /// The bucket whose score grows the least with a window, if that is less
    /// than `least`, which it is then.
    fn best_bucket(
        &self,
        filling: &[Filling],
        window: &Window<'_>,
        comparisons: f32,
        least: &mut f32,
    ) -> Option<usize> {
        let expected = self.expected(window);
        // By how much it grows at least: a bucket has all places that it had,
        // and those of the window.
        let mut bounds = [f32::INFINITY; MOST_BUCKETS];
        let bounds = bounds.get_mut(..filling.len()).unwrap_or_default();
        let buckets = filling.iter().zip(&expected);
        for (bound, (bucket, expected)) in bounds.iter_mut().zip(buckets) {
            let before = bucket.score - comparisons;
            *bound = bucket.count.max(window.count) + expected - before;
        }
        let mut best = None;
        loop {
            // The bucket that may be the best.
            let mut index = 0;
            let mut bound = f32::INFINITY;
            for (place, other) in bounds.iter().enumerate() {
                if *other < bound {
                    (index, bound) = (place, *other);
                }
            }
            if bound > *least || bound == f32::INFINITY {
                return best;
            }
            let (Some(bucket), Some(expected), Some(bound)) = (
                filling.get(index),
                expected.get(index),
                bounds.get_mut(index),
            ) else {
                return best;
            };
            // Looked at once.
            *bound = f32::INFINITY;
            let before = bucket.score - comparisons;
            // Of two that are as good the first one is taken.
            let is_first = best.is_some_and(|best| index < best);
            let is_too_high = |score| {
                let grown = score - before;
                grown > *least || grown == *least && !is_first
            };
            let count = bucket.count_below(window, *expected, is_too_high);
            if let Some(count) = count {
                *least = count + expected - before;
                best = Some(index);
            }
        }
    }

    /// Takes up that bytes of a bucket are others now, at some offsets.
    fn update(
        &mut self,
        sample: &Sample,
        index: usize,
        bytes: &[Bytes; WINDOW],
        has_changed: [bool; WINDOW],
    ) {
        let offsets = bytes.iter().zip(has_changed);
        for (shares, (have, has_changed)) in self.0.iter_mut().zip(offsets) {
            if !has_changed {
                continue;
            }
            for (known, row) in sample.known.iter().zip(shares) {
                if let Some(share) = row.get_mut(index) {
                    *share = have.with(&known.bytes).share;
                }
            }
        }
    }
}

impl Filling {
    const EMPTY: Filling = Filling {
        bytes: [Bytes { set: 0, share: 0.0 }; WINDOW],
        places: None,
        score: 0.0,
        count: 0.0,
    };

    /// How many places of the sample are candidates with this window too,
    /// unless the score is too high then; what is higher must be so too.
    fn count_below(
        &self,
        window: &Window<'_>,
        expected: f32,
        is_too_high: impl Fn(f32) -> bool,
    ) -> Option<f32> {
        let Some(add) = window.places() else {
            return (!is_too_high(expected)).then_some(0.0);
        };
        let have = match &self.places {
            Some(places) => places.each_ref(),
            None => [&NOWHERE; WINDOW],
        };
        let score = |count: u32| count as f32 + expected;
        let count = count(have, add, |count| is_too_high(score(count)));
        count.map(|count| count as f32)
    }

    /// Puts a window in. Returns at which offsets there are other bytes now.
    fn add(&mut self, window: &Window<'_>) -> [bool; WINDOW] {
        let before = self.bytes;
        for (have, known) in self.bytes.iter_mut().zip(&window.known) {
            *have = have.with(&known.bytes);
        }
        let shares = self.bytes.each_ref().map(|bytes| &bytes.share);
        let expected = expected(shares.into_iter());
        let count = self.count_below(window, expected, |_| false);
        let count = count.unwrap_or_default();
        (self.count, self.score) = (count, count + expected);
        if let Some(add) = window.places() {
            let have =
                self.places.get_or_insert_with(|| Box::new([NOWHERE; WINDOW]));
            for (have, add) in have.iter_mut().zip(add) {
                have.iter_mut().zip(add).for_each(|(have, add)| *have |= add);
            }
        }
        let mut has_changed = [false; WINDOW];
        let both = before.iter().zip(&self.bytes);
        for (changed, (before, now)) in has_changed.iter_mut().zip(both) {
            *changed = before.set != now.set || before.share != now.share;
        }
        has_changed
    }
}

impl<'s> Window<'s> {
    /// The places of the sample that have its bytes, where they are counted.
    fn places(&self) -> Option<[&'s Places; WINDOW]> {
        let [a, b, c, d] = self.known;
        let places = |known: &'s Known, offset: usize| {
            known.places.as_ref().and_then(|places| places.get(offset))
        };
        Some([places(a, 0)?, places(b, 1)?, places(c, 2)?, places(d, 3)?])
    }
}

impl Bytes {
    /// The union: what both have counts once, as far as that can be told.
    fn with(self, other: &Bytes) -> Bytes {
        let share = match self.set & other.set {
            0 => self.share + other.share,
            _ => self.share.max(other.share),
        };
        Bytes { set: self.set | other.set, share }
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
            let choice =
                Choice::new(&[Literal::new(literal)], Sight::FourBits);
            &literal[choice.places[0].start..][..WINDOW]
        }
        assert_eq!(window(b"windows_zzkk_system"), b"zzkk");
        assert_ne!(window(b"updater.exe"), b".exe");
    }

    /// Buckets have the nibbles of all windows, whatever is chosen.
    #[test]
    fn windows_are_in_buckets() {
        let literals = ["schtasks", "at", "crontab", "\u{e9}\u{c9}"];
        let literals = literals.map(Literal::new);
        let choice = Choice::new(&literals, Sight::SixBits);
        assert!(choice.is_masked);
        for (literal, place) in literals.iter().zip(&choice.places) {
            let window = &literal.bytes[place.start..];
            assert!(choice.buckets.iter().any(|bucket| {
                let mut both = bucket.iter().zip(window);
                both.all(|(set, byte)| set >> (byte & 63) & 1 == 1)
            }));
        }
    }

    /// What is chosen if each window is tried in each bucket, one after the
    /// other.
    fn chosen_slowly(
        tried: &[Tried<'_>],
        tables: usize,
    ) -> (Vec<Place>, Vec<Bucket>) {
        let mut filling = vec![Filling::EMPTY; tables * BUCKETS];
        let mut sharing: HashMap<Option<u32>, f32> = HashMap::new();
        let mut places = vec![Place::default(); tried.len()];
        let mut order: Vec<_> = tried.iter().zip(&mut places).collect();
        order.sort_by_key(|(tried, _)| tried.length);
        for (Tried { windows, .. }, place) in order {
            let mut best = None;
            let mut least = f32::INFINITY;
            for window in windows {
                let sharing = sharing.get(&window.key).unwrap_or(&0.0);
                let comparisons = COMPARISON * sharing * window.score;
                for (index, bucket) in filling.iter().enumerate() {
                    let mut with = bucket.clone();
                    let _ = with.add(window);
                    let grown = with.score - (bucket.score - comparisons);
                    if grown < least {
                        least = grown;
                        best = Some((window, index));
                    }
                }
            }
            let Some((window, index)) = best else { continue };
            *place = Place { start: window.start, bucket: index };
            *sharing.entry(window.key).or_default() += 1.0;
            let _ = filling[index].add(window);
        }
        let sets = filling.iter().map(|it| it.bytes.map(|it| it.set));
        (places, sets.collect())
    }

    #[test]
    #[cfg_attr(miri, ignore)]
    fn nothing_better_is_passed_over() {
        let words: Vec<String> = (0..300_usize)
            .map(|number| {
                let digits = number.wrapping_mul(2_654_435_761) % 0xFF_FFFF;
                format!("{}{digits:x}\\{number}.exe", ["", "task"][number % 2])
            })
            .collect();
        for sight in [Sight::FourBits, Sight::SixBits] {
            for measure in [Measure::Expected, Measure::Counted] {
                for (count, tables) in [(5, 1), (40, 1), (120, 2), (300, 4)] {
                    let literals: Vec<Literal<'_>> =
                        words[..count].iter().map(Literal::new).collect();
                    let sample = Sample::new(&literals, sight, measure);
                    let tried = sample.windows_of_each(&literals);
                    let (places, _) = sample.choose(&tried, tables);
                    let choice = Choice::of(&literals, sight, places);
                    let slowly = chosen_slowly(&tried, tables);
                    assert_eq!((choice.places, choice.buckets), slowly);
                    // Nor when windows are picked.
                    for (literal, tried) in literals.iter().zip(&tried) {
                        let mut all = sample.windows(*literal);
                        for window in &mut all {
                            if count > FEW {
                                let mut empty = Filling::EMPTY;
                                let _ = empty.add(window);
                                window.score = empty.score;
                            }
                        }
                        all.sort_by(|a, b| a.score.total_cmp(&b.score));
                        let starts = |windows: &[Window<'_>]| -> Vec<usize> {
                            windows.iter().map(|it| it.start).collect()
                        };
                        let picked = starts(&tried.windows);
                        assert_eq!(starts(&all)[..picked.len()], picked);
                    }
                }
            }
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
        let choice = Choice::new(&literals, Sight::FourBits);
        let looked = Choice::with_tables(&literals, 4, Sight::FourBits);
        assert_ne!(choice.buckets, looked.buckets);
        let rates = (choice.rate(), looked.rate());
        assert!(rates.0 > HOPELESS && rates.0 < rates.1 * 1.2, "{rates:?}");
        for (word, place) in words.iter().zip(&choice.places) {
            assert_eq!(place.start, 0);
            assert!(choice.buckets.iter().any(|bucket| {
                let mut both = bucket.iter().zip(word);
                both.all(|(set, byte)| set >> (byte & 63) & 1 == 1)
            }));
        }
    }
}
