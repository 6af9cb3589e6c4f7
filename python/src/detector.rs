/*!
Detectors, and what is known of detections, kinds of event and fields.
*/

use std::fmt::{self, Write};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use t1053::event::{EventKind, Field, Platform};
use t1053::rule::{
    Count, Counted, Detection, Logic, Operation, Predicate, Selection,
    Sequence, Test,
};
use t1053::vocabulary::Member;
use t1053::{Detector, Format, Selector};

use crate::error::{DetectorError, guarded};

/// A compiled detector.
#[pyclass(frozen, module = "t1053._t1053")]
pub(crate) struct Program {
    pub(crate) detector: Detector,
}

/// What exclusions and conditions call the ways to compare.
const OPERATIONS: [(&str, Operation); 9] = [
    ("equals", Operation::Equals),
    ("startswith", Operation::StartsWith),
    ("endswith", Operation::EndsWith),
    ("contains", Operation::Contains),
    ("name", Operation::Name),
    ("like", Operation::Like),
    ("token", Operation::Token),
    ("re", Operation::Regex),
    ("exists", Operation::Exists),
];

#[pymethods]
impl Program {
    #[new]
    fn new(
        enable: Vec<String>,
        disable: Vec<String>,
        exclude: Vec<(String, String, String, String)>,
    ) -> PyResult<Program> {
        guarded(|| {
            let error = |error: &dyn fmt::Display| {
                DetectorError::new_err(error.to_string())
            };
            let mut builder = Detector::builder();
            for selector in enable {
                let selector: Selector =
                    selector.parse().map_err(|it| error(&it))?;
                builder = builder.enable(selector);
            }
            for selector in disable {
                let selector: Selector =
                    selector.parse().map_err(|it| error(&it))?;
                builder = builder.disable(selector);
            }
            for (slug, field, operation, pattern) in exclude {
                let field: Field = field.parse().map_err(|it| error(&it))?;
                let known = OPERATIONS.iter().find(|it| it.0 == operation);
                let Some((_, operation)) = known else {
                    let names = OPERATIONS.map(|it| it.0).join(", ");
                    return Err(error(&format_args!(
                        "`{operation}` is no way to compare; {names} are"
                    )));
                };
                builder = builder.exclude(&slug, field, *operation, pattern);
            }
            let detector = builder.build().map_err(|it| error(&it))?;
            Ok(Program { detector })
        })
    }

    /// What is known of each detection, in order.
    fn detections<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Vec<Bound<'py, PyDict>>> {
        guarded(|| {
            let rules = self.detector.rules().iter();
            rules
                .map(|rule| {
                    let known = describe(py, &rule.detection)?;
                    known.set_item("condition", condition(&rule.logic))?;
                    let kinds = kinds(&rule.logic);
                    known.set_item("events", PyTuple::new(py, kinds)?)?;
                    Ok(known)
                })
                .collect()
        })
    }

    /// The verdict of each event that an item holds, and why it cannot be
    /// read, if it cannot.
    fn verdicts<'py>(
        &self,
        item: &Bound<'py, PyAny>,
    ) -> PyResult<(Vec<Bound<'py, PyDict>>, Option<String>)> {
        crate::verdict::verdicts(item, &self.detector)
    }

    /// Bytes of memory held.
    fn memory_usage(&self) -> usize {
        self.detector.memory_usage()
    }
}

fn describe<'py>(
    py: Python<'py>,
    detection: &Detection,
) -> PyResult<Bound<'py, PyDict>> {
    let known = PyDict::new(py);
    let texts = |texts: &[std::borrow::Cow<'static, str>]| {
        PyTuple::new(py, texts.iter().map(AsRef::as_ref))
    };
    known.set_item("slug", detection.slug.as_ref())?;
    known.set_item("title", detection.title.as_ref())?;
    known.set_item("id", detection.id.as_deref())?;
    known.set_item("published_name", detection.published_name.as_deref())?;
    known.set_item("pack", detection.pack.map(|it| it.name()))?;
    known.set_item("kind", detection.kind.name())?;
    known.set_item("techniques", texts(&detection.techniques)?)?;
    let tactics = detection.tactics.iter().map(|it| it.name());
    known.set_item("tactics", PyTuple::new(py, tactics)?)?;
    let risk = detection.risk;
    known.set_item("risk_score", risk.map(|it| it.score))?;
    known.set_item("impact", risk.map(|it| it.impact))?;
    known.set_item("confidence", risk.map(|it| it.confidence))?;
    let objects = detection.risk_objects.iter();
    let objects = objects
        .map(|it| (it.field.as_ref(), it.object.as_ref(), it.role.name()));
    known.set_item("risk_objects", PyTuple::new(py, objects)?)?;
    known.set_item("severity", detection.severity.name())?;
    known.set_item("weight", detection.weight)?;
    known.set_item("needs", detection.needs.as_ref())?;
    known.set_item("response", detection.response.as_ref())?;
    known.set_item("platform", detection.platform.name())?;
    known.set_item("description", detection.description.as_ref())?;
    known.set_item("false_positives", texts(&detection.false_positives)?)?;
    known.set_item("references", texts(&detection.references)?)?;
    known.set_item("group_by", texts(&detection.group_by)?)?;
    known.set_item("message", detection.message.as_ref())?;
    Ok(known)
}

/// The kinds of event that a rule asks for.
fn kinds(logic: &Logic) -> Vec<&'static str> {
    let kinds = logic.selections().iter().flat_map(|it| it.kinds.iter());
    let mut names: Vec<&str> = kinds.map(|it| it.name()).collect();
    names.dedup();
    names
}

/// What a rule asks, for a person: one comparison a line.
fn condition(logic: &Logic) -> String {
    let mut text = String::new();
    let _ = match logic {
        Logic::Single(selection) => write_selection(&mut text, selection),
        Logic::Sequence(sequence) => write_sequence(&mut text, sequence),
        Logic::Count(count) => write_count(&mut text, count),
        // What is new here is at least not hidden.
        other => writeln!(text, "{other:?}"),
    };
    text.truncate(text.trim_end().len());
    text
}

fn write_sequence(text: &mut String, sequence: &Sequence) -> fmt::Result {
    let seconds = sequence.within_seconds;
    for (step, selection) in sequence.steps.iter().enumerate() {
        match step {
            0 => text.write_str("first, ")?,
            1 => write!(text, "then within {seconds} s, ")?,
            _ => text.write_str("then, ")?,
        }
        write_selection(text, selection)?;
    }
    write_grouping(text, &sequence.group_by)
}

fn write_count(text: &mut String, count: &Count) -> fmt::Result {
    let Count { of, at_least, within_seconds, .. } = count;
    write!(text, "within {within_seconds} s, at least {at_least} ")?;
    match of {
        Counted::Values(field) => writeln!(text, "values of {field} in")?,
        Counted::Selections => writeln!(text, "of")?,
        _ => writeln!(text, "of the events")?,
    }
    for selection in count.events.iter() {
        write_selection(text, selection)?;
    }
    write_grouping(text, &count.group_by)
}

fn write_grouping(text: &mut String, fields: &[Field]) -> fmt::Result {
    let fields: Vec<&str> = fields.iter().map(|field| field.name()).collect();
    match fields.is_empty() {
        true => Ok(()),
        false => writeln!(text, "with the same {}", fields.join(" and ")),
    }
}

fn write_selection(text: &mut String, selection: &Selection) -> fmt::Result {
    let kinds = selection.kinds.iter().map(|it| it.name());
    let kinds: Vec<&str> = kinds.collect();
    writeln!(text, "{}:", kinds.join(" or "))?;
    write_predicate(text, &selection.predicate, 1)
}

/// Recurses as deep as the rule is nested, which its compiler bounds.
fn write_predicate(
    text: &mut String,
    predicate: &Predicate,
    depth: usize,
) -> fmt::Result {
    let indent = "  ".repeat(depth);
    let (word, parts) = match predicate {
        Predicate::Test(test) => return write_test(text, test, &indent),
        Predicate::All(parts) => ("all of", parts),
        Predicate::Any(parts) => ("any of", parts),
        Predicate::None(parts) => ("none of", parts),
    };
    if parts.is_empty() && word == "all of" {
        return writeln!(text, "{indent}always");
    }
    writeln!(text, "{indent}{word}")?;
    for part in parts.iter() {
        write_predicate(text, part, depth.saturating_add(1))?;
    }
    Ok(())
}

fn write_test(text: &mut String, test: &Test, indent: &str) -> fmt::Result {
    let Test { field, member, operation, pattern, cased } = test;
    let field = match field {
        Field::Member => member.as_ref(),
        field => field.name(),
    };
    let cased = if *cased { "|cased" } else { "" };
    match operation {
        Operation::EntropyAbove(bits) => {
            writeln!(text, "{indent}{field}|entropy|gt: {bits}")
        }
        Operation::Exists => writeln!(text, "{indent}{field}|exists: true"),
        Operation::Null => writeln!(text, "{indent}{field}: null"),
        Operation::Equals => {
            writeln!(text, "{indent}{field}{cased}: {pattern}")
        }
        other => {
            let name = other.modifiers();
            writeln!(text, "{indent}{field}|{name}{cased}: {pattern}")
        }
    }
}

/// The attribute and the name of each field.
type Attributes = Vec<(&'static str, &'static str)>;

fn attributes(members: &[Member]) -> Attributes {
    let members = members.iter();
    members.map(|member| (member.name, member.field.name())).collect()
}

/// Each kind of event: its name, and its fields.
#[pyfunction]
pub(crate) fn event_kinds() -> Vec<(&'static str, Attributes)> {
    let kinds = EventKind::ALL.iter();
    kinds.map(|kind| (kind.name(), attributes(kind.members()))).collect()
}

/// The fields of every event.
#[pyfunction]
pub(crate) fn common_fields() -> Attributes {
    attributes(EventKind::HEAD)
}

/// The name of each field.
#[pyfunction]
pub(crate) fn fields() -> Vec<&'static str> {
    Field::ALL.iter().map(|it| it.name()).collect()
}

/// The name of each format.
#[pyfunction]
pub(crate) fn formats() -> Vec<&'static str> {
    Format::ALL.iter().map(|it| it.name()).collect()
}

/// The name of each platform.
#[pyfunction]
pub(crate) fn platforms() -> Vec<&'static str> {
    Platform::ALL.iter().map(|it| it.name()).collect()
}

/// The ways to compare that exclusions know.
#[pyfunction]
pub(crate) fn operations() -> Vec<&'static str> {
    OPERATIONS.iter().map(|it| it.0).collect()
}
