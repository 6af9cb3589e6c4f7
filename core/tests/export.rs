//! Built-in rules as portable Sigma: read back, they say the same.

#![cfg(feature = "sigma")]
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use t1053::sigma::export;
use t1053::{Detector, Report, RuleSet, Scanner, catalog};

/// The built-in rules that can be written, and how many cannot.
fn exported() -> (Vec<(String, String)>, usize) {
    let (mut texts, mut refused) = (Vec::new(), 0);
    for rule in catalog::builtin() {
        match export(rule) {
            Ok(text) => texts.push((rule.detection.slug.to_string(), text)),
            Err(_) => refused += 1,
        }
    }
    (texts, refused)
}

fn found(detector: &Detector, record: &[u8]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut scanner = Scanner::new(detector);
    let mut take = |report: Report<'_>| {
        if let Report::Match(matched) = report {
            found.insert(matched.found.detection().slug.to_string());
        }
        ControlFlow::Continue(())
    };
    let _ = scanner.feed(record, &mut take);
    let _ = scanner.finish(&mut take);
    found
}

#[test]
fn exported_rules_match_what_they_did() {
    let (texts, _) = exported();
    let builder = Detector::builder().without_builtin();
    let mut set = RuleSet::builder().beside(&builder);
    for (slug, text) in &texts {
        set = set.text(slug, text);
    }
    let set = set.build().strict().unwrap();
    let portable = builder.rules(set).build().unwrap();
    let slugs: BTreeSet<&str> =
        texts.iter().map(|(slug, _)| slug.as_str()).collect();
    let builtin = Detector::new();
    let cases =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/cases");
    let mut matches = BTreeMap::<String, usize>::new();
    for entry in fs::read_dir(cases).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "record") {
            continue;
        }
        let record = fs::read(&path).unwrap();
        let mut expected = found(&builtin, &record);
        expected.retain(|slug| slugs.contains(slug.as_str()));
        let found = found(&portable, &record);
        // Where a rule is about several log sources, it is several.
        let base = |slug: &String| match slug.rsplit_once('_') {
            Some((base, number))
                if number.parse::<u8>().is_ok() && slugs.contains(base) =>
            {
                base.to_owned()
            }
            _ => slug.clone(),
        };
        let found: BTreeSet<String> = found.iter().map(base).collect();
        assert_eq!(found, expected, "{}", path.display());
        for slug in found {
            *matches.entry(slug).or_default() += 1;
        }
    }
    let silent = slugs.len() - matches.len();
    assert!(silent * 10 < slugs.len(), "{silent} of {}", slugs.len());
}

/// What cannot be said takes a task definition apart, or a job, or asks how
/// random a value is.
#[test]
fn most_published_rules_can_be_exported() {
    let (texts, refused) = exported();
    assert_eq!(texts.len() + refused, catalog::builtin().len());
    let published = |slug: &str| {
        let mut rules = catalog::builtin().iter();
        let rule = rules.find(|rule| rule.detection.slug == slug).unwrap();
        let pack = rule.detection.pack.unwrap();
        pack.name() != "behaviours"
    };
    let portable = texts.iter().filter(|(slug, _)| published(slug)).count();
    assert!(portable >= 36, "{portable} of 45");
    let mut ids = BTreeSet::new();
    for (slug, text) in &texts {
        for line in text.lines() {
            if let Some(id) = line.strip_prefix("id: ") {
                assert_eq!(id.len(), 36, "{slug}: {id}");
                assert!(ids.insert(id.to_owned()), "{slug}: {id} twice");
            }
        }
        assert!(text.contains("\nauthor: "), "{slug}");
    }
}
