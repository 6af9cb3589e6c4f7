/*!
What makes the findings of a detection identical.
*/

use super::error::BuildError;
use super::exclusion;
use crate::event::Field;
use crate::rule::Rule;

/// What makes the findings of a detection identical, and how long a group of
/// them lasts: [`DetectorBuilder::grouping`](crate::DetectorBuilder::grouping)
/// says it, and [`Repeats`](crate::Repeats) heeds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grouping {
    /// The fields whose values are the same, besides the host.
    pub fields: Vec<Field>,
    /// How many seconds after its first finding a group is over.
    pub seconds: u32,
}

/// Gives each rule what is said of it: of several groupings of one slug, the
/// last.
pub(super) fn apply<'r>(
    groupings: &[(String, Grouping)],
    rules: &[Rule],
    all: impl Iterator<Item = &'r Rule> + Clone,
) -> Result<Vec<(usize, Grouping)>, BuildError> {
    let mut of_rules: Vec<(usize, Grouping)> = Vec::new();
    for (slug, grouping) in groupings {
        let rule = exclusion::known(all.clone(), slug)?;
        if let Some(field) = lacking(rule, grouping) {
            return Err(exclusion::field_not_of(rule, field));
        }
        let is_it = |rule: &Rule| rule.detection.slug == slug.as_str();
        let Some(index) = rules.iter().position(is_it) else { continue };
        of_rules.retain(|(other, _)| *other != index);
        of_rules.push((index, grouping.clone()));
    }
    of_rules.sort_unstable_by_key(|(index, _)| *index);
    Ok(of_rules)
}

/// A field that no event of a rule has: all findings would be the same in it.
fn lacking(rule: &Rule, grouping: &Grouping) -> Option<Field> {
    let selections = rule.logic.selections().iter();
    let kinds = selections.flat_map(|selection| selection.kinds.iter());
    let mut fields = grouping.fields.iter().copied();
    fields.find(|field| !kinds.clone().any(|kind| kind.may_be_asked(*field)))
}
