/*!
Correlations: events in order, and events or values that are counted or added
up; and correlations of these.
*/

use core::ops::Range;
use std::collections::HashMap;

use super::alternatives::steps_of;
use super::document::Document;
use super::error::{Error, Inside, Mark, Reason};
use super::fields::{Named, named, names};
use super::filter::Context;
use super::metadata;
use super::yaml::{Entry, Node};
use crate::event::{EventKind, Field, Platform};
use crate::rule::{
    self, Aggregation, Attribute, Bound, Chain, Count, Counted, List, Logic,
    Order, Origin, Rule, Selection, Sequence, Stage, StageInput, Statistic,
};

/// Correlations as they were read, by the numbers of their documents.
pub(super) type Correlations<'y> = HashMap<usize, Read<'y>>;

/// A correlation, or why it cannot be read.
pub(super) type Read<'y> = Result<Correlation<'y>, Error>;

/// A correlation.
#[derive(Clone)]
pub(super) struct Correlation<'y> {
    pub(super) rules: Vec<Document<'y>>,
    /// Where `rules` stands.
    mark: Mark,
    /// Of which rules, by their places in `rules`, each step is any.
    steps: Vec<Vec<usize>>,
    kind: Kind,
    group_by: Vec<Name>,
    aliases: Vec<Alias<'y>>,
    within_seconds: u32,
    /// Whether its rules are also rules by themselves.
    pub(super) generate: bool,
}

/// What a correlation asks of its events.
#[derive(Clone)]
enum Kind {
    Ordered,
    Events(u32),
    Selections(u32),
    /// How many different values of what is called so.
    Values(u32, Name),
    /// What the numbers come to that are called so.
    Numbers(Statistic, Vec<Bound>, Name),
}

/// What a correlation calls something of its events, with its line.
type Name = (Mark, String);

/// A name for what the rules of a correlation call differently.
#[derive(Clone)]
struct Alias<'y> {
    name: &'y str,
    mark: Mark,
    /// For each rule the name in its events.
    of: Vec<(Document<'y>, Name)>,
}

/// What a correlation is made of, all the way down.
#[derive(Default)]
struct Flat<'c, 'y> {
    events: Vec<Selection>,
    platforms: Vec<Platform>,
    /// Each after those that it is made of.
    stages: Vec<Planned<'c, 'y>>,
    /// The documents of what is being looked at, outermost first, and where
    /// in them `rules` stands.
    open: Vec<(Document<'y>, Mark)>,
}

/// A stage before all events are known.
struct Planned<'c, 'y> {
    correlation: &'c Correlation<'y>,
    document: Document<'y>,
    /// What each of its rules is that a step needs.
    inputs: Vec<Option<StageInput>>,
    /// The events that it is made of.
    events: Range<usize>,
}

/// The types that are supported.
const TYPES: [&str; 8] = [
    "event_count",
    "value_count",
    "temporal",
    "temporal_ordered",
    "value_sum",
    "value_avg",
    "value_median",
    "value_percentile",
];

impl<'y> Correlation<'y> {
    pub(super) fn read(
        node: &'y Node,
        documents: &[Document<'y>],
    ) -> Result<Correlation<'y>, Error> {
        let map = node.map()?;
        map.only(&[
            "type",
            "rules",
            "aliases",
            "group-by",
            "timespan",
            "condition",
            "generate",
        ])?;
        let kind = map.need("type", |node| match node.words()? {
            kind if TYPES.contains(&kind) => Ok(kind),
            kind => Err(node.error(Reason::unknown("type", kind, TYPES))),
        })?;
        let is_of_many = matches!(kind, "temporal" | "temporal_ordered");
        let (mark, called, rules) = map.need("rules", |node| {
            let (least, expected) = match is_of_many {
                true => (2, "2 to 16 rules"),
                false => (1, "1 to 16 rules"),
            };
            let items = node.items();
            if !(least..=Sequence::MOST_STEPS).contains(&items.len()) {
                return Err(node.error(Reason::Expected(expected)));
            }
            let called = items.iter().map(Node::words);
            let called = called.collect::<Result<Vec<_>, Error>>()?;
            let rules = items.iter().map(|node| rule(node, documents));
            let rules = rules.collect::<Result<Vec<_>, Error>>()?;
            Ok((node.line, called, rules))
        })?;
        // At most 16.
        let all = rules.len() as u32;
        let mut steps: Vec<Vec<usize>> =
            (0..rules.len()).map(|at| vec![at]).collect();
        let kind = match kind {
            "event_count" => {
                let read = |node: &Node| condition(node, false);
                Kind::Events(map.need("condition", read)?.0)
            }
            "value_count" => {
                let read = |node: &Node| condition(node, true);
                match map.need("condition", read)? {
                    (number, Some(name)) => Kind::Values(number, name),
                    (number, None) => Kind::Events(number),
                }
            }
            kind if !is_of_many => {
                map.need("condition", |node| numbers(node, kind))?
            }
            kind => {
                let asked = |node: &Node| match node.map().is_err() {
                    true => {
                        steps = steps_of(node, kind, &called)?;
                        Ok(steps.len() as u32)
                    }
                    false => of_rules(node, kind, all),
                };
                let number = map.read("condition", asked)?;
                match kind {
                    "temporal" => Kind::Selections(number.unwrap_or(all)),
                    _ => Kind::Ordered,
                }
            }
        };
        let names = |node: &Node| node.items().iter().map(name).collect();
        let aliases = |node: &'y Node| {
            let entries = node.map()?.entries.iter();
            let aliases = entries.map(|entry| alias(entry, &rules));
            aliases.collect::<Result<Vec<_>, Error>>()
        };
        Ok(Correlation {
            kind,
            group_by: map.read("group-by", names)?.unwrap_or_default(),
            aliases: map.read("aliases", aliases)?.unwrap_or_default(),
            within_seconds: map.need("timespan", seconds)?,
            generate: map.read("generate", Node::truth)?.unwrap_or(false),
            rules,
            mark,
            steps,
        })
    }

    /// The rule that it is; `document` is the one that it stands in.
    pub(super) fn rule(
        &self,
        document: Document<'y>,
        correlations: &Correlations<'y>,
        context: &Context<'_>,
    ) -> Result<Rule, Error> {
        let mut flat = Flat::default();
        self.flatten(document, correlations, context, &mut flat)?;
        let refused = |line, reason| {
            document.place(Err::<Rule, _>(Error::new(line, reason)))
        };
        let Some(&platform) = flat.platforms.first() else {
            let reason = Reason::Expected("a rule");
            return refused(document.map.line, reason);
        };
        if flat.platforms.iter().any(|other| *other != platform) {
            let rules = match flat.platforms.len() {
                2 => "two rules",
                _ => "rules",
            };
            let reason = format!("its {rules} are of different products");
            return refused(document.map.line, Reason::Other(reason));
        }
        let kinds = flat.events.iter().flat_map(|one| one.kinds.iter());
        let kinds: Vec<_> = kinds.copied().collect();
        let detection = metadata::detection(document.map, platform, &kinds);
        let detection = document.place(detection)?;
        let logic = match flat.stages.as_slice() {
            [only] if only.is_plain(flat.events.len()) => {
                let events = flat.events.clone().into();
                only.logic(&flat.events, events, correlations)?
            }
            stages => {
                let stages = stages.iter().map(|stage| {
                    let own = List::default();
                    let logic =
                        stage.logic(&flat.events, own, correlations)?;
                    Ok(Stage { steps: stage.steps(), logic })
                });
                let stages = stages.collect::<Result<Vec<_>, Error>>()?;
                Logic::Chain(Chain {
                    events: flat.events.into(),
                    stages: stages.into(),
                })
            }
        };
        Ok(Rule { detection, logic })
    }

    /// Adds what it is made of, and then itself; returns its number among the
    /// stages.
    fn flatten<'c>(
        &'c self,
        document: Document<'y>,
        correlations: &'c Correlations<'y>,
        context: &Context<'_>,
        flat: &mut Flat<'c, 'y>,
    ) -> Result<u8, Error> {
        let refused = |(document, mark): (Document<'y>, Mark), reason| {
            let error = Err(Error::new(mark, reason));
            document.place(error.inside("rules").inside("correlation"))
        };
        let own = (document, self.mark);
        // Parts may be small enough by themselves.
        let outermost = flat.open.first().copied().unwrap_or(own);
        let too_large = || {
            let most = Chain::MOST;
            let reason = format!(
                "with all that it is made of, a correlation may have {most} \
                 rules and {most} correlations",
            );
            refused(outermost, Reason::Limit(reason))
        };
        if flat.open.iter().any(|(open, _)| open.number == document.number) {
            let reason = "it is made of itself".to_owned();
            return refused(own, Reason::Other(reason));
        }
        // Each adds itself when all that it is made of has been added.
        if flat.open.len().saturating_add(flat.stages.len()) >= Chain::MOST {
            return too_large();
        }
        flat.open.push(own);
        let first = flat.events.len();
        let mut inputs = Vec::new();
        for (at, rule) in self.rules.iter().enumerate() {
            if !self.needs(at) {
                inputs.push(None);
                continue;
            }
            inputs.push(Some(match correlations.get(&rule.number) {
                Some(Err(error)) => return Err(error.clone()),
                Some(Ok(inner)) => {
                    let stage =
                        inner.flatten(*rule, correlations, context, flat)?;
                    StageInput::Stage(stage)
                }
                None => {
                    if flat.events.len() >= Chain::MOST {
                        return too_large();
                    }
                    let (platform, selection) = rule.selection(context)?;
                    flat.platforms.push(platform);
                    flat.events.push(selection);
                    let number = flat.events.len().saturating_sub(1);
                    // At most 16, as stages are.
                    StageInput::Event(number as u8)
                }
            }));
        }
        flat.open.pop();
        let events = first..flat.events.len();
        let correlation = self;
        flat.stages.push(Planned { correlation, document, inputs, events });
        Ok(flat.stages.len().saturating_sub(1) as u8)
    }

    /// Whether one of its rules, by its place, is part of a step: of
    /// `a or (a and b)`, `b` is not.
    fn needs(&self, rule: usize) -> bool {
        self.steps.iter().any(|step| step.contains(&rule))
    }

    /// Where what is meant by a name stands in each of its events, which are
    /// taken off `events`. What an inner correlation has an alias for, its
    /// events have under that name.
    fn origins<'e>(
        &self,
        (mark, name): &Name,
        correlations: &Correlations<'y>,
        events: &mut impl Iterator<Item = &'e Selection>,
    ) -> Result<Vec<Origin>, (Mark, Reason)> {
        let alias = self.aliases.iter().find(|alias| alias.name == name);
        let mut origins = Vec::new();
        for (at, rule) in self.rules.iter().enumerate() {
            if !self.needs(at) {
                continue;
            }
            let named = match alias {
                None => (*mark, name.clone()),
                Some(alias) => {
                    let mut of = alias.of.iter();
                    let own = of.find(|(of, _)| of.number == rule.number);
                    let Some((_, named)) = own else {
                        let reason = "expected a name for each of its rules";
                        let reason = Reason::Other(reason.into());
                        return Err((alias.mark, reason));
                    };
                    named.clone()
                }
            };
            if let Some(Ok(inner)) = correlations.get(&rule.number) {
                let within = inner.origins(&named, correlations, events);
                // Where it stands in this document.
                let within = within.map_err(|(_, reason)| (named.0, reason));
                origins.extend(within?);
            } else if let Some(event) = events.next() {
                let origin = origin(&named.1, &event.kinds);
                origins.push(origin.map_err(|reason| (named.0, reason))?);
            }
        }
        Ok(origins)
    }
}

impl Planned<'_, '_> {
    /// Whether its steps are all events that there are, in their order.
    fn is_plain(&self, events: usize) -> bool {
        let steps = &self.correlation.steps;
        let alone = (0..events).map(|at| vec![at]);
        steps.iter().cloned().eq(alone)
    }

    /// What each step is.
    fn steps(&self) -> List<List<StageInput>> {
        let input = |at: &usize| self.inputs.get(*at).copied().flatten();
        let steps = self.correlation.steps.iter();
        steps.map(|step| step.iter().filter_map(input).collect()).collect()
    }

    /// What it asks of its steps; `all` are the events of the rule, and `own`
    /// those that are its steps without more.
    fn logic(
        &self,
        all: &[Selection],
        own: List<Selection>,
        correlations: &Correlations<'_>,
    ) -> Result<Logic, Error> {
        let Planned { correlation, document, .. } = self;
        let within_seconds = correlation.within_seconds;
        let attribute =
            |name| document.place(self.attribute(name, all, correlations));
        let group_by = correlation.group_by.iter().map(attribute);
        let group_by = group_by.collect::<Result<Vec<_>, Error>>()?.into();
        let (of, at_least) = match &correlation.kind {
            Kind::Ordered => {
                let steps = own;
                let sequence = Sequence { steps, group_by, within_seconds };
                return Ok(Logic::Sequence(sequence));
            }
            Kind::Numbers(statistic, bounds, name) => {
                return Ok(Logic::Aggregation(Aggregation {
                    of: attribute(name)?,
                    events: own,
                    statistic: *statistic,
                    bounds: bounds.clone().into(),
                    group_by,
                    within_seconds,
                }));
            }
            Kind::Events(number) => (Counted::Events, *number),
            Kind::Selections(number) => (Counted::Selections, *number),
            Kind::Values(number, name) => {
                (Counted::Values(attribute(name)?), *number)
            }
        };
        let events = own;
        let count = Count { events, of, at_least, group_by, within_seconds };
        Ok(Logic::Count(count))
    }

    /// What is meant by a name, in all events of the rule.
    fn attribute(
        &self,
        name: &Name,
        all: &[Selection],
        correlations: &Correlations<'_>,
    ) -> Result<Attribute, Error> {
        let events = all.get(self.events.clone()).unwrap_or_default();
        let correlation = self.correlation;
        let own = correlation.origins(name, correlations, &mut events.iter());
        let own = own.map_err(|(mark, reason)| Error::new(mark, reason))?;
        let Some(first) = own.first() else {
            return Err(Error::new(name.0, Reason::Expected("a rule")));
        };
        let is_one = own.iter().all(|origin| origin == first);
        let origin = |number: usize| {
            let at = number.checked_sub(self.events.start);
            let origin = at.and_then(|at| own.get(at));
            // Nothing is asked of events that it is not made of.
            origin.unwrap_or(first).clone()
        };
        let origins = match is_one {
            true => vec![first.clone()],
            false => (0..all.len()).map(origin).collect(),
        };
        let name = name.1.clone().into();
        Ok(Attribute { name, origins: origins.into() })
    }
}

/// Where a value of some name comes from in events of these kinds.
fn origin(name: &str, kinds: &[EventKind]) -> Result<Origin, Reason> {
    let found: Vec<Named<'_>> =
        kinds.iter().map(|&kind| named(kind, name)).collect();
    let mut fields = Vec::new();
    for one in &found {
        if let Named::Field(field) = one
            && !fields.contains(field)
        {
            fields.push(*field);
        }
    }
    let own = found.iter().find_map(|one| match one {
        Named::Member(name) => Some(*name),
        _ => None,
    });
    let is_member = own.is_some();
    let is_absent = found.contains(&Named::Absent);
    let is_known =
        is_member || !fields.is_empty() || name.parse::<Field>().is_ok();
    match &*fields {
        _ if is_absent && !is_known => {
            Err(Reason::unknown("field", name, names(kinds, name)))
        }
        _ if is_absent => {
            let reason = format!("not all of its events have `{name}`");
            Err(Reason::Other(reason))
        }
        [_, _, ..] => {
            let reason = format!("`{name}` is another field in some events");
            Err(Reason::Other(reason))
        }
        fields => {
            let member = own.unwrap_or_default();
            let field = fields.first().copied().unwrap_or(Field::Member);
            Ok(Origin { field, member: member.to_owned().into() })
        }
    }
}

/// The count that a condition asks for. As a span may end with any event, one
/// holds exactly so many when the count is reached: a highest number beside it
/// is met then.
fn condition(
    node: &Node,
    with_field: bool,
) -> Result<(u32, Option<Name>), Error> {
    let map = node.map()?;
    map.only(match with_field {
        true => &["gte", "gt", "lte", "lt", "eq", "neq", "field"],
        false => &["gte", "gt", "lte", "lt", "eq", "neq"],
    })?;
    let counted = match with_field {
        true => Some(map.need("field", one_name)?),
        false => None,
    };
    let number = |key: &'static str, more: i64| {
        let number = map.read(key, Node::number::<u32>)?;
        Ok(number.map(|number| i64::from(number).saturating_add(more)))
    };
    let least = [number("gte", 0)?, number("gt", 1)?, number("eq", 0)?];
    let most = [number("lte", 0)?, number("lt", -1)?, number("eq", 0)?];
    let refused = |reason| Err(node.error(reason));
    let mut given = least.into_iter().flatten();
    let (least, other) = (given.next(), given.next());
    let most = most.into_iter().flatten().min();
    let least = match (least, other, map.get("neq")) {
        (Some(least), None, None) => least,
        (Some(_), ..) if map.get("neq").is_none() => {
            return refused(Reason::Expected("one of `gt`, `gte` and `eq`"));
        }
        // That there are few is not known before the time span is over, and
        // then there may be no event to tell it.
        _ if most.is_some() || map.get("neq").is_some() => {
            let what = "a count without a lowest number (`gt`, `gte`) is";
            return refused(Reason::Unsupported(what.into()));
        }
        _ => return refused(Reason::Missing("gte")),
    };
    if most.is_some_and(|most| most < least) {
        let reason = "no number is between the lowest and the highest";
        return refused(Reason::Never(reason.into()));
    }
    match u32::try_from(least) {
        Ok(least) if (1..=Count::MOST).contains(&least) => {
            Ok((least, counted))
        }
        _ => {
            let what = "a number that is reached at 1 to 1024";
            refused(Reason::Expected(what))
        }
    }
}

/// What a condition asks numbers to come to.
fn numbers(node: &Node, kind: &str) -> Result<Kind, Error> {
    const ORDERS: [(&str, Order); 5] = [
        ("gte", Order::AtLeast),
        ("gt", Order::Above),
        ("lte", Order::AtMost),
        ("lt", Order::Below),
        ("eq", Order::Same),
    ];
    let map = node.map()?;
    let mut keys = vec!["field", "percentile"];
    keys.extend(ORDERS.map(|(key, _)| key));
    let is_percentile = kind == "value_percentile";
    keys.retain(|&key| is_percentile || key != "percentile");
    if map.get("neq").is_some() {
        let what = format!("`neq` of a `{kind}` correlation is");
        return Err(node.error(Reason::Unsupported(what)));
    }
    map.only(&keys)?;
    let statistic = match kind {
        "value_sum" => Statistic::Sum,
        "value_avg" => Statistic::Average,
        "value_median" => Statistic::Percentile(50),
        _ => Statistic::Percentile(map.need("percentile", |node| {
            let percent = node.number::<u8>().ok();
            let percent = percent.filter(|percent| *percent <= 100);
            let expected = Reason::Expected("a number from 0 to 100");
            percent.ok_or_else(|| node.error(expected))
        })?),
    };
    let mut bounds = Vec::new();
    for (key, order) in ORDERS {
        let number = map.read(key, |node| {
            let number = rule::number(node.words()?.as_bytes());
            let expected = Reason::Expected("a number");
            number.ok_or_else(|| node.error(expected))
        })?;
        bounds.extend(number.map(|number| Bound { order, number }));
    }
    if bounds.is_empty() {
        return Err(node.error(Reason::Missing("gte")));
    }
    let is_low =
        |bound: &Bound| matches!(bound.order, Order::Below | Order::AtMost);
    if statistic == Statistic::Sum && bounds.iter().all(is_low) {
        // It is low with the first event, whatever comes.
        let what = "a sum without a lowest number (`gt`, `gte`) is";
        return Err(node.error(Reason::Unsupported(what.into())));
    }
    Ok(Kind::Numbers(statistic, bounds, map.need("field", one_name)?))
}

/// Of how many of its rules a correlation asks for events.
fn of_rules(node: &Node, kind: &str, all: u32) -> Result<u32, Error> {
    let refused = || {
        let what = format!("this `condition` of a `{kind}` correlation is");
        Err(node.error(Reason::Unsupported(what)))
    };
    match condition(node, false)? {
        (number, _) if number > all => {
            let reason = format!("there are {all} rules");
            Err(node.error(Reason::Never(reason)))
        }
        (number, _) if number < all && kind == "temporal_ordered" => refused(),
        (number, _) => Ok(number),
    }
}

/// The rule that is meant by its name or id.
fn rule<'y>(
    node: &Node,
    documents: &[Document<'y>],
) -> Result<Document<'y>, Error> {
    let called = node.words()?;
    match documents.iter().find(|document| document.is_called(called)) {
        Some(&document) => Ok(document),
        None => {
            let names = documents.iter().filter_map(|rule| rule.name());
            let what = "rule called";
            Err(node.error(Reason::unknown(what, called, names)))
        }
    }
}

fn one_name(node: &Node) -> Result<Name, Error> {
    match node.items() {
        [one] => name(one),
        _ => Err(node.error(Reason::Expected("one field"))),
    }
}

fn name(node: &Node) -> Result<Name, Error> {
    Ok((node.line, node.words()?.to_owned()))
}

/// What an alias stands for in the events of each rule that it names.
fn alias<'y>(
    entry: &'y Entry,
    rules: &[Document<'y>],
) -> Result<Alias<'y>, Error> {
    let of = entry.value.map().and_then(|map| {
        let of = map.entries.iter().map(|entry| {
            let mut meant = rules.iter();
            match meant.find(|rule| rule.is_called(&entry.key)) {
                Some(&rule) => Ok((rule, name(&entry.value)?)),
                None => {
                    let names = rules.iter().filter_map(|rule| rule.name());
                    let what = "rule of this correlation called";
                    let reason = Reason::unknown(what, &entry.key, names);
                    Err(Error::new(entry.line, reason))
                }
            }
        });
        of.collect::<Result<Vec<_>, Error>>()
    });
    let of = of.inside(&entry.key)?;
    Ok(Alias { name: &entry.key, mark: entry.line, of })
}

/// A time span such as `30s` or `5m`.
fn seconds(node: &Node) -> Result<u32, Error> {
    let text = node.words()?;
    let units =
        [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400), ('w', 604_800)];
    let seconds = units.into_iter().find_map(|(unit, seconds)| {
        let number: u32 = text.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(seconds).filter(|&seconds| seconds > 0)
    });
    let what = "a time span such as `30s`, `5m`, `1h` or `1d`";
    seconds.ok_or_else(|| node.error(Reason::Expected(what)))
}
