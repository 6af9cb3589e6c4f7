//! Compiles Sigma rules to a pack, which an agent loads without a YAML parser.
//!
//! ```sh
//! cargo run -p t1053 --features sigma,regex --example compile -- \\
//!     rules.t1053 rules/
//! ```

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use t1053::RuleSet;

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths = std::env::args_os().skip(1).map(PathBuf::from);
    let pack = paths.next().ok_or("give the pack to write, and rules")?;
    let mut files = Vec::new();
    for path in paths {
        files.extend(frontend::rules::read(&path)?);
    }
    let set = files.iter().fold(RuleSet::builder(), |set, file| {
        set.file(&file.name, &file.bytes)
    });
    let set = set.build();
    for problem in set.problems() {
        eprintln!("{problem}");
    }
    fs::write(&pack, set.to_pack())?;
    eprintln!(
        "{}",
        frontend::rules::summary(set.rules().len(), set.problems().len()),
    );
    Ok(())
}
