//! Rules of a test's own, and what a detector of them finds.

use std::borrow::Cow;
use std::collections::BTreeSet;

use t1053::event::{Event, EventKind, Platform};
use t1053::rule::{Detection, Logic, Predicate, Rule, Selection};
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
