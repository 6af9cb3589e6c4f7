//! The configuration that `--config` names; none can be read without the
//! feature `sigma`.

use std::error::Error;
use std::path::PathBuf;

use t1053::{Detector, DetectorBuilder, RuleSetBuilder, ScannerBuilder};
#[cfg(not(feature = "sigma"))]
use t1053::{RuleSet, Scanner};

/// What is set, and the paths of the rules that it names.
#[derive(Default)]
pub(crate) struct Config {
    #[cfg(feature = "sigma")]
    set: t1053::Config,
    rules: Vec<PathBuf>,
}

#[cfg(feature = "sigma")]
impl Config {
    /// Reads it from a file. Its rules are looked for beside that.
    pub(crate) fn read(path: PathBuf) -> Result<Config, Box<dyn Error>> {
        let name = path.display();
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|error| format!("{name}: {error}"))?;
        let set: t1053::Config =
            text.parse().map_err(|error: t1053::ConfigError| {
                let problems = error.problems().iter();
                let lines: Vec<String> = problems
                    .map(|problem| format!("{name}:{problem}"))
                    .collect();
                lines.join("\n")
            })?;
        let folder = path.parent().map(PathBuf::from).unwrap_or_default();
        let rules = set.rules().iter().map(|rules| folder.join(rules));
        let rules = rules.collect();
        Ok(Config { set, rules })
    }

    pub(crate) fn is_strict(&self) -> bool {
        self.set.is_strict()
    }

    pub(crate) fn rule_set<'t>(&self) -> RuleSetBuilder<'t> {
        self.set.rule_set()
    }

    pub(crate) fn detector(
        &self,
        builder: DetectorBuilder,
    ) -> DetectorBuilder {
        self.set.for_detector(builder)
    }

    pub(crate) fn scanner(&self, detector: &Detector) -> ScannerBuilder {
        self.set.scanner(detector)
    }
}

#[cfg(not(feature = "sigma"))]
impl Config {
    pub(crate) fn read(path: PathBuf) -> Result<Config, Box<dyn Error>> {
        let name = path.display();
        Err(format!("{name}: this build reads none (feature `sigma`)").into())
    }

    pub(crate) fn is_strict(&self) -> bool {
        false
    }

    pub(crate) fn rule_set<'t>(&self) -> RuleSetBuilder<'t> {
        RuleSet::builder()
    }

    pub(crate) fn detector(
        &self,
        builder: DetectorBuilder,
    ) -> DetectorBuilder {
        builder
    }

    pub(crate) fn scanner(&self, detector: &Detector) -> ScannerBuilder {
        Scanner::builder(detector)
    }
}

impl Config {
    /// The files and folders of rules.
    pub(crate) fn rules(&self) -> &[PathBuf] {
        &self.rules
    }
}
