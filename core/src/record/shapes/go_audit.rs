/*!
Audit events as go-audit writes them: a list of the kernel's records.
*/

use crate::record::keys::AuditKey;
use crate::record::shape::{Form, Layout, Tell, audit, audit_in};

pub(super) const TELL: Tell = Tell::All(&[
    Tell::Has("messages"),
    Tell::Has("sequence"),
    Tell::Has("timestamp"),
    Tell::Has("uid_map"),
]);

pub(super) const LAYOUT: Layout = Layout {
    name: "go-audit",
    about: "the kernel's records in `messages`, with numbers for their types",
    lost: "the names of users",
    verified: true,
    members: &[
        audit_in("messages", AuditKey::Messages, Form::List),
        // auditbeat's sequence is that, too.
        audit("timestamp", AuditKey::MessageTime),
    ],
};

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::events;

    const RECORD: &str = r#"{"sequence":77,"timestamp":"1706933106.123","messages":[{"type":1300,"data":"arch=c000003e syscall=82 success=yes ppid=1 pid=2 auid=0 uid=0 comm=\"crontab\" exe=\"/usr/bin/crontab\" key=\"cron\""},{"type":1302,"data":"item=1 name=\"/etc/cron.d/x\" nametype=CREATE"},{"type":1320,"data":""}],"uid_map":{"0":"root"}}"#;

    #[test]
    fn each_message_is_a_record() {
        let (found, reading) = events(RECORD);
        assert_eq!(
            found,
            [
                "linux/audit_syscall 2024-02-03T04:05:06.123Z ProcessId=2 ParentProcessId=1 audit_id=1706933106.123:77 arch=c000003e syscall=82 SYSCALL=rename success=yes comm=crontab exe=/usr/bin/crontab uid=0 auid=0 key=cron",
                "linux/audit_path 2024-02-03T04:05:06.123Z audit_id=1706933106.123:77 name=/etc/cron.d/x nametype=CREATE item=1",
            ]
        );
        assert_eq!((reading.others, reading.not_understood), (1, 0));
    }

    #[test]
    fn lists_of_other_messages_are_none() {
        for from in ["sequence", "timestamp", "messages", "uid_map"] {
            let (found, reading) = events(&RECORD.replace(from, "other"));
            assert!(found.is_empty(), "{from}");
            assert_eq!(reading.not_understood, 1, "{from}");
        }
        let odd = r#"{"sequence":1,"timestamp":"1.2","messages":[1,[2],{"type":1},{"data":"x"}],"uid_map":{}}"#;
        assert!(events(odd).0.is_empty());
    }
}
