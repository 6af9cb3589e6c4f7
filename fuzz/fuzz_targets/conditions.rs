//! Conditions of rules and of correlations, in any of the ways in which they
//! can be written: they hold where the reference says.

#![no_main]

use libfuzzer_sys::fuzz_target;
use testkit::reference::condition::conditions;
use testkit::rules::detector;

fuzz_target!(|data: &[u8]| {
    conditions(data, |text| {
        let rules = t1053::sigma::compile(text);
        detector(&rules.unwrap_or_else(|error| panic!("{error}\n{text}")))
    });
});
