//! Halves of sequences in any order: the correlator finds the pairs that the
//! reference finds.

#![no_main]

use libfuzzer_sys::fuzz_target;
use testkit::reference::compare::sequences_and_events;

fuzz_target!(|data: &[u8]| sequences_and_events(data));
