/*!
Tests by the exact bytes that they want.
*/

use super::plan::{Wanted, held};

/// Tests by the exact bytes they want, ignoring ASCII case: one probe
/// settles all of them.
#[derive(Debug)]
pub(crate) struct NameTable {
    /// Open addressing; a power of two, at most half full.
    pub(super) slots: Vec<Option<(Box<[u8]>, Wanted)>>,
    longest: usize,
}

impl NameTable {
    pub(super) fn new(names: &[(Box<[u8]>, Wanted)]) -> NameTable {
        let size = names.len().saturating_mul(2).next_power_of_two().max(4);
        let mut table = NameTable { slots: vec![None; size], longest: 0 };
        for (name, wanted) in names {
            table.longest = table.longest.max(name.len());
            let free = table
                .probe(hash(name))
                .find(|&at| matches!(table.slots.get(at), Some(None)));
            let slot = free.and_then(|at| table.slots.get_mut(at));
            if let Some(slot) = slot {
                *slot = Some((name.clone(), *wanted));
            }
        }
        table
    }

    /// Where to look for what has this hash, in order.
    fn probe(&self, hash: usize) -> impl Iterator<Item = usize> + use<> {
        let mask = self.slots.len().saturating_sub(1);
        let first = hash & mask;
        (first..).map(move |at| at & mask)
    }

    /// The tests that want this value.
    pub(super) fn get<'t>(
        &'t self,
        value: &'t [u8],
    ) -> impl Iterator<Item = Wanted> + 't {
        let may_be = value.len() <= self.longest;
        let hash = if may_be { hash(value) } else { 0 };
        let slots = self.probe(hash).map_while(move |at| {
            let slot = self.slots.get(at).filter(|_| may_be);
            slot.and_then(Option::as_ref)
        });
        let wanted =
            slots.filter(move |(name, _)| name.eq_ignore_ascii_case(value));
        wanted.map(|(_, wanted)| *wanted)
    }

    pub(super) fn memory_usage(&self) -> usize {
        let names = self.slots.iter().flatten().map(|(name, _)| name.len());
        held(&self.slots).saturating_add(names.sum())
    }
}

/// A hash of the length and up to eight bytes at either end, folded: names
/// that differ, differ there. The mask folds more than letters, which only
/// matters to how evenly the table fills.
fn hash(bytes: &[u8]) -> usize {
    const FOLD: u64 = 0x2020_2020_2020_2020;
    let (head, tail) = match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(head), Some(tail)) => {
            (u64::from_le_bytes(*head), u64::from_le_bytes(*tail))
        }
        _ => {
            let short = bytes
                .iter()
                .fold(0, |word, byte| word << 8 | u64::from(*byte));
            (short, 0)
        }
    };
    let mixed = ((head | FOLD) ^ (tail | FOLD).rotate_left(29))
        .wrapping_add(bytes.len() as u64)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15);
    // The last bits are asked for, and the first ones are the good ones.
    mixed.swap_bytes() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::detector::compile::plans;
    use crate::rule::{Anchor, Expressions};

    /// A probe ends after few steps: in a table of many names, of like names,
    /// and of those that are built in.
    #[test]
    fn probes_are_short() {
        let longest = |table: &NameTable| {
            let twice = table.slots.iter().chain(&table.slots);
            let taken: Vec<bool> = twice.map(Option::is_some).collect();
            let runs = taken.split(|is_taken| !is_taken).map(<[bool]>::len);
            runs.max().unwrap_or(0)
        };
        for plan in plans(catalog::builtin(), &Expressions::default()) {
            for field in &plan.fields {
                for table in [&field.equals, &field.names] {
                    let run = table.as_ref().map_or(0, longest);
                    assert!(run <= 20, "{run} for {}", field.field);
                }
            }
        }
        for shape in ["name{}", "{}.exe", "c:\\{}\\x.exe", "{}"] {
            let names = (0..1000_u32).map(|number| {
                let name = shape.replace("{}", &number.to_string());
                let anchor = Anchor::Anywhere;
                let wanted = Wanted { test: number, anchor };
                (name.into_bytes().into(), wanted)
            });
            let names: Vec<(Box<[u8]>, Wanted)> = names.collect();
            let table = NameTable::new(&names);
            let run = longest(&table);
            assert!(run <= 40, "{run} for {shape}");
            for (name, wanted) in &names {
                let found: Vec<u32> =
                    table.get(name).map(|slot| slot.test).collect();
                assert_eq!(found, [wanted.test]);
            }
            assert_eq!(table.get(b"another").count(), 0);
            let bytes: usize = names.iter().map(|name| name.0.len()).sum();
            assert!(table.memory_usage() > bytes + 2048 * 16);
        }
    }
}
