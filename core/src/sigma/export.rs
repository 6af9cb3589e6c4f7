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
    Aggregation, Attribute, Bound, Count, Counted, Detection, Logic,
    Operation, Order, Origin, Pack, Predicate, Rule, Selection, Statistic,
    Test,
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
        Logic::Sequence(sequence) => {
            let seconds = sequence.within_seconds;
            correlation(&mut text, rule, "temporal_ordered", seconds, "")?;
        }
        Logic::Count(count) => {
            let (kind, condition) = counted(count);
            let seconds = count.within_seconds;
            correlation(&mut text, rule, kind, seconds, &condition)?;
        }
        Logic::Aggregation(aggregation) => {
            let (kind, condition) = aggregated(aggregation);
            let seconds = aggregation.within_seconds;
            correlation(&mut text, rule, kind, seconds, &condition)?;
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

fn counted(count: &Count) -> (&'static str, String) {
    let Count { events, of, at_least, .. } = count;
    let condition = format!("    condition:\n        gte: {at_least}\n");
    match of {
        Counted::Events => ("event_count", condition),
        Counted::Values(values) => {
            let field = format!("        field: {values}\n");
            ("value_count", condition + &field)
        }
        // All of them, where nothing else is said.
        Counted::Selections if *at_least as usize == events.len() => {
            ("temporal", String::new())
        }
        Counted::Selections => ("temporal", condition),
    }
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

fn correlation(
    text: &mut String,
    rule: &Rule,
    kind: &str,
    seconds: u32,
    condition: &str,
) -> Result<(), ExportError> {
    let Rule { detection, logic } = rule;
    let rules = steps(text, detection, logic.selections())?;
    head(text, detection, "");
    let _ = writeln!(text, "correlation:\n    type: {kind}\n    rules:");
    for rule in &rules {
        let _ = writeln!(text, "        - {rule}");
    }
    let group_by = logic.group_by();
    if !group_by.is_empty() {
        *text += "    group-by:\n";
    }
    for attribute in group_by {
        let _ = writeln!(text, "        - {attribute}");
    }
    let attributes = || group_by.iter().chain(logic.counted());
    for origin in attributes().flat_map(|one| one.origins.iter()) {
        portable(origin.field)?;
    }
    let is_alias = |one: &&Attribute| {
        one.origins.iter().any(|origin| name(origin) != one.name)
    };
    let aliases = attributes().filter(is_alias);
    for (number, alias) in aliases.enumerate() {
        if number == 0 {
            *text += "    aliases:\n";
        }
        let _ = writeln!(text, "        {alias}:");
        for (step, rule) in rules.iter().enumerate() {
            let name = alias.origin(step).map_or("", name);
            let _ = writeln!(text, "            {rule}: {name}");
        }
    }
    let _ = writeln!(text, "    timespan: {seconds}s");
    *text += condition;
    tail(text, detection);
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
