/*!
What names in rules stand for: placeholders, which stand between percent signs
in values that bear `expand`, and fields by names of others.
*/

use std::collections::BTreeMap;

use super::error::Reason;
use super::yaml::{Node, Value};

/// What the placeholders in rules stand for.
///
/// A value with the modifier `expand` names some, as in `%servers%`; it is
/// then all that the placeholder's values make of it. Values are plain text:
/// their wildcards and backslashes stand for themselves. A rule with a
/// placeholder that has no values here is refused.
///
/// # Example
///
/// ```
/// use t1053::sigma::{Placeholders, compile_with};
///
/// let mut placeholders = Placeholders::new();
/// placeholders.set("build_hosts", ["build-1", "build-2"]);
/// let rules = compile_with(
///     "
/// title: Task on a build host
/// logsource: {product: windows, service: security}
/// detection:
///     created: {EventID: 4698, Computer|expand: '%build_hosts%.example'}
///     condition: created
/// level: low
/// ",
///     &placeholders,
/// )?;
/// assert_eq!(rules.len(), 1);
/// # Ok::<(), t1053::sigma::SigmaError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placeholders(BTreeMap<String, Vec<String>>);

impl Placeholders {
    /// None.
    pub const fn new() -> Placeholders {
        Placeholders(BTreeMap::new())
    }

    /// Gives the values of a placeholder, in place of those it had.
    pub fn set<V: Into<String>>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = V>,
    ) {
        let values = values.into_iter().map(V::into).collect();
        self.0.insert(name.into(), values);
    }

    /// What a value stands for, at most `most` texts.
    pub(super) fn expand(
        &self,
        value: &str,
        most: usize,
    ) -> Result<Vec<String>, Reason> {
        let mut texts = vec![String::new()];
        let mut rest = value;
        while let Some((before, after)) = rest.split_once('%') {
            let name = after.split_once('%').filter(|(name, _)| is_name(name));
            let Some((name, after)) = name else {
                for text in &mut texts {
                    text.push_str(before);
                    text.push('%');
                }
                rest = after;
                continue;
            };
            let Some(values) = self.0.get(name) else {
                let what =
                    format!("the placeholder `%{name}%` without values is");
                return Err(Reason::Unsupported(what));
            };
            if texts.len().saturating_mul(values.len()) > most {
                return Err(Reason::TooLarge);
            }
            let spell = |text: &String| {
                let begun = format!("{text}{before}");
                let all = values.iter();
                all.map(move |value| begun.clone() + &escaped(value))
            };
            texts = texts.iter().flat_map(spell).collect();
            rest = after;
        }
        for text in &mut texts {
            text.push_str(rest);
        }
        Ok(texts)
    }
}

/// What names in rules stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spelling {
    /// Those between percent signs.
    pub(crate) placeholders: Placeholders,
    /// Fields by other names than ours.
    fields: BTreeMap<String, String>,
}

impl Spelling {
    /// Placeholders alone.
    pub(super) fn of(placeholders: &Placeholders) -> Spelling {
        let (placeholders, fields) = (placeholders.clone(), BTreeMap::new());
        Spelling { placeholders, fields }
    }

    /// Lets a field have another name.
    pub(crate) fn set_field(&mut self, theirs: &str, ours: &str) {
        self.fields.insert(theirs.to_owned(), ours.to_owned());
    }

    /// Replaces the other names of fields in a document: in the selections of
    /// rules and filters, and where correlations and messages name fields.
    pub(super) fn respell(&self, document: &mut Node) {
        if self.fields.is_empty() {
            return;
        }
        for entry in document.entries_mut() {
            match &*entry.key {
                "detection" | "filter" => {
                    let selections = entry.value.entries_mut();
                    let named = selections.filter(|selection| {
                        !["condition", "rules"].contains(&&*selection.key)
                    });
                    for selection in named {
                        self.respell_selection(&mut selection.value);
                    }
                }
                "correlation" => {
                    for part in entry.value.entries_mut() {
                        match &*part.key {
                            "group-by" => self.respell_values(&mut part.value),
                            "condition" => part
                                .value
                                .entries_mut()
                                .filter(|entry| entry.key == "field")
                                .for_each(|entry| {
                                    self.respell_values(&mut entry.value);
                                }),
                            _ => {}
                        }
                    }
                }
                "fields" => self.respell_values(&mut entry.value),
                _ => {}
            }
        }
    }

    fn respell_selection(&self, selection: &mut Node) {
        for item in selection.items_mut() {
            for entry in item.entries_mut() {
                let (name, modifiers) =
                    entry.key.split_once('|').unwrap_or((&entry.key, ""));
                if modifiers.split('|').any(|name| name == "fieldref") {
                    self.respell_values(&mut entry.value);
                }
                if let Some(ours) = self.fields.get(name) {
                    let rest = entry.key.get(name.len()..).unwrap_or("");
                    entry.key = format!("{ours}{rest}");
                }
            }
        }
    }

    fn respell_values(&self, node: &mut Node) {
        for item in node.items_mut() {
            if let Value::Text(text) = &mut item.value
                && let Some(ours) = self.fields.get(text)
            {
                text.clone_from(ours);
            }
        }
    }
}

fn is_name(name: &str) -> bool {
    let is_part =
        |letter: char| letter.is_alphanumeric() || "_-.".contains(letter);
    !name.is_empty() && name.chars().all(is_part)
}

/// A text in which wildcards stand for themselves.
fn escaped(value: &str) -> String {
    let mut text = String::new();
    for character in value.chars() {
        if matches!(character, '*' | '?' | '\\') {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_of_each_placeholder() {
        let mut placeholders = Placeholders::new();
        placeholders.set("a", ["1", "*"]);
        placeholders.set("b", ["x"]);
        placeholders.set("none", Vec::<String>::new());
        let expand = |value| placeholders.expand(value, 10);
        assert_eq!(expand("50 % of %x").unwrap(), ["50 % of %x"]);
        assert_eq!(expand("<%a%%b%>").unwrap(), ["<1x>", r"<\*x>"]);
        assert_eq!(expand("%none%").unwrap(), Vec::<String>::new());
        assert!(matches!(expand("%c%"), Err(Reason::Unsupported(_))));
        let many = "%a%".repeat(4);
        assert_eq!(expand(&many), Err(Reason::TooLarge));
    }
}
