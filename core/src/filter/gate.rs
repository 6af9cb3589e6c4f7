/*!
The search over records of one format.
*/

use core::ops::ControlFlow;

use t1053_literals::{Literal, Literals};

use super::escapes::{escape_hides, has_member, may_end, may_hide, may_start};
use super::fragment::{Fragment, required};
use crate::event::{EventKind, EventKinds, Platform};
use crate::record::{self, Format};
use crate::rule::{Predicate, Rule};

/// The filter of one format.
#[derive(Debug)]
pub(super) struct Gate {
    literals: Literals,
    needles: Vec<Needle>,
    /// Kinds for which no literal could be derived: any record may matter.
    base: EventKinds,
}

/// What finding a literal means.
#[derive(Clone, Debug, PartialEq)]
struct Needle {
    bytes: Vec<u8>,
    cased: bool,
    meaning: Meaning,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    /// Events of these kinds may match.
    Kinds {
        kinds: EventKinds,
        /// Only where a value or a component of a path may begin.
        starts: bool,
        /// Only where a value may end.
        ends: bool,
    },
    /// Events of these kinds may match, unless the record has a member.
    Unless { kinds: EventKinds, unless: &'static str },
    /// An escape of JSON: if it hides a byte of literals, anything may.
    JsonEscape,
    /// XML in a string, unless it is a member's name: if it hides a byte of
    /// literals, anything may match.
    Element,
    /// The journal's message, which is a list of the numbers of its bytes
    /// where it is not UTF-8: then anything may match.
    Bytes,
    /// Text that is written in pieces: anything may match.
    Pieces,
    /// The name of an auditd field: if its value is not quoted, or cut, events
    /// of these kinds may match.
    Label(EventKinds),
    /// The head of an auditd record: if it is not the only one on the line,
    /// anything may match.
    Head,
}

impl Gate {
    pub(super) fn new(rules: &[Rule], format: Format) -> Gate {
        let mut gate = Gate {
            literals: Literals::new([]),
            needles: Vec::new(),
            base: EventKinds::NONE,
        };
        for rule in rules {
            for selection in rule.logic.selections() {
                let platform = rule.detection.platform;
                for &kind in selection.kinds.iter() {
                    gate.add(kind, platform, &selection.predicate, format);
                }
            }
        }
        match format {
            Format::Json => {
                gate.push(b"\\u00", true, Meaning::JsonEscape);
                gate.push(b"EventData", false, Meaning::Element);
                gate.push(b"MESSAGE\"", true, Meaning::Bytes);
            }
            Format::Xml => {
                gate.push(b"<![CDATA[", true, Meaning::Pieces);
                gate.push(b"<!--", true, Meaning::Pieces);
            }
            _ => gate.push(b"audit(", true, Meaning::Head),
        }
        gate.literals = Literals::new(gate.needles.iter().map(|needle| {
            Literal { bytes: &needle.bytes, cased: needle.cased }
        }));
        gate
    }

    /// Adds what a predicate asks of the raw bytes.
    fn add(
        &mut self,
        kind: EventKind,
        platform: Platform,
        predicate: &Predicate,
        format: Format,
    ) {
        let kinds = EventKinds::NONE.with(kind);
        let whole = Meaning::Kinds { kinds, starts: false, ends: false };
        if let Some(marks) = record::marks(kind, platform, format) {
            for mark in marks {
                let meaning = match mark.unless {
                    Some(unless) => Meaning::Unless { kinds, unless },
                    None => whole,
                };
                self.push(mark.text.as_bytes(), mark.cased, meaning);
            }
            return;
        }
        let Some(needles) = required(predicate, format) else {
            self.base = self.base.with(kind);
            return;
        };
        for Fragment { bytes, starts, ends, label } in needles {
            self.push(&bytes, false, Meaning::Kinds { kinds, starts, ends });
            if let Some(label) = label {
                self.push(label.as_bytes(), true, Meaning::Label(kinds));
            }
        }
    }

    fn push(&mut self, bytes: &[u8], cased: bool, meaning: Meaning) {
        let mut bytes = bytes.to_vec();
        if !cased {
            bytes.make_ascii_lowercase();
        }
        for needle in &mut self.needles {
            if needle.bytes != bytes || needle.cased != cased {
                continue;
            }
            // The same place for two reasons: the looser one counts.
            match (&mut needle.meaning, meaning) {
                (
                    Meaning::Kinds { kinds, starts, ends },
                    Meaning::Kinds { kinds: more, starts: start, ends: end },
                ) => {
                    *kinds = kinds.union(more);
                    *starts &= start;
                    *ends &= end;
                }
                (
                    Meaning::Unless { kinds, unless },
                    Meaning::Unless { kinds: more, unless: other },
                ) if *unless == other => *kinds = kinds.union(more),
                (
                    Meaning::Unless { kinds, .. }
                    | Meaning::Kinds { kinds, .. },
                    Meaning::Unless { kinds: more, .. }
                    | Meaning::Kinds { kinds: more, .. },
                ) => {
                    let kinds = kinds.union(more);
                    let (starts, ends) = (false, false);
                    needle.meaning = Meaning::Kinds { kinds, starts, ends };
                }
                (Meaning::Label(kinds), Meaning::Label(more)) => {
                    *kinds = kinds.union(more);
                }
                _ => {}
            }
            return;
        }
        self.needles.push(Needle { bytes, cased, meaning });
    }

    /// The kinds of event of which a record may hold one that matches.
    pub(super) fn kinds(&self, record: &[u8]) -> EventKinds {
        let mut all = self.base;
        let mut has_head = false;
        let found = self.literals.find_all(record, |index, at| {
            let Some(needle) = self.needles.get(index) else {
                return ControlFlow::Continue(());
            };
            let end = at.saturating_add(needle.bytes.len());
            let before = record.get(..at).unwrap_or_default();
            let after = record.get(end..).unwrap_or_default();
            let may_matter = match needle.meaning {
                Meaning::Kinds { kinds, starts, ends } => {
                    let here = (!starts || may_start(before))
                        && (!ends || may_end(after));
                    if here {
                        all = all.union(kinds);
                    }
                    false
                }
                Meaning::Unless { kinds, unless } => {
                    if !has_member(record, unless) {
                        all = all.union(kinds);
                    }
                    false
                }
                Meaning::JsonEscape => escape_hides(after),
                Meaning::Element => {
                    after.first() != Some(&b'"') && may_hide(record)
                }
                Meaning::Bytes => {
                    let value = after.trim_ascii_start().strip_prefix(b":");
                    let value = value.unwrap_or_default().trim_ascii_start();
                    value.starts_with(b"[")
                }
                Meaning::Pieces => true,
                Meaning::Label(kinds) => {
                    let quoted = after.strip_prefix(b"\"");
                    let end = quoted.and_then(|it| memchr::memchr(b'"', it));
                    if end.is_none() {
                        all = all.union(kinds);
                    }
                    false
                }
                // A second one.
                Meaning::Head => core::mem::replace(&mut has_head, true),
            };
            if may_matter {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if found.is_break() { EventKinds::ALL } else { all }
    }

    pub(super) fn memory_usage(&self) -> usize {
        let needles = self.needles.as_slice();
        let bytes = needles.iter().map(|it| it.bytes.capacity());
        let lists = [size_of_val(needles), self.literals.memory_usage()];
        bytes.chain(lists).sum()
    }
}
