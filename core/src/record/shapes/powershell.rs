/*!
Windows events as PowerShell, and tools that use the same interface, turn
them into JSON: `Get-WinEvent`, `Get-EventLog`.
*/

use crate::record::keys::Key;
use crate::record::raw::Rank::Own;
use crate::record::shape::{Form, Layout, copied, own, value};

pub(super) const LAYOUT: Layout = Layout {
    name: "Windows events of PowerShell",
    about: "Get-WinEvent and Get-EventLog through ConvertTo-Json",
    lost: "values that the message has not, where `Properties` are cut off",
    verified: true,
    members: &[
        copied("Id", Key::EventId),
        own("RecordId", Key::RecordNumber),
        own("UserId.Value", Key::WriterSid),
        own("TimeCreated.value", Key::EventTime),
        own("TimeGenerated.value", Key::EventTime),
        value("Properties", Key::Inserts, Own, Form::List),
        value("ReplacementStrings", Key::Inserts, Own, Form::List),
    ],
};

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    fn record(properties: &str) -> String {
        format!(
            r#"{{"Id":4688,"ProviderName":"Microsoft-Windows-Security-Auditing","LogName":"Security","ProcessId":4,"MachineName":"ws1","UserId":null,"TimeCreated":"\/Date(1706933106007)\/","Properties":{properties},"Message":"A new process has been created.\r\n\r\nCreator Subject:\r\n\tSecurity ID:\t\tS-1-5-21-1\r\n\tAccount Name:\t\tann\r\n\tAccount Domain:\t\tE\r\n\tLogon ID:\t\t0x3E7\r\n\r\nProcess Information:\r\n\tNew Process ID:\t\t0x1f4\r\n\tNew Process Name:\tC:\\a.exe\r\n\tCreator Process ID:\t0x1f0\r\n\tProcess Command Line:\ta.exe -x\r\n"}}"#
        )
    }

    const HEAD: &str = r"windows/process_creation 2024-02-03T04:05:06.007Z EventID=4688 Channel=Security Computer=ws1 User=E\ann Image=C:\a.exe CommandLine=a.exe -x";

    #[test]
    fn properties_have_names_by_their_place() {
        let properties = r#"[{"Value":{"BinaryLength":28,"Value":"S-1-5-21-1"}},{"Value":"ann"},{"Value":"E"},{"Value":999},{"Value":500},{"Value":"C:\\a.exe"},{"Value":"%%1936"},{"Value":496},{"Value":"a.exe -x"}]"#;
        let found = event(&record(properties));
        assert_eq!(
            found,
            format!(
                "{HEAD} ProcessId=500 ParentProcessId=496 SubjectUserSid=S-1-5-21-1 SubjectUserName=ann SubjectDomainName=E SubjectLogonId=999"
            )
        );
    }

    /// Where PowerShell stops to look into objects, it writes their types.
    #[test]
    fn values_come_from_the_message_where_properties_are_cut_off() {
        let name = "System.Diagnostics.Eventing.Reader.EventProperty";
        let names = format!("\"{name}\",").repeat(9);
        for properties in [
            format!("[{}]", names.trim_end_matches(',')),
            format!("\"{name} {name}\""),
            "null".to_owned(),
            "[]".to_owned(),
        ] {
            let found = event(&record(&properties));
            assert!(found.starts_with(HEAD), "{found}");
            assert!(found.contains("SubjectUserSid=S-1-5-21-1"), "{found}");
        }
        let script = format!(
            r#"{{"Id":4104,"ProviderName":"Microsoft-Windows-PowerShell","Properties":[{}],"Message":"Creating Scriptblock text (1 of 1):\r\nschtasks\r\n\r\nScriptBlock ID: 1-2\r\nPath: "}}"#,
            names
                .get(..names.len() - 1)
                .unwrap()
                .split(',')
                .take(5)
                .collect::<Vec<_>>()
                .join(",")
        );
        let found = event(&script);
        assert!(found.contains("ScriptBlockText=schtasks"), "{found}");
    }

    #[test]
    fn dates_may_be_objects() {
        let record = r#"{"EventID":4699,"Source":"Microsoft-Windows-Security-Auditing","MachineName":"ws1","TimeGenerated":{"value":"\/Date(1706933106007)\/","DateTime":"Saturday"},"ReplacementStrings":["S-1-5-18","ann","E","0x1","\\x",""]}"#;
        let found = event(record);
        assert!(found.starts_with("windows/task_deleted 2024-02-03T04:05:06.007Z EventID=4699 Computer=ws1"), "{found}");
    }

    #[test]
    fn an_id_alone_makes_no_event() {
        let record = r#"{"Id":4698,"Name":"x","Properties":["a"]}"#;
        assert_eq!(events(record).1.not_understood, 1);
    }
}
