/*!
Finds many literals in one pass over bytes, ignoring ASCII case.

[`Literals`] is built once, never changes and may be shared by any number of
threads. A search allocates nothing and cannot fail.

```
use std::ops::ControlFlow;
use t1053_literals::{Literal, Literals};

let literals = Literals::new([
    Literal::new("schtasks"),
    Literal::new("/create"),
    Literal::cased("/S"),
]);

let mut seen = Vec::new();
let _ = literals.find_all(b"SchTasks.exe /Create /s", |index, start| {
    seen.push((index, start));
    ControlFlow::Continue(())
});
assert_eq!(seen, [(0, 0), (1, 13)]);
```

# How it works

Of each literal, four neighbouring bytes are chosen that are rare in logs:
its window. A filter of vector instructions looks at 64 places of the
haystack at once and tells where windows may be, which is at a few places in
a thousand. The bytes there are looked up in a hash table of windows, and
only a literal whose window they are is compared as a whole. Literals shorter
than a window take part as well as they can: they are looked up by their first
two bytes.

The filter is there for AVX-512 VBMI, AVX2, SSSE3 and NEON, chosen at run
time. Without them, each place is looked up in the hash table.

# What it costs

On one core of a server of 2025, real logs are searched for 66 literals at 11
to 18 GB/s, for 265 at 4 to 8 GB/s and for 5,000 at 0.7 to 1.2 GB/s; without
vector instructions at 0.5 to 1 GB/s. Values of 10 to 60 bytes take 5 to 20
ns. Building takes 0.2 to 0.3 ms for 66 literals and 15 to 30 ms for 5,000.

Time is at most linear in the bytes of the haystack, times the number of
literals that share a window or, if shorter than one, their first two bytes,
times their length over eight. Text that is made to have windows everywhere is searched at a few
hundred MB/s.
*/

#![deny(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod byte;
mod choice;
mod chosen;
mod count;
mod simd;
mod table;
mod text;

use core::fmt;
use core::ops::ControlFlow;

pub use byte::{escapes_of, first_of, places_of};
pub use chosen::{Chosen, choose};

use choice::Choice;
use simd::{Candidates, Filter};
use table::{Found, Table};

/// Bytes to search for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Literal<'a> {
    /// The bytes. An empty literal is never found.
    pub bytes: &'a [u8],
    /// Whether ASCII case counts.
    pub cased: bool,
}

impl<'a> Literal<'a> {
    /// A literal that ignores ASCII case.
    pub fn new<B: AsRef<[u8]> + ?Sized>(bytes: &'a B) -> Literal<'a> {
        Literal { bytes: bytes.as_ref(), cased: false }
    }

    /// A literal that is found only as it is written.
    pub fn cased<B: AsRef<[u8]> + ?Sized>(bytes: &'a B) -> Literal<'a> {
        Literal { bytes: bytes.as_ref(), cased: true }
    }
}

/// A set of literals, ready to be searched for.
pub struct Literals {
    table: Table,
    filter: Option<Filter>,
}

impl Literals {
    /// Prepares the given literals. They are known by their index from here
    /// on; the same literal given twice is found twice.
    pub fn new<'a, I>(literals: I) -> Literals
    where
        I: IntoIterator<Item = Literal<'a>>,
    {
        Literals::with_chosen(literals, &Chosen::NONE)
    }

    /// The same, with what was chosen before, if these literals are among
    /// those that it was chosen for: choosing takes most of the time. What is
    /// found is the same, whatever was chosen.
    ///
    /// ```
    /// use t1053_literals::{Chosen, Literal, Literals, choose};
    ///
    /// let literals = ["schtasks", "/create"].map(Literal::new);
    /// // When a program is built, these are written down;
    /// let [_, (number, places)] = choose(&literals);
    /// // when it starts, they are read.
    /// let chosen = Chosen { sets: &[(number, 0)], places: &places };
    /// let prepared = Literals::with_chosen(literals, &chosen);
    /// assert_eq!(prepared.find(b"SCHTASKS"), Some((0, 0)));
    /// ```
    pub fn with_chosen<'a, I>(literals: I, chosen: &Chosen<'_>) -> Literals
    where
        I: IntoIterator<Item = Literal<'a>>,
    {
        let literals: Vec<Literal<'a>> = literals.into_iter().collect();
        let sight = Filter::sight();
        let choice = match chosen.places(&literals, sight) {
            Some(places) => Choice::of(&literals, sight, places),
            None => Choice::new(&literals, sight),
        };
        let filter = Filter::each(&choice).next();
        Literals { table: Table::new(&literals, &choice.places), filter }
    }

    /// The same without vector instructions. It finds the same, more slowly.
    pub fn scalar(self) -> Literals {
        Literals { filter: None, ..self }
    }

    /// Calls `found` with the index and the start of each occurrence of each
    /// literal, overlapping ones too, until it returns `Break`.
    ///
    /// Each occurrence is reported once. Of two that do not overlap, the
    /// earlier is reported first; the order of those that do is not
    /// specified.
    #[inline]
    pub fn find_all<F>(&self, haystack: &[u8], mut found: F) -> ControlFlow<()>
    where
        F: FnMut(usize, usize) -> ControlFlow<()>,
    {
        self.search(haystack, &mut found)
    }

    /// The index and the start of an occurrence that no other one ends
    /// before. So of lines, where no literal has a line end in it, it is in
    /// the first that has any.
    ///
    /// To go on from there, let [`find_all`](Literals::find_all) do it
    /// rather than to call this again: it has looked ahead already.
    pub fn find(&self, haystack: &[u8]) -> Option<(usize, usize)> {
        let mut first = None;
        let _ = self.find_all(haystack, |index, start| {
            first = Some((index, start));
            ControlFlow::Break(())
        });
        first
    }

    fn search(&self, haystack: &[u8], found: Found<'_>) -> ControlFlow<()> {
        let Some(filter) = &self.filter else {
            return self.table.scan(haystack, 0..haystack.len(), found);
        };
        let mut candidates = [Candidates::default(); 8];
        // Whoever stops early has not made it look far ahead.
        let mut room = 2;
        let mut next = 0;
        while next < haystack.len() {
            let candidates = candidates.get_mut(..room).unwrap_or_default();
            let filled;
            (filled, next) = filter.fill(haystack, next, candidates);
            for &Candidates { start, mut bits } in
                candidates.iter().take(filled)
            {
                while bits != 0 {
                    let bit = bits.trailing_zeros() as usize;
                    let place = start.saturating_add(bit);
                    self.table.at(haystack, place, found)?;
                    // Without the lowest that is set.
                    bits &= bits.wrapping_sub(1);
                }
            }
            room = 8;
        }
        self.table.scan(haystack, self.table.rest(haystack), found)
    }

    /// The bytes of memory in use besides the value itself.
    pub fn memory_usage(&self) -> usize {
        let filter = self.filter.as_ref().map_or(0, Filter::memory_usage);
        self.table.memory_usage().saturating_add(filter)
    }

    /// The name of the instructions in use, for benchmarks.
    pub fn backend(&self) -> &'static str {
        self.filter.as_ref().map_or("scalar", |filter| filter.name)
    }
}

impl fmt::Debug for Literals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Literals")
            .field("backend", &self.backend())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
