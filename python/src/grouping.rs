/*!
Findings looked at together: identical ones as one, and the risk of hosts and
users.
*/

use std::collections::HashMap;
use std::fmt::Write;

use t1053::{
    Closed, Detector, Evidence, Grouped, KeptFinding, Repeats, RiskTracker,
    Timestamp,
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

/// What comes next where findings are grouped.
enum Step<'s> {
    /// A finding, its place, and what it is of its group.
    Finding(usize, &'s KeptFinding<'s>, Grouped),
    /// A group that is complete.
    Closed(Closed),
}

/// Calls `visit` with each finding, and with each group as it is complete.
fn each<'f>(
    detector: &Detector,
    findings: impl Iterator<Item = Finding<'f>>,
    seconds: u32,
    mut visit: impl FnMut(Step<'_>),
) {
    let mut repeats = Repeats::new(detector).within(seconds);
    for (at, finding) in findings.enumerate() {
        let evidence: Vec<Evidence<'_>> = finding.evidence().collect();
        let Some(kept) = finding.kept(detector, &evidence) else { continue };
        let closed = |group| visit(Step::Closed(group));
        let grouped = repeats.take_kept(finding.detection(), &kept, closed);
        visit(Step::Finding(at, &kept, grouped));
    }
    repeats.finish(|group| visit(Step::Closed(group)));
}

/// The groups, in the order of their first findings. One without a time is a
/// group of its own.
pub(crate) fn groups<'f>(
    detector: &Detector,
    findings: impl Iterator<Item = Finding<'f>>,
    seconds: u32,
) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places = HashMap::new();
    each(detector, findings, seconds, |step| match step {
        Step::Finding(_, _, Grouped::Repeat(_)) => {}
        Step::Finding(at, kept, grouped) => {
            if let Grouped::First(group) = grouped {
                places.insert(group, groups.len());
            }
            let time = kept.time.map(Timestamp::ticks);
            groups.push((at, 1, time, time));
        }
        Step::Closed(closed) => {
            let place = places.remove(&closed.group);
            if let Some(group) = place.and_then(|at| groups.get_mut(at)) {
                group.1 = closed.repeats.saturating_add(1);
                group.2 = Some(closed.first.ticks());
                group.3 = Some(closed.last.ticks());
            }
        }
    });
    groups
}

/// The lines of NDJSON: the first of each group, and once more with how many
/// followed where the group is complete.
pub(crate) fn lines<'f>(
    detector: &Detector,
    findings: impl Iterator<Item = Finding<'f>>,
    seconds: u32,
) -> String {
    let mut text = String::new();
    let mut firsts = HashMap::new();
    each(detector, findings, seconds, |step| {
        // Writing to a string does not fail.
        let _ = match step {
            Step::Finding(_, _, Grouped::Repeat(_)) => Ok(()),
            Step::Finding(_, kept, Grouped::First(group)) => {
                let line = kept.to_string();
                let written = writeln!(text, "{line}");
                firsts.insert(group, line);
                written
            }
            Step::Finding(_, kept, _) => writeln!(text, "{kept}"),
            Step::Closed(group) => match firsts.remove(&group.group) {
                Some(line) if group.repeats > 0 => {
                    writeln!(text, "{}", group.line(&line))
                }
                _ => Ok(()),
            },
        };
    });
    text
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
        let Some(kept) = finding.kept(detector, &[]) else { continue };
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
    all
}
