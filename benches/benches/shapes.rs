//! What it costs to read each source of `testdata/sources`, and to scan logs
//! that no rule asks for. `cargo bench -p t1053-benches --bench shapes`.
//!
//! Sources differ in how long their records are and how many members they
//! have, so that bytes a second say little of a shape by itself: beside them
//! stands the time for a member, as a part of that of the nearest shape that
//! was read from the first: the flat objects of NXLog, or the nested ones of
//! Winlogbeat.

use std::fs;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::PathBuf;

use serde_json::Value;
use t1053::record::{Format, Reader};
use t1053::{Detector, Report, Scanner};
use t1053_benches::machine;
use t1053_benches::measure::{Contender, take_turns};

const ROUNDS: usize = 9;
const SIZE: usize = 4 << 20;

/// The attack as a source tells it.
struct Source {
    name: String,
    record: String,
    members: usize,
    is_nested: bool,
}

fn main() {
    println!("{}, {}\n", machine::processor(), machine::compiler());
    sources();
    unwanted();
}

fn sources() {
    let sources = all();
    let times: Vec<f64> = sources.iter().map(time).collect();
    let of_member =
        |index: usize| times[index] / sources[index].members as f64;
    let index = |name: &str| {
        let place = sources.iter().position(|source| source.name == name);
        place.unwrap()
    };
    let nearest = [
        of_member(index("windows/nxlog.jsonl")),
        of_member(index("windows/winlogbeat.jsonl")),
    ];
    println!("| source | bytes | members | GB/s | ns | speed a member |");
    println!("|---|---|---|---|---|---|");
    for (place, source) in sources.iter().enumerate() {
        let Source { name, record, members, is_nested } = source;
        let (bytes, nanos) = (record.len(), times[place]);
        println!(
            "| {name} | {bytes} | {members} | {:.2} | {nanos:.0} | {:.2} |",
            bytes as f64 / nanos,
            nearest[usize::from(*is_nested)] / of_member(place),
        );
    }
}

/// The sources that are JSON.
fn all() -> Vec<Source> {
    let root = testkit::root().join("testdata/sources");
    let folders = fs::read_dir(&root).unwrap();
    let folders = folders.map(|folder| folder.unwrap().path());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut files: Vec<PathBuf> =
        files.map(|file| file.unwrap().path()).collect();
    files.sort();
    let source = |file: &PathBuf| {
        let text = fs::read_to_string(file).unwrap();
        let record = text.lines().next()?.to_owned();
        let value: Value = record.parse().ok()?;
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        let is_nested = value.as_object()?.values().any(Value::is_object);
        Some(Source { name, record, members: members(&value), is_nested })
    };
    files.iter().filter_map(source).collect()
}

fn members(value: &Value) -> usize {
    match value {
        Value::Object(object) => {
            let inside = object.values().map(members);
            object.len() + inside.sum::<usize>()
        }
        Value::Array(elements) => {
            elements.len() + elements.iter().map(members).sum::<usize>()
        }
        _ => 0,
    }
}

/// Nanoseconds to read a source's record.
fn time(source: &Source) -> f64 {
    let record = source.record.as_bytes();
    let count = SIZE / record.len();
    let mut reader = Reader::new();
    let mut work = move || {
        let mut events = 0;
        for _ in 0..count {
            let record = black_box(record);
            let read = reader.read(Format::Json, record, |_, _| events += 1);
            let _ = black_box(read);
        }
        events
    };
    assert!(work() > 0, "{}", source.name);
    let contender = Contender::new("t1053", move || {
        black_box(work());
    });
    take_turns(vec![contender], ROUNDS)[0] * 1e9 / count as f64
}

/// Logs that no built-in rule asks for.
fn unwanted() {
    let detector = Detector::published();
    println!("\n| log that no rule asks for | GB/s |\n|---|---|");
    for (name, line) in UNWANTED {
        let log = format!("{line}\n").repeat((16 << 20) / line.len());
        let scan = || {
            let mut sink = |_: Report<'_>| ControlFlow::Continue(());
            let mut scanner = Scanner::new(&detector);
            for chunk in log.as_bytes().chunks(1 << 20) {
                let _ = scanner.feed(chunk, &mut sink);
            }
            let _ = scanner.finish(&mut sink);
            let counts = scanner.counts();
            assert_eq!(counts.matches, 0, "{name}");
        };
        let seconds = take_turns(vec![Contender::new("t1053", scan)], ROUNDS);
        println!("| {name} | {:.2} |", log.len() as f64 / seconds[0] / 1e9);
    }
}

const UNWANTED: [(&str, &str); 6] = [
    (
        "requests to a web server, JSON",
        r#"{"time":"2026-11-25T10:00:00Z","remote_addr":"192.0.2.7","request":"GET /assets/app.3f2a.js HTTP/1.1","status":200,"body_bytes_sent":48211,"http_referer":"https://www.example.com/","http_user_agent":"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0","request_time":0.004}"#,
    ),
    (
        "CrowdStrike, DnsRequest",
        r#"{"event_simpleName":"DnsRequest","event_platform":"Win","aid":"a1b2c3","ContextProcessId":"995","DomainName":"www.example.com","RequestType":"1","ContextTimeStamp":"1795600800.123","timestamp":"1795600801404","ComputerName":"ws1"}"#,
    ),
    (
        "ECS, network flows",
        r#"{"@timestamp":"2026-11-25T10:00:00Z","ecs":{"version":"8.10"},"agent":{"type":"packetbeat"},"event":{"category":["network"],"type":["connection"],"dataset":"flow","action":"network_flow"},"source":{"ip":"192.0.2.7","port":51234},"destination":{"ip":"198.51.100.9","port":443},"network":{"bytes":48211,"transport":"tcp"}}"#,
    ),
    (
        "Kubernetes audit, pods",
        r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/ns/pods?limit=500","verb":"list","user":{"username":"system:node:n1"},"sourceIPs":["192.0.2.7"],"objectRef":{"resource":"pods","namespace":"ns","apiVersion":"v1"},"responseStatus":{"code":200},"stageTimestamp":"2026-11-25T10:00:00.000000Z"}"#,
    ),
    (
        "Windows logons, flat",
        r#"{"EventTime":"2026-11-25 10:00:00","Hostname":"ws1","EventType":"AUDIT_SUCCESS","EventID":4624,"SourceName":"Microsoft-Windows-Security-Auditing","Channel":"Security","TargetUserName":"al","TargetDomainName":"CORP","LogonType":"3","IpAddress":"192.0.2.7","ProcessName":"-"}"#,
    ),
    (
        "sshd, syslog",
        "Nov 25 10:00:00 lx1 sshd[4242]: Accepted publickey for al from 192.0.2.7 port 51234 ssh2: ED25519 SHA256:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    ),
];
