/*!
Pull readers of what records are written in. They know no vocabulary: what a
name means is for their callers.
*/

pub(super) mod auditd;
pub(crate) mod delimited;
pub(crate) mod json;
pub(super) mod text;
pub(crate) mod xml;
