/*!
Why a detection matches an event, or does not, test by test.

Not for the hot path: every test is asked plainly, and the answers are a list.
*/

use core::fmt;

use super::Detector;
use crate::bytes;
use crate::derive::{Derivations, Derived};
use crate::event::{Event, EventKind, Field, Platform};
use crate::rule::{Detection, Expressions, Predicate, Rule, Test};

/// Why a detection matches an event, or does not; see
/// [`Detector::explain`](crate::Detector::explain).
///
/// Displayed, it is a text for people: a line for each test, with the values
/// that it looked at.
#[derive(Clone, Debug)]
pub struct Explanation<'a> {
    detection: &'a Detection,
    platform: Platform,
    kind: EventKind,
    parts: Vec<ExplainedPart<'a>>,
}

impl<'a> Explanation<'a> {
    /// The detection.
    pub fn detection(&self) -> &'a Detection {
        self.detection
    }

    /// Whether the event matches: of a detection that needs several events,
    /// whether it is one of them.
    pub fn is_match(&self) -> bool {
        self.parts.iter().any(|part| part.is_match())
    }

    /// What the detection asks: one part, or one for each event that it needs,
    /// and of a rule about jobs one for each job that the event speaks of.
    pub fn parts(&self) -> &[ExplainedPart<'a>] {
        &self.parts
    }
}

/// What is asked of one event, and what it answers.
#[derive(Clone, Debug)]
pub struct ExplainedPart<'a> {
    /// The kinds of event that are asked.
    pub kinds: &'a [EventKind],
    /// Of a rule about jobs, the job that is asked about, from 0, of those
    /// that the event speaks of.
    pub job: Option<usize>,
    /// Whether the event is of the detection's platform and one of the kinds.
    /// Where it is not, it does not match, whatever the steps say.
    pub is_asked: bool,
    /// The condition, each group before what is in it.
    pub steps: Vec<ExplainedStep<'a>>,
}

impl ExplainedPart<'_> {
    /// Whether the event matches this part.
    pub fn is_match(&self) -> bool {
        let holds = self.steps.first().is_none_or(|step| step.holds);
        self.is_asked && holds
    }
}

/// A step of a condition.
#[derive(Clone, Debug)]
pub struct ExplainedStep<'a> {
    /// In how many groups it stands.
    pub depth: usize,
    /// What is asked.
    pub question: ExplainedQuestion<'a>,
    /// Whether it holds.
    pub holds: bool,
    /// Of a test, the values that it looked at; none where the field is
    /// absent.
    pub values: Vec<Vec<u8>>,
}

/// What a step asks.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ExplainedQuestion<'a> {
    /// Whether all of the group hold.
    All,
    /// Whether any of the group holds.
    Any,
    /// Whether none of the group holds.
    None,
    /// Whether a comparison passes.
    Test(&'a Test),
}

/// Asks all tests of a rule.
pub(super) fn explain<'a>(
    detector: &Detector,
    rule: &'a Rule,
    event: &Event<'_>,
) -> Explanation<'a> {
    let detection = &rule.detection;
    let expressions = &detector.inner.expressions;
    let derived = Derived::new(detector.inner.canonical);
    let steps = Vec::new();
    let mut asking = Asking { event, job: None, expressions, derived, steps };
    let is_here =
        [event.platform, Platform::Any].contains(&detection.platform);
    let mut parts = Vec::new();
    for selection in rule.logic.selections() {
        let kinds = &*selection.kinds;
        let jobs = match kinds.contains(&EventKind::ScheduledJob) {
            true => asking.derived.read_jobs(event),
            false => 0,
        };
        // A generic event tells its platform in its log source, which is
        // asked.
        let is_direct = kinds.contains(&event.kind())
            && (is_here || event.kind() == EventKind::Generic);
        let none = (jobs == 0).then_some(None);
        for job in (0..jobs).map(Some).chain(none) {
            asking.job = job;
            asking.ask(&selection.predicate, 0);
            let is_asked = is_direct || (is_here && job.is_some());
            let steps = core::mem::take(&mut asking.steps);
            parts.push(ExplainedPart { kinds, job, is_asked, steps });
        }
    }
    let (platform, kind) = (event.platform, event.kind());
    Explanation { detection, platform, kind, parts }
}

/// Asks tests plainly.
struct Asking<'e, 'a> {
    event: &'e Event<'e>,
    job: Option<usize>,
    expressions: &'e Expressions,
    derived: Derived,
    steps: Vec<ExplainedStep<'a>>,
}

impl<'a> Asking<'_, 'a> {
    /// Recurses as deep as the rule is nested, which its compiler bounds.
    fn ask(&mut self, predicate: &'a Predicate, depth: usize) -> bool {
        let (question, parts) = match predicate {
            Predicate::All(parts) => (ExplainedQuestion::All, parts),
            Predicate::Any(parts) => (ExplainedQuestion::Any, parts),
            Predicate::None(parts) => (ExplainedQuestion::None, parts),
            Predicate::Test(test) => return self.ask_test(test, depth),
        };
        let place = self.steps.len();
        let values = Vec::new();
        let step = ExplainedStep { depth, question, holds: false, values };
        self.steps.push(step);
        let inner = depth.saturating_add(1);
        let answers: Vec<bool> =
            parts.iter().map(|part| self.ask(part, inner)).collect();
        let holds = match question {
            ExplainedQuestion::All => answers.iter().all(|&holds| holds),
            ExplainedQuestion::Any => answers.iter().any(|&holds| holds),
            _ => !answers.iter().any(|&holds| holds),
        };
        if let Some(step) = self.steps.get_mut(place) {
            step.holds = holds;
        }
        holds
    }

    fn ask_test(&mut self, test: &'a Test, depth: usize) -> bool {
        self.derived.run(Derivations::of(test.fields()), self.event);
        let (event, job, derived) = (self.event, self.job, &self.derived);
        let values = || derived.asked(event, job, test.field, &test.member);
        let holds = test.passes_any(values(), |value| match test.other() {
            Some((field, member)) => derived
                .asked(event, job, field, member)
                .any(|other| test.relates(value, other)),
            None => test.passes(value, self.expressions),
        });
        let values = values().map(<[u8]>::to_vec).collect();
        let question = ExplainedQuestion::Test(test);
        self.steps.push(ExplainedStep { depth, question, holds, values });
        holds
    }
}

/// The most characters of a value that are shown.
const MOST_SHOWN: usize = 300;

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let does = if self.is_match() { "matches" } else { "does not match" };
        write!(f, "{} {does}", self.detection.slug)?;
        for part in &self.parts {
            if let Some(job) = part.job {
                write!(f, "\n  job {job}")?;
            } else if self.parts.len() > 1 {
                write!(f, "\n  one of its {} events", self.parts.len())?;
            }
            if !part.is_asked {
                let names = part.kinds.iter().map(|kind| kind.name());
                let names: Vec<&str> = names.collect();
                write!(
                    f,
                    "\n  no   it asks {} on {}; this is {} on {}",
                    names.join(" or "),
                    self.detection.platform,
                    self.kind,
                    self.platform,
                )?;
            }
            for step in &part.steps {
                write!(f, "\n{step}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for ExplainedStep<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let indent = "  ".repeat(self.depth);
        let answer = if self.holds { "yes" } else { "no " };
        write!(f, "  {answer}  {indent}")?;
        match self.question {
            ExplainedQuestion::All => f.write_str("all of"),
            ExplainedQuestion::Any => f.write_str("any of"),
            ExplainedQuestion::None => f.write_str("none of"),
            ExplainedQuestion::Test(test) => {
                write!(f, "{test}")?;
                let name = match test.field {
                    Field::Member => &test.member,
                    field => field.name(),
                };
                for value in &self.values {
                    write!(f, "\n         {indent}{name} = ")?;
                    bytes::write_in_one_line(f, value, MOST_SHOWN)?;
                }
                if self.values.is_empty() {
                    write!(f, "\n         {indent}{name} is absent")?;
                }
                Ok(())
            }
        }
    }
}
