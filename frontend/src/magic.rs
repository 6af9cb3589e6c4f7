//! Files that are known by their first bytes, and are no logs as they are.

use std::error::Error;
use std::fmt;

/// Bytes from the beginning of a file that [`foreign`] looks at.
pub const HEAD: usize = 16;

/// A file whose content is not read: what it is, and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign {
    what: &'static str,
    advice: &'static str,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Foreign { what, advice } = self;
        write!(f, "is {what}, which is not read here; {advice}")
    }
}

impl Error for Foreign {}

/// How files begin that are no logs, what they are, and what to do about it.
const FOREIGN: [(&[u8], &str, &str); 6] = [
    (
        b"\x04\x22\x4D\x18",
        "compressed with lz4",
        "unpack it first: lz4 -dc FILE | scan -",
    ),
    (b"PK\x03\x04", "a ZIP archive", "unpack it first"),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive", "unpack it first"),
    (
        b"PAR1",
        "a Parquet table",
        "open it as a data frame and scan that: \
         t1053.scan(polars.read_parquet(FILE)) in Python",
    ),
    (
        b"ARROW1\0\0",
        "an Arrow table",
        "open it as a data frame and scan that: \
         t1053.scan(polars.read_ipc(FILE)) in Python",
    ),
    (
        b"SQLite format 3\0",
        "an SQLite database",
        "export its tables as lines of JSON (sqlite3 -json)",
    ),
];

/// What a file is, by its first [`HEAD`] bytes; none for what may be a log.
pub fn foreign(head: &[u8]) -> Option<Foreign> {
    let (_, what, advice) =
        FOREIGN.iter().find(|(magic, ..)| head.starts_with(magic))?;
    Some(Foreign { what, advice })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_first_bytes() {
        let told = |head: &[u8]| foreign(head).map(|told| told.what);
        assert_eq!(told(b"PK\x03\x04\x14"), Some("a ZIP archive"));
        assert_eq!(told(b"PAR1\x15\x04"), Some("a Parquet table"));
    }

    #[test]
    fn text_is_left_to_be_read() {
        for text in ["", "BZh9 is how bzip2 begins", "{\"a\":1}", "PK", "<"] {
            assert_eq!(foreign(text.as_bytes()), None, "{text}");
        }
    }
}
