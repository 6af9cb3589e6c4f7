/*!
OCSF events of systems.

Those that keep the log and the id of the event they were made from are read
by these; this is for the others.
*/

use crate::event::EventKind;
use crate::record::keys::Key;
use crate::record::shape::{
    Family, Layout, Member, Reads, Shape, Tell, copied, hint, job, like, own,
    registry, shared, when,
};

/// Tells an activity of a class.
macro_rules! activity {
    ($class:literal $($activity:literal)+) => {
        Tell::All(&[
            Tell::Is("class_uid", &[$class]),
            Tell::Is("activity_id", &[$($activity),+]),
        ])
    };
}

/// Tells an activity that did not fail.
macro_rules! done {
    ($class:literal $($activity:literal)+) => {
        Tell::All(&[
            activity!($class $($activity)+),
            Tell::Not(&Tell::Is("status_id", &["2"])),
        ])
    };
}

/// Tells an activity with a job that is not Windows'.
macro_rules! elsewhere {
    ($activity:literal) => {
        Tell::All(&[done!("1006" $activity), IS_UNIX])
    };
}

/// By OCSF's number for the system, or its name, or how its paths begin.
const IS_UNIX: Tell = Tell::Any(&[
    Tell::Is("device.os.type_id", &["200", "300"]),
    Tell::Begins("device.os.type", &["Linux", "linux", "macOS", "Mac"]),
    Tell::Begins("device.os.name", &["Linux", "linux", "macOS", "Mac"]),
    Tell::Begins("job.file.path", &["/"]),
]);

const IS_OCSF: Tell =
    Tell::All(&[Tell::Has("class_uid"), Tell::Has("activity_id")]);

pub(super) const SHAPE: Shape = Shape {
    tells: IS_OCSF,
    reads: Reads::Rules(&[
        job(elsewhere!("1"), "create", ""),
        job(elsewhere!("2"), "update", ""),
        job(elsewhere!("3"), "delete", ""),
        job(elsewhere!("4"), "enable", ""),
        job(elsewhere!("5"), "disable", ""),
        job(elsewhere!("6"), "start", ""),
        when(done!("1006" "1"), EventKind::TaskRegistered),
        when(done!("1006" "2"), EventKind::TaskUpdated),
        when(done!("1006" "3"), EventKind::TaskDeleted),
        when(done!("1006" "4"), EventKind::TaskEnabled),
        when(done!("1006" "5"), EventKind::TaskDisabled),
        when(done!("1007" "1"), EventKind::ProcessCreation),
    ]),
    gives: &[],
    family: Family::Windows,
    layouts: &[],
};

pub(super) const LAYOUT: Layout = Layout {
    name: "OCSF, jobs and processes",
    about: "Scheduled Job Activity (1006) and Process Activity (1007)",
    lost: "the original file name",
    verified: true,
    members: MEMBERS,
};

const MEMBERS: &[Member] = &[
    own("class_uid", Key::ClassUid),
    own("activity_id", Key::ActivityId),
    copied("job.name", Key::TaskName),
    copied("job.cmd_line", Key::TaskCommand),
    copied("job.file.path", Key::JobFile),
    copied("job.user.name", Key::RunAs),
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
    hint("device.os.type_id", Key::Os),
    own("device.os.type", Key::Os),
    copied("device.os.name", Key::Os),
    copied("metadata.event_code", Key::EventId),
    copied("metadata.log_name", Key::Channel),
    copied("metadata.log_provider", Key::Provider),
    hint("metadata.product.name", Key::Provider),
    hint("time_dt", Key::EventTime),
];

/// What the other classes share.
const ACTOR: Layout = shared(&[
    own("actor.process.file.path", Key::Image),
    hint("actor.process.name", Key::Image),
    own("actor.process.pid", Key::ProcessId),
    own("actor.user.name", Key::AccountName),
    own("actor.user.domain", Key::AccountDomain),
    own("actor.user.uid", Key::WriterSid),
    own("device.hostname", Key::Computer),
    hint("device.name", Key::Computer),
    hint("device.os.type_id", Key::Os),
    own("device.os.type", Key::Os),
    copied("device.os.name", Key::Os),
    own("time", Key::EventTime),
    hint("time_dt", Key::EventTime),
]);

/// File System Activity (1001), but for new names.
pub(super) const FILE: Shape = Shape {
    tells: activity!("1001" "1" "3" "4"),
    reads: Reads::Rules(&[
        when(done!("1001" "1"), EventKind::FileCreation),
        when(done!("1001" "3"), EventKind::FileModification),
        when(done!("1001" "4"), EventKind::FileDeletion),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &ACTOR,
        &Layout {
            name: "OCSF, files",
            about: "File System Activity (1001)",
            lost: "",
            verified: true,
            members: &[
                own("file.path", Key::TargetFilename),
                hint("file.parent_folder", Key::TargetFilename),
                own("file.name", Key::FileName),
            ],
        },
    ],
};

/// New names of files.
pub(super) const RENAMED: Shape = Shape {
    tells: activity!("1001" "5"),
    reads: Reads::Rules(&[when(done!("1001" "5"), EventKind::FileRename)]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &ACTOR,
        &shared(&[
            own("file.path", Key::SourceFilename),
            own("file_result.path", Key::TargetFilename),
            own("file_result.name", Key::FileName),
        ]),
    ],
};

/// What else has an actor.
pub(super) const OTHERS: Shape = Shape {
    tells: Tell::All(&[
        Tell::Is("class_uid", &["1005", "1009", "201001", "201002"]),
        Tell::Has("activity_id"),
    ]),
    reads: Reads::Rules(&[
        when(done!("1005" "1"), EventKind::ModuleLoad),
        when(done!("1009" "1"), EventKind::ScriptBlock),
        registry(done!("201001" "1"), "CreateKey"),
        // Sysmon has no word for it.
        registry(done!("201001" "3"), "SetValue"),
        registry(done!("201001" "4"), "DeleteKey"),
        registry(done!("201001" "5"), "RenameKey"),
        registry(done!("201002" "2" "3"), "SetValue"),
        registry(done!("201002" "4"), "DeleteValue"),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &ACTOR,
        &Layout {
            name: "OCSF, modules, scripts and the registry",
            about: "classes 1005, 1009, 201001 and 201002",
            lost: "",
            verified: true,
            members: &[
                own("module.file.path", Key::ImageLoaded),
                own("script.script_content", Key::ScriptBlockText),
                own("script.script_content.value", Key::ScriptBlockText),
                own("script.file.path", Key::Path),
                own("reg_key.path", Key::TargetObject),
                own("reg_value.path", Key::TargetObject),
                own("reg_value.name", Key::ValueName),
                own("reg_value.data", Key::Details),
                own("reg_value.type", Key::DetailsType),
            ],
        },
    ],
};

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
    fn a_process_is_its_users_before_it_is_its_actors() {
        let record = r#"{"class_uid":1007,"activity_id":1,"time_dt":"2024-02-03T04:05:06Z","actor":{"user":{"name":"ann","domain":"E"}},"process":{"file":{"path":"C:\\a.exe"},"user":{"name":"bob","domain":"E"}}}"#;
        let read = event(record);
        assert!(read.contains(r"06Z User=E\bob "), "{read}");
        let read = event(&record.replace("bob", "-"));
        assert!(read.contains(r" User=E\ann "), "{read}");
    }

    #[test]
    fn jobs_of_other_systems() {
        let record = r#"{"class_uid":1006,"activity_id":1,"time":1706933106000,"job":{"name":"com.x","cmd_line":"/tmp/x","file":{"path":"/Library/LaunchDaemons/com.x.plist"},"user":{"name":"root"}},"actor":{"user":{"name":"ann"}},"device":{"hostname":"h","os":{"type_id":300}}}"#;
        let expected = "macos/job_record 2024-02-03T04:05:06Z Computer=h User=ann CommandLine=/tmp/x TargetFilename=/Library/LaunchDaemons/com.x.plist TaskName=com.x Activity=create RunAs=root";
        assert_eq!(event(record), expected);
        let linux = record
            .replace("300", "200")
            .replace("\"activity_id\":1", "\"activity_id\":6");
        let expected =
            expected.replace("macos", "linux").replace("create", "start");
        assert_eq!(event(&linux), expected);
        let process = r#"{"class_uid":1007,"activity_id":1,"device":{"os":{"type_id":300}},"process":{"file":{"path":"/usr/bin/crontab"},"cmd_line":"crontab -e"}}"#;
        assert!(event(process).starts_with("macos/process_creation"));
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
            let expected = format!(r"windows/task_{kind} TaskName=\x");
            assert_eq!(event(&record), expected);
        }
        for record in [
            r#"{"class_uid":1006,"activity_id":6,"job":{"name":"x"}}"#,
            r#"{"class_uid":1007,"activity_id":2}"#,
            r#"{"class_uid":1001,"activity_id":1}"#,
            r#"{"class_uid":1007}"#,
        ] {
            assert_eq!(events(record).1.others, 1, "{record}");
        }
    }
}
