/*!
Times, as medians of rounds in which everyone takes turns: a machine that is
slow for a while is slow for all of them. What is timed is the thread on the
processor, so that others who run there count as little as can be.
*/

use std::time::Duration;

use cpu_time::ThreadTime;

/// Someone who does the work.
pub struct Contender<'w> {
    /// Who.
    pub name: &'static str,
    work: Box<dyn FnMut() + 'w>,
    times: Vec<Duration>,
}

impl<'w> Contender<'w> {
    /// Someone who does the work when called.
    pub fn new(name: &'static str, work: impl FnMut() + 'w) -> Contender<'w> {
        Contender { name, work: Box::new(work), times: Vec::new() }
    }
}

/// Seconds that each contender needs, in their order.
///
/// After one turn that does not count, each has up to `rounds` turns, but at
/// least one; a slow one has fewer, lest the others wait for it.
pub fn take_turns(
    mut contenders: Vec<Contender<'_>>,
    rounds: usize,
) -> Vec<f64> {
    /// What a contender may take over all rounds.
    const PATIENCE: Duration = Duration::from_secs(6);
    for contender in &mut contenders {
        let start = ThreadTime::now();
        (contender.work)();
        // Too slow to be asked twice.
        if start.elapsed() > PATIENCE {
            contender.times.push(start.elapsed());
        }
    }
    for _ in 0..rounds {
        for contender in &mut contenders {
            let spent: Duration = contender.times.iter().sum();
            if spent < PATIENCE {
                let start = ThreadTime::now();
                (contender.work)();
                contender.times.push(start.elapsed());
            }
        }
    }
    let seconds = |it: Contender<'_>| median(it.times).as_secs_f64();
    contenders.into_iter().map(seconds).collect()
}

/// The middle one.
pub fn median<T: Ord + Copy + Default>(mut values: Vec<T>) -> T {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The value that 99 of 100 do not exceed.
pub fn p99<T: Ord + Copy + Default>(mut values: Vec<T>) -> T {
    values.sort_unstable();
    values.get(values.len() * 99 / 100).copied().unwrap_or_default()
}

/// Matches found by a scanner in a log that is fed whole.
pub fn scan(scanner: &mut t1053::Scanner, log: &[u8]) -> u64 {
    use std::ops::ControlFlow::Continue;
    let sink = |_: t1053::Report<'_>| Continue(());
    scanner.reset();
    let _ = scanner.feed(log, sink);
    let _ = scanner.finish(sink);
    scanner.counts().matches
}
