//! The table of names, made when this is compiled.

use super::name::{NO_NODE, Name, Node};
use super::signs::Signs;
use crate::record::keys::Key;
use crate::record::raw::Rank;
use crate::record::shape::{Family, Form, Member, Reads, Shape, Target, Tell};
use crate::record::shapes::SHAPE_LIST;

/// What is to be done with what stands at a node: bits.
pub(crate) type Does = u16;

/// A plain value is kept.
pub(crate) const VALUE: Does = 1;
/// A list is kept as it is.
pub(crate) const LIST: Does = 1 << 1;
/// An object has members that are known.
pub(crate) const OBJECT: Does = 1 << 2;
/// An object is a name and a value.
pub(crate) const PAIR: Does = 1 << 3;
/// The elements of a list are records.
pub(crate) const RECORDS: Does = 1 << 4;
/// The elements of a list are tables of records.
pub(crate) const TABLES: Does = 1 << 5;
/// A string's backslashes are doubled.
pub(crate) const DOUBLED: Does = 1 << 6;
/// Members are known by parts of their names.
pub(super) const WILD: Does = 1 << 7;
/// An object is kept as it is.
pub(crate) const JSON: Does = 1 << 8;
/// A value is one that tells what a record is, in Windows' terms.
pub(crate) const HEAD: Does = 1 << 9;

/// What a member is.
///
/// As small as a register: it is handed over for each member there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) node: Node,
    pub(crate) does: Does,
    /// Number of its bit among the signs that shapes are told by, from 1; 0
    /// where it is no sign.
    pub(super) sign: u16,
}

/// What the value at a node is for the shapes of a tag.
#[derive(Clone, Copy)]
pub(crate) struct Use {
    /// Number of the next use of the node, from 1; 0 for none.
    pub(super) next: u16,
    pub(super) tag: u8,
    pub(crate) target: Target,
    pub(crate) rank: Rank,
    pub(crate) form: Form,
}

/// Number by which the uses of a shape's members are told: that of its
/// family, or its own.
pub(crate) const fn tag(family: Family, index: usize) -> u8 {
    match family {
        Family::Windows => 0,
        Family::Audit => 1,
        // There are fewer signs than shapes can be counted by.
        Family::Own => (index as u8).saturating_add(2),
    }
}

/// What the uses of members in Windows' terms are told by.
pub(crate) const WINDOWS: u8 = tag(Family::Windows, 0);

/// What a shape is told by, with its names looked up.
#[derive(Clone, Copy)]
pub(crate) struct Signature {
    /// Signs that every record of the shape has.
    pub(crate) all: Signs,
    /// Signs of which every record of the shape has one of each, but for those
    /// without any.
    pub(crate) any: [Signs; ANY],
    /// Signs that no record of the shape has.
    pub(crate) none: Signs,
    /// The members that the shape, and then its rules, are told by, in their
    /// order.
    pub(super) first: u16,
    pub(super) count: u16,
}

/// Most sets of signs of which a shape has one of each: what a shape is told
/// by beyond those is for [`Tell`].
const ANY: usize = 3;

const NO_SIGNATURE: Signature = Signature {
    all: Signs::NONE,
    any: [Signs::NONE; ANY],
    none: Signs::NONE,
    first: 0,
    count: 0,
};

impl Place {
    pub(crate) const UNKNOWN: Place =
        Place { node: NO_NODE, does: 0, sign: 0 };

    /// The record itself.
    pub(crate) const RECORD: Place = Place { node: 0, does: OBJECT, sign: 0 };

    #[inline]
    pub(crate) const fn does(self, what: Does) -> bool {
        self.does & what != 0
    }
}

/// What is known of a place in the tree.
#[derive(Clone, Copy)]
pub(super) struct Known {
    /// Its name, if it has one.
    pub(super) name: Name,
    pub(super) place: Place,
    /// The node whose members an object here has.
    pub(super) object: Node,
    /// Number of its first use, from 1; 0 for none.
    pub(super) first_use: u16,
    /// Its use in Windows' terms once more, for most records are Windows
    /// events, and with every record that is read it is looked up for every
    /// value.
    pub(super) windows: Option<(Key, Rank, Form)>,
}

/// Names that end in a text.
#[derive(Clone, Copy)]
pub(super) struct Pattern {
    pub(super) parent: Node,
    pub(super) suffix: &'static [u8],
    pub(super) place: Place,
}

/// Names that begin with a text and go on as those in another object.
#[derive(Clone, Copy)]
pub(super) struct Prefix {
    pub(super) parent: Node,
    pub(super) text: &'static [u8],
    pub(super) object: Place,
}

/// A set of shapes, by their places in the list of all.
pub(crate) type Shapes = u128;

const _: () = assert!(SHAPE_LIST.len() <= Shapes::BITS as usize);

/// Slots for names: three times as many as there are names, so that most have
/// one of their own. What is behind the last is for those that have not.
const SLOTS: usize = 4096;
const MORE: usize = 24;

/// Of a slot, how many bits are the number of a node. The others are bits of
/// the hash, so that of the names that nobody knows 1 in 40 is compared with
/// one that is known, and no more than the slots, 8 KiB, is looked at.
const NODE_BITS: u32 = 12;

/// Room while the table is made: for places in the tree, uses of them, names
/// that are known by a part and members that shapes are told by. What does not
/// fit does not compile.
const MOST_NODES: usize = 1 << NODE_BITS;
const MOST_USES: usize = 4096;
const MOST_PATTERNS: usize = 16;
const MOST_PREFIXES: usize = 16;
const MOST_TELLING: usize = 2048;

/// The table, with room that is not used.
const BUILT: Builder = build();

/// The number of a node and bits of the hash for each name: in the slot of its
/// hash, or in one of those that follow without a gap. 0 where there is none.
static NAMES: [u16; SLOTS + MORE] = BUILT.slots;

/// All places in the tree, by their numbers.
pub(super) static NODES: [Known; BUILT.nodes as usize] = first(&BUILT.known);

pub(super) static USES: [Use; BUILT.uses as usize] = first(&BUILT.uses_of);

pub(super) static PATTERNS: [Pattern; BUILT.patterns] =
    first(&BUILT.all_patterns);

pub(super) static PREFIXES: [Prefix; BUILT.prefixes] =
    first(&BUILT.all_prefixes);

/// For each byte whether names with a prefix in the record itself begin with
/// it.
pub(super) static PREFIX_STARTS: [bool; 256] = BUILT.prefix_starts;

pub(super) static SIGNATURES: [Signature; SHAPE_LIST.len()] = BUILT.signatures;

/// The members that shapes are told by.
pub(super) static TELLING: [Place; BUILT.telling as usize] =
    first(&BUILT.all_telling);

/// For each sign the shapes of which no record is without it, or that have it
/// among those of which no record is without all.
pub(super) static SHAPES_WITH: [Shapes; BUILT.signs as usize + 1] =
    first(&BUILT.shapes_with);

/// The first of some things.
#[expect(clippy::indexing_slicing, reason = "run by the compiler")]
const fn first<T: Copy, const COUNT: usize>(all: &[T]) -> [T; COUNT] {
    let mut first = [all[0]; COUNT];
    let mut index = 0;
    while index < COUNT {
        first[index] = all[index];
        index = index.saturating_add(1);
    }
    first
}

/// The slot from which on a name may stand, and what is in the slot beside
/// the number of its node.
#[inline]
const fn slot(hash: u64) -> (usize, u16) {
    let slot = hash.rotate_left(SLOTS.ilog2()) as usize % SLOTS;
    (slot, (hash as u16) & (u16::MAX << NODE_BITS))
}

/// The place of a name; an unknown one where it is none.
#[inline]
pub(super) fn place_of(name: Name) -> Place {
    let (slot, tag) = slot(name.hash());
    for &filled in NAMES.get(slot..).unwrap_or_default() {
        if filled == 0 {
            break;
        }
        let node = usize::from(filled) % MOST_NODES;
        if usize::from(filled ^ tag) < MOST_NODES
            && let Some(known) = NODES.get(node)
            && known.name.is(name)
        {
            return known.place;
        }
    }
    Place::UNKNOWN
}

/// Makes the table. The compiler runs this; what does not fit ends the
/// compilation.
#[allow(long_running_const_eval)]
const fn build() -> Builder {
    let mut builder = Builder::new();
    // First, as what stands below them goes elsewhere.
    let mut shapes = SHAPE_LIST;
    while let [shape, rest @ ..] = shapes {
        builder.aliases(shape);
        shapes = rest;
    }
    let mut index = 0;
    let mut shapes = SHAPE_LIST;
    while let [shape, rest @ ..] = shapes {
        builder.shape(shape, index);
        index = index.saturating_add(1);
        shapes = rest;
    }
    builder.finish()
}

/// Room for signs while the table is made.
const SIGNS: usize = Signs::COUNT as usize;

struct Builder {
    slots: [u16; SLOTS + MORE],
    known: [Known; MOST_NODES],
    uses_of: [Use; MOST_USES],
    all_patterns: [Pattern; MOST_PATTERNS],
    all_prefixes: [Prefix; MOST_PREFIXES],
    prefix_starts: [bool; 256],
    signatures: [Signature; SHAPE_LIST.len()],
    all_telling: [Place; MOST_TELLING],
    shapes_with: [Shapes; SIGNS],
    nodes: Node,
    patterns: usize,
    prefixes: usize,
    uses: u16,
    signs: u16,
    telling: u16,
}

#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "run by the compiler, which stops at either"
)]
impl Builder {
    const fn new() -> Builder {
        let no_name = Name { parent: NO_NODE, length: 0, words: [0; 3] };
        let pattern =
            Pattern { parent: NO_NODE, suffix: b"", place: Place::UNKNOWN };
        let prefix =
            Prefix { parent: NO_NODE, text: b"", object: Place::UNKNOWN };
        let no_use = Use {
            next: 0,
            tag: 0,
            target: Target::Event(Key::EventId),
            rank: Rank::Absent,
            form: Form::Text,
        };
        let unknown = Known {
            name: no_name,
            place: Place::UNKNOWN,
            object: 0,
            first_use: 0,
            windows: None,
        };
        let mut known = [unknown; MOST_NODES];
        known[0].place = Place::RECORD;
        Builder {
            slots: [0; SLOTS + MORE],
            known,
            uses_of: [no_use; MOST_USES],
            all_patterns: [pattern; MOST_PATTERNS],
            all_prefixes: [prefix; MOST_PREFIXES],
            prefix_starts: [false; 256],
            signatures: [NO_SIGNATURE; SHAPE_LIST.len()],
            all_telling: [Place::UNKNOWN; MOST_TELLING],
            shapes_with: [0; SIGNS],
            nodes: 1,
            patterns: 0,
            prefixes: 0,
            uses: 0,
            signs: 0,
            telling: 0,
        }
    }

    const fn aliases(&mut self, shape: &Shape) {
        let mut layouts = shape.layouts;
        while let [layout, rest @ ..] = layouts {
            let mut members = layout.members;
            while let [member, rest @ ..] = members {
                match member {
                    Member::Like { path, other } => {
                        self.alias(path, other, 0);
                    }
                    Member::Pairs { path, of } => self.alias(path, of, PAIR),
                    Member::Prefix { path, other } => {
                        self.prefix(path.as_bytes(), other);
                    }
                    _ => {}
                }
                members = rest;
            }
            layouts = rest;
        }
    }

    const fn alias(
        &mut self,
        path: &'static str,
        other: &'static str,
        does: Does,
    ) {
        let node = self.node(path.as_bytes()) as usize;
        let other = self.node(other.as_bytes());
        if self.known[node].object == other && self.does(node, OBJECT) {
            // Of a layout that several shapes share, or an object that others
            // have as a list of pairs.
            self.known[node].place.does |= does;
            return;
        }
        assert!(
            !self.does(node, OBJECT),
            "an object with members here and elsewhere"
        );
        self.known[node].object = other;
        self.known[node].place.does |= OBJECT | does;
    }

    const fn shape(&mut self, shape: &Shape, index: usize) {
        let first = self.telling;
        self.tell(&shape.tells);
        let all = self.all(&shape.tells);
        let mut any = [Signs::NONE; ANY];
        self.any(&shape.tells, &mut any);
        let none = self.none(&shape.tells);
        if let Reads::Rules(mut rules) = shape.reads {
            while let [rule, rest @ ..] = rules {
                self.tell(&rule.tell);
                rules = rest;
            }
        }
        let count = self.telling - first;
        self.signatures[index] = Signature { all, any, none, first, count };
        assert!(
            index == 0 || !all.or(any[0]).is_empty(),
            "a shape without a sign"
        );
        // Of signs that all have one will do: the last that was made, which
        // no shape before this one has, if there is such a sign.
        let signs = match all.last() {
            Some(sign) => Signs::of(sign),
            None => any[0],
        };
        let mut sign = 1;
        while sign <= self.signs {
            if signs.has(sign) {
                self.shapes_with[sign as usize] |= 1 << index;
            }
            sign += 1;
        }
        let tag = tag(shape.family, index);
        let mut layouts = shape.layouts;
        while let [layout, rest @ ..] = layouts {
            let mut members = layout.members;
            while let [member, rest @ ..] = members {
                self.member(member, tag);
                members = rest;
            }
            layouts = rest;
        }
    }

    const fn member(&mut self, member: &Member, tag: u8) {
        match *member {
            Member::Value { path, target, rank, form } => {
                let node = self.node(path.as_bytes());
                self.add_use(node, tag, target, rank, form);
            }
            Member::Data { path, form } => {
                let parent = self.node(path.as_bytes());
                let mut names = Key::DATA_NAMES;
                while let [(name, key), rest @ ..] = names {
                    let target = Target::Event(*key);
                    let node = self.child(parent, name);
                    self.add_use(node, tag, target, Rank::Own, form);
                    if let Form::Doubled = form {
                        // Wazuh's names begin with a small letter.
                        let mut small = [0; 32];
                        let (small, _) = small.split_at_mut(name.len());
                        small.copy_from_slice(name);
                        small[0] = small[0].to_ascii_lowercase();
                        let parent = self.known[parent as usize].object;
                        let small = Name::new(parent, small);
                        let node = self.named_child(parent, small);
                        self.add_use(node, tag, target, Rank::Own, form);
                    }
                    names = rest;
                }
            }
            Member::Text { path } => {
                let node = self.node(path.as_bytes());
                let target = Target::Event(Key::Text);
                self.add_use(node, tag, target, Rank::Own, Form::Text);
            }
            Member::Records { path } => self.add(path, RECORDS),
            Member::Tables { path } => self.add(path, TABLES),
            Member::Like { .. }
            | Member::Pairs { .. }
            | Member::Prefix { .. } => {}
        }
    }

    const fn add(&mut self, path: &'static str, does: Does) {
        let node = self.node(path.as_bytes());
        self.known[node as usize].place.does |= does;
    }

    const fn add_use(
        &mut self,
        node: Node,
        tag: u8,
        target: Target,
        rank: Rank,
        form: Form,
    ) {
        self.known[node as usize].place.does |= match form {
            Form::Text | Form::Whole | Form::EventLog | Form::LastPart => {
                VALUE
            }
            Form::Doubled => VALUE | DOUBLED,
            Form::List => LIST,
            Form::ListOrText
            | Form::First
            | Form::Arguments
            | Form::Base64Arguments
            | Form::Bytes => VALUE | LIST,
            Form::Json | Form::ArgumentMembers => VALUE | LIST | JSON,
        };
        let next = self.known[node as usize].first_use;
        assert!(
            !self.is_used(next, tag),
            "a member that is two values of one shape"
        );
        self.uses_of[self.uses as usize] =
            Use { next, tag, target, rank, form };
        self.uses += 1;
        if let (WINDOWS, Target::Event(key)) = (tag, target) {
            self.known[node as usize].windows = Some((key, rank, form));
            if (key as usize) < Key::HEAD {
                self.known[node as usize].place.does |= HEAD;
            }
        }
        self.known[node as usize].first_use = self.uses;
    }

    const fn is_used(&self, mut next: u16, tag: u8) -> bool {
        while next != 0 {
            let found = &self.uses_of[next as usize - 1];
            if found.tag == tag {
                return true;
            }
            next = found.next;
        }
        false
    }

    /// Makes signs of the members that a shape is told by.
    const fn tell(&mut self, tell: &Tell) {
        match *tell {
            Tell::Has(path) | Tell::Lacks(path) => self.sign(path, 0),
            Tell::Is(path, _)
            | Tell::Begins(path, _)
            | Tell::Ends(path, _)
            | Tell::Text(path)
            | Tell::Writes(path) => {
                self.sign(path, VALUE);
            }
            Tell::Among(path, _) => self.sign(path, VALUE | LIST),
            Tell::Not(tell) => self.tell(tell),
            Tell::All(mut tells) | Tell::Any(mut tells) => {
                while let [tell, rest @ ..] = tells {
                    self.tell(tell);
                    tells = rest;
                }
            }
        }
    }

    const fn sign(&mut self, path: &'static str, does: Does) {
        let node = self.node(path.as_bytes()) as usize;
        self.known[node].place.does |= does;
        if self.known[node].place.sign == 0 {
            self.signs += 1;
            assert!(self.signs < Signs::COUNT, "too many signs");
            self.known[node].place.sign = self.signs;
        }
        let sign = self.known[node].place.sign;
        self.all_telling[self.telling as usize] =
            Place { node: node as Node, does, sign };
        self.telling += 1;
    }

    /// The signs without which what is told does not hold.
    const fn all(&mut self, tell: &Tell) -> Signs {
        match *tell {
            Tell::Has(path)
            | Tell::Text(path)
            | Tell::Is(path, _)
            | Tell::Among(path, _)
            | Tell::Begins(path, _)
            | Tell::Ends(path, _)
            | Tell::Writes(path) => {
                let node = self.node(path.as_bytes()) as usize;
                Signs::of(self.known[node].place.sign)
            }
            Tell::Lacks(_) | Tell::Not(_) => Signs::NONE,
            Tell::All(mut tells) => {
                let mut signs = Signs::NONE;
                while let [tell, rest @ ..] = tells {
                    signs = signs.or(self.all(tell));
                    tells = rest;
                }
                signs
            }
            Tell::Any(mut tells) => {
                let mut signs = Signs::ALL;
                while let [tell, rest @ ..] = tells {
                    signs = signs.and(self.all(tell));
                    tells = rest;
                }
                signs
            }
        }
    }

    /// Adds to the sets of signs without one of each of which what is told
    /// does not hold, as long as there is room.
    const fn any(&mut self, tell: &Tell, into: &mut [Signs; ANY]) {
        match *tell {
            Tell::Any(mut tells) => {
                let mut signs = Signs::NONE;
                while let [tell, rest @ ..] = tells {
                    let of_one = self.all(tell);
                    if of_one.is_empty() {
                        return;
                    }
                    signs = signs.or(of_one);
                    tells = rest;
                }
                let mut index = 0;
                while index < ANY {
                    if into[index].is_empty() {
                        into[index] = signs;
                        return;
                    }
                    index += 1;
                }
            }
            Tell::All(mut tells) => {
                while let [tell, rest @ ..] = tells {
                    self.any(tell, into);
                    tells = rest;
                }
            }
            _ => {}
        }
    }

    /// Signs with one of which what is told does not hold.
    const fn none(&mut self, tell: &Tell) -> Signs {
        match *tell {
            Tell::Lacks(path) => {
                let node = self.node(path.as_bytes()) as usize;
                Signs::of(self.known[node].place.sign)
            }
            Tell::All(mut tells) => {
                let mut signs = Signs::NONE;
                while let [tell, rest @ ..] = tells {
                    signs = signs.or(self.none(tell));
                    tells = rest;
                }
                signs
            }
            _ => Signs::NONE,
        }
    }

    /// The node at a path.
    const fn node(&mut self, path: &'static [u8]) -> Node {
        if path.is_empty() {
            return 0;
        }
        let (parent, name) = self.parent(path);
        self.child(parent, name)
    }

    /// The node above a path's last step, and that step.
    const fn parent(&mut self, path: &'static [u8]) -> (Node, &'static [u8]) {
        let mut node = 0;
        let mut rest = path;
        let mut at = 0;
        while at < rest.len() {
            if rest[at] == b'.' {
                let (name, after) = rest.split_at(at);
                node = self.child(node, name);
                (_, rest) = after.split_at(1);
                at = 0;
            } else {
                at += 1;
            }
        }
        (node, rest)
    }

    /// The node of a name below another, a new one unless there is one.
    const fn child(&mut self, parent: Node, name: &'static [u8]) -> Node {
        let parent = self.known[parent as usize].object;
        if let [b'*', suffix @ ..] = name {
            let node = self.new_node();
            let place = Place { node, does: 0, sign: 0 };
            self.pattern(parent, suffix, place);
            return node;
        }
        self.named_child(parent, Name::new(parent, name))
    }

    const fn named_child(&mut self, parent: Node, name: Name) -> Node {
        if let Some(node) = self.find(name) {
            return node;
        }
        let node = self.new_node();
        self.enter(parent, name, node);
        node
    }

    const fn new_node(&mut self) -> Node {
        let node = self.nodes;
        self.known[node as usize].object = node;
        self.known[node as usize].place = Place { node, does: 0, sign: 0 };
        self.nodes += 1;
        node
    }

    const fn find(&self, name: Name) -> Option<Node> {
        let (mut slot, _) = slot(name.hash());
        while self.slots[slot] != 0 {
            let node = self.slots[slot] as usize % MOST_NODES;
            if self.known[node].name.is(name) {
                return Some(node as Node);
            }
            slot += 1;
        }
        None
    }

    const fn pattern(
        &mut self,
        parent: Node,
        suffix: &'static [u8],
        place: Place,
    ) {
        self.all_patterns[self.patterns] = Pattern { parent, suffix, place };
        self.patterns += 1;
        self.known[parent as usize].place.does |= OBJECT | WILD;
    }

    const fn prefix(&mut self, path: &'static [u8], other: &'static str) {
        let (parent, text) = self.parent(path);
        let parent = self.known[parent as usize].object;
        let object = self.node(other.as_bytes());
        let place = Place { node: object, does: 0, sign: 0 };
        self.all_prefixes[self.prefixes] =
            Prefix { parent, text, object: place };
        self.prefixes += 1;
        self.known[parent as usize].place.does |= OBJECT;
        if parent == 0 {
            self.prefix_starts[text[0] as usize] = true;
        }
    }

    /// Enters a name after those that were entered before.
    const fn enter(&mut self, parent: Node, name: Name, node: Node) {
        assert!(self.find(name).is_none(), "a name that means two things");
        let (mut slot, tag) = slot(name.hash());
        while self.slots[slot] != 0 {
            slot += 1;
        }
        self.slots[slot] = tag | node;
        self.known[node as usize].name = name;
        self.known[parent as usize].place.does |= OBJECT;
    }

    const fn does(&self, node: usize, what: Does) -> bool {
        self.known[node].place.does(what)
    }

    /// Says at each name that is known by a part what is to be done there.
    const fn finish(mut self) -> Builder {
        let mut pattern = 0;
        while pattern < self.patterns {
            let node = self.all_patterns[pattern].place.node as usize;
            self.all_patterns[pattern].place = self.known[node].place;
            pattern += 1;
        }
        let mut prefix = 0;
        while prefix < self.prefixes {
            let node = self.all_prefixes[prefix].object.node as usize;
            let object = self.known[node].object as usize;
            self.all_prefixes[prefix].object = self.known[object].place;
            prefix += 1;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_names_share_a_slot() {
        let longest = NAMES.split(|filled| *filled == 0).map(<[u16]>::len);
        let longest = longest.max().unwrap_or_default();
        assert!(longest <= MORE, "{longest} in a row");
        let names = NAMES.iter().filter(|filled| **filled != 0).count();
        assert!(names * 2 < SLOTS, "{names}");
    }

    #[test]
    fn every_name_is_found() {
        let named = NODES.iter().filter(|known| known.name.parent != NO_NODE);
        let mut count = 0;
        for known in named {
            assert_eq!(place_of(known.name), known.place);
            count += 1;
        }
        assert!(count > 1000, "{count}");
    }

    /// A shape that is told by a sign is tried where the sign is.
    #[test]
    fn shapes_are_tried_where_their_signs_are() {
        for (index, signature) in SIGNATURES.iter().enumerate().skip(1) {
            let shapes = |signs: Signs| {
                let mut shapes = 0;
                signs.each(|sign| shapes |= SHAPES_WITH[sign]);
                shapes >> index & 1
            };
            if signature.all.is_empty() {
                signature.any[0].each(|sign| {
                    assert_eq!(shapes(Signs::of(sign as u16)), 1, "{index}");
                });
            } else {
                assert_eq!(shapes(signature.all), 1, "{index}");
            }
        }
    }
}
