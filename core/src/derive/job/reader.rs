/*!
Jobs as callers see them.
*/

use super::event;
use super::facts::{JobField, Jobs, Text};
use crate::derive::canonical::command::Commands;
use crate::event::Event;

/// Reads the scheduled jobs that events speak of, whatever speaks of them: a
/// command line, a script, a task definition, a file, the registry, a log of
/// the scheduler, a cloud's interface.
///
/// Keeps the memory that it works in, at most some 400 KiB; once that is warm,
/// reading allocates nothing. One per thread.
///
/// # Example
///
/// ```
/// use t1053::event::{Event, ProcessCreation};
/// use t1053::{JobField, JobReader};
///
/// let event = Event::windows(ProcessCreation {
///     image: Some(br"C:\Windows\System32\cmd.exe"),
///     command_line: Some(
///         br"cmd /c s^chtasks /create /tn upd /tr %PUBLIC%\p.exe /ru system /sc minute",
///     ),
///     ..Default::default()
/// });
/// let mut reader = JobReader::new();
/// let job = reader.read(&event).next().unwrap();
/// assert_eq!(job.value(JobField::Activity), Some(&b"create"[..]));
/// assert_eq!(job.value(JobField::Name), Some(&br"\upd"[..]));
/// assert_eq!(job.value(JobField::User), Some(&b"SYSTEM"[..]));
/// assert_eq!(job.value(JobField::Trigger), Some(&b"minute"[..]));
/// assert_eq!(
///     job.value(JobField::Command),
///     Some(&br"C:\Users\Public\p.exe"[..])
/// );
/// ```
#[derive(Debug, Default)]
pub struct JobReader {
    commands: Commands,
    jobs: Jobs,
}

impl JobReader {
    /// A reader. Allocates nothing yet.
    pub fn new() -> JobReader {
        JobReader::default()
    }

    /// The jobs that an event speaks of, in the order in which it does; none
    /// of most events. They live until the next event is read.
    ///
    /// Time is linear in the bytes that are read, the first 32 KiB of each
    /// text; what is cut has [`JobField::Obfuscation`] `limit`.
    pub fn read<'r>(&'r mut self, event: &Event<'_>) -> JobIter<'r> {
        event::read(event, &mut self.commands, &mut self.jobs);
        JobIter { reader: self, next: 0 }
    }

    /// Bytes of memory held, besides the value itself.
    pub fn memory_usage(&self) -> usize {
        let jobs = self.jobs.memory_usage();
        self.commands.memory_usage().saturating_add(jobs)
    }
}

/// The jobs of one event. Made by [`JobReader::read`].
#[derive(Clone, Debug)]
pub struct JobIter<'r> {
    reader: &'r JobReader,
    next: usize,
}

impl<'r> Iterator for JobIter<'r> {
    type Item = Job<'r>;

    fn next(&mut self) -> Option<Job<'r>> {
        if self.next >= self.reader.jobs.len() {
            return None;
        }
        let job = Job { reader: self.reader, index: self.next };
        self.next = self.next.saturating_add(1);
        Some(job)
    }
}

/// What an event says of one scheduled job.
#[derive(Clone, Copy, Debug)]
pub struct Job<'r> {
    reader: &'r JobReader,
    index: usize,
}

impl<'r> Job<'r> {
    /// All that is said, in the order in which it is. A field may have
    /// several values; values of [`Command`](JobField::Command) and
    /// [`Arguments`](JobField::Arguments) belong together in their order.
    pub fn values(
        &self,
    ) -> impl Iterator<Item = (JobField, &'r [u8])> + use<'r> {
        let JobReader { commands, jobs } = self.reader;
        let own = jobs.get(self.index).iter().copied();
        own.chain(jobs.of_all()).map(|(field, text): (JobField, Text)| {
            (field, text.resolve(&commands.arena))
        })
    }

    /// The first value of a field; `None` where nothing is said.
    pub fn value(&self, field: JobField) -> Option<&'r [u8]> {
        let mut values = self.values();
        values.find(|(said, _)| *said == field).map(|(_, value)| value)
    }

    /// Every value of a field.
    pub fn all(
        &self,
        field: JobField,
    ) -> impl Iterator<Item = &'r [u8]> + use<'r> {
        let values = self.values().filter(move |(said, _)| *said == field);
        values.map(|(_, value)| value)
    }
}
