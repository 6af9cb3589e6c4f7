/*!
The `detection` of a rule: its selections and condition, to a predicate.
*/

use std::borrow::Cow;
use std::collections::HashSet;

use super::condition::{Named, condition};
use super::error::{Error, Inside, Reason};
use super::limits::{MOST_BYTES, size};
use super::modifiers::{Matching, Modifiers};
use super::predicate::{NEVER, all, any, not};
use super::source::{Source, many_ids};
use super::yaml::{Entry, Map, Node, Value};
use crate::event::{EventKind, Field};
use crate::rule::{Operation, Predicate, Selection, Test};

/// What a `detection` matches.
///
/// It is compiled once for each kind of event that the log source can be,
/// with the selector (`EventID`, or auditd's `type`) at that kind's value.
/// Kinds that cannot match then drop out, and where the others agree, the
/// selector has done its work and is gone from the predicate.
pub(super) fn selection(
    map: Map<'_>,
    source: &Source,
) -> Result<Selection, Error> {
    let mut rounds = Vec::new();
    for &(kind, id) in &source.kinds {
        let predicate = Compiler::new(source, Some(id)).detection(map)?;
        if holds(&predicate, kind) != Some(false) {
            rounds.push((kind, id, predicate));
        }
    }
    let Some((_, _, first)) = rounds.first() else {
        let reason = "no event of this log source can match: its kinds of \
                      event lack a field, or the selections exclude each \
                      other";
        return Err(Error::new(map.line, Reason::Never(reason.into())));
    };
    let agree = rounds.iter().all(|(_, _, predicate)| predicate == first);
    let mut predicate = match (agree, source.selector) {
        (true, _) => first.clone(),
        (false, "EventID") => Compiler::new(source, None).detection(map)?,
        (false, _) => {
            let reason = "the condition asks other things of each `type`: \
                          write a rule for each";
            return Err(Error::new(map.line, Reason::Other(reason.into())));
        }
    };
    let several = rounds.iter().any(|&(kind, ..)| many_ids(kind));
    if source.selector == "EventID" && (several || !agree) {
        let ids = rounds.iter().map(|&(_, id, _)| id);
        predicate = all([one_of(Field::EventId, ids), predicate]);
    }
    if !source.event_types.is_empty() {
        let types = source.event_types.iter().copied();
        predicate = all([one_of(Field::EventType, types), predicate]);
    }
    let mut kinds: Vec<EventKind> =
        rounds.iter().map(|&(kind, ..)| kind).collect();
    kinds.dedup();
    Ok(Selection { kinds: kinds.into(), predicate })
}

/// Whether a predicate holds of every event of a kind or of none, where the
/// fields that such events have tell.
fn holds(predicate: &Predicate, kind: EventKind) -> Option<bool> {
    // Whether any item holds, or all hold: the first decisive one tells.
    let decide = |items: &[Predicate], decisive: bool| {
        let mut undecided = false;
        for item in items {
            match holds(item, kind) {
                Some(it) if it == decisive => return Some(decisive),
                Some(_) => {}
                None => undecided = true,
            }
        }
        (!undecided).then_some(!decisive)
    };
    match predicate {
        Predicate::All(items) => decide(items, false),
        Predicate::Any(items) => decide(items, true),
        Predicate::None(items) => decide(items, true).map(|any| !any),
        Predicate::Test(test) if kind.may_be_asked(test.field) => None,
        Predicate::Test(test) => Some(test.operation == Operation::Null),
    }
}

/// A test that a field is one of these.
fn one_of<'i>(
    field: Field,
    values: impl Iterator<Item = &'i str>,
) -> Predicate {
    any(values.map(|value| {
        let pattern = Cow::Owned(value.into());
        Predicate::Test(Test::new(field, Operation::Equals, pattern))
    }))
}

/// The values of a field, at least one.
fn some(node: &Node) -> Result<&[Node], Error> {
    match node.items() {
        [] => Err(node.error(Reason::Expected("at least one value"))),
        items => Ok(items),
    }
}

/// Recognises `x`, `*\x` and `*/x` in a list: together they ask whether the
/// last component of a path is `x`.
fn names(tests: Vec<Test>) -> impl Iterator<Item = Test> {
    let fold = |test: &Test, pattern: &str| match test.cased {
        true => pattern.to_string(),
        false => pattern.to_ascii_lowercase(),
    };
    let ends: HashSet<String> = tests
        .iter()
        .filter(|test| test.operation == Operation::EndsWith)
        .map(|test| fold(test, &test.pattern))
        .collect();
    let named: HashSet<String> = tests
        .iter()
        .filter(|test| test.operation == Operation::Equals)
        .filter(|test| !test.pattern.contains(['/', '\\']))
        .map(|test| fold(test, &test.pattern))
        .filter(|name| {
            !name.is_empty()
                && ends.contains(&format!("\\{name}"))
                && ends.contains(&format!("/{name}"))
        })
        .collect();
    tests.into_iter().filter_map(move |mut test| {
        let name = match test.operation {
            Operation::EndsWith => test.pattern.strip_prefix(['/', '\\']),
            Operation::Equals => Some(&*test.pattern),
            _ => None,
        };
        if !name.is_some_and(|name| named.contains(&fold(&test, name))) {
            return Some(test);
        }
        if test.operation == Operation::EndsWith {
            return None;
        }
        test.operation = Operation::Name;
        Some(test)
    })
}

struct Compiler<'s> {
    source: &'s Source,
    /// The selector's value; `None` to keep tests of it.
    id: Option<&'static str>,
    /// How large the tests so far are.
    size: usize,
}

impl<'s> Compiler<'s> {
    fn new(source: &'s Source, id: Option<&'static str>) -> Compiler<'s> {
        Compiler { source, id, size: 0 }
    }

    fn detection(mut self, map: Map<'_>) -> Result<Predicate, Error> {
        let mut named = Vec::new();
        for entry in map.entries {
            match entry.key.as_str() {
                "condition" => {}
                "timeframe" => {
                    let what = "`timeframe` (use a correlation) is".into();
                    let reason = Reason::Unsupported(what);
                    return Err(Error::new(entry.line, reason));
                }
                name => {
                    let before = self.size;
                    let predicate = self.selection(&entry.value);
                    named.push(Named::new(
                        name,
                        predicate.inside(name)?,
                        self.size.saturating_sub(before),
                    ));
                }
            }
        }
        let predicate =
            map.need("condition", |node| condition(node, &named))?;
        match named.iter().find(|named| !named.used()) {
            Some(named) => {
                let name = named.name();
                let line = map.get(name).map_or(map.line, |entry| entry.line);
                let reason = format!("`condition` does not use `{name}`");
                Err(Error::new(line, Reason::Other(reason)))
            }
            None => Ok(predicate),
        }
    }

    /// A map, all fields of which must match, or a list of such maps.
    fn selection(&mut self, node: &Node) -> Result<Predicate, Error> {
        let mut maps = Vec::new();
        for item in node.items() {
            match &item.value {
                Value::Map(_) => maps.push(self.fields(item.map()?)?),
                Value::Text(_) => {
                    let what = "keywords, values without a field, are";
                    let reason = Reason::Unsupported(what.into());
                    return Err(item.error(reason));
                }
                _ => {
                    let what = "a map from fields to values";
                    return Err(item.error(Reason::Expected(what)));
                }
            }
        }
        if maps.is_empty() {
            let what = "at least one map from fields to values";
            return Err(node.error(Reason::Expected(what)));
        }
        Ok(any(maps))
    }

    fn fields(&mut self, map: Map<'_>) -> Result<Predicate, Error> {
        if map.entries.is_empty() {
            let what = "at least one field";
            return Err(Error::new(map.line, Reason::Expected(what)));
        }
        let mut predicates = Vec::new();
        for entry in map.entries {
            predicates.push(self.field(entry).inside(&entry.key)?);
        }
        Ok(all(predicates))
    }

    /// One line of a selection: a field, modifiers, and values.
    fn field(&mut self, entry: &Entry) -> Result<Predicate, Error> {
        let mut parts = entry.key.split('|');
        let name = parts.next().unwrap_or_default();
        let error = |reason| Error::new(entry.line, reason);
        if name.is_empty() {
            let what = "keywords, values without a field, are";
            return Err(error(Reason::Unsupported(what.into())));
        }
        let modifiers = Modifiers::read(parts).map_err(error)?;
        if name == self.source.selector {
            if !modifiers.is_plain() {
                let what = format!("modifiers of `{name}` are");
                return Err(error(Reason::Unsupported(what)));
            }
            return self.select(&entry.value);
        }
        let carried = |field: &Field| {
            let mut kinds = self.source.kinds.iter();
            kinds.any(|&(kind, _)| kind.may_be_asked(*field))
        };
        let mut fields = Field::ALL.iter().copied().filter(carried);
        match fields.clone().find(|field| field.name() == name) {
            Some(field) => self.values(field, &modifiers, &entry.value),
            None => {
                let valid = fields.by_ref().map(Field::name);
                Err(error(Reason::unknown("field", name, valid)))
            }
        }
    }

    /// A test of the selector: decided ahead, as its value is known.
    fn select(&mut self, node: &Node) -> Result<Predicate, Error> {
        let selector = self.source.selector;
        let valid = || self.source.kinds.iter().map(|&(_, id)| id);
        let mut ids = Vec::new();
        for item in some(node)? {
            let text = item.words()?;
            match valid().find(|id| id.eq_ignore_ascii_case(text)) {
                Some(id) => ids.push(id),
                None => {
                    let reason = Reason::unknown(selector, text, valid());
                    return Err(item.error(reason));
                }
            }
        }
        Ok(match self.id {
            Some(id) if ids.contains(&id) => Predicate::ALWAYS,
            Some(_) => NEVER,
            None => one_of(Field::EventId, ids.into_iter()),
        })
    }

    fn values(
        &mut self,
        field: Field,
        modifiers: &Modifiers,
        node: &Node,
    ) -> Result<Predicate, Error> {
        if modifiers.matching == Matching::Exists {
            self.count("", node)?;
            let pattern = Cow::Borrowed("");
            let exists = Test::new(field, Operation::Exists, pattern);
            let exists = Predicate::Test(exists);
            return Ok(if node.truth()? { exists } else { not(exists) });
        }
        let mut values = Vec::new();
        for item in some(node)? {
            let patterns = modifiers.patterns(item)?;
            for (_, pattern) in &patterns {
                self.count(pattern, item)?;
            }
            let test = |(operation, pattern)| Test {
                field,
                operation,
                pattern: Cow::Owned(pattern),
                cased: modifiers.cased,
            };
            values.push(patterns.into_iter().map(test));
        }
        Ok(if modifiers.all {
            all(values
                .into_iter()
                .map(|tests| any(tests.map(Predicate::Test))))
        } else {
            let tests = values.into_iter().flatten().collect();
            any(names(tests).map(Predicate::Test))
        })
    }

    /// Takes note of a test more.
    fn count(&mut self, pattern: &str, node: &Node) -> Result<(), Error> {
        self.size = self.size.saturating_add(size(pattern));
        match self.size > MOST_BYTES {
            true => Err(node.error(Reason::TooLarge)),
            false => Ok(()),
        }
    }
}
