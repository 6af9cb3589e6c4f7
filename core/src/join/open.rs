/*!
Events that have begun and not ended: found by a key, ended in any order, and
told in the order in which they began.

A central log of many hosts has hundreds of them, and one that was cut may
have a thousand that never end. So none is searched for among all, and none is
moved when another ends.
*/

use crate::memory::held;
use crate::time::Timestamp;

/// An event that has begun and not ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    /// Hash of its id and its host.
    pub(super) key: u64,
    pub(super) host: u64,
    pub(super) time: Option<Timestamp>,
    pub(super) group: usize,
}

/// A place for an event, and its neighbours.
#[derive(Debug)]
struct Slot {
    /// None while the place is free.
    open: Option<Open>,
    /// The events that began just before it and just after; of a free place,
    /// the next that is free.
    before: Option<usize>,
    after: Option<usize>,
    /// The next of those whose keys fall together.
    next: Option<usize>,
}

/// The events that are open. Their places stay as long as they are.
#[derive(Debug, Default)]
pub(super) struct OpenEvents {
    slots: Vec<Slot>,
    free: Option<usize>,
    first: Option<usize>,
    last: Option<usize>,
    count: usize,
    /// By keys, the first of those that fall together: a power of two, twice
    /// as many as there are places.
    heads: Vec<Option<usize>>,
}

impl OpenEvents {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes of memory held.
    pub(super) fn memory_usage(&self) -> usize {
        held(&self.slots).saturating_add(held(&self.heads))
    }

    pub(super) fn get(&self, at: usize) -> Option<&Open> {
        self.slots.get(at)?.open.as_ref()
    }

    /// The place of the event that began first.
    pub(super) fn first(&self) -> Option<usize> {
        self.first
    }

    /// The place of the event that began after another.
    pub(super) fn after(&self, at: usize) -> Option<usize> {
        self.slots.get(at)?.after
    }

    /// The places, in the order in which the events began.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        core::iter::successors(self.first, |at| self.after(*at))
    }

    /// The place of an event with a key.
    pub(super) fn find(&self, key: u64) -> Option<usize> {
        let head = self.heads.get(self.head(key)).copied().flatten();
        let next = |at: &usize| self.slots.get(*at)?.next;
        let mut same = core::iter::successors(head, next);
        same.find(|at| self.get(*at).is_some_and(|open| open.key == key))
    }

    /// Takes an event; returns its place.
    pub(super) fn push(&mut self, open: Open) -> usize {
        let at = match self.free {
            Some(at) => {
                self.free = self.after(at);
                at
            }
            None => {
                let free = None::<usize>;
                let (before, after, next) = (free, free, free);
                let open = None;
                self.slots.push(Slot { open, before, after, next });
                self.make_heads();
                self.slots.len().saturating_sub(1)
            }
        };
        let before = self.last;
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Slot { open: Some(open), before, after: None, next: None };
        }
        match before.and_then(|before| self.slots.get_mut(before)) {
            Some(slot) => slot.after = Some(at),
            None => self.first = Some(at),
        }
        self.last = Some(at);
        self.count = self.count.saturating_add(1);
        self.enter(at, open.key);
        at
    }

    /// Takes an event out, if there is one.
    pub(super) fn remove(&mut self, at: usize) -> Option<Open> {
        let slot = self.slots.get_mut(at)?;
        let open = slot.open.take()?;
        let (before, after, next) = (slot.before, slot.after, slot.next);
        slot.after = self.free.replace(at);
        match before.and_then(|before| self.slots.get_mut(before)) {
            Some(slot) => slot.after = after,
            None => self.first = after,
        }
        match after.and_then(|after| self.slots.get_mut(after)) {
            Some(slot) => slot.before = before,
            None => self.last = before,
        }
        self.count = self.count.saturating_sub(1);
        self.leave(at, open.key, next);
        Some(open)
    }

    fn head(&self, key: u64) -> usize {
        let mask = self.heads.len().saturating_sub(1) as u64;
        usize::try_from(key & mask).unwrap_or_default()
    }

    /// Makes an event known by its key.
    fn enter(&mut self, at: usize, key: u64) {
        let head = self.head(key);
        let Some(head) = self.heads.get_mut(head) else { return };
        let next = head.replace(at);
        if let Some(slot) = self.slots.get_mut(at) {
            slot.next = next;
        }
    }

    /// Forgets the key of an event, which another follows.
    fn leave(&mut self, at: usize, key: u64, next: Option<usize>) {
        let head = self.head(key);
        let Some(head) = self.heads.get_mut(head) else { return };
        if *head == Some(at) {
            *head = next;
            return;
        }
        let mut before = *head;
        while let Some(slot) =
            before.and_then(|before| self.slots.get_mut(before))
        {
            if slot.next == Some(at) {
                slot.next = next;
                return;
            }
            before = slot.next;
        }
        debug_assert!(false, "an open event that no key leads to");
    }

    /// Makes as many heads as there have to be.
    fn make_heads(&mut self) {
        let needed = self.slots.len().saturating_mul(2).next_power_of_two();
        if needed <= self.heads.len() {
            return;
        }
        self.heads.clear();
        self.heads.resize(needed.max(16), None);
        for at in 0..self.slots.len() {
            if let Some(key) = self.get(at).map(|open| open.key) {
                self.enter(at, key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against a list that is searched from end to end.
    #[test]
    fn events_are_found_and_told_in_order() {
        let mut open = OpenEvents::default();
        let mut list: Vec<(u64, usize)> = Vec::new();
        let mut number = 1_u32;
        let mut random = |end: usize| {
            number = number.wrapping_mul(1_664_525).wrapping_add(12_345);
            (number >> 8) as usize % end
        };
        for step in 0..20_000 {
            // Some keys fall together, and some are the same.
            let key = (random(500) as u64) << (random(3) * 20);
            let most = if step % 5_000 < 2_500 { 600 } else { 3 };
            if random(8) > 0 && list.len() < most {
                let event = Open { key, host: 0, time: None, group: step };
                list.push((key, open.push(event)));
            } else if !list.is_empty() {
                let (key, at) = list.remove(random(list.len()));
                assert_eq!(open.remove(at).unwrap().key, key);
                assert!(open.remove(at).is_none() && open.get(at).is_none());
            }
            let found = open.find(key);
            let expected = list.iter().any(|(one, _)| *one == key);
            assert_eq!(found.is_some(), expected);
            assert!(found.is_none_or(|at| list.contains(&(key, at))));
            if step % 50 == 0 {
                let places: Vec<usize> =
                    list.iter().map(|(_, at)| *at).collect();
                assert_eq!(open.places().collect::<Vec<_>>(), places);
                assert_eq!(open.len(), list.len());
                assert_eq!(open.is_empty(), list.is_empty());
            }
        }
        assert!(open.slots.len() <= 600);
    }
}
