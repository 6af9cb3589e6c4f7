/*!
Detectors, and what is known of detections, kinds of event and fields.
*/

use std::fmt::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};
use t1053::event::{EventKind, Field, Platform};
use t1053::rule::{
    Aggregation, Attribute, Chain, Count, Counted, Detection, Logic,
    Operation, Order, Predicate, Rule, Selection, Sequence, StageInput,
};
use t1053::vocabulary::Member;
use t1053::{
    Canonical, Config, Detector, DetectorBuilder, Format, RuleProblem, RuleSet,
};

use crate::error::{DetectorError, SourceError, SourceNotFoundError, guarded};

/// A compiled detector.
#[pyclass(frozen, module = "t1053._t1053")]
pub(crate) struct Program {
    pub(crate) detector: Detector,
    /// How many rules are the user's own.
    loaded: usize,
    /// What is wrong with rules that are left out.
    problems: Vec<RuleProblem>,
    /// How scanners read logs, and what else a text sets.
    pub(crate) config: Config,
}

/// `t1053.RuleProblem`, in the order of its attributes.
type Problem = (String, Option<usize>, Option<usize>, &'static str, String);

#[pymethods]
impl Program {
    #[new]
    #[expect(
        clippy::too_many_arguments,
        reason = "only `Detector` calls it, with a name for each"
    )]
    fn new(
        py: Python<'_>,
        enable: Vec<String>,
        disable: Vec<String>,
        exclude: Vec<(String, String, String, String)>,
        rules: Vec<(String, Vec<u8>)>,
        builtin: bool,
        strict: bool,
        config: &str,
        canonical: Option<&str>,
        spread: bool,
    ) -> PyResult<Program> {
        guarded(|| {
            let config = configured(config)?;
            let mut builder = config.detector();
            if let Some(name) = canonical {
                builder = builder.canonical(parsed::<Canonical>(name)?);
            }
            for selector in enable {
                builder = builder.enable(parsed(&selector)?);
            }
            for selector in disable {
                builder = builder.disable(parsed(&selector)?);
            }
            for (slug, field, operation, pattern) in exclude {
                let field: Field = parsed(&field)?;
                let known =
                    Operation::NAMED.iter().find(|it| it.0 == operation);
                let Some((_, operation)) = known else {
                    let names = operations().join(", ");
                    return Err(error(&format_args!(
                        "`{operation}` is no way to compare; {names} are"
                    )));
                };
                builder = builder.exclude(&slug, field, *operation, pattern);
            }
            if !builtin {
                builder = builder.without_builtin();
            }
            py.detach(|| {
                let strict = strict || config.is_strict();
                let set = rule_set(&rules, &builder, strict, &config)?;
                let problems = set.problems().to_vec();
                let loaded = set.rules().len();
                let mut builder = builder.rules(set);
                let mut detector =
                    builder.clone().build().map_err(|it| error(&it))?;
                if spread {
                    for part in parts(&detector) {
                        let slug = part.detection.slug.to_string();
                        builder = builder.rule(part).enable(parsed(&slug)?);
                    }
                    for rule in detector.rules() {
                        let slug = &rule.detection.slug;
                        builder = builder.enable(parsed(slug)?);
                    }
                    detector = builder.build().map_err(|it| error(&it))?;
                }
                Ok(Program { detector, loaded, problems, config })
            })
        })
    }

    /// The detections that need several events, by their slugs, and whether
    /// all events of each must agree in their host.
    fn several(&self) -> Vec<(&str, bool)> {
        let rules = self.detector.rules().iter();
        let several =
            rules.filter(|rule| !matches!(rule.logic, Logic::Single(_)));
        let several = several
            .map(|rule| (&*rule.detection.slug, rule.logic.is_of_one_host()));
        several.collect()
    }

    /// The rules as portable Sigma, and why others cannot be written so, by
    /// their slugs.
    fn sigma(&self) -> (Vec<String>, Vec<(String, String)>) {
        let (mut texts, mut refused) = (Vec::new(), Vec::new());
        for rule in self.detector.rules() {
            match t1053::sigma::export(rule) {
                Ok(text) => texts.push(text),
                Err(error) => {
                    let slug = rule.detection.slug.to_string();
                    refused.push((slug, error.to_string()));
                }
            }
        }
        (texts, refused)
    }

    /// The name of each exclusion.
    fn exclusions(&self) -> Vec<&str> {
        let exclusions = self.detector.exclusions().iter();
        exclusions.map(|exclusion| exclusion.name()).collect()
    }

    /// How many rules of the user's own were loaded.
    fn loaded(&self) -> usize {
        self.loaded
    }

    /// What is wrong with rules that are left out.
    fn problems(&self) -> Vec<Problem> {
        self.problems.iter().map(problem).collect()
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
                    let spots = rule.blind_spots();
                    let spots = spots.iter().map(ToString::to_string);
                    let spots: Vec<String> = spots.collect();
                    known.set_item("blind_spots", PyTuple::new(py, spots)?)?;
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

/// How the slug of a part begins; no rule's does.
const PART: &str = "part_of_";

/// A rule for each event that is part of a match of several: what a worker
/// has to hand over to whoever sees the events of all.
fn parts(detector: &Detector) -> Vec<Rule> {
    let mut parts = Vec::new();
    for rule in detector.rules() {
        if matches!(rule.logic, Logic::Single(_)) {
            continue;
        }
        for (at, selection) in rule.logic.selections().iter().enumerate() {
            let slug = format!("{PART}{}_{at}", rule.detection.slug);
            let detection =
                Detection::new(slug.clone(), slug, rule.detection.platform);
            let logic = Logic::Single(selection.clone());
            parts.push(Rule { detection, logic });
        }
    }
    parts
}

fn error(error: &dyn fmt::Display) -> PyErr {
    DetectorError::new_err(error.to_string())
}

/// A selector or a field, by its text.
fn parsed<T: FromStr<Err: fmt::Display>>(text: &str) -> PyResult<T> {
    text.parse().map_err(|it| error(&it))
}

/// A configuration, by its text.
fn configured(text: &str) -> PyResult<Config> {
    parsed(text)
}

/// The paths of rules that a configuration names.
#[pyfunction]
pub(crate) fn config_rules(text: &str) -> PyResult<Vec<String>> {
    guarded(|| Ok(configured(text)?.rules().to_vec()))
}

/// The rules of files, each with its name, for a detector.
fn rule_set(
    files: &[(String, Vec<u8>)],
    builder: &DetectorBuilder,
    strict: bool,
    config: &Config,
) -> PyResult<RuleSet> {
    let mut set = config.rule_set().beside(builder);
    for (name, bytes) in files {
        set = set.file(name, bytes);
    }
    let set = set.build();
    match strict {
        true => set.strict().map_err(|it| error(&it)),
        false => Ok(set),
    }
}

/// Files of rules as a pack, how many rules are in it, and what is wrong with
/// the others.
#[pyfunction]
pub(crate) fn rule_pack(
    py: Python<'_>,
    files: Vec<(String, Vec<u8>)>,
    builtin: bool,
    strict: bool,
) -> PyResult<(Py<PyBytes>, usize, Vec<Problem>)> {
    guarded(|| {
        let mut builder = Detector::builder();
        if !builtin {
            builder = builder.without_builtin();
        }
        let config = Config::default();
        let set = py.detach(|| rule_set(&files, &builder, strict, &config))?;
        let pack = py.detach(|| set.to_pack());
        let problems = set.problems().iter().map(problem).collect();
        let loaded = set.rules().len();
        Ok((PyBytes::new(py, &pack).unbind(), loaded, problems))
    })
}

fn problem(problem: &RuleProblem) -> Problem {
    (
        problem.name().to_owned(),
        problem.line(),
        problem.column(),
        problem.kind().name(),
        problem.message().to_owned(),
    )
}

/// The texts of a file, or of all rule files below a folder, each with its
/// path.
#[pyfunction]
pub(crate) fn rule_files(
    py: Python<'_>,
    path: PathBuf,
) -> PyResult<Vec<(String, Py<PyBytes>)>> {
    guarded(|| {
        let files = py.detach(|| frontend::rules::read(&path));
        let files = files.map_err(|it| match it.is_missing() {
            true => SourceNotFoundError::new_err(it.to_string()),
            false => SourceError::new_err(it.to_string()),
        })?;
        let files = files.into_iter();
        Ok(files
            .map(|file| (file.name, PyBytes::new(py, &file.bytes).unbind()))
            .collect())
    })
}

/// How many rules were loaded, in a line.
#[pyfunction]
pub(crate) fn rules_summary(loaded: usize, problems: usize) -> String {
    frontend::rules::summary(loaded, problems)
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
    known.set_item("author", detection.author.as_deref())?;
    known.set_item("license", detection.license.as_deref())?;
    known.set_item("status", detection.status.as_deref())?;
    known.set_item("date", detection.date.as_deref())?;
    known.set_item("modified", detection.modified.as_deref())?;
    let related = detection.related.iter();
    let related = related.map(|it| (it.id.as_ref(), it.relation.as_ref()));
    known.set_item("related", PyTuple::new(py, related)?)?;
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
        Logic::Aggregation(one) => write_aggregation(&mut text, one),
        Logic::Chain(chain) => write_chain(&mut text, chain),
        // What is new here is at least not hidden.
        other => writeln!(text, "{other:?}"),
    };
    text.truncate(text.trim_end().len());
    text
}

/// Events and correlations have numbers, by which others refer to them.
fn write_chain(text: &mut String, chain: &Chain) -> fmt::Result {
    for (number, selection) in (1..).zip(chain.events.iter()) {
        write!(text, "event {number}, ")?;
        write_selection(text, selection)?;
    }
    for (number, stage) in (1..).zip(chain.stages.iter()) {
        write!(text, "correlation {number}, ")?;
        match &stage.logic {
            Logic::Sequence(sequence) => {
                let seconds = sequence.within_seconds;
                writeln!(text, "in order within {seconds} s of")?;
                write_grouping(text, &sequence.group_by)
            }
            Logic::Count(count) => write_count(text, count),
            Logic::Aggregation(one) => write_aggregation(text, one),
            other => writeln!(text, "{other:?}"),
        }?;
        for (at, step) in (1..).zip(stage.steps.iter()) {
            let inputs = step.iter().map(|input| match *input {
                StageInput::Event(at) => {
                    format!("event {}", u16::from(at).saturating_add(1))
                }
                StageInput::Stage(at) => {
                    format!("correlation {}", u16::from(at).saturating_add(1))
                }
                _ => format!("{input:?}"),
            });
            let inputs: Vec<String> = inputs.collect();
            writeln!(text, "    {at}: {}", inputs.join(" or "))?;
        }
    }
    Ok(())
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
        Counted::Values(one) => writeln!(text, "values of {one} in")?,
        Counted::Selections => writeln!(text, "of")?,
        _ => writeln!(text, "of the events")?,
    }
    for selection in count.events.iter() {
        write_selection(text, selection)?;
    }
    write_grouping(text, &count.group_by)
}

fn write_aggregation(text: &mut String, one: &Aggregation) -> fmt::Result {
    let Aggregation { statistic, of, within_seconds, .. } = one;
    write!(text, "within {within_seconds} s, a {statistic} of {of}")?;
    for (number, bound) in one.bounds.iter().enumerate() {
        let and = if number == 0 { "" } else { " and" };
        let order = match bound.order {
            Order::Below => "below",
            Order::AtMost => "at most",
            Order::Above => "above",
            Order::AtLeast => "at least",
            _ => "of",
        };
        write!(text, "{and} {order} {}", bound.number)?;
    }
    writeln!(text, " in")?;
    for selection in one.events.iter() {
        write_selection(text, selection)?;
    }
    write_grouping(text, &one.group_by)
}

fn write_grouping(text: &mut String, group_by: &[Attribute]) -> fmt::Result {
    let names: Vec<&str> = group_by.iter().map(|one| &*one.name).collect();
    match names.is_empty() {
        true => Ok(()),
        false => writeln!(text, "with the same {}", names.join(" and ")),
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
        Predicate::Test(test) => return writeln!(text, "{indent}{test}"),
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
    Operation::NAMED.iter().map(|it| it.0).collect()
}
