//! Jobs of real and of hostile events.

use std::fs;
use std::time::Instant;

use t1053::event::{Event, Field, ProcessCreation, ScriptBlock};
use t1053::record::Reader;
use t1053::{Format, JobReader};

/// Reading jobs allocates nothing once the memory is warm, over every event
/// there is; and each job says what runs it.
#[test]
fn warm_reader_of_jobs_never_allocates() {
    let mut jobs = JobReader::new();
    let mut told = 0;
    for file in testkit::record_files() {
        let mut bytes = fs::read(&file).unwrap();
        bytes.truncate(4 << 20);
        for record in bytes.split(|byte| *byte == b'\n') {
            let mut reader = Reader::new();
            let _ = reader.read(Format::Auto, record, |_, event| {
                for job in jobs.read(event) {
                    assert!(job.value(Field::JobScheduler).is_some());
                    told += 1;
                }
                let info = allocation_counter::measure(|| {
                    let _ = jobs.read(event).count();
                });
                assert_eq!(info.count_total, 0, "{event:?}");
            });
        }
    }
    assert!(told > 100, "{told}");
}

/// Texts made to be slow take time in proportion to their length, and no
/// event more than a bounded time.
#[test]
fn hostile_texts_take_bounded_time() {
    let pieces = [
        "$(",
        "`",
        "${x#*",
        "{a,",
        "'",
        "\"",
        "\\",
        "<<E\n",
        "(",
        "[char]",
        "'a'+",
        "&('",
        "for %i in (a) do ",
        "%x:a=",
        "!x!",
        "^",
        "|iex ",
        "schtasks /create ",
        "crontab -;",
        "a=b;",
        "/etc/cron.d/x ",
        "$x",
        "@(",
        "-f ",
        "\u{201c}",
    ];
    let mut jobs = JobReader::new();
    for piece in pieces {
        for shell in ["cmd /c ", "sh -c ", "powershell -c ", ""] {
            let line = shell.to_owned() + &piece.repeat(10_000);
            for event in [
                Event::windows(ProcessCreation {
                    image: Some(b"x"),
                    command_line: Some(line.as_bytes()),
                    ..Default::default()
                }),
                Event::linux(ProcessCreation {
                    image: Some(b"x"),
                    command_line: Some(line.as_bytes()),
                    ..Default::default()
                }),
                Event::windows(ScriptBlock {
                    script_block_text: Some(line.as_bytes()),
                    ..Default::default()
                }),
            ] {
                let start = Instant::now();
                let _ = jobs.read(&event).count();
                let took = start.elapsed().as_millis();
                // A hundred times what it takes without optimisation.
                assert!(took < 20_000, "{shell}{piece}: {took} ms");
            }
        }
    }
    assert!(jobs.memory_usage() < 4 << 20, "{}", jobs.memory_usage());
}
