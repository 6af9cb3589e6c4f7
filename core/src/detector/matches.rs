/*!
What evaluation found: matches, and why they match.
*/

use core::fmt;
use core::ops::Range;

use crate::derive::Job;
use crate::event::{Event, Field};
use crate::rule::{
    Detection, Expressions, Logic, Operation, Predicate, Rule, Test,
};
use crate::time::Timestamp;

use super::evaluate::{Matched, Scratch};
use super::grouping::Grouping;
use super::plan::Part;
use super::program::Detector;

/// The detections that one event matches, in the detector's order.
///
/// An iterator of [`Match`]es that borrow the event and the scratch.
#[derive(Clone, Debug)]
pub struct Matches<'a> {
    detector: &'a Detector,
    event: &'a Event<'a>,
    scratch: &'a Scratch,
    matched: &'a [Matched],
}

impl<'a> Matches<'a> {
    pub(crate) fn new(
        detector: &'a Detector,
        event: &'a Event<'a>,
        scratch: &'a Scratch,
    ) -> Matches<'a> {
        let matched = scratch.matched();
        Matches { detector, event, scratch, matched }
    }

    /// Whether any rule of the detector has a weight.
    pub(crate) fn weighs(&self) -> bool {
        let mut detections = self.detector.detections();
        detections.any(|detection| detection.weight.is_some())
    }

    /// Where the event was evaluated.
    pub(crate) fn scratch(&self) -> &'a Scratch {
        self.scratch
    }

    /// The event that all of them are about.
    pub fn event(&self) -> &'a Event<'a> {
        self.event
    }

    /// The jobs that any of them speaks of, in the order in which the event
    /// does.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = Job<'a>> + use<'a> {
        let (all, scratch) = (self.matched, self.scratch);
        let spoken_of = move |job: &Job<'_>| {
            all.iter().any(|one| one.job.map(usize::from) == Some(job.index()))
        };
        (0..u16::MAX).map_while(|index| scratch.job(index)).filter(spoken_of)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.clone().next().is_none()
    }
}

impl<'a> Iterator for Matches<'a> {
    type Item = Match<'a>;

    fn next(&mut self) -> Option<Match<'a>> {
        loop {
            let (&matched, rest) = self.matched.split_first()?;
            // Of a rule about jobs, one match an event: the first job.
            let others = rest.iter();
            let others = others.take_while(|next| next.rule == matched.rule);
            let others = others.count();
            let jobs = self.matched.get(..=others).unwrap_or_default();
            self.matched = rest.get(others..).unwrap_or_default();
            // Halves of a sequence are no matches yet.
            if matched.part == Part::Whole {
                let Matches { detector, event, scratch, .. } = *self;
                let found =
                    Match::new(detector, matched, event, scratch, None)?;
                return Some(Match { jobs, ..found });
            }
        }
    }
}

/// One detection that an event matches.
#[derive(Clone, Copy, Debug)]
pub struct Match<'a> {
    index: u32,
    /// The job that it speaks of.
    job: Option<u16>,
    part: Part,
    /// The same for each job that the rule holds of.
    jobs: &'a [Matched],
    rule: &'a Rule,
    event: &'a Event<'a>,
    scratch: &'a Scratch,
    detector: &'a Detector,
    earlier: Option<Timestamp>,
}

impl<'a> Match<'a> {
    pub(crate) fn new(
        detector: &'a Detector,
        matched: Matched,
        event: &'a Event<'a>,
        scratch: &'a Scratch,
        earlier: Option<Timestamp>,
    ) -> Option<Match<'a>> {
        let index = matched.rule;
        Some(Match {
            index,
            job: matched.job,
            part: matched.part,
            jobs: &[],
            rule: detector.inner.rules.get(index as usize)?,
            event,
            scratch,
            detector,
            earlier,
        })
    }

    /// What is known of the detection.
    pub fn detection(&self) -> &'a Detection {
        &self.rule.detection
    }

    /// Its place among the [detections](Detector::detections) of the detector
    /// that found it, from 0: what a table of one's own can be indexed by.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::event::{Event, ProcessCreation};
    /// use t1053::{Detector, Scratch};
    ///
    /// let detector = Detector::new();
    /// let mut counts = vec![0; detector.detections().len()];
    /// let event = Event::windows(ProcessCreation {
    ///     command_line: Some(b"schtasks /create /tn x /tr a.exe"),
    ///     image: Some(b"schtasks.exe"),
    ///     ..Default::default()
    /// });
    /// let mut scratch = Scratch::new(&detector);
    /// for found in detector.evaluate(&event, &mut scratch) {
    ///     counts[found.index()] += 1;
    ///     let detection = detector.detection(found.index()).unwrap();
    ///     assert_eq!(detection, found.detection());
    /// }
    /// assert!(counts.contains(&1));
    /// ```
    pub fn index(&self) -> usize {
        self.index as usize
    }

    /// What makes the detection's findings identical, where that
    /// [is said](crate::DetectorBuilder::grouping).
    pub fn grouping(&self) -> Option<&'a Grouping> {
        self.detector.grouping(self.index())
    }

    /// The event that matched; of a sequence, the one that completed it.
    pub fn event(&self) -> &'a Event<'a> {
        self.event
    }

    /// Of a sequence, when the earliest of its other events happened; of a
    /// count, when the span of time began in which it was reached.
    pub fn other_time(&self) -> Option<Timestamp> {
        self.earlier
    }

    /// The scheduled job that it speaks of, of those that the event does; of
    /// several, the first. `None` where the detection is about something
    /// else.
    pub fn job(&self) -> Option<Job<'a>> {
        self.scratch.job(self.job?)
    }

    /// Every job of the event that the detection holds of.
    pub fn jobs(&self) -> impl Iterator<Item = Job<'a>> + use<'a> {
        let scratch = self.scratch;
        self.jobs.iter().filter_map(move |one| scratch.job(one.job?))
    }

    /// The first value of a field, as the rule saw it; of a derived field
    /// only where the detection looks at it.
    pub fn value(&self, field: Field) -> Option<&'a [u8]> {
        self.scratch.values(self.event, self.job, field).next()
    }

    /// Calls `visit` with each piece of evidence: for every comparison that
    /// had to pass and did, the bytes that made it pass.
    ///
    /// Costs a plain search per comparison of the rule. Does not allocate
    /// (regular expressions may).
    pub fn each_evidence(&self, mut visit: impl FnMut(Evidence<'a>)) {
        let collect = Collect {
            event: self.event,
            job: self.job,
            scratch: self.scratch,
            expressions: &self.detector.inner.expressions,
        };
        match &self.rule.logic {
            Logic::Single(selection) => {
                collect.predicate(&selection.predicate, &mut visit);
            }
            correlation => {
                let pattern = match correlation.selections() {
                    [_, _] => "same in both events",
                    _ => "same in all events",
                };
                let step = self.part.step();
                let grouped = correlation.group_by().iter();
                for origin in grouped.filter_map(|one| one.origin(step)) {
                    let (event, job) = (self.event, self.job);
                    let mut values =
                        self.scratch.values_from(event, job, origin);
                    let Some(value) = values.next() else { continue };
                    let (range, text) = (0..value.len(), value);
                    let mut own =
                        self.scratch.values(event, job, origin.field);
                    let (field, member) = match own.next() {
                        Some(_) => (origin.field, ""),
                        None => (Field::Member, &*origin.member),
                    };
                    visit(Evidence {
                        field,
                        member,
                        range,
                        text,
                        value,
                        pattern,
                    });
                }
            }
        }
    }

    /// The evidence as a list; allocates.
    pub fn evidence(&self) -> Vec<Evidence<'a>> {
        let mut list = Vec::new();
        self.each_evidence(|evidence| list.push(evidence));
        list
    }
}

/// Why a match matches: a comparison that passed, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence<'a> {
    /// The field that was compared.
    pub field: Field,
    /// The name of the member that was compared, where the field is
    /// [`Field::Member`]; else empty.
    pub member: &'a str,
    /// Where in the field's decoded value the decisive bytes are.
    pub range: Range<usize>,
    /// Those bytes.
    pub text: &'a [u8],
    /// The field's whole decoded value.
    pub value: &'a [u8],
    /// The pattern that they were compared with, as the rule wrote it.
    pub pattern: &'a str,
}

impl<'a> Evidence<'a> {
    /// What rules call what was compared: the field, or the member.
    pub fn name(&self) -> &'a str {
        match self.field {
            Field::Member => self.member,
            field => field.name(),
        }
    }
}

/// Finds evidence by asking each test plainly.
struct Collect<'a> {
    event: &'a Event<'a>,
    job: Option<u16>,
    scratch: &'a Scratch,
    expressions: &'a Expressions,
}

impl<'a> Collect<'a> {
    /// Recurses as deep as the rule is nested, which its compiler bounds.
    fn predicate(
        &self,
        predicate: &'a Predicate,
        visit: &mut impl FnMut(Evidence<'a>),
    ) {
        match predicate {
            Predicate::Test(test) => self.test(test, visit),
            Predicate::All(parts) => {
                for part in parts.iter() {
                    self.predicate(part, visit);
                }
            }
            Predicate::Any(parts) => {
                for part in parts.iter() {
                    match part {
                        // Where it has a range it holds; that nothing is there
                        // has to be so of all of a field's values.
                        Predicate::Test(test)
                            if test.operation != Operation::Null =>
                        {
                            self.test(test, visit);
                        }
                        part if self.holds(part) => {
                            self.predicate(part, visit);
                        }
                        _ => {}
                    }
                }
            }
            Predicate::None(_) => {}
        }
    }

    fn test(&self, test: &'a Test, visit: &mut impl FnMut(Evidence<'a>)) {
        // What the event is says nothing of what it holds.
        if test.field.is_told() {
            return;
        }
        let is_related = test.other().is_some();
        let values = self.scratch.asked(self.event, self.job, test);
        for value in values {
            // Of the others the range says whether they pass.
            if is_related && !self.passes(test, value) {
                continue;
            }
            let range = test.range(value, self.expressions);
            if let Some(range) = range
                && let Some(text) = value.get(range.clone())
            {
                let pattern = test.pattern.as_ref();
                let field = test.field;
                let member = test.member.as_ref();
                visit(Evidence { field, member, range, text, value, pattern });
                return;
            }
        }
    }

    fn holds(&self, predicate: &Predicate) -> bool {
        match predicate {
            Predicate::All(parts) => parts.iter().all(|part| self.holds(part)),
            Predicate::Any(parts) => parts.iter().any(|part| self.holds(part)),
            Predicate::None(parts) => {
                !parts.iter().any(|part| self.holds(part))
            }
            Predicate::Test(test) => {
                let values = self.scratch.asked(self.event, self.job, test);
                test.passes_any(values, |value| self.passes(test, value))
            }
        }
    }

    fn passes(&self, test: &Test, value: &[u8]) -> bool {
        let Collect { event, job, scratch, expressions } = self;
        scratch.passes(event, *job, test, value, expressions)
    }
}

impl fmt::Display for Evidence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Evidence { range, text, .. } = self;
        let (name, start, end) = (self.name(), range.start, range.end);
        write!(f, "{name}[{start}..{end}] = ")?;
        text.utf8_chunks().try_for_each(|chunk| {
            f.write_str(chunk.valid())?;
            let cut = !chunk.invalid().is_empty();
            f.write_str(if cut { "\u{fffd}" } else { "" })
        })
    }
}
