/*!
Jobs as callers see them.
*/

use super::event;
use super::facts::{Jobs, Text};
use crate::derive::canonical::Canonical;
use crate::derive::canonical::command::Commands;
use crate::event::Event;
use crate::event::Field;

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
/// use t1053::event::{Event, Field, ProcessCreation};
/// use t1053::JobReader;
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
/// assert_eq!(job.value(Field::JobActivity), Some(&b"create"[..]));
/// assert_eq!(job.value(Field::JobName), Some(&br"\upd"[..]));
/// assert_eq!(job.value(Field::JobUser), Some(&b"SYSTEM"[..]));
/// assert_eq!(job.value(Field::JobTrigger), Some(&b"minute"[..]));
/// assert_eq!(
///     job.value(Field::JobCommand),
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

    /// A reader that takes texts apart as far as said.
    pub(crate) fn with(canonical: Canonical) -> JobReader {
        let commands = Commands::new(canonical);
        JobReader { commands, ..JobReader::default() }
    }

    /// The jobs that an event speaks of, in the order in which it does; none
    /// of most events. They live until the next event is read.
    ///
    /// Time is linear in the bytes that are read, the first 32 KiB of each
    /// text; what is cut has [`Field::Obfuscation`] `limit`.
    pub fn read<'r>(&'r mut self, event: &Event<'_>) -> JobIter<'r> {
        event::read(event, &mut self.commands, &mut self.jobs);
        JobIter { reader: self, next: 0 }
    }

    /// Reads the jobs of an event, to be asked for one by one.
    pub(crate) fn load(&mut self, event: &Event<'_>) {
        event::read(event, &mut self.commands, &mut self.jobs);
    }

    /// Forgets the jobs of an event; keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.jobs.clear();
    }

    /// How many jobs the event speaks of that was read last.
    pub(crate) fn len(&self) -> usize {
        self.jobs.len()
    }

    /// A job of the event that was read last.
    pub(crate) fn job(&self, index: usize) -> Option<Job<'_>> {
        (index < self.len()).then_some(Job { reader: self, index })
    }

    /// Takes all the memory that it may ever need, so that it need not take
    /// any later.
    pub(crate) fn reserve(&mut self) {
        self.commands.reserve();
        self.jobs.reserve();
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
        let job = self.reader.job(self.next)?;
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
    /// Its place among the jobs of its event, from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// All that is said, in the order in which it is. A field may have
    /// several values; values of [`Command`](Field::JobCommand) and
    /// [`Arguments`](Field::JobArguments) belong together in their order.
    pub fn values(&self) -> impl Iterator<Item = (Field, &'r [u8])> + use<'r> {
        let JobReader { commands, jobs } = self.reader;
        let own = jobs.get(self.index).iter().copied();
        let told = own.chain(jobs.of_all());
        let told = told.map(|(field, text): (Field, Text)| {
            (field, text.resolve(&commands.arena))
        });
        let traits = jobs.traits(self.index).iter();
        told.chain(
            traits.map(|word| (Field::JobTrait, word.name().as_bytes())),
        )
    }

    /// The first value of a field; `None` where nothing is said.
    pub fn value(&self, field: Field) -> Option<&'r [u8]> {
        let mut values = self.values();
        values.find(|(said, _)| *said == field).map(|(_, value)| value)
    }

    /// Every value of a field.
    pub fn all(
        &self,
        field: Field,
    ) -> impl Iterator<Item = &'r [u8]> + use<'r> {
        let values = self.values().filter(move |(said, _)| *said == field);
        values.map(|(_, value)| value)
    }
}
