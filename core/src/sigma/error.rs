/*!
Why a Sigma file was refused, and where.
*/

use core::fmt;

use crate::error::write_nearest;

/// Why a Sigma file was refused, and where: its message names the document,
/// the line and the key, and the nearest valid names where one is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigmaError(Box<Error>);

impl SigmaError {
    /// What was wrong, to be matched on.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::sigma::{SigmaErrorKind, compile};
    ///
    /// let error = compile("title: x").unwrap_err();
    /// assert_eq!(error.kind(), SigmaErrorKind::Missing);
    /// ```
    pub fn kind(&self) -> SigmaErrorKind {
        match self.0.reason {
            Reason::Yaml(_) => SigmaErrorKind::Yaml,
            Reason::Expected(_) => SigmaErrorKind::Unexpected,
            Reason::Missing(_) => SigmaErrorKind::Missing,
            Reason::Twice(_) => SigmaErrorKind::Duplicate,
            Reason::Unknown { what, .. } => match what {
                "field" => SigmaErrorKind::UnknownField,
                "category" | "service" | "product" => {
                    SigmaErrorKind::UnknownLogSource
                }
                _ => SigmaErrorKind::UnknownName,
            },
            Reason::Never(_) => SigmaErrorKind::NeverMatches,
            Reason::Unsupported(_) => SigmaErrorKind::Unsupported,
            Reason::TooDeep | Reason::TooLarge | Reason::Limit(_) => {
                SigmaErrorKind::TooLarge
            }
            Reason::Other(_) => SigmaErrorKind::Invalid,
        }
    }

    /// Which document of the file, from 1.
    pub fn document(&self) -> usize {
        self.0.document.unwrap_or(1)
    }

    /// Which line of the file, from 1.
    pub fn line(&self) -> usize {
        self.0.mark.line
    }

    /// Which character of the line, from 1.
    ///
    /// # Example
    ///
    /// ```
    /// let text = "title: x\nstatus: tset";
    /// let error = t1053::sigma::compile(text).unwrap_err();
    /// assert_eq!((error.line(), error.column()), (2, 9));
    /// ```
    pub fn column(&self) -> usize {
        self.0.mark.column
    }

    /// The message without the document and the line.
    pub(crate) fn message(&self) -> String {
        self.0.message()
    }
}

/// The kinds of [`SigmaError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SigmaErrorKind {
    /// It is no YAML.
    Yaml,
    /// A value is not of the shape that belongs there.
    Unexpected,
    /// A key is missing.
    Missing,
    /// A key or name is given twice.
    Duplicate,
    /// A key, modifier or other name is none that is known.
    UnknownName,
    /// No event of the log source has the field.
    UnknownField,
    /// There is no such log source.
    UnknownLogSource,
    /// No event can match.
    NeverMatches,
    /// Sigma has it, but it cannot be honoured here.
    Unsupported,
    /// It is nested too deep, or too large.
    TooLarge,
    /// It contradicts itself in another way.
    Invalid,
}

impl From<Error> for SigmaError {
    fn from(error: Error) -> SigmaError {
        SigmaError(Box::new(error))
    }
}

impl fmt::Display for SigmaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Error { mark, path, .. } = &*self.0;
        let document = self.document();
        write!(f, "document {document}, line {}", mark.line)?;
        f.write_str(if path.is_empty() { ": " } else { ", " })?;
        f.write_str(&self.message())
    }
}

impl core::error::Error for SigmaError {}

/// Where something begins in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// From 1.
    pub(crate) line: usize,
    /// In characters, from 1.
    pub(crate) column: usize,
}

impl Mark {
    pub(crate) const START: Mark = Mark { line: 1, column: 1 };
}

/// The same, while it is on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Error {
    document: Option<usize>,
    mark: Mark,
    /// Keys that lead to the place, innermost first.
    path: Vec<String>,
    reason: Reason,
}

impl Error {
    pub(crate) fn new(mark: Mark, reason: Reason) -> Error {
        Error { document: None, mark, path: Vec::new(), reason }
    }

    pub(crate) fn document(&self) -> usize {
        self.document.unwrap_or(1)
    }

    pub(crate) fn mark(&self) -> Mark {
        self.mark
    }

    /// The message without the document and the line.
    pub(crate) fn message(&self) -> String {
        let mut message = String::new();
        for (index, key) in self.path.iter().rev().enumerate() {
            message.push_str(if index == 0 { "in " } else { " > " });
            message.push_str(key);
        }
        let separator = if message.is_empty() { "" } else { ": " };
        message + separator + &self.reason.to_string()
    }

    /// Says in which document it is, unless that is known.
    pub(crate) fn in_document(mut self, document: usize) -> Error {
        self.document = self.document.or(Some(document));
        self
    }

    /// Says in which document of its text it is, where that was told among
    /// those of all texts.
    pub(crate) fn renumbered(mut self, document: usize) -> Error {
        self.document = Some(document);
        self
    }
}

/// Says under which key an error came up.
pub(crate) trait Inside {
    fn inside(self, key: &str) -> Self;
}

impl<T> Inside for Result<T, Error> {
    fn inside(self, key: &str) -> Self {
        self.map_err(|mut error| {
            // One of another document is under no key of this one.
            if error.document.is_none() {
                error.path.push(key.into());
            }
            error
        })
    }
}

/// Why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// What the YAML parser says.
    Yaml(String),
    /// Another shape of value.
    Expected(&'static str),
    /// No such key.
    Missing(&'static str),
    /// The same key a second time.
    Twice(String),
    /// A name that is none of the valid ones.
    Unknown { what: &'static str, name: String, valid: Vec<String> },
    /// Sigma has it, but not this compiler: "x is".
    Unsupported(String),
    /// Nested too deep.
    TooDeep,
    /// Too large.
    TooLarge,
    /// More than a text or a set of them may have.
    Limit(String),
    /// No event can match.
    Never(String),
    /// Anything else.
    Other(String),
}

impl Reason {
    pub(crate) fn unknown<N: AsRef<str>>(
        what: &'static str,
        name: &str,
        valid: impl IntoIterator<Item = N>,
    ) -> Reason {
        let valid = valid.into_iter().map(|name| name.as_ref().into());
        Reason::Unknown { what, name: name.into(), valid: valid.collect() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Yaml(info) => write!(f, "not YAML: {info}"),
            Reason::Expected(what) => write!(f, "expected {what}"),
            Reason::Missing(key) => write!(f, "`{key}` is missing"),
            Reason::Twice(key) => write!(f, "`{key}` is given twice"),
            Reason::Unsupported(what) => {
                write!(f, "{what} not supported")
            }
            Reason::TooDeep => write!(
                f,
                "nested more than {} levels deep",
                super::limits::DEEPEST,
            ),
            Reason::TooLarge => write!(
                f,
                "the rule comes to more than {} MiB",
                super::limits::MOST_BYTES >> 20,
            ),
            Reason::Limit(text)
            | Reason::Never(text)
            | Reason::Other(text) => f.write_str(text),
            Reason::Unknown { what, name, valid } => {
                write!(f, "there is no {what} `{name}`")?;
                let names = || valid.iter().map(String::as_str);
                let nearest = Nearest { name, valid }.to_string();
                if !nearest.is_empty() || valid.len() > 24 {
                    return f.write_str(&nearest);
                }
                for (place, name) in (1..).zip(names()) {
                    f.write_str(match place {
                        1 => "; there is ",
                        _ if place == valid.len() => " and ",
                        _ => ", ",
                    })?;
                    write!(f, "`{name}`")?;
                }
                Ok(())
            }
        }
    }
}

/// Shows the nearest valid names, or nothing.
struct Nearest<'r> {
    name: &'r str,
    valid: &'r [String],
}

impl fmt::Display for Nearest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nobody mistypes a name this long.
        if self.name.len() > 64 {
            return Ok(());
        }
        write_nearest(f, self.name, self.valid.iter().map(String::as_str))
    }
}

/// Whether a name looks like a slip of the pen for one of these.
pub(crate) fn is_near(name: &str, valid: &[&str]) -> bool {
    let valid: Vec<String> = valid.iter().map(|&name| name.into()).collect();
    !Nearest { name, valid: &valid }.to_string().is_empty()
}
