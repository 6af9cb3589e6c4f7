/*!
Events in the model of Google SecOps (Chronicle).

The principal did it: of a process that was launched its process is the
parent. Answers of the interface write the names in camel case.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::shape::{
    Family, Layout, Reads, Shape, Tell, copied, hint, like, on, own, registry,
    shared, when,
};

macro_rules! is {
    ($($what:literal)+) => {
        Tell::Any(&[
            Tell::Is("metadata.event_type", &[$($what),+]),
            Tell::Is("metadata.eventType", &[$($what),+]),
        ])
    };
}

const HAS_NOUN: Tell = Tell::Any(&[
    Tell::Has("principal"),
    Tell::Has("target"),
    Tell::Has("src"),
]);

const COMMON: Layout = shared(&[
    like("udm", ""),
    like("event.idm.read_only_udm", ""),
    like("event.idm.readOnlyUdm", ""),
    own("metadata.event_timestamp", Key::EventTime),
    own("metadata.eventTimestamp", Key::EventTime),
    own("principal.hostname", Key::Computer),
    hint("principal.asset.hostname", Key::Computer),
    own("principal.platform", Key::Os),
    hint("principal.asset.platform_software.platform", Key::Os),
    own("principal.user.userid", Key::User),
    own("principal.user.windows_sid", Key::WriterSid),
    like(
        "principal.process.parentProcess",
        "principal.process.parent_process",
    ),
    like("target.process.parentProcess", "target.process.parent_process"),
]);

pub(super) const PROCESS: Shape = Shape {
    tells: Tell::All(&[is!("PROCESS_LAUNCH"), HAS_NOUN]),
    reads: Reads::Rules(&[when(
        is!("PROCESS_LAUNCH"),
        EventKind::ProcessCreation,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &Layout {
            name: "Google SecOps UDM, processes",
            about: "PROCESS_LAUNCH",
            lost: "the original file name, as a rule",
            verified: true,
            members: &[
                own("target.process.file.full_path", Key::Image),
                own("target.process.file.fullPath", Key::Image),
                own("target.process.command_line", Key::CommandLine),
                own("target.process.commandLine", Key::CommandLine),
                own("target.process.pid", Key::ProcessId),
                own(
                    "target.process.file.exif_info.original_file",
                    Key::OriginalFileName,
                ),
                own("principal.process.file.full_path", Key::ParentImage),
                own("principal.process.file.fullPath", Key::ParentImage),
                own("principal.process.command_line", Key::ParentCommandLine),
                own("principal.process.commandLine", Key::ParentCommandLine),
                own("principal.process.pid", Key::ParentProcessId),
                hint(
                    "target.process.parent_process.file.full_path",
                    Key::ParentImage,
                ),
                hint(
                    "target.process.parent_process.file.fullPath",
                    Key::ParentImage,
                ),
                hint(
                    "target.process.parent_process.command_line",
                    Key::ParentCommandLine,
                ),
            ],
        },
    ],
};

pub(super) const OTHERS: Shape = Shape {
    tells: Tell::All(&[
        Tell::Any(&[
            Tell::Has("metadata.event_type"),
            Tell::Has("metadata.eventType"),
        ]),
        HAS_NOUN,
        // Names that other sources have, too.
        Tell::Any(&[
            Tell::Has("metadata.vendor_name"),
            Tell::Has("metadata.vendorName"),
            Tell::Has("metadata.event_timestamp"),
            Tell::Has("metadata.eventTimestamp"),
            Tell::Has("principal.platform"),
        ]),
    ]),
    reads: Reads::Rules(&[
        when(is!("FILE_CREATION"), EventKind::FileCreation),
        when(is!("FILE_MODIFICATION"), EventKind::FileModification),
        when(is!("FILE_DELETION"), EventKind::FileDeletion),
        when(is!("FILE_MOVE"), EventKind::FileRename),
        registry(is!("REGISTRY_MODIFICATION"), "SetValue"),
        registry(
            Tell::All(&[is!("REGISTRY_CREATION"), HAS_VALUE]),
            "SetValue",
        ),
        registry(is!("REGISTRY_CREATION"), "CreateKey"),
        registry(
            Tell::All(&[is!("REGISTRY_DELETION"), HAS_VALUE]),
            "DeleteValue",
        ),
        registry(is!("REGISTRY_DELETION"), "DeleteKey"),
        on(WINDOWS, is!("SCHEDULED_TASK_CREATION"), EventKind::TaskRegistered),
        on(
            WINDOWS,
            is!("SCHEDULED_TASK_MODIFICATION"),
            EventKind::TaskUpdated,
        ),
        on(WINDOWS, is!("SCHEDULED_TASK_DELETION"), EventKind::TaskDeleted),
        on(WINDOWS, is!("SCHEDULED_TASK_ENABLE"), EventKind::TaskEnabled),
        on(WINDOWS, is!("SCHEDULED_TASK_DISABLE"), EventKind::TaskDisabled),
        when(is!("PROCESS_MODULE_LOAD"), EventKind::ModuleLoad),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &Layout {
            name: "Google SecOps UDM, files, registry and tasks",
            about: "the other events of hosts",
            lost: "all of a task but its name",
            verified: true,
            members: &[
                own("principal.process.file.full_path", Key::Image),
                own("principal.process.file.fullPath", Key::Image),
                own("principal.process.pid", Key::ProcessId),
                own("target.file.full_path", Key::TargetFilename),
                own("target.file.fullPath", Key::TargetFilename),
                own("src.file.full_path", Key::SourceFilename),
                own("src.file.fullPath", Key::SourceFilename),
                own("target.registry.registry_key", Key::TargetObject),
                own("target.registry.registryKey", Key::TargetObject),
                own("target.registry.registry_value_name", Key::ValueName),
                own("target.registry.registryValueName", Key::ValueName),
                own("target.registry.registry_value_data", Key::Details),
                own("target.registry.registryValueData", Key::Details),
                own("target.resource.name", Key::TaskName),
                copied("target.process.command_line", Key::TaskCommand),
                copied("target.process.commandLine", Key::TaskCommand),
                own("target.process.file.full_path", Key::ImageLoaded),
                own("target.process.file.fullPath", Key::ImageLoaded),
            ],
        },
    ],
};

const HAS_VALUE: Tell = Tell::Any(&[
    Tell::Has("target.registry.registry_value_name"),
    Tell::Has("target.registry.registryValueName"),
]);

const WINDOWS: Platform = Platform::Windows;

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    const PROCESS: &str = r#"{"metadata":{"event_timestamp":"2024-02-03T04:05:06Z","event_type":"PROCESS_LAUNCH","vendor_name":"x"},"principal":{"hostname":"ws1","platform":"WINDOWS","process":{"file":{"full_path":"C:\\Windows\\System32\\cmd.exe"}}},"target":{"process":{"command_line":"at","file":{"full_path":"C:\\Windows\\System32\\at.exe"}}}}"#;
    const EXPECTED: &str = r"windows/process_creation 2024-02-03T04:05:06Z Computer=ws1 Image=C:\Windows\System32\at.exe CommandLine=at ParentImage=C:\Windows\System32\cmd.exe";

    #[test]
    fn processes_by_any_name_of_theirs() {
        assert_eq!(event(PROCESS), EXPECTED);
        let camel = PROCESS
            .replace("event_t", "eventT")
            .replace("full_path", "fullPath")
            .replace("command_line", "commandLine");
        assert_eq!(event(&camel), EXPECTED);
        for record in [
            format!(r#"{{"udm":{PROCESS}}}"#),
            format!(r#"{{"event":{{"idm":{{"read_only_udm":{PROCESS}}}}}}}"#),
        ] {
            assert_eq!(event(&record), EXPECTED, "{record}");
        }
    }

    #[test]
    fn tasks_and_the_registry() {
        for (what, target, expected) in [
            (
                "SCHEDULED_TASK_CREATION",
                r#"{"resource":{"resource_type":"TASK","name":"\\upd"}}"#,
                r"windows/task_registered Computer=h TaskName=\upd",
            ),
            (
                "REGISTRY_DELETION",
                r#"{"registry":{"registry_key":"HKEY_LOCAL_MACHINE\\x","registry_value_name":"SD"}}"#,
                r"windows/registry_event Computer=h EventType=DeleteValue TargetObject=HKLM\x\SD",
            ),
        ] {
            let record = format!(
                r#"{{"metadata":{{"event_type":"{what}","vendor_name":"x"}},"principal":{{"hostname":"h","platform":"WINDOWS"}},"target":{target}}}"#
            );
            assert_eq!(event(&record), expected);
        }
    }

    #[test]
    fn what_lacks_a_telling_member_is_none() {
        let other = PROCESS.replace("PROCESS_LAUNCH", "USER_LOGIN");
        assert_eq!(events(&other).1.not_understood, 0);
        let renamed = PROCESS.replace("event_type", "type");
        assert_eq!(events(&renamed).1.not_understood, 1);
    }

    #[test]
    fn a_prefix_may_stand_before_all_names() {
        let expected = EXPECTED;
        for prefix in ["udm.", "event.idm.read_only_udm.", ""] {
            let record = PROCESS.replacen(
                "{\"metadata",
                &format!("{{\"{prefix}metadata"),
                1,
            );
            let record = record
                .replace(",\"principal", &format!(",\"{prefix}principal"));
            let record =
                record.replace(",\"target", &format!(",\"{prefix}target"));
            assert_eq!(event(&record), expected, "{prefix}");
        }
    }
}
