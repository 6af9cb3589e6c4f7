//! What a layout of records is called.

/// A layout of records that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordLayout {
    /// What it is called.
    pub name: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// What of an event is lost in it; empty for nothing.
    pub lost: &'static str,
    /// Whether it was verified on public records or source code.
    pub verified: bool,
}
