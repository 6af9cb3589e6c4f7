/*!
Choosing which detections run.
*/

use core::fmt;
use core::str::FromStr;

use crate::error::write_nearest;
use crate::event::Platform;
use crate::rule::{Kind, Pack, Rule};

/// Which detections are meant: one slug, or all of a kind.
///
/// Written as a slug, a preset (`all`; `published`, those of other publishers;
/// `behaviours`, ours), or `what:which`: `kind:TTP`,
/// `technique:T1053.003` (`technique:T1053` takes its sub-techniques in),
/// `platform:linux`, `pack:scheduled-tasks`, `risk:50` (at least 50).
///
/// # Example
///
/// ```
/// use t1053::Selector;
///
/// let selector: Selector = "technique:T1053.003".parse()?;
/// assert_eq!(selector, Selector::Technique("T1053.003".into()));
/// let error = "kind:TT".parse::<Selector>().unwrap_err();
/// assert!(error.to_string().contains("did you mean `TTP`?"));
/// # Ok::<(), t1053::SelectorError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Selector {
    /// Every detection.
    All,
    /// Every detection that somebody else published.
    Published,
    /// The detection of this slug.
    Slug(String),
    /// Detections of this kind.
    Kind(Kind),
    /// Detections of this technique or one of its sub-techniques.
    Technique(String),
    /// Detections for this platform.
    Platform(Platform),
    /// Detections of this pack.
    Pack(Pack),
    /// Detections of at least this risk score.
    MinimumRisk(u8),
}

impl Selector {
    /// Whether a rule is meant.
    pub fn selects(&self, rule: &Rule) -> bool {
        let detection = &rule.detection;
        match self {
            Selector::All => true,
            Selector::Published => {
                detection.pack.is_some_and(|pack| pack != Pack::Behaviours)
            }
            Selector::Slug(slug) => detection.slug == slug.as_str(),
            Selector::Kind(kind) => detection.kind == *kind,
            Selector::Technique(technique) => {
                detection.techniques.iter().any(|known| {
                    let rest = known.strip_prefix(technique.as_str());
                    rest.is_some_and(|rest| {
                        rest.is_empty() || rest.starts_with('.')
                    })
                })
            }
            Selector::Platform(platform) => detection.platform == *platform,
            Selector::Pack(pack) => detection.pack == Some(*pack),
            Selector::MinimumRisk(risk) => detection.risk_score() >= *risk,
        }
    }
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Selector, SelectorError> {
        let error =
            |reason| Err(SelectorError { text: text.to_owned(), reason });
        let Some((what, which)) = text.split_once(':') else {
            return match text {
                "" => error(Reason::Empty),
                "all" => Ok(Selector::All),
                "published" => Ok(Selector::Published),
                "behaviours" => Ok(Selector::Pack(Pack::Behaviours)),
                slug => Ok(Selector::Slug(slug.to_owned())),
            };
        };
        let unknown = |valid| {
            error(Reason::UnknownName { name: which.to_owned(), valid })
        };
        match what {
            "kind" => match Kind::from_name(which) {
                Some(kind) => Ok(Selector::Kind(kind)),
                None => unknown(names(Kind::ALL, |kind| kind.name())),
            },
            "technique" => {
                let upper = which.to_ascii_uppercase();
                let digits = upper.strip_prefix('T').unwrap_or_default();
                let plausible = !digits.is_empty()
                    && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
                if plausible {
                    Ok(Selector::Technique(upper))
                } else {
                    unknown(vec!["T1053", "T1053.005"])
                }
            }
            "platform" => {
                let mut all = Platform::ALL.iter().copied();
                match all.find(|platform| {
                    platform.name().eq_ignore_ascii_case(which)
                }) {
                    Some(platform) => Ok(Selector::Platform(platform)),
                    None => unknown(names(Platform::ALL, |platform| {
                        platform.name()
                    })),
                }
            }
            "pack" => match Pack::from_name(which) {
                Some(pack) => Ok(Selector::Pack(pack)),
                None => unknown(names(Pack::ALL, |pack| pack.name())),
            },
            "risk" => match which.parse::<u8>() {
                Ok(risk) if risk <= 100 => Ok(Selector::MinimumRisk(risk)),
                _ => error(Reason::RiskRange),
            },
            _ => error(Reason::UnknownWhat { what: what.to_owned() }),
        }
    }
}

fn names<T: Copy>(
    all: &[T],
    name: fn(T) -> &'static str,
) -> Vec<&'static str> {
    all.iter().map(|item| name(*item)).collect()
}

/// A selector that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectorError {
    text: String,
    reason: Reason,
}

impl SelectorError {
    /// What was wrong, to be matched on.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::{Selector, SelectorErrorKind};
    ///
    /// let error = "kind:ttq".parse::<Selector>().unwrap_err();
    /// assert_eq!(error.kind(), SelectorErrorKind::UnknownName);
    /// ```
    pub fn kind(&self) -> SelectorErrorKind {
        match self.reason {
            Reason::Empty => SelectorErrorKind::Empty,
            Reason::UnknownWhat { .. } => SelectorErrorKind::UnknownKey,
            Reason::UnknownName { .. } => SelectorErrorKind::UnknownName,
            Reason::RiskRange => SelectorErrorKind::RiskOutOfRange,
        }
    }
}

/// The kinds of [`SelectorError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SelectorErrorKind {
    /// There is no text.
    Empty,
    /// What stands before the colon is nothing to select by.
    UnknownKey,
    /// What stands behind it is no kind, technique, platform or pack.
    UnknownName,
    /// A risk is no number from 0 to 100.
    RiskOutOfRange,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    Empty,
    UnknownWhat { what: String },
    UnknownName { name: String, valid: Vec<&'static str> },
    RiskRange,
}

/// What a selector may begin with.
const WHATS: [&str; 5] = ["kind", "technique", "platform", "pack", "risk"];

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "selector `{}`: ", self.text)?;
        match &self.reason {
            Reason::Empty => f.write_str("is empty; give a slug or `all`"),
            Reason::UnknownWhat { what } => {
                write!(f, "`{what}` is none of {}", WHATS.join(", "))?;
                write_nearest(f, what, WHATS.into_iter())
            }
            Reason::UnknownName { name, valid } => {
                write!(f, "`{name}` is not valid, {} are", valid.join(", "))?;
                write_nearest(f, name, valid.iter().copied())
            }
            Reason::RiskRange => f.write_str("a risk is 0 to 100"),
        }
    }
}

impl core::error::Error for SelectorError {}
