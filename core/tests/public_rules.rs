//! The public Sigma rules, where `T1053_SIGMA` names a folder of them: how
//! many load, why others do not, and that the filter loses none of their
//! matches. Without that folder nothing is tested, and it says so.

#![cfg(all(feature = "sigma", feature = "regex"))]
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

use t1053::rule::Rule;
use t1053::sigma::compile;
use t1053::{Detector, Scanner};

/// Adds the rule files of a folder.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|it| it == "yml") {
            files.push(path);
        }
    }
}

/// The texts of the active rules: those of folders called `rules` or
/// `rules-...`, and not those that are deprecated or unsupported.
fn texts() -> Vec<String> {
    let Some(root) = env::var_os("T1053_SIGMA") else {
        eprintln!("T1053_SIGMA is not set: the public rules are not tested");
        return Vec::new();
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_string_lossy().starts_with("rules") {
            walk(&entry.path(), &mut files);
        }
    }
    files.sort();
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn nearly_all_load_and_all_about_scheduled_tasks() {
    let texts = texts();
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut loaded = 0;
    for text in &texts {
        let builder = Detector::builder().without_builtin();
        let result = compile(text).map_err(|it| it.to_string());
        let result = result.and_then(|rules| {
            let builder =
                rules.into_iter().fold(builder, |all, rule| all.rule(rule));
            builder.build().map_err(|error| error.to_string())
        });
        match result {
            Ok(_) => loaded += 1,
            Err(reason) => {
                let tag = "attack.t1053";
                assert!(!text.to_ascii_lowercase().contains(tag), "{reason}");
                *reasons.entry(reason).or_default() += 1;
            }
        }
    }
    for (reason, count) in &reasons {
        eprintln!("{count} {reason}");
    }
    eprintln!("{loaded} of {} load", texts.len());
    assert!(loaded * 100 >= texts.len() * 98);
}

#[test]
fn filter_loses_no_match() {
    let mut slugs = BTreeSet::new();
    let texts = texts();
    let rules =
        texts.iter().flat_map(|text| compile(text).unwrap_or_default());
    let is_new = |rule: &Rule| slugs.insert(rule.detection.slug.to_string());
    let rules: Vec<Rule> = rules.filter(is_new).collect();
    if rules.is_empty() {
        return;
    }
    let builder = Detector::builder().without_builtin();
    let builder = rules.into_iter().fold(builder, |all, rule| all.rule(rule));
    let detector = builder.build().unwrap();
    let mut total = 0;
    for file in testkit::record_files() {
        let bytes = fs::read(&file).unwrap();
        let [with, without] = [true, false].map(|filter| {
            let scanner = Scanner::builder(&detector).filter(filter);
            testkit::scan_pieces(scanner.build().unwrap(), &bytes)
        });
        assert_eq!(with, without, "{}", file.display());
        total += with.len();
    }
    assert!(total > 100, "{total}");
}
