//! Events that a rule is asked about and can never match, as their log does
//! not write what it asks for.

use core::fmt;

use super::expression::Expressions;
use super::logic::{Logic, Selection};
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
pub struct BlindSpot<'r> {
    /// The log, by its channel: `Security`.
    pub log: &'static str,
    /// The id of its events: `4688`.
    pub id: &'static str,
    /// The fields that the rule asks for and these events have not, by their
    /// names in rules.
    pub lacks: Vec<&'r str>,
}

impl fmt::Display for BlindSpot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BlindSpot { log, id, lacks } = self;
        write!(f, "{log} {id} has no {}", lacks.join(", "))
    }
}

impl Logic {
    /// The events that it can never match for want of a field, of logs of a
    /// platform that tell the same otherwise.
    pub(crate) fn blind_spots(
        &self,
        platform: Platform,
    ) -> Vec<BlindSpot<'_>> {
        let selections = self.selections();
        let spot = |lacks: &'static Lacks| {
            if ![Platform::Any, lacks.log.platform()].contains(&platform) {
                return None;
            }
            let mut asked = selections
                .iter()
                .filter(|selection| is_asked(selection, lacks))
                .peekable();
            asked.peek()?;
            let cannot = |selection: &Selection| {
                let left = selection.predicate.decide(&|test| {
                    by_id(test, lacks).or_else(|| without(test, lacks))
                });
                left.decided() == Some(false)
            };
            if !asked.all(cannot) {
                return None;
            }
            let channel = lacks.log.channels().first();
            let log = channel.copied().unwrap_or(lacks.log.service());
            let id = lacks.id;
            let lacks = missing(selections, lacks);
            Some(BlindSpot { log, id, lacks })
        };
        LACKS.iter().filter_map(spot).collect()
    }
}

/// Whether a selection is asked of such events, and may match them if nothing
/// is lacking.
fn is_asked(selection: &Selection, lacks: &Lacks) -> bool {
    selection.kinds.contains(&lacks.kind)
        && selection
            .predicate
            .of_kind(lacks.kind)
            .decide(&|test| by_id(test, lacks))
            .decided()
            != Some(false)
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
fn lacking<'t>(
    test: &'t Test,
    lacks: &Lacks,
) -> impl Iterator<Item = &'t str> {
    let asked = [Some((test.field, &*test.member)), test.other()];
    asked.into_iter().flatten().filter_map(|(field, member)| match field {
        Field::Member => lacks.members.contains(&member).then_some(member),
        field => lacks.fields.contains(&field).then_some(field.name()),
    })
}

/// The names of what selections ask for and events lack, what filters ask for
/// aside.
fn missing<'r>(
    selections: &'r [Selection],
    lacks: &'static Lacks,
) -> Vec<&'r str> {
    let mut names = Vec::new();
    for selection in selections {
        add_missing(&selection.predicate, lacks, true, &mut names);
    }
    names
}

fn add_missing<'r>(
    predicate: &'r Predicate,
    lacks: &Lacks,
    is_wanted: bool,
    names: &mut Vec<&'r str>,
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
