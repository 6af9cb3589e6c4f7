/*!
An event as part of a rule: which of its steps it is, under which key, and what
of it counts.
*/

use crate::detector::Scratch;
use crate::event::Event;
use crate::rule::{
    Aggregation, Attribute, Count, Counted, Logic, Rule, number,
};

use super::key::{Key, Seed};
use super::ordered::Steps;

/// An event that a rule selects, or one of its jobs.
#[derive(Clone, Copy)]
pub(super) struct Arrival<'a> {
    pub(super) event: &'a Event<'a>,
    pub(super) job: Option<u16>,
    pub(super) scratch: &'a Scratch,
    pub(super) rule: &'a Rule,
    pub(super) seed: Seed,
}

impl<'a> Arrival<'a> {
    /// The key that it has as a step; `None` if it lacks a value for it.
    fn key(&self, step: u32) -> Option<Key> {
        let Arrival { event, job, scratch, rule, seed } = *self;
        Key::of(seed, rule, event, job, step as usize, scratch)
    }

    /// The first of some steps and those under the same key as it, with the
    /// key. As another step its values may be others.
    pub(super) fn alike(&self, steps: Steps) -> (Steps, Option<Key>) {
        let own = self.key(steps.trailing_zeros());
        if self.rule.logic.is_alike() {
            return (steps, own);
        }
        let alike = each(steps).filter(|&step| self.key(step) == own);
        (alike.fold(0, |steps, step| steps | 1 << step), own)
    }

    /// Whether, as some steps, it has nothing of what is counted.
    pub(super) fn lacks_value(self, steps: Steps) -> bool {
        match &self.rule.logic {
            Logic::Count(Count { of: Counted::Values(of), .. }) => {
                self.values(of, steps).next().is_none()
            }
            Logic::Aggregation(aggregation) => {
                self.numbers(aggregation, steps).next().is_none()
            }
            _ => false,
        }
    }

    /// The numbers that are aggregated of it, as some steps.
    pub(super) fn numbers(
        self,
        aggregation: &'a Aggregation,
        steps: Steps,
    ) -> impl Iterator<Item = f64> {
        let statistic = aggregation.statistic;
        let numbers = self.values(&aggregation.of, steps).filter_map(number);
        numbers.filter(move |&number| statistic.takes(number))
    }

    /// The values of what is counted, as some steps; empty ones are none.
    pub(super) fn values(
        self,
        counted: &'a Attribute,
        steps: Steps,
    ) -> impl Iterator<Item = &'a [u8]> {
        let Arrival { event, job, scratch, .. } = self;
        // Where they stand in the same place, they are the same for all.
        let different = counted.origins.len();
        let steps = each(steps).take(different);
        let origins = steps.filter_map(|step| counted.origin(step as usize));
        let values = origins
            .flat_map(move |from| scratch.values_from(event, job, from));
        values.filter(|value| !value.is_empty())
    }
}

/// The numbers of steps, from 0.
pub(super) fn each(steps: Steps) -> impl Iterator<Item = u32> {
    (0..Steps::BITS).filter(move |step| steps >> step & 1 == 1)
}
