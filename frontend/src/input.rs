//! Inputs to chunks: compressed or not, streams of records or event logs.

use std::io::{self, Cursor, Read};
use std::ops::ControlFlow;

use lzma_rust2::XzReader;

use crate::event_log;
use crate::frames::{Frames, is_frame};
use crate::magic::{HEAD, foreign};

/// Streams are read in pieces of this size: large enough that the pieces'
/// edges cost nothing, small enough to stay in a cache and to be interrupted
/// at once.
pub const CHUNK: usize = 1 << 20;

/// A piece of an input.
#[derive(Debug)]
pub enum Chunk<'c> {
    /// Bytes of a stream.
    Stream(&'c [u8]),
    /// One record.
    Record(&'c [u8]),
    /// A record that its container could not give, and why.
    Broken(String),
}

/// How chunks are taken.
pub type Take<'t> = dyn FnMut(Chunk<'_>) -> ControlFlow<()> + 't;

const GZIP: &[u8] = &[0x1F, 0x8B];
const XZ: &[u8] = b"\xFD7zXZ\0";

/// Most memory that unpacking xz may take, in KiB: twice what `xz -9` asks
/// for. A file may ask for 4 GiB.
const XZ_MEMORY: u32 = 128 << 10;

/// Whether bytes begin a bzip2 stream: a line of text may begin with `BZh`,
/// but a block goes on like this.
fn is_bzip2(bytes: &[u8]) -> bool {
    bytes.starts_with(b"BZh") && bytes.get(4..10) == Some(b"1AY&SY")
}

/// Whether bytes are a stream of records as they stand: neither compressed,
/// nor an event log, nor no log at all.
pub fn is_plain(bytes: &[u8]) -> bool {
    !bytes.starts_with(GZIP)
        && !bytes.starts_with(XZ)
        && !is_bzip2(bytes)
        && !bytes.starts_with(event_log::MAGIC)
        && !is_frame(bytes)
        && foreign(bytes).is_none()
}

/// Hands a reader's bytes over, decompressed, until `take` breaks.
///
/// # Errors
///
/// It cannot be read to its end, or it is no log as it is: then the error
/// holds a [`Foreign`](crate::magic::Foreign).
pub fn each_chunk(
    mut source: impl Read,
    take: &mut Take<'_>,
) -> io::Result<()> {
    any_chunk(&mut source, take)
}

/// Not generic: every decoder would be compiled again for each kind of source,
/// where it is called, which was a third of the code of the Python module.
fn any_chunk(source: &mut dyn Read, take: &mut Take<'_>) -> io::Result<()> {
    let (magic, source) = peek(source)?;
    if magic.starts_with(GZIP) {
        let source = flate2::read::MultiGzDecoder::new(source);
        decompressed(source, take)
    } else if magic.starts_with(XZ) {
        // One stream may follow another, as in the other formats.
        let source = XzReader::new_mem_limit(source, true, XZ_MEMORY);
        decompressed(source, take)
    } else if is_bzip2(&magic) {
        let source = bzip2::read::MultiBzDecoder::new(source);
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
    if magic.starts_with(event_log::MAGIC) {
        return event_log::each_record(source, take);
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    /// What is handed over of an input: the bytes of streams, why records
    /// are broken, and why the input cannot be read further.
    fn read(input: &[u8]) -> (Vec<u8>, Vec<String>, Option<String>) {
        let (mut bytes, mut broken) = (Vec::new(), Vec::new());
        let read = each_chunk(input, &mut |chunk| {
            match chunk {
                Chunk::Stream(chunk) => bytes.extend_from_slice(chunk),
                Chunk::Record(_) => panic!("no record is whole"),
                Chunk::Broken(reason) => broken.push(reason),
            }
            ControlFlow::Continue(())
        });
        (bytes, broken, read.err().map(|error| error.to_string()))
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let level = flate2::Compression::default();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    fn xz(bytes: &[u8]) -> Vec<u8> {
        let options = lzma_rust2::XzOptions::with_preset(1);
        let mut encoder =
            lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn bzip2(bytes: &[u8]) -> Vec<u8> {
        let level = ::bzip2::Compression::fast();
        let mut encoder = ::bzip2::write::BzEncoder::new(Vec::new(), level);
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn compressed_streams_are_read_to_their_end() {
        // Longer than a chunk, so that it takes several.
        let line = b"{\"EventID\":1}\n".repeat(100_000);
        assert!(is_plain(&line));
        assert_eq!(read(&line), (line.clone(), vec![], None));
        let skippable = b"\x50\x2A\x4D\x18\x03\0\0\0abc".to_vec();
        for parts in [
            vec![gzip(&line)],
            vec![gzip(&line), gzip(&line)],
            vec![zstd(&line)],
            vec![xz(&line)],
            vec![xz(&line), xz(&line)],
            vec![bzip2(&line)],
            vec![bzip2(&line), bzip2(&line)],
            vec![zstd(b""), skippable, zstd(&line), zstd(&line)],
        ] {
            let input = parts.concat();
            let lines = parts.iter().filter(|part| part.len() > 100).count();
            assert!(!is_plain(&input));
            assert_eq!(read(&input), (line.repeat(lines), vec![], None));
        }
    }

    #[test]
    fn compressed_stream_that_is_cut_gives_what_there_is_and_an_error() {
        let line = b"{\"EventID\":1}\n".repeat(100_000);
        for whole in [gzip(&line), zstd(&line), xz(&line), bzip2(&line)] {
            let cut = whole.len() - 9;
            let (bytes, broken, error) = read(&whole[..cut]);
            assert!(line.starts_with(&bytes));
            assert!(broken.is_empty());
            assert!(error.is_some());
        }
    }

    #[test]
    fn file_that_is_no_log_is_refused_also_when_compressed() {
        for input in [b"PAR1\x15\x04".to_vec(), gzip(b"PAR1\x15\x04")] {
            let (bytes, broken, error) = read(&input);
            assert!(bytes.is_empty() && broken.is_empty());
            assert!(error.unwrap().contains("a Parquet table"));
            assert!(!is_plain(&input));
        }
    }

    #[test]
    fn event_log_that_is_cut_is_counted_and_broken_ones_are_refused() {
        let mut log = event_log::MAGIC.to_vec();
        log.resize(36, 0);
        // Versions, the size of the header, and a chunk.
        log.extend([1, 0, 3, 0, 0, 16, 1, 0]);
        log.resize(4096, 0);
        let (bytes, broken, error) = read(&log);
        assert_eq!((bytes.len(), broken.len(), error), (0, 1, None));
        log.extend(b"ElfChnk\0");
        let (_, broken, error) = read(&log);
        assert_eq!((broken.len(), error), (1, None));
        let compressed = gzip(&log);
        assert_eq!(read(&compressed).1, broken);
        let (_, broken, error) = read(event_log::MAGIC);
        assert!(broken.is_empty());
        assert!(error.is_some());
    }

    #[test]
    fn nothing_is_handed_over_after_a_break() {
        let line = b"line\n".repeat(1_000_000);
        let mut chunks = 0;
        each_chunk(line.as_slice(), &mut |_| {
            chunks += 1;
            ControlFlow::Break(())
        })
        .unwrap();
        assert_eq!(chunks, 1);
    }
}
