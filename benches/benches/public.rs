//! Public Sigma rules by the thousand, beside rsigma-eval: first whether both
//! say the same of real records, then what it costs.
//!
//! `verdicts` and `times` do one of the two; `--record` keeps what was found
//! under `benches/record`. `T1053_SIGMA` names a folder of public Sigma files,
//! `T1053_CORPUS` one of real logs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use t1053::event::{Event, EventKind};
use t1053::rule::Rule;
use t1053::{Detector, Report, RuleSet, Scanner, Scratch};
use t1053_benches::log::{Log, Shape};
use t1053_benches::measure::{Contender, scan, take_turns};
use t1053_benches::peers::lines;
use t1053_benches::peers::recorded::Recorded;
use t1053_benches::peers::rsigma::Rsigma;
use t1053_benches::rules::{self, Public};
use t1053_benches::{allocations, corpus, events, machine};

/// As many rules as the first measurement with public rules had.
const FIRST_MEASURED: usize = 2251;

/// A detector of some rules alone.
fn detector(rules: impl IntoIterator<Item = Rule>) -> Detector {
    let builder = Detector::builder().without_builtin();
    builder.rules(rules).build().expect("the rules are sound")
}

/// Matches that t1053 finds in a log.
fn ours(detector: &Detector, log: &[u8]) -> BTreeMap<usize, BTreeSet<String>> {
    let mut found = BTreeMap::<_, BTreeSet<String>>::new();
    let mut scanner = Scanner::new(detector);
    let mut sink = |report: Report<'_>| {
        if let Report::Match(matched) = report {
            let slug = matched.found.detection().slug.to_string();
            let record = matched.record as usize;
            found.entry(record).or_default().insert(slug);
        }
        ControlFlow::Continue(())
    };
    let _ = scanner.feed(log, &mut sink);
    let _ = scanner.finish(&mut sink);
    found
}

/// Which rules match which records, as both say.
fn verdicts(public: &Public, text: &mut String) {
    let rsigma = Rsigma::new(&public.files, Shape::FlatJson, true);
    let refused: BTreeSet<&str> =
        rsigma.refused.iter().map(|refused| &*refused.slug).collect();
    let both = |rule: &&Rule| {
        let slug = &*rule.detection.slug;
        !refused.contains(slug)
    };
    let detector = detector(public.rules.iter().filter(both).cloned());
    let known: BTreeSet<String> = detector
        .detections()
        .map(|detection| detection.slug.to_string())
        .collect();
    let _ = writeln!(
        text,
        "{} rules that both load; rsigma-eval refuses {} that t1053 loads.\n",
        known.len(),
        refused.len(),
    );
    let _ = writeln!(
        text,
        "| log | records | matches of both | only t1053 | only rsigma-eval |\n|---|---|---|---|---|"
    );
    let mut differences: BTreeMap<(bool, String), Vec<String>> =
        BTreeMap::new();
    for log in corpus::logs(&corpus::JSON) {
        let ours = ours(&detector, &log.bytes);
        let (mut records, mut same, mut more, mut less) = (0, 0, 0, 0);
        for (number, line) in lines(&log.bytes).enumerate() {
            let Some(record) = Recorded::new(line) else { continue };
            records += 1;
            let theirs: BTreeSet<String> =
                rsigma.slugs(&record).intersection(&known).cloned().collect();
            let none = BTreeSet::new();
            let ours = ours.get(&number).unwrap_or(&none);
            same += ours.intersection(&theirs).count();
            let mut differ = |is_ours: bool, slug: &String| {
                let key = (is_ours, slug.clone());
                let place = format!("{}:{number}", log.name);
                differences.entry(key).or_default().push(place);
            };
            for slug in ours.difference(&theirs) {
                more += 1;
                differ(true, slug);
            }
            for slug in theirs.difference(ours) {
                less += 1;
                differ(false, slug);
            }
        }
        let name = &log.name;
        let _ = writeln!(
            text,
            "| {name} | {records} | {same} | {more} | {less} |"
        );
    }
    let _ = writeln!(text);
    for ((is_ours, slug), places) in differences {
        let who = if is_ours { "t1053" } else { "rsigma-eval" };
        let first = places[..places.len().min(3)].join(", ");
        let times = places.len();
        let _ =
            writeln!(text, "- only {who}: `{slug}` {times} times: {first}");
    }
}

/// Rules about events that have a kind first, each part in order of path.
fn typed_first(public: &Public) -> Vec<usize> {
    let is_typed = |place: &usize| {
        let selections = public.rules[*place].logic.selections();
        selections.iter().any(|selection| {
            selection.kinds.iter().any(|kind| *kind != EventKind::Generic)
        })
    };
    let all = 0..public.rules.len();
    let (typed, other): (Vec<usize>, Vec<usize>) = all.partition(is_typed);
    typed.into_iter().chain(other).collect()
}

/// The sets of rules that are measured, each with its name.
fn sets(public: &Public) -> Vec<(String, Vec<Rule>, Vec<rules::RuleFile>)> {
    let order = typed_first(public);
    let take = |places: &mut dyn Iterator<Item = usize>| {
        let places: Vec<usize> = places.collect();
        let rules = places.iter().map(|&place| public.rules[place].clone());
        let files = places.iter().map(|&place| public.files[place].clone());
        (rules.collect::<Vec<Rule>>(), files.collect::<Vec<_>>())
    };
    let about_jobs = |place: &usize| {
        let techniques = &public.rules[*place].detection.techniques;
        techniques.iter().any(|it| it.starts_with("T1053"))
    };
    let all = order.len();
    let builtin = t1053::catalog::builtin().to_vec();
    let mut sets = vec![(
        format!("{} built-in", builtin.len()),
        builtin,
        rules::builtin(),
    )];
    let (rules, files) = take(&mut order.iter().copied().filter(about_jobs));
    sets.push((format!("{} of T1053", rules.len()), rules, files));
    for count in [500, FIRST_MEASURED, all] {
        let (rules, files) = take(&mut order.iter().copied().take(count));
        sets.push((rules.len().to_string(), rules, files));
    }
    sets
}

/// A record of a started process, and one of an opened process, which many
/// logs have most of, that match none of the public rules.
fn misses() -> [(&'static str, Event<'static>); 2] {
    let mut other = Event::windows(t1053::event::Generic {
        product: Some(b"windows"),
        category: Some(b"process_access"),
        service: Some(b"sysmon"),
    });
    other.event_id = Some(b"10");
    other.channel = Some(b"Microsoft-Windows-Sysmon/Operational");
    other.members = const {
        &[
            t1053::event::NamedValue {
                name: "SourceImage",
                value: br"C:\Windows\system32\svchost.exe",
            },
            t1053::event::NamedValue {
                name: "TargetImage",
                value: br"C:\Program Files\Mozilla Firefox\firefox.exe",
            },
            t1053::event::NamedValue { name: "GrantedAccess", value: b"0x1000" },
            t1053::event::NamedValue {
                name: "CallTrace",
                value: br"C:\Windows\SYSTEM32\ntdll.dll+9d234|C:\Windows\System32\KERNELBASE.dll+2c0fe|c:\windows\system32\sysmain.dll+45ad5|C:\Windows\System32\KERNEL32.DLL+17034|C:\Windows\SYSTEM32\ntdll.dll+4d0d1",
            },
            t1053::event::NamedValue {
                name: "SourceUser",
                value: br"NT AUTHORITY\SYSTEM",
            },
            t1053::event::NamedValue { name: "TargetUser", value: br"WS\user" },
        ]
    };
    [
        ("a process creation", events::process_miss()),
        ("an event of another kind", other),
    ]
}

/// The same event for rsigma-eval.
fn recorded(event: &Event<'_>) -> Recorded {
    let mut map = serde_json::Map::new();
    let is_generic = event.kind() == EventKind::Generic;
    let id = if is_generic { 10 } else { 1 };
    map.insert("EventID".into(), id.into());
    let channel = "Microsoft-Windows-Sysmon/Operational";
    map.insert("Channel".into(), channel.into());
    let mut add = |name: &str, value: &[u8]| {
        let text = String::from_utf8_lossy(value).into_owned();
        map.insert(name.into(), text.into());
    };
    if let Some(user) = event.user {
        add("User", user);
    }
    for field in event.kind().fields() {
        if let Some(value) = event.get(*field).filter(|_| !is_generic) {
            add(field.name(), value);
        }
    }
    for member in event.members {
        add(member.name, member.value);
    }
    let line = serde_json::Value::Object(map).to_string();
    Recorded::new(line.as_bytes()).expect("just written")
}

/// The processor's time that a work takes once, in seconds: the best of some.
fn best(rounds: usize, mut work: impl FnMut()) -> f64 {
    let time = |_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    (0..rounds).map(time).fold(f64::INFINITY, f64::min)
}

fn times(public: &Public, text: &mut String, rounds: usize) {
    let sets = sets(public);
    let detectors: Vec<Detector> =
        sets.iter().map(|(_, rules, _)| detector(rules.clone())).collect();
    let engines: Vec<Rsigma> = sets
        .iter()
        .map(|(.., files)| Rsigma::new(files, Shape::FlatJson, true))
        .collect();
    for (what, event) in misses() {
        let record = recorded(&event);
        let _ = writeln!(
            text,
            "\n| evaluate {what} that matches nothing | t1053 | rsigma-eval | | allocations |\n|---|---|---|---|---|"
        );
        for (((name, ..), detector), rsigma) in
            sets.iter().zip(&detectors).zip(&engines)
        {
            let mut scratch = Scratch::new(detector);
            let theirs = rsigma.slugs(&record);
            let found = detector.evaluate(&event, &mut scratch);
            let found: BTreeSet<String> = found
                .map(|it| it.detection().slug.to_string())
                .filter(|slug| {
                    rsigma.refused.iter().all(|it| it.slug != *slug)
                })
                .collect();
            assert_eq!(found, theirs, "{what}, {name}");
            let used = allocations::during(|| {
                black_box(detector.evaluate(&event, &mut scratch).count());
            });
            const TIMES: usize = 2_000;
            let contenders = vec![
                Contender::new("", || {
                    for _ in 0..TIMES {
                        let event = black_box(&event);
                        let found = detector.evaluate(event, &mut scratch);
                        black_box(found.count());
                    }
                }),
                Contender::new("", || {
                    for _ in 0..TIMES {
                        rsigma.evaluate_recorded(black_box(&record));
                    }
                }),
            ];
            let each = take_turns(contenders, rounds);
            let [us, them] = [0, 1].map(|it| each[it] / TIMES as f64 * 1e9);
            let _ = writeln!(
                text,
                "| {name} rules | {us:.0} ns | {them:.0} ns | {:.1}x | {} |",
                them / us,
                used.count,
            );
        }
    }
    let size = 16 << 20;
    let mut logs = vec![Log::made(Shape::FlatJson, 1, size)];
    logs.extend(corpus::logs(&corpus::JSON[..3]));
    for log in &logs {
        let _ = writeln!(
            text,
            "\n| scan {} | matches | MB/s | read | filtered |\n|---|---|---|---|---|",
            log.name
        );
        for ((name, ..), detector) in sets.iter().zip(&detectors) {
            let mut scanner = Scanner::new(detector);
            let mut matches = 0;
            let contender = Contender::new("", || {
                matches = scan(&mut scanner, &log.bytes);
            });
            let each = take_turns(vec![contender], rounds.min(3));
            let speed = log.bytes.len() as f64 / each[0] / 1e6;
            let counts = scanner.counts();
            let _ = writeln!(
                text,
                "| {name} rules | {matches} | {speed:.0} | {} | {} |",
                counts.read, counts.filtered,
            );
        }
    }
    let _ = writeln!(text, "\n| load | | |\n|---|---|---|");
    for ((name, rules, files), detector) in sets.iter().zip(&detectors) {
        let set = RuleSet::from_iter(rules.clone());
        let pack = set.to_pack();
        let read_text = best(rounds, || {
            let builder = RuleSet::builder()
                .beside(&Detector::builder().without_builtin());
            black_box(
                files
                    .iter()
                    .fold(builder, |builder, file| {
                        builder.text(&file.slug, &file.yaml)
                    })
                    .build(),
            );
        });
        let read_pack = best(rounds, || {
            let builder = RuleSet::builder()
                .beside(&Detector::builder().without_builtin());
            black_box(builder.pack("pack", &pack).build());
        });
        let build = best(rounds, || {
            black_box(self::detector(rules.clone()));
        });
        let first = best(1, || {
            black_box(Scanner::new(detector));
        });
        let fresh = self::detector(rules.clone());
        let filter = best(1, || {
            black_box(Scanner::new(&fresh));
        });
        let _ = writeln!(
            text,
            "| {name} rules | texts {:.1} ms, pack of {} KiB {:.2} ms, build {:.1} ms, first scanner {:.1} ms, next {:.2} ms | {} KiB of detector, {} KiB of scratch|",
            read_text * 1e3,
            pack.len() >> 10,
            read_pack * 1e3,
            build * 1e3,
            filter * 1e3,
            first * 1e3,
            detector.memory_usage() >> 10,
            Scratch::new(detector).memory_usage() >> 10,
        );
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|it| it == flag);
    let Some(public) = rules::public() else {
        println!("no public rules: `T1053_SIGMA` names a folder of them");
        return;
    };
    let mut text = format!(
        "# Public rules, {}\n\nCommit {}; {}; {}; load {} when it began.\n\n{} rules load, {} more have the name of another, {} files are refused.\n\n",
        machine::date(),
        machine::commit(),
        machine::processor(),
        machine::compiler(),
        machine::load(),
        public.rules.len(),
        public.repeated,
        public.refused,
    );
    if !has("times") {
        verdicts(&public, &mut text);
    }
    if !has("verdicts") {
        times(&public, &mut text, if has("--quick") { 3 } else { 9 });
    }
    println!("{text}");
    if has("--record") {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("record");
        let name = format!("{}-public.md", machine::date());
        std::fs::write(folder.join(name), text).expect("a folder to write to");
    }
}
