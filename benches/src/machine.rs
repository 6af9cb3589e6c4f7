//! What it was measured on.

use std::process::Command;

fn file(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// The value of a `name : value` line.
fn line(text: &str, name: &str) -> Option<String> {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let mut found = lines.filter(|(key, _)| key.trim() == name);
    found.next().map(|(_, value)| value.trim().to_owned())
}

fn run(program: &str, arguments: &[&str]) -> String {
    let folder = env!("CARGO_MANIFEST_DIR");
    let mut command = Command::new(program);
    let output = command.args(arguments).current_dir(folder).output();
    let text = output.map(|it| it.stdout).unwrap_or_default();
    String::from_utf8_lossy(&text).trim().to_owned()
}

/// The processor's name, with what tells apart those of the same name.
pub fn processor() -> String {
    let text = file("/proc/cpuinfo");
    let of = |name| line(&text, name).unwrap_or_else(|| "?".into());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{} (family {}, model {}), {cores} cores",
        of("model name"),
        of("cpu family"),
        of("model"),
    )
}

/// The compiler's version.
pub fn compiler() -> String {
    run("rustc", &["--version"])
}

/// The commit, and whether there are changes on top.
pub fn commit() -> String {
    let commit = run("git", &["rev-parse", "--short=10", "HEAD"]);
    let changes = run(
        "git",
        &[
            "status",
            "--porcelain",
            "--",
            "../core",
            "../literals",
            "src",
            "benches",
        ],
    );
    if changes.is_empty() { commit } else { commit + " with changes" }
}

/// How many threads wanted to run of late: more than cores, and the wall clock
/// tells of others.
pub fn load() -> String {
    let loads = file("/proc/loadavg");
    loads.split(' ').next().unwrap_or("?").to_owned()
}

/// Today, as `2025-03-11`.
pub fn date() -> String {
    run("date", &["-u", "+%Y-%m-%d"])
}

/// Bytes of this process that are in memory.
pub fn resident() -> usize {
    let size = line(&file("/proc/self/status"), "VmRSS");
    let kilobytes = size.and_then(|it| it.split(' ').next()?.parse().ok());
    kilobytes.map_or(0, |it: usize| it << 10)
}
