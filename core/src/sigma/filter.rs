/*!
Filters: what keeps known good events from rules, in a document of its own.
*/

use super::error::{Error, Inside, Reason};
use super::metadata::is_called;
use super::placeholders::Placeholders;
use super::yaml::{Map, Node};

/// What documents are compiled with besides themselves.
pub(super) struct Context<'y> {
    pub(super) placeholders: &'y Placeholders,
    pub(super) filters: Vec<Filter<'y>>,
}

/// A document with the key `filter`.
pub(super) struct Filter<'y> {
    /// Names and ids of the rules that it is for; `None` for all of its log
    /// source.
    rules: Option<Vec<&'y str>>,
    log_source: Map<'y>,
    /// The selections and the condition, which have to hold besides those of
    /// the rule.
    pub(super) detection: Map<'y>,
    /// The document that it stands in.
    pub(super) number: usize,
}

impl<'y> Filter<'y> {
    /// The filter of a document; `None` where that is something else.
    pub(super) fn read(
        map: Map<'y>,
        number: usize,
        documents: impl Iterator<Item = Map<'y>> + Clone,
    ) -> Result<Option<Filter<'y>>, Error> {
        let Some(entry) = map.get("filter") else { return Ok(None) };
        let read = || {
            let detection = entry.value.map()?;
            let rules = detection
                .read("rules", |node| rules_of(node, documents.clone()))?;
            Ok((detection, rules.flatten()))
        };
        let (detection, rules) = read().inside("filter")?;
        let log_source = map.need("logsource", Node::map)?;
        Ok(Some(Filter { rules, log_source, detection, number }))
    }

    /// Whether it is for a rule: one that it names, if it names any, whose
    /// log source says all that its own does.
    pub(super) fn is_for(&self, rule: Map<'_>) -> bool {
        let is_named = self.rules.as_ref().is_none_or(|names| {
            names.iter().any(|name| is_called(rule, name))
        });
        let log_source = rule.get("logsource");
        let log_source = log_source.and_then(|entry| entry.value.map().ok());
        is_named
            && log_source.is_some_and(|of_rule| {
                ["product", "category", "service"].into_iter().all(|key| {
                    let word = |map: Map<'_>| {
                        let entry = map.get(key)?;
                        entry.value.words().ok().map(str::to_owned)
                    };
                    let own = word(self.log_source);
                    own.is_none() || own == word(of_rule)
                })
            })
    }
}

/// The rules that a filter names; `None` for `any`.
fn rules_of<'y>(
    node: &'y Node,
    documents: impl Iterator<Item = Map<'y>> + Clone,
) -> Result<Option<Vec<&'y str>>, Error> {
    let mut names = Vec::new();
    for item in node.items() {
        let name = item.words()?;
        if name == "any" && node.items().len() == 1 {
            return Ok(None);
        }
        if !documents.clone().any(|rule| is_called(rule, name)) {
            let known = documents
                .filter_map(|map| map.get("name")?.value.words().ok());
            let what = "rule in this file called";
            return Err(item.error(Reason::unknown(what, name, known)));
        }
        names.push(name);
    }
    match names.is_empty() {
        true => Err(node.error(Reason::Expected("at least one rule"))),
        false => Ok(Some(names)),
    }
}
