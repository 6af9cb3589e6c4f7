/*!
What joining has done.
*/

/// What joining has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JoinCounts {
    /// Events that were made of several records.
    pub joined: u64,
    /// Audit events and scripts that ended without all of their records: some
    /// were lost,
    /// or came too late. They were taken as far as they came.
    pub incomplete: u64,
    /// Events that ended because too many others had begun, or too large
    /// ones.
    pub evicted: u64,
    /// Records that came after their event had ended. Detections see them,
    /// joined events do not.
    pub late: u64,
    /// Records that found no room: their event is larger than what is kept of
    /// one.
    pub cut: u64,
}

impl JoinCounts {
    /// Adds another scanner's counts.
    pub fn add(&mut self, other: &JoinCounts) {
        for (sum, count) in [
            (&mut self.joined, other.joined),
            (&mut self.incomplete, other.incomplete),
            (&mut self.evicted, other.evicted),
            (&mut self.late, other.late),
            (&mut self.cut, other.cut),
        ] {
            *sum = sum.saturating_add(count);
        }
    }
}
