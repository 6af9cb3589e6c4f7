/*!
OCSF events of systems: Scheduled Job Activity (1006) and Process Activity
(1007).

Those that keep the log and the id of the event they were made from are read
by these; this is for the others.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::shape::{
    Family, Gives, Layout, Mark, Member, Reads, Shape, Tell, copied, hint,
    like, own,
};
use crate::record::windows::Head;

pub(super) const SHAPE: Shape = Shape {
    tells: Tell::All(&[Tell::Has("class_uid"), Tell::Has("activity_id")]),
    reads: Reads::Told(kind),
    gives: &[
        Gives::new(EventKind::ProcessCreation, Platform::Windows, &[]),
        Gives::new(EventKind::ProcessCreation, Platform::Linux, CLASS),
        Gives::new(EventKind::TaskRegistered, Platform::Windows, CLASS),
        Gives::new(EventKind::TaskUpdated, Platform::Windows, CLASS),
        Gives::new(EventKind::TaskDeleted, Platform::Windows, CLASS),
        Gives::new(EventKind::TaskEnabled, Platform::Windows, CLASS),
        Gives::new(EventKind::TaskDisabled, Platform::Windows, CLASS),
    ],
    family: Family::Windows,
    layouts: &[],
};

const CLASS: &[Mark] = &[("\"class_uid", true)];

pub(super) const LAYOUT: Layout = Layout {
    name: "OCSF",
    about: "Scheduled Job Activity (1006) and Process Activity (1007)",
    lost: "the original file name",
    verified: true,
    members: MEMBERS,
};

const MEMBERS: &[Member] = &[
    own("class_uid", Key::ClassUid),
    own("activity_id", Key::ActivityId),
    copied("job.name", Key::TaskName),
    copied("process.cmd_line", Key::CommandLine),
    copied("process.file.path", Key::Image),
    like("process.parent_process", "process.parent"),
    copied("process.parent.cmd_line", Key::ParentCommandLine),
    copied("process.parent.file.path", Key::ParentImage),
    copied("actor.user.name", Key::SubjectUserName),
    copied("actor.user.domain", Key::SubjectDomainName),
    copied("actor.user.uid", Key::SubjectUserSid),
    hint("actor.process.cmd_line", Key::ParentCommandLine),
    hint("actor.process.pid", Key::ParentProcessId),
    like("actor.process.file", "process.parent.file"),
    copied("device.hostname", Key::Computer),
    hint("device.name", Key::Computer),
    own("device.os.type", Key::Os),
    copied("device.os.name", Key::Os),
    copied("metadata.event_code", Key::EventId),
    copied("metadata.log_name", Key::Channel),
    copied("metadata.log_provider", Key::Provider),
    hint("metadata.product.name", Key::Provider),
];

/// What kind of event it is; `None` when it is none that is known here.
pub(super) fn kind(values: &Head<'_>) -> Option<(Platform, EventKind)> {
    let class = values.get(Key::ClassUid as usize)?.bytes;
    let activity = values.get(Key::ActivityId as usize)?.bytes;
    let kind = match (class, activity) {
        (b"1006", b"1") => EventKind::TaskRegistered,
        (b"1006", b"2") => EventKind::TaskUpdated,
        (b"1006", b"3") => EventKind::TaskDeleted,
        (b"1006", b"4") => EventKind::TaskEnabled,
        (b"1006", b"5") => EventKind::TaskDisabled,
        (b"1007", b"1") => EventKind::ProcessCreation,
        _ => return None,
    };
    let scratch = &mut [0; 64];
    let os = values.get(Key::Os as usize);
    let os = os.as_ref().map(|raw| raw.short(scratch));
    let is = |name: &[u8]| {
        os.and_then(|os| os.get(..name.len()))
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    let image = values.get(Key::Image as usize);
    let platform = match os {
        _ if is(b"windows") => Platform::Windows,
        _ if is(b"linux") => Platform::Linux,
        Some(_) => return None,
        None if image.is_some_and(|image| image.bytes.starts_with(b"/")) => {
            Platform::Linux
        }
        None => Platform::Windows,
    };
    // Jobs of other systems are no tasks.
    let known =
        platform == Platform::Windows || kind == EventKind::ProcessCreation;
    known.then_some((platform, kind))
}

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    #[test]
    fn from_a_windows_log() {
        let record = r#"{"activity_id":1,"actor":{"process":{"pid":4},"user":{"domain":"E","name":"ann","uid":"S-1-5-21-1"}},"class_uid":1006,"device":{"hostname":"h"},"job":{"name":"\\x"},"metadata":{"event_code":"4698","log_name":"Security","product":{"name":"Microsoft-Windows-Security-Auditing"},"log_format":"xml"},"time":1706933106000,"unmapped":{"System":{"Task":12804},"EventData":{"TaskContent":"<Task/>"}}}"#;
        assert_eq!(
            event(record),
            r"windows/task_registered 2024-02-03T04:05:06Z EventID=4698 Channel=Security Computer=h User=E\ann TaskName=\x TaskContent=<Task/> SubjectUserSid=S-1-5-21-1 SubjectUserName=ann SubjectDomainName=E"
        );
        let record = r#"{"activity_id":1,"class_uid":1007,"actor":{"process":{"file":{"path":"C:\\p.exe"},"pid":4},"user":{"domain":"E","name":"ann"}},"device":{"hostname":"h","os":{"name":"Windows","type":"Windows","type_id":100}},"process":{"cmd_line":"a b","file":{"name":"a.exe","path":"C:\\a.exe"},"pid":5,"user":{"name":"-"}},"time":1706933106000,"unmapped":{"EventCode":"4688","SourceName":"Microsoft Windows security auditing."}}"#;
        let expected = r"windows/process_creation 2024-02-03T04:05:06Z EventID=4688 Computer=h User=E\ann Image=C:\a.exe CommandLine=a b ProcessId=5 ParentImage=C:\p.exe ParentProcessId=4 SubjectUserName=ann SubjectDomainName=E";
        assert_eq!(event(record), expected);
        let bare = record.replace("unmapped", "other");
        assert_eq!(event(&bare), expected.replace("EventID=4688 ", ""));
    }

    #[test]
    fn other_origins() {
        let linux = r#"{"class_uid":1007,"activity_id":1,"device":{"name":"h","os":{"type":"Linux"}},"process":{"cmd_line":"crontab -l","file":{"path":"/usr/bin/crontab"},"parent_process":{"cmd_line":"sh","file":{"path":"/bin/sh"},"pid":4}}}"#;
        let expected = "linux/process_creation Computer=h Image=/usr/bin/crontab CommandLine=crontab -l ParentImage=/bin/sh ParentCommandLine=sh ParentProcessId=4";
        assert_eq!(event(linux), expected);
        assert_eq!(event(&linux.replace("os", "no")), expected);
        for (activity, kind) in [
            (1, "registered"),
            (2, "updated"),
            (3, "deleted"),
            (4, "enabled"),
            (5, "disabled"),
        ] {
            let record = format!(
                r#"{{"class_uid":1006,"activity_id":{activity},"job":{{"name":"x"}}}}"#
            );
            let expected = format!("windows/task_{kind} TaskName=x");
            assert_eq!(event(&record), expected);
        }
        for record in [
            r#"{"class_uid":1006,"activity_id":6,"job":{"name":"x"}}"#,
            r#"{"class_uid":1006,"activity_id":1,"device":{"os":{"type":"Linux"}}}"#,
            r#"{"class_uid":1007,"activity_id":2}"#,
            r#"{"class_uid":1007,"activity_id":1,"device":{"os":{"name":"macOS"}}}"#,
            r#"{"class_uid":1001,"activity_id":1}"#,
            r#"{"class_uid":1007}"#,
        ] {
            assert_eq!(events(record).1.others, 1, "{record}");
        }
    }
}
