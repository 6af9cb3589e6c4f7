//! Typed events to matches: every kind, hit and miss, and many rules.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use t1053::{Detector, Scratch};
use t1053_benches::{events, rules};

fn kinds(criterion: &mut Criterion) {
    let detector = Detector::new();
    let mut scratch = Scratch::new(&detector);
    let mut group = criterion.benchmark_group("evaluate");
    for sample in events::all() {
        let found = detector.evaluate(&sample.event, &mut scratch).next();
        assert!(found.is_some() || !sample.is_hit, "{}", sample.name);
        group.bench_function(&sample.name, |bencher| {
            bencher.iter(|| {
                let event = black_box(&sample.event);
                detector.evaluate(event, &mut scratch).count()
            });
        });
    }
}

fn rule_counts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("evaluate with rules");
    for count in [45, 450, 4500] {
        let detector = rules::detector(count);
        let mut scratch = Scratch::new(&detector);
        for (name, event) in
            [("hit", events::process_hit()), ("miss", events::process_miss())]
        {
            group.bench_function(BenchmarkId::new(name, count), |bencher| {
                bencher.iter(|| {
                    let event = black_box(&event);
                    detector.evaluate(event, &mut scratch).count()
                });
            });
        }
    }
}

criterion_group!(benches, kinds, rule_counts);
criterion_main!(benches);
