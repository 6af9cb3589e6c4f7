/*!
The C ABI over `t1053`: declarations in `include/t1053.h`, which cbindgen
writes from here. What every declaration keeps to is told at its head.
*/

// The names are those of the header.
#![allow(non_camel_case_types)]
// What a caller owes is in each declaration's text, for readers of C.
#![allow(clippy::missing_safety_doc)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod config;
pub mod correlator;
pub mod detection;
pub mod detector;
pub mod evaluator;
pub mod event;
pub mod found;
mod guard;
pub mod job;
pub mod log;
pub mod names;
pub mod pointer;
pub mod repeats;
mod reserve;
pub mod risk;
pub mod rules;
pub mod scanner;
pub mod sequence_event;
pub mod state;
pub mod status;
pub mod utf16;
pub mod verdict;
pub mod version;
pub mod vocabulary;

#[cfg(feature = "test-panic")]
pub use guard::t1053_test_panic;
