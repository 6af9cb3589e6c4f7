/*!
What a scanner holds, and whether there is memory for more.
*/

use crate::join::Joiner;
use crate::memory::{self, held};

use super::{Scanner, ScannerBuilder, Work};

/// Bytes of memory that reading takes at most for each byte of a large record:
/// a list that its values are decoded into takes one, and two more while it
/// grows.
const MEMORY_FOR_BYTE: usize = 3;

/// Bytes of the largest record that memory is not asked for: what is needed to
/// read a smaller one is little beside what a scanner has.
const USUAL_RECORD: usize = 64 << 10;

impl ScannerBuilder {
    /// Whether sequences and counts are looked for, as they are by default.
    /// Without, the scanner takes no memory for them, 10 MB of address space,
    /// and reports what events match by themselves. One that several scanners
    /// share is what [`sequence_events`](ScannerBuilder::sequence_events) is
    /// for.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::{Detector, Scanner};
    ///
    /// let builder = Scanner::builder(&Detector::new());
    /// let scanner = builder.sequences(false).build()?;
    /// assert!(scanner.memory_usage() < 64 << 10);
    /// # Ok::<(), t1053::BuildError>(())
    /// ```
    #[must_use]
    pub fn sequences(mut self, sequences: bool) -> ScannerBuilder {
        self.sequences = sequences;
        self
    }

    /// Whether each event that is part of a sequence or a count is reported,
    /// as [`Report::SequenceEvent`](crate::Report::SequenceEvent), for a
    /// correlator that several scanners share. The scanner has none of its own
    /// then, as without [`sequences`](ScannerBuilder::sequences).
    ///
    /// Few events are such parts, so scanners on many threads rarely wait for
    /// a lock around the correlator.
    ///
    /// # Example
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use std::sync::Mutex;
    /// use t1053::{Correlator, Detector, Report, Scanner};
    ///
    /// let detector = Detector::builder()
    ///     .enable("short_lived_scheduled_task".parse()?)
    ///     .build()?;
    /// let shared = Mutex::new(Correlator::new(&detector));
    /// let mut found = Vec::new();
    /// // A task is registered by one stream's record, and deleted by another's.
    /// for (id, second) in [(4698, 10), (4699, 15)] {
    ///     let builder = Scanner::builder(&detector);
    ///     let mut scanner = builder.sequence_events(true).build()?;
    ///     let record = format!(
    ///         r#"{{"EventID":{id},"Channel":"Security","Computer":"ws1","TaskName":"\\x","TimeCreated":"2024-05-01T10:00:{second}Z"}}"#,
    ///     );
    ///     let _ = scanner.record(record.as_bytes(), |report| {
    ///         if let Report::SequenceEvent(event) = report {
    ///             let mut correlator = shared.lock().unwrap();
    ///             let visit = |one: &t1053::RecordMatch<'_>| {
    ///                 found.push(one.found.detection().slug.to_string());
    ///             };
    ///             event.correlate(&mut correlator, visit).unwrap();
    ///         }
    ///         ControlFlow::Continue(())
    ///     });
    /// }
    /// assert_eq!(found, ["short_lived_scheduled_task"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sequence_events(mut self, sequence_events: bool) -> ScannerBuilder {
        self.sequence_events = sequence_events;
        self
    }

    /// What tells whether so many bytes of memory can be had, for programs
    /// that must not end for want of memory. It is asked before each record
    /// that is read: of 0 bytes, where the memory is there that a record of
    /// its size takes, or of more. Where it says no, the record is reported as
    /// unreadable ([`NoMemory`]), and the scanner goes on with the next.
    ///
    /// [`NoMemory`]: crate::record::RecordErrorKind::NoMemory
    ///
    /// Without it, only records that are larger than all before, and than
    /// 64 KiB, are looked at so, and the allocator is asked.
    ///
    /// # Example
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use t1053::record::RecordErrorKind;
    /// use t1053::{Detector, Report, Scanner};
    ///
    /// let builder = Scanner::builder(&Detector::new()).filter(false);
    /// let mut scanner = builder.memory_check(|_| false).build()?;
    /// let mut kinds = Vec::new();
    /// scanner.record(b"{}", |report| {
    ///     if let Report::Unreadable(it) = report {
    ///         kinds.push(it.error.kind());
    ///     }
    ///     ControlFlow::Continue(())
    /// });
    /// assert_eq!(kinds, [RecordErrorKind::NoMemory]);
    /// # Ok::<(), t1053::BuildError>(())
    /// ```
    #[must_use]
    pub fn memory_check(mut self, has: fn(usize) -> bool) -> ScannerBuilder {
        self.memory_check = Some(has);
        self
    }
}

impl Scanner {
    /// Bytes of memory held, besides the detector and the scanner itself.
    pub fn memory_usage(&self) -> usize {
        let Work { reader, scratch, correlator, joiner, partial, .. } =
            &self.work;
        let joiner = joiner.as_ref().map_or(0, Joiner::memory_usage);
        let work = [reader.memory_usage(), scratch.memory_usage()];
        let more = [correlator.memory_usage(), partial.memory_usage()];
        let texts = [held(&self.transcoded), held(&self.carry), joiner];
        work.into_iter().chain(more).chain(texts).sum()
    }
}

impl Work {
    /// Whether there is memory to read a record in. Asked of records of usual
    /// size only where somebody else decides: the memory for these is there
    /// after the first ones.
    pub(super) fn has_memory(&mut self, record: &[u8]) -> bool {
        let bytes = record.len();
        if bytes <= self.largest.max(USUAL_RECORD) {
            return self.memory_check.is_none_or(|check| check(0));
        }
        let needed = bytes.saturating_mul(MEMORY_FOR_BYTE);
        let check = self.memory_check.unwrap_or(memory::can_be_had);
        let has = check(needed);
        if has {
            self.largest = bytes;
        }
        has
    }
}
