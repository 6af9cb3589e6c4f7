/*!
To which event a record belongs.
*/

use crate::time::Timestamp;

/// Whose record one is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner<'a> {
    /// Time and serial of the event, as the record writes them.
    pub(crate) id: &'a [u8],
    /// Empty where it is not known.
    pub(crate) host: &'a [u8],
    pub(crate) time: Option<Timestamp>,
}
