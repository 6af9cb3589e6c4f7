//! How the literals of the built-in detections are looked for: chosen here,
//! so that no program that uses them has to when it starts.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;

use t1053::Detector;
use t1053_literals::choose;

use crate::generate::Built;

/// What stands before the sets.
const HEAD: &str = "\
// Written by `cargo xtask generate` from core/detections; do not edit.

use t1053_literals::Chosen;

pub(super) static CHOSEN: Chosen<'static> = Chosen {
    sets: &[
";

/// The constant that has what was chosen for each search of the two presets
/// that are built the most, if text is canonical as by default. Others choose
/// when they start: each set takes room in every library.
pub(crate) fn source(built: &[Built]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut sets = BTreeMap::new();
    for preset in ["published", "all"] {
        let rules = built.iter().map(|built| built.rule.clone());
        let builder = Detector::builder().without_builtin();
        let builder = rules.fold(builder, |all, rule| all.rule(rule));
        let detector = builder.enable(preset.parse()?).build()?;
        detector.each_search(&mut |literals| {
            if !literals.is_empty() {
                sets.extend(choose(literals));
            }
        });
    }
    let mut source = String::from(HEAD);
    let mut start = 0;
    for (number, places) in &sets {
        writeln!(source, "        (0x{number:016x}, {start}),")?;
        start += places.len();
    }
    source.push_str("    ],\n    places: &[\n");
    for places in sets.values() {
        for line in places.chunks(16) {
            let numbers = line.iter().map(u8::to_string);
            let numbers = numbers.collect::<Vec<_>>().join(", ");
            writeln!(source, "        {numbers},")?;
        }
    }
    source.push_str("    ],\n};\n");
    Ok(source.into_bytes())
}
