/*!
Correlations: events in order, and events or values that are counted.
*/

use super::document::Document;
use super::error::{Error, Mark, Reason};
use super::filter::Context;
use super::metadata;
use super::yaml::Node;
use crate::event::Field;
use crate::rule::{Count, Counted, Logic, Rule, Sequence};

/// A correlation.
pub(super) struct Correlation<'y> {
    pub(super) rules: Vec<Document<'y>>,
    kind: Kind,
    /// Each with its line.
    group_by: Vec<(Mark, Field)>,
    within_seconds: u32,
    /// Whether its rules are also rules by themselves.
    pub(super) generate: bool,
}

/// What a correlation asks of its events.
#[derive(Clone, Copy)]
enum Kind {
    Ordered,
    /// With the line of the counted field.
    Count {
        line: Mark,
        of: Counted,
        at_least: u32,
    },
}

/// The types that are supported.
const TYPES: [&str; 4] =
    ["event_count", "value_count", "temporal", "temporal_ordered"];

impl<'y> Correlation<'y> {
    pub(super) fn read(
        node: &Node,
        documents: &[Document<'y>],
    ) -> Result<Correlation<'y>, Error> {
        let map = node.map()?;
        if let Some(entry) = map.get("aliases") {
            let what = "`aliases` of a correlation is".into();
            return Err(Error::new(entry.line, Reason::Unsupported(what)));
        }
        map.only(&[
            "type",
            "rules",
            "group-by",
            "timespan",
            "condition",
            "generate",
        ])?;
        let kind = map.need("type", |node| match node.words()? {
            kind if TYPES.contains(&kind) => Ok(kind),
            kind @ ("value_sum" | "value_avg" | "value_percentile"
            | "value_median") => {
                let what = format!("correlations of type `{kind}` are");
                Err(node.error(Reason::Unsupported(what)))
            }
            kind => Err(node.error(Reason::unknown("type", kind, TYPES))),
        })?;
        let is_count = matches!(kind, "event_count" | "value_count");
        let rules = map.need("rules", |node| {
            let (least, expected) = match is_count {
                true => (1, "1 to 16 rules"),
                false => (2, "2 to 16 rules"),
            };
            let items = node.items();
            if !(least..=Sequence::MOST_STEPS).contains(&items.len()) {
                return Err(node.error(Reason::Expected(expected)));
            }
            let rules = items.iter().map(|node| rule(node, documents));
            rules.collect::<Result<Vec<_>, Error>>()
        })?;
        let kind = if is_count {
            map.need("condition", |node| {
                condition(node, kind == "value_count")
            })?
        } else if let Some(entry) = map.get("condition") {
            let what = format!("`condition` of a `{kind}` correlation is");
            return Err(Error::new(entry.line, Reason::Unsupported(what)));
        } else if kind == "temporal" {
            // At most 16.
            let (of, at_least) = (Counted::Selections, rules.len() as u32);
            Kind::Count { line: map.line, of, at_least }
        } else {
            Kind::Ordered
        };
        let fields = |node: &Node| node.items().iter().map(field).collect();
        Ok(Correlation {
            rules,
            kind,
            group_by: map.read("group-by", fields)?.unwrap_or_default(),
            within_seconds: map.need("timespan", seconds)?,
            generate: map.read("generate", Node::truth)?.unwrap_or(false),
        })
    }

    /// The rule that it is; `document` is the one that it stands in.
    pub(super) fn rule(
        &self,
        document: Document<'y>,
        context: &Context<'_>,
    ) -> Result<Rule, Error> {
        let Correlation { rules, group_by, .. } = self;
        let (kind, within_seconds) = (self.kind, self.within_seconds);
        let refused =
            |line, reason| document.place(Err(Error::new(line, reason)));
        let mut selections = Vec::new();
        let mut platforms = Vec::new();
        for rule in rules {
            let (platform, selection) = rule.selection(context)?;
            platforms.push(platform);
            selections.push(selection);
        }
        let Some(&platform) = platforms.first() else {
            let reason = Reason::Expected("a rule");
            return refused(document.map.line, reason);
        };
        if platforms.iter().any(|other| *other != platform) {
            let rules = match platforms.len() {
                2 => "two rules",
                _ => "rules",
            };
            let reason = format!("its {rules} are of different products");
            return refused(document.map.line, Reason::Other(reason));
        }
        let kinds = selections.iter().flat_map(|one| one.kinds.iter());
        let kinds: Vec<_> = kinds.copied().collect();
        let mut compared = group_by.clone();
        if let Kind::Count { line, of: Counted::Values(field), .. } = kind {
            compared.push((line, field));
        }
        for (line, field) in compared {
            if !kinds.iter().all(|&kind| kind.may_be_asked(field)) {
                let reason = format!("not all of its events have `{field}`");
                return refused(line, Reason::Other(reason));
            }
        }
        let detection = metadata::detection(document.map, platform, &kinds);
        let group_by = group_by.iter().map(|&(_, field)| field).collect();
        let logic = match kind {
            Kind::Ordered => Logic::Sequence(Sequence {
                steps: selections.into(),
                group_by,
                within_seconds,
            }),
            Kind::Count { of, at_least, .. } => Logic::Count(Count {
                events: selections.into(),
                of,
                at_least,
                group_by,
                within_seconds,
            }),
        };
        Ok(Rule { detection: document.place(detection)?, logic })
    }
}

/// How many events or values there must be.
fn condition(node: &Node, is_of_values: bool) -> Result<Kind, Error> {
    let map = node.map()?;
    // That there are few is not known before the time span is over, and then
    // there may be no event to tell it.
    let above = map.entries.iter().find(|entry| {
        matches!(entry.key.as_str(), "lt" | "lte" | "eq" | "neq")
    });
    if let Some(entry) = above {
        let what = format!("`{}` of a count is", entry.key);
        return Err(Error::new(entry.line, Reason::Unsupported(what)));
    }
    let counted = match is_of_values {
        true => Some(map.need("field", |node| match node.items() {
            [one] => field(one),
            _ => Err(node.error(Reason::Expected("one field"))),
        })?),
        false => None,
    };
    map.only(match is_of_values {
        true => &["gte", "gt", "field"],
        false => &["gte", "gt"],
    })?;
    let number = |more: u32| {
        move |node: &Node| {
            let number = node.number::<u32>()?.saturating_add(more);
            match (1..=Count::MOST).contains(&number) {
                true => Ok(number),
                false => {
                    let what = "a number that is reached at 1 to 1024";
                    Err(node.error(Reason::Expected(what)))
                }
            }
        }
    };
    let at_least = match map.read("gt", number(1))? {
        Some(_) if map.get("gte").is_some() => {
            let what = "either `gt` or `gte`";
            return Err(node.error(Reason::Expected(what)));
        }
        Some(number) => number,
        None => map.need("gte", number(0))?,
    };
    let (line, of) = match counted {
        Some((line, field)) => (line, Counted::Values(field)),
        None => (node.line, Counted::Events),
    };
    Ok(Kind::Count { line, of, at_least })
}

/// The rule that is meant by its name or id.
fn rule<'y>(
    node: &Node,
    documents: &[Document<'y>],
) -> Result<Document<'y>, Error> {
    let called = node.words()?;
    match documents.iter().find(|document| document.is_called(called)) {
        Some(document) if document.map.get("correlation").is_some() => {
            let what = "correlations of correlations are";
            Err(node.error(Reason::Unsupported(what.into())))
        }
        Some(&document) => Ok(document),
        None => {
            let names = documents.iter().filter_map(|document| {
                document.map.get("name")?.value.words().ok()
            });
            let what = "rule in this file called";
            Err(node.error(Reason::unknown(what, called, names)))
        }
    }
}

fn field(node: &Node) -> Result<(Mark, Field), Error> {
    let name = node.words()?;
    match name.parse() {
        Ok(field) => Ok((node.line, field)),
        Err(_) => {
            let names = Field::ALL.iter().map(|field| field.name());
            Err(node.error(Reason::unknown("field", name, names)))
        }
    }
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
