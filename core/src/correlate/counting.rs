/*!
Many events, or many different ones: when a count is reached.

What is counted is what happened in some span of the window's length that the
event at hand lies in, so a record that comes late counts as one in time does.
A match ends what is counted: it leaves one mark, used, at the latest time that
was known, and events up to that time count no more. So what is kept of a key
never holds a whole match, which bounds it: in two windows (one before the
event at hand, and one in which records may come late) less than twice
`at_least` events.

Of one value that comes again and again, only the outermost events matter. A
window that holds the middle one of three within its length holds one of the
others, too:

```text
seconds    0      4      9
value      x      x      x        window 30: the one at 4 is dropped
```

So two events of a value are kept in a window, and less than four times
`at_least` in two windows.
*/

use crate::memory::held;
use crate::rule::{Count, Counted};

use super::counts::CorrelatorCounts;
use super::line::{Line, Mark};

/// What a count asks of its events.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counting {
    /// Whether different values count, and not all.
    by_value: bool,
    at_least: usize,
    /// They happen in less than so many ticks.
    pub(super) window: i64,
}

/// Memory to count in.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Places of marks, in the order of their values.
    order: Vec<u32>,
    /// For each mark, the place of the one before and of the one after it
    /// that has the same value.
    same: Vec<(Option<u32>, Option<u32>)>,
    /// What marks have as numbers.
    numbers: Vec<f64>,
}

impl Tally {
    /// Bytes for each mark.
    pub(super) const MARK_BYTES: usize = size_of::<u32>()
        + size_of::<(Option<u32>, Option<u32>)>()
        + size_of::<f64>();

    /// Gets the memory for so many marks; `None` if it cannot be had.
    pub(super) fn reserve(&mut self, marks: usize) -> Option<()> {
        self.order.try_reserve_exact(marks).ok()?;
        self.numbers.try_reserve_exact(marks).ok()?;
        self.same.try_reserve_exact(marks).ok()
    }

    pub(super) fn usage(&self) -> usize {
        let Tally { order, same, numbers } = self;
        let held = [held(order), held(same), held(numbers)];
        held.into_iter().fold(0, usize::saturating_add)
    }

    /// Numbers in ascending order.
    pub(super) fn sorted(
        &mut self,
        numbers: impl Iterator<Item = f64>,
    ) -> &[f64] {
        self.numbers.clear();
        self.numbers.extend(numbers);
        self.numbers.sort_unstable_by(f64::total_cmp);
        &self.numbers
    }

    /// Finds the neighbours of the same value.
    fn count(&mut self, marks: &[Mark]) {
        self.order.clear();
        self.order.extend((0..).take(marks.len()));
        let value = |at: u32| marks.get(at as usize).map(|mark| mark.value);
        self.order.sort_unstable_by_key(|&at| (value(at), at));
        self.same.clear();
        self.same.resize(marks.len(), (None, None));
        for pair in self.order.windows(2) {
            let &[one, next] = pair else { continue };
            if value(one) != value(next) {
                continue;
            }
            if let Some((_, after)) = self.same.get_mut(one as usize) {
                *after = Some(next);
            }
            if let Some((before, _)) = self.same.get_mut(next as usize) {
                *before = Some(one);
            }
        }
    }
}

impl Counting {
    pub(super) fn new(count: &Count, window: i64) -> Counting {
        let by_value = count.of != Counted::Events;
        Counting { by_value, at_least: count.at_least as usize, window }
    }

    /// How many marks a key may have, before the one at hand and without the
    /// one that a match leaves.
    pub(super) fn most(&self) -> usize {
        let times = if self.by_value { 4 } else { 2 };
        self.at_least.saturating_mul(times)
    }

    /// Takes an event in that counts as these values; returns when the
    /// span began that holds enough, and the latest time that is known, if it
    /// completes a match.
    pub(super) fn take_in(
        &self,
        line: &mut Line,
        tally: &mut Tally,
        values: impl Iterator<Item = u64>,
        time: i64,
        counts: &mut CorrelatorCounts,
    ) -> Option<(i64, i64)> {
        if line.is_over(time) {
            return None;
        }
        for value in values {
            self.keep(line, Mark { time, value, used: false }, counts);
        }
        let other = self.reached(line, tally, time)?;
        let latest = line.newest(time);
        line.end(latest);
        Some((other, latest))
    }

    /// Remembers a mark; when there is no room, the earliest goes.
    pub(super) fn keep(
        &self,
        line: &mut Line,
        mark: Mark,
        counts: &mut CorrelatorCounts,
    ) {
        self.insert(line, mark);
        let from = line.marks.partition_point(|mark| mark.used);
        if line.marks.len().saturating_sub(from) > self.most() {
            let gone = line.marks.remove(from);
            counts.forgot(gone, line.newest(mark.time), self.window);
        }
    }

    /// Puts a mark in its place, and drops what it makes needless.
    fn insert(&self, line: &mut Line, mark: Mark) {
        if !self.by_value {
            return line.insert(mark);
        }
        let is_same = |kept: &Mark| kept.value == mark.value && !kept.used;
        let at = line.marks.partition_point(|kept| kept.time <= mark.time);
        let (before, after) =
            line.marks.split_at_checked(at).unwrap_or_default();
        let earlier = before.iter().enumerate().rev();
        let mut earlier = earlier.filter(|(_, kept)| is_same(kept));
        let mut later = (at..).zip(after).filter(|(_, kept)| is_same(kept));
        let [one, two] = [later.next(), later.next()];
        let [last, last_but_one] = [earlier.next(), earlier.next()];
        let is_near = |from: Option<(usize, &Mark)>, to: i64| {
            from.is_some_and(|(_, from)| {
                from.time.abs_diff(to) < self.window.unsigned_abs()
            })
        };
        let is_needless = one.is_some_and(|(_, one)| is_near(last, one.time));
        if is_needless {
            return;
        }
        let needless_after = one.filter(|_| is_near(two, mark.time));
        let needless_before =
            last.filter(|_| is_near(last_but_one, mark.time));
        let places = [needless_after, needless_before];
        let [after, before] = places.map(|place| place.map(|(at, _)| at));
        for place in [after, before].into_iter().flatten() {
            line.marks.remove(place);
        }
        line.insert(mark);
    }

    /// When the latest window begins that `time` lies in and that holds
    /// enough. What was dropped as needless begins none: a window that begins
    /// later holds the same values.
    fn reached(
        &self,
        line: &Line,
        tally: &mut Tally,
        time: i64,
    ) -> Option<i64> {
        let from = line.marks.partition_point(|mark| mark.used);
        let marks = line.marks.get(from..)?;
        if marks.len() < self.at_least {
            return None;
        }
        if self.by_value {
            tally.count(marks);
        } else {
            tally.same.clear();
            tally.same.resize(marks.len(), (None, None));
        }
        let mut reached = None;
        // The window holds what stands from `start` up to `end`.
        let (mut end, mut count) = (0_usize, 0_usize);
        let mut ends = marks.iter().zip(&tally.same).peekable();
        for (start, (first, (_, after))) in
            marks.iter().zip(&tally.same).enumerate()
        {
            if first.time > time {
                break;
            }
            let is_in = |mark: &Mark| {
                mark.time.saturating_sub(first.time) < self.window
            };
            while let Some((_, (before, _))) =
                ends.next_if(|(mark, _)| is_in(mark))
            {
                let is_new =
                    before.is_none_or(|before| (before as usize) < start);
                count = count.saturating_add(usize::from(is_new));
                end = end.saturating_add(1);
            }
            if is_in(&Mark { time, ..*first }) && count >= self.at_least {
                reached = Some(first.time);
            }
            let is_last = after.is_none_or(|after| after as usize >= end);
            count = count.saturating_sub(usize::from(is_last));
        }
        reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Field;
    use crate::rule::List;

    fn counting(of: Counted, at_least: u32) -> Counting {
        let (events, group_by) = (List::default(), List::default());
        let within_seconds = 0;
        let count = Count { events, of, at_least, group_by, within_seconds };
        Counting::new(&count, 30)
    }

    /// Takes events in, each a value and a time; gives the times at which a
    /// match is found, with the beginning of the span.
    fn matches(counting: Counting, events: &[(u64, i64)]) -> Vec<(i64, i64)> {
        let mut line = Line::default();
        let mut tally = Tally::default();
        let mut counts = CorrelatorCounts::default();
        let mut matches = Vec::new();
        for &(value, time) in events {
            let values = core::iter::once(value);
            let other = counting.take_in(
                &mut line,
                &mut tally,
                values,
                time,
                &mut counts,
            );
            matches.extend(other.map(|(other, _)| (time, other)));
            assert!(line.marks.len() <= counting.most() + 1);
            assert!(line.marks.is_sorted_by_key(|mark| mark.time));
        }
        matches
    }

    /// The same with everything kept.
    fn expected(
        by_value: bool,
        at_least: usize,
        events: &[(u64, i64)],
    ) -> Vec<i64> {
        let mut kept: Vec<(u64, i64)> = Vec::new();
        let (mut until, mut found) = (i64::MIN, Vec::new());
        for &(value, time) in events {
            if time <= until {
                continue;
            }
            kept.push((value, time));
            let is_reached = kept.iter().any(|&(_, start)| {
                let window = start..start + 30;
                let inside =
                    kept.iter().filter(|(_, time)| window.contains(time));
                let mut values: Vec<u64> =
                    inside.map(|(value, _)| *value).collect();
                values.sort_unstable();
                if by_value {
                    values.dedup();
                }
                window.contains(&time) && values.len() >= at_least
            });
            if is_reached {
                until = kept.drain(..).map(|(_, time)| time).max().unwrap();
                found.push(time);
            }
        }
        found
    }

    #[test]
    fn events_are_counted_within_the_window() {
        let three = counting(Counted::Events, 3);
        let events = [(0, 0), (0, 10), (0, 29)];
        assert_eq!(matches(three, &events), [(29, 0)]);
        assert_eq!(matches(three, &[(0, 0), (0, 10), (0, 30)]), []);
        // A match ends what is counted.
        let five = [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4)];
        assert_eq!(matches(three, &five), [(2, 0)]);
        let six = [&five[..], &[(0, 5)]].concat();
        assert_eq!(matches(three, &six), [(2, 0), (5, 3)]);
        // One that comes late counts, and is told from the others.
        assert_eq!(matches(three, &[(0, 9), (0, 5), (0, 1)]), [(1, 1)]);
    }

    #[test]
    fn values_are_counted_once() {
        let two = counting(Counted::Values(Field::TaskName.into()), 2);
        assert_eq!(matches(two, &[(7, 0), (7, 1), (7, 2)]), []);
        assert_eq!(matches(two, &[(7, 0), (7, 20), (8, 40)]), [(40, 20)]);
        assert_eq!(matches(two, &[(7, 0), (8, 30)]), []);
    }

    /// Logs are often read one after the other, and not in order of time.
    #[test]
    fn late_event_that_nothing_can_count_with_is_forgotten_without_an_alarm() {
        let counting = counting(Counted::Events, 3);
        let (mut line, mut tally) = (Line::default(), Tally::default());
        let mut counts = CorrelatorCounts::default();
        for time in [100, 120, 140, 160, 180, 200, 70, 71] {
            let values = core::iter::once(0);
            counting.take_in(&mut line, &mut tally, values, time, &mut counts);
        }
        assert_eq!((counts.evicted, counts.expired), (0, 2));
    }

    /// Against what keeps everything: in order, and late by up to the window.
    #[test]
    fn nothing_that_matters_is_forgotten() {
        let mut number = 1_u32;
        let mut next = |most: u32| {
            number = number.wrapping_mul(1_664_525).wrapping_add(12_345);
            (number >> 16) % most
        };
        let mut found = 0;
        for round in 0..4000 {
            let at_least = next(5) as usize + 1;
            let by_value = round % 2 == 0;
            let (mut now, mut events) = (0, Vec::new());
            for _ in 0..40 {
                now += i64::from(next(12));
                let late = if next(3) == 0 { next(30) } else { 0 };
                events.push((u64::from(next(6)), now - i64::from(late)));
            }
            let of = match by_value {
                true => Counted::Selections,
                false => Counted::Events,
            };
            let counting = counting(of, at_least as u32);
            let matches = matches(counting, &events);
            let times: Vec<i64> =
                matches.iter().map(|(time, ..)| *time).collect();
            let expected = expected(by_value, at_least, &events);
            assert_eq!(times, expected, "{at_least} {by_value} {events:?}");
            found += times.len();
        }
        assert!(found > 4000, "{found}");
    }
}
