/*!
The events of one key, on a line of time.
*/

/// What is remembered of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// When it happened, in ticks.
    pub(super) time: i64,
    /// Of a sequence, the step that it is; of a count, what tells it from
    /// others that count.
    pub(super) value: u64,
    /// Whether it has had its part in a match.
    pub(super) used: bool,
}

/// What is remembered of a key, in a place of its own while an event is taken
/// in.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// In order of time; of the same time, in order of arrival.
    pub(super) marks: Vec<Mark>,
    /// The latest time of those that were forgotten; [`Line::NEVER`] if none
    /// was.
    pub(super) forgotten: i64,
}

impl Line {
    /// A time before all others.
    pub(super) const NEVER: i64 = i64::MIN;

    /// Puts a mark in its place in time.
    pub(super) fn insert(&mut self, mark: Mark) {
        let at = self.marks.partition_point(|kept| kept.time <= mark.time);
        self.marks.insert(at, mark);
    }

    /// Whether what happened at a time had its part in a match, of which one
    /// mark is left.
    pub(super) fn is_over(&self, time: i64) -> bool {
        let until = self.marks.first().filter(|mark| mark.used);
        until.is_some_and(|mark| time <= mark.time)
    }

    /// Ends what is counted with a match, at the latest time that is known:
    /// one mark is left of all.
    pub(super) fn end(&mut self, latest: i64) {
        self.marks.clear();
        self.marks.push(Mark { time: latest, value: 0, used: true });
    }

    /// When the newest event of the key happened, of which one at `time` has
    /// just arrived. What is to be forgotten is past its window if it is past
    /// that of this one: an event that arrives late is, too, although it is
    /// the latest to arrive.
    pub(super) fn newest(&self, time: i64) -> i64 {
        self.marks.last().map_or(time, |mark| mark.time.max(time))
    }
}

/// Whether an event that is not before `now` may complete a match with one of
/// these, the latest of which comes first.
pub(super) fn is_open(
    marks: impl Iterator<Item = Mark>,
    now: i64,
    window: i64,
) -> bool {
    let is_near = |mark: &Mark| now.saturating_sub(mark.time) < window;
    marks.take_while(is_near).any(|mark| !mark.used)
}
