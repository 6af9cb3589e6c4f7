/*!
YAML as Sigma files use it: a tree of text, lists and maps that knows its
lines. Scalars stay as written, so `4698` and `'4698'` are the same text.
*/

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::error::{Error, Inside, Reason};
use super::limits::{DEEPEST, MOST_BYTES, size};

/// A value, and the line that it begins on, from 1.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) value: Value,
}

/// What a value can be.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key of a map, and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) line: usize,
    pub(super) key: String,
    pub(super) value: Node,
}

impl Node {
    pub(super) fn error(&self, reason: Reason) -> Error {
        Error::new(self.line, reason)
    }

    fn expected(&self, what: &'static str) -> Error {
        self.error(Reason::Expected(what))
    }

    /// The value as text.
    pub(super) fn text(&self) -> Result<&str, Error> {
        match &self.value {
            Value::Text(text) => Ok(text),
            _ => Err(self.expected("text")),
        }
    }

    /// The value as text that is not blank, without blanks around it.
    pub(super) fn words(&self) -> Result<&str, Error> {
        match self.text()?.trim() {
            "" => Err(self.expected("text that is not empty")),
            words => Ok(words),
        }
    }

    /// The value as a number.
    pub(super) fn number<T: core::str::FromStr>(&self) -> Result<T, Error> {
        let number = self.text()?.parse();
        number.map_err(|_| self.expected("a number in range"))
    }

    /// The value as true or false.
    pub(super) fn truth(&self) -> Result<bool, Error> {
        match self.text()? {
            "true" | "True" | "TRUE" => Ok(true),
            "false" | "False" | "FALSE" => Ok(false),
            _ => Err(self.expected("`true` or `false`")),
        }
    }

    /// The items of a list; a value that is none is its own only item.
    pub(super) fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => core::slice::from_ref(self),
        }
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
    pub(super) fn map(&self) -> Result<Map<'_>, Error> {
        match &self.value {
            Value::Map(entries) => Ok(Map { line: self.line, entries }),
            _ => Err(self.expected("a map")),
        }
    }
}

/// The entries of a map.
#[derive(Clone, Copy, Debug)]
pub(super) struct Map<'y> {
    pub(super) line: usize,
    pub(super) entries: &'y [Entry],
}

impl<'y> Map<'y> {
    pub(super) fn get(self, key: &str) -> Option<&'y Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Reads the value of a key that may be missing.
    pub(super) fn read<T>(
        self,
        key: &str,
        read: impl FnOnce(&'y Node) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let entry = self.get(key);
        entry.map(|entry| read(&entry.value).inside(key)).transpose()
    }

    /// Reads the value of a key that must be there.
    pub(super) fn need<T>(
        self,
        key: &'static str,
        read: impl FnOnce(&'y Node) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let missing = || Error::new(self.line, Reason::Missing(key));
        self.read(key, read)?.ok_or_else(missing)
    }

    /// Refuses keys other than these.
    pub(super) fn only(self, keys: &[&'static str]) -> Result<(), Error> {
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

/// The documents of a file.
pub(super) fn documents(yaml: &str) -> Result<Vec<Node>, Error> {
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
            builder.place(Error::new(error.marker().line(), reason))
        })?;
        let line = span.start.line();
        if let Err(error) = builder.event(event, line) {
            return Err(builder.place(error));
        }
    }
    Ok(builder.documents)
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
    List(usize, Vec<Node>),
    /// With the key whose value comes next.
    Map(usize, Vec<Entry>, Option<(usize, String)>),
}

/// The number of an anchor that is none.
const NO_ANCHOR: usize = 0;

impl Builder {
    /// Says in which document an error is.
    fn place(&self, error: Error) -> Error {
        error.in_document(self.documents.len().saturating_add(1))
    }

    fn event(&mut self, event: Event<'_>, line: usize) -> Result<(), Error> {
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
        line: usize,
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
