//! Saved state in which bytes were changed, with a checksum that is right: it
//! is refused and changes nothing, or what comes of it is saved and restored
//! as it is, and goes on.

#![no_main]

use std::cell::RefCell;
use std::hash::Hasher;
use std::ops::ControlFlow;

use libfuzzer_sys::fuzz_target;
use siphasher::sip::SipHasher13;
use t1053::{Detector, Scanner};

/// Rules of each kind that needs several events.
const RULES: &str = "
title: A
name: a
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
}

fn scanner() -> Scanner {
    let builder = DETECTOR.with(Scanner::builder);
    builder.sequence_capacity(5).sequence_depth(3).build().unwrap()
}

fn feed(scanner: &mut Scanner, from: u32) {
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

fuzz_target!(|data: &[u8]| {
    STATE.with_borrow_mut(|(scanner, state)| {
        let mut changed = state.clone();
        for change in data.chunks_exact(3) {
            let at = usize::from(u16::from_le_bytes([change[0], change[1]]));
            let at = at % changed.len();
            changed[at] = change[2];
        }
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
