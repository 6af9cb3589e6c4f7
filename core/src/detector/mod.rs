/*!
Events to matches.

A [`Detector`] is an immutable program made of rules once; any number of
threads share it. [`Detector::evaluate`] runs it over one event in memory that
the caller owns.
*/

use core::fmt;
use std::sync::{Arc, OnceLock};

use crate::catalog;
use crate::derive;
use crate::error::write_nearest;
use crate::event::{Event, EventKind, EventKinds, Field, Platform};
use crate::filter::Filter;
use crate::record::MemberNames;
use crate::rule::{
    Count, Detection, Expressions, List, Logic, Operation, Predicate, Rule,
    Selection, Sequence, Test,
};

mod compile;
mod evaluate;
mod explain;
mod gate;
mod matches;
mod plan;
mod select;
mod table;

pub(crate) use evaluate::Matched;
pub use evaluate::Scratch;
pub use explain::{
    ExplainedPart, ExplainedQuestion, ExplainedStep, Explanation,
};
pub use matches::{Evidence, Match, Matches};
use plan::Plan;
pub(crate) use plan::{Part, held};
pub use select::{Selector, SelectorError, SelectorErrorKind};

/// Rules, compiled for evaluation. Immutable; cloning shares it.
///
/// # Example
///
/// ```
/// use t1053::event::{Event, ProcessCreation};
/// use t1053::{Detector, Scratch};
///
/// let detector = Detector::new();
/// let mut scratch = Scratch::new(&detector);
/// let event = Event::windows(ProcessCreation {
///     image: Some(br"C:\Windows\System32\schtasks.exe"),
///     command_line: Some(br"schtasks /create /tn x /tr a.exe /ru SYSTEM"),
///     ..Default::default()
/// });
/// let slugs: Vec<&str> = detector
///     .evaluate(&event, &mut scratch)
///     .map(|found| found.detection().slug.as_ref())
///     .collect();
/// assert!(slugs.contains(&"windows_schtasks_create_run_as_system"));
/// ```
#[derive(Clone)]
pub struct Detector {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) rules: List<Rule>,
    plans: Vec<Plan>,
    pub(crate) expressions: Expressions,
    kinds: EventKinds,
    /// Made when the first scanner is: whoever hands events over himself
    /// needs none.
    filter: OnceLock<Arc<Filter>>,
}

/// Short: what was compiled is long, and says little.
impl fmt::Debug for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detector")
            .field("rules", &self.rules().len())
            .field("kinds", &self.kinds())
            .finish_non_exhaustive()
    }
}

impl Default for Detector {
    fn default() -> Detector {
        Detector::new()
    }
}

impl Detector {
    /// A detector of all built-in detections.
    pub fn new() -> Detector {
        let rules = List::Static(catalog::builtin());
        // No built-in rule has a regular expression, so none can be wrong.
        Detector::compile(rules, Expressions::default())
    }

    /// A detector of the published detections alone, each exactly as its
    /// publisher wrote it.
    ///
    /// ```
    /// use t1053::Detector;
    /// use t1053::rule::Pack;
    ///
    /// let detector = Detector::published();
    /// let ours = Some(Pack::Behaviours);
    /// assert!(detector.detections().all(|detection| detection.pack != ours));
    /// ```
    pub fn published() -> Detector {
        let builtin = catalog::builtin().iter();
        let published =
            builtin.filter(|rule| Selector::Published.selects(rule));
        let rules = List::Owned(published.cloned().collect());
        Detector::compile(rules, Expressions::default())
    }

    /// A builder that chooses, excludes and adds.
    pub fn builder() -> DetectorBuilder {
        DetectorBuilder::default()
    }

    fn compile(rules: List<Rule>, expressions: Expressions) -> Detector {
        let kinds = rules
            .iter()
            .flat_map(|rule| rule.logic.selections())
            .flat_map(|selection| selection.kinds.iter().copied())
            .map(derive::job::kinds)
            .fold(EventKinds::NONE, EventKinds::union);
        let plans = compile::plans(&rules, &expressions);
        let inner = Inner {
            rules,
            plans,
            expressions,
            kinds,
            filter: OnceLock::new(),
        };
        Detector { inner: Arc::new(inner) }
    }

    /// The rules that run, in the order in which their matches are given. For
    /// the bindings, which show their conditions; how a rule is held is no
    /// part of what this crate promises.
    #[doc(hidden)]
    pub fn rules(&self) -> &[Rule] {
        &self.inner.rules
    }

    /// The detection at a place among those that run, as
    /// [`Match::index`] gives it.
    pub fn detection(&self, index: usize) -> Option<&Detection> {
        self.rules().get(index).map(|rule| &rule.detection)
    }

    /// The detections that run, in the order in which they match.
    pub fn detections(&self) -> impl ExactSizeIterator<Item = &Detection> {
        self.rules().iter().map(|rule| &rule.detection)
    }

    /// The kinds of event that any rule asks for.
    pub fn kinds(&self) -> EventKinds {
        self.inner.kinds
    }

    /// The names under which rules ask for values that no field is there
    /// for: what a [`Reader`](crate::record::Reader) is to be asked for.
    /// Empty for the built-in detections.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::Detector;
    /// use t1053::record::Reader;
    ///
    /// let detector = Detector::new();
    /// assert!(detector.member_names().is_empty());
    /// let mut reader = Reader::wanting(detector.kinds());
    /// reader.ask_for(detector.member_names());
    /// ```
    pub fn member_names(&self) -> MemberNames {
        let mut names = Vec::new();
        let mut all = false;
        let selections =
            self.rules().iter().flat_map(|rule| rule.logic.selections());
        for selection in selections {
            selection.predicate.each_test(&mut |test| {
                if test.field == Field::Member {
                    names.push(test.member.to_string());
                }
                if let Some((Field::Member, name)) = test.other() {
                    names.push(name.to_owned());
                }
                all |= test.field == Field::AnyValue;
            });
        }
        let names: MemberNames = names.into_iter().collect();
        if all { names.and_all() } else { names }
    }

    /// Finds the detections that an event matches.
    ///
    /// Cannot fail, does not allocate (see [`Scratch`]), takes no lock, and
    /// costs time in proportion to the bytes of the values that rules for
    /// this kind of event look at. Sequences need several events: a
    /// [`Correlator`](crate::Correlator) finds those, and calls this itself.
    pub fn evaluate<'a>(
        &'a self,
        event: &'a Event<'a>,
        scratch: &'a mut Scratch,
    ) -> Matches<'a> {
        evaluate::run(self, event, scratch);
        Matches::new(self, event, scratch)
    }

    /// Tells why a detection matches an event, or does not, test by test;
    /// `None` where none of the detections that run has the slug.
    ///
    /// For people who write rules or wonder at an alert. Exclusions are tests
    /// as others are. Asks every test, and allocates.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::Detector;
    /// use t1053::event::{Event, ProcessCreation};
    ///
    /// let detector = Detector::new();
    /// let event = Event::linux(ProcessCreation {
    ///     image: Some(b"/usr/bin/crontab"),
    ///     ..Default::default()
    /// });
    /// let slug = "linux_adding_crontab_using_list_parameter";
    /// let explained = detector.explain(slug, &event).unwrap();
    /// assert!(!explained.is_match());
    /// assert_eq!(
    ///     explained.to_string(),
    ///     "\
    /// linux_adding_crontab_using_list_parameter does not match
    ///   no   all of
    ///   yes    Image|name: crontab
    ///            Image = /usr/bin/crontab
    ///   no     CommandLine|contains:  -l
    ///            CommandLine is absent",
    /// );
    /// ```
    pub fn explain<'a>(
        &'a self,
        slug: &str,
        event: &Event<'_>,
    ) -> Option<Explanation<'a>> {
        let mut rules = self.rules().iter();
        let rule = rules.find(|rule| rule.detection.slug == slug)?;
        Some(explain::explain(rule, &self.inner.expressions, event))
    }

    /// Bytes of memory held, besides the built-in rules and the texts of
    /// others.
    pub fn memory_usage(&self) -> usize {
        let inner = &*self.inner;
        let plans = inner.plans.iter().map(Plan::memory_usage);
        let filter = inner.filter.get().map(|filter| filter.memory_usage());
        let rules = match &inner.rules {
            List::Static(_) => 0,
            List::Owned(rules) => held(rules),
        };
        let expressions = inner.expressions.memory_usage();
        let own = [size_of_val(inner), held(&inner.plans), expressions, rules];
        plans.chain(filter).chain(own).sum()
    }

    /// What raw records must hold to be worth reading. Made when the first
    /// scanner is, in about 3 ms, and shared by all.
    pub(crate) fn filter(&self) -> Arc<Filter> {
        let Inner { rules, kinds, filter, .. } = &*self.inner;
        let make = || Arc::new(Filter::new(rules, *kinds));
        filter.get_or_init(make).clone()
    }

    fn plan(&self, platform: Platform, kind: EventKind) -> &Plan {
        static EMPTY: Plan = Plan::EMPTY;
        let of = |platform| {
            let class = plan::class(platform, kind);
            self.inner.plans.get(class).unwrap_or(&EMPTY)
        };
        match of(platform) {
            // Where a platform has no rules about jobs of its own.
            plan if kind == EventKind::ScheduledJob && plan.is_empty() => {
                of(Platform::Any)
            }
            plan => plan,
        }
    }

    /// Whether any rule is about jobs.
    fn asks_for_jobs(&self) -> bool {
        let mut selections =
            self.rules().iter().flat_map(|rule| rule.logic.selections());
        selections.any(|selection| {
            selection.kinds.contains(&EventKind::ScheduledJob)
        })
    }
}

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

/// Why a detector, a scanner or a correlator could not be built.
///
/// [`kind`](BuildError::kind) is for programs; the text, which names what was
/// wrong and what would be right, is for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError {
    reason: Box<Reason>,
}

impl BuildError {
    /// What was wrong, to be matched on.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::{BuildErrorKind, Detector, Scanner};
    ///
    /// let builder = Scanner::builder(&Detector::new()).record_limit(1);
    /// let error = builder.build().unwrap_err();
    /// assert_eq!(error.kind(), BuildErrorKind::OutOfRange);
    /// assert_eq!(error.to_string(), "record_limit is 1; at least 1024");
    /// ```
    pub fn kind(&self) -> BuildErrorKind {
        match &*self.reason {
            Reason::UnknownSlug { .. } => BuildErrorKind::UnknownDetection,
            Reason::TwiceTheSlug(_) => BuildErrorKind::DuplicateSlug,
            Reason::ExclusionUnused(_) => BuildErrorKind::UnusedExclusion,
            Reason::FieldNotOfDetection { .. } => {
                BuildErrorKind::FieldNotOfDetection
            }
            Reason::Regex { .. } => BuildErrorKind::Regex,
            Reason::OutOfRange { .. } => BuildErrorKind::OutOfRange,
            Reason::OutOfMemory { .. } => BuildErrorKind::OutOfMemory,
        }
    }
}

/// The kinds of [`BuildError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BuildErrorKind {
    /// A selector or an exclusion names a detection that does not exist.
    UnknownDetection,
    /// Two rules have the same slug.
    DuplicateSlug,
    /// An exclusion is for a detection that is not chosen.
    UnusedExclusion,
    /// A rule or an exclusion asks for a field that its events do not have.
    FieldNotOfDetection,
    /// A regular expression is wrong, or the feature `regex` is off.
    Regex,
    /// A number is below the least or above the greatest allowed value.
    OutOfRange,
    /// The memory that was asked for cannot be had.
    OutOfMemory,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// A setting's name, its value, and the values allowed.
    OutOfRange {
        setting: &'static str,
        value: usize,
        least: usize,
        most: usize,
    },
    /// A setting's name and value, for which memory cannot be had.
    OutOfMemory {
        setting: &'static str,
        value: usize,
    },
    UnknownSlug {
        slug: String,
        slugs: Vec<String>,
    },
    TwiceTheSlug(String),
    ExclusionUnused(String),
    FieldNotOfDetection {
        slug: String,
        field: Field,
        kind: Option<EventKind>,
    },
    Regex {
        slug: String,
        pattern: String,
        reason: String,
    },
}

impl Reason {
    /// Refuses a setting's value that is out of range.
    pub(crate) fn check(
        setting: &'static str,
        value: usize,
        allowed: core::ops::RangeInclusive<usize>,
    ) -> Result<(), BuildError> {
        if allowed.contains(&value) {
            return Ok(());
        }
        let (least, most) = allowed.into_inner();
        Err(Reason::OutOfRange { setting, value, least, most }.into())
    }
}

impl From<Reason> for BuildError {
    fn from(reason: Reason) -> BuildError {
        BuildError { reason: Box::new(reason) }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.reason {
            Reason::UnknownSlug { slug, slugs } => {
                write!(f, "there is no detection `{slug}`")?;
                write_nearest(f, slug, slugs.iter().map(String::as_str))
            }
            Reason::TwiceTheSlug(slug) => {
                write!(f, "two rules have the slug `{slug}`")
            }
            Reason::ExclusionUnused(slug) => {
                write!(f, "an exclusion is for `{slug}`, which is not enabled")
            }
            Reason::FieldNotOfDetection { slug, field, kind } => {
                write!(f, "events of `{slug}` have no field `{field}`")?;
                let Some(kind) = kind else { return Ok(()) };
                let names: Vec<&str> =
                    kind.fields().iter().map(|field| field.name()).collect();
                write!(f, "; they have {}", names.join(", "))
            }
            Reason::OutOfRange { setting, value, least, .. }
                if value < least =>
            {
                write!(f, "{setting} is {value}; at least {least}")
            }
            Reason::OutOfRange { setting, value, most, .. } => {
                write!(f, "{setting} is {value}; at most {most}")
            }
            Reason::OutOfMemory { setting, value } => {
                write!(f, "there is no memory for {setting} {value}")
            }
            Reason::Regex { slug, pattern, reason } => {
                write!(f, "`{slug}`: regular expression `{pattern}`: {reason}")
            }
        }
    }
}

impl core::error::Error for BuildError {}
