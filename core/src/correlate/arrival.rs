/*!
An event as part of a rule: which of its steps it is, under which key, and what
of it counts.
*/

use crate::detector::{Matched, Part, Scratch};
use crate::event::Event;
use crate::rule::{
    Aggregation, Attribute, Chain, Count, Counted, Logic, Rule, StageInput,
    number,
};

use super::key::{Key, Seed};
use super::ordered::Steps;

/// What is yet to be taken in of an event: the event as one of a rule's
/// selections, or a match that it completed.
///
/// There are never more than a rule has selections: each begins as one of
/// them, and what several make together is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrived {
    pub(super) input: StageInput,
    /// As which selection of the rule the event was part of it; of several,
    /// as the first.
    pub(super) number: u32,
    /// When it happened, in ticks.
    pub(super) time: i64,
}

impl Arrived {
    /// The most that there are at once.
    pub(super) const MOST: usize = Chain::MOST;

    /// An event as a selection of a rule.
    pub(super) fn new(matched: &Matched, time: i64) -> Arrived {
        let number = match matched.part {
            Part::Step(number) => number,
            Part::Whole | Part::Jobs => {
                debug_assert!(false, "{matched:?} is no step");
                0
            }
        };
        Arrived { input: StageInput::Event(number as u8), number, time }
    }

    /// Which steps of a stage it is.
    pub(super) fn steps(self, logic: &Logic, stage: usize) -> Steps {
        match logic {
            Logic::Chain(chain) => {
                let stage = chain.stages.get(stage);
                stage.map_or(0, |stage| stage.steps_of(self.input))
            }
            // Each selection is a step of its own.
            _ => bit(self.number),
        }
    }
}

/// What arrived under one key at one time, as parts of a stage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Together {
    /// The steps of the stage.
    pub(super) steps: Steps,
    /// The selections of the rule.
    pub(super) numbers: Steps,
    pub(super) time: i64,
    /// `None` if it lacks a value for it.
    pub(super) key: Option<Key>,
}

/// An event that a rule selects, or one of its jobs, at a stage of the rule.
#[derive(Clone, Copy)]
pub(super) struct Arrival<'a> {
    pub(super) event: &'a Event<'a>,
    pub(super) job: Option<u16>,
    pub(super) scratch: &'a Scratch,
    pub(super) rule: &'a Rule,
    pub(super) stage: usize,
    pub(super) logic: &'a Logic,
    pub(super) seed: Seed,
}

impl<'a> Arrival<'a> {
    /// The key that it has as a selection; `None` if it lacks a value for it.
    fn key(&self, number: u32) -> Option<Key> {
        let Arrival { event, job, scratch, rule, stage, seed, .. } = *self;
        Key::of(seed, (rule, stage), event, job, number as usize, scratch)
    }

    /// Takes the first that is part of the stage out of a list, and what is
    /// under the same key and of the same time as it. As another selection its
    /// values may be others.
    pub(super) fn next(&self, left: &mut Vec<Arrived>) -> Option<Together> {
        let steps = |one: &Arrived| one.steps(&self.rule.logic, self.stage);
        let first = *left.iter().find(|one| steps(one) != 0)?;
        let (time, key) = (first.time, self.key(first.number));
        let is_alike = self.logic.is_alike();
        let mut together = Together { steps: 0, numbers: 0, time, key };
        left.retain(|one| {
            let steps = steps(one);
            let is_other = steps == 0
                || one.time != time
                || !is_alike && self.key(one.number) != key;
            if !is_other {
                together.steps |= steps;
                together.numbers |= bit(one.number);
            }
            is_other
        });
        Some(together)
    }

    /// Whether it has nothing of what is counted.
    pub(super) fn lacks_value(self, numbers: Steps) -> bool {
        match self.logic {
            Logic::Count(Count { of: Counted::Values(of), .. }) => {
                self.values(of, numbers).next().is_none()
            }
            Logic::Aggregation(aggregation) => {
                self.numbers(aggregation, numbers).next().is_none()
            }
            _ => false,
        }
    }

    /// The numbers that are aggregated of it, as some selections.
    pub(super) fn numbers(
        self,
        aggregation: &'a Aggregation,
        numbers: Steps,
    ) -> impl Iterator<Item = f64> {
        let statistic = aggregation.statistic;
        let values = self.values(&aggregation.of, numbers);
        let numbers = values.filter_map(number);
        numbers.filter(move |&number| statistic.takes(number))
    }

    /// The values of what is counted, as some selections; empty ones are none.
    pub(super) fn values(
        self,
        counted: &'a Attribute,
        numbers: Steps,
    ) -> impl Iterator<Item = &'a [u8]> {
        let Arrival { event, job, scratch, .. } = self;
        // Where they stand in the same place, they are the same for all.
        let different = counted.origins.len();
        let numbers = each(numbers).take(different);
        let origins = numbers.filter_map(|at| counted.origin(at as usize));
        let values = origins
            .flat_map(move |from| scratch.values_from(event, job, from));
        values.filter(|value| !value.is_empty())
    }
}

/// The numbers of steps, from 0.
pub(super) fn each(steps: Steps) -> impl Iterator<Item = u32> {
    (0..Steps::BITS).filter(move |step| steps >> step & 1 == 1)
}

/// A step, or a selection, as a bit.
fn bit(number: u32) -> Steps {
    // No rule has more than 16.
    let bit = 1_u16.checked_shl(number);
    debug_assert!(bit.is_some(), "step {number}");
    bit.unwrap_or(0)
}
