/*!
Rules of the user's own, from texts: what is good is kept, what is bad is
listed.
*/

use core::fmt;
use std::collections::HashMap;

use crate::catalog;
use crate::detector::{self, BuildError, BuildErrorKind};
use crate::rule::Rule;
use crate::sigma::{self, SigmaError, SigmaErrorKind};

/// All texts of a set together; see [`RuleSetBuilder::text`].
const MOST_BYTES: usize = 64 << 20;

/// Rules from texts, and what was wrong with the others.
///
/// # Example
///
/// ```
/// use t1053::{Detector, RuleSet, RuleProblemKind};
///
/// let good = r"
/// title: Task from a share
/// logsource: {category: process_creation, product: windows}
/// detection:
///     share: {CommandLine|contains: '/tr \\\\'}
///     condition: share
/// level: high
/// ";
/// let bad = good.replace("CommandLine", "ComandLine");
/// let set = RuleSet::builder()
///     .text("good.yml", good)
///     .text("bad.yml", &bad)
///     .build();
/// assert_eq!(set.rules()[0].detection.slug, "task_from_a_share");
///
/// let problem = &set.problems()[0];
/// assert_eq!(problem.kind(), RuleProblemKind::UnknownField);
/// assert_eq!(
///     problem.to_string(),
///     "bad.yml:5:13: in detection > share > ComandLine|contains: there is no \
///      field `ComandLine`; did you mean `CommandLine`?",
/// );
/// let detector = Detector::builder().rules(set).build()?;
/// assert!(detector.detections().any(|it| it.slug == "task_from_a_share"));
/// # Ok::<(), t1053::BuildError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    problems: Vec<RuleProblem>,
}

impl RuleSet {
    /// A builder that takes texts.
    pub fn builder<'t>() -> RuleSetBuilder<'t> {
        RuleSetBuilder::default()
    }

    /// The rules that are good, in the order of their texts.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What is wrong with the others, in the order of their texts.
    pub fn problems(&self) -> &[RuleProblem] {
        &self.problems
    }

    /// The set, if nothing is wrong with any rule.
    ///
    /// # Errors
    ///
    /// Something is: the error lists all of it.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::RuleSet;
    ///
    /// let set = RuleSet::builder().text("a.yml", "title: a").build();
    /// let error = set.strict().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "a.yml:1:1: `logsource` is missing",
    /// );
    /// ```
    pub fn strict(self) -> Result<RuleSet, RuleSetError> {
        match self.problems.is_empty() {
            true => Ok(self),
            false => Err(RuleSetError { problems: self.problems }),
        }
    }
}

impl IntoIterator for RuleSet {
    type Item = Rule;
    type IntoIter = std::vec::IntoIter<Rule>;

    /// The rules that are good.
    fn into_iter(self) -> Self::IntoIter {
        self.rules.into_iter()
    }
}

/// Makes a [`RuleSet`]. Never fails: what is wrong is listed.
#[derive(Clone, Debug, Default)]
pub struct RuleSetBuilder<'t> {
    texts: Vec<(&'t str, &'t [u8])>,
    without_builtin: bool,
}

impl<'t> RuleSetBuilder<'t> {
    /// Adds a text of Sigma documents, such as a file, under the name that
    /// problems give it.
    ///
    /// All texts of a set are compiled together: a correlation may refer to
    /// rules in another one. A text may have 16 MiB, all together 64 MiB and
    /// 100,000 documents: some ten times what anyone publishes, and about
    /// what a program would rather refuse than wait for.
    #[must_use]
    pub fn text<T: AsRef<[u8]> + ?Sized>(
        mut self,
        name: &'t str,
        text: &'t T,
    ) -> RuleSetBuilder<'t> {
        self.texts.push((name, text.as_ref()));
        self
    }

    /// The rules are for a detector without the built-in detections, and may
    /// bear their names.
    #[must_use]
    pub fn without_builtin(mut self) -> RuleSetBuilder<'t> {
        self.without_builtin = true;
        self
    }

    /// Compiles the rules, in time and memory in proportion to their size.
    pub fn build(self) -> RuleSet {
        let mut set = RuleSet::default();
        let mut names = Names::default();
        if !self.without_builtin {
            for rule in catalog::builtin() {
                let (slug, id) = (&rule.detection.slug, &rule.detection.id);
                names.slugs.insert(slug.to_string(), Owner::Builtin);
                if let Some(id) = id {
                    names.ids.insert(id.to_string(), Owner::Builtin);
                }
            }
        }
        self.compile_texts(&mut set, &mut names);
        set
    }

    fn compile_texts(&self, set: &mut RuleSet, names: &mut Names) {
        let mut left = MOST_BYTES;
        let mut texts = Vec::new();
        let mut places = Vec::new();
        for (place, (name, bytes)) in self.texts.iter().enumerate() {
            let refuse = |kind, line, message| {
                let name = (*name).to_owned();
                RuleProblem { name, line, column: line, kind, message }
            };
            let Some(rest) = left.checked_sub(bytes.len()) else {
                let most = MOST_BYTES >> 20;
                let message = format!(
                    "texts that are loaded together may have {most} MiB at \
                     most; this one is left out",
                );
                let kind = RuleProblemKind::TooLarge;
                set.problems.push(refuse(kind, None, message));
                continue;
            };
            left = rest;
            match str::from_utf8(bytes) {
                Ok(text) => {
                    places.push(place);
                    texts.push(text);
                }
                Err(error) => {
                    let before = bytes.get(..error.valid_up_to());
                    let before = before.unwrap_or_default();
                    let lines = before.split(|&byte| byte == b'\n').count();
                    let kind = RuleProblemKind::Invalid;
                    let message = "the text is not UTF-8".into();
                    let mut problem = refuse(kind, Some(lines), message);
                    problem.column = None;
                    set.problems.push(problem);
                }
            }
        }
        let compiled = sigma::compile_together(&texts);
        let name_of = |text: usize| {
            let place = places.get(text).copied().unwrap_or_default();
            self.texts.get(place).map_or("", |&(name, _)| name)
        };
        let errors = compiled.errors.iter();
        set.problems.extend(errors.map(|(text, error)| {
            RuleProblem::of_sigma(name_of(*text), error)
        }));
        for placed in compiled.rules {
            let name = name_of(placed.text);
            set.add(placed.rule, name, Some(placed.line), names);
        }
        let order: HashMap<&str, usize> = self
            .texts
            .iter()
            .enumerate()
            .rev()
            .map(|(place, &(name, _))| (name, place))
            .collect();
        set.problems.sort_by_key(|problem| {
            (order.get(problem.name.as_str()).copied(), problem.line)
        });
    }
}

/// Whose a slug or an id is.
#[derive(Clone, Debug)]
enum Owner {
    Builtin,
    /// A rule in a text, with its line.
    Rule(String, Option<usize>),
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Owner::Builtin => f.write_str("a built-in detection"),
            Owner::Rule(name, Some(line)) => write!(f, "{name}:{line}"),
            Owner::Rule(name, None) => write!(f, "a rule in {name}"),
        }
    }
}

/// The names that are taken.
#[derive(Debug, Default)]
struct Names {
    slugs: HashMap<String, Owner>,
    ids: HashMap<String, Owner>,
}

impl RuleSet {
    /// Takes a rule in, or lists why not.
    fn add(
        &mut self,
        mut rule: Rule,
        name: &str,
        line: Option<usize>,
        names: &mut Names,
    ) {
        let refuse = |kind, message| RuleProblem {
            name: name.to_owned(),
            line,
            column: line.map(|_| 1),
            kind,
            message,
        };
        if let Err(error) = detector::check(&rule) {
            let kind = match error.kind() {
                BuildErrorKind::Regex if !cfg!(feature = "regex") => {
                    RuleProblemKind::Unsupported
                }
                _ => RuleProblemKind::Invalid,
            };
            self.problems.push(refuse(kind, in_one_line(&error)));
            return;
        }
        let detection = &mut rule.detection;
        let id = detection.id.as_deref().unwrap_or_default().to_lowercase();
        if let Some(owner) = names.ids.get(&id) {
            let message = format!("its id {id} is that of {owner}");
            let kind = RuleProblemKind::Duplicate;
            self.problems.push(refuse(kind, message));
            return;
        }
        if let Some(owner) = names.slugs.get(&*detection.slug) {
            let message = format!(
                "its name `{}` is that of {owner}: give it another `name`",
                detection.slug,
            );
            let kind = RuleProblemKind::Duplicate;
            self.problems.push(refuse(kind, message));
            return;
        }
        let owner = Owner::Rule(name.to_owned(), line);
        names.slugs.insert(detection.slug.to_string(), owner.clone());
        if !id.is_empty() {
            names.ids.insert(id, owner);
        }
        self.rules.push(rule);
    }
}

/// An error without the picture of the expression that it may have: a problem
/// is one line.
fn in_one_line(error: &BuildError) -> String {
    let text = error.to_string();
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let Some(last) = lines.next_back() else { return text };
    let first = first.strip_suffix("regex parse error:").unwrap_or(first);
    first.to_owned() + last.strip_prefix("error: ").unwrap_or(last)
}

/// What is wrong with a rule, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleProblem {
    name: String,
    line: Option<usize>,
    column: Option<usize>,
    kind: RuleProblemKind,
    message: String,
}

impl RuleProblem {
    fn of_sigma(name: &str, error: &SigmaError) -> RuleProblem {
        let kind = match error.kind() {
            SigmaErrorKind::Yaml
            | SigmaErrorKind::Unexpected
            | SigmaErrorKind::Missing
            | SigmaErrorKind::Duplicate
            | SigmaErrorKind::UnknownName
            | SigmaErrorKind::Invalid => RuleProblemKind::Invalid,
            SigmaErrorKind::UnknownField => RuleProblemKind::UnknownField,
            SigmaErrorKind::UnknownLogSource => {
                RuleProblemKind::UnknownLogSource
            }
            SigmaErrorKind::NeverMatches => RuleProblemKind::NeverMatches,
            SigmaErrorKind::Unsupported => RuleProblemKind::Unsupported,
            SigmaErrorKind::TooLarge => RuleProblemKind::TooLarge,
        };
        RuleProblem {
            name: name.to_owned(),
            line: Some(error.line()),
            column: Some(error.column()),
            kind,
            message: error.message(),
        }
    }

    /// The name of the text, as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line of the text, from 1, where there is one.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// The character of the line, from 1, where there is one.
    pub fn column(&self) -> Option<usize> {
        self.column
    }

    /// What was wrong, to be matched on.
    pub fn kind(&self) -> RuleProblemKind {
        self.kind
    }

    /// What is wrong and what would be right, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// The kinds of [`RuleProblem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RuleProblemKind {
    /// The text is no YAML, or the document no Sigma rule.
    Invalid,
    /// Sigma has it, but it cannot be honoured here.
    Unsupported,
    /// No event of the log source has the field.
    UnknownField,
    /// There is no such log source.
    UnknownLogSource,
    /// No event can match.
    NeverMatches,
    /// Another rule has the same name or id.
    Duplicate,
    /// A limit is exceeded.
    TooLarge,
}

impl RuleProblemKind {
    /// Every kind, in declaration order.
    pub const ALL: &'static [RuleProblemKind] = &[
        RuleProblemKind::Invalid,
        RuleProblemKind::Unsupported,
        RuleProblemKind::UnknownField,
        RuleProblemKind::UnknownLogSource,
        RuleProblemKind::NeverMatches,
        RuleProblemKind::Duplicate,
        RuleProblemKind::TooLarge,
    ];

    /// The name in output: `unknown_field`.
    pub const fn name(self) -> &'static str {
        match self {
            RuleProblemKind::Invalid => "invalid",
            RuleProblemKind::Unsupported => "unsupported",
            RuleProblemKind::UnknownField => "unknown_field",
            RuleProblemKind::UnknownLogSource => "unknown_log_source",
            RuleProblemKind::NeverMatches => "never_matches",
            RuleProblemKind::Duplicate => "duplicate",
            RuleProblemKind::TooLarge => "too_large",
        }
    }
}

impl fmt::Display for RuleProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a set of rules is refused: all that is wrong with any of them, one a
/// line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSetError {
    problems: Vec<RuleProblem>,
}

impl RuleSetError {
    /// What is wrong: at least one problem.
    pub fn problems(&self) -> &[RuleProblem] {
        &self.problems
    }
}

impl fmt::Display for RuleSetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "\n" })?;
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl core::error::Error for RuleSetError {}
