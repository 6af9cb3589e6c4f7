//! Our readers, and parsers of JSON and XML, on the same records.
//!
//! The parsers only parse: none of them knows which member is which field,
//! decodes only what a rule may ask for, or says what event a record is.
//! `cargo bench -p t1053-benches --bench readers`.

use std::hint::black_box;

use quick_xml::events::Event;
use t1053::record::{Format, Reader};
use t1053_benches::log::{Log, Shape};
use t1053_benches::measure::{Contender, take_turns};
use t1053_benches::peers::lines;
use t1053_benches::{corpus, machine};

const US: &str = "t1053, to events";
const ROUNDS: usize = 9;

fn main() {
    println!("{}, {}\n", machine::processor(), machine::compiler());
    println!("| log | parser | GB/s |\n|---|---|---|");
    let size = 16 << 20;
    let mut json = corpus::logs(&corpus::JSON);
    json.push(Log::made(Shape::FlatJson, 1000, size));
    for log in &json {
        report(log, json_parsers(log));
    }
    let mut xml = corpus::logs(&corpus::XML);
    xml.push(Log::made(Shape::Xml, 1000, size));
    for log in &xml {
        report(log, xml_parsers(log));
    }
}

fn report(log: &Log, contenders: Vec<Contender<'_>>) {
    let names: Vec<&str> = contenders.iter().map(|it| it.name).collect();
    let times = take_turns(contenders, ROUNDS);
    for (name, seconds) in names.into_iter().zip(times) {
        let speed = log.bytes.len() as f64 / seconds / 1e9;
        println!("| {} | {name} | {speed:.2} |", log.name);
    }
}

/// Reads every line of a log to events.
fn ours(log: &Log, format: Format) -> Contender<'_> {
    let mut reader = Reader::new();
    let mut work = move || {
        let mut events = 0;
        for line in lines(&log.bytes) {
            let read = reader.read(format, line, |_, _| events += 1);
            let _ = black_box(read);
        }
        events
    };
    assert!(work() > 0, "{}", log.name);
    Contender::new(US, move || {
        black_box(work());
    })
}

/// Parses one line, and says whether it could.
type Parse = Box<dyn FnMut(&[u8]) -> bool>;

fn json_parsers(log: &Log) -> Vec<Contender<'_>> {
    let each = |name, mut parse: Parse| {
        let all = lines(&log.bytes).count();
        let good = lines(&log.bytes).filter(|line| parse(line)).count();
        assert!(good * 100 >= all * 99, "{name}: {good} of {all}");
        Contender::new(name, move || {
            for line in lines(&log.bytes) {
                black_box(parse(line));
            }
        })
    };
    // Parses in place, in a copy that it may change.
    let mut copy = Vec::new();
    let mut buffers = simd_json::Buffers::default();
    vec![
        ours(log, Format::Json),
        each(
            "serde_json, checked and passed over",
            Box::new(|line| {
                serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
            }),
        ),
        each(
            "jiter, to values",
            Box::new(|line| {
                black_box(jiter::JsonValue::parse(line, false)).is_ok()
            }),
        ),
        each(
            "jiter, checked and passed over",
            Box::new(|line| jiter::Jiter::new(line).next_skip().is_ok()),
        ),
        each(
            "simd-json, to a tape",
            Box::new(move |line| {
                copy.clear();
                copy.extend_from_slice(line);
                let tape =
                    simd_json::to_tape_with_buffers(&mut copy, &mut buffers);
                black_box(tape).is_ok()
            }),
        ),
        each(
            "sonic-rs, to values",
            Box::new(|line| {
                black_box(sonic_rs::from_slice::<sonic_rs::Value>(line))
                    .is_ok()
            }),
        ),
        each(
            "sonic-rs, lazily over the outermost members",
            Box::new(|line| {
                sonic_rs::to_object_iter(line).all(|it| black_box(it).is_ok())
            }),
        ),
    ]
}

fn xml_parsers(log: &Log) -> Vec<Contender<'_>> {
    vec![
        ours(log, Format::Xml),
        Contender::new("quick-xml, events passed over", move || {
            for line in lines(&log.bytes) {
                let mut reader = quick_xml::Reader::from_reader(line);
                while !matches!(
                    black_box(reader.read_event()),
                    Ok(Event::Eof) | Err(_),
                ) {}
            }
        }),
    ]
}
