/*!
The built-in detections.
*/

use crate::rule::Rule;

/// All built-in rules, in order of their slugs.
pub fn builtin() -> &'static [Rule] {
    &[]
}
