/*!
Running a plan over one event.
*/

use core::ops::{ControlFlow, Range};
use std::sync::Arc;

use super::plan::{
    CLASSES, EXCLUDED, Entry, FieldPlan, LiteralSearch, MATCH, NO_MATCH, Part,
    Plan, PlannedTest, Question, Wanted,
};
use super::program::Detector;
use crate::bytes;
use crate::derive::{Derivations, Derived, Job};
use crate::event::{Event, EventKind, Field};
use crate::memory::held;
use crate::rule::{Expressions, Origin, Test};

/// The memory that evaluation works in: made once, used for many events, one
/// per thread.
///
/// Fits the detector it was made for, and keeps that alive. Given to another,
/// it is made anew, which allocates; it is then the other's.
///
/// Evaluation allocates nothing, with one exception: a task definition with
/// more than 64 KiB of escaped text or more than 128 actions makes the
/// scratch grow, once. Windows logs no task definition longer than 32 KiB.
#[derive(Debug)]
pub struct Scratch {
    /// The detector that the vectors below are sized for; kept alive, so
    /// that no other can be taken for it.
    detector: Detector,
    /// Rises with each event, so that the marks need no clearing.
    epoch: u32,
    /// Per test: the epoch in which it last passed.
    passed: Vec<u32>,
    /// Per field of the plan: the epoch in which it was last searched.
    searched: Vec<u32>,
    /// Per entry: the epoch in which its gate last opened.
    opened: Vec<u32>,
    /// Entries whose gate is open.
    open: Vec<u32>,
    /// What matched, in rule order.
    matched: Vec<Matched>,
    /// How many matches each exclusion has silenced.
    excluded: Vec<u64>,
    /// Whether the event may speak of jobs that rules ask about.
    may_have_jobs: bool,
    /// Whether jobs are passed over: another event tells them.
    without_jobs: bool,
    /// Values that are derived from those of the event.
    derived: Derived,
    #[cfg(feature = "regex")]
    caches: Vec<regex_automata::meta::Cache>,
}

impl Scratch {
    /// Scratch for a detector.
    pub fn new(detector: &Detector) -> Scratch {
        let mut scratch = Scratch::growing(detector);
        let derived = &mut scratch.derived;
        derived.reserve_texts();
        if detector.asks_for_jobs() {
            derived.reserve_jobs();
        }
        let plans = detector.inner.plans.iter();
        let asked = plans.flat_map(|plan| &plan.entries);
        let asked = asked.map(|entry| entry.derivations);
        derived
            .reserve(asked.fold(Derivations::default(), Derivations::union));
        scratch
    }

    /// Scratch for a detector that takes the memory for task definitions,
    /// command lines and scripts when an event first has one, and then as much
    /// as those need: for programs with many streams, each of which has a
    /// scratch. It is 20 KiB to begin with, and 620 KiB at most where
    /// [`new`](Scratch::new) takes that at once.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::{Detector, Scratch};
    ///
    /// let detector = Detector::new();
    /// let small = Scratch::growing(&detector);
    /// assert!(small.memory_usage() < 32 << 10);
    /// assert!(Scratch::new(&detector).memory_usage() > 500 << 10);
    /// ```
    pub fn growing(detector: &Detector) -> Scratch {
        let plans = &detector.inner.plans;
        let most = |count: fn(&Plan) -> usize| plans.iter().map(count).max();
        // A generic event is asked several plans.
        let (_, generic) = plans.split_at(CLASSES.min(plans.len()));
        let generic = generic.iter().map(|plan| plan.entries.len()).sum();
        let entries =
            most(|plan| plan.entries.len()).unwrap_or(0).max(generic);
        let derived = Derived::new(detector.inner.canonical);
        Scratch {
            detector: detector.clone(),
            epoch: 0,
            passed: vec![0; most(|plan| plan.tests.len()).unwrap_or(0)],
            searched: vec![0; most(|plan| plan.fields.len()).unwrap_or(0)],
            opened: vec![0; entries],
            open: Vec::with_capacity(entries),
            matched: Vec::with_capacity(entries.saturating_mul(2)),
            excluded: vec![0; detector.exclusions().len()],
            may_have_jobs: false,
            without_jobs: false,
            derived,
            #[cfg(feature = "regex")]
            caches: detector.inner.expressions.caches(),
        }
    }

    /// Bytes of memory held.
    pub fn memory_usage(&self) -> usize {
        let words = [&self.passed, &self.searched, &self.opened]
            .into_iter()
            .chain([&self.open])
            .map(held)
            .chain([held(&self.matched), held(&self.excluded)]);
        #[cfg(feature = "regex")]
        let caches = self.caches.iter().map(|cache| cache.memory_usage());
        #[cfg(not(feature = "regex"))]
        let caches = None;
        words.chain(caches).chain([self.derived.memory_usage()]).sum()
    }

    /// How many matches each exclusion has silenced since the scratch was
    /// made, in the order of
    /// [`Detector::exclusions`](crate::Detector::exclusions). Of a rule that
    /// needs several events each event counts, and of one about jobs each
    /// job.
    pub fn excluded(&self) -> &[u64] {
        &self.excluded
    }

    /// Counts from nothing again.
    pub(crate) fn forget_excluded(&mut self) {
        self.excluded.fill(0);
    }

    /// Rules with the part of them that matched, in rule order. A rule about
    /// jobs matches once for each job that it holds of.
    pub(crate) fn matched(&self) -> &[Matched] {
        &self.matched
    }

    /// Whether the event that was evaluated last is part of a sequence or a
    /// count, so that a [`Correlator`](crate::Correlator) is to
    /// [take](crate::Correlator::take) it.
    pub fn is_part(&self) -> bool {
        self.matched.iter().any(|matched| matched.part != Part::Whole)
    }

    /// Passes over the jobs of the events that are evaluated from here on, or
    /// does no longer.
    pub(crate) fn pass_over_jobs(&mut self, without: bool) {
        self.without_jobs = without;
    }

    /// The detector whose events are evaluated in it.
    pub(crate) fn detector(&self) -> &Detector {
        &self.detector
    }

    /// Whether a detector's events are evaluated in it.
    pub(crate) fn is_of(&self, detector: &Detector) -> bool {
        Arc::ptr_eq(&self.detector.inner, &detector.inner)
    }

    /// The values of a field of the event that was evaluated last, and of one
    /// of its jobs. Of a derived field there are those that some rule that
    /// matched asks for.
    pub(crate) fn values<'a>(
        &'a self,
        event: &'a Event<'a>,
        job: Option<u16>,
        field: Field,
    ) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.derived.values(event, job.map(usize::from), field)
    }

    /// The values that come from somewhere in the event that was evaluated last:
    /// those of the field, or if it has none, of the member.
    pub(crate) fn values_from<'a>(
        &'a self,
        event: &'a Event<'a>,
        job: Option<u16>,
        origin: &'a Origin,
    ) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut values = self.values(event, job, origin.field).peekable();
        let members = match values.peek() {
            Some(_) => None,
            None => event.member(&origin.member),
        };
        values.chain(members)
    }

    /// A job that the event speaks of which was evaluated last.
    pub(crate) fn job(&self, index: u16) -> Option<Job<'_>> {
        self.derived.job(usize::from(index))
    }

    /// Whether a test passes for a value of the event that was evaluated
    /// last, by plain comparison.
    pub(crate) fn passes(
        &self,
        event: &Event<'_>,
        job: Option<u16>,
        test: &Test,
        value: &[u8],
        expressions: &Expressions,
    ) -> bool {
        match test.other() {
            Some((field, member)) => self
                .derived
                .asked(event, job.map(usize::from), field, member)
                .any(|other| test.relates(value, other)),
            None => test.passes(value, expressions),
        }
    }

    /// The values that a test is asked of.
    pub(crate) fn asked<'a>(
        &'a self,
        event: &'a Event<'a>,
        job: Option<u16>,
        test: &'a Test,
    ) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let job = job.map(usize::from);
        self.derived.asked(event, job, test.field, &test.member)
    }

    fn begin(&mut self, detector: &Detector) {
        if !Arc::ptr_eq(&self.detector.inner, &detector.inner) {
            *self = Scratch::new(detector);
        }
        self.matched.clear();
        self.may_have_jobs = false;
        self.derived.clear();
    }

    /// Forgets which tests passed: of another event, or of another job.
    fn begin_pass(&mut self) {
        self.open.clear();
        self.epoch = match self.epoch.checked_add(1) {
            Some(epoch) => epoch,
            None => {
                for marks in
                    [&mut self.passed, &mut self.searched, &mut self.opened]
                {
                    marks.fill(0);
                }
                1
            }
        };
    }
}

/// A rule, or a part of one, that matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Matched {
    pub(crate) rule: u32,
    /// The job that it speaks of, if it speaks of one.
    pub(crate) job: Option<u16>,
    pub(crate) part: Part,
}

/// Runs the plan of an event's class, then those of rules about jobs for each
/// job that the event speaks of; what matches is in the scratch afterwards.
pub(super) fn run(
    detector: &Detector,
    event: &Event<'_>,
    scratch: &mut Scratch,
) {
    scratch.begin(detector);
    match event.kind() {
        EventKind::ScheduledJob => {}
        EventKind::Generic => {
            for plan in detector.inner.sources.of(event) {
                let plan = detector.inner.plans.get(plan as usize);
                debug_assert!(plan.is_some());
                if let Some(plan) = plan {
                    run_plan(detector, plan, event, None, scratch);
                }
            }
            scratch.matched.sort_unstable();
            return;
        }
        kind => {
            let plan = detector.plan(event.platform, kind);
            run_plan(detector, plan, event, None, scratch);
            if !scratch.may_have_jobs {
                return;
            }
        }
    }
    let plan = detector.plan(event.platform, EventKind::ScheduledJob);
    for job in 0..scratch.derived.read_jobs(event) {
        run_plan(detector, plan, event, u16::try_from(job).ok(), scratch);
    }
    scratch.matched.sort_unstable();
}

/// Runs a plan over an event, or one of its jobs.
fn run_plan(
    detector: &Detector,
    plan: &Plan,
    event: &Event<'_>,
    job: Option<u16>,
    scratch: &mut Scratch,
) {
    if plan.is_empty() {
        return;
    }
    scratch.begin_pass();
    let expressions = &detector.inner.expressions;
    let mut run =
        Run { plan, event, job, expressions, scratch, asked_alone: 0 };
    for (index, field) in plan.fields.iter().enumerate() {
        if field.gate {
            run.search(index, field);
        }
    }
    run.look();
}

struct Run<'r> {
    plan: &'r Plan,
    event: &'r Event<'r>,
    /// The job that is asked about.
    job: Option<u16>,
    expressions: &'r Expressions,
    scratch: &'r mut Scratch,
    /// What the tests cost that were asked one by one.
    asked_alone: usize,
}

impl Run<'_> {
    /// Settles all searched tests of a field in one pass over its values.
    fn search(&mut self, index: usize, field: &FieldPlan) {
        let scratch = &mut *self.scratch;
        let epoch = scratch.epoch;
        match scratch.searched.get_mut(index) {
            Some(mark) if *mark != epoch => *mark = epoch,
            _ => return,
        }
        let mut marks = Marks {
            plan: self.plan,
            epoch,
            passed: &mut scratch.passed,
            opened: &mut scratch.opened,
            open: &mut scratch.open,
        };
        if field.field.is_asked_only() {
            let derived = &scratch.derived;
            let job = self.job.map(usize::from);
            let member = field.member.as_ref();
            for value in derived.asked(self.event, job, field.field, member) {
                marks.search(field, value);
            }
            return;
        }
        if field.derivations.is_empty() && self.job.is_none() {
            if let Some(value) = self.event.get(field.field) {
                marks.search(field, value);
            }
            return;
        }
        scratch.derived.run(field.derivations, self.event);
        let job = self.job.map(usize::from);
        for value in scratch.derived.values(self.event, job, field.field) {
            marks.search(field, value);
        }
    }

    /// Runs the programs of all open entries.
    fn look(&mut self) {
        let mut open = core::mem::take(&mut self.scratch.open);
        open.extend_from_slice(&self.plan.ungated);
        open.sort_unstable();
        for &number in &open {
            let Some(entry) = self.plan.entries.get(number as usize) else {
                debug_assert!(false, "entry {number}");
                continue;
            };
            match self.outcome(entry.start) {
                MATCH => {}
                NO_MATCH => continue,
                excluded => {
                    let number = excluded.saturating_sub(EXCLUDED) as usize;
                    let count = self.scratch.excluded.get_mut(number);
                    debug_assert!(count.is_some(), "exclusion {number}");
                    if let Some(count) = count {
                        *count = count.saturating_add(1);
                    }
                    continue;
                }
            }
            if entry.part == Part::Jobs {
                self.scratch.may_have_jobs = !self.scratch.without_jobs;
                continue;
            }
            let Entry { rule, part, .. } = *entry;
            let matched = Matched { rule, part, job: self.job };
            self.scratch.matched.push(matched);
            self.scratch.derived.run(entry.derivations, self.event);
        }
        self.scratch.open = open;
    }

    /// Runs a program to one of its outcomes.
    fn outcome(&mut self, start: u32) -> u32 {
        let mut at = start;
        while at < EXCLUDED {
            let Some(step) = self.plan.steps.get(at as usize) else {
                debug_assert!(false, "step {at}");
                return NO_MATCH;
            };
            let passed = self.answer(step.question);
            at = if passed { step.passed } else { step.failed };
        }
        at
    }

    fn answer(&mut self, question: Question) -> bool {
        match question {
            Question::Searched { test, field } => {
                let field = field as usize;
                let epoch = self.scratch.epoch;
                if self.scratch.searched.get(field) != Some(&epoch)
                    && let Some(plan) = self.plan.fields.get(field)
                {
                    if self.asked_alone < plan.asked_alone()
                        && let Some(planned) =
                            self.plan.tests.get(test as usize)
                    {
                        let cost = planned.test.cost();
                        self.asked_alone =
                            self.asked_alone.saturating_add(cost);
                        return self.ask(planned);
                    }
                    self.search(field, plan);
                }
                self.scratch.passed.get(test as usize) == Some(&epoch)
            }
            Question::Asked { test } => {
                let planned = self.plan.tests.get(test as usize);
                planned.is_some_and(|planned| self.ask(planned))
            }
            Question::HasRun(derivations) => {
                self.scratch.derived.has_run(derivations)
            }
        }
    }

    /// Asks a test that no search settles.
    fn ask(&mut self, planned: &PlannedTest) -> bool {
        let test = &planned.test;
        let scratch = &mut *self.scratch;
        scratch.derived.run(planned.derivations, self.event);
        let derived = &scratch.derived;
        let job = self.job.map(usize::from);
        let asked =
            |field, member| derived.asked(self.event, job, field, member);
        if let Some((field, member)) = test.other() {
            let values = asked(test.field, &test.member);
            return test.passes_any(values, |value| {
                let mut others = asked(field, member);
                others.any(|other| test.relates(value, other))
            });
        }
        let passes = |value: &[u8]| {
            #[cfg(feature = "regex")]
            if let Some(place) = planned.expression {
                let caches = &mut scratch.caches;
                return self.expressions.is_match_with(place, value, caches);
            }
            test.passes(value, self.expressions)
        };
        // As nearly all are: what goes through all values that there may be
        // takes longer to make than most tests.
        if derived.is_direct(job, test.field) {
            let value = self.event.get(test.field);
            return test.passes_any(value.into_iter(), passes);
        }
        test.passes_any(asked(test.field, &test.member), passes)
    }
}

/// Where passed tests are marked.
struct Marks<'m> {
    plan: &'m Plan,
    epoch: u32,
    passed: &'m mut [u32],
    opened: &'m mut [u32],
    open: &'m mut Vec<u32>,
}

impl Marks<'_> {
    /// Settles all searched tests of a field for one of its values.
    fn search(&mut self, field: &FieldPlan, value: &[u8]) {
        if let Some(table) = &field.equals {
            let whole = 0..value.len();
            for wanted in table.get(value) {
                self.check(wanted, value, &whole);
            }
        }
        if let Some(table) = &field.names {
            let name = bytes::name(value);
            let start = value.len().saturating_sub(name.len());
            for wanted in table.get(name) {
                self.check(wanted, value, &(start..value.len()));
            }
        }
        if let Some(search) = &field.literals {
            self.find(search, value);
        }
        if let Some(search) = &field.foreign
            && !value.is_ascii()
        {
            self.find(search, value);
        }
    }

    fn find(&mut self, search: &LiteralSearch, value: &[u8]) {
        let _ = search.literals.find_all(value, |literal, at| {
            let Some(found) = search.found.get(literal) else {
                debug_assert!(false, "literal {literal}");
                return ControlFlow::Continue(());
            };
            let place = bytes::range(at, found.length);
            for &wanted in &found.wanted {
                self.check(wanted, value, &place);
            }
            ControlFlow::Continue(())
        });
    }

    /// Lets a test pass if what was found at a place stands as it wants it.
    #[inline]
    fn check(&mut self, wanted: Wanted, value: &[u8], place: &Range<usize>) {
        if wanted.anchor.holds(value, place.clone()) {
            self.pass(wanted.test);
        }
    }

    fn pass(&mut self, test: u32) {
        match self.passed.get_mut(test as usize) {
            Some(mark) if *mark != self.epoch => *mark = self.epoch,
            _ => return,
        }
        let planned = self.plan.tests.get(test as usize);
        for &entry in planned.into_iter().flat_map(|planned| &planned.opens) {
            match self.opened.get_mut(entry as usize) {
                Some(mark) if *mark != self.epoch => *mark = self.epoch,
                _ => continue,
            }
            self.open.push(entry);
        }
    }
}
