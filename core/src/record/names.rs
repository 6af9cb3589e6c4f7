/*!
The names of the members of all shapes, as one table made when this is
compiled.

The paths of all shapes ([`shapes`](super::shapes)) are put together in a
tree. A [`Node`] is a place in it; one walk over a record goes from node to
node by the names it meets, and what it finds is kept by node. What a node is
for a shape, its [`Use`]s say.
*/

use memchr::memchr;

use super::keys::Key;
use super::raw::Rank;
use super::shape::{Family, Form, Member, Reads, Shape, Target, Tell};
use super::shapes::SHAPE_LIST;
use super::syntax::json;

/// A place in the tree of names, by its number; the record itself is the
/// first.
pub(crate) type Node = u16;

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
const WILD: Does = 1 << 7;
/// An object is kept as it is.
pub(crate) const JSON: Does = 1 << 8;

/// What a member is.
///
/// As small as a register: it is handed over for each member there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) node: Node,
    pub(crate) does: Does,
    /// Number of its bit among the signs that shapes are told by, from 1; 0
    /// where it is no sign.
    sign: u8,
}

/// The signs that shapes are told by, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Signs([u64; 4]);

impl Signs {
    pub(crate) const NONE: Signs = Signs([0; 4]);
    const ALL: Signs = Signs([u64::MAX; 4]);
    const COUNT: usize = 256;

    /// The word of a sign, and its bit in there.
    #[inline]
    const fn bit(sign: u8) -> Option<(usize, u64)> {
        match sign.checked_sub(1) {
            None => None,
            Some(index) => {
                Some(((index >> 6_u32) as usize, 1 << (index & 63)))
            }
        }
    }

    const fn of(sign: u8) -> Signs {
        let mut signs = Signs::NONE;
        signs.add(sign);
        signs
    }

    #[inline]
    const fn add(&mut self, sign: u8) {
        if let Some((word, bit)) = Signs::bit(sign) {
            let [first, second, third, fourth] = &mut self.0;
            match word {
                0 => *first |= bit,
                1 => *second |= bit,
                2 => *third |= bit,
                _ => *fourth |= bit,
            }
        }
    }

    /// Whether it has the sign of a place.
    #[inline]
    pub(crate) fn has(self, place: Place) -> bool {
        Signs::bit(place.sign).is_some_and(|(word, bit)| {
            self.0.get(word).is_some_and(|word| word & bit != 0)
        })
    }

    #[inline]
    const fn or(self, other: Signs) -> Signs {
        let Signs([a, b, c, d]) = self;
        let Signs([e, f, g, h]) = other;
        Signs([a | e, b | f, c | g, d | h])
    }

    #[inline]
    const fn and(self, other: Signs) -> Signs {
        let Signs([a, b, c, d]) = self;
        let Signs([e, f, g, h]) = other;
        Signs([a & e, b & f, c & g, d & h])
    }

    #[inline]
    pub(crate) const fn is_empty(self) -> bool {
        let Signs([a, b, c, d]) = self;
        a | b | c | d == 0
    }

    /// Whether it has all of some signs.
    #[inline]
    pub(crate) const fn has_all(self, signs: Signs) -> bool {
        let Signs([a, b, c, d]) = self;
        let Signs([e, f, g, h]) = signs;
        (e & !a) | (f & !b) | (g & !c) | (h & !d) == 0
    }

    /// Whether it has any of some signs, or there are none.
    #[inline]
    pub(crate) const fn has_any(self, signs: Signs) -> bool {
        signs.is_empty() || !self.and(signs).is_empty()
    }
}

impl Place {
    pub(crate) const UNKNOWN: Place =
        Place { node: NO_NODE, does: 0, sign: 0 };

    /// A name that is long, may be that of a member of a member, or hold an
    /// escape.
    const DISTANT: Place = Place { node: NO_NODE, does: WILD, sign: 0 };

    /// The record itself.
    pub(crate) const RECORD: Place = Place { node: 0, does: OBJECT, sign: 0 };

    /// The place whose members an object at a node has.
    pub(crate) fn of_object(node: Node) -> Place {
        let objects = NAMES.objects.get(usize::from(node));
        objects.copied().unwrap_or(Place::UNKNOWN)
    }

    /// Whether any shape knows it.
    pub(crate) const fn is_known(self) -> bool {
        self.node != NO_NODE
    }

    #[inline]
    pub(crate) const fn does(self, what: Does) -> bool {
        self.does & what != 0
    }

    /// The place whose members an object here has.
    #[inline]
    pub(crate) fn object(self) -> Place {
        Place::of_object(self.node)
    }

    /// Notes that it was met.
    #[inline]
    pub(crate) fn note(self, signs: &mut Signs) {
        signs.add(self.sign);
    }

    /// What the member of a name, as it stands in the record, is, in the
    /// object that this is ([`object`](Place::object)). A name may be that of a member of a member, and so on: `process.executable`.
    /// Notes the signs that are met.
    #[inline]
    pub(crate) fn member(self, name: &[u8], signs: &mut Signs) -> Place {
        let mut place = self.near(name);
        if place == Place::DISTANT {
            place = self.distant(name, signs);
        }
        place.note(signs);
        place
    }

    #[inline(never)]
    fn distant(self, name: &[u8], signs: &mut Signs) -> Place {
        // Each step looks at all that is left of the name.
        if name.len() > MOST_NAME {
            return Place::UNKNOWN;
        }
        let scratch = &mut [0; 128];
        let Some(mut rest) = json::unescape_short(name, scratch) else {
            return Place::UNKNOWN;
        };
        let mut place = self;
        loop {
            let whole = place.own(rest);
            if whole.is_known() {
                return whole;
            }
            let dot = memchr(b'.', rest);
            let parts = dot.and_then(|dot| rest.split_at_checked(dot));
            let step = parts.map(|(first, _)| place.own(first));
            if let Some(step) = step.filter(|step| step.is_known())
                && let Some((_, [_, after @ ..])) = parts
            {
                step.note(signs);
                (place, rest) = (step.object(), after);
            } else if let Some(behind) = place.behind_prefix(rest) {
                (place, rest) = behind;
            } else {
                return Place::UNKNOWN;
            }
        }
    }

    /// Whether a name in the record itself may begin as one does that is the
    /// name of a member of another object behind that.
    #[inline]
    fn may_be_prefixed(self, name: &[u8]) -> bool {
        let bit =
            name.first().and_then(|&byte| 1_u128.checked_shl(byte.into()));
        self.node == 0 && bit.is_some_and(|bit| NAMES.prefix_starts & bit != 0)
    }

    /// The object whose member a name is behind what it begins with, and that
    /// member's name.
    fn behind_prefix(self, name: &[u8]) -> Option<(Place, &[u8])> {
        NAMES.prefixes.iter().find_map(|prefix| {
            let is_here = prefix.parent == self.node;
            let after = name.strip_prefix(prefix.text).filter(|_| is_here)?;
            Some((prefix.object, after))
        })
    }

    /// The member of a name without dots and escapes.
    fn own(self, name: &[u8]) -> Place {
        let place = self.listed(name);
        if place.is_known() || !self.does(WILD) {
            return place;
        }
        self.matching(name)
    }

    #[inline]
    fn listed(self, name: &[u8]) -> Place {
        Name::new(self.node, name).place()
    }

    /// The member of a name that is listed, or none; or that it is to be
    /// looked for in other ways. Calls nothing, as it is called for each
    /// member there is.
    #[inline(never)]
    fn near(self, name: &[u8]) -> Place {
        if name.len() > SHORT || self.does(WILD) {
            return Place::DISTANT;
        }
        let words = Name::new(self.node, name);
        let place = words.place();
        if !place.is_known()
            && (self.may_be_prefixed(name) || words.may_be_distant())
        {
            return Place::DISTANT;
        }
        place
    }

    /// What a member is of which only a part of the name is known.
    fn matching(self, name: &[u8]) -> Place {
        if matches!(name, [b'#' | b'@', ..]) {
            return Place::UNKNOWN;
        }
        let mut patterns = NAMES.patterns.iter();
        let pattern = patterns.find(|pattern| {
            pattern.parent == self.node && name.ends_with(pattern.suffix)
        });
        pattern.map_or(Place::UNKNOWN, |pattern| pattern.place)
    }
}

/// What the value at a node is for the shapes of a tag.
#[derive(Clone, Copy)]
pub(crate) struct Use {
    /// Number of the next use of the node, from 1; 0 for none.
    next: u16,
    tag: u8,
    pub(crate) target: Target,
    pub(crate) rank: Rank,
    pub(crate) form: Form,
}

/// Whether the value at a node is one that tells what a record is.
#[inline]
pub(crate) fn is_head(node: Node) -> bool {
    NAMES.is_head.get(usize::from(node)) == Some(&true)
}

/// What the value at a node is in Windows' terms.
#[inline]
pub(crate) fn use_in_windows(node: Node) -> Option<(Key, Rank, Form)> {
    *NAMES.windows.get(usize::from(node))?
}

/// What the value at a node is for the shapes of a tag ([`tag`]).
#[inline]
pub(crate) fn use_of(node: Node, tag: u8) -> Option<&'static Use> {
    let mut next = NAMES.first_use.get(usize::from(node)).copied();
    loop {
        let index = usize::from(next?).checked_sub(1)?;
        let found = NAMES.uses.get(index)?;
        if found.tag == tag {
            return Some(found);
        }
        next = Some(found.next);
    }
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
    /// Signs of which every record of the shape has one, if there are any.
    pub(crate) any: Signs,
    /// The members that the shape, and then its rules, are told by, in their
    /// order.
    first: u16,
    count: u16,
}

impl Signature {
    /// The members that the shape and its rules are told by.
    pub(crate) fn members(&self) -> &'static [Place] {
        let [first, count] = [self.first, self.count].map(usize::from);
        let members = NAMES.telling.get(first..).unwrap_or_default();
        members.get(..count).unwrap_or_default()
    }
}

const NO_SIGNATURE: Signature =
    Signature { all: Signs::NONE, any: Signs::NONE, first: 0, count: 0 };

/// What each shape is told by, in their order.
pub(crate) fn signatures() -> &'static [Signature] {
    &NAMES.signatures
}

/// A name in an object, to be compared as words: most names are short, and
/// there are too many to compare them one by one.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Name {
    parent: Node,
    length: u16,
    words: [u64; 3],
}

/// Longest name whose words are all of its bytes.
const SHORT: usize = 24;

/// Words that tell a name from all others of its length: its bytes if it is
/// short; of a longer one the first, the last and a sum of all, which no two names
/// share by chance.
#[inline]
const fn words(name: &[u8]) -> [u64; 3] {
    if let (Some(first), Some(last)) =
        (name.first_chunk::<8>(), name.last_chunk::<8>())
    {
        let middle = match name {
            [_, _, _, _, _, _, _, _, rest @ ..] if name.len() > SHORT => {
                sum(rest)
            }
            [_, _, _, _, _, _, _, _, rest @ ..] if name.len() > 16 => {
                match rest.first_chunk::<8>() {
                    Some(middle) => u64::from_le_bytes(*middle),
                    None => 0,
                }
            }
            _ => 0,
        };
        return [
            u64::from_le_bytes(*first),
            middle,
            u64::from_le_bytes(*last),
        ];
    }
    let (first, last) = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => {
            (u32::from_le_bytes(*first), u32::from_le_bytes(*last))
        }
        _ => match *name {
            [first, second, third] => {
                (u32::from_le_bytes([first, second, third, 0]), 0)
            }
            [first, second] => (u32::from_le_bytes([first, second, 0, 0]), 0),
            [first] => (first as u32, 0),
            _ => (0, 0),
        },
    };
    [first as u64, 0, last as u64]
}

/// A sum of all words of what is left of a long name.
#[inline(never)]
const fn sum(mut rest: &[u8]) -> u64 {
    let mut sum = 0_u64;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        sum = sum.wrapping_mul(SPREAD) ^ u64::from_le_bytes(*word);
        rest = after;
    }
    sum
}

impl Name {
    #[inline]
    const fn new(parent: Node, name: &[u8]) -> Name {
        // Of lengths that 16 bits cannot hold the rest will do: no name in the
        // table is near that.
        Name { parent, length: name.len() as u16, words: words(name) }
    }

    /// Whether it may be that of a member of a member, or hold an escape.
    #[inline]
    fn may_be_distant(self) -> bool {
        const fn has(byte: u8, word: u64) -> bool {
            let zeros = word ^ u64::from_ne_bytes([byte; 8]);
            let ones = u64::from_ne_bytes([1; 8]);
            // Whether a byte is zero.
            zeros.wrapping_sub(ones) & !zeros & (ones << 7_u32) != 0
        }
        let [first, middle, last] = self.words;
        let any = |word| has(b'.', word) | has(b'\\', word);
        any(first) || any(last) || (middle != 0 && any(middle))
    }

    /// The slot from which on the name stands in the table.
    #[inline]
    const fn slot(self) -> usize {
        let Name { parent, length, words: [first, _, last] } = self;
        let kind = (parent as u64) << 16_u32 | length as u64;
        let mixed = first.wrapping_mul(SPREAD) ^ last ^ kind.rotate_left(40);
        let slot = mixed.wrapping_mul(SPREAD).rotate_left(SLOTS.ilog2());
        slot as usize % SLOTS
    }

    /// Whether it is the same, without a branch for each word.
    #[inline]
    const fn is(self, other: Name) -> bool {
        let [first, middle, last] = self.words;
        let [others_first, others_middle, others_last] = other.words;
        (first ^ others_first)
            | (middle ^ others_middle)
            | (last ^ others_last)
            | (self.length ^ other.length) as u64
            | (self.parent ^ other.parent) as u64
            == 0
    }

    #[inline]
    fn place(self) -> Place {
        let slots = NAMES.table.get(self.slot()..).unwrap_or_default();
        for (name, place) in slots {
            // A free slot is of no name and no known place.
            if name.is(self) || name.parent == NO_NODE {
                return *place;
            }
        }
        Place::UNKNOWN
    }
}

/// An odd number whose bits are in no order.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// No place in the tree.
const NO_NODE: Node = Node::MAX;

/// Some times as many as there are names, so that few share a slot.
const SLOTS: usize = 8192;

/// Most names in the slots behind the last, most places in the tree, most
/// uses of them, most names that are known by a part and most members that
/// shapes are told by. What does not fit does not compile.
const MORE: usize = 8;
const NODES: usize = 2048;
const USES: usize = 2048;
const PATTERNS: usize = 8;
const PREFIXES: usize = 8;
const TELLING: usize = 1024;

/// Longest name of a member of a member, or behind a prefix, that is looked
/// up. The longest known one, a claim's in ECS, has 112 bytes.
const MOST_NAME: usize = 256;

struct Names {
    /// The names: each stands in the slot of its name, or in one of those
    /// that follow without a gap.
    table: [(Name, Place); SLOTS + MORE],
    patterns: [Pattern; PATTERNS],
    prefixes: [Prefix; PREFIXES],
    /// A bit per byte that names with a prefix in the record itself begin
    /// with.
    prefix_starts: u128,
    /// The places whose members an object at each node has.
    objects: [Place; NODES],
    /// Number of each node's first use, from 1; 0 for none.
    first_use: [u16; NODES],
    uses: [Use; USES],
    /// The use of each node in Windows' terms once more, for most records are
    /// Windows events, and with every record that is read it is looked up
    /// for every value.
    windows: [Option<(Key, Rank, Form)>; NODES],
    /// Whether that is a key of the first, which tell what a record is.
    is_head: [bool; NODES],
    signatures: [Signature; SHAPE_LIST.len()],
    /// The members that shapes are told by.
    telling: [Place; TELLING],
}

/// Names that end in a text.
#[derive(Clone, Copy)]
struct Pattern {
    parent: Node,
    suffix: &'static [u8],
    place: Place,
}

/// Names that begin with a text and go on as those in another object.
#[derive(Clone, Copy)]
struct Prefix {
    parent: Node,
    text: &'static [u8],
    object: Place,
}

static NAMES: Names = build();

/// Makes the table. The compiler runs this; what does not fit ends the
/// compilation.
#[allow(long_running_const_eval)]
const fn build() -> Names {
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

struct Builder {
    names: Names,
    does: [Does; NODES],
    sign: [u8; NODES],
    /// The node whose members an object at each node has.
    objects: [Node; NODES],
    nodes: Node,
    patterns: usize,
    prefixes: usize,
    uses: u16,
    signs: u8,
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
        let mut does = [0; NODES];
        does[0] = OBJECT;
        Builder {
            names: Names {
                table: [(no_name, Place::UNKNOWN); SLOTS + MORE],
                patterns: [pattern; PATTERNS],
                prefixes: [prefix; PREFIXES],
                prefix_starts: 0,
                objects: [Place::UNKNOWN; NODES],
                first_use: [0; NODES],
                uses: [no_use; USES],
                windows: [None; NODES],
                is_head: [false; NODES],
                signatures: [NO_SIGNATURE; SHAPE_LIST.len()],
                telling: [Place::UNKNOWN; TELLING],
            },
            does,
            sign: [0; NODES],
            objects: [0; NODES],
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
        if self.objects[node] == other && self.does[node] & OBJECT != 0 {
            // Of a layout that several shapes share.
            return;
        }
        assert!(
            self.does[node] & OBJECT == 0,
            "an object with members here and elsewhere"
        );
        self.objects[node] = other;
        self.does[node] |= OBJECT | does;
    }

    const fn shape(&mut self, shape: &Shape, index: usize) {
        let first = self.telling;
        self.tell(&shape.tells);
        let all = self.all(&shape.tells);
        let any = self.any(&shape.tells);
        if let Reads::Rules(mut rules) = shape.reads {
            while let [rule, rest @ ..] = rules {
                self.tell(&rule.tell);
                rules = rest;
            }
        }
        let count = self.telling - first;
        self.names.signatures[index] = Signature { all, any, first, count };
        assert!(
            index == 0 || !all.or(any).is_empty(),
            "a shape without a sign"
        );
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
                        let parent = self.objects[parent as usize];
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
        self.does[node as usize] |= does;
    }

    const fn add_use(
        &mut self,
        node: Node,
        tag: u8,
        target: Target,
        rank: Rank,
        form: Form,
    ) {
        self.does[node as usize] |= match form {
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
            Form::Json => VALUE | LIST | JSON,
        };
        let next = self.names.first_use[node as usize];
        assert!(
            !self.is_used(next, tag),
            "a member that is two values of one shape"
        );
        self.names.uses[self.uses as usize] =
            Use { next, tag, target, rank, form };
        self.uses += 1;
        if let (WINDOWS, Target::Event(key)) = (tag, target) {
            self.names.windows[node as usize] = Some((key, rank, form));
            self.names.is_head[node as usize] = (key as usize) < Key::HEAD;
        }
        self.names.first_use[node as usize] = self.uses;
    }

    const fn is_used(&self, mut next: u16, tag: u8) -> bool {
        while next != 0 {
            let found = &self.names.uses[next as usize - 1];
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
            Tell::Is(path, _) | Tell::Begins(path, _) => {
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
        self.does[node] |= does;
        if self.sign[node] == 0 {
            self.signs += 1;
            assert!((self.signs as usize) < Signs::COUNT, "too many signs");
            self.sign[node] = self.signs;
        }
        let sign = self.sign[node];
        self.names.telling[self.telling as usize] =
            Place { node: node as Node, does, sign };
        self.telling += 1;
    }

    /// The signs without which what is told does not hold.
    const fn all(&mut self, tell: &Tell) -> Signs {
        match *tell {
            Tell::Has(path)
            | Tell::Is(path, _)
            | Tell::Among(path, _)
            | Tell::Begins(path, _) => {
                let node = self.node(path.as_bytes()) as usize;
                Signs::of(self.sign[node])
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

    /// Signs without one of which what is told does not hold; none if there
    /// are no such signs.
    const fn any(&mut self, tell: &Tell) -> Signs {
        match *tell {
            Tell::Any(mut tells) => {
                let mut signs = Signs::NONE;
                while let [tell, rest @ ..] = tells {
                    let of_one = self.all(tell);
                    if of_one.is_empty() {
                        return of_one;
                    }
                    signs = signs.or(of_one);
                    tells = rest;
                }
                signs
            }
            Tell::All(mut tells) => {
                while let [tell, rest @ ..] = tells {
                    let of_part = self.any(tell);
                    if !of_part.is_empty() {
                        return of_part;
                    }
                    tells = rest;
                }
                Signs::NONE
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
        let parent = self.objects[parent as usize];
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
        self.enter(parent, name, Place { node, does: 0, sign: 0 });
        node
    }

    const fn new_node(&mut self) -> Node {
        let node = self.nodes;
        self.objects[node as usize] = node;
        self.nodes += 1;
        node
    }

    const fn find(&self, name: Name) -> Option<Node> {
        let mut slot = name.slot();
        while self.names.table[slot].0.parent != NO_NODE {
            if self.names.table[slot].0.is(name) {
                return Some(self.names.table[slot].1.node);
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
        self.names.patterns[self.patterns] = Pattern { parent, suffix, place };
        self.patterns += 1;
        self.does[parent as usize] |= OBJECT | WILD;
    }

    const fn prefix(&mut self, path: &'static [u8], other: &'static str) {
        let (parent, text) = self.parent(path);
        let parent = self.objects[parent as usize];
        let object = self.node(other.as_bytes());
        let place = Place { node: object, does: 0, sign: 0 };
        self.names.prefixes[self.prefixes] =
            Prefix { parent, text, object: place };
        self.prefixes += 1;
        self.does[parent as usize] |= OBJECT;
        if parent == 0 {
            self.names.prefix_starts |= 1 << text[0];
        }
    }

    /// Enters a name after those that were entered before.
    const fn enter(&mut self, parent: Node, name: Name, place: Place) {
        assert!(self.find(name).is_none(), "a name that means two things");
        let mut slot = name.slot();
        while self.names.table[slot].0.parent != NO_NODE {
            slot += 1;
        }
        self.names.table[slot] = (name, place);
        self.does[parent as usize] |= OBJECT;
    }

    /// Says at each name what is to be done at its node.
    const fn finish(mut self) -> Names {
        let mut slot = 0;
        while slot < SLOTS + MORE {
            let (name, place) = self.names.table[slot];
            if name.parent != NO_NODE {
                self.names.table[slot].1 = self.finished(place.node);
            }
            slot += 1;
        }
        let mut pattern = 0;
        while pattern < self.patterns {
            let place = self.names.patterns[pattern].place;
            self.names.patterns[pattern].place = self.finished(place.node);
            pattern += 1;
        }
        let mut prefix = 0;
        while prefix < self.prefixes {
            let object = self.names.prefixes[prefix].object;
            let object = self.objects[object.node as usize];
            self.names.prefixes[prefix].object = self.finished(object);
            prefix += 1;
        }
        let mut node = 0;
        while node < self.nodes {
            self.names.objects[node as usize] =
                self.finished(self.objects[node as usize]);
            node += 1;
        }
        self.names
    }

    const fn finished(&self, node: Node) -> Place {
        let does = self.does[node as usize];
        Place { node, does, sign: self.sign[node as usize] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> Place {
        Place::RECORD.member(path.as_bytes(), &mut Signs::default())
    }

    fn entered() -> impl Iterator<Item = &'static (Name, Place)> {
        NAMES.table.iter().filter(|(name, _)| name.parent != NO_NODE)
    }

    #[test]
    fn every_path_leads_to_its_use() {
        for (index, shape) in SHAPE_LIST.iter().enumerate() {
            let tag = tag(shape.family, index);
            for layout in shape.layouts {
                for member in layout.members {
                    let Member::Value { path, target, rank, form } = member
                    else {
                        continue;
                    };
                    let path = path.replace('*', "http://x");
                    let found = use_of(place(&path).node, tag);
                    assert!(
                        found.is_some_and(|found| found.target == *target
                            && found.rank == *rank
                            && found.form == *form),
                        "{path}"
                    );
                }
            }
        }
    }

    #[test]
    fn no_name_is_taken_for_another() {
        for path in ["", "Even", "EventIDx", "vent", "winlog.Event", "x"] {
            assert_eq!(place(path).does, 0, "{path}");
        }
        assert_eq!(place("Event.EventID"), Place::UNKNOWN);
        assert_eq!(place("Event.System.EventID"), place("System.EventID"));
    }

    fn is_distant(name: &[u8]) -> bool {
        Place::RECORD.near(name) == Place::DISTANT
    }

    #[test]
    fn names_behind_a_prefix_are_those_of_another_object() {
        assert_eq!(place("_EventID").node, place("gelf.EventID").node);
        let image = place("winlogbeat_winlog_event_data_Image");
        assert_eq!(image, place("EventData.Image"));
        assert_eq!(place("winlogbeat_winlog_event_data_x"), Place::UNKNOWN);
        for name in ["__EventID", "_", "x_EventID", "winlogbeat_"] {
            assert_eq!(place(name), Place::UNKNOWN, "{name}");
        }
        let mut signs = Signs::default();
        let found = Place::RECORD.member(b"_EventID", &mut signs);
        assert_eq!(found, place("_EventID"));
    }

    /// A step costs as much as what is left of a name is long.
    #[test]
    fn names_of_many_steps_are_unknown() {
        let long = "_source.".repeat(1 << 20) + "EventID";
        assert_eq!(place(&long), Place::UNKNOWN);
        assert_ne!(place("_source._source.EventID"), Place::UNKNOWN);
    }

    #[test]
    fn no_two_names_have_the_same_words() {
        // Of every length, each with one byte that is another.
        for length in 0..=80_u8 {
            let name: Vec<u8> =
                (0..length).map(|index| b'a' + index % 26).collect();
            for at in 0..name.len() {
                let mut other = name.clone();
                other[at] = b'.';
                assert_ne!(words(&name), words(&other), "{length} {at}");
                assert!(is_distant(&other));
                other[at] = b'\\';
                assert!(is_distant(&other));
            }
            assert_eq!(is_distant(&name), name.len() > SHORT);
        }
    }

    /// Differences in two places do not make up for each other.
    #[test]
    fn differences_add_up() {
        let name = Name { parent: 0, length: 20, words: [1, 2, 3] };
        assert!(name.is(name));
        let changed = |place: usize| {
            let mut other = name;
            if let Some(word) = other.words.get_mut(place) {
                *word ^= 1;
            } else {
                other.length ^= 1;
            }
            other
        };
        for one in 0..4 {
            assert!(!name.is(changed(one)), "{one}");
            for two in 0..one {
                let Name { length, words, .. } = changed(two);
                let mut both = changed(one);
                both.length ^= length ^ name.length;
                for (at, word) in words.into_iter().enumerate() {
                    both.words[at] ^= word ^ name.words[at];
                }
                assert!(!name.is(both), "{one} and {two}");
            }
        }
        assert!(!name.is(Name { parent: 1, ..name }));
        assert!(!name.is(Name { parent: 1, length: 21, ..name }));
    }

    #[test]
    fn few_names_share_a_slot() {
        let mut longest = 0;
        for names in NAMES.table.split(|(name, _)| name.parent == NO_NODE) {
            longest = longest.max(names.len());
        }
        assert!(longest < 12, "{longest} in a row");
        assert!(entered().count() * 2 < SLOTS);
    }
}
