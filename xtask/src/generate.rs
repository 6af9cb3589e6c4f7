//! What is generated from `core/detections`, and whether it is fresh.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use t1053::rule::Rule;

use crate::{source, tables};

/// A rule, and where its Sigma file is.
pub(crate) struct Built {
    pub(crate) rule: Rule,
    /// From the root, with `/` between.
    pub(crate) path: String,
}

/// Writes every generated file that is stale.
pub(crate) fn write() -> Result<(), Box<dyn Error>> {
    for (path, fresh) in stale()? {
        let file = root().join(path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&file, fresh).map_err(|error| format!("{path}: {error}"))?;
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

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The generated files that are stale, and what must be in them.
fn stale() -> Result<Vec<(&'static str, String)>, Box<dyn Error>> {
    let root = root();
    let built = rules(&root)?;
    let readme = fs::read_to_string(root.join("README.md"))
        .map_err(|error| format!("README.md: {error}"))?;
    let mut files = vec![
        ("core/src/catalog/generated.rs", source::catalogue(&built)),
        ("README.md", tables::splice(&readme, &tables::overview(&built))?),
        ("docs/detections.md", tables::detections(&built)),
    ];
    files.retain(|(path, fresh)| {
        let found = fs::read_to_string(root.join(path));
        found.ok().as_ref() != Some(fresh)
    });
    Ok(files)
}

/// The rules of all Sigma files, in the order of their slugs.
fn rules(root: &Path) -> Result<Vec<Built>, Box<dyn Error>> {
    let mut built = Vec::new();
    for folder in fs::read_dir(root.join("core/detections"))? {
        let folder = folder?;
        if !folder.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(folder.path())? {
            let (folder, file) = (folder.file_name(), file?.file_name());
            let path = format!(
                "core/detections/{}/{}",
                folder.display(),
                file.display(),
            );
            if !path.ends_with(".yml") || path.ends_with(".samples.yml") {
                continue;
            }
            let yaml = fs::read_to_string(root.join(&path))?;
            let rules = t1053::sigma::compile(&yaml)
                .map_err(|error| format!("{path}: {error}"))?;
            let named = |rule| Built { rule, path: path.clone() };
            built.extend(rules.into_iter().map(named));
        }
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
