/*!
What a detector looks at: what is to be collected for it.
*/

use super::exclusion::Exclusion;
use super::program::Detector;
use crate::derive::job;
use crate::event::{EventKind, Field};
use crate::rule::Logic;

impl Detector {
    /// Whether some rule looks at a field of events of a kind, so that it is
    /// to be collected: by itself, to derive something of it, to tell which
    /// events belong together, or as an exclusion asks for it. Without the field such a rule may miss a match.
    /// What output shows besides (host, user, time) is not asked.
    ///
    /// Takes time in proportion to the rules: to be asked as a program starts.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::Detector;
    /// use t1053::event::{EventKind, Field};
    ///
    /// let detector = Detector::new();
    /// let kind = EventKind::ProcessCreation;
    /// assert!(detector.needs(kind, Field::CommandLine));
    /// assert!(!detector.needs(kind, Field::IntegrityLevel));
    /// // Of a kind that no such event has.
    /// assert!(!detector.needs(kind, Field::TaskContent));
    /// ```
    pub fn needs(&self, kind: EventKind, field: Field) -> bool {
        if !self.kinds().contains(kind) || !kind.carries(field) {
            return false;
        }
        let is_meant = |asked: Field| {
            asked == field
                || asked.sources().contains(&field)
                || asked == Field::AnyValue
        };
        // Jobs are read of many kinds, whatever a rule about them asks.
        if self.asks_for_jobs() && job::SOURCES.contains(&field) {
            return true;
        }
        let excluded = self.exclusions().iter().flat_map(Exclusion::tests);
        if excluded.into_iter().any(|test| is_meant(test.field)) {
            return true;
        }
        self.rules().iter().any(|rule| {
            let selections = rule.logic.selections().iter();
            let mut selections = selections
                .filter(|selection| {
                    selection.kinds.contains(&kind)
                        || selection.kinds.contains(&EventKind::ScheduledJob)
                })
                .peekable();
            let is_asked = selections.peek().is_some();
            let attributes = rule.logic.stages().flat_map(Logic::attributes);
            let mut origins = attributes.flat_map(|of| of.origins.iter());
            let mut is_needed =
                is_asked && origins.any(|origin| is_meant(origin.field));
            for selection in selections {
                selection.predicate.each_test(&mut |test| {
                    is_needed |= is_meant(test.field);
                    is_needed |=
                        test.other().is_some_and(|(other, _)| is_meant(other));
                });
            }
            is_needed
        })
    }
}
