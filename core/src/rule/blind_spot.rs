//! Events that a rule is asked about and can never match, as their log does
//! not write what it asks for.

use core::fmt;

use super::expression::Expressions;
use super::logic::Logic;
use super::operation::{Operation, Test};
use super::predicate::Predicate;
use crate::event::{Field, Platform};
use crate::vocabulary::{LACKS, Lacks};

/// Events of a log that a rule can never match: each way to match it asks for a
/// field that they have not.
///
/// A new process is told by Sysmon and by the Security log, and only Sysmon
/// tells the parent's command line. Where only the Security log is collected, a
/// rule that asks for it is silent, whatever happens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlindSpot {
    /// The log, by its channel: `Security`.
    pub log: &'static str,
    /// The id of its events: `4688`.
    pub id: &'static str,
    /// The fields that the rule asks for and these events have not, by their
    /// names in rules.
    pub lacks: Vec<&'static str>,
}

impl fmt::Display for BlindSpot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BlindSpot { log, id, lacks } = self;
        write!(f, "{log} {id} has no {}", lacks.join(", "))
    }
}

impl Logic {
    /// The events that it can never match for want of a field, of logs of a
    /// platform that tell the same otherwise.
    pub(crate) fn blind_spots(&self, platform: Platform) -> Vec<BlindSpot> {
        let is_of = |lacks: &&Lacks| {
            [Platform::Any, lacks.log.platform()].contains(&platform)
        };
        let spot = |lacks: &Lacks| {
            // What each selection asks of such events; most are of others.
            let selections = self.selections().iter();
            let asked = selections
                .filter(|selection| selection.kinds.contains(&lacks.kind));
            let asked = asked.map(|selection| {
                let predicate = selection.predicate.of_kind(lacks.kind);
                predicate.decide(&|test| by_id(test, lacks))
            });
            let asked: Vec<Predicate> = asked
                .filter(|predicate| predicate.decided() != Some(false))
                .collect();
            let cannot = |predicate: &Predicate| {
                let left = predicate.decide(&|test| without(test, lacks));
                left.decided() == Some(false)
            };
            if asked.is_empty() || !asked.iter().all(cannot) {
                return None;
            }
            let channel = lacks.log.channels().first();
            let log = channel.copied().unwrap_or(lacks.log.service());
            let mut names = Vec::new();
            for predicate in &asked {
                add_missing(predicate, lacks, true, &mut names);
            }
            Some(BlindSpot { log, id: lacks.id, lacks: names })
        };
        LACKS.iter().filter(is_of).filter_map(spot).collect()
    }
}

/// What the id of the events makes of a test.
fn by_id(test: &Test, lacks: &Lacks) -> Option<bool> {
    (test.field == Field::EventId)
        .then(|| test.passes(lacks.id.as_bytes(), &Expressions::default()))
}

/// What a test of a field comes to that is not there.
fn without(test: &Test, lacks: &Lacks) -> Option<bool> {
    let is_without = lacking(test, lacks).next().is_some();
    is_without.then_some(test.operation == Operation::Null)
}

/// The names of what a test asks for and events lack.
fn lacking(test: &Test, lacks: &Lacks) -> impl Iterator<Item = &'static str> {
    let asked = [Some((test.field, &*test.member)), test.other()];
    asked.into_iter().flatten().filter_map(|(field, member)| match field {
        Field::Member => {
            lacks.members.iter().copied().find(|name| *name == member)
        }
        field => lacks.fields.contains(&field).then_some(field.name()),
    })
}

/// Adds the names of what a predicate asks for and events lack, what filters
/// ask for aside.
fn add_missing(
    predicate: &Predicate,
    lacks: &Lacks,
    is_wanted: bool,
    names: &mut Vec<&'static str>,
) {
    let (parts, is_wanted) = match predicate {
        Predicate::Test(test) => {
            for name in lacking(test, lacks).filter(|_| is_wanted) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            return;
        }
        Predicate::All(parts) | Predicate::Any(parts) => (parts, is_wanted),
        Predicate::None(parts) => (parts, !is_wanted),
    };
    for part in parts.iter() {
        add_missing(part, lacks, is_wanted, names);
    }
}
