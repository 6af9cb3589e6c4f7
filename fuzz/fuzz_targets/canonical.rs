//! Canonical text, a layer at a time: nothing panics, what is written is
//! bounded, a warm reader writes what a new one writes, and a path or a key in
//! its one spelling is left alone.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use t1053::event::{
    Event, Field, FileCreation, ProcessCreation, RegistryEvent, ScriptBlock,
};
use t1053::{Detector, Scratch};
use testkit::rules::{any_value, detector};

/// Most bytes of all values of an event, and most values.
const MOST_BYTES: usize = 64 << 10;
const MOST_VALUES: usize = 257;

/// Detectors that find every event which has a value of a field.
static HAVING: LazyLock<[(Field, Detector); 4]> = LazyLock::new(|| {
    [
        Field::CanonicalCommandLine,
        Field::CanonicalScript,
        Field::CanonicalPath,
        Field::Tool,
    ]
    .map(|field| (field, detector([&any_value(field)])))
});

/// All values of a field.
fn values(detector: &Detector, event: &Event<'_>) -> Vec<Vec<u8>> {
    let explained = detector.explain("any", event).unwrap();
    let steps = explained.parts().iter().flat_map(|part| &part.steps);
    steps.flat_map(|step| step.values.clone()).collect()
}

fuzz_target!(|data: &[u8]| {
    let Some((&layer, text)) = data.split_first() else { return };
    let head: &[u8] = match layer % 9 {
        1 => b"cmd.exe /c ",
        2 => b"powershell -c ",
        4 => b"sh -c ",
        _ => b"",
    };
    let line = [head, text].concat();
    let text = Some(&*line);
    let process = ProcessCreation { command_line: text, ..Default::default() };
    let file = FileCreation { target_filename: text, ..Default::default() };
    let key = RegistryEvent { target_object: text, ..Default::default() };
    let event = match layer % 9 {
        0..=2 => Event::windows(process),
        3 => Event::windows(ScriptBlock {
            script_block_text: text,
            ..Default::default()
        }),
        4 | 5 => Event::linux(process),
        6 => Event::windows(file),
        7 => Event::linux(file),
        _ => Event::windows(key),
    };
    for (field, detector) in &*HAVING {
        let found = values(detector, &event);
        let bytes: usize = found.iter().map(Vec::len).sum();
        assert!(bytes <= MOST_BYTES && found.len() <= MOST_VALUES);
        let mut scratch = Scratch::new(detector);
        for _ in 0..2 {
            let is_found = !detector.evaluate(&event, &mut scratch).is_empty();
            assert_eq!(is_found, !found.is_empty(), "{field}");
        }
        assert_eq!(found, values(detector, &event), "{field}");
        if *field != Field::CanonicalPath {
            continue;
        }
        for spelled in &found {
            let mut again = event.clone();
            let plain = match layer % 9 {
                8 => Field::TargetObject,
                _ => Field::TargetFilename,
            };
            again.set(plain, spelled).unwrap();
            assert_eq!(values(detector, &again), [spelled.as_slice()]);
        }
    }
});
