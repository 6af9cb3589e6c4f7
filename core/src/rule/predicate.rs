//! What must hold of an event.

use super::expression::Expressions;
use super::list::List;
use super::operation::{Operation, Test};
use crate::event::{EventKind, Field};

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
        self.decide(&|test| {
            // Whatever else is asked of the kind's name is left to its value.
            if test.field == Field::Kind && test.operation == Operation::Equals
            {
                let name = kind.name().as_bytes();
                return Some(test.passes(name, &Expressions::default()));
            }
            let is_absent = !kind.may_be_asked(test.field);
            is_absent.then_some(test.operation == Operation::Null)
        })
    }

    /// What it comes to where the outcome of some tests is known: parts that
    /// are decided by that are gone.
    pub(crate) fn decide(
        &self,
        known: &impl Fn(&Test) -> Option<bool>,
    ) -> Predicate {
        let never = || Predicate::Any(List::Static(&[]));
        let each = |parts: &[Predicate], decisive: bool| {
            let mut left = Vec::new();
            for part in parts {
                let part = part.decide(known);
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
            Predicate::Test(test) => match known(test) {
                Some(true) => Predicate::ALWAYS,
                Some(false) => never(),
                None => self.clone(),
            },
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
