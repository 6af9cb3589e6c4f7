/*!
Events of Tracee, a sensor for Linux: each has its arguments as a list of
names and values.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::raw::Rank::Own;
use crate::record::shape::{
    Family, Form, Layout, Member, Reads, Shape, Tell, on, own, pairs, shared,
    value,
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
            name: "Tracee, programs of later versions",
            about: "sched_process_exec with `workload` and `data`",
            lost: "the parent's path and command line, the user's name",
            verified: false,
            members: &[
                own("data.pathname", Key::Image),
                value("data.argv", Key::CommandLine, Own, Form::Arguments),
            ],
        },
    ],
};

const WORKLOAD_COMMON: Layout = shared(&[
    own("workload.process.pid", Key::ProcessId),
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
    reads: Reads::Rules(&[]),
    gives: &[],
    family: Family::Own,
    layouts: &[],
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
            ("eventName", "eventname"),
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
