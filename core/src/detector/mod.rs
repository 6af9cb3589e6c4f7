/*!
Events to matches.

A [`Detector`] is an immutable program made of rules once; any number of
threads share it. [`Detector::evaluate`] runs it over one event in memory that
the caller owns.
*/

use crate::catalog;
use crate::derive::Canonical;
use crate::event::Event;
use crate::rule::{Expressions, List};

mod builder;
mod compile;
mod error;
mod evaluate;
mod exclusion;
mod explain;
mod gate;
mod grouping;
mod matches;
mod needs;
mod plan;
mod program;
mod select;
mod sources;
mod table;

pub use builder::DetectorBuilder;
pub(crate) use builder::check;
pub(crate) use error::Reason;
pub use error::{BuildError, BuildErrorKind, OtherDetector};
pub(crate) use evaluate::Matched;
pub use evaluate::Scratch;
pub use exclusion::Exclusion;
use exclusion::Exclusions;
pub use explain::{
    ExplainedPart, ExplainedQuestion, ExplainedStep, Explanation,
};
pub use grouping::Grouping;
pub use matches::{Evidence, Match, Matches};
pub(crate) use plan::Part;
pub use program::Detector;
pub use select::{Selector, SelectorError, SelectorErrorKind};

impl Default for Detector {
    fn default() -> Detector {
        Detector::new()
    }
}

impl Detector {
    /// A detector of all built-in detections.
    pub fn new() -> Detector {
        let rules = List::Static(catalog::builtin());
        // No built-in rule has a regular expression, so none can be wrong.
        let none = Exclusions::default();
        let expressions = Expressions::default();
        let canonical = Canonical::Full;
        Detector::compile(rules, expressions, none, Vec::new(), canonical)
    }

    /// A detector of the published detections alone, each exactly as its
    /// publisher wrote it.
    ///
    /// ```
    /// use t1053::Detector;
    /// use t1053::rule::Pack;
    ///
    /// let detector = Detector::published();
    /// let ours = Some(Pack::Behaviours);
    /// assert!(detector.detections().all(|detection| detection.pack != ours));
    /// ```
    pub fn published() -> Detector {
        let builtin = catalog::builtin().iter();
        let published =
            builtin.filter(|rule| Selector::Published.selects(rule));
        let rules = List::Owned(published.cloned().collect());
        let none = Exclusions::default();
        let expressions = Expressions::default();
        let canonical = Canonical::Full;
        Detector::compile(rules, expressions, none, Vec::new(), canonical)
    }

    /// A builder that chooses, excludes and adds.
    pub fn builder() -> DetectorBuilder {
        DetectorBuilder::default()
    }

    /// Finds the detections that an event matches.
    ///
    /// Cannot fail, does not allocate (see [`Scratch`]), takes no lock, and
    /// costs time in proportion to the bytes of the values that rules for
    /// this kind of event look at. Sequences need several events: a
    /// [`Correlator`](crate::Correlator) finds those, and calls this itself.
    pub fn evaluate<'a>(
        &'a self,
        event: &'a Event<'a>,
        scratch: &'a mut Scratch,
    ) -> Matches<'a> {
        evaluate::run(self, event, scratch);
        Matches::new(self, event, scratch)
    }

    /// Tells why a detection matches an event, or does not, test by test;
    /// `None` where none of the detections that run has the slug.
    ///
    /// For people who write rules or wonder at an alert. Exclusions are tests
    /// as others are. Asks every test, and allocates.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::Detector;
    /// use t1053::event::{Event, ProcessCreation};
    ///
    /// let detector = Detector::new();
    /// let event = Event::linux(ProcessCreation {
    ///     image: Some(b"/usr/bin/crontab"),
    ///     ..Default::default()
    /// });
    /// let slug = "linux_adding_crontab_using_list_parameter";
    /// let explained = detector.explain(slug, &event).unwrap();
    /// assert!(!explained.is_match());
    /// assert_eq!(
    ///     explained.to_string(),
    ///     "\
    /// linux_adding_crontab_using_list_parameter does not match
    ///   no   all of
    ///   yes    Image|name: crontab
    ///            Image = /usr/bin/crontab
    ///   no     CommandLine|contains:  -l
    ///            CommandLine is absent",
    /// );
    /// ```
    pub fn explain<'a>(
        &'a self,
        slug: &str,
        event: &Event<'_>,
    ) -> Option<Explanation<'a>> {
        let mut rules = self.rules().iter();
        let rule = rules.find(|rule| rule.detection.slug == slug)?;
        Some(explain::explain(self, rule, event))
    }
}
