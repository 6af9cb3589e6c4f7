//! Reads one record as Json: nothing panics, and a warm reader reads as
//! a new one does.

#![no_main]

use libfuzzer_sys::fuzz_target;
use t1053::record::Format;

fuzz_target!(|data: &[u8]| {
    t1053_fuzz::read(Format::Json, data);
});
