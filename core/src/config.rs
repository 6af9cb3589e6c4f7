/*!
One configuration for all languages: which detections run, rules of one's own,
exclusions, and how logs are read.
*/

use core::fmt;

use crate::derive::Canonical;
use crate::detector::{
    Detector, DetectorBuilder, Exclusion, Grouping, Selector,
};
use crate::event::Field;
use crate::record::{Format, LogSource};
use crate::rule::{Operation, Severity};
use crate::rule_set::{RuleSet, RuleSetBuilder};
use crate::scanner::{Scanner, ScannerBuilder};
use crate::sigma::Placeholders;
use crate::sigma::error::{Error, Inside, Mark, Reason};
use crate::sigma::yaml::{self, Entry, Map, Node, Value};

/// Sets what a node says.
type Read = fn(&mut Config, &Node) -> Result<(), Error>;

/// What a configuration may say, each with who reads it.
const KEYS: &[(&str, Read)] = &[
    ("builtin", |config, node| {
        config.without_builtin = !node.truth()?;
        Ok(())
    }),
    ("canonical", |config, node| {
        config.canonical = Some(parsed(node)?);
        Ok(())
    }),
    ("disable", |config, node| {
        config.disabled = all(node, parsed::<Selector>)?;
        Ok(())
    }),
    ("enable", |config, node| {
        config.enabled = all(node, parsed::<Selector>)?;
        Ok(())
    }),
    ("exclusions", |config, node| {
        config.exclusions = all(node, exclusion)?;
        Ok(())
    }),
    ("format", |config, node| {
        config.format = Some(parsed(node)?);
        Ok(())
    }),
    ("host", |config, node| {
        config.host = Some(node.words()?.into());
        Ok(())
    }),
    ("join", |config, node| {
        config.is_apart = !node.truth()?;
        Ok(())
    }),
    ("log_source", |config, node| {
        config.log_source = Some(log_source(node)?);
        Ok(())
    }),
    ("names", |config, node| {
        for entry in node.map()?.entries {
            let ours = entry.value.words().inside(&entry.key)?;
            config.names.push((entry.key.clone(), ours.into()));
        }
        Ok(())
    }),
    ("placeholders", |config, node| {
        for entry in node.map()?.entries {
            let values =
                all(&entry.value, |value| value.text().map(String::from));
            config.placeholders.set(&entry.key, values.inside(&entry.key)?);
        }
        Ok(())
    }),
    ("record_limit", |config, node| {
        let least = Scanner::LEAST_RECORD_LIMIT;
        config.record_limit = Some(at_least(node, least)?);
        Ok(())
    }),
    ("repeats", |config, node| {
        for entry in node.map()?.entries {
            let grouping = grouping(&entry.value).inside(&entry.key)?;
            config.groupings.push((entry.key.clone(), grouping));
        }
        Ok(())
    }),
    ("rules", |config, node| {
        config.rules = all(node, |path| path.words().map(String::from))?;
        Ok(())
    }),
    ("sequences", |config, node| {
        let map = node.map()?;
        map.only(&["capacity", "depth"])?;
        let number = |node: &Node| at_least(node, 1);
        config.sequence_capacity = map.read("capacity", number)?;
        config.sequence_depth = map.read("depth", number)?;
        Ok(())
    }),
    ("severity", |config, node| {
        for entry in node.map()?.entries {
            let severity = severity(entry).inside(&entry.key)?;
            config.severities.push(severity);
        }
        Ok(())
    }),
    ("strict", |config, node| {
        config.is_strict = node.truth()?;
        Ok(())
    }),
];

/// What a host wants to be detected, and how logs are read: a YAML text that
/// is the same for all languages. Needs the feature `sigma`.
///
/// It is read as text and names files; the program reads these. Every key may
/// be left out.
///
/// ```yaml
/// rules: [rules/, own.t1053]     # files and folders, from this file's folder
/// strict: true                   # a rule that cannot be loaded is an error
/// builtin: true                  # the built-in detections too
/// enable: [platform:windows]     # selectors; all where this is left out
/// disable: [kind:Hunting]
/// canonical: full                # how far command lines are taken apart
/// placeholders:                  # of `expand` in rules
///     build_hosts: [build-1, build-2]
/// names:                         # of fields in rules, and what they are
///     proc.cmd: CommandLine
/// severity:                      # selectors, and the severity of a match
///     "technique:T1053.002": high
/// exclusions:
///   - name: the patch agent
///     of: schtasks_run_task_on_demand        # selectors; all where left out
///     when:                                  # all of these, each any of its values
///         ParentImage|endswith: \patch-agent.exe
///         User: [CORP\svc-patch, CORP\svc-test]
/// repeats:                       # slugs, and which findings are the same
///     schtasks_run_task_on_demand: {fields: [TaskName], seconds: 3600}
/// host: ws1                      # of records that name none
/// join: true                     # the records of an audit event
/// log_source: {category: proxy}  # of records that do not say what they are
/// format: json                   # of all records
/// record_limit: 16777216         # bytes
/// sequences: {capacity: 65536, depth: 8}
/// ```
///
/// # Example
///
/// ```
/// use t1053::{Config, RuleSet};
///
/// let text = r"
/// rules: [own.yml]
/// exclusions:
///   - {name: patch agent, when: {ParentImage|endswith: \patch-agent.exe}}
/// ";
/// let config: Config = text.parse()?;
/// let files: Vec<(&str, Vec<u8>)> = Vec::new(); // of config.rules()
/// let builder = config.detector();
/// let mut set = config.rule_set().beside(&builder);
/// for (name, bytes) in &files {
///     set = set.file(name, bytes);
/// }
/// let detector = builder.rules(set.build()).build()?;
/// let scanner = config.scanner(&detector).build()?;
///
/// let error = "enable: [kind:TTPs]\nhosts: a".parse::<Config>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "1:10: in enable: selector `kind:TTPs`: `TTPs` is not valid, TTP, \
///      Anomaly, Hunting, Alert, Inventory are; did you mean `TTP`?\n\
///      2:1: there is no key `hosts`; did you mean `host`?",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    rules: Vec<String>,
    is_strict: bool,
    without_builtin: bool,
    enabled: Vec<Selector>,
    disabled: Vec<Selector>,
    canonical: Option<Canonical>,
    exclusions: Vec<Exclusion>,
    severities: Vec<(Selector, Severity)>,
    groupings: Vec<(String, Grouping)>,
    placeholders: Placeholders,
    names: Vec<(String, String)>,
    format: Option<Format>,
    host: Option<String>,
    /// Whether records are not joined.
    is_apart: bool,
    log_source: Option<LogSource>,
    record_limit: Option<usize>,
    sequence_capacity: Option<usize>,
    sequence_depth: Option<usize>,
}

impl Config {
    /// The files and folders of rules and packs, as they are written: a
    /// relative one is meant from the folder of the configuration.
    pub fn rules(&self) -> &[String] {
        &self.rules
    }

    /// Whether a rule that cannot be loaded is an error.
    pub fn is_strict(&self) -> bool {
        self.is_strict
    }

    /// A set for the rules, that has what is set for them.
    pub fn rule_set<'t>(&self) -> RuleSetBuilder<'t> {
        self.for_rules(RuleSet::builder())
    }

    /// Lets a set of rules have the placeholders and names that are set.
    pub fn for_rules<'t>(
        &self,
        set: RuleSetBuilder<'t>,
    ) -> RuleSetBuilder<'t> {
        let set = set.placeholders(self.placeholders.clone());
        let names = self.names.iter();
        names.fold(set, |set, (theirs, ours)| set.field(theirs, ours))
    }

    /// A builder of the detector, without the rules that files hold.
    pub fn detector(&self) -> DetectorBuilder {
        self.for_detector(Detector::builder())
    }

    /// Lets a builder choose what is set, besides what it has chosen.
    pub fn for_detector(&self, builder: DetectorBuilder) -> DetectorBuilder {
        let mut builder = builder;
        if self.without_builtin {
            builder = builder.without_builtin();
        }
        for selector in &self.enabled {
            builder = builder.enable(selector.clone());
        }
        for selector in &self.disabled {
            builder = builder.disable(selector.clone());
        }
        if let Some(canonical) = self.canonical {
            builder = builder.canonical(canonical);
        }
        for (selector, severity) in &self.severities {
            builder = builder.severity(selector.clone(), *severity);
        }
        for (slug, grouping) in &self.groupings {
            builder = builder.grouping(slug, grouping.clone());
        }
        for exclusion in &self.exclusions {
            builder = builder.exclusion(exclusion.clone());
        }
        builder
    }

    /// A builder of a scanner that reads logs as it is set.
    pub fn scanner(&self, detector: &Detector) -> ScannerBuilder {
        self.for_scanner(Scanner::builder(detector))
    }

    /// Lets a scanner read logs as it is set.
    pub fn for_scanner(&self, builder: ScannerBuilder) -> ScannerBuilder {
        let mut builder = builder;
        if let Some(format) = self.format {
            builder = builder.format(format);
        }
        if let Some(host) = &self.host {
            builder = builder.host(host);
        }
        if self.is_apart {
            builder = builder.join(false);
        }
        if let Some(log_source) = &self.log_source {
            builder = builder.log_source(log_source.clone());
        }
        if let Some(bytes) = self.record_limit {
            builder = builder.record_limit(bytes);
        }
        if let Some(keys) = self.sequence_capacity {
            builder = builder.sequence_capacity(keys);
        }
        if let Some(events) = self.sequence_depth {
            builder = builder.sequence_depth(events);
        }
        builder
    }
}

impl core::str::FromStr for Config {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Config, ConfigError> {
        let mut config = Config::default();
        let mut errors = Vec::new();
        match document(text) {
            Ok(Some(node)) if matches!(node.value, Value::Null) => {}
            Ok(Some(node)) => match node.map() {
                Ok(map) => config.read(map, &mut errors),
                Err(error) => errors.push(error),
            },
            // An empty text sets nothing.
            Ok(None) => {}
            Err(error) => errors.push(error),
        }
        match errors.is_empty() {
            true => Ok(config),
            false => Err(ConfigError::of(errors)),
        }
    }
}

impl Config {
    fn read(&mut self, map: Map<'_>, errors: &mut Vec<Error>) {
        for Entry { line, key, value } in map.entries {
            let known = KEYS.iter().find(|(name, _)| name == key);
            let result = match known {
                Some((_, read)) => read(self, value).inside(key),
                None => {
                    let names = KEYS.iter().map(|(name, _)| name);
                    let reason = Reason::unknown("key", key, names);
                    Err(Error::new(*line, reason))
                }
            };
            errors.extend(result.err());
        }
    }
}

/// The only document of a text.
fn document(text: &str) -> Result<Option<Node>, Error> {
    let mut documents = yaml::documents(text, 0)?.into_iter();
    let first = documents.next();
    match documents.next() {
        Some(second) => {
            let reason = "a configuration is one document of YAML";
            Err(second.error(Reason::Other(reason.into())))
        }
        None => Ok(first),
    }
}

/// Reads each item of a list, or a value by itself.
fn all<T>(
    node: &Node,
    read: impl Fn(&Node) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    node.items().iter().map(read).collect()
}

/// Reads a text that names something.
fn parsed<T>(node: &Node) -> Result<T, Error>
where
    T: core::str::FromStr<Err: fmt::Display>,
{
    let parsed = node.words()?.parse();
    parsed
        .map_err(|error: T::Err| node.error(Reason::Other(error.to_string())))
}

fn at_least(node: &Node, least: usize) -> Result<usize, Error> {
    let number = node.number()?;
    match number < least {
        true => {
            let reason = format!("{number} is too little; at least {least}");
            Err(node.error(Reason::Other(reason)))
        }
        false => Ok(number),
    }
}

fn log_source(node: &Node) -> Result<LogSource, Error> {
    let map = node.map()?;
    map.only(&["product", "category", "service"])?;
    let mut source = LogSource::new();
    if let Some(name) = map.read("product", Node::words)? {
        source = source.product(name);
    }
    if let Some(name) = map.read("category", Node::words)? {
        source = source.category(name);
    }
    if let Some(name) = map.read("service", Node::words)? {
        source = source.service(name);
    }
    Ok(source)
}

/// A selector and the severity of what it selects.
fn severity(entry: &Entry) -> Result<(Selector, Severity), Error> {
    let error = |reason| Error::new(entry.line, reason);
    let selector = entry.key.parse::<Selector>();
    let selector =
        selector.map_err(|wrong| error(Reason::Other(wrong.to_string())))?;
    let name = entry.value.words()?;
    let severity = Severity::from_name(name).ok_or_else(|| {
        let names = Severity::ALL.iter().map(|severity| severity.name());
        entry.value.error(Reason::unknown("severity", name, names))
    });
    Ok((selector, severity?))
}

/// Which findings of a detection are the same.
fn grouping(node: &Node) -> Result<Grouping, Error> {
    let map = node.map()?;
    map.only(&["fields", "seconds"])?;
    let fields = map.need("fields", |node| all(node, parsed::<Field>))?;
    let seconds = map.need("seconds", |node| at_least(node, 1))?;
    // Longer than a century is for ever.
    let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
    Ok(Grouping { fields, seconds })
}

fn exclusion(node: &Node) -> Result<Exclusion, Error> {
    let map = node.map()?;
    map.only(&["name", "of", "when"])?;
    let mut exclusion = Exclusion::new(map.need("name", Node::words)?);
    let selectors = map.read("of", |node| all(node, parsed::<Selector>))?;
    for selector in selectors.unwrap_or_default() {
        exclusion = exclusion.of(selector);
    }
    let conditions = map.need("when", |node| {
        let map = node.map()?;
        if map.entries.is_empty() {
            let what = "at least one field";
            return Err(node.error(Reason::Expected(what)));
        }
        Ok(map.entries)
    })?;
    for entry in conditions {
        let condition = condition(entry).inside(&entry.key).inside("when");
        let (field, operation, patterns) = condition?;
        exclusion = exclusion.when(field, operation, patterns);
    }
    Ok(exclusion)
}

/// A field, how it compares, and with what.
fn condition(entry: &Entry) -> Result<(Field, Operation, Vec<String>), Error> {
    let error = |reason| Error::new(entry.line, reason);
    let (field, operation) =
        entry.key.split_once('|').unwrap_or((&entry.key, "equals"));
    let field = field.parse::<Field>();
    let field =
        field.map_err(|wrong| error(Reason::Other(wrong.to_string())))?;
    let known = Operation::NAMED.iter().find(|(name, _)| *name == operation);
    let Some((_, operation)) = known else {
        let names = Operation::NAMED.iter().map(|(name, _)| name);
        return Err(error(Reason::unknown(
            "way to compare",
            operation,
            names,
        )));
    };
    let patterns = all(&entry.value, |value| value.text().map(String::from))?;
    match patterns.is_empty() {
        true => Err(error(Reason::Expected("at least one value"))),
        false => Ok((field, *operation, patterns)),
    }
}

/// What is wrong with a configuration: all of it, one a line, each with its
/// place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    problems: Vec<ConfigProblem>,
}

/// One thing that is wrong with a configuration, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigProblem {
    /// The line of the text, from 1.
    pub line: usize,
    /// The character of the line, from 1.
    pub column: usize,
    /// What is wrong and what would be right, without the place.
    pub message: String,
}

impl ConfigError {
    fn of(errors: Vec<Error>) -> ConfigError {
        let problem = |error: Error| {
            let Mark { line, column } = error.mark();
            ConfigProblem { line, column, message: error.message() }
        };
        ConfigError { problems: errors.into_iter().map(problem).collect() }
    }

    /// What is wrong, in the order of the text: at least one problem.
    pub fn problems(&self) -> &[ConfigProblem] {
        &self.problems
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ConfigProblem { line, column, message } = self;
        write!(f, "{line}:{column}: {message}")
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "\n" })?;
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl core::error::Error for ConfigError {}
