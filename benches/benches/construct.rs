//! Rules to a detector.

use criterion::{
    BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main,
};
use t1053::{Detector, Scanner, Scratch, catalog};
use t1053_benches::rules;

fn construct(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("construct");
    group.sample_size(20);
    group.bench_function("detector", |bencher| bencher.iter(Detector::new));
    let detector = Detector::new();
    group.bench_function("scratch", |bencher| {
        bencher.iter(|| Scratch::new(&detector));
    });
    group.bench_function("scanner", |bencher| {
        bencher.iter(|| Scanner::new(&detector));
    });
    for count in [450, 4500] {
        let made = rules::compiled(count - catalog::builtin().len());
        let builder = made
            .into_iter()
            .fold(Detector::builder(), |builder, rule| builder.rule(rule));
        group.bench_function(BenchmarkId::new("rules", count), |bencher| {
            bencher.iter_batched(
                || builder.clone(),
                |builder| builder.build().expect("the rules are sound"),
                BatchSize::LargeInput,
            );
        });
    }
    let files = rules::builtin();
    group.bench_function("from the Sigma files", |bencher| {
        bencher.iter(|| {
            let rules = files.iter().map(|it| {
                t1053::sigma::compile(&it.yaml).expect("they are sound").len()
            });
            rules.sum::<usize>()
        });
    });
}

criterion_group!(benches, construct);
criterion_main!(benches);
