/*!
Processes and more of sensors with few events that are read: Carbon Black,
HarfangLab, Tanium, Stormshield, LimaCharlie, Tehtris.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::shape::{
    Family, Layout, Reads, Shape, Tell, copied, hint, on, own, registry,
    shared, when,
};

/// Tells by a member that is one of some texts.
macro_rules! is {
    ($path:literal $($text:literal)+) => { Tell::Is($path, &[$($text),+]) };
}

const PROCESS: EventKind = EventKind::ProcessCreation;

/// Where and when, in Carbon Black Cloud.
const CARBON_BLACK: Layout = shared(&[
    own("device_timestamp", Key::EventTime),
    hint("backend_timestamp", Key::EventTime),
    hint("create_time", Key::EventTime),
    own("device_name", Key::Computer),
    own("device_os", Key::Os),
]);

/// `process_path` is who did it: the parent.
pub(super) const CARBON_BLACK_PROCESS: Shape = Shape {
    tells: is!("type" "endpoint.event.procstart"),
    reads: Reads::Rules(&[when(
        is!("type" "endpoint.event.procstart"),
        PROCESS,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &CARBON_BLACK,
        &Layout {
            name: "Carbon Black Cloud, processes",
            about: "endpoint.event.procstart of the data forwarder",
            lost: "the original file name, the working directory",
            verified: false,
            members: &[
                own("childproc_name", Key::Image),
                own("target_cmdline", Key::CommandLine),
                own("childproc_pid", Key::ProcessId),
                own("childproc_username", Key::User),
                hint("process_username", Key::User),
                own("process_path", Key::ParentImage),
                own("process_cmdline", Key::ParentCommandLine),
                own("process_pid", Key::ParentProcessId),
            ],
        },
    ],
};

pub(super) const CARBON_BLACK_OTHERS: Shape = Shape {
    tells: Tell::Begins("type", &["endpoint.event."]),
    reads: Reads::Rules(&[
        when(
            Tell::All(&[
                is!("type" "endpoint.event.filemod"),
                Tell::Begins("action", &["ACTION_FILE_CREATE"]),
            ]),
            EventKind::FileCreation,
        ),
        when(
            Tell::All(&[
                is!("type" "endpoint.event.filemod"),
                Tell::Begins("action", &["ACTION_FILE_DELETE"]),
            ]),
            EventKind::FileDeletion,
        ),
        when(
            is!("type" "endpoint.event.filemod"),
            EventKind::FileModification,
        ),
        registry(
            Tell::All(&[
                is!("type" "endpoint.event.regmod"),
                Tell::Begins("action", &["ACTION_WRITE_VALUE"]),
            ]),
            "SetValue",
        ),
        registry(
            Tell::All(&[
                is!("type" "endpoint.event.regmod"),
                Tell::Begins("action", &["ACTION_CREATE_KEY"]),
            ]),
            "CreateKey",
        ),
        registry(
            Tell::All(&[
                is!("type" "endpoint.event.regmod"),
                Tell::Begins("action", &["ACTION_DELETE_VALUE"]),
            ]),
            "DeleteValue",
        ),
        registry(
            Tell::All(&[
                is!("type" "endpoint.event.regmod"),
                Tell::Begins("action", &["ACTION_DELETE_KEY"]),
            ]),
            "DeleteKey",
        ),
        when(is!("type" "endpoint.event.moduleload"), EventKind::ModuleLoad),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &CARBON_BLACK,
        &Layout {
            name: "Carbon Black Cloud, files, registry and modules",
            about: "filemod, regmod and moduleload of the data forwarder",
            lost: "what was written",
            verified: false,
            members: &[
                own("process_path", Key::Image),
                own("process_pid", Key::ProcessId),
                own("process_username", Key::User),
                own("filemod_name", Key::TargetFilename),
                own("regmod_name", Key::TargetObject),
                own("modload_name", Key::ImageLoaded),
            ],
        },
    ],
};

pub(super) const CARBON_BLACK_EDR: Shape = Shape {
    tells: Tell::All(&[
        is!("type" "ingress.event.procstart"),
        Tell::Has("process_guid"),
    ]),
    reads: Reads::Rules(&[when(
        is!("type" "ingress.event.procstart"),
        PROCESS,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Carbon Black EDR",
        about: "ingress.event.procstart of the event forwarder",
        lost: "the original file name",
        verified: false,
        members: &[
            own("path", Key::Image),
            own("command_line", Key::CommandLine),
            own("pid", Key::ProcessId),
            own("username", Key::User),
            own("parent_path", Key::ParentImage),
            own("parent_pid", Key::ParentProcessId),
            own("computer_name", Key::Computer),
            own("timestamp", Key::EventTime),
        ],
    }],
};

/// What the event forwarder tells of a change, by what was done.
macro_rules! forwarded {
    ($type:literal $($action:literal)+) => {
        Tell::All(&[is!("type" $type), is!("action" $($action)+)])
    };
}

pub(super) const CARBON_BLACK_EDR_FILE: Shape = Shape {
    tells: Tell::All(&[
        is!("type" "ingress.event.filemod"),
        Tell::Has("process_guid"),
    ]),
    reads: Reads::Rules(&[
        when(
            forwarded!("ingress.event.filemod" "create"),
            EventKind::FileCreation,
        ),
        when(
            forwarded!("ingress.event.filemod" "delete"),
            EventKind::FileDeletion,
        ),
        when(
            forwarded!("ingress.event.filemod" "write" "lastwrite"),
            EventKind::FileModification,
        ),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &CARBON_BLACK_EDR_ACTOR,
        &Layout {
            name: "Carbon Black EDR, files and registry",
            about: "filemod and regmod of the event forwarder",
            lost: "what was written",
            verified: false,
            members: &[own("path", Key::TargetFilename)],
        },
    ],
};

pub(super) const CARBON_BLACK_EDR_REGISTRY: Shape = Shape {
    tells: Tell::All(&[
        is!("type" "ingress.event.regmod"),
        Tell::Has("process_guid"),
    ]),
    reads: Reads::Rules(&[
        registry(forwarded!("ingress.event.regmod" "writeval"), "SetValue"),
        registry(
            forwarded!("ingress.event.regmod" "create" "createkey"),
            "CreateKey",
        ),
        registry(forwarded!("ingress.event.regmod" "delval"), "DeleteValue"),
        registry(forwarded!("ingress.event.regmod" "delkey"), "DeleteKey"),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &CARBON_BLACK_EDR_ACTOR,
        &shared(&[own("path", Key::TargetObject)]),
    ],
};

/// What the event forwarder tells besides.
pub(super) const CARBON_BLACK_EDR_OTHERS: Shape = Shape {
    tells: Tell::All(&[
        Tell::Begins("type", &["ingress.event."]),
        Tell::Has("process_guid"),
    ]),
    reads: Reads::Rules(&[]),
    gives: &[],
    family: Family::Own,
    layouts: &[],
};

const CARBON_BLACK_EDR_ACTOR: Layout = shared(&[
    own("process_path", Key::Image),
    own("pid", Key::ProcessId),
    own("username", Key::User),
    own("computer_name", Key::Computer),
    own("timestamp", Key::EventTime),
]);

pub(super) const HARFANGLAB: Shape = Shape {
    tells: Tell::All(&[
        is!("log_type" "process" "file" "powershell"),
        Tell::Has("agent.ostype"),
    ]),
    reads: Reads::Rules(&[
        when(is!("log_type" "process"), PROCESS),
        when(
            Tell::All(&[
                is!("log_type" "file"),
                is!("operation" "create" "created"),
            ]),
            EventKind::FileCreation,
        ),
        when(
            Tell::All(&[
                is!("log_type" "file"),
                is!("operation" "write" "modify" "modified"),
            ]),
            EventKind::FileModification,
        ),
        when(
            Tell::All(&[
                is!("log_type" "file"),
                is!("operation" "delete" "deleted"),
            ]),
            EventKind::FileDeletion,
        ),
        on(
            Platform::Windows,
            is!("log_type" "powershell"),
            EventKind::ScriptBlock,
        ),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "HarfangLab",
        about: "telemetry of processes, files and PowerShell",
        lost: "",
        verified: true,
        members: &[
            own("image_name", Key::Image),
            own("commandline", Key::CommandLine),
            own("current_directory", Key::CurrentDirectory),
            own("pe_info.original_filename", Key::OriginalFileName),
            own("integrity_level", Key::IntegrityLevel),
            own("pid", Key::ProcessId),
            own("username", Key::User),
            own("parent_image", Key::ParentImage),
            own("parent_commandline", Key::ParentCommandLine),
            own("ppid", Key::ParentProcessId),
            own("event_path", Key::TargetFilename),
            hint("process_image_path", Key::Image),
            own("script_block", Key::ScriptBlockText),
            own("PowershellScriptBlock", Key::ScriptBlockText),
            own("agent.hostname", Key::Computer),
            own("agent.ostype", Key::Os),
            own("@event_create_date", Key::EventTime),
            hint("@timestamp", Key::EventTime),
        ],
    }],
};

/// Alerts of the same product: they have the process apart.
pub(super) const HARFANGLAB_ALERT: Shape = Shape {
    tells: Tell::All(&[
        Tell::Has("agent.ostype"),
        Tell::Has("process.image_name"),
        Tell::Has("process.commandline"),
    ]),
    reads: Reads::Rules(&[when(Tell::Has("process.commandline"), PROCESS)]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "HarfangLab, alerts",
        about: "the process that an alert is about",
        lost: "what the process did",
        verified: true,
        members: &[
            own("process.image_name", Key::Image),
            own("process.commandline", Key::CommandLine),
            own("process.current_directory", Key::CurrentDirectory),
            own("process.pe_info.original_filename", Key::OriginalFileName),
            own("process.integrity_level", Key::IntegrityLevel),
            own("process.pid", Key::ProcessId),
            own("process.username", Key::User),
            own("process.parent_image", Key::ParentImage),
            own("process.parent_commandline", Key::ParentCommandLine),
            own("process.ppid", Key::ParentProcessId),
            own("agent.hostname", Key::Computer),
            own("agent.ostype", Key::Os),
            own("alert_time", Key::EventTime),
            hint("@timestamp", Key::EventTime),
        ],
    }],
};

pub(super) const TANIUM: Shape = Shape {
    tells: Tell::All(&[
        is!("event" "process_start"),
        Tell::Has("fields.file__full_path"),
    ]),
    reads: Reads::Rules(&[when(is!("event" "process_start"), PROCESS)]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Tanium",
        about: "process_start of Tanium Stream",
        lost: "the original file name, the working directory",
        verified: true,
        members: &[
            own("fields.file__full_path", Key::Image),
            own("fields.command_line", Key::CommandLine),
            own("fields.pid", Key::ProcessId),
            own("fields.user__name", Key::User),
            own("fields.parent__file__full_path", Key::ParentImage),
            own("fields.parent__command_line", Key::ParentCommandLine),
            own("fields.parent_pid", Key::ParentProcessId),
            own("fields.create_time", Key::EventTime),
            hint("timestamp", Key::EventTime),
            own("host", Key::Computer),
            hint("computer_name", Key::Computer),
        ],
    }],
};

/// What all events of Stormshield's share.
const STORMSHIELD_COMMON: Layout = shared(&[
    copied("Timestamp", Key::EventTime),
    own("TimestampRaw", Key::EventTime),
]);

/// Tells events of Stormshield's by their numbers.
macro_rules! stormshield {
    ($($number:literal)+) => {
        Tell::All(&[
            Tell::Has("TypeComputedMap"),
            Tell::Has("SpecificData"),
            Tell::Is("Type", &[$($number),+]),
        ])
    };
}

/// The process that did what is no start of a process.
const STORMSHIELD_ACTOR: Layout = shared(&[
    own("SpecificData.SourceProcess.ProcessImageName", Key::Image),
    own("SpecificData.SourceProcess.PID", Key::ProcessId),
    own("SpecificData.SourceProcess.UserNameLookup", Key::User),
]);

pub(super) const STORMSHIELD_PROCESS: Shape = Shape {
    tells: stormshield!("11"),
    reads: Reads::Rules(&[on(Platform::Windows, is!("Type" "11"), PROCESS)]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &STORMSHIELD_COMMON,
        &Layout {
            name: "Stormshield SES",
            about: "processes, files and the registry",
            lost: "the host, the original file name",
            verified: true,
            members: &[
                own(
                    "SpecificData.CreatedProcess.ProcessImageName",
                    Key::Image,
                ),
                own(
                    "SpecificData.CreatedProcess.ProcessCommandLine",
                    Key::CommandLine,
                ),
                own("SpecificData.CreatedProcess.PID", Key::ProcessId),
                own("SpecificData.CreatedProcess.UserNameLookup", Key::User),
                own(
                    "SpecificData.SourceProcess.ProcessImageName",
                    Key::ParentImage,
                ),
                own(
                    "SpecificData.SourceProcess.ProcessCommandLine",
                    Key::ParentCommandLine,
                ),
                own("SpecificData.SourceProcess.PID", Key::ParentProcessId),
            ],
        },
    ],
};

pub(super) const STORMSHIELD_REGISTRY: Shape = Shape {
    tells: stormshield!("103" "112" "113" "115" "116"),
    reads: Reads::Rules(&[
        registry(is!("Type" "103"), "CreateKey"),
        registry(is!("Type" "112"), "DeleteKey"),
        registry(is!("Type" "113" "115"), "SetValue"),
        registry(is!("Type" "116"), "DeleteValue"),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &STORMSHIELD_COMMON,
        &STORMSHIELD_ACTOR,
        &shared(&[
            own("SpecificData.Path", Key::TargetObject),
            own("SpecificData.ValueName", Key::ValueName),
            own("SpecificData.ValueData", Key::Details),
        ]),
    ],
};

/// Tells what exactly was done to a file.
macro_rules! details {
    ($($what:literal)+) => {
        Tell::Any(&[
            Tell::Is("SpecificData.DetailsTypeComputedMap", &[$($what),+]),
            Tell::Is("DetailsTypeComputedMap", &[$($what),+]),
        ])
    };
}

pub(super) const STORMSHIELD_FILE: Shape = Shape {
    tells: stormshield!("173" "176" "177"),
    reads: Reads::Rules(&[
        on(
            Platform::Windows,
            details!("FILE_RENAME_DESTINATION" "FILE_RENAME_SOURCE"),
            EventKind::FileRename,
        ),
        on(Platform::Windows, is!("Type" "173"), EventKind::FileCreation),
        on(
            Platform::Windows,
            Tell::All(&[
                Tell::Is("Type", &["176"]),
                Tell::Not(&details!("FILE_SET_SECURITY")),
            ]),
            EventKind::FileModification,
        ),
        on(Platform::Windows, is!("Type" "177"), EventKind::FileDeletion),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &STORMSHIELD_COMMON,
        &STORMSHIELD_ACTOR,
        &shared(&[own("SpecificData.Path", Key::TargetFilename)]),
    ],
};

pub(super) const LIMACHARLIE_PROCESS: Shape = Shape {
    tells: Tell::All(&[
        is!("routing.event_type" "NEW_PROCESS" "EXISTING_PROCESS"),
        Tell::Has("event.FILE_PATH"),
    ]),
    reads: Reads::Rules(&[when(Tell::Has("routing.event_type"), PROCESS)]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &LIMACHARLIE,
        &Layout {
            name: "LimaCharlie, processes",
            about: "NEW_PROCESS and EXISTING_PROCESS",
            lost: "the original file name, the working directory",
            verified: false,
            members: &[
                own("event.FILE_PATH", Key::Image),
                own("event.COMMAND_LINE", Key::CommandLine),
                own("event.PROCESS_ID", Key::ProcessId),
                own("event.USER_NAME", Key::User),
                own("event.PARENT.FILE_PATH", Key::ParentImage),
                own("event.PARENT.COMMAND_LINE", Key::ParentCommandLine),
                own("event.PARENT.PROCESS_ID", Key::ParentProcessId),
            ],
        },
    ],
};

pub(super) const LIMACHARLIE_FILE: Shape = Shape {
    tells: Tell::All(&[
        Tell::Is("routing.event_type", &["FILE_CREATE", "FILE_DELETE"]),
        Tell::Has("event.FILE_PATH"),
    ]),
    reads: Reads::Rules(&[
        when(is!("routing.event_type" "FILE_CREATE"), EventKind::FileCreation),
        when(is!("routing.event_type" "FILE_DELETE"), EventKind::FileDeletion),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &LIMACHARLIE,
        &Layout {
            name: "LimaCharlie, files",
            about: "FILE_CREATE and FILE_DELETE",
            lost: "who did it, as a rule",
            verified: false,
            members: &[
                own("event.FILE_PATH", Key::TargetFilename),
                own("event.PROCESS.FILE_PATH", Key::Image),
            ],
        },
    ],
};

pub(super) const LIMACHARLIE_REGISTRY: Shape = Shape {
    tells: Tell::All(&[
        is!("routing.event_type" "REGISTRY_WRITE" "REGISTRY_CREATE"
            "REGISTRY_DELETE"),
        Tell::Has("event.REGISTRY_KEY"),
    ]),
    reads: Reads::Rules(&[
        registry(is!("routing.event_type" "REGISTRY_WRITE"), "SetValue"),
        registry(is!("routing.event_type" "REGISTRY_CREATE"), "CreateKey"),
        registry(is!("routing.event_type" "REGISTRY_DELETE"), "DeleteKey"),
    ]),
    gives: &[],
    family: Family::Own,
    layouts: &[
        &LIMACHARLIE,
        &Layout {
            name: "LimaCharlie, registry",
            about: "REGISTRY_WRITE, REGISTRY_CREATE and REGISTRY_DELETE",
            lost: "who did it, as a rule",
            verified: false,
            members: &[
                own("event.REGISTRY_KEY", Key::TargetObject),
                own("event.REGISTRY_VALUE", Key::Details),
                own("event.PROCESS.FILE_PATH", Key::Image),
            ],
        },
    ],
};

const LIMACHARLIE: Layout = shared(&[
    own("routing.hostname", Key::Computer),
    own("routing.event_time", Key::EventTime),
]);

pub(super) const TEHTRIS: Shape = Shape {
    tells: Tell::All(&[
        Tell::Has("hostname__"),
        Tell::Has("os__"),
        Tell::Has("eventName"),
        Tell::Has("cmdline"),
        Tell::Has("path"),
    ]),
    reads: Reads::Rules(&[when(Tell::Has("hostname__"), PROCESS)]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Tehtris",
        about: "processes",
        lost: "the parent's path, the original file name",
        verified: true,
        members: &[
            own("path", Key::Image),
            own("cmdline", Key::CommandLine),
            own("pid", Key::ProcessId),
            own("ppid", Key::ParentProcessId),
            own("username", Key::User),
            own("hostname__", Key::Computer),
            own("os__", Key::Os),
            own("time", Key::EventTime),
        ],
    }],
};

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    const RECORDS: &[(&str, &str, &[&str])] = &[
        (
            r#"{"type":"endpoint.event.procstart","device_name":"CORP\\ws1","device_os":"WINDOWS","device_timestamp":"2024-02-03 04:05:06 +0000 UTC","process_path":"c:\\cmd.exe","childproc_name":"c:\\at.exe","target_cmdline":"at"}"#,
            r"windows/process_creation 2024-02-03T04:05:06Z Computer=CORP\ws1 Image=c:\at.exe CommandLine=at ParentImage=c:\cmd.exe",
            &["endpoint.event.procstart", "type"],
        ),
        (
            r#"{"type":"endpoint.event.regmod","device_os":"WINDOWS","process_path":"c:\\a.exe","action":"ACTION_WRITE_VALUE","regmod_name":"\\REGISTRY\\MACHINE\\x\\v"}"#,
            r"windows/registry_event Image=c:\a.exe EventType=SetValue TargetObject=HKLM\x\v",
            &["endpoint.event.regmod"],
        ),
        (
            r#"{"type":"ingress.event.procstart","process_guid":"g","path":"c:\\at.exe","command_line":"at","parent_path":"c:\\cmd.exe","computer_name":"h","timestamp":1706933106.5}"#,
            r"windows/process_creation 2024-02-03T04:05:06.5Z Computer=h Image=c:\at.exe CommandLine=at ParentImage=c:\cmd.exe",
            &["process_guid", "type"],
        ),
        (
            r#"{"log_type":"process","agent":{"hostname":"ws1","ostype":"windows"},"image_name":"C:\\schtasks.exe","commandline":"schtasks /run","pe_info":{"original_filename":"schtasks.exe"},"parent_image":"C:\\cmd.exe","username":"CORP\\al"}"#,
            r"windows/process_creation Computer=ws1 User=CORP\al Image=C:\schtasks.exe CommandLine=schtasks /run OriginalFileName=schtasks.exe ParentImage=C:\cmd.exe",
            &["log_type", "ostype"],
        ),
        (
            r#"{"event":"process_start","host":"h","fields":{"file__full_path":"C:\\at.exe","command_line":"at","parent__file__full_path":"C:\\cmd.exe"}}"#,
            r"windows/process_creation Computer=h Image=C:\at.exe CommandLine=at ParentImage=C:\cmd.exe",
            &["process_start", "\"fields"],
        ),
        (
            r#"{"Type":11,"TypeComputedMap":"ProcessExecution","TimestampRaw":133514067065000000,"SpecificData":{"SourceProcess":{"ProcessImageName":"C:\\cmd.exe"},"CreatedProcess":{"ProcessImageName":"C:\\at.exe","ProcessCommandLine":"at"}}}"#,
            r"windows/process_creation 2024-02-03T04:05:06.5Z Image=C:\at.exe CommandLine=at ParentImage=C:\cmd.exe",
            &["TypeComputedMap", "SpecificData"],
        ),
        (
            r#"{"Type":115,"TypeComputedMap":"x","SpecificData":{"SourceProcess":{"ProcessImageName":"C:\\a.exe"},"Path":"\\REGISTRY\\MACHINE\\x","ValueName":"v","ValueData":"1"}}"#,
            r"windows/registry_event Image=C:\a.exe EventType=SetValue TargetObject=HKLM\x\v Details=1",
            &["TypeComputedMap", "SpecificData"],
        ),
        (
            r#"{"rule_name":"r","agent":{"hostname":"ws1","ostype":"linux"},"alert_time":"2024-02-03T04:05:06Z","process":{"image_name":"/usr/bin/crontab","commandline":"crontab -e"}}"#,
            "linux/process_creation 2024-02-03T04:05:06Z Computer=ws1 Image=/usr/bin/crontab CommandLine=crontab -e",
            &["ostype", "image_name"],
        ),
        (
            r#"{"routing":{"event_type":"NEW_PROCESS","hostname":"ws1","event_time":1706933106000},"event":{"FILE_PATH":"C:\\at.exe","COMMAND_LINE":"at","PARENT":{"FILE_PATH":"C:\\cmd.exe"}}}"#,
            r"windows/process_creation 2024-02-03T04:05:06Z Computer=ws1 Image=C:\at.exe CommandLine=at ParentImage=C:\cmd.exe",
            &["routing", "NEW_PROCESS"],
        ),
        (
            r#"{"eventName":"p","os__":"windows","hostname__":"h","path":"C:\\at.exe","cmdline":"at","username":"al"}"#,
            r"windows/process_creation Computer=h User=al Image=C:\at.exe CommandLine=at",
            &["hostname__", "os__", "eventName"],
        ),
    ];

    #[test]
    fn each_is_read_and_not_without_what_tells_it() {
        for (record, expected, telling) in RECORDS {
            assert_eq!(event(record), *expected);
            for name in *telling {
                let changed = record.replacen(name, "\"other", 1);
                let changed = match name.starts_with('"') {
                    true => changed,
                    false => record.replacen(name, "other", 1),
                };
                assert_ne!(changed, *record);
                let (found, reading) = events(&changed);
                assert!(found.is_empty(), "{changed}");
                assert_eq!(reading.not_understood, 1, "{changed}");
            }
        }
    }

    #[test]
    fn changes_of_carbon_black_edr() {
        let record = |rest: &str| {
            format!(
                r#"{{"process_guid":"g","process_path":"c:\\a.exe","computer_name":"h",{rest}}}"#
            )
        };
        for (rest, expected) in [
            (
                r#""type":"ingress.event.filemod","action":"create","path":"c:\\b""#,
                r"windows/file_creation Computer=h Image=c:\a.exe TargetFilename=c:\b",
            ),
            (
                r#""type":"ingress.event.regmod","action":"writeval","path":"\\registry\\machine\\x\\v""#,
                r"windows/registry_event Computer=h Image=c:\a.exe EventType=SetValue TargetObject=HKLM\x\v",
            ),
        ] {
            assert_eq!(event(&record(rest)), expected);
        }
        let other = record(r#""type":"ingress.event.netconn""#);
        assert_eq!(events(&other).1.not_understood, 0);
    }

    #[test]
    fn lime_charlie_tells_programs_that_ran_before() {
        let record = r#"{"routing":{"event_type":"EXISTING_PROCESS","hostname":"ws1"},"event":{"FILE_PATH":"C:\\at.exe","COMMAND_LINE":"at"}}"#;
        assert!(event(record).ends_with(r"Image=C:\at.exe CommandLine=at"));
    }
}
