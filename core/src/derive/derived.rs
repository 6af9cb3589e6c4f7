//! What a derivation is, and the values that derivations have yielded.

use core::ops::Range;

use super::canonical::Canonical;
use super::canonical::command::Commands;
use super::job::{Job, JobReader};
use crate::event::{Event, Field};
use crate::rule::{Predicate, Test};

/// How some derived fields are made.
pub(crate) struct Derivation {
    /// The fields that it yields, all derived from the same ones. An event
    /// without any of those has no values.
    pub(super) fields: &'static [Field],
    /// What that takes for a usual event, roughly in nanoseconds.
    pub(super) cost: usize,
    /// Whether it takes texts apart in `Derived::commands`.
    pub(super) reads_commands: bool,
    /// Takes an event apart. Allocates nothing but by making its memory
    /// grow.
    pub(super) derive: fn(&Event<'_>, &mut Derived),
    /// What holds of the direct fields of every event in which a value
    /// passes a test.
    pub(super) guard: fn(&Test) -> Predicate,
}

impl Derivation {
    /// The direct fields that it reads.
    pub(super) fn sources(&self) -> &'static [Field] {
        self.fields.first().map_or(&[], |field| field.sources())
    }
}

/// Derivations, by their place in [`DERIVATIONS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Derivations(pub(super) u32);

impl Derivations {
    /// These and others.
    pub(crate) fn union(self, others: Derivations) -> Derivations {
        Derivations(self.0 | others.0)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// The derived values of one event.
#[derive(Debug)]
pub(crate) struct Derived {
    /// Derivations that ran.
    pub(super) done: Derivations,
    pub(super) written: Written,
    /// Room for whole values that are read in another form, such as a
    /// definition that is escaped once more.
    pub(super) unwrapped: Vec<u8>,
    /// What canonical text is read in, how far as it says.
    pub(super) commands: Commands,
    /// The jobs that the event speaks of, if they were asked for.
    pub(super) jobs: JobReader,
}

/// Values, and the text that was made of direct ones for them.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) pieces: Vec<Piece>,
    pub(super) made: Vec<u8>,
}

/// A value of a derived field.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) field: Field,
    pub(super) place: Place,
}

/// Where a derived value's text is.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// In the value of a direct field, as it is.
    Direct(Field, Range<usize>),
    /// In `Derived::unwrapped`.
    Unwrapped(Range<usize>),
    /// In `Written::made`.
    Made(Range<usize>),
}

/// Room for text, and for pieces, that no task definition of Windows exceeds:
/// it logs none longer than 32 KiB. Canonical text is cut there.
const TEXT: usize = 64 << 10;
const PIECES: usize = 257;

impl Written {
    /// Appends a text as a value, as far as there is room.
    pub(super) fn push(&mut self, field: Field, text: &[u8]) {
        let start = self.made.len();
        let room = TEXT.saturating_sub(start);
        if room == 0 || self.pieces.len() >= PIECES {
            return;
        }
        self.made.extend_from_slice(text.get(..room).unwrap_or(text));
        let place = Place::Made(start..self.made.len());
        self.pieces.push(Piece { field, place });
    }

    /// Appends a text in lower case as a value, as far as there is room.
    pub(super) fn push_lower(&mut self, field: Field, text: &[u8]) {
        let start = self.made.len();
        self.push(field, text);
        if let Some(copy) = self.made.get_mut(start..) {
            copy.make_ascii_lowercase();
        }
    }
}

impl Derived {
    /// Memory for the values of events; jobs and canonical text are read as
    /// far as `canonical` says.
    pub(crate) fn new(canonical: Canonical) -> Derived {
        let written = Written { pieces: Vec::new(), made: Vec::new() };
        Derived {
            done: Derivations::default(),
            written,
            unwrapped: Vec::new(),
            commands: Commands::new(canonical),
            jobs: JobReader::with(canonical),
        }
    }

    /// Takes the memory that usual task definitions are read in.
    pub(crate) fn reserve_texts(&mut self) {
        self.written.pieces.reserve(PIECES);
        self.written.made.reserve(TEXT);
        self.unwrapped.reserve(TEXT);
    }

    /// Takes the memory that jobs are read in.
    pub(crate) fn reserve_jobs(&mut self) {
        self.jobs.reserve();
    }

    /// A job of the event.
    pub(crate) fn job(&self, index: usize) -> Option<Job<'_>> {
        self.jobs.job(index)
    }

    pub(crate) fn memory_usage(&self) -> usize {
        let Written { pieces, made } = &self.written;
        let pieces = pieces.capacity().saturating_mul(size_of::<Piece>());
        let texts = [made.capacity(), self.unwrapped.capacity()];
        let read = [self.commands.memory_usage(), self.jobs.memory_usage()];
        let texts = texts.into_iter().chain(read);
        texts.fold(pieces, usize::saturating_add)
    }

    /// Forgets an event.
    pub(crate) fn clear(&mut self) {
        if !self.done.is_empty() {
            self.done = Derivations::default();
            self.written.pieces.clear();
            self.written.made.clear();
            self.unwrapped.clear();
        }
        self.jobs.clear();
    }

    /// Whether some derivations have all run.
    pub(crate) fn has_run(&self, wanted: Derivations) -> bool {
        wanted.0 & !self.done.0 == 0
    }

    /// Whether a field has no other value to be asked of than the one that the
    /// event carries.
    #[inline]
    pub(crate) fn is_direct(&self, job: Option<usize>, field: Field) -> bool {
        job.is_none()
            && self.written.pieces.is_empty()
            && !field.is_asked_only()
    }

    /// The values of a field: direct, derived, or of one of the event's jobs.
    /// Of a derived one, only if its derivation ran.
    pub(crate) fn values<'a>(
        &'a self,
        event: &'a Event<'a>,
        job: Option<usize>,
        field: Field,
    ) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let derived = self.written.pieces.iter();
        let derived = derived.filter(move |piece| piece.field == field);
        let derived = derived.filter_map(move |piece| {
            let text = match &piece.place {
                Place::Direct(source, range) => {
                    event.get(*source)?.get(range.clone())
                }
                Place::Unwrapped(range) => self.unwrapped.get(range.clone()),
                Place::Made(range) => self.written.made.get(range.clone()),
            };
            debug_assert!(text.is_some(), "{piece:?}");
            text
        });
        let job = job.and_then(|job| self.jobs.job(job));
        let mut told = job.map(|job| job.all(field));
        let told = core::iter::from_fn(move || told.as_mut()?.next());
        event.get(field).into_iter().chain(derived).chain(told)
    }

    /// The values that a test of a field is asked of: those of the field, or
    /// what else there is of the event for one that no event carries.
    pub(crate) fn asked<'a>(
        &'a self,
        event: &'a Event<'a>,
        job: Option<usize>,
        field: Field,
        member: &'a str,
    ) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let others =
            field.is_asked_only().then(|| others(event, field, member));
        others.into_iter().flatten().chain(self.values(event, job, field))
    }
}

/// The values of an event that a test of a field is asked of which no event
/// carries.
fn others<'a>(
    event: &'a Event<'a>,
    field: Field,
    member: &'a str,
) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    let kind = (field == Field::Kind).then(|| event.kind().name());
    let any = field == Field::AnyValue;
    let lists: [&[Field]; 2] = match any {
        true => [Field::OF_EVERY_EVENT, event.kind().fields()],
        false => [&[], &[]],
    };
    let carried = lists.into_iter().flatten();
    let carried = carried.filter(|field| !field.is_told());
    let members = match any || field == Field::Member {
        true => event.members,
        false => &[],
    };
    let members = members.iter();
    let members = members.filter(move |value| any || value.name == member);
    kind.map(str::as_bytes)
        .into_iter()
        .chain(carried.filter_map(|field| event.get(*field)))
        .chain(members.map(|member| member.value))
}
