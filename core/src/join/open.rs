/*!
Which audit events have begun and not ended: by what they are, by how old they
are, and in the order in which they began.
*/

use crate::memory::held;
use crate::time::Timestamp;

/// The open events, each by the number of its group.
///
/// Every event stands in three doubly linked lists: of all in the order in
/// which they began, of those whose keys share a bucket, and of those whose
/// hosts share a bucket, by time. So a look-up, a new event, an end and the
/// oldest take the same time however many are open, as long as hosts write in
/// the order of time; whoever does not costs a walk through 1,024 at most. To
/// look at all for each that grew too old made a log of which 400 events a
/// second never end take 27 times as long as without joining; with the list of
/// the host it is 3.4 times.
///
/// It holds 12 KiB from the first event on, and 64 bytes for each that was ever
/// open at once.
#[derive(Debug, Default)]
pub(super) struct OpenEvents {
    /// By the number of the group. Those that are not open are in no list.
    nodes: Vec<Node>,
    begun: List,
    keys: Vec<List>,
    hosts: Vec<List>,
    count: usize,
    /// How many began.
    begins: u64,
}

/// Lists for keys, and for hosts: a few events each where 1,024 are open.
const BUCKETS: usize = 512;

/// The bits of a hash that tell the bucket: the lower ones are mixed best.
const MASK: u64 = BUCKETS as u64 - 1;

/// The number of no node.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct List {
    first: u32,
    last: u32,
    /// The node that was put there last, or stood beside it.
    newest: u32,
}

impl Default for List {
    fn default() -> List {
        List { first: NONE, last: NONE, newest: NONE }
    }
}

/// Which list a link is of.
#[derive(Clone, Copy, Debug)]
enum By {
    Begin,
    Key,
    Age,
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    /// Hash of the event's id and host.
    key: u64,
    /// Hash of the host.
    host: u64,
    /// How many began before it.
    begun: u64,
    time: Option<Timestamp>,
    /// By [`By`].
    links: [Link; 3],
}

#[derive(Clone, Copy, Debug)]
struct Link {
    before: u32,
    after: u32,
}

impl Default for Link {
    fn default() -> Link {
        Link { before: NONE, after: NONE }
    }
}

impl Node {
    fn link(&self, by: By) -> Link {
        let link = self.links.get(by as usize).copied();
        debug_assert!(link.is_some(), "no links for {by:?}");
        link.unwrap_or_default()
    }
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
        let OpenEvents { nodes, keys, hosts, .. } = self;
        let lists = held(keys).saturating_add(held(hosts));
        lists.saturating_add(held(nodes))
    }

    /// The event of a key that is the one meant.
    pub(super) fn find(
        &self,
        key: u64,
        is_meant: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        if self.is_empty() {
            return None;
        }
        let first = self.keys.get(bucket(key)).map(|list| list.first)?;
        let mut same = self.listed(first, By::Key);
        let found = same.find(|(at, node)| node.key == key && is_meant(*at));
        found.map(|(at, _)| at)
    }

    /// All, the one that began first at first.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.listed(self.begun.first, By::Begin).map(|(at, _)| at)
    }

    /// The one that began next after one.
    pub(super) fn next(&self, at: usize) -> Option<usize> {
        let after = self.nodes.get(at)?.link(By::Begin).after;
        self.listed(after, By::Begin).next().map(|(at, _)| at)
    }

    /// When an event began, if that is known.
    pub(super) fn time(&self, at: usize) -> Option<Timestamp> {
        self.nodes.get(at).and_then(|node| node.time)
    }

    /// Begins the event of a group, which is not open.
    pub(super) fn insert(
        &mut self,
        at: usize,
        key: u64,
        host: u64,
        time: Option<Timestamp>,
    ) {
        let number = u32::try_from(at).unwrap_or(NONE);
        debug_assert!(number != NONE, "too many groups");
        if self.keys.is_empty() {
            self.keys.resize(BUCKETS, List::default());
            self.hosts.resize(BUCKETS, List::default());
        }
        if self.nodes.len() <= at {
            self.nodes.resize(at.saturating_add(1), Node::default());
        }
        if let Some(node) = self.nodes.get_mut(at) {
            let links = <[Link; 3]>::default();
            *node = Node { key, host, begun: self.begins, time, links };
        }
        self.begins = self.begins.wrapping_add(1);
        self.count = self.count.saturating_add(1);
        let by_key = self.keys.get(bucket(key));
        let last = by_key.map_or(NONE, |list| list.last);
        self.link(number, By::Begin, self.begun.last);
        self.link(number, By::Key, last);
        if let Some(time) = time {
            self.link(number, By::Age, self.not_younger(host, time));
        }
    }

    /// The last of those in a host's list that are not younger than a time.
    /// Looked for from the one that was put there last: a clock that was set
    /// back, or an older log, leaves events of the future open.
    fn not_younger(&self, host: u64, time: Timestamp) -> u32 {
        let list = self.hosts.get(bucket(host)).copied().unwrap_or_default();
        let is_younger = |node: &Node| node.time.is_some_and(|its| its > time);
        let mut at = list.newest;
        while let Some(node) = self.node(at) {
            let Link { before, after } = node.link(By::Age);
            if is_younger(node) {
                at = before;
                continue;
            }
            match self.node(after) {
                Some(node) if !is_younger(node) => at = after,
                _ => break,
            }
        }
        at
    }

    /// Ends an open event; returns its key.
    pub(super) fn remove(&mut self, at: usize) -> Option<u64> {
        let Node { key, time, .. } = *self.nodes.get(at)?;
        self.unlink(at, By::Begin);
        self.unlink(at, By::Key);
        if time.is_some() {
            self.unlink(at, By::Age);
        }
        self.count = self.count.saturating_sub(1);
        Some(key)
    }

    /// Appends those of a host that are older than an age, in ticks of 100 ns,
    /// at a time; the one that began first at first.
    pub(super) fn older(
        &self,
        host: u64,
        time: Timestamp,
        age: i64,
        found: &mut Vec<(u64, usize)>,
    ) {
        let list = self.hosts.get(bucket(host)).copied().unwrap_or_default();
        let is_older = |node: &Node| {
            node.time.is_some_and(|began| time.ticks_since(began) > age)
        };
        let older = self.listed(list.first, By::Age);
        let older = older.take_while(|(_, node)| is_older(node));
        let of_host = older.filter(|(_, node)| node.host == host);
        found.extend(of_host.map(|(at, node)| (node.begun, at)));
        found.sort_unstable();
    }

    fn node(&self, at: u32) -> Option<&Node> {
        self.nodes.get(at as usize)
    }

    /// A node and those that follow it in a list.
    fn listed(
        &self,
        first: u32,
        by: By,
    ) -> impl Iterator<Item = (usize, &Node)> {
        let mut next = first;
        core::iter::from_fn(move || {
            let at = next as usize;
            let node = self.nodes.get(at)?;
            next = node.link(by).after;
            Some((at, node))
        })
    }

    fn list(&mut self, at: u32, by: By) -> Option<&mut List> {
        let Node { key, host, .. } = *self.node(at)?;
        match by {
            By::Begin => Some(&mut self.begun),
            By::Key => self.keys.get_mut(bucket(key)),
            By::Age => self.hosts.get_mut(bucket(host)),
        }
    }

    fn link_of(&mut self, at: u32, by: By) -> Option<&mut Link> {
        self.nodes.get_mut(at as usize)?.links.get_mut(by as usize)
    }

    /// Puts a node into a list, after another or first.
    fn link(&mut self, at: u32, by: By, before: u32) {
        let first = self.list(at, by).map_or(NONE, |list| list.first);
        let after = match self.link_of(before, by) {
            Some(link) => core::mem::replace(&mut link.after, at),
            None => first,
        };
        if let Some(link) = self.link_of(after, by) {
            link.before = at;
        }
        if let Some(link) = self.link_of(at, by) {
            *link = Link { before, after };
        }
        let Some(list) = self.list(at, by) else { return };
        list.newest = at;
        if before == NONE {
            list.first = at;
        }
        if after == NONE {
            list.last = at;
        }
    }

    /// Takes a node out of a list.
    fn unlink(&mut self, at: usize, by: By) {
        let number = u32::try_from(at).unwrap_or(NONE);
        let Some(link) = self.link_of(number, by) else { return };
        let Link { before, after } = core::mem::take(link);
        if let Some(link) = self.link_of(before, by) {
            link.after = after;
        }
        if let Some(link) = self.link_of(after, by) {
            link.before = before;
        }
        let Some(list) = self.list(number, by) else { return };
        if list.newest == number {
            list.newest = if before == NONE { after } else { before };
        }
        if before == NONE {
            list.first = after;
        }
        if after == NONE {
            list.last = before;
        }
    }
}

fn bucket(hash: u64) -> usize {
    usize::try_from(hash & MASK).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is open, as a list that is searched from its beginning.
    type Slow = Vec<(usize, u64, u64, Option<Timestamp>)>;

    fn older(slow: &Slow, host: u64, time: Timestamp, age: i64) -> Vec<usize> {
        let is_older = |began: &Option<Timestamp>| {
            began.is_some_and(|began| time.ticks_since(began) > age)
        };
        let older = slow
            .iter()
            .filter(|(_, _, its, began)| *its == host && is_older(began));
        older.map(|(at, ..)| *at).collect()
    }

    proptest! {
        /// Hosts and keys that share a bucket, and times in any order.
        #[test]
        fn open_events_are_those_of_a_list(
            steps in prop::collection::vec(
                (0..40_usize, 0..3_u64, 0..3_u64, prop::option::of(0..9_i64)),
                0..200,
            ),
        ) {
            let mut slow = Slow::new();
            let mut open = OpenEvents::default();
            for (at, key, host, time) in steps {
                let [key, host] = [key, host].map(|hash| hash * BUCKETS as u64);
                let time = time.map(Timestamp::from_ticks);
                match slow.iter().position(|(own, ..)| *own == at) {
                    Some(place) => {
                        let (_, key, ..) = slow.remove(place);
                        prop_assert_eq!(open.remove(at), Some(key));
                    }
                    None => {
                        slow.push((at, key, host, time));
                        open.insert(at, key, host, time);
                    }
                }
                prop_assert_eq!(open.len(), slow.len());
                let all: Vec<_> = slow.iter().map(|(at, ..)| *at).collect();
                prop_assert_eq!(open.iter().collect::<Vec<_>>(), &all[..]);
                for pair in all.windows(2) {
                    prop_assert_eq!(open.next(pair[0]), Some(pair[1]));
                }
                for (at, key, _, time) in &slow {
                    prop_assert_eq!(open.find(*key, |found| found == *at), Some(*at));
                    prop_assert_eq!(open.time(*at), *time);
                }
                prop_assert_eq!(open.find(key + 1, |_| true), None);
                let time = time.unwrap_or(Timestamp::from_ticks(7));
                let mut found = Vec::new();
                open.older(host, time, 2, &mut found);
                let found: Vec<_> =
                    found.into_iter().map(|(_, at)| at).collect();
                prop_assert_eq!(found, older(&slow, host, time, 2));
            }
        }
    }
}
