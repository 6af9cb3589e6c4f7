//! What fuzzing found once, replayed through everything that takes bytes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::path::PathBuf;

use t1053::TaskDefinition;
use t1053::event::{Event, ScriptBlock, TaskRegistered};
use t1053::record::{Format, Reader};
use t1053::{Detector, Scanner, Scratch};

/// The cases of every target; none where the fuzz targets are not at hand.
fn cases() -> Vec<PathBuf> {
    let root = testkit::root();
    let Ok(targets) = fs::read_dir(root.join("fuzz/regressions")) else {
        return Vec::new();
    };
    let folders = targets.map(|it| it.unwrap().path());
    let files = folders.flat_map(|it| fs::read_dir(it).unwrap());
    files.map(|it| it.unwrap().path()).collect()
}

#[test]
fn stay_fixed() {
    let detector = Detector::new();
    let mut scratch = Scratch::new(&detector);
    for file in cases() {
        let bytes = fs::read(&file).unwrap();
        // Targets take a few bytes as settings first.
        for start in 0..bytes.len().min(9) {
            let stream = &bytes[start..];
            let scan = |filter, chunk| {
                let scanner = Scanner::builder(&detector).filter(filter);
                let scanner = scanner.record_limit(1024).build().unwrap();
                testkit::scan(scanner, stream, chunk)
            };
            let whole = scan(true, usize::MAX);
            for chunk in [1, 2, 3, 7, 33, 64, 100] {
                assert_eq!(scan(true, chunk), whole, "{}", file.display());
            }
            assert_eq!(scan(false, usize::MAX).0, whole.0);
            for &format in Format::ALL {
                let _ = Reader::new().read(format, stream, |_, _| {});
            }
            let _ = TaskDefinition::new(stream).elements().count();
            let text = Some(stream);
            let block =
                ScriptBlock { script_block_text: text, ..Default::default() };
            let task =
                TaskRegistered { task_content: text, ..Default::default() };
            for event in [Event::windows(block), Event::windows(task)] {
                let _ = detector.evaluate(&event, &mut scratch).count();
            }
        }
    }
}
