//! Rules as Markdown.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;

use t1053::event::Field;
use t1053::rule::{
    Detection, Logic, Operation, Predicate, Rule, Selection, Test,
};
use t1053::{Detector, Scanner};

use crate::generate::Built;

/// One line for each detection; its slug leads to its section of the page.
fn overview(built: &[Built]) -> String {
    let mut page = String::from(
        "\n| Slug | Title | Kind | Technique | Risk | Event |\n\
         |---|---|---|---|---|---|\n",
    );
    for Built { rule, .. } in built {
        let detection = &rule.detection;
        let slug = &detection.slug;
        page.push_str(&format!(
            "| [`{slug}`](#{slug}) | {} | {} | {} | {} | {} |\n",
            escape(&detection.title),
            detection.kind,
            detection.techniques.join(", "),
            detection.risk.map_or(String::new(), |it| it.score.to_string()),
            events(rule),
        ));
    }
    page
}

/// The page docs/detections.md.
pub(crate) fn detections(built: &[Built]) -> String {
    let mut page = format!(
        "# The built-in detections\n\
         \n\
         <!-- Written by `cargo xtask generate` from core/detections; do not \
         edit. -->\n\
         \n\
         {} detections, in the order of their slugs. What each matches is in \
         its Sigma file; where they come from, in [provenance.md](\
         provenance.md).\n",
        built.len(),
    );
    page.push_str(&overview(built));
    for Built { rule, path } in built {
        page.push_str(&section(rule, path));
    }
    page
}

fn section(rule: &Rule, path: &str) -> String {
    let detection = &rule.detection;
    let mut section = format!(
        "\n## `{}`\n\n**{}**. {}\n\n",
        detection.slug,
        escape(&detection.title),
        escape(&detection.description),
    );
    for (name, value) in facts(rule) {
        if !value.is_empty() {
            section.push_str(&format!("- {name}: {value}\n"));
        }
    }
    section.push_str(&format!("- Rule: [{path}](../{path})\n"));
    if !detection.false_positives.is_empty() {
        section.push_str("\nHarmless things that match too:\n\n");
        for text in detection.false_positives.iter() {
            section.push_str(&format!("- {}\n", escape(text)));
        }
    }
    section
}

fn facts(rule: &Rule) -> Vec<(&'static str, String)> {
    let Detection { kind, techniques, tactics, risk, severity, .. } =
        &rule.detection;
    let tactics: Vec<&str> = tactics.iter().map(|it| it.name()).collect();
    let pack = rule.detection.pack.map(|it| format!("`{it}`"));
    let name = rule.detection.published_name.as_ref();
    let id = rule.detection.id.as_ref();
    let objects = rule
        .detection
        .risk_objects
        .iter()
        .map(|it| format!("`{}` ({}, {})", it.field, it.object, it.role));
    vec![
        ("Kind", kind.to_string()),
        ("Event", events(rule)),
        ("Techniques", techniques.join(", ")),
        ("Tactics", tactics.join(", ")),
        ("Level", severity.to_string()),
        (
            "Risk",
            risk.map_or(String::new(), |risk| {
                format!(
                    "{} (impact {}, confidence {})",
                    risk.score, risk.impact, risk.confidence,
                )
            }),
        ),
        ("Risk objects", objects.collect::<Vec<String>>().join(", ")),
        ("Grouped by", rule.detection.group_by.join(", ")),
        ("Message", format!("`{}`", rule.detection.message)),
        ("Pack", pack.unwrap_or_default()),
        ("Published name", name.map_or(String::new(), |it| it.to_string())),
        ("Published id", id.map_or(String::new(), |it| format!("`{it}`"))),
        ("Beyond the Sigma specification", beyond_sigma(rule).join(", ")),
        ("Cannot match", blind_spots(rule)),
    ]
}

/// Events of which the log does not write what the rule asks for.
fn blind_spots(rule: &Rule) -> String {
    let spots = rule.blind_spots();
    let spots: Vec<String> = spots
        .iter()
        .map(|it| {
            let lacks = it.lacks.join("`, `");
            format!("{} {}, which has no `{lacks}`", it.log, it.id)
        })
        .collect();
    spots.join("; ")
}

/// What another engine would not run as it is meant.
fn beyond_sigma(rule: &Rule) -> Vec<&'static str> {
    let selection = match &rule.logic {
        Logic::Single(selection) => selection,
        Logic::Sequence(_) => {
            return vec!["the pairing rule of `temporal_ordered`"];
        }
        _ => return Vec::new(),
    };
    let mut tests = Vec::new();
    collect_tests(&selection.predicate, &mut tests);
    let parts = tests.iter().filter_map(|test| match test {
        Test { operation: Operation::Token, .. } => Some("`token`"),
        Test { operation: Operation::EntropyAbove(_), .. } => {
            Some("`entropy`")
        }
        Test { field: Field::Command, .. } => Some("`Command`"),
        Test { field: Field::Arguments, .. } => Some("`Arguments`"),
        Test { field: Field::Hidden, .. } => Some("`Hidden`"),
        _ => None,
    });
    let mut parts: Vec<&str> = parts.collect();
    parts.sort_unstable();
    parts.dedup();
    parts
}

fn collect_tests<'r>(predicate: &'r Predicate, tests: &mut Vec<&'r Test>) {
    if let Predicate::Test(test) = predicate {
        tests.push(test);
    }
    if let Predicate::All(parts)
    | Predicate::Any(parts)
    | Predicate::None(parts) = predicate
    {
        parts.iter().for_each(|part| collect_tests(part, tests));
    }
}

/// The events of a rule in plain words: `process creation (Windows)`.
fn events(rule: &Rule) -> String {
    let events: Vec<String> =
        rule.logic.selections().iter().map(kinds).collect();
    let events = events.join(", then ");
    let platform = rule.detection.platform.name();
    let (first, rest) = platform.split_at(1);
    format!("{events} ({}{rest})", first.to_uppercase())
}

fn kinds(selection: &Selection) -> String {
    let names = selection.kinds.iter().map(|it| it.name().replace('_', " "));
    names.collect::<Vec<String>>().join(" or ")
}

/// Text with nothing that Markdown would take for markup.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if r"\`*_<|[".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// docs/formats.md: the layouts of records that are read.
pub(crate) fn formats() -> io::Result<String> {
    let mut text = String::from(
        "# What is read\n\n\
         Written by `cargo xtask generate` from the shapes in \
         `core/src/record/shapes`; `scan formats`\n\
         prints the same. A layout is verified where a public record or the \
         source of its\nwriter was read.\n\n\
         | Layout | What it is | What is lost in it | Verified |\n\
         |---|---|---|---|\n",
    );
    for layout in t1053::record::layouts() {
        let verified = if layout.verified { "yes" } else { "no" };
        let cells = [layout.name, layout.about, layout.lost]
            .map(|cell| cell.replace('|', "\\|").replace('*', "\\*"));
        let [name, about, lost] = cells;
        text.push_str(&format!(
            "| {name} | {about} | {lost} | {verified} |\n"
        ));
    }
    text.push_str(&attacks()?);
    Ok(text)
}

/// The folders of `testdata/sources`, and the attack that each tells.
const ATTACKS: [(&str, &str); 10] = [
    ("windows", "A task that runs as SYSTEM from a writable folder"),
    ("linux", "The table of another account's jobs is edited"),
    ("cron", "The same table is replaced, as cron's own log has it"),
    ("files", "A file appears where cron looks for jobs"),
    ("audit", "The same file, as the kernel's audit tells of it"),
    ("launchd", "A launch item starts a program in a folder for anyone"),
    ("kubernetes", "A person creates a CronJob"),
    ("azure", "A webhook for an automation account's runbook is created"),
    ("aws", "A schedule is created in EventBridge"),
    ("gcp", "A job is created in Cloud Scheduler"),
];

/// What each source of an attack yields: what all of them do, and what only
/// some of them can tell.
fn attacks() -> io::Result<String> {
    let mut text = String::from(
        "\n## One attack in every source\n\n\
         Each attack is told by every source that can carry it \
         (`testdata/sources`). All of them\ngive the detections that are \
         named first; what a source gives besides stands in its row.\n",
    );
    let detector = Detector::new();
    for (folder, title) in ATTACKS {
        let found = sources(&detector, folder)?;
        let mut all = found.values().cloned();
        let first = all.next().unwrap_or_default();
        let common = all.fold(first, |common, found| &common & &found);
        let listed = |slugs: &BTreeSet<String>| {
            let slugs = slugs.iter().map(|slug| format!("`{slug}`"));
            slugs.collect::<Vec<_>>().join(", ")
        };
        text.push_str(&format!(
            "\n### {title}\n\n{}\n\n\
             | Source | Also gives |\n|---|---|\n",
            listed(&common),
        ));
        for (source, found) in found {
            let more = listed(&(&found - &common));
            text.push_str(&format!("| {source} | {more} |\n"));
        }
    }
    Ok(text)
}

/// The detections that the first record of each file in a folder yields.
fn sources(
    detector: &Detector,
    folder: &str,
) -> io::Result<BTreeMap<String, BTreeSet<String>>> {
    let folder = testkit::root().join("testdata/sources").join(folder);
    let mut found = BTreeMap::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let log = fs::read(&path)?;
        let scanner = Scanner::new(detector);
        let (matches, _) = testkit::scan(scanner, &log, usize::MAX);
        let first = matches.into_iter().filter(|(record, _)| *record == 0);
        let slugs: BTreeSet<String> = first.map(|(_, slug)| slug).collect();
        let name = path.file_name().unwrap_or_default();
        found.insert(name.to_string_lossy().into_owned(), slugs);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// docs/provenance.md is written by hand.
    #[test]
    fn provenance_names_the_rules_that_go_beyond_sigma() {
        let root = testkit::root();
        let page =
            fs::read_to_string(root.join("docs/provenance.md")).unwrap();
        let (_, table) = page.split_once("## What goes beyond").unwrap();
        for Built { rule, .. } in crate::generate::rules(root).unwrap() {
            let slug = &rule.detection.slug;
            assert_eq!(
                table.contains(&format!("`{slug}`")),
                !beyond_sigma(&rule).is_empty(),
                "{slug}",
            );
        }
    }
}
