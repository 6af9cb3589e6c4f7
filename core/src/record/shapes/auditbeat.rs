/*!
Audit events as auditbeat and go-libaudit write them.
*/

use crate::record::keys::AuditKey;
use crate::record::shape::{Form, Layout, Member, audit, audit_in, like};

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
