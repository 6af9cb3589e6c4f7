//! What is generated, and whether it is fresh.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use t1053::rule::Rule;
use testkit::root;

use crate::{cases, header, searches, source, tables, vocabulary};

/// A rule, and where its Sigma file is.
pub(crate) struct Built {
    pub(crate) rule: Rule,
    /// From the root, with `/` between.
    pub(crate) path: String,
}

/// Writes every generated file that is stale.
pub(crate) fn write() -> Result<(), Box<dyn Error>> {
    // The header is made from what is written first.
    write_stale(changed(names()?))?;
    write_stale(stale()?)
}

fn write_stale(stale: Vec<Stale>) -> Result<(), Box<dyn Error>> {
    for (path, fresh) in stale {
        let file = root().join(&path);
        let result = match fresh {
            Some(fresh) => {
                if let Some(folder) = file.parent() {
                    fs::create_dir_all(folder)?;
                }
                fs::write(&file, fresh)
            }
            None => fs::remove_file(&file),
        };
        result.map_err(|error| format!("{path}: {error}"))?;
        println!("wrote {path}");
    }
    Ok(())
}

/// Fails where a generated file is stale.
pub(crate) fn check() -> Result<(), Box<dyn Error>> {
    match stale()?.first() {
        Some((path, _)) => {
            Err(format!("{path} is stale: run `cargo xtask generate`").into())
        }
        None => Ok(()),
    }
}

/// A generated file, and what must be in it; `None` when it must not be.
type Stale = (String, Option<Vec<u8>>);

/// Generated files.
type Files = BTreeMap<String, Vec<u8>>;

/// The names of the vocabulary in other languages.
fn names() -> Result<Files, Box<dyn Error>> {
    let package = "python/python/t1053";
    let module = format!("{package}/__init__.py");
    let exports = fs::read_to_string(root().join(&module))
        .map_err(|error| format!("{module}: {error}"))?;
    let files = [
        ("ffi/src/vocabulary.rs".into(), vocabulary::c()),
        (format!("{package}/_events.py"), vocabulary::python()),
        (module, vocabulary::python_exports(&exports)?),
    ];
    let files = files.into_iter();
    Ok(files.map(|(path, source)| (path, source.into_bytes())).collect())
}

/// The generated files that are stale.
fn stale() -> Result<Vec<Stale>, Box<dyn Error>> {
    let root = root();
    let built = rules(root)?;
    let mut files = cases::files(root, &built)?;
    let orphans = cases::orphans(root, &files)?;
    files.extend([
        (
            "core/src/catalog/generated.rs".into(),
            source::catalogue(&built).into_bytes(),
        ),
        ("core/src/search/chosen.rs".into(), searches::source(&built)?),
        ("docs/detections.md".into(), tables::detections(&built).into_bytes()),
        ("docs/formats.md".into(), tables::formats()?.into_bytes()),
        (
            "python/python/t1053/_names.py".into(),
            vocabulary::python_literals(&built).into_bytes(),
        ),
        ("include/t1053.h".into(), header::header(root)?.into_bytes()),
    ]);
    files.extend(names()?);
    let mut stale = changed(files);
    stale.extend(orphans.into_iter().map(|path| (path, None)));
    Ok(stale)
}

/// Those of some files that differ from what is on disk.
fn changed(files: Files) -> Vec<Stale> {
    let differs = |(path, fresh): &(String, Vec<u8>)| {
        let found = fs::read(root().join(path));
        found.ok().as_ref() != Some(fresh)
    };
    let changed = files.into_iter().filter(differs);
    changed.map(|(path, fresh)| (path, Some(fresh))).collect()
}

/// The rules of all Sigma files, in the order of their slugs.
pub(crate) fn rules(root: &Path) -> Result<Vec<Built>, Box<dyn Error>> {
    let mut built = Vec::new();
    for file in testkit::rule_files() {
        let path = file.strip_prefix(root)?;
        let parts = path.iter().map(|part| part.to_string_lossy());
        let path = parts.collect::<Vec<_>>().join("/");
        let yaml = fs::read_to_string(file)?;
        let rules = t1053::sigma::compile(&yaml)
            .map_err(|error| format!("{path}: {error}"))?;
        let named = |rule| Built { rule, path: path.clone() };
        built.extend(rules.into_iter().map(named));
    }
    built.sort_by(|a, b| a.rule.detection.slug.cmp(&b.rule.detection.slug));
    Ok(built)
}

#[cfg(test)]
mod tests {
    #[test]
    fn generated_files_are_fresh() {
        super::check().unwrap();
    }
}
