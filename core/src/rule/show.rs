//! Tests as rules write them.

use core::fmt;

use super::{Operation, Test};
use crate::event::Field;

/// As a line of a Sigma selection: `Image|endswith: \at.exe`.
impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Test { field, member, operation, pattern, cased } = self;
        let field = match field {
            Field::Member => member,
            field => field.name(),
        };
        // Regular expressions count case unless told otherwise.
        let case = match (operation, cased) {
            (Operation::Regex, false) => "|i",
            (Operation::Regex, true) | (_, false) => "",
            (_, true) => "|cased",
        };
        match operation {
            Operation::EntropyAbove(bits) => {
                write!(f, "{field}|entropy|gt: {bits}")
            }
            Operation::Exists => write!(f, "{field}|exists: true"),
            Operation::Null => write!(f, "{field}: null"),
            Operation::Equals => write!(f, "{field}{case}: {pattern}"),
            other => {
                write!(f, "{field}|{}{case}: {pattern}", other.modifiers())
            }
        }
    }
}
