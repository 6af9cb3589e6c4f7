/*!
Events in order: what completes a sequence.

# Which events make a sequence

The events of one key in order of time, `+` a first and `-` a second step, of
a sequence of two steps with a window of 30 seconds:

```text
seconds  0      4      9     15                    40     75
         +      +      -      -                     +      -
                └──────┘
```

The second step at 9 takes the last first step before it, at 4: of several
registrations of a task the last one counts. The one at 15 takes nothing,
because the one at 9 stands between: a deletion ends a registration. The one
at 75 comes too late for the first step at 40.

With more steps, each takes the last event of the step before it, from the
last step backwards; only the last step ends what began before it. `A` is a
registration, `B` a run, `C` a deletion:

```text
seconds  0      4      9     15     20     25
         A      B      B      C      B      C
         └─────────────┴──────┘
```

The deletion at 15 takes the run at 9 and that takes the registration. The one
at 25 takes the run at 20, and nothing before that: the registration has had
its part, and the deletion at 15 stands between.

Events may arrive in any order, so all steps are kept, and one that arrives
late looks forward for the last step that it may be part of: if `+` at 4
arrives last, it takes `-` at 9. An event that has had its part in a match is
marked as used and stays, because it still stands between others.

An event that was forgotten may have stood between two others. So no sequence
reaches back over the latest one that was forgotten: with too little memory
matches are missed, and none is made up.
*/

use crate::rule::Sequence;

use super::counts::CorrelatorCounts;
use super::line::{Line, Mark};

/// Steps of a sequence that one event is: bit 0 is the first.
pub(super) type Steps = u16;

/// When each step of a sequence happened.
type Times = [i64; Sequence::MOST_STEPS];

/// What a sequence asks of its events.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ordered {
    /// How many there are.
    pub(super) steps: usize,
    /// They happen in less than so many ticks.
    pub(super) window: i64,
    /// How many of each step are kept.
    pub(super) depth: usize,
}

impl Ordered {
    /// Takes an event in, and calls `found` for each match that it completes
    /// with the time of the earliest other event, and that of the last step.
    ///
    /// One event that is several steps is no match by itself, so each is
    /// looked for before any is taken in.
    pub(super) fn take_in(
        &self,
        line: &mut Line,
        steps: Steps,
        time: i64,
        counts: &mut CorrelatorCounts,
        mut found: impl FnMut(i64, i64),
    ) {
        let has = |steps: Steps, step: usize| steps >> step & 1 == 1;
        let mut used: Steps = 0;
        let its_own = || (0..self.steps).rev().filter(|&at| has(steps, at));
        for step in its_own() {
            let Some(times) = self.sequence(line, step, time) else {
                continue;
            };
            used |= 1 << step;
            let mut earliest = i64::MAX;
            for (other, at) in times.into_iter().enumerate().take(self.steps) {
                if other == step {
                    continue;
                }
                use_at(line, other, at);
                earliest = earliest.min(at);
                // An event that was logged twice is one.
                if other > step && at == time {
                    used |= 1 << other;
                }
            }
            let last = self.steps.saturating_sub(1);
            found(earliest, times.get(last).copied().unwrap_or(time));
        }
        for step in its_own() {
            let mark =
                Mark { time, value: step as u64, used: has(used, step) };
            self.keep(line, mark, counts);
        }
    }

    /// The sequence that an event completes as one of its steps.
    fn sequence(&self, line: &Line, step: usize, time: i64) -> Option<Times> {
        let last = self.steps.checked_sub(1)?;
        let of = |step: usize| {
            let step = step as u64;
            line.marks.iter().filter(move |mark| mark.value == step)
        };
        let is_free = |step: usize, time: i64| {
            of(step).any(|mark| mark.time == time && !mark.used)
        };
        let is_between = |step: usize, start: i64, end: i64| {
            of(step).any(|mark| mark.time > start && mark.time < end)
        };
        let end = match step == last {
            true => time,
            false => of(last).find(|mark| mark.time >= time)?.time,
        };
        if step != last && !is_free(last, end) {
            return None;
        }
        let mut times = Times::default();
        *times.get_mut(last)? = end;
        let mut start = end;
        for before in (0..last).rev() {
            start = if before == step {
                if time > start || is_between(step, time, start) {
                    return None;
                }
                time
            } else {
                let mut marks = of(before);
                let found = marks.rfind(|mark| mark.time <= start)?.time;
                if !is_free(before, found) {
                    return None;
                }
                found
            };
            *times.get_mut(before)? = start;
        }
        let is_near = end.saturating_sub(start) < self.window;
        let is_known = line.forgotten <= start;
        let is_ended = is_between(last, start, end);
        (is_near && is_known && !is_ended).then_some(times)
    }

    /// Remembers a mark; when there is no room for its step, the earliest of
    /// that goes.
    pub(super) fn keep(
        &self,
        line: &mut Line,
        mark: Mark,
        counts: &mut CorrelatorCounts,
    ) {
        let is_same = |kept: &Mark| kept.value == mark.value;
        let count = line.marks.iter().filter(|kept| is_same(kept)).count();
        let first = line.marks.iter().position(is_same);
        if count < self.depth {
            line.insert(mark);
        } else if let Some(at) = first
            && let Some(&earliest) = line.marks.get(at)
            && earliest.time <= mark.time
        {
            line.marks.remove(at);
            line.insert(mark);
            self.forget(line, earliest, counts);
        } else {
            self.forget(line, mark, counts);
        }
    }

    fn forget(
        &self,
        line: &mut Line,
        mark: Mark,
        counts: &mut CorrelatorCounts,
    ) {
        line.forgotten = line.forgotten.max(mark.time);
        counts.forgot(mark, line.newest(mark.time), self.window);
    }
}

/// Marks the events of a step at a time as used.
fn use_at(line: &mut Line, step: usize, time: i64) {
    for mark in &mut line.marks {
        mark.used |= mark.value == step as u64 && mark.time == time;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(steps: usize) -> Ordered {
        Ordered { steps, window: 30, depth: 8 }
    }

    /// Takes events in as they arrive, `A` a first step and so on, `+` a
    /// first, `-` a second and `*` both; gives those that complete a match
    /// with the time of the earliest other event.
    fn matches(steps: usize, events: &[(char, i64)]) -> Vec<(char, i64, i64)> {
        let mut line = Line { marks: Vec::new(), forgotten: Line::NEVER };
        let mut counts = CorrelatorCounts::default();
        let mut matches = Vec::new();
        for &(event, time) in events {
            let steps_of_it = match event {
                '+' => 1,
                '-' => 2,
                '*' => 3,
                letter => 1 << (letter as u8 - b'A'),
            };
            let found = |other, _| matches.push((event, time, other));
            ordered(steps).take_in(
                &mut line,
                steps_of_it,
                time,
                &mut counts,
                found,
            );
        }
        matches
    }

    fn pairs(events: &[(char, i64)]) -> Vec<(char, i64, i64)> {
        matches(2, events)
    }

    #[test]
    fn in_order() {
        assert_eq!(pairs(&[('+', 1), ('-', 30)]), [('-', 30, 1)]);
        assert_eq!(pairs(&[('+', 1), ('-', 31)]), []);
        // The last first half counts, and a second one ends the pair.
        assert_eq!(pairs(&[('+', 1), ('+', 5), ('-', 9)]), [('-', 9, 5)]);
        assert_eq!(pairs(&[('+', 1), ('-', 7), ('-', 9)]), [('-', 7, 1)]);
        assert_eq!(pairs(&[('+', 1), ('-', 40), ('-', 41)]), []);
        assert_eq!(pairs(&[('-', 1), ('+', 2)]), []);
        assert_eq!(pairs(&[('-', 1), ('+', 1), ('-', 1)]).len(), 1);
    }

    #[test]
    fn out_of_order() {
        assert_eq!(pairs(&[('-', 9), ('+', 5)]), [('+', 5, 9)]);
        assert_eq!(pairs(&[('-', 9), ('+', 7), ('+', 5)]), [('+', 7, 9)]);
        assert_eq!(pairs(&[('-', 9), ('-', 7), ('+', 5)]), [('+', 5, 7)]);
        assert_eq!(pairs(&[('-', 40), ('+', 5)]), []);
        // A second half does not end what an earlier one ended that is late.
        let late = [('+', 1), ('-', 90), ('-', 7)];
        assert_eq!(pairs(&late), [('-', 7, 1)]);
        let late = [('+', 1), ('+', 100), ('-', 110), ('-', 9)];
        assert_eq!(pairs(&late), [('-', 110, 100), ('-', 9, 1)]);
        // Nor does one complete what another first half stands before.
        let late = [('+', 1), ('+', 5), ('-', 20), ('-', 9)];
        assert_eq!(pairs(&late), [('-', 20, 5)]);
        // What came late is ended by the second half it came before.
        let late = [('+', 1), ('-', 9), ('+', 5), ('-', 12)];
        assert_eq!(pairs(&late), [('-', 9, 1)]);
    }

    #[test]
    fn one_event_is_no_pair() {
        assert_eq!(pairs(&[('*', 5)]), []);
        assert_eq!(pairs(&[('*', 5), ('*', 5)]).len(), 2);
        // It ends what began before it, and begins what follows.
        let chain = [('+', 1), ('*', 5), ('-', 9)];
        assert_eq!(pairs(&chain), [('*', 5, 1), ('-', 9, 5)]);
        let chain = [('*', 1), ('*', 5), ('*', 9)];
        assert_eq!(pairs(&chain), [('*', 5, 1), ('*', 9, 5)]);
        let late = [('+', 1), ('-', 9), ('*', 5)];
        assert_eq!(pairs(&late), [('-', 9, 1)]);
        assert_eq!(pairs(&[('*', 9), ('*', 5)]), [('*', 5, 9)]);
        let late = [('-', 9), ('*', 5)];
        assert_eq!(pairs(&late), [('*', 5, 9)]);
    }

    #[test]
    fn records_that_come_twice_pair_twice() {
        let twice = [('+', 1), ('-', 2), ('+', 1), ('-', 2)];
        assert_eq!(pairs(&twice).len(), 2);
        let twice = [('-', 2), ('+', 1), ('-', 2), ('+', 1)];
        assert_eq!(pairs(&twice).len(), 2);
        assert_eq!(pairs(&[('+', 1), ('-', 2), ('-', 2)]).len(), 1);
    }

    #[test]
    fn marks_stay_sorted_and_bounded() {
        let mut line = Line { marks: Vec::new(), forgotten: Line::NEVER };
        let mut counts = CorrelatorCounts::default();
        for time in [5, 3, 9, 1, 7, 2, 8, 4, 6, 1] {
            let of_each = |_, _| ();
            ordered(2).take_in(&mut line, 1, time, &mut counts, of_each);
        }
        let kept: Vec<i64> = line.marks.iter().map(|mark| mark.time).collect();
        assert_eq!(kept, [2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!((line.forgotten, counts.evicted), (1, 2));
    }

    /// Logs are often read one after the other, and not in order of time.
    #[test]
    fn late_event_that_nothing_can_pair_with_is_forgotten_without_an_alarm() {
        let mut line = Line { marks: Vec::new(), forgotten: Line::NEVER };
        let mut counts = CorrelatorCounts::default();
        let newest = 1000;
        for time in (newest - 7..=newest).chain([newest - 30, newest - 29]) {
            ordered(2).take_in(&mut line, 1, time, &mut counts, |_, _| ());
        }
        assert_eq!((counts.evicted, counts.expired), (1, 1));
    }

    /// What was forgotten may have stood between.
    #[test]
    fn no_pair_reaches_back_over_what_was_forgotten() {
        let mut halves = vec![('+', 10)];
        halves.extend((0..8).map(|second| ('+', 100 + second)));
        assert_eq!(pairs(&[&halves[..], &[('-', 15)]].concat()), []);
        halves.extend([('-', 15), ('+', 5)]);
        assert_eq!(pairs(&halves), []);
        halves.push(('-', 108));
        assert_eq!(pairs(&halves), [('-', 108, 107)]);
    }

    #[test]
    fn three_steps_in_order() {
        let three = |events: &[(char, i64)]| matches(3, events);
        let whole = [('A', 0), ('B', 4), ('C', 9)];
        assert_eq!(three(&whole), [('C', 9, 0)]);
        assert_eq!(three(&[('A', 0), ('C', 4), ('B', 9)]), []);
        assert_eq!(three(&[('A', 0), ('B', 4), ('C', 30)]), []);
        // A step that comes twice does not end what it is part of.
        let twice = [('A', 0), ('B', 4), ('B', 9), ('C', 15)];
        assert_eq!(three(&twice), [('C', 15, 0)]);
        let again = [&twice[..], &[('B', 20), ('C', 25)]].concat();
        assert_eq!(three(&again), [('C', 15, 0)]);
        let begun = [('A', 0), ('B', 4), ('A', 5), ('C', 9)];
        assert_eq!(three(&begun), [('C', 9, 0)]);
        // The last step ends what began before it.
        let ended = [('A', 0), ('C', 2), ('B', 4), ('C', 9)];
        assert_eq!(three(&ended), []);
    }

    #[test]
    fn three_steps_in_any_order_of_arrival() {
        let times = [('A', 0), ('B', 4), ('C', 9)];
        for order in
            [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
        {
            let events = order.map(|at: usize| times[at]);
            let found = matches(3, &events);
            let (step, time) = events[2];
            let other = if step == 'A' { 4 } else { 0 };
            assert_eq!(found, [(step, time, other)], "{order:?}");
        }
    }
}
