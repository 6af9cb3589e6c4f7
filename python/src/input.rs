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

use crate::shared::frames::{Frames, is_frame};
use crate::shared::magic::{EVENT_LOG, HEAD, foreign};

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

fn is_plain(bytes: &[u8]) -> bool {
    !bytes.starts_with(GZIP) && !is_frame(bytes) && foreign(bytes).is_none()
}

/// Hands a reader's bytes over, decompressed, until `take` breaks.
///
/// # Errors
///
/// It cannot be read to its end, or it is no log as it is: then the error
/// holds a [`Foreign`](crate::shared::magic::Foreign).
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
    source.by_ref().take(HEAD as u64).read_to_end(&mut magic)?;
    Ok((magic.clone(), Cursor::new(magic).chain(source)))
}

fn plain(
    magic: &[u8],
    mut source: impl Read,
    take: &mut Take<'_>,
) -> io::Result<()> {
    if magic.starts_with(EVENT_LOG) {
        return event_log(source, take);
    }
    if let Some(foreign) = foreign(magic) {
        return Err(io::Error::other(foreign));
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
    let (present, mut missing) = mend_end(&mut bytes);
    let settings = ParserSettings::new().indent(false);
    let parser = EvtxParser::from_buffer(bytes).map_err(io::Error::other)?;
    if parser.header().validate_checksum() {
        let chunks = usize::from(parser.header().chunk_count);
        let absent = chunks.saturating_sub(present);
        missing.extend(std::iter::repeat_n(CUT_CHUNK, absent));
    }
    let mut parser = parser.with_configuration(settings);
    for record in parser.records_json_bytes() {
        let taken = match record {
            Ok(record) => take(Chunk::Record(&record.data)),
            Err(error) => take(Chunk::Broken(error.to_string())),
        };
        if taken.is_break() {
            return Ok(());
        }
    }
    for lost in missing {
        if take(Chunk::Broken(lost.into())).is_break() {
            break;
        }
    }
    Ok(())
}

/// Sizes in an event log file: of its header, of a chunk, of a chunk's
/// header, and of the least that a record has around its content.
const FILE_HEADER: usize = 4096;
const EVENT_CHUNK: usize = 1 << 16;
const CHUNK_HEADER: usize = 512;
const LEAST_RECORD: usize = 28;

/// Makes a log whole that ends within a chunk, as one that was copied while
/// it was written: the parser passes such a chunk over in silence. The chunk
/// is filled up with zeros, and its header says that it ends after the last
/// record that is whole. Returns how many chunks there are, and a reason for
/// each record that is missing from the last, or for that chunk as a whole.
fn mend_end(bytes: &mut Vec<u8>) -> (usize, Vec<&'static str>) {
    let chunks = bytes.len().saturating_sub(FILE_HEADER);
    let cut = chunks.checked_rem(EVENT_CHUNK).unwrap_or(0);
    let start = bytes.len().saturating_sub(cut);
    let chunk = bytes.get(start..).unwrap_or_default();
    let mut present = chunks / EVENT_CHUNK;
    let mut missing = Vec::new();
    // Zeros are room that was set aside for chunks to come.
    if chunk.iter().all(|byte| *byte == 0) {
        return (present, missing);
    }
    present = present.saturating_add(1);
    match whole_records(chunk) {
        Some(Whole { end, records, claimed }) => {
            bytes.resize(start.saturating_add(EVENT_CHUNK), 0);
            let chunk = bytes.get_mut(start..).unwrap_or_default();
            if let Some(free_space) = chunk.get_mut(48..52) {
                free_space.copy_from_slice(&end.to_le_bytes());
            }
            missing.extend((records..claimed).map(|_| CUT_RECORD));
        }
        None => missing.push(CUT_CHUNK),
    }
    (present, missing)
}

const CUT_RECORD: &str = "the file ends before this record does";
const CUT_CHUNK: &str =
    "the file ends before this chunk of records, or within its header";

/// What is whole of a chunk that is cut.
struct Whole {
    /// Where the last whole record ends.
    end: u32,
    records: u64,
    /// How many the chunk's header tells of.
    claimed: u64,
}

/// Finds the whole records of a chunk that is cut; none when its header is.
fn whole_records(chunk: &[u8]) -> Option<Whole> {
    if !chunk.starts_with(b"ElfChnk\0") || chunk.len() < CHUNK_HEADER {
        return None;
    }
    let number = |at: usize| {
        let bytes = chunk.get(at..at.saturating_add(8))?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    };
    let size = |at: usize| {
        let bytes = chunk.get(at..at.saturating_add(4))?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
    };
    let used = size(48)?;
    let mut at = CHUNK_HEADER;
    let mut records = 0_u64;
    while at < used {
        let rest = chunk.get(at..).unwrap_or_default();
        let length = size(at.saturating_add(4)).unwrap_or(0);
        if !rest.starts_with(b"**\0\0")
            || length < LEAST_RECORD
            || length > rest.len()
        {
            break;
        }
        at = at.saturating_add(length);
        records = records.saturating_add(1);
    }
    // A header that is broken may tell of more than a chunk can hold.
    let most = (EVENT_CHUNK / LEAST_RECORD) as u64;
    let claimed = number(16)?.saturating_sub(number(8)?).saturating_add(1);
    let claimed = claimed.min(most);
    Some(Whole { end: u32::try_from(at).ok()?, records, claimed })
}
