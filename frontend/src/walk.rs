//! The files below a directory.

use std::collections::HashSet;
use std::fs::{self, FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// What stands below a directory.
#[derive(Debug, Default)]
pub struct Walk {
    /// To be opened: files, and what cannot even be looked at, so that
    /// opening it tells why.
    pub files: Vec<PathBuf>,
    /// Not to be opened, and what each is: reading a named pipe or a device
    /// waits for someone to write.
    pub skipped: Vec<(PathBuf, &'static str)>,
}

/// Walks a directory in name order. Links are followed, but each file and
/// each directory is taken once, under the first of its names.
pub fn walk(root: &Path) -> Walk {
    let mut walk = Walk::default();
    let mut seen = HashSet::new();
    let mut rest = vec![root.to_path_buf()];
    while let Some(path) = rest.pop() {
        let Ok(found) = fs::metadata(&path) else {
            walk.files.push(path);
            continue;
        };
        if identity(&path, &found).is_some_and(|file| !seen.insert(file)) {
            continue;
        }
        if found.is_dir() {
            match entries(&path) {
                Ok(entries) => rest.extend(entries.into_iter().rev()),
                Err(_) => walk.files.push(path),
            }
        } else if found.is_file() {
            walk.files.push(path);
        } else {
            walk.skipped.push((path, special(found.file_type())));
        }
    }
    walk
}

/// What tells a file from all others, whatever names it has: links to it, hard
/// ones too, and other ways to its directory.
#[cfg(unix)]
fn identity(_: &Path, found: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;

    Some((found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path, _: &Metadata) -> Option<PathBuf> {
    fs::canonicalize(path).ok()
}

fn entries(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory)?;
    let mut entries: Vec<PathBuf> =
        entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    entries.sort();
    Ok(entries)
}

#[cfg(unix)]
fn special(file: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;

    if file.is_fifo() {
        "a named pipe"
    } else if file.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "not a regular file"
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    /// A directory of its own for a test, empty.
    fn directory(name: &str) -> PathBuf {
        let path = std::env::temp_dir()
            .join(format!("t1053-walk-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn names(paths: &[PathBuf], root: &Path) -> Vec<String> {
        let name = |path: &PathBuf| {
            path.strip_prefix(root).unwrap().display().to_string()
        };
        paths.iter().map(name).collect()
    }

    #[test]
    fn each_file_is_found_once_whatever_links_to_it() {
        let root = directory("links");
        fs::create_dir(root.join("below")).unwrap();
        fs::write(root.join("below/b.log"), "b").unwrap();
        fs::write(root.join("a.log"), "a").unwrap();
        symlink("a.log", root.join("c.log")).unwrap();
        fs::hard_link(root.join("a.log"), root.join("d.log")).unwrap();
        symlink(".", root.join("loop")).unwrap();
        symlink("..", root.join("below/up")).unwrap();
        let walk = walk(&root);
        assert_eq!(names(&walk.files, &root), ["a.log", "below/b.log"]);
        assert!(walk.skipped.is_empty());
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_link_to_nothing_is_left_for_opening_to_tell() {
        let root = directory("dangling");
        symlink("gone", root.join("a.log")).unwrap();
        fs::write(root.join("b.log"), "b").unwrap();
        let walk = walk(&root);
        assert_eq!(names(&walk.files, &root), ["a.log", "b.log"]);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn what_is_no_file_is_skipped_and_named() {
        let root = directory("special");
        let socket = UnixListener::bind(root.join("a.sock")).unwrap();
        symlink("/dev/null", root.join("null")).unwrap();
        let walk = walk(&root);
        assert!(walk.files.is_empty());
        let kinds: Vec<&str> = walk.skipped.iter().map(|it| it.1).collect();
        assert_eq!(kinds, ["a socket", "a device"]);
        drop(socket);
        fs::remove_dir_all(root).unwrap();
    }
}
