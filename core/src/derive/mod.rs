/*!
What an event means beyond what it says: fields that are derived from its
direct ones.

A [`Derivation`] yields some derived fields. It names the direct fields that
it reads, a pure function that takes them apart into memory of the scratch,
and a *guard*. It runs at most once an event, and only when a rule asks for
one of its fields after the guard has let it through. A derived field may have
several values; each is part of a direct field's value, or text that was made
of it.

# Guards

A command line that is to be understood takes far longer than one that is to
be searched, and nearly none is about what a rule asks. So for each test of a
derived field the derivation states what must hold of the *direct* fields for
the test to pass: a predicate over those, which may be too wide and is never
too narrow. For `Command|contains: powershell` it is, in short,

```text
TaskContent contains `Command`, and contains `powershell` or an escape that
may hide it
```

The filter of raw records takes its literals from it, and the compiler puts it
before the test, in gates and in programs, where it costs less than to derive
the field. (A task definition is taken apart in about the time of two
searches; its guards are for the filter.) A test that passes where the field
is absent implies nothing, and has no guard.

# To add a derived field

1. A line in the vocabulary: its name, and what it is derived from.
2. A `Derivation` in a file here, and its line in [`DERIVATIONS`]; or a field
   more in one that is here.

Compiler, evaluation, evidence, filter and sequences need no change.

# Jobs

What an event says of scheduled jobs is read by [`JobReader`], of the events
that [its guard](job::guard) lets through. An event may speak of several jobs,
each with values of its own, so rules about jobs are asked once for each:
whoever asks for a value says of which job. Evidence in text that was made and
does not stand in the record is told by
[`Place::Made`](derived::Place::Made).
*/

pub(crate) mod canonical;
mod canonical_text;
mod derived;
pub(crate) mod job;
mod task_definition;

use crate::event::{Event, Field};
use crate::rule::{Operation, Predicate, Test};

pub use canonical::{Canonical, UnknownCanonical};
use derived::Derivation;
pub(crate) use derived::{Derivations, Derived};
pub(crate) use job::facts::MOST_JOBS;
pub use job::{Job, JobIter, JobReader};
pub use task_definition::{TaskDefinition, TaskElements};

/// All there are.
static DERIVATIONS: [Derivation; 5] = [
    task_definition::DERIVATION,
    canonical_text::COMMAND_LINE,
    canonical_text::SCRIPT,
    canonical_text::PATH,
    canonical_text::TOOL,
];

const _: () = assert!(DERIVATIONS.len() <= 32);

impl Derivations {
    /// Those that yield one of some fields.
    pub(crate) fn of(fields: impl IntoIterator<Item = Field>) -> Derivations {
        let places = fields.into_iter().filter_map(place);
        Derivations(places.fold(0, |bits, place| bits | 1 << place))
    }

    /// Each of them.
    fn each(self) -> impl Iterator<Item = &'static Derivation> {
        let all = DERIVATIONS.iter().enumerate();
        let wanted = all.filter(move |(place, _)| self.0 >> place & 1 == 1);
        wanted.map(|(_, derivation)| derivation)
    }
}

fn place(field: Field) -> Option<usize> {
    DERIVATIONS
        .iter()
        .position(|derivation| derivation.fields.contains(&field))
}

/// What a test of a derived field implies of direct fields; `None` for a
/// test of a direct field, and for one that implies nothing.
pub(crate) fn guard(test: &Test) -> Option<Predicate> {
    let derivation = DERIVATIONS.get(place(test.field)?)?;
    let passes_if_absent = test.operation == Operation::Null;
    (!passes_if_absent).then(|| (derivation.guard)(test))
}

/// What it costs to derive a field, roughly in nanoseconds; nothing where it
/// is direct.
pub(crate) fn cost(field: Field) -> usize {
    let derivation = place(field).and_then(|place| DERIVATIONS.get(place));
    derivation.map_or(0, |derivation| derivation.cost)
}

/// The canonical twin of a plain field, if it has one.
#[cfg(feature = "sigma")]
pub(crate) fn canonical_twin(plain: Field) -> Option<Field> {
    canonical_text::twin(plain)
}

/// Whether a field is derived.
pub(crate) fn is_derived(field: Field) -> bool {
    place(field).is_some()
}

impl Derived {
    /// Reads the jobs that an event speaks of; returns how many there are.
    pub(crate) fn read_jobs(&mut self, event: &Event<'_>) -> usize {
        self.jobs.load(event);
        self.jobs.len()
    }

    /// Takes the memory that some derivations are made in.
    pub(crate) fn reserve(&mut self, wanted: Derivations) {
        if wanted.each().any(|derivation| derivation.reads_commands) {
            self.commands.reserve();
        }
    }

    /// Runs some derivations, unless they have run for this event.
    pub(crate) fn run(&mut self, wanted: Derivations, event: &Event<'_>) {
        let missing = wanted.0 & !self.done.0;
        if missing == 0 {
            return;
        }
        self.done.0 |= missing;
        for derivation in Derivations(missing).each() {
            let mut sources = derivation.sources().iter();
            if sources.any(|field| event.get(*field).is_some()) {
                (derivation.derive)(event, self);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn direct_field_and_absence_have_no_guard() {
        let guard =
            |field, operation| guard(&Test::new(field, operation, "x".into()));
        assert!(guard(Field::Image, Operation::Contains).is_none());
        assert!(guard(Field::Command, Operation::Null).is_none());
        assert!(guard(Field::Command, Operation::Contains).is_some());
    }

    #[test]
    fn each_field_is_derived_once() {
        let all = DERIVATIONS.iter().flat_map(|derivation| derivation.fields);
        let mut seen = std::collections::BTreeSet::new();
        assert!(all.into_iter().all(|field| seen.insert(field)));
        for derivation in &DERIVATIONS {
            let sources = derivation.sources();
            assert!(!sources.is_empty());
            assert!(sources.iter().all(|field| !is_derived(*field)));
            for field in derivation.fields {
                assert_eq!(field.sources(), sources, "{field}");
            }
        }
    }
}
