/*!
What was chosen for literals when a program was built, so that it need not be
chosen when the program starts.
*/

use crate::Literal;
use crate::choice::{Choice, MOST_BUCKETS, Sight};
use crate::table::{Place, WINDOW};

/// Where the windows of some sets of literals are, and in which buckets.
#[derive(Clone, Copy, Debug)]
pub struct Chosen<'c> {
    /// The number of each set, in order, and where its places begin.
    pub sets: &'c [(u64, u32)],
    /// What [`choose`] returned for the sets, one behind the other.
    pub places: &'c [u8],
}

impl Chosen<'_> {
    /// Nothing was chosen.
    pub const NONE: Chosen<'static> = Chosen { sets: &[], places: &[] };

    /// The place of each literal, if these literals are one of the sets.
    pub(crate) fn places(
        &self,
        literals: &[Literal<'_>],
        sight: Sight,
    ) -> Option<Vec<Place>> {
        if self.sets.is_empty() {
            return None;
        }
        let number = number(literals, sight);
        let set = self.sets.binary_search_by_key(&number, |(set, _)| *set);
        let (_, start) = self.sets.get(set.ok()?)?;
        let (pairs, _) = self.places.get(*start as usize..)?.as_chunks();
        let pairs = pairs.get(..literals.len())?;
        let place = |(&[start, bucket], literal): (&[u8; 2], &Literal<'_>)| {
            let [start, bucket] = [start, bucket].map(usize::from);
            let last = literal.bytes.len().saturating_sub(WINDOW);
            (start <= last && bucket < MOST_BUCKETS)
                .then_some(Place { start, bucket })
        };
        pairs.iter().zip(literals).map(place).collect()
    }
}

/// Chooses as [`Literals::new`](crate::Literals::new) does on any processor:
/// for each way to see bytes, the number of these literals and what was chosen
/// for them, to be kept for [`Chosen`]. Other literals have another number, and
/// so do these in another order.
pub fn choose(literals: &[Literal<'_>]) -> [(u64, Vec<u8>); 2] {
    [Sight::FourBits, Sight::SixBits].map(|sight| {
        let choice = Choice::new(literals, sight);
        let byte = |number| u8::try_from(number).unwrap_or(u8::MAX);
        let bytes = |place: &Place| [byte(place.start), byte(place.bucket)];
        let places = choice.places.iter().flat_map(bytes).collect();
        (number(literals, sight), places)
    })
}

/// A number that tells a set of literals, and how they are seen. Nothing
/// depends on it but which windows are looked for.
fn number(literals: &[Literal<'_>], sight: Sight) -> u64 {
    let mut number = sight as u64;
    let mut mix = |word: u64| {
        let mixed =
            (number.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        number = mixed ^ mixed >> 32;
    };
    for literal in literals {
        mix(literal.bytes.len() as u64);
        mix(literal.cased.into());
        for bytes in literal.bytes.chunks(8) {
            let mut word = [0; 8];
            word.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            mix(u64::from_le_bytes(word));
        }
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 5] =
        ["schtasks", "at", "", "/create", "\u{e9}\u{c9}ffff"];

    fn literals() -> [Literal<'static>; 5] {
        let mut literals = TEXTS.map(Literal::new);
        literals[3].cased = true;
        literals
    }

    #[test]
    fn what_was_chosen_is_what_would_be() {
        let literals = literals();
        let all = choose(&literals);
        for (sight, (_, places)) in
            [Sight::FourBits, Sight::SixBits].into_iter().zip(&all)
        {
            let sets = [(0, 0), (number(&literals, sight), 2)];
            let places = &[&[9, 9], &places[..], &[9]].concat();
            let chosen = Chosen { sets: &sets, places };
            let places = chosen.places(&literals, sight).unwrap();
            let known = Choice::of(&literals, sight, places);
            let fresh = Choice::new(&literals, sight);
            assert_eq!(known.places, fresh.places);
            assert_eq!(known.buckets, fresh.buckets);
            assert_eq!(known.is_masked, fresh.is_masked);
        }
    }

    #[test]
    fn other_literals_are_another_set() {
        let first = literals();
        let known = number(&first, Sight::FourBits);
        assert_ne!(known, number(&first, Sight::SixBits));
        let mut others = vec![first[..4].to_vec()];
        for place in 0..first.len() {
            let mut other = first.to_vec();
            other[place].cased = !other[place].cased;
            others.push(other);
            let mut other = first.to_vec();
            other[place].bytes = b"other";
            others.push(other);
            let mut other = first.to_vec();
            other.swap(place, (place + 1) % first.len());
            others.push(other);
        }
        for other in others {
            assert_ne!(known, number(&other, Sight::FourBits));
        }
    }

    /// What is wrong is not used.
    #[test]
    fn places_that_cannot_be_are_refused() {
        let literals = literals();
        let sight = Sight::FourBits;
        let number = number(&literals, sight);
        let is_used = |places: &[u8]| {
            let sets = &[(number, 0)];
            Chosen { sets, places }.places(&literals, sight).is_some()
        };
        assert!(is_used(&[0, 0, 0, 1, 0, 2, 0, 3, 0, 31]));
        assert!(!is_used(&[0, 0, 0, 1, 0, 2, 0, 3, 0, 32]));
        assert!(is_used(&[4, 0, 0, 1, 0, 2, 3, 3, 0, 31]));
        assert!(!is_used(&[5, 0, 0, 1, 0, 2, 0, 3, 0, 31]));
        assert!(!is_used(&[0, 0, 1, 1, 0, 2, 0, 3, 0, 31]));
        assert!(!is_used(&[0, 0, 0, 1, 0, 2, 0, 3]));
        assert!(!is_used(&[0, 0, 0, 1, 0, 2, 0, 3, 0]));
        assert!(!is_used(&[]));
        assert!(Chosen::NONE.places(&literals, sight).is_none());
    }
}
