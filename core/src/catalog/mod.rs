/*!
The built-in detections.

They are constants, compiled ahead from the Sigma files under
`core/detections/`: nothing is read or parsed at run time.

# Example

```
use t1053::catalog;

assert!(catalog::builtin().is_sorted_by_key(|rule| &rule.detection.slug));
assert!(catalog::get("no_such_detection").is_none());
```
*/

// Written by `cargo xtask generate`, in its own form.
#[rustfmt::skip]
mod generated;

use crate::rule::Rule;

/// All built-in detections, in the order of their slugs.
///
/// A slug never changes; new detections come between the others, so a
/// position here is good for one version only.
pub fn builtin() -> &'static [Rule] {
    &generated::RULES
}

/// The built-in detection of a slug.
pub fn get(slug: &str) -> Option<&'static Rule> {
    let rules = builtin();
    let found =
        rules.binary_search_by(|rule| (*rule.detection.slug).cmp(slug));
    found.ok().and_then(|index| rules.get(index))
}
