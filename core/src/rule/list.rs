//! Lists and texts that are constants, or made at run time.

use core::fmt;
use core::ops::Deref;
use std::borrow::Cow;

/// A list that is a constant or owned: `Cow`, but usable in types that hold
/// lists of themselves.
#[derive(Clone)]
pub enum List<T: 'static> {
    /// Compiled into the program.
    Static(&'static [T]),
    /// Made at run time.
    Owned(Vec<T>),
}

impl<T> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            List::Static(items) => items,
            List::Owned(items) => items,
        }
    }
}

impl<T> Default for List<T> {
    fn default() -> List<T> {
        List::Static(&[])
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> List<T> {
        List::Owned(items)
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> List<T> {
        List::Owned(items.into_iter().collect())
    }
}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deref().fmt(f)
    }
}

impl<T: PartialEq> PartialEq for List<T> {
    fn eq(&self, other: &List<T>) -> bool {
        self.deref() == other.deref()
    }
}

impl<T: Eq> Eq for List<T> {}

#[cfg(feature = "serde")]
impl<T: serde::Serialize> serde::Serialize for List<T> {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        self.deref().serialize(serializer)
    }
}

/// Text that is a constant or owned.
pub type Text = Cow<'static, str>;
