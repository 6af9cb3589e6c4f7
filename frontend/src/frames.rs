//! Zstandard frames one after another, as logs that grow have them.

use std::io::{self, ErrorKind, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// Whether bytes begin with a frame, be it one without data.
pub(crate) fn is_frame(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x28, 0xB5, 0x2F, 0xFD])
        || matches!(bytes, [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..])
}

/// What all frames of a source hold; an error where one is cut or broken.
pub(crate) struct Frames<R> {
    source: R,
    decoder: FrameDecoder,
    /// Whether the decoder is within a frame.
    open: bool,
    /// Why the frame cannot be decoded further; told after what it gave.
    error: Option<FrameDecoderError>,
}

impl<R: Read> Frames<R> {
    pub(crate) fn new(source: R) -> Frames<R> {
        let decoder = FrameDecoder::new();
        Frames { source, decoder, open: false, error: None }
    }

    /// Goes into the next frame that has data; false where there is none.
    fn begin(&mut self) -> io::Result<bool> {
        loop {
            let mut first = Vec::new();
            let source = &mut self.source;
            if source.take(1).read_to_end(&mut first)? == 0 {
                return Ok(false);
            }
            match self.decoder.init(first.as_slice().chain(source)) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(
                    ReadFrameHeaderError::SkipFrame { length, .. },
                )) => {
                    let mut skipped = self.source.by_ref().take(length.into());
                    let count = io::copy(&mut skipped, &mut io::sink())?;
                    if count < length.into() {
                        return Err(ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }

    /// Leaves a frame that was decoded to its end.
    fn end(&mut self) -> io::Result<()> {
        self.open = false;
        let decoder = &self.decoder;
        let sums = (
            decoder.get_checksum_from_data(),
            decoder.get_calculated_checksum(),
        );
        match sums {
            (Some(due), Some(found)) if due != found => {
                Err(io::Error::other("a checksum is not that of the data"))
            }
            _ => Ok(()),
        }
    }
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.open && !self.begin()? {
                return Ok(0);
            }
            self.open = true;
            let decoder = &mut self.decoder;
            while self.error.is_none()
                && !decoder.is_finished()
                && decoder.can_collect() < buffer.len()
            {
                let missing =
                    buffer.len().saturating_sub(decoder.can_collect());
                let missing = BlockDecodingStrategy::UptoBytes(missing);
                let decoded = decoder.decode_blocks(&mut self.source, missing);
                self.error = decoded.err();
            }
            let count = decoder.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            match self.error.take() {
                Some(error) => return Err(io::Error::other(error)),
                None => self.end()?,
            }
        }
    }
}
