//! Raw bytes to matches: every shape, with few and with many candidates, on
//! one and on several threads.

use std::hint::black_box;

use criterion::{
    BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use t1053::{Detector, Scanner};
use t1053_benches::log::{Log, Shape};
use t1053_benches::measure;

const SIZE: usize = 4 << 20;

fn shapes(criterion: &mut Criterion) {
    let detector = Detector::new();
    for shape in Shape::ALL {
        let name = format!("scan {}", shape.name());
        let mut group = criterion.benchmark_group(name);
        group.sample_size(20);
        let shares = [1, 10, 140, 1000];
        let logs = shares
            .map(|share| (share.to_string(), Log::made(shape, share, SIZE)))
            .into_iter()
            .chain([("all to be read".into(), Log::noise(shape, SIZE))]);
        for (share, log) in logs {
            let mut scanner = Scanner::new(&detector);
            group.throughput(Throughput::Bytes(log.bytes.len() as u64));
            group.bench_function(
                BenchmarkId::new("candidates in 1000", share),
                |bencher| {
                    bencher.iter(|| measure::scan(&mut scanner, &log.bytes));
                },
            );
        }
    }
}

fn threads(criterion: &mut Criterion) {
    let detector = Detector::new();
    let log = Log::made(Shape::FlatJson, 140, 4 * SIZE);
    let mut group = criterion.benchmark_group("scan with threads");
    group.sample_size(20);
    let most = std::thread::available_parallelism().map_or(1, usize::from);
    for count in 1..=most {
        let mut scanners: Vec<Scanner> =
            (0..count).map(|_| Scanner::new(&detector)).collect();
        let bytes = count * log.bytes.len();
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            bencher.iter(|| {
                std::thread::scope(|scope| {
                    for scanner in &mut scanners {
                        scope.spawn(|| {
                            black_box(measure::scan(scanner, &log.bytes))
                        });
                    }
                });
            });
        });
    }
}

criterion_group!(benches, shapes, threads);
criterion_main!(benches);
