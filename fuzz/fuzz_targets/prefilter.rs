//! Whatever the filter passes over, the full path finds nothing in.

#![no_main]

use libfuzzer_sys::fuzz_target;
use t1053_fuzz::Seen;

fuzz_target!(|data: &[u8]| {
    let (with, some) = t1053_fuzz::scan(true, data, &[]);
    let (without, all) = t1053_fuzz::scan(false, data, &[]);
    let is_match = |it: &&Seen| matches!(it, Seen::Match(..));
    let matches = |seen: &'_ [Seen]| -> Vec<Seen> {
        seen.iter().filter(is_match).cloned().collect()
    };
    assert_eq!(matches(&with), matches(&without));
    assert_eq!(some.records, all.records);
    assert_eq!(all.filtered, 0);
    // What cannot be read and is not passed over is told alike.
    assert!(with.iter().all(|it| without.contains(it)));
});
