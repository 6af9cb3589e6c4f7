/*!
Canonical text: what is meant, whatever way it is written.

A layer takes bytes and writes what they come down to into an [`Arena`]. All
are pure, run in time linear in the bytes, change nothing when they are run
again, and leave alone what they are not sure of.
*/

use core::fmt;

pub(crate) mod arena;
pub(crate) mod argv;
pub(crate) mod cmd;
pub(crate) mod command;
pub(crate) mod constants;
pub(crate) mod expand;
pub(crate) mod key;
pub(crate) mod line;
pub(crate) mod lower;
pub(crate) mod notes;
pub(crate) mod path;
pub(crate) mod powershell;
pub(crate) mod script_host;
pub(crate) mod shell;
pub(crate) mod tool;
pub(crate) mod unicode;
pub(crate) mod variables;
mod wrappers;

/// How far command lines and scripts are taken apart to see what they say of
/// scheduled jobs. What a record says outright (a task's definition, a file, a
/// key of the registry, a cloud's call) is read in any case.
///
/// # Example
///
/// ```
/// use t1053::event::{Event, ProcessCreation};
/// use t1053::{Canonical, Detector, Scratch};
///
/// let event = Event::windows(ProcessCreation {
///     image: Some(br"C:\Windows\System32\cmd.exe"),
///     command_line: Some(br"cmd /c s^chtasks /create /tn x /tr y.exe"),
///     ..Default::default()
/// });
/// for (canonical, is_seen) in
///     [(Canonical::Argv, false), (Canonical::Full, true)]
/// {
///     let builder = Detector::builder().canonical(canonical);
///     let detector = builder.build().unwrap();
///     let mut scratch = Scratch::new(&detector);
///     let mut matches = detector.evaluate(&event, &mut scratch);
///     let slug = |found: t1053::Match<'_>| found.detection().slug.clone();
///     assert_eq!(matches.any(|found| slug(found) == "task_created"), is_seen);
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Canonical {
    /// Not at all.
    Off,
    /// Into words: which program it is, whatever it is called, its options,
    /// and what `sudo` and its kin start. No text of a shell is read.
    Argv,
    /// With the texts that `cmd`, PowerShell, `sh` and other languages are
    /// told to run, constants folded.
    #[default]
    Full,
}

impl Canonical {
    /// Each of them, the least first.
    pub const ALL: &[Canonical] =
        &[Canonical::Off, Canonical::Argv, Canonical::Full];

    /// Its name: `off`, `argv`, `full`.
    pub fn name(self) -> &'static str {
        match self {
            Canonical::Off => "off",
            Canonical::Argv => "argv",
            Canonical::Full => "full",
        }
    }
}

/// A name that is no [`Canonical`]'s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCanonical {
    name: String,
}

impl fmt::Display for UnknownCanonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> =
            Canonical::ALL.iter().map(|canonical| canonical.name()).collect();
        let UnknownCanonical { name } = self;
        write!(f, "canonical is one of {}, not `{name}`", names.join(", "))?;
        crate::error::write_nearest(f, name, names.into_iter())
    }
}

impl core::error::Error for UnknownCanonical {}

impl core::str::FromStr for Canonical {
    type Err = UnknownCanonical;

    fn from_str(name: &str) -> Result<Canonical, UnknownCanonical> {
        let mut all = Canonical::ALL.iter().copied();
        all.find(|canonical| canonical.name() == name)
            .ok_or_else(|| UnknownCanonical { name: name.into() })
    }
}

impl fmt::Display for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A number in decimal digits.
pub(crate) fn decimal(value: i64, digits: &mut [u8; 20]) -> &[u8] {
    let mut rest = value.unsigned_abs();
    let mut at = digits.len();
    loop {
        at = at.saturating_sub(1);
        if let Some(slot) = digits.get_mut(at) {
            *slot = b'0'.saturating_add((rest % 10) as u8);
        }
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        at = at.saturating_sub(1);
        if let Some(slot) = digits.get_mut(at) {
            *slot = b'-';
        }
    }
    digits.get(at..).unwrap_or_default()
}

/// Whether bytes end with others, ASCII case aside.
pub(crate) fn ends_with(bytes: &[u8], ending: &[u8]) -> bool {
    crate::bytes::ends_with(bytes, ending, false)
}
