/*!
What is known by exact bytes.
*/

use crate::memory::held;

/// Entries by their names, ignoring ASCII case: one probe finds all that a
/// name has.
#[derive(Debug)]
pub(crate) struct NameTable<T> {
    /// Open addressing; a power of two, at most half full.
    pub(super) slots: Vec<Option<(Box<[u8]>, T)>>,
    longest: usize,
}

impl<T: Copy> NameTable<T> {
    pub(super) fn new(names: &[(Box<[u8]>, T)]) -> NameTable<T> {
        let size = names.len().saturating_mul(2).next_power_of_two().max(4);
        let mut table = NameTable { slots: vec![None; size], longest: 0 };
        for (name, entry) in names {
            table.longest = table.longest.max(name.len());
            let free = table
                .probe(hash(name))
                .find(|&at| matches!(table.slots.get(at), Some(None)));
            let slot = free.and_then(|at| table.slots.get_mut(at));
            if let Some(slot) = slot {
                *slot = Some((name.clone(), *entry));
            }
        }
        table
    }

    /// Where to look for what has this hash, in order.
    fn probe(&self, hash: usize) -> impl Iterator<Item = usize> + use<T> {
        let mask = self.slots.len().saturating_sub(1);
        let first = hash & mask;
        (first..).map(move |at| at & mask)
    }

    /// The entries of this name.
    pub(super) fn get<'t>(
        &'t self,
        value: &'t [u8],
    ) -> impl Iterator<Item = T> + 't {
        let may_be = value.len() <= self.longest;
        let hash = if may_be { hash(value) } else { 0 };
        let slots = self.probe(hash).map_while(move |at| {
            let slot = self.slots.get(at).filter(|_| may_be);
            slot.and_then(Option::as_ref)
        });
        let entries =
            slots.filter(move |(name, _)| name.eq_ignore_ascii_case(value));
        entries.map(|(_, entry)| *entry)
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
    use crate::derive::Canonical;
    use crate::detector::compile::plans;
    use crate::rule::Expressions;

    /// The most slots that are taken in a row.
    fn longest_run<T>(table: &NameTable<T>) -> usize {
        let twice = table.slots.iter().chain(&table.slots);
        let taken: Vec<bool> = twice.map(Option::is_some).collect();
        let runs = taken.split(|is_taken| !is_taken).map(<[bool]>::len);
        runs.max().unwrap_or(0)
    }

    /// A probe ends after few steps: in a table of many names, of like names,
    /// and of those that are built in.
    #[test]
    fn probes_are_short() {
        let none = Expressions::default();
        let builtin = catalog::builtin();
        for plan in plans(builtin, &none, &[], Canonical::Full).0 {
            for field in &plan.fields {
                for table in [&field.equals, &field.names] {
                    let run = table.as_ref().map_or(0, longest_run);
                    assert!(run <= 20, "{run} for {}", field.field);
                }
            }
        }
        for shape in ["name{}", "{}.exe", "c:\\{}\\x.exe", "{}"] {
            let names = (0..1000_u32).map(|number| {
                let name = shape.replace("{}", &number.to_string());
                (name.into_bytes().into(), number)
            });
            let names: Vec<(Box<[u8]>, u32)> = names.collect();
            let table = NameTable::new(&names);
            let run = longest_run(&table);
            assert!(run <= 40, "{run} for {shape}");
            for (name, number) in &names {
                let found: Vec<u32> = table.get(name).collect();
                assert_eq!(found, [*number]);
            }
            assert_eq!(table.get(b"another").count(), 0);
            let bytes: usize = names.iter().map(|name| name.0.len()).sum();
            assert!(table.memory_usage() > bytes + 2048 * 16);
        }
    }
}
