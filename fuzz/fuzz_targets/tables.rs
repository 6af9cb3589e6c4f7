//! A table is read as the objects that its rows are, as delimited text and as
//! the answer of a database.

#![no_main]

use libfuzzer_sys::fuzz_target;
use testkit::reference::table::tables;

fuzz_target!(|data: &[u8]| tables(data));
