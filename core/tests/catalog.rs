//! The catalogue is what the files under `core/detections` compile to, and
//! each of these has its samples.

#![cfg(feature = "sigma")]
// Clippy's settings allow these in test functions, not in what they call.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use t1053::catalog;
use t1053::rule::{Pack, Rule};
use t1053::sigma::samples::{self, Expectation};

/// What must stand beside a rule file.
fn samples_of(file: &Path) -> PathBuf {
    file.with_extension("samples.yml")
}

/// The rules of all files, each with its file.
fn compiled() -> Vec<(PathBuf, Rule)> {
    let mut compiled = Vec::new();
    for file in testkit::rule_files() {
        let yaml = fs::read_to_string(&file).unwrap();
        let rules = t1053::sigma::compile(&yaml)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        compiled.extend(rules.into_iter().map(|rule| (file.clone(), rule)));
    }
    compiled
}

#[test]
fn the_catalogue_is_fresh() {
    let mut rules: Vec<Rule> =
        compiled().into_iter().map(|(_, rule)| rule).collect();
    rules.sort_by(|a, b| a.detection.slug.cmp(&b.detection.slug));
    let slugs = |rules: &[Rule]| -> Vec<String> {
        rules.iter().map(|rule| rule.detection.slug.to_string()).collect()
    };
    let advice = "stale: run `cargo xtask generate`";
    assert_eq!(slugs(catalog::builtin()), slugs(&rules), "{advice}");
    for (built, fresh) in catalog::builtin().iter().zip(&rules) {
        assert_eq!(built, fresh, "{advice}");
    }
}

#[test]
fn slugs_find_rules() {
    for rule in catalog::builtin() {
        let slug = &rule.detection.slug;
        assert_eq!(catalog::get(slug), Some(rule), "{slug}");
    }
    let mut slugs = catalog::builtin().iter().map(|it| &it.detection.slug);
    let mut before = slugs.next().unwrap();
    for slug in slugs {
        assert!(before < slug, "{slug} twice, or out of order");
        before = slug;
    }
}

#[test]
fn files_stand_where_they_belong() {
    for (file, rule) in compiled() {
        let detection = &rule.detection;
        let stem = file.file_stem().unwrap();
        assert_eq!(stem, detection.slug.as_ref(), "{}", file.display());
        // The most specific technique of the family is the folder.
        let ours = detection.techniques.iter().map(|it| it.as_ref());
        let folder = ours
            .filter(|it: &&str| it.starts_with("T1053"))
            .max_by_key(|it| it.len());
        let parent = file.parent().and_then(Path::file_name).unwrap();
        assert_eq!(Some(parent), folder.map(AsRef::as_ref), "{stem:?}");
        assert!(detection.pack.is_some(), "{stem:?}");
        assert!(!detection.tactics.is_empty(), "{stem:?}");
        for text in
            [&detection.description, &detection.needs, &detection.response]
        {
            assert!(!text.is_empty(), "{stem:?}");
        }
        assert!(!detection.false_positives.is_empty(), "{stem:?}");
        assert_ne!(detection.message, detection.title, "{stem:?}");
    }
}

/// So that nothing comes in without saying from whom it is.
#[test]
fn every_pack_has_its_provenance() {
    let read = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        fs::read_to_string(path.join(name)).unwrap()
    };
    let (table, notice) = (read("docs/provenance.md"), read("NOTICE"));
    for pack in Pack::ALL {
        let name = pack.name();
        let rules = catalog::builtin().iter();
        let count =
            rules.filter(|rule| rule.detection.pack == Some(*pack)).count();
        assert!(count > 0, "{name}");
        let row = format!("| `{name}`: {count} ");
        assert!(table.contains(&row), "docs/provenance.md: {row}");
        assert!(notice.contains(&format!("\n{count} detections: ")), "{name}");
    }
}

/// Jobs often have no name or command: a table that is listed has neither.
#[test]
fn behaviours_say_nothing_of_what_is_unknown() {
    let mut told = 0;
    for case in testkit::sample_cases() {
        let findings = case.with_extension("ndjson");
        for line in fs::read_to_string(&findings).unwrap().lines() {
            let found: serde_json::Value = serde_json::from_str(line).unwrap();
            let slug = found["detection"].as_str().unwrap();
            let pack = catalog::get(slug).unwrap().detection.pack;
            if pack != Some(Pack::Behaviours) {
                continue;
            }
            let message = found["message"].as_str().unwrap();
            assert!(!message.contains("(unknown)"), "{slug}: {message}");
            told += 1;
        }
    }
    assert!(told > 500, "{told}");
}

#[test]
fn every_detection_has_its_samples() {
    for (file, rule) in compiled() {
        let path = samples_of(&file);
        let slug = &rule.detection.slug;
        let yaml = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let cases = samples::read(&yaml)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let count =
            |expect| cases.iter().filter(|case| case.expect == expect).count();
        assert!(count(Expectation::Match) >= 2, "{slug}: matches");
        assert!(count(Expectation::NearMiss) >= 2, "{slug}: near misses");
        assert!(count(Expectation::AbsentField) >= 1, "{slug}: absent field");
    }
    // Nor are there samples of nothing.
    for path in testkit::sample_files() {
        let rule = path.with_extension("").with_extension("yml");
        assert!(rule.exists(), "{}", path.display());
    }
}
