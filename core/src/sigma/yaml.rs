/*!
YAML as Sigma files use it: a tree of text, lists and maps that knows its
lines. Scalars stay as written, so `4698` and `'4698'` are the same text.
*/

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::error::{Error, Inside, Mark, Reason};
use super::limits::{DEEPEST, MOST_BYTES, size};

/// A value, and where it begins.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) line: Mark,
    pub(crate) value: Value,
}

/// What a value can be.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key of a map, and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) line: Mark,
    pub(crate) key: String,
    pub(crate) value: Node,
}

impl Node {
    pub(crate) fn error(&self, reason: Reason) -> Error {
        Error::new(self.line, reason)
    }

    fn expected(&self, what: &'static str) -> Error {
        self.error(Reason::Expected(what))
    }

    /// The value as text.
    pub(crate) fn text(&self) -> Result<&str, Error> {
        match &self.value {
            Value::Text(text) => Ok(text),
            _ => Err(self.expected("text")),
        }
    }

    /// The value as text that is not blank, without blanks around it.
    pub(crate) fn words(&self) -> Result<&str, Error> {
        match self.text()?.trim() {
            "" => Err(self.expected("text that is not empty")),
            words => Ok(words),
        }
    }

    /// The value as a number.
    pub(crate) fn number<T: core::str::FromStr>(&self) -> Result<T, Error> {
        let number = self.text()?.parse();
        number.map_err(|_| self.expected("a number in range"))
    }

    /// The value as true or false.
    pub(crate) fn truth(&self) -> Result<bool, Error> {
        match self.text()? {
            "true" | "True" | "TRUE" => Ok(true),
            "false" | "False" | "FALSE" => Ok(false),
            _ => Err(self.expected("`true` or `false`")),
        }
    }

    /// The items of a list; a value that is none is its own only item.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => core::slice::from_ref(self),
        }
    }

    /// The same, to be changed.
    pub(crate) fn items_mut(&mut self) -> &mut [Node] {
        match &mut self.value {
            Value::List(_) => {}
            _ => return core::slice::from_mut(self),
        }
        match &mut self.value {
            Value::List(items) => items,
            _ => &mut [],
        }
    }

    /// The entries of a map, to be changed; none of what is no map.
    pub(crate) fn entries_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        let entries = match &mut self.value {
            Value::Map(entries) => entries.as_mut_slice(),
            _ => &mut [],
        };
        entries.iter_mut()
    }

    /// About how many bytes it takes, and how many levels deep it nests.
    fn extent(&self) -> (usize, usize) {
        let all = |nodes: &mut dyn Iterator<Item = &Node>| {
            nodes.fold((size(""), 0_usize), |(bytes, depth), node| {
                let (more, deep) = node.extent();
                (bytes.saturating_add(more), depth.max(deep))
            })
        };
        let (bytes, depth) = match &self.value {
            Value::Null => (size(""), 0),
            Value::Text(text) => (size(text), 0),
            Value::List(items) => all(&mut items.iter()),
            Value::Map(entries) => {
                let keys = entries.iter().map(|entry| size(&entry.key));
                let keys = keys.fold(0, usize::saturating_add);
                let values = &mut entries.iter().map(|entry| &entry.value);
                let (bytes, depth) = all(values);
                (bytes.saturating_add(keys), depth)
            }
        };
        (bytes, depth.saturating_add(1))
    }

    /// The value as a map.
    pub(crate) fn map(&self) -> Result<Map<'_>, Error> {
        match &self.value {
            Value::Map(entries) => Ok(Map { line: self.line, entries }),
            _ => Err(self.expected("a map")),
        }
    }
}

/// The entries of a map.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Map<'y> {
    pub(crate) line: Mark,
    pub(crate) entries: &'y [Entry],
}

impl<'y> Map<'y> {
    pub(crate) fn get(self, key: &str) -> Option<&'y Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Reads the value of a key that may be missing.
    pub(crate) fn read<T>(
        self,
        key: &str,
        read: impl FnOnce(&'y Node) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let entry = self.get(key);
        entry.map(|entry| read(&entry.value).inside(key)).transpose()
    }

    /// Reads the value of a key that must be there.
    pub(crate) fn need<T>(
        self,
        key: &'static str,
        read: impl FnOnce(&'y Node) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let missing = || Error::new(self.line, Reason::Missing(key));
        self.read(key, read)?.ok_or_else(missing)
    }

    /// Refuses keys other than these.
    pub(crate) fn only(self, keys: &[&'static str]) -> Result<(), Error> {
        let known = |entry: &&Entry| keys.contains(&entry.key.as_str());
        match self.entries.iter().find(|entry| !known(entry)) {
            Some(entry) => {
                let reason = Reason::unknown("key", &entry.key, keys);
                Err(Error::new(entry.line, reason))
            }
            None => Ok(()),
        }
    }
}

/// The parts of a text between the markers of documents, each with how many
/// lines stand before it, so that one with a fault does not take the others
/// with it. A part holds one document, or several where none is marked.
pub(crate) fn parts(yaml: &str) -> Vec<(usize, &str)> {
    let yaml = yaml.strip_prefix('\u{feff}').unwrap_or(yaml);
    let mut parts = Vec::new();
    let mut rest = yaml;
    let (mut lines_before, mut lines, mut length) =
        (0_usize, 0_usize, 0_usize);
    let is_marker = |line: &str, marker: &str| {
        line.strip_prefix(marker).is_some_and(|after| {
            after.is_empty() || after.starts_with([' ', '\t', '\r', '\n'])
        })
    };
    // Directives and comments belong to the document that they stand before.
    let mut has_content = false;
    let mut is_over = false;
    for line in yaml.split_inclusive('\n') {
        let begins = is_marker(line, "---");
        if is_over || (begins && has_content) {
            let (part, after) =
                rest.split_at_checked(length).unwrap_or((rest, ""));
            parts.push((lines_before, part));
            rest = after;
            lines_before = lines_before.saturating_add(lines);
            (lines, length, has_content) = (0, 0, false);
        }
        is_over = is_marker(line, "...");
        has_content |= begins
            || !line.trim().is_empty()
                && !line.starts_with('%')
                && !line.trim_start().starts_with('#');
        lines = lines.saturating_add(1);
        length = length.saturating_add(line.len());
    }
    parts.push((lines_before, rest));
    parts
}

/// The documents of a text that stands behind so many lines.
pub(crate) fn documents(
    yaml: &str,
    lines_before: usize,
) -> Result<Vec<Node>, Error> {
    let yaml = yaml.strip_prefix('\u{feff}').unwrap_or(yaml);
    let mut parser = Parser::new_from_str(yaml);
    let mut builder = Builder {
        open: Vec::new(),
        documents: Vec::new(),
        anchored: HashMap::new(),
        expanded: 0,
    };
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| {
            let reason = Reason::Yaml(error.info().into());
            let place = mark(*error.marker(), lines_before);
            builder.place(Error::new(place, reason))
        })?;
        let line = mark(span.start, lines_before);
        if let Err(error) = builder.event(event, line) {
            return Err(builder.place(error));
        }
    }
    Ok(builder.documents)
}

/// Where the parser is, in the whole text.
fn mark(marker: Marker, lines_before: usize) -> Mark {
    Mark {
        line: marker.line().saturating_add(lines_before),
        column: marker.col().saturating_add(1),
    }
}

/// Makes trees of the parser's events.
struct Builder {
    /// The lists and maps that are not complete yet, outermost first, each
    /// with its anchor.
    open: Vec<(usize, Open)>,
    documents: Vec<Node>,
    /// What has an anchor in this document, and how large it is.
    anchored: HashMap<usize, (Node, usize)>,
    /// How large all is that aliases stood for.
    expanded: usize,
}

enum Open {
    List(Mark, Vec<Node>),
    /// With the key whose value comes next.
    Map(Mark, Vec<Entry>, Option<(Mark, String)>),
}

/// The number of an anchor that is none.
const NO_ANCHOR: usize = 0;

impl Builder {
    /// Says in which document an error is.
    fn place(&self, error: Error) -> Error {
        error.in_document(self.documents.len().saturating_add(1))
    }

    fn event(&mut self, event: Event<'_>, line: Mark) -> Result<(), Error> {
        let refused = |reason| Err(Error::new(line, reason));
        match event {
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => {
                refused(Reason::Unsupported("YAML tags are".into()))
            }
            Event::Alias(anchor) => match self.anchored.get(&anchor) {
                // Aliases in what others stand for multiply.
                Some((node, size)) => {
                    self.expanded = self.expanded.saturating_add(*size);
                    if self.expanded > MOST_BYTES {
                        return refused(Reason::TooLarge);
                    }
                    let node = node.clone();
                    self.add(node, NO_ANCHOR)
                }
                None => {
                    let reason = "an alias in what it stands for";
                    refused(Reason::Other(reason.into()))
                }
            },
            Event::SequenceStart(anchor, _) => {
                self.open(anchor, Open::List(line, Vec::new()), line)
            }
            Event::MappingStart(anchor, _) => {
                self.open(anchor, Open::Map(line, Vec::new(), None), line)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some((anchor, Open::List(line, items))) => {
                    let value = Value::List(items);
                    self.add(Node { line, value }, anchor)
                }
                Some((anchor, Open::Map(line, entries, _))) => {
                    refuse_twins(&entries)?;
                    let value = Value::Map(entries);
                    self.add(Node { line, value }, anchor)
                }
                None => Ok(()),
            },
            Event::Scalar(text, style, anchor, _) => {
                let null = style == ScalarStyle::Plain
                    && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let value = match null {
                    true => Value::Null,
                    false => Value::Text(text.into_owned()),
                };
                self.add(Node { line, value }, anchor)
            }
            Event::DocumentStart(_) => {
                self.anchored.clear();
                self.expanded = 0;
                Ok(())
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn open(
        &mut self,
        anchor: usize,
        open: Open,
        line: Mark,
    ) -> Result<(), Error> {
        if self.open.len() == DEEPEST {
            return Err(Error::new(line, Reason::TooDeep));
        }
        self.open.push((anchor, open));
        Ok(())
    }

    /// Adds a complete value to the innermost list or map.
    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Error> {
        if anchor != NO_ANCHOR {
            let (size, depth) = node.extent();
            // A copy may stand deeper than what it is a copy of.
            self.expanded = self.expanded.saturating_add(size);
            if self.expanded > MOST_BYTES {
                return Err(node.error(Reason::TooLarge));
            }
            if depth > DEEPEST {
                return Err(node.error(Reason::TooDeep));
            }
            self.anchored.insert(anchor, (node.clone(), size));
        }
        match self.open.last_mut().map(|(_, open)| open) {
            None => self.documents.push(node),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, entries, pending)) => match pending.take() {
                Some((line, key)) => {
                    entries.push(Entry { line, key, value: node });
                }
                None => {
                    let key = match &node.value {
                        Value::Null => "",
                        _ => node.text()?,
                    };
                    *pending = Some((node.line, key.into()));
                }
            },
        }
        Ok(())
    }
}

/// Refuses a map that has a key twice.
fn refuse_twins(entries: &[Entry]) -> Result<(), Error> {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by(|a, b| a.key.cmp(&b.key));
    let twins = sorted.windows(2).find_map(|pair| match pair {
        [first, second] if first.key == second.key => Some(second),
        _ => None,
    });
    match twins {
        Some(twin) => {
            Err(Error::new(twin.line, Reason::Twice(twin.key.clone())))
        }
        None => Ok(()),
    }
}
