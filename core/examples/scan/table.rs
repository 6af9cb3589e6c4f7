//! What a person gets: a table of the detections found, and totals.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{
    Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table,
};
use t1053::event::EventKind;
use t1053::rule::Kind;
use t1053::{RecordMatch, ScanCounts, Timestamp, Unreadable};

/// Unreadable records shown one by one; the rest is only counted.
const MOST_UNREADABLE: usize = 10;
/// Hosts shown by name, and characters of each name.
const MOST_HOSTS: usize = 2;
const MOST_IN_HOST: usize = 28;
/// Characters of an example shown.
const MOST_IN_EXAMPLE: usize = 120;

/// What was found, by detection.
pub(crate) struct Summary {
    rows: BTreeMap<String, Row>,
    unreadable: Vec<String>,
    counts: ScanCounts,
    inputs: usize,
}

struct Row {
    kind: Kind,
    risk: Option<u8>,
    count: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    hosts: BTreeSet<String>,
    message: String,
}

impl Summary {
    pub(crate) fn new() -> Summary {
        Summary {
            rows: BTreeMap::new(),
            unreadable: Vec::new(),
            counts: ScanCounts::default(),
            inputs: 0,
        }
    }

    pub(crate) fn add(&mut self, counts: &ScanCounts) {
        self.counts.add(counts);
        self.inputs += 1;
    }

    pub(crate) fn found(&mut self, found: &RecordMatch<'_>) {
        let found = &found.found;
        let detection = found.detection();
        let row = self.rows.entry(detection.slug.to_string());
        let row = row.or_insert_with(|| Row {
            kind: detection.kind,
            risk: detection.risk.map(|risk| risk.score),
            count: 0,
            first: None,
            last: None,
            hosts: BTreeSet::new(),
            message: found.message().to_string(),
        });
        row.count += 1;
        let event = found.event();
        if let Some(time) = event.time {
            row.first = Some(row.first.map_or(time, |it| it.min(time)));
            row.last = Some(row.last.map_or(time, |it| it.max(time)));
        }
        if let Some(host) = event.host {
            row.hosts.insert(String::from_utf8_lossy(host).into_owned());
        }
    }

    pub(crate) fn unreadable(&mut self, name: &str, it: &Unreadable) {
        if self.unreadable.len() < MOST_UNREADABLE {
            let Unreadable { record, offset, error, .. } = it;
            let place = format!("{name}: record {record} (byte {offset})");
            self.unreadable.push(format!("{place}: {error}"));
        }
    }

    /// Highest risk first; alerts, which have none, after the TTPs.
    fn sorted(&self) -> Vec<(&String, &Row)> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by_key(|(slug, row)| {
            (core::cmp::Reverse(row.risk.unwrap_or(0)), slug.as_str())
        });
        rows
    }

    pub(crate) fn print(
        &self,
        output: &mut impl Write,
        colour: bool,
    ) -> io::Result<()> {
        if !self.rows.is_empty() {
            writeln!(output, "{}", self.table(colour))?;
        }
        self.print_totals(output)?;
        self.print_unreadable(output)
    }

    fn table(&self, colour: bool) -> Table {
        let mut table = Table::new();
        table
            .load_preset(NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header([
                "RISK",
                "KIND",
                "COUNT",
                "FIRST SEEN",
                "LAST SEEN",
                "HOSTS",
                "DETECTION, AND AN EXAMPLE",
            ]);
        if colour {
            table.enforce_styling();
        } else {
            table.force_no_tty();
            table.set_width(160);
        }
        for (slug, row) in self.sorted() {
            let risk = row.risk.map_or("-".into(), |it| it.to_string());
            let mut kind = Cell::new(row.kind);
            if colour {
                kind = kind.fg(match row.kind {
                    Kind::Ttp => Color::Red,
                    Kind::Alert => Color::Magenta,
                    Kind::Anomaly => Color::Yellow,
                    _ => Color::Cyan,
                });
            }
            let number = |text: String| {
                Cell::new(text).set_alignment(CellAlignment::Right)
            };
            let example = cut(&row.message, MOST_IN_EXAMPLE);
            table.add_row([
                number(risk),
                kind,
                number(row.count.to_string()),
                Cell::new(shown(row.first)),
                Cell::new(shown(row.last)),
                Cell::new(hosts(&row.hosts)),
                Cell::new(format!("{slug}\n  {example}")),
            ]);
        }
        // The narrow columns stay whole; the last takes what is left.
        for column in table.column_iter_mut().take(6) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        table
    }

    fn print_totals(&self, output: &mut impl Write) -> io::Result<()> {
        let counts = &self.counts;
        let detections = self.rows.len();
        writeln!(
            output,
            "{} {} of {} {} in {} {} ({} in {} {})",
            counts.matches,
            plural(counts.matches, "match", "matches"),
            detections,
            plural(detections as u64, "detection", "detections"),
            counts.records,
            plural(counts.records, "record", "records"),
            size(counts.bytes),
            self.inputs,
            plural(self.inputs as u64, "input", "inputs"),
        )?;
        writeln!(
            output,
            "records: {} read, {} filtered out unread, {} of no interest, \
             {} unreadable",
            counts.read,
            counts.filtered,
            counts.uninteresting,
            counts.unreadable,
        )?;
        let kinds: Vec<String> = EventKind::ALL
            .iter()
            .map(|kind| (kind, counts.events(*kind)))
            .filter(|(_, count)| *count > 0)
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        if !kinds.is_empty() {
            writeln!(output, "events: {}", kinds.join(", "))?;
        }
        let left_out = &counts.correlator;
        if left_out.evicted + left_out.untimed > 0 {
            writeln!(
                output,
                "sequences: {} events forgotten for want of room, {} \
                 without a time",
                left_out.evicted, left_out.untimed,
            )?;
        }
        Ok(())
    }

    /// What could not be read, and where.
    pub(crate) fn print_unreadable(
        &self,
        output: &mut impl Write,
    ) -> io::Result<()> {
        for line in &self.unreadable {
            writeln!(output, "unreadable: {line}")?;
        }
        let more = self.counts.unreadable;
        let more = more.saturating_sub(self.unreadable.len() as u64);
        if more > 0 {
            writeln!(output, "unreadable: and {more} more")?;
        }
        Ok(())
    }
}

fn plural<'w>(count: u64, one: &'w str, many: &'w str) -> &'w str {
    if count == 1 { one } else { many }
}

fn size(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}

fn shown(time: Option<Timestamp>) -> String {
    // To the minute: what a table of first and last seen is read for.
    let text = time.map(|time| time.to_string());
    let text = text.as_deref().and_then(|it| it.get(..16));
    text.map_or("-".into(), |it| it.replace('T', " "))
}

/// A text of at most so many characters.
fn cut(text: &str, most: usize) -> String {
    let mut characters = text.chars();
    let mut cut: String = characters.by_ref().take(most).collect();
    if characters.next().is_some() {
        cut.pop();
        cut.push('…');
    }
    cut
}

fn hosts(hosts: &BTreeSet<String>) -> String {
    let mut names: Vec<String> = hosts
        .iter()
        .take(MOST_HOSTS)
        .map(|it| cut(it, MOST_IN_HOST))
        .collect();
    if hosts.len() > MOST_HOSTS {
        names.push(format!("and {} more", hosts.len() - MOST_HOSTS));
    }
    names.join("\n")
}
