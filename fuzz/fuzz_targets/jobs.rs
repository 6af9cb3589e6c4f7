//! Jobs of arbitrary events: nothing panics, a warm reader tells what a new
//! one tells, and a detector finds no job that a reader does not tell.
//!
//! That no guard is too narrow is held by `core/tests/jobs.rs` on real lines:
//! a text that hides a name as no shell would undo it has a job that no guard
//! can tell.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use t1053::event::{
    AuditExecve, Event, Field, FileCreation, ProcessCreation, RegistryEvent,
    ScriptBlock, TaskRegistered,
};
use t1053::{Detector, JobReader, Scratch};
use testkit::rules::any_job;

/// Finds every event that speaks of a job.
static ANY_JOB: LazyLock<Detector> = LazyLock::new(any_job);

fn told(reader: &mut JobReader, event: &Event<'_>) -> Vec<(Field, Vec<u8>)> {
    let jobs = reader.read(event);
    let values = jobs.flat_map(|job| job.values());
    values.map(|(field, value)| (field, value.to_vec())).collect()
}

fuzz_target!(|data: &[u8]| {
    let Some((&kind, rest)) = data.split_first() else { return };
    let mut parts = rest.split(|byte| *byte == 0);
    let text = parts.next();
    let image = parts.next();
    let parent = parts.next();
    let process = ProcessCreation {
        image,
        command_line: text,
        parent_image: parent,
        parent_command_line: parts.next(),
        original_file_name: parts.next(),
        ..Default::default()
    };
    let event = match kind % 7 {
        0 => Event::windows(process),
        1 => Event::linux(process),
        2 => Event::windows(ScriptBlock {
            script_block_text: text,
            ..Default::default()
        }),
        3 => Event::windows(TaskRegistered {
            task_content: text,
            ..Default::default()
        }),
        4 => Event::windows(RegistryEvent {
            target_object: text,
            details: image,
            event_type: Some(b"SetValue"),
            ..Default::default()
        }),
        5 => Event::linux(FileCreation {
            target_filename: text,
            image,
            ..Default::default()
        }),
        _ => Event::linux(AuditExecve { argv: text, ..Default::default() }),
    };
    let mut warm = JobReader::new();
    let first = told(&mut warm, &event);
    assert_eq!(first, told(&mut warm, &event));
    assert_eq!(first, told(&mut JobReader::new(), &event));
    let mut scratch = Scratch::new(&ANY_JOB);
    let is_asked = !ANY_JOB.evaluate(&event, &mut scratch).is_empty();
    assert!(!is_asked || !first.is_empty(), "{event:?}");
});
