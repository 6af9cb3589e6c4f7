/*!
Windows events in the Elastic Common Schema: Winlogbeat and others of its kin.

The Sysmon module moves values out of `event_data`, so both are looked at.
*/

use crate::event::EventKind;
use crate::record::keys::Key;
use crate::record::raw::Rank::Own;
use crate::record::shape::{
    Family, Form, Layout, Member, Reads, Shape, Tell, copied, hint, launchd,
    like, own, registry, value, when,
};

pub(super) const LAYOUT: Layout = Layout {
    name: "Windows events in ECS",
    about: "Winlogbeat 7 and later, Elastic Agent, Filebeat",
    lost: "",
    verified: true,
    members: MEMBERS,
};

const MEMBERS: &[Member] = &[
    copied("event.code", Key::EventId),
    copied("event.provider", Key::Provider),
    hint("event.created", Key::Received),
    copied("event.original", Key::Original),
    own("winlog.event_id", Key::EventId),
    own("winlog.record_id", Key::RecordNumber),
    own("winlog.provider_name", Key::Provider),
    own("winlog.channel", Key::Channel),
    own("winlog.computer_name", Key::Computer),
    own("winlog.time_created", Key::SystemTime),
    like("winlog.event_data", "EventData"),
    like("winlog.user_data", "EventData"),
    own("winlog.user.identifier", Key::WriterSid),
    hint("winlog.user.name", Key::AccountName),
    hint("winlog.user.domain", Key::AccountDomain),
    copied("host.name", Key::Computer),
    hint("host.hostname", Key::Computer),
    copied("user.name", Key::AccountName),
    copied("user.domain", Key::AccountDomain),
    own("user.identifier", Key::WriterSid),
    hint("user.id", Key::WriterSid),
    copied("process.executable", Key::Image),
    hint("process.name", Key::Image),
    copied("process.command_line", Key::CommandLine),
    copied("process.working_directory", Key::CurrentDirectory),
    copied("process.pid", Key::NewProcessId),
    copied("process.pe.original_file_name", Key::OriginalFileName),
    copied("process.parent.executable", Key::ParentImage),
    hint("process.parent.name", Key::ParentImage),
    copied("process.parent.command_line", Key::ParentCommandLine),
    copied("process.parent.pid", Key::ParentProcessId),
    like("process.user", "user"),
    copied("file.path", Key::TargetFilename),
    copied("registry.path", Key::TargetObject),
    copied("registry.data.strings", Key::Details),
    copied("powershell.sequence", Key::MessageNumber),
    copied("powershell.total", Key::MessageTotal),
    copied("powershell.file.script_block_text", Key::ScriptBlockText),
    copied("powershell.file.script_block_id", Key::ScriptBlockId),
    // Where there is no command line.
    value("process.args", Key::Arguments, Own, Form::Arguments),
    value("process.parent.args", Key::ParentArguments, Own, Form::Arguments),
    own("host.os.type", Key::Os),
    copied("host.os.family", Key::Os),
    hint("host.os.platform", Key::Os),
    hint("agent.name", Key::Computer),
    own("file.Ext.original.path", Key::SourceFilename),
    own("dll.path", Key::ImageLoaded),
    own("Persistence.name", Key::TaskName),
    own("Persistence.path", Key::JobFile),
    value("Persistence.args", Key::TaskCommand, Own, Form::Arguments),
];

/// Tells events by what was done, in the words of several agents.
macro_rules! did {
    ($category:literal $($action:literal)+) => {
        Tell::All(&[
            Tell::Any(&[
                Tell::Among("event.category", &[$category]),
                // Before auditbeat had categories, and where pipelines drop
                // them.
                Tell::All(&[
                    Tell::Any(&[
                        Tell::Is(
                            "event.dataset",
                            &[$category, concat!("endpoint.events.", $category)],
                        ),
                        Tell::Is(
                            "data_stream.dataset",
                            &[concat!("endpoint.events.", $category)],
                        ),
                    ]),
                    Tell::Lacks("event.category"),
                ]),
            ]),
            Tell::Among("event.action", &[$($action),+]),
        ])
    };
}

/// Tells events of agents that do not say more than the type.
macro_rules! was {
    ($category:literal $kind:literal) => {
        Tell::All(&[
            Tell::Among("event.category", &[$category]),
            Tell::Among("event.type", &[$kind]),
            Tell::Lacks("event.action"),
        ])
    };
}

/// What agents call the start of a process that runs no other program yet, or
/// that ran before they did.
const NO_START: &[&str] = &[
    "fork",
    "existing_process",
    "already_running",
    "end",
    "exit",
    "process_stopped",
];

/// How the data streams of Elastic Defend are called, which tell its events
/// by themselves.
const DEFEND: &[&str] = &["endpoint.events."];

/// Events of Elastic Defend, auditbeat and other agents that are no Windows
/// events.
pub(super) const SHAPE: Shape = Shape {
    tells: Tell::All(&[
        Tell::Any(&[
            Tell::Has("event.category"),
            Tell::Is("event.module", &["file_integrity", "system"]),
            Tell::Begins("event.dataset", DEFEND),
            Tell::Begins("data_stream.dataset", DEFEND),
        ]),
        Tell::Lacks("winlog"),
        Tell::Lacks("auditd"),
        Tell::Any(&[
            Tell::Begins("event.dataset", DEFEND),
            Tell::Begins("data_stream.dataset", DEFEND),
            Tell::Is(
                "event.module",
                &["endpoint", "file_integrity", "system"],
            ),
            Tell::Has("ecs.version"),
            Tell::Has("agent.type"),
            Tell::Is("event.provider", &["SEKOIA-IO-Endpoint"]),
        ]),
    ]),
    reads: Reads::Rules(&[
        when(
            did!("process" "exec" "start" "process_started"
                "process-created" "executed" "creation"),
            EventKind::ProcessCreation,
        ),
        when(
            Tell::All(&[
                Tell::Among("event.category", &["process"]),
                Tell::Among("event.type", &["start"]),
                Tell::Not(&Tell::Among("event.action", NO_START)),
            ]),
            EventKind::ProcessCreation,
        ),
        when(
            did!("file" "creation" "created" "create"),
            EventKind::FileCreation,
        ),
        when(
            did!("file" "modification" "overwrite" "updated" "modified"),
            EventKind::FileModification,
        ),
        when(did!("file" "rename" "renamed" "moved"), EventKind::FileRename),
        when(
            did!("file" "deletion" "deleted" "delete"),
            EventKind::FileDeletion,
        ),
        when(was!("file" "creation"), EventKind::FileCreation),
        when(was!("file" "change"), EventKind::FileModification),
        when(was!("file" "deletion"), EventKind::FileDeletion),
        // macOS' own notice of a launch item.
        launchd(did!("file" "launch_daemon"), "create"),
        registry(did!("registry" "modification" "modified"), "SetValue"),
        registry(did!("registry" "creation" "created"), "CreateKey"),
        registry(
            Tell::All(&[
                did!("registry" "deletion" "deleted"),
                Tell::Has("registry.value"),
            ]),
            "DeleteValue",
        ),
        registry(did!("registry" "deletion" "deleted"), "DeleteKey"),
        registry(was!("registry" "change"), "SetValue"),
        when(did!("library" "load"), EventKind::ModuleLoad),
        when(was!("library" "start"), EventKind::ModuleLoad),
    ]),
    gives: &[],
    family: Family::Windows,
    layouts: &[&Layout {
        name: "ECS of other agents",
        about: "Elastic Defend, auditbeat's system and file_integrity modules",
        lost: "what the agent does not see: auditbeat has no parents",
        verified: true,
        members: &[],
    }],
};

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    const PROCESS: &str = r#"{"@timestamp":"2024-02-03T04:05:06Z","agent":{"type":"endpoint"},"event":{"action":"exec","category":["process"],"type":["start"],"module":"endpoint","dataset":"endpoint.events.process"},"host":{"name":"lx1","os":{"type":"linux"}},"process":{"executable":"/usr/bin/crontab","args":["crontab","-e"],"pid":9,"parent":{"executable":"/bin/bash","args":["bash"]}},"user":{"name":"al"}}"#;
    const EXPECTED: &str = "linux/process_creation 2024-02-03T04:05:06Z Computer=lx1 User=al Image=/usr/bin/crontab CommandLine=crontab -e ProcessId=9 ParentImage=/bin/bash ParentCommandLine=bash";

    #[test]
    fn processes_of_every_agent() {
        assert_eq!(event(PROCESS), EXPECTED);
        for (from, to) in [
            // A list of what was done, and a name in dots.
            (r#""action":"exec""#, r#""action":["fork","exec"]"#),
            (r#""category":["process"]"#, r#""category":"process""#),
            (r#""action":"exec""#, r#""action":"process_started""#),
            (r#""action":"exec","#, ""),
            (
                r#""module":"endpoint","dataset":"endpoint.events.process""#,
                r#""x":1"#,
            ),
            (r#""os":{"type":"linux"}"#, r#""x":1"#),
            (
                r#""host":{"name":"lx1","os":{"type":"linux"}}"#,
                r#""host.name":"lx1","host.os.type":"linux""#,
            ),
        ] {
            let record = PROCESS.replace(from, to);
            assert_ne!(record, PROCESS);
            assert_eq!(event(&record), EXPECTED, "{record}");
        }
        let macos = PROCESS.replace("\"linux\"", "\"macos\"");
        assert!(event(&macos).starts_with("macos/process_creation"));
    }

    #[test]
    fn files_the_registry_and_libraries() {
        let head = r#""ecs":{"version":"8"},"host":{"os":{"type":"windows"}},"process":{"executable":"C:\\a.exe"}"#;
        for (rest, expected) in [
            (
                r#""event":{"category":["file"],"action":"rename"},"file":{"path":"C:\\b","Ext":{"original":{"path":"C:\\c"}}}"#,
                r"windows/file_rename Image=C:\a.exe TargetFilename=C:\b SourceFilename=C:\c",
            ),
            (
                r#""event":{"category":["registry"],"action":"modification"},"registry":{"path":"HKLM\\x\\v","data":{"strings":["1"]}}"#,
                r"windows/registry_event Image=C:\a.exe EventType=SetValue TargetObject=HKLM\x\v Details=1",
            ),
            (
                r#""event":{"category":"library","action":"load"},"dll":{"path":"C:\\l.dll"}"#,
                r"windows/module_load Image=C:\a.exe ImageLoaded=C:\l.dll",
            ),
        ] {
            assert_eq!(event(&format!("{{{head},{rest}}}")), expected);
        }
        let integrity = r#"{"event":{"module":"file_integrity","dataset":"file","category":["file"],"action":["created","updated"]},"file":{"path":"/etc/cron.d/x"},"host":{"name":"lx1","os":{"type":"linux"}}}"#;
        assert_eq!(
            event(integrity),
            "linux/file_creation Computer=lx1 TargetFilename=/etc/cron.d/x"
        );
    }

    #[test]
    fn auditbeat_had_no_categories_once() {
        let record = r#"{"agent":{"type":"auditbeat"},"event":{"module":"system","dataset":"process","action":"process_started","kind":"event"},"process":{"executable":"/usr/bin/crontab","args":["crontab","-e"]},"host":{"name":"h","os":{"family":"debian"}}}"#;
        let expected = "linux/process_creation Computer=h Image=/usr/bin/crontab CommandLine=crontab -e";
        assert_eq!(event(record), expected);
        let exists = record.replace("process_started", "existing_process");
        assert!(events(&exists).0.is_empty());
        let files = r#"{"event":{"module":"file_integrity","dataset":"file","action":["moved"]},"file":{"path":"/etc/cron.d/x"},"host":{"os":{"platform":"ubuntu"}}}"#;
        let expected = "linux/file_rename TargetFilename=/etc/cron.d/x";
        assert_eq!(event(files), expected);
    }

    #[test]
    fn data_streams_of_elastic_defend_need_no_category() {
        let bare = PROCESS.replace(r#""category":["process"],"#, "");
        assert_eq!(event(&bare), EXPECTED);
        let stream = bare
            .replace(r#""module":"endpoint","dataset""#, r#""x""#)
            .replace(
                r#"{"@"#,
                r#"{"data_stream":{"dataset":"endpoint.events.process"},"@"#,
            );
        assert_eq!(event(&stream), EXPECTED);
    }

    #[test]
    fn a_start_is_one_whatever_the_agent_calls_it() {
        let named = PROCESS.replace(r#""exec""#, r#""ProcessRollup2""#);
        assert_eq!(event(&named), EXPECTED);
    }

    #[test]
    fn what_ended_or_is_told_by_others_is_no_event() {
        for (from, to) in [
            (r#""action":"exec""#, r#""action":"fork""#),
            (r#""action":"exec""#, r#""action":"existing_process""#),
            (r#""category":["process"]"#, r#""category":["network"]"#),
        ] {
            let (found, reading) = events(&PROCESS.replace(from, to));
            assert!(found.is_empty(), "{to}");
            assert_eq!(reading.not_understood, 0, "{to}");
        }
        let winlog = PROCESS.replace("\"agent\"", "\"winlog\":{},\"agent\"");
        assert!(events(&winlog).0.is_empty());
        let category = PROCESS.replace("category", "sort");
        let other = category.replace("endpoint.events.", "other.events.");
        assert_eq!(events(&other).1.not_understood, 1);
    }
}
