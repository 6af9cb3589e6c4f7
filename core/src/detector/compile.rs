/*!
Rules to a program: what to look at, for each class of event, in which order.

Events fall into classes by platform and kind. For each class there is a plan:
its distinct tests, grouped by field; and per selection a gate (tests of which
at least one passes whenever the selection matches) and a branching program
over the tests. Only fields that gates look at are searched for every event;
the rest is looked at when a gate has opened.
*/

use std::collections::HashMap;

use t1053_literals::{Literal, Literals};

use crate::bytes;
use crate::event::{EventKind, Field, Platform};
use crate::rule::{Logic, Operation, Predicate, Rule, Selection, Test};

use super::Expressions;

/// Classes of events: a platform and a kind.
pub(super) const CLASSES: usize = Platform::ALL.len() * EventKind::ALL.len();

pub(super) const fn class(platform: Platform, kind: EventKind) -> usize {
    let row = (kind as usize).saturating_mul(Platform::ALL.len());
    row.saturating_add(platform as usize)
}

/// Which part of a rule a selection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it.
    Whole,
    /// The first event of a sequence.
    First,
    /// The second event of a sequence.
    Second,
}

/// A selection of a rule, in one class.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(super) rule: u32,
    pub(super) part: Part,
    /// Where its program begins in `Plan::steps`, or an outcome.
    pub(super) start: u32,
}

/// The outcome of a program: the selection matches.
pub(super) const MATCH: u32 = u32::MAX;
/// The outcome of a program: the selection does not match.
pub(super) const NO_MATCH: u32 = u32::MAX - 1;

/// One step of a program: look at a test, go on by its result.
#[derive(Debug)]
pub(crate) struct Step {
    pub(super) test: u32,
    /// The field to search first, or [`ASK`].
    pub(super) field: u32,
    pub(super) passed: u32,
    pub(super) failed: u32,
}

/// Tests without a gate that are worth a search of their own.
const MANY: usize = 64;

/// No field: the test is asked directly.
pub(super) const ASK: u32 = u32::MAX;

/// A test in a plan.
#[derive(Debug)]
pub(crate) struct PlannedTest {
    pub(super) test: Test,
    /// Place of the test's field in `Plan::fields`.
    pub(super) field: u32,
    /// Whether searching the field settles it; else it is asked directly.
    pub(super) searched: bool,
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
    /// Whether a gate looks at it, so that every event is searched.
    pub(super) gate: bool,
    /// Tests settled by comparing the whole value.
    pub(super) equals: Option<NameTable>,
    /// Tests settled by comparing the last path component.
    pub(super) names: Option<NameTable>,
    /// Literals of all other tests, searched together.
    pub(super) literals: Option<Literals>,
    /// For each literal, the tests to check where it occurs.
    pub(super) literal_tests: Vec<Vec<u32>>,
}

impl FieldPlan {
    fn new(field: Field) -> FieldPlan {
        FieldPlan {
            field,
            gate: false,
            equals: None,
            names: None,
            literals: None,
            literal_tests: Vec::new(),
        }
    }
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

/// Tests by the exact bytes they want, ignoring ASCII case: one probe
/// settles all of them.
#[derive(Debug)]
pub(crate) struct NameTable {
    /// Open addressing; a power of two, at most half full.
    slots: Vec<Option<(Box<[u8]>, u32)>>,
    longest: usize,
}

impl NameTable {
    fn new(names: &[(Box<[u8]>, u32)]) -> NameTable {
        let size = names.len().saturating_mul(2).next_power_of_two().max(4);
        let mut table = NameTable { slots: vec![None; size], longest: 0 };
        for (name, test) in names {
            table.longest = table.longest.max(name.len());
            let free = table
                .probe(hash(name))
                .find(|&at| matches!(table.slots.get(at), Some(None)));
            let slot = free.and_then(|at| table.slots.get_mut(at));
            if let Some(slot) = slot {
                *slot = Some((name.clone(), *test));
            }
        }
        table
    }

    /// Where to look for what has this hash, in order.
    fn probe(&self, hash: usize) -> impl Iterator<Item = usize> + use<> {
        let mask = self.slots.len().saturating_sub(1);
        let first = hash & mask;
        (first..).map(move |at| at & mask)
    }

    /// The tests that want this value.
    pub(super) fn get<'t>(
        &'t self,
        value: &'t [u8],
    ) -> impl Iterator<Item = u32> + 't {
        let may_be = value.len() <= self.longest;
        let hash = if may_be { hash(value) } else { 0 };
        let slots = self.probe(hash).map_while(move |at| {
            let slot = self.slots.get(at).filter(|_| may_be);
            slot.and_then(Option::as_ref)
        });
        let wanted =
            slots.filter(move |(name, _)| name.eq_ignore_ascii_case(value));
        wanted.map(|(_, test)| *test)
    }

    fn memory_usage(&self) -> usize {
        let names = self.slots.iter().flatten().map(|(name, _)| name.len());
        held(&self.slots).saturating_add(names.sum())
    }
}

/// A hash of the length and up to eight bytes at either end, folded: names
/// that differ, differ there. The mask folds more than letters, which only
/// matters to how evenly the table fills.
fn hash(bytes: &[u8]) -> usize {
    const FOLD: u64 = 0x2020_2020_2020_2020;
    let (head, tail) = match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(head), Some(tail)) => {
            (u64::from_le_bytes(*head), u64::from_le_bytes(*tail))
        }
        _ => {
            let short = bytes
                .iter()
                .fold(0, |word, byte| word << 8 | u64::from(*byte));
            (short, 0)
        }
    };
    let mixed = ((head | FOLD) ^ (tail | FOLD).rotate_left(29))
        .wrapping_add(bytes.len() as u64)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15);
    // The last bits are asked for, and the first ones are the good ones.
    mixed.swap_bytes() as usize
}

/// Makes the plans of all classes.
pub(super) fn plans(rules: &[Rule], expressions: &Expressions) -> Vec<Plan> {
    let mut builders: Vec<PlanBuilder<'_>> =
        (0..CLASSES).map(|_| PlanBuilder::new(expressions)).collect();
    for (index, rule) in rules.iter().enumerate() {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let mut add = |selection: &Selection, part| {
            for &kind in selection.kinds.iter() {
                let class = class(rule.detection.platform, kind);
                if let Some(builder) = builders.get_mut(class) {
                    builder.add(index, part, &selection.predicate);
                }
            }
        };
        match &rule.logic {
            Logic::Single(selection) => add(selection, Part::Whole),
            Logic::Sequence(sequence) => {
                add(&sequence.first, Part::First);
                add(&sequence.second, Part::Second);
            }
        }
    }
    builders.into_iter().map(PlanBuilder::finish).collect()
}

/// A plan in the making.
struct PlanBuilder<'x> {
    #[cfg_attr(not(feature = "regex"), expect(dead_code))]
    expressions: &'x Expressions,
    plan: Plan,
    known_tests: HashMap<TestKey, u32>,
    known_fields: HashMap<Field, u32>,
}

/// What makes two tests the same.
#[derive(PartialEq, Eq, Hash)]
struct TestKey {
    field: Field,
    operation: core::mem::Discriminant<Operation>,
    threshold: u32,
    pattern: Vec<u8>,
    cased: bool,
}

impl<'x> PlanBuilder<'x> {
    fn new(expressions: &'x Expressions) -> PlanBuilder<'x> {
        PlanBuilder {
            expressions,
            plan: Plan::default(),
            known_tests: HashMap::new(),
            known_fields: HashMap::new(),
        }
    }

    fn add(&mut self, rule: u32, part: Part, predicate: &Predicate) {
        let entry = number(self.plan.entries.len());
        let start = self.program(predicate, MATCH, NO_MATCH);
        self.plan.entries.push(Entry { rule, part, start });
        match self.gate(predicate) {
            Some(tests) => {
                for test in tests {
                    let test = self.plan.tests.get_mut(test as usize);
                    if let Some(test) = test
                        && !test.opens.contains(&entry)
                    {
                        test.opens.push(entry);
                    }
                }
            }
            None => self.plan.ungated.push(entry),
        }
    }

    /// Compiles a predicate so that it goes on at one of two places by its
    /// outcome; returns where to begin. Built from its end, so every place
    /// to go on at is known.
    fn program(&mut self, predicate: &Predicate, yes: u32, no: u32) -> u32 {
        match predicate {
            Predicate::Test(test) => {
                let test = self.test(test);
                let at = number(self.plan.steps.len());
                // The field is filled in when the fields are parted.
                let (field, passed, failed) = (ASK, yes, no);
                self.plan.steps.push(Step { test, field, passed, failed });
                at
            }
            Predicate::All(parts) => self
                .cheapest_first(parts)
                .into_iter()
                .rev()
                .fold(yes, |next, part| self.program(part, next, no)),
            Predicate::Any(parts) => self
                .cheapest_first(parts)
                .into_iter()
                .rev()
                .fold(no, |next, part| self.program(part, yes, next)),
            Predicate::None(parts) => self
                .cheapest_first(parts)
                .into_iter()
                .rev()
                .fold(yes, |next, part| self.program(part, no, next)),
        }
    }

    fn cheapest_first<'p>(
        &self,
        parts: &'p [Predicate],
    ) -> Vec<&'p Predicate> {
        let mut parts: Vec<&Predicate> = parts.iter().collect();
        parts.sort_by_key(|part| cost(part));
        parts
    }

    /// The number of a test, the same for equal tests.
    fn test(&mut self, test: &Test) -> u32 {
        let mut pattern = test.pattern.as_bytes().to_vec();
        // Folding changes what a regular expression means.
        if !test.cased && test.operation != Operation::Regex {
            pattern.make_ascii_lowercase();
        }
        let threshold = match test.operation {
            Operation::EntropyAbove(bits) => bits.to_bits(),
            _ => 0,
        };
        let key = TestKey {
            field: test.field,
            operation: core::mem::discriminant(&test.operation),
            threshold,
            pattern,
            cased: test.cased,
        };
        if let Some(&known) = self.known_tests.get(&key) {
            return known;
        }
        let fields = &mut self.plan.fields;
        let field =
            *self.known_fields.entry(test.field).or_insert_with(|| {
                let place = number(fields.len());
                fields.push(FieldPlan::new(test.field));
                place
            });
        let id = number(self.plan.tests.len());
        self.plan.tests.push(PlannedTest {
            test: test.clone(),
            field,
            searched: is_searched(test),
            opens: Vec::new(),
            #[cfg(feature = "regex")]
            expression: (test.operation == Operation::Regex)
                .then(|| self.expressions.place(test))
                .flatten(),
        });
        self.known_tests.insert(key, id);
        id
    }

    /// The cheapest set of tests of which one passes whenever the predicate
    /// holds; `None` when there is no such set.
    fn gate(&mut self, predicate: &Predicate) -> Option<Vec<u32>> {
        let chosen = required(predicate)?;
        Some(chosen.iter().map(|test| self.test(test)).collect())
    }

    /// Parts the tests of a field that no gate looks at from those that one
    /// does, where there are many: a search for few literals is faster, and
    /// the rest is searched only for entries whose gate has opened.
    fn part_fields(&mut self) {
        for at in 0..self.plan.fields.len() {
            let place = number(at);
            let tests = || {
                let tests = self.plan.tests.iter();
                tests.filter(|it| it.field == place && it.searched)
            };
            let rest = tests().filter(|it| it.opens.is_empty()).count();
            let Some(field) = self.plan.fields.get(at) else { continue };
            if rest < MANY || rest == tests().count() {
                continue;
            }
            let field = FieldPlan::new(field.field);
            let new = number(self.plan.fields.len());
            self.plan.fields.push(field);
            for test in &mut self.plan.tests {
                if test.field == place && test.opens.is_empty() {
                    test.field = new;
                }
            }
        }
        for step in &mut self.plan.steps {
            let test = self.plan.tests.get(step.test as usize);
            if let Some(test) = test.filter(|it| it.searched) {
                step.field = test.field;
            }
        }
    }

    fn finish(mut self) -> Plan {
        self.part_fields();
        let mut equals: Vec<Vec<(Box<[u8]>, u32)>> =
            vec![Vec::new(); self.plan.fields.len()];
        let mut names = equals.clone();
        let mut literals: Vec<Vec<(Vec<u8>, bool)>> =
            vec![Vec::new(); self.plan.fields.len()];
        let mut known: Vec<HashMap<(Vec<u8>, bool), usize>> =
            vec![HashMap::new(); self.plan.fields.len()];
        for (id, planned) in self.plan.tests.iter().enumerate() {
            let id = number(id);
            let at = planned.field as usize;
            let Some(field) = self.plan.fields.get_mut(at) else { continue };
            field.gate |= !planned.opens.is_empty();
            if !planned.searched {
                continue;
            }
            let test = &planned.test;
            let mut pattern = test.pattern.as_bytes().to_vec();
            if !test.cased {
                pattern.make_ascii_lowercase();
            }
            let table = match test.operation {
                Operation::Equals => equals.get_mut(at),
                Operation::Name => names.get_mut(at),
                Operation::EndsWith => {
                    let name = name_in(test).map(<[u8]>::len);
                    let start =
                        name.and_then(|name| pattern.len().checked_sub(name));
                    start.and_then(|start| {
                        pattern.drain(..start);
                        names.get_mut(at)
                    })
                }
                _ => None,
            };
            if let Some(table) = table {
                table.push((pattern.into(), id));
                continue;
            }
            let (Some(known), Some(literals)) =
                (known.get_mut(at), literals.get_mut(at))
            else {
                continue;
            };
            let tests = &mut field.literal_tests;
            let literal = *known
                .entry((pattern, test.cased))
                .or_insert_with_key(|(pattern, cased)| {
                    let place = tests.len();
                    literals.push((pattern.clone(), *cased));
                    tests.push(Vec::new());
                    place
                });
            if let Some(tests) = tests.get_mut(literal) {
                tests.push(id);
            }
        }
        let tables = equals.into_iter().zip(names).zip(literals);
        for (field, ((equals, names), literals)) in
            self.plan.fields.iter_mut().zip(tables)
        {
            let table = |names: Vec<(Box<[u8]>, u32)>| {
                (!names.is_empty()).then(|| NameTable::new(&names))
            };
            field.equals = table(equals);
            field.names = table(names);
            field.literals =
                (!literals.is_empty()).then(|| {
                    Literals::new(literals.iter().map(|(bytes, cased)| {
                        Literal { bytes, cased: *cased }
                    }))
                });
        }
        self.plan
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

    pub(super) fn memory_usage(&self) -> usize {
        let opens = self.tests.iter().map(|test| held(&test.opens));
        let fields = self.fields.iter().map(|field| {
            let tables = [&field.equals, &field.names];
            let tables = tables.into_iter().flatten();
            let literals = field.literals.iter();
            tables
                .map(NameTable::memory_usage)
                .chain(literals.map(Literals::memory_usage))
                .chain(field.literal_tests.iter().map(held))
                .chain([held(&field.literal_tests)])
                .sum()
        });
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

/// Bytes that a list takes, without what its members hold elsewhere.
pub(crate) fn held<T>(list: &Vec<T>) -> usize {
    list.capacity().saturating_mul(size_of::<T>())
}

/// Whether searching a field can settle a test for good.
pub(crate) fn is_searched(test: &Test) -> bool {
    match test.operation {
        // A table holds one spelling; cased ones are asked directly.
        Operation::Equals | Operation::Name => !test.cased,
        Operation::StartsWith
        | Operation::EndsWith
        | Operation::Contains
        | Operation::Token => !test.pattern.is_empty(),
        _ => false,
    }
}

/// The name in a pattern such as `\name.exe`, which a value can only end with
/// if that is its last path component: then a probe settles it as well, once
/// the separator is compared too.
fn name_in(test: &Test) -> Option<&[u8]> {
    let (first, name) = test.pattern.as_bytes().split_first()?;
    let is_separator = |byte: &u8| matches!(byte, b'/' | b'\\');
    let is_name = test.operation == Operation::EndsWith
        && !test.cased
        && is_separator(first)
        && !name.is_empty()
        && !name.iter().any(is_separator);
    is_name.then_some(name)
}

/// What a test costs, roughly in nanoseconds on a usual value.
fn test_cost(test: &Test) -> usize {
    match test.operation {
        Operation::Exists | Operation::Null => 1,
        Operation::Equals | Operation::Name => 4,
        Operation::EndsWith if name_in(test).is_some() => 4,
        Operation::StartsWith | Operation::EndsWith => 20,
        Operation::Contains | Operation::Token => 40,
        Operation::Like => 100,
        Operation::EntropyAbove(_) => 400,
        Operation::Regex => 1000,
    }
}

fn cost(predicate: &Predicate) -> usize {
    match predicate {
        Predicate::Test(test) => test_cost(test),
        Predicate::All(parts)
        | Predicate::Any(parts)
        | Predicate::None(parts) => parts.iter().map(cost).sum(),
    }
}

/// The cheapest set of tests of which at least one passes whenever the
/// predicate holds.
///
/// For all of several parts, any part's set will do; for any of them, it
/// takes a set of each. Negations and tests that a search does not settle
/// give none.
pub(crate) fn required(predicate: &Predicate) -> Option<Vec<&Test>> {
    match predicate {
        Predicate::Test(test) => is_searched(test).then(|| vec![test]),
        Predicate::All(parts) => {
            parts.iter().filter_map(required).min_by_key(|set| {
                set.iter().map(|it| test_cost(it)).sum::<usize>()
            })
        }
        Predicate::Any(parts) => {
            let sets: Option<Vec<Vec<&Test>>> =
                parts.iter().map(required).collect();
            Some(sets?.into_iter().flatten().collect())
        }
        Predicate::None(_) => None,
    }
}

/// Whether one value passes a test, by plain comparison.
pub(crate) fn passes(
    test: &Test,
    value: &[u8],
    #[cfg_attr(not(feature = "regex"), expect(unused_variables))]
    expressions: &Expressions,
) -> bool {
    let pattern = test.pattern.as_bytes();
    match test.operation {
        Operation::Equals => bytes::equals(value, pattern, test.cased),
        Operation::Name => {
            bytes::equals(bytes::name(value), pattern, test.cased)
        }
        Operation::StartsWith => {
            bytes::starts_with(value, pattern, test.cased)
        }
        Operation::EndsWith => bytes::ends_with(value, pattern, test.cased),
        Operation::Contains => {
            bytes::find(value, pattern, 0, test.cased).is_some()
        }
        Operation::Token => find_token(value, pattern, test.cased).is_some(),
        Operation::Like => bytes::like(value, pattern, test.cased),
        Operation::EntropyAbove(bits) => bytes::entropy(value) > bits,
        Operation::Exists => true,
        Operation::Null => value.is_empty(),
        #[cfg(feature = "regex")]
        Operation::Regex => expressions.is_match(test, value),
        #[cfg(not(feature = "regex"))]
        Operation::Regex => false,
    }
}

/// Where a token first occurs apart.
pub(super) fn find_token(
    value: &[u8],
    token: &[u8],
    cased: bool,
) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = bytes::find(value, token, from, cased)?;
        if bytes::is_token(value, &bytes::range(at, token.len())) {
            return Some(at);
        }
        from = at.saturating_add(1);
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// What plans find, the tests of the crate say; here, that they take the
/// short way.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::rule::{Detection, List};

    fn test(operation: Operation, pattern: &str) -> Predicate {
        let pattern = pattern.to_owned().into();
        Predicate::Test(Test::new(Field::Image, operation, pattern))
    }

    /// The plan of process creations for predicates, each a rule.
    fn plan(predicates: impl IntoIterator<Item = Predicate>) -> Plan {
        let kinds = || vec![EventKind::ProcessCreation].into();
        let rules = predicates.into_iter().map(|predicate| Rule {
            detection: Detection::new("r", "R", Platform::Windows),
            logic: Logic::Single(Selection { kinds: kinds(), predicate }),
        });
        let mut plans =
            plans(&rules.collect::<Vec<_>>(), &Expressions::default());
        let class = class(Platform::Windows, EventKind::ProcessCreation);
        plans.swap_remove(class)
    }

    #[test]
    fn built_in_rules_have_gates() {
        let (mut gated, mut all) = (0, 0);
        for plan in plans(catalog::builtin(), &Expressions::default()) {
            let opened = plan.tests.iter().flat_map(|it| &it.opens);
            let opened: std::collections::BTreeSet<_> = opened.collect();
            let ungated = plan.ungated.len();
            assert_eq!(opened.len() + ungated, plan.entries.len());
            gated += opened.len();
            all += plan.entries.len();
        }
        // The rest takes a pattern with wildcards, or randomness.
        assert!(gated * 10 > all * 9, "{gated} of {all}");
    }

    #[test]
    fn what_can_only_be_negated_has_no_gate() {
        let none =
            Predicate::None(List::Owned(vec![test(Operation::Contains, "x")]));
        let plan = plan([none, test(Operation::Exists, "")]);
        assert_eq!(plan.ungated, [0, 1]);
    }

    /// Whole values and names are probed for, and only what can stand
    /// anywhere takes a search.
    #[test]
    fn names_are_probed_for() {
        let cased = |it| match it {
            Predicate::Test(test) => {
                Predicate::Test(Test { cased: true, ..test })
            }
            other => other,
        };
        for (predicate, expected) in [
            (test(Operation::Equals, "a"), [1, 0, 0]),
            (test(Operation::Name, "a"), [0, 1, 0]),
            (test(Operation::EndsWith, r"\a"), [0, 1, 0]),
            (test(Operation::EndsWith, "/a"), [0, 1, 0]),
            (test(Operation::EndsWith, "a"), [0, 0, 1]),
            (test(Operation::EndsWith, "/"), [0, 0, 1]),
            (test(Operation::EndsWith, r"\a\b"), [0, 0, 1]),
            (cased(test(Operation::EndsWith, r"\a")), [0, 0, 1]),
            (test(Operation::StartsWith, r"\a"), [0, 0, 1]),
            (test(Operation::Contains, "a"), [0, 0, 1]),
            (test(Operation::Token, "a"), [0, 0, 1]),
            // These are asked, not searched for.
            (cased(test(Operation::Equals, "a")), [0, 0, 0]),
            (cased(test(Operation::Name, "a")), [0, 0, 0]),
            (test(Operation::Contains, ""), [0, 0, 0]),
            (test(Operation::Like, "a*"), [0, 0, 0]),
        ] {
            let shown = format!("{predicate:?}");
            let plan = plan([predicate]);
            let field = &plan.fields[0];
            let table = |table: &Option<NameTable>| {
                let slots = table.iter().flat_map(|it| &it.slots);
                slots.flatten().count()
            };
            let found = [
                table(&field.equals),
                table(&field.names),
                field.literal_tests.len(),
            ];
            assert_eq!(found, expected, "{shown}");
        }
    }

    /// Each test costs what it costs more than the ones before it.
    #[test]
    fn cheap_tests_come_first() {
        let operations = [
            Operation::Exists,
            Operation::Equals,
            Operation::StartsWith,
            Operation::Contains,
            Operation::Like,
            Operation::EntropyAbove(1.0),
            Operation::Regex,
        ];
        let parts = operations.iter().rev().map(|it| test(*it, "a"));
        let plan = plan([Predicate::All(List::Owned(parts.collect()))]);
        let mut at = plan.entries[0].start;
        for operation in operations {
            let step = &plan.steps[at as usize];
            let test = &plan.tests[step.test as usize].test;
            assert_eq!(test.operation, operation);
            assert_eq!(step.failed, NO_MATCH);
            at = step.passed;
        }
        assert_eq!(at, MATCH);
        let part = |operation, pattern| cost(&test(operation, pattern));
        assert_eq!(
            part(Operation::EndsWith, "/a"),
            part(Operation::Name, "a")
        );
        assert!(part(Operation::EndsWith, "a") > part(Operation::Name, "a"));
        let two = [test(Operation::Name, "a"), test(Operation::Name, "b")];
        let two = Predicate::Any(List::Owned(two.to_vec()));
        assert_eq!(cost(&two), 2 * part(Operation::Name, "a"));
    }

    /// Many tests that no gate looks at are searched for apart, unless a
    /// gate looks at none of the field's.
    #[test]
    fn fields_are_parted() {
        let gate = |name: &str| test(Operation::Name, name);
        let any = |from: usize, many: usize| {
            let tests = (from..from + many)
                .map(|it| test(Operation::Contains, &format!("{it}")));
            Predicate::Any(List::Owned(tests.collect()))
        };
        let all = |parts: Vec<Predicate>| Predicate::All(List::Owned(parts));
        for (many, fields) in [(MANY - 1, 1), (MANY, 2), (MANY + 1, 2)] {
            let plan = plan([all(vec![gate("x"), any(0, many)])]);
            assert_eq!(plan.fields.len(), fields, "{many}");
            let literals = plan.fields[0].literal_tests.len();
            assert_eq!(literals, if fields == 1 { many } else { 0 });
            assert!(plan.fields[0].gate);
            for step in &plan.steps {
                let test = &plan.tests[step.test as usize];
                assert_eq!(step.field, test.field);
                let apart = u32::from(test.opens.is_empty() && fields == 2);
                assert_eq!(test.field, apart);
            }
        }
        let none = Predicate::None(List::Owned(vec![any(0, MANY)]));
        let plan = plan([none]);
        assert_eq!(plan.fields.len(), 1);
        assert!(!plan.fields[0].gate);
    }

    /// A probe ends after few steps: in a table of many names, of like names,
    /// and of those that are built in.
    #[test]
    fn probes_are_short() {
        let longest = |table: &NameTable| {
            let twice = table.slots.iter().chain(&table.slots);
            let taken: Vec<bool> = twice.map(Option::is_some).collect();
            let runs = taken.split(|it| !it).map(<[bool]>::len);
            runs.max().unwrap_or(0)
        };
        for plan in plans(catalog::builtin(), &Expressions::default()) {
            for field in &plan.fields {
                for table in [&field.equals, &field.names] {
                    let run = table.as_ref().map_or(0, longest);
                    assert!(run <= 8, "{run} for {}", field.field);
                }
            }
        }
        for shape in ["name{}", "{}.exe", "c:\\{}\\x.exe", "{}"] {
            let names = (0..1000_u32).map(|it| {
                let name = shape.replace("{}", &it.to_string());
                (name.into_bytes().into(), it)
            });
            let names: Vec<(Box<[u8]>, u32)> = names.collect();
            let table = NameTable::new(&names);
            let run = longest(&table);
            assert!(run <= 40, "{run} for {shape}");
            for (name, test) in &names {
                let found: Vec<u32> = table.get(name).collect();
                assert_eq!(found, [*test]);
            }
            assert_eq!(table.get(b"another").count(), 0);
            let bytes: usize = names.iter().map(|it| it.0.len()).sum();
            assert!(table.memory_usage() > bytes + 2048 * 16);
        }
    }
}
