//! Windows event log files.

use std::io::{self, Read};
use std::ops::Range;

use evtx::{EvtxParser, ParserSettings};

use crate::input::{Chunk, Take};

/// How one begins.
pub(crate) const MAGIC: &[u8] = b"ElfFile\0";

/// The records of a Windows event log file, each as JSON.
pub(crate) fn each_record(
    mut source: impl Read,
    take: &mut Take<'_>,
) -> io::Result<()> {
    // Its chunks refer back and forth; a log is rarely over 20 MB.
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes)?;
    // Every log has chunks behind a header of this size. The parser looks for
    // them there, but goes by what a broken header says of its own size when
    // it asks how many there may be: of none it would say nothing.
    if let Some(size) = bytes.get_mut(HEADER_SIZE) {
        size.copy_from_slice(&(FILE_HEADER as u16).to_le_bytes());
    }
    let (present, mut missing) = mend_end(&mut bytes);
    let settings = ParserSettings::new().indent(false);
    let parser = EvtxParser::from_buffer(bytes).map_err(io::Error::other)?;
    let header = parser.header();
    // A header may say that its checksum is not used.
    let is_sound =
        header.header_size == HEADER_PART && header.validate_checksum();
    if is_sound {
        let chunks = usize::from(header.chunk_count);
        let absent = chunks.saturating_sub(present);
        missing.extend(std::iter::repeat_n(CUT_CHUNK, absent));
    } else if present == 0 {
        missing.push(NO_CHUNK);
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

/// Sizes in an event log file: of its header, where the header tells it, of
/// the part that is used, of a chunk, of a chunk's header, and of the least
/// that a record has around its content.
const FILE_HEADER: usize = 4096;
const HEADER_SIZE: Range<usize> = 40..42;
const HEADER_PART: u32 = 128;
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

const NO_CHUNK: &str =
    "the header of the file is broken, and no chunk of records follows it";

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
