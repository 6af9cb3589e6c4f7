use core::fmt;

use super::table::{with_fields, with_head};

/// Declares [`Field`].
macro_rules! declare {
    ($(
        $(#[doc = $doc:literal])*
        $field:ident = $number:literal, $name:literal $(, from $($source:ident)|+)?;
    )*) => {
        /// A field of an event, under the name that Sigma rules use.
        ///
        /// Names are compared exactly: auditd's `uid` (a number) and `UID`
        /// (a name) are two fields.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(
            feature = "serde",
            derive(serde::Serialize, serde::Deserialize)
        )]
        #[non_exhaustive]
        pub enum Field {
            $(
                $(#[doc = $doc])*
                #[cfg_attr(feature = "serde", serde(rename = $name))]
                $field,
            )*
        }

        impl Field {
            /// Every field, in declaration order.
            pub const ALL: &'static [Field] = &[$(Field::$field,)*];

            /// The field's name in rules and output.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Field::$field => $name,)*
                }
            }

            /// What its value is, in a sentence.
            ///
            /// ```
            /// use t1053::event::Field;
            ///
            /// let description = Field::CommandLine.description();
            /// assert_eq!(description, "Full command line.");
            /// ```
            pub const fn description(self) -> &'static str {
                match self {
                    $(Field::$field => concat!($($doc),*).trim_ascii_start(),)*
                }
            }

            /// Its number in the C interface, which never changes.
            ///
            /// ```
            /// use t1053::event::Field;
            ///
            /// assert_eq!(Field::Image.number(), 6);
            /// assert_eq!(Field::from_number(6), Some(Field::Image));
            /// ```
            pub const fn number(self) -> u32 {
                match self {
                    $(Field::$field => $number,)*
                }
            }

            /// The field of a number; `None` when no field has it. The
            /// inverse of [`number`](Field::number).
            #[deny(unreachable_patterns)]
            pub const fn from_number(number: u32) -> Option<Field> {
                match number {
                    $($number => Some(Field::$field),)*
                    _ => None,
                }
            }

            /// The fields that it is derived from: a task definition for
            /// `Command`, `Arguments` and `Hidden`; none for a field that
            /// events carry themselves.
            ///
            /// ```
            /// use t1053::event::Field;
            ///
            /// assert_eq!(Field::Command.sources(), [Field::TaskContent]);
            /// assert!(Field::CommandLine.sources().is_empty());
            /// ```
            pub const fn sources(self) -> &'static [Field] {
                match self {
                    $(Field::$field => &[$($(Field::$source,)+)?],)*
                }
            }

            #[deny(unreachable_patterns)]
            fn from_name(name: &str) -> Option<Field> {
                match name {
                    $($name => Some(Field::$field),)*
                    _ => None,
                }
            }
        }
    };
}

with_fields!(declare);

/// Lists the fields of every event.
macro_rules! head {
    ($($(#[doc = $doc:literal])* $member:ident: $field:ident,)*) => {
        impl Field {
            /// The fields that every event has, whatever its kind.
            ///
            /// ```
            /// use t1053::event::Field;
            ///
            /// assert!(Field::OF_EVERY_EVENT.contains(&Field::Computer));
            /// ```
            pub const OF_EVERY_EVENT: &'static [Field] =
                &[$(Field::$field,)*];
        }
    };
}

with_head!(head);

impl Field {
    /// Whether no event carries it as a value of its own: rules ask it of
    /// what else the event is or holds.
    pub(crate) const fn is_asked_only(self) -> bool {
        matches!(self, Field::Member | Field::AnyValue | Field::Kind)
    }

    /// Whether its value is told of the event and does not stand in the
    /// record.
    pub(crate) const fn is_told(self) -> bool {
        matches!(
            self,
            Field::LogProduct
                | Field::LogCategory
                | Field::LogService
                | Field::Kind
        )
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl core::str::FromStr for Field {
    type Err = UnknownField;

    fn from_str(name: &str) -> Result<Field, UnknownField> {
        Field::from_name(name).ok_or_else(|| UnknownField::new(name))
    }
}

/// A name that is no field's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownField {
    name: String,
}

impl UnknownField {
    pub(crate) fn new(name: &str) -> UnknownField {
        UnknownField { name: name.into() }
    }
}

impl fmt::Display for UnknownField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Field::ALL.iter().map(|field| field.name());
        write!(f, "there is no field `{}`", self.name)?;
        crate::error::write_nearest(f, &self.name, names)
    }
}

impl core::error::Error for UnknownField {}
