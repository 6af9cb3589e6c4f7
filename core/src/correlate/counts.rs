/*!
What a correlator had to leave out, by cause.
*/

use super::line::Mark;

/// What a correlator had to leave out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CorrelatorCounts {
    /// Events forgotten to make room while their window was still open: one
    /// that came later might have completed a match with them. More than 0
    /// says that [`CorrelatorBuilder::capacity`] or [`depth`] is too small
    /// for the stream.
    ///
    /// [`CorrelatorBuilder::capacity`]: crate::CorrelatorBuilder::capacity
    /// [`depth`]: crate::CorrelatorBuilder::depth
    pub evicted: u64,
    /// Events forgotten to make room, or by
    /// [`Correlator::expire`](crate::Correlator::expire), when their window
    /// had passed: only an event that came late could have completed a match
    /// with them.
    pub expired: u64,
    /// Events without a time, which cannot be put in order.
    pub untimed: u64,
    /// Events without one of the values that the events of a match must
    /// agree in, or without the value that is counted.
    pub ungrouped: u64,
}

impl CorrelatorCounts {
    /// Adds another correlator's counts, up to the highest number.
    pub fn add(&mut self, other: &CorrelatorCounts) {
        add(&mut self.evicted, other.evicted);
        add(&mut self.expired, other.expired);
        add(&mut self.untimed, other.untimed);
        add(&mut self.ungrouped, other.ungrouped);
    }

    /// Counts an event that was forgotten when another happened at `now`.
    pub(super) fn forgot(&mut self, mark: Mark, now: i64, window: i64) {
        if mark.used {
            return;
        }
        let is_past = now.saturating_sub(mark.time) >= window;
        let count =
            if is_past { &mut self.expired } else { &mut self.evicted };
        add(count, 1);
    }
}

pub(super) fn add(count: &mut u64, more: u64) {
    *count = count.saturating_add(more);
}
