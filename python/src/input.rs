/*!
Where bytes come from: files and memory, compressed or not, and Windows event
log files.
*/

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use evtx::{EvtxParser, ParserSettings};
use pyo3::pybacked::PyBackedBytes;

use self::frames::{Frames, is_frame};

// The same as in the example: neither can depend on the other.
#[path = "../../core/examples/scan/frames.rs"]
mod frames;

/// Read in pieces of this size: large enough that the pieces' edges cost
/// nothing, small enough to stay in a cache and to be interrupted at once.
const CHUNK: usize = 1 << 20;

/// Something to scan.
pub(crate) enum Source {
    File(PathBuf),
    Bytes(PyBackedBytes),
}

/// A piece of an input.
pub(crate) enum Chunk<'c> {
    /// Bytes of a stream.
    Stream(&'c [u8]),
    /// One record.
    Record(&'c [u8]),
    /// A record that its container could not give.
    Broken(String),
}

/// How chunks are taken.
pub(crate) type Take<'t> = dyn FnMut(Chunk<'_>) -> ControlFlow<()> + 't;

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

const GZIP: &[u8] = &[0x1F, 0x8B];
const EVTX: &[u8] = b"ElfFile\0";

fn is_plain(bytes: &[u8]) -> bool {
    ![GZIP, EVTX].iter().any(|magic| bytes.starts_with(magic))
        && !is_frame(bytes)
}

/// Hands a reader's bytes over, decompressed, until `take` breaks.
pub(crate) fn each_chunk(
    source: impl Read,
    take: &mut Take<'_>,
) -> io::Result<()> {
    let (magic, source) = peek(source)?;
    if magic.starts_with(GZIP) {
        let source = flate2::read::MultiGzDecoder::new(source);
        decompressed(source, take)
    } else if is_frame(&magic) {
        decompressed(Frames::new(source), take)
    } else {
        plain(&magic, source, take)
    }
}

fn decompressed(source: impl Read, take: &mut Take<'_>) -> io::Result<()> {
    let (magic, source) = peek(source)?;
    plain(&magic, source, take)
}

/// The first bytes, and all of them.
fn peek(mut source: impl Read) -> io::Result<(Vec<u8>, impl Read)> {
    let mut magic = Vec::new();
    source.by_ref().take(EVTX.len() as u64).read_to_end(&mut magic)?;
    Ok((magic.clone(), Cursor::new(magic).chain(source)))
}

fn plain(
    magic: &[u8],
    mut source: impl Read,
    take: &mut Take<'_>,
) -> io::Result<()> {
    if magic == EVTX {
        return event_log(source, take);
    }
    let mut chunk = vec![0; CHUNK];
    loop {
        let count = match source.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                continue;
            }
            Err(error) => return Err(error),
        };
        let bytes = chunk.get(..count).unwrap_or_default();
        if take(Chunk::Stream(bytes)).is_break() {
            return Ok(());
        }
    }
}

/// The records of a Windows event log file, each as JSON.
fn event_log(mut source: impl Read, take: &mut Take<'_>) -> io::Result<()> {
    // Its chunks refer back and forth; a log is rarely over 20 MB.
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes)?;
    let settings = ParserSettings::new().indent(false);
    let parser = EvtxParser::from_buffer(bytes).map_err(io::Error::other)?;
    let mut parser = parser.with_configuration(settings);
    for record in parser.records_json_bytes() {
        let taken = match record {
            Ok(record) => take(Chunk::Record(&record.data)),
            Err(error) => take(Chunk::Broken(error.to_string())),
        };
        if taken.is_break() {
            break;
        }
    }
    Ok(())
}
