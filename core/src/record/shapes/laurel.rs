/*!
All records of an audit event in one object: Laurel, and with it auditbeat's,
auoms' and go-audit's, which share its values.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::AuditKey;
use crate::record::shape::{
    Family, Form, Gives, Layout, Mark, Member, Reads, Shape, Tell, audit,
    audit_in,
};

use super::{auditbeat, auoms, go_audit};

pub(super) const SHAPE: Shape = Shape {
    tells: Tell::Any(&[
        Tell::Has("RecordType"),
        // A query of DNS has one, too.
        Tell::All(&[
            Tell::Has("record_type"),
            Tell::Any(&[
                Tell::Has("sequence"),
                Tell::Has("result"),
                Tell::Has("process"),
                Tell::Has("data"),
                Tell::Has("summary"),
            ]),
        ]),
        Tell::Has("event.record_type"),
        Tell::Has("auditd"),
        // Filebeat may have left the line as it was.
        Tell::All(&[
            Tell::Is("event.module", &["auditd"]),
            Tell::Any(&[Tell::Lacks("message"), Tell::Has("process")]),
        ]),
        go_audit::TELL,
        Tell::All(&[
            Tell::Has("ID"),
            Tell::Any(&[
                Tell::Has("SYSCALL"),
                Tell::Has("EXECVE"),
                Tell::Has("PATH"),
                Tell::Has("PROCTITLE"),
                Tell::Has("CWD"),
            ]),
        ]),
    ]),
    reads: Reads::Audit,
    gives: &[
        gives(EventKind::AuditSyscall),
        gives(EventKind::AuditExecve),
        gives(EventKind::AuditPath),
        gives(EventKind::AuditProctitle),
        gives(EventKind::AuditCwd),
    ],
    family: Family::Audit,
    layouts: &[&LAYOUT, &auditbeat::LAYOUT, &auoms::LAYOUT, &go_audit::LAYOUT],
};

const fn gives(kind: EventKind) -> Gives {
    Gives::new(kind, Platform::Linux, MARKS)
}

/// Members of the four, or a line of auditd's in a string. Laurel's `ID` is
/// too short to be looked for in every record.
const MARKS: &[Mark] = &[
    ("SYSCALL", true),
    ("EXECVE", true),
    ("PROCTITLE", true),
    ("\"PATH", true),
    ("\"CWD", true),
    ("auditd", false),
    ("\"messages", true),
    ("RecordType", true),
    ("record_type", true),
    ("audit(", true),
    // As the journal forwards a line, without time and serial.
    ("audit: ", true),
    ("audit[", true),
];

const LAYOUT: Layout = Layout {
    name: "Laurel",
    about: "all records of an audit event in one object, a member a type",
    lost: "",
    verified: true,
    members: MEMBERS,
};

const MEMBERS: &[Member] = &[
    audit("ID", AuditKey::Id),
    audit("NODE", AuditKey::Host),
    audit("SYSCALL.arch", AuditKey::Arch),
    audit("SYSCALL.syscall", AuditKey::Syscall),
    audit("SYSCALL.SYSCALL", AuditKey::SyscallName),
    audit("SYSCALL.success", AuditKey::Success),
    audit("SYSCALL.a0", AuditKey::A0),
    audit("SYSCALL.a1", AuditKey::A1),
    audit("SYSCALL.a2", AuditKey::A2),
    audit("SYSCALL.comm", AuditKey::Comm),
    audit("SYSCALL.exe", AuditKey::Exe),
    audit("SYSCALL.uid", AuditKey::Uid),
    audit("SYSCALL.UID", AuditKey::UidName),
    audit("SYSCALL.auid", AuditKey::Auid),
    audit("SYSCALL.AUID", AuditKey::AuidName),
    audit("SYSCALL.pid", AuditKey::Pid),
    audit("SYSCALL.ppid", AuditKey::ParentPid),
    audit("SYSCALL.key", AuditKey::Key),
    audit_in("EXECVE.ARGV", AuditKey::ArgumentList, Form::List),
    audit("EXECVE.ARGV_STR", AuditKey::Arguments),
    audit_in("PATH", AuditKey::Paths, Form::List),
    audit_in("PROCTITLE.ARGV", AuditKey::TitleList, Form::List),
    audit("PROCTITLE.proctitle", AuditKey::Title),
    audit("CWD.cwd", AuditKey::Cwd),
];
