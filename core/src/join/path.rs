/*!
Paths that are made absolute.
*/

use core::ops::Range;

use crate::bytes;

/// Appends an absolute path: a name, seen from a directory where it is
/// relative, without `.`, `..`, and slashes that mean nothing. Returns where
/// it stands. A name that is relative and has no directory stays so.
pub(super) fn absolute(
    directory: Option<&[u8]>,
    name: &[u8],
    into: &mut Vec<u8>,
) -> Range<usize> {
    let start = into.len();
    let is_absolute = name.first() == Some(&b'/');
    let directory = directory.filter(|_| !is_absolute).unwrap_or_default();
    let has_root = is_absolute || directory.first() == Some(&b'/');
    for part in [directory, name] {
        for component in part.split(|byte| *byte == b'/') {
            match component {
                b"" | b"." => {}
                b".." if has_root => {
                    let path = into.get(start..).unwrap_or_default();
                    let parent = memchr::memrchr(b'/', path).unwrap_or(0);
                    into.truncate(start.saturating_add(parent));
                }
                _ => {
                    if has_root || into.len() > start {
                        into.push(b'/');
                    }
                    into.extend_from_slice(component);
                }
            }
        }
    }
    if has_root && into.len() == start {
        into.push(b'/');
    }
    bytes::range(start, into.len().saturating_sub(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_seen_from_their_directory() {
        for (directory, name, expected) in [
            (Some("/etc"), "crontab", "/etc/crontab"),
            (Some("/etc"), "./crontab", "/etc/crontab"),
            (Some("/etc/"), "cron.d//x", "/etc/cron.d/x"),
            (Some("/etc/cron.d"), "../crontab", "/etc/crontab"),
            (Some("/etc/cron.d"), ".", "/etc/cron.d"),
            (Some("/etc"), "../../..", "/"),
            (Some("/etc"), "../../../x", "/x"),
            (Some("/etc"), "/tmp/./a/../b/", "/tmp/b"),
            (Some("/"), "x", "/x"),
            (Some("/"), "", "/"),
            (None, "/../x", "/x"),
            (None, "x/./y", "x/y"),
            // What it is relative to is not known.
            (None, "../x", "../x"),
            (None, "", ""),
            (Some("(deleted)"), "x", "(deleted)/x"),
        ] {
            let mut into = b"kept".to_vec();
            let directory = directory.map(str::as_bytes);
            let range = absolute(directory, name.as_bytes(), &mut into);
            assert!(into.starts_with(b"kept"));
            assert_eq!(range.end, into.len());
            let path = core::str::from_utf8(&into[range]).unwrap();
            assert_eq!(path, expected, "{name}");
        }
    }
}
