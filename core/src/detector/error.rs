/*!
Why something could not be built.
*/

use core::fmt;

use crate::error::write_nearest;
use crate::event::{EventKind, Field};

/// Why a detector, a scanner or a correlator could not be built.
///
/// [`kind`](BuildError::kind) is for programs; the text, which names what was
/// wrong and what would be right, is for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError {
    reason: Box<Reason>,
}

impl BuildError {
    /// What was wrong, to be matched on.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::{BuildErrorKind, Detector, Scanner};
    ///
    /// let builder = Scanner::builder(&Detector::new()).record_limit(1);
    /// let error = builder.build().unwrap_err();
    /// assert_eq!(error.kind(), BuildErrorKind::OutOfRange);
    /// assert_eq!(error.to_string(), "record_limit is 1; at least 1024");
    /// ```
    pub fn kind(&self) -> BuildErrorKind {
        match &*self.reason {
            Reason::UnknownSlug { .. } => BuildErrorKind::UnknownDetection,
            Reason::TwiceTheSlug(_) => BuildErrorKind::DuplicateSlug,
            Reason::ExclusionUnused(_) | Reason::ExclusionEmpty(_) => {
                BuildErrorKind::UnusedExclusion
            }
            Reason::FieldNotOfDetection { .. } => {
                BuildErrorKind::FieldNotOfDetection
            }
            Reason::Regex { .. } => BuildErrorKind::Regex,
            Reason::OutOfRange { .. } => BuildErrorKind::OutOfRange,
            Reason::OutOfMemory { .. } => BuildErrorKind::OutOfMemory,
        }
    }
}

/// The kinds of [`BuildError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BuildErrorKind {
    /// A selector or an exclusion names a detection that does not exist.
    UnknownDetection,
    /// Two rules have the same slug.
    DuplicateSlug,
    /// An exclusion is for a detection that is not chosen, or for none, or
    /// compares nothing.
    UnusedExclusion,
    /// A rule or an exclusion asks for a field that its events do not have.
    FieldNotOfDetection,
    /// A regular expression is wrong, or the feature `regex` is off.
    Regex,
    /// A number is below the least or above the greatest allowed value.
    OutOfRange,
    /// The memory that was asked for cannot be had.
    OutOfMemory,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// A setting's name, its value, and the values allowed.
    OutOfRange {
        setting: &'static str,
        value: usize,
        least: usize,
        most: usize,
    },
    /// A setting's name and value, for which memory cannot be had.
    OutOfMemory {
        setting: &'static str,
        value: usize,
    },
    UnknownSlug {
        slug: String,
        slugs: Vec<String>,
    },
    TwiceTheSlug(String),
    ExclusionUnused(String),
    /// One that compares nothing, by its name.
    ExclusionEmpty(String),
    FieldNotOfDetection {
        slug: String,
        field: Field,
        kind: Option<EventKind>,
    },
    Regex {
        slug: String,
        pattern: String,
        reason: String,
    },
}

impl Reason {
    /// Refuses a setting's value that is out of range.
    pub(crate) fn check(
        setting: &'static str,
        value: usize,
        allowed: core::ops::RangeInclusive<usize>,
    ) -> Result<(), BuildError> {
        if allowed.contains(&value) {
            return Ok(());
        }
        let (least, most) = allowed.into_inner();
        Err(Reason::OutOfRange { setting, value, least, most }.into())
    }
}

impl From<Reason> for BuildError {
    fn from(reason: Reason) -> BuildError {
        BuildError { reason: Box::new(reason) }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.reason {
            Reason::UnknownSlug { slug, slugs } => {
                write!(f, "there is no detection `{slug}`")?;
                write_nearest(f, slug, slugs.iter().map(String::as_str))
            }
            Reason::TwiceTheSlug(slug) => {
                write!(f, "two rules have the slug `{slug}`")
            }
            Reason::ExclusionUnused(slug) => {
                write!(f, "an exclusion is for `{slug}`, which is not enabled")
            }
            Reason::ExclusionEmpty(name) => {
                write!(f, "the exclusion `{name}` compares nothing")
            }
            Reason::FieldNotOfDetection { slug, field, kind } => {
                write!(f, "events of `{slug}` have no field `{field}`")?;
                let Some(kind) = kind else { return Ok(()) };
                let names: Vec<&str> =
                    kind.fields().iter().map(|field| field.name()).collect();
                write!(f, "; they have {}", names.join(", "))
            }
            Reason::OutOfRange { setting, value, least, .. }
                if value < least =>
            {
                write!(f, "{setting} is {value}; at least {least}")
            }
            Reason::OutOfRange { setting, value, most, .. } => {
                write!(f, "{setting} is {value}; at most {most}")
            }
            Reason::OutOfMemory { setting, value } => {
                write!(f, "there is no memory for {setting} {value}")
            }
            Reason::Regex { slug, pattern, reason } => {
                write!(f, "`{slug}`: regular expression `{pattern}`: {reason}")
            }
        }
    }
}

impl core::error::Error for BuildError {}

/// What was given is of another detector than what takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherDetector;

impl fmt::Display for OtherDetector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is of another detector")
    }
}

impl core::error::Error for OtherDetector {}
