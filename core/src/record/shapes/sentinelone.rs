/*!
Events of SentinelOne's Cloud Funnel. Their members have dots in their names,
or are nested after some pipelines.

`src.process` did it: of a process that was created it is the parent.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::shape::{
    Family, Layout, Reads, Shape, Tell, hint, on, own, registry, shared, when,
};

/// Tells events by their stable name, or by the shown one where that is
/// absent.
macro_rules! is {
    ($name:literal or $shown:literal) => {
        Tell::Any(&[
            Tell::Is("meta.event.name", &[$name]),
            Tell::All(&[
                Tell::Is("event.type", &[$shown]),
                Tell::Lacks("meta.event.name"),
            ]),
        ])
    };
}

const IS_FUNNEL: Tell = Tell::All(&[
    Tell::Any(&[
        Tell::Is("dataSource.name", &["SentinelOne"]),
        Tell::Has("endpoint.os"),
    ]),
    Tell::Has("event.type"),
    Tell::Has("event.category"),
    Tell::Any(&[
        Tell::Has("src.process"),
        Tell::Has("tgt.process"),
        Tell::Has("meta.event.name"),
        Tell::Is("dataSource.name", &["SentinelOne"]),
    ]),
]);

const COMMON: Layout = shared(&[
    own("event.time", Key::EventTime),
    hint("timestamp", Key::EventTime),
    own("endpoint.name", Key::Computer),
    own("endpoint.os", Key::Os),
]);

pub(super) const PROCESS: Shape = Shape {
    tells: Tell::All(&[
        is!("PROCESSCREATION" or "Process Creation"),
        IS_FUNNEL,
    ]),
    reads: Reads::Rules(&[when(
        Tell::Has("event.type"),
        EventKind::ProcessCreation,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &Layout {
            name: "SentinelOne, processes",
            about: "PROCESSCREATION of Cloud Funnel",
            lost: "the original file name, the working directory",
            verified: true,
            members: &[
                own("tgt.process.image.path", Key::Image),
                hint("tgt.process.name", Key::Image),
                own("tgt.process.cmdline", Key::CommandLine),
                own("tgt.process.pid", Key::ProcessId),
                own("tgt.process.user", Key::User),
                own("tgt.process.integrityLevel", Key::IntegrityLevel),
                own("src.process.image.path", Key::ParentImage),
                hint("src.process.name", Key::ParentImage),
                own("src.process.cmdline", Key::ParentCommandLine),
                own("src.process.pid", Key::ParentProcessId),
            ],
        },
    ],
};

pub(super) const OTHERS: Shape = Shape {
    tells: IS_FUNNEL,
    reads: Reads::Rules(&[
        when(is!("FILECREATION" or "File Creation"), EventKind::FileCreation),
        when(
            is!("FILEMODIFICATION" or "File Modification"),
            EventKind::FileModification,
        ),
        when(is!("FILEDELETION" or "File Deletion"), EventKind::FileDeletion),
        when(is!("FILERENAME" or "File Rename"), EventKind::FileRename),
        registry(
            is!("REGVALUEMODIFIED" or "Registry Value Modified"),
            "SetValue",
        ),
        registry(is!("REGVALUECREATE" or "Registry Value Create"), "SetValue"),
        registry(
            is!("REGVALUEDELETE" or "Registry Value Delete"),
            "DeleteValue",
        ),
        registry(is!("REGKEYCREATE" or "Registry Key Create"), "CreateKey"),
        registry(is!("REGKEYDELETE" or "Registry Key Delete"), "DeleteKey"),
        on(
            WINDOWS,
            is!("SCHEDTASKREGISTER" or "Task Register"),
            EventKind::TaskRegistered,
        ),
        on(
            WINDOWS,
            is!("SCHEDTASKUPDATE" or "Task Update"),
            EventKind::TaskUpdated,
        ),
        on(
            WINDOWS,
            is!("SCHEDTASKDELETE" or "Task Delete"),
            EventKind::TaskDeleted,
        ),
        on(
            WINDOWS,
            is!("SCHEDTASKDELETE" or "Scheduled Task Delete"),
            EventKind::TaskDeleted,
        ),
        on(
            WINDOWS,
            is!("SCHEDTASKSTART" or "Task Start"),
            EventKind::TaskScheduler,
        ),
        on(
            WINDOWS,
            is!("SCHEDTASKTRIGGER" or "Task Trigger"),
            EventKind::TaskScheduler,
        ),
        on(
            WINDOWS,
            is!("SCRIPTS" or "Command Script"),
            EventKind::ScriptBlock,
        ),
        when(is!("MODULE_LOAD" or "Module Load"), EventKind::ModuleLoad),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &Layout {
            name: "SentinelOne, files, registry, tasks and scripts",
            about: "the other events of Cloud Funnel",
            lost: "all of a task but its name",
            verified: true,
            members: &[
                own("src.process.image.path", Key::Image),
                hint("src.process.name", Key::Image),
                own("src.process.pid", Key::ProcessId),
                own("src.process.user", Key::User),
                own("tgt.file.path", Key::TargetFilename),
                own("tgt.file.oldPath", Key::SourceFilename),
                own("registry.keyPath", Key::TargetObject),
                own("registry.value", Key::Details),
                own("registry.valueType", Key::DetailsType),
                own("task.name", Key::TaskName),
                // Files and scripts have that, too.
                own("task.path", Key::ActionName),
                own("cmdScript.content", Key::ScriptBlockText),
                own("module.path", Key::ImageLoaded),
            ],
        },
    ],
};

const WINDOWS: Platform = Platform::Windows;

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    const PROCESS: &str = r#"{"event.type":"Process Creation","meta.event.name":"PROCESSCREATION","event.category":"process","endpoint.os":"linux","endpoint.name":"lx1","tgt.process.image.path":"/usr/bin/crontab","tgt.process.cmdline":" crontab -e","src.process.image.path":"/usr/bin/bash","event.time":1706933106000}"#;
    const EXPECTED: &str = "linux/process_creation 2024-02-03T04:05:06Z Computer=lx1 Image=/usr/bin/crontab CommandLine=crontab -e ParentImage=/usr/bin/bash";

    #[test]
    fn a_process_is_read_flat_and_nested() {
        assert_eq!(event(PROCESS), EXPECTED);
        let old = PROCESS.replace("meta.event.name", "other");
        assert_eq!(event(&old), EXPECTED);
        let nested = r#"{"event":{"type":"Process Creation","category":"process","time":1706933106000},"meta":{"event":{"name":"PROCESSCREATION"}},"endpoint":{"os":"linux","name":"lx1"},"tgt":{"process":{"image":{"path":"/usr/bin/crontab"},"cmdline":" crontab -e"}},"src":{"process":{"image":{"path":"/usr/bin/bash"}}}}"#;
        assert_eq!(event(nested), EXPECTED);
    }

    #[test]
    fn what_processes_did() {
        let head = r#""dataSource.name":"SentinelOne","endpoint.os":"windows","endpoint.name":"h","event.category":"x","src.process.image.path":"C:\\a.exe""#;
        for (rest, expected) in [
            (
                r#""event.type":"Task Register","meta.event.name":"SCHEDTASKREGISTER","task.name":"\\upd""#,
                r"windows/task_registered Computer=h TaskName=\upd",
            ),
            (
                r#""event.type":"Registry Value Modified","meta.event.name":"REGVALUEMODIFIED","registry.keyPath":"MACHINE\\SYSTEM\\ControlSet001\\x","registry.value":"v""#,
                r"windows/registry_event Computer=h Image=C:\a.exe EventType=SetValue TargetObject=HKLM\System\CurrentControlSet\x Details=v",
            ),
            (
                r#""event.type":"File Creation","meta.event.name":"FILECREATION","tgt.file.path":"C:\\b","task.path":"C:\\not a task""#,
                r"windows/file_creation Computer=h Image=C:\a.exe TargetFilename=C:\b",
            ),
        ] {
            assert_eq!(event(&format!("{{{head},{rest}}}")), expected);
        }
    }

    #[test]
    fn a_type_tells_the_event_where_its_name_is_missing() {
        let record = r#"{"event.type":"Scheduled Task Delete","event.category":"scheduled_task","dataSource.name":"SentinelOne","task.name":"\\upd"}"#;
        assert_eq!(event(record), r"windows/task_deleted TaskName=\upd");
    }

    #[test]
    fn other_events_are_understood_and_other_sources_are_not() {
        let other = PROCESS
            .replace("PROCESSCREATION", "DNSRESOLVED")
            .replace("Process Creation", "DNS Resolved");
        assert_eq!(events(&other).1.not_understood, 0);
        for from in ["endpoint.os", "event.category", "event.type"] {
            let (found, reading) = events(&PROCESS.replace(from, "other"));
            assert!(found.is_empty(), "{from}");
            assert_eq!(reading.not_understood, 1, "{from}");
        }
    }
}
