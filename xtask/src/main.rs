//! Developer commands of t1053.
//!
//! - `cargo xtask generate` writes what is made from `core/detections`: the
//!   catalogue, docs/detections.md and the cases in testdata; the faults
//!   there; C's and Python's names from core/src/vocabulary; and
//!   include/t1053.h from `ffi`.
//! - `cargo xtask generate --check` writes nothing and fails where one of
//!   them is stale.
//! - `cargo xtask check` runs what finds faults without running the code:
//!   format, lints, documentation, packages, dependencies, generated files,
//!   floors.
//! - `cargo xtask floors` looks at the floors alone.
//! - `cargo xtask noise [FOLDER..]` counts the alarms over the commands of
//!   ordinary scripts.
//! - `cargo xtask test` runs every test, in every language.

mod cases;
mod floors;
mod generate;
mod header;
mod noise;
mod searches;
mod source;
mod tables;
mod test;
mod vocabulary;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["generate"] => generate::write(),
        ["generate", "--check"] => generate::check(),
        ["check"] => test::check(),
        ["floors"] => floors::check(),
        ["noise", folders @ ..] => noise::measure(folders),
        ["test"] => test::test(),
        _ => Err("usage: cargo xtask \
                 generate [--check]|check|floors|noise [FOLDER..]|test"
            .into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
