/*!
Events of Tracee, a sensor for Linux: each has its arguments as a list of
names and values.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::raw::Rank::Own;
use crate::record::shape::{
    Family, Form, Layout, Member, Reads, Shape, Tell, hint, on, own, pairs,
    shared, value,
};

/// Programs that were started.
pub(super) const EXECUTION: Shape = Shape {
    tells: Tell::All(&[
        Tell::Is("eventName", &["sched_process_exec"]),
        Tell::Has("processName"),
        Tell::Has("args"),
    ]),
    reads: Reads::Rules(&[on(
        Platform::Linux,
        Tell::Has("args"),
        EventKind::ProcessCreation,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Tracee, programs",
        about: "sched_process_exec; the command line is made of `args.argv`",
        lost: "the parent's path and command line, the user's name",
        verified: true,
        members: &[
            own("args.pathname", Key::Image),
            value("args.argv", Key::CommandLine, Own, Form::Arguments),
            own("processId", Key::ProcessId),
            own("parentProcessId", Key::ParentProcessId),
            HOST,
            TIME,
            ARGUMENTS,
        ],
    }],
};

/// A call that started a program; one that failed has a negative result.
const WAS_CALLED: Tell = Tell::All(&[
    Tell::Is("eventName", &["execve", "execveat"]),
    Tell::Not(&Tell::Begins("returnValue", &["-"])),
]);

/// Files that were written.
pub(super) const FILE: Shape = Shape {
    tells: Tell::All(&[
        Tell::Is("eventName", &["magic_write", "vfs_write", "vfs_writev"]),
        Tell::Has("processName"),
        Tell::Has("args"),
    ]),
    reads: Reads::Rules(&[on(
        Platform::Linux,
        Tell::Has("args"),
        EventKind::FileCreation,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Tracee, files",
        about: "magic_write, vfs_write and vfs_writev",
        lost: "the path of the program that wrote",
        verified: false,
        members: &[
            own("args.pathname", Key::TargetFilename),
            own("processName", Key::Image),
            own("processId", Key::ProcessId),
            HOST,
            TIME,
        ],
    }],
};

/// Programs that were started, as later versions write them.
pub(super) const WORKLOAD: Shape = Shape {
    tells: Tell::All(&[
        Tell::Is("name", &["sched_process_exec"]),
        Tell::Has("workload"),
    ]),
    reads: Reads::Rules(&[on(
        Platform::Linux,
        Tell::Has("workload"),
        EventKind::ProcessCreation,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &WORKLOAD_COMMON,
        &Layout {
            name: "Tracee, later versions",
            about: "programs and files, with `workload` and `data`",
            lost: "the parent's path and command line, the user's name",
            verified: false,
            members: &[
                own("data.pathname", Key::Image),
                value("data.argv", Key::CommandLine, Own, Form::Arguments),
            ],
        },
    ],
};

/// Tells events of later versions by their names.
macro_rules! is {
    ($($name:literal)+) => { Tell::Is("name", &[$($name),+]) };
}

/// Files that were written or named anew, as later versions write them.
pub(super) const WORKLOAD_FILE: Shape = Shape {
    tells: Tell::All(&[
        // Not told by `workload`: for the filter, that looks like much else.
        is!("security_file_open" "magic_write" "vfs_write" "vfs_writev"
            "security_inode_rename" "security_inode_unlink"
            "security_inode_symlink"),
        Tell::Has("workload"),
    ]),
    reads: Reads::Rules(&[
        on(
            Platform::Linux,
            is!("magic_write" "vfs_write" "vfs_writev"),
            EventKind::FileCreation,
        ),
        on(
            Platform::Linux,
            Tell::All(&[
                is!("security_file_open"),
                Tell::Writes("data.flags"),
            ]),
            EventKind::FileCreation,
        ),
        on(
            Platform::Linux,
            is!("security_inode_rename"),
            EventKind::FileRename,
        ),
        on(
            Platform::Linux,
            is!("security_inode_unlink"),
            EventKind::FileDeletion,
        ),
        on(
            Platform::Linux,
            is!("security_inode_symlink"),
            EventKind::FileLink,
        ),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &WORKLOAD_COMMON,
        &shared(&[
            own("data.pathname", Key::TargetFilename),
            own("data.new_path", Key::TargetFilename),
            own("data.linkpath", Key::TargetFilename),
            own("data.old_path", Key::SourceFilename),
            own("data.target", Key::SourceFilename),
            own("workload.process.executable.path", Key::Image),
            hint("workload.process.thread.name", Key::Image),
        ]),
    ],
};

const WORKLOAD_COMMON: Layout = shared(&[
    own("workload.process.pid", Key::ProcessId),
    own("workload.process.pid.value", Key::ProcessId),
    own("workload.k8s.node", Key::Computer),
    TIME,
    pairs("data", "data"),
]);

/// Its other events.
pub(super) const OTHERS: Shape = Shape {
    tells: Tell::All(&[
        Tell::Has("eventName"),
        Tell::Has("processName"),
        Tell::Has("hostName"),
        Tell::Has("args"),
    ]),
    reads: Reads::Rules(&[on(
        Platform::Linux,
        WAS_CALLED,
        EventKind::ProcessCreation,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[&shared(&[
        own("args.pathname", Key::Image),
        value("args.argv", Key::CommandLine, Own, Form::Arguments),
        own("processId", Key::ProcessId),
        own("parentProcessId", Key::ParentProcessId),
        HOST,
        TIME,
    ])],
};

const HOST: Member = own("hostName", Key::Computer);
const TIME: Member = own("timestamp", Key::EventTime);
const ARGUMENTS: Member = pairs("args", "args");

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    const EXEC: &str = r#"{"timestamp":1706933106000000000,"hostName":"lx1","processName":"crontab","processId":9,"parentProcessId":7,"userId":0,"eventName":"sched_process_exec","args":[{"name":"pathname","type":"const char*","value":"/usr/bin/crontab"},{"name":"argv","type":"const char**","value":["crontab","-u","a b",null,"-e"]}]}"#;

    #[test]
    fn a_command_line_is_made_of_the_arguments() {
        let expected = "linux/process_creation 2024-02-03T04:05:06Z Computer=lx1 Image=/usr/bin/crontab CommandLine=crontab -u a b  -e ProcessId=9 ParentProcessId=7";
        assert_eq!(event(EXEC), expected);
        // The name may come after the value.
        let swapped = EXEC.replace(
            r#""name":"pathname","type":"const char*","value":"/usr/bin/crontab""#,
            r#""value":"/usr/bin/crontab","name":"pathname""#,
        );
        assert_ne!(swapped, EXEC);
        assert_eq!(event(&swapped), expected);
        // A text is a command line as well.
        let text =
            EXEC.replace(r#"["crontab","-u","a b",null,"-e"]"#, r#""x""#);
        assert!(event(&text).contains("CommandLine=x "), "{text}");
    }

    #[test]
    fn a_written_file() {
        let record = EXEC
            .replace("sched_process_exec", "magic_write")
            .replace("/usr/bin/crontab", "/etc/cron.d/x");
        assert_eq!(
            event(&record),
            "linux/file_creation 2024-02-03T04:05:06Z Computer=lx1 Image=/crontab ProcessId=9 TargetFilename=/etc/cron.d/x"
        );
    }

    #[test]
    fn later_versions_nest_their_events() {
        let exec = r#"{"timestamp":"2024-02-03T04:05:06Z","name":"sched_process_exec","workload":{"process":{"executable":{"path":"/usr/bin/crontab"},"pid":9}},"data":[{"name":"pathname","value":"/usr/bin/crontab"},{"name":"argv","value":["crontab","-e"]}]}"#;
        assert_eq!(
            event(exec),
            "linux/process_creation 2024-02-03T04:05:06Z Image=/usr/bin/crontab CommandLine=crontab -e ProcessId=9"
        );
        for from in ["\"name\":\"sched", "\"workload\""] {
            let to = from.replacen('"', "\"x", 1);
            let (found, reading) = events(&exec.replacen(from, &to, 1));
            assert!(found.is_empty(), "{from}");
            assert_eq!(reading.not_understood, 1, "{from}");
        }
    }

    #[test]
    fn later_versions_tell_the_types_of_values() {
        let record = |name: &str, data: &str| {
            format!(
                r#"{{"timestamp":"2024-02-03T04:05:06Z","name":"{name}","workload":{{"process":{{"executable":{{"path":"/bin/cp"}},"pid":{{"value":9}}}}}},"data":[{data}]}}"#
            )
        };
        let head = "2024-02-03T04:05:06Z Image=";
        for (name, data, expected) in [
            (
                "sched_process_exec",
                r#"{"name":"pathname","str":"/usr/bin/crontab"},{"name":"argv","strArray":{"value":["crontab","-e"]}}"#,
                format!(
                    "linux/process_creation {head}/usr/bin/crontab CommandLine=crontab -e ProcessId=9"
                ),
            ),
            (
                "magic_write",
                r#"{"name":"pathname","str":"/etc/cron.d/x"}"#,
                format!(
                    "linux/file_creation {head}/bin/cp ProcessId=9 TargetFilename=/etc/cron.d/x"
                ),
            ),
            (
                "security_file_open",
                r#"{"name":"pathname","str":"/etc/cron.d/x"},{"name":"flags","int32":577}"#,
                format!(
                    "linux/file_creation {head}/bin/cp ProcessId=9 TargetFilename=/etc/cron.d/x"
                ),
            ),
            (
                "security_inode_rename",
                r#"{"name":"old_path","value":"/tmp/x"},{"name":"new_path","value":"/etc/cron.d/x"}"#,
                format!(
                    "linux/file_rename {head}/bin/cp ProcessId=9 TargetFilename=/etc/cron.d/x SourceFilename=/tmp/x"
                ),
            ),
        ] {
            assert_eq!(event(&record(name, data)), expected);
        }
        let read = record(
            "security_file_open",
            r#"{"name":"pathname","str":"/x"},{"name":"flags","int32":0}"#,
        );
        assert_eq!(events(&read).1.not_understood, 0);
    }

    #[test]
    fn calls_that_started_a_program_are_read_and_those_that_failed_are_not() {
        let call = EXEC.replace("sched_process_exec", "execve");
        let expected = event(EXEC);
        assert_eq!(event(&call), expected);
        let result = |result: i32| {
            call.replace(
                "\"args\"",
                &format!("\"returnValue\":{result},\"args\""),
            )
        };
        assert_eq!(event(&result(0)), expected);
        assert!(events(&result(-2)).0.is_empty());
    }

    /// Names that other sources share tell nothing.
    #[test]
    fn other_events_are_understood() {
        let record = EXEC.replace("process_exec", "process_exit");
        let (events, reading) = events(&record);
        assert!(events.is_empty());
        assert_eq!(reading.not_understood, 0);
    }

    #[test]
    fn what_lacks_a_telling_member_is_not_traces() {
        for (from, to) in [
            ("eventName", "event"),
            ("processName", "process"),
            (r#""args":["#, r#""arguments":["#),
        ] {
            let record = EXEC.replace(from, to);
            let (events, reading) = events(&record);
            assert!(events.is_empty(), "{record}");
            assert_eq!(reading.not_understood, 1, "{record}");
        }
    }
}
