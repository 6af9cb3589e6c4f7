//! Every check and every test of the repository, one after the other.

use std::error::Error;
use std::process::Command;
use std::time::Instant;

use crate::generate;

/// A step: what it is called, and the command that it runs in the root.
type Step = (&'static str, &'static [&'static str]);

/// What shows at a glance that something is off. The benchmarks are left out:
/// the peers in them take longer to compile than all else.
const CHECKS: &[Step] = &[
    ("format", &["cargo", "fmt", "--all", "--check"]),
    (
        "lints",
        &[
            "cargo",
            "clippy",
            "--all-targets",
            "--all-features",
            "--",
            "-D",
            "warnings",
        ],
    ),
    ("documentation", &["cargo", "doc", "--all-features", "--no-deps"]),
];

/// What agents link brings no crate twice. The readers of the Python package
/// do, and so do the peers in the benchmarks.
const SINGLE: &[&str] = &[
    "cargo",
    "deny",
    "--manifest-path",
    "ffi/Cargo.toml",
    "--exclude-dev",
    "check",
    "-D",
    "duplicate",
    "bans",
];

/// What shows that it works, in every language.
const TESTS: &[Step] = &[
    ("Rust, plain", &["cargo", "test", "-p", "t1053", "-p", "t1053-literals"]),
    // Not `--workspace`, here and above: that would build the benchmarks,
    // whose peers are large and one of which needs a library of the system.
    ("Rust, all features", &["cargo", "test", "--all-features"]),
];

/// Scripts that set up what they need and test one part; in this order.
const SCRIPTS: &[&[&str]] = &[
    &["ffi/test"],
    &["ffi/test-integration"],
    &["ffi/test-windows"],
    &["python/test"],
];

/// Runs the checks; stops at the first that fails.
pub(crate) fn check() -> Result<(), Box<dyn Error>> {
    generate::check()?;
    run(CHECKS)?;
    let deny = ["cargo", "deny", "check", "bans", "licenses", "sources"];
    if has_deny() {
        step("dependencies", &deny)?;
        step("dependencies, each in one version", SINGLE)
    } else {
        println!("==> dependencies: LEFT OUT, cargo-deny is not installed");
        Ok(())
    }
}

/// Whether cargo-deny is at hand. Its list of advisories is not asked for:
/// that would make every run depend on a download.
fn has_deny() -> bool {
    let version = Command::new("cargo").args(["deny", "--version"]).output();
    version.is_ok_and(|output| output.status.success())
}

/// Runs the tests; stops at the first that fails.
pub(crate) fn test() -> Result<(), Box<dyn Error>> {
    run(TESTS)?;
    for script in SCRIPTS {
        let command: Vec<&str> =
            core::iter::once("bash").chain(script.iter().copied()).collect();
        step(&script.join(" "), &command)?;
    }
    Ok(())
}

fn run(steps: &[Step]) -> Result<(), Box<dyn Error>> {
    steps.iter().try_for_each(|(name, command)| step(name, command))
}

fn step(name: &str, command: &[&str]) -> Result<(), Box<dyn Error>> {
    println!("==> {name}: {}", command.join(" "));
    let start = Instant::now();
    let (program, arguments) =
        command.split_first().ok_or("a step without a command")?;
    let status = Command::new(program)
        .args(arguments)
        .current_dir(generate::root())
        .env("RUSTDOCFLAGS", "-D warnings")
        .status()
        .map_err(|error| format!("{program}: {error}"))?;
    if !status.success() {
        return Err(format!("{name} failed: {status}").into());
    }
    println!("==> {name}: passed in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}
