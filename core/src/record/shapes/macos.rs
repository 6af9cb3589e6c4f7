/*!
Sensors of macOS: Apple's Endpoint Security as eslogger and Jamf Protect write
its events, and Santa.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::raw::Rank::Own;
use crate::record::shape::{
    Family, Form, Layout, Reads, Rule, Shape, Tell, copied, hint, launchd,
    like, on, own, shared, value,
};

const fn macos(tell: Tell, kind: EventKind) -> Rule {
    on(Platform::Macos, tell, kind)
}

/// What writes events of Endpoint Security says so.
const WRITER: Tell = Tell::Any(&[
    Tell::Has("schema_version"),
    // Not by its vendor: of so short a text, the filter would make nothing.
    Tell::Is("metadata.product", &["Device Telemetry Stream", "Jamf Protect"]),
]);

/// What all events of Endpoint Security share.
const COMMON: Layout = shared(&[
    own("time", Key::EventTime),
    own("host.hostname", Key::Computer),
]);

/// The numbers of events change with the system, their names do not.
pub(super) const EXECUTION: Shape = Shape {
    tells: Tell::All(&[
        WRITER,
        Tell::Has("event.exec.target"),
        Tell::Has("process"),
    ]),
    reads: Reads::Rules(&[macos(
        Tell::Has("event.exec.target"),
        EventKind::ProcessCreation,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &Layout {
            name: "Endpoint Security, processes",
            about: "exec of eslogger and Jamf Protect",
            lost: "the parent's path: that of the image before is given",
            verified: false,
            members: &[
                own("event.exec.target.executable.path", Key::Image),
                value(
                    "event.exec.args",
                    Key::CommandLine,
                    Own,
                    Form::Arguments,
                ),
                own("event.exec.cwd.path", Key::CurrentDirectory),
                own("event.exec.target.audit_token.pid", Key::ProcessId),
                own("event.exec.target.ppid", Key::ParentProcessId),
                hint("process.executable.path", Key::ParentImage),
            ],
        },
    ],
};

const WAS_STARTED: Tell =
    Tell::Is("header.event_name", &["AUE_EXECVE", "AUE_POSIX_SPAWN"]);

/// The kernel's audit trail, as Jamf Protect's first telemetry writes it.
pub(super) const AUDIT: Shape = Shape {
    tells: WAS_STARTED,
    reads: Reads::Rules(&[macos(WAS_STARTED, EventKind::ProcessCreation)]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Jamf Protect, the first telemetry",
        about: "AUE_EXECVE and AUE_POSIX_SPAWN of macOS' audit trail",
        lost: "the parent's command line",
        verified: true,
        members: &[
            value("path", Key::Image, Own, Form::First),
            value("exec_args", Key::CommandLine, Own, Form::Arguments),
            value(
                "exec_args.args",
                Key::CommandLine,
                Own,
                Form::ArgumentMembers,
            ),
            own("exec_chain_child.parent_path", Key::ParentImage),
            own("exec_chain_child.parent_pid", Key::ParentProcessId),
            own("subject.process_id", Key::ProcessId),
            own("subject.effective_user_name", Key::User),
            copied("subject.user_name", Key::User),
            own("host_info.host_name", Key::Computer),
            own("header.time_seconds_epoch", Key::EventTime),
        ],
    }],
};

pub(super) const FILE: Shape = Shape {
    tells: Tell::All(&[
        WRITER,
        Tell::Has("process"),
        Tell::Any(&[
            Tell::Has("event.create.destination"),
            Tell::Has("event.rename.destination"),
            Tell::Has("event.unlink.target"),
            Tell::Has("event.close.target"),
            Tell::Has("event.write.target"),
        ]),
    ]),
    reads: Reads::Rules(&[
        macos(Tell::Has("event.create.destination"), EventKind::FileCreation),
        macos(Tell::Has("event.rename.destination"), EventKind::FileRename),
        macos(Tell::Has("event.unlink.target"), EventKind::FileDeletion),
        macos(
            Tell::Any(&[
                Tell::Is("event.close.modified", &["true"]),
                Tell::Has("event.write.target"),
            ]),
            EventKind::FileModification,
        ),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &Layout {
            name: "Endpoint Security, files",
            about: "create, rename, unlink, write and close of eslogger and Jamf",
            lost: "",
            verified: false,
            members: &[
                own("process.executable.path", Key::Image),
                own("process.audit_token.pid", Key::ProcessId),
                like("event.rename.destination", "event.create.destination"),
                own(
                    "event.create.destination.existing_file.path",
                    Key::TargetFilename,
                ),
                copied(
                    "event.create.destination.new_path.dir.path",
                    Key::TargetFilename,
                ),
                own(
                    "event.create.destination.new_path.filename",
                    Key::FileName,
                ),
                own("event.rename.source.path", Key::SourceFilename),
                own("event.unlink.target.path", Key::TargetFilename),
                own("event.close.target.path", Key::TargetFilename),
                own("event.write.target.path", Key::TargetFilename),
            ],
        },
    ],
};

/// Tells what was done to a launch item that is an agent or a daemon.
macro_rules! launch_item {
    ($event:literal) => {
        Tell::All(&[
            Tell::Has($event),
            // The members of all such events are one.
            Tell::Is(
                "event.btm_launch_item_add.item.item_type",
                &["3", "4", "agent", "daemon"],
            ),
        ])
    };
}

/// What macOS' background task management was told of: of items that run
/// at login and are neither agents nor daemons, none is a job.
pub(super) const LAUNCH_ITEM: Shape = Shape {
    tells: Tell::All(&[
        WRITER,
        Tell::Has("process"),
        Tell::Any(&[
            Tell::Has("event.btm_launch_item_add"),
            Tell::Has("event.btm_launch_item_remove"),
        ]),
    ]),
    reads: Reads::Rules(&[
        launchd(launch_item!("event.btm_launch_item_add"), "create"),
        launchd(launch_item!("event.btm_launch_item_remove"), "delete"),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &Layout {
            name: "Endpoint Security, launch items",
            about: "btm_launch_item_add and _remove of agents and daemons",
            lost: "arguments, and when it runs",
            verified: false,
            members: &[
                like(
                    "event.btm_launch_item_remove",
                    "event.btm_launch_item_add",
                ),
                own(
                    "event.btm_launch_item_add.item.item_url",
                    Key::TargetFilename,
                ),
                own(
                    "event.btm_launch_item_add.executable_path",
                    Key::CommandLine,
                ),
                own("event.btm_launch_item_add.item.uid", Key::RunAs),
                own(
                    "event.btm_launch_item_add.instigator.executable.path",
                    Key::Image,
                ),
                hint("process.executable.path", Key::Image),
                own("process.audit_token.pid", Key::ProcessId),
            ],
        },
    ],
};

const SANTA_COMMON: Layout = shared(&[
    own("eventTime", Key::EventTime),
    own("event_time", Key::EventTime),
    hint("machineId", Key::Computer),
    hint("machine_id", Key::Computer),
]);

/// What Endpoint Security tells besides.
pub(super) const OTHERS: Shape = Shape {
    tells: Tell::All(&[
        WRITER,
        Tell::Has("event_type"),
        Tell::Has("process"),
        Tell::Has("event"),
    ]),
    reads: Reads::Rules(&[]),
    gives: &[],
    family: Family::Own,
    layouts: &[],
};

/// Santa's arguments are bytes, which JSON has in base64.
pub(super) const SANTA: Shape = Shape {
    tells: Tell::All(&[
        Tell::Has("execution"),
        Tell::Has("execution.target"),
        Tell::Any(&[Tell::Has("machineId"), Tell::Has("machine_id")]),
    ]),
    reads: Reads::Rules(&[macos(
        Tell::Not(&Tell::Is("execution.decision", &["DECISION_DENY"])),
        EventKind::ProcessCreation,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &SANTA_COMMON,
        &Layout {
            name: "Santa, processes",
            about: "execution, as JSON",
            lost: "the parent's command line",
            verified: true,
            members: &[
                own("execution.target.executable.path", Key::Image),
                value(
                    "execution.args",
                    Key::CommandLine,
                    Own,
                    Form::Base64Arguments,
                ),
                own("execution.workingDirectory.path", Key::CurrentDirectory),
                own("execution.working_directory.path", Key::CurrentDirectory),
                own("execution.target.id.pid", Key::ProcessId),
                own("execution.instigator.executable.path", Key::ParentImage),
                own("execution.instigator.id.pid", Key::ParentProcessId),
                own("execution.target.effectiveUser.name", Key::User),
                own("execution.target.effective_user.name", Key::User),
            ],
        },
    ],
};

pub(super) const SANTA_FILE: Shape = Shape {
    tells: Tell::All(&[
        Tell::Any(&[Tell::Has("machineId"), Tell::Has("machine_id")]),
        Tell::Any(&[
            Tell::Has("rename.source"),
            Tell::Has("unlink.target"),
            Tell::Has("close.target"),
            Tell::Has("link.source"),
        ]),
    ]),
    reads: Reads::Rules(&[
        macos(Tell::Has("rename.source"), EventKind::FileRename),
        macos(Tell::Has("unlink.target"), EventKind::FileDeletion),
        macos(Tell::Has("link.source"), EventKind::FileLink),
        macos(Tell::Has("close.target"), EventKind::FileModification),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &SANTA_COMMON,
        &Layout {
            name: "Santa, files",
            about: "rename, unlink, link and close, as JSON",
            lost: "",
            verified: true,
            members: &[
                own("rename.source.path", Key::SourceFilename),
                own("rename.target", Key::TargetFilename),
                own("rename.instigator.executable.path", Key::Image),
                own("unlink.target.path", Key::TargetFilename),
                own("unlink.instigator.executable.path", Key::Image),
                own("link.source.path", Key::SourceFilename),
                own("link.target", Key::TargetFilename),
                own("link.instigator.executable.path", Key::Image),
                own("close.target.path", Key::TargetFilename),
                own("close.instigator.executable.path", Key::Image),
            ],
        },
    ],
};

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    const EXEC: &str = r#"{"schema_version":1,"time":"2024-02-03T04:05:06Z","event_type":9,"process":{"executable":{"path":"/bin/zsh"}},"event":{"exec":{"target":{"executable":{"path":"/usr/bin/crontab"}},"args":["crontab","-e"],"cwd":{"path":"/"}}}}"#;
    const SANTA: &str = r#"{"machineId":"m","eventTime":"2024-02-03T04:05:06Z","execution":{"target":{"executable":{"path":"/usr/bin/crontab"}},"args":["Y3JvbnRhYg==","LWU="],"decision":"DECISION_ALLOW"}}"#;

    #[test]
    fn launch_items_are_jobs_if_they_are_no_login_items() {
        let record = r#"{"schema_version":1,"time":"2024-02-03T04:05:06Z","process":{"executable":{"path":"/bin/zsh"}},"event":{"btm_launch_item_add":{"item":{"item_type":4,"item_url":"file:///Library/LaunchDaemons/x.plist","uid":0},"executable_path":"/tmp/x","instigator":null}}}"#;
        let expected = "macos/job_record 2024-02-03T04:05:06Z Image=/bin/zsh CommandLine=/tmp/x TargetFilename=/Library/LaunchDaemons/x.plist Activity=create Scheduler=launchd RunAs=0";
        assert_eq!(event(record), expected);
        let removed = record.replace("item_add", "item_remove");
        assert_eq!(event(&removed), expected.replace("create", "delete"));
        let login = record.replace("\"item_type\":4", "\"item_type\":2");
        assert!(events(&login).0.is_empty());
    }

    #[test]
    fn programs_that_were_started() {
        assert_eq!(
            event(EXEC),
            "macos/process_creation 2024-02-03T04:05:06Z Image=/usr/bin/crontab CommandLine=crontab -e CurrentDirectory=/ ParentImage=/bin/zsh"
        );
        let expected = "macos/process_creation 2024-02-03T04:05:06Z Computer=m Image=/usr/bin/crontab CommandLine=crontab -e";
        assert_eq!(event(SANTA), expected);
        let snake = SANTA
            .replace("machineId", "machine_id")
            .replace("eventTime", "event_time");
        assert_eq!(event(&snake), expected);
        let denied = SANTA.replace("ALLOW", "DENY");
        assert!(events(&denied).0.is_empty());
    }

    #[test]
    fn files() {
        let head = r#""schema_version":1,"process":{"executable":{"path":"/bin/cp"}}"#;
        for (event_member, expected) in [
            (
                r#"{"create":{"destination_type":1,"destination":{"new_path":{"dir":{"path":"/Library/LaunchDaemons"},"filename":"a.plist"}}}}"#,
                "macos/file_creation Image=/bin/cp TargetFilename=/Library/LaunchDaemons/a.plist",
            ),
            (
                r#"{"rename":{"source":{"path":"/tmp/a"},"destination_type":0,"destination":{"existing_file":{"path":"/b"}}}}"#,
                "macos/file_rename Image=/bin/cp TargetFilename=/b SourceFilename=/tmp/a",
            ),
            (
                r#"{"unlink":{"target":{"path":"/b"}}}"#,
                "macos/file_deletion Image=/bin/cp TargetFilename=/b",
            ),
        ] {
            let record = format!(r#"{{{head},"event":{event_member}}}"#);
            assert_eq!(event(&record), expected);
        }
        let santa = r#"{"machineId":"m","rename":{"source":{"path":"/tmp/a"},"target":"/b","instigator":{"executable":{"path":"/bin/mv"}}}}"#;
        assert_eq!(
            event(santa),
            "macos/file_rename Computer=m Image=/bin/mv TargetFilename=/b SourceFilename=/tmp/a"
        );
    }

    #[test]
    fn programs_of_the_audit_trail() {
        let record = r#"{"header":{"event_name":"AUE_EXECVE","time_seconds_epoch":1706933106},"exec_args":["crontab","-e"],"path":["/usr/bin/crontab","/usr/lib/dyld"],"subject":{"process_id":9,"effective_user_name":"al"},"host_info":{"host_name":"mac1"}}"#;
        let expected = "macos/process_creation 2024-02-03T04:05:06Z Computer=mac1 User=al Image=/usr/bin/crontab CommandLine=crontab -e ProcessId=9";
        assert_eq!(event(record), expected);
        let nested = record
            .replace(r#"["crontab","-e"]"#, r#"{"args":["crontab","-e"]}"#);
        assert_eq!(event(&nested), expected);
        let members = r#"{"args":{"1":"crontab","2":"-e"},"args_compiled":"crontab,-e"},"exec_chain_child":{"parent_path":"/bin/zsh"}"#;
        let members = record.replace(r#"["crontab","-e"]"#, members);
        let with_parent = format!("{expected} ParentImage=/bin/zsh");
        assert_eq!(event(&members), with_parent);
        for from in ["AUE_EXECVE", "event_name"] {
            assert!(events(&record.replace(from, "x")).0.is_empty());
        }
    }

    /// As it writes them: with its name and no version of the schema.
    #[test]
    fn jamf_is_told_by_its_name() {
        let expected = event(EXEC);
        for metadata in [
            r#""metadata":{"vendor":"Jamf","product":"Device Telemetry Stream"}"#,
            r#""metadata":{"product":"Jamf Protect"}"#,
        ] {
            let record = EXEC.replace("\"schema_version\":1", metadata);
            assert_eq!(event(&record), expected);
        }
    }

    #[test]
    fn other_events_are_understood() {
        let (found, reading) = events(&EXEC.replace("\"exec\"", "\"open\""));
        assert!(found.is_empty());
        assert_eq!(reading.not_understood, 0);
    }

    #[test]
    fn what_lacks_a_telling_member_is_none() {
        for (record, from) in [
            (EXEC, "schema_version"),
            (EXEC, "\"process\""),
            (SANTA, "machineId"),
            (SANTA, "execution"),
        ] {
            let to = if from.starts_with('"') { "\"other\"" } else { "other" };
            let (found, reading) = events(&record.replace(from, to));
            assert!(found.is_empty(), "{from}");
            assert_eq!(reading.not_understood, 1, "{from}");
        }
    }
}
