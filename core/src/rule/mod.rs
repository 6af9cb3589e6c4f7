/*!
What a detection is: its metadata, and the predicate that it compiles to.

These are plain data. The built-in detections are constants of these types,
compiled ahead from the Sigma files under `core/detections/`; rules read at
run time (feature `sigma`) are the same types with owned parts.
*/

use core::fmt;
use std::borrow::Cow;

use crate::event::{EventKind, Field, Platform};

mod attribute;
mod expression;
mod list;
mod measure;
mod message;
mod operation;
pub(crate) mod rarity;
mod show;
mod statistic;

pub use attribute::{Attribute, Origin};
pub(crate) use expression::Expressions;
pub use list::{List, Text};
pub(crate) use measure::number;
pub use measure::{Measure, Order};
pub(crate) use message::{Piece, pieces};
pub use operation::*;
pub(crate) use operation::{Edge, Required, Search, TestKey};
pub use statistic::{Bound, Statistic};

/// Declares an enum of names.
macro_rules! names {
    (
        $(#[$doc:meta])*
        $type:ident {
            $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize))]
        #[non_exhaustive]
        pub enum $type {
            $(
                $(#[$variant_doc])*
                #[cfg_attr(feature = "serde", serde(rename = $name))]
                $variant,
            )*
        }

        impl $type {
            /// Every variant, in declaration order.
            pub const ALL: &'static [$type] = &[$($type::$variant,)*];

            /// The name in rules, selectors and output.
            pub const fn name(self) -> &'static str {
                match self {
                    $($type::$variant => $name,)*
                }
            }

            /// The variant of a name, ignoring ASCII case.
            pub fn from_name(name: &str) -> Option<$type> {
                let mut all = $type::ALL.iter().copied();
                all.find(|variant| variant.name().eq_ignore_ascii_case(name))
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

names! {
    /// How a detection is meant to be used.
    Kind {
        /// Worth an alert by itself.
        Ttp = "TTP",
        /// Unusual; raises the risk of those involved.
        Anomaly = "Anomaly",
        /// A lead for a person who hunts.
        Hunting = "Hunting",
        /// An alert of the alert pack, which ships without a risk score.
        Alert = "Alert",
        /// That a scheduler was used; of interest with others only.
        Inventory = "Inventory",
    }
}

names! {
    /// Where a detection was first published.
    Pack {
        /// The analytic story "Scheduled Tasks".
        ScheduledTasks = "scheduled-tasks",
        /// The alert pack "Scheduled Task job (T1053)".
        ScheduledTaskJob = "scheduled-task-job",
        /// Ours: what scheduled jobs do, whatever way they were set up.
        Behaviours = "behaviours",
    }
}

names! {
    /// What an adversary is after: an ATT&CK tactic.
    Tactic {
        /// TA0043.
        Reconnaissance = "reconnaissance",
        /// TA0042.
        ResourceDevelopment = "resource-development",
        /// TA0001.
        InitialAccess = "initial-access",
        /// TA0002.
        Execution = "execution",
        /// TA0003.
        Persistence = "persistence",
        /// TA0004.
        PrivilegeEscalation = "privilege-escalation",
        /// TA0005 until version 19 of ATT&CK.
        DefenseEvasion = "defense-evasion",
        /// TA0005 from version 19 of ATT&CK.
        Stealth = "stealth",
        /// TA0112, from version 19 of ATT&CK.
        DefenseImpairment = "defense-impairment",
        /// TA0006.
        CredentialAccess = "credential-access",
        /// TA0007.
        Discovery = "discovery",
        /// TA0008.
        LateralMovement = "lateral-movement",
        /// TA0009.
        Collection = "collection",
        /// TA0011.
        CommandAndControl = "command-and-control",
        /// TA0010.
        Exfiltration = "exfiltration",
        /// TA0040.
        Impact = "impact",
    }
}

names! {
    /// How severe a match is: Sigma's level.
    Severity {
        /// Only of interest with others.
        Informational = "informational",
        /// Rarely needs a look by itself.
        Low = "low",
        /// Wants a look when there is time.
        Medium = "medium",
        /// Wants a look soon.
        High = "high",
        /// Wants a look now.
        Critical = "critical",
    }
}

/// The published risk of a detection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Risk {
    /// Impact times confidence over 100, as published: 0 to 100.
    pub score: u8,
    /// How much harm a true match means: 0 to 100.
    pub impact: u8,
    /// How sure a match is: 0 to 100.
    pub confidence: u8,
}

names! {
    /// Which side of an attack a risk object is on.
    Role {
        /// It was done to.
        Victim = "victim",
        /// It did.
        Attacker = "attacker",
    }
}

/// Something that a match raises the risk of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RiskObject {
    /// Its field in the publisher's data model: `dest`, `user`.
    pub field: Text,
    /// What it is: `Hostname`, `Endpoint`, `User`, `Process`.
    pub object: Text,
    /// Which side it is on.
    pub role: Role,
}

/// What is known of a detection besides what it matches.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Detection {
    /// The stable public name; never changes.
    pub slug: Text,
    /// The published title.
    pub title: Text,
    /// The published id; `None` where the publisher gives none.
    pub id: Option<Text>,
    /// The publisher's own name, where it differs from the title.
    pub published_name: Option<Text>,
    /// Where it was first published; `None` for a user's own rule.
    pub pack: Option<Pack>,
    /// How it is meant to be used.
    pub kind: Kind,
    /// ATT&CK techniques: `T1053.005`.
    pub techniques: List<Text>,
    /// ATT&CK tactics.
    pub tactics: List<Tactic>,
    /// The published risk; the alert pack has none.
    pub risk: Option<Risk>,
    /// What a match raises the risk of.
    pub risk_objects: List<RiskObject>,
    /// How severe a match is.
    pub severity: Severity,
    /// What a match adds to the verdict of its event: 0 that a scheduler was
    /// used, 1 a weak sign, 2 a medium one, 3 a strong one; `None` where the
    /// rule counts by its severity.
    pub weight: Option<u8>,
    /// What must be switched on in the source of the events; empty where it
    /// is on by default.
    pub needs: Text,
    /// What to do about a match, in a line.
    pub response: Text,
    /// Where its events are recorded.
    pub platform: Platform,
    /// What it finds and why that matters.
    pub description: Text,
    /// Harmless things that match too.
    pub false_positives: List<Text>,
    /// Where to read more.
    pub references: List<Text>,
    /// What the publisher groups alerts by; empty where it does not.
    pub group_by: List<Text>,
    /// One line in plain words about a match; `{Field}` stands for a value,
    /// and what stands between `[` and `]` is left out where an event lacks a
    /// field that is named there.
    pub message: Text,
    /// Who wrote it, as its file says; `None` of the built-in ones.
    pub author: Option<Text>,
    /// The licence that it is under, where its file says.
    pub license: Option<Text>,
    /// How far it is tested: `stable`, `test`, `experimental`, `deprecated`,
    /// `unsupported`.
    pub status: Option<Text>,
    /// When it was written: `2025-01-31`.
    pub date: Option<Text>,
    /// When it was last changed.
    pub modified: Option<Text>,
    /// Other rules that it has to do with.
    pub related: List<Related>,
}

/// Another rule that a rule has to do with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Related {
    /// The other rule's id.
    pub id: Text,
    /// What it is to the rule: `derived`, `obsolete`, `merged`, `renamed`,
    /// `similar`.
    pub relation: Text,
}

impl Detection {
    /// A detection with the given slug and title and everything else at its
    /// plainest, to be filled in.
    pub fn new(
        slug: impl Into<Text>,
        title: impl Into<Text>,
        platform: Platform,
    ) -> Detection {
        let title = title.into();
        Detection {
            slug: slug.into(),
            message: title.clone(),
            title,
            id: None,
            published_name: None,
            pack: None,
            kind: Kind::Hunting,
            techniques: List::Static(&[]),
            tactics: List::Static(&[]),
            risk: None,
            risk_objects: List::Static(&[]),
            severity: Severity::Medium,
            weight: None,
            needs: Cow::Borrowed(""),
            response: Cow::Borrowed(""),
            platform,
            description: Cow::Borrowed(""),
            false_positives: List::Static(&[]),
            references: List::Static(&[]),
            group_by: List::Static(&[]),
            author: None,
            license: None,
            status: None,
            date: None,
            modified: None,
            related: List::Static(&[]),
        }
    }

    /// The published risk score, 0 where there is none.
    pub fn risk_score(&self) -> u8 {
        self.risk.map_or(0, |risk| risk.score)
    }
}

/// What must hold of an event. A test of an absent field does not hold
/// ([`Operation::Null`] does), so its negation does.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// All of these hold; true when there are none.
    All(List<Predicate>),
    /// Any of these holds; false when there are none.
    Any(List<Predicate>),
    /// None of these holds.
    None(List<Predicate>),
    /// The comparison passes.
    Test(Test),
}

impl Predicate {
    /// Holds of every event.
    pub const ALWAYS: Predicate = Predicate::All(List::Static(&[]));

    /// What it comes to for events of a kind, which lack some fields: parts
    /// that are decided by that are gone.
    pub(crate) fn of_kind(&self, kind: EventKind) -> Predicate {
        let never = || Predicate::Any(List::Static(&[]));
        let decided = |holds: bool| match holds {
            true => Predicate::ALWAYS,
            false => never(),
        };
        let each = |parts: &[Predicate], decisive: bool| {
            let mut left = Vec::new();
            for part in parts {
                let part = part.of_kind(kind);
                match part.decided() {
                    Some(holds) if holds == decisive => return None,
                    Some(_) => {}
                    None => left.push(part),
                }
            }
            Some(left)
        };
        match self {
            Predicate::All(parts) => match each(parts, false) {
                None => never(),
                Some(left) => single(left, Predicate::All),
            },
            Predicate::Any(parts) => match each(parts, true) {
                None => Predicate::ALWAYS,
                Some(left) => single(left, Predicate::Any),
            },
            Predicate::None(parts) => match each(parts, true) {
                None => never(),
                Some(left) if left.is_empty() => Predicate::ALWAYS,
                Some(left) => Predicate::None(left.into()),
            },
            // Whatever else is asked of the kind's name is left to its value.
            Predicate::Test(test)
                if test.field == Field::Kind
                    && test.operation == Operation::Equals =>
            {
                let name = kind.name().as_bytes();
                decided(test.passes(name, &Expressions::default()))
            }
            Predicate::Test(test) if !kind.may_be_asked(test.field) => {
                decided(test.operation == Operation::Null)
            }
            test @ Predicate::Test(_) => test.clone(),
        }
    }

    /// Whether it holds of every event, or of none; `None` where that
    /// depends.
    pub(crate) fn decided(&self) -> Option<bool> {
        match self {
            Predicate::All(parts) if parts.is_empty() => Some(true),
            Predicate::None(parts) if parts.is_empty() => Some(true),
            Predicate::Any(parts) if parts.is_empty() => Some(false),
            _ => None,
        }
    }

    /// What its tests cost together, roughly in nanoseconds.
    pub(crate) fn cost(&self) -> usize {
        let mut cost = 0_usize;
        self.each_test(&mut |test| cost = cost.saturating_add(test.cost()));
        cost
    }

    /// Calls `visit` with each of its tests.
    pub(crate) fn each_test<'p>(&'p self, visit: &mut impl FnMut(&'p Test)) {
        match self {
            Predicate::Test(test) => visit(test),
            Predicate::All(parts)
            | Predicate::Any(parts)
            | Predicate::None(parts) => {
                parts.iter().for_each(|part| part.each_test(visit));
            }
        }
    }
}

/// Several predicates as one; of a single one nothing but itself.
pub(crate) fn single(
    parts: Vec<Predicate>,
    join: impl FnOnce(List<Predicate>) -> Predicate,
) -> Predicate {
    match <[Predicate; 1]>::try_from(parts) {
        Ok([only]) => only,
        Err(parts) => join(parts.into()),
    }
}

/// A predicate, and the kinds of event it is asked of.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// The kinds of event. Events of another kind never match.
    pub kinds: List<EventKind>,
    /// What must hold of the event.
    pub predicate: Predicate,
}

/// Several events in order: Sigma's `temporal_ordered` correlation.
///
/// Of several events of one step the last one before the next step counts,
/// and an event of the last step ends what began before it. Only event time
/// counts, not the order of arrival. One event is never a sequence by itself:
/// where it is several steps, it completes what began before it, and begins
/// another.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// The events, in order: 2 to [`Sequence::MOST_STEPS`].
    pub steps: List<Selection>,
    /// What all events must agree in, ignoring ASCII case. An event without a
    /// value for one of them belongs to no sequence, but for the host: events
    /// that name no host count as of the same one.
    pub group_by: List<Attribute>,
    /// The last event comes less than this many seconds after the first.
    pub within_seconds: u32,
}

impl Sequence {
    /// The most steps that a sequence may have.
    pub const MOST_STEPS: usize = 16;
}

/// Many events, or many different ones: Sigma's `event_count`, `value_count`
/// and `temporal` correlations.
///
/// Matches when the count within some span of [`within_seconds`] reaches
/// [`at_least`]. A match ends what is counted: only later events count
/// towards the next one. Only event time counts, not the order of arrival.
///
/// [`within_seconds`]: Count::within_seconds
/// [`at_least`]: Count::at_least
#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    /// The events: any that one of these selects, at most
    /// [`Sequence::MOST_STEPS`].
    pub events: List<Selection>,
    /// What is counted of them.
    pub of: Counted,
    /// How many of these there must be: 1 to [`Count::MOST`].
    pub at_least: u32,
    /// What the events must agree in, as in [`Sequence::group_by`].
    pub group_by: List<Attribute>,
    /// All that is counted happens in less than this many seconds.
    pub within_seconds: u32,
}

impl Count {
    /// The highest number that can be asked for. Twice as many events (four
    /// times as many values) are kept for each key.
    pub const MOST: u32 = 1024;
}

/// What a [`Count`] counts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Counted {
    /// Events.
    Events,
    /// Different values, ignoring ASCII case. Each value of a derived field
    /// counts; an event without any does not.
    Values(Attribute),
    /// How many of the selections have events. An event that several select
    /// counts for each.
    Selections,
}

/// A number that many events come to: Sigma's `value_sum`, `value_avg`,
/// `value_median` and `value_percentile` correlations.
///
/// Matches when the statistic of the values in the [`within_seconds`] that end
/// with an event satisfies all bounds; of an event that comes late, also of
/// those that end with the newest. A match ends what is counted: only later
/// events count towards the next one. Only event time counts, not the order of
/// arrival.
///
/// The newest [`Aggregation::MOST`] values are kept for each key. A sum of more
/// is that of these; an average or percentile of more is not known, and does
/// not match.
///
/// [`within_seconds`]: Aggregation::within_seconds
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregation {
    /// The events: any that one of these selects, at most
    /// [`Sequence::MOST_STEPS`].
    pub events: List<Selection>,
    /// Whose values: decimal, or hexadecimal after `0x`. An event without a
    /// number does not count, nor in a sum one that is negative.
    pub of: Attribute,
    /// What of them.
    pub statistic: Statistic,
    /// What it is compared with; at least one.
    pub bounds: List<Bound>,
    /// What the events must agree in, as in
    /// [`Sequence::group_by`].
    pub group_by: List<Attribute>,
    /// All that is counted happens in less than this many seconds.
    pub within_seconds: u32,
}

impl Aggregation {
    /// The most values that are kept for each key.
    pub const MOST: usize = 1024;
}

/// What a detection matches.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Logic {
    /// One event.
    Single(Selection),
    /// Several events in order.
    Sequence(Sequence),
    /// Many events, or many different ones.
    Count(Count),
    /// What the numbers of many events come to.
    Aggregation(Aggregation),
}

impl Logic {
    /// The selections of events: one, or those of all steps.
    pub fn selections(&self) -> &[Selection] {
        match self {
            Logic::Single(selection) => core::slice::from_ref(selection),
            Logic::Sequence(sequence) => &sequence.steps,
            Logic::Count(count) => &count.events,
            Logic::Aggregation(aggregation) => &aggregation.events,
        }
    }

    /// The selections, to be changed; makes them its own first.
    pub(crate) fn selections_mut(&mut self) -> &mut [Selection] {
        let list = match self {
            Logic::Single(selection) => {
                return core::slice::from_mut(selection);
            }
            Logic::Sequence(sequence) => &mut sequence.steps,
            Logic::Count(count) => &mut count.events,
            Logic::Aggregation(aggregation) => &mut aggregation.events,
        };
        if let List::Static(selections) = list {
            *list = List::Owned(selections.to_vec());
        }
        match list {
            List::Owned(selections) => selections,
            List::Static(_) => &mut [],
        }
    }

    /// What its events must agree in; nothing of a single event.
    pub fn group_by(&self) -> &[Attribute] {
        match self {
            Logic::Single(_) => &[],
            Logic::Sequence(sequence) => &sequence.group_by,
            Logic::Count(count) => &count.group_by,
            Logic::Aggregation(aggregation) => &aggregation.group_by,
        }
    }

    /// Whether its events must be of one host. Where all logic that needs
    /// several events is so, a stream may be split by host and each part
    /// given to a [`Correlator`](crate::Correlator) of its own: they find
    /// together what one finds.
    pub fn is_of_one_host(&self) -> bool {
        matches!(self, Logic::Single(_))
            || self.group_by().iter().any(|one| one.is(Field::Computer))
    }

    /// Whose values it counts.
    pub(crate) fn counted(&self) -> Option<&Attribute> {
        match self {
            Logic::Count(Count { of: Counted::Values(values), .. }) => {
                Some(values)
            }
            Logic::Aggregation(aggregation) => Some(&aggregation.of),
            _ => None,
        }
    }

    /// Whether it asks all of its events for the same.
    pub(crate) fn is_alike(&self) -> bool {
        let mut attributes = self.group_by().iter().chain(self.counted());
        attributes.all(|one| one.origins.len() == 1)
    }

    /// All that it asks of the events of a selection, by its number, besides
    /// what the selection asks.
    pub(crate) fn origins(
        &self,
        selection: usize,
    ) -> impl Iterator<Item = &Origin> {
        let attributes = self.group_by().iter().chain(self.counted());
        attributes.filter_map(move |one| one.origin(selection))
    }
}

/// A detection: what it matches, and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// What is known of it.
    pub detection: Detection,
    /// What it matches.
    pub logic: Logic,
}
