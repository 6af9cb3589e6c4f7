/*!
Several texts compiled together: each document that can be becomes a rule, and
each that cannot becomes an error with its place.
*/

use std::collections::HashSet;

use super::SigmaError;
use super::correlation::{Correlation, Correlations};
use super::document::Document;
use super::error::{Error, Inside, Mark, Reason};
use super::filter::{Context, Filter};
use super::limits::{LONGEST_TEXT, MOST_DOCUMENTS};
use super::placeholders::{Placeholders, Spelling};
use super::yaml::{self, Node, Value};
use crate::rule::Rule;

/// What came of some texts, in the order of the texts.
#[derive(Debug, Default)]
pub(crate) struct Compiled {
    pub(crate) rules: Vec<Placed>,
    /// Each with the number of its text, from 0.
    pub(crate) errors: Vec<(usize, SigmaError)>,
}

/// A rule, and where its document begins.
#[derive(Debug)]
pub(crate) struct Placed {
    /// The number of the text, from 0.
    pub(crate) text: usize,
    /// From 1.
    pub(crate) line: usize,
    pub(crate) rule: Rule,
}

/// A document as it was read, and where.
struct Read {
    text: usize,
    /// Which of the text, from 1.
    number: usize,
    node: Node,
}

/// Compiles texts together, so that correlations and filters find their rules
/// in all of them.
pub(crate) fn compile_together(
    texts: &[&str],
    spelling: &Spelling,
) -> Compiled {
    let mut errors = Vec::new();
    let mut read = Vec::new();
    for (text, yaml) in texts.iter().enumerate() {
        if let Err(error) = read_text(text, yaml, &mut read, &mut errors) {
            errors.push((text, error));
        }
    }
    for document in &mut read {
        spelling.respell(&mut document.node);
    }
    let mut rules = Vec::new();
    let placeholders = &spelling.placeholders;
    for (number, result) in compile_documents(&read, placeholders) {
        let Some(document) = read.get(number.saturating_sub(1)) else {
            debug_assert!(false, "document {number}");
            continue;
        };
        match result {
            Ok(rule) => {
                let (text, line) = (document.text, document.node.line.line);
                rules.push(Placed { text, line, rule });
            }
            Err(error) => {
                let error = error.renumbered(document.number);
                errors.push((document.text, error));
            }
        }
    }
    rules.sort_by_key(|placed| (placed.text, placed.line));
    errors.sort_by_key(|(text, error)| (*text, error.mark()));
    // A rule that is wrong is told of once, also where others refer to it.
    errors.dedup();
    let errors = errors.into_iter().map(|(text, error)| (text, error.into()));
    Compiled { rules, errors: errors.collect() }
}

/// Reads the documents of a text; what is no YAML becomes an error, and the
/// rest is read.
fn read_text(
    text: usize,
    yaml: &str,
    read: &mut Vec<Read>,
    errors: &mut Vec<(usize, Error)>,
) -> Result<(), Error> {
    if yaml.len() > LONGEST_TEXT {
        let most = LONGEST_TEXT >> 20;
        let reason = format!("a text may have {most} MiB at most");
        return Err(Error::new(Mark::START, Reason::Limit(reason)));
    }
    let mut number = 0_usize;
    let is_first_error = errors.len();
    let first = read.len();
    for (lines_before, part) in yaml::parts(yaml) {
        let nodes = match yaml::documents(part, lines_before) {
            Ok(nodes) => nodes,
            Err(error) => {
                let document = number.saturating_add(error.document());
                errors.push((text, error.renumbered(document)));
                number = number.saturating_add(1);
                continue;
            }
        };
        for node in nodes {
            number = number.saturating_add(1);
            // Between two `---` there may be nothing but a comment.
            if matches!(node.value, Value::Null) {
                continue;
            }
            if read.len() >= MOST_DOCUMENTS {
                let reason = format!(
                    "rules that are loaded together may be {MOST_DOCUMENTS} \
                     at most: neither this one nor what follows in this text \
                     is loaded",
                );
                let error = node.error(Reason::Limit(reason));
                return Err(error.in_document(number));
            }
            read.push(Read { text, number, node });
        }
    }
    if read.len() == first && errors.len() == is_first_error {
        return Err(Error::new(Mark::START, Reason::Expected("a rule")));
    }
    Ok(())
}

/// What comes of each document, by its number among all of them, from 1.
fn compile_documents(
    read: &[Read],
    placeholders: &Placeholders,
) -> Vec<(usize, Result<Rule, Error>)> {
    let mut results = Vec::new();
    let mut documents = Vec::new();
    for (number, read) in (1..).zip(read) {
        match Document::new(number, &read.node) {
            Ok(document) => documents.push(document),
            Err(error) => results.push((number, Err(error))),
        }
    }
    let mut filters = Vec::new();
    for document in &documents {
        let all = documents.iter().map(|document| document.map);
        let filter = Filter::read(document.map, document.number, all);
        match document.place(filter) {
            Ok(filter) => filters.extend(filter),
            Err(error) => results.push((document.number, Err(error))),
        }
    }
    documents.retain(|document| document.map.get("filter").is_none());
    let mut context = Context { placeholders, filters };
    let mut correlations = Correlations::new();
    let mut parts = HashSet::new();
    let mut unclear = HashSet::new();
    for document in &documents {
        let Some(entry) = document.map.get("correlation") else { continue };
        let correlation = Correlation::read(&entry.value, &documents);
        let correlation = document.place(correlation.inside("correlation"));
        match &correlation {
            // Who logs in a hundred times may attack, who does so once does
            // not.
            Ok(found) if !found.generate => {
                parts.extend(found.rules.iter().map(|rule| rule.number));
            }
            Ok(_) => {}
            Err(_) => unclear.extend(text_of(document.number, read)),
        }
        correlations.insert(document.number, correlation);
    }
    for document in &documents {
        let number = document.number;
        let Some(correlation) = correlations.get(&number) else { continue };
        let rule = correlation.as_ref().map_err(Error::clone);
        let rule = rule.and_then(|found| {
            let rule =
                |context: &_| found.rule(*document, &correlations, context);
            filtered(&mut context, &mut results, rule)
        });
        // What is wrong with a part of others is told all the same: they may
        // be parts of it themselves.
        if rule.is_err() || !parts.contains(&number) {
            results.push(numbered(number, rule));
        }
    }
    for document in &documents {
        let number = document.number;
        // Of which rules a correlation is made that cannot be read is not
        // known, and none of these may become a rule by itself.
        let text = text_of(number, read);
        let is_part = parts.contains(&number)
            || text.is_some_and(|text| unclear.contains(&text));
        if !is_part && document.map.get("correlation").is_none() {
            let single = |context: &_| document.single(context);
            let rule = filtered(&mut context, &mut results, single);
            results.push(numbered(number, rule));
        }
    }
    results
}

/// Compiles a rule with the filters that are for it. A filter that is wrong is
/// told of and left out: rules that match too much are better than none.
fn filtered<'y>(
    context: &mut Context<'y>,
    results: &mut Vec<(usize, Result<Rule, Error>)>,
    compile: impl Fn(&Context<'y>) -> Result<Rule, Error>,
) -> Result<Rule, Error> {
    loop {
        let error = match compile(context) {
            Ok(rule) => return Ok(rule),
            Err(error) => error,
        };
        let (number, before) = (error.document(), context.filters.len());
        context.filters.retain(|filter| filter.number != number);
        if context.filters.len() == before {
            return Err(error);
        }
        results.push((number, Err(error)));
    }
}

/// What came of a document, with its number; of an error, with the number of
/// the document that it is in, which a correlation may refer to.
fn numbered(
    number: usize,
    result: Result<Rule, Error>,
) -> (usize, Result<Rule, Error>) {
    let number = result.as_ref().map_or_else(Error::document, |_| number);
    (number, result)
}

/// The text that a document stands in.
fn text_of(number: usize, read: &[Read]) -> Option<usize> {
    read.get(number.saturating_sub(1)).map(|document| document.text)
}
