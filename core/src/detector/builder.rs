/*!
Choosing the rules of a detector, excluding from them, and checking them.
*/

use super::error::{BuildError, Reason};
use super::program::Detector;
use super::select::Selector;
use crate::catalog;
use crate::event::{EventKind, Field};
use crate::rule::{
    Count, Expressions, List, Logic, Operation, Predicate, Rule, Selection,
    Sequence, Test,
};

/// Makes a [`Detector`] of chosen detections.
///
/// Without any [`enable`](DetectorBuilder::enable) every built-in detection
/// is chosen; with some, only those that one of them means. Then each
/// [`disable`](DetectorBuilder::disable) takes away.
///
/// # Example
///
/// ```
/// use t1053::event::Field;
/// use t1053::rule::Operation;
/// use t1053::{Detector, Selector};
///
/// let detector = Detector::builder()
///     .enable("platform:windows".parse()?)
///     .disable("kind:Hunting".parse()?)
///     .exclude(
///         "schtasks_run_task_on_demand",
///         Field::ParentImage,
///         Operation::EndsWith,
///         r"\patch-agent.exe",
///     )
///     .build()?;
/// assert!(detector.detections().all(|detection| detection.kind.name() != "Hunting"));
///
/// let error = Detector::builder()
///     .enable(Selector::Slug("short_lived_task".into()))
///     .build()
///     .unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "there is no detection `short_lived_task`; \
///      did you mean `short_lived_scheduled_task`?",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct DetectorBuilder {
    enabled: Vec<Selector>,
    disabled: Vec<Selector>,
    exclusions: Vec<(String, Test)>,
    added: Vec<Rule>,
    without_builtin: bool,
}

impl DetectorBuilder {
    /// Chooses detections; several calls add up.
    #[must_use]
    pub fn enable(mut self, selector: Selector) -> DetectorBuilder {
        self.enabled.push(selector);
        self
    }

    /// Takes detections away from those chosen.
    #[must_use]
    pub fn disable(mut self, selector: Selector) -> DetectorBuilder {
        self.disabled.push(selector);
        self
    }

    /// Silences a detection for events in which a field compares like this.
    /// Several exclusions of one detection each silence it. In a sequence,
    /// an exclusion applies to both of its events.
    #[must_use]
    pub fn exclude(
        mut self,
        slug: &str,
        field: Field,
        operation: Operation,
        pattern: impl Into<crate::rule::Text>,
    ) -> DetectorBuilder {
        let test = Test::new(field, operation, pattern.into());
        self.exclusions.push((slug.to_owned(), test));
        self
    }

    /// Adds a rule of the caller's own.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> DetectorBuilder {
        self.added.push(rule);
        self
    }

    /// Adds rules of the caller's own, such as those of a
    /// [`RuleSet`](crate::RuleSet).
    #[must_use]
    pub fn rules(
        mut self,
        rules: impl IntoIterator<Item = Rule>,
    ) -> DetectorBuilder {
        self.added.extend(rules);
        self
    }

    /// Leaves the built-in detections out.
    #[must_use]
    pub fn without_builtin(mut self) -> DetectorBuilder {
        self.without_builtin = true;
        self
    }

    /// All rules that may be chosen from.
    pub(crate) fn rules_to_choose_from(
        &self,
    ) -> impl Iterator<Item = &Rule> + Clone {
        let builtin: &[Rule] =
            if self.without_builtin { &[] } else { catalog::builtin() };
        builtin.iter().chain(&self.added)
    }

    /// Compiles the chosen rules.
    ///
    /// # Errors
    ///
    /// A slug that is no detection's; a field that the events of a detection
    /// do not have; an exclusion for a detection that is not chosen; two
    /// rules of one slug; a sequence grouped by a part of the task
    /// definition; a regular expression that is wrong, or any at all
    /// without the feature `regex`.
    pub fn build(self) -> Result<Detector, BuildError> {
        let all = || self.rules_to_choose_from();
        for selector in self.enabled.iter().chain(&self.disabled) {
            if let Selector::Slug(slug) = selector {
                known(all(), slug)?;
            }
        }
        let mut slugs: Vec<&str> =
            all().map(|rule| rule.detection.slug.as_ref()).collect();
        slugs.sort_unstable();
        if let Some(slug) = slugs
            .windows(2)
            .find_map(|pair| {
                (pair.first() == pair.last()).then(|| pair.first())
            })
            .flatten()
        {
            return Err(Reason::TwiceTheSlug((*slug).to_owned()).into());
        }
        let is_chosen = |rule: &&Rule| {
            let any = |selectors: &[Selector]| {
                selectors.iter().any(|selector| selector.selects(rule))
            };
            (self.enabled.is_empty() || any(&self.enabled))
                && !any(&self.disabled)
        };
        let mut rules: Vec<Rule> = all().filter(is_chosen).cloned().collect();
        for (slug, test) in &self.exclusions {
            known(all(), slug)?;
            let rule =
                rules.iter_mut().find(|rule| rule.detection.slug == *slug);
            let Some(rule) = rule else {
                return Err(Reason::ExclusionUnused(slug.clone()).into());
            };
            exclude(rule, test)?;
        }
        rules.iter().try_for_each(check_correlation)?;
        let expressions = expressions(&rules)?;
        Ok(Detector::compile(List::Owned(rules), expressions))
    }
}

/// Checks that a slug is some rule's.
fn known<'r>(
    mut rules: impl Iterator<Item = &'r Rule> + Clone,
    slug: &str,
) -> Result<(), BuildError> {
    if rules.clone().any(|rule| rule.detection.slug == slug) {
        return Ok(());
    }
    let slugs = rules.by_ref().map(|rule| rule.detection.slug.to_string());
    let error =
        Reason::UnknownSlug { slug: slug.to_owned(), slugs: slugs.collect() };
    Err(error.into())
}

/// Checks what needs several events: how many, and that they have the fields
/// that they must agree in.
fn check_correlation(rule: &Rule) -> Result<(), BuildError> {
    let steps = rule.logic.selections().len();
    match &rule.logic {
        Logic::Single(_) => return Ok(()),
        Logic::Sequence(_) => {
            let allowed = 2..=Sequence::MOST_STEPS;
            Reason::check("number of steps", steps, allowed)?;
        }
        Logic::Count(count) => {
            let allowed = 1..=Sequence::MOST_STEPS;
            Reason::check("number of selections", steps, allowed)?;
            let allowed = 1..=Count::MOST as usize;
            let at_least = count.at_least as usize;
            Reason::check("number to be reached", at_least, allowed)?;
        }
    }
    let fields = rule.logic.group_by().iter().copied();
    for field in fields.chain(rule.logic.counted_field()) {
        for selection in rule.logic.selections() {
            let lacks = |kind: &&EventKind| !kind.may_be_asked(field);
            if let Some(&kind) = selection.kinds.iter().find(lacks) {
                let slug = rule.detection.slug.to_string();
                let kind = Some(kind);
                let reason = Reason::FieldNotOfDetection { slug, field, kind };
                return Err(reason.into());
            }
        }
    }
    Ok(())
}

/// Checks all that can make a rule fail to build by itself.
pub(crate) fn check(rule: &Rule) -> Result<(), BuildError> {
    check_correlation(rule)?;
    expressions(core::slice::from_ref(rule)).map(|_| ())
}

/// Compiles the regular expressions of rules.
fn expressions(rules: &[Rule]) -> Result<Expressions, BuildError> {
    let mut expressions = Expressions::default();
    for rule in rules {
        let mut result = Ok(());
        let mut add = |test: &Test| {
            if test.operation == Operation::Regex && result.is_ok() {
                let slug = || rule.detection.slug.to_string();
                let pattern = test.pattern.to_string();
                let added = expressions.add(&test.pattern, test.cased);
                result = added.map_err(|reason| Reason::Regex {
                    slug: slug(),
                    pattern,
                    reason,
                });
            }
        };
        for selection in rule.logic.selections() {
            selection.predicate.each_test(&mut add);
        }
        result?;
    }
    Ok(expressions)
}

/// Makes a rule not match events that pass a test.
fn exclude(rule: &mut Rule, test: &Test) -> Result<(), BuildError> {
    let slug = rule.detection.slug.to_string();
    let narrow = |selection: &mut Selection| {
        let mut kinds = selection.kinds.iter();
        let has_field = kinds.any(|kind| kind.may_be_asked(test.field));
        if !has_field {
            let kind = selection.kinds.first().copied();
            let error = Reason::FieldNotOfDetection {
                slug: slug.clone(),
                field: test.field,
                kind,
            };
            return Err(BuildError::from(error));
        }
        let before =
            core::mem::replace(&mut selection.predicate, Predicate::ALWAYS);
        let excluded = Predicate::Test(test.clone());
        let excluded = Predicate::None(List::Owned(vec![excluded]));
        selection.predicate =
            Predicate::All(List::Owned(vec![before, excluded]));
        Ok(())
    };
    rule.logic.selections_mut().iter_mut().try_for_each(narrow)
}
