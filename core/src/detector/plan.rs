/*!
What is to be done for the events of one class: see [`compile`](super::compile)
for how it comes about, with an example.
*/

use std::sync::Arc;

use t1053_literals::{Literal, Literals};

use super::table::NameTable;
use crate::derive::Derivations;
use crate::event::{EventKind, Field, Platform};
use crate::memory::held;
use crate::rule::{Anchor, Search, Test, Text};
use crate::search::TakeSearch;

/// Classes of events: a platform and a kind.
pub(super) const CLASSES: usize = Platform::ALL.len() * EventKind::ALL.len();

/// The class of events. Generic ones are one class: the log source of a rule
/// is tests of their fields.
pub(super) const fn class(platform: Platform, kind: EventKind) -> usize {
    let platform = match kind {
        EventKind::Generic => Platform::Other,
        _ => platform,
    };
    let row = (kind as usize).saturating_mul(Platform::ALL.len());
    row.saturating_add(platform as usize)
}

/// Everything to do for events of one class.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(super) entries: Vec<Entry>,
    pub(super) tests: Vec<PlannedTest>,
    pub(super) fields: Vec<FieldPlan>,
    pub(super) steps: Vec<Step>,
    /// Entries without a gate: looked at for every event.
    pub(super) ungated: Vec<u32>,
}

/// Which part of a rule a selection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// All of it.
    Whole,
    /// One of the selections of what needs several events.
    Step(u32),
    /// None of a rule: the event may speak of jobs, so that rules about jobs
    /// are to be asked.
    Jobs,
}

impl Part {
    /// The number of the selection.
    pub(crate) fn step(self) -> usize {
        match self {
            Part::Step(step) => step as usize,
            Part::Whole | Part::Jobs => 0,
        }
    }
}

/// A selection of a rule, in one class.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(super) rule: u32,
    pub(super) part: Part,
    /// Where its program begins in `Plan::steps`, or an outcome.
    pub(super) start: u32,
    /// What is derived of an event that matches, so that the values are
    /// there for its evidence.
    pub(super) derivations: Derivations,
}

/// The outcome of a program: the selection matches.
pub(super) const MATCH: u32 = u32::MAX;
/// The outcome of a program: the selection does not match.
pub(super) const NO_MATCH: u32 = u32::MAX - 1;
/// The outcomes of a program begin here. Less the number of this one: the
/// selection would match, but for the exclusion of that number.
pub(super) const EXCLUDED: u32 = 1 << 31;

/// One step of a program: ask a question, go on by its answer.
#[derive(Debug)]
pub(crate) struct Step {
    pub(super) question: Question,
    pub(super) passed: u32,
    pub(super) failed: u32,
}

/// What a step asks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Question {
    /// Whether a test passes that a search of a field settles.
    Searched { test: u32, field: u32 },
    /// Whether a test passes that is asked directly.
    Asked { test: u32 },
    /// Whether derivations have run, so that their guard says nothing new.
    HasRun(Derivations),
}

/// A test in a plan.
#[derive(Debug)]
pub(crate) struct PlannedTest {
    pub(super) test: Test,
    /// Place of the test's field in `Plan::fields`.
    pub(super) field: u32,
    /// Whether searching the field settles it; else it is asked directly.
    pub(super) searched: bool,
    /// What yields the test's field, if it is derived.
    pub(super) derivations: Derivations,
    /// Entries whose gate it opens.
    pub(super) opens: Vec<u32>,
    /// The place of its regular expression.
    #[cfg(feature = "regex")]
    pub(super) expression: Option<usize>,
}

/// How one field is searched.
#[derive(Debug)]
pub(crate) struct FieldPlan {
    pub(super) field: Field,
    /// Which member, for [`Field::Member`]; else empty.
    pub(super) member: Text,
    /// What yields the field, if it is derived.
    pub(super) derivations: Derivations,
    /// Whether a gate looks at it, so that every event is searched.
    pub(super) gate: bool,
    /// Tests settled by comparing the whole value.
    pub(super) equals: Option<NameTable<Wanted>>,
    /// Tests settled by comparing the last path component.
    pub(super) names: Option<NameTable<Wanted>>,
    /// Literals of all other tests, searched together.
    pub(super) literals: Option<LiteralSearch>,
    /// Those that have other than ASCII in them, which most values have not:
    /// public rules look for 4,300 emoji and look-alikes in command lines, and
    /// for 1,600 other literals.
    pub(super) foreign: Option<LiteralSearch>,
}

/// So many literals are searched for in the time of a test or two.
const FEW_LITERALS: usize = 400;

/// A search for literals.
#[derive(Debug)]
pub(super) struct LiteralSearch {
    /// Shared by all searches for the same.
    pub(super) literals: Arc<Literals>,
    /// For each literal, what to make of an occurrence.
    pub(super) found: Vec<Found>,
}

impl LiteralSearch {
    fn memory_usage(&self) -> usize {
        let tests = self.found.iter().map(|found| held(&found.wanted));
        // Each that shares them counts its part.
        let shares = Arc::strong_count(&self.literals);
        let literals = self.literals.memory_usage().checked_div(shares);
        let lists = [held(&self.found), literals.unwrap_or(0)];
        tests.chain(lists).sum()
    }
}

/// What to make of an occurrence of a literal.
#[derive(Debug)]
pub(super) struct Found {
    /// The length of the literal.
    pub(super) length: usize,
    /// The tests that pass if it stands as they want it.
    pub(super) wanted: Vec<Wanted>,
}

/// A test that passes where found bytes stand so. By itself and small: a
/// search looks at many of these, and the tests are spread over memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) test: u32,
    pub(super) anchor: Anchor,
}

impl FieldPlan {
    pub(super) fn new(field: Field, member: Text) -> FieldPlan {
        FieldPlan {
            field,
            member,
            derivations: Derivations::of([field]),
            gate: false,
            equals: None,
            names: None,
            literals: None,
            foreign: None,
        }
    }

    /// What tests of the field may cost that are asked one by one, roughly in
    /// nanoseconds, before it is searched for all of them. Most events open a
    /// few programs that ask for one or two of the 1,600 literals of command
    /// lines in public rules, and a search for all takes over a microsecond;
    /// that for the literals of the published rules takes no longer than two
    /// tests.
    pub(super) fn asked_alone(&self) -> usize {
        let literals = self.literals.as_ref();
        let literals = literals.map_or(0, |search| search.found.len());
        match self.gate {
            true => 0,
            false => literals.saturating_sub(FEW_LITERALS) / 2,
        }
    }

    fn memory_usage(&self) -> usize {
        let tables = [&self.equals, &self.names];
        let tables = tables.into_iter().flatten().map(NameTable::memory_usage);
        let searches = self.literals.iter().chain(&self.foreign);
        tables.chain(searches.map(LiteralSearch::memory_usage)).sum()
    }
}

impl Plan {
    /// Nothing to do.
    pub(super) const EMPTY: Plan = Plan {
        entries: Vec::new(),
        tests: Vec::new(),
        fields: Vec::new(),
        steps: Vec::new(),
        ungated: Vec::new(),
    };

    /// Whether there is nothing to do.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Hands over the literals of each search.
    pub(super) fn each_search(&self, take: TakeSearch<'_>) {
        let fields = self.fields.iter();
        let searches = fields
            .flat_map(|field| field.literals.iter().chain(&field.foreign));
        for search in searches {
            let text = |found: &Found| {
                let wanted = found.wanted.first()?;
                let planned = self.tests.get(wanted.test as usize)?;
                let Some(Search::Literal(bytes, _)) = planned.test.search()
                else {
                    return None;
                };
                Some(Literal { bytes, cased: planned.test.cased })
            };
            take(&search.found.iter().filter_map(text).collect::<Vec<_>>());
        }
    }

    pub(super) fn memory_usage(&self) -> usize {
        let opens = self.tests.iter().map(|test| held(&test.opens));
        let fields = self.fields.iter().map(FieldPlan::memory_usage);
        let lists = [
            held(&self.entries),
            held(&self.tests),
            held(&self.fields),
            held(&self.steps),
            held(&self.ungated),
        ];
        opens.chain(fields).chain(lists).sum()
    }
}

/// A place in a list, as plans keep it.
pub(super) fn number(index: usize) -> u32 {
    debug_assert!(u32::try_from(index).is_ok_and(|number| number < EXCLUDED));
    u32::try_from(index).unwrap_or(u32::MAX)
}
