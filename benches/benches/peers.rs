//! t1053 and its peers on the same records: a table for docs/speed.md.
//!
//! `--record` keeps the results under `benches/record` and puts the table
//! into docs/speed.md; `--quick` takes fewer turns on smaller logs.
//! `--public` measures the public rules alone, and records nothing.
//!
//! `T1053_CORPUS` names a folder of real logs, `T1053_SIGMA` one of public
//! Sigma files; without them their rows are missing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use t1053::event::Event;
use t1053::rule::Rule;
use t1053::{Detector, Report, Scanner, Scratch};
use t1053_benches::log::{Log, Shape};
use t1053_benches::measure::{Contender, median, p99, take_turns};
use t1053_benches::peers::rsigma::{Parsed, Rsigma};
use t1053_benches::peers::sigma_rust::SigmaRust;
use t1053_benches::peers::{Found, Refused};
use t1053_benches::{allocations, corpus, events, machine, measure, rules};

const US: &str = "t1053";
const SHIPPED: &str = "rsigma-eval, as shipped";
const CAREFUL: &str = "rsigma-eval, with care";
const SIGMA_RUST: &str = "sigma-rust";
const MEMMEM: &str = "memmem";
const HYPERSCAN: &str = "Hyperscan";

const COLUMNS: [&str; 6] =
    [US, SHIPPED, CAREFUL, SIGMA_RUST, MEMMEM, HYPERSCAN];

/// What Hyperscan looks for: as many literals as a gate before the parser
/// would have.
#[cfg(feature = "hyperscan")]
const LITERALS: [&str; 12] = [
    "schtasks",
    "at.exe",
    "wmiprvse.exe",
    "crontab",
    "systemctl",
    "ScheduledTask",
    "TaskCache",
    "Schedule\\Configuration",
    "TaskContent",
    "TaskScheduler",
    "EnableAt",
    "svchost.exe -k",
];

/// One number, as each pass found it.
struct Figure {
    work: String,
    who: &'static str,
    values: Vec<f64>,
    unit: &'static str,
}

impl Figure {
    /// The median of the passes.
    fn value(&self) -> f64 {
        let mut values = self.values.clone();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    }
}

/// What was measured, and what the project wants to see.
#[derive(Default)]
struct Results {
    all: Vec<Figure>,
    wanted: BTreeMap<String, String>,
    notes: Vec<String>,
}

impl Results {
    fn add(
        &mut self,
        work: &str,
        who: &'static str,
        value: f64,
        unit: &'static str,
    ) {
        eprintln!("{work}: {who}: {} {unit}", digits(value));
        let is_same = |it: &&mut Figure| it.work == work && it.who == who;
        if let Some(figure) = self.all.iter_mut().find(is_same) {
            figure.values.push(value);
            return;
        }
        let (work, values) = (work.to_owned(), vec![value]);
        self.all.push(Figure { work, who, values, unit });
    }

    fn want(&mut self, work: &str, wanted: &str) {
        self.wanted.insert(work.into(), wanted.into());
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            eprintln!("{note}");
            self.notes.push(note);
        }
    }

    fn value(&self, work: &str, who: &str) -> Option<f64> {
        let found =
            self.all.iter().find(|it| it.work == work && it.who == who);
        found.map(Figure::value)
    }

    /// How many times another work's value a work's is.
    fn times(&self, work: &str, other: &str) -> String {
        let value = |work| self.value(work, US).unwrap_or_default();
        digits(value(work) / value(other))
    }

    /// One line for each work; beside each other's value, how many times as
    /// good t1053's is. In brief: the works that something is wanted of.
    fn table(&self, in_brief: bool) -> String {
        let columns = COLUMNS.join(" | ");
        let rules = "---|".repeat(COLUMNS.len());
        let (wanted, rule) =
            if in_brief { ("", "") } else { (" wanted |", "---|") };
        let mut text =
            format!("| | {columns} |{wanted}\n|---|{rules}{rule}\n");
        let mut seen = BTreeSet::new();
        for Figure { work, unit, .. } in &self.all {
            let is_left_out = in_brief && !self.wanted.contains_key(work);
            if is_left_out || !seen.insert(work) {
                continue;
            }
            let _ = write!(text, "| {work} |");
            for who in COLUMNS {
                let Some(value) = self.value(work, who) else {
                    text.push_str(" |");
                    continue;
                };
                let ours = self.value(work, US).unwrap_or(0.0);
                let times = match *unit {
                    "GB/s" => ours / value,
                    _ => value / ours,
                };
                let value = format!("{} {unit}", digits(value));
                let value = value.trim_end();
                let _ = match who {
                    US => write!(text, " **{value}** |"),
                    _ if times.is_finite() => {
                        write!(text, " {value} ({}x) |", digits(times))
                    }
                    _ => write!(text, " {value} |"),
                };
            }
            if !in_brief {
                let wanted = self.wanted.get(work).map_or("", String::as_str);
                let _ = write!(text, " {wanted} |");
            }
            text.push('\n');
        }
        text
    }

    fn csv(&self, about: &About) -> String {
        let mut text =
            "date,commit,processor,compiler,work,who,value,unit\n".to_owned();
        for figure in &self.all {
            let value = figure.value();
            let Figure { work, who, unit, .. } = figure;
            let About { date, commit, processor, compiler, .. } = about;
            let _ = writeln!(
                text,
                "{date},{commit},\"{processor}\",\"{compiler}\",\"{work}\",\"{who}\",{value:.6},{unit}",
            );
        }
        text
    }
}

/// Three digits that count.
fn digits(value: f64) -> String {
    match value.abs() {
        it if it >= 100.0 || it == 0.0 => format!("{value:.0}"),
        it if it >= 10.0 => format!("{value:.1}"),
        it if it >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

struct About {
    date: String,
    commit: String,
    processor: String,
    compiler: String,
    load: String,
}

/// Matches that t1053 finds in a log, those of sequences left out.
fn ours(detector: &Detector, log: &[u8]) -> Found {
    let mut found = Found::new();
    let mut scanner = Scanner::new(detector);
    let mut sink = |report: Report<'_>| {
        if let Report::Match(it) = report {
            let slug = it.found.detection().slug.to_string();
            found.insert((it.record as usize, slug));
        }
        ControlFlow::Continue(())
    };
    let _ = scanner.feed(log, &mut sink);
    let _ = scanner.finish(&mut sink);
    found
}

struct Peers {
    shipped: BTreeMap<&'static str, Rsigma>,
    careful: BTreeMap<&'static str, Rsigma>,
    sigma_rust: SigmaRust,
}

impl Peers {
    fn new() -> Peers {
        let files = rules::builtin();
        let of = |with_care| {
            [Shape::FlatJson, Shape::EvtxJson]
                .map(|it| (it.name(), Rsigma::new(&files, it, with_care)))
                .into_iter()
                .collect()
        };
        Peers {
            shipped: of(false),
            careful: of(true),
            sigma_rust: SigmaRust::new(&files),
        }
    }

    fn refused(&self, results: &mut Results) {
        let say = |who: &str, refused: &[Refused]| {
            let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for Refused { slug, reason } in refused {
                reasons.entry(reason).or_default().push(slug);
            }
            reasons
                .into_iter()
                .map(|(reason, slugs)| {
                    let slugs = slugs.join("`, `");
                    format!("{who} does not run `{slugs}`: {reason}.")
                })
                .collect::<Vec<String>>()
        };
        let shipped = &self.shipped[Shape::FlatJson.name()];
        results.note(format!(
            "t1053 runs all {} detections; rsigma-eval and sigma-rust run {} and {} of them. Matches are compared for the {} that need nothing but the fields of a Windows record; the others are about other systems, or about parts of a task definition that only t1053 takes apart.",
            t1053::catalog::builtin().len(),
            shipped.rule_count(),
            self.sigma_rust.rule_count(),
            shipped.comparable().len(),
        ));
        for note in say("rsigma-eval", &shipped.refused) {
            results.note(note);
        }
        for note in say("sigma-rust", &self.sigma_rust.refused) {
            results.note(note);
        }
    }

    /// Compares what is found, of the rules that a peer runs. In made logs
    /// it must be the same.
    fn compare(&self, detector: &Detector, log: &Log, results: &mut Results) {
        let ours = ours(detector, &log.bytes);
        let shape = log.shape.name();
        let mut same = Vec::new();
        let mut compare = |who: &str,
                           slugs: &BTreeSet<String>,
                           theirs: Found| {
            let restrict = |all: &Found| -> Found {
                let found = all.iter();
                found
                    .filter(|(_, slug)| slugs.contains(slug))
                    .cloned()
                    .collect()
            };
            let (ours, theirs) = (restrict(&ours), restrict(&theirs));
            let differ = |left: &Found, right: &Found| {
                let mut by_slug: BTreeMap<String, Vec<usize>> =
                    BTreeMap::new();
                for (record, slug) in left.difference(right) {
                    by_slug.entry(slug.clone()).or_default().push(*record);
                }
                by_slug
            };
            let common = ours.intersection(&theirs).count();
            let only_ours = differ(&ours, &theirs);
            let only_theirs = differ(&theirs, &ours);
            if only_ours.is_empty() && only_theirs.is_empty() {
                same.push(format!("{who} ({common} matches)"));
                return;
            }
            let is_made = !log.name.contains("corpus");
            let say = |it: &BTreeMap<String, Vec<usize>>| {
                let each = it.iter().map(|(slug, records)| {
                    let first = &records[..records.len().min(3)];
                    format!(
                        "{slug} {} times (records {first:?})",
                        records.len()
                    )
                });
                each.collect::<Vec<String>>().join(", ")
            };
            let text = format!(
                "{}: {who} and t1053 agree on {common} matches; only t1053: {}; only {who}: {}.",
                log.name,
                if only_ours.is_empty() {
                    "none".into()
                } else {
                    say(&only_ours)
                },
                if only_theirs.is_empty() {
                    "none".into()
                } else {
                    say(&only_theirs)
                },
            );
            assert!(!is_made, "{text}");
            results.note(text);
        };
        if let Some(rsigma) = self.shipped.get(shape) {
            let theirs = rsigma.found(false, &log.bytes);
            compare(SHIPPED, rsigma.comparable(), theirs);
        }
        if let Some(rsigma) = self.careful.get(shape) {
            let theirs = rsigma.found(true, &log.bytes);
            compare(CAREFUL, rsigma.comparable(), theirs);
        }
        if log.shape == Shape::FlatJson {
            let theirs = self.sigma_rust.found(&log.bytes);
            compare(SIGMA_RUST, self.sigma_rust.comparable(), theirs);
        }
        if !same.is_empty() {
            let same = same.join(", ");
            results.note(format!("{}: the same as {same}.", log.name));
        }
    }
}

/// Everyone scans some logs of one kind.
fn scan(
    results: &mut Results,
    detector: &Detector,
    peers: Option<&Peers>,
    work: &str,
    logs: &[Log],
    limits: bool,
    rounds: usize,
) {
    let bytes: usize = logs.iter().map(|log| log.bytes.len()).sum();
    let finder = memchr::memmem::Finder::new("schtasks");
    #[cfg(feature = "hyperscan")]
    let mut hyperscan = t1053_benches::hyperscan::Hyperscan::new(&LITERALS);
    let mut scanner = Scanner::new(detector);
    let mut contenders = vec![Contender::new(US, || {
        for log in logs {
            black_box(measure::scan(&mut scanner, &log.bytes));
        }
    })];
    if let Some(peers) = peers {
        for (who, engines, with_care) in
            [(SHIPPED, &peers.shipped, false), (CAREFUL, &peers.careful, true)]
        {
            contenders.push(Contender::new(who, move || {
                for log in logs {
                    let engine = &engines[log.shape.name()];
                    black_box(engine.scan(with_care, &log.bytes));
                }
            }));
        }
        if logs.iter().all(|log| log.shape == Shape::FlatJson) {
            contenders.push(Contender::new(SIGMA_RUST, || {
                for log in logs {
                    black_box(peers.sigma_rust.scan(&log.bytes));
                }
            }));
        }
    }
    if limits {
        contenders.push(Contender::new(MEMMEM, || {
            for log in logs {
                black_box(finder.find_iter(&log.bytes).count());
            }
        }));
    }
    #[cfg(feature = "hyperscan")]
    if limits {
        contenders.push(Contender::new(HYPERSCAN, || {
            for log in logs {
                black_box(hyperscan.count(&log.bytes));
            }
        }));
    }
    let names: Vec<&str> = contenders.iter().map(|it| it.name).collect();
    let names: Vec<&'static str> =
        COLUMNS.into_iter().filter(|who| names.contains(who)).collect();
    let times = take_turns(contenders, rounds);
    for (who, seconds) in names.into_iter().zip(times) {
        results.add(work, who, bytes as f64 / seconds / 1e9, "GB/s");
    }
}

/// An event as flat JSON, for those who read it from there.
fn as_json(event: &Event<'_>) -> String {
    let mut map = serde_json::Map::new();
    map.insert("EventID".into(), 1.into());
    if let Some(user) = event.user {
        map.insert("User".into(), String::from_utf8_lossy(user).into());
    }
    for field in event.kind().fields() {
        if let Some(value) = event.get(*field) {
            let text = String::from_utf8_lossy(value).into_owned();
            map.insert(field.name().into(), text.into());
        }
    }
    serde_json::Value::Object(map).to_string()
}

/// Everyone evaluates one event that is parsed already.
fn evaluate(
    results: &mut Results,
    detector: &Detector,
    peers: &Peers,
    rounds: usize,
) {
    const TIMES: usize = 20_000;
    for (work, event) in [
        (
            "evaluate a process creation that matches nothing",
            events::process_miss(),
        ),
        ("evaluate a process creation with 4 matches", events::process_hit()),
    ] {
        results.want(work, "25x rsigma-eval as shipped (about 100 ns)");
        let json = as_json(&event);
        let value: serde_json::Value =
            serde_json::from_str(&json).expect("just written");
        let parsed = Parsed::new(json.as_bytes()).expect("just written");
        let shipped = &peers.shipped[Shape::FlatJson.name()];
        let careful = &peers.careful[Shape::FlatJson.name()];
        let theirs = sigma_rust::event_from_json(&json).expect("just written");
        let slugs = shipped.comparable();
        let mut scratch = Scratch::new(detector);
        let ours = detector
            .evaluate(&event, &mut scratch)
            .filter(|it| slugs.contains(it.detection().slug.as_ref()))
            .count();
        let mut others = 0;
        peers.sigma_rust.evaluate(&theirs, |_| others += 1);
        assert_eq!(ours, shipped.evaluate(&value), "{work}");
        assert_eq!(ours, careful.evaluate_with_care(&parsed), "{work}");
        assert_eq!(ours, others, "{work}");
        let times = take_turns(
            vec![
                Contender::new(US, || {
                    for _ in 0..TIMES {
                        let event = black_box(&event);
                        black_box(
                            detector.evaluate(event, &mut scratch).count(),
                        );
                    }
                }),
                Contender::new(SHIPPED, || {
                    for _ in 0..TIMES {
                        black_box(shipped.evaluate(black_box(&value)));
                    }
                }),
                Contender::new(CAREFUL, || {
                    for _ in 0..TIMES {
                        black_box(
                            careful.evaluate_with_care(black_box(&parsed)),
                        );
                    }
                }),
                Contender::new(SIGMA_RUST, || {
                    for _ in 0..TIMES {
                        peers.sigma_rust.evaluate(
                            black_box(&theirs),
                            |slug| {
                                black_box(slug);
                            },
                        );
                    }
                }),
            ],
            rounds,
        );
        let who = [US, SHIPPED, CAREFUL, SIGMA_RUST];
        for (who, seconds) in who.into_iter().zip(times) {
            results.add(work, who, seconds / TIMES as f64 * 1e9, "ns");
        }
        let work = format!("allocations to {work}");
        results.want(&work, "0");
        let ours = allocations::during(|| {
            black_box(detector.evaluate(&event, &mut scratch).count());
        });
        assert_eq!(ours.count, 0, "{work}");
        results.add(&work, US, ours.count as f64, "");
        let theirs = allocations::during(|| {
            black_box(shipped.evaluate(&value));
        });
        results.add(&work, SHIPPED, theirs.count as f64, "");
        let theirs = allocations::during(|| {
            black_box(careful.evaluate_with_care(&parsed));
        });
        results.add(&work, CAREFUL, theirs.count as f64, "");
        let other = allocations::during(|| {
            peers.sigma_rust.evaluate(&theirs_event(&json), |_| {});
        });
        let parsing = allocations::during(|| drop(theirs_event(&json)));
        let count = other.count.saturating_sub(parsing.count);
        results.add(&work, SIGMA_RUST, count as f64, "");
    }

    let work = "evaluate an event that no rule asks for";
    results.want(work, "5 ns");
    let event = events::of_no_interest();
    let mut scratch = Scratch::new(detector);
    let time = alone(rounds, || {
        for _ in 0..TIMES {
            black_box(
                detector.evaluate(black_box(&event), &mut scratch).count(),
            );
        }
    });
    results.add(work, US, time / TIMES as f64 * 1e9, "ns");

    let work = "99 of 100 process creations, each timed alone, within";
    results.want(work, "");
    let samples = [events::process_miss(), events::process_hit()];
    let times = (0..100_000usize).map(|turn| {
        // One in fifty matches, as in the made logs.
        let event = &samples[usize::from(turn % 50 == 0)];
        let start = Instant::now();
        black_box(detector.evaluate(black_box(event), &mut scratch).count());
        start.elapsed()
    });
    let time = p99(times.collect());
    results.add(work, US, time.as_secs_f64() * 1e9, "ns");
}

fn theirs_event(json: &str) -> sigma_rust::Event {
    sigma_rust::event_from_json(json).expect("just written")
}

/// Seconds that one who takes no turns with others needs.
fn alone(rounds: usize, work: impl FnMut()) -> f64 {
    take_turns(vec![Contender::new(US, work)], rounds)[0]
}

/// Allocations for each record of a log.
fn scan_allocations(
    results: &mut Results,
    detector: &Detector,
    peers: &Peers,
    log: &Log,
) {
    let work = "allocations to scan one record of flat JSON, 14 % candidates";
    results.want(work, "0");
    let mut scanner = Scanner::new(detector);
    measure::scan(&mut scanner, &log.bytes);
    let records = scanner.counts().records as f64;
    // Warm: the buffers have grown. The stream goes on with the same log.
    let ours = allocations::during(|| {
        let _ = scanner.feed(&log.bytes, |_| ControlFlow::Continue(()));
    });
    results.add(work, US, ours.count as f64 / records, "");
    let shape = log.shape.name();
    let theirs = allocations::during(|| {
        black_box(peers.shipped[shape].scan(false, &log.bytes));
    });
    results.add(work, SHIPPED, theirs.count as f64 / records, "");
    let theirs = allocations::during(|| {
        black_box(peers.careful[shape].scan(true, &log.bytes));
    });
    results.add(work, CAREFUL, theirs.count as f64 / records, "");
    let theirs = allocations::during(|| {
        black_box(peers.sigma_rust.scan(&log.bytes));
    });
    results.add(work, SIGMA_RUST, theirs.count as f64 / records, "");
}

/// The same event under more and more rules, all of which say something else.
fn more_rules(results: &mut Results, rounds: usize) {
    const TIMES: usize = 20_000;
    let base = t1053::catalog::builtin().len();
    let detectors =
        [base, 450, 4500].map(|count| (count, rules::detector(count)));
    for (what, event) in [
        ("that matches nothing", events::process_miss()),
        ("with 4 matches", events::process_hit()),
    ] {
        let contenders = detectors.iter().map(|(_, detector)| {
            let mut scratch = Scratch::new(detector);
            let event = &event;
            Contender::new(US, move || {
                for _ in 0..TIMES {
                    let event = black_box(event);
                    let found = detector.evaluate(event, &mut scratch);
                    black_box(found.count());
                }
            })
        });
        let times = take_turns(contenders.collect(), rounds);
        for ((count, _), time) in detectors.iter().zip(&times) {
            let work = |count| {
                format!("evaluate a process creation {what}, {count} rules")
            };
            let (first, work) = (work(&base), work(count));
            results.add(&work, US, time / TIMES as f64 * 1e9, "ns");
            if *count == base {
                results.want(&work, "");
            } else {
                let wanted = match count {
                    450 => format!("1.5x the time of {base} rules; "),
                    _ => String::new(),
                };
                let seen = results.times(&work, &first);
                results.want(&work, &format!("{wanted}{seen}x seen"));
            }
        }
    }
}

/// The same event under thousands of public rules, which share programs,
/// words and short options as made-up ones do not.
fn public_rules(results: &mut Results, rounds: usize) {
    const TIMES: usize = 2_000;
    let Some(public) = rules::public() else {
        results.note(
            "No public rules: `T1053_SIGMA` names a folder of them.".into(),
        );
        return;
    };
    let count = public.rules.len();
    results.note(format!(
        "Public rules: {count} compile; {} more have the title of another; {} files are refused, most for log sources or fields that no kind of event has.",
        public.repeated,
        public.refused,
    ));
    let build = || {
        let add = |builder: t1053::DetectorBuilder, rule: &Rule| {
            builder.rule(rule.clone())
        };
        let builder = public.rules.iter().fold(Detector::builder(), add);
        builder.build().expect("the rules are sound")
    };
    let work = format!("construct a detector of {count} public rules");
    results.want(&work, "");
    let time = alone(rounds.min(3), || {
        black_box(build());
    });
    results.add(&work, US, time * 1e3, "ms");
    let detector = build();
    let rsigma = Rsigma::new(&public.files, Shape::FlatJson, false);
    for (what, event) in [
        ("that matches none of the built-in ones", events::process_miss()),
        ("that matches 4 of the built-in ones", events::process_hit()),
    ] {
        let work = format!(
            "evaluate a process creation {what}, {count} public rules"
        );
        results.want(&work, "");
        let json = as_json(&event);
        let value: serde_json::Value =
            serde_json::from_str(&json).expect("just written");
        let mut scratch = Scratch::new(&detector);
        let builtin = t1053::catalog::builtin();
        let is_public = |slug: &str| {
            builtin.iter().all(|rule| rule.detection.slug != slug)
        };
        let ours: BTreeSet<String> = detector
            .evaluate(&event, &mut scratch)
            .map(|it| it.detection().slug.to_string())
            .filter(|slug| is_public(slug))
            .collect();
        let theirs = rsigma.found(false, json.as_bytes());
        let theirs: BTreeSet<String> =
            theirs.into_iter().map(|(_, slug)| slug).collect();
        assert_eq!(ours, theirs, "{work}");
        let contenders = vec![
            Contender::new(US, || {
                for _ in 0..TIMES {
                    let event = black_box(&event);
                    let found = detector.evaluate(event, &mut scratch);
                    black_box(found.count());
                }
            }),
            Contender::new(SHIPPED, || {
                for _ in 0..TIMES {
                    black_box(rsigma.evaluate(black_box(&value)));
                }
            }),
        ];
        let times = take_turns(contenders, rounds);
        for (who, seconds) in [US, SHIPPED].into_iter().zip(times) {
            results.add(&work, who, seconds / TIMES as f64 * 1e9, "ns");
        }
    }
}

/// One scanner a thread, all of the same log.
fn threads(
    results: &mut Results,
    detector: &Detector,
    log: &Log,
    rounds: usize,
) {
    const TURNS: usize = 8;
    let most = std::thread::available_parallelism().map_or(1, usize::from);
    let counts: Vec<usize> =
        [1, 2, 4, 8, 16].into_iter().filter(|it| *it <= most).collect();
    let mut times = vec![(Vec::new(), Vec::new()); counts.len()];
    for _ in 0..rounds {
        for (count, (walls, processors)) in counts.iter().zip(&mut times) {
            // Scanners are made, and warm, before the clock runs.
            let mut scanners: Vec<Scanner> = (0..*count)
                .map(|_| {
                    let mut scanner = Scanner::new(detector);
                    measure::scan(&mut scanner, &log.bytes);
                    scanner
                })
                .collect();
            let start = Instant::now();
            let processor: Duration = std::thread::scope(|scope| {
                let threads: Vec<_> = scanners
                    .iter_mut()
                    .map(|scanner| {
                        scope.spawn(|| {
                            let start = ThreadTime::now();
                            for _ in 0..TURNS {
                                let found = measure::scan(scanner, &log.bytes);
                                black_box(found);
                            }
                            start.elapsed()
                        })
                    })
                    .collect();
                threads.into_iter().map(|it| it.join().expect("done")).sum()
            });
            walls.push(start.elapsed());
            processors.push(processor / *count as u32);
        }
    }
    let bytes = (TURNS * log.bytes.len()) as f64;
    let clocks = ["by the wall clock", "by time on the processors"];
    let (walls, processors): (Vec<_>, Vec<_>) = times.into_iter().unzip();
    for (clock, times) in clocks.into_iter().zip([walls, processors]) {
        let work = |count: usize| {
            let plural = if count == 1 { "" } else { "s" };
            format!("scan {}, {count} thread{plural}, {clock}", log.name)
        };
        for (count, times) in counts.iter().zip(times) {
            let time = median(times).as_secs_f64();
            let (first, work) = (work(1), work(*count));
            let speed = bytes * *count as f64 / time / 1e9;
            results.add(&work, US, speed, "GB/s");
            if *count == 1 {
                results.want(&work, "");
            } else {
                let wanted =
                    if *count == 4 { "3.5x one thread; " } else { "" };
                let seen = results.times(&work, &first);
                results.want(&work, &format!("{wanted}{seen}x seen"));
            }
        }
    }
}

fn construction(results: &mut Results, rounds: usize) {
    let work = "construct the default detector";
    results.want(work, "at most 500 us");
    let time = alone(rounds, || {
        for _ in 0..20 {
            black_box(Detector::new());
        }
    });
    results.add(work, US, time / 20.0 * 1e6, "us");
}

/// What does not change from pass to pass, and what the system sees once
/// only: memory that was given back is had again.
fn sizes(results: &mut Results) {
    let work = "memory of it and its scratch, by its own count";
    results.want(work, "");
    let detector = Detector::new();
    let memory =
        detector.memory_usage() + Scratch::new(&detector).memory_usage();
    results.add(work, US, memory as f64 / 1024.0, "KiB");
    let work =
        "memory of it, its scratch and a scanner, as the system sees it";
    results.want(work, "at most 1024 KiB");
    let before = machine::resident();
    let all: Vec<_> = (0..64)
        .map(|_| {
            let detector = Detector::new();
            let scratch = Scratch::new(&detector);
            let scanner = Scanner::new(&detector);
            (detector, scratch, scanner)
        })
        .collect();
    let memory = machine::resident().saturating_sub(before);
    results.add(work, US, memory as f64 / 64.0 / 1024.0, "KiB");
    drop(all);
    // Only where it was built: `cargo build --release -p t1053-ffi`.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let library = root.join("target/release/libt1053.so");
    let stripped = root.join("target/release/stripped");
    let strip = Command::new("strip")
        .arg("-o")
        .args([&stripped, &library])
        .stderr(Stdio::null())
        .status();
    if let (Ok(_), Ok(about)) = (strip, std::fs::metadata(&stripped)) {
        let size = about.len() as f64 / 1024.0;
        results.want("size of the C library", "");
        results.add("size of the C library", US, size, "KiB");
    }
}

/// Where limits and peers stand in the way of each other's records.
fn scans(
    results: &mut Results,
    detector: &Detector,
    peers: &Peers,
    size: usize,
    rounds: usize,
) {
    let logs = corpus::logs(&corpus::JSON);
    for log in &logs {
        peers.compare(detector, log, results);
    }
    if !logs.is_empty() {
        let work = "scan the corpus' JSON files";
        results.want(
            work,
            "25x rsigma-eval as shipped, a quarter of memmem, Hyperscan",
        );
        scan(results, detector, Some(peers), work, &logs, true, rounds);
    }
    for log in logs {
        let megabytes = log.bytes.len() as f64 / 1e6;
        let work = format!("scan {}, {megabytes:.0} MB", log.name);
        scan(results, detector, Some(peers), &work, &[log], true, rounds);
    }
    for (files, name) in [(&corpus::XML, "XML"), (&corpus::AUDITD, "auditd")] {
        let logs = corpus::logs(files);
        let size: usize = logs.iter().map(|log| log.bytes.len()).sum();
        if size > 0 {
            let work =
                format!("scan the corpus' {name} files, {} kB", size / 1000);
            scan(results, detector, None, &work, &logs, true, rounds);
        }
    }
    for shape in Shape::ALL {
        let is_read_by_peers =
            matches!(shape, Shape::FlatJson | Shape::EvtxJson);
        for candidates in [Some(1), Some(10), Some(140), Some(1000), None] {
            let log = match candidates {
                Some(candidates) => Log::made(shape, candidates, size),
                None => Log::noise(shape, size),
            };
            let work = format!("scan made {}", log.name);
            match (shape, candidates.unwrap_or(1000)) {
                (Shape::FlatJson | Shape::EvtxJson, 1000) => {
                    results.want(&work, "5x rsigma-eval, 1 GB/s");
                }
                (Shape::Xml | Shape::Auditd, 1000) => {
                    results.want(&work, "1 GB/s")
                }
                (Shape::Xml | Shape::Auditd, 10) => {
                    results.want(&work, "4 GB/s")
                }
                _ => {}
            }
            if is_read_by_peers {
                peers.compare(detector, &log, results);
            }
            let peers = is_read_by_peers.then_some(peers);
            let limits = candidates == Some(1000);
            scan(results, detector, peers, &work, &[log], limits, rounds);
        }
    }
}

/// Puts the table where docs/speed.md has its place.
fn into_page(table: &str) {
    const BEGIN: &str = "<!-- benches:begin -->\n";
    const END: &str = "<!-- benches:end -->";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/speed.md");
    let text = std::fs::read_to_string(&path).expect("a page");
    let begin = text.find(BEGIN).expect("a place for the table");
    let end = text.find(END).expect("an end of that place");
    let (before, after) = (&text[..begin + BEGIN.len()], &text[end..]);
    let text = format!("{before}\n{table}\n{after}");
    std::fs::write(path, text).expect("a page that can be written");
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|it| it == flag);
    // Who else is on the machine may be busy for longer than a row takes, so
    // all is done several times over.
    let (size, rounds, passes) =
        if has("--quick") { (4 << 20, 3, 1) } else { (16 << 20, 9, 5) };
    let about = About {
        date: machine::date(),
        commit: machine::commit(),
        processor: machine::processor(),
        compiler: machine::compiler(),
        load: machine::load(),
    };
    let mut results = Results::default();
    if has("--public") {
        public_rules(&mut results, rounds);
        println!("{}", results.table(true));
        return;
    }
    let detector = Detector::new();
    let peers = Peers::new();
    peers.refused(&mut results);
    for pass in 0..passes {
        construction(&mut results, rounds);
        if pass == 0 {
            sizes(&mut results);
        }
        evaluate(&mut results, &detector, &peers, rounds);
        more_rules(&mut results, rounds);
        public_rules(&mut results, rounds);
        scans(&mut results, &detector, &peers, size, rounds);
        let log = Log::made(Shape::FlatJson, 140, size);
        scan_allocations(&mut results, &detector, &peers, &log);
        threads(&mut results, &detector, &log, rounds);
    }

    let brief = results.table(true);
    println!("{brief}");
    let table = results.table(false);
    if has("--record") {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("record");
        let About { date, commit, processor, compiler, load } = &about;
        let mut text = format!(
            "# {date}\n\nCommit {commit}; {processor}; {compiler}; load {load} when it began. Medians of {passes} passes of {rounds} rounds in which everyone takes turns, one thread\nunless it says otherwise. In brackets: how many times as good t1053 is.\n\n{table}\n",
        );
        for note in &results.notes {
            let _ = writeln!(text, "- {note}");
        }
        let write = |name: String, text: String| {
            std::fs::write(folder.join(name), text)
                .expect("a folder to write to");
        };
        write(format!("{date}.md"), text);
        write(format!("{date}.csv"), results.csv(&about));
        into_page(&format!(
            "{date}, {processor}, load {load}, {compiler}, commit {commit}:\n\n{table}"
        ));
    }
}
