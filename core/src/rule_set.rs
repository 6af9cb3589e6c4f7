/*!
Rules of the user's own, from texts and packs: what is good is kept, what is
bad is listed.
*/

use core::fmt;
use std::collections::HashMap;

use crate::detector::{
    self, BuildError, BuildErrorKind, Detector, DetectorBuilder,
};
use crate::pack::{self, Fault};
use crate::rule::Rule;
#[cfg(feature = "sigma")]
use crate::sigma::{self, Placeholders, SigmaError, SigmaErrorKind, Spelling};

/// All texts of a set together; see [`RuleSetBuilder::text`].
#[cfg(feature = "sigma")]
const MOST_BYTES: usize = 64 << 20;

/// Rules from texts and packs, and what was wrong with the others.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "sigma")] {
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
/// let mut detections = detector.detections();
/// assert!(detections.any(|one| one.slug == "task_from_a_share"));
/// # }
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

    /// The rules as a pack: bytes that [`RuleSetBuilder::pack`] and the other
    /// languages load without the feature `sigma`. The same rules give the
    /// same bytes.
    ///
    /// A pack is bound to no machine. It bears a checksum against accidents;
    /// a host that gets packs over a network signs them itself.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "sigma")] {
    /// use t1053::RuleSet;
    ///
    /// let rule = r"
    /// title: Task from a share
    /// logsource: {category: process_creation, product: windows}
    /// detection:
    ///     share: {CommandLine|contains: '/tr \\\\'}
    ///     condition: share
    /// level: high
    /// ";
    /// let set = RuleSet::builder().text("own.yml", rule).build();
    /// let pack = set.to_pack();
    /// let again = RuleSet::builder().pack("own.t1053", &pack).build();
    /// assert_eq!(again.rules(), set.rules());
    ///
    /// let set = RuleSet::builder().pack("own.t1053", &pack[..99]).build();
    /// assert_eq!(
    ///     set.problems()[0].to_string(),
    ///     "own.t1053: the pack is damaged: it is not as long as it was",
    /// );
    /// # }
    /// ```
    pub fn to_pack(&self) -> Vec<u8> {
        pack::write(&self.rules)
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
    /// let set = RuleSet::builder().pack("a.t1053", "title: a").build();
    /// let error = set.strict().unwrap_err();
    /// assert_eq!(error.to_string(), "a.t1053: this is no pack");
    /// ```
    pub fn strict(self) -> Result<RuleSet, RuleSetError> {
        match self.problems.is_empty() {
            true => Ok(self),
            false => Err(RuleSetError { problems: self.problems }),
        }
    }
}

/// A set of rules that are good already.
impl FromIterator<Rule> for RuleSet {
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> RuleSet {
        let rules = rules.into_iter().collect();
        RuleSet { rules, problems: Vec::new() }
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
    files: Vec<File<'t>>,
    /// `None`: those of the built-in detections.
    names: Option<Names>,
    #[cfg(feature = "sigma")]
    spelling: Spelling,
}

/// Where rules come from.
#[derive(Clone, Copy, Debug)]
struct File<'t> {
    name: &'t str,
    bytes: &'t [u8],
    is_pack: bool,
}

impl<'t> RuleSetBuilder<'t> {
    /// Adds what a file holds, under the name that problems give it: a
    /// [pack](RuleSetBuilder::pack) if it begins as one, else a text of Sigma
    /// documents, which needs the feature `sigma`.
    #[must_use]
    pub fn file<T: AsRef<[u8]> + ?Sized>(
        mut self,
        name: &'t str,
        bytes: &'t T,
    ) -> RuleSetBuilder<'t> {
        let bytes = bytes.as_ref();
        self.files.push(File { name, bytes, is_pack: pack::is_pack(bytes) });
        self
    }

    /// Adds a text of Sigma documents, such as a file, under the name that
    /// problems give it. Needs the feature `sigma`.
    ///
    /// All texts of a set are compiled together: a correlation may refer to
    /// rules in another one. A text may have 16 MiB, all together 64 MiB and
    /// 100,000 documents: some ten times what anyone publishes, and about
    /// what a program would rather refuse than wait for.
    #[cfg(feature = "sigma")]
    #[must_use]
    pub fn text<T: AsRef<[u8]> + ?Sized>(
        mut self,
        name: &'t str,
        text: &'t T,
    ) -> RuleSetBuilder<'t> {
        let bytes = text.as_ref();
        self.files.push(File { name, bytes, is_pack: false });
        self
    }

    /// Adds rules that were compiled before, see [`RuleSet::to_pack`], under
    /// the name that problems give them.
    ///
    /// A pack that is damaged, or made by a later version of this crate that
    /// knows more, is refused as a whole.
    #[must_use]
    pub fn pack<T: AsRef<[u8]> + ?Sized>(
        mut self,
        name: &'t str,
        pack: &'t T,
    ) -> RuleSetBuilder<'t> {
        let bytes = pack.as_ref();
        self.files.push(File { name, bytes, is_pack: true });
        self
    }

    /// Gives values for the placeholders of `expand` in all texts.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::RuleSet;
    /// use t1053::sigma::Placeholders;
    ///
    /// let rule = r"
    /// title: Task on a build host
    /// logsource: {product: windows, service: security}
    /// detection:
    ///     created: {EventID: 4698, Computer|expand: '%build_hosts%'}
    ///     condition: created
    /// ";
    /// let set = RuleSet::builder().text("a.yml", rule).build();
    /// assert_eq!(set.problems().len(), 1);
    ///
    /// let mut placeholders = Placeholders::new();
    /// placeholders.set("build_hosts", ["build-1", "build-2"]);
    /// let set = RuleSet::builder().text("a.yml", rule).placeholders(placeholders).build();
    /// assert_eq!(set.rules().len(), 1);
    /// ```
    #[cfg(feature = "sigma")]
    #[must_use]
    pub fn placeholders(
        mut self,
        placeholders: Placeholders,
    ) -> RuleSetBuilder<'t> {
        self.spelling.placeholders = placeholders;
        self
    }

    /// Lets rules call a field by another name than Sigma's; several calls
    /// add up.
    ///
    /// Without, they may use those of Windows (`NewProcessName`), and those
    /// of Elastic's schema and Splunk's data model for processes, files and
    /// the registry (`process.executable`, `process_path`).
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::RuleSet;
    ///
    /// let rule = r"
    /// title: Task from a share
    /// logsource: {category: process_creation, product: windows}
    /// detection:
    ///     share: {proc.cmd|contains: '/tr \\'}
    ///     condition: share
    /// ";
    /// let set = RuleSet::builder()
    ///     .text("a.yml", rule)
    ///     .field("proc.cmd", "CommandLine")
    ///     .build();
    /// assert!(set.problems().is_empty());
    /// ```
    #[cfg(feature = "sigma")]
    #[must_use]
    pub fn field(mut self, theirs: &str, ours: &str) -> RuleSetBuilder<'t> {
        self.spelling.set_field(theirs, ours);
        self
    }

    /// The rules are for this detector, and may not have a name or an id that
    /// a rule of it has. Without this call, they may not have those of the
    /// built-in detections.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::{Detector, RuleSet};
    ///
    /// let builtin = RuleSet::from_iter(t1053::catalog::builtin().iter().cloned());
    /// let pack = builtin.to_pack();
    ///
    /// let set = RuleSet::builder().pack("changed.t1053", &pack).build();
    /// assert_eq!(set.rules().len(), 0);
    ///
    /// // Instead of the built-in ones:
    /// let builder = Detector::builder().without_builtin();
    /// let set = RuleSet::builder().pack("changed.t1053", &pack).beside(&builder).build();
    /// assert_eq!(set.rules().len(), t1053::catalog::builtin().len());
    /// builder.rules(set).build()?;
    /// # Ok::<(), t1053::BuildError>(())
    /// ```
    #[must_use]
    pub fn beside(mut self, detector: &DetectorBuilder) -> RuleSetBuilder<'t> {
        self.names = Some(Names::of(detector));
        self
    }

    /// Compiles the rules, in time and memory in proportion to their size.
    pub fn build(self) -> RuleSet {
        #[cfg(feature = "sigma")]
        let spelling = self.spelling;
        let RuleSetBuilder { files, names, .. } = self;
        let names = names.unwrap_or_else(|| Names::of(&Detector::builder()));
        let (rules, problems) = (Vec::new(), Vec::new());
        let mut loading = Loading { files: &files, names, rules, problems };
        loading.read_packs();
        #[cfg(feature = "sigma")]
        loading.compile_texts(&spelling);
        #[cfg(not(feature = "sigma"))]
        loading.compile_texts();
        loading.finish()
    }
}

/// A set that is being made.
struct Loading<'t> {
    files: &'t [File<'t>],
    names: Names,
    /// Each with the place of its file.
    rules: Vec<(usize, Rule)>,
    /// Each with the place of its file.
    problems: Vec<(usize, RuleProblem)>,
}

impl Loading<'_> {
    fn name(&self, file: usize) -> String {
        self.files.get(file).map_or("", |file| file.name).to_owned()
    }

    /// Lists a problem of a whole file.
    fn refuse(&mut self, file: usize, kind: RuleProblemKind, why: String) {
        let (name, line, column) = (self.name(file), None, None);
        let problem = RuleProblem { name, line, column, kind, message: why };
        self.problems.push((file, problem));
    }

    fn read_packs(&mut self) {
        use RuleProblemKind as Kind;

        for (place, file) in self.files.iter().enumerate() {
            if !file.is_pack {
                continue;
            }
            let rules = match pack::read(file.bytes) {
                Ok(rules) => rules,
                Err(fault) => {
                    let kind = match fault {
                        Fault::Newer(_) => Kind::Unsupported,
                        Fault::TooLong => Kind::TooLarge,
                        Fault::NoPack | Fault::Damaged(_) => Kind::Invalid,
                    };
                    self.refuse(place, kind, fault.to_string());
                    continue;
                }
            };
            for rule in rules {
                self.add(rule, place, None);
            }
        }
    }

    /// Without the feature `sigma` no text can be read.
    #[cfg(not(feature = "sigma"))]
    fn compile_texts(&mut self) {
        for (place, file) in self.files.iter().enumerate() {
            if !file.is_pack {
                let why = "this build reads packs only (feature `sigma`)";
                let kind = RuleProblemKind::Unsupported;
                self.refuse(place, kind, why.into());
            }
        }
    }

    #[cfg(feature = "sigma")]
    fn compile_texts(&mut self, spelling: &Spelling) {
        let mut left = MOST_BYTES;
        let mut texts = Vec::new();
        let mut places = Vec::new();
        for (place, file) in self.files.iter().enumerate() {
            if file.is_pack {
                continue;
            }
            let Some(rest) = left.checked_sub(file.bytes.len()) else {
                let most = MOST_BYTES >> 20;
                let why = format!(
                    "texts that are loaded together may have {most} MiB at \
                     most; this one is left out",
                );
                self.refuse(place, RuleProblemKind::TooLarge, why);
                continue;
            };
            left = rest;
            match str::from_utf8(file.bytes) {
                Ok(text) => {
                    places.push(place);
                    texts.push(text);
                }
                Err(error) => {
                    let before = file.bytes.get(..error.valid_up_to());
                    let before = before.unwrap_or_default();
                    let line = before.split(|&byte| byte == b'\n').count();
                    let why = "the text is not UTF-8".into();
                    self.refuse(place, RuleProblemKind::Invalid, why);
                    if let Some((_, problem)) = self.problems.last_mut() {
                        problem.line = Some(line);
                    }
                }
            }
        }
        let compiled = sigma::compile_together(&texts, spelling);
        let place_of = |text: usize| places.get(text).copied().unwrap_or(0);
        for (text, error) in &compiled.errors {
            let place = place_of(*text);
            let problem = RuleProblem::of_sigma(self.name(place), error);
            self.problems.push((place, problem));
        }
        for placed in compiled.rules {
            let place = place_of(placed.text);
            self.add(placed.rule, place, Some(placed.line));
        }
    }

    /// Takes a rule in, or lists why not.
    fn add(&mut self, rule: Rule, file: usize, line: Option<usize>) {
        let name = self.name(file);
        let refused = match detector::check(&rule) {
            Err(error) => {
                let kind = match error.kind() {
                    BuildErrorKind::Regex if !cfg!(feature = "regex") => {
                        RuleProblemKind::Unsupported
                    }
                    _ => RuleProblemKind::Invalid,
                };
                Some((kind, in_one_line(&error)))
            }
            Ok(()) => {
                let owner = Owner::Rule(name.clone(), line);
                let taken = self.names.take(&rule, &owner);
                taken.map(|message| (RuleProblemKind::Duplicate, message))
            }
        };
        let Some((kind, mut message)) = refused else {
            self.rules.push((file, rule));
            return;
        };
        if line.is_none() {
            message = format!("rule `{}`: {message}", rule.detection.slug);
        }
        let column = line.map(|_| 1);
        let problem = RuleProblem { name, line, column, kind, message };
        self.problems.push((file, problem));
    }

    fn finish(mut self) -> RuleSet {
        self.rules.sort_by_key(|&(file, _)| file);
        self.problems.sort_by_key(|(file, problem)| (*file, problem.line));
        let rules = self.rules.into_iter().map(|(_, rule)| rule);
        let problems = self.problems.into_iter().map(|(_, problem)| problem);
        RuleSet { rules: rules.collect(), problems: problems.collect() }
    }
}

/// Whose a slug or an id is.
#[derive(Clone, Debug)]
enum Owner {
    /// The detector's.
    Known,
    /// A rule's in a file, with its line.
    Rule(String, Option<usize>),
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Owner::Known => f.write_str("a detection that there is"),
            Owner::Rule(name, Some(line)) => write!(f, "{name}:{line}"),
            Owner::Rule(name, None) => write!(f, "a rule in {name}"),
        }
    }
}

/// The names that are taken.
#[derive(Clone, Debug, Default)]
struct Names {
    slugs: HashMap<String, Owner>,
    ids: HashMap<String, Owner>,
}

impl Names {
    /// Those of all rules that a detector may have.
    fn of(detector: &DetectorBuilder) -> Names {
        let mut names = Names::default();
        for rule in detector.rules_to_choose_from() {
            // Where two have the same one, building the detector tells.
            let _ = names.take(rule, &Owner::Known);
        }
        names
    }

    /// Gives a rule's names to an owner; says why not where one is taken.
    fn take(&mut self, rule: &Rule, owner: &Owner) -> Option<String> {
        let detection = &rule.detection;
        let id = detection.id.as_deref().map(str::to_lowercase);
        if let Some(id) = &id
            && let Some(taken) = self.ids.get(id)
        {
            return Some(format!("its id {id} is that of {taken}"));
        }
        let slug = &*detection.slug;
        if let Some(taken) = self.slugs.get(slug) {
            return Some(format!(
                "its name `{slug}` is that of {taken}: give it another `name`",
            ));
        }
        self.slugs.insert(slug.to_owned(), owner.clone());
        if let Some(id) = id {
            self.ids.insert(id, owner.clone());
        }
        None
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
    #[cfg(feature = "sigma")]
    fn of_sigma(name: String, error: &SigmaError) -> RuleProblem {
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
            name,
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
