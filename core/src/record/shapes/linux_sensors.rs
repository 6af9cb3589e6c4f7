/*!
Sensors of Linux that look at the kernel with eBPF: Falco, Tetragon, Kunai.
Tracee's events are apart.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::raw::Rank::Hint;
use crate::record::shape::{
    Family, Form, Layout, Reads, Rule, Shape, Tell, copied, hint, like, on,
    own, shared, value,
};

const LINUX: Platform = Platform::Linux;

const fn linux(tell: Tell, kind: EventKind) -> Rule {
    on(LINUX, tell, kind)
}

/// A rule about files that are written, by its name or what it prints.
const IS_ABOUT_WRITING: Tell = Tell::Begins(
    "rule",
    &["Write", "Modify", "Create", "Schedule Cron", "File below", "Cron jobs"],
);

/// Falco's alerts, with what its fields' names are joined by: what forwards
/// them may have to do without dots.
macro_rules! falco {
    ($joint:literal, $told:expr, $name:literal, $verified:literal) => {
        Shape {
            tells: Tell::All(&[
                Tell::Has("output_fields"),
                Tell::Has("rule"),
                Tell::Has("priority"),
                $told,
            ]),
            reads: Reads::Rules(&[
                linux(
                    Tell::Is(
                        concat!("output_fields.evt", $joint, "type"),
                        &["execve", "execveat"],
                    ),
                    EventKind::ProcessCreation,
                ),
                // A rule's output need not name the call. What names no file
                // either but a command is about its process.
                linux(
                    Tell::All(&[
                        Tell::Lacks(
                            concat!("output_fields.evt", $joint, "type"),
                        ),
                        Tell::Lacks(
                            concat!("output_fields.fd", $joint, "name"),
                        ),
                        Tell::Has(
                            concat!("output_fields.proc", $joint, "cmdline"),
                        ),
                    ]),
                    EventKind::ProcessCreation,
                ),
                // What was opened may only have been read: alerts about that
                // say so in the rule's name, if not by the flag.
                linux(
                    Tell::All(&[
                        Tell::Is(
                            concat!("output_fields.evt", $joint, "type"),
                            &["open", "openat", "openat2", "creat"],
                        ),
                        Tell::Any(&[
                            Tell::Is(
                                concat!("output_fields.evt", $joint, "is_open_write"),
                                &["true"],
                            ),
                            Tell::Writes(
                                concat!("output_fields.evt", $joint, "arg", $joint, "flags"),
                            ),
                            Tell::Writes(
                                concat!("output_fields.evt", $joint, "args"),
                            ),
                            Tell::Is(
                                concat!("output_fields.evt", $joint, "type"),
                                &["creat"],
                            ),
                            IS_ABOUT_WRITING,
                        ]),
                    ]),
                    EventKind::FileCreation,
                ),
                linux(
                    Tell::All(&[
                        Tell::Lacks(
                            concat!("output_fields.evt", $joint, "type"),
                        ),
                        IS_ABOUT_WRITING,
                    ]),
                    EventKind::FileCreation,
                ),
                linux(
                    Tell::Is(
                        concat!("output_fields.evt", $joint, "type"),
                        &["rename", "renameat", "renameat2"],
                    ),
                    EventKind::FileRename,
                ),
                linux(
                    Tell::Is(
                        concat!("output_fields.evt", $joint, "type"),
                        &["unlink", "unlinkat"],
                    ),
                    EventKind::FileDeletion,
                ),
                linux(
                    Tell::Is(
                        concat!("output_fields.evt", $joint, "type"),
                        &["link", "linkat", "symlink", "symlinkat"],
                    ),
                    EventKind::FileLink,
                ),
            ]),
            gives: &[],
            family: Family::Own,
            layouts: &[&Layout {
                name: $name,
                about: "alerts about system calls, with the fields of their output",
                lost: "what the rule's output does not name; the parent's path",
                verified: $verified,
                members: &[
                    own(
                        concat!("output_fields.proc", $joint, "exepath"),
                        Key::Image,
                    ),
                    hint(
                        concat!("output_fields.proc", $joint, "name"),
                        Key::Image,
                    ),
                    own(
                        concat!("output_fields.proc", $joint, "cmdline"),
                        Key::CommandLine,
                    ),
                    own(
                        concat!("output_fields.proc", $joint, "pid"),
                        Key::ProcessId,
                    ),
                    own(
                        concat!("output_fields.proc", $joint, "cwd"),
                        Key::CurrentDirectory,
                    ),
                    own(
                        concat!("output_fields.proc", $joint, "pexepath"),
                        Key::ParentImage,
                    ),
                    hint(
                        concat!("output_fields.proc", $joint, "pname"),
                        Key::ParentImage,
                    ),
                    own(
                        concat!("output_fields.proc", $joint, "pcmdline"),
                        Key::ParentCommandLine,
                    ),
                    own(
                        concat!("output_fields.proc", $joint, "ppid"),
                        Key::ParentProcessId,
                    ),
                    own(
                        concat!("output_fields.user", $joint, "name"),
                        Key::User,
                    ),
                    own(
                        concat!("output_fields.evt", $joint, "arg", $joint, "newpath"),
                        Key::TargetFilename,
                    ),
                    copied(
                        concat!("output_fields.fd", $joint, "name"),
                        Key::TargetFilename,
                    ),
                    hint(
                        concat!("output_fields.evt", $joint, "arg", $joint, "path"),
                        Key::TargetFilename,
                    ),
                    hint(
                        concat!("output_fields.evt", $joint, "arg", $joint, "name"),
                        Key::TargetFilename,
                    ),
                    own(
                        concat!("output_fields.evt", $joint, "arg", $joint, "oldpath"),
                        Key::SourceFilename,
                    ),
                    own(
                        concat!("output_fields.evt", $joint, "time"),
                        Key::EventTime,
                    ),
                    copied("time", Key::EventTime),
                    own("hostname", Key::Computer),
                ],
            }],
}
    };
}

pub(super) const FALCO: Shape = falco!(".", Tell::Has("rule"), "Falco", true);

pub(super) const FALCO_JOINED: Shape = falco!(
    "_",
    Tell::Any(&[
        Tell::Has("output_fields.evt_type"),
        Tell::Has("output_fields.evt_time"),
        Tell::Has("output_fields.proc_cmdline"),
        Tell::Has("output_fields.proc_name"),
        Tell::Has("output_fields.fd_name"),
    ]),
    "Falco, forwarded with joined names",
    false
);

/// Falco's alerts about audit events of Kubernetes.
macro_rules! falco_kubernetes {
    ($joint:literal, $name:literal) => {
        Shape {
            tells: Tell::All(&[
                Tell::Has(concat!("output_fields.ka", $joint, "verb")),
                Tell::Has("rule"),
                Tell::Has("priority"),
            ]),
            reads: Reads::Rules(&[on(
                Platform::Kubernetes,
                Tell::Is(
                    concat!(
                        "output_fields.ka",
                        $joint,
                        "target",
                        $joint,
                        "resource"
                    ),
                    &["cronjobs", "jobs"],
                ),
                EventKind::KubernetesApiCall,
            )]),
            gives: &[],
            family: Family::Own,
            layouts: &[&Layout {
                name: $name,
                about: "alerts about requests for CronJobs and Jobs",
                lost: "the job itself",
                verified: false,
                members: &[
                    own(
                        concat!("output_fields.ka", $joint, "verb"),
                        Key::OperationName,
                    ),
                    own(
                        concat!("output_fields.ka", $joint, "uri"),
                        Key::ResourceId,
                    ),
                    own(
                        concat!(
                            "output_fields.ka",
                            $joint,
                            "target",
                            $joint,
                            "resource"
                        ),
                        Key::ObjectResource,
                    ),
                    own(
                        concat!(
                            "output_fields.ka",
                            $joint,
                            "target",
                            $joint,
                            "namespace"
                        ),
                        Key::ObjectNamespace,
                    ),
                    own(
                        concat!(
                            "output_fields.ka",
                            $joint,
                            "target",
                            $joint,
                            "name"
                        ),
                        Key::ObjectName,
                    ),
                    own(
                        concat!(
                            "output_fields.ka",
                            $joint,
                            "response",
                            $joint,
                            "code"
                        ),
                        Key::ResultType,
                    ),
                    own(
                        concat!(
                            "output_fields.ka",
                            $joint,
                            "user",
                            $joint,
                            "name"
                        ),
                        Key::Caller,
                    ),
                    own(
                        concat!("output_fields.ka", $joint, "useragent"),
                        Key::UserAgent,
                    ),
                    own(
                        concat!("output_fields.evt", $joint, "time"),
                        Key::EventTime,
                    ),
                    copied("time", Key::EventTime),
                ],
            }],
        }
    };
}

pub(super) const FALCO_KUBERNETES: Shape =
    falco_kubernetes!(".", "Falco, Kubernetes");

pub(super) const FALCO_KUBERNETES_JOINED: Shape =
    falco_kubernetes!("_", "Falco, Kubernetes, forwarded with joined names");

const TETRAGON_COMMON: Layout =
    shared(&[own("node_name", Key::Computer), own("time", Key::EventTime)]);

pub(super) const TETRAGON_PROCESS: Shape = Shape {
    tells: Tell::All(&[
        Tell::Has("process_exec"),
        Tell::Has("process_exec.process"),
        Tell::Any(&[Tell::Has("node_name"), Tell::Has("time")]),
    ]),
    reads: Reads::Rules(&[linux(
        // What ran before the sensor did is told of as well.
        Tell::Not(&Tell::Begins("process_exec.process.flags", &["procFS"])),
        EventKind::ProcessCreation,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &TETRAGON_COMMON,
        &Layout {
            name: "Tetragon, processes",
            about: "process_exec; the command line is made of its parts",
            lost: "the user's name",
            verified: true,
            members: &[
                own("process_exec.process.binary", Key::Image),
                own("process_exec.process.arguments", Key::ArgumentText),
                own("process_exec.process.cwd", Key::CurrentDirectory),
                own("process_exec.process.pid", Key::ProcessId),
                // With `--username-metadata unix`.
                own("process_exec.process.user.name", Key::User),
                own("process_exec.parent.binary", Key::ParentImage),
                own("process_exec.parent.arguments", Key::ParentCommandLine),
                own("process_exec.parent.pid", Key::ParentProcessId),
            ],
        },
    ],
};

pub(super) const TETRAGON_FILE: Shape = Shape {
    tells: Tell::All(&[
        Tell::Any(&[Tell::Has("process_kprobe"), Tell::Has("process_lsm")]),
        Tell::Has("process_kprobe.process"),
        Tell::Any(&[Tell::Has("node_name"), Tell::Has("time")]),
    ]),
    reads: Reads::Rules(&[
        linux(
            Tell::Is(
                "process_kprobe.function_name",
                &[
                    "sys_renameat2",
                    "sys_renameat",
                    "sys_rename",
                    "__x64_sys_renameat2",
                    "__x64_sys_renameat",
                    "__x64_sys_rename",
                    "__arm64_sys_renameat2",
                    "__arm64_sys_renameat",
                ],
            ),
            EventKind::FileRename,
        ),
        linux(
            Tell::Is(
                "process_kprobe.function_name",
                &[
                    "sys_write",
                    "__x64_sys_write",
                    "__arm64_sys_write",
                    "security_path_truncate",
                    "path_truncate",
                    "fd_install",
                ],
            ),
            EventKind::FileModification,
        ),
        // 2 asks for leave to write, 8 to append.
        linux(
            Tell::All(&[
                Tell::Is(
                    "process_kprobe.function_name",
                    &["security_file_permission", "file_permission"],
                ),
                Tell::Is("process_kprobe.args.int_arg", &["2", "10"]),
            ]),
            EventKind::FileModification,
        ),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &TETRAGON_COMMON,
        &Layout {
            name: "Tetragon, files",
            about: "process_kprobe and process_lsm: sys_rename*, sys_write, leave to write, fd_install",
            lost: "the old name; whether what fd_install opened was written",
            verified: true,
            members: &[
                own("process_kprobe.process.binary", Key::Image),
                own("process_kprobe.process.pid", Key::ProcessId),
                like("process_lsm", "process_kprobe"),
                own("process_kprobe.args.file_arg.path", Key::TargetFilename),
                own("process_kprobe.args.path_arg.path", Key::TargetFilename),
                copied("process_kprobe.args.string_arg", Key::TargetFilename),
            ],
        },
    ],
};

/// What Tetragon tells besides: that programs ended, and what its policies
/// look at.
pub(super) const TETRAGON_OTHERS: Shape = Shape {
    tells: Tell::All(&[
        Tell::Any(&[
            Tell::Has("process_exit"),
            Tell::Has("process_tracepoint"),
            Tell::Has("process_lsm"),
            Tell::Has("process_uprobe"),
            Tell::Has("process_loader"),
        ]),
        Tell::Any(&[Tell::Has("node_name"), Tell::Has("time")]),
    ]),
    reads: Reads::Rules(&[]),
    gives: &[],
    family: Family::Own,
    layouts: &[],
};

macro_rules! kunai {
    ($($name:literal)+) => { Tell::Is("info.event.name", &[$($name),+]) };
}

pub(super) const KUNAI: Shape = Shape {
    tells: Tell::All(&[
        Tell::Is("info.event.source", &["kunai"]),
        Tell::Has("info.event.name"),
    ]),
    reads: Reads::Rules(&[
        linux(kunai!("execve" "execve_script"), EventKind::ProcessCreation),
        linux(kunai!("file_create"), EventKind::FileCreation),
        linux(
            kunai!("write_config" "write" "write_close" "write_and_close"),
            EventKind::FileModification,
        ),
        linux(kunai!("file_rename"), EventKind::FileRename),
        linux(kunai!("file_unlink"), EventKind::FileDeletion),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Kunai",
        about: "processes and files",
        lost: "",
        verified: true,
        members: &[
            own("data.exe.path", Key::Image),
            own("data.exe.file", Key::Image),
            hint("data.exe", Key::Image),
            own("data.command_line", Key::CommandLine),
            own("data.parent_exe", Key::ParentImage),
            value("data.ancestors", Key::ParentImage, Hint, Form::LastPart),
            own("data.parent_command_line", Key::ParentCommandLine),
            own("data.path", Key::TargetFilename),
            own("data.new", Key::TargetFilename),
            own("data.old", Key::SourceFilename),
            own("info.task.pid", Key::ProcessId),
            own("info.task.creds.effective.user", Key::User),
            copied("info.task.user", Key::User),
            own("info.parent_task.pid", Key::ParentProcessId),
            own("info.host.name", Key::Computer),
            own("info.utc_time", Key::EventTime),
        ],
    }],
};

/// Programs and files of Tracee that have no shape of their own.
pub(super) const TRACEE_NAMES: Shape = Shape {
    tells: Tell::All(&[
        Tell::Is(
            "eventName",
            &[
                "security_inode_rename",
                "security_inode_unlink",
                "security_inode_symlink",
                "security_file_open",
            ],
        ),
        Tell::Has("processName"),
        Tell::Has("args"),
    ]),
    reads: Reads::Rules(&[
        linux(
            Tell::Is("eventName", &["security_inode_rename"]),
            EventKind::FileRename,
        ),
        linux(
            Tell::Is("eventName", &["security_inode_unlink"]),
            EventKind::FileDeletion,
        ),
        linux(
            Tell::Is("eventName", &["security_inode_symlink"]),
            EventKind::FileLink,
        ),
        linux(Tell::Writes("args.flags"), EventKind::FileCreation),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Tracee, names of files",
        about: "security_inode_* and security_file_open for writing",
        lost: "the path of the program that did it",
        verified: false,
        members: &[
            own("args.pathname", Key::TargetFilename),
            own("args.new_path", Key::TargetFilename),
            own("args.linkpath", Key::TargetFilename),
            own("args.old_path", Key::SourceFilename),
            own("args.target", Key::SourceFilename),
            own("processName", Key::Image),
            own("processId", Key::ProcessId),
            own("hostName", Key::Computer),
            own("timestamp", Key::EventTime),
        ],
    }],
};

#[cfg(test)]
mod tests {
    use crate::record::Reading;
    use crate::record::json_record::tests::{event, events};

    const FALCO: &str = r#"{"rule":"r","priority":"Notice","source":"syscall","time":"2024-02-03T04:05:06.1Z","hostname":"lx1","output_fields":{"evt.type":"execve","proc.exepath":"/usr/bin/crontab","proc.cmdline":"crontab -e","proc.pname":"bash","proc.cwd":"<NA>","user.name":null}}"#;
    const TETRAGON: &str = r#"{"process_exec":{"process":{"pid":9,"uid":0,"cwd":"/","binary":"/usr/bin/crontab","arguments":"-e","flags":"execve clone"},"parent":{"binary":"/usr/bin/bash"}},"node_name":"lx1","time":"2024-02-03T04:05:06Z"}"#;
    const KUNAI: &str = r#"{"data":{"ancestors":"/usr/lib/systemd/systemd|/usr/bin/bash","command_line":"crontab -e","exe":{"path":"/usr/bin/crontab"}},"info":{"host":{"name":"lx1"},"event":{"source":"kunai","name":"execve"},"task":{"pid":9},"utc_time":"2024-02-03T04:05:06Z"}}"#;

    #[test]
    fn programs_that_were_started() {
        for (record, expected) in [
            (
                FALCO,
                "linux/process_creation 2024-02-03T04:05:06.1Z Computer=lx1 Image=/usr/bin/crontab CommandLine=crontab -e ParentImage=/bash",
            ),
            (
                TETRAGON,
                "linux/process_creation 2024-02-03T04:05:06Z Computer=lx1 Image=/usr/bin/crontab CommandLine=/usr/bin/crontab -e CurrentDirectory=/ ProcessId=9 ParentImage=/usr/bin/bash",
            ),
            (
                KUNAI,
                "linux/process_creation 2024-02-03T04:05:06Z Computer=lx1 Image=/usr/bin/crontab CommandLine=crontab -e ProcessId=9 ParentImage=/usr/bin/bash",
            ),
        ] {
            assert_eq!(event(record), expected);
        }
    }

    #[test]
    fn files() {
        for (record, expected) in [
            (
                r#"{"rule":"Write below etc","priority":"Error","hostname":"lx1","output_fields":{"evt.type":"openat","fd.name":"/etc/cron.d/x","proc.name":"cp"}}"#,
                "linux/file_creation Computer=lx1 Image=/cp TargetFilename=/etc/cron.d/x",
            ),
            (
                r#"{"rule":"Write below etc","priority":"Error","output_fields":{"fd.name":"/etc/cron.d/x","proc.name":"cp"}}"#,
                "linux/file_creation Image=/cp TargetFilename=/etc/cron.d/x",
            ),
            (
                r#"{"process_kprobe":{"process":{"binary":"/bin/cp"},"function_name":"__x64_sys_write","args":[{"file_arg":{"path":"/etc/cron.d/x"}},{"size_arg":"1"}]},"node_name":"h"}"#,
                "linux/file_modification Computer=h Image=/bin/cp TargetFilename=/etc/cron.d/x",
            ),
            (
                r#"{"process_lsm":{"process":{"binary":"/bin/cp"},"function_name":"file_permission","args":[{"file_arg":{"path":"/etc/cron.d/x"}},{"int_arg":2}]},"node_name":"h"}"#,
                "linux/file_modification Computer=h Image=/bin/cp TargetFilename=/etc/cron.d/x",
            ),
            (
                r#"{"eventName":"security_file_open","processName":"cp","args":[{"name":"pathname","value":"/etc/cron.d/x"},{"name":"flags","type":"int","value":33345}]}"#,
                "linux/file_creation Image=/cp TargetFilename=/etc/cron.d/x",
            ),
            (
                r#"{"rule":"r","priority":"Error","output_fields":{"evt.type":"renameat2","evt.arg.newpath":"/etc/cron.d/x","evt.arg.oldpath":"/tmp/x","proc.exepath":"/bin/mv"}}"#,
                "linux/file_rename Image=/bin/mv TargetFilename=/etc/cron.d/x SourceFilename=/tmp/x",
            ),
            (
                r#"{"process_kprobe":{"process":{"binary":"/bin/mv"},"function_name":"__x64_sys_renameat2","args":[{"int_arg":-100},{"string_arg":"/tmp/x"},{"int_arg":-100},{"string_arg":"/etc/cron.d/x"}]},"node_name":"h"}"#,
                "linux/file_rename Computer=h Image=/bin/mv TargetFilename=/etc/cron.d/x",
            ),
            (
                r#"{"data":{"exe":{"path":"/bin/mv"},"old":"/tmp/x","new":"/etc/cron.d/x"},"info":{"event":{"source":"kunai","name":"file_rename"}}}"#,
                "linux/file_rename Image=/bin/mv TargetFilename=/etc/cron.d/x SourceFilename=/tmp/x",
            ),
            (
                r#"{"eventName":"security_inode_rename","processName":"mv","args":[{"name":"old_path","value":"/tmp/x"},{"name":"new_path","value":"/etc/cron.d/x"}]}"#,
                "linux/file_rename Image=/mv TargetFilename=/etc/cron.d/x SourceFilename=/tmp/x",
            ),
        ] {
            assert_eq!(event(record), expected);
        }
    }

    #[test]
    fn what_is_none_of_that_is_no_event() {
        for (record, from, to) in [
            (FALCO, "execve", "connect"),
            (FALCO, "execve", "openat"),
            (TETRAGON, "execve clone", "procFS auid"),
            (KUNAI, "execve", "read_config"),
        ] {
            let (found, reading) = events(&record.replace(from, to));
            assert!(found.is_empty(), "{record}");
            assert_eq!(reading.not_understood, 0, "{record}");
        }
        for (record, from) in [
            (FALCO, "output_fields"),
            (FALCO, "priority"),
            (TETRAGON, "process_exec"),
            (KUNAI, "\"kunai\""),
        ] {
            let (found, reading) = events(&record.replace(
                from,
                "\"other\"".trim_matches(if from.starts_with('"') {
                    ' '
                } else {
                    '"'
                }),
            ));
            assert!(found.is_empty(), "{record}");
            assert_eq!(reading.not_understood, 1, "{record}");
        }
    }

    #[test]
    fn files_that_are_opened_for_writing_are_told_by_flags() {
        let record = |flags: &str| {
            format!(
                r#"{{"rule":"r","priority":"Error","output_fields":{{"evt.type":"openat","evt.arg.flags":"{flags}","fd.name":"/etc/cron.d/x","proc.exepath":"/bin/cp"}}}}"#
            )
        };
        let found = event(&record("O_CREAT|O_WRONLY"));
        assert!(found.starts_with("linux/file_creation"), "{found}");
        assert!(events(&record("O_RDONLY")).0.is_empty());
        let tracee = |flags: &str| {
            format!(
                r#"{{"eventName":"security_file_open","processName":"cp","args":[{{"name":"pathname","value":"/etc/cron.d/x"}},{{"name":"flags","value":{flags}}}]}}"#
            )
        };
        for flags in ["1", "577", "\"O_CREAT|O_WRONLY\"", "2"] {
            let found = event(&tracee(flags));
            assert!(found.starts_with("linux/file_creation"), "{flags}");
        }
        for flags in ["0", "32768", "\"O_RDONLY|O_LARGEFILE\"", "\"\"", "null"]
        {
            assert!(events(&tracee(flags)).0.is_empty(), "{flags}");
        }
    }

    #[test]
    fn an_alert_that_names_no_call_is_about_its_process() {
        let record = r#"{"rule":"Schedule Cron Jobs","priority":"Notice","output_fields":{"proc.cmdline":"crontab -e","proc.name":"crontab"}}"#;
        assert_eq!(
            event(record),
            "linux/process_creation Image=/crontab CommandLine=crontab -e"
        );
    }

    #[test]
    fn requests_to_kubernetes() {
        let record = r#"{"rule":"r","priority":"Notice","source":"k8s_audit","output_fields":{"ka.verb":"create","ka.target.resource":"cronjobs","ka.target.name":"j","ka.target.namespace":"ns","ka.user.name":"al"}}"#;
        assert_eq!(
            event(record),
            "kubernetes/kubernetes_api_call User=al verb=create objectRef.resource=cronjobs objectRef.namespace=ns objectRef.name=j"
        );
        let pods = record.replace("cronjobs", "pods");
        assert_eq!(
            events(&pods).1,
            Reading { others: 1, ..Reading::default() }
        );
    }

    #[test]
    fn fields_of_falco_may_be_joined_by_underscores() {
        let joined =
            ["evt.type", "proc.exepath", "proc.cmdline", "proc.pname"]
                .into_iter()
                .chain(["proc.cwd", "user.name"])
                .fold(FALCO.to_owned(), |record, name| {
                    record.replace(name, &name.replace('.', "_"))
                });
        assert_ne!(joined, FALCO);
        assert_eq!(event(&joined), event(FALCO));
        let written = r#"{"rule":"r","priority":"Notice","output_fields":{"evt_type":"openat","evt_is_open_write":true,"fd_name":"/etc/cron.d/x","proc_exepath":"/bin/sh"}}"#;
        assert_eq!(
            event(written),
            "linux/file_creation Image=/bin/sh TargetFilename=/etc/cron.d/x"
        );
        let asked = r#"{"rule":"r","priority":"Notice","output_fields":{"ka_verb":"create","ka_target_resource":"cronjobs","ka_target_name":"j"}}"#;
        let found = event(asked);
        assert!(
            found.starts_with("kubernetes/kubernetes_api_call"),
            "{found}"
        );
    }

    #[test]
    fn what_tetragon_tells_besides_is_understood() {
        for name in ["process_exit", "process_tracepoint", "process_lsm"] {
            let record = TETRAGON.replace("process_exec", name);
            let (found, reading) = events(&record);
            assert!(found.is_empty());
            assert_eq!(reading.not_understood, 0, "{name}");
        }
    }
}
