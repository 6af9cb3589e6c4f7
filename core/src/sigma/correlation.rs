/*!
Correlations: two events in order.
*/

use super::document::Document;
use super::error::{Error, Mark, Reason};
use super::metadata;
use super::yaml::Node;
use crate::event::Field;
use crate::rule::{Logic, Rule, Sequence};

/// A correlation of type `temporal_ordered`.
pub(super) struct Correlation<'y> {
    pub(super) first: Document<'y>,
    pub(super) second: Document<'y>,
    /// Each with its line.
    pub(super) group_by: Vec<(Mark, Field)>,
    pub(super) within_seconds: u32,
}

impl<'y> Correlation<'y> {
    pub(super) fn read(
        node: &Node,
        documents: &[Document<'y>],
    ) -> Result<Correlation<'y>, Error> {
        let map = node.map()?;
        for entry in map.entries {
            let key = entry.key.as_str();
            if matches!(key, "aliases" | "condition") {
                let what = format!("`{key}` of a correlation is");
                let reason = Reason::Unsupported(what);
                return Err(Error::new(entry.line, reason));
            }
        }
        map.only(&["type", "rules", "group-by", "timespan", "generate"])?;
        map.need("type", |node| match node.words()? {
            "temporal_ordered" => Ok(()),
            kind @ ("event_count" | "value_count" | "temporal"
            | "value_sum" | "value_avg" | "value_percentile") => {
                let what = format!("correlations of type `{kind}` are");
                Err(node.error(Reason::Unsupported(what)))
            }
            kind => {
                let valid = ["temporal_ordered"];
                Err(node.error(Reason::unknown("type", kind, valid)))
            }
        })?;
        let (first, second) = map.need("rules", |node| {
            let rule = |node: &Node| rule(node, documents);
            match node.items() {
                [first, second] => Ok((rule(first)?, rule(second)?)),
                _ => Err(node.error(Reason::Expected("two rules"))),
            }
        })?;
        map.read("generate", Node::truth)?;
        let fields = |node: &Node| node.items().iter().map(field).collect();
        Ok(Correlation {
            first,
            second,
            group_by: map.read("group-by", fields)?.unwrap_or_default(),
            within_seconds: map.need("timespan", seconds)?,
        })
    }

    /// The rule that it is; `document` is the one that it stands in.
    pub(super) fn rule(self, document: Document<'y>) -> Result<Rule, Error> {
        let Correlation { first, second, group_by, within_seconds, .. } = self;
        let (platform, first) = first.selection()?;
        let (second_platform, second) = second.selection()?;
        let both = [&*first.kinds, &*second.kinds].concat();
        let refused =
            |line, reason| document.place(Err(Error::new(line, reason)));
        if platform != second_platform {
            let reason = "its two rules are of different products";
            return refused(document.map.line, Reason::Other(reason.into()));
        }
        let carried =
            |field| both.iter().all(|&kind| kind.may_be_asked(field));
        for &(line, field) in &group_by {
            if !carried(field) {
                let reason = format!("not all of its events have `{field}`");
                return refused(line, Reason::Other(reason));
            }
        }
        let detection = metadata::detection(document.map, platform, &both);
        let group_by = group_by.into_iter().map(|(_, field)| field).collect();
        Ok(Rule {
            detection: document.place(detection)?,
            logic: Logic::Sequence(Sequence {
                first,
                second,
                group_by,
                within_seconds,
            }),
        })
    }
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
