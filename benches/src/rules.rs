/*!
Rules: the project's own Sigma files, any number of made-up ones beside them,
and public ones where there are any.
*/

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

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
    let mut paths = testkit::rule_files();
    paths.sort_by_key(|path| path.file_name().map(ToOwned::to_owned));
    let read = |path: PathBuf| RuleFile {
        slug: path.file_stem().expect("a name").to_string_lossy().into(),
        yaml: std::fs::read_to_string(path).expect("readable"),
    };
    paths.into_iter().map(read).collect()
}

/// `count` rules that are like real ones and all different: most about
/// started processes (a program, a flag and a word), some about registry
/// values, script blocks and files. As among SigmaHQ's 1,242 rules about
/// started processes, a fifth has literals shorter than four bytes, 3 in 100
/// are regular expressions and 3 in 100 have wildcards inside of values.
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
            5 | 8 => {
                let [first, second] = [flag, word].map(|it| &it[..1]);
                (
                    "{category: process_creation, product: windows}",
                    format!(
                        "    program:\n        Image|endswith: '\\{program}.exe'\n    options:\n        CommandLine|contains: [' -{first}', '/{second} ', '{second}:']\n    condition: program and options\n"
                    ),
                )
            }
            6 if index % 30 < 10 => (
                "{category: process_creation, product: windows}",
                format!(
                    "    options:\n        CommandLine|re: '(?i)[/-]{flag}[ :]+[a-z]:\\\\{word}[0-9]{{2,}}'\n    condition: options\n"
                ),
            ),
            7 if index % 30 < 10 => (
                "{category: process_creation, product: windows}",
                format!(
                    "    options:\n        CommandLine: '*{program} *-{flag}?*{word}'\n    condition: options\n"
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

/// Public rules that compile.
pub struct Public {
    /// Their files, each named by the slug that its rule has here.
    pub files: Vec<RuleFile>,
    /// The rules.
    pub rules: Vec<Rule>,
    /// How many files do not compile: most ask for log sources or fields that
    /// no kind of event has.
    pub refused: usize,
    /// How many rules have the slug of another, and are left out.
    pub repeated: usize,
}

/// The rules in the folder that `T1053_SIGMA` names, else in `shared/sigma`
/// beside the project; `None` where neither is. The folder holds Sigma files,
/// as a copy of SigmaHQ's repository does, or a `rules.tar.gz` of them. None
/// of them is part of the project.
///
/// # Panics
///
/// `T1053_SIGMA` names a folder without a Sigma file that compiles.
pub fn public() -> Option<Public> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = std::env::var_os("T1053_SIGMA").map(PathBuf::from);
    let beside = root.join("../../shared/sigma");
    let folder = named.or_else(|| Some(beside).filter(|it| it.is_dir()))?;
    let archive = folder.join("rules.tar.gz");
    let folder = if archive.is_file() {
        let unpacked = root.join("../target/public-rules");
        std::fs::create_dir_all(&unpacked).expect("a folder to unpack to");
        let status = Command::new("tar")
            .arg("-xzf")
            .arg(archive)
            .arg("-C")
            .arg(&unpacked)
            .status();
        assert!(status.expect("tar runs").success());
        unpacked
    } else {
        folder
    };
    let mut paths = Vec::new();
    sigma_files(&folder, &mut paths);
    paths.sort();
    let mut public = Public {
        files: Vec::new(),
        rules: Vec::new(),
        refused: 0,
        repeated: 0,
    };
    let mut slugs = BTreeSet::new();
    for path in paths {
        let yaml = std::fs::read_to_string(path).expect("readable");
        let Ok(rules) = t1053::sigma::compile(&yaml) else {
            public.refused += 1;
            continue;
        };
        for rule in rules {
            let slug = rule.detection.slug.to_string();
            if slugs.insert(slug.clone()) {
                public.files.push(RuleFile { slug, yaml: yaml.clone() });
                public.rules.push(rule);
            } else {
                public.repeated += 1;
            }
        }
    }
    assert!(!public.rules.is_empty(), "no rules in {}", folder.display());
    Some(public)
}

/// The Sigma files in a folder and below, without those that their publisher
/// has given up.
fn sigma_files(folder: &Path, paths: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("readable").path();
        let is_given_up =
            path.ends_with("deprecated") || path.ends_with("unsupported");
        if path.is_dir() && !is_given_up {
            sigma_files(&path, paths);
        } else if path.extension().is_some_and(|it| it == "yml") {
            paths.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_rules_as_asked_for() {
        assert_eq!(detector(450).detections().len(), 450);
        assert_eq!(builtin().len(), catalog::builtin().len());
    }

    #[test]
    fn made_rules_have_what_public_rules_have() {
        let yaml: String = made(10).into_iter().map(|it| it.yaml).collect();
        for part in ["contains: [' -", "|re: ", "CommandLine: '*"] {
            assert!(yaml.contains(part), "{part}");
        }
    }
}
