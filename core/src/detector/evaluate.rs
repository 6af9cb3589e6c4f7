/*!
Running a plan over one event.
*/

use core::ops::{ControlFlow, Range};
use std::sync::Arc;

use super::plan::{
    FieldPlan, MATCH, NO_MATCH, Part, Plan, PlannedTest, Question, Wanted,
    class, held,
};
use super::{Detector, Expressions};
use crate::bytes;
use crate::derive::Derived;
use crate::event::{Event, Field};

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
    /// The class of the event that was evaluated last.
    class: usize,
    /// Per test: the epoch in which it last passed.
    passed: Vec<u32>,
    /// Per field of the plan: the epoch in which it was last searched.
    searched: Vec<u32>,
    /// Per entry: the epoch in which its gate last opened.
    opened: Vec<u32>,
    /// Entries whose gate is open.
    open: Vec<u32>,
    /// Entries that matched, in rule order.
    matched: Vec<u32>,
    /// Values that are derived from those of the event.
    derived: Derived,
    #[cfg(feature = "regex")]
    caches: Vec<regex_automata::meta::Cache>,
}

impl Scratch {
    /// Scratch for a detector.
    pub fn new(detector: &Detector) -> Scratch {
        let plans = &detector.inner.plans;
        let most = |count: fn(&Plan) -> usize| plans.iter().map(count).max();
        let entries = most(|plan| plan.entries.len()).unwrap_or(0);
        Scratch {
            detector: detector.clone(),
            epoch: 0,
            class: 0,
            passed: vec![0; most(|plan| plan.tests.len()).unwrap_or(0)],
            searched: vec![0; most(|plan| plan.fields.len()).unwrap_or(0)],
            opened: vec![0; entries],
            open: Vec::with_capacity(entries),
            matched: Vec::with_capacity(entries),
            derived: Derived::new(),
            #[cfg(feature = "regex")]
            caches: detector.inner.expressions.caches(),
        }
    }

    /// Bytes of memory held.
    pub fn memory_usage(&self) -> usize {
        let words = [&self.passed, &self.searched, &self.opened]
            .into_iter()
            .chain([&self.open, &self.matched])
            .map(held);
        #[cfg(feature = "regex")]
        let caches = self.caches.iter().map(|cache| cache.memory_usage());
        #[cfg(not(feature = "regex"))]
        let caches = None;
        words.chain(caches).chain([self.derived.memory_usage()]).sum()
    }

    /// Rules with the part of them that matched, in rule order.
    pub(crate) fn matched<'s>(&'s self, plan: &'s Plan) -> Matched<'s> {
        Matched { entries: self.matched.iter(), plan }
    }

    /// Whether the event that was evaluated last is part of a sequence or a
    /// count, so that a [`Correlator`](crate::Correlator) is to
    /// [take](crate::Correlator::take) it. False for an event of another
    /// kind than that one.
    pub fn is_part(&self, event: &Event<'_>) -> bool {
        let mut matched = self.matched(self.detector.plan(event));
        self.is_of(&self.detector, event)
            && matched.any(|(_, part)| part != Part::Whole)
    }

    /// Whether an event of this kind was evaluated in it last, and by this
    /// detector.
    pub(crate) fn is_of(
        &self,
        detector: &Detector,
        event: &Event<'_>,
    ) -> bool {
        Arc::ptr_eq(&self.detector.inner, &detector.inner)
            && self.class == class(event.platform, event.kind())
    }

    /// The values of a field of the event that was evaluated last. Of a
    /// derived field there are those that some rule that matched asks for.
    pub(crate) fn values<'a>(
        &'a self,
        event: &'a Event<'a>,
        field: Field,
    ) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.derived.values(event, field)
    }

    fn begin(&mut self, detector: &Detector) {
        if !Arc::ptr_eq(&self.detector.inner, &detector.inner) {
            *self = Scratch::new(detector);
        }
        self.open.clear();
        self.matched.clear();
        self.derived.clear();
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

/// Rules with the part of them that matched.
#[derive(Clone, Debug)]
pub(crate) struct Matched<'s> {
    entries: core::slice::Iter<'s, u32>,
    plan: &'s Plan,
}

impl Iterator for Matched<'_> {
    type Item = (u32, Part);

    fn next(&mut self) -> Option<(u32, Part)> {
        let entry = *self.entries.next()?;
        let entry = self.plan.entries.get(entry as usize)?;
        Some((entry.rule, entry.part))
    }
}

/// Runs the plan of an event's class; the entries that match are in the
/// scratch afterwards.
pub(super) fn run(
    detector: &Detector,
    plan: &Plan,
    event: &Event<'_>,
    scratch: &mut Scratch,
) {
    if plan.entries.is_empty() {
        scratch.matched.clear();
        return;
    }
    scratch.begin(detector);
    scratch.class = class(event.platform, event.kind());
    let mut run =
        Run { plan, event, expressions: &detector.inner.expressions, scratch };
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
    expressions: &'r Expressions,
    scratch: &'r mut Scratch,
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
        if field.derivations.is_empty() {
            if let Some(value) = self.event.get(field.field) {
                marks.search(field, value);
            }
            return;
        }
        scratch.derived.run(field.derivations, self.event);
        for value in scratch.derived.values(self.event, field.field) {
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
            if self.matches(entry.start) {
                self.scratch.matched.push(number);
                self.scratch.derived.run(entry.derivations, self.event);
            }
        }
        self.scratch.open = open;
    }

    fn matches(&mut self, start: u32) -> bool {
        let mut at = start;
        while at != MATCH && at != NO_MATCH {
            let Some(step) = self.plan.steps.get(at as usize) else {
                debug_assert!(false, "step {at}");
                return false;
            };
            let passed = self.answer(step.question);
            at = if passed { step.passed } else { step.failed };
        }
        at == MATCH
    }

    fn answer(&mut self, question: Question) -> bool {
        match question {
            Question::Searched { test, field } => {
                let field = field as usize;
                let epoch = self.scratch.epoch;
                if self.scratch.searched.get(field) != Some(&epoch)
                    && let Some(plan) = self.plan.fields.get(field)
                {
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
        let values = scratch.derived.values(self.event, test.field);
        test.passes_any(values, |value| {
            #[cfg(feature = "regex")]
            if let Some(place) = planned.expression {
                let caches = &mut scratch.caches;
                return self.expressions.is_match_with(place, value, caches);
            }
            test.passes(value, self.expressions)
        })
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
        if let Some(literals) = &field.literals {
            let _ = literals.find_all(value, |literal, at| {
                let Some(found) = field.found.get(literal) else {
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
