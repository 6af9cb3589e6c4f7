/*!
The search over records of one format.
*/

use core::mem::{Discriminant, discriminant};
use core::ops::ControlFlow;
use std::borrow::Cow;
use std::collections::HashMap;

use memchr::memmem;
use t1053_literals::{Literal, Literals};

use super::escapes::{escape_hides, may_end, may_hide, may_start};
use super::fragment::{Fragment, Known, required};
use super::ids::{ID_NAMES, Id, Seen, id_after};
use super::parts::Parts;
use crate::derive::{Canonical, job};
use crate::event::{EventKind, EventKinds, Platform};
use crate::record::{self, Format, JOINED_KINDS, Marks, Next, Sign};
use crate::rule::{Predicate, Rule};
use crate::search::{self, TakeSearch};

/// The filter of one format.
#[derive(Debug)]
pub(super) struct Gate {
    format: Format,
    /// What is looked for in every record.
    first: Search,
    /// What is looked for where a mark of a platform was found: literals
    /// short enough to slow down a search over records of others.
    second: Search,
    /// What is looked for where a mark was found that counts only in records
    /// of Linux, to tell whether the record is one.
    platform: Literals,
    /// For scripts that are joined of several parts.
    parts: Option<Parts>,
    /// Kinds for which no literal could be derived: any record may matter.
    base: EventKinds,
    /// Kinds for which a record may matter that has a letter beyond ASCII, or
    /// an escape that may be one.
    foreign: EventKinds,
    /// What such escapes begin with.
    escape: memmem::Finder<'static>,
}

/// A search for needles.
#[derive(Debug)]
struct Search {
    literals: Literals,
    needles: Vec<Needle>,
    /// Places of needles, while they are gathered.
    known: HashMap<(Vec<u8>, bool, Discriminant<Meaning>), usize>,
}

/// What was found.
enum Found<'r> {
    Kinds(FoundKinds),
    /// A name that may give an id.
    Id {
        before: &'r [u8],
        after: &'r [u8],
    },
    Telling,
    PartId,
}

/// The kinds that something was found of.
#[derive(Clone, Copy)]
struct FoundKinds {
    /// Of which an event may match.
    kinds: EventKinds,
    /// Of which an event may be there.
    marked: EventKinds,
    /// Of which an event may be there if it is one of Linux.
    of_platform: EventKinds,
}

const NOTHING: FoundKinds = FoundKinds {
    kinds: EventKinds::NONE,
    marked: EventKinds::NONE,
    of_platform: EventKinds::NONE,
};

/// As many bytes of a literal are rare enough to be looked for in any record,
/// of whatever shape and platform.
const RARE: usize = 8;

fn are_rare(literals: &[Fragment]) -> bool {
    literals.iter().all(|literal| literal.bytes.len() >= RARE)
}

/// What finding a literal means.
#[derive(Clone, Debug, PartialEq)]
struct Needle {
    bytes: Vec<u8>,
    cased: bool,
    /// It means something only where one of these may follow; where there are
    /// none, whatever does.
    next: Vec<Next>,
    meaning: Meaning,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    /// Events of these kinds may match.
    Kinds {
        kinds: EventKinds,
        /// Events of these kinds may be there; whether they may match, the
        /// second search tells.
        marked: EventKinds,
        /// Only where a value or a component of a path may begin.
        starts: bool,
        /// Only where a value may end.
        ends: bool,
    },
    /// Events of these kinds may be there, if they are of Linux.
    OfPlatform(EventKinds),
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
    /// The name of what may give an event's id.
    Id,
    /// What tells an event that has none.
    Telling,
    /// The id of an event that may be a part of a script.
    PartId,
}

/// What records of a format must hold for what rules ask of their events:
/// worked out once for all searches.
pub(super) struct Needs<'a> {
    asked: &'a [Asked<'a>],
    format: Format,
    known: Known,
    /// Of each that is asked, literals of which one is there.
    literals: Vec<Option<Vec<Fragment>>>,
    /// The marks of kinds of event, each with its platform. Many rules have
    /// one in common.
    marks: HashMap<(EventKind, Platform), Option<Marks>>,
}

impl<'a> Needs<'a> {
    pub(super) fn new(
        asked: &'a [Asked<'a>],
        format: Format,
        known: Known,
    ) -> Needs<'a> {
        let mut literals = Vec::with_capacity(asked.len());
        let mut marks = HashMap::new();
        let without_telling = known == Known::NoMark;
        for Asked { kind, platform, predicate } in asked {
            literals.push(required(predicate, format, known));
            marks.entry((*kind, *platform)).or_insert_with(|| {
                record::marks(*kind, *platform, format, without_telling)
            });
        }
        Needs { asked, format, known, literals, marks }
    }

    /// What is needed for the one at a place.
    fn of(&self, place: usize) -> Option<Need<'_>> {
        let Asked { kind, platform, .. } = self.asked.get(place)?;
        Some(Need {
            kind: *kind,
            platform: *platform,
            marks: self.marks.get(&(*kind, *platform))?.as_ref(),
            literals: self.literals.get(place)?.as_deref(),
        })
    }
}

/// What records must hold for something that is asked.
struct Need<'n> {
    kind: EventKind,
    platform: Platform,
    marks: Option<&'n Marks>,
    literals: Option<&'n [Fragment]>,
}

/// Of which events a rule asks what.
#[derive(Debug)]
pub(super) struct Asked<'r> {
    pub(super) kind: EventKind,
    platform: Platform,
    pub(super) predicate: Cow<'r, Predicate>,
}

/// What rules ask, of each kind of event; of rules about jobs, what events
/// that speak of jobs hold, whatever is asked of the jobs.
pub(super) fn asked(rules: &[Rule], canonical: Canonical) -> Vec<Asked<'_>> {
    let mut asked = Vec::new();
    let mut asks_for_jobs = false;
    for rule in rules {
        let platform = rule.detection.platform;
        for selection in rule.logic.selections() {
            for &kind in selection.kinds.iter() {
                if kind == EventKind::ScheduledJob {
                    asks_for_jobs = true;
                    continue;
                }
                // Of what other kinds are asked, it requires nothing.
                let predicate = match &*selection.kinds {
                    [_] => Cow::Borrowed(&selection.predicate),
                    _ => Cow::Owned(selection.predicate.of_kind(kind)),
                };
                asked.push(Asked { kind, platform, predicate });
            }
        }
    }
    for &kind in EventKind::ALL {
        for &platform in kind.platforms() {
            let guard = || job::guard(platform, kind, canonical);
            if asks_for_jobs && let Some(guard) = guard() {
                let predicate = Cow::Owned(guard);
                asked.push(Asked { kind, platform, predicate });
            }
        }
    }
    asked
}

impl Gate {
    /// Of what is asked, for that at some places. For the kinds of event that
    /// records are joined to, it lets through what may be a part of one,
    /// whatever is in it.
    pub(super) fn new(
        needs: &Needs<'_>,
        places: impl IntoIterator<Item = usize>,
        joined: EventKinds,
    ) -> Gate {
        Gate::unprepared(needs, places, joined).prepared()
    }

    /// The same, which tells also what gives the id of the event, and what is
    /// a mark of records that are held to have none.
    pub(super) fn with_ids(
        needs: &Needs<'_>,
        places: impl IntoIterator<Item = usize>,
        joined: EventKinds,
    ) -> Gate {
        let format = needs.format;
        let mut gate = Gate::unprepared(needs, places, joined);
        for name in ID_NAMES {
            gate.first.push(name.as_bytes(), false, Meaning::Id);
        }
        // XML holds Windows' logs alone.
        if format != Format::Xml {
            for sign in record::telling_signs() {
                gate.first.push_sign(&sign, Meaning::Telling);
            }
        }
        gate.prepared()
    }

    fn unprepared(
        needs: &Needs<'_>,
        places: impl IntoIterator<Item = usize>,
        joined: EventKinds,
    ) -> Gate {
        let Needs { format, known, .. } = *needs;
        let mut gate = Gate {
            format,
            first: Search::new(),
            second: Search::new(),
            platform: Literals::new([]),
            parts: None,
            base: EventKinds::NONE,
            foreign: EventKinds::NONE,
            escape: memmem::Finder::new(match format {
                Format::Json => "\\u",
                _ => "&#",
            }),
        };
        let needed = places.into_iter().filter_map(|place| needs.of(place));
        let needed: Vec<Need<'_>> = needed.collect();
        // For these, marks are looked for in any case.
        let mut common = Vec::new();
        for Need { kind, platform, literals, .. } in &needed {
            let is_rare = literals.is_some_and(are_rare);
            if !is_rare && !common.contains(&(*kind, *platform)) {
                common.push((*kind, *platform));
            }
        }
        for need in needed {
            let is_rare = !common.contains(&(need.kind, need.platform));
            gate.add(need, is_rare);
        }
        if joined.intersects(JOINED_KINDS) && format == Format::Json {
            gate.add_audit_marks(known);
        }
        gate.parts = Parts::new(joined, format);
        let first = &mut gate.first;
        match format {
            Format::Json => {
                first.push(b"\\u00", true, Meaning::JsonEscape);
                first.push(b"EventData", false, Meaning::Element);
                first.push(b"MESSAGE\"", true, Meaning::Bytes);
            }
            Format::Xml => {
                first.push(b"<![CDATA[", true, Meaning::Pieces);
                first.push(b"<!--", true, Meaning::Pieces);
            }
            _ => first.push(b"audit(", true, Meaning::Head),
        }
        for id in gate.parts.iter().flat_map(Parts::ids) {
            first.push(id.to_string().as_bytes(), true, Meaning::PartId);
        }
        gate
    }

    fn prepared(mut self) -> Gate {
        self.first.prepare();
        self.second.prepare();
        let is_of_platform =
            |needle: &Needle| matches!(needle.meaning, Meaning::OfPlatform(_));
        if self.first.needles.iter().any(is_of_platform) {
            let marks = record::platform_marks();
            self.platform = search::prepared(marks.iter().map(Literal::new));
        }
        self
    }

    /// Hands over the literals of each search.
    pub(super) fn each_search(&self, take: TakeSearch<'_>) {
        for search in [&self.first, &self.second] {
            take(&search.texts().collect::<Vec<_>>());
        }
        let marks = record::platform_marks();
        take(&marks.iter().map(Literal::new).collect::<Vec<_>>());
    }

    /// Adds what all audit records hold that are written as JSON.
    fn add_audit_marks(&mut self, known: Known) {
        // One kind that has no ids, lest ids are looked at.
        let audit = EventKind::AuditSyscall;
        let kinds = EventKinds::NONE.with(audit);
        let without_telling = known == Known::NoMark;
        let (linux, json) = (Platform::Linux, Format::Json);
        let marks = record::marks(audit, linux, json, without_telling);
        debug_assert!(marks.is_some(), "audit records without marks");
        let marks = marks.unwrap_or_default();
        debug_assert!(marks.of_platform.is_empty());
        for sign in marks.signs {
            let (marked, starts, ends) = (EventKinds::NONE, false, false);
            let meaning = Meaning::Kinds { kinds, marked, starts, ends };
            self.first.push_sign(&sign, meaning);
        }
    }

    /// Adds literals of which a predicate requires one in the raw bytes, or
    /// none. All that is asked of such events may be rare.
    fn add(&mut self, need: Need<'_>, is_rare: bool) {
        let Need { kind, platform, marks, literals } = need;
        let kinds = EventKinds::NONE.with(kind);
        let is_plain = marks.is_none() || record::is_plain(kind, platform);
        let literals = literals.filter(|_| is_plain);
        // More records have a mark than what is rare. An auditd line has none:
        // its type tells what it may be.
        let needs_marks = |marks: &&Marks| {
            !is_rare
                || literals.is_none()
                || !marks.encoded.is_empty()
                || self.format == Format::Auditd
        };
        let marks = marks.filter(needs_marks);
        let has_marks = marks.is_some();
        if let Some(Marks { signs, of_platform, encoded }) = marks {
            let (sure, marked) = match literals {
                Some(_) => (EventKinds::NONE, kinds),
                None => (kinds, EventKinds::NONE),
            };
            let (starts, ends) = (false, false);
            let mark = Meaning::Kinds { kinds: sure, marked, starts, ends };
            for sign in signs {
                self.first.push_sign(sign, mark);
            }
            let marked = EventKinds::NONE;
            let mark = Meaning::Kinds { kinds, marked, starts, ends };
            for sign in encoded {
                self.first.push_sign(sign, mark);
            }
            let mark = match literals {
                Some(_) => Meaning::OfPlatform(kinds),
                None => mark,
            };
            for sign in of_platform {
                self.first.push_sign(sign, mark);
            }
        }
        let search = match has_marks {
            true => &mut self.second,
            false => &mut self.first,
        };
        let Some(literals) = literals else {
            if !has_marks {
                self.base = self.base.with(kind);
            }
            return;
        };
        for &Fragment { ref bytes, starts, ends, label } in literals {
            if bytes.is_empty() {
                self.foreign = self.foreign.with(kind);
                continue;
            }
            let marked = EventKinds::NONE;
            let meaning = Meaning::Kinds { kinds, marked, starts, ends };
            search.push(bytes, false, meaning);
            if let Some(label) = label {
                search.push(label.as_bytes(), true, Meaning::Label(kinds));
            }
        }
    }

    /// Whether any record may hold an event of a kind that matches.
    pub(super) fn is_open_to(&self, kind: EventKind) -> bool {
        self.base.contains(kind)
    }

    /// Whether a record may hold an event that matches. `may_be` tells
    /// whether it may hold one of some kinds, going by what else is known of
    /// it; for no kinds it tells that it may not. The first thing that may
    /// match ends the search.
    pub(super) fn may_match(
        &self,
        record: &[u8],
        may_be: impl FnMut(EventKinds) -> bool,
    ) -> bool {
        self.may_match_seeing(record, may_be, &mut Seen::default())
    }

    /// The same, with the ids that the record gives, if it was made for
    /// them. Where they may be others it says that the record may match.
    pub(super) fn may_match_seeing(
        &self,
        record: &[u8],
        mut may_be: impl FnMut(EventKinds) -> bool,
        seen: &mut Seen,
    ) -> bool {
        let mut marked = EventKinds::NONE;
        let mut of_platform = EventKinds::NONE;
        let mut has_part_id = false;
        if may_be(self.base)
            || self.first.run(record, &mut |found| match found {
                Found::Kinds(found) => {
                    marked = marked.union(found.marked);
                    of_platform = of_platform.union(found.of_platform);
                    may_be(found.kinds)
                }
                Found::Id { before, after } => {
                    seen.take(&id_after(before, after, self.format))
                }
                Found::Telling => seen.take(&Id::Unusual),
                Found::PartId => {
                    has_part_id = true;
                    false
                }
            })
        {
            return true;
        }
        if may_be(self.foreign) && self.may_be_foreign(record) {
            return true;
        }
        if let Some(parts) = self.parts.as_ref().filter(|_| has_part_id)
            && may_be(EventKinds::NONE.with(EventKind::ScriptBlock))
            && parts.may_be(record)
        {
            return true;
        }
        if !of_platform.is_subset(marked)
            && may_be(of_platform)
            && (record::begins_path(record)
                || self.platform.find(record).is_some())
        {
            marked = marked.union(of_platform);
        }
        // Where no kind that is marked may be there, what is asked of them
        // need not be looked for.
        may_be(marked)
            && self.second.run(record, &mut |found| match found {
                Found::Kinds(found) => {
                    may_be(found.kinds.intersection(marked))
                }
                _ => false,
            })
    }

    /// Whether a record may have a letter beyond ASCII.
    fn may_be_foreign(&self, record: &[u8]) -> bool {
        !record.is_ascii() || self.escape.find(record).is_some()
    }

    pub(super) fn memory_usage(&self) -> usize {
        let searches = [&self.first, &self.second];
        let searches = searches.into_iter().map(Search::memory_usage);
        searches.chain([self.platform.memory_usage()]).sum()
    }
}

impl Search {
    fn new() -> Search {
        let (needles, known) = (Vec::new(), HashMap::new());
        Search { literals: Literals::new([]), needles, known }
    }

    /// Makes the search for the needles that there are.
    fn prepare(&mut self) {
        self.known = HashMap::new();
        self.needles.shrink_to_fit();
        self.literals = search::prepared(self.texts());
    }

    fn texts(&self) -> impl Iterator<Item = Literal<'_>> {
        self.needles.iter().map(|needle| Literal {
            bytes: &needle.bytes,
            cased: needle.cased,
        })
    }

    fn push(&mut self, bytes: &[u8], cased: bool, meaning: Meaning) {
        self.push_before(bytes, cased, Next::Anything, meaning);
    }

    fn push_sign(&mut self, sign: &Sign, meaning: Meaning) {
        let Sign { text, cased, next } = *sign;
        self.push_before(text.as_bytes(), cased, next, meaning);
    }

    fn push_before(
        &mut self,
        bytes: &[u8],
        cased: bool,
        next: Next,
        meaning: Meaning,
    ) {
        let mut bytes = bytes.to_vec();
        if !cased {
            bytes.make_ascii_lowercase();
        }
        let kind = discriminant(&meaning);
        let known = self.known.entry((bytes.clone(), cased, kind));
        let place = *known.or_insert(self.needles.len());
        if let Some(needle) = self.needles.get_mut(place) {
            // The same place for two reasons: the looser one counts.
            if next == Next::Anything || needle.next.is_empty() {
                needle.next = Vec::new();
            } else if !needle.next.contains(&next) {
                needle.next.push(next);
            }
            match (&mut needle.meaning, meaning) {
                (
                    Meaning::Kinds { kinds, marked, starts, ends },
                    Meaning::Kinds {
                        kinds: more,
                        marked: more_marked,
                        starts: start,
                        ends: end,
                    },
                ) => {
                    *kinds = kinds.union(more);
                    *marked = marked.union(more_marked);
                    *starts &= start;
                    *ends &= end;
                }
                (Meaning::Label(kinds), Meaning::Label(more))
                | (Meaning::OfPlatform(kinds), Meaning::OfPlatform(more)) => {
                    *kinds = kinds.union(more);
                }
                _ => {}
            }
            return;
        }
        let next = match next {
            Next::Anything => Vec::new(),
            next => vec![next],
        };
        self.needles.push(Needle { bytes, cased, next, meaning });
    }

    /// Tells of what is found in a record until it is told that this may
    /// match, or anything may; returns whether that was so.
    fn run(
        &self,
        record: &[u8],
        may_match: &mut impl FnMut(Found<'_>) -> bool,
    ) -> bool {
        let mut has_head = false;
        let mut hides = None;
        let found = self.literals.find_all(record, |index, at| {
            let Some(needle) = self.needles.get(index) else {
                debug_assert!(false, "a literal that is no needle");
                return ControlFlow::Continue(());
            };
            let end = at.saturating_add(needle.bytes.len());
            let before = record.get(..at).unwrap_or_default();
            let after = record.get(end..).unwrap_or_default();
            let next = needle.next.as_slice();
            if !next.is_empty() && !next.iter().any(|next| next.may_be(after))
            {
                return ControlFlow::Continue(());
            }
            let ends_search = match needle.meaning {
                Meaning::Kinds { kinds, marked, starts, ends } => {
                    (!starts || may_start(before))
                        && (!ends || may_end(after))
                        && may_match(Found::Kinds(FoundKinds {
                            kinds,
                            marked,
                            ..NOTHING
                        }))
                }
                Meaning::OfPlatform(of_platform) => {
                    may_match(Found::Kinds(FoundKinds {
                        of_platform,
                        ..NOTHING
                    }))
                }
                Meaning::JsonEscape => escape_hides(after),
                Meaning::Element => {
                    // Once: it looks at all of the record.
                    after.first() != Some(&b'"')
                        && *hides.get_or_insert_with(|| may_hide(record))
                }
                Meaning::Bytes => {
                    let value = after.trim_ascii_start().strip_prefix(b":");
                    let value = value.unwrap_or_default().trim_ascii_start();
                    value.starts_with(b"[")
                }
                Meaning::Pieces => true,
                Meaning::Label(kinds) => {
                    let quoted = after.strip_prefix(b"\"");
                    let end =
                        quoted.and_then(|value| memchr::memchr(b'"', value));
                    let found = FoundKinds { kinds, ..NOTHING };
                    end.is_none() && may_match(Found::Kinds(found))
                }
                // A second one.
                Meaning::Head => core::mem::replace(&mut has_head, true),
                Meaning::Id => may_match(Found::Id { before, after }),
                Meaning::Telling => may_match(Found::Telling),
                Meaning::PartId => may_match(Found::PartId),
            };
            if ends_search {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        found.is_break()
    }

    fn memory_usage(&self) -> usize {
        let needles = self.needles.as_slice();
        let bytes = needles.iter().map(|Needle { bytes, next, .. }| {
            let next = next.capacity().saturating_mul(size_of::<Next>());
            bytes.capacity().saturating_add(next)
        });
        let lists = [size_of_val(needles), self.literals.memory_usage()];
        bytes.chain(lists).sum()
    }
}
