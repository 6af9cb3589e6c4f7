//! Scans logs for scheduled-task abuse: files, directories or standard
//! input, plain or compressed, any format.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use frontend::input::Chunk;
use frontend::magic::Foreign;
use frontend::screen::{self, Row, Totals, Troubles};
use t1053::event::EventKind;
use t1053::{
    Closed, Detector, DetectorBuilder, Finding, Format, Grouped, RecordMatch,
    Repeats, Report, RiskTracker, RuleSet, ScanCounts, Scanner, Selector,
    Timestamp,
};

mod input;

use input::{Input, Progress};

const USAGE: &str = "\
Scans logs for scheduled-task abuse (MITRE ATT&CK T1053).

Usage: scan [OPTIONS] PATH...

PATH is a file, a directory (all files below it, each once), or - for standard
input. Files may be compressed with gzip or zstd, or be Windows event log files
(.evtx).

Options:
  --output table|ndjson   what to print; a table on a terminal, else NDJSON
  --group                 in NDJSON, identical findings within 5 minutes as
                          one: the first is shown, and when the time is over
                          once more with how many followed
  --risk                  tell which hosts and users have 100 points of risk
                          within 24 hours
  --format NAME           of the records; each tells its own by default
  --enable SEL            only these detections; may be given several times
  --disable SEL           not these detections; may be given several times
  --rules PATH            these rules too: a Sigma file, a pack, or all .yml,
                          .yaml and .t1053 files below a folder; may be given
                          several times
  --strict                a rule that cannot be loaded ends the run
  --no-builtin            not the built-in detections
  --version               the version
  --help                  this text

SEL is one or more, separated by commas: a slug, all, kind:TTP,
technique:T1053.005, platform:windows, pack:scheduled-tasks or risk:50.

Formats, of which `scan formats` lists every layout that is read:
  auto         told apart record by record; also Snare, CEF, LEEF and other
               lines of Windows events, and CSV or TSV with a header
  json         a JSON object a record, also printed over several lines or in
               an array: NXLog, Winlogbeat and ECS, evtx_dump, Wazuh, Sentinel,
               OCSF, Laurel, auditbeat, Azure activity; also behind syslog
  xml          Windows event XML, and that of Sysmon for Linux
  wineventlog  event text: LogName= and EventCode= as Splunk has it, wevtutil,
               the Event Viewer, Format-List
  auditd       audit.log: raw, enriched or interpreted; also behind syslog

Exit status:
  0    all was read, with or without matches
  1    in an input, nothing can be read: it is no log of these formats
  2    arguments are wrong, an input cannot be opened or read to its end, or
       the output cannot be written
  141  whoever read the output did not want all of it
";

/// Columns of a table where neither a terminal nor `COLUMNS` says.
const DEFAULT_WIDTH: usize = 120;

/// An input holds nothing that can be read.
const UNREADABLE: u8 = 1;
/// Arguments, inputs or the output cannot be used.
const UNUSABLE: u8 = 2;
/// What a shell tells of a program that SIGPIPE has ended.
const BROKEN_PIPE: u8 = 141;

struct Arguments {
    table: bool,
    group: bool,
    risk: bool,
    format: Format,
    detector: Detector,
    paths: Vec<PathBuf>,
}

/// What is to be done.
enum Task {
    Scan(Arguments),
    Print(String),
}

fn main() -> ExitCode {
    let done = match arguments() {
        Ok(Task::Scan(arguments)) => scan(&arguments),
        Ok(Task::Print(text)) => {
            io::stdout().lock().write_all(text.as_bytes()).map(|()| 0)
        }
        Err(error) => {
            tell(&format!("{error}\nTry scan --help."));
            Ok(UNUSABLE)
        }
    };
    match done {
        Ok(status) => ExitCode::from(status),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            tell("the output was closed before all was written");
            ExitCode::from(BROKEN_PIPE)
        }
        Err(error) => {
            tell(&format!("cannot write the output: {error}"));
            ExitCode::from(UNUSABLE)
        }
    }
}

/// Writes a line to standard error, if there is one.
fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "scan: {text}");
}

fn arguments() -> Result<Task, Box<dyn std::error::Error>> {
    use lexopt::prelude::*;

    let mut table = io::stdout().is_terminal();
    let mut format = Format::Auto;
    let (mut group, mut risk) = (false, false);
    let mut builder = Detector::builder();
    let mut rules = Rules::default();
    let mut paths = Vec::new();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("output") => {
                table = match parser.value()?.string()?.as_str() {
                    "table" => true,
                    "ndjson" => false,
                    other => {
                        let hint = "give table or ndjson";
                        return Err(format!("output `{other}`: {hint}").into());
                    }
                };
            }
            Long("group") => group = true,
            Long("risk") => risk = true,
            Long("format") => format = parser.value()?.string()?.parse()?,
            Long("enable") => {
                for selector in selectors(&parser.value()?.string()?)? {
                    builder = builder.enable(selector);
                }
            }
            Long("disable") => {
                for selector in selectors(&parser.value()?.string()?)? {
                    builder = builder.disable(selector);
                }
            }
            Long("rules") => rules.paths.push(parser.value()?.into()),
            Long("strict") => rules.strict = true,
            Long("no-builtin") => rules.without_builtin = true,
            Long("help") | Short('h') => return Ok(Task::Print(USAGE.into())),
            Long("version") => {
                let version = env!("CARGO_PKG_VERSION");
                return Ok(Task::Print(format!("scan {version}\n")));
            }
            Value(path) => paths.push(PathBuf::from(path)),
            other => return Err(other.unexpected().into()),
        }
    }
    if let [only] = paths.as_slice()
        && only.as_os_str() == "formats"
        && !only.exists()
    {
        let layouts = t1053::record::layouts()
            .map(|it| (it.name, it.about, it.lost, it.verified));
        return Ok(Task::Print(screen::formats(layouts, width())));
    }
    if paths.is_empty() {
        return Err("give a file, a directory, or - for standard input".into());
    }
    let detector = rules.add_to(builder)?.build()?;
    if detector.detections().len() == 0 {
        return Err("what is enabled and disabled leaves no detection".into());
    }
    let arguments = Arguments { table, group, risk, format, detector, paths };
    Ok(Task::Scan(arguments))
}

/// The user's own rules.
#[derive(Default)]
struct Rules {
    paths: Vec<PathBuf>,
    strict: bool,
    without_builtin: bool,
}

impl Rules {
    fn add_to(
        self,
        mut builder: DetectorBuilder,
    ) -> Result<DetectorBuilder, Box<dyn std::error::Error>> {
        let mut files = Vec::new();
        for path in &self.paths {
            files.extend(frontend::rules::read(path)?);
        }
        if self.without_builtin {
            builder = builder.without_builtin();
        }
        let mut set = RuleSet::builder().beside(&builder);
        for file in &files {
            set = set.file(&file.name, &file.bytes);
        }
        let mut set = set.build();
        if self.strict {
            set = set.strict()?;
        }
        let (loaded, problems) = (set.rules().len(), set.problems());
        problems.iter().for_each(|problem| tell(&problem.to_string()));
        if !problems.is_empty() {
            tell(&frontend::rules::summary(loaded, problems.len()));
        }
        Ok(builder.rules(set))
    }
}

fn selectors(list: &str) -> Result<Vec<Selector>, t1053::SelectorError> {
    list.split(',').map(|name| name.trim().parse()).collect()
}

/// Scans all inputs. Returns the exit status; an error is the output's.
fn scan(arguments: &Arguments) -> io::Result<u8> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    let mut summary = Summary::default();
    let mut watch = Watch::new(arguments);
    let mut status = 0;
    let (inputs, skipped) = input::find(&arguments.paths);
    for (path, what) in skipped {
        tell(&screen::skipped(&path.to_string_lossy(), what));
    }
    // Lines of NDJSON on the same terminal would run through a bar.
    let is_free = arguments.table || !io::stdout().is_terminal();
    let progress =
        Progress::new(&inputs, io::stderr().is_terminal() && is_free);
    for input in &inputs {
        let (lines, failure) = scan_input(
            arguments,
            input,
            &mut summary,
            &mut watch,
            &progress,
            &mut output,
        )?;
        status = status.max(failure);
        progress.suspend(|| lines.iter().for_each(|line| tell(line)));
    }
    drop(progress);
    watch.finish(&mut output)?;
    let totals = summary.totals();
    if arguments.table {
        let colour = io::stdout().is_terminal() && console::colors_enabled();
        let detections = summary.rows.len();
        let width = width();
        let table = screen::found(summary.rows(), width, colour);
        if detections > 0 {
            writeln!(output, "{table}")?;
        }
        watch.tell_risk(&mut output)?;
        output.write_all(
            totals.lines(detections, inputs.len(), width).as_bytes(),
        )?;
    }
    if !arguments.table {
        watch.tell_risk(&mut output)?;
    }
    output.flush()?;
    if !arguments.table {
        tell(&totals.line());
    }
    totals.advice().iter().for_each(|line| tell(line));
    Ok(status)
}

/// Columns that a table may have.
fn width() -> usize {
    let columns = env::var("COLUMNS").ok();
    let columns = columns.and_then(|columns| columns.parse().ok());
    let terminal = || console::Term::stdout().size_checked();
    columns
        .filter(|columns| *columns > 0)
        .or_else(|| terminal().map(|(_, columns)| usize::from(columns)))
        .unwrap_or(DEFAULT_WIDTH)
}

/// Scans one input. Returns what there is to tell of it and the exit status;
/// an error is the output's.
fn scan_input(
    arguments: &Arguments,
    input: &Input,
    summary: &mut Summary,
    watch: &mut Watch,
    progress: &Progress,
    output: &mut impl Write,
) -> io::Result<(Vec<String>, u8)> {
    let name = input.name();
    let mut scanner = Scanner::builder(&arguments.detector)
        .format(arguments.format)
        .build()
        .map_err(io::Error::other)?;
    let troubles = RefCell::new(Troubles::default());
    let mut written = Ok(());
    let mut report = |report: Report<'_>| {
        match report {
            Report::Match(found) if arguments.table => {
                summary.add(&name, found);
                watch.add_risk(found);
            }
            Report::Match(found) => {
                let place = found.place(Some(&name));
                let finding = Finding { place, found: &found.found };
                written = watch.write(&finding, output);
                watch.add_risk(found);
            }
            Report::Unreadable(unreadable) => {
                let (record, offset) = (unreadable.record, unreadable.offset);
                let error = &unreadable.error;
                troubles.borrow_mut().add(
                    error.reason(),
                    record,
                    offset,
                    || error.to_string(),
                );
            }
            Report::NotUnderstood(what) => {
                let mut troubles = troubles.borrow_mut();
                troubles.add_unknown(what.record, what.offset, what.bytes);
            }
            _ => {}
        }
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    };
    let mut head = Vec::new();
    let read = input.each_chunk(progress, |chunk| match chunk {
        Chunk::Stream(bytes) => {
            screen::keep_head(&mut head, bytes);
            scanner.feed(bytes, &mut report)
        }
        Chunk::Record(record) => scanner.record(record, &mut report),
        Chunk::Broken(reason) => {
            let (record, offset) = (scanner.lost(), scanner.counts().bytes);
            let mut troubles = troubles.borrow_mut();
            troubles.add(&reason, record, offset, || reason.clone());
            ControlFlow::Continue(())
        }
    });
    let _ = scanner.finish(&mut report);
    written?;
    let troubles = troubles.into_inner();
    let counts = scanner.counts();
    summary.counts.add(counts);
    let (records, unreadable) = (counts.records, counts.unreadable);
    let (mut lines, hopeless) =
        troubles.lines(&name, &head, records, unreadable);
    let mut status = if hopeless { UNREADABLE } else { 0 };
    let understood = counts.read.saturating_add(counts.uninteresting);
    let unknown = troubles.unknown_line(&name, understood, counts.filtered);
    if let Some((line, is_all)) = unknown {
        lines.push(line);
        status = if is_all { UNREADABLE } else { status };
    }
    if let Err(error) = read {
        let inner = error.get_ref();
        let is_foreign = inner.is_some_and(|inner| inner.is::<Foreign>());
        lines.push(format!("{}: {error}", screen::printable(&name)));
        status = if is_foreign { UNREADABLE } else { UNUSABLE };
    }
    Ok((lines, status))
}

/// What looks at findings together, where that is asked.
struct Watch {
    repeats: Option<Repeats>,
    /// The first line of each group that is open.
    lines: BTreeMap<u64, String>,
    risk: Option<RiskTracker>,
    /// What there is to tell of risk, at the end.
    reached: Vec<String>,
    is_table: bool,
}

impl Watch {
    fn new(arguments: &Arguments) -> Watch {
        let detector = &arguments.detector;
        Watch {
            repeats: arguments.group.then(|| Repeats::new(detector)),
            lines: BTreeMap::new(),
            risk: arguments.risk.then(|| RiskTracker::new(detector)),
            reached: Vec::new(),
            is_table: arguments.table,
        }
    }

    /// Writes a finding, or counts it where it is one more of a group; and
    /// what there is to tell of groups that are complete.
    fn write(
        &mut self,
        finding: &Finding<'_>,
        output: &mut impl Write,
    ) -> io::Result<()> {
        let Some(repeats) = &mut self.repeats else {
            return writeln!(output, "{finding}");
        };
        let mut complete = Vec::new();
        let grouped = repeats.take(finding.found, |one| complete.push(one));
        complete.into_iter().try_for_each(|one| self.close(one, output))?;
        match grouped {
            Grouped::Repeat(_) => Ok(()),
            Grouped::First(group) => {
                let line = finding.to_string();
                writeln!(output, "{line}")?;
                self.lines.insert(group, line);
                Ok(())
            }
            _ => writeln!(output, "{finding}"),
        }
    }

    fn close(
        &mut self,
        group: Closed,
        output: &mut impl Write,
    ) -> io::Result<()> {
        match self.lines.remove(&group.group) {
            Some(line) if group.repeats > 0 => {
                writeln!(output, "{}", group.line(&line))
            }
            _ => Ok(()),
        }
    }

    /// Adds a match to the risk of what it is about.
    fn add_risk(&mut self, found: &RecordMatch<'_>) {
        let Some(risk) = &mut self.risk else { return };
        risk.take(&found.found, |one| {
            self.reached.push(match self.is_table {
                true => one.to_string(),
                false => one.ndjson().to_string(),
            });
        });
    }

    fn tell_risk(&self, output: &mut impl Write) -> io::Result<()> {
        let mut lines = self.reached.iter();
        lines.try_for_each(|line| writeln!(output, "{line}"))
    }

    /// Tells of the groups that are still open.
    fn finish(&mut self, output: &mut impl Write) -> io::Result<()> {
        let mut complete = Vec::new();
        if let Some(repeats) = &mut self.repeats {
            repeats.finish(|one| complete.push(one));
        }
        complete.into_iter().try_for_each(|one| self.close(one, output))
    }
}

/// What was found, by detection.
#[derive(Default)]
struct Summary {
    rows: BTreeMap<String, Found>,
    counts: ScanCounts,
}

struct Found {
    row: Row,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    hosts: BTreeSet<Vec<u8>>,
}

impl Summary {
    fn add(&mut self, name: &str, found: &RecordMatch<'_>) {
        let RecordMatch { record, found, .. } = found;
        let detection = found.detection();
        let row = self.rows.entry(detection.slug.to_string());
        let row = row.or_insert_with(|| Found {
            row: Row {
                slug: detection.slug.to_string(),
                kind: detection.kind.to_string(),
                risk: detection.risk.map(|risk| risk.score),
                path: name.to_string(),
                record: *record,
                message: found.message().to_string(),
                ..Row::default()
            },
            first: None,
            last: None,
            hosts: BTreeSet::new(),
        });
        row.row.count += 1;
        let event = found.event();
        if let Some(time) = event.time {
            row.first = Some(row.first.map_or(time, |first| first.min(time)));
            row.last = row.last.max(Some(time));
        }
        if let Some(host) = event.host
            && !row.hosts.contains(host)
        {
            row.hosts.insert(host.to_vec());
        }
    }

    fn rows(&self) -> Vec<Row> {
        let text = |time: Timestamp| time.to_string();
        let host = |host: &Vec<u8>| String::from_utf8_lossy(host).into_owned();
        let rows = self.rows.values().map(|found| Row {
            first_seen: found.first.map(text),
            last_seen: found.last.map(text),
            hosts: found.hosts.iter().map(host).collect(),
            ..found.row.clone()
        });
        rows.collect()
    }

    fn totals(&self) -> Totals {
        let counts = &self.counts;
        let events = EventKind::ALL.iter().map(|kind| (kind, *kind));
        let events =
            events.map(|(name, kind)| (name.to_string(), counts.events(kind)));
        Totals {
            bytes: counts.bytes,
            records: counts.records,
            read: counts.read,
            filtered: counts.filtered,
            uninteresting: counts.uninteresting,
            not_understood: counts.not_understood,
            unreadable: counts.unreadable,
            matches: counts.matches,
            forgotten: counts.correlator.evicted,
            expired: counts.correlator.expired,
            untimed: counts.correlator.untimed,
            ungrouped: counts.correlator.ungrouped,
            events: events.filter(|(_, count)| *count > 0).collect(),
        }
    }
}
