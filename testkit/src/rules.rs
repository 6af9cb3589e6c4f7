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
    let test = Test::new(Field::JobScheduler, Operation::Exists, "".into());
    let predicate = Predicate::Test(test);
    let mut any = rule("any_job", EventKind::ScheduledJob, predicate);
    any.detection.platform = Platform::Any;
    detector([&any])
}
