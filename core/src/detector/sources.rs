/*!
Generic events, by the log source that rules about them ask for.

A set of public rules is about some hundred log sources. One plan for all of
them would search an event for what rules about other logs ask; so each log
source has its own plan, and an event is asked the few that its source is part
of: of a product, a category and a service a rule may name any.
*/

use super::plan::number;
use super::table::NameTable;
use crate::event::{Event, Field};
use crate::memory::held;
use crate::rule::{Operation, Predicate};

/// What a rule says of the log source: product, category and service.
pub(super) type Named = [Option<Box<[u8]>>; 3];

const FIELDS: [Field; 3] =
    [Field::LogProduct, Field::LogCategory, Field::LogService];

/// Takes what a predicate asks of the log source out of it, in lower case.
/// What it asks elsewhere than of all events stays in it.
pub(super) fn named(predicate: Predicate) -> (Named, Predicate) {
    let mut named = Named::default();
    let predicate = take(predicate, &mut named);
    (named, predicate)
}

fn take(predicate: Predicate, named: &mut Named) -> Predicate {
    match predicate {
        Predicate::All(parts) => {
            let parts = parts.iter().cloned();
            let parts: Vec<Predicate> =
                parts.map(|part| take(part, named)).collect();
            let is_left = |part: &Predicate| part.decided() != Some(true);
            let parts = parts.into_iter().filter(is_left);
            Predicate::All(parts.collect())
        }
        Predicate::Test(test)
            if test.operation == Operation::Equals && !test.cased =>
        {
            let place = FIELDS.iter().position(|field| *field == test.field);
            match place.and_then(|place| named.get_mut(place)) {
                Some(name @ None) => {
                    let lower = test.pattern.as_bytes().to_ascii_lowercase();
                    *name = Some(lower.into());
                    Predicate::ALWAYS
                }
                _ => Predicate::Test(test),
            }
        }
        other => other,
    }
}

/// Which plans are for which log sources.
#[derive(Debug)]
pub(super) struct Sources {
    /// The numbers, from 1, of the products, categories and services that
    /// are named.
    numbers: [NameTable<u32>; 3],
    /// Numbers that a rule asks for, 0 where it asks for none, and the place
    /// of the plan; in order.
    plans: Vec<([u32; 3], u32)>,
}

impl Sources {
    /// For the log sources of plans.
    pub(super) fn new(sources: &[(Named, u32)]) -> Sources {
        let mut numbers: [Vec<(Box<[u8]>, u32)>; 3] = Default::default();
        let mut plans = Vec::new();
        for (named, plan) in sources {
            let mut key = [0; 3];
            for ((name, known), slot) in
                named.iter().zip(&mut numbers).zip(&mut key)
            {
                let Some(name) = name else { continue };
                let place = known.iter().position(|(one, _)| one == name);
                let place = place.unwrap_or_else(|| {
                    let next = number(known.len().saturating_add(1));
                    known.push((name.clone(), next));
                    known.len().saturating_sub(1)
                });
                *slot = number(place.saturating_add(1));
            }
            plans.push((key, *plan));
        }
        plans.sort_unstable();
        let numbers = numbers.map(|names| NameTable::new(&names));
        Sources { numbers, plans }
    }

    /// The plans that an event's log source is asked, at most eight.
    pub(super) fn of(&self, event: &Event<'_>) -> impl Iterator<Item = u32> {
        let mut own = [0; 3];
        for ((number, table), field) in
            own.iter_mut().zip(&self.numbers).zip(FIELDS)
        {
            let name = event.get(field);
            let found = name.and_then(|name| table.get(name).next());
            *number = found.unwrap_or(0);
        }
        // Each of the three is asked for, or is not.
        (0..8_u32).filter_map(move |asked| {
            let mut key = own;
            for (bit, number) in (0_u32..).zip(&mut key) {
                let is_asked = asked >> bit & 1 == 1;
                match (is_asked, *number) {
                    (true, 0) => return None,
                    (true, _) => {}
                    (false, _) => *number = 0,
                }
            }
            let place = self.plans.binary_search_by(|(one, _)| one.cmp(&key));
            self.plans.get(place.ok()?).map(|(_, plan)| *plan)
        })
    }

    pub(super) fn memory_usage(&self) -> usize {
        let names = self.numbers.iter().map(NameTable::memory_usage);
        names.chain([held(&self.plans)]).sum()
    }
}
