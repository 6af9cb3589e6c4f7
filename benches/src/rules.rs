/*!
Rules: the project's own Sigma files, and any number of made-up ones beside
them.
*/

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use t1053::rule::Rule;
use t1053::{Detector, catalog};

use crate::random::Random;

/// A Sigma file.
#[derive(Clone, Debug)]
pub struct RuleFile {
    /// The slug of its detection.
    pub slug: String,
    /// Its text.
    pub yaml: String,
}

/// The Sigma files of the built-in detections, in the order of their slugs.
pub fn builtin() -> Vec<RuleFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(root.join("../core/detections"))
            .expect("the detections are beside this crate")
            .map(|entry| entry.expect("readable").path())
            .filter(|path| path.is_dir())
            .flat_map(|folder| {
                let entries = std::fs::read_dir(folder).expect("readable");
                entries.map(|entry| entry.expect("readable").path())
            })
            .filter(|path| {
                let name = path.to_string_lossy();
                name.ends_with(".yml") && !name.ends_with(".samples.yml")
            })
            .collect();
    paths.sort_by_key(|path| path.file_name().map(ToOwned::to_owned));
    let read = |path: PathBuf| RuleFile {
        slug: path.file_stem().expect("a name").to_string_lossy().into(),
        yaml: std::fs::read_to_string(path).expect("readable"),
    };
    paths.into_iter().map(read).collect()
}

/// `count` rules that are like real ones and all different: most about
/// started processes (a program, a flag and a word), some about registry
/// values, script blocks and files.
pub fn made(count: usize) -> Vec<RuleFile> {
    let mut random = Random::new(53);
    let mut words = BTreeSet::new();
    while words.len() < count * 3 {
        let word = random.word();
        if word.len() > 4 {
            words.insert(word);
        }
    }
    let mut words: Vec<String> = words.into_iter().collect();
    // So that neighbours in the alphabet do not share a rule.
    for index in 0..words.len() {
        let other = random.below(words.len());
        words.swap(index, other);
    }
    let rule = |(index, words): (usize, &[String])| {
        let [program, flag, word] = words else {
            return RuleFile { slug: String::new(), yaml: String::new() };
        };
        let (source, detection) = match index % 10 {
            0 => (
                "{category: registry_event, product: windows}",
                format!(
                    "    key:\n        TargetObject|contains: '\\{program}\\{word}'\n    condition: key\n"
                ),
            ),
            1 => (
                "{category: ps_script, product: windows}",
                format!(
                    "    text:\n        ScriptBlockText|contains|all: [Invoke-{program}, '-{flag}']\n    condition: text\n"
                ),
            ),
            2 => (
                "{category: process_creation, product: linux}",
                format!(
                    "    program:\n        Image|endswith: /{program}\n    option:\n        CommandLine|contains: '--{flag}'\n    condition: program and option\n"
                ),
            ),
            3 => (
                "{category: process_creation, product: windows}",
                format!(
                    "    parent:\n        ParentImage|endswith: '\\{program}.exe'\n    program:\n        Image|endswith: ['\\cmd.exe', '\\powershell.exe', '\\{word}.exe']\n    other:\n        CommandLine|contains: '{flag}'\n    condition: parent and program and not other\n"
                ),
            ),
            4 => (
                "{category: process_creation, product: windows}",
                format!(
                    "    options:\n        CommandLine|contains|all: [' /{flag} ', '{word}.dat']\n    condition: options\n"
                ),
            ),
            _ => (
                "{category: process_creation, product: windows}",
                format!(
                    "    program:\n        Image|endswith: '\\{program}.exe'\n    options:\n        CommandLine|contains:\n            - ' -{flag}'\n            - ' /{flag}'\n            - '{word}'\n    condition: program and options\n"
                ),
            ),
        };
        let slug = format!("made_{index:04}");
        let mut yaml = format!("title: Made {index:04}\n");
        let _ = write!(
            yaml,
            "id: 00000000-0000-4000-8000-{index:012}\nname: {slug}\nstatus: test\nlogsource: {source}\ndetection:\n{detection}level: low\n",
        );
        RuleFile { slug, yaml }
    };
    words.chunks(3).enumerate().map(rule).collect()
}

/// The made-up rules, compiled.
pub fn compiled(count: usize) -> Vec<Rule> {
    let compile = |file: RuleFile| {
        t1053::sigma::compile(&file.yaml)
            .unwrap_or_else(|error| panic!("{}: {error}", file.slug))
    };
    made(count).into_iter().flat_map(compile).collect()
}

/// A detector of `count` rules: the built-in ones, and made-up ones for the
/// rest.
pub fn detector(count: usize) -> Detector {
    let made = count.saturating_sub(catalog::builtin().len());
    compiled(made)
        .into_iter()
        .fold(Detector::builder(), |builder, rule| builder.rule(rule))
        .build()
        .expect("the rules are sound")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_rules_as_asked_for() {
        assert_eq!(detector(450).detections().len(), 450);
        assert_eq!(builtin().len(), catalog::builtin().len());
    }
}
