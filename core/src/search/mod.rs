/*!
The search for literals, prepared.

How those of the built-in detections are looked for was chosen when these were
generated: that takes two thirds of the time. For others it is chosen here.
*/

// Written by `cargo xtask generate`, in its own form.
#[rustfmt::skip]
mod chosen;

use t1053_literals::{Literal, Literals};

/// Takes the literals of a search.
pub(crate) type TakeSearch<'t> = &'t mut dyn FnMut(&[Literal<'_>]);

/// Prepares a search.
pub(crate) fn prepared<'l>(
    literals: impl IntoIterator<Item = Literal<'l>>,
) -> Literals {
    Literals::with_chosen(literals, &chosen::CHOSEN)
}
