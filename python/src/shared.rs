/*!
What the package has in common with the example `scan` of the Rust library:
neither can depend on the other.
*/

#[path = "../../core/examples/scan/frames.rs"]
pub(crate) mod frames;
#[path = "../../core/examples/scan/magic.rs"]
pub(crate) mod magic;
#[path = "../../core/examples/scan/screen.rs"]
pub(crate) mod screen;
#[path = "../../core/examples/scan/walk.rs"]
pub(crate) mod walk;
