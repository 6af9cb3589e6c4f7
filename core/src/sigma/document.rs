/*!
The documents of a file, each a rule or a correlation.
*/

use super::detection;
use super::error::{Error, Inside};
use super::filter::{Context, Filter};
use super::metadata;
use super::source;
use super::yaml::{Map, Node};
use crate::event::Platform;
use crate::rule::{Logic, Rule, Selection};

/// A document of a file.
#[derive(Clone, Copy)]
pub(super) struct Document<'y> {
    /// Which of all that are compiled together, from 1.
    pub(super) number: usize,
    pub(super) map: Map<'y>,
}

impl<'y> Document<'y> {
    /// Checks that it has what a rule or a correlation has.
    pub(super) fn new(
        number: usize,
        node: &'y Node,
    ) -> Result<Document<'y>, Error> {
        let map = node.map().map_err(|error| error.in_document(number))?;
        let document = Document { number, map };
        document.place(metadata::check(map))?;
        Ok(document)
    }

    /// Says that an error is in this document.
    pub(super) fn place<T>(
        self,
        result: Result<T, Error>,
    ) -> Result<T, Error> {
        result.map_err(|error| error.in_document(self.number))
    }

    /// Whether correlations may refer to it under this name.
    pub(super) fn is_called(self, name: &str) -> bool {
        metadata::is_called(self.map, name)
    }

    /// The name that correlations call it by, if it has one.
    pub(super) fn name(self) -> Option<&'y str> {
        self.map.get("name")?.value.words().ok()
    }

    /// What the document's `detection` matches.
    pub(super) fn selection(
        self,
        context: &Context<'_>,
    ) -> Result<(Platform, Selection), Error> {
        let filters = context.filters.iter();
        let filters: Vec<&Filter<'_>> =
            filters.filter(|filter| filter.is_for(self.map)).collect();
        self.place(self.map.need("logsource", Node::map).and_then(|map| {
            let source = source::source(map).inside("logsource")?;
            let selection = self.map.need("detection", |node| {
                detection::selection(node.map()?, &filters, &source, context)
            })?;
            Ok((source.platform, selection))
        }))
    }

    /// The rule that it is by itself.
    pub(super) fn single(self, context: &Context<'_>) -> Result<Rule, Error> {
        let (platform, selection) = self.selection(context)?;
        let kinds = &selection.kinds;
        let detection = metadata::detection(self.map, platform, kinds);
        let detection = self.place(detection)?;
        Ok(Rule { detection, logic: Logic::Single(selection) })
    }
}
