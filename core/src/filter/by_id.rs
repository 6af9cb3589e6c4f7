/*!
The search over records by the id of their event.

Each selection is of events of some ids, as its kind, its category or what it
asks of `EventID` says, or of any. One search over a record finds what gives
an id and what the selections of any id require; then only what those of the
record's own ids require is looked for, and of most ids that is nothing.

That holds of records without a mark that tells some shape but Windows' logs
and auditd's, of which nobody tells the reader what log they are from. What
others require is no part of it then, so these searches are short.

Of a rule about generic events, the service is something to look for, too: only
records with one of its channels are of it.
*/

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::fragment::Known;
use super::gate::{Asked, Gate, Needs};
use super::ids::Seen;
use super::parts::Parts;
use crate::event::{EventKind, EventKinds, Field};
use crate::record::{self, Format, JOINED_KINDS};
use crate::rule::{Operation, Predicate, Test};
use crate::vocabulary::sources;

/// With fewer selections, one search for all of their literals is faster than
/// to look for the id first: the published detections have 46, all built-in
/// ones 96. Of these, records are passed over 1.2 to 2.2 times as fast by id.
const MANY: usize = 64;

/// Searches by the id of the event.
#[derive(Debug)]
pub(super) struct ById {
    /// For ids, and for selections of any id.
    any: Gate,
    /// For selections of some ids.
    gates: Vec<Gate>,
    /// Ids, and the place of the search for their records; in order.
    ids: Vec<(u32, u32)>,
    /// For selections of some ids, in records that give none.
    without: Gate,
    /// For scripts that are joined of several parts.
    parts: Option<Parts>,
}

impl ById {
    /// Makes the searches, if there are enough selections, or some that could
    /// only be searched for in this way.
    pub(super) fn new(
        asked: &[Asked<'_>],
        whole: &Gate,
        format: Format,
        joined: EventKinds,
    ) -> Option<ById> {
        if asked.len() < MANY && !whole.is_open_to(EventKind::Generic) {
            return None;
        }
        let mut of_any = Vec::new();
        let mut of_ids = BTreeMap::<u32, Vec<usize>>::new();
        let mut without = Vec::new();
        let told = record::kinds_told_by_marks();
        for (place, one) in asked.iter().enumerate() {
            // A record without marks holds none.
            if told.contains(one.kind) || !may_be(one) {
                continue;
            }
            match ids(one) {
                None => of_any.push(place),
                Some(ids) => {
                    without.push(place);
                    for id in ids {
                        of_ids.entry(id).or_default().push(place);
                    }
                }
            }
        }
        let needs = Needs::new(asked, format, Known::NoMark);
        let gate = |places: &[usize]| {
            Gate::new(&needs, places.iter().copied(), EventKinds::NONE)
        };
        let mut gates = Vec::new();
        let mut known = HashMap::new();
        let mut ids = Vec::new();
        for (id, places) in of_ids {
            let place = *known.entry(places).or_insert_with_key(|places| {
                gates.push(gate(places));
                gates.len().saturating_sub(1)
            });
            ids.push((id, u32::try_from(place).unwrap_or(u32::MAX)));
        }
        // Of scripts, the ids tell.
        let audit = joined.intersection(JOINED_KINDS);
        let any = Gate::with_ids(&needs, of_any, audit);
        let without = gate(&without);
        let parts = Parts::new(joined, format);
        Some(ById { any, gates, ids, without, parts })
    }

    /// Whether a record may hold an event that matches; `None` if its ids do
    /// not tell.
    pub(super) fn may_match(&self, record: &[u8]) -> Option<bool> {
        let may_be = |kinds| kinds != EventKinds::NONE;
        let mut ids = Seen::default();
        let of_any = self.any.may_match_seeing(record, may_be, &mut ids);
        if ids.is_unsure() {
            return None;
        }
        let may_match = |gate: &Gate| gate.may_match(record, may_be);
        let of_ids = || match ids.is_empty() {
            true => may_match(&self.without),
            false => {
                ids.iter().any(|id| self.of_id(*id).is_some_and(may_match))
            }
        };
        let is_part = || {
            let parts = self.parts.as_ref();
            let parts = parts.filter(|parts| parts.have_id_of(&ids));
            parts.is_some_and(|parts| parts.may_be(record))
        };
        Some(of_any || of_ids() || is_part())
    }

    /// The search for records with an id, if any selection is of it.
    fn of_id(&self, id: u32) -> Option<&Gate> {
        let place = self.ids.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        let (_, gate) = self.ids.get(place)?;
        self.gates.get(*gate as usize)
    }

    pub(super) fn all_gates(&self) -> impl Iterator<Item = &Gate> {
        self.gates.iter().chain([&self.any, &self.without])
    }

    pub(super) fn memory_usage(&self) -> usize {
        let gates = self.all_gates().map(Gate::memory_usage);
        gates.chain([size_of_val(self.ids.as_slice())]).sum()
    }
}

/// The ids that events which a selection holds of may have; `None` for any.
fn ids(asked: &Asked<'_>) -> Option<BTreeSet<u32>> {
    match asked.kind {
        EventKind::Generic => ids_asked(&asked.predicate),
        kind => record::ids_of(kind),
    }
}

/// Whether a record that nobody tells the log source of may be what a
/// selection is about.
fn may_be(asked: &Asked<'_>) -> bool {
    asked.kind != EventKind::Generic || may_be_of(&asked.predicate)
}

/// The same of what a predicate asks of the log source: Windows' logs are known
/// by their channels and ids, auditd's and lines of programs that are read by
/// themselves, and all others are told.
fn may_be_of(predicate: &Predicate) -> bool {
    match predicate {
        Predicate::All(parts) => parts.iter().all(may_be_of),
        Predicate::Test(test) if test.operation == Operation::Equals => {
            match test.field {
                Field::LogProduct => ["windows", "linux"]
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(&test.pattern)),
                Field::LogCategory => {
                    sources::ids_of_category(&test.pattern).is_some()
                }
                Field::LogService => {
                    test.pattern.eq_ignore_ascii_case("auditd")
                        || record::are_of_service(&test.pattern)
                        || sources::channels_of(&test.pattern).next().is_some()
                }
                _ => true,
            }
        }
        _ => true,
    }
}

/// The ids of generic events that a predicate holds of; `None` for any.
fn ids_asked(predicate: &Predicate) -> Option<BTreeSet<u32>> {
    match predicate {
        Predicate::Test(test) => ids_of_test(test),
        Predicate::All(parts) => {
            let ids = parts.iter().filter_map(ids_asked);
            ids.min_by_key(BTreeSet::len)
        }
        Predicate::Any(parts) => {
            let ids = parts.iter().map(ids_asked);
            let ids: Option<Vec<_>> = ids.collect();
            Some(ids?.into_iter().flatten().collect())
        }
        Predicate::None(_) => None,
    }
}

fn ids_of_test(test: &Test) -> Option<BTreeSet<u32>> {
    if test.operation != Operation::Equals {
        return None;
    }
    let id = |text: &str| {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        (is_plain && !text.is_empty())
            .then(|| record::id_number(text.as_bytes()))
    };
    match test.field {
        Field::EventId => Some([id(&test.pattern)?].into()),
        Field::LogCategory => sources::ids_of_category(&test.pattern)?
            .iter()
            .map(|text| id(text))
            .collect(),
        _ => None,
    }
}
