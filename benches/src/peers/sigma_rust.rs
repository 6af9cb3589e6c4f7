/*!
sigma-rust, as its README shows: a line becomes its `Event`, and each rule is
asked about it. It does not look at log sources, so rules are asked only about
events of the ids that their log source means; it compares types strictly, so
an event id must be the number that it is in the rule.
*/

use std::collections::BTreeSet;

use sigma_rust::{Event, Rule, event_from_json, rule_from_yaml};

use super::{Found, Refused, beyond_sigma, ids, is_comparable, lines};
use crate::rules::RuleFile;

/// Rules that it can express.
pub struct SigmaRust {
    rules: Vec<(String, Vec<i64>, Rule)>,
    comparable: BTreeSet<String>,
    /// Rules that it does not run.
    pub refused: Vec<Refused>,
}

impl SigmaRust {
    /// Loads rules, for flat records.
    pub fn new(files: &[RuleFile]) -> SigmaRust {
        let mut rules = Vec::new();
        let mut comparable = BTreeSet::new();
        let mut refused = Vec::new();
        for RuleFile { slug, yaml } in files {
            let parsed = beyond_sigma(yaml).map_or_else(
                || rule_from_yaml(yaml).map_err(|error| error.to_string()),
                Err,
            );
            match parsed {
                Ok(rule) => {
                    if is_comparable(yaml) {
                        comparable.insert(slug.clone());
                    }
                    let ids = ids(rule.logsource.category.as_deref());
                    let ids = ids.iter().map(|id| *id as i64).collect();
                    rules.push((slug.clone(), ids, rule));
                }
                Err(reason) => {
                    refused.push(Refused { slug: slug.clone(), reason });
                }
            }
        }
        SigmaRust { rules, comparable, refused }
    }

    /// How many rules it runs.
    pub fn rule_count(&self) -> usize {
        self.rules.len()
    }

    /// The slugs of the rules that must match the same Windows records as
    /// t1053's.
    pub fn comparable(&self) -> &BTreeSet<String> {
        &self.comparable
    }

    /// Matches of a parsed event.
    pub fn evaluate(&self, event: &Event, mut found: impl FnMut(&str)) {
        let id = event.get("EventID").map(|it| it.value_to_string());
        let id = id.and_then(|it| it.parse().ok());
        for (slug, ids, rule) in &self.rules {
            let is_asked =
                ids.is_empty() || id.is_some_and(|id| ids.contains(&id));
            if is_asked && rule.is_match(event) {
                found(slug);
            }
        }
    }

    fn line(&self, line: &[u8], found: impl FnMut(&str)) {
        let Ok(line) = std::str::from_utf8(line) else { return };
        let Ok(event) = event_from_json(line) else { return };
        self.evaluate(&event, found);
    }

    /// Number of matches in a log.
    pub fn scan(&self, log: &[u8]) -> u64 {
        let mut count = 0;
        for line in lines(log) {
            self.line(line, |_| count += 1);
        }
        count
    }

    /// Matches in a log.
    pub fn found(&self, log: &[u8]) -> Found {
        let mut all = Found::new();
        for (number, line) in lines(log).enumerate() {
            self.line(line, |slug| {
                all.insert((number, slug.to_owned()));
            });
        }
        all
    }
}
