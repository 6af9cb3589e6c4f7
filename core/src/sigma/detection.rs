/*!
The `detection` of a rule: its selections and condition, to a predicate.
*/

use std::borrow::Cow;
use std::collections::HashSet;

use super::condition::{self, condition};
use super::error::{Error, Inside, Reason};
use super::fields::{Named, named, names};
use super::filter::{Context, Filter};
use super::limits::{MOST_BYTES, size};
use super::modifiers::{Matching, Modifiers};
use super::placeholders::Placeholders;
use super::predicate::{all, any, not, without_members};
use super::source::{Source, many_ids};
use super::yaml::{Entry, Map, Node, Value};
use crate::derive;
use crate::event::{EventKind, Field};
use crate::rule::{Operation, Predicate, Selection, Test};

/// What a `detection` matches, once every filter holds too.
///
/// It is compiled once for each kind of event that the log source can be,
/// with the selector (`EventID`, or auditd's `type`) at that kind's value,
/// and once for generic events. Kinds that cannot match then drop out, and
/// where the others agree, the selector has done its work and is gone from
/// the predicate.
pub(super) fn selection(
    map: Map<'_>,
    filters: &[&Filter<'_>],
    source: &Source,
    context: &Context<'_>,
) -> Result<Selection, Error> {
    let placeholders = context.placeholders;
    let compile = |kind, id| {
        let compiler = || Compiler { source, placeholders, kind, id, size: 0 };
        let mut parts = vec![compiler().detection(map, "")?];
        for filter in filters {
            // It stands in a document of its own.
            let number = filter.number;
            let part = compiler().detection(filter.detection, "rules");
            let part = part.inside("filter");
            parts.push(part.map_err(|error| error.in_document(number))?);
        }
        Ok(all(parts).of_kind(kind))
    };
    let mut rounds: Vec<Round> = Vec::new();
    for &(kind, id) in &source.kinds {
        let predicate: Predicate = compile(kind, Some(id))?;
        if predicate.decided() != Some(false) {
            rounds.push(Round { kind, id, predicate });
        }
    }
    let mut generic = None;
    if let Some(log_source) = &source.generic {
        let kind = EventKind::Generic;
        let predicate = compile(kind, None)?;
        if predicate.decided() != Some(false) {
            generic = Some((kind, all([log_source.clone(), predicate])));
        }
    }
    let mut parts = of_kinds(&rounds, source, generic.is_none());
    parts.extend(generic);
    let kinds: Vec<EventKind> = parts.iter().map(|(kind, _)| *kind).collect();
    check_fields(map, source, &kinds)?;
    let Some((_, first)) = parts.first() else {
        let reason = "no event of this log source can match: its kinds of \
                      event lack a field, or the selections exclude each \
                      other";
        return Err(Error::new(map.line, Reason::Never(reason.into())));
    };
    let agree = parts.iter().all(|(_, predicate)| predicate == first);
    let predicate = match agree {
        true => first.clone(),
        false => any(parts.into_iter().map(|(kind, predicate)| {
            all([one_of(Field::Kind, [kind.name()].into_iter()), predicate])
        })),
    };
    Ok(Selection { kinds: kinds.into(), predicate })
}

/// What a detection comes to for a kind of event under an id.
struct Round {
    kind: EventKind,
    id: &'static str,
    predicate: Predicate,
}

/// What the rounds of each kind come to together. `alone` says that no events
/// of another kind are asked.
fn of_kinds(
    rounds: &[Round],
    source: &Source,
    alone: bool,
) -> Vec<(EventKind, Predicate)> {
    let predicates = || rounds.iter().map(|round| &round.predicate);
    let agree =
        alone && predicates().all(|one| Some(one) == predicates().next());
    // Where kinds of several ids ask for the same, all ids stand in one list.
    let several = rounds.iter().any(|round| many_ids(round.kind));
    let all_ids = rounds.iter().map(|round| round.id);
    let mut parts: Vec<(EventKind, Predicate)> = Vec::new();
    for group in rounds.chunk_by(|one, other| one.kind == other.kind) {
        let Some(Round { kind, predicate, .. }) = group.first() else {
            continue;
        };
        let is_by_id = source.selector == "EventID";
        let guarded = |round: &Round| {
            let id = one_of(Field::EventId, [round.id].into_iter());
            all([id, round.predicate.clone()])
        };
        let mut predicate = match is_by_id {
            true if agree && several => {
                let ids = one_of(Field::EventId, all_ids.clone());
                all([ids, predicate.clone()])
            }
            true if many_ids(*kind) => any(group.iter().map(guarded)),
            _ => predicate.clone(),
        };
        if !source.event_types.is_empty() {
            let types = source.event_types.iter().copied();
            predicate = all([one_of(Field::EventType, types), predicate]);
        }
        parts.push((*kind, predicate));
    }
    parts
}

/// Refuses names that are nothing for any of the kinds that can match.
fn check_fields(
    map: Map<'_>,
    source: &Source,
    kinds: &[EventKind],
) -> Result<(), Error> {
    let kinds: Vec<EventKind> = match kinds {
        [] => source.kinds.iter().map(|(kind, _)| *kind).collect(),
        kinds => kinds.to_vec(),
    };
    let is_known = |name: &str| {
        if name.is_empty() || name == source.selector {
            return true;
        }
        // Members may be called anything, but not nearly what picks events.
        !name.eq_ignore_ascii_case(source.selector)
            && kinds.iter().any(|kind| named(*kind, name) != Named::Absent)
    };
    for selection in map.entries {
        let items = selection.value.items().iter();
        for map in items.filter_map(|item| item.map().ok()) {
            for entry in map.entries {
                let name = entry.key.split('|').next().unwrap_or_default();
                if !is_known(name) {
                    let valid = names(&kinds, name);
                    let reason = Reason::unknown("field", name, valid);
                    return Err(Error::new(entry.line, reason))
                        .inside(&entry.key)
                        .inside(&selection.key);
                }
            }
        }
    }
    Ok(())
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

/// Whether a value says that there is none: of an executable without a name in
/// its header Sysmon writes `-`, and readers leave it out.
fn stands_for_none(test: &Test) -> bool {
    test.field == Field::OriginalFileName
        && test.operation == Operation::Equals
        && matches!(&*test.pattern, "" | "-")
}

/// Recognises `x`, `*\x` and `*/x` in a list: together they ask whether the
/// last component of a path is `x`.
fn names_of_paths(tests: Vec<Test>) -> impl Iterator<Item = Test> {
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
    placeholders: &'s Placeholders,
    kind: EventKind,
    /// The selector's value; `None` to keep tests of it.
    id: Option<&'static str>,
    /// How large the tests so far are.
    size: usize,
}

impl Compiler<'_> {
    /// Selections and their condition; what else stands under the key
    /// `besides` is none of them.
    fn detection(
        mut self,
        map: Map<'_>,
        besides: &str,
    ) -> Result<Predicate, Error> {
        let mut named = Vec::new();
        for entry in map.entries {
            match entry.key.as_str() {
                "condition" => {}
                name if name == besides => {}
                "timeframe" => {
                    let what = "`timeframe` (use a correlation) is".into();
                    let reason = Reason::Unsupported(what);
                    return Err(Error::new(entry.line, reason));
                }
                name => {
                    let before = self.size;
                    let predicate = self.selection(&entry.value);
                    named.push(condition::Named::new(
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

    /// A map, all fields of which must match, a keyword, or a list of such.
    fn selection(&mut self, node: &Node) -> Result<Predicate, Error> {
        let mut parts = Vec::new();
        for item in node.items() {
            match &item.value {
                Value::Map(_) => parts.push(self.fields(item.map()?)?),
                Value::Text(_) => {
                    let keyword = Modifiers::default();
                    parts.push(self.keywords(keyword, item)?);
                }
                _ => {
                    let what = "a map from fields to values, or a keyword";
                    return Err(item.error(Reason::Expected(what)));
                }
            }
        }
        if parts.is_empty() {
            let what = "at least one map from fields to values";
            return Err(node.error(Reason::Expected(what)));
        }
        Ok(any(parts))
    }

    /// Values without a field: each is looked for in every value of the
    /// event.
    fn keywords(
        &mut self,
        mut modifiers: Modifiers,
        node: &Node,
    ) -> Result<Predicate, Error> {
        modifiers.as_keyword();
        self.values((Field::AnyValue, ""), &modifiers, node)
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
        let modifiers = Modifiers::read(parts).map_err(error)?;
        if name.is_empty() {
            return self.keywords(modifiers, &entry.value);
        }
        if name == self.source.selector && modifiers.is_plain() {
            return self.select(&entry.value);
        }
        match self.named(name) {
            Some(field) if modifiers.canonical => {
                let twin = self.twin(name, field).map_err(error)?;
                match twin {
                    Some(twin) => {
                        self.values((twin, ""), &modifiers, &entry.value)
                    }
                    None => self.absent(&modifiers, &entry.value),
                }
            }
            Some((Field::Channel, _)) if self.kind == EventKind::Generic => {
                self.channel(&modifiers, &entry.value)
            }
            Some(field) => self.values(field, &modifiers, &entry.value),
            None => self.absent(&modifiers, &entry.value),
        }
    }

    /// The canonical twin of a field; `None` where it is a member of an event
    /// of another log, which has none.
    fn twin(
        &self,
        name: &str,
        (field, _): (Field, &str),
    ) -> Result<Option<Field>, Reason> {
        let twin = derive::canonical_twin(field);
        if twin.is_none() && self.kind != EventKind::Generic {
            let plain =
                |field: &&Field| derive::canonical_twin(**field).is_some();
            let names = Field::ALL.iter().filter(plain);
            let names: Vec<&str> = names.map(|field| field.name()).collect();
            let names = names.join(", ");
            let reason =
                format!("`{name}` has no canonical form; these have: {names}");
            return Err(Reason::Other(reason));
        }
        Ok(twin)
    }

    /// A test of the channel. Where an event's own data has a `Channel`, as
    /// that of a log that was cleared, rules mean this one: which log the
    /// event stands in they say by their log source.
    fn channel(
        &mut self,
        modifiers: &Modifiers,
        node: &Node,
    ) -> Result<Predicate, Error> {
        let name = Field::Channel.name();
        let in_data = self.values((Field::Member, name), modifiers, node)?;
        let of_event = self.values((Field::Channel, ""), modifiers, node)?;
        let exists = Predicate::Test(Test {
            member: Cow::Borrowed(name),
            ..Test::new(Field::Member, Operation::Exists, "".into())
        });
        let of_event = all([not(exists.clone()), of_event]);
        Ok(any([all([exists, in_data]), of_event]))
    }

    /// The field, and the name of the member, that a name is; `None` where
    /// the events have no such thing.
    fn named<'n>(&self, name: &'n str) -> Option<(Field, &'n str)> {
        match named(self.kind, name) {
            Named::Field(field) => Some((field, "")),
            Named::Member(name) => Some((Field::Member, name)),
            Named::Absent => None,
        }
    }

    /// What a test of a field comes to that the events do not have. Its
    /// values are checked all the same.
    fn absent(
        &mut self,
        modifiers: &Modifiers,
        node: &Node,
    ) -> Result<Predicate, Error> {
        let predicate = self.values((Field::Member, ""), modifiers, node)?;
        Ok(without_members(&predicate))
    }

    /// A test of the selector: decided ahead, where its value is known.
    fn select(&mut self, node: &Node) -> Result<Predicate, Error> {
        let selector = self.source.selector;
        let mut kinds = self.source.kinds.iter().map(|&(_, id)| id);
        let is_own =
            |text: &str| kinds.clone().any(|id| id.eq_ignore_ascii_case(text));
        let mut held = Vec::new();
        for item in some(node)? {
            let text = item.words()?;
            match self.id {
                Some(id) => {
                    if id.eq_ignore_ascii_case(text) {
                        held.push(Predicate::ALWAYS);
                    } else if self.source.generic.is_none() && !is_own(text) {
                        let valid = kinds.by_ref();
                        let reason = Reason::unknown(selector, text, valid);
                        return Err(item.error(reason));
                    }
                }
                // An event of such an id is of a kind of its own.
                None if is_own(text) => {}
                None => {
                    let (field, member) = match self.named(selector) {
                        Some(named) => named,
                        None => (Field::Member, selector),
                    };
                    self.count(text, item)?;
                    let pattern = Cow::Owned(text.to_owned());
                    let test = Test::new(field, Operation::Equals, pattern);
                    let member = Cow::Owned(member.to_owned());
                    held.push(Predicate::Test(Test { member, ..test }));
                }
            }
        }
        Ok(any(held))
    }

    fn values(
        &mut self,
        (field, member): (Field, &str),
        modifiers: &Modifiers,
        node: &Node,
    ) -> Result<Predicate, Error> {
        let test = |operation, pattern| Test {
            field,
            member: Cow::Owned(member.to_owned()),
            operation,
            pattern: Cow::Owned(pattern),
            // What is found in any value has no case.
            cased: modifiers.cased && operation != Operation::Exists,
        };
        let plain = |operation| Test {
            cased: false,
            ..test(operation, String::new())
        };
        let exists = || Predicate::Test(plain(Operation::Exists));
        if modifiers.matching == Matching::Exists {
            self.count("", node)?;
            return Ok(if node.truth()? { exists() } else { not(exists()) });
        }
        let mut values: Vec<Vec<Test>> = Vec::new();
        let mut is_absent = false;
        for item in some(node)? {
            if matches!(item.value, Value::Null) && !modifiers.refers {
                if modifiers.matching != Matching::Whole {
                    return Err(item.error(Reason::Expected("a value")));
                }
                self.count("", item)?;
                is_absent = true;
                continue;
            }
            let patterns = match modifiers.refers {
                true => vec![self.reference(modifiers, item)?],
                false => modifiers.patterns(item, self.placeholders)?,
            };
            for (_, pattern) in &patterns {
                self.count(pattern, item)?;
            }
            let tests = patterns.into_iter();
            let tests =
                tests.map(|(operation, pattern)| test(operation, pattern));
            values.push(tests.collect());
        }
        let is_empty = |test: &Test| {
            test.operation == Operation::Equals && test.pattern.is_empty()
        };
        let predicate = if modifiers.all {
            let absent = is_absent.then(|| not(exists()));
            all(values
                .into_iter()
                .map(|tests| any(tests.into_iter().map(Predicate::Test)))
                .chain(absent))
        } else {
            let mut tests: Vec<Test> = values.into_iter().flatten().collect();
            is_absent |= tests.iter().any(stands_for_none);
            let mut absent = is_absent.then(|| not(exists()));
            // Absent or empty is one question.
            if is_absent && tests.iter().any(is_empty) {
                tests.retain(|test| !is_empty(test));
                absent = Some(Predicate::Test(plain(Operation::Null)));
            }
            any(names_of_paths(tests).map(Predicate::Test).chain(absent))
        };
        Ok(if modifiers.negated { not(predicate) } else { predicate })
    }

    /// The comparison with another field: `fieldref`.
    fn reference(
        &self,
        modifiers: &Modifiers,
        node: &Node,
    ) -> Result<(Operation, String), Error> {
        let name = node.words()?;
        let (other, _) = match self.named(name) {
            Some(found) => found,
            // What is absent is equal to nothing.
            None => (Field::Member, name),
        };
        let relation = modifiers.relation();
        Ok((Operation::Relates { other, relation }, name.to_owned()))
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
