/*!
Endpoint activity of Trend Vision One: with its members in `detail`, or as a
search answers, without.

The object is what something was done to: of a process that was started, the
child.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::shape::{
    Family, Layout, Reads, Rule, Shape, Tell, hint, on, own, registry, shared,
    when,
};

/// What a layout is called; it is the same wherever its members stand, and
/// listed once.
macro_rules! named {
    ("detail." $name:literal $about:literal $lost:literal) => {
        Layout {
            name: $name,
            about: $about,
            lost: $lost,
            verified: false,
            members: &[],
        }
    };
    ($prefix:tt $name:literal $about:literal $lost:literal) => {
        shared(&[])
    };
}

/// The numbers and the names of what was done.
macro_rules! did {
    ($prefix:tt $($what:literal)+) => {
        Tell::Is(concat!($prefix, "eventSubId"), &[$($what),+])
    };
}

/// The shapes of records whose members' names begin in a way.
macro_rules! activity {
    ($prefix:tt $is_record:expr, $around:expr) => {
        const COMMON: Layout = shared(&[
            own(concat!($prefix, "endpointHostName"), Key::Computer),
            own(concat!($prefix, "osName"), Key::Os),
            own(concat!($prefix, "eventTime"), Key::EventTime),
        ]);

        pub(crate) const PROCESS: Shape = Shape {
            tells: Tell::All(&[
                $is_record,
        did!($prefix "2" "TELEMETRY_PROCESS_CREATE"
                    "5" "TELEMETRY_PROCESS_EXECUTE"),
            ]),
            reads: Reads::Rules(&[when(
                Tell::Has(concat!($prefix, "eventSubId")),
                EventKind::ProcessCreation,
            )]),
            gives: &[],
            family: Family::Own,
            layouts: &[
                &COMMON,
                &$around,
                &Layout {
                    members: &[
                        own(concat!($prefix, "objectFilePath"), Key::Image),
                        own(concat!($prefix, "objectCmd"), Key::CommandLine),
                        own(concat!($prefix, "objectPid"), Key::ProcessId),
                        own(concat!($prefix, "objectUser"), Key::AccountName),
                        own(
                            concat!($prefix, "objectUserDomain"),
                            Key::AccountDomain,
                        ),
                        own(
                            concat!($prefix, "processFilePath"),
                            Key::ParentImage,
                        ),
                        own(
                            concat!($prefix, "processCmd"),
                            Key::ParentCommandLine,
                        ),
                        own(
                            concat!($prefix, "processPid"),
                            Key::ParentProcessId,
                        ),
                    ],
                    ..named!(
                        $prefix
                        "Trend Vision One, processes"
                        "processes of endpoint activity data"
                        "the original file name, the working directory"
                    )
                },
            ],
        };

        pub(crate) const OTHERS: Shape = Shape {
            tells: $is_record,
            reads: Reads::Rules(RULES),
            gives: &[],
            family: Family::Own,
            layouts: &[
                &COMMON,
                &$around,
                &Layout {
                    members: &[
                        own(concat!($prefix, "processFilePath"), Key::Image),
                        own(concat!($prefix, "processPid"), Key::ProcessId),
                        own(concat!($prefix, "processUser"), Key::AccountName),
                        own(
                            concat!($prefix, "processUserDomain"),
                            Key::AccountDomain,
                        ),
                        own(
                            concat!($prefix, "objectFilePath"),
                            Key::TargetFilename,
                        ),
                        own(
                            concat!($prefix, "srcFilePath"),
                            Key::SourceFilename,
                        ),
                        own(
                            concat!($prefix, "objectRegistryKeyHandle"),
                            Key::TargetObject,
                        ),
                        own(
                            concat!($prefix, "objectRegistryValue"),
                            Key::ValueName,
                        ),
                        own(
                            concat!($prefix, "objectRegistryValueName"),
                            Key::ValueName,
                        ),
                        own(
                            concat!($prefix, "objectRegistryData"),
                            Key::Details,
                        ),
                        own(
                            concat!($prefix, "objectRawDataStr"),
                            Key::ScriptBlockText,
                        ),
                    ],
                    ..named!(
                        $prefix
                        "Trend Vision One, files, registry and scripts"
                        "the other endpoint activity data, by number or name"
                        ""
                    )
                },
            ],
        };

        const RULES: &[Rule] = &[
            when(
        did!($prefix "101" "TELEMETRY_FILE_CREATE"
                    "105" "TELEMETRY_FILE_COPY"),
                EventKind::FileCreation,
            ),
            when(
        did!($prefix "109" "TELEMETRY_FILE_MODIFY"),
                EventKind::FileModification,
            ),
            when(
        did!($prefix "106" "TELEMETRY_FILE_MOVE"),
                EventKind::FileRename,
            ),
            when(
        did!($prefix "103" "TELEMETRY_FILE_DELETE"),
                EventKind::FileDeletion,
            ),
            registry(
        did!($prefix "401" "TELEMETRY_REGISTRY_CREATE"),
                "CreateKey",
            ),
    registry(did!($prefix "402" "TELEMETRY_REGISTRY_SET"), "SetValue"),
            registry(
                Tell::All(&[
            did!($prefix "403" "TELEMETRY_REGISTRY_DELETE"),
                    Tell::Any(&[
                        Tell::Has(concat!($prefix, "objectRegistryValue")),
                        Tell::Has(concat!($prefix, "objectRegistryValueName")),
                    ]),
                ]),
                "DeleteValue",
            ),
            registry(
        did!($prefix "403" "TELEMETRY_REGISTRY_DELETE"),
                "DeleteKey",
            ),
            on(
                Platform::Windows,
                Tell::Is(
                    concat!($prefix, "eventId"),
                    &["11", "TELEMETRY_AMSI"],
                ),
                EventKind::ScriptBlock,
            ),
        ];
    };
}

/// Members in `detail`.
pub(super) mod detail {
    use super::*;

    activity!(
        "detail."
        Tell::All(&[
            Tell::Is("source", &["endpointActivityData"]),
            Tell::Has("detail.eventId"),
        ]),
        shared(&[
            hint("endpoint.name", Key::Computer),
            hint("eventTime", Key::EventTime),
        ])
    );
}

/// The same as a search answers.
pub(super) mod flat {
    use super::*;

    activity!(
        ""
        Tell::All(&[Tell::Has("eventSubId"), Tell::Has("eventId")]),
        shared(&[])
    );
}

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    const PROCESS: &str = r#"{"source":"endpointActivityData","detail":{"eventId":"1","eventSubId":2,"objectFilePath":"C:\\at.exe","objectCmd":"at","objectUser":"al","objectUserDomain":"E","processFilePath":"C:\\cmd.exe","eventTime":"1706933106000"}}"#;
    const EXPECTED: &str = r"windows/process_creation 2024-02-03T04:05:06Z User=E\al Image=C:\at.exe CommandLine=at ParentImage=C:\cmd.exe";

    /// What stands in `detail`.
    fn flat(record: &str) -> String {
        let (_, detail) = record.split_once("\"detail\":").unwrap();
        detail.strip_suffix('}').unwrap().to_owned()
    }

    #[test]
    fn a_process_is_read_with_its_detail_and_without() {
        assert_eq!(event(PROCESS), EXPECTED);
        assert_eq!(event(&flat(PROCESS)), EXPECTED);
        let named = PROCESS.replace(":2,", ":\"TELEMETRY_PROCESS_CREATE\",");
        assert_eq!(event(&named), EXPECTED);
        let text = flat(PROCESS).replace('\\', r"\\").replace('"', r#"\""#);
        let text = format!(
            r#"{{"source":"endpointActivityData","detail":"{text}"}}"#
        );
        assert_eq!(event(&text), EXPECTED);
    }

    #[test]
    fn what_processes_did() {
        for (rest, expected) in [
            (
                r#""eventId":2,"eventSubId":101,"objectFilePath":"C:\\b""#,
                r"windows/file_creation Image=C:\a.exe TargetFilename=C:\b",
            ),
            (
                r#""eventId":"5","eventSubId":"TELEMETRY_REGISTRY_SET","objectRegistryKeyHandle":"hklm\\software\\x","objectRegistryValue":"v","objectRegistryData":"1""#,
                r"windows/registry_event Image=C:\a.exe EventType=SetValue TargetObject=hklm\software\x\v Details=1",
            ),
            (
                r#""eventId":11,"eventSubId":901,"objectRawDataStr":"Get-X""#,
                "windows/script_block ScriptBlockText=Get-X",
            ),
        ] {
            let record =
                format!(r#"{{"processFilePath":"C:\\a.exe",{rest}}}"#);
            assert_eq!(event(&record), expected);
            let whole = format!(
                r#"{{"source":"endpointActivityData","detail":{record}}}"#
            );
            assert_eq!(event(&whole), expected);
        }
    }

    #[test]
    fn other_activity_is_understood_and_other_sources_are_not() {
        for record in [PROCESS.to_owned(), flat(PROCESS)] {
            let ended = record.replace(":2,", ":3,");
            assert_eq!(events(&ended).1.not_understood, 0);
            let other = record.replace("eventId", "other");
            assert!(events(&other).0.is_empty(), "{other}");
        }
    }
}
