/*!
Audit events as JSON: Laurel, auditbeat, auoms.
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
