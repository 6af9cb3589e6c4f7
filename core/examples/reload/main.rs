//! New rules while events are evaluated: one thread puts a new detector in
//! place, the others take it up with their next event. None waits for the new
//! one to be compiled, and no event is lost or seen twice.

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use t1053::event::{Event, ProcessCreation};
use t1053::{BuildError, Detector, RuleSet, Scratch};

/// The detector that counts now.
struct Current {
    /// Rises with each new detector, so that whoever has the latest one asks
    /// a number and takes no lock.
    generation: AtomicU64,
    detector: Mutex<Detector>,
}

impl Current {
    fn put(&self, detector: Detector) {
        let current = self.detector.lock();
        *current.unwrap_or_else(PoisonError::into_inner) = detector;
        self.generation.fetch_add(1, Ordering::Release);
    }

    fn get(&self) -> Detector {
        let current = self.detector.lock();
        // Shares it: nothing is copied.
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The detector of a pack, as it comes from a server; the old one stays where
/// anything is wrong with it. A host checks its own signature before.
fn load(pack: &[u8]) -> Result<Detector, Box<dyn Error>> {
    let builder = Detector::builder().without_builtin();
    let set = RuleSet::builder().beside(&builder).pack("update", pack);
    Ok(builder.rules(set.build().strict()?).build()?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let some = |count: usize| -> Result<Detector, BuildError> {
        let rules = t1053::catalog::builtin().iter().take(count).cloned();
        Detector::builder().without_builtin().rules(rules).build()
    };
    let current = Current {
        generation: AtomicU64::new(0),
        detector: Mutex::new(some(1)?),
    };
    let update = RuleSet::from_iter(t1053::catalog::builtin().iter().cloned());
    let update = update.to_pack();
    thread::scope(|scope| {
        let watch = || {
            let mut generation = current.generation.load(Ordering::Acquire);
            let mut detector = current.get();
            let mut scratch = Scratch::new(&detector);
            let event = Event::linux(ProcessCreation {
                image: Some(b"/usr/bin/crontab"),
                command_line: Some(b"crontab -u www-data -e"),
                ..Default::default()
            });
            let mut events = 0_u64;
            loop {
                let latest = current.generation.load(Ordering::Acquire);
                if latest != generation {
                    generation = latest;
                    detector = current.get();
                    scratch = Scratch::new(&detector);
                }
                events += 1;
                // The old rules do not know it, the new ones do.
                if !detector.evaluate(&event, &mut scratch).is_empty() {
                    return events;
                }
            }
        };
        let watchers = [scope.spawn(watch), scope.spawn(watch)];
        let cut_off = update.split_last().map_or(&[][..], |(_, rest)| rest);
        let broken = load(cut_off);
        println!("refused: {}", broken.err().ok_or("a broken pack loads")?);
        current.put(load(&update)?);
        for watcher in watchers {
            let events = watcher.join().map_err(|_| "a thread panicked")?;
            println!("found by the new rules, after {events} events");
        }
        Ok(())
    })
}
