//! Verdicts as a person sees them: a line for each event, or for all events
//! of which the same is said, the most severe first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::screen::{self, Column, Look};

/// How severe an event may be, the least first.
pub const SEVERITIES: [&str; 5] =
    ["informational", "low", "medium", "high", "critical"];

/// What a table shows where the user does not say.
pub const USUAL: &str = "medium";

/// Lines of a table, so that a log of a million events that all differ takes
/// a few megabytes and no more. Nobody reads as many; what has no line is
/// counted.
const MOST_GROUPS: usize = 10_000;

/// The place of a severity among [`SEVERITIES`].
pub fn rank(severity: &str) -> Option<usize> {
    SEVERITIES.iter().position(|name| *name == severity)
}

/// What is wrong with a severity that there is none of.
pub fn unknown(severity: &str) -> String {
    format!("severity `{severity}`: give one of {}", SEVERITIES.join(", "))
}

/// What is shown of one event.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'s> {
    /// One of [`SEVERITIES`].
    pub severity: &'s str,
    /// What is said of it; the severity may stand before it.
    pub line: &'s str,
    /// The name of its input.
    pub path: &'s str,
    /// The number of its record.
    pub record: u64,
    /// When it happened, in any unit.
    pub time: Option<i64>,
    /// The host that recorded it.
    pub host: Option<&'s [u8]>,
}

/// Events of which the same is said.
#[derive(Clone, Debug, Default)]
struct Group {
    count: u64,
    path: String,
    record: u64,
    first: Option<i64>,
    last: Option<i64>,
    hosts: BTreeSet<Vec<u8>>,
}

/// The verdicts of a scan.
#[derive(Clone, Debug, Default)]
pub struct Verdicts {
    /// Place of the least severity that is shown.
    least: usize,
    groups: BTreeMap<(Reverse<usize>, String), Group>,
    /// Events that are shown, or would be if there were room.
    shown: u64,
    /// Events that are less severe.
    below: u64,
    /// Of the shown ones, those without a line.
    without_line: u64,
}

impl Verdicts {
    /// None yet; those of less than a severity, by its place, are only
    /// counted.
    pub fn new(least: usize) -> Verdicts {
        Verdicts { least, ..Verdicts::default() }
    }

    /// Whether an event of a severity is shown.
    pub fn shows(&self, severity: &str) -> bool {
        rank(severity).is_none_or(|rank| rank >= self.least)
    }

    /// Takes the verdict of an event.
    pub fn add(&mut self, seen: &Seen<'_>) {
        let rank = rank(seen.severity);
        debug_assert!(rank.is_some(), "{} is no severity", seen.severity);
        let rank = rank.unwrap_or(SEVERITIES.len());
        if rank < self.least {
            self.below = self.below.saturating_add(1);
            return;
        }
        self.shown = self.shown.saturating_add(1);
        let line = seen.line.strip_prefix(seen.severity);
        let line = line.and_then(|line| line.strip_prefix(": "));
        let line = line.unwrap_or(seen.line).to_string();
        let host = seen.host.map(<[u8]>::to_vec);
        let group = Group {
            count: 1,
            path: seen.path.to_string(),
            record: seen.record,
            first: seen.time,
            last: seen.time,
            hosts: host.into_iter().collect(),
        };
        self.put((Reverse(rank), line), group);
    }

    /// Takes what another part of the scan has seen, which comes after.
    pub fn merge(&mut self, other: &Verdicts) {
        self.shown = self.shown.saturating_add(other.shown);
        self.below = self.below.saturating_add(other.below);
        let without_line = self.without_line;
        self.without_line = without_line.saturating_add(other.without_line);
        for (key, group) in &other.groups {
            self.put(key.clone(), group.clone());
        }
    }

    fn put(&mut self, key: (Reverse<usize>, String), group: Group) {
        if let Some(known) = self.groups.get_mut(&key) {
            known.count = known.count.saturating_add(group.count);
            let times = [known.first, group.first];
            known.first = times.into_iter().flatten().min();
            known.last = known.last.max(group.last);
            known.hosts.extend(group.hosts);
            return;
        }
        self.groups.insert(key, group);
        if self.groups.len() > MOST_GROUPS
            && let Some((_, group)) = self.groups.pop_last()
        {
            self.without_line = self.without_line.saturating_add(group.count);
        }
    }

    /// The table, the most severe first; empty where there is nothing to
    /// show. `time` makes text such as `2024-05-01T10:00:00Z` of a time.
    pub fn table(
        &self,
        width: usize,
        colour: bool,
        time: impl Fn(i64) -> String,
    ) -> String {
        if self.groups.is_empty() {
            return String::new();
        }
        let time =
            |at: Option<i64>| screen::to_the_minute(at.map(&time).as_deref());
        let rows = self.groups.iter().map(|((rank, line), group)| {
            let severity = SEVERITIES.get(rank.0).copied().unwrap_or("-");
            vec![
                severity.to_string(),
                screen::grouped(group.count),
                line.clone(),
                screen::hosts(&group.hosts),
                format!("{} #{}", group.path, group.record),
                time(group.first),
                time(group.last),
            ]
        });
        let rows: Vec<Vec<String>> = rows.collect();
        screen::table(&COLUMNS, &rows, width, colour)
    }

    /// How many events are shown, and how many are below the threshold.
    pub fn line(&self) -> String {
        let least = SEVERITIES.get(self.least).copied().unwrap_or("-");
        let mut text = match self.least {
            0 => screen::counted(self.shown, "event", "events"),
            _ => format!(
                "{} of {least} or more, {} below (--min-severity)",
                screen::counted(self.shown, "event", "events"),
                screen::grouped(self.below),
            ),
        };
        if self.without_line > 0 {
            let more = screen::grouped(self.without_line);
            text.push_str(&format!(
                ", {more} without a line for want of room"
            ));
        }
        format!("verdicts: {text}")
    }

    /// The same, to stand below a table of the same width.
    pub fn lines(&self, width: usize) -> String {
        screen::wrapped(&self.line(), width)
    }
}

/// The columns of [`Verdicts::table`]. A verdict of 60 characters has the job
/// and its program; hosts and places go below it where that leaves no room.
const COLUMNS: [Column<'_>; 7] = [
    Column::whole("SEVERITY", Look::Severity),
    Column::whole("COUNT", Look::Number),
    Column {
        look: Look::Sentence,
        ..Column::text("VERDICT", 1, 60, usize::MAX)
    },
    Column::text("HOSTS", 2, 16, 32).folding(),
    Column { look: Look::Place, ..Column::text("FIRST RECORD", 3, 20, 48) }
        .folding(),
    Column::text("FIRST SEEN", 4, 16, 16),
    Column::text("LAST SEEN", 5, 16, 16),
];

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    const LINE: &str = r"high: creates task \Microsoft\Windows\Up, C:\Users\Public\p.exe as SYSTEM every minute [writable path, runs as system, trigger persistent]";

    fn seen(severity: &'static str, line: &'static str) -> Seen<'static> {
        Seen {
            severity,
            line,
            path: "/var/log/archive/2024/05/security-events.jsonl",
            record: 66,
            time: Some(7),
            host: Some(b"WS-014.corp.example"),
        }
    }

    fn time(at: i64) -> String {
        format!("2024-05-01T10:00:{at:02}Z")
    }

    fn medium() -> Verdicts {
        Verdicts::new(rank(USUAL).unwrap())
    }

    #[test]
    fn most_severe_comes_first_and_less_is_counted() {
        let mut verdicts = medium();
        verdicts.add(&seen("medium", "medium: b"));
        verdicts.add(&seen("low", "low: a"));
        verdicts.add(&seen("informational", "informational: a"));
        verdicts.add(&seen("critical", "critical: z"));
        verdicts
            .add(&Seen { host: Some(b"b"), ..seen("medium", "medium: b") });
        let table = verdicts.table(200, false, time);
        let rows: Vec<&str> = table.lines().collect();
        assert_eq!(rows.len(), 3, "{table}");
        assert!(rows[1].starts_with("critical      1  z "), "{table}");
        assert!(rows[2].starts_with("medium        2  b "), "{table}");
        assert!(rows[2].contains(" +1 "), "{table}");
        assert_eq!(
            verdicts.line(),
            "verdicts: 3 events of medium or more, 2 below (--min-severity)"
        );
        let all = Verdicts::new(0);
        assert_eq!(all.line(), "verdicts: 0 events");
        assert_eq!(all.table(80, true, time), "");
    }

    #[test]
    fn table_fits_the_width() {
        let mut verdicts = medium();
        verdicts.add(&seen("high", LINE));
        for width in [80, 120, 200] {
            let table = verdicts.table(width, false, time);
            for line in table.lines() {
                assert!(line.width() <= width, "{width}: {line}");
            }
            // However narrow: the job, a host and a record.
            assert!(table.contains(r"creates task \Micro"), "{table}");
            assert!(table.contains("WS-014."), "{table}");
            assert!(table.contains("l #66"), "{table}");
            assert_eq!(table.contains("LAST SEEN"), width == 200, "{table}");
            assert_eq!(table.lines().count(), if width == 80 { 4 } else { 2 });
        }
    }

    #[test]
    fn parts_of_a_scan_add_up() {
        let mut one = medium();
        one.add(&Seen { time: None, ..seen("high", "high: a") });
        one.add(&seen("low", "low: a"));
        let mut other = medium();
        other.add(&Seen { record: 5, ..seen("high", "high: a") });
        other.add(&Seen { time: Some(3), ..seen("high", "high: a") });
        one.merge(&other);
        let table = one.table(200, false, time);
        assert!(table.contains("high          3  a"), "{table}");
        assert!(table.contains("#66"), "{table}");
        assert!(one.line().contains("3 events of medium or more, 1 below"));
    }

    #[test]
    fn lines_are_bounded_and_the_rest_is_counted() {
        let mut verdicts = medium();
        for number in 0..MOST_GROUPS + 5 {
            let line = format!("medium: {number:09}");
            verdicts.add(&Seen { line: &line, ..seen("medium", "") });
        }
        verdicts.add(&seen("high", "high: late"));
        let table = verdicts.table(80, false, time);
        assert!(table.contains("late"), "a severe one is not crowded out");
        assert_eq!(verdicts.groups.len(), MOST_GROUPS);
        assert!(
            verdicts.line().ends_with(", 6 without a line for want of room")
        );
    }
}
