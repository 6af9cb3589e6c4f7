/*!
What Hayabusa writes of an event: the values that its summary of the event
shows.
*/

use crate::record::keys::Key;
use crate::record::shape::{Layout, Member, copied, like, own};

pub(super) const LAYOUT: Layout = Layout {
    name: "Hayabusa",
    about: "the timeline's JSON: `Details` as an object or as a text",
    lost: "what the summary does not show",
    verified: false,
    members: MEMBERS,
};

/// `Details` as a text is read as a summary is.
const MEMBERS: &[Member] = &[
    copied("Details.Cmdline", Key::CommandLine),
    copied("Details.Proc", Key::Image),
    copied("Details.User", Key::User),
    copied("Details.ParentCmdline", Key::ParentCommandLine),
    copied("Details.TgtObj", Key::TargetObject),
    copied("Details.ScriptBlock", Key::ScriptBlockText),
    copied("Details.Path", Key::TargetFilename),
    copied("Details.Name", Key::TaskName),
    copied("Details.Content", Key::TaskContent),
    own("RuleTitle", Key::RuleTitle),
    own("RecordID", Key::RecordNumber),
    like("ExtraFieldInfo", "EventData"),
];

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    fn record(details: &str) -> String {
        format!(
            r#"{{"Timestamp":"2024-02-03 04:05:06.000 +00:00","RuleTitle":"x","Level":"info","Computer":"ws1","Channel":"Sysmon","EventID":1,"RecordID":7,"Details":{details},"ExtraFieldInfo":{{"OriginalFileName":"a.exe"}}}}"#
        )
    }

    #[test]
    fn details_are_values_under_other_names() {
        let expected = r"windows/process_creation 2024-02-03T04:05:06Z EventID=1 Channel=Sysmon Computer=ws1 User=E\ann EventRecordID=7 Image=C:\a.exe CommandLine=a: -x OriginalFileName=a.exe ParentCommandLine=b";
        let object = r#"{"Cmdline":"a: -x","Proc":"C:\\a.exe","User":"E\\ann","ParentCmdline":"b"}"#;
        assert_eq!(event(&record(object)), expected);
        let text = r#""Cmdline: a: -x ¦ Proc: C:\\a.exe ¦ User: E\\ann ¦ LID: 0x1 ¦ ParentCmdline: b""#;
        assert_eq!(event(&record(text)), expected);
        let escaped = text.replace('¦', r"\u00a6");
        assert_eq!(event(&record(&escaped)), expected);
        let other = record(text).replace("Sysmon", "Sys");
        assert_eq!(events(&other).1.events, 0);
    }

    #[test]
    fn details_of_a_task_and_a_file() {
        let task = record(r#""Name: \\x ¦ Content: <Task/> ¦ User: ann""#)
            .replace("\"Sysmon\",\"EventID\":1", "\"Sec\",\"EventID\":4698");
        assert!(
            event(&task)
                .ends_with(r"EventRecordID=7 TaskName=\x TaskContent=<Task/>"),
            "{}",
            event(&task)
        );
        let file = record(r#"{"Path":"C:\\x","Proc":"a.exe"}"#)
            .replace("\"EventID\":1", "\"EventID\":11");
        assert!(event(&file).contains(r"TargetFilename=C:\x"));
    }

    /// Details of a registry event may quote anything.
    #[test]
    fn details_of_an_event_with_values_are_no_summary() {
        let record = r#"{"EventID":13,"Channel":"Microsoft-Windows-Sysmon/Operational","TargetObject":"k","Details":"x ¦ Proc: a.exe"}"#;
        let found = event(record);
        assert!(found.contains("Details=x ¦ Proc: a.exe"), "{found}");
        assert!(!found.contains("Image="), "{found}");
    }
}
