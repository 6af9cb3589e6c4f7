/*!
Audit events as auditbeat and go-libaudit write them.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::{AuditKey, Key};
use crate::record::shape::{
    Family, Form, Layout, Member, Reads, Shape, Tell, audit, audit_in, copied,
    like, on, own,
};

/// Paths of Filebeat's auditd module, which has a record for each line and
/// says of a file no more than its name and what became of it.
pub(super) const FILEBEAT_PATH: Shape = Shape {
    tells: Tell::All(&[
        Tell::Is("event.dataset", &["auditd.log"]),
        Tell::Has("auditd.log.nametype"),
        Tell::Has("auditd.log.name"),
    ]),
    reads: Reads::Rules(&[
        on(
            Platform::Linux,
            Tell::Is("auditd.log.nametype", &["CREATE"]),
            EventKind::FileCreation,
        ),
        on(
            Platform::Linux,
            Tell::Is("auditd.log.nametype", &["DELETE"]),
            EventKind::FileDeletion,
        ),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Filebeat, auditd",
        about: "records of Filebeat's auditd module about paths",
        lost: "the process, which another record has",
        verified: false,
        members: &[
            own("auditd.log.name", Key::TargetFilename),
            own("host.name", Key::Computer),
            copied("host.hostname", Key::Computer),
            own("@timestamp", Key::EventTime),
        ],
    }],
};

pub(super) const LAYOUT: Layout = Layout {
    name: "auditbeat",
    about: "the auditd module of auditbeat and Elastic Agent, go-libaudit",
    lost: "",
    verified: true,
    members: MEMBERS,
};

const MEMBERS: &[Member] = &[
    audit("@timestamp", AuditKey::Time),
    audit("event.outcome", AuditKey::Success),
    audit_in("tags", AuditKey::Keys, Form::List),
    audit("host", AuditKey::Host),
    audit("host.name", AuditKey::Host),
    audit("process.name", AuditKey::Comm),
    audit("process.executable", AuditKey::Exe),
    audit("process.exe", AuditKey::Exe),
    audit("process.title", AuditKey::Title),
    audit_in("process.args", AuditKey::ArgumentList, Form::List),
    audit("process.working_directory", AuditKey::Cwd),
    audit("process.cwd", AuditKey::Cwd),
    audit("process.pid", AuditKey::Pid),
    audit("process.ppid", AuditKey::ParentPid),
    audit("process.parent.pid", AuditKey::ParentPid),
    audit("user.id", AuditKey::Uid),
    audit("user.uid", AuditKey::Uid),
    audit("user.name", AuditKey::UidName),
    audit("user.auid", AuditKey::Auid),
    audit("user.audit.id", AuditKey::Auid),
    audit("user.audit.name", AuditKey::AuidName),
    audit("user.ids.uid", AuditKey::Uid),
    audit("user.ids.auid", AuditKey::Auid),
    like("user.name_map", "user.names"),
    audit("user.names.uid", AuditKey::UidName),
    audit("user.names.auid", AuditKey::AuidName),
    audit("auditd.sequence", AuditKey::Serial),
    audit("auditd.result", AuditKey::Success),
    like("auditd.data", "SYSCALL"),
    audit_in("auditd.paths", AuditKey::Paths, Form::List),
    // go-libaudit has the same without `auditd`.
    audit("sequence", AuditKey::Serial),
    audit("result", AuditKey::Success),
    audit("outcome", AuditKey::Success),
    audit_in("paths", AuditKey::Paths, Form::List),
    audit("data.arch", AuditKey::Arch),
    audit("data.syscall", AuditKey::Syscall),
    audit("data.SYSCALL", AuditKey::SyscallName),
    audit("data.success", AuditKey::Success),
    audit("data.a0", AuditKey::A0),
    audit("data.a1", AuditKey::A1),
    audit("data.a2", AuditKey::A2),
    audit("data.comm", AuditKey::Comm),
    audit("data.exe", AuditKey::Exe),
    audit("data.uid", AuditKey::Uid),
    audit("data.UID", AuditKey::UidName),
    audit("data.auid", AuditKey::Auid),
    audit("data.AUID", AuditKey::AuidName),
    audit("data.pid", AuditKey::Pid),
    audit("data.ppid", AuditKey::ParentPid),
    audit("data.key", AuditKey::Key),
    // Its test data have all of that in `event`.
    audit("event.@timestamp", AuditKey::Time),
    audit("event.sequence", AuditKey::Serial),
    audit("event.result", AuditKey::Success),
    audit_in("event.tags", AuditKey::Keys, Form::List),
    audit_in("event.paths", AuditKey::Paths, Form::List),
    like("event.user", "user"),
    like("event.process", "process"),
    like("event.data", "data"),
];

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    #[test]
    fn a_path_of_filebeats() {
        let record = r#"{"@timestamp":"2024-02-03T04:05:06Z","agent":{"type":"filebeat"},"event":{"module":"auditd","dataset":"auditd.log","action":"path"},"host":{"name":"h"},"auditd":{"log":{"sequence":7,"record_type":"PATH","item":"1","name":"/etc/cron.d/x","nametype":"CREATE"}}}"#;
        assert_eq!(
            event(record),
            "linux/file_creation 2024-02-03T04:05:06Z Computer=h TargetFilename=/etc/cron.d/x"
        );
        let parent = record.replace("CREATE", "PARENT");
        assert!(events(&parent).0.is_empty());
    }
}
