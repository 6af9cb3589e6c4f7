/*!
When the filter is not asked: while nearly every record goes through it. And
which records are looked at although it rules them out.
*/

/// Bytes of a block: the records that begin in it are judged together. At most
/// so much is read in vain when a stream turns quiet.
const BLOCK: u64 = 128 << 10;

/// Blocks of a [stretch](Pace::STRETCH).
const BLOCKS: u64 = Pace::STRETCH / BLOCK;

/// The first records of a block, of which the filter is asked in any case.
/// About one in eight of ordinary ones: where every record has to be read,
/// that leaves an eighth of what the filter costs, and that is a fifth of all.
const ASKED: u8 = 16;

/// Of those, the most that the filter may rule out so that it is passed by.
/// To read a record takes four to eight times as long as to look for what
/// lets it through, so the filter is worth it where it rules one in eight out.
const RULED_OUT: u8 = 1;

/// Whether the filter is to be asked of a stream's next record.
///
/// It follows from the records that began since the last offset that is a
/// multiple of [`BLOCK`], so a scan that begins at such a record reads what a
/// scan of the whole stream reads; but for a stream of records that the filter
/// does not know ([`pass_by`](Pace::pass_by)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pace {
    /// The number of the block.
    block: u64,
    /// How many of its records came, up to those that tell.
    came: u8,
    /// How many of these were ruled out.
    ruled_out: u8,
    /// Whether the next record is the first of its stretch.
    is_first: bool,
    is_passed_by: bool,
}

/// What is to be done with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Whether the filter is asked.
    pub(crate) is_asked: bool,
    /// Whether the record is looked at even if the filter rules it out.
    pub(crate) is_sampled: bool,
}

impl Pace {
    /// Bytes of a stretch, of which one record is looked at whatever the filter
    /// says. Pace and samples behind a multiple of it do not depend on what
    /// came before.
    pub(crate) const STRETCH: u64 = 1 << 20;

    /// What is to be done with the next record, which begins at an offset.
    #[inline]
    pub(crate) fn turn(&mut self, offset: u64) -> Turn {
        self.enter(offset);
        let is_new = self.came < ASKED;
        self.came = self.came.saturating_add(u8::from(is_new));
        let may_ask = is_new || self.ruled_out > RULED_OUT;
        Turn {
            is_asked: may_ask && !self.is_passed_by,
            is_sampled: core::mem::take(&mut self.is_first),
        }
    }

    /// Goes on to the block of an offset.
    #[inline]
    fn enter(&mut self, offset: u64) {
        let block = offset / BLOCK;
        if block != self.block {
            let is_first = block / BLOCKS != self.block / BLOCKS;
            *self = Pace {
                block,
                is_first: is_first || self.is_first,
                is_passed_by: self.is_passed_by,
                ..Pace::default()
            };
        }
    }

    /// The same where the next record begins at an offset.
    pub(crate) fn at(mut self, offset: u64) -> Pace {
        self.enter(offset);
        self
    }

    /// What it will be at the first record that begins in another stretch.
    pub(crate) fn ahead(self, offset: u64) -> Pace {
        let Pace { is_passed_by, .. } = self;
        let block = offset / BLOCK;
        Pace { block, is_first: true, is_passed_by, ..Pace::default() }
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

    /// What has to be known besides the next record's offset to go on: how
    /// many records came, how many of them were ruled out, and marks.
    pub(crate) fn save(self, next: u64) -> [u8; 3] {
        let Pace { came, ruled_out, is_first, is_passed_by, .. } =
            self.at(next);
        let marks = u8::from(is_first) | u8::from(is_passed_by) << 1;
        [came, ruled_out, marks]
    }

    /// What was saved before a record at an offset.
    pub(crate) fn restored(next: u64, saved: [u8; 3]) -> Pace {
        let [came, ruled_out, marks] = saved;
        let block = next / BLOCK;
        let (is_first, is_passed_by) = (marks & 1 != 0, marks & 2 != 0);
        Pace { block, came, ruled_out, is_first, is_passed_by }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of a record.
    const RECORD: u64 = 1 << 10;

    /// Of how many of some records the filter is asked, if it rules out those
    /// that a closure tells.
    fn asked(numbers: core::ops::Range<u64>, out: fn(u64) -> bool) -> u64 {
        let mut pace = Pace::default();
        let mut asked = 0;
        for number in numbers {
            if pace.turn(number * RECORD).is_asked {
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
        assert_eq!(asked(0..1280, |_| false), 160);
        assert_eq!(asked(0..1280, |number| number % 16 == 3), 160);
        assert_eq!(asked(0..1280, |number| number % 8 == 3), 1280);
        assert_eq!(asked(0..1280, |_| true), 1280);
    }

    /// No block is judged by another.
    #[test]
    fn stream_that_turns_quiet_is_filtered_from_the_next_block_on() {
        let quiet = |number| number > 20;
        assert_eq!(asked(0..384, quiet), 16 + 256);
        assert_eq!(asked(128..384, quiet), 256);
    }

    #[test]
    fn one_record_of_a_stretch_is_sampled() {
        let mut pace = Pace::default();
        let sampled = (0..4096).filter(|number| {
            // One that is longer than a block, and than a stretch.
            let length = u64::from(*number > 2000) * (3 << 19);
            pace.turn(number * RECORD + length).is_sampled
        });
        assert_eq!(sampled.collect::<Vec<_>>(), [1024, 2001, 2560, 3584]);
    }

    #[test]
    fn restored_pace_goes_on_as_the_one_that_was_saved() {
        for ruled_out in [0, 1, 2] {
            for record in (100..=300).chain(1000..1100) {
                let offset = record * RECORD;
                let mut pace = Pace::default();
                pace.turn(offset - RECORD);
                (0..ruled_out).for_each(|_| pace.ruled_out());
                let mut restored = Pace::restored(offset, pace.save(offset));
                assert_eq!(pace.turn(offset), restored.turn(offset));
            }
        }
        let mut pace = Pace::default();
        pace.pass_by();
        for record in [1, 128, 129] {
            let offset = record * RECORD;
            assert!(!pace.turn(offset).is_asked);
            let mut restored = Pace::restored(offset, pace.save(offset));
            assert!(!restored.turn(offset).is_asked);
        }
    }

    /// Whatever came before.
    #[test]
    fn pace_ahead_is_that_of_whoever_gets_there() {
        for before in [0, 5 * RECORD, Pace::STRETCH - 1] {
            let offset = Pace::STRETCH * 3 + 7;
            let mut pace = Pace::default();
            let ahead = pace.at(before).ahead(offset);
            pace.turn(before);
            pace.turn(Pace::STRETCH * 2);
            pace.ruled_out();
            assert_eq!(pace.at(offset), ahead);
        }
    }
}
