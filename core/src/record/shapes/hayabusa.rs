/*!
What Hayabusa writes of an event: the values that its summary of the event
shows.
*/

use crate::record::keys::Key;
use crate::record::shape::{Layout, Member, copied, like};

pub(super) const LAYOUT: Layout = Layout {
    name: "Hayabusa",
    about: "the timeline's JSON: `Details` as an object or as a text",
    lost: "what the summary does not show; a row repeats for each rule",
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
        let expected = r"windows/process_creation 2024-02-03T04:05:06Z EventID=1 Channel=Sysmon Computer=ws1 User=E\ann Image=C:\a.exe CommandLine=a: -x OriginalFileName=a.exe ParentCommandLine=b";
        let object = r#"{"Cmdline":"a: -x","Proc":"C:\\a.exe","User":"E\\ann","ParentCmdline":"b"}"#;
        assert_eq!(event(&record(object)), expected);
        let text = r#""Cmdline: a: -x ¦ Proc: C:\\a.exe ¦ User: E\\ann ¦ LID: 0x1 ¦ ParentCmdline: b""#;
        assert_eq!(event(&record(text)), expected);
        let escaped = text.replace('¦', r"\u00a6");
        assert_eq!(event(&record(&escaped)), expected);
        let other = record(text).replace("Sysmon", "Sys");
        assert_eq!(events(&other).1.events, 0);
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
