/*!
What many numbers come to.

A statistic is that of the values in the window that ends with an event, which
is that of the event at hand, or of the newest if the one at hand is late:

```text
seconds    0      4      9     35
bytes    100     20     70     30       window 30
           └─────────────┘              the sum at 9 is 190
                  └─────────────┘       and at 35 it is 100
```

A match ends what is counted: it leaves one mark, used, at the latest time that
was known, and events up to that time count no more.

No more than [`Aggregation::MOST`] values of a key are kept, which bounds the
time that an event takes: one sort of as many for a percentile, and one look at
each for the rest. A sum of fewer is too small at most, so it is asked all the
same; an average or percentile may be anything, so none reaches back over what
was forgotten. With too many events in a window matches are missed, and none is
made up.
*/

use crate::rule::{Aggregation, Statistic};

use super::counting::Tally;
use super::counts::CorrelatorCounts;
use super::line::{Line, Mark};

/// What an aggregation asks of its events.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measuring {
    pub(super) statistic: Statistic,
    /// They happen in less than so many ticks.
    pub(super) window: i64,
}

impl Measuring {
    /// How many marks a key may have, before the one at hand and without the
    /// one that a match leaves.
    pub(super) const MOST: usize = Aggregation::MOST;

    /// Takes the numbers of an event in; returns when the earliest happened
    /// that are part of a match, and the latest time that is known, if it
    /// completes one.
    pub(super) fn take_in(
        self,
        line: &mut Line,
        tally: &mut Tally,
        numbers: impl Iterator<Item = f64>,
        time: i64,
        counts: &mut CorrelatorCounts,
        reached: impl Fn(f64) -> bool,
    ) -> Option<(i64, i64)> {
        if line.is_over(time) {
            return None;
        }
        for number in numbers {
            let value = number.to_bits();
            self.keep(line, Mark { time, value, used: false }, counts);
        }
        let latest = line.newest(time);
        // Of an event in time it is the same window.
        let is_late =
            latest > time && latest.saturating_sub(time) < self.window;
        let ends = [Some(time), is_late.then_some(latest)];
        let mut starts = ends.into_iter().flatten().filter_map(|end| {
            let (start, number) = self.at(line, tally, end)?;
            reached(number).then_some(start)
        });
        let start = starts.next()?;
        line.end(latest);
        Some((start, latest))
    }

    /// When the values of the window begin that ends at a time, and what they
    /// come to.
    fn at(
        self,
        line: &Line,
        tally: &mut Tally,
        end: i64,
    ) -> Option<(i64, f64)> {
        let after = end.saturating_sub(self.window);
        if line.forgotten > after && !self.statistic.grows() {
            return None;
        }
        let marks = line.marks.iter();
        let inside = marks.filter(|mark| {
            !mark.used && mark.time > after && mark.time <= end
        });
        let start = inside.clone().next()?.time;
        let numbers = inside.map(|mark| f64::from_bits(mark.value));
        let sorted = tally.sorted(numbers);
        Some((start, self.statistic.of(sorted)?))
    }

    /// Remembers a mark; when there is no room, the earliest goes.
    pub(super) fn keep(
        self,
        line: &mut Line,
        mark: Mark,
        counts: &mut CorrelatorCounts,
    ) {
        line.insert(mark);
        let from = line.marks.partition_point(|mark| mark.used);
        if line.marks.len().saturating_sub(from) > Measuring::MOST {
            let gone = line.marks.remove(from);
            line.forgotten = line.forgotten.max(gone.time);
            counts.forgot(gone, line.newest(mark.time), self.window);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: i64 = 30;

    /// Takes events in, each a number and a time; gives the times at which a
    /// match is found, with that of the earliest event in it.
    fn matches(
        statistic: Statistic,
        events: &[(f64, i64)],
        reached: impl Fn(f64) -> bool + Copy,
    ) -> (Vec<(i64, i64)>, CorrelatorCounts) {
        let measuring = Measuring { statistic, window: WINDOW };
        let (mut line, mut tally) = (Line::default(), Tally::default());
        line.forgotten = Line::NEVER;
        let mut counts = CorrelatorCounts::default();
        let mut matches = Vec::new();
        for &(number, time) in events {
            let numbers = core::iter::once(number);
            let start = measuring.take_in(
                &mut line,
                &mut tally,
                numbers,
                time,
                &mut counts,
                reached,
            );
            matches.extend(start.map(|(start, _)| (time, start)));
            assert!(line.marks.len() <= Measuring::MOST + 1);
            assert!(line.marks.is_sorted_by_key(|mark| mark.time));
        }
        (matches, counts)
    }

    #[test]
    fn sums_of_a_window() {
        let events = [(100.0, 0), (20.0, 4), (70.0, 9), (30.0, 35)];
        let over = |least: f64| move |sum: f64| sum >= least;
        let found = |least| matches(Statistic::Sum, &events, over(least)).0;
        assert_eq!(found(191.0), []);
        assert_eq!(found(190.0), [(9, 0)]);
        // A match ends what is counted.
        assert_eq!(found(100.0), [(0, 0), (35, 9)]);
        // One that comes late is part of what ends with the newest.
        let late = [(70.0, 9), (100.0, 0), (20.0, 4)];
        let found = matches(Statistic::Sum, &late, over(190.0)).0;
        assert_eq!(found, [(4, 0)]);
    }

    #[test]
    fn averages_may_fall() {
        let events = [(9.0, 0), (5.0, 1), (1.0, 2), (0.0, 3)];
        let low = |average: f64| average < 4.0;
        let found = matches(Statistic::Average, &events, low).0;
        assert_eq!(found, [(3, 0)]);
        let high = |number: f64| number > 4.0;
        let found = matches(Statistic::Percentile(50), &events, high).0;
        assert_eq!(found, [(0, 0), (1, 1)]);
    }

    /// What is not known is not made up.
    #[test]
    fn more_values_than_are_kept() {
        let mut events = vec![(0.0, 0)];
        events.extend((0..Measuring::MOST).map(|_| (10.0, 1)));
        let average = |number: f64| number >= 10.0;
        let (found, counts) = matches(Statistic::Average, &events, average);
        assert_eq!((found, counts.evicted), (vec![], 1));
        // All that is forgotten is past its window.
        events.push((10.0, 31));
        let found = matches(Statistic::Average, &events, average).0;
        assert_eq!(found, [(31, 31)]);
        let least = Measuring::MOST as f64 * 10.0;
        let sum = move |number: f64| number >= least;
        let found = matches(Statistic::Sum, &events[..1025], sum).0;
        assert_eq!(found, [(1, 1)]);
    }
}
