/*!
Rules to Sigma files that other programs read: without what is this project's
own, as far as they can be said so.
*/

use core::fmt::{self, Write};
use core::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::derive;
use crate::event::{EventKind, Field, Platform};
use crate::rule::{
    Aggregation, Attribute, Bound, Chain, Count, Counted, Detection, Logic,
    Operation, Order, Origin, Pack, Predicate, Rule, Selection, StageInput,
    Statistic, Test,
};

/// Writes a rule as Sigma that other programs read: one document, or several
/// where it is about several log sources or events. What Sigma has no key for
/// is left out; `token` becomes a regular expression and `name` a list of three
/// values.
///
/// # Errors
///
/// The rule asks for what only this library tells: a part of a task definition,
/// a job, the randomness of a value; or for a log that Sigma has no name for.
///
/// # Example
///
/// ```
/// use t1053::sigma::{compile, export};
///
/// let rules = compile(r"
/// title: Task from a share
/// logsource: {category: process_creation, product: windows}
/// detection:
///     share: {CommandLine|contains: '/tr \\\\'}
///     condition: share
/// level: high
/// ")?;
/// let text = export(&rules[0])?;
/// assert!(text.contains(r"        CommandLine|contains: '/tr \\\\'"), "{text}");
/// assert_eq!(compile(&text)?[0].logic, rules[0].logic);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn export(rule: &Rule) -> Result<String, ExportError> {
    let detection = &rule.detection;
    let mut text = String::new();
    match &rule.logic {
        Logic::Single(selection) => {
            let documents = documents(selection, detection.platform)?;
            for (number, document) in (1..).zip(documents) {
                let suffix = match number {
                    1 => String::new(),
                    number => format!("_{number}"),
                };
                head(&mut text, detection, &suffix);
                text += &document;
                tail(&mut text, detection);
            }
        }
        Logic::Chain(chain) => {
            let names = steps(&mut text, detection, &chain.events)?;
            chained(&mut text, detection, chain, &names)?;
        }
        logic => {
            let names = steps(&mut text, detection, logic.selections())?;
            head(&mut text, detection, "");
            let each = names.iter().map(|name| vec![name.as_str()]);
            correlation(&mut text, logic, &each.collect::<Vec<_>>())?;
            aliases(&mut text, logic, &names, |attribute, at| {
                Ok(attribute.origin(at).map_or("", name).to_owned())
            })?;
            tail(&mut text, detection);
        }
    }
    Ok(text)
}

/// Why a rule cannot be written as Sigma that other programs read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportError(String);

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for ExportError {}

/// The rules of what needs several events; returns their names.
fn steps(
    text: &mut String,
    detection: &Detection,
    selections: &[Selection],
) -> Result<Vec<String>, ExportError> {
    let mut names = Vec::new();
    for (number, selection) in (1..).zip(selections) {
        let documents = documents(selection, detection.platform)?;
        let [document] = documents.as_slice() else {
            let why = "an event of it may be of several log sources";
            return Err(ExportError(why.into()));
        };
        let suffix = format!("_step_{number}");
        head(text, detection, &suffix);
        *text += document;
        *text += "level: informational\n---\n";
        names.push(format!("{}{suffix}", detection.slug));
    }
    Ok(names)
}

fn counted(
    count: &Count,
    steps: &[Vec<&str>],
) -> Result<(&'static str, String), ExportError> {
    let Count { of, at_least, .. } = count;
    let condition = format!("    condition:\n        gte: {at_least}\n");
    Ok(match of {
        Counted::Events => ("event_count", condition),
        Counted::Values(values) => {
            let field = format!("        field: {values}\n");
            ("value_count", condition + &field)
        }
        // All of them, where nothing else is said.
        Counted::Selections if *at_least as usize == steps.len() => {
            ("temporal", all_of(steps))
        }
        Counted::Selections if steps.iter().all(|step| step.len() == 1) => {
            ("temporal", condition)
        }
        Counted::Selections => {
            let why = "Sigma cannot count alternatives as one";
            return Err(ExportError(why.into()));
        }
    })
}

/// The condition that asks for all steps; none where each is one rule.
fn all_of(steps: &[Vec<&str>]) -> String {
    if steps.iter().all(|step| step.len() == 1) {
        return String::new();
    }
    let each = steps.iter().map(|step| match step.as_slice() {
        [one] => (*one).to_owned(),
        several => format!("({})", several.join(" or ")),
    });
    let each: Vec<String> = each.collect();
    format!("    condition: {}\n", each.join(" and "))
}

fn aggregated(aggregation: &Aggregation) -> (&'static str, String) {
    let mut condition =
        format!("    condition:\n        field: {}\n", aggregation.of);
    let kind = match aggregation.statistic {
        Statistic::Sum => "value_sum",
        Statistic::Average => "value_avg",
        Statistic::Percentile(50) => "value_median",
        Statistic::Percentile(percent) => {
            let _ = writeln!(condition, "        percentile: {percent}");
            "value_percentile"
        }
    };
    for Bound { order, number } in aggregation.bounds.iter() {
        let order = match order {
            Order::Same => "eq",
            order => order.name(),
        };
        let _ = writeln!(condition, "        {order}: {number}");
    }
    (kind, condition)
}

/// The correlations of a chain; `names` are those of its events.
fn chained(
    text: &mut String,
    detection: &Detection,
    chain: &Chain,
    names: &[String],
) -> Result<(), ExportError> {
    let slug = &detection.slug;
    let stage_name = |number: usize| format!("{slug}_stage_{number}");
    let stages = 1..=chain.stages.len();
    let stage_names: Vec<String> = stages.map(stage_name).collect();
    for (at, stage) in chain.stages.iter().enumerate() {
        let name_of = |input: &StageInput| {
            let name = match *input {
                StageInput::Event(number) => names.get(usize::from(number)),
                StageInput::Stage(number) => {
                    stage_names.get(usize::from(number))
                }
            };
            name.map_or("", String::as_str)
        };
        let each =
            stage.steps.iter().map(|step| step.iter().map(name_of).collect());
        let each: Vec<Vec<&str>> = each.collect();
        let number = at.saturating_add(1);
        let is_last = number == chain.stages.len();
        let suffix = match is_last {
            true => String::new(),
            false => format!("_stage_{number}"),
        };
        head(text, detection, &suffix);
        correlation(text, &stage.logic, &each)?;
        let mut inputs: Vec<StageInput> = Vec::new();
        for &input in stage.inputs() {
            if !inputs.contains(&input) {
                inputs.push(input);
            }
        }
        let rules: Vec<&str> = inputs.iter().map(name_of).collect();
        aliases(text, &stage.logic, &rules, |attribute, at| {
            name_in(chain, attribute, inputs.get(at).copied())
        })?;
        match is_last {
            true => tail(text, detection),
            false => *text += "level: informational\n---\n",
        }
    }
    Ok(())
}

/// What a part of a chain calls what an attribute of a later one is.
fn name_in(
    chain: &Chain,
    attribute: &Attribute,
    input: Option<StageInput>,
) -> Result<String, ExportError> {
    let stage = match input {
        Some(StageInput::Stage(stage)) => usize::from(stage),
        Some(StageInput::Event(event)) => {
            let origin = attribute.origin(usize::from(event));
            return Ok(origin.map_or("", name).to_owned());
        }
        None => return Ok(String::new()),
    };
    let events = 0..chain.events.len();
    let events: Vec<usize> =
        events.filter(|&event| chain.reaches(stage, event)).collect();
    let is_same = |own: &&Attribute| {
        let mut events = events.iter();
        events.all(|&event| own.origin(event) == attribute.origin(event))
    };
    let logic = chain.stages.get(stage).map(|stage| &stage.logic);
    let mut own = logic.into_iter().flat_map(Logic::attributes);
    if let Some(own) = own.find(is_same) {
        return Ok(own.name.to_string());
    }
    let mut names = events.iter().filter_map(|&at| attribute.origin(at));
    let first = names.next().map_or("", name);
    match names.all(|origin| name(origin) == first) {
        true => Ok(first.to_owned()),
        false => {
            let why = "a part of it has no name for what its events agree in";
            Err(ExportError(why.into()))
        }
    }
}

/// A correlation, without its aliases.
fn correlation(
    text: &mut String,
    logic: &Logic,
    steps: &[Vec<&str>],
) -> Result<(), ExportError> {
    let (seconds, (kind, condition)) = match logic {
        Logic::Sequence(sequence) => {
            let condition = ("temporal_ordered", all_of(steps));
            (sequence.within_seconds, condition)
        }
        Logic::Count(count) => (count.within_seconds, counted(count, steps)?),
        Logic::Aggregation(aggregation) => {
            (aggregation.within_seconds, aggregated(aggregation))
        }
        Logic::Single(_) | Logic::Chain(_) => {
            return Err(ExportError("it is no correlation".into()));
        }
    };
    let _ = writeln!(text, "correlation:\n    type: {kind}\n    rules:");
    let mut written = Vec::new();
    for rule in steps.iter().flatten().filter(|rule| !rule.is_empty()) {
        // An alternative of several steps.
        if written.contains(rule) {
            continue;
        }
        written.push(*rule);
        let _ = writeln!(text, "        - {rule}");
    }
    let group_by = logic.group_by();
    if !group_by.is_empty() {
        *text += "    group-by:\n";
    }
    for attribute in group_by {
        let _ = writeln!(text, "        - {attribute}");
    }
    let _ = writeln!(text, "    timespan: {seconds}s");
    *text += &condition;
    Ok(())
}

/// The aliases of a correlation; `name_of` tells what the rule of a number
/// calls an attribute.
fn aliases(
    text: &mut String,
    logic: &Logic,
    rules: &[impl AsRef<str>],
    name_of: impl Fn(&Attribute, usize) -> Result<String, ExportError>,
) -> Result<(), ExportError> {
    let mut is_first = true;
    for attribute in logic.attributes() {
        for origin in attribute.origins.iter() {
            portable(origin.field)?;
        }
        let names = (0..rules.len()).map(|at| name_of(attribute, at));
        let names = names.collect::<Result<Vec<_>, _>>()?;
        if names.iter().all(|name| *name == attribute.name) {
            continue;
        }
        if is_first {
            *text += "    aliases:\n";
        }
        is_first = false;
        let _ = writeln!(text, "        {attribute}:");
        for (rule, name) in rules.iter().zip(names) {
            let _ = writeln!(text, "            {}: {name}", rule.as_ref());
        }
    }
    Ok(())
}

/// What rules call what comes from somewhere.
fn name(origin: &Origin) -> &str {
    match &*origin.member {
        "" => origin.field.name(),
        member => member,
    }
}

/// What stands before the log source.
fn head(text: &mut String, detection: &Detection, suffix: &str) {
    let id = match (&detection.id, suffix) {
        (Some(id), "") => id.to_string(),
        _ => made_id(&format!("{}{suffix}", detection.slug)),
    };
    let title = match suffix.trim_start_matches('_').replace('_', " ") {
        none if none.is_empty() => detection.title.to_string(),
        which => format!("{}, {which}", detection.title),
    };
    let status = detection.status.as_deref().unwrap_or("test");
    let _ = writeln!(text, "title: {}", quoted(&title));
    let _ = writeln!(text, "id: {id}");
    let _ = writeln!(text, "name: {}{suffix}", detection.slug);
    let _ = writeln!(text, "status: {status}");
    if !detection.description.is_empty() {
        let description = quoted(&detection.description);
        let _ = writeln!(text, "description: {description}");
    }
    for (key, value) in [
        ("author", author(detection)),
        ("license", detection.license.as_deref()),
        ("date", detection.date.as_deref()),
        ("modified", detection.modified.as_deref()),
    ] {
        if let Some(value) = value {
            let _ = writeln!(text, "{key}: {}", quoted(value));
        }
    }
    list(text, "references", detection.references.iter());
    let tactics = detection.tactics.iter().map(|tactic| tactic.name());
    let techniques = detection.techniques.iter().map(AsRef::as_ref);
    let tags = tactics.chain(techniques);
    let tags: Vec<String> =
        tags.map(|tag| format!("attack.{}", tag.to_lowercase())).collect();
    list(text, "tags", tags.iter());
}

/// What stands behind the detection.
fn tail(text: &mut String, detection: &Detection) {
    list(text, "falsepositives", detection.false_positives.iter());
    let _ = writeln!(text, "level: {}\n---", detection.severity);
}

fn author(detection: &Detection) -> Option<&str> {
    let author = detection.author.as_deref();
    author.or(match detection.pack? {
        Pack::ScheduledTasks => {
            Some("Splunk Threat Research Team, translated by t1053")
        }
        Pack::ScheduledTaskJob => Some("Devo, translated by t1053"),
        Pack::Behaviours => Some("t1053"),
    })
}

fn list(
    text: &mut String,
    key: &str,
    values: impl ExactSizeIterator<Item = impl AsRef<str>>,
) {
    if values.len() > 0 {
        let _ = writeln!(text, "{key}:");
    }
    for value in values {
        let _ = writeln!(text, "    - {}", quoted(value.as_ref()));
    }
}

/// An id for what has none: always the same for the same name.
fn made_id(name: &str) -> String {
    let mut hasher = SipHasher13::new();
    hasher.write(name.as_bytes());
    let hash = hasher.finish128().as_u128();
    // Version 8, a made one, and the variant of RFC 9562.
    let hash = hash & !(0xf << 76) & !(0x3 << 62) | 0x8 << 76 | 0x2 << 62;
    let digits = format!("{hash:032x}");
    let part = |range: core::ops::Range<usize>| {
        digits.get(range).unwrap_or_default().to_owned()
    };
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)]
        .join("-")
}

/// A log source, with the ids of its events where they have one.
#[derive(PartialEq)]
struct Source {
    /// The lines below `logsource`.
    lines: String,
    ids: Vec<&'static str>,
    predicate: Predicate,
}

/// The log sources and detections of a selection.
fn documents(
    selection: &Selection,
    platform: Platform,
) -> Result<Vec<String>, ExportError> {
    let mut sources: Vec<Source> = Vec::new();
    for &kind in selection.kinds.iter() {
        let predicate = selection.predicate.of_kind(kind);
        if predicate.decided() == Some(false) {
            continue;
        }
        for (lines, id) in log_sources(kind, platform)? {
            let known = sources.iter_mut().find(|source| {
                source.lines == lines && source.predicate == predicate
            });
            match known {
                Some(source) => source.ids.extend(id),
                None => {
                    let ids = id.into_iter().collect();
                    let predicate = predicate.clone();
                    sources.push(Source { lines, ids, predicate });
                }
            }
        }
    }
    sources.into_iter().map(document).collect()
}

/// How Sigma calls the events of a kind, each with their id, if it is not what
/// the log source says already.
fn log_sources(
    kind: EventKind,
    platform: Platform,
) -> Result<Vec<(String, Option<&'static str>)>, ExportError> {
    let product = match platform {
        Platform::Any | Platform::Other => String::new(),
        platform => format!("    product: {}\n", platform.name()),
    };
    let mut categories = kind.categories().iter();
    if kind != EventKind::ScheduledJob
        && let Some(category) =
            categories.find(|category| category.event_types.is_empty())
    {
        let lines = format!("    category: {}\n{product}", category.name);
        return Ok(vec![(lines, None)]);
    }
    let logs = kind.ids().iter();
    let logs = logs.filter(|(log, _)| log.platform() == platform);
    let sources = logs.map(|(log, id)| {
        let lines = format!("{product}    service: {}\n", log.service());
        let is_told = log.selector() == "EventID";
        (lines, is_told.then_some(*id))
    });
    let sources: Vec<_> = sources.collect();
    match sources.is_empty() {
        true => {
            Err(ExportError(format!("Sigma has no log source for {kind}")))
        }
        false => Ok(sources),
    }
}

fn document(source: Source) -> Result<String, ExportError> {
    let mut writer = Writer::default();
    let condition = match source.predicate.decided() {
        Some(_) => String::new(),
        None => writer.condition(&source.predicate, true)?,
    };
    let mut conditions = Vec::new();
    if !source.ids.is_empty() {
        let ids = source.ids.iter().map(|id| (*id).to_owned()).collect();
        conditions.push(writer.selection("EventID", ids));
    }
    if !condition.is_empty() {
        let is_simple = conditions.is_empty() || !condition.contains(" or ");
        conditions.push(match is_simple {
            true => condition,
            false => format!("({condition})"),
        });
    }
    if conditions.is_empty() {
        return Err(ExportError("it asks for nothing".into()));
    }
    Ok(format!(
        "logsource:\n{}detection:\n{}    condition: {}\n",
        source.lines,
        writer.selections,
        conditions.join(" and "),
    ))
}

/// Gathers the selections of a detection.
#[derive(Default)]
struct Writer {
    selections: String,
    count: usize,
}

impl Writer {
    /// Adds a selection of one field; returns its name.
    fn selection(&mut self, key: &str, values: Vec<String>) -> String {
        self.count = self.count.saturating_add(1);
        let name = format!("selection_{}", self.count);
        let text = &mut self.selections;
        let _ = writeln!(text, "    {name}:");
        match values.as_slice() {
            [only] => {
                let _ = writeln!(text, "        {key}: {only}");
            }
            values => {
                let _ = writeln!(text, "        {key}:");
                for value in values {
                    let _ = writeln!(text, "            - {value}");
                }
            }
        }
        name
    }

    /// The condition that a predicate is; in parentheses, unless it stands
    /// alone. Recurses as deep as the rule is nested, which its compiler
    /// bounds.
    fn condition(
        &mut self,
        predicate: &Predicate,
        alone: bool,
    ) -> Result<String, ExportError> {
        let mut join = |parts: &[Predicate], word: &str| {
            let each = parts.iter().map(|part| self.condition(part, false));
            let each: Result<Vec<String>, ExportError> = each.collect();
            Ok(each?.join(word))
        };
        match predicate {
            Predicate::Test(test) => {
                let (key, values) = line(test)?;
                Ok(self.selection(&key, values))
            }
            Predicate::Any(parts) => {
                if let Some((key, values)) = one_line(parts)? {
                    return Ok(self.selection(&key, values));
                }
                let text = join(parts, " or ")?;
                Ok(if alone { text } else { format!("({text})") })
            }
            Predicate::All(parts) => {
                let text = join(parts, " and ")?;
                Ok(if alone { text } else { format!("({text})") })
            }
            Predicate::None(parts) => match one_line(parts)? {
                Some((key, values)) => {
                    Ok(format!("not {}", self.selection(&key, values)))
                }
                None => Ok(format!("not ({})", join(parts, " or ")?)),
            },
        }
    }
}

/// Alternatives that compare one field in one way, as one line.
fn one_line(
    parts: &[Predicate],
) -> Result<Option<(String, Vec<String>)>, ExportError> {
    let mut key = None;
    let mut all = Vec::new();
    for part in parts {
        let Predicate::Test(test) = part else { return Ok(None) };
        let (own, values) = line(test)?;
        if key.get_or_insert_with(|| own.clone()) != &own {
            return Ok(None);
        }
        all.extend(values);
    }
    Ok(key.map(|key| (key, all)))
}

/// A test as a key and its values.
fn line(test: &Test) -> Result<(String, Vec<String>), ExportError> {
    portable(test.field)?;
    let name = match test.field {
        Field::Member => &*test.member,
        field => field.name(),
    };
    let pattern = &*test.pattern;
    let plain = escaped(pattern);
    let (modifiers, values) = match test.operation {
        Operation::Equals
        | Operation::StartsWith
        | Operation::EndsWith
        | Operation::Contains => {
            (test.operation.modifiers().to_owned(), vec![plain])
        }
        Operation::Name => {
            let below = ["\\", "/"].map(|slash| format!("*{slash}{plain}"));
            (String::new(), [vec![plain], below.to_vec()].concat())
        }
        Operation::Like => (String::new(), vec![pattern.to_owned()]),
        Operation::Token if test.cased => ("re".into(), vec![token(pattern)]),
        Operation::Token => ("re|i".into(), vec![token(pattern)]),
        Operation::Regex if test.cased => ("re".into(), vec![pattern.into()]),
        Operation::Regex => ("re|i".into(), vec![pattern.into()]),
        Operation::Exists => ("exists".into(), vec!["true".into()]),
        Operation::Number { number, .. } => {
            let modifiers = test.operation.modifiers().to_owned();
            (modifiers, vec![number.to_string()])
        }
        Operation::InNetwork(network) => {
            ("cidr".into(), vec![network.to_string()])
        }
        Operation::Relates { .. } => {
            (test.operation.modifiers().to_owned(), vec![pattern.into()])
        }
        Operation::Null => {
            return Ok((name.to_owned(), vec!["null".into(), "''".into()]));
        }
        Operation::EntropyAbove(_) => {
            let why = "Sigma does not know the randomness of a value";
            return Err(ExportError(why.into()));
        }
    };
    let is_expression = modifiers.starts_with("re");
    let is_cased = test.cased && !is_expression;
    let cased = if is_cased { "|cased" } else { "" };
    let separator = if modifiers.is_empty() { "" } else { "|" };
    let is_plain =
        matches!(test.operation, Operation::Exists | Operation::Number { .. });
    let values = values.into_iter().map(|value| match is_plain {
        true => value,
        false => quoted(&value),
    });
    let key = format!("{name}{separator}{modifiers}{cased}");
    Ok((key, values.collect()))
}

/// Refuses fields that no record has.
fn portable(field: Field) -> Result<(), ExportError> {
    let is_ours = derive::is_derived(field)
        || field.is_told()
        || field.is_asked_only() && field != Field::Member;
    match is_ours {
        true => {
            let why = format!("only this library tells the field {field}");
            Err(ExportError(why))
        }
        false => Ok(()),
    }
}

/// A text in which wildcards stand for themselves.
fn escaped(pattern: &str) -> String {
    let mut text = String::new();
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek();
        // At the end, too: others put a wildcard behind it.
        let is_escape = character == '\\'
            && next.is_none_or(|next| matches!(next, '*' | '?' | '\\'));
        if is_escape || matches!(character, '*' | '?') {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

/// A token as a regular expression.
fn token(pattern: &str) -> String {
    let is_edge = |character: Option<char>| {
        character.is_some_and(|one| one.is_ascii_alphanumeric())
    };
    let mut text = String::new();
    if is_edge(pattern.chars().next()) {
        text += "(^|[^A-Za-z0-9])";
    }
    for character in pattern.chars() {
        if !character.is_alphanumeric() && character.is_ascii_graphic() {
            text.push('\\');
        }
        text.push(character);
    }
    if is_edge(pattern.chars().next_back()) {
        text += "([^A-Za-z0-9]|$)";
    }
    text
}

/// A value of YAML that is text, whatever it says.
fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    if !text.chars().any(char::is_control) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    format!("\"{quoted}\"")
}
