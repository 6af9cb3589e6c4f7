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

# How

Of each literal, four bytes are chosen that are rare in logs: its window. A
filter over the bytes finds the places where a window may be; each is looked
up by the hash of its bytes, and only a literal whose window is there is
compared as a whole. Time is linear in the bytes, times the number of
literals that share one window or that are shorter than one, which is one or
two in practice.
*/

mod table;
mod text;

use core::fmt;
use core::ops::ControlFlow;

use table::Table;

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
}

impl Literals {
    /// Prepares the given literals. They are known by their index from here
    /// on; the same literal given twice is found twice.
    pub fn new<'a, I>(literals: I) -> Literals
    where
        I: IntoIterator<Item = Literal<'a>>,
    {
        let literals: Vec<Literal<'a>> = literals.into_iter().collect();
        Literals { table: Table::new(&literals) }
    }

    /// Calls `found` with the index and the start of each occurrence of each
    /// literal, overlapping ones too, until it returns `Break`.
    ///
    /// Each occurrence is reported once. Of two that do not overlap, the
    /// earlier is reported first; the order of those that do is not
    /// specified.
    pub fn find_all<F>(&self, haystack: &[u8], mut found: F) -> ControlFlow<()>
    where
        F: FnMut(usize, usize) -> ControlFlow<()>,
    {
        self.table.scan(haystack, 0..haystack.len(), &mut found)
    }

    /// The index and the start of an occurrence that no other one ends
    /// before. So of lines, where no literal has a line end in it, it is in
    /// the first that has any.
    pub fn find(&self, haystack: &[u8]) -> Option<(usize, usize)> {
        let mut first = None;
        let _ = self.find_all(haystack, |index, start| {
            first = Some((index, start));
            ControlFlow::Break(())
        });
        first
    }

    /// The bytes of memory in use besides the value itself.
    pub fn memory_usage(&self) -> usize {
        self.table.memory_usage()
    }

    /// The name of the filter in use, for benchmarks.
    pub fn backend(&self) -> &'static str {
        "scalar"
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
