/*!
Choosing the rules of a detector, excluding from them, and checking them.
*/

use super::error::{BuildError, Reason};
use super::exclusion::{self, Exclusion, Exclusions};
use super::grouping::{self, Grouping};
use super::program::Detector;
use super::select::Selector;
use crate::catalog;
use crate::derive::Canonical;
use crate::event::{EventKind, Field};
use crate::rule::{
    Chain, Count, Expressions, List, Logic, Operation, Origin, Rule, Sequence,
    Severity, Test,
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
    exclusions: Vec<Exclusion>,
    severities: Vec<(Selector, Severity)>,
    groupings: Vec<(String, Grouping)>,
    added: Vec<Rule>,
    without_builtin: bool,
    canonical: Canonical,
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
        self,
        slug: &str,
        field: Field,
        operation: Operation,
        pattern: impl Into<crate::rule::Text>,
    ) -> DetectorBuilder {
        let selector = Selector::Slug(slug.to_owned());
        let exclusion = Exclusion::new(slug).of(selector);
        self.exclusion(exclusion.when(field, operation, [pattern]))
    }

    /// Silences detections for the events that an exclusion means; several
    /// exclusions each do.
    #[must_use]
    pub fn exclusion(mut self, exclusion: Exclusion) -> DetectorBuilder {
        self.exclusions.push(exclusion);
        self
    }

    /// Gives the detections that a selector means another severity. Of several
    /// calls that mean the same one, the last counts.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::rule::Severity;
    /// use t1053::{Detector, Selector};
    ///
    /// let detector = Detector::builder()
    ///     .enable("kind:Hunting".parse()?)
    ///     .severity(Selector::All, Severity::Low)
    ///     .build()?;
    /// let mut detections = detector.detections();
    /// assert!(detections.all(|one| one.severity == Severity::Low));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn severity(
        mut self,
        selector: Selector,
        severity: Severity,
    ) -> DetectorBuilder {
        self.severities.push((selector, severity));
        self
    }

    /// Says for one detection which of its findings
    /// [`Repeats`](crate::Repeats) takes for the same: those that have the
    /// same host and the same values of these fields, for so many seconds. Of
    /// several calls for the same one, the last counts.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::event::Field;
    /// use t1053::{Detector, Grouping, Repeats};
    ///
    /// let hourly =
    ///     Grouping { fields: vec![Field::TaskName], seconds: 3600 };
    /// let slug = "windows_hidden_schedule_task_settings";
    /// let detector =
    ///     Detector::builder().grouping(slug, hourly.clone()).build()?;
    /// let mut slugs = detector.detections().map(|one| &one.slug);
    /// let index = slugs.position(|one| one == slug).unwrap();
    /// assert_eq!(detector.grouping(index), Some(&hourly));
    /// let repeats = Repeats::new(&detector);
    /// # let _ = repeats;
    /// # Ok::<(), t1053::BuildError>(())
    /// ```
    #[must_use]
    pub fn grouping(
        mut self,
        slug: &str,
        grouping: Grouping,
    ) -> DetectorBuilder {
        self.groupings.push((slug.to_owned(), grouping));
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

    /// Says how far command lines and scripts are taken apart for detections
    /// about jobs; [`Canonical::Full`] where nothing is said.
    #[must_use]
    pub fn canonical(mut self, canonical: Canonical) -> DetectorBuilder {
        self.canonical = canonical;
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
    /// do not have, in an exclusion or a grouping; an exclusion for a detection that is not chosen; two
    /// rules of one slug; a sequence grouped by a part of the task
    /// definition; a regular expression that is wrong, or any at all
    /// without the feature `regex`.
    pub fn build(self) -> Result<Detector, BuildError> {
        let all = || self.rules_to_choose_from();
        let severities = self.severities.iter().map(|(of, _)| of);
        let selectors = self.enabled.iter().chain(&self.disabled);
        for selector in selectors.chain(severities) {
            if let Selector::Slug(slug) = selector {
                exclusion::known(all(), slug)?;
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
        for (selector, severity) in &self.severities {
            for rule in &mut rules {
                if selector.selects(rule) {
                    rule.detection.severity = *severity;
                }
            }
        }
        let of_rules = exclusion::apply(&self.exclusions, &mut rules, all())?;
        let groupings = grouping::apply(&self.groupings, &rules, all())?;
        rules.iter().try_for_each(check_correlation)?;
        let expressions = expressions(&rules)?;
        let exclusions = Exclusions { all: self.exclusions, of_rules };
        let (rules, canonical) = (List::Owned(rules), self.canonical);
        let detector = Detector::compile(
            rules,
            expressions,
            exclusions,
            groupings,
            canonical,
        );
        Ok(detector)
    }
}

/// Checks what needs several events: how many, and that they have the fields
/// that they must agree in.
fn check_correlation(rule: &Rule) -> Result<(), BuildError> {
    let events = rule.logic.selections().len();
    match &rule.logic {
        Logic::Chain(chain) => {
            Reason::check("number of selections", events, 1..=Chain::MOST)?;
            let stages = chain.stages.len();
            Reason::check("number of stages", stages, 1..=Chain::MOST)?;
            for stage in chain.stages.iter() {
                let own = stage.logic.selections().len();
                Reason::check("selections of a stage's own", own, 0..=0)?;
                check_steps(&stage.logic, stage.steps.len())?;
            }
            let whole = usize::from(chain.is_whole());
            Reason::check("stages that a source is part of", whole, 1..=1)?;
        }
        Logic::Single(_) => return Ok(()),
        logic => check_steps(logic, events)?,
    }
    for attribute in rule.logic.stages().flat_map(Logic::attributes) {
        let origins = attribute.origins.len();
        let allowed = if origins == 1 { 1..=1 } else { events..=events };
        Reason::check("number of origins of a value", origins, allowed)?;
    }
    for (step, selection) in rule.logic.selections().iter().enumerate() {
        for &Origin { field, ref member } in rule.logic.origins(step) {
            let lacks = |kind: &&EventKind| {
                member.is_empty() && !kind.may_be_asked(field)
            };
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

/// Checks what a correlation asks of so many steps.
fn check_steps(logic: &Logic, steps: usize) -> Result<(), BuildError> {
    match logic {
        Logic::Sequence(_) => {
            let allowed = 2..=Sequence::MOST_STEPS;
            Reason::check("number of steps", steps, allowed)
        }
        Logic::Count(count) => {
            let allowed = 1..=Sequence::MOST_STEPS;
            Reason::check("number of selections", steps, allowed)?;
            let allowed = 1..=Count::MOST as usize;
            let at_least = count.at_least as usize;
            Reason::check("number to be reached", at_least, allowed)
        }
        Logic::Aggregation(aggregation) => {
            let allowed = 1..=Sequence::MOST_STEPS;
            Reason::check("number of selections", steps, allowed)?;
            let bounds = aggregation.bounds.len();
            Reason::check("number of bounds", bounds, 1..=8)
        }
        // Stages are correlations of several events.
        Logic::Single(_) | Logic::Chain(_) => {
            Reason::check("number of stages of a stage", 1, 0..=0)
        }
    }
}

/// Checks all that can make a rule fail to build by itself.
pub(crate) fn check(rule: &Rule) -> Result<(), BuildError> {
    check_correlation(rule)?;
    each_expression(rule, &mut |test| {
        Expressions::check(&test.pattern, test.cased)
    })
}

/// Compiles the regular expressions of rules.
fn expressions(rules: &[Rule]) -> Result<Expressions, BuildError> {
    let mut expressions = Expressions::default();
    for rule in rules {
        each_expression(rule, &mut |test| {
            expressions.add(&test.pattern, test.cased)
        })?;
    }
    Ok(expressions)
}

/// Hands over each regular expression of a rule, until something is wrong with
/// one.
fn each_expression(
    rule: &Rule,
    take: &mut impl FnMut(&Test) -> Result<(), String>,
) -> Result<(), BuildError> {
    let mut result = Ok(());
    for selection in rule.logic.selections() {
        selection.predicate.each_test(&mut |test| {
            if test.operation == Operation::Regex && result.is_ok() {
                result = take(test).map_err(|reason| Reason::Regex {
                    slug: rule.detection.slug.to_string(),
                    pattern: test.pattern.to_string(),
                    reason,
                });
            }
        });
    }
    Ok(result?)
}
