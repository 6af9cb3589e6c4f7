/*!
Streams and records that may be UTF-16.
*/

use core::ops::ControlFlow;

use crate::record::{Opening, RecordErrorKind};
use crate::utf16::{Encoding, Utf16};

use super::{Report, Scanner, Sink, add};

/// Bytes of UTF-16 that are decoded at a time. An even number.
const UTF16_PIECE: usize = 64 << 10;

impl Scanner {
    /// Scans one record whose borders the caller knows. It has no share in
    /// what [`feed`](Scanner::feed) keeps of a cut record, but the next
    /// number, and sequences are found across both. One over the limit is
    /// unreadable here too; of UTF-16, it is the UTF-8 form that counts.
    pub fn record(
        &mut self,
        record: &[u8],
        mut sink: impl FnMut(Report<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let (encoding, mark) = Encoding::of_record(record);
        let mut text = core::mem::take(&mut self.transcoded);
        let mut decoded = record;
        let mut is_decoded = true;
        if encoding.is_utf16() {
            text.clear();
            let mut utf16 = Utf16::default();
            let units = record.get(mark..).unwrap_or_default();
            let most = Utf16::most_bytes(units.len());
            is_decoded = text.try_reserve(most).is_ok();
            if is_decoded {
                utf16.decode(units, encoding, &mut text);
                utf16.finish(&mut text);
            }
            decoded = &text;
        }
        let limit = self.limit;
        let refused = |decoded: &[u8]| match is_decoded {
            _ if decoded.len() > limit => Some(RecordErrorKind::TooLarge),
            true => None,
            false => Some(RecordErrorKind::NoMemory),
        };
        let result = self.alone(record.len(), |work| {
            let offset = work.offset;
            add(&mut work.offset, record.len() as u64);
            if let Some(kind) = refused(decoded) {
                return work.refuse(kind, offset, &mut sink);
            }
            let opening = Opening::of(work.format, decoded);
            work.record(decoded, opening, offset, &mut sink)?;
            // The next record may be long in coming.
            work.whole_before(None, &mut sink)
        });
        self.transcoded = text;
        result
    }

    /// Tells the encoding from the first bytes of the stream; returns what
    /// follows a byte order mark of UTF-16. `None` where too few have come.
    fn tell_encoding<'c>(
        &mut self,
        chunk: &'c [u8],
        at_end: bool,
    ) -> Option<&'c [u8]> {
        if self.encoding != Encoding::Unknown {
            return Some(chunk);
        }
        // The few bytes that may have come before are in the carry.
        let kept = self.carry.len();
        let all = self.carry.iter().chain(chunk);
        let mut first = [0; Encoding::ENOUGH];
        let places = first.iter_mut().zip(all);
        let came = places.map(|(place, byte)| *place = *byte).count();
        let first = first.get(..came).unwrap_or_default();
        let (encoding, mark) = Encoding::of(first);
        match encoding {
            // A few bytes.
            Encoding::Unknown if !at_end => {
                self.carry.extend_from_slice(chunk);
                return None;
            }
            Encoding::Unknown | Encoding::Utf8 => {
                self.encoding = Encoding::Utf8;
                return Some(chunk);
            }
            Encoding::Utf16Le | Encoding::Utf16Be => {}
        }
        self.encoding = encoding;
        self.carry.clear();
        let early = first.get(mark..kept).unwrap_or_default();
        self.utf16.decode(early, encoding, &mut self.carry);
        chunk.get(mark.saturating_sub(kept)..)
    }

    /// Decodes a chunk where that is needed, and scans it.
    pub(super) fn decode(
        &mut self,
        chunk: &[u8],
        at_end: bool,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        let Some(chunk) = self.tell_encoding(chunk, at_end) else {
            return ControlFlow::Continue(());
        };
        if !self.encoding.is_utf16() {
            return self.frame(chunk, at_end, sink);
        }
        let mut text = core::mem::take(&mut self.transcoded);
        let mut result = ControlFlow::Continue(());
        for piece in chunk.chunks(UTF16_PIECE) {
            text.clear();
            self.utf16.decode(piece, self.encoding, &mut text);
            result = self.frame(&text, false, sink);
            if result.is_break() {
                break;
            }
        }
        if at_end && result.is_continue() {
            text.clear();
            self.utf16.finish(&mut text);
            result = self.frame(&text, true, sink);
        }
        self.transcoded = text;
        result
    }
}
