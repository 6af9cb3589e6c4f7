/*!
Audit events as auoms, the agent of Azure's Log Analytics, writes them.
*/

use crate::record::keys::AuditKey;
use crate::record::shape::{Form, Layout, Member, audit, audit_in};

pub(super) const LAYOUT: Layout = Layout {
    name: "auoms",
    about: "kernel records joined by Microsoft's agent, decoded",
    lost: "",
    verified: true,
    members: MEMBERS,
};

const MEMBERS: &[Member] = &[
    audit("RecordType", AuditKey::Type),
    audit("arch", AuditKey::Arch),
    audit("syscall", AuditKey::Syscall),
    audit("success", AuditKey::Success),
    audit("a0", AuditKey::A0),
    audit("a1", AuditKey::A1),
    audit("a2", AuditKey::A2),
    audit("comm", AuditKey::Comm),
    audit("exe", AuditKey::Exe),
    audit("uid", AuditKey::Uid),
    audit("user", AuditKey::UidName),
    audit("UID", AuditKey::UidName),
    audit("auid", AuditKey::Auid),
    audit("audit_user", AuditKey::AuidName),
    audit("AUID", AuditKey::AuidName),
    audit("pid", AuditKey::Pid),
    audit("ppid", AuditKey::ParentPid),
    audit("key", AuditKey::Key),
    audit("cmdline", AuditKey::Arguments),
    audit("cwd", AuditKey::Cwd),
    audit("proctitle", AuditKey::Title),
    paths("path_name", AuditKey::PathNames),
    paths("path_nametype", AuditKey::PathTypes),
    paths("path_mode", AuditKey::PathModes),
    paths("path_ouid", AuditKey::PathOwners),
];

const fn paths(path: &'static str, key: AuditKey) -> Member {
    audit_in(path, key, Form::ListOrText)
}
