//! Scans logs for scheduled-task abuse: files, directories or standard
//! input, plain or compressed, any format.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::io::{self, IsTerminal, Write};
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::AtomicUsize;
use std::thread;

use frontend::cores::{self, Idle};
use frontend::input::Chunk;
use frontend::magic::Foreign;
use frontend::screen::{self, Row, Totals, Troubles};
use frontend::verdicts::{self, Seen, Verdicts};
use t1053::event::EventKind;
use t1053::{
    Canonical, Closed, Detector, DetectorBuilder, Finding, Format, Grouped,
    Keep, MatchedEvent, Place, Quote, RecordMatch, Repeats, Report,
    RiskTracker, ScanCounts, Scanner, Selector, Source, Timestamp,
    VerdictFinding,
};

mod closed;
mod config;
mod input;

use config::Config;
use input::{Input, Progress};

const USAGE: &str = "\
Scans logs for scheduled-task abuse (MITRE ATT&CK T1053).

Usage: scan [OPTIONS] PATH...

PATH is a file, a directory (all files below it, each once), or - for standard
input. Files may be compressed with gzip, zstd, xz or bzip2, or be Windows event
log files (.evtx).

Options:
  --output table|detections|ndjson
                          what to print: a table of verdicts or of detections,
                          or NDJSON; a table of verdicts on a terminal, else
                          NDJSON
  --verdicts              in NDJSON a line an event with its verdict, and not
                          a line a match; a sequence, being of several events,
                          stays a match
  --min-severity NAME     only verdicts of at least this severity:
                          informational, low, medium, high or critical; of the
                          table medium by default, of NDJSON all
  --group                 in NDJSON, identical findings within 5 minutes as
                          one: the first is shown, and when the time is over
                          once more with how many followed
  --risk                  tell which hosts and users have 100 points of risk
                          within 24 hours
  --format NAME           of the records; each tells its own by default
  --together              read all inputs as one stream, the files of a log in
                          the order of its rotation: a sequence may begin in
                          one and end in the next
  --keep LIST             in NDJSON, what each line tells of its event besides:
                          fields, separated by commas (Image,CommandLine), and
                          raw for the record; passwords in them are not masked
  --host NAME             the host of records that name none
  --enable SEL            only these detections; may be given several times
  --disable SEL           not these detections; may be given several times
  --rules PATH            these rules too: a Sigma file, a pack, or all .yml,
                          .yaml and .t1053 files below a folder; may be given
                          several times
  --strict                a rule that cannot be loaded ends the run
  --no-builtin            not the built-in detections
  --config PATH           a configuration: rules, exclusions, how logs are
                          read; other options come before what it says
  --canonical NAME        how far command lines are taken apart: off, not at
                          all; argv, into words; full, the default, with the
                          texts that shells are told to run
  --no-join               each record by itself: the records of an audit event
                          are not joined to a new process or a changed file
  --version               the version
  --help                  this text

SEL is one or more, separated by commas: all, published (the detections of
others), behaviours (ours), a slug, kind:TTP, technique:T1053.005,
platform:windows, pack:scheduled-tasks or risk:50.

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

/// What is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Output {
    /// A table of verdicts.
    Verdicts,
    /// A table of detections.
    Detections,
    /// NDJSON, a line a match.
    Matches,
    /// NDJSON, a line an event.
    Events,
}

impl Output {
    fn is_table(self) -> bool {
        matches!(self, Output::Verdicts | Output::Detections)
    }

    /// Whether verdicts are asked for.
    fn judges(self) -> bool {
        matches!(self, Output::Verdicts | Output::Events)
    }
}

struct Arguments {
    output: Output,
    /// Place of the least severity of a verdict.
    least: usize,
    group: bool,
    risk: bool,
    format: Format,
    detector: Detector,
    join: bool,
    paths: Vec<PathBuf>,
    together: bool,
    host: Option<String>,
    keep: Keep,
    config: Config,
    idle: Idle,
}

impl Arguments {
    fn scanner(&self) -> io::Result<Scanner> {
        let mut builder = self
            .config
            .scanner(&self.detector)
            .matched_events(self.output.judges());
        if self.format != Format::Auto {
            builder = builder.format(self.format);
        }
        if !self.join {
            builder = builder.join(false);
        }
        if let Some(host) = &self.host {
            builder = builder.host(host);
        }
        builder.build().map_err(io::Error::other)
    }

    /// What a line tells of a record, in an input that begins at an offset.
    fn quote<'a>(
        &'a self,
        mut source: Source<'a>,
        begin: u64,
    ) -> Option<Quote<'a>> {
        source.offset = source.offset.saturating_sub(begin);
        Quote::of(&self.keep, source)
    }
}

/// What is to be done.
enum Task {
    Scan(Box<Arguments>),
    Print(String),
}

fn main() -> ExitCode {
    let done = match arguments() {
        Ok(_) if closed::output() => {
            Err(io::Error::other("standard output is closed"))
        }
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

    let mut output = match io::stdout().is_terminal() {
        true => Output::Verdicts,
        false => Output::Matches,
    };
    let mut verdicts = false;
    let mut least = None;
    let mut format = Format::Auto;
    let (mut group, mut risk) = (false, false);
    let mut builder = Detector::builder();
    let mut rules = Rules::default();
    let mut canonical = None;
    let mut config = Config::default();
    let mut join = true;
    let mut paths = Vec::new();
    let mut together = false;
    let mut host = None;
    let mut keep = Keep::default();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("output") => {
                output = match parser.value()?.string()?.as_str() {
                    "table" => Output::Verdicts,
                    "detections" => Output::Detections,
                    "ndjson" => Output::Matches,
                    other => {
                        let hint = "give table, detections or ndjson";
                        return Err(format!("output `{other}`: {hint}").into());
                    }
                };
            }
            Long("verdicts") => verdicts = true,
            Long("min-severity") => {
                let name = parser.value()?.string()?;
                let rank = verdicts::rank(&name);
                least = Some(rank.ok_or_else(|| verdicts::unknown(&name))?);
            }
            Long("together") => together = true,
            Long("host") => host = Some(parser.value()?.string()?),
            Long("keep") => keep = parser.value()?.string()?.parse()?,
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
            Long("config") => {
                config = Config::read(PathBuf::from(parser.value()?))?;
            }
            Long("rules") => rules.paths.push(parser.value()?.into()),
            Long("strict") => rules.strict = true,
            Long("no-builtin") => rules.without_builtin = true,
            Long("canonical") => {
                let name = parser.value()?.string()?;
                canonical = Some(name.parse::<Canonical>()?);
            }
            Long("no-join") => join = false,
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
    builder = rules.add_to(builder, &config)?;
    if let Some(canonical) = canonical {
        builder = builder.canonical(canonical);
    }
    let detector = builder.build()?;
    if detector.detections().len() == 0 {
        return Err("what is enabled and disabled leaves no detection".into());
    }
    if verdicts && output == Output::Matches {
        output = Output::Events;
    }
    if least.is_some() && !output.judges() {
        return Err("--min-severity is of verdicts, not of matches: give \
                    --verdicts or --output table"
            .into());
    }
    if !keep.is_empty() && output.is_table() {
        return Err("--keep is of NDJSON: give --output ndjson".into());
    }
    let usual = match output {
        Output::Verdicts => verdicts::rank(verdicts::USUAL).unwrap_or(0),
        _ => 0,
    };
    let least = least.unwrap_or(usual);
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let arguments = Arguments {
        output,
        least,
        group,
        risk,
        format,
        detector,
        join,
        paths,
        together,
        host,
        keep,
        config,
        // All but the one that scans.
        idle: Idle::new(AtomicUsize::new(cores.saturating_sub(1))),
    };
    Ok(Task::Scan(Box::new(arguments)))
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
        config: &Config,
    ) -> Result<DetectorBuilder, Box<dyn std::error::Error>> {
        let mut files = Vec::new();
        for path in config.rules().iter().chain(&self.paths) {
            files.extend(frontend::rules::read(path)?);
        }
        if self.without_builtin {
            builder = builder.without_builtin();
        }
        builder = config.detector(builder);
        let mut set = config.rule_set().beside(&builder);
        for file in &files {
            set = set.file(&file.name, &file.bytes);
        }
        let mut set = set.build();
        if self.strict || config.is_strict() {
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
    let mut summary = Summary::new(arguments.least);
    let mut watch = Watch::new(arguments);
    let mut status = 0;
    let (mut inputs, skipped) = input::find(&arguments.paths);
    if arguments.together {
        inputs = input::in_order(inputs);
    }
    for (path, what) in skipped {
        tell(&screen::skipped(&path.to_string_lossy(), what));
    }
    // Lines of NDJSON on the same terminal would run through a bar.
    let is_table = arguments.output.is_table();
    let is_free = is_table || !io::stdout().is_terminal();
    let progress =
        Progress::new(&inputs, io::stderr().is_terminal() && is_free);
    let mut scanner = arguments.scanner()?;
    for (index, input) in inputs.iter().enumerate() {
        if index > 0 && !arguments.together {
            summary.saw(&scanner, &arguments.detector);
            scanner = arguments.scanner()?;
        }
        let (lines, failure) = scan_input(
            arguments,
            input,
            &mut scanner,
            &mut summary,
            &mut watch,
            &progress,
            &mut output,
        )?;
        status = status.max(failure);
        progress.suspend(|| lines.iter().for_each(|line| tell(line)));
    }
    summary.saw(&scanner, &arguments.detector);
    drop(progress);
    watch.finish(&mut output)?;
    let totals = summary.totals();
    if is_table {
        let colour = io::stdout().is_terminal() && console::colors_enabled();
        let detections = summary.rows.len();
        let width = width();
        let verdicts = &summary.verdicts;
        let table = match arguments.output {
            Output::Detections if detections > 0 => {
                screen::found(summary.rows(), width, colour)
            }
            Output::Detections => String::new(),
            _ => verdicts.table(width, colour, |ticks| {
                Timestamp::from_ticks(ticks).to_string()
            }),
        };
        if !table.is_empty() {
            writeln!(output, "{table}")?;
        }
        if arguments.output == Output::Verdicts {
            output.write_all(verdicts.lines(width).as_bytes())?;
        }
        watch.tell_risk(&mut output)?;
        output.write_all(
            totals.lines(detections, inputs.len(), width).as_bytes(),
        )?;
    }
    if !is_table {
        watch.tell_risk(&mut output)?;
    }
    output.flush()?;
    if arguments.output == Output::Events {
        tell(&summary.verdicts.line());
    }
    if !is_table {
        tell(&totals.line());
    }
    totals.advice().iter().for_each(|line| tell(line));
    Ok(status)
}

/// Columns that a table may have.
fn width() -> usize {
    let columns = env::var("COLUMNS").ok();
    let columns = columns.and_then(|columns| columns.parse().ok());
    let columns = columns.filter(|columns| *columns > 0);
    columns.or_else(terminal_width).unwrap_or(DEFAULT_WIDTH)
}

/// Columns of the terminal; `script` and `expect` make some that have columns
/// but no rows, of which `console` would say that their size is not known.
#[cfg(unix)]
fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

#[cfg(not(unix))]
fn terminal_width() -> Option<usize> {
    let (_, columns) = console::Term::stdout().size_checked()?;
    Some(columns.into())
}

/// Numbers of records, counted from those of the inputs before.
fn within(records: &[u64], before: u64) -> Vec<u64> {
    records.iter().map(|record| record.saturating_sub(before)).collect()
}

/// Scans one input. Returns what there is to tell of it and the exit status;
/// an error is the output's.
fn scan_input(
    arguments: &Arguments,
    input: &Input,
    scanner: &mut Scanner,
    summary: &mut Summary,
    watch: &mut Watch,
    progress: &Progress,
    output: &mut impl Write,
) -> io::Result<(Vec<String>, u8)> {
    let name = input.name();
    // Of the inputs before this one, where they are one stream.
    let before = scanner.counts().clone();
    let troubles = RefCell::new(Troubles::default());
    let mut written = Ok(());
    let mut report = |report: Report<'_>| {
        match report {
            Report::Match(found) if arguments.output.is_table() => {
                let record = found.record.saturating_sub(before.records);
                summary.add(&name, record, found);
                summary.pair(&name, record, found);
                watch.add_risk(found);
            }
            // A sequence is no part of an event's verdict.
            Report::Match(found)
                if arguments.output == Output::Events
                    && !summary.pair(
                        &name,
                        found.record.saturating_sub(before.records),
                        found,
                    ) =>
            {
                watch.add_risk(found);
            }
            Report::MatchedEvent(event) => {
                let joined = within(event.joined, before.records);
                let record = event.record.saturating_sub(before.records);
                let place = event.place(Some(&name));
                let place = Place { record, joined: &joined, ..place };
                let quote = arguments.quote(event.source, before.bytes);
                let line = summary.judge(&name, place, quote, event);
                if arguments.output == Output::Events
                    && let Some(line) = line
                {
                    written = writeln!(output, "{line}");
                }
            }
            Report::Match(found) => {
                let joined = within(found.joined, before.records);
                let record = found.record.saturating_sub(before.records);
                let place = found.place(Some(&name));
                let place = Place { record, joined: &joined, ..place };
                let quote = arguments.quote(found.source, before.bytes);
                let finding = Finding { place, found: &found.found, quote };
                written = watch.write(&finding, output);
                watch.add_risk(found);
            }
            Report::Unreadable(unreadable) => {
                let record = unreadable.record.saturating_sub(before.records);
                let offset = unreadable.offset.saturating_sub(before.bytes);
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
                let record = what.record.saturating_sub(before.records);
                let offset = what.offset.saturating_sub(before.bytes);
                troubles.add_unknown(record, offset, what.bytes);
            }
            _ => {}
        }
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    };
    let mut head = Vec::new();
    let outcome = match input.for_many() {
        Some(file) => {
            let progress = &mut |bytes: &[u8]| {
                screen::keep_head(&mut head, bytes);
                progress.count(bytes.len() as u64);
                ControlFlow::Continue(())
            };
            let idle = &arguments.idle;
            cores::feed(&file, idle, scanner, &mut report, progress)
        }
        None => input.each_chunk(progress, |chunk| match chunk {
            Chunk::Stream(bytes) => {
                screen::keep_head(&mut head, bytes);
                scanner.feed(bytes, &mut report)
            }
            Chunk::Record(record) => scanner.record(record, &mut report),
            Chunk::Broken(reason) => {
                let counts = scanner.counts();
                let offset = counts.bytes.saturating_sub(before.bytes);
                let record = scanner.lost().saturating_sub(before.records);
                let mut troubles = troubles.borrow_mut();
                troubles.add(&reason, record, offset, || reason.clone());
                ControlFlow::Continue(())
            }
        }),
    };
    let _ = scanner.finish(&mut report);
    written?;
    let troubles = troubles.into_inner();
    let counts = scanner.counts();
    let records = counts.records.saturating_sub(before.records);
    let unreadable = counts.unreadable.saturating_sub(before.unreadable);
    let (mut lines, hopeless) =
        troubles.lines(&name, &head, records, unreadable);
    let mut status = if hopeless { UNREADABLE } else { 0 };
    let read =
        |counts: &ScanCounts| counts.read.saturating_add(counts.uninteresting);
    let understood = read(counts).saturating_sub(read(&before));
    let filtered = counts.filtered.saturating_sub(before.filtered);
    let unknown = troubles.unknown_line(&name, understood, filtered);
    if let Some((line, is_all)) = unknown {
        lines.push(line);
        status = if is_all { UNREADABLE } else { status };
    }
    if let Err(error) = outcome {
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
            is_table: arguments.output.is_table(),
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
struct Summary {
    rows: BTreeMap<String, Found>,
    verdicts: Verdicts,
    counts: ScanCounts,
    /// What each exclusion silenced, by its name.
    excluded: BTreeMap<String, u64>,
}

struct Found {
    row: Row,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    hosts: BTreeSet<Vec<u8>>,
}

impl Summary {
    /// Nothing yet; `least` is the place of the least severity shown.
    fn new(least: usize) -> Summary {
        Summary {
            rows: BTreeMap::new(),
            verdicts: Verdicts::new(least),
            counts: ScanCounts::default(),
            excluded: BTreeMap::new(),
        }
    }

    /// Adds what a scanner has counted.
    fn saw(&mut self, scanner: &Scanner, detector: &Detector) {
        self.counts.add(scanner.counts());
        let exclusions = detector.exclusions().iter();
        for (exclusion, count) in exclusions.zip(scanner.excluded()) {
            if *count > 0 {
                let name = exclusion.name().to_owned();
                let sum = self.excluded.entry(name).or_default();
                *sum = sum.saturating_add(*count);
            }
        }
    }

    /// Takes all that an event matches; returns its line of NDJSON, if it is
    /// severe enough.
    fn judge(
        &mut self,
        name: &str,
        place: Place<'_>,
        quote: Option<Quote<'_>>,
        event: &MatchedEvent<'_>,
    ) -> Option<String> {
        let verdict = event.matches.verdict()?;
        let of = verdict.event();
        self.verdicts.add(&Seen {
            severity: verdict.severity().name(),
            line: &verdict.to_string(),
            path: name,
            record: place.record,
            time: of.time.map(|time| time.ticks()),
            host: of.host,
        });
        let shown = self.verdicts.shows(verdict.severity().name());
        let verdict = &verdict;
        let line = VerdictFinding { place, verdict, quote };
        shown.then(|| line.to_string())
    }

    /// Takes a match of a sequence, which has no verdict to be part of, and is
    /// shown beside them at its own severity. Whether it is one, and severe
    /// enough.
    fn pair(
        &mut self,
        name: &str,
        record: u64,
        found: &RecordMatch<'_>,
    ) -> bool {
        let RecordMatch { found, .. } = found;
        if found.other_time().is_none() {
            return false;
        }
        let severity = found.detection().severity.name();
        self.verdicts.add(&Seen {
            severity,
            line: &found.message().to_string(),
            path: name,
            record,
            time: found.event().time.map(|time| time.ticks()),
            host: found.event().host,
        });
        self.verdicts.shows(severity)
    }

    fn add(&mut self, name: &str, record: u64, found: &RecordMatch<'_>) {
        let RecordMatch { found, .. } = found;
        let detection = found.detection();
        let row = self.rows.entry(detection.slug.to_string());
        let row = row.or_insert_with(|| Found {
            row: Row {
                slug: detection.slug.to_string(),
                kind: detection.kind.to_string(),
                risk: detection.risk.map(|risk| risk.score),
                path: name.to_string(),
                record,
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
            excluded: self.excluded.clone().into_iter().collect(),
        }
    }
}
