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

/// The kinds of [`RecordError`], with what was wrong where a record was read.
/// Match on the kind alone: the texts are for people, and may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordErrorKind {
    /// It begins as no format does that is read here.
    UnknownShape,
    /// It is no JSON, or cut.
    Json(&'static str),
    /// It is no XML, or cut.
    Xml(&'static str),
    /// It is no line of auditd, or cut.
    Auditd(&'static str),
    /// It is no event in classic text, or cut.
    Text(&'static str),
    /// It is no row of the table that it stands in.
    Row(&'static str),
    /// It is over the scanner's size limit, and was not read.
    TooLarge,
    /// It is UTF-16. A [`Scanner`](crate::Scanner) decodes that; a
    /// [`Reader`](crate::record::Reader), whose events borrow the record,
    /// cannot.
    Utf16,
    /// There is no memory to read it in. The scanner goes on with the next.
    NoMemory,
}

impl RecordError {
    pub(crate) const fn new(
        kind: RecordErrorKind,
        offset: usize,
    ) -> RecordError {
        RecordError { kind, offset }
    }

    /// What was wrong, to be matched on.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::Format;
    /// use t1053::record::{Reader, RecordErrorKind};
    ///
    /// let read = Reader::new().read(Format::Auto, b"{\"a\":", |_, _| {});
    /// let error = read.unwrap_err();
    /// assert!(matches!(error.kind(), RecordErrorKind::Json(_)));
    /// assert_eq!(error.to_string(), "JSON: expected a value (byte 5)");
    /// ```
    pub fn kind(&self) -> RecordErrorKind {
        self.kind
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
            | RecordErrorKind::Text(reason)
            | RecordErrorKind::Row(reason) => reason,
            RecordErrorKind::TooLarge => "record is over the size limit",
            RecordErrorKind::Utf16 => "record is UTF-16, and not UTF-8",
            RecordErrorKind::NoMemory => "no memory to read the record in",
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
            RecordErrorKind::Row(_) => "row: ",
            RecordErrorKind::UnknownShape
            | RecordErrorKind::TooLarge
            | RecordErrorKind::Utf16
            | RecordErrorKind::NoMemory => "",
        };
        write!(f, "{format}{} (byte {})", self.reason(), self.offset)
    }
}

impl core::error::Error for RecordError {}
