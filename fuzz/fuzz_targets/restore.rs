//! Saved state in which bytes were changed, with a checksum that is right: it
//! is refused and changes nothing, or what comes of it is saved and restored
//! as it is, and goes on.

#![no_main]

use std::cell::RefCell;
use std::hash::Hasher;
use std::ops::ControlFlow;

use libfuzzer_sys::fuzz_target;
use siphasher::sip::SipHasher13;
use t1053::{Detector, Repeats, Report, RiskTracker, Scanner};

/// Rules of each kind that needs several events.
const RULES: &str = "
title: A
name: a
level: high
logsource: {product: windows, service: security}
detection: {a: {EventID: 4698}, condition: a}
---
title: B
name: b
logsource: {product: windows, service: security}
detection: {a: {EventID: 4699}, condition: a}
---
title: Three
name: three
level: low
correlation:
    type: temporal_ordered
    rules: [a, b, a]
    group-by: [Computer]
    timespan: 5m
---
title: Many
name: many
level: low
correlation:
    type: event_count
    rules: [a]
    timespan: 5m
    condition: {gte: 3}
---
title: Values
name: values
level: low
correlation:
    type: value_count
    rules: [a, b]
    timespan: 5m
    condition: {gte: 3, field: TaskName}
";

/// Where the state of the correlator stands in that of a scanner: behind the
/// head and its length.
const INNER: usize = 28;

thread_local! {
    static DETECTOR: Detector = {
        let mut builder = Detector::builder().without_builtin();
        for rule in t1053::sigma::compile(RULES).unwrap() {
            builder = builder.rule(rule);
        }
        builder.build().unwrap()
    };
    /// A scanner that has seen something, and what it is saved as.
    static STATE: RefCell<(Scanner, Vec<u8>)> = RefCell::new({
        let mut scanner = scanner();
        feed(&mut scanner, 0);
        let state = scanner.save();
        (scanner, state)
    });
    /// What groups and adds up findings, and what they are saved as.
    static TOGETHER: RefCell<(Together, [Vec<u8>; 2])> = RefCell::new({
        let mut together = together();
        together.feed(0);
        let state = together.save();
        (together, state)
    });
}

struct Together(Repeats, RiskTracker);

fn together() -> Together {
    DETECTOR.with(|detector| {
        let repeats = Repeats::new(detector).capacity(5).within(20);
        Together(repeats, RiskTracker::new(detector).capacity(3).threshold(1))
    })
}

impl Together {
    fn save(&self) -> [Vec<u8>; 2] {
        [self.0.save(), self.1.save()]
    }

    fn feed(&mut self, from: u32) {
        let Together(repeats, risk) = self;
        let builder = DETECTOR.with(Scanner::builder);
        let mut scanner = builder.build().unwrap();
        let _ = scanner.feed(log(from).as_bytes(), |report| {
            if let Report::Match(found) = report {
                let _ = repeats.take(&found.found, |_| {});
                risk.take(&found.found, |_| {});
            }
            ControlFlow::Continue(())
        });
    }

    /// Restores each part from what was changed.
    fn restore(&mut self, [repeats, risk]: &[Vec<u8>; 2]) -> [bool; 2] {
        [self.0.restore(repeats).is_ok(), self.1.restore(risk).is_ok()]
    }
}

fn scanner() -> Scanner {
    let builder = DETECTOR.with(Scanner::builder);
    builder.sequence_capacity(5).sequence_depth(3).build().unwrap()
}

fn log(from: u32) -> String {
    let mut log = String::new();
    for number in from..from + 6 {
        let id = 4698 + number % 2;
        log += &format!(
            "{{\"EventID\":{id},\"Channel\":\"Security\",\"Computer\":\
             \"H{}\",\"TaskName\":\"\\\\t{number}\",\"TimeCreated\":\
             \"2024-05-01T10:00:{number:02}Z\"}}\n",
            number % 4,
        );
    }
    log
}

fn feed(scanner: &mut Scanner, from: u32) {
    let log = log(from);
    let cut = log.len() - 9;
    let _ =
        scanner.feed(&log.as_bytes()[..cut], |_| ControlFlow::Continue(()));
}

/// Puts the right checksum at the end.
fn seal(state: &mut [u8]) {
    let end = state.len() - 8;
    let mut hasher = SipHasher13::new();
    hasher.write(&state[..end]);
    let sum = hasher.finish().to_le_bytes();
    state[end..].copy_from_slice(&sum);
}

fn change(state: &mut [u8], data: &[u8]) {
    for change in data.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]]));
        let at = at % state.len();
        state[at] = change[2];
    }
}

fuzz_target!(|data: &[u8]| {
    TOGETHER.with_borrow_mut(|(together, state)| {
        let mut changed = state.clone();
        for state in &mut changed {
            change(state, data);
            seal(state);
        }
        let before = together.save();
        let taken = together.restore(&changed);
        let saved = together.save();
        for (at, is_taken) in taken.into_iter().enumerate() {
            assert!(is_taken || saved[at] == before[at]);
        }
        let mut other = self::together();
        assert_eq!(other.restore(&saved), [true, true]);
        assert_eq!(other.save(), saved);
        for together in [together, &mut other] {
            together.feed(6);
            together.feed(3);
            let open = together.0.open();
            let mut closed = 0;
            together.0.finish(|_| closed += 1);
            assert_eq!(closed, open);
        }
    });
    STATE.with_borrow_mut(|(scanner, state)| {
        let mut changed = state.clone();
        change(&mut changed, data);
        let length = u64::from_le_bytes(state[20..28].try_into().unwrap());
        let inner = INNER + length as usize;
        seal(&mut changed[INNER..inner]);
        seal(&mut changed);
        let before = scanner.save();
        if scanner.restore(&changed).is_err() {
            assert_eq!(scanner.save(), before);
            return;
        }
        let saved = scanner.save();
        let mut other = self::scanner();
        other.restore(&saved).unwrap();
        assert_eq!(other.save(), saved);
        for scanner in [scanner, &mut other] {
            feed(scanner, 6);
            feed(scanner, 3);
            scanner.reset();
        }
    });
});
