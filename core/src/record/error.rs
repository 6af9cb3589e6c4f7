/*!
Why a record could not be read.
*/

use core::fmt;

/// Why a record, or an item in it, could not be read, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordError {
    pub(super) kind: RecordErrorKind,
    pub(super) offset: usize,
}

/// Reasons; the texts in [`RecordErrorKind::reason`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordErrorKind {
    UnknownShape,
    Json(&'static str),
    Xml(&'static str),
    Auditd(&'static str),
    Text(&'static str),
    TooLarge,
}

impl RecordError {
    pub(crate) const fn new(
        kind: RecordErrorKind,
        offset: usize,
    ) -> RecordError {
        RecordError { kind, offset }
    }

    /// Byte offset in the record at which reading stopped.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The format that the record was read as, and what was wrong with it.
    pub fn reason(&self) -> &'static str {
        match self.kind {
            RecordErrorKind::UnknownShape => {
                "not a record of any format that is read here"
            }
            RecordErrorKind::Json(reason)
            | RecordErrorKind::Xml(reason)
            | RecordErrorKind::Auditd(reason)
            | RecordErrorKind::Text(reason) => reason,
            RecordErrorKind::TooLarge => "record is over the size limit",
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = match self.kind {
            RecordErrorKind::Json(_) => "JSON: ",
            RecordErrorKind::Xml(_) => "XML: ",
            RecordErrorKind::Auditd(_) => "auditd: ",
            RecordErrorKind::Text(_) => "event text: ",
            RecordErrorKind::UnknownShape | RecordErrorKind::TooLarge => "",
        };
        write!(f, "{format}{} (byte {})", self.reason(), self.offset)
    }
}

impl core::error::Error for RecordError {}
