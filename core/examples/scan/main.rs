//! Scans logs for scheduled-task abuse: files, directories or standard
//! input, plain or compressed, any format.

use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use t1053::{
    Detector, Finding, Format, Report, ScanCounts, Scanner, Selector,
};

mod frames;
mod input;
mod table;

use input::{Input, Progress};
use table::Summary;

const USAGE: &str = "\
Scans logs for scheduled-task abuse (MITRE ATT&CK T1053).

Usage: scan [OPTIONS] PATH...

PATH is a file, a directory (all files below it), or - for standard input.
Files may be compressed with gzip or zstd.

Options:
  --output table|ndjson   what to print; a table on a terminal, else NDJSON
  --format NAME           auto (default), json, xml, wineventlog or auditd
  --enable SEL            only these detections; may be given several times
  --disable SEL           not these detections; may be given several times
  --help                  this text

SEL is one or more, separated by commas: a slug, all, kind:TTP,
technique:T1053.005, platform:windows, pack:scheduled-tasks or risk:50.
Exit status: 0, also with matches; 2 when arguments or files are unusable.
";

struct Arguments {
    table: bool,
    format: Format,
    detector: Detector,
    paths: Vec<PathBuf>,
}

fn main() -> ExitCode {
    match arguments() {
        Ok(Some(arguments)) => match scan(&arguments) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::from(2),
            // Whoever read the output has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("scan: cannot write the output: {error}");
                ExitCode::from(2)
            }
        },
        Ok(None) => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("scan: {error}\nTry scan --help.");
            ExitCode::from(2)
        }
    }
}

fn arguments() -> Result<Option<Arguments>, Box<dyn std::error::Error>> {
    use lexopt::prelude::*;

    let mut table = io::stdout().is_terminal();
    let mut format = Format::Auto;
    let mut builder = Detector::builder();
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
            Long("help") | Short('h') => return Ok(None),
            Value(path) => paths.push(PathBuf::from(path)),
            other => return Err(other.unexpected().into()),
        }
    }
    if paths.is_empty() {
        return Err("give a file, a directory, or - for standard input".into());
    }
    let detector = builder.build()?;
    Ok(Some(Arguments { table, format, detector, paths }))
}

fn selectors(list: &str) -> Result<Vec<Selector>, t1053::SelectorError> {
    list.split(',').map(|it| it.trim().parse()).collect()
}

/// Scans all inputs; false when one could not be read.
fn scan(arguments: &Arguments) -> io::Result<bool> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    let mut summary = Summary::new();
    let mut all_read = true;
    let (inputs, unusable) = input::find(&arguments.paths);
    for (path, error) in unusable {
        eprintln!("scan: {}: {error}", path.display());
        all_read = false;
    }
    let mut progress = Progress::new(&inputs);
    for input in inputs {
        let scanned = scan_input(
            arguments,
            &input,
            &mut summary,
            &mut progress,
            &mut output,
        )?;
        if let Err(error) = scanned {
            progress.suspend(|| eprintln!("scan: {}: {error}", input.name()));
            all_read = false;
        }
    }
    progress.finish();
    if arguments.table {
        let colour = io::stdout().is_terminal();
        summary.print(&mut output, colour)?;
    } else {
        summary.print_unreadable(&mut io::stderr().lock())?;
    }
    output.flush()?;
    Ok(all_read)
}

/// Scans one input. The outer error is the output's, the inner the input's.
fn scan_input(
    arguments: &Arguments,
    input: &Input,
    summary: &mut Summary,
    progress: &mut Progress,
    output: &mut impl Write,
) -> io::Result<io::Result<()>> {
    let name = input.name();
    let mut scanner = Scanner::builder(&arguments.detector)
        .format(arguments.format)
        .build()
        .map_err(io::Error::other)?;
    let mut written = Ok(());
    let mut report = |report: Report<'_>| {
        match report {
            Report::Match(found) if arguments.table => summary.found(found),
            Report::Match(found) => {
                let place = found.place(Some(&name));
                let finding = Finding { place, found: &found.found };
                written = writeln!(output, "{finding}");
            }
            Report::Unreadable(it) => summary.unreadable(&name, it),
            _ => {}
        }
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    };
    let read =
        input.each_chunk(progress, |chunk| scanner.feed(chunk, &mut report));
    let _ = scanner.finish(&mut report);
    written?;
    let counts: &ScanCounts = scanner.counts();
    summary.add(counts);
    Ok(read)
}
