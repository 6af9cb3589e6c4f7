/*!
Results of osquery's scheduled queries. The table is not named, so the columns
tell it. A row stands in `columns`, or with others in `diffResults`.

Rows of a snapshot come with every run. They tell what is, and no event: those
of tables of jobs are read, without anything that was done.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::shape::{
    Family, Layout, Reads, Shape, Tell, copied, hint, job, launchd, on, own,
    records, shared, when,
};

const IS_RESULT: Tell = Tell::All(&[
    Tell::Has("hostIdentifier"),
    Tell::Has("columns"),
    Tell::Is("action", &["added", "removed"]),
]);

const COMMON: Layout = shared(&[
    own("hostIdentifier", Key::Computer),
    own("columns.time", Key::EventTime),
    copied("unixTime", Key::EventTime),
    own("decorations.platform", Key::Os),
    records("diffResults.added"),
]);

/// What a table is called; its layout is the same wherever a row stands, and
/// listed once.
macro_rules! named {
    ("columns.", $name:literal, $about:literal, $lost:literal) => {
        Layout {
            name: $name,
            about: $about,
            lost: $lost,
            verified: true,
            members: &[],
        }
    };
    ($prefix:tt, $name:literal, $about:literal, $lost:literal) => {
        shared(&[])
    };
}

/// Tells that something holds, and what a column is.
macro_rules! both {
    ($tell:expr, $path:expr, $($text:literal)+) => {
        Tell::All(&[$tell, Tell::Is($path, &[$($text),+])])
    };
}

/// The shapes of rows whose columns' names begin in a way: what holds of each,
/// of one that is an event, and of one that says that a job is new or gone.
macro_rules! tables {
    ($prefix:tt, $is_row:expr, $added:expr, $created:expr, $removed:expr) => {
        /// `process_events` and its kin.
        pub(crate) const PROCESS: Shape = Shape {
            tells: Tell::All(&[
                $is_row,
                Tell::Has(concat!($prefix, "path")),
                Tell::Has(concat!($prefix, "cmdline")),
                Tell::Any(&[
                    Tell::All(&[
                        Tell::Has(concat!($prefix, "auid")),
                        Tell::Has(concat!($prefix, "parent")),
                    ]),
                    // bpf_process_events.
                    Tell::All(&[
                        Tell::Has(concat!($prefix, "parent")),
                        Tell::Is(
                            concat!($prefix, "syscall"),
                            &["exec", "execve", "execveat"],
                        ),
                    ]),
                    // process_etw_events.
                    Tell::Is(concat!($prefix, "type"), &["ProcessStart"]),
                    Tell::All(&[
                        Tell::Has(concat!($prefix, "signing_id")),
                        Tell::Has(concat!($prefix, "event_type")),
                    ]),
                ]),
            ]),
            reads: Reads::Rules(&[
                on(
                    Platform::Macos,
                    both!($added, concat!($prefix, "event_type"), "exec"),
                    EventKind::ProcessCreation,
                ),
                when(
                    Tell::All(&[
                        $added,
                        Tell::Lacks(concat!($prefix, "event_type")),
                    ]),
                    EventKind::ProcessCreation,
                ),
            ]),
            gives: &[],
            family: Family::Own,
            layouts: &[
                &COMMON,
                &Layout {
                    members: &[
                        own(concat!($prefix, "path"), Key::Image),
                        own(concat!($prefix, "cmdline"), Key::CommandLine),
                        own(concat!($prefix, "cwd"), Key::CurrentDirectory),
                        own(concat!($prefix, "pid"), Key::ProcessId),
                        own(concat!($prefix, "parent"), Key::ParentProcessId),
                        own(concat!($prefix, "username"), Key::User),
                    ],
                    ..named!(
                        $prefix,
                        "osquery, processes",
                        "rows of process_events, bpf_ and es_process_events",
                        "the parent's path"
                    )
                },
            ],
        };

        /// `file_events`: what was done, in capitals, to a watched path.
        pub(crate) const FILE: Shape = Shape {
            tells: Tell::All(&[
                $is_row,
                Tell::Has(concat!($prefix, "target_path")),
                Tell::Has(concat!($prefix, "action")),
            ]),
            reads: Reads::Rules(&[
                when(
                    both!($added, concat!($prefix, "action"), "CREATED" "MOVED_TO"),
                    EventKind::FileCreation,
                ),
                when(
                    both!($added, concat!($prefix, "action"), "UPDATED"),
                    EventKind::FileModification,
                ),
                when(
                    both!($added, concat!($prefix, "action"), "DELETED" "MOVED_FROM"),
                    EventKind::FileDeletion,
                ),
            ]),
            gives: &[],
            family: Family::Own,
            layouts: &[
                &COMMON,
                &Layout {
                    members: &[own(
                        concat!($prefix, "target_path"),
                        Key::TargetFilename,
                    )],
                    ..named!(
                        $prefix,
                        "osquery, files",
                        "rows of file_events",
                        "who did it"
                    )
                },
            ],
        };

        /// `es_process_file_events`.
        pub(crate) const MACOS_FILE: Shape = Shape {
            tells: Tell::All(&[
                $is_row,
                Tell::Has(concat!($prefix, "filename")),
                Tell::Has(concat!($prefix, "dest_filename")),
                Tell::Has(concat!($prefix, "event_type")),
            ]),
            reads: Reads::Rules(&[
                on(
                    Platform::Macos,
                    both!($added, concat!($prefix, "event_type"), "create"),
                    EventKind::FileCreation,
                ),
                on(
                    Platform::Macos,
                    both!($added, concat!($prefix, "event_type"), "write"),
                    EventKind::FileModification,
                ),
            ]),
            gives: &[],
            family: Family::Own,
            layouts: &[
                &COMMON,
                &Layout {
                    members: &[
                        own(concat!($prefix, "filename"), Key::TargetFilename),
                        own(concat!($prefix, "path"), Key::Image),
                        own(concat!($prefix, "pid"), Key::ProcessId),
                    ],
                    ..named!(
                        $prefix,
                        "osquery, files of macOS",
                        "rows of es_process_file_events",
                        ""
                    )
                },
            ],
        };

        /// The same, where a file gets a new name.
        pub(crate) const MACOS_RENAME: Shape = Shape {
            tells: Tell::All(&[
                $is_row,
                Tell::Has(concat!($prefix, "filename")),
                Tell::Has(concat!($prefix, "dest_filename")),
                Tell::Is(concat!($prefix, "event_type"), &["rename"]),
            ]),
            reads: Reads::Rules(&[on(
                Platform::Macos,
                $added,
                EventKind::FileRename,
            )]),
            gives: &[],
            family: Family::Own,
            layouts: &[
                &COMMON,
                &shared(&[
                    own(
                        concat!($prefix, "dest_filename"),
                        Key::TargetFilename,
                    ),
                    own(concat!($prefix, "filename"), Key::SourceFilename),
                    own(concat!($prefix, "path"), Key::Image),
                    own(concat!($prefix, "pid"), Key::ProcessId),
                ]),
            ],
        };

        /// `scheduled_tasks`, of which a row that is new is a task that is
        /// new.
        pub(crate) const TASK: Shape = Shape {
            tells: Tell::All(&[
                $is_row,
                Tell::Has(concat!($prefix, "last_run_time")),
                Tell::Has(concat!($prefix, "hidden")),
                Tell::Has(concat!($prefix, "action")),
                Tell::Has(concat!($prefix, "path")),
            ]),
            reads: Reads::Rules(&[on(
                Platform::Windows,
                $added,
                EventKind::TaskRegistered,
            )]),
            gives: &[],
            family: Family::Own,
            layouts: &[
                &COMMON,
                &Layout {
                    members: &[
                        own(concat!($prefix, "path"), Key::TaskName),
                        hint(concat!($prefix, "name"), Key::TaskName),
                        own(concat!($prefix, "action"), Key::TaskCommand),
                    ],
                    ..named!(
                        $prefix,
                        "osquery, tasks",
                        "new rows of scheduled_tasks",
                        "all but the action; a changed task looks new"
                    )
                },
            ],
        };

        /// `crontab`.
        pub(crate) const CRONTAB: Shape = Shape {
            tells: Tell::All(&[
                $is_row,
                Tell::Has(concat!($prefix, "minute")),
                Tell::Has(concat!($prefix, "day_of_month")),
                Tell::Has(concat!($prefix, "command")),
                Tell::Has(concat!($prefix, "path")),
            ]),
            reads: Reads::Rules(&[
                job($removed, "delete", "cron"),
                job($created, "create", "cron"),
                job(Tell::Has(concat!($prefix, "command")), "", "cron"),
            ]),
            gives: &[],
            family: Family::Own,
            layouts: &[
                &COMMON,
                &Layout {
                    members: &[
                        own(concat!($prefix, "event"), Key::Schedule),
                        own(concat!($prefix, "minute"), Key::ScheduleMinute),
                        own(concat!($prefix, "hour"), Key::ScheduleHour),
                        own(
                            concat!($prefix, "day_of_month"),
                            Key::ScheduleDay,
                        ),
                        own(concat!($prefix, "month"), Key::ScheduleMonth),
                        own(
                            concat!($prefix, "day_of_week"),
                            Key::ScheduleWeekday,
                        ),
                        own(concat!($prefix, "command"), Key::CommandLine),
                        own(concat!($prefix, "path"), Key::TargetFilename),
                    ],
                    ..named!(
                        $prefix,
                        "osquery, crontab",
                        "rows of crontab, also of a snapshot",
                        "who did it"
                    )
                },
            ],
        };

        /// `launchd`.
        pub(crate) const LAUNCHD: Shape = Shape {
            tells: Tell::All(&[
                $is_row,
                Tell::Has(concat!($prefix, "label")),
                Tell::Has(concat!($prefix, "program_arguments")),
                Tell::Has(concat!($prefix, "run_at_load")),
            ]),
            reads: Reads::Rules(&[
                launchd($removed, "delete"),
                launchd($created, "create"),
                launchd(Tell::Has(concat!($prefix, "label")), ""),
            ]),
            gives: &[],
            family: Family::Own,
            layouts: &[
                &COMMON,
                &Layout {
                    members: &[
                        own(concat!($prefix, "label"), Key::TaskName),
                        own(concat!($prefix, "path"), Key::TargetFilename),
                        own(concat!($prefix, "program"), Key::Arguments),
                        own(
                            concat!($prefix, "program_arguments"),
                            Key::CommandLine,
                        ),
                        own(concat!($prefix, "username"), Key::RunAs),
                    ],
                    ..named!(
                        $prefix,
                        "osquery, launchd",
                        "rows of launchd, also of a snapshot",
                        "who did it; where one argument ends"
                    )
                },
            ],
        };

        /// `systemd_units`, whose rows are new whenever the state of a unit
        /// is.
        pub(crate) const UNIT: Shape = Shape {
            tells: Tell::All(&[
                $is_row,
                Tell::Has(concat!($prefix, "id")),
                Tell::Has(concat!($prefix, "fragment_path")),
                Tell::Has(concat!($prefix, "unit_file_state")),
            ]),
            reads: Reads::Rules(&[job(Tell::Not(&$removed), "", "systemd")]),
            gives: &[],
            family: Family::Own,
            layouts: &[
                &COMMON,
                &Layout {
                    members: &[
                        own(concat!($prefix, "id"), Key::TaskName),
                        own(
                            concat!($prefix, "fragment_path"),
                            Key::TargetFilename,
                        ),
                        own(concat!($prefix, "user"), Key::RunAs),
                    ],
                    ..named!(
                        $prefix,
                        "osquery, units of systemd",
                        "rows of systemd_units, also of a snapshot",
                        "what was done, and what is started"
                    )
                },
            ],
        };
    };
}

/// Rows in `columns`.
pub(super) mod columns {
    use super::*;

    tables!(
        "columns.",
        IS_RESULT,
        Tell::Is("action", &["added"]),
        Tell::Is("action", &["added"]),
        Tell::Is("action", &["removed"])
    );
}

/// Rows by themselves, in a list. `time` and `action` are columns there.
pub(super) mod rows {
    use super::*;

    // Whether it is new is said around the list, if at all.
    const NEVER: Tell = Tell::Not(&Tell::All(&[]));

    tables!("", Tell::All(&[]), Tell::All(&[]), NEVER, NEVER);
}

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    fn row(columns: &str) -> String {
        format!(
            r#"{{"name":"pack_x","hostIdentifier":"lx1","unixTime":1706933106,"action":"added","columns":{columns}}}"#
        )
    }

    const PROCESS: &str = r#"{"path":"/usr/bin/crontab","cmdline":"crontab -e","auid":"0","parent":"7","pid":"9"}"#;

    #[test]
    fn the_columns_tell_the_table() {
        let head = "2024-02-03T04:05:06Z Computer=lx1";
        for (columns, expected) in [
            (
                PROCESS,
                format!(
                    "linux/process_creation {head} Image=/usr/bin/crontab CommandLine=crontab -e ProcessId=9 ParentProcessId=7"
                ),
            ),
            (
                r#"{"path":"/usr/bin/crontab","cmdline":"crontab -e","signing_id":"a","event_type":"exec","username":"al"}"#,
                format!(
                    "macos/process_creation {head} User=al Image=/usr/bin/crontab CommandLine=crontab -e"
                ),
            ),
            (
                r#"{"target_path":"/etc/cron.d/x","action":"CREATED","category":"cron","md5":""}"#,
                format!(
                    "linux/file_creation {head} TargetFilename=/etc/cron.d/x"
                ),
            ),
            (
                r#"{"filename":"/tmp/a","dest_filename":"/b","event_type":"rename","path":"/bin/mv"}"#,
                format!(
                    "macos/file_rename {head} Image=/bin/mv TargetFilename=/b SourceFilename=/tmp/a"
                ),
            ),
            (
                r#"{"name":"upd","action":"C:\\Users\\Public\\p.exe","path":"\\upd","enabled":"1","hidden":"0","last_run_time":"0"}"#,
                format!(
                    r"windows/task_registered {head} TaskName=\upd TaskContent=<Task><Actions><Exec><Command>C:\Users\Public\p.exe</Command></Exec></Actions></Task>"
                ),
            ),
        ] {
            assert_eq!(event(&row(columns)), expected);
        }
    }

    #[test]
    fn tables_of_jobs_tell_what_is_new_gone_or_there() {
        let cron = r#"{"event":"","minute":"*/5","hour":"*","day_of_month":"1","month":"*","day_of_week":"*","command":"/tmp/x","path":"/etc/crontab"}"#;
        let expected = "Scheduler=cron Schedule=*/5 * 1 * *";
        let head = "linux/job_record 2024-02-03T04:05:06Z Computer=lx1";
        let is = |record: &str, done: &str, expected: &str| {
            let found = events(record).0.remove(0);
            for part in [done, expected] {
                assert!(found.contains(part), "{found}");
            }
            let is_said = found.contains("Activity=");
            assert_eq!(is_said, done.contains("Activity="), "{found}");
        };
        is(&row(cron), "Activity=create", expected);
        is(
            &row(cron).replace("added", "removed"),
            "Activity=delete",
            expected,
        );
        let snapshot = format!(
            r#"{{"name":"x","hostIdentifier":"lx1","unixTime":1706933106,"action":"snapshot","snapshot":[{cron},{cron}]}}"#
        );
        is(&snapshot, head, expected);
        assert_eq!(events(&snapshot).0.len(), 2);
        let boot = cron.replace("\"event\":\"\"", "\"event\":\"@reboot\"");
        let boot = boot.replace("*/5", "").replace("*", "").replace("1", "");
        is(&row(&boot), "Activity=create", "Scheduler=cron Schedule=@reboot");
        let launchd = r#"{"label":"com.x","program":"","program_arguments":"/tmp/x -q","run_at_load":"1","path":"/Library/LaunchDaemons/com.x.plist"}"#;
        is(
            &row(launchd),
            "Activity=create",
            "CommandLine=/tmp/x -q TargetFilename=/Library/LaunchDaemons/com.x.plist TaskName=com.x",
        );
        let unit = r#"{"id":"x.timer","fragment_path":"/etc/systemd/system/x.timer","unit_file_state":"enabled","active_state":"active"}"#;
        is(&row(unit), head, "TaskName=x.timer Scheduler=systemd");
    }

    #[test]
    fn rows_may_come_in_a_batch() {
        let record = format!(
            r#"{{"name":"x","hostIdentifier":"lx1","unixTime":1706933106,"diffResults":{{"added":[{PROCESS},{PROCESS}],"removed":[{PROCESS}]}}}}"#
        );
        let (found, _) = events(&record);
        let expected = event(&row(PROCESS));
        assert_eq!(found, [0, 1].map(|row| format!("{row}: {expected}")));
    }

    #[test]
    fn rows_that_tell_no_event_are_none() {
        let record = row(PROCESS);
        for (from, to) in [("added", "removed"), ("auid", "other")] {
            let changed = record.replace(from, to);
            assert!(events(&changed).0.is_empty(), "{changed}");
        }
    }
}
