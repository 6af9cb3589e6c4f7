//! What a correlation compares or counts of its events.

use core::fmt;

use super::list::{List, Text};
use crate::event::Field;

/// What a correlation asks of each of its events: to agree in it, or to be
/// counted by it.
///
/// # Example
///
/// ```
/// use t1053::event::Field;
/// use t1053::rule::{Attribute, Origin};
///
/// let host = Attribute::from(Field::Computer);
/// assert_eq!(host.name, "Computer");
///
/// // Who ran a program, and whose password was changed.
/// let who = Attribute {
///     name: "account".into(),
///     origins: vec![
///         Origin::from(Field::User),
///         Origin { field: Field::Member, member: "TargetUserName".into() },
///     ]
///     .into(),
/// };
/// assert_eq!(who.origin(1).unwrap().member, "TargetUserName");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// What the rule calls it: the field, the member of a record, or an alias
    /// for several.
    pub name: Text,
    /// Where it stands: one place in the events of all selections, or one for
    /// those of each, in their order.
    pub origins: List<Origin>,
}

/// Where in an event a value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The field; [`Field::Member`] if it is a member of the record.
    pub field: Field,
    /// The member, by its own name, that is meant in events without the
    /// field; empty if none is.
    pub member: Text,
}

impl Attribute {
    /// Where it stands in the events of a selection, by its number.
    pub fn origin(&self, selection: usize) -> Option<&Origin> {
        match &*self.origins {
            [one] => Some(one),
            origins => origins.get(selection),
        }
    }

    /// Whether it is a field, the same in all events.
    pub(crate) fn is(&self, field: Field) -> bool {
        self.origins.iter().all(|origin| origin.field == field)
    }
}

impl From<Field> for Attribute {
    fn from(field: Field) -> Attribute {
        let origins = vec![Origin::from(field)].into();
        Attribute { name: field.name().into(), origins }
    }
}

impl From<Field> for Origin {
    fn from(field: Field) -> Origin {
        Origin { field, member: Text::Borrowed("") }
    }
}

/// As rules call it.
impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
