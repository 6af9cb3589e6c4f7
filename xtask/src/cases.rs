//! The samples of every detection as files that a test in any language reads
//! without a parser: `testdata/cases`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use t1053::sigma::samples;
use t1053::{Detector, Finding, Report, Scanner};

use crate::generate::Built;

/// Where the files are, from the root.
pub(crate) const FOLDER: &str = "testdata/cases";

/// The files, by path: of each case its records, one after the other with a
/// line end between, and the findings in them.
pub(crate) fn files(
    root: &Path,
    built: &[Built],
) -> Result<BTreeMap<String, String>, Box<dyn Error>> {
    let mut builder = Detector::builder().without_builtin();
    for built in built {
        builder = builder.rule(built.rule.clone());
    }
    let detector = builder.build()?;
    let mut files = BTreeMap::new();
    for built in built {
        let slug = &built.rule.detection.slug;
        let path = built.path.replace(".yml", ".samples.yml");
        let yaml = fs::read_to_string(root.join(&path))
            .map_err(|error| format!("{path}: {error}"))?;
        let cases = samples::read(&yaml)
            .map_err(|error| format!("{path}: {error}"))?;
        for (index, case) in cases.iter().enumerate() {
            let name = format!("{FOLDER}/{slug}--{:02}", index + 1);
            let records = case.records.join("\n");
            files.insert(format!("{name}.ndjson"), scan(&detector, &records));
            files.insert(format!("{name}.record"), records);
        }
    }
    Ok(files)
}

fn scan(detector: &Detector, records: &str) -> String {
    let mut lines = String::new();
    let mut sink = |report: Report<'_>| {
        if let Report::Match(it) = report {
            let place = it.place(None);
            let finding = Finding { place, found: &it.found };
            lines.push_str(&format!("{finding}\n"));
        }
        ControlFlow::Continue(())
    };
    let mut scanner = Scanner::new(detector);
    // The sink never asks to stop.
    let _ = scanner.feed(records.as_bytes(), &mut sink);
    let _ = scanner.finish(&mut sink);
    lines
}

/// Paths of files that no case has any more.
pub(crate) fn orphans(
    root: &Path,
    files: &BTreeMap<String, String>,
) -> Result<Vec<String>, Box<dyn Error>> {
    let mut orphans = Vec::new();
    let Ok(folder) = fs::read_dir(root.join(FOLDER)) else {
        return Ok(orphans);
    };
    for file in folder {
        let path = format!("{FOLDER}/{}", file?.file_name().display());
        if !files.contains_key(&path) {
            orphans.push(path);
        }
    }
    Ok(orphans)
}
