/*!
Events of SentinelOne's Cloud Funnel. Their members have dots in their names,
or are nested after some pipelines.

`src.process` did it: of a process that was created it is the parent.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::shape::{
    Family, Layout, Reads, Shape, Tell, copied, hint, on, own, registry,
    shared, when,
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
    // A list in ECS.
    Tell::Text("event.category"),
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

/// Tells events of Deep Visibility by their types.
macro_rules! shown {
    ($($shown:literal)+) => { Tell::Is("eventType", &[$($shown),+]) };
}

/// What processes did, as Deep Visibility told it before Cloud Funnel did.
pub(super) const DEEP_VISIBILITY: Shape = Shape {
    tells: Tell::All(&[
        Tell::Has("eventType"),
        Tell::Any(&[
            Tell::Has("srcProcImagePath"),
            Tell::Has("srcProcCmdLine"),
            Tell::Has("srcProcName"),
            Tell::Has("tgtProcImagePath"),
            Tell::Has("tgtFilePath"),
        ]),
        Tell::Any(&[
            Tell::Has("endpointName"),
            Tell::Has("endpointOs"),
            Tell::Has("agentName"),
            Tell::Has("agentOs"),
        ]),
    ]),
    reads: Reads::Rules(&[
        when(shown!("File Creation"), EventKind::FileCreation),
        when(shown!("File Modification"), EventKind::FileModification),
        when(shown!("File Deletion"), EventKind::FileDeletion),
        when(shown!("File Rename"), EventKind::FileRename),
        registry(
            shown!("Registry Value Modified" "Registry Value Create"),
            "SetValue",
        ),
        registry(shown!("Registry Value Delete"), "DeleteValue"),
        registry(shown!("Registry Key Create"), "CreateKey"),
        registry(shown!("Registry Key Delete"), "DeleteKey"),
        on(
            WINDOWS,
            shown!("Task Register" "Scheduled Task Register"),
            EventKind::TaskRegistered,
        ),
        on(
            WINDOWS,
            shown!("Task Update" "Scheduled Task Update"),
            EventKind::TaskUpdated,
        ),
        on(
            WINDOWS,
            shown!("Task Delete" "Scheduled Task Delete"),
            EventKind::TaskDeleted,
        ),
        on(
            WINDOWS,
            shown!("Task Start" "Task Trigger" "Scheduled Task Start"
                "Scheduled Task Trigger"),
            EventKind::TaskScheduler,
        ),
        on(WINDOWS, shown!("Command Script"), EventKind::ScriptBlock),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &DEEP,
        &Layout {
            name: "SentinelOne, Deep Visibility",
            about: "what came before Cloud Funnel, with names without dots",
            lost: "as with Cloud Funnel",
            verified: false,
            members: &[
                own("srcProcImagePath", Key::Image),
                hint("srcProcName", Key::Image),
                own("srcProcPid", Key::ProcessId),
                own("srcProcUser", Key::User),
                own("tgtFilePath", Key::TargetFilename),
                own("tgtFileOldPath", Key::SourceFilename),
                own("registryKeyPath", Key::TargetObject),
                own("registryPath", Key::TargetObject),
                own("registryValue", Key::Details),
                own("taskName", Key::TaskName),
                own("taskPath", Key::ActionName),
                own("srcProcCmdScript", Key::ScriptBlockText),
            ],
        },
    ],
};

/// The start of a process in the same terms.
pub(super) const DEEP_VISIBILITY_PROCESS: Shape = Shape {
    tells: Tell::All(&[
        shown!("Process Creation"),
        Tell::Any(&[
            Tell::Has("tgtProcImagePath"),
            Tell::Has("tgtProcCmdLine"),
        ]),
    ]),
    reads: Reads::Rules(&[when(
        shown!("Process Creation"),
        EventKind::ProcessCreation,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &DEEP,
        &shared(&[
            own("tgtProcImagePath", Key::Image),
            hint("tgtProcName", Key::Image),
            own("tgtProcCmdLine", Key::CommandLine),
            own("tgtProcPid", Key::ProcessId),
            own("tgtProcUser", Key::User),
            own("tgtProcIntegrityLevel", Key::IntegrityLevel),
            own("srcProcImagePath", Key::ParentImage),
            hint("srcProcName", Key::ParentImage),
            own("srcProcCmdLine", Key::ParentCommandLine),
            own("srcProcPid", Key::ParentProcessId),
        ]),
    ],
};

const DEEP: Layout = shared(&[
    own("eventTime", Key::EventTime),
    hint("createdAt", Key::EventTime),
    own("endpointName", Key::Computer),
    hint("agentName", Key::Computer),
    own("endpointOs", Key::Os),
    copied("agentOs", Key::Os),
]);

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
    fn deep_visibility_has_names_without_dots() {
        for (record, expected) in [
            (
                r#"{"eventType":"Process Creation","eventTime":"2024-02-03T04:05:06Z","endpointName":"h","agentOs":"windows","srcProcImagePath":"C:\\cmd.exe","srcProcCmdLine":"cmd","tgtProcImagePath":"C:\\at.exe","tgtProcCmdLine":"at"}"#,
                r"windows/process_creation 2024-02-03T04:05:06Z Computer=h Image=C:\at.exe CommandLine=at ParentImage=C:\cmd.exe ParentCommandLine=cmd",
            ),
            (
                r#"{"eventType":"File Creation","endpointName":"h","endpointOs":"linux","srcProcImagePath":"/bin/cp","tgtFilePath":"/etc/cron.d/x"}"#,
                "linux/file_creation Computer=h Image=/bin/cp TargetFilename=/etc/cron.d/x",
            ),
            (
                r#"{"eventType":"Registry Value Modified","agentName":"h","srcProcImagePath":"C:\\a.exe","registryKeyPath":"MACHINE\\SOFTWARE\\x","registryValue":"1"}"#,
                r"windows/registry_event Computer=h Image=C:\a.exe EventType=SetValue TargetObject=HKLM\SOFTWARE\x Details=1",
            ),
            (
                r#"{"eventType":"Task Register","agentName":"h","srcProcName":"svchost.exe","taskName":"\\upd"}"#,
                r"windows/task_registered Computer=h TaskName=\upd",
            ),
        ] {
            assert_eq!(event(record), expected, "{record}");
        }
        let other = r#"{"eventType":"DNS Resolved","agentName":"h","srcProcName":"a.exe"}"#;
        assert_eq!(events(other).1.not_understood, 0);
        for record in [
            r#"{"eventType":"Process Creation","agentName":"h"}"#,
            r#"{"eventType":"File Creation","tgtFilePath":"/x"}"#,
        ] {
            assert_eq!(events(record).1.not_understood, 1, "{record}");
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
