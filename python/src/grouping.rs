/*!
Findings looked at together: identical ones as one, and the risk of hosts and
users.
*/

use std::collections::HashMap;
use std::fmt::Write;

use t1053::event::Value;
use t1053::{
    Closed, Detector, Evidence, Grouped, Repeats, RiskTracker, Timestamp,
};

use crate::part::Finding;

/// The place of the first finding of a group, how many there are, and the
/// ticks of the earliest and the latest.
pub(crate) type Group = (usize, u64, Option<i64>, Option<i64>);

/// What has reached a risk: `host` or `user`, its name, the sum, ticks, the
/// parts (detection, ticks, score), and all of it as a line for people and as
/// one of NDJSON.
pub(crate) type Reached =
    (&'static str, String, u32, i64, Vec<(usize, i64, u8)>, String, String);

/// The groups, in the order of their first findings. One without a time is a
/// group of its own.
pub(crate) fn groups<'f>(
    detector: &Detector,
    findings: impl Iterator<Item = Finding<'f>>,
    seconds: u32,
) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places = HashMap::new();
    let mut repeats = Repeats::new(detector).within(seconds);
    for (at, finding) in findings.enumerate() {
        let identity: Vec<Value<'_>> = finding.identity().collect();
        let kept = finding.kept(detector, &identity, &[], &[]);
        let Some(kept) = kept else { continue };
        let close = |closed| close(closed, &mut places, &mut groups);
        let grouped = repeats.take_kept(finding.detection(), &kept, close);
        match grouped {
            Grouped::Repeat(_) => continue,
            Grouped::First(group) => {
                places.insert(group, groups.len());
            }
            _ => {}
        }
        let time = kept.time.map(Timestamp::ticks);
        groups.push((at, 1, time, time));
    }
    repeats.finish(|closed| close(closed, &mut places, &mut groups));
    groups
}

/// Tells a group that is complete how many are in it, and when.
fn close(
    closed: Closed,
    places: &mut HashMap<u64, usize>,
    groups: &mut [Group],
) {
    let place = places.remove(&closed.group);
    if let Some(group) = place.and_then(|at| groups.get_mut(at)) {
        group.1 = closed.repeats.saturating_add(1);
        group.2 = Some(closed.first.ticks());
        group.3 = Some(closed.last.ticks());
    }
}

/// The lines of NDJSON: the first of each group, and once more with how many
/// followed where the group is complete.
pub(crate) fn lines<'f>(
    detector: &Detector,
    findings: impl Iterator<Item = Finding<'f>>,
    seconds: u32,
) -> String {
    let mut text = String::new();
    let mut lines = Lines::new(detector, seconds);
    for finding in findings {
        lines.take(&finding, &mut text);
    }
    lines.finish(&mut text);
    text
}

/// The same, of findings that come one by one.
pub(crate) struct Lines {
    detector: Detector,
    repeats: Repeats,
    /// The lines of groups that are not complete.
    firsts: HashMap<u64, String>,
}

impl Lines {
    pub(crate) fn new(detector: &Detector, seconds: u32) -> Lines {
        Lines {
            detector: detector.clone(),
            repeats: Repeats::new(detector).within(seconds),
            firsts: HashMap::new(),
        }
    }

    /// Writes a finding that is the first of its group, and each group that
    /// is complete.
    pub(crate) fn take(&mut self, finding: &Finding<'_>, text: &mut String) {
        let Lines { detector, repeats, firsts } = self;
        let evidence: Vec<Evidence<'_>> = finding.evidence().collect();
        let fields: Vec<_> = finding.fields().collect();
        let identity: Vec<Value<'_>> = finding.identity().collect();
        let kept = finding.kept(detector, &identity, &evidence, &fields);
        let Some(kept) = kept else { return };
        let closed = |group| write_closed(group, firsts, text);
        let grouped = repeats.take_kept(finding.detection(), &kept, closed);
        // Writing to a string does not fail.
        let _ = match grouped {
            Grouped::Repeat(_) => Ok(()),
            Grouped::First(group) => {
                let line = kept.to_string();
                let written = writeln!(text, "{line}");
                firsts.insert(group, line);
                written
            }
            _ => writeln!(text, "{kept}"),
        };
    }

    /// Writes the groups that are not complete.
    pub(crate) fn finish(&mut self, text: &mut String) {
        let Lines { repeats, firsts, .. } = self;
        repeats.finish(|group| write_closed(group, firsts, text));
    }
}

/// Writes a group that is complete, if it is of more than one finding.
fn write_closed(
    group: Closed,
    firsts: &mut HashMap<u64, String>,
    text: &mut String,
) {
    let line = firsts.remove(&group.group);
    if let Some(line) = line.filter(|_| group.repeats > 0) {
        let _ = writeln!(text, "{}", group.line(&line));
    }
}

/// The hosts and users whose risk has reached some points within a time.
pub(crate) fn risk<'f>(
    detector: &Detector,
    findings: impl Iterator<Item = Finding<'f>>,
    points: u32,
    seconds: u32,
) -> Vec<Reached> {
    let tracker = RiskTracker::new(detector);
    let mut tracker = tracker.threshold(points).within(seconds);
    let mut all = Vec::new();
    for finding in findings {
        reached(&mut tracker, detector, &finding, &mut all);
    }
    all
}

/// Adds a finding to the risk of its host and user, and what has reached its
/// points with that to all that has.
pub(crate) fn reached(
    tracker: &mut RiskTracker,
    detector: &Detector,
    finding: &Finding<'_>,
    all: &mut Vec<Reached>,
) {
    let Some(kept) = finding.kept(detector, &[], &[], &[]) else { return };
    tracker.take_kept(finding.detection(), &kept, |one| {
        let parts = one.parts.iter();
        let parts = parts
            .map(|part| (part.index, part.time.ticks(), part.score))
            .collect();
        let name = String::from_utf8_lossy(one.name).into_owned();
        let (of, time) = (one.of.name(), one.time.ticks());
        let (text, line) = (one.to_string(), one.ndjson().to_string());
        all.push((of, name, one.score, time, parts, text, line));
    });
}
