/*!
What a correlator remembers, in memory that is fixed when it is made and
touched only when it is used.

Keys are slots in one list and the events of a key are nodes in another, each
linked by places. Both lists grow within what was reserved for them, and what
is given back is used again, so pages that no key needed were never touched. A
key is found by linear hashing: there is one bucket for each slot, so that the
table grows with the slots, one bucket at a time.

# What is forgotten first

All rules share the room. When there is none for another key, one goes that was
longest without an event among those of its rule: first one that no event in
order can complete any more; else one of the rule that has the most keys. So a
rule has at least its share, the capacity divided by the number of rules,
however noisy another one is; and as long as a rule does not use its share,
others may.
*/

use crate::detector::Detector;
use crate::memory::held;
use crate::rule::Logic;
use crate::time::ticks;

use super::arrival::Arrived;
use super::counting::{Counting, Tally};
use super::counts::CorrelatorCounts;
use super::key::Key;
use super::line::{Line, Mark, is_open};
use super::measuring::Measuring;
use super::ordered::Ordered;

/// How many events are remembered for each key, taken all together.
const EVENTS_PER_KEY: usize = 4;

/// The place of a slot or a node; none is `u32::MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Link(u32);

impl Link {
    const NONE: Link = Link(u32::MAX);

    fn place(self) -> Option<usize> {
        (self != Link::NONE).then_some(self.0 as usize)
    }
}

/// How the events of a rule belong together.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tracking {
    Ordered(Ordered),
    Counting(Counting),
    Measuring(Measuring),
}

impl Tracking {
    /// How a correlation of so many steps, which is no chain, is tracked.
    fn of(logic: &Logic, steps: usize, depth: usize) -> Option<Tracking> {
        Some(match logic {
            Logic::Single(_) | Logic::Chain(_) => return None,
            Logic::Sequence(sequence) => {
                let window = ticks(sequence.within_seconds);
                Tracking::Ordered(Ordered { steps, window, depth })
            }
            Logic::Count(count) => {
                let window = ticks(count.within_seconds);
                Tracking::Counting(Counting::new(count, window))
            }
            Logic::Aggregation(aggregation) => {
                let statistic = aggregation.statistic;
                let window = ticks(aggregation.within_seconds);
                Tracking::Measuring(Measuring { statistic, window })
            }
        })
    }

    fn window(&self) -> i64 {
        match self {
            Tracking::Ordered(ordered) => ordered.window,
            Tracking::Counting(counting) => counting.window,
            Tracking::Measuring(measuring) => measuring.window,
        }
    }

    /// How many marks a key may have.
    fn most(&self) -> usize {
        match self {
            Tracking::Ordered(it) => it.depth.saturating_mul(it.steps),
            Tracking::Counting(it) => it.most().saturating_add(1),
            Tracking::Measuring(_) => Measuring::MOST.saturating_add(1),
        }
    }
}

/// The keys of one rule, or of one stage of a chain, linked in the order of
/// their last event.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyList {
    /// The number of the rule in the detector.
    pub(super) rule: u32,
    pub(super) tracking: Tracking,
    /// How many keys and nodes it has.
    keys: usize,
    nodes: usize,
    newest: Link,
    oldest: Link,
    pub(super) counts: CorrelatorCounts,
}

impl KeyList {
    /// What all of some had to leave out.
    pub(super) fn counts(lists: &[KeyList]) -> CorrelatorCounts {
        let mut counts = CorrelatorCounts::default();
        lists.iter().for_each(|list| counts.add(&list.counts));
        counts
    }
}

/// What is known of a key.
#[derive(Clone, Copy, Debug)]
struct Slot {
    key: Key,
    /// The place of its rule in `lists`.
    list: u32,
    /// The next slot of its bucket, or the next free one.
    next: Link,
    newer: Link,
    older: Link,
    /// Its latest mark.
    latest: Link,
    nodes: u32,
    /// See [`Line::forgotten`].
    forgotten: i64,
}

/// A mark, and the one before it in time; flat, which saves 8 bytes.
#[derive(Clone, Copy, Debug)]
struct Node {
    time: i64,
    value: u64,
    used: bool,
    earlier: Link,
}

impl Node {
    fn new(mark: Mark, earlier: Link) -> Node {
        let Mark { time, value, used } = mark;
        Node { time, value, used, earlier }
    }

    fn mark(&self) -> Mark {
        let Node { time, value, used, .. } = *self;
        Mark { time, value, used }
    }
}

#[derive(Debug)]
pub(super) struct Memory {
    /// One for each rule that needs several events, in the order of rules; of
    /// a chain, one for each stage.
    pub(super) lists: Vec<KeyList>,
    /// What all of them had to leave out.
    pub(super) counts: CorrelatorCounts,
    /// How many keys and nodes there is room for; 0 without such rules.
    keys_room: usize,
    nodes_room: usize,
    /// How many keys there are.
    keys: usize,
    slots: Vec<Slot>,
    nodes: Vec<Node>,
    /// For each slot a bucket: the first slot in it.
    buckets: Vec<Link>,
    free_slot: Link,
    free_node: Link,
}

impl Memory {
    /// Bytes that a key takes with its events.
    pub(super) const KEY_BYTES: usize = size_of::<Slot>()
        + size_of::<Link>()
        + EVENTS_PER_KEY * size_of::<Node>();

    pub(super) fn new(
        detector: &Detector,
        keys: usize,
        depth: usize,
    ) -> Memory {
        let mut lists = Vec::new();
        // Without room for keys nothing is remembered of any rule.
        let rules = if keys == 0 { &[] } else { detector.rules() };
        for (number, rule) in (0..).zip(rules) {
            for (stage, logic) in rule.logic.stages().enumerate() {
                let steps = match &rule.logic {
                    Logic::Chain(chain) => {
                        let stage = chain.stages.get(stage);
                        stage.map_or(0, |stage| stage.steps.len())
                    }
                    logic => logic.selections().len(),
                };
                let tracking = Tracking::of(logic, steps, depth);
                debug_assert!(tracking.is_some(), "a stage is no chain");
                lists.extend(tracking.map(|tracking| KeyList {
                    rule: number,
                    tracking,
                    keys: 0,
                    nodes: 0,
                    newest: Link::NONE,
                    oldest: Link::NONE,
                    counts: CorrelatorCounts::default(),
                }));
            }
        }
        let keys = if lists.is_empty() { 0 } else { keys };
        let mut memory = Memory {
            lists,
            counts: CorrelatorCounts::default(),
            keys_room: keys,
            nodes_room: 0,
            keys: 0,
            slots: Vec::new(),
            nodes: Vec::new(),
            buckets: Vec::new(),
            free_slot: Link::NONE,
            free_node: Link::NONE,
        };
        // One key has room for all it may have, however few keys there are.
        let nodes = keys.saturating_mul(EVENTS_PER_KEY);
        memory.nodes_room = nodes.saturating_add(memory.most());
        memory
    }

    /// The most marks that a key may have.
    pub(super) fn most(&self) -> usize {
        self.lists.iter().map(|list| list.tracking.most()).max().unwrap_or(0)
    }

    /// The most marks that a key has while an event is taken in, which may be
    /// several steps or, of a derived field, values.
    pub(super) fn most_at_once(&self) -> usize {
        match self.most() {
            0 => 0,
            most => most.saturating_add(1),
        }
    }

    /// Bytes that do not grow with the number of keys.
    pub(super) fn fixed_bytes(&self) -> usize {
        let node = size_of::<Node>().saturating_add(size_of::<Mark>());
        let nodes = self.most_at_once().saturating_mul(node);
        let tally = self.most_at_once().saturating_mul(Tally::MARK_BYTES);
        let lists = held(&self.lists);
        let arrived = Arrived::MOST.saturating_mul(size_of::<Arrived>());
        let work = tally.saturating_add(arrived);
        nodes.saturating_add(work).saturating_add(lists)
    }

    /// Gets all memory that will be needed; `None` if it cannot be had.
    pub(super) fn reserve(&mut self) -> Option<()> {
        self.nodes.try_reserve_exact(self.nodes_room).ok()?;
        self.slots.try_reserve_exact(self.keys_room).ok()?;
        self.buckets.try_reserve_exact(self.keys_room).ok()
    }

    pub(super) fn usage(&self) -> usize {
        let lists = [held(&self.lists), held(&self.slots)];
        let more = [held(&self.nodes), held(&self.buckets)];
        lists.iter().chain(&more).sum()
    }

    pub(super) fn clear(&mut self) {
        self.slots.clear();
        self.nodes.clear();
        self.buckets.clear();
        (self.free_slot, self.free_node) = (Link::NONE, Link::NONE);
        self.keys = 0;
        self.counts = CorrelatorCounts::default();
        for list in &mut self.lists {
            (list.newest, list.oldest) = (Link::NONE, Link::NONE);
            (list.keys, list.nodes) = (0, 0);
            list.counts = CorrelatorCounts::default();
        }
    }

    /// The place in `lists` of the first list of a rule.
    pub(super) fn first_list(&self, rule: u32) -> Option<usize> {
        let at = self.lists.partition_point(|list| list.rule < rule);
        (self.lists.get(at)?.rule == rule).then_some(at)
    }

    /// The lists of a rule.
    pub(super) fn lists_of(&self, rule: u32) -> &[KeyList] {
        let first = self.lists.partition_point(|list| list.rule < rule);
        let end = self.lists.partition_point(|list| list.rule <= rule);
        self.lists.get(first..end).unwrap_or_default()
    }

    /// How the events of a list belong together.
    pub(super) fn tracking(&self, list: usize) -> Option<Tracking> {
        let list = self.lists.get(list);
        debug_assert!(list.is_some());
        list.map(|list| list.tracking)
    }

    /// Counts what a rule had to leave out.
    pub(super) fn count(&mut self, list: usize, more: &CorrelatorCounts) {
        self.counts.add(more);
        if let Some(list) = self.lists.get_mut(list) {
            list.counts.add(more);
        }
    }

    /// How many keys are remembered.
    pub(super) fn keys(&self) -> usize {
        self.keys
    }

    /// Gets a key's line, empty if the key is new, and makes the key the
    /// newest of its list. What it returns is for [`Memory::store`].
    pub(super) fn load(
        &mut self,
        list: usize,
        key: Key,
        now: i64,
        line: &mut Line,
    ) -> usize {
        line.marks.clear();
        line.forgotten = Line::NEVER;
        let Some(place) = self.find(key) else {
            return self.add(list, key, now);
        };
        self.unlink(place);
        self.link(place);
        self.copy(place, line);
        place
    }

    /// Copies what is known of a key.
    fn copy(&self, place: usize, line: &mut Line) {
        let Some(slot) = self.slots.get(place) else {
            debug_assert!(false, "slot {place}");
            return;
        };
        line.forgotten = slot.forgotten;
        line.marks.clear();
        line.marks.extend(self.marks(slot));
        line.marks.reverse();
    }

    /// The marks of a key, the latest first.
    fn marks(&self, slot: &Slot) -> impl Iterator<Item = Mark> {
        let node = |link: Link| self.nodes.get(link.place()?);
        let first = node(slot.latest);
        let next = move |node_at: &&Node| node(node_at.earlier);
        core::iter::successors(first, next).map(Node::mark)
    }

    /// Puts a key's line back in its place.
    pub(super) fn store(&mut self, place: usize, line: &Line, now: i64) {
        let Some(kept) = self.slots.get_mut(place) else {
            debug_assert!(false, "slot {place}");
            return;
        };
        let slot = *kept;
        kept.latest = Link::NONE;
        self.release(slot.latest);
        let list = slot.list as usize;
        let (before, after) = (slot.nodes as usize, line.marks.len());
        if let Some(list) = self.lists.get_mut(list) {
            let nodes = list.nodes.saturating_add(after);
            list.nodes = nodes.saturating_sub(before);
        }
        let mut latest = Link::NONE;
        for &mark in &line.marks {
            latest = self.node(mark, latest, list, place, now);
        }
        if let Some(slot) = self.slots.get_mut(place) {
            slot.latest = latest;
            slot.nodes = after as u32;
            slot.forgotten = line.forgotten;
        }
    }

    /// A node, made free if none is.
    fn node(
        &mut self,
        mark: Mark,
        earlier: Link,
        list: usize,
        place: usize,
        now: i64,
    ) -> Link {
        let is_full = |memory: &Memory| {
            memory.free_node == Link::NONE
                && memory.nodes.len() >= memory.nodes_room
        };
        while is_full(self) {
            let gone = self.victim(|list| list.nodes, list, Some(place), now);
            // There is room for all that one key may have.
            debug_assert!(gone.is_some());
            let Some(gone) = gone else { break };
            self.evict(gone, now);
        }
        let node = Node::new(mark, earlier);
        let free = self.free_node;
        match free.place().and_then(|at| self.nodes.get_mut(at)) {
            Some(old) => {
                self.free_node = old.earlier;
                *old = node;
                free
            }
            None => {
                // Fewer than 2^32 are reserved.
                let link = Link(self.nodes.len() as u32);
                self.nodes.push(node);
                link
            }
        }
    }

    /// Gives back the nodes of a key.
    fn release(&mut self, latest: Link) {
        let mut last = latest;
        while let Some(node) =
            last.place().and_then(|at| self.nodes.get_mut(at))
        {
            if node.earlier == Link::NONE {
                node.earlier = self.free_node;
                self.free_node = latest;
                return;
            }
            last = node.earlier;
        }
    }

    /// Adds a key that is not known.
    fn add(&mut self, list: usize, key: Key, now: i64) -> usize {
        if self.keys >= self.keys_room
            && let Some(gone) = self.victim(|list| list.keys, list, None, now)
        {
            self.evict(gone, now);
        }
        let slot = Slot {
            key,
            list: list as u32,
            next: Link::NONE,
            newer: Link::NONE,
            older: Link::NONE,
            latest: Link::NONE,
            nodes: 0,
            forgotten: Line::NEVER,
        };
        let free = self.free_slot.place();
        let place = match free.and_then(|at| self.slots.get_mut(at)) {
            Some(old) => {
                let place = self.free_slot.0 as usize;
                self.free_slot = old.next;
                *old = slot;
                place
            }
            None => {
                let place = self.slots.len();
                self.slots.push(slot);
                self.add_bucket();
                place
            }
        };
        self.keys = self.keys.saturating_add(1);
        self.file(place);
        self.link(place);
        place
    }

    /// The key that goes when there is no room, as far as it is not to be
    /// spared.
    fn victim(
        &self,
        size: impl Fn(&KeyList) -> usize,
        asking: usize,
        spared: Option<usize>,
        now: i64,
    ) -> Option<usize> {
        let mut best = None;
        for (at, list) in self.lists.iter().enumerate() {
            let Some(oldest) = list.oldest.place() else { continue };
            let Some(slot) = self.slots.get(oldest) else { continue };
            if Some(oldest) == spared {
                continue;
            }
            let window = list.tracking.window();
            let is_past = !is_open(self.marks(slot), now, window);
            let rank = (is_past, size(list), at == asking);
            if best.is_none_or(|(least, _)| rank > least) {
                best = Some((rank, oldest));
            }
        }
        best.map(|(_, place)| place)
    }

    /// Forgets a key, and counts what was known of it.
    fn evict(&mut self, place: usize, now: i64) {
        let Some(&slot) = self.slots.get(place) else { return };
        let list = slot.list as usize;
        let Some(keys) = self.lists.get(list) else { return };
        let window = keys.tracking.window();
        let mut counts = CorrelatorCounts::default();
        for mark in self.marks(&slot) {
            counts.forgot(mark, now, window);
        }
        self.count(list, &counts);
        self.remove(place);
    }

    /// Takes a key away, with its marks.
    fn remove(&mut self, place: usize) {
        self.unlink(place);
        self.unfile(place);
        let free = self.free_slot;
        let Some(slot) = self.slots.get_mut(place) else { return };
        slot.next = free;
        let (latest, nodes) = (slot.latest, slot.nodes as usize);
        slot.latest = Link::NONE;
        let list = slot.list as usize;
        self.free_slot = Link(place as u32);
        self.keys = self.keys.saturating_sub(1);
        self.release(latest);
        if let Some(list) = self.lists.get_mut(list) {
            list.nodes = list.nodes.saturating_sub(nodes);
        }
    }

    /// Forgets what happened before a time.
    pub(super) fn expire(&mut self, before: i64, line: &mut Line) {
        for list in 0..self.lists.len() {
            let mut next = self.lists.get(list).map(|list| list.oldest);
            while let Some(place) = next.and_then(Link::place) {
                next = self.slots.get(place).map(|slot| slot.newer);
                self.copy(place, line);
                let gone =
                    line.marks.partition_point(|mark| mark.time < before);
                let mut counts = CorrelatorCounts::default();
                for mark in line.marks.drain(..gone) {
                    // Whoever says so says that its time has passed.
                    counts.forgot(mark, mark.time, 0);
                    line.forgotten = line.forgotten.max(mark.time);
                }
                self.count(list, &counts);
                match line.marks.is_empty() {
                    true => self.remove(place),
                    false if gone > 0 => self.store(place, line, before),
                    false => {}
                }
            }
        }
    }

    /// The bucket of a key.
    fn bucket(&self, key: Key) -> usize {
        let buckets = self.buckets.len();
        let mask = buckets.next_power_of_two().saturating_sub(1);
        let at = key.hash() as usize & mask;
        // Those that were not split yet hold what belongs behind the end.
        if at < buckets { at } else { at & mask >> 1 }
    }

    fn find(&self, key: Key) -> Option<usize> {
        let first = *self.buckets.get(self.bucket(key))?;
        let mut at = first.place();
        while let Some(place) = at {
            let slot = self.slots.get(place)?;
            if slot.key == key {
                return Some(place);
            }
            at = slot.next.place();
        }
        None
    }

    /// Adds a bucket, and moves into it what belongs there.
    fn add_bucket(&mut self) {
        let new = self.buckets.len();
        self.buckets.push(Link::NONE);
        let above = new.checked_ilog2().map_or(0, |bit| 1_usize << bit);
        let old = new.saturating_sub(above);
        let Some(bucket) = self.buckets.get_mut(old) else { return };
        let mut link = core::mem::replace(bucket, Link::NONE);
        while let Some(place) = link.place() {
            let Some(slot) = self.slots.get(place) else { return };
            link = slot.next;
            self.file(place);
        }
    }

    /// Puts a slot into its bucket.
    fn file(&mut self, place: usize) {
        let Some(slot) = self.slots.get(place) else { return };
        let bucket = self.bucket(slot.key);
        let Some(bucket) = self.buckets.get_mut(bucket) else { return };
        let next = core::mem::replace(bucket, Link(place as u32));
        if let Some(slot) = self.slots.get_mut(place) {
            slot.next = next;
        }
    }

    /// Takes a slot out of its bucket.
    fn unfile(&mut self, place: usize) {
        let Some(slot) = self.slots.get(place) else { return };
        let (next, bucket) = (slot.next, self.bucket(slot.key));
        let gone = Link(place as u32);
        let Some(bucket) = self.buckets.get_mut(bucket) else { return };
        if *bucket == gone {
            *bucket = next;
            return;
        }
        let mut at = bucket.place();
        while let Some(slot) = at.and_then(|at| self.slots.get_mut(at)) {
            if slot.next == gone {
                slot.next = next;
                return;
            }
            at = slot.next.place();
        }
        debug_assert!(false, "slot {place} is in no bucket");
    }

    /// Takes a slot out of its list.
    fn unlink(&mut self, place: usize) {
        let Some(&slot) = self.slots.get(place) else { return };
        let Some(list) = self.lists.get_mut(slot.list as usize) else {
            return;
        };
        list.keys = list.keys.saturating_sub(1);
        let place = |link: Link| link.place();
        match place(slot.newer).and_then(|at| self.slots.get_mut(at)) {
            Some(newer) => newer.older = slot.older,
            None => list.newest = slot.older,
        }
        match place(slot.older).and_then(|at| self.slots.get_mut(at)) {
            Some(older) => older.newer = slot.newer,
            None => list.oldest = slot.newer,
        }
    }

    /// Makes a slot that is in no list the newest of its own.
    fn link(&mut self, place: usize) {
        let link = Link(place as u32);
        let Some(slot) = self.slots.get_mut(place) else { return };
        let Some(list) = self.lists.get_mut(slot.list as usize) else {
            return;
        };
        list.keys = list.keys.saturating_add(1);
        let older = core::mem::replace(&mut list.newest, link);
        (slot.newer, slot.older) = (Link::NONE, older);
        match older.place().and_then(|at| self.slots.get_mut(at)) {
            Some(older) => older.newer = link,
            None => list.oldest = link,
        }
    }

    /// How many keys a list has.
    pub(super) fn keys_of(&self, list: usize) -> usize {
        self.lists.get(list).map_or(0, |list| list.keys)
    }

    /// Calls `visit` with each key of a list, the oldest first.
    pub(super) fn each_key(
        &self,
        list: usize,
        line: &mut Line,
        mut visit: impl FnMut(Key, &Line),
    ) {
        let mut next = self.lists.get(list).map(|list| list.oldest);
        while let Some(place) = next.and_then(Link::place) {
            let Some(slot) = self.slots.get(place) else { return };
            self.copy(place, line);
            visit(slot.key, line);
            next = Some(slot.newer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Memory {
        /// Checks that all links are whole.
        pub(crate) fn check(&self) {
            let (mut keys, mut nodes) = (0, 0);
            for list in &self.lists {
                let mut link = list.oldest;
                let (mut list_keys, mut list_nodes) = (0, 0);
                let mut older = Link::NONE;
                while let Some(place) = link.place() {
                    let slot = &self.slots[place];
                    assert_eq!(self.find(slot.key), Some(place));
                    assert_eq!(slot.older, older);
                    let marks = self.marks(slot).count();
                    assert_eq!(marks, slot.nodes as usize);
                    assert!(marks > 0, "a key without a mark");
                    list_keys += 1;
                    list_nodes += marks;
                    (older, link) = (link, slot.newer);
                }
                assert_eq!(list.newest, older);
                assert_eq!((list.keys, list.nodes), (list_keys, list_nodes));
                keys += list_keys;
                nodes += list_nodes;
            }
            assert_eq!(self.keys, keys);
            assert_eq!(self.buckets.len(), self.slots.len());
            let free = |mut link: Link, next: &dyn Fn(usize) -> Link| {
                let mut count = 0;
                while let Some(place) = link.place() {
                    count += 1;
                    link = next(place);
                }
                count
            };
            let slots = free(self.free_slot, &|at| self.slots[at].next);
            let free_nodes =
                free(self.free_node, &|at| self.nodes[at].earlier);
            assert_eq!(self.slots.len(), keys + slots);
            assert_eq!(self.nodes.len(), nodes + free_nodes);
            assert!(self.slots.len() <= self.keys_room);
            assert!(self.nodes.len() <= self.nodes_room);
        }
    }
}
