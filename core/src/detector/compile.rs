/*!
Rules to a program: what to look at, for each class of event, in which order.

Events fall into classes by platform and kind. For each class there is a plan:
its distinct tests, grouped by field; and per selection a [gate]
and a branching program over the tests. Only fields that gates look at are
searched for every event; the rest is looked at when a gate has opened.

# A plan, step by step

Take two rules for new processes on Windows:

```text
rule 0: all of                            rule 1: all of
    Image|endswith: '\schtasks.exe'           Image|endswith: '\schtasks.exe'
    any of                                    CommandLine|re: '/tr\s+\S*\.ps1'
        CommandLine|contains: '/create'
        CommandLine|contains: '/change'
    none of
        User|contains: SYSTEM
```

1. *Tests.* Equal ones are one, whoever asks: 0 `Image ends with
   \schtasks.exe`, 1 `CommandLine contains /create`, 2 `CommandLine contains
   /change`, 3 `User contains SYSTEM`, 4 the expression, and 5 `CommandLine
   contains .ps1`, which every value that the expression matches contains.
2. *Programs*, built from their ends, so that each place to go on at is known;
   of several parts the cheapest comes first:

   ```text
   rule 0: 0 -> 3     no match              rule 1: 0 -> 5     no match
           3 -> none  1                             5 -> 4     no match
           1 -> match 2                             4 -> match no match
           2 -> match no match
   ```

   (`test -> where to go if it passes, where if it fails`.) Test 5 stands
   before 4 because an expression costs a thousand times as much as to look
   up what the search of a field has found.
3. *Gates.* For both rules test 0 is one, so it opens entries 0 and 1.
4. *Fields.* Image: test 0 wants a certain last component, so its name goes
   into a table that is probed once. It is the only field that a gate looks
   at. CommandLine: a search for three literals, `/create`, `/change` and
   `.ps1`. User: a search for one.

To evaluate `schtasks /run /tn x` by SYSTEM: Image's last component is looked
up, test 0 passes, and both entries are open. Entry 0: test 0 has passed; test
3 needs User, which is searched now; it passes, no match. Entry 1: test 5
needs CommandLine, which is searched now, once, for all three; it fails, no
match; the expression has not run. Of any other program only the name is
looked up.
*/

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use t1053_literals::{Literal, Literals};

use super::exclusion;
use super::gate::{self, Gate};
use super::plan::{
    CLASSES, EXCLUDED, Entry, FieldPlan, Found, LiteralSearch, MATCH,
    NO_MATCH, Part, Plan, PlannedTest, Question, Step, Wanted, class, number,
};
use super::sources::{self, Named, Sources};
use super::table::NameTable;
use crate::derive::{self, Canonical, Derivations};
use crate::event::{EventKind, Field, Platform};
use crate::rule::{
    Anchor, Expressions, List, Logic, Predicate, Rule, Search, Selection,
    Test, TestKey, Text,
};
use crate::search;

/// As many literals of a field that no gate looks at are worth a search of
/// their own, where a gate takes one too.
const MANY: usize = 64;

/// Makes the plans of all classes, and behind them those of the log sources of
/// generic events. `excluded` has the exclusions of each rule that has any.
pub(super) fn plans(
    rules: &[Rule],
    expressions: &Expressions,
    excluded: &[Vec<u32>],
    canonical: Canonical,
) -> (Vec<Plan>, Sources) {
    let guards = job_guards(canonical);
    let mut classes: Vec<Vec<Chosen<'_>>> = vec![Vec::new(); CLASSES];
    for (index, rule) in rules.iter().enumerate() {
        let logic = &rule.logic;
        for (step, selection) in (0..).zip(logic.selections()) {
            let part = match logic {
                Logic::Single(_) => Part::Whole,
                _ => Part::Step(step),
            };
            for &kind in selection.kinds.iter() {
                let chosen = Chosen {
                    rule: number(index),
                    part,
                    kind,
                    selection,
                    logic: Some(logic),
                    exclusions: excluded.get(index).map_or(&[], |of| of),
                };
                for platform in platforms(rule.detection.platform, kind) {
                    let class = classes.get_mut(class(platform, kind));
                    debug_assert!(class.is_some());
                    if let Some(class) = class {
                        class.push(chosen);
                    }
                }
            }
        }
    }
    for (platform, kind, selection) in &guards {
        let rules = class(*platform, EventKind::ScheduledJob);
        if classes.get(rules).is_none_or(Vec::is_empty) {
            continue;
        }
        let (rule, part, logic) = (u32::MAX, Part::Jobs, None);
        if let Some(class) = classes.get_mut(class(*platform, *kind)) {
            let (kind, exclusions) = (*kind, &[][..]);
            class.push(Chosen {
                rule,
                part,
                kind,
                selection,
                logic,
                exclusions,
            });
        }
    }
    // Rules about jobs are of any platform as a rule: one plan does for all.
    let of_any = class(Platform::Any, EventKind::ScheduledJob);
    let shared = classes.get(of_any).map_or(0, Vec::len);
    for &platform in Platform::ALL {
        let place = class(platform, EventKind::ScheduledJob);
        if let Some(class) = classes.get_mut(place)
            && place != of_any
            && class.len() == shared
        {
            class.clear();
        }
    }
    let generic = classes.get_mut(class(Platform::Other, EventKind::Generic));
    let by_source =
        by_source(core::mem::take(generic.unwrap_or(&mut Vec::new())));
    let mut sources = Vec::new();
    for (source, chosen) in by_source {
        sources.push((source, number(classes.len())));
        classes.push(chosen);
    }
    let mut searches = Searches::default();
    let plan = |class: Vec<Chosen<'_>>| {
        PlanBuilder::new(expressions, class.len()).build(&class, &mut searches)
    };
    let plans = classes.into_iter().map(plan).collect();
    (plans, Sources::new(&sources))
}

/// Selections of generic events by the log source that they ask for, in the
/// order of these.
fn by_source(chosen: Vec<Chosen<'_>>) -> BTreeMap<Named, Vec<Chosen<'_>>> {
    let mut by_source = BTreeMap::<Named, Vec<Chosen<'_>>>::new();
    for chosen in chosen {
        let (predicate, _) = chosen.parts();
        let (source, _) = sources::named(predicate.of_kind(chosen.kind));
        by_source.entry(source).or_default().push(chosen);
    }
    by_source
}

/// The platforms that a rule asks events of a kind of. Generic events are one
/// class, whatever they are of.
fn platforms(
    of_rule: Platform,
    kind: EventKind,
) -> impl Iterator<Item = Platform> {
    Platform::ALL.iter().copied().filter(move |one| match kind {
        EventKind::Generic => *one == Platform::Other,
        _ => of_rule == Platform::Any || of_rule == *one,
    })
}

/// What holds of events that speak of jobs, by their class. Events that are
/// about a job and nothing else are asked for it without.
fn job_guards(canonical: Canonical) -> Vec<(Platform, EventKind, Selection)> {
    let mut guards = Vec::new();
    for &platform in Platform::ALL {
        for &kind in EventKind::ALL {
            if kind == EventKind::ScheduledJob {
                continue;
            }
            let guard = derive::job::guard(platform, kind, canonical);
            if let Some(predicate) = guard {
                let kinds = List::default();
                guards.push((platform, kind, Selection { kinds, predicate }));
            }
        }
    }
    guards
}

/// A selection that events of a class are asked for.
#[derive(Clone, Copy)]
struct Chosen<'r> {
    rule: u32,
    part: Part,
    kind: EventKind,
    selection: &'r Selection,
    /// What it is part of, if it is part of a rule.
    logic: Option<&'r Logic>,
    /// The numbers of the exclusions that its predicate ends with.
    exclusions: &'r [u32],
}

impl<'r> Chosen<'r> {
    /// What has to hold, and what is excluded.
    fn parts(&self) -> (&'r Predicate, Vec<&'r Predicate>) {
        exclusion::part(&self.selection.predicate, self.exclusions.len())
    }
}

/// A plan in the making.
struct PlanBuilder<'x> {
    #[cfg_attr(not(feature = "regex"), expect(dead_code))]
    expressions: &'x Expressions,
    /// How many entries the plan will have.
    size: usize,
    plan: Plan,
    known_tests: HashMap<TestKey, u32>,
    known_fields: HashMap<(Field, Text), u32>,
}

impl<'x> PlanBuilder<'x> {
    fn new(expressions: &'x Expressions, size: usize) -> PlanBuilder<'x> {
        PlanBuilder {
            expressions,
            size,
            plan: Plan::default(),
            known_tests: HashMap::new(),
            known_fields: HashMap::new(),
        }
    }

    fn build(mut self, class: &[Chosen<'_>], searches: &mut Searches) -> Plan {
        for chosen in class {
            self.add(chosen);
        }
        self.part_fields();
        self.connect_steps();
        self.plan_fields(searches);
        self.plan
    }

    fn add(&mut self, chosen: &Chosen<'_>) {
        let Chosen { rule, part, kind, logic, exclusions, .. } = *chosen;
        let (predicate, excluded) = chosen.parts();
        let mut predicate = predicate.of_kind(kind);
        if kind == EventKind::Generic {
            // Settled by which plan it is.
            (_, predicate) = sources::named(predicate);
        }
        let predicate = &predicate;
        let origins = logic.map(|logic| logic.origins(part.step()));
        let origins = origins.into_iter().flatten();
        let mut fields: Vec<_> = origins.map(|origin| origin.field).collect();
        predicate.each_test(&mut |test| fields.extend(test.fields()));
        let derivations = Derivations::of(fields);
        let entry = number(self.plan.entries.len());
        let mut matched = MATCH;
        for (&number, excluded) in exclusions.iter().zip(excluded).rev() {
            let excluded = excluded.of_kind(kind);
            let outcome = EXCLUDED.saturating_add(number);
            matched = self.program(&excluded, outcome, matched);
        }
        let start = self.program(predicate, matched, NO_MATCH);
        self.plan.entries.push(Entry { rule, part, start, derivations });
        match Gate::of(predicate, self.size) {
            Some(gate) => {
                gate.tests.iter().for_each(|test| self.open(test, entry));
            }
            None => self.plan.ungated.push(entry),
        }
    }

    /// Makes a test open an entry's gate.
    fn open(&mut self, test: &Test, entry: u32) {
        let test = self.test(test);
        if let Some(test) = self.plan.tests.get_mut(test as usize)
            && test.opens.last() != Some(&entry)
        {
            test.opens.push(entry);
        }
    }

    /// Compiles a predicate so that it goes on at one of two places by its
    /// outcome; returns where to begin. Built from its end, so every place
    /// to go on at is known.
    fn program(&mut self, predicate: &Predicate, yes: u32, no: u32) -> u32 {
        match predicate {
            Predicate::Test(test) => self.guarded(test, yes, no),
            Predicate::All(parts) => cheapest_first(parts)
                .rev()
                .fold(yes, |next, part| self.program(part, next, no)),
            Predicate::Any(parts) => cheapest_first(parts)
                .rev()
                .fold(no, |next, part| self.program(part, yes, next)),
            Predicate::None(parts) => cheapest_first(parts)
                .rev()
                .fold(yes, |next, part| self.program(part, no, next)),
        }
    }

    /// Asks what a test implies before the test itself.
    fn guarded(&mut self, test: &Test, yes: u32, no: u32) -> u32 {
        let number = self.test(test);
        // What is searched is known when fields have been parted.
        let start = self.step(Question::Asked { test: number }, yes, no);
        let Some(implied) = gate::implied(test) else { return start };
        let guard = self.program(&implied, start, no);
        let derivations = Derivations::of([test.field]);
        if derivations.is_empty() {
            return guard;
        }
        self.step(Question::HasRun(derivations), start, guard)
    }

    fn step(&mut self, question: Question, passed: u32, failed: u32) -> u32 {
        let at = number(self.plan.steps.len());
        self.plan.steps.push(Step { question, passed, failed });
        at
    }

    /// The number of a test, the same for equal tests.
    fn test(&mut self, test: &Test) -> u32 {
        let fields = &mut self.plan.fields;
        let tests = &mut self.plan.tests;
        *self.known_tests.entry(test.key()).or_insert_with(|| {
            let known = (test.field, test.member.clone());
            let field = *self.known_fields.entry(known).or_insert_with(|| {
                fields.push(FieldPlan::new(test.field, test.member.clone()));
                number(fields.len().saturating_sub(1))
            });
            tests.push(PlannedTest {
                test: test.clone(),
                field,
                searched: test.search().is_some(),
                derivations: Derivations::of(test.fields()),
                opens: Vec::new(),
                #[cfg(feature = "regex")]
                expression: test.expression(self.expressions),
            });
            number(tests.len().saturating_sub(1))
        })
    }

    /// Parts the literals of a field that no gate looks at from those that
    /// one does: they are searched only for entries whose gate has opened.
    /// Where a gate takes a search for literals anyway, that pays only if
    /// there are many.
    fn part_fields(&mut self) {
        for at in 0..self.plan.fields.len() {
            let place = number(at);
            let is_gate = |test: &PlannedTest| !test.opens.is_empty();
            let is_literal = |test: &PlannedTest| {
                matches!(test.test.search(), Some(Search::Literal(..)))
            };
            let is_rest = |test: &PlannedTest| {
                test.field == place && is_literal(test) && !is_gate(test)
            };
            let tests = self.plan.tests.iter();
            let gates = tests.clone().filter(|test| test.field == place);
            let gates = gates.filter(|test| is_gate(test));
            let few = match gates.clone().any(is_literal) {
                true => MANY,
                false => 1,
            };
            let rest = tests.filter(|test| is_rest(test)).count();
            if gates.count() == 0 || rest < few {
                continue;
            }
            let Some(field) = self.plan.fields.get(at) else { continue };
            let field = FieldPlan::new(field.field, field.member.clone());
            let new = number(self.plan.fields.len());
            self.plan.fields.push(field);
            for test in &mut self.plan.tests {
                if is_rest(test) {
                    test.field = new;
                }
            }
        }
    }

    /// Lets each step know the field that settles its test.
    fn connect_steps(&mut self) {
        for step in &mut self.plan.steps {
            if let Question::Asked { test } = step.question
                && let Some(planned) = self.plan.tests.get(test as usize)
                && planned.searched
            {
                let field = planned.field;
                step.question = Question::Searched { test, field };
            }
        }
    }

    /// Makes what each field is searched with.
    fn plan_fields(&mut self, prepared: &mut Searches) {
        let fields = self.plan.fields.iter();
        let mut searches: Vec<FieldSearch<'_>> =
            fields.map(|_| FieldSearch::default()).collect();
        for (test, planned) in self.plan.tests.iter().enumerate() {
            let search = searches.get_mut(planned.field as usize);
            debug_assert!(search.is_some());
            if let Some(search) = search {
                search.add(number(test), planned);
            }
        }
        for (field, search) in self.plan.fields.iter_mut().zip(searches) {
            search.finish(field, prepared);
        }
    }
}

/// Searches that were prepared, by their literals and whether these are cased.
/// What guards jobs is the same in many classes: 16 of the 40 largest searches
/// of 2,251 public rules.
type Searches = HashMap<Vec<(Vec<u8>, bool)>, Arc<Literals>>;

/// The search of one field in the making.
#[derive(Default)]
struct FieldSearch<'t> {
    gate: bool,
    equals: Vec<(Box<[u8]>, Wanted)>,
    names: Vec<(Box<[u8]>, Wanted)>,
    literals: Gathered<'t>,
    foreign: Gathered<'t>,
}

/// Literals that are to be searched for together.
#[derive(Default)]
struct Gathered<'t> {
    literals: Vec<Literal<'t>>,
    found: Vec<Found>,
    /// Places of literals, by their bytes in lower case unless cased.
    known: HashMap<(Vec<u8>, bool), usize>,
}

impl<'t> FieldSearch<'t> {
    fn add(&mut self, test: u32, planned: &'t PlannedTest) {
        self.gate |= !planned.opens.is_empty();
        let lower = |bytes: &[u8]| bytes.to_ascii_lowercase().into();
        match planned.test.search() {
            None => {}
            Some(Search::Whole(value)) => {
                let anchor = Anchor::Anywhere;
                self.equals.push((lower(value), Wanted { test, anchor }));
            }
            Some(Search::Name(name, anchor)) => {
                self.names.push((lower(name), Wanted { test, anchor }));
            }
            Some(Search::Literal(bytes, anchor)) => {
                let cased = planned.test.cased;
                let wanted = Wanted { test, anchor };
                let gathered = match bytes.is_ascii() {
                    true => &mut self.literals,
                    false => &mut self.foreign,
                };
                gathered.add(Literal { bytes, cased }, wanted);
            }
        }
    }

    fn finish(self, field: &mut FieldPlan, prepared: &mut Searches) {
        let table = |names: Vec<(Box<[u8]>, Wanted)>| {
            (!names.is_empty()).then(|| NameTable::new(&names))
        };
        field.gate = self.gate;
        field.equals = table(self.equals);
        field.names = table(self.names);
        field.literals = self.literals.finish(prepared);
        field.foreign = self.foreign.finish(prepared);
    }
}

impl<'t> Gathered<'t> {
    fn add(&mut self, literal: Literal<'t>, wanted: Wanted) {
        let Literal { bytes, cased } = literal;
        let mut key = bytes.to_vec();
        if !cased {
            key.make_ascii_lowercase();
        }
        let place = *self.known.entry((key, cased)).or_insert_with(|| {
            let length = bytes.len();
            self.literals.push(literal);
            self.found.push(Found { length, wanted: Vec::new() });
            self.found.len().saturating_sub(1)
        });
        if let Some(found) = self.found.get_mut(place) {
            found.wanted.push(wanted);
        }
    }

    fn finish(self, prepared: &mut Searches) -> Option<LiteralSearch> {
        let Gathered { literals, found, .. } = self;
        if literals.is_empty() {
            return None;
        }
        let key = literals.iter().map(|one| (one.bytes.to_vec(), one.cased));
        let literals = prepared
            .entry(key.collect())
            .or_insert_with(|| Arc::new(search::prepared(literals)));
        Some(LiteralSearch { literals: Arc::clone(literals), found })
    }
}

fn cheapest_first(
    parts: &[Predicate],
) -> impl DoubleEndedIterator<Item = &Predicate> {
    let mut parts: Vec<&Predicate> = parts.iter().collect();
    parts.sort_by_key(|part| part.cost());
    parts.into_iter()
}

/// What plans find, the tests of the crate say; here, that they take the
/// short way.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::rule::{Detection, Operation};

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
        let rules: Vec<Rule> = rules.collect();
        let none = Expressions::default();
        let (mut plans, _) = plans(&rules, &none, &[], Canonical::Full);
        let class = class(Platform::Windows, EventKind::ProcessCreation);
        plans.swap_remove(class)
    }

    /// The test that a step asks.
    fn asked<'p>(plan: &'p Plan, step: &Step) -> &'p PlannedTest {
        match step.question {
            Question::Searched { test, .. } | Question::Asked { test } => {
                &plan.tests[test as usize]
            }
            Question::HasRun(_) => panic!("{step:?}"),
        }
    }

    #[test]
    fn built_in_rules_have_gates() {
        let (mut gated, mut all) = (0, 0);
        let none = Expressions::default();
        let builtin = catalog::builtin();
        for plan in plans(builtin, &none, &[], Canonical::Full).0 {
            let opened = plan.tests.iter().flat_map(|test| &test.opens);
            let opened: std::collections::BTreeSet<_> = opened.collect();
            let ungated = plan.ungated.len();
            assert_eq!(opened.len() + ungated, plan.entries.len());
            gated += opened.len();
            all += plan.entries.len();
        }
        // The rest takes randomness, or what is absent.
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
        let cased = |predicate| match predicate {
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
            // These are asked, once what they imply has been found.
            (cased(test(Operation::Equals, "a")), [0, 0, 1]),
            (cased(test(Operation::Name, "a")), [0, 0, 1]),
            (test(Operation::Like, "a*"), [0, 0, 1]),
            // And these imply nothing.
            (test(Operation::Contains, ""), [0, 0, 0]),
            (test(Operation::Like, "*?"), [0, 0, 0]),
            (test(Operation::Exists, ""), [0, 0, 0]),
        ] {
            let shown = format!("{predicate:?}");
            let plan = plan([predicate]);
            let field = &plan.fields[0];
            let table = |table: &Option<NameTable<Wanted>>| {
                let slots = table.iter().flat_map(|row| &row.slots);
                slots.flatten().count()
            };
            let searched = field.literals.iter();
            let found = [
                table(&field.equals),
                table(&field.names),
                searched.map(|search| search.found.len()).sum(),
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
            // What an expression implies stands before it.
            Operation::Contains,
            Operation::Like,
            Operation::EntropyAbove(1.0),
            #[cfg(feature = "regex")]
            Operation::Contains,
            Operation::Regex,
        ];
        let mut parts: Vec<Predicate> = Vec::new();
        for part in
            operations.iter().rev().map(|operation| test(*operation, "a"))
        {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        let plan = plan([Predicate::All(List::Owned(parts))]);
        let mut at = plan.entries[0].start;
        for operation in operations {
            let step = &plan.steps[at as usize];
            assert_eq!(asked(&plan, step).test.operation, operation);
            assert_eq!(step.failed, NO_MATCH);
            at = step.passed;
        }
        assert_eq!(at, MATCH);
        let part = |operation, pattern| test(operation, pattern).cost();
        assert_eq!(
            part(Operation::EndsWith, "/a"),
            part(Operation::Name, "a")
        );
        assert!(part(Operation::EndsWith, "a") > part(Operation::Name, "a"));
        let two = [test(Operation::Name, "a"), test(Operation::Name, "b")];
        let two = Predicate::Any(List::Owned(two.to_vec()));
        assert_eq!(two.cost(), 2 * part(Operation::Name, "a"));
    }

    /// Literals that no gate looks at are searched for apart: always from
    /// names, from gates' literals where there are many, and not where no
    /// gate looks at the field.
    #[test]
    fn fields_are_parted() {
        let any = |many: usize| {
            let tests = (0..many)
                .map(|number| test(Operation::Contains, &format!("{number}")));
            Predicate::Any(List::Owned(tests.collect()))
        };
        let all = |parts: Vec<Predicate>| Predicate::All(List::Owned(parts));
        let name = || test(Operation::Name, "x");
        let literal = || test(Operation::Contains, "long literal");
        for (gate, many, fields) in [
            (name(), 1, 2),
            (name(), MANY, 2),
            (literal(), MANY - 1, 1),
            (literal(), MANY, 2),
        ] {
            let plan = plan([all(vec![gate, any(many)])]);
            assert_eq!(plan.fields.len(), fields, "{many}");
            assert!(plan.fields[0].gate);
            for step in &plan.steps {
                let test = asked(&plan, step);
                let Question::Searched { field, .. } = step.question else {
                    panic!("{step:?}");
                };
                assert_eq!(field, test.field);
                let apart = u32::from(test.opens.is_empty() && fields == 2);
                assert_eq!(test.field, apart);
            }
        }
        let none = Predicate::None(List::Owned(vec![any(MANY)]));
        let plan = plan([none]);
        assert_eq!(plan.fields.len(), 1);
        assert!(!plan.fields[0].gate);
    }
}
