/*!
When the filter is not asked: while nearly every record goes through it.
*/

/// Records that are judged together. At most so many are read in vain when a
/// stream turns quiet.
const BLOCK: u64 = 128;

/// The first records of a block, of which the filter is asked in any case.
/// One in eight: where every record has to be read, that leaves an eighth of
/// what the filter costs, and that is a fifth of all.
const ASKED: u64 = 16;

/// Of those, the most that the filter may rule out so that it is passed by.
/// To read a record takes four to eight times as long as to look for what
/// lets it through, so the filter is worth it where it rules one in eight out.
const RULED_OUT: u8 = 1;

/// Whether the filter is to be asked of a stream's next record.
///
/// It follows from the records since the last number that is a multiple of
/// [`BLOCK`], so a scan that begins at such a record reads what a scan of the
/// whole stream reads; but for a stream of records that the filter does not
/// know ([`pass_by`](Pace::pass_by)).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    /// The number of the block, and how many of its records were ruled out.
    block: u64,
    ruled_out: u8,
    is_passed_by: bool,
}

/// What is saved of a pace that passes the filter by: more than a block has
/// records.
const PASSED_BY: u8 = u8::MAX;

impl Pace {
    /// Whether the filter is asked of a record, by its number.
    #[inline]
    pub(crate) fn asks(&mut self, record: u64) -> bool {
        let block = record / BLOCK;
        if block != self.block {
            *self = Pace { block, ruled_out: 0, ..*self };
        }
        let is_asked = record % BLOCK < ASKED || self.ruled_out > RULED_OUT;
        is_asked && !self.is_passed_by
    }

    /// Passes the filter by from here on: what it looks for stands in these
    /// records in another spelling.
    pub(crate) fn pass_by(&mut self) {
        self.is_passed_by = true;
    }

    /// Notes that the filter ruled a record out.
    #[inline]
    pub(crate) fn ruled_out(&mut self) {
        self.ruled_out = self.ruled_out.saturating_add(1);
    }

    /// What has to be known besides the next record's number to go on.
    pub(crate) fn save(self, next: u64) -> u8 {
        match self.is_passed_by {
            true => PASSED_BY,
            false if next / BLOCK == self.block => self.ruled_out,
            false => 0,
        }
    }

    /// What was saved before a record of a number.
    pub(crate) fn restored(next: u64, ruled_out: u8) -> Pace {
        let is_passed_by = ruled_out == PASSED_BY;
        Pace { block: next / BLOCK, ruled_out, is_passed_by }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of how many of some records the filter is asked, if it rules out those
    /// that a closure tells.
    fn asked(numbers: core::ops::Range<u64>, out: fn(u64) -> bool) -> u64 {
        let mut pace = Pace::default();
        let mut asked = 0;
        for number in numbers {
            if pace.asks(number) {
                asked += 1;
                if out(number) {
                    pace.ruled_out();
                }
            }
        }
        asked
    }

    #[test]
    fn filter_is_passed_by_while_nearly_every_record_goes_through() {
        assert_eq!(asked(0..BLOCK * 10, |_| false), ASKED * 10);
        assert_eq!(asked(0..BLOCK * 10, |number| number % 16 == 3), 160);
        assert_eq!(asked(0..BLOCK * 10, |number| number % 8 == 3), 1280);
        assert_eq!(asked(0..BLOCK * 10, |_| true), BLOCK * 10);
    }

    /// No block is judged by another.
    #[test]
    fn stream_that_turns_quiet_is_filtered_from_the_next_block_on() {
        let quiet = |number| number > 20;
        assert_eq!(asked(0..BLOCK * 3, quiet), ASKED + BLOCK * 2);
        assert_eq!(asked(BLOCK..BLOCK * 3, quiet), BLOCK * 2);
    }

    #[test]
    fn restored_pace_asks_as_the_one_that_was_saved() {
        for ruled_out in [0, 1, 2] {
            for record in BLOCK - 2..=BLOCK * 2 {
                let mut pace = Pace::default();
                pace.asks(record.saturating_sub(1));
                (0..ruled_out).for_each(|_| pace.ruled_out());
                let mut restored = Pace::restored(record, pace.save(record));
                assert_eq!(pace.asks(record), restored.asks(record));
            }
        }
        let mut pace = Pace::default();
        pace.pass_by();
        for record in [1, BLOCK, BLOCK + 1] {
            assert!(!pace.asks(record));
            assert!(!Pace::restored(record, pace.save(record)).asks(record));
        }
    }
}
