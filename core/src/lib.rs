/*!
Detection of scheduled-task abuse (MITRE ATT&CK T1053) that any collector can
embed.
*/

#![forbid(unsafe_code)]

mod bytes;
pub mod catalog;
mod correlate;
mod detector;
mod error;
pub mod event;
mod finding;
pub mod record;
pub mod rule;
mod scanner;
#[cfg(feature = "sigma")]
pub mod sigma;
mod time;

pub use correlate::{Correlator, CorrelatorCounts};
pub use detector::{
    BuildError, Detector, DetectorBuilder, Evidence, Match, Matches, Scratch,
    Selector, SelectorError,
};
pub use finding::{Finding, KeptFinding, Message, Place};
pub use record::Format;
pub use scanner::{
    RecordMatch, Report, ScanCounts, Scanner, ScannerBuilder, Unreadable,
};
pub use time::Timestamp;
