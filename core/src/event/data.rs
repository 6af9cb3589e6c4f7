//! What an event holds, by its kind.

use super::value::Value;
use crate::vocabulary::table::with_kinds;
use crate::vocabulary::{EventKind, Field};

/// Declares the struct of a kind.
macro_rules! declare_struct {
    (
        $(#[doc = $doc:literal])*
        $kind:ident {
            $($(#[doc = $about:literal])* $member:ident: $field:ident,)*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize))]
        pub struct $kind<'a> {
            $(
                $(#[doc = $about])*
                #[doc = concat!("\n\n`", stringify!($field), "` in [`Field`].")]
                #[cfg_attr(
                    feature = "serde",
                    serde(
                        serialize_with = "crate::event::value::serialize",
                        skip_serializing_if = "Option::is_none",
                    )
                )]
                pub $member: Value<'a>,
            )*
        }

        impl<'a> $kind<'a> {
            fn get(&self, field: Field) -> Value<'a> {
                match field {
                    $(Field::$field => self.$member,)*
                    _ => None,
                }
            }

            fn get_mut(&mut self, field: Field) -> Option<&mut Value<'a>> {
                match field {
                    $(Field::$field => Some(&mut self.$member),)*
                    _ => None,
                }
            }
        }

        impl<'a> From<$kind<'a>> for EventData<'a> {
            fn from(data: $kind<'a>) -> EventData<'a> {
                EventData::$kind(data)
            }
        }
    };
}

/// Declares [`EventData`] and the struct of each kind.
macro_rules! declare {
    ($(
        kinds {
            $(
                $(#[doc = $doc:literal])*
                $kind:ident = $number:literal, $name:literal,
                on $platforms:tt,
                logged $ids:tt,
                sigma $categories:tt;
            )+
        }
        carry $members:tt
    )*) => {
        /// The data of an event, by kind.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize))]
        #[non_exhaustive]
        pub enum EventData<'a> {
            $($(
                $(#[doc = $doc])*
                #[cfg_attr(feature = "serde", serde(rename = $name))]
                $kind($kind<'a>),
            )+)*
        }

        $($(declare_struct! { $(#[doc = $doc])* $kind $members })+)*

        impl<'a> EventData<'a> {
            /// Data of the given kind with every field absent.
            pub fn new(kind: EventKind) -> EventData<'a> {
                match kind {
                    $($(EventKind::$kind => $kind::default().into(),)+)*
                }
            }

            /// The kind of event that this is the data of.
            pub const fn kind(&self) -> EventKind {
                match self {
                    $($(EventData::$kind(_) => EventKind::$kind,)+)*
                }
            }

            pub(super) fn get(&self, field: Field) -> Value<'a> {
                match self {
                    $($(EventData::$kind(data) => data.get(field),)+)*
                }
            }

            pub(super) fn get_mut(
                &mut self,
                field: Field,
            ) -> Option<&mut Value<'a>> {
                match self {
                    $($(EventData::$kind(data) => data.get_mut(field),)+)*
                }
            }
        }
    };
}

with_kinds!(declare);
