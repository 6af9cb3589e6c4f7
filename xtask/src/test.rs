//! Every check and every test of the repository, one after the other.

use std::error::Error;
use std::process::Command;
use std::time::Instant;

use crate::{floors, generate};

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

/// Builds the crates that are published from their packages alone.
const PACKAGES: &[&str] = &[
    "cargo",
    "package",
    "--quiet",
    "--allow-dirty",
    "-p",
    "t1053-literals",
    "-p",
    "t1053",
    "--target-dir",
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
    // Without features, what they could change: the rest is the same with all.
    (
        "Rust, plain",
        &[
            "cargo",
            "test",
            "-p",
            "t1053",
            "-p",
            "t1053-literals",
            "--lib",
            "--test",
            "allocations",
            "--test",
            "regressions",
            "--test",
            "samples",
        ],
    ),
    // Not `--workspace`, here and above: that would build the benchmarks,
    // whose peers are large and one of which needs a library of the system.
    ("Rust, all features", &["cargo", "test", "--all-features"]),
];

/// Scripts that set up what they need and test one part. Those of the first
/// two lists run beside each other: half of the time each is one compiler, or
/// Valgrind, on one processor, and the folders that they build in are not the
/// same. Then comes the third.
const BESIDE: [&[Step]; 2] = [
    &[
        ("ffi/test", &["bash", "ffi/test"]),
        ("ffi/test-integration", &["bash", "ffi/test-integration"]),
    ],
    &[("ffi/test-windows", &["bash", "ffi/test-windows"])],
];
const LAST: &[Step] = &[("python/test", &["bash", "python/test"])];

/// Runs the checks; stops at the first that fails.
pub(crate) fn check() -> Result<(), Box<dyn Error>> {
    generate::check()?;
    floors::check()?;
    run(CHECKS)?;
    packages()?;
    require_deny()?;
    // Not the advisories: every run would depend on a download.
    let deny = ["cargo", "deny", "check", "bans", "licenses", "sources"];
    step("dependencies", &deny)?;
    step("dependencies, each in one version", SINGLE)
}

/// Packages in a folder whose name is new. Cargo keeps the sources of a
/// package of one version for good, by the path of the folder: in the same
/// one, the second crate is built with what the first was in an earlier run.
fn packages() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::Builder::new().prefix("package-").tempdir()?;
    let path = folder.path().to_str().ok_or("a path that is not UTF-8")?;
    step("packages", &[PACKAGES, &[path]].concat())
}

/// Fails with what to do where cargo-deny is not installed.
fn require_deny() -> Result<(), Box<dyn Error>> {
    let version = Command::new("cargo").args(["deny", "--version"]).output();
    if version.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    Err("cargo-deny is missing; get it with: \
         cargo install --locked cargo-deny"
        .into())
}

/// Runs the tests; stops at the first that fails.
pub(crate) fn test() -> Result<(), Box<dyn Error>> {
    run(TESTS)?;
    std::thread::scope(|scope| {
        let run_one = |steps| move || run(steps).map_err(|it| it.to_string());
        let all = BESIDE.map(|steps| scope.spawn(run_one(steps)));
        all.into_iter().try_for_each(|one| {
            one.join().map_err(|_| "a panic".to_owned()).flatten()
        })
    })?;
    run(LAST)
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
        .current_dir(testkit::root())
        .env("RUSTDOCFLAGS", "-D warnings")
        .status()
        .map_err(|error| format!("{program}: {error}"))?;
    if !status.success() {
        return Err(format!("{name} failed: {status}").into());
    }
    println!("==> {name}: passed in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    /// What a script needs to find out what is missing.
    const TOOLS: &[&str] =
        &["bash", "chmod", "dirname", "mktemp", "realpath", "rm", "sed"];

    /// A folder with links to `TOOLS`, and nothing else: no cargo, no
    /// compiler, no apt-get, no `id` that could say root.
    fn bare_path() -> std::path::PathBuf {
        let name = format!("t1053-bare-path-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        let path = std::env::var_os("PATH").unwrap();
        for tool in TOOLS {
            let program = std::env::split_paths(&path)
                .map(|folder| folder.join(tool))
                .find(|program| program.exists())
                .unwrap_or_else(|| panic!("{tool} is not on the path"));
            std::os::unix::fs::symlink(program, folder.join(tool)).unwrap();
        }
        folder
    }

    #[test]
    fn script_whose_tool_is_missing_fails_and_says_how_to_get_it() {
        let path = bare_path();
        for (script, advice) in [
            (&[".ci/trust", "fuzz"][..], "cargo install --locked cargo-fuzz"),
            (&[".ci/trust", "api"], "cargo install --locked cargo-public-api"),
            (
                &[".ci/trust", "advisories"],
                "cargo install --locked cargo-deny",
            ),
            (
                &[".ci/trust", "sbom", "target/sbom"],
                "cargo install --locked cargo-cyclonedx",
            ),
            (&[".ci/trust", "oldest"], "rustup toolchain install 1.89"),
            (&[".ci/trust", "miri"], "--component miri"),
            (&["ffi/test"], "install these first: gcc g++"),
            (&["ffi/test-integration"], "install these first: gcc"),
            (&["ffi/test-windows"], "install these first: rustc-web"),
        ] {
            let output = Command::new(path.join("bash"))
                .args(script)
                .current_dir(testkit::root())
                .env("PATH", &path)
                .output()
                .unwrap();
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success(), "{script:?} passed");
            assert!(error.contains(advice), "{script:?}: {error}");
        }
        std::fs::remove_dir_all(path).unwrap();
    }
}
