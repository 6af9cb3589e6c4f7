/*!
Platforms, logs, fields and kinds of event: what each is called and numbered,
and which belongs to which.

Every fact of these stands once, in `table.rs`. From it come, here, the enums;
in [`event`](crate::event), the structs; in `sigma`, the log sources; and, by
`cargo xtask generate`, C's and Python's names. Public for that command only:
the parts that are promised are those that [`event`](crate::event) gives on.
*/

mod field;
mod kind;
mod lacks;
mod log;
mod platform;
pub(crate) mod sources;
pub(crate) mod table;

pub use field::{Field, UnknownField};
pub use kind::{Category, EventKind, EventKinds, Member};
pub(crate) use lacks::{LACKS, Lacks};
pub use log::Log;
pub use platform::Platform;
