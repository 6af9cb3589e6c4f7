//! Rules and events at random: the detector finds what the reference finds,
//! and its evidence is where it says.

#![no_main]

use libfuzzer_sys::fuzz_target;
use testkit::reference::compare::rules_and_events;

fuzz_target!(|data: &[u8]| rules_and_events(data));
