/*!
The `condition` of a rule: names of selections with `and`, `or`, `not`,
`1 of` and `all of`.
*/

use core::cell::Cell;

use super::error::{Error, Reason};
use super::limits::{DEEPEST, MOST_BYTES};
use super::predicate::{all, any, not};
use super::yaml::Node;
use crate::rule::Predicate;

/// A selection and its name.
pub(super) struct Named<'y> {
    name: &'y str,
    predicate: Predicate,
    /// How large its tests are.
    size: usize,
    used: Cell<bool>,
}

impl<'y> Named<'y> {
    pub(super) fn new(
        name: &'y str,
        predicate: Predicate,
        size: usize,
    ) -> Named<'y> {
        Named { name, predicate, size, used: Cell::new(false) }
    }

    pub(super) fn name(&self) -> &'y str {
        self.name
    }

    /// Whether a condition named it.
    pub(super) fn used(&self) -> bool {
        self.used.get()
    }
}

/// What a condition asks, or any of a list of conditions.
pub(super) fn condition(
    node: &Node,
    named: &[Named<'_>],
) -> Result<Predicate, Error> {
    let mut predicates = Vec::new();
    let mut size = 0;
    for node in node.items() {
        let mut parser = Parser { rest: node.words()?, named, size };
        let predicate = parser.any(0).map_err(|reason| node.error(reason));
        predicates.push(predicate?);
        size = parser.size;
        if !parser.rest.is_empty() {
            let unread = parser.rest;
            let reason = match unread.starts_with('|') {
                true => Reason::Unsupported(
                    "aggregations (use a correlation) are".into(),
                ),
                false => expected("`and` or `or`", unread),
            };
            return Err(node.error(reason));
        }
    }
    if predicates.is_empty() {
        return Err(node.error(Reason::Expected("a condition")));
    }
    Ok(any(predicates))
}

fn expected(what: &str, unread: &str) -> Reason {
    Reason::Other(match unread {
        "" => format!("expected {what} at the end"),
        _ => {
            let start: String = unread.chars().take(20).collect();
            format!("expected {what} at `{start}`")
        }
    })
}

struct Parser<'c, 'y> {
    /// What is not read yet, without blanks at its front.
    rest: &'c str,
    named: &'c [Named<'y>],
    /// How large the tests used so far are.
    size: usize,
}

impl<'c> Parser<'c, '_> {
    /// The next word or parenthesis, and what follows it.
    fn peek(&self) -> (&'c str, &'c str) {
        let ends = |next: char| next.is_whitespace() || "()|".contains(next);
        let length = match self.rest.find(ends) {
            Some(0) => self.rest.chars().next().map_or(0, char::len_utf8),
            Some(length) => length,
            None => self.rest.len(),
        };
        let (word, rest) = self.rest.split_at(length);
        (word, rest.trim_start())
    }

    /// Reads a word if it comes next.
    fn eat(&mut self, word: &str) -> bool {
        let (next, rest) = self.peek();
        let found = next.eq_ignore_ascii_case(word);
        if found {
            self.rest = rest;
        }
        found
    }

    fn any(&mut self, depth: usize) -> Result<Predicate, Reason> {
        let mut predicates = vec![self.all(depth)?];
        while self.eat("or") {
            predicates.push(self.all(depth)?);
        }
        Ok(any(predicates))
    }

    fn all(&mut self, depth: usize) -> Result<Predicate, Reason> {
        let mut predicates = vec![self.one(depth)?];
        while self.eat("and") {
            predicates.push(self.one(depth)?);
        }
        Ok(all(predicates))
    }

    fn one(&mut self, depth: usize) -> Result<Predicate, Reason> {
        let mut negated = false;
        while self.eat("not") {
            negated = !negated;
        }
        let predicate = if self.eat("(") {
            if depth == DEEPEST {
                return Err(Reason::TooDeep);
            }
            let predicate = self.any(depth.saturating_add(1))?;
            if !self.eat(")") {
                return Err(expected("`)`", self.rest));
            }
            predicate
        } else {
            self.reference()?
        };
        Ok(if negated { not(predicate) } else { predicate })
    }

    /// A selection, or several: `1 of them`, `all of filter_*`.
    fn reference(&mut self) -> Result<Predicate, Reason> {
        let unread = self.rest;
        let (word, rest) = self.peek();
        let missing = matches!(word, "" | "(" | ")" | "|")
            || ["and", "or", "of"]
                .into_iter()
                .any(|keyword| word.eq_ignore_ascii_case(keyword));
        if missing {
            return Err(expected("the name of a selection", unread));
        }
        self.rest = rest;
        if !self.eat("of") {
            let found = self.named.iter().find(|named| named.name == word);
            return match found {
                Some(named) => self.take(named),
                None => Err(self.unknown(word)),
            };
        }
        let every = word.eq_ignore_ascii_case("all");
        if !every && word != "1" && !word.eq_ignore_ascii_case("any") {
            return Err(expected("`1 of`, `any of` or `all of`", unread));
        }
        let (pattern, rest) = self.peek();
        let mut predicates = Vec::new();
        for named in self.named {
            let meant = match pattern {
                "them" => !named.name.starts_with('_'),
                _ => matches(pattern, named.name),
            };
            if meant {
                predicates.push(self.take(named)?);
            }
        }
        if predicates.is_empty() {
            return Err(match pattern {
                "" | "(" | ")" | "|" => expected("`them` or names", self.rest),
                _ => self.unknown(pattern),
            });
        }
        self.rest = rest;
        Ok(if every { all(predicates) } else { any(predicates) })
    }

    fn take(&mut self, named: &Named<'_>) -> Result<Predicate, Reason> {
        named.used.set(true);
        self.size = self.size.saturating_add(named.size);
        match self.size > MOST_BYTES {
            true => Err(Reason::TooLarge),
            false => Ok(named.predicate.clone()),
        }
    }

    fn unknown(&self, name: &str) -> Reason {
        let valid = self.named.iter().map(|named| named.name);
        Reason::unknown("selection", name, valid)
    }
}

/// Whether a name is of a pattern in which `*` is any run of characters.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut name) = name.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return name.is_empty();
    };
    for part in parts {
        match name.split_once(part) {
            Some((_, after)) => name = after,
            None => return false,
        }
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_names() {
        for (pattern, name, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "ab", true),
            ("*", "", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*b*c", "abcbc", true),
            ("*b*c", "acb", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
