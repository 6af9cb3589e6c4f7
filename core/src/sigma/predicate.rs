/*!
Predicates of predicates, in the plainest form.
*/

use crate::rule::{List, Operation, Predicate, single};

/// Holds of no event.
const NEVER: Predicate = Predicate::Any(List::Static(&[]));

fn owned(items: List<Predicate>) -> Vec<Predicate> {
    match items {
        List::Static(items) => items.to_vec(),
        List::Owned(items) => items,
    }
}

/// All of these hold.
pub(super) fn all(
    predicates: impl IntoIterator<Item = Predicate>,
) -> Predicate {
    let mut flat = Vec::new();
    for predicate in predicates {
        match predicate {
            Predicate::All(items) => flat.extend(owned(items)),
            Predicate::Any(items) if items.is_empty() => return NEVER,
            other => flat.push(other),
        }
    }
    single(flat, Predicate::All)
}

/// Any of these holds.
pub(super) fn any(
    predicates: impl IntoIterator<Item = Predicate>,
) -> Predicate {
    let mut flat = Vec::new();
    for predicate in predicates {
        match predicate {
            Predicate::Any(items) => flat.extend(owned(items)),
            Predicate::All(items) if items.is_empty() => {
                return Predicate::ALWAYS;
            }
            other => flat.push(other),
        }
    }
    single(flat, Predicate::Any)
}

/// What a predicate over members comes to for events that have none.
pub(super) fn without_members(predicate: &Predicate) -> Predicate {
    let each = |parts: &[Predicate]| -> Vec<Predicate> {
        parts.iter().map(without_members).collect()
    };
    match predicate {
        Predicate::All(parts) => all(each(parts)),
        Predicate::Any(parts) => any(each(parts)),
        Predicate::None(parts) => not(any(each(parts))),
        Predicate::Test(test) => match test.operation {
            Operation::Null => Predicate::ALWAYS,
            _ => NEVER,
        },
    }
}

/// This does not hold.
pub(super) fn not(predicate: Predicate) -> Predicate {
    match predicate {
        Predicate::All(items) if items.is_empty() => NEVER,
        Predicate::Any(items) if items.is_empty() => Predicate::ALWAYS,
        Predicate::Any(items) => Predicate::None(items),
        Predicate::None(items) => any(owned(items)),
        other => Predicate::None(vec![other].into()),
    }
}
