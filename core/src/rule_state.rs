/*!
Rules in saved state.

Each stands by its slug and a hash of its logic, so that a detector of other
rules takes over what is known of those that are the same, and drops the rest.
*/

use core::fmt::{self, Write};
use core::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::detector::Detector;
use crate::rule::Rule;
use crate::state::{Content, StateError, Writer, corrupt};

/// What became of saved state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restored {
    /// Rules of which something was taken over.
    pub rules: u64,
    /// What was taken over of them: keys of a correlator, before some had to
    /// go for lack of room (that is in the
    /// [counts](crate::CorrelatorCounts)); groups of findings; parts of a
    /// risk.
    pub keys: u64,
    /// Rules that are not the same here, or are not here at all.
    pub dropped_rules: u64,
    /// What was known of them.
    pub dropped_keys: u64,
}

impl Restored {
    /// Counts a rule, if it was taken over or not.
    pub(crate) fn rule(&mut self, is_taken: bool) {
        let Restored { rules, dropped_rules, .. } = self;
        let rules = if is_taken { rules } else { dropped_rules };
        *rules = rules.saturating_add(1);
    }

    /// Counts keys of a rule.
    pub(crate) fn keys(&mut self, keys: u64, is_taken: bool) {
        let Restored { keys: taken, dropped_keys, .. } = self;
        let all = if is_taken { taken } else { dropped_keys };
        *all = all.saturating_add(keys);
    }
}

impl Writer {
    /// A rule, for [`Content::rule`].
    pub(crate) fn rule(&mut self, rule: &Rule) {
        self.text(rule.detection.slug.as_bytes());
        self.array(fingerprint(rule));
    }

    /// The rules whose numbers in the detector are given, in this order.
    pub(crate) fn rules(&mut self, detector: &Detector, numbers: &[usize]) {
        self.number(numbers.len() as u64);
        for &number in numbers {
            let rule = detector.rules().get(number);
            debug_assert!(rule.is_some(), "rule {number}");
            rule.into_iter().for_each(|rule| self.rule(rule));
        }
    }
}

impl Content<'_> {
    /// The number that a rule has in a detector, if it is the same there.
    pub(crate) fn rule(
        &mut self,
        detector: &Detector,
    ) -> Result<Option<usize>, StateError> {
        let (slug, print) = (self.text()?, self.array()?);
        let mut rules = detector.rules().iter();
        Ok(rules.position(|rule| {
            rule.detection.slug.as_bytes() == slug
                && fingerprint(rule) == print
        }))
    }

    /// What [`Writer::rules`] wrote: the numbers that these rules have in a
    /// detector, for those that are the same there.
    pub(crate) fn rules(
        &mut self,
        detector: &Detector,
        restored: &mut Restored,
    ) -> Result<Vec<Option<usize>>, StateError> {
        let mut numbers = Vec::new();
        for _ in 0..self.number()? {
            let number = self.rule(detector)?;
            if number.is_some() && numbers.contains(&number) {
                return Err(corrupt());
            }
            restored.rule(number.is_some());
            numbers.push(number);
        }
        Ok(numbers)
    }
}

impl Detector {
    /// A number for what this detector finds, which is another one wherever a
    /// detection, an exclusion or how text is seen through differs, and the same
    /// on every platform: to tell which content an agent runs.
    ///
    /// Another version of the library may give another number to the same
    /// content. Takes some milliseconds for a thousand detections.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::Detector;
    ///
    /// let all = Detector::new();
    /// assert_eq!(all.content_hash(), Detector::new().content_hash());
    /// assert_ne!(all.content_hash(), Detector::published().content_hash());
    /// ```
    pub fn content_hash(&self) -> u64 {
        let mut text = Text::default();
        for rule in self.rules() {
            text.add(format_args!("{:?} {:?}", rule.detection, rule.logic));
        }
        text.add(format_args!(
            "{:?} {:?}",
            self.exclusions(),
            self.canonical()
        ));
        let Text(hasher) = text;
        hasher.finish()
    }
}

/// A hash of what a rule's state depends on: all of its logic.
///
/// Of its text as `Debug` writes it, which depends on no platform. Where a
/// later version writes it in another way, the rule's state is dropped then,
/// and never taken for another's.
fn fingerprint(rule: &Rule) -> [u8; 16] {
    let mut text = Text::default();
    text.add(format_args!("{} {:?}", rule.detection.platform, rule.logic));
    let hash = text.0.finish128();
    (u128::from(hash.h1) << 64 | u128::from(hash.h2)).to_le_bytes()
}

/// Hashes what is written to it.
#[derive(Default)]
struct Text(SipHasher13);

impl Text {
    fn add(&mut self, arguments: fmt::Arguments<'_>) {
        // Hashing does not fail.
        let _ = self.write_fmt(arguments);
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}
