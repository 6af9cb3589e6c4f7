use core::fmt;

use super::field::Field;
use super::log::Log;
use super::platform::Platform;
use super::table::{with_head, with_kinds};

/// A member of an event's struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// Its name in Rust and Python.
    pub name: &'static str,
    /// The field whose value it holds.
    pub field: Field,
    /// What its value is, in a sentence.
    pub description: &'static str,
}

/// Sigma's name for events of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Category {
    /// The name.
    pub name: &'static str,
    /// The values of `EventType` that it stands for; empty for any.
    pub event_types: &'static [&'static str],
}

/// The fields of some members.
macro_rules! fields {
    ({ $($(#[doc = $doc:literal])* $member:ident: $field:ident,)* }) => {
        &[$(Field::$field,)*]
    };
}

/// Some members.
macro_rules! members {
    ($($(#[doc = $doc:literal])* $member:ident: $field:ident,)*) => {
        const {
            &[$(Member {
                name: stringify!($member),
                field: Field::$field,
                description: concat!($($doc),*).trim_ascii_start(),
            },)*]
        }
    };
    ({ $($members:tt)* }) => {
        members!($($members)*)
    };
}

/// The text of an id; empty for any id.
macro_rules! id {
    (_) => {
        ""
    };
    ($id:literal) => {
        $id
    };
}

/// Declares [`EventKind`].
macro_rules! declare {
    ($(
        kinds {
            $(
                $(#[doc = $doc:literal])*
                $kind:ident = $number:literal, $name:literal,
                on [$($platform:ident),+],
                logged [$($log:ident $id:tt),*],
                sigma [
                    $($category:literal $(($($event_type:literal),+))?),*
                    $(,)?
                ];
            )+
        }
        carry $members:tt
    )*) => {
        /// What kind of event it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(
            feature = "serde",
            derive(serde::Serialize, serde::Deserialize)
        )]
        #[non_exhaustive]
        pub enum EventKind {
            $($(
                $(#[doc = $doc])*
                #[cfg_attr(feature = "serde", serde(rename = $name))]
                $kind,
            )+)*
        }

        impl EventKind {
            /// Every kind, in declaration order.
            pub const ALL: &'static [EventKind] =
                &[$($(EventKind::$kind,)+)*];

            /// The name in output and samples.
            pub const fn name(self) -> &'static str {
                match self {
                    $($(EventKind::$kind => $name,)+)*
                }
            }

            /// What happened, in a sentence or two.
            ///
            /// ```
            /// use t1053::event::EventKind;
            ///
            /// assert_eq!(
            ///     EventKind::TaskDeleted.description(),
            ///     "A scheduled task was deleted: Security 4699.",
            /// );
            /// ```
            pub const fn description(self) -> &'static str {
                match self {
                    $($(EventKind::$kind => {
                        concat!($($doc),*).trim_ascii_start()
                    })+)*
                }
            }

            /// Its number in the C interface, which never changes.
            ///
            /// ```
            /// use t1053::event::EventKind;
            ///
            /// assert_eq!(EventKind::TaskDeleted.number(), 5);
            /// let kind = EventKind::from_number(5);
            /// assert_eq!(kind, Some(EventKind::TaskDeleted));
            /// ```
            pub const fn number(self) -> u32 {
                match self {
                    $($(EventKind::$kind => $number,)+)*
                }
            }

            /// The kind of a number; `None` when no kind has it. The inverse
            /// of [`number`](EventKind::number).
            #[deny(unreachable_patterns)]
            pub const fn from_number(number: u32) -> Option<EventKind> {
                match number {
                    $($($number => Some(EventKind::$kind),)+)*
                    _ => None,
                }
            }

            /// The kind of a name; `None` when no kind has it. The inverse of
            /// [`name`](EventKind::name).
            ///
            /// ```
            /// use t1053::event::EventKind;
            ///
            /// let kind = EventKind::from_name("task_deleted");
            /// assert_eq!(kind, Some(EventKind::TaskDeleted));
            /// ```
            #[deny(unreachable_patterns)]
            pub fn from_name(name: &str) -> Option<EventKind> {
                match name {
                    $($($name => Some(EventKind::$kind),)+)*
                    _ => None,
                }
            }

            /// The fields that only events of this kind carry. Those that
            /// every event has ([`Field::OF_EVERY_EVENT`]) and those that are
            /// derived from another one are not listed; see
            /// [`carries`](EventKind::carries).
            pub const fn fields(self) -> &'static [Field] {
                match self {
                    $($(EventKind::$kind => fields!($members),)+)*
                }
            }

            /// The platforms on which such events are recorded; the first is
            /// the one to assume where nothing says which.
            ///
            /// ```
            /// use t1053::event::{EventKind, Platform};
            ///
            /// let platforms = EventKind::AuditSyscall.platforms();
            /// assert_eq!(platforms, [Platform::Linux]);
            /// ```
            pub const fn platforms(self) -> &'static [Platform] {
                match self {
                    $($(EventKind::$kind => {
                        &[$(Platform::$platform),+]
                    })+)*
                }
            }

            /// The members of its struct.
            #[doc(hidden)]
            pub const fn members(self) -> &'static [Member] {
                match self {
                    $($(EventKind::$kind => members!($members),)+)*
                }
            }

            /// The members of [`Event`](crate::event::Event) that hold the
            /// fields of every event.
            #[doc(hidden)]
            pub const HEAD: &'static [Member] = with_head!(members);

            /// The logs that have such events, each with their id there;
            /// an empty id stands for any.
            #[doc(hidden)]
            pub const fn ids(self) -> &'static [(Log, &'static str)] {
                match self {
                    $($(EventKind::$kind => {
                        &[$((Log::$log, id!($id))),*]
                    })+)*
                }
            }

            /// Sigma's names for such events.
            #[doc(hidden)]
            pub const fn categories(self) -> &'static [Category] {
                match self {
                    $($(EventKind::$kind => &[$(Category {
                        name: $category,
                        event_types: &[$($($event_type),+)?],
                    }),*],)+)*
                }
            }
        }

        impl Log {
            /// The kind of the log's events with an id; `None` when it is
            /// none that is known here.
            pub fn kind(self, id: &[u8]) -> Option<EventKind> {
                // No id that is not UTF-8 has a row, but for that of any.
                let id = core::str::from_utf8(id).unwrap_or_default();
                Some(match (self, id) {
                    $($($((Log::$log, $id) => EventKind::$kind,)*)+)*
                    _ => return None,
                })
            }
        }
    };
}

with_kinds!(declare);

impl EventKind {
    /// The kind that a category of Sigma's stands for, on a platform of its or
    /// on all, with that category.
    pub(crate) fn of_category(
        name: &str,
        platform: Platform,
    ) -> Option<(EventKind, Category)> {
        let is_here = |kind: &&EventKind| {
            platform == Platform::Any || kind.platforms().contains(&platform)
        };
        EventKind::ALL.iter().filter(is_here).find_map(|&kind| {
            let mut categories = kind.categories().iter();
            let category = categories.find(|one| one.name == name)?;
            Some((kind, *category))
        })
    }

    /// Whether events of this kind can have a field: be it one of every
    /// event, one of the kind, or one that is derived from those.
    ///
    /// ```
    /// use t1053::event::{EventKind, Field};
    ///
    /// assert!(EventKind::TaskRegistered.carries(Field::TaskContent));
    /// assert!(EventKind::TaskRegistered.carries(Field::Command));
    /// assert!(!EventKind::ScriptBlock.carries(Field::Command));
    /// ```
    pub fn carries(self, field: Field) -> bool {
        let has = |field: &Field| {
            Field::OF_EVERY_EVENT.contains(field)
                || self.fields().contains(field)
        };
        field.is_asked_only() || has(&field) || field.sources().iter().any(has)
    }

    /// Whether rules about events of this kind may ask for a field: one that
    /// these carry; of a job, also one of the event that speaks of it.
    pub(crate) fn may_be_asked(self, field: Field) -> bool {
        self.carries(field) || self == EventKind::ScheduledJob
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of event kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventKinds(u64);

const _: () = assert!(
    EventKind::ALL.len() <= u64::BITS as usize,
    "`EventKinds` needs more bits"
);

impl EventKinds {
    /// No kind.
    pub const NONE: EventKinds = EventKinds(0);
    /// Every kind.
    pub const ALL: EventKinds = {
        let mut all = EventKinds::NONE;
        let mut rest = EventKind::ALL;
        while let [kind, after @ ..] = rest {
            (all, rest) = (all.with(*kind), after);
        }
        all
    };

    /// This set and one kind more.
    #[must_use]
    pub const fn with(self, kind: EventKind) -> EventKinds {
        EventKinds(self.0 | 1 << kind as u32)
    }

    /// The kinds of this set and of another.
    #[must_use]
    pub const fn union(self, other: EventKinds) -> EventKinds {
        EventKinds(self.0 | other.0)
    }

    /// The kinds that are in this set and in another.
    #[must_use]
    pub const fn intersection(self, other: EventKinds) -> EventKinds {
        EventKinds(self.0 & other.0)
    }

    /// Whether a kind is in this set and in another.
    pub(crate) const fn intersects(self, other: EventKinds) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether every kind of this set is in the other.
    pub const fn is_subset(self, other: EventKinds) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether a kind is in the set.
    pub const fn contains(self, kind: EventKind) -> bool {
        self.0 & 1 << kind as u32 != 0
    }
}

impl FromIterator<EventKind> for EventKinds {
    fn from_iter<T: IntoIterator<Item = EventKind>>(kinds: T) -> EventKinds {
        kinds.into_iter().fold(EventKinds::NONE, EventKinds::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_fields_that_events_carry_once() {
        for kind in EventKind::ALL {
            let members = kind.members();
            for (index, member) in members.iter().enumerate() {
                let (before, _) = members.split_at(index);
                assert!(
                    before.iter().all(|other| other.field != member.field)
                );
                assert!(!Field::OF_EVERY_EVENT.contains(&member.field));
                assert!(member.field.sources().is_empty());
            }
        }
        for field in Field::ALL {
            let mut kinds = EventKind::ALL.iter();
            assert!(kinds.any(|kind| kind.carries(*field)), "{field}");
        }
    }

    #[test]
    fn ids_lead_back_to_their_kind() {
        for kind in EventKind::ALL {
            for (log, id) in kind.ids() {
                assert_eq!(log.kind(id.as_bytes()), Some(*kind));
                assert!(kind.platforms().contains(&log.platform()), "{kind}");
            }
        }
        assert_eq!(Log::Sysmon.kind(b"4688"), None);
        assert_eq!(Log::LinuxSysmon.kind(b"13"), None);
        assert_eq!(Log::Security.kind(b"\xff"), None);
        let any = Some(EventKind::TaskScheduler);
        assert_eq!(Log::TaskScheduler.kind(b"\xff"), any);
    }

    #[test]
    fn sets_hold_every_kind() {
        for (index, kind) in EventKind::ALL.iter().enumerate() {
            let one = EventKinds::NONE.with(*kind);
            for (other, of) in EventKind::ALL.iter().enumerate() {
                assert_eq!(one.contains(*of), index == other);
            }
            assert!(one.is_subset(EventKinds::ALL));
        }
        let all: EventKinds = EventKind::ALL.iter().copied().collect();
        assert_eq!(all, EventKinds::ALL);
    }

    #[test]
    fn numbers_and_names_lead_back() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::from_number(kind.number()), Some(*kind));
            assert_eq!(EventKind::from_name(kind.name()), Some(*kind));
        }
        for field in Field::ALL {
            assert_eq!(Field::from_number(field.number()), Some(*field));
            assert_eq!(field.name().parse(), Ok(*field));
        }
        for platform in Platform::ALL {
            let number = platform.number();
            assert_eq!(Platform::from_number(number), Some(*platform));
        }
        for number in [0, 255, 256, u32::MAX] {
            assert_eq!(Field::from_number(number), None);
            assert_eq!(EventKind::from_number(number), None);
            assert_eq!(Platform::from_number(number), None);
        }
    }
}
