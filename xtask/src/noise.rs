//! What the detections say of ordinary activity: each command of the scripts
//! that packages and installed programs bring, as the process creation that it
//! would be, each script of PowerShell as the script block that it would be,
//! and each file of a package as the package manager writes it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use t1053::event::{Event, FileCreation, ProcessCreation, ScriptBlock};
use t1053::rule::Severity;
use t1053::{Detector, Scratch};

/// What is read where no folder is named: what packages run when they are
/// installed, what is run by time, and what programs bring.
const FOLDERS: [&str; 10] = [
    "/var/lib/dpkg/info",
    "/etc/cron.d",
    "/etc/cron.daily",
    "/etc/cron.hourly",
    "/etc/cron.weekly",
    "/etc/cron.monthly",
    "/etc/init.d",
    "/usr/lib/systemd/system",
    "/usr/share",
    "/usr/bin",
];

/// Longest file that is read; longer ones are no scripts of this kind.
const MOST_BYTES: u64 = 1 << 20;

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    Shell,
    PowerShell,
    Units,
    Crontab,
}

/// Counts, and what is to be looked at.
#[derive(Default)]
struct Noise {
    files: usize,
    events: BTreeMap<&'static str, usize>,
    verdicts: BTreeMap<Severity, usize>,
    loud: Vec<String>,
}

/// Prints how many events of the scripts below some folders are alarms, and
/// each of those that are at least medium.
pub(crate) fn measure(folders: &[&str]) -> Result<(), Box<dyn Error>> {
    let detector = Detector::new();
    let mut scratch = Scratch::new(&detector);
    let mut noise = Noise::default();
    let folders = if folders.is_empty() { &FOLDERS[..] } else { folders };
    for folder in folders {
        let mut files = Vec::new();
        walk(Path::new(folder), &mut files);
        files.sort();
        for file in files {
            read(&file, &detector, &mut scratch, &mut noise);
        }
    }
    println!("{} scripts", noise.files);
    for (kind, count) in &noise.events {
        println!("{kind}: {count}");
    }
    for (severity, count) in &noise.verdicts {
        println!("{severity}: {count}");
    }
    for line in &noise.loud {
        println!("{line}");
    }
    let events: usize = noise.events.values().sum();
    let share = noise.loud.len() as f64 / events.max(1) as f64;
    println!(
        "at least medium: {} of {} ({:.1} in 10,000)",
        noise.loud.len(),
        events,
        share * 10_000.0
    );
    Ok(())
}

/// Lists the files below a folder; links are not followed.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            walk(&entry.path(), files);
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
}

fn language(path: &Path, text: &[u8]) -> Option<Language> {
    let first = text.split(|byte| *byte == b'\n').next()?;
    let has = |what: &str| {
        first.windows(what.len()).any(|part| part == what.as_bytes())
    };
    let ending = path.extension().and_then(|ending| ending.to_str());
    let folder = path.parent().and_then(|folder| folder.to_str());
    Some(match ending {
        Some("ps1" | "psm1") => Language::PowerShell,
        Some("service" | "timer") => Language::Units,
        _ if folder.is_some_and(|it| it.ends_with("/etc/cron.d")) => {
            Language::Crontab
        }
        Some("sh" | "bash") => Language::Shell,
        _ if first.starts_with(b"#!") && (has("/sh") || has("bash")) => {
            Language::Shell
        }
        _ => return None,
    })
}

fn read(
    path: &Path,
    detector: &Detector,
    scratch: &mut Scratch,
    noise: &mut Noise,
) {
    let is_short =
        fs::metadata(path).is_ok_and(|about| about.len() <= MOST_BYTES);
    let Some(text) = is_short.then(|| fs::read(path).ok()).flatten() else {
        return;
    };
    if path.extension().is_some_and(|ending| ending == "list") {
        written(path, &text, detector, scratch, noise);
    }
    let Some(language) = language(path, &text) else { return };
    noise.files += 1;
    if language == Language::PowerShell {
        let event = Event::windows(ScriptBlock {
            script_block_text: Some(&text),
            ..Default::default()
        });
        judge(&event, detector, scratch, noise, || {
            format!("{}: the whole script", path.display())
        });
    }
    let parent: &[u8] = match language {
        Language::PowerShell => br"C:\Windows\explorer.exe",
        Language::Units => b"/usr/lib/systemd/systemd",
        Language::Crontab => b"/usr/sbin/cron",
        Language::Shell if is_of_a_package(path) => b"/usr/bin/dpkg",
        Language::Shell => b"/usr/bin/bash",
    };
    let text = String::from_utf8_lossy(&text).replace("\\\n", " ");
    for line in text.lines().map(str::trim) {
        let Some(line) = command(language, line) else { continue };
        let (event, image);
        event = match language {
            Language::PowerShell => {
                image = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"
                    .to_string();
                Event::windows(ProcessCreation {
                    image: Some(image.as_bytes()),
                    command_line: Some(line.as_bytes()),
                    parent_image: Some(parent),
                    ..Default::default()
                })
            }
            _ => {
                image = match line.split_whitespace().next() {
                    Some(program) if language == Language::Units => {
                        program.to_string()
                    }
                    _ => "/usr/bin/dash".to_string(),
                };
                Event::linux(ProcessCreation {
                    image: Some(image.as_bytes()),
                    command_line: Some(line.as_bytes()),
                    parent_image: Some(parent),
                    ..Default::default()
                })
            }
        };
        judge(&event, detector, scratch, noise, || {
            format!("{}: {line}", path.display())
        });
    }
}

/// Whether a script is one that the package manager runs: of an installed
/// package, or of one that `dpkg-deb -R` unpacked.
fn is_of_a_package(path: &Path) -> bool {
    path.starts_with("/var/lib/dpkg")
        || path.parent().is_some_and(|folder| folder.ends_with("DEBIAN"))
}

/// The files that an installed package has, as they are written.
fn written(
    path: &Path,
    list: &[u8],
    detector: &Detector,
    scratch: &mut Scratch,
    noise: &mut Noise,
) {
    if !is_of_a_package(path) {
        return;
    }
    let files = list.split(|byte| *byte == b'\n');
    for file in files.filter(|file| !file.is_empty()) {
        let event = Event::linux(FileCreation {
            image: Some(b"/usr/bin/dpkg"),
            target_filename: Some(file),
            ..Default::default()
        });
        judge(&event, detector, scratch, noise, || {
            String::from_utf8_lossy(file).into_owned()
        });
    }
}

/// Counts an event, and keeps what is said of it if that is loud.
fn judge(
    event: &Event<'_>,
    detector: &Detector,
    scratch: &mut Scratch,
    noise: &mut Noise,
    place: impl Fn() -> String,
) {
    *noise.events.entry(event.kind().name()).or_default() += 1;
    let Some(verdict) = detector.evaluate(event, scratch).verdict() else {
        return;
    };
    *noise.verdicts.entry(verdict.severity()).or_default() += 1;
    if verdict.severity() >= Severity::Medium {
        noise.loud.push(format!("{}\n    {verdict}", place()));
    }
}

/// The command line that a line of a file becomes, if it is a command.
fn command(language: Language, line: &str) -> Option<String> {
    if line.is_empty() || line.starts_with(['#', ';']) {
        return None;
    }
    Some(match language {
        Language::Shell => format!("/bin/sh -c {line}"),
        Language::PowerShell => format!("powershell.exe -Command {line}"),
        Language::Units => {
            let line = line.strip_prefix("ExecStart=")?;
            line.trim_start_matches(['-', '@', '+', '!', ':']).to_string()
        }
        // Five fields, a user, and the command; or `@daily`.
        Language::Crontab => {
            let fields = if line.starts_with('@') { 2 } else { 6 };
            let mut rest = line;
            for _ in 0..fields {
                let (_, behind) = rest.split_once(char::is_whitespace)?;
                rest = behind.trim_start();
            }
            format!("/bin/sh -c {rest}")
        }
    })
}
