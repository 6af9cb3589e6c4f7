/*!
What rules are compiled to, and what it tells of itself.
*/

use core::fmt;
use std::sync::{Arc, OnceLock};

use super::compile;
use super::exclusion::{Exclusion, Exclusions};
use super::grouping::Grouping;
use super::plan::{self, Plan};
use super::sources::Sources;
use crate::derive::{self, Canonical};
use crate::event::{EventKind, EventKinds, Field, Platform};
use crate::filter::Filter;
use crate::memory::held;
use crate::record::{JOINED_KINDS, MemberNames};
use crate::rule::{Detection, Expressions, List, Rule};
use crate::search::TakeSearch;

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
    /// Of each class of events, and then of the log sources of generic ones.
    pub(super) plans: Vec<Plan>,
    pub(super) sources: Sources,
    pub(crate) expressions: Expressions,
    kinds: EventKinds,
    /// What is silenced, in the order in which it is counted.
    exclusions: Vec<Exclusion>,
    /// What is said of rules, by their indexes.
    groupings: Vec<(usize, Grouping)>,
    pub(super) canonical: Canonical,
    /// Made when the first scanner is: whoever hands events over himself
    /// needs none.
    filter: OnceLock<Arc<Filter>>,
    /// The same, where audit records are joined.
    joining_filter: OnceLock<Arc<Filter>>,
    linux_kinds: OnceLock<EventKinds>,
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

impl Detector {
    pub(super) fn compile(
        rules: List<Rule>,
        expressions: Expressions,
        exclusions: Exclusions,
        groupings: Vec<(usize, Grouping)>,
        canonical: Canonical,
    ) -> Detector {
        let Exclusions { all: exclusions, of_rules } = exclusions;
        let asked: EventKinds = rules
            .iter()
            .flat_map(|rule| rule.logic.selections())
            .flat_map(|selection| selection.kinds.iter().copied())
            .collect();
        let kinds = derive::job::kinds(asked, canonical);
        let (plans, sources) =
            compile::plans(&rules, &expressions, &of_rules, canonical);
        let inner = Inner {
            rules,
            plans,
            sources,
            expressions,
            kinds,
            exclusions,
            groupings,
            canonical,
            filter: OnceLock::new(),
            joining_filter: OnceLock::new(),
            linux_kinds: OnceLock::new(),
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
    /// [`Match::index`](crate::Match::index) gives it.
    pub fn detection(&self, index: usize) -> Option<&Detection> {
        self.rules().get(index).map(|rule| &rule.detection)
    }

    /// The detections that run, in the order in which they match.
    pub fn detections(&self) -> impl ExactSizeIterator<Item = &Detection> {
        self.rules().iter().map(|rule| &rule.detection)
    }

    /// What is silenced, in the order of
    /// [`Scratch::excluded`](crate::Scratch::excluded).
    pub fn exclusions(&self) -> &[Exclusion] {
        &self.inner.exclusions
    }

    /// What makes the findings of the detection at a place identical, where
    /// that [is said](crate::DetectorBuilder::grouping).
    pub fn grouping(&self, index: usize) -> Option<&Grouping> {
        let groupings = &self.inner.groupings;
        let at = groupings.binary_search_by_key(&index, |(index, _)| *index);
        groupings.get(at.ok()?).map(|(_, grouping)| grouping)
    }

    /// How its detections see text through.
    pub(crate) fn canonical(&self) -> Canonical {
        self.inner.canonical
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
        let logics = self.rules().iter().map(|rule| &rule.logic);
        for (step, selection, logic) in logics.flat_map(|logic| {
            let selections = (0..).zip(logic.selections());
            selections.map(move |(step, selection)| (step, selection, logic))
        }) {
            let members = logic.origins(step).map(|origin| &origin.member);
            let members = members.filter(|member| !member.is_empty());
            names.extend(members.map(|member| member.to_string()));
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
        let names = if all { names.and_all() } else { names };
        match self.kinds().contains(EventKind::Generic) {
            true => names.and_generic(),
            false => names,
        }
    }

    /// Bytes of memory held, besides the built-in rules and the texts of
    /// others.
    pub fn memory_usage(&self) -> usize {
        let inner = &*self.inner;
        let plans = inner.plans.iter().map(Plan::memory_usage);
        let filters = [&inner.filter, &inner.joining_filter];
        let filters = filters.into_iter().filter_map(OnceLock::get);
        let filters = filters.map(|filter| filter.memory_usage());
        let rules = match &inner.rules {
            List::Static(_) => 0,
            List::Owned(rules) => held(rules),
        };
        let expressions = inner.expressions.memory_usage();
        let sources = inner.sources.memory_usage();
        let held = held(&inner.plans);
        let own = [size_of_val(inner), held, expressions, rules, sources];
        plans.chain(filters).chain(own).sum()
    }

    /// What raw records must hold to be worth reading. Made when the first
    /// scanner is, in under 3 ms, and shared by all. With `joins`, records
    /// that may be part of a joined event are worth it too.
    pub(crate) fn filter(&self, joins: bool) -> Arc<Filter> {
        let Inner { rules, kinds, canonical, .. } = &*self.inner;
        let Inner { filter, joining_filter, .. } = &*self.inner;
        let make = || {
            let joined = match joins {
                true => self.joined_kinds(),
                false => EventKinds::NONE,
            };
            Arc::new(Filter::new(rules, *kinds, *canonical, joined))
        };
        let filter = if joins { joining_filter } else { filter };
        filter.get_or_init(make).clone()
    }

    /// Hands over the literals of each search, in scanners that join and in
    /// those that do not. For the generator: what is searched for how is no
    /// part of what this crate promises.
    #[doc(hidden)]
    pub fn each_search(&self, take: TakeSearch<'_>) {
        self.inner.plans.iter().for_each(|plan| plan.each_search(take));
        for joins in [false, true] {
            self.filter(joins).each_search(take);
        }
    }

    /// Kinds of event that some rule asks for and that several records may
    /// make together.
    pub(crate) fn joined_kinds(&self) -> EventKinds {
        let scripts = EventKinds::NONE.with(EventKind::ScriptBlock);
        let scripts = self.kinds().intersection(scripts);
        self.linux_kinds().intersection(JOINED_KINDS).union(scripts)
    }

    /// Kinds of event of Linux that some rule asks for, or that may speak of a
    /// job where one asks for jobs. Told once: every scanner asks.
    fn linux_kinds(&self) -> EventKinds {
        let is_linux = |rule: &&Rule| {
            let platform = rule.detection.platform;
            matches!(platform, Platform::Linux | Platform::Any)
        };
        *self.inner.linux_kinds.get_or_init(|| {
            let rules = self.rules().iter().filter(is_linux);
            let asked: EventKinds = rules
                .flat_map(|rule| rule.logic.selections())
                .flat_map(|selection| selection.kinds.iter().copied())
                .collect();
            derive::job::kinds(asked, self.inner.canonical)
        })
    }

    pub(super) fn plan(&self, platform: Platform, kind: EventKind) -> &Plan {
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
    pub(super) fn asks_for_jobs(&self) -> bool {
        let mut selections =
            self.rules().iter().flat_map(|rule| rule.logic.selections());
        selections.any(|selection| {
            selection.kinds.contains(&EventKind::ScheduledJob)
        })
    }
}
