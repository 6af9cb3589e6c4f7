//! One kind of work, over and over, for a profiler:
//! `profile evaluate [RULES]`, `profile scan SHAPE PERMILLE|noise|FILE`,
//! `profile construct`.

use std::hint::black_box;
use std::time::Instant;

use t1053::{Detector, Scanner, Scratch};
use t1053_benches::log::{Log, Shape};
use t1053_benches::{events, measure, rules};

/// Nanoseconds for one of `times` turns.
fn time(times: u32, mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..times {
        work();
    }
    start.elapsed().as_nanos() as f64 / f64::from(times)
}

fn evaluate(detector: &Detector) {
    let mut scratch = Scratch::new(detector);
    for sample in events::all() {
        let mut evaluate = || {
            let event = black_box(&sample.event);
            detector.evaluate(event, &mut scratch).count()
        };
        let found = evaluate();
        let nanoseconds = time(300_000, || {
            black_box(evaluate());
        });
        println!("{:32} {found} matches {nanoseconds:8.1} ns", sample.name);
    }
}

fn scan(log: &Log) {
    let mut scanner = Scanner::new(&Detector::new());
    let found = measure::scan(&mut scanner, &log.bytes);
    let turns = (1 << 30) / log.bytes.len().max(1) as u32;
    let nanoseconds = time(turns.max(3), || {
        black_box(measure::scan(&mut scanner, &log.bytes));
    });
    let speed = log.bytes.len() as f64 / nanoseconds;
    println!("{}: {found} matches, {speed:.2} GB/s", log.name);
    println!("{:?}", scanner.counts());
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["evaluate"] => evaluate(&Detector::new()),
        ["evaluate", count] => {
            evaluate(&rules::detector(count.parse().expect("a number")));
        }
        ["scan", shape, what] => {
            let size = 20 << 20;
            for it in Shape::ALL {
                if !it.name().starts_with(shape) {
                    continue;
                }
                scan(&match (what, what.parse()) {
                    ("noise", _) => Log::noise(it, size),
                    (_, Ok(candidates)) => Log::made(it, candidates, size),
                    (path, Err(_)) => Log {
                        name: path.into(),
                        shape: it,
                        bytes: std::fs::read(path).expect("a file"),
                    },
                });
            }
        }
        ["construct"] => {
            let nanoseconds = time(3000, || {
                black_box(Detector::new());
            });
            println!("{:.1} us", nanoseconds / 1000.0);
        }
        _ => panic!("which? see the top of this file"),
    }
}
