//! Words of ours, which fields of jobs have for values, and how words are
//! looked for in what they are said of.

use crate::bytes;

/// Declares names for what a field may say.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($word:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub(crate) enum $name { $($word,)* }

        impl $name {
            /// Every one, in declaration order.
            #[allow(dead_code, reason = "not every enum is gone through")]
            pub(crate) const ALL: &[$name] = &[$($name::$word,)*];

            /// The word in rules and output.
            pub(crate) const fn name(self) -> &'static str {
                match self { $($name::$word => $text,)* }
            }
        }
    };
}

pub(crate) use words;

/// Whether a text has another in it, case aside.
pub(super) fn has(text: &[u8], what: &str) -> bool {
    bytes::find(text, what.as_bytes(), 0, false).is_some()
}

/// Whether a text has one of some in it.
pub(super) fn has_any(text: &[u8], what: &[&str]) -> bool {
    what.iter().any(|what| has(text, what))
}

/// Whether a name is one of some.
pub(super) fn is_any(name: &[u8], names: &[&str]) -> bool {
    names.iter().any(|one| name.eq_ignore_ascii_case(one.as_bytes()))
}
