/*!
Results of osquery's scheduled queries. The table is not named, so the columns
tell it.

Rows of a snapshot come with every run and tell no event, so they are left
alone; so are rows that were removed.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::shape::{
    Family, Layout, Reads, Shape, Tell, copied, hint, on, own, shared, when,
};

const IS_ADDED: Tell = Tell::All(&[
    Tell::Has("hostIdentifier"),
    Tell::Has("columns"),
    Tell::Is("action", &["added"]),
]);

const COMMON: Layout = shared(&[
    own("hostIdentifier", Key::Computer),
    own("columns.time", Key::EventTime),
    copied("unixTime", Key::EventTime),
    own("decorations.platform", Key::Os),
]);

/// `process_events` and `es_process_events`.
pub(super) const PROCESS: Shape = Shape {
    tells: Tell::All(&[
        IS_ADDED,
        Tell::Has("columns.path"),
        Tell::Has("columns.cmdline"),
        Tell::Any(&[
            Tell::All(&[
                Tell::Has("columns.auid"),
                Tell::Has("columns.parent"),
            ]),
            Tell::All(&[
                Tell::Has("columns.signing_id"),
                Tell::Has("columns.event_type"),
            ]),
        ]),
    ]),
    reads: Reads::Rules(&[
        on(
            Platform::Macos,
            Tell::Is("columns.event_type", &["exec"]),
            EventKind::ProcessCreation,
        ),
        when(Tell::Lacks("columns.event_type"), EventKind::ProcessCreation),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &Layout {
            name: "osquery, processes",
            about: "rows of process_events and es_process_events",
            lost: "the parent's path",
            verified: true,
            members: &[
                own("columns.path", Key::Image),
                own("columns.cmdline", Key::CommandLine),
                own("columns.cwd", Key::CurrentDirectory),
                own("columns.pid", Key::ProcessId),
                own("columns.parent", Key::ParentProcessId),
                own("columns.username", Key::User),
            ],
        },
    ],
};

/// `file_events`: what was done, in capitals, to a watched path.
pub(super) const FILE: Shape = Shape {
    tells: Tell::All(&[
        IS_ADDED,
        Tell::Has("columns.target_path"),
        Tell::Has("columns.action"),
    ]),
    reads: Reads::Rules(&[
        when(
            Tell::Is("columns.action", &["CREATED", "MOVED_TO"]),
            EventKind::FileCreation,
        ),
        when(
            Tell::Is("columns.action", &["UPDATED"]),
            EventKind::FileModification,
        ),
        when(
            Tell::Is("columns.action", &["DELETED", "MOVED_FROM"]),
            EventKind::FileDeletion,
        ),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &Layout {
            name: "osquery, files",
            about: "rows of file_events",
            lost: "who did it",
            verified: true,
            members: &[own("columns.target_path", Key::TargetFilename)],
        },
    ],
};

/// `es_process_file_events`.
pub(super) const MACOS_FILE: Shape = Shape {
    tells: Tell::All(&[
        IS_ADDED,
        Tell::Has("columns.filename"),
        Tell::Has("columns.dest_filename"),
        Tell::Has("columns.event_type"),
    ]),
    reads: Reads::Rules(&[
        on(
            Platform::Macos,
            Tell::Is("columns.event_type", &["create"]),
            EventKind::FileCreation,
        ),
        on(
            Platform::Macos,
            Tell::Is("columns.event_type", &["write"]),
            EventKind::FileModification,
        ),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &Layout {
            name: "osquery, files of macOS",
            about: "rows of es_process_file_events",
            lost: "",
            verified: true,
            members: &[
                own("columns.filename", Key::TargetFilename),
                own("columns.path", Key::Image),
                own("columns.pid", Key::ProcessId),
            ],
        },
    ],
};

/// The same, where a file gets a new name.
pub(super) const MACOS_RENAME: Shape = Shape {
    tells: Tell::All(&[
        IS_ADDED,
        Tell::Has("columns.filename"),
        Tell::Has("columns.dest_filename"),
        Tell::Is("columns.event_type", &["rename"]),
    ]),
    reads: Reads::Rules(&[on(
        Platform::Macos,
        Tell::Has("columns.dest_filename"),
        EventKind::FileRename,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &shared(&[
            own("columns.dest_filename", Key::TargetFilename),
            own("columns.filename", Key::SourceFilename),
            own("columns.path", Key::Image),
            own("columns.pid", Key::ProcessId),
        ]),
    ],
};

/// `scheduled_tasks`, of which a row that is new is a task that is new.
pub(super) const TASK: Shape = Shape {
    tells: Tell::All(&[
        IS_ADDED,
        Tell::Has("columns.last_run_time"),
        Tell::Has("columns.hidden"),
        Tell::Has("columns.action"),
        Tell::Has("columns.path"),
    ]),
    reads: Reads::Rules(&[on(
        Platform::Windows,
        Tell::Has("columns.last_run_time"),
        EventKind::TaskRegistered,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &Layout {
            name: "osquery, tasks",
            about: "new rows of scheduled_tasks",
            lost: "all but the action; a changed task looks new",
            verified: true,
            members: &[
                own("columns.path", Key::TaskName),
                hint("columns.name", Key::TaskName),
                own("columns.action", Key::TaskCommand),
            ],
        },
    ],
};

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
    fn rows_that_tell_no_event_are_none() {
        let record = row(PROCESS);
        for (from, to) in [
            ("added", "removed"),
            ("columns", "other"),
            ("hostIdentifier", "other"),
            ("auid", "other"),
        ] {
            let changed = record.replace(from, to);
            assert!(events(&changed).0.is_empty(), "{changed}");
        }
    }
}
