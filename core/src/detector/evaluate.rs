/*!
Running a plan over one event.
*/

use core::ops::ControlFlow;
use std::sync::Arc;

use crate::bytes;
use crate::event::{Event, EventData, Field};
use crate::record::TaskDefinition;
use crate::rule::{Operation, Test};

use super::compile::{
    ASK, FieldPlan, MATCH, NO_MATCH, Part, Plan, PlannedTest, Step,
    find_token, held, passes,
};
use super::{Detector, Expressions};

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
    /// Entries that matched, in rule order.
    matched: Vec<u32>,
    /// Parts of a task definition.
    pub(super) definition: Definition,
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
            passed: vec![0; most(|plan| plan.tests.len()).unwrap_or(0)],
            searched: vec![0; most(|plan| plan.fields.len()).unwrap_or(0)],
            opened: vec![0; entries],
            open: Vec::with_capacity(entries),
            matched: Vec::with_capacity(entries),
            definition: Definition::new(),
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
        let caches = self.caches.iter().map(|it| it.memory_usage());
        #[cfg(not(feature = "regex"))]
        let caches = None;
        words.chain(caches).chain([self.definition.memory_usage()]).sum()
    }

    /// Rules with the part of them that matched, in rule order.
    pub(crate) fn matched<'s>(&'s self, plan: &'s Plan) -> Matched<'s> {
        Matched { entries: self.matched.iter(), plan }
    }

    fn begin(&mut self, detector: &Detector) {
        if !Arc::ptr_eq(&self.detector.inner, &detector.inner) {
            *self = Scratch::new(detector);
        }
        self.open.clear();
        self.matched.clear();
        self.definition.clear();
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

/// The parts of an event's task definition, taken apart at most once.
#[derive(Debug)]
pub(super) struct Definition {
    taken_apart: bool,
    /// The definition, where the event's is escaped once more.
    plain: Vec<u8>,
    is_escaped: bool,
    /// Decoded text of the parts that have entities.
    text: Vec<u8>,
    parts: Vec<(Field, Stored)>,
}

/// Where a part's text is.
#[derive(Clone, Copy, Debug)]
enum Stored {
    /// In the definition as it is.
    Definition(usize, usize),
    /// In `Definition::text`.
    Text(usize, usize),
}

impl Definition {
    const TEXT: usize = 64 << 10;
    const PARTS: usize = 257;

    fn new() -> Definition {
        Definition {
            taken_apart: false,
            plain: Vec::with_capacity(Definition::TEXT),
            is_escaped: false,
            text: Vec::with_capacity(Definition::TEXT),
            parts: Vec::with_capacity(Definition::PARTS),
        }
    }

    fn memory_usage(&self) -> usize {
        [held(&self.plain), held(&self.text), held(&self.parts)].iter().sum()
    }

    fn clear(&mut self) {
        self.taken_apart = false;
    }

    fn take_apart(&mut self, event: &Event<'_>) {
        if self.taken_apart {
            return;
        }
        self.taken_apart = true;
        self.plain.clear();
        self.text.clear();
        self.parts.clear();
        self.is_escaped = false;
        let Some(content) = event.get(Field::TaskContent) else { return };
        if content.trim_ascii_start().starts_with(b"&lt;") {
            self.is_escaped = true;
            TaskDefinition::unescape_into(content, &mut self.plain);
        }
        let xml =
            if self.is_escaped { self.plain.as_slice() } else { content };
        for (field, raw) in TaskDefinition::new(xml).elements() {
            let stored = if memchr::memchr2(b'&', b'<', raw).is_some() {
                let start = self.text.len();
                TaskDefinition::unescape_into(raw, &mut self.text);
                Stored::Text(start, self.text.len())
            } else {
                // Both are parts of one slice, but for an empty text, which
                // may stand anywhere.
                let start =
                    raw.as_ptr().addr().wrapping_sub(xml.as_ptr().addr());
                let start = if raw.is_empty() { 0 } else { start };
                Stored::Definition(start, start.saturating_add(raw.len()))
            };
            self.parts.push((field, stored));
        }
    }

    /// The values of a part, decoded. Only after `take_apart`.
    pub(super) fn values<'a>(
        &'a self,
        event: &Event<'a>,
        field: Field,
    ) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let content = event.get(Field::TaskContent).unwrap_or_default();
        let xml =
            if self.is_escaped { self.plain.as_slice() } else { content };
        let parts = self.parts.iter().filter(move |part| part.0 == field);
        parts.filter_map(move |(_, stored)| match *stored {
            Stored::Definition(start, end) => xml.get(start..end),
            Stored::Text(start, end) => self.text.get(start..end),
        })
    }
}

/// Whether a field is a part of a task definition.
pub(crate) const fn is_derived(field: Field) -> bool {
    matches!(field, Field::Command | Field::Arguments | Field::Hidden)
}

/// Calls `visit` with each value of a field until it breaks. Most fields
/// have one value or none; parts of a task definition may have several.
fn each_value(
    event: &Event<'_>,
    definition: &mut Definition,
    field: Field,
    mut visit: impl FnMut(&[u8]) -> ControlFlow<()>,
) -> ControlFlow<()> {
    if !is_derived(field) {
        return match event.get(field) {
            Some(value) => visit(value),
            None => ControlFlow::Continue(()),
        };
    }
    if !has_definition(&event.data) {
        return ControlFlow::Continue(());
    }
    definition.take_apart(event);
    for value in definition.values(event, field) {
        visit(value)?;
    }
    ControlFlow::Continue(())
}

fn has_definition(data: &EventData<'_>) -> bool {
    data.kind().fields().contains(&Field::TaskContent)
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
        let _ = each_value(
            self.event,
            &mut scratch.definition,
            field.field,
            |value| {
                if let Some(table) = &field.equals {
                    table.get(value).for_each(|test| marks.pass(test));
                }
                if let Some(table) = &field.names {
                    let name = bytes::name(value);
                    let at = value.len().saturating_sub(name.len());
                    table
                        .get(name)
                        .for_each(|test| marks.check_name(test, value, at));
                }
                if let Some(literals) = &field.literals {
                    let _ = literals.find_all(value, |literal, at| {
                        let tests = field.literal_tests.get(literal);
                        for &test in tests.into_iter().flatten() {
                            marks.check(test, value, at);
                        }
                        ControlFlow::Continue(())
                    });
                }
                ControlFlow::Continue(())
            },
        );
    }

    /// Runs the programs of all open entries.
    fn look(&mut self) {
        let mut open = core::mem::take(&mut self.scratch.open);
        open.extend_from_slice(&self.plan.ungated);
        open.sort_unstable();
        for &entry in &open {
            let start = self.plan.entries.get(entry as usize);
            if start.is_some_and(|entry| self.matches(entry.start)) {
                self.scratch.matched.push(entry);
            }
        }
        self.scratch.open = open;
    }

    fn matches(&mut self, start: u32) -> bool {
        let mut at = start;
        while at != MATCH && at != NO_MATCH {
            let Some(step) = self.plan.steps.get(at as usize) else {
                return false;
            };
            let passed = self.passes(step);
            at = if passed { step.passed } else { step.failed };
        }
        at == MATCH
    }

    fn passes(&mut self, step: &Step) -> bool {
        let test = step.test as usize;
        if step.field == ASK {
            let planned = self.plan.tests.get(test);
            return planned.is_some_and(|planned| self.ask(planned));
        }
        let epoch = self.scratch.epoch;
        let field = step.field as usize;
        if self.scratch.searched.get(field) != Some(&epoch)
            && let Some(plan) = self.plan.fields.get(field)
        {
            self.search(field, plan);
        }
        self.scratch.passed.get(test) == Some(&epoch)
    }

    /// Asks a test that no search settles.
    fn ask(&mut self, planned: &PlannedTest) -> bool {
        let test = &planned.test;
        let scratch = &mut *self.scratch;
        let mut present = false;
        let found = each_value(
            self.event,
            &mut scratch.definition,
            test.field,
            |value| {
                present |= !value.is_empty();
                #[cfg(feature = "regex")]
                let passed = match planned.expression {
                    Some(expression) => self.expressions.is_match_with(
                        expression,
                        value,
                        &mut scratch.caches,
                    ),
                    None => passes(test, value, self.expressions),
                };
                #[cfg(not(feature = "regex"))]
                let passed = passes(test, value, self.expressions);
                // One empty value of several does not make a field empty.
                if passed && test.operation != Operation::Null {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
        );
        match test.operation {
            Operation::Null => !present,
            _ => found.is_break(),
        }
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
    /// Checks a test at an occurrence of its literal.
    fn check(&mut self, test: u32, value: &[u8], at: usize) {
        let Some(planned) = self.plan.tests.get(test as usize) else {
            return;
        };
        if holds_at(&planned.test, value, at) {
            self.pass(test);
        }
    }

    /// Checks a test at the last component of a path, which is the one that
    /// it wants.
    fn check_name(&mut self, test: u32, value: &[u8], at: usize) {
        let planned = self.plan.tests.get(test as usize);
        let passes = planned.is_some_and(|it| match it.test.operation {
            // With the separator that the pattern has, not the other one.
            Operation::EndsWith => {
                let before = at.checked_sub(1).and_then(|at| value.get(at));
                before == it.test.pattern.as_bytes().first()
            }
            _ => true,
        });
        if passes {
            self.pass(test);
        }
    }

    fn pass(&mut self, test: u32) {
        match self.passed.get_mut(test as usize) {
            Some(mark) if *mark != self.epoch => *mark = self.epoch,
            _ => return,
        }
        let planned = self.plan.tests.get(test as usize);
        for &entry in planned.into_iter().flat_map(|it| &it.opens) {
            match self.opened.get_mut(entry as usize) {
                Some(mark) if *mark != self.epoch => *mark = self.epoch,
                _ => continue,
            }
            self.open.push(entry);
        }
    }
}

/// Whether an occurrence of a test's literal at `at` makes the test pass.
fn holds_at(test: &Test, value: &[u8], at: usize) -> bool {
    let place = bytes::range(at, test.pattern.len());
    match test.operation {
        Operation::Contains => true,
        Operation::StartsWith => at == 0,
        Operation::EndsWith => place.end == value.len(),
        Operation::Token => bytes::is_token(value, &place),
        _ => false,
    }
}

/// The values of a field after evaluation, without taking anything apart.
pub(super) fn values<'a>(
    event: &'a Event<'a>,
    definition: &'a Definition,
    field: Field,
) -> impl Iterator<Item = &'a [u8]> {
    let direct = (!is_derived(field)).then(|| event.get(field)).flatten();
    // A part that was never asked for has not been taken apart.
    let derived = (is_derived(field) && definition.taken_apart)
        .then(|| definition.values(event, field));
    direct.into_iter().chain(derived.into_iter().flatten())
}

/// Where in a value a test passes: the bytes that made it pass.
pub(super) fn range_of(
    test: &Test,
    value: &[u8],
    expressions: &Expressions,
) -> Option<core::ops::Range<usize>> {
    if !passes(test, value, expressions) {
        return None;
    }
    let pattern = test.pattern.as_bytes();
    let length = value.len();
    Some(match test.operation {
        Operation::StartsWith => 0..pattern.len(),
        Operation::EndsWith | Operation::Name => {
            length.checked_sub(pattern.len())?..length
        }
        Operation::Contains => {
            let at = bytes::find(value, pattern, 0, test.cased)?;
            bytes::range(at, pattern.len())
        }
        Operation::Token => {
            let at = find_token(value, pattern, test.cased)?;
            bytes::range(at, pattern.len())
        }
        #[cfg(feature = "regex")]
        Operation::Regex => expressions.find(test, value)?,
        _ => 0..length,
    })
}
