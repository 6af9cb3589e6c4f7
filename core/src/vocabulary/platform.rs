use core::fmt;

use super::table::with_platforms;

/// Declares [`Platform`].
macro_rules! declare {
    ($(
        $(#[doc = $doc:literal])*
        $platform:ident = $number:literal, $name:ident, $place:literal;
    )*) => {
        /// Where an event was recorded.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(
            feature = "serde",
            derive(serde::Serialize, serde::Deserialize),
            serde(rename_all = "lowercase")
        )]
        #[non_exhaustive]
        pub enum Platform {
            $(
                $(#[doc = $doc])*
                $platform,
            )*
        }

        impl Platform {
            /// Every platform, in declaration order.
            pub const ALL: &'static [Platform] = &[$(Platform::$platform,)*];

            /// The name in selectors and output.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Platform::$platform => stringify!($name),)*
                }
            }

            /// What it is, in a few words.
            ///
            /// ```
            /// use t1053::event::Platform;
            ///
            /// assert_eq!(Platform::Linux.description(), "Linux.");
            /// ```
            pub const fn description(self) -> &'static str {
                match self {
                    $(Platform::$platform => {
                        concat!($($doc),*).trim_ascii_start()
                    })*
                }
            }

            /// Its number in the C interface, which never changes.
            ///
            /// ```
            /// use t1053::event::Platform;
            ///
            /// assert_eq!(Platform::Linux.number(), 2);
            /// assert_eq!(Platform::from_number(2), Some(Platform::Linux));
            /// ```
            pub const fn number(self) -> u32 {
                match self {
                    $(Platform::$platform => $number,)*
                }
            }

            /// The platform of a number; `None` when no platform has it. The
            /// inverse of [`number`](Platform::number).
            #[deny(unreachable_patterns)]
            pub const fn from_number(number: u32) -> Option<Platform> {
                match number {
                    $($number => Some(Platform::$platform),)*
                    _ => None,
                }
            }
        }
    };
}

with_platforms!(declare);

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
