/*!
Microsoft Defender XDR: rows of its tables, as advanced hunting and Sentinel
give them, or as `properties` of what the streaming interface sends.

The initiating process is the one that did it: of a process that was created
the parent.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::shape::{
    Family, Layout, Reads, Shape, Tell, copied, hint, on, own, registry,
    shared, text, when,
};

/// Tells rows by what was done.
macro_rules! rows {
    ($($action:literal)+) => {
        Tell::All(&[
            Tell::Is("ActionType", &[$($action),+]),
            IS_ROW,
        ])
    };
}

const IS_ROW: Tell = Tell::All(&[
    Tell::Has("ActionType"),
    Tell::Any(&[
        Tell::Has("DeviceName"),
        Tell::Has("DeviceId"),
        // CloudProcessEvents.
        Tell::Has("AzureResourceId"),
        Tell::Has("ContainerName"),
        Tell::Has("KubernetesPodName"),
        Tell::Has("ParentProcessName"),
    ]),
    Tell::Any(&[Tell::Has("Timestamp"), Tell::Has("TimeGenerated")]),
]);

macro_rules! is {
    ($($action:literal)+) => { Tell::Is("ActionType", &[$($action),+]) };
}

const COMMON: Layout = shared(&[
    own("Timestamp", Key::EventTime),
    copied("TimeGenerated", Key::EventTime),
    own("DeviceName", Key::Computer),
    own("AccountName", Key::AccountName),
    own("AccountDomain", Key::AccountDomain),
    own("AccountSid", Key::WriterSid),
]);

/// What the actor of an event is, unless it is a process that was created.
const ACTOR: Layout = shared(&[
    own("InitiatingProcessFolderPath", Key::Image),
    hint("InitiatingProcessFileName", Key::Image),
    own("InitiatingProcessId", Key::ProcessId),
    hint("InitiatingProcessAccountName", Key::AccountName),
    hint("InitiatingProcessAccountDomain", Key::AccountDomain),
    hint("InitiatingProcessAccountSid", Key::WriterSid),
]);

pub(super) const PROCESS: Shape = Shape {
    tells: rows!("ProcessCreated"),
    reads: Reads::Rules(&[
        // Those of clouds are of containers.
        on(
            Platform::Linux,
            Tell::All(&[
                is!("ProcessCreated"),
                Tell::Lacks("DeviceName"),
                Tell::Lacks("DeviceId"),
            ]),
            EventKind::ProcessCreation,
        ),
        when(is!("ProcessCreated"), EventKind::ProcessCreation),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &Layout {
            name: "Defender XDR, processes",
            about: "DeviceProcessEvents and CloudProcessEvents",
            lost: "the working directory",
            verified: true,
            members: &[
                own("FolderPath", Key::Image),
                own("FileName", Key::ProgramName),
                own("ProcessCommandLine", Key::CommandLine),
                own(
                    "ProcessVersionInfoOriginalFileName",
                    Key::OriginalFileName,
                ),
                own("ProcessCurrentWorkingDirectory", Key::CurrentDirectory),
                own("ProcessIntegrityLevel", Key::IntegrityLevel),
                own("ProcessId", Key::ProcessId),
                own("InitiatingProcessFolderPath", Key::ParentImage),
                copied("ParentProcessName", Key::ParentImage),
                hint("InitiatingProcessFileName", Key::ParentImage),
                own("InitiatingProcessCommandLine", Key::ParentCommandLine),
                own("InitiatingProcessId", Key::ParentProcessId),
            ],
        },
    ],
};

pub(super) const FILE: Shape = Shape {
    tells: rows!("FileCreated" "FileModified" "FileRenamed" "FileDeleted"),
    reads: Reads::Rules(&[
        when(is!("FileCreated"), EventKind::FileCreation),
        when(is!("FileModified"), EventKind::FileModification),
        when(is!("FileRenamed"), EventKind::FileRename),
        when(is!("FileDeleted"), EventKind::FileDeletion),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &ACTOR,
        &Layout {
            name: "Defender XDR, files",
            about: "DeviceFileEvents",
            lost: "",
            verified: true,
            members: &[
                own("FolderPath", Key::TargetFilename),
                own("FileName", Key::FileName),
                own("PreviousFolderPath", Key::SourceFilename),
                hint("PreviousFileName", Key::SourceFilename),
            ],
        },
    ],
};

pub(super) const OTHERS: Shape = Shape {
    tells: IS_ROW,
    reads: Reads::Rules(&[
        registry(is!("RegistryValueSet"), "SetValue"),
        registry(is!("RegistryKeyCreated"), "CreateKey"),
        registry(is!("RegistryValueDeleted"), "DeleteValue"),
        registry(is!("RegistryKeyDeleted"), "DeleteKey"),
        on(WINDOWS, is!("ScheduledTaskCreated"), EventKind::TaskRegistered),
        on(WINDOWS, is!("ScheduledTaskUpdated"), EventKind::TaskUpdated),
        on(WINDOWS, is!("ScheduledTaskDeleted"), EventKind::TaskDeleted),
        on(WINDOWS, is!("ScheduledTaskEnabled"), EventKind::TaskEnabled),
        on(WINDOWS, is!("ScheduledTaskDisabled"), EventKind::TaskDisabled),
        on(
            WINDOWS,
            is!("PowerShellCommand" "ScriptContent"),
            EventKind::ScriptBlock,
        ),
        when(is!("ImageLoaded"), EventKind::ModuleLoad),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &ACTOR,
        &Layout {
            name: "Defender XDR, tasks, registry, scripts and modules",
            about: "DeviceEvents, DeviceRegistryEvents, DeviceImageLoadEvents",
            lost: "",
            verified: true,
            members: &[
                own("RegistryKey", Key::TargetObject),
                hint("PreviousRegistryKey", Key::TargetObject),
                own("RegistryValueName", Key::ValueName),
                hint("PreviousRegistryValueName", Key::ValueName),
                own("RegistryValueData", Key::Details),
                own("RegistryValueType", Key::DetailsType),
                own("FolderPath", Key::ImageLoaded),
                hint("FileName", Key::ImageLoaded),
                text("AdditionalFields"),
                own("AdditionalFields.TaskName", Key::TaskName),
                own("AdditionalFields.TaskContent", Key::TaskContent),
                own("AdditionalFields.TaskContentNew", Key::TaskContent),
                own("AdditionalFields.SubjectUserName", Key::SubjectUserName),
                own(
                    "AdditionalFields.SubjectDomainName",
                    Key::SubjectDomainName,
                ),
                own("AdditionalFields.SubjectUserSid", Key::SubjectUserSid),
                own("AdditionalFields.Command", Key::ScriptBlockText),
                own("AdditionalFields.ScriptContent", Key::ScriptBlockText),
            ],
        },
    ],
};

/// The process that an alert is about, in the alert itself or a row of
/// `AlertEvidence`.
pub(super) const EVIDENCE: Shape = Shape {
    tells: Tell::Any(&[
        Tell::All(&[
            Tell::Is("entityType", &["Process", "process"]),
            Tell::Has("processCommandLine"),
        ]),
        Tell::All(&[
            Tell::Is("EntityType", &["Process"]),
            Tell::Has("ProcessCommandLine"),
            Tell::Has("AlertId"),
        ]),
    ]),
    reads: Reads::Rules(&[when(
        Tell::Any(&[
            Tell::Has("processCommandLine"),
            Tell::Has("ProcessCommandLine"),
        ]),
        EventKind::ProcessCreation,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Defender XDR, evidence",
        about: "processes of alerts, of AlertEvidence and of Graph",
        lost: "the original file name, the working directory",
        verified: false,
        members: &[
            own("processCommandLine", Key::CommandLine),
            own("filePath", Key::Image),
            own("fileName", Key::ProgramName),
            own("processId", Key::ProcessId),
            own("parentProcessFileName", Key::ParentImage),
            own("parentProcessId", Key::ParentProcessId),
            own("accountName", Key::AccountName),
            own("domainName", Key::AccountDomain),
            own("userSid", Key::WriterSid),
            own("processCreationTime", Key::EventTime),
            hint("evidenceCreationTime", Key::EventTime),
            own("ProcessCommandLine", Key::CommandLine),
            own("FolderPath", Key::Image),
            own("FileName", Key::ProgramName),
            own("AccountName", Key::AccountName),
            own("AccountDomain", Key::AccountDomain),
            own("AccountSid", Key::WriterSid),
            own("DeviceName", Key::Computer),
            own("Timestamp", Key::EventTime),
        ],
    }],
};

/// The same as Microsoft Graph has it.
pub(super) const GRAPH_EVIDENCE: Shape = Shape {
    tells: Tell::All(&[
        Tell::Has("imageFile"),
        Tell::Has("processCommandLine"),
        Tell::Has("processId"),
    ]),
    reads: Reads::Rules(&[when(
        Tell::Has("processCommandLine"),
        EventKind::ProcessCreation,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[&shared(&[
        own("processCommandLine", Key::CommandLine),
        own("imageFile.filePath", Key::Image),
        own("imageFile.fileName", Key::ProgramName),
        own("processId", Key::ProcessId),
        own("parentProcessImageFile.fileName", Key::ParentImage),
        own("parentProcessId", Key::ParentProcessId),
        own("userAccount.accountName", Key::AccountName),
        own("userAccount.domainName", Key::AccountDomain),
        own("userAccount.userSid", Key::WriterSid),
        own("processCreationDateTime", Key::EventTime),
        hint("createdDateTime", Key::EventTime),
    ])],
};

const WINDOWS: Platform = Platform::Windows;

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    #[test]
    fn processes_of_containers_name_no_device() {
        let record = r#"{"time":"2024-02-03T04:05:07Z","category":"AdvancedHunting-CloudProcessEvents","properties":{"ActionType":"ProcessCreated","Timestamp":"2024-02-03T04:05:06Z","FileName":"/usr/bin/crontab","ProcessCommandLine":"crontab -e","ParentProcessName":"bash","ProcessCurrentWorkingDirectory":"/"}}"#;
        let expected = "linux/process_creation 2024-02-03T04:05:06Z Image=/usr/bin/crontab CommandLine=crontab -e CurrentDirectory=/ ParentImage=/bash";
        assert_eq!(event(record), expected);
    }

    const PROCESS: &str = r#"{"Timestamp":"2024-02-03T04:05:06Z","ActionType":"ProcessCreated","DeviceName":"ws1.corp","FileName":"schtasks.exe","FolderPath":"C:\\Windows\\System32\\schtasks.exe","ProcessCommandLine":"schtasks /query","ProcessVersionInfoOriginalFileName":"schtasks.exe","ProcessId":7,"AccountDomain":"corp","AccountName":"al","InitiatingProcessFolderPath":"c:\\windows\\system32\\cmd.exe","InitiatingProcessCommandLine":"cmd","InitiatingProcessId":6}"#;
    const EXPECTED: &str = r"windows/process_creation 2024-02-03T04:05:06Z Computer=ws1.corp User=corp\al Image=C:\Windows\System32\schtasks.exe CommandLine=schtasks /query OriginalFileName=schtasks.exe ProcessId=7 ParentImage=c:\windows\system32\cmd.exe ParentCommandLine=cmd ParentProcessId=6";

    #[test]
    fn a_row_is_read_alone_and_in_what_is_streamed() {
        assert_eq!(event(PROCESS), EXPECTED);
        let streamed = format!(
            r#"{{"time":"2024-02-03T04:05:09Z","tenantId":"0","operationName":"Publish","category":"AdvancedHunting-DeviceProcessEvents","properties":{PROCESS}}}"#
        );
        assert_eq!(event(&streamed), EXPECTED);
        let (found, _) = events(&format!(r#"{{"records":[{streamed}]}}"#));
        assert_eq!(found, [format!("0: {EXPECTED}")]);
        let sentinel = PROCESS.replace(
            "Timestamp",
            "Type\":\"DeviceProcessEvents\",\"TimeGenerated",
        );
        assert_eq!(event(&sentinel), EXPECTED);
    }

    #[test]
    fn files_and_the_registry() {
        let head = r#""Timestamp":"2024-02-03T04:05:06Z","DeviceName":"h","InitiatingProcessFolderPath":"c:\\a.exe""#;
        for (rest, expected) in [
            (
                r#""ActionType":"FileRenamed","FolderPath":"C:\\x\\b.exe","FileName":"b.exe","PreviousFolderPath":"C:\\x\\a.tmp""#,
                r"windows/file_rename 2024-02-03T04:05:06Z Computer=h Image=c:\a.exe TargetFilename=C:\x\b.exe SourceFilename=C:\x\a.tmp",
            ),
            (
                r#""ActionType":"FileCreated","FolderPath":"/etc/cron.d","FileName":"x""#,
                r"linux/file_creation 2024-02-03T04:05:06Z Computer=h Image=c:\a.exe TargetFilename=/etc/cron.d/x",
            ),
            (
                r#""ActionType":"RegistryValueSet","RegistryKey":"HKEY_LOCAL_MACHINE\\SOFTWARE\\X","RegistryValueName":"Index","RegistryValueData":"0","RegistryValueType":"Dword""#,
                r"windows/registry_event 2024-02-03T04:05:06Z Computer=h Image=c:\a.exe EventType=SetValue TargetObject=HKLM\SOFTWARE\X\Index Details=DWORD (0x00000000)",
            ),
        ] {
            let record = format!("{{{head},{rest}}}");
            let record = match expected.starts_with("linux") {
                true => record.replace("c:\\\\a.exe", "/bin/cp"),
                false => record,
            };
            let expected = match expected.starts_with("linux") {
                true => expected.replace(r"c:\a.exe", "/bin/cp"),
                false => expected.to_owned(),
            };
            assert_eq!(event(&record), expected);
        }
    }

    #[test]
    fn additional_fields_are_a_text_or_an_object() {
        let fields = r#"{"TaskName":"\\upd","TaskContent":"<Task/>","SubjectUserName":"al"}"#;
        let text = fields.replace('\\', r"\\").replace('"', r#"\""#);
        let expected = r"windows/task_registered 2024-02-03T04:05:06Z Computer=h User=al TaskName=\upd TaskContent=<Task/> SubjectUserName=al";
        for fields in [fields.to_owned(), format!("\"{text}\"")] {
            let record = format!(
                r#"{{"ActionType":"ScheduledTaskCreated","AdditionalFields":{fields},"Timestamp":"2024-02-03T04:05:06Z","DeviceName":"h"}}"#
            );
            assert_eq!(event(&record), expected);
        }
        let broken = r#"{"ActionType":"ScheduledTaskCreated","AdditionalFields":"{\"TaskName\":\"a\",","Timestamp":"2024-02-03T04:05:06Z","DeviceName":"h"}"#;
        assert!(event(broken).ends_with(r" TaskName=\a"));
        let script = r#"{"ActionType":"PowerShellCommand","AdditionalFields":"{\"Command\":\"Get-X\"}","Timestamp":"2024-02-03T04:05:06Z","DeviceName":"h"}"#;
        assert!(event(script).ends_with(" ScriptBlockText=Get-X"));
    }

    #[test]
    fn processes_of_clouds_have_no_device() {
        let record = r#"{"category":"AdvancedHunting-CloudProcessEvents","properties":{"ActionType":"ProcessCreated","AzureResourceId":"r","FileName":"/usr/bin/crontab","ProcessCommandLine":"crontab -e","ParentProcessName":"bash","Timestamp":"2024-02-03T04:05:06Z"}}"#;
        assert_eq!(
            event(record),
            "linux/process_creation 2024-02-03T04:05:06Z Image=/usr/bin/crontab CommandLine=crontab -e ParentImage=/bash"
        );
    }

    #[test]
    fn alerts_have_the_process_that_they_are_about() {
        let expected = r"windows/process_creation 2024-02-03T04:05:06Z User=corp\al Image=C:\Windows\at.exe CommandLine=at ProcessId=7 ParentImage=\cmd.exe";
        let graph = r#"{"createdDateTime":"2024-02-03T05:05:06Z","processId":7,"processCommandLine":"at","processCreationDateTime":"2024-02-03T04:05:06Z","imageFile":{"fileName":"at.exe","filePath":"C:\\Windows"},"parentProcessImageFile":{"fileName":"cmd.exe","filePath":"C:\\Windows"},"userAccount":{"accountName":"al","domainName":"corp"}}"#;
        let alert = r#"{"entityType":"Process","fileName":"at.exe","filePath":"C:\\Windows","processId":7,"processCommandLine":"at","processCreationTime":"2024-02-03T04:05:06Z","parentProcessFileName":"cmd.exe","accountName":"al","domainName":"corp"}"#;
        for evidence in [graph, alert] {
            assert_eq!(event(evidence), expected);
            let wrapped =
                format!(r#"{{"id":"a","title":"x","evidence":[{evidence}]}}"#);
            let (found, _) = events(&wrapped);
            assert_eq!(found, [format!("0: {expected}")]);
            let other = evidence.replace("processCommandLine", "x");
            assert!(events(&other).0.is_empty());
        }
        let row = r#"{"Timestamp":"2024-02-03T04:05:06Z","AlertId":"a","EntityType":"Process","FileName":"at.exe","FolderPath":"C:\\Windows","ProcessCommandLine":"at"}"#;
        assert!(
            event(row).ends_with(r"Image=C:\Windows\at.exe CommandLine=at")
        );
        let file = row.replace("\"Process\"", "\"File\"");
        assert!(events(&file).0.is_empty());
    }

    #[test]
    fn other_rows_are_understood_and_other_sources_are_not() {
        let other = PROCESS.replace("ProcessCreated", "LogonSuccess");
        assert_eq!(events(&other).1.not_understood, 0);
        for from in ["ActionType", "DeviceName", "Timestamp"] {
            let record = PROCESS.replace(from, "Other");
            let (found, reading) = events(&record);
            assert!(found.is_empty(), "{record}");
            assert_eq!(reading.not_understood, 1, "{record}");
        }
    }
}
