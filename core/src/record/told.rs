/*!
What a record is, from what was gathered of it.
*/

use crate::event::{EventKind, Platform};

use super::gather::Gathered;
use super::keys::Key;
use super::names::{signatures, tag};
use super::shape::Reads;
use super::shapes::SHAPES;
use super::windows::{Head, Words, kind_in};

/// What a record was told to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub(crate) what: What,
    /// Whether it is of a shape that is known, be it of no kind.
    pub(crate) is_understood: bool,
    /// Whether a shape has it that others write as well: it may hold another
    /// record, and is nothing if it holds none.
    pub(crate) is_of_shape: bool,
}

/// What is to be made of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Nothing,
    /// An event of one of Windows' logs.
    Log(EventKind),
    /// Another event, of the values that the tag tells.
    Event {
        tag: u8,
        kind: EventKind,
        /// `None` where the values tell it.
        platform: Option<Platform>,
        /// What it says beside its values.
        words: Words,
    },
    /// The events of an audit event, of the values that the tag tells.
    Audit {
        tag: u8,
    },
    /// An auditd line without its head, of the values that the tag tells.
    AuditLine {
        tag: u8,
    },
    /// A line whose program is a value of those that the tag tells.
    HostLine {
        tag: u8,
    },
}

impl Told {
    /// Tries the shapes in their order.
    pub(crate) fn of(gathered: &Gathered<'_, '_>, head: &Head<'_>) -> Told {
        let has = |key: Key| head.get(key as usize).is_some();
        let mut is_understood =
            has(Key::EventId) && (has(Key::Provider) || has(Key::Channel));
        let mut is_of_shape = false;
        // All but Windows' logs, the first, are told by signs.
        let mut left = gathered.shapes() | 1;
        while left != 0 {
            let index = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            let (Some(shape), Some(signature)) =
                (SHAPES.get(index), signatures().get(index))
            else {
                debug_assert!(false, "no shape has the number {index}");
                break;
            };
            let mut members = signature.members();
            if index > 0
                && !(gathered.may_be(signature)
                    && gathered.holds(&shape.tells, &mut members))
            {
                continue;
            }
            let tag = tag(shape.family, index);
            let what = match shape.reads {
                Reads::Log => kind_in(head).map(|(_, kind)| What::Log(kind)),
                Reads::Told(kind) => {
                    is_of_shape = true;
                    let told = kind(head);
                    told.map(|(platform, kind)| What::Event {
                        tag,
                        kind,
                        platform: Some(platform),
                        words: Words::NONE,
                    })
                }
                Reads::Rules(rules) => {
                    is_understood = true;
                    let mut rules = rules.iter();
                    let rule = rules
                        .find(|rule| gathered.holds(&rule.tell, &mut members));
                    rule.map(|rule| What::Event {
                        tag,
                        kind: rule.kind,
                        platform: rule.platform,
                        words: rule.words,
                    })
                }
                Reads::Audit => Some(What::Audit { tag }),
                Reads::AuditLine => Some(What::AuditLine { tag }),
                Reads::HostLine => Some(What::HostLine { tag }),
            };
            if let Some(what) = what {
                return Told { what, is_understood: true, is_of_shape };
            }
        }
        Told { what: What::Nothing, is_understood, is_of_shape }
    }
}
