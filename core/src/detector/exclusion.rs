/*!
Exclusions: which events are of no interest to which detections.
*/

use super::error::{BuildError, Reason};
use super::select::Selector;
use crate::event::Field;
use crate::rule::{
    Detection, List, Operation, Predicate, Rule, Selection, Test, Text, single,
};

/// What detections are not to match: events of which all of some comparisons
/// pass.
///
/// It is for all detections, or for those that a [`Selector`] means. Of these
/// it leaves out the ones whose events lack a field that it compares. What it
/// silences is counted: [`Scratch::excluded`](crate::Scratch::excluded),
/// [`Scanner::excluded`](crate::Scanner::excluded).
///
/// # Example
///
/// ```
/// use t1053::event::{Event, Field, ProcessCreation};
/// use t1053::rule::Operation;
/// use t1053::{Detector, Exclusion, Scratch};
///
/// let exclusion = Exclusion::new("the patch agent")
///     .when(Field::ParentImage, Operation::EndsWith, [r"\patch-agent.exe"])
///     .when(Field::User, Operation::Equals, [r"CORP\svc-patch", r"CORP\svc-test"]);
/// let detector = Detector::builder().exclusion(exclusion).build()?;
///
/// let mut scratch = Scratch::new(&detector);
/// let mut event = Event::windows(ProcessCreation {
///     image: Some(br"C:\Windows\System32\schtasks.exe"),
///     command_line: Some(b"schtasks /run /tn patch"),
///     parent_image: Some(br"C:\agent\patch-agent.exe"),
///     ..Default::default()
/// });
/// let found = detector.evaluate(&event, &mut scratch).count();
/// assert!(found > 0);
/// event.user = Some(br"corp\svc-patch");
/// assert_eq!(detector.evaluate(&event, &mut scratch).count(), 0);
/// assert_eq!(scratch.excluded(), [found as u64]);
/// # Ok::<(), t1053::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Exclusion {
    name: String,
    selectors: Vec<Selector>,
    /// All of these pass, of each one of its tests.
    conditions: Vec<Vec<Test>>,
}

impl Exclusion {
    /// All that it compares.
    pub(super) fn tests(&self) -> impl Iterator<Item = &Test> {
        self.conditions.iter().flatten()
    }

    /// An exclusion for all detections, under a name for people. It compares
    /// nothing yet, which no detector takes.
    pub fn new(name: impl Into<String>) -> Exclusion {
        let (selectors, conditions) = (Vec::new(), Vec::new());
        Exclusion { name: name.into(), selectors, conditions }
    }

    /// Only for the detections that a selector means; several add up.
    #[must_use]
    pub fn of(mut self, selector: Selector) -> Exclusion {
        self.selectors.push(selector);
        self
    }

    /// Only for events in which a field compares like this with one of the
    /// patterns, besides all other comparisons.
    #[must_use]
    pub fn when<P: Into<Text>>(
        mut self,
        field: Field,
        operation: Operation,
        patterns: impl IntoIterator<Item = P>,
    ) -> Exclusion {
        let patterns = patterns.into_iter();
        let test = |pattern: P| Test::new(field, operation, pattern.into());
        self.conditions.push(patterns.map(test).collect());
        self
    }

    /// The name, as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The detections that it is for; all where there are none.
    pub fn selectors(&self) -> &[Selector] {
        &self.selectors
    }

    fn selects(&self, rule: &Rule) -> bool {
        let mut selectors = self.selectors.iter();
        self.selectors.is_empty()
            || selectors.any(|selector| selector.selects(rule))
    }

    /// What holds of the events that are of no interest.
    fn predicate(&self) -> Predicate {
        let any = |tests: &Vec<Test>| {
            let tests = tests.iter().cloned().map(Predicate::Test);
            single(tests.collect(), Predicate::Any)
        };
        let all = self.conditions.iter().map(any);
        single(all.collect(), Predicate::All)
    }

    /// The fields that it compares and events of a selection never have.
    fn lacks(&self, selection: &Selection) -> Option<Field> {
        let tests = self.conditions.iter().flatten();
        let mut fields = tests.map(|test| test.field);
        fields.find(|field| {
            let mut kinds = selection.kinds.iter();
            !kinds.any(|kind| kind.may_be_asked(*field))
        })
    }
}

/// What is silenced, and by which of it each rule is.
#[derive(Default)]
pub(super) struct Exclusions {
    pub(super) all: Vec<Exclusion>,
    /// Of each rule; empty where none has any.
    pub(super) of_rules: Vec<Vec<u32>>,
}

/// The rule of a slug.
pub(super) fn known<'r>(
    mut rules: impl Iterator<Item = &'r Rule> + Clone,
    slug: &str,
) -> Result<&'r Rule, BuildError> {
    let found = rules.clone().find(|rule| rule.detection.slug == slug);
    if let Some(rule) = found {
        return Ok(rule);
    }
    let slugs = rules.by_ref().map(|rule| rule.detection.slug.to_string());
    let error =
        Reason::UnknownSlug { slug: slug.to_owned(), slugs: slugs.collect() };
    Err(error.into())
}

/// Makes rules not match what exclusions say. Of each rule, which exclusions
/// it has: their predicates stand outermost, the last one first, as
/// [`part`] takes them off again.
pub(super) fn apply<'r>(
    exclusions: &[Exclusion],
    rules: &mut [Rule],
    all: impl Iterator<Item = &'r Rule> + Clone,
) -> Result<Vec<Vec<u32>>, BuildError> {
    let mut of_rules = vec![Vec::new(); rules.len()];
    for (number, exclusion) in (0..).zip(exclusions) {
        let mut conditions = exclusion.conditions.iter();
        if conditions.len() == 0 || conditions.any(Vec::is_empty) {
            let name = exclusion.name.clone();
            return Err(Reason::ExclusionEmpty(name).into());
        }
        for selector in &exclusion.selectors {
            if let Selector::Slug(slug) = selector {
                known(all.clone(), slug)?;
                let is_it = |rule: &Rule| rule.detection.slug == slug.as_str();
                if !rules.iter().any(is_it) {
                    return Err(Reason::ExclusionUnused(slug.clone()).into());
                }
            }
        }
        let predicate = exclusion.predicate();
        let mut lacking = None;
        let mut is_used = false;
        for (rule, of_rule) in rules.iter_mut().zip(&mut of_rules) {
            if !exclusion.selects(rule) {
                continue;
            }
            let selections = rule.logic.selections_mut();
            let lacks = selections
                .iter()
                .find_map(|selection| exclusion.lacks(selection));
            if let Some(field) = lacks {
                lacking.get_or_insert_with(|| field_not_of(rule, field));
                continue;
            }
            for selection in selections {
                narrow(selection, &predicate);
            }
            of_rule.push(number);
            is_used = true;
        }
        if !is_used {
            let unused =
                || Reason::ExclusionUnused(exclusion.name.clone()).into();
            return Err(lacking.unwrap_or_else(unused));
        }
    }
    Ok(of_rules)
}

/// Makes a selection not hold of what a predicate holds of.
fn narrow(selection: &mut Selection, excluded: &Predicate) {
    let before =
        core::mem::replace(&mut selection.predicate, Predicate::ALWAYS);
    let excluded = Predicate::None(List::Owned(vec![excluded.clone()]));
    selection.predicate = Predicate::All(List::Owned(vec![before, excluded]));
}

/// The predicate of a selection without its last `count` exclusions, and
/// these, in their order.
pub(super) fn part(
    predicate: &Predicate,
    count: usize,
) -> (&Predicate, Vec<&Predicate>) {
    let mut excluded = Vec::new();
    let mut rest = predicate;
    for _ in 0..count {
        let Predicate::All(parts) = rest else { break };
        let [before, Predicate::None(parts)] = &**parts else { break };
        let [part] = &**parts else { break };
        excluded.push(part);
        rest = before;
    }
    debug_assert_eq!(excluded.len(), count);
    excluded.reverse();
    (rest, excluded)
}

/// What is wrong with a field that no event of a rule has.
pub(super) fn field_not_of(rule: &Rule, field: Field) -> BuildError {
    let Detection { slug, .. } = &rule.detection;
    let selection = rule.logic.selections().first();
    let kinds = selection.map(|selection| &*selection.kinds);
    let kind = kinds.and_then(|kinds| kinds.first().copied());
    Reason::FieldNotOfDetection { slug: slug.to_string(), field, kind }.into()
}
