//! Words of ours, which fields of jobs have for values.

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
