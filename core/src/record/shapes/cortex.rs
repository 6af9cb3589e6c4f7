/*!
Events of Cortex XDR: of its alerts, and of its data lake.

The actor is the one that did it: of a process that was started the parent.
*/

use crate::event::EventKind;
use crate::record::keys::Key;
use crate::record::shape::{
    Family, Layout, Reads, Shape, Tell, copied, hint, own, registry, shared,
    when,
};

const HAS_ACTOR: Tell = Tell::Any(&[
    Tell::Has("actor_process_image_path"),
    Tell::Has("actor_process_image_name"),
    Tell::Has("actor_process_command_line"),
]);

/// Of a process that was started, who did it need not be among the columns.
const IS_START: Tell =
    Tell::Any(&[HAS_ACTOR, Tell::Has("action_process_image_command_line")]);

macro_rules! is {
    ($($what:literal)+) => { Tell::Is("event_type", &[$($what),+]) };
}

macro_rules! did {
    ($($number:literal)+) => { Tell::Is("event_sub_type", &[$($number),+]) };
}

macro_rules! all {
    ($one:ident $other:expr) => {
        Tell::All(&[$other, $one])
    };
}

const IS_FILE: Tell =
    is!("File Event" "ENUM.FILE" "FILE" "EventType.FILE" "3");
const IS_KEY: Tell = is!("Registry Event" "ENUM.REGISTRY" "REGISTRY"
        "EventType.REGISTRY" "4");

const COMMON: Layout = shared(&[
    own("event_timestamp", Key::EventTime),
    own("agent_hostname", Key::Computer),
    copied("endpoint_name", Key::Computer),
    hint("host_name", Key::Computer),
    own("agent_os_type", Key::Os),
]);

pub(super) const PROCESS: Shape = Shape {
    tells: Tell::All(&[
        IS_START,
        is!("Process Execution" "ENUM.PROCESS" "PROCESS" "EventType.PROCESS"
            "1"),
    ]),
    reads: Reads::Rules(&[when(
        Tell::Any(&[
            did!("1" "ENUM.PROCESS_START" "PROCESS_START" "Process Start"
                "EventSubType.PROCESS_START"),
            Tell::Lacks("event_sub_type"),
        ]),
        EventKind::ProcessCreation,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &Layout {
            name: "Cortex XDR, processes",
            about: "Process Execution",
            lost: "the original file name, the folder as a rule",
            verified: true,
            members: &[
                own("action_process_image_path", Key::Image),
                hint("action_process_image_name", Key::Image),
                own("action_process_image_command_line", Key::CommandLine),
                own("action_process_os_pid", Key::ProcessId),
                own("action_process_username", Key::User),
                hint("user_name", Key::User),
                own("actor_process_image_path", Key::ParentImage),
                hint("actor_process_image_name", Key::ParentImage),
                own("actor_process_command_line", Key::ParentCommandLine),
                own("actor_process_os_pid", Key::ParentProcessId),
            ],
        },
    ],
};

pub(super) const OTHERS: Shape = Shape {
    tells: Tell::All(&[
        HAS_ACTOR,
        Tell::Any(&[IS_FILE, IS_KEY, is!("RPC Call")]),
    ]),
    reads: Reads::Rules(&[
        when(
            all!(IS_FILE did!("3" "ENUM.FILE_RENAME" "File Rename")),
            EventKind::FileRename,
        ),
        when(
            all!(IS_FILE did!("5" "ENUM.FILE_REMOVE" "File Remove")),
            EventKind::FileDeletion,
        ),
        when(
            all!(IS_FILE did!("6" "ENUM.FILE_WRITE" "File Write")),
            EventKind::FileModification,
        ),
        when(
            all!(IS_FILE did!("1" "ENUM.FILE_CREATE_NEW" "File Create")),
            EventKind::FileCreation,
        ),
        registry(
            all!(IS_KEY did!("1" "ENUM.REGISTRY_CREATE_KEY")),
            "CreateKey",
        ),
        registry(
            all!(IS_KEY did!("2" "ENUM.REGISTRY_DELETE_KEY")),
            "DeleteKey",
        ),
        registry(all!(IS_KEY did!("4" "ENUM.REGISTRY_SET_VALUE")), "SetValue"),
        registry(
            all!(IS_KEY did!("5" "ENUM.REGISTRY_DELETE_VALUE")),
            "DeleteValue",
        ),
        registry(all!(IS_KEY Tell::Has("action_registry_data")), "SetValue"),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &COMMON,
        &Layout {
            name: "Cortex XDR, files and registry",
            about: "File Event and Registry Event; what was done by number",
            lost: "",
            verified: false,
            members: &[
                own("actor_process_image_path", Key::Image),
                hint("actor_process_image_name", Key::Image),
                own("actor_process_os_pid", Key::ProcessId),
                own("user_name", Key::User),
                own("action_file_path", Key::TargetFilename),
                own("action_file_previous_file_path", Key::SourceFilename),
                own("action_registry_key_name", Key::TargetObject),
                own("action_registry_value_name", Key::ValueName),
                own("action_registry_data", Key::Details),
            ],
        },
    ],
};

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    #[test]
    fn the_agents_system_has_a_name_of_its_own() {
        let record = r#"{"event_type":"Process Execution","event_sub_type":1,"agent_os_type":"AGENT_OS_LINUX","action_process_image_path":"/usr/bin/crontab","actor_process_image_path":"/bin/sh"}"#;
        for (from, to) in [("x", "x"), ("AGENT_OS_LINUX", "unheard of")] {
            let read = event(&record.replace(from, to));
            assert!(read.starts_with("linux/process_creation"), "{read}");
        }
    }

    const PROCESS: &str = r#"{"event_type":"Process Execution","event_sub_type":1,"event_timestamp":1706933106000,"agent_hostname":"ws1","action_process_image_name":"schtasks.exe","action_process_image_command_line":"schtasks /query","actor_process_image_path":"C:\\Windows\\System32\\cmd.exe","user_name":"AL"}"#;

    #[test]
    fn a_process_may_have_its_name_alone() {
        assert_eq!(
            event(PROCESS),
            r"windows/process_creation 2024-02-03T04:05:06Z Computer=ws1 User=AL Image=\schtasks.exe CommandLine=schtasks /query ParentImage=C:\Windows\System32\cmd.exe"
        );
        let alert = format!(r#"{{"alert_id":"1","events":[{PROCESS}]}}"#);
        assert_eq!(events(&alert).0.len(), 1);
    }

    #[test]
    fn a_value_that_was_set() {
        let record = r#"{"event_type":"Registry Event","actor_process_image_path":"C:\\a.exe","action_registry_key_name":"HKEY_LOCAL_MACHINE\\x","action_registry_value_name":"v","action_registry_data":"1"}"#;
        assert_eq!(
            event(record),
            r"windows/registry_event Image=C:\a.exe EventType=SetValue TargetObject=HKLM\x\v Details=1"
        );
    }

    #[test]
    fn what_lacks_a_telling_member_is_none() {
        let ended = PROCESS.replace(":1,", ":2,");
        assert_eq!(events(&ended).1.not_understood, 0);
        let alone = PROCESS.replace("actor_process", "other");
        assert!(event(&alone).contains("CommandLine=schtasks /query"));
        for from in ["event_type", "Process Execution"] {
            let (found, reading) = events(&PROCESS.replace(from, "other"));
            assert!(found.is_empty(), "{from}");
            assert_eq!(reading.not_understood, 1, "{from}");
        }
    }
}
