//! Rules of a test's own, and what a detector of them finds.

use std::borrow::Cow;
use std::collections::BTreeSet;

use t1053::event::{Event, EventKind, Field, Platform};
use t1053::rule::{
    Detection, Logic, Operation, Predicate, Rule, Selection, Test,
};
use t1053::{Detector, DetectorBuilder, Scratch};

/// A rule for single Windows events of one kind.
pub fn rule(
    slug: impl Into<Cow<'static, str>>,
    kind: EventKind,
    predicate: Predicate,
) -> Rule {
    let kinds = vec![kind].into();
    Rule {
        detection: Detection::new(slug, "Own", Platform::Windows),
        logic: Logic::Single(Selection { kinds, predicate }),
    }
}

/// A detector of some rules alone.
pub fn detector<'r>(rules: impl IntoIterator<Item = &'r Rule>) -> Detector {
    let builder = Detector::builder().without_builtin();
    let rules = rules.into_iter().cloned();
    rules.fold(builder, DetectorBuilder::rule).build().unwrap()
}

/// The slugs of what a detector finds in an event.
pub fn slugs(
    detector: &Detector,
    event: &Event<'_>,
    scratch: &mut Scratch,
) -> BTreeSet<String> {
    let found = detector.evaluate(event, scratch);
    found.map(|found| found.detection().slug.to_string()).collect()
}

/// A detector that finds every event which speaks of a job, by a rule that
/// asks nothing else.
pub fn any_job() -> Detector {
    detector([&any(Field::JobScheduler, vec![EventKind::ScheduledJob])])
}

/// A rule `any` for every event that has a value of a field.
pub fn any_value(field: Field) -> Rule {
    let kinds = EventKind::ALL.iter().copied();
    let kinds = kinds.filter(|kind| {
        kind.carries(field) && *kind != EventKind::ScheduledJob
    });
    any(field, kinds.collect())
}

fn any(field: Field, kinds: Vec<EventKind>) -> Rule {
    let test = Test::new(field, Operation::Exists, "".into());
    let (predicate, kinds) = (Predicate::Test(test), kinds.into());
    Rule {
        detection: Detection::new("any", "Own", Platform::Any),
        logic: Logic::Single(Selection { kinds, predicate }),
    }
}
