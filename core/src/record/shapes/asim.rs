/*!
Events in the schemas of Microsoft Sentinel's information model.
*/

use crate::event::EventKind;
use crate::record::keys::Key;
use crate::record::shape::{
    Family, Layout, Reads, Shape, Tell, copied, hint, own, registry, shared,
    when,
};

macro_rules! is {
    ($($what:literal)+) => { Tell::Is("EventType", &[$($what),+]) };
}

const COMMON: Layout = shared(&[
    own("EventStartTime", Key::EventTime),
    copied("TimeGenerated", Key::EventTime),
    own("DvcHostname", Key::Computer),
    hint("Dvc", Key::Computer),
    own("DvcOs", Key::Os),
    copied("ActorUsername", Key::User),
    copied("ActorUserSid", Key::WriterSid),
]);

const ACTOR: Layout = shared(&[
    own("ActingProcessName", Key::Image),
    own("ActingProcessId", Key::ProcessId),
]);

pub(super) const PROCESS: Shape = Shape {
    tells: Tell::Any(&[
        Tell::All(&[
            Tell::Is("EventSchema", &["ProcessEvent"]),
            Tell::Has("EventType"),
        ]),
        // As parsers that leave the schema's name out give it.
        Tell::All(&[
            Tell::Lacks("EventSchema"),
            is!("ProcessCreated"),
            Tell::Has("TargetProcessCommandLine"),
            Tell::Has("ActingProcessName"),
        ]),
    ]),
    reads: Reads::Rules(&[when(
        is!("ProcessCreated"),
        EventKind::ProcessCreation,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &Layout {
            name: "Sentinel ASIM, processes",
            about: "ProcessEvent",
            lost: "",
            verified: true,
            members: &[
                own("TargetProcessName", Key::Image),
                hint("TargetProcessFilename", Key::Image),
                own("TargetProcessCommandLine", Key::CommandLine),
                copied("CommandLine", Key::CommandLine),
                own("TargetProcessCurrentDirectory", Key::CurrentDirectory),
                own("TargetProcessFileOriginalName", Key::OriginalFileName),
                own("TargetProcessIntegrityLevel", Key::IntegrityLevel),
                own("TargetProcessId", Key::ProcessId),
                own("TargetUsername", Key::User),
                own("ActingProcessName", Key::ParentImage),
                hint("ParentProcessName", Key::ParentImage),
                own("ActingProcessCommandLine", Key::ParentCommandLine),
                own("ActingProcessId", Key::ParentProcessId),
            ],
        },
    ],
};

pub(super) const FILE: Shape = Shape {
    tells: Tell::All(&[
        Tell::Is("EventSchema", &["FileEvent", "File"]),
        Tell::Has("EventType"),
    ]),
    reads: Reads::Rules(&[
        when(
            is!("FileCreated" "FileCreatedOrModified"),
            EventKind::FileCreation,
        ),
        when(is!("FileModified"), EventKind::FileModification),
        when(is!("FileRenamed" "FileMoved"), EventKind::FileRename),
        when(is!("FileDeleted"), EventKind::FileDeletion),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &ACTOR,
        &Layout {
            name: "Sentinel ASIM, files",
            about: "FileEvent",
            lost: "",
            verified: true,
            members: &[
                own("TargetFilePath", Key::TargetFilename),
                own("TargetFileName", Key::FileName),
                own("SrcFilePath", Key::SourceFilename),
            ],
        },
    ],
};

pub(super) const REGISTRY: Shape = Shape {
    tells: Tell::All(&[
        Tell::Is("EventSchema", &["RegistryEvent"]),
        Tell::Has("EventType"),
    ]),
    reads: Reads::Rules(&[
        registry(is!("RegistryValueSet"), "SetValue"),
        registry(is!("RegistryKeyCreated"), "CreateKey"),
        registry(is!("RegistryKeyDeleted"), "DeleteKey"),
        registry(is!("RegistryValueDeleted"), "DeleteValue"),
        registry(is!("RegistryKeyRenamed"), "RenameKey"),
        registry(is!("RegistryValueRenamed"), "RenameValue"),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &ACTOR,
        &Layout {
            name: "Sentinel ASIM, registry",
            about: "RegistryEvent",
            lost: "",
            verified: true,
            members: &[
                own("RegistryKey", Key::TargetObject),
                own("RegistryValue", Key::ValueName),
                own("RegistryValueData", Key::Details),
                own("RegistryValueType", Key::DetailsType),
            ],
        },
    ],
};

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    const PROCESS: &str = r#"{"TimeGenerated":"2024-02-03T04:05:06Z","EventSchema":"ProcessEvent","EventType":"ProcessCreated","TargetProcessName":"C:\\Windows\\System32\\at.exe","TargetProcessCommandLine":"at 10:00 x","TargetUsername":"E\\al","ActingProcessName":"cmd.exe","DvcHostname":"ws1","DvcOs":"Windows"}"#;

    #[test]
    fn processes_files_and_the_registry() {
        assert_eq!(
            event(PROCESS),
            r"windows/process_creation 2024-02-03T04:05:06Z Computer=ws1 User=E\al Image=C:\Windows\System32\at.exe CommandLine=at 10:00 x ParentImage=\cmd.exe"
        );
        let file = r#"{"EventSchema":"FileEvent","EventType":"FileCreated","TargetFilePath":"/etc/cron.d/x","ActingProcessName":"/bin/cp","Dvc":"lx1","DvcOs":"Linux"}"#;
        assert_eq!(
            event(file),
            "linux/file_creation Computer=lx1 Image=/bin/cp TargetFilename=/etc/cron.d/x"
        );
        let registry = r#"{"EventSchema":"RegistryEvent","EventType":"RegistryValueSet","RegistryKey":"HKEY_LOCAL_MACHINE\\A","RegistryValue":"b","RegistryValueData":"1"}"#;
        assert_eq!(
            event(registry),
            r"windows/registry_event EventType=SetValue TargetObject=HKLM\A\b Details=1"
        );
    }

    #[test]
    fn other_schemas_are_none_of_these() {
        let ended = PROCESS.replace("ProcessCreated", "ProcessTerminated");
        assert_eq!(events(&ended).1.not_understood, 0);
        let bare = PROCESS.replace("EventSchema", "Schema");
        assert_eq!(event(&bare), event(PROCESS));
        for (from, to) in [
            ("EventSchema\":\"ProcessEvent\",\"EventType", "Type"),
            ("ProcessEvent", "NetworkSession"),
            ("EventType", "Type"),
        ] {
            let (found, reading) = events(&PROCESS.replace(from, to));
            assert!(found.is_empty(), "{from}");
            assert_eq!(reading.not_understood, 1, "{from}");
        }
    }
}
