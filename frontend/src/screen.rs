//! What a person sees of a scan: the table, the totals, and what could not be
//! read.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Lines about unreadable records of one input; the rest is only counted.
const MOST_LINES: usize = 10;

/// Bytes shown of an input in which nothing can be read.
const MOST_OF_HEAD: usize = 40;

/// Spaces between columns.
const GAP: usize = 2;

/// Fewest characters of a folded line, however narrow the terminal: one that
/// is wrapped is better than one that says nothing.
const LEAST_FOLDED: usize = 20;

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column<'c> {
    /// Its heading.
    pub head: &'c str,
    /// 0 for a column that is always shown, whole. The others are given room
    /// in the order of their ranks.
    pub rank: u8,
    /// Narrowest that it may be shown, unless its values are narrower.
    pub least: usize,
    /// Widest, however long its values are.
    pub most: usize,
    /// Whether it goes to a line below the name where it has no room, or is
    /// left out.
    pub folds: bool,
    /// How its values look.
    pub look: Look,
}

/// How the values of a column look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// As it is.
    Text,
    /// Aligned to the right.
    Number,
    /// Bold. Never cut, as names are copied from the screen.
    Name,
    /// In the colour of a kind of detection.
    Kind,
    /// In the colour of a severity.
    Severity,
    /// Bold, and cut where it must be; what folds stands below it.
    Sentence,
    /// A path and what follows it: cut at its front, as the end tells most.
    Place,
}

impl<'c> Column<'c> {
    pub(crate) const fn whole(head: &'c str, look: Look) -> Column<'c> {
        let most = usize::MAX;
        Column { head, rank: 0, least: 0, most, folds: false, look }
    }

    pub(crate) const fn text(
        head: &'c str,
        rank: u8,
        least: usize,
        most: usize,
    ) -> Self {
        let look = Look::Text;
        Column { head, rank, least, most, folds: false, look }
    }

    pub(crate) const fn folding(self) -> Column<'c> {
        Column { folds: true, ..self }
    }
}

/// The columns of [`found`], in the order of [`Row::cells`]. A host's name
/// needs 16 characters to tell the host, a place 20 to tell the file.
const FOUND: [Column<'_>; 9] = [
    Column::whole("RISK", Look::Number),
    Column::whole("COUNT", Look::Number),
    Column::whole("DETECTION", Look::Name),
    Column { look: Look::Kind, ..Column::text("KIND", 3, 7, 7) },
    Column::text("HOSTS", 1, 16, 32).folding(),
    Column { look: Look::Place, ..Column::text("FIRST RECORD", 2, 20, 48) }
        .folding(),
    Column::text("FIRST SEEN", 4, 16, 16),
    Column::text("LAST SEEN", 6, 16, 16),
    Column::text("EXAMPLE", 5, 36, usize::MAX),
];

/// What was found of one detection.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The detection's slug.
    pub slug: String,
    /// The kind of detection.
    pub kind: String,
    /// The detection's risk score.
    pub risk: Option<u8>,
    /// How many matches there are.
    pub count: u64,
    /// The time of the earliest event as text, for instance
    /// `2024-05-01T10:00:00Z`.
    pub first_seen: Option<String>,
    /// The time of the latest event.
    pub last_seen: Option<String>,
    /// The hosts of its events.
    pub hosts: Vec<String>,
    /// The name of the input with the first match.
    pub path: String,
    /// The number of the record with the first match.
    pub record: u64,
    /// What the first match says.
    pub message: String,
}

impl Row {
    fn cells(&self) -> Vec<String> {
        vec![
            self.risk.map_or("-".into(), |risk| risk.to_string()),
            grouped(self.count),
            self.slug.clone(),
            self.kind.clone(),
            first_and_count(self.hosts.first(), self.hosts.len()),
            format!("{} #{}", self.path, self.record),
            to_the_minute(self.first_seen.as_deref()),
            to_the_minute(self.last_seen.as_deref()),
            self.message.clone(),
        ]
    }
}

/// The first of some hosts, and how many more there are.
fn first_and_count(first: Option<&String>, count: usize) -> String {
    match (first, count.saturating_sub(1)) {
        (None, _) => "-".into(),
        (Some(host), 0) => host.clone(),
        (Some(host), more) => format!("{host} +{more}"),
    }
}

/// The same of hosts that are bytes.
pub(crate) fn hosts(hosts: &BTreeSet<Vec<u8>>) -> String {
    let first = hosts.first();
    let first = first.map(|host| String::from_utf8_lossy(host).into_owned());
    first_and_count(first.as_ref(), hosts.len())
}

pub(crate) fn to_the_minute(time: Option<&str>) -> String {
    let minute = time.and_then(|time| time.get(..16));
    minute.map_or("-".into(), |minute| minute.replace('T', " "))
}

/// The table of the detections found, the highest risk first; alerts, which
/// have none, come last.
pub fn found(mut rows: Vec<Row>, width: usize, colour: bool) -> String {
    rows.sort_by(|one, other| {
        let key = |row: &Row| Reverse(row.risk.unwrap_or(0));
        key(one).cmp(&key(other)).then_with(|| one.slug.cmp(&other.slug))
    });
    let cells: Vec<Vec<String>> = rows.iter().map(Row::cells).collect();
    table(&FOUND, &cells, width, colour)
}

/// A table that fits a width: a line for each row, and a second one below it
/// for the columns that fold.
///
/// Columns are given room in the order of their ranks, each at its least
/// width; what is left then widens them in the same order.
pub fn table(
    columns: &[Column<'_>],
    rows: &[Vec<String>],
    width: usize,
    colour: bool,
) -> String {
    let heads = columns.iter().map(|column| column.head.to_string()).collect();
    let rows = rows.iter().map(|row| {
        row.iter().map(|cell| printable(cell)).collect::<Vec<String>>()
    });
    let rows: Vec<Vec<String>> = std::iter::once(heads).chain(rows).collect();
    let widths = fit(columns, &rows, width);
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let line = Line { columns, widths: &widths, row, is_head: at == 0 };
        line.write(width, colour, &mut text);
    }
    text
}

/// The width of each column; none for one without room.
fn fit(
    columns: &[Column<'_>],
    rows: &[Vec<String>],
    width: usize,
) -> Vec<Option<usize>> {
    let natural = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at));
        cells.map(|cell| cell.width()).max().unwrap_or(0)
    };
    let mut widths = vec![None; columns.len()];
    let mut order: Vec<(usize, &Column<'_>)> =
        columns.iter().enumerate().collect();
    order.sort_by_key(|(_, column)| column.rank);
    // The first column has no gap before it.
    let mut room = width.saturating_add(GAP);
    for (at, column) in &order {
        let wanted = natural(*at).min(column.most);
        let least = match column.rank {
            0 => wanted,
            _ => wanted.min(column.least),
        };
        let needed = least.saturating_add(GAP);
        if column.rank == 0 || needed <= room {
            room = room.saturating_sub(needed);
            if let Some(width) = widths.get_mut(*at) {
                *width = Some(least);
            }
        }
    }
    for (at, column) in &order {
        if let Some(Some(width)) = widths.get_mut(*at) {
            let wanted = natural(*at).min(column.most);
            let more = wanted.saturating_sub(*width).min(room);
            *width = width.saturating_add(more);
            room = room.saturating_sub(more);
        }
    }
    widths
}

/// One row, to be written.
struct Line<'l> {
    columns: &'l [Column<'l>],
    widths: &'l [Option<usize>],
    row: &'l [String],
    is_head: bool,
}

impl Line<'_> {
    fn write(&self, width: usize, colour: bool, text: &mut String) {
        let mut folded: Vec<(&Column<'_>, &str)> = Vec::new();
        // Spaces before the next cell: none stand at a line's end.
        let mut pad = 0_usize;
        let mut used = 0_usize;
        let mut indent = 0;
        let columns = self.columns.iter().zip(self.widths).zip(self.row);
        for ((column, width), cell) in columns {
            let Some(width) = *width else {
                if column.folds {
                    folded.push((column, cell));
                }
                continue;
            };
            let cell = column.look.shortened(cell, width);
            let rest = width.saturating_sub(cell.width());
            if matches!(column.look, Look::Name | Look::Sentence) {
                indent = used;
            }
            let right = column.look == Look::Number;
            spaces(text, if right { pad.saturating_add(rest) } else { pad });
            let style = self.style(column.look, &cell).filter(|_| colour);
            styled(text, &cell, style);
            pad = if right { GAP } else { rest.saturating_add(GAP) };
            used = used.saturating_add(width).saturating_add(GAP);
        }
        text.push('\n');
        if folded.is_empty() {
            return;
        }
        let mut room = width.saturating_sub(indent).max(LEAST_FOLDED);
        let mut pad = indent;
        for (column, cell) in folded {
            let room_for_it = room.min(column.most);
            let cell = column.look.shortened(cell, room_for_it);
            spaces(text, pad);
            styled(text, &cell, Some(DIM).filter(|_| colour));
            room = room.saturating_sub(cell.width().saturating_add(GAP));
            pad = GAP;
        }
        text.push('\n');
    }

    fn style(&self, look: Look, cell: &str) -> Option<&'static str> {
        match look {
            _ if self.is_head => Some(DIM),
            Look::Name | Look::Sentence => Some("\x1b[1m"),
            Look::Severity => Some(match cell {
                "critical" => "\x1b[35m",
                "high" => "\x1b[31m",
                "medium" => "\x1b[33m",
                _ => "\x1b[36m",
            }),
            Look::Kind => Some(match cell {
                "TTP" => "\x1b[31m",
                "Alert" => "\x1b[35m",
                "Anomaly" => "\x1b[33m",
                _ => "\x1b[36m",
            }),
            Look::Text | Look::Number | Look::Place => None,
        }
    }
}

const DIM: &str = "\x1b[2m";

fn styled(text: &mut String, cell: &str, style: Option<&str>) {
    match style {
        Some(style) if !cell.is_empty() => {
            text.push_str(style);
            text.push_str(cell);
            text.push_str("\x1b[0m");
        }
        _ => text.push_str(cell),
    }
}

fn spaces(text: &mut String, count: usize) {
    text.extend(std::iter::repeat_n(' ', count));
}

impl Look {
    /// A text that is no wider than so many columns. It is cut in the middle:
    /// hosts and messages differ at both ends.
    fn shortened(self, text: &str, width: usize) -> String {
        if text.width() <= width {
            return text.to_string();
        }
        let Some(room) = width.checked_sub(1) else {
            return String::new();
        };
        let front = match self {
            Look::Place => 0,
            _ => room.div_ceil(2),
        };
        let head = taken(text.chars(), front);
        let back = room.saturating_sub(head.width());
        let tail = taken(text.chars().rev(), back);
        let tail: String = tail.chars().rev().collect();
        format!("{head}…{tail}")
    }
}

fn taken(characters: impl Iterator<Item = char>, width: usize) -> String {
    let mut room = width;
    let fits = |character: &char| {
        let wide = character.width().unwrap_or(0);
        let fits = wide <= room;
        room = room.saturating_sub(wide);
        fits
    };
    characters.take_while(fits).collect()
}

/// Text in which nothing hides: control characters, and what turns text
/// around or hides parts of it, are written as escapes. Logs and the names
/// of files are an attacker's to choose.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => shown.push(' '),
            '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => shown.extend(character.escape_unicode()),
            hidden if hidden.is_control() => {
                shown.extend(hidden.escape_unicode());
            }
            plain => shown.push(plain),
        }
    }
    shown
}

/// What a scan has seen; of what each is, `ScanCounts` tells more.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Bytes of all inputs.
    pub bytes: u64,
    /// Records in them.
    pub records: u64,
    /// Records that were read.
    pub read: u64,
    /// Records that the filter passed over.
    pub filtered: u64,
    /// Records that no detection asks for.
    pub uninteresting: u64,
    /// Records of no shape that is known.
    pub not_understood: u64,
    /// Records that cannot be read.
    pub unreadable: u64,
    /// Matches of all detections.
    pub matches: u64,
    /// Halves of sequences that were forgotten while their window was open.
    pub forgotten: u64,
    /// Halves of sequences that were forgotten after their window had passed.
    pub expired: u64,
    /// Halves of sequences without a time.
    pub untimed: u64,
    /// Halves of sequences without a value to group by.
    pub ungrouped: u64,
    /// Events by kind.
    pub events: Vec<(String, u64)>,
    /// Matches that exclusions silenced, by the names of these.
    pub excluded: Vec<(String, u64)>,
}

impl Totals {
    /// All in one line, for standard error.
    pub fn line(&self) -> String {
        format!(
            "{} in {}: {} read, {} filtered out unread, {} of no interest, \
             {}{} unreadable; of sequences, {}{}",
            counted(self.matches, "match", "matches"),
            counted(self.records, "record", "records"),
            grouped(self.read),
            grouped(self.filtered),
            grouped(self.uninteresting),
            self.unknown(),
            grouped(self.unreadable),
            self.left_out(),
            match self.silenced() {
                none if none.is_empty() => none,
                silenced => format!("; excluded: {silenced}"),
            },
        )
    }

    /// What exclusions silenced.
    fn silenced(&self) -> String {
        let excluded = self.excluded.iter();
        let excluded = excluded.map(|(name, count)| {
            let matches = counted(*count, "match", "matches");
            format!("{matches} by {}", printable(name))
        });
        excluded.collect::<Vec<String>>().join(", ")
    }

    /// Records of no known shape, where there are any.
    fn unknown(&self) -> String {
        match self.not_understood {
            0 => String::new(),
            count => format!("{} not understood, ", grouped(count)),
        }
    }

    /// Events of sequences that may have had a part in a pair.
    fn left_out(&self) -> String {
        format!(
            "{} forgotten, {} expired, {} untimed, {} ungrouped",
            counted(self.forgotten, "event", "events"),
            grouped(self.expired),
            grouped(self.untimed),
            grouped(self.ungrouped),
        )
    }

    /// Several lines, to stand below a table of the same width.
    pub fn lines(
        &self,
        detections: usize,
        inputs: usize,
        width: usize,
    ) -> String {
        let mut text = format!(
            "{} in {} ({} in {}), of {}\n\
             records: {} read, {} filtered out unread, {} of no interest, \
             {}{} unreadable\n",
            counted(self.matches, "match", "matches"),
            counted(self.records, "record", "records"),
            size(self.bytes),
            counted(inputs as u64, "input", "inputs"),
            counted(detections as u64, "detection", "detections"),
            grouped(self.read),
            grouped(self.filtered),
            grouped(self.uninteresting),
            self.unknown(),
            grouped(self.unreadable),
        );
        let events: Vec<String> = self
            .events
            .iter()
            .map(|(kind, count)| format!("{} {kind}", grouped(*count)))
            .collect();
        if !events.is_empty() {
            text.push_str(&format!("events: {}\n", events.join(", ")));
        }
        let left_out =
            [self.forgotten, self.expired, self.untimed, self.ungrouped];
        if left_out.iter().any(|count| *count > 0) {
            text.push_str(&format!("sequences: {}\n", self.left_out()));
        }
        let silenced = self.silenced();
        if !silenced.is_empty() {
            text.push_str(&format!("excluded: {silenced}\n"));
        }
        text.lines().map(|line| wrapped(line, width)).collect()
    }

    /// What the user may want to do about what was left out.
    pub fn advice(&self) -> Vec<String> {
        let mut advice = Vec::new();
        if self.uninteresting > 0 && self.read == 0 && self.filtered == 0 {
            advice.push(format!(
                "none of {} is of a kind that a detection asks for; see \
                 scan --help for what is read",
                counted(self.records, "record", "records"),
            ));
        }
        if self.forgotten > 0 {
            advice.push(format!(
                "{} of sequences forgotten for want of room, so pairs of \
                 them may be missing: scan the log in parts, by host or by \
                 day",
                counted(self.forgotten, "event", "events"),
            ));
        }
        if self.untimed > 0 {
            advice.push(format!(
                "{} of sequences without a time that can be read, so pairs \
                 of them may be missing: have the collector write it",
                counted(self.untimed, "event", "events"),
            ));
        }
        advice
    }
}

/// A layout of records: its name, what it is, what is lost in it, and whether
/// it was verified on public records.
pub type Layout = (&'static str, &'static str, &'static str, bool);

/// The layouts of records that are read, each on lines of so many columns.
pub fn formats(layouts: impl Iterator<Item = Layout>, width: usize) -> String {
    let lines = layouts.map(|(name, about, lost, is_verified)| {
        let verified = match is_verified {
            true => "",
            false => " (not verified on public records)",
        };
        let lost = match lost {
            "" => String::new(),
            lost => format!("; lost: {lost}"),
        };
        wrapped(&format!("{name}: {about}{lost}{verified}"), width)
    });
    lines.collect()
}

/// What could not be read, or not be understood, of one input.
#[derive(Clone, Debug, Default)]
pub struct Troubles {
    /// The first record of no known shape, in a few words.
    unknown: Option<String>,
    /// How many there are of these.
    unknowns: u64,
    /// The first of each sort, as far as there is a line for it.
    sorts: Vec<Trouble>,
    /// Records of further sorts.
    more: u64,
}

/// Records that are unreadable for the same reason.
#[derive(Clone, Debug)]
struct Trouble {
    reason: String,
    count: u64,
    record: u64,
    offset: u64,
    /// With the place, which differs from record to record.
    text: String,
}

impl Troubles {
    /// Takes an unreadable record. `reason` is the same for all of a sort.
    pub fn add(
        &mut self,
        reason: &str,
        record: u64,
        offset: u64,
        text: impl FnOnce() -> String,
    ) {
        let mut sorts = self.sorts.iter_mut();
        if let Some(known) = sorts.find(|known| known.reason == reason) {
            known.count = known.count.saturating_add(1);
        } else if self.sorts.len() < MOST_LINES {
            let (reason, text) = (reason.to_string(), text());
            let trouble = Trouble { reason, count: 1, record, offset, text };
            self.sorts.push(trouble);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// Takes a record of no known shape.
    pub fn add_unknown(&mut self, record: u64, offset: u64, bytes: &[u8]) {
        self.unknowns = self.unknowns.saturating_add(1);
        self.unknown.get_or_insert_with(|| {
            let head = bytes.get(..MOST_OF_HEAD).unwrap_or(bytes);
            let head = head.escape_ascii();
            format!(
                "record {record} (byte {offset}), which begins with \"{head}\""
            )
        });
    }

    /// A line about the records of no known shape, and whether there was
    /// nothing else: none of `understood` ones, and none among the first of
    /// the `filtered` ones, which alone are looked at.
    pub fn unknown_line(
        &self,
        name: &str,
        understood: u64,
        filtered: u64,
    ) -> Option<(String, bool)> {
        let first = self.unknown.as_ref()?;
        let name = printable(name);
        let is_all = understood == 0 && (filtered == 0 || self.unknowns >= 64);
        let count = counted(self.unknowns, "record", "records");
        let what = if is_all {
            "nothing in it is understood"
        } else {
            "not all of it is understood"
        };
        let line = format!(
            "{name}: {what}: {count} of no shape that is known, the first \
             {first}; see scan --help for the formats that are read"
        );
        Some((line, is_all))
    }

    /// Lines that tell of them, and whether no record at all could be read.
    /// `head` is how the input begins.
    pub fn lines(
        &self,
        name: &str,
        head: &[u8],
        records: u64,
        unreadable: u64,
    ) -> (Vec<String>, bool) {
        let name = printable(name);
        let Some(first) = self.sorts.first() else {
            return (Vec::new(), false);
        };
        if records == unreadable {
            let head = match head {
                [] => String::new(),
                head => {
                    format!("; it begins with \"{}\"", head.escape_ascii())
                }
            };
            let records = counted(records, "record", "records");
            let Trouble { text, .. } = first;
            let line = format!(
                "{name}: nothing in it can be read ({records}): {text}{head}; \
                 see scan --help for the formats that are read",
            );
            return (vec![line], true);
        }
        let line = |trouble: &Trouble| {
            let Trouble { record, offset, text, .. } = trouble;
            let more = match trouble.count.saturating_sub(1) {
                0 => String::new(),
                more => format!(", and {} more like it", grouped(more)),
            };
            format!(
                "unreadable: {name}: record {record} (byte {offset}): \
                 {text}{more}"
            )
        };
        let mut lines: Vec<String> = self.sorts.iter().map(line).collect();
        if self.more > 0 {
            let more = grouped(self.more);
            lines.push(format!("unreadable: {name}: and {more} more"));
        }
        (lines, false)
    }
}

/// Keeps of an input's bytes as many as [`Troubles::lines`] shows.
pub fn keep_head(head: &mut Vec<u8>, bytes: &[u8]) {
    let room = MOST_OF_HEAD.saturating_sub(head.len());
    head.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
}

/// A line broken at spaces where it is wider than so many columns; what
/// follows is indented.
pub(crate) fn wrapped(line: &str, width: usize) -> String {
    let mut text = String::with_capacity(line.len());
    let mut used = 0_usize;
    for word in line.split(' ') {
        let needed = used.saturating_add(1).saturating_add(word.width());
        if used == 0 {
            used = word.width();
        } else if needed <= width {
            text.push(' ');
            used = needed;
        } else {
            text.push_str("\n  ");
            used = word.width().saturating_add(2);
        }
        text.push_str(word);
    }
    text.push('\n');
    text
}

/// A file of a directory that is not opened.
pub fn skipped(name: &str, what: &str) -> String {
    let name = printable(name);
    format!("{name}: skipped, as it is {what}; name it by itself to read it")
}

pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A number with its digits in groups of three.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len());
    for (at, digit) in digits.chars().enumerate() {
        let left = digits.len().saturating_sub(at);
        if at > 0 && left.is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn size(bytes: u64) -> String {
    let mut unit = "bytes";
    let mut shown = bytes as f64;
    for larger in ["KiB", "MiB", "GiB", "TiB"] {
        if shown < 1024.0 {
            break;
        }
        (shown, unit) = (shown / 1024.0, larger);
    }
    match unit {
        "bytes" => counted(bytes, "byte", "bytes"),
        _ => format!("{shown:.1} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(slug: &str, hosts: &[&str]) -> Row {
        Row {
            slug: slug.into(),
            kind: "Anomaly".into(),
            risk: Some(48),
            count: 1234,
            first_seen: Some("2024-05-01T10:00:00Z".into()),
            last_seen: Some("2024-05-02T10:00:00Z".into()),
            hosts: hosts.iter().map(|host| host.to_string()).collect(),
            path: "/var/log/archive/2024/05/security-events.jsonl".into(),
            record: 66,
            message: "A task is registered: \\Updater ".repeat(9),
        }
    }

    const LONGEST: &str =
        "linux_possible_append_cronjob_entry_on_existing_cronjob_file";

    fn shown(width: usize) -> String {
        let hosts = ["WS-014.corp.example", "b", "c"];
        found(vec![row(LONGEST, &hosts), row("short", &[])], width, false)
    }

    #[test]
    fn table_fits_the_width() {
        for width in [80, 100, 120, 160, 200] {
            let table = shown(width);
            for line in table.lines() {
                assert!(line.width() <= width, "{width}: {line}");
            }
            let wide = table.lines().map(|line| line.width()).max();
            assert!(wide.unwrap() > width - 24, "{width}: {table}");
        }
    }

    #[test]
    fn names_stay_whole_however_narrow() {
        for width in 0..200 {
            assert!(shown(width).contains(LONGEST), "{width}");
        }
    }

    #[test]
    fn hosts_and_places_are_shown_at_every_width() {
        for width in [80, 120, 200] {
            let table = shown(width);
            assert!(table.contains("+2 "), "{table}");
            assert!(table.contains(".jsonl #66"), "{table}");
        }
        assert_eq!(shown(80).lines().count(), 6);
        assert_eq!(shown(120).lines().count(), 3);
        assert!(shown(200).contains("EXAMPLE"));
    }

    #[test]
    fn text_is_cut_in_the_middle() {
        let shortened = |text, width| Look::Text.shortened(text, width);
        assert_eq!(shortened("abcdefghij", 10), "abcdefghij");
        assert_eq!(shortened("abcdefghij", 7), "abc…hij");
        assert_eq!(shortened("abc", 1), "…");
        assert_eq!(shortened("abc", 0), "");
        // Two columns each.
        assert_eq!(shortened("計算機計算機", 7), "計…算機");
        assert_eq!(Look::Place.shortened("/a/b/c.log", 7), "…/c.log");
    }

    #[test]
    fn values_cannot_move_the_cursor() {
        let hosts = ["\x1b[2J\u{202e}evil\r\n"];
        let table = found(vec![row("a", &hosts)], 200, false);
        assert!(table.contains("\\u{1b}[2J\\u{202e}evil\\u{d} "), "{table}");
    }

    #[test]
    fn colour_takes_no_room() {
        let coloured = found(vec![row(LONGEST, &["a"])], 120, true);
        let mut plain = String::new();
        for piece in coloured.split('\x1b') {
            plain.push_str(piece.split_once('m').map_or(piece, |it| it.1));
        }
        // The first piece has no escape before it.
        assert_eq!(plain, found(vec![row(LONGEST, &["a"])], 120, false));
    }

    #[test]
    fn unreadable_records_of_a_sort_are_one_line() {
        let mut troubles = Troubles::default();
        let mut head = Vec::new();
        keep_head(&mut head, b"Dear diary,\n");
        for record in 0..1000 {
            troubles.add("odd", record, record * 9, || "odd".into());
        }
        let (lines, hopeless) = troubles.lines("a.log", &head, 1001, 1000);
        assert_eq!(
            (lines.as_slice(), hopeless),
            (
                &["unreadable: a.log: record 0 (byte 0): odd, and 999 more \
                   like it"
                    .to_string()][..],
                false
            ),
        );
        let (lines, hopeless) = troubles.lines("a.log", &head, 1000, 1000);
        assert!(hopeless && lines.len() == 1, "{lines:?}");
        assert!(lines[0].contains("\"Dear diary,\\n\""), "{lines:?}");
    }

    #[test]
    fn totals_fit_the_width() {
        let events = vec![("process_creation".to_string(), 1234); 20];
        let totals = Totals { events, ..Totals::default() };
        for width in [40, 80, 200] {
            let lines = totals.lines(1, 2, width);
            assert!(lines.lines().all(|line| line.width() <= width));
            let words = |text: &str| text.split_whitespace().count();
            assert_eq!(words(&lines), words(&totals.lines(1, 2, 10_000)));
        }
    }

    #[test]
    fn what_exclusions_silenced_is_told_where_there_is_any() {
        let excluded = |excluded: &[(&str, u64)]| {
            let excluded = excluded.iter();
            let excluded =
                excluded.map(|(name, count)| (name.to_string(), *count));
            Totals { excluded: excluded.collect(), ..Totals::default() }
        };
        let totals = excluded(&[("the lab", 1), ("a\nb", 1200)]);
        let told = "1 match by the lab, 1,200 matches by a b";
        assert!(totals.line().ends_with(&format!("; excluded: {told}")));
        let lines = totals.lines(1, 1, 200);
        assert!(
            lines.trim_end().ends_with(&format!("excluded: {told}")),
            "{lines}"
        );
        assert!(!excluded(&[]).line().contains("excluded"));
    }

    #[test]
    fn sorts_without_a_line_are_counted() {
        let mut troubles = Troubles::default();
        for record in 0..100 {
            let reason = record.to_string();
            troubles.add(&reason, record, 0, || reason.clone());
        }
        let (lines, _) = troubles.lines("a.log", b"", 101, 100);
        assert_eq!(lines.len(), MOST_LINES + 1);
        assert_eq!(lines[MOST_LINES], "unreadable: a.log: and 90 more");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(123_456), "123,456");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(size(1), "1 byte");
        assert_eq!(size(578_637), "565.1 KiB");
    }
}
