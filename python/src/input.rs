/*!
Where bytes come from: files and memory.
*/

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use frontend::input::{CHUNK, Chunk, Take, each_chunk, is_plain};
use pyo3::pybacked::PyBackedBytes;

/// Something to scan.
pub(crate) enum Source {
    File(PathBuf),
    Bytes(PyBackedBytes),
}

impl Source {
    /// The name in findings: of a file, its path.
    pub(crate) fn name(&self) -> Option<Arc<str>> {
        match self {
            Source::File(path) => Some(path.to_string_lossy().into()),
            Source::Bytes(_) => None,
        }
    }

    /// Bytes to read, for progress.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Source::File(path) => path.metadata().map_or(0, |it| it.len()),
            Source::Bytes(bytes) => bytes.len() as u64,
        }
    }

    /// Hands the input over, decompressed, until `take` breaks; `done`
    /// counts the bytes read.
    pub(crate) fn each_chunk(
        &self,
        done: &AtomicU64,
        take: &mut Take<'_>,
    ) -> io::Result<()> {
        match self {
            Source::File(path) => {
                let file = File::open(path)?;
                each_chunk(Counted { source: file, done }, take)
            }
            Source::Bytes(bytes) if is_plain(bytes) => {
                // Where it stands, without a copy.
                for chunk in bytes.chunks(CHUNK) {
                    done.fetch_add(chunk.len() as u64, Ordering::Relaxed);
                    if take(Chunk::Stream(chunk)).is_break() {
                        break;
                    }
                }
                Ok(())
            }
            Source::Bytes(bytes) => {
                each_chunk(Counted { source: &bytes[..], done }, take)
            }
        }
    }
}

/// Counts the bytes that are read.
struct Counted<'d, R> {
    source: R,
    done: &'d AtomicU64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.done.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
