/*!
Events of CrowdStrike's sensor: Falcon Data Replicator, LogScale, Panther.

All values are strings. Processes have ids of Falcon's own beside those of the
system.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::shape::{
    Family, Layout, Reads, Shape, Tell, copied, hint, on, own, registry,
    shared, when,
};

/// Tells events by their names.
macro_rules! is {
    ($($name:literal)+) => {
        Tell::Any(&[
            Tell::Is("event_simpleName", &[$($name),+]),
            Tell::Is("#event_simpleName", &[$($name),+]),
        ])
    };
}

/// What all of them share.
const COMMON: Layout = shared(&[
    own("event_platform", Key::Os),
    own("ComputerName", Key::Computer),
    hint("aid", Key::Computer),
    own("UserName", Key::User),
    own("UserSid", Key::WriterSid),
    own("ProcessStartTime", Key::EventTime),
    copied("ContextTimeStamp", Key::EventTime),
    hint("timestamp", Key::EventTime),
]);

pub(super) const PROCESS: Shape = Shape {
    tells: Tell::All(&[
        is!("ProcessRollup2" "SyntheticProcessRollup2"),
        Tell::Has("aid"),
    ]),
    reads: Reads::Rules(&[when(
        is!("ProcessRollup2" "SyntheticProcessRollup2"),
        EventKind::ProcessCreation,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &Layout {
            name: "CrowdStrike, processes",
            about: "ProcessRollup2 of Falcon Data Replicator and LogScale",
            lost: "the parent's path and command line, the original file name",
            verified: true,
            members: &[
                own("ImageFileName", Key::Image),
                own("CommandLine", Key::CommandLine),
                own("RawProcessId", Key::ProcessId),
                own("ParentBaseFileName", Key::ParentImage),
                own("WorkingDirectory", Key::CurrentDirectory),
                // Panther has the record once more in there.
                hint("event.ImageFileName", Key::Image),
                hint("event.CommandLine", Key::CommandLine),
                hint("event.ParentBaseFileName", Key::ParentImage),
                hint("event.ComputerName", Key::Computer),
                hint("event.RawProcessId", Key::ProcessId),
                hint("event.UserSid", Key::WriterSid),
                hint("event.event_platform", Key::Os),
                hint("event.ProcessStartTime", Key::EventTime),
            ],
        },
    ],
};

/// What processes did.
pub(super) const OTHERS: Shape = Shape {
    tells: Tell::All(&[
        Tell::Any(&[
            Tell::Has("event_simpleName"),
            Tell::Has("#event_simpleName"),
        ]),
        Tell::Has("aid"),
    ]),
    reads: Reads::Rules(&[
        on(WINDOWS, is!("ScheduledTaskRegistered"), EventKind::TaskRegistered),
        on(WINDOWS, is!("ScheduledTaskModified"), EventKind::TaskUpdated),
        on(WINDOWS, is!("ScheduledTaskDeleted"), EventKind::TaskDeleted),
        registry(
            is!("AsepValueUpdate" "RegGenericValueUpdate"
                "RegistryOperationValueUpdate" "SuspiciousRegAsepUpdate"
                "RegSystemConfigValueUpdate" "RegCredAccessValueUpdate"),
            "SetValue",
        ),
        when(
            Tell::Any(&[
                is!("NewExecutableWritten" "NewScriptWritten"
                    "CriticalFileModified"),
                Tell::Ends("event_simpleName", &["FileWritten"]),
                Tell::Ends("#event_simpleName", &["FileWritten"]),
            ]),
            EventKind::FileCreation,
        ),
        when(
            is!("NewExecutableRenamed" "FileRenamed" "FileRenameInfo"),
            EventKind::FileRename,
        ),
        when(is!("FileDeleteInfo"), EventKind::FileDeletion),
        on(
            WINDOWS,
            is!("ScriptControlScanTelemetry" "ScriptControlScanV2"
                "ScriptControlScanInfo" "CommandHistory"),
            EventKind::ScriptBlock,
        ),
        when(is!("ClassifiedModuleLoad" "ImageHash"), EventKind::ModuleLoad),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &Layout {
            name: "CrowdStrike, tasks, files, registry and scripts",
            about: "ScheduledTask*, *ValueUpdate, *FileWritten and their kin",
            lost: "most of a task but for its action",
            verified: false,
            members: &[
                own("TaskName", Key::TaskName),
                own("TaskXml", Key::TaskContent),
                own("TaskExecCommand", Key::TaskCommand),
                own("TaskExecArguments", Key::TaskArguments),
                own("RegObjectName", Key::TargetObject),
                own("RegValueName", Key::ValueName),
                own("RegStringValue", Key::Details),
                copied("RegNumericValue", Key::Details),
                hint("RegBinaryValue", Key::Details),
                own("TargetFileName", Key::TargetFilename),
                own("SourceFileName", Key::SourceFilename),
                own("ContextImageFileName", Key::Image),
                own("ScriptContent", Key::ScriptBlockText),
                own("CommandHistory", Key::ScriptBlockText),
                // Of the process that loaded it where that is not named
                // apart.
                own("ImageFileName", Key::ImageLoaded),
            ],
        },
    ],
};

const WINDOWS: Platform = Platform::Windows;

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    const PROCESS: &str = r#"{"event_simpleName":"ProcessRollup2","event_platform":"Win","aid":"a1","ImageFileName":"\\Device\\HarddiskVolume3\\Windows\\System32\\schtasks.exe","CommandLine":"\\??\\C:\\Windows\\System32\\schtasks.exe /query","ParentBaseFileName":"cmd.exe","RawProcessId":"4242","TargetProcessId":"995","UserSid":"S-1-5-18","ProcessStartTime":"1706933106.123","timestamp":"1706933107404"}"#;

    #[test]
    fn a_process_is_read_in_sysmons_form() {
        let expected = r"windows/process_creation 2024-02-03T04:05:06.123Z Computer=a1 UserSid=S-1-5-18 Image=\Windows\System32\schtasks.exe CommandLine=C:\Windows\System32\schtasks.exe /query ProcessId=4242 ParentImage=\cmd.exe";
        assert_eq!(event(PROCESS), expected);
        let logscale = PROCESS.replace("event_simple", "#event_simple");
        assert_eq!(event(&logscale), expected);
        let linux = r#"{"event_simpleName":"ProcessRollup2","event_platform":"Lin","aid":"a","ComputerName":"lx1","ImageFileName":"/usr/bin/crontab","CommandLine":"crontab -e","ParentBaseFileName":"bash"}"#;
        assert_eq!(
            event(linux),
            "linux/process_creation Computer=lx1 Image=/usr/bin/crontab CommandLine=crontab -e ParentImage=/bash"
        );
    }

    #[test]
    fn panther_has_the_record_inside() {
        let record = format!(
            r#"{{"p_log_type":"Crowdstrike.FDREvent","event_simpleName":"ProcessRollup2","aid":"a1","event":{PROCESS}}}"#
        );
        assert_eq!(event(&record), event(PROCESS));
    }

    #[test]
    fn a_task_is_made_of_its_action() {
        let record = r#"{"event_simpleName":"ScheduledTaskRegistered","event_platform":"Win","aid":"a1","TaskName":"upd","TaskExecCommand":"C:\\Users\\Public\\p.exe","TaskExecArguments":"-x","UserName":"al"}"#;
        assert_eq!(
            event(record),
            r"windows/task_registered Computer=a1 User=al TaskName=\upd TaskContent=<Task><Actions><Exec><Command>C:\Users\Public\p.exe</Command><Arguments>-x</Arguments></Exec></Actions></Task>"
        );
    }

    #[test]
    fn what_processes_did() {
        let head = r#""event_platform":"Win","aid":"a1""#;
        for (rest, expected) in [
            (
                r#""event_simpleName":"AsepValueUpdate","RegObjectName":"\\REGISTRY\\MACHINE\\SOFTWARE\\X","RegValueName":"v","RegNumericValue":"1""#,
                r"windows/registry_event Computer=a1 EventType=SetValue TargetObject=HKLM\SOFTWARE\X\v Details=1",
            ),
            (
                r#""event_simpleName":"NewExecutableWritten","TargetFileName":"\\Device\\HarddiskVolume2\\a.exe","ContextImageFileName":"\\Device\\HarddiskVolume2\\b.exe""#,
                r"windows/file_creation Computer=a1 Image=\b.exe TargetFilename=\a.exe",
            ),
            (
                r#""event_simpleName":"ScriptControlScanV2","ScriptContent":"x""#,
                "windows/script_block Computer=a1 ScriptBlockText=x",
            ),
        ] {
            assert_eq!(event(&format!("{{{head},{rest}}}")), expected);
        }
    }

    #[test]
    fn other_events_are_understood_and_other_sources_are_not() {
        let other = PROCESS.replace("ProcessRollup2", "DnsRequest");
        let (found, reading) = events(&other);
        assert!(found.is_empty());
        assert_eq!(reading.not_understood, 0);
        for from in ["event_simpleName", "\"aid\""] {
            let record = PROCESS.replace(
                from,
                "\"x\"".trim_matches(if from.starts_with('"') {
                    ' '
                } else {
                    '"'
                }),
            );
            let (found, reading) = events(&record);
            assert!(found.is_empty(), "{record}");
            assert_eq!(reading.not_understood, 1, "{record}");
        }
    }
}
