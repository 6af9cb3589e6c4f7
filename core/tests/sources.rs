//! One attack, told by every source that can tell it, gives the same
//! detections.
//!
//! Each file of `testdata/sources` has three records: the attack, one that
//! nearly matches, and one that is unrelated. Each folder is an attack: a
//! task as SYSTEM from a writable folder, the table of another account's
//! jobs that is edited, or replaced as cron's own log has it, a file for cron,
//! also as the kernel's audit tells it, a launch item that starts a program in
//! a folder for anyone, and jobs that are made in clusters and clouds.

#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use t1053::event::{Event, Field};
use t1053::record::{Format, Reader};
use t1053::rule::{Operation, Predicate, Test};
use t1053::{Detector, Report, Scanner};

/// The detections that each of a file's records yields, whether or not those
/// that can match nothing are filtered out.
fn found(
    detector: &Detector,
    file: &Path,
    filter: bool,
) -> Vec<BTreeSet<String>> {
    let log = fs::read(file).unwrap();
    let mut found: Vec<(u64, String)> = Vec::new();
    let mut sink = |report: Report<'_>| {
        if let Report::Match(one) = report {
            let slug = one.found.detection().slug.to_string();
            found.push((one.record, slug));
        }
        ControlFlow::Continue(())
    };
    // What is joined of the one record of an audit event is asked more.
    let scanner = Scanner::builder(detector).filter(filter).join(false);
    let mut scanner = scanner.build().unwrap();
    let _ = scanner.feed(&log, &mut sink);
    let _ = scanner.finish(&mut sink);
    let counts = scanner.counts();
    testkit::accounted(counts);
    let name = file.display();
    assert_eq!((counts.records, counts.unreadable), (3, 0), "{name}");
    let of = |record: u64| {
        let slugs = found.iter().filter(|(number, _)| *number == record);
        slugs.map(|(_, slug)| slug.clone()).collect()
    };
    (0..counts.records).map(of).collect()
}

fn files(folder: &str) -> Vec<PathBuf> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = sources.join("../testdata/sources").join(folder);
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|it| it.unwrap().path()).collect();
    files.sort();
    files
}

/// Compares what is found in the files of a folder.
fn compare(folder: &str, expected: &[&str], least: usize) {
    compare_by(&Detector::published(), folder, expected, least);
}

/// The same of detections that are chosen.
fn compare_by(
    detector: &Detector,
    folder: &str,
    expected: &[&str],
    least: usize,
) {
    let files = files(folder);
    assert!(files.len() >= least, "{folder}: {} files", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let filtered = found(detector, &file, true);
        let found = found(detector, &file, false);
        assert_eq!(filtered, found, "{}", file.display());
        let is_right = match &found[..] {
            [attack, near, other] => {
                attack.iter().eq(expected.iter().copied())
                    && near.is_empty()
                    && other.is_empty()
            }
            _ => false,
        };
        if !is_right {
            wrong.push(format!("{}: {found:?}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_task_as_system_is_found_in_every_source() {
    compare(
        "windows",
        &[
            "scheduled_task_deleted_or_created_via_cmd",
            "schtasks_scheduling_job_on_remote_system",
            "suspicious_scheduled_task_from_public_directory",
            "windows_schtasks_create_run_as_system",
        ],
        82,
    );
}

#[test]
fn a_table_of_jobs_that_is_edited_is_found_in_every_source() {
    compare("linux", &["linux_edit_cron_table_parameter"], 24);
}

#[test]
fn a_file_for_cron_is_found_in_every_source() {
    compare("files", &["linux_add_files_in_known_crontab_directories"], 10);
}

#[test]
fn a_file_for_cron_is_found_in_every_form_of_an_audit_record() {
    compare(
        "audit",
        &[
            "linux_auditd_possible_append_cronjob_entry_on_existing_cronjob_file",
            "secops_linux_add_files_to_crontab_dir",
        ],
        15,
    );
}

#[test]
fn a_webhook_is_found_in_every_form_of_azures_log() {
    compare("azure", &["secops_azure_automation_webhook_created"], 4);
}

/// A detector of a few detections.
fn only(slugs: &[&str]) -> Detector {
    let mut builder = Detector::builder();
    for slug in slugs {
        builder = builder.enable(slug.parse().unwrap());
    }
    builder.build().unwrap()
}

#[test]
fn a_table_of_jobs_that_is_replaced_is_found_in_every_log_of_cron() {
    let slugs = ["cron_table_replaced"];
    compare_by(&only(&slugs), "cron", &slugs, 8);
}

#[test]
fn a_launch_item_is_found_in_every_source() {
    let slugs = ["job_action_writable_path", "launchd_job_written"];
    compare_by(&only(&slugs), "launchd", &slugs, 5);
}

#[test]
fn jobs_of_clusters_and_clouds_are_found_in_every_source() {
    for (folder, slug, least) in [
        ("kubernetes", "kubernetes_job_changed", 10),
        ("aws", "cloud_job_changed", 9),
        ("gcp", "cloud_job_changed", 4),
    ] {
        compare_by(&only(&[slug]), folder, &[slug], least);
    }
}

/// Whatever part of a value a rule asks for: that it stands in the record as
/// it stands in the value is what the filter relies on.
#[test]
fn no_record_is_passed_over_of_which_a_part_of_a_value_is_asked() {
    let mut tried = 0;
    for folder in
        fs::read_dir(testkit::root().join("testdata/sources")).unwrap()
    {
        for file in files(folder.unwrap().file_name().to_str().unwrap()) {
            let log = fs::read(&file).unwrap();
            let record = log.split(|byte| *byte == b'\n').next().unwrap();
            // Text is not filtered.
            if !matches!(record.first(), Some(b'{' | b'<')) {
                continue;
            }
            let mut reader = Reader::new();
            let _ = reader.read(Format::Auto, record, |_, event| {
                for field in Field::ALL {
                    let Some(value) = event.get(*field) else { continue };
                    for third in 0..3 {
                        let start = value.len() * third / 3;
                        let end = value.len().min(start + 9);
                        let part = String::from_utf8_lossy(&value[start..end]);
                        if part.len() < 4 || !part.is_ascii() {
                            continue;
                        }
                        tried += 1;
                        let found = [true, false].map(|filter| {
                            asked(event, *field, &part, record, filter)
                        });
                        let name = file.display();
                        assert_eq!(
                            found[0], found[1],
                            "{name} {field} {part}"
                        );
                    }
                }
            });
        }
    }
    assert!(tried > 1000, "{tried}");
}

/// How often a rule that asks for part of a value of an event matches in a
/// record.
fn asked(
    event: &Event<'_>,
    field: Field,
    part: &str,
    record: &[u8],
    filter: bool,
) -> usize {
    let part = part.to_owned().into();
    let test = Test::new(field, Operation::Contains, part);
    let mut rule =
        testkit::rules::rule("r", event.kind(), Predicate::Test(test));
    rule.detection.platform = event.platform;
    let detector = testkit::rules::detector([&rule]);
    let scanner = Scanner::builder(&detector).filter(filter).join(false);
    let (found, _) = testkit::scan(scanner.build().unwrap(), record, 1 << 16);
    found.len()
}

/// What the filter looks for stands in such records in another spelling; of
/// others, one without any value turns it off for none.
#[test]
fn a_long_stream_of_names_spelled_otherwise_is_read() {
    let detector = Detector::published();
    let scan = |first: &str, quiet: &str, last: &str| {
        let quiet = format!("{quiet}\n").repeat(300);
        let stream = format!("{first}\n{quiet}{last}\n");
        let scanner = Scanner::builder(&detector).join(false).build();
        let (found, counts) =
            testkit::scan(scanner.unwrap(), stream.as_bytes(), 1 << 16);
        (found.len(), counts.filtered)
    };
    let quiet = r#"{"processExec":{"process":{"binary":"/bin/ls","arguments":"-l"}},"nodeName":"lx1","time":"2026-11-25T10:00:00Z"}"#;
    let attack = quiet
        .replace("/bin/ls", "/usr/bin/crontab")
        .replace("-l", "-u www-data -e");
    assert_eq!(scan("", quiet, &attack), (1, 0));
    let bare = r#"{"EventID":1,"SourceName":"Microsoft-Windows-Sysmon"}"#;
    let quiet = bare.replace('}', r#","Image":"C:\\a.exe"}"#);
    let (_, filtered) = scan(bare, &quiet, "{}");
    assert!(filtered > 250, "{filtered}");
}
