//! Jobs of real and of hostile events.

use std::fs;
use std::time::Instant;

use t1053::event::{
    Event, Field, FileCreation, ProcessCreation, RegistryEvent, ScriptBlock,
};
use t1053::record::Reader;
use t1053::{Canonical, Detector, Format, JobReader, Scratch};
use testkit::rules::any_job;

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

/// How far texts are taken apart is the caller's choice; what a record says
/// outright is told in any case.
#[test]
fn less_canonical_text_tells_no_more() {
    let line = |text: &'static str| {
        Event::windows(ProcessCreation {
            image: Some(br"C:\Windows\System32\cmd.exe"),
            command_line: Some(text.as_bytes()),
            ..Default::default()
        })
    };
    let script = Event::windows(ScriptBlock {
        script_block_text: Some(b"Register-ScheduledTask -TaskName x"),
        ..Default::default()
    });
    let file = Event::linux(FileCreation {
        target_filename: Some(b"/etc/cron.d/x"),
        image: Some(b"/usr/bin/bash"),
        ..Default::default()
    });
    for (event, told) in [
        (line("schtasks /create /tn x /tr y"), [false, true, true]),
        (line("cmd /c schtasks /create /tn x /tr y"), [false, false, true]),
        (script, [false, false, true]),
        (file, [true, true, true]),
    ] {
        for (&canonical, told) in Canonical::ALL.iter().zip(told) {
            let builder = Detector::builder().canonical(canonical);
            let detector = builder.build().unwrap();
            let mut scratch = Scratch::new(&detector);
            let matches = detector.evaluate(&event, &mut scratch);
            let verdict = matches.verdict();
            let has_job = verdict.is_some_and(|all| all.job().is_some());
            assert_eq!(has_job, told, "{canonical:?} {event:?}");
        }
    }
    for canonical in Canonical::ALL {
        assert_eq!(canonical.name().parse(), Ok(*canonical));
    }
}

/// A detector is asked about every job that a reader tells, and about no
/// other: no guard is too narrow.
#[test]
fn detector_sees_each_job_that_a_reader_tells() {
    let detector = any_job();
    let mut scratch = Scratch::new(&detector);
    let mut jobs = JobReader::new();
    let mut missed = Vec::new();
    let mut check = |event: &Event<'_>| {
        let told = jobs.read(event).next().is_some();
        let is_asked = !detector.evaluate(event, &mut scratch).is_empty();
        if is_asked != told {
            let shown = |field| event.get(field).map(String::from_utf8_lossy);
            let line = shown(Field::CommandLine).or(shown(Field::Argv));
            missed.push(format!("{:?}: {line:?} {event:?}", event.kind()));
        }
    };
    for file in testkit::record_files() {
        let mut bytes = fs::read(&file).unwrap();
        bytes.truncate(4 << 20);
        for record in bytes.split(|byte| *byte == b'\n') {
            let mut reader = Reader::new();
            let _ = reader.read(Format::Auto, record, |_, event| check(event));
        }
    }
    for (image, line) in [
        ("/usr/bin/aws", "aws scheduler create-schedule --name x"),
        ("/usr/bin/gcloud", "gcloud scheduler jobs run x"),
        ("/usr/bin/az", "az logic workflow create -n x"),
        ("/usr/bin/az", "az automation runbook start -n x"),
        ("/usr/bin/aws", "aws events put-targets --rule x"),
        ("/usr/bin/python3", "python3 atexec.py a@b c"),
        ("/usr/bin/perl", "perl -e system(\"crontab /tmp/x\")"),
        ("/usr/bin/cat", "cat x | tee /etc/cron.d/y"),
        ("/usr/bin/dash", "sh -c at now < /tmp/x"),
        ("/usr/bin/dash", "sh -c c${x}rontab -r"),
        ("/usr/bin/defaults", "defaults write /Library/LaunchAgents/x y z"),
        ("/usr/bin/tar", "tar xf a -C /var/spool/cron"),
    ] {
        check(&Event::linux(ProcessCreation {
            image: Some(image.as_bytes()),
            command_line: Some(line.as_bytes()),
            ..Default::default()
        }));
    }
    for line in [
        "a.exe -t schtask -c x -n y -m add",
        "reg add HKCU\\Environment /v windir /d x",
        "powershell saps schtasks '/run /tn x'",
        "python -c \"os.system('schtasks /run /tn x')\"",
        "cmd /c dir &amp; schtasks /run /tn x",
        "aws.exe events enable-rule --name x",
        "a.exe /create /tn x /tr y",
        "a.exe /run /tn x",
        "a.exe -end -tn x",
    ] {
        check(&Event::windows(ProcessCreation {
            command_line: Some(line.as_bytes()),
            ..Default::default()
        }));
    }
    // Of processes whose file is not told.
    for line in ["at now", "batch", "atq", "atrm 3", "x -run /tn a"] {
        let line = Some(line.as_bytes());
        let process =
            || ProcessCreation { command_line: line, ..Default::default() };
        check(&Event::linux(process()));
        check(&Event::windows(process()));
    }
    for object in
        [r"HKU\S-1-5-21-1\Environment\windir", r"HKCU\Environment\SystemRoot"]
    {
        check(&Event::windows(RegistryEvent {
            target_object: Some(object.as_bytes()),
            event_type: Some(b"SetValue"),
            ..Default::default()
        }));
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
