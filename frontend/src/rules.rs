//! Rules of the user's own: a file, or all rule files below a folder.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::walk::walk;

/// A file of rules: its path, as problems name it, and what it holds.
#[derive(Debug)]
pub struct RuleFile {
    /// The path; what of it is no UTF-8 is replaced.
    pub name: String,
    /// A Sigma text, or a pack.
    pub bytes: Vec<u8>,
}

/// Why rules cannot be read.
#[derive(Debug)]
pub struct Unreadable {
    path: PathBuf,
    /// `None` of a folder without rules.
    error: Option<io::Error>,
}

impl Unreadable {
    /// Whether there is nothing of this path.
    pub fn is_missing(&self) -> bool {
        let error = self.error.as_ref();
        error.is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.to_string_lossy();
        match &self.error {
            Some(error) => write!(f, "rules {path}: {error}"),
            None => write!(
                f,
                "rules {path}: no file below it ends in .yml, .yaml or \
                 .t1053",
            ),
        }
    }
}

impl std::error::Error for Unreadable {}

/// Reads a file, whatever its name, or all files below a folder that end in
/// `.yml`, `.yaml` or, as packs do, `.t1053`, in the order of their names.
///
/// # Errors
///
/// A file cannot be read, or a folder holds none.
pub fn read(path: &Path) -> Result<Vec<RuleFile>, Unreadable> {
    let unreadable = |path: &Path, error| {
        let path = path.to_path_buf();
        Unreadable { path, error }
    };
    let paths = match fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            let mut paths = walk(path).files;
            // What cannot be looked into is left for reading it to tell.
            paths.retain(|path| is_rule_file(path) || path.is_dir());
            paths
        }
        _ => vec![path.to_path_buf()],
    };
    if paths.is_empty() {
        return Err(unreadable(path, None));
    }
    let read = |path: PathBuf| match fs::read(&path) {
        Ok(bytes) => {
            Ok(RuleFile { name: path.to_string_lossy().into_owned(), bytes })
        }
        Err(error) => Err(unreadable(&path, Some(error))),
    };
    paths.into_iter().map(read).collect()
}

/// How many rules were loaded, in a line.
pub fn summary(loaded: usize, problems: usize) -> String {
    let noun = |count, one, many| if count == 1 { one } else { many };
    format!(
        "{loaded} {} loaded; {problems} {} not",
        noun(loaded, "rule is", "rules are"),
        noun(problems, "is", "are"),
    )
}

fn is_rule_file(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    ["yml", "yaml", "t1053"]
        .into_iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_gives_its_rule_files_and_a_file_itself() {
        let root = std::env::temp_dir()
            .join(format!("t1053-rules-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join("below")).unwrap();
        let empty = read(&root).unwrap_err();
        assert!(empty.to_string().ends_with(" or .t1053"), "{empty}");
        for name in ["b.yml", "a.YAML", "README.md", "below/c.t1053"] {
            fs::write(root.join(name), name).unwrap();
        }
        let texts = |path: &Path| -> Vec<String> {
            let files = read(path).unwrap().into_iter();
            files.map(|file| String::from_utf8(file.bytes).unwrap()).collect()
        };
        assert_eq!(texts(&root), ["a.YAML", "b.yml", "below/c.t1053"]);
        assert_eq!(texts(&root.join("README.md")), ["README.md"]);
        assert!(read(&root.join("none")).unwrap_err().is_missing());
        fs::remove_dir_all(root).unwrap();
    }
}
