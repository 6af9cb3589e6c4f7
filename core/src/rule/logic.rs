//! What a detection matches: one event, or several that belong together.

use super::attribute::{Attribute, Origin};
use super::list::List;
use super::predicate::Predicate;
use super::statistic::{Bound, Statistic};
use crate::event::{EventKind, Field};

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
    /// Several of these, one made of the matches of another.
    Chain(Chain),
}

impl Logic {
    /// The selections of events: one, or those of all steps.
    pub fn selections(&self) -> &[Selection] {
        match self {
            Logic::Single(selection) => core::slice::from_ref(selection),
            Logic::Sequence(sequence) => &sequence.steps,
            Logic::Count(count) => &count.events,
            Logic::Aggregation(aggregation) => &aggregation.events,
            Logic::Chain(chain) => &chain.events,
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
            Logic::Chain(chain) => &mut chain.events,
        };
        if let List::Static(selections) = list {
            *list = List::Owned(selections.to_vec());
        }
        match list {
            List::Owned(selections) => selections,
            List::Static(_) => &mut [],
        }
    }

    /// What its events must agree in; nothing of a single event, and of a
    /// chain what those of its last stage must.
    pub fn group_by(&self) -> &[Attribute] {
        match self {
            Logic::Single(_) => &[],
            Logic::Chain(chain) => match chain.stages.last() {
                Some(stage) => stage.logic.group_by(),
                None => &[],
            },
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
        let is_so = |logic: &Logic| {
            logic.group_by().iter().any(|one| one.is(Field::Computer))
        };
        match self {
            Logic::Single(_) => true,
            Logic::Chain(chain) => {
                chain.stages.iter().all(|stage| is_so(&stage.logic))
            }
            logic => is_so(logic),
        }
    }

    /// A correlation that it has, by its number: what is no chain is one
    /// itself.
    pub(crate) fn stage(&self, number: usize) -> Option<&Logic> {
        match self {
            Logic::Single(_) => None,
            Logic::Chain(chain) => Some(&chain.stages.get(number)?.logic),
            logic => (number == 0).then_some(logic),
        }
    }

    /// All correlations that it has.
    pub(crate) fn stages(&self) -> impl Iterator<Item = &Logic> {
        (0..).map_while(|number| self.stage(number))
    }

    /// What a correlation that is no chain asks of its events.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.group_by().iter().chain(self.counted())
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
        self.attributes().all(|one| one.origins.len() == 1)
    }

    /// All that it asks of the events of a selection, by its number, besides
    /// what the selection asks.
    pub(crate) fn origins(
        &self,
        selection: usize,
    ) -> impl Iterator<Item = &Origin> {
        let (chain, other) = match self {
            Logic::Chain(chain) => (Some(chain), None),
            logic => (None, Some(logic)),
        };
        let chain = chain.map(|chain| chain.attributes_of(selection));
        let other = other.map(Logic::attributes);
        let attributes = chain.into_iter().flatten();
        let attributes = attributes.chain(other.into_iter().flatten());
        attributes.filter_map(move |one| one.origin(selection))
    }
}

/// Correlations that are made of others, and ones of which several rules are
/// one step: Sigma's chains, and its `temporal` correlations with a text as
/// their `condition`.
///
/// A match of a stage is an event of the stage that it is part of: the event
/// that completed it, with all that this holds. It happened when the latest of
/// its events did; how long ago they began does not matter there.
///
/// Ten failed logins, and then one that succeeds:
///
/// ```text
/// events      0: a failed login            1: a login
/// stages      0: 10 of event 0             (a count)
///             1: stage 0, then event 1     (a sequence)
/// ```
///
/// # Example
///
/// ```
/// use t1053::event::EventKind;
/// use t1053::rule::{
///     Chain, Count, Counted, Detection, List, Logic, Predicate, Rule,
///     Selection, Sequence, Stage, StageInput,
/// };
/// use t1053::Detector;
///
/// let event = |kind| Selection {
///     kinds: vec![kind].into(),
///     predicate: Predicate::ALWAYS,
/// };
/// let many = Logic::Count(Count {
///     events: List::default(),
///     of: Counted::Events,
///     at_least: 10,
///     group_by: List::default(),
///     within_seconds: 60,
/// });
/// let then = Logic::Sequence(Sequence {
///     steps: List::default(),
///     group_by: List::default(),
///     within_seconds: 600,
/// });
/// let step = |input| vec![input].into();
/// let registered = vec![step(StageInput::Event(0))].into();
/// let in_order =
///     vec![step(StageInput::Stage(0)), step(StageInput::Event(1))].into();
/// let chain = Chain {
///     events: vec![
///         event(EventKind::TaskRegistered),
///         event(EventKind::TaskDeleted),
///     ]
///     .into(),
///     stages: vec![
///         Stage { steps: registered, logic: many },
///         Stage { steps: in_order, logic: then },
///     ]
///     .into(),
/// };
/// let platform = t1053::event::Platform::Windows;
/// let rule = Rule {
///     detection: Detection::new("many_then_gone", "Many tasks", platform),
///     logic: Logic::Chain(chain),
/// };
/// Detector::builder().rule(rule).build()?;
/// # Ok::<(), t1053::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// The events, 1 to [`Chain::MOST`]. Each is part of one stage.
    pub events: List<Selection>,
    /// Each after those that it is made of, 1 to [`Chain::MOST`]; all but the
    /// last are part of one other. A match of the last is one of the rule.
    pub stages: List<Stage>,
}

/// A correlation of a [`Chain`].
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// What its steps or selections are: each is any of these. In a sequence
    /// none is several steps.
    pub steps: List<List<StageInput>>,
    /// What it asks of them: a sequence, a count or an aggregation whose own
    /// list of selections is empty. Origins of its attributes are one, or one
    /// for each of the chain's events; those of events that it is not made of
    /// mean nothing.
    pub logic: Logic,
}

/// What a step of a [`Stage`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StageInput {
    /// An event, by its number in [`Chain::events`].
    Event(u8),
    /// A match, by the number of its stage in [`Chain::stages`].
    Stage(u8),
}

impl Chain {
    /// The most events, and the most stages, that a chain may have.
    pub const MOST: usize = 16;

    /// Whether a stage is made of an event, directly or through others.
    pub(crate) fn reaches(&self, stage: usize, event: usize) -> bool {
        // As many steps up as there are stages lead to the last, at most.
        let mut input =
            StageInput::Event(u8::try_from(event).unwrap_or(u8::MAX));
        for (number, one) in (0..).zip(self.stages.iter()) {
            if one.steps_of(input) != 0 {
                if usize::from(number) == stage {
                    return true;
                }
                input = StageInput::Stage(number);
            }
        }
        false
    }

    /// What its stages ask of an event, by its number.
    fn attributes_of(&self, event: usize) -> impl Iterator<Item = &Attribute> {
        let stages = self.stages.iter().enumerate();
        let stages = stages.filter(move |(at, _)| self.reaches(*at, event));
        stages.flat_map(|(_, stage)| stage.logic.attributes())
    }

    /// Whether each event and each stage but the last is part of exactly one
    /// stage behind it, and of one step of a sequence, and the last of none.
    pub(crate) fn is_whole(&self) -> bool {
        let events = (0..).take(self.events.len()).map(StageInput::Event);
        let stages = self.stages.len();
        let inner =
            (0..).take(stages.saturating_sub(1)).map(StageInput::Stage);
        let users = |input: StageInput| {
            let stages = (0..).zip(self.stages.iter());
            let mut users =
                stages.filter(move |(_, stage)| stage.steps_of(input) != 0);
            (users.next().map(|(at, _)| at), users.next().is_some())
        };
        // One event completes no more than one match of a stage for each of
        // its inputs: so what is yet to be taken in never grows.
        let is_alone = |stage: &Stage| {
            !matches!(stage.logic, Logic::Sequence(_))
                || stage
                    .inputs()
                    .all(|&input| stage.steps_of(input).count_ones() == 1)
        };
        let is_used = |input: StageInput| match (input, users(input)) {
            (StageInput::Event(_), (Some(_), false)) => true,
            (StageInput::Stage(own), (Some(user), false)) => user > own,
            _ => false,
        };
        let is_known = |input: &StageInput| match *input {
            StageInput::Event(at) => usize::from(at) < self.events.len(),
            StageInput::Stage(at) => {
                usize::from(at).saturating_add(1) < stages
            }
        };
        let mut inputs = self.stages.iter().flat_map(Stage::inputs);
        events.chain(inner).all(is_used)
            && inputs.all(is_known)
            && self.stages.iter().all(is_alone)
    }
}

impl Stage {
    /// Which of its steps something is, as bits.
    pub(crate) fn steps_of(&self, input: StageInput) -> u16 {
        let steps = (0..u16::BITS).zip(self.steps.iter());
        let is_it = steps.filter(|(_, step)| step.contains(&input));
        is_it.fold(0, |steps, (step, _)| steps | 1 << step)
    }

    /// All that its steps are.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &StageInput> {
        self.steps.iter().flat_map(|step| step.iter())
    }
}
