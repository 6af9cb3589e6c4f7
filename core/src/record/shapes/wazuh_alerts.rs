/*!
What Wazuh makes of other logs than Windows': alerts about files that it
watches, and audit events taken apart.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::{AuditKey, Key};
use crate::record::shape::{
    Family, Form, Gives, Layout, Mark, Reads, Shape, Tell, audit, audit_in,
    own, when,
};

/// Alerts about files that are watched.
pub(super) const FILES: Shape = Shape {
    tells: Tell::All(&[
        Tell::Has("syscheck"),
        Tell::Has("syscheck.path"),
        Tell::Is("syscheck.event", &["added", "modified", "deleted"]),
    ]),
    // On the system that the path is one of.
    reads: Reads::Rules(&[
        when(ADDED, EventKind::FileCreation),
        when(MODIFIED, EventKind::FileModification),
        when(DELETED, EventKind::FileDeletion),
    ]),
    gives: &[
        gives(EventKind::FileCreation, Platform::Linux),
        gives(EventKind::FileModification, Platform::Linux),
        gives(EventKind::FileDeletion, Platform::Linux),
        gives(EventKind::FileCreation, Platform::Windows),
        gives(EventKind::FileModification, Platform::Windows),
        gives(EventKind::FileDeletion, Platform::Windows),
    ],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Wazuh, files",
        about: "alerts of syscheck about files that are watched",
        lost: "who it was, except with whodata; macOS is taken for Linux",
        verified: false,
        members: &[
            own("syscheck.path", Key::TargetFilename),
            own("syscheck.audit.process.name", Key::Image),
            own("syscheck.audit.user.name", Key::User),
            own("agent.name", Key::Computer),
            own("timestamp", Key::Received),
        ],
    }],
};

const ADDED: Tell = Tell::Is("syscheck.event", &["added"]);
const MODIFIED: Tell = Tell::Is("syscheck.event", &["modified"]);
const DELETED: Tell = Tell::Is("syscheck.event", &["deleted"]);

const fn gives(kind: EventKind, platform: Platform) -> Gives {
    Gives::new(kind, platform, &[("syscheck", true)])
}

/// The name `audit` as a name of its own or where it ends one, in a record or
/// one that is a string in it, or another name follows it. Words end with it
/// too: in French the keyword of each event of Windows' audit does.
const AUDIT_MARKS: &[Mark] = &[
    ("\"audit\"", true),
    (".audit\"", true),
    ("audit\\", true),
    ("audit.", true),
];

const fn of_audit(kind: EventKind) -> Gives {
    Gives::new(kind, Platform::Linux, AUDIT_MARKS)
}

/// Audit events of which nothing but what a decoder made is left.
pub(super) const AUDIT: Shape = Shape {
    tells: Tell::All(&[
        Tell::Has("data.audit.type"),
        Tell::Has("data.audit.id"),
        // That has the records themselves.
        Tell::Lacks("full_log"),
    ]),
    reads: Reads::Audit,
    gives: &[
        of_audit(EventKind::AuditSyscall),
        of_audit(EventKind::AuditCwd),
        of_audit(EventKind::AuditExecve),
        of_audit(EventKind::AuditPath),
    ],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Wazuh, audit",
        about: "alerts about audit events without `full_log`",
        lost: "what was done to a file",
        verified: false,
        members: &[
            audit("data.audit.id", AuditKey::Serial),
            audit("timestamp", AuditKey::Time),
            audit("agent.name", AuditKey::Host),
            audit("data.audit.arch", AuditKey::Arch),
            audit("data.audit.syscall", AuditKey::Syscall),
            audit("data.audit.success", AuditKey::Success),
            audit("data.audit.command", AuditKey::Comm),
            audit("data.audit.exe", AuditKey::Exe),
            audit("data.audit.uid", AuditKey::Uid),
            audit("data.audit.auid", AuditKey::Auid),
            audit("data.audit.pid", AuditKey::Pid),
            audit("data.audit.ppid", AuditKey::ParentPid),
            audit("data.audit.key", AuditKey::Key),
            audit("data.audit.cwd", AuditKey::Cwd),
            audit("data.audit.file.name", AuditKey::Path),
            audit_in(
                "data.audit.execve",
                AuditKey::ArgumentMembers,
                Form::Json,
            ),
        ],
    }],
};

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    #[test]
    fn files_are_added_modified_and_deleted() {
        let record = r#"{"timestamp":"2024-02-03T04:05:06.000+0000","rule":{"id":"554"},"agent":{"name":"h"},"full_log":"File '/etc/cron.d/x' added\nMode: realtime\n","syscheck":{"path":"/etc/cron.d/x","mode":"realtime","event":"added","audit":{"process":{"name":"/bin/sh"},"user":{"name":"ann"}}},"decoder":{"name":"syscheck_new_entry"},"location":"syscheck"}"#;
        assert_eq!(
            event(record),
            "linux/file_creation 2024-02-03T04:05:06Z Computer=h User=ann Image=/bin/sh TargetFilename=/etc/cron.d/x"
        );
        for (from, to, expected) in [
            ("\"added\"", "\"modified\"", "linux/file_modification"),
            ("\"added\"", "\"deleted\"", "linux/file_deletion"),
            ("/etc/cron.d/", r"C:\\x\\", "windows/file_creation"),
        ] {
            let record = record.replace(from, to);
            // A program tells the system, too.
            let windows = record.replace("/bin/sh", r"C:\\a.exe");
            let is_windows = expected.starts_with("windows");
            let found = event(if is_windows { &windows } else { &record });
            assert!(found.starts_with(expected), "{found}");
            assert!(found.contains("TargetFilename="), "{found}");
        }
        for (from, to) in [
            ("\"added\"", "\"x\""),
            ("\"path\"", "\"x\""),
            ("syscheck\":", "x\":"),
        ] {
            let other = record.replace(from, to);
            assert_eq!(events(&other).1.events, 0, "{from}");
        }
    }

    #[test]
    fn arguments_and_a_path_are_events() {
        let record = r#"{"timestamp":"2024-02-03T04:05:06.000+0000","agent":{"name":"h"},"data":{"audit":{"type":"SYSCALL","id":"7","execve":{"a0":"crontab","a1":"-e"},"file":{"name":"/etc/cron.d/x","mode":"0100644"}}}}"#;
        let (found, _) = events(record);
        let has = |kind: &str, value: &str| {
            found
                .iter()
                .any(|event| event.contains(kind) && event.ends_with(value))
        };
        assert!(has("audit_execve", "argv=crontab -e"), "{found:?}");
        assert!(has("audit_path", "name=/etc/cron.d/x"), "{found:?}");
    }

    #[test]
    fn audit_events_are_read_from_their_records_where_these_are() {
        let record = r#"{"timestamp":"2024-02-03T04:05:06.000+0000","agent":{"name":"h"},"full_log":"type=PATH msg=audit(1706933106.123:7): item=1 name=\"/etc/cron.d/x\" nametype=CREATE","decoder":{"name":"auditd"},"data":{"audit":{"type":"SYSCALL","id":"7","arch":"c000003e","syscall":"82","success":"yes","command":"crontab","exe":"/usr/bin/crontab"}}}"#;
        let found = event(record);
        assert!(found.starts_with("linux/audit_path"), "{found}");
        let found = event(&record.replace("full_log", "x_log"));
        let head = "linux/audit_syscall 2024-02-03T04:05:06Z";
        assert!(found.starts_with(head), "{found}");
        for part in ["comm=crontab", "exe=/usr/bin/crontab", "=rename"] {
            assert!(found.contains(part), "{found}");
        }
        let other = record
            .replace("full_log", "x_log")
            .replace("type=PATH", "x")
            .replace("\"id\"", "\"x\"");
        assert_eq!(events(&other).1.events, 0);
    }
}
