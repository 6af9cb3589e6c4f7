/*!
What happened on an endpoint: typed events that borrow the caller's bytes.

An [`Event`] is what a record reader makes of a raw record, and what a caller
who already has fields in hand builds directly. Its [`EventData`] says what
kind of event it is; each kind is a plain struct whose fields carry the names
that Sigma and Sysmon use, in snake case.

A value is `Option<&[u8]>`: `None` when the record has no such field. An
absent field matches nothing, and a negated condition on it holds. Values are
bytes, usually UTF-8: a command line from the wire may be anything.

# Example

An event in three lines:

```
use t1053::event::{Event, ProcessCreation};

let event = Event::windows(ProcessCreation {
    image: Some(br"C:\Windows\System32\schtasks.exe"),
    command_line: Some(b"schtasks /create /tn x /tr calc.exe"),
    ..Default::default()
});
assert_eq!(event.kind().name(), "process_creation");
```

or field by field, when the names come from a configuration:

```
use t1053::event::{Event, EventKind, Field, Platform};

let mut event = Event::new(Platform::Windows, EventKind::ProcessCreation);
event.set("Image".parse::<Field>()?, br"C:\Windows\System32\at.exe")?;
assert!(event.set(Field::ScriptBlockText, b"not of this kind").is_err());
# Ok::<(), Box<dyn std::error::Error>>(())
```
*/

mod data;
mod value;

use core::fmt;

use crate::Timestamp;
use crate::vocabulary::table::{with_head, with_platforms};

pub use crate::vocabulary::{
    EventKind, EventKinds, Field, Platform, UnknownField,
};
pub use data::*;
pub use value::{NamedValue, Value};

/// Declares [`Event`], from the members that every event has.
macro_rules! declare {
    ($($(#[doc = $doc:literal])* $member:ident: $field:ident,)*) => {
        /// One event: what happened, where, when, and to whom.
        ///
        /// Borrows every value. Cheap to copy; holds no heap memory. Made by
        /// [`Event::new`] or the constructor of a platform: it may get more
        /// members.
        ///
        /// With the feature `serde` it is written, but not read: a value that is
        /// escaped where it stands, as the backslashes of every Windows path are in
        /// JSON, cannot be borrowed from there. To bring an event back, keep its
        /// fields by name, and lend them to an event of the same kind:
        ///
        /// ```
        /// use std::collections::BTreeMap;
        /// use t1053::event::{Event, Field, ProcessCreation};
        ///
        /// let event = Event::windows(ProcessCreation {
        ///     image: Some(br"C:\Windows\System32\schtasks.exe"),
        ///     command_line: Some(br"schtasks /run /tn \Patch"),
        ///     ..Default::default()
        /// });
        /// let mut kept = BTreeMap::new();
        /// for field in Field::ALL {
        ///     if let Some(value) = event.get(*field) {
        ///         kept.insert(field.name(), String::from_utf8_lossy(value));
        ///     }
        /// }
        /// let text = serde_json::to_string(&kept)?;
        ///
        /// let kept: BTreeMap<String, String> = serde_json::from_str(&text)?;
        /// let mut back = Event::new(event.platform, event.kind());
        /// for (name, value) in &kept {
        ///     back.set(name.parse()?, value.as_bytes())?;
        /// }
        /// assert_eq!(back, event);
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize))]
        #[non_exhaustive]
        pub struct Event<'a> {
            /// Where it was recorded. A rule for one platform never matches
            /// events of another.
            pub platform: Platform,
            /// When it happened, where the record says so.
            pub time: Option<Timestamp>,
            $(
                $(#[doc = $doc])*
                #[cfg_attr(
                    feature = "serde",
                    serde(serialize_with = "value::serialize")
                )]
                pub $member: Value<'a>,
            )*
            /// Values that no field is there for, under their own names; a
            /// name may come more than once.
            #[cfg_attr(
                feature = "serde",
                serde(skip_serializing_if = "<[_]>::is_empty")
            )]
            pub members: &'a [NamedValue<'a>],
            /// What happened.
            pub data: EventData<'a>,
        }

        impl<'a> Event<'a> {
            /// An event recorded on a platform; a shorthand of each platform's
            /// name says the same.
            pub(crate) fn on(
                platform: Platform,
                data: EventData<'a>,
            ) -> Event<'a> {
                Event {
                    platform,
                    time: None,
                    $($member: None,)*
                    members: &[],
                    data,
                }
            }

            /// The value of a field; `None` when it is absent, or when events
            /// of this kind have no such field.
            ///
            /// `Command`, `Arguments` and `Hidden` are parts of `TaskContent`
            /// and always `None` here;
            /// [`TaskDefinition`](crate::TaskDefinition) reads them.
            pub fn get(&self, field: Field) -> Value<'a> {
                match field {
                    $(Field::$field => self.$member,)*
                    _ => self.data.get(field),
                }
            }

            fn get_mut(&mut self, field: Field) -> Option<&mut Value<'a>> {
                match field {
                    $(Field::$field => Some(&mut self.$member),)*
                    _ => self.data.get_mut(field),
                }
            }
        }
    };
}

with_head!(declare);

/// Declares the constructors by platform.
macro_rules! constructors {
    ($(
        $(#[doc = $doc:literal])*
        $platform:ident = $number:literal, $name:ident, $place:literal;
    )*) => {
        impl<'a> Event<'a> {
            $(
                #[doc = concat!("An event recorded ", $place, ".")]
                pub fn $name(data: impl Into<EventData<'a>>) -> Event<'a> {
                    Event::on(Platform::$platform, data.into())
                }
            )*
        }
    };
}

with_platforms!(constructors);

impl<'a> Event<'a> {
    /// An event of the given kind with every field absent, to be filled with
    /// [`set`](Event::set).
    pub fn new(platform: Platform, kind: EventKind) -> Event<'a> {
        Event::on(platform, EventData::new(kind))
    }

    /// What kind of event it is.
    pub const fn kind(&self) -> EventKind {
        self.data.kind()
    }

    /// Whether events of this kind have a field, be it of every event, of
    /// the kind, or a part of its task definition.
    pub fn has(&self, field: Field) -> bool {
        self.kind().carries(field)
    }

    /// The event with these values under their own names.
    #[must_use]
    pub fn with_members(self, members: &'a [NamedValue<'a>]) -> Event<'a> {
        Event { members, ..self }
    }

    /// The first value of a member that has this name.
    pub fn member(&self, name: &str) -> Value<'a> {
        let mut members = self.members.iter();
        members.find(|member| member.name == name).map(|found| found.value)
    }

    /// Sets a field.
    ///
    /// # Errors
    ///
    /// Events of this kind have no such field.
    pub fn set(
        &mut self,
        field: Field,
        value: &'a [u8],
    ) -> Result<(), FieldNotOfKind> {
        let kind = self.kind();
        let slot = self.get_mut(field);
        *slot.ok_or(FieldNotOfKind { field, kind })? = Some(value);
        Ok(())
    }
}

/// A field that events of a kind do not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldNotOfKind {
    field: Field,
    kind: EventKind,
}

impl fmt::Display for FieldNotOfKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FieldNotOfKind { field, kind } = self;
        write!(f, "events of kind {kind} have no field {field}; they have")?;
        for (index, field) in kind.fields().iter().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            write!(f, "{separator} {field}")?;
        }
        Ok(())
    }
}

impl core::error::Error for FieldNotOfKind {}
