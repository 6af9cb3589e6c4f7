/*!
The names of the members of all shapes, as one table made when this is
compiled.

The paths of all shapes ([`shapes`](super::shapes)) are put together in a
tree. A [`Node`] is a place in it; one walk over a record goes from node to
node by the names it meets, and what it finds is kept by node. What a node is
for a shape, its [`Use`]s say.
*/

use memchr::memchr;
use t1053_literals::places_of;

mod joined;
mod name;
mod signs;
mod spelled;
mod table;

use super::keys::Key;
use super::raw::Rank;
use super::shape::Form;
use super::syntax::json;
use name::{MOST_NAME, NO_NODE, Name, Node, SHORT};
use table::{
    NODES, PATTERNS, PREFIX_STARTS, PREFIXES, SHAPES_WITH, SIGNATURES,
    TELLING, USES, WILD, place_of,
};

pub(crate) use joined::is_joint;
pub(crate) use signs::Signs;
pub(crate) use spelled::{Style, spelled};
pub(crate) use table::{
    DOUBLED, HEAD, JSON, LIST, OBJECT, PAIR, Place, RECORDS, Shapes,
    Signature, TABLES, Use, VALUE, WINDOWS, tag,
};

impl Signs {
    /// Whether it has the sign of a place.
    #[inline]
    pub(crate) fn has_that_of(self, place: Place) -> bool {
        self.has(place.sign)
    }

    /// The shapes that a record with these signs may be of, but for those
    /// that need none.
    #[inline]
    pub(crate) fn shapes(self) -> Shapes {
        let mut shapes = 0;
        self.each(|sign| {
            shapes |= SHAPES_WITH.get(sign).copied().unwrap_or(0);
        });
        shapes
    }
}

impl Place {
    /// A name that is long, may be that of a member of a member, or hold an
    /// escape.
    const DISTANT: Place = Place { node: NO_NODE, does: WILD, sign: 0 };

    /// The place whose members an object at a node has.
    pub(crate) fn of_object(node: Node) -> Place {
        let known = |node: Node| NODES.get(usize::from(node));
        let object = known(node).and_then(|found| known(found.object));
        object.map_or(Place::UNKNOWN, |object| object.place)
    }

    /// Whether any shape knows it.
    pub(crate) const fn is_known(self) -> bool {
        self.node != NO_NODE
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
    /// object that this is ([`object`](Place::object)). A name may be that of
    /// a member of a member, and so on: `process.executable`. Notes the signs
    /// that are met.
    #[inline]
    pub(crate) fn member(self, name: &[u8], signs: &mut Signs) -> Place {
        self.member_at(name, name.len(), signs)
    }

    /// The same of a name that a text begins with.
    #[inline]
    pub(crate) fn member_at(
        self,
        text: &[u8],
        length: usize,
        signs: &mut Signs,
    ) -> Place {
        let mut place = self.near_at(text, length);
        if place == Place::DISTANT {
            let name = text.get(..length).unwrap_or_default();
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
    fn may_be_prefixed(self, first: u8) -> bool {
        self.node == 0 && PREFIX_STARTS.get(usize::from(first)) == Some(&true)
    }

    /// The object whose member a name is behind what it begins with, and that
    /// member's name.
    fn behind_prefix(self, name: &[u8]) -> Option<(Place, &[u8])> {
        PREFIXES.iter().find_map(|prefix| {
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
        place_of(Name::new(self.node, name))
    }

    /// The member of a name that a text begins with, if it is listed; or
    /// that it is to be looked for in other ways. Does itself what nearly
    /// every name takes, as it is called for each member there is.
    #[inline(never)]
    fn near_at(self, text: &[u8], length: usize) -> Place {
        let Some(chunk) = text.first_chunk().filter(|_| length <= 16) else {
            return self.near_long(text, length);
        };
        let name = Name::beginning(self.node, chunk, length);
        let place = place_of(name);
        if place.is_known() {
            return place;
        }
        let odd = u32::from(places_of(*b".\\", chunk));
        let is_odd = odd.trailing_zeros() < length as u32;
        self.unlisted(name, is_odd)
    }

    /// The same for names that are longer or end a text.
    #[inline(never)]
    fn near_long(self, text: &[u8], length: usize) -> Place {
        if length > SHORT {
            return Place::DISTANT;
        }
        let text = text.get(..length).unwrap_or_default();
        let name = Name::new(self.node, text);
        let place = place_of(name);
        if place.is_known() {
            return place;
        }
        let is_odd = text.iter().any(|byte| matches!(byte, b'.' | b'\\'));
        self.unlisted(name, is_odd)
    }

    /// What a name that is not listed is: unknown, unless its bytes are odd,
    /// so that it may be that of a member of a member or hold an escape, or
    /// parts of names are known here.
    #[inline]
    fn unlisted(self, name: Name, is_odd: bool) -> Place {
        if is_odd || self.does(WILD) || self.may_be_prefixed(name.first()) {
            return Place::DISTANT;
        }
        Place::UNKNOWN
    }

    /// What a member is of which only a part of the name is known.
    fn matching(self, name: &[u8]) -> Place {
        if matches!(name, [b'#' | b'@', ..]) {
            return Place::UNKNOWN;
        }
        let mut patterns = PATTERNS.iter();
        let pattern = patterns.find(|pattern| {
            pattern.parent == self.node && name.ends_with(pattern.suffix)
        });
        pattern.map_or(Place::UNKNOWN, |pattern| pattern.place)
    }
}

/// What the value at a node is in Windows' terms.
#[inline]
pub(crate) fn use_in_windows(node: Node) -> Option<(Key, Rank, Form)> {
    NODES.get(usize::from(node))?.windows
}

/// What the value at a node is for the shapes of a tag ([`tag`]).
#[inline]
pub(crate) fn use_of(node: Node, tag: u8) -> Option<&'static Use> {
    let mut next = NODES.get(usize::from(node)).map(|known| known.first_use);
    loop {
        let index = usize::from(next?).checked_sub(1)?;
        let found = USES.get(index)?;
        if found.tag == tag {
            return Some(found);
        }
        next = Some(found.next);
    }
}

impl Signature {
    /// The members that the shape and its rules are told by.
    pub(crate) fn members(&self) -> &'static [Place] {
        let [first, count] = [self.first, self.count].map(usize::from);
        let members = TELLING.get(first..).unwrap_or_default();
        members.get(..count).unwrap_or_default()
    }
}

/// What each shape is told by, in their order.
pub(crate) fn signatures() -> &'static [Signature] {
    &SIGNATURES
}

#[cfg(test)]
mod tests {
    use super::name::words;
    use super::*;
    use crate::record::shape::Member;
    use crate::record::shapes::SHAPE_LIST;

    fn place(path: &str) -> Place {
        Place::RECORD.member(path.as_bytes(), &mut Signs::default())
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
        Place::RECORD.near_at(name, name.len()) == Place::DISTANT
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
}
