//! Which values are asked for under their own names.

use std::collections::HashSet;

/// The names of members that a reader is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberNames {
    names: HashSet<Box<str>>,
    /// Whether values of every other name are asked for too.
    all: bool,
    /// Whether events of logs that have no kind are asked for, be it without
    /// any member.
    generic: bool,
}

impl MemberNames {
    /// Values of every name: for keywords, which may stand in any.
    #[must_use]
    pub fn and_all(self) -> MemberNames {
        MemberNames { all: true, ..self }
    }

    /// Generic events too where none of their members is asked for: for
    /// rules that need no more than an id or a channel.
    #[must_use]
    pub fn and_generic(self) -> MemberNames {
        MemberNames { generic: true, ..self }
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && !self.all && !self.generic
    }

    /// The name, if it is asked for by itself.
    pub(super) fn known(&self, name: &str) -> Option<&str> {
        self.names.get(name).map(|name| &**name)
    }

    /// The name, if it is asked for; of one that is not, where all are,
    /// nothing but that.
    pub(super) fn get(&self, names: [&[u8]; 2]) -> Option<&str> {
        let known = names
            .into_iter()
            .find_map(|name| self.names.get(str::from_utf8(name).ok()?));
        match known {
            Some(name) => Some(name),
            None => self.all.then_some(""),
        }
    }
}

impl<N: Into<Box<str>>> FromIterator<N> for MemberNames {
    fn from_iter<I: IntoIterator<Item = N>>(names: I) -> MemberNames {
        let names = names.into_iter().map(N::into).collect();
        MemberNames { names, all: false, generic: false }
    }
}
