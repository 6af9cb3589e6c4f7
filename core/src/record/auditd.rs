/*!
auditd lines: raw, enriched or interpreted.
*/

use super::{Context, Reading, RecordError, RecordErrorKind, Sink};

/// Reads one record.
pub(crate) fn read(
    _record: &[u8],
    _context: &mut Context<'_>,
    _sink: &mut Sink<'_>,
) -> Result<Reading, RecordError> {
    Err(RecordError::new(RecordErrorKind::UnknownShape, 0))
}

/// Whether a record, without leading blanks, looks like one of this format.
pub(crate) fn is_record(_record: &[u8]) -> bool {
    false
}
