/*!
Windows events whose data is a JSON object in a string: EvtxECmd's `Payload`,
osquery's `data`.
*/

use crate::record::keys::Key;
use crate::record::shape::{Layout, Member, copied, hint, like, own};

pub(super) const LAYOUT: Layout = Layout {
    name: "Windows events with data in a string",
    about: "EvtxECmd's JSON and osquery's windows_events",
    lost: "",
    verified: true,
    members: MEMBERS,
};

const MEMBERS: &[Member] = &[
    own("Payload", Key::DataText),
    // Where that is left out.
    hint("ExecutableInfo", Key::CommandLine),
    // Where a collector has read the text already.
    like("Payload.EventData", "EventData"),
    like("Payload.UserData", "UserData"),
    own("columns.data", Key::DataText),
    own("columns.eventid", Key::EventId),
    own("columns.provider_name", Key::Provider),
    own("columns.source", Key::Channel),
    own("columns.channel", Key::Channel),
    own("columns.computer_name", Key::Computer),
    own("columns.datetime", Key::SystemTime),
    hint("hostIdentifier", Key::Computer),
    hint("unixTime", Key::Received),
    // A row by itself.
    copied("data", Key::DataText),
    copied("eventid", Key::EventId),
    copied("datetime", Key::SystemTime),
];

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    const EXPECTED: &str = r"windows/task_deleted 2024-02-03T04:05:06Z EventID=4699 Channel=Security Computer=ws1 User=ann TaskName=\x SubjectUserName=ann";

    fn evtxecmd(payload: &str) -> String {
        let payload = payload.replace('\\', r"\\").replace('"', r#"\""#);
        format!(
            r#"{{"PayloadData1":"prose","MapDescription":"x","ChunkNumber":0,"Computer":"ws1","Payload":"{payload}","Channel":"Security","Provider":"Microsoft-Windows-Security-Auditing","EventId":4699,"ProcessId":4,"TimeCreated":"2024-02-03T04:05:06.0000000+00:00"}}"#
        )
    }

    #[test]
    fn payload_holds_the_events_data() {
        for payload in [
            r##"{"EventData":{"Data":[{"@Name":"SubjectUserName","#text":"ann"},{"@Name":"TaskName","#text":"\\x"}]}}"##,
            r#" {"UserData":{"x":{"SubjectUserName":"ann","TaskName":"\\x"}}}"#,
        ] {
            let found = event(&evtxecmd(payload));
            assert_eq!(found.replace(" ProcessId=4", ""), EXPECTED);
        }
        let one =
            r##"{"EventData":{"Data":{"@Name":"TaskName","#text":"\\x"}}}"##;
        assert!(event(&evtxecmd(one)).contains(r"TaskName=\x"));
        // Read already, by a collector.
        let text = r##"{"EventData":{"Data":[{"@Name":"SubjectUserName","#text":"ann"},{"@Name":"TaskName","#text":"\\x"}]}}"##;
        let object = evtxecmd("PAYLOAD").replace("\"PAYLOAD\"", text);
        assert_eq!(event(&object).replace(" ProcessId=4", ""), EXPECTED);
        // What it says of itself is none of its business.
        let own =
            r#"{"EventID":1,"Channel":"x","EventData":{"TaskName":"x"}}"#;
        assert!(event(&evtxecmd(own)).contains("EventID=4699 Channel=Sec"));
        for other in ["", "text", r#"{"EventData":{"Data":"a, b"}}"#] {
            let found = event(&evtxecmd(other));
            assert!(!found.contains("TaskName"), "{found}");
        }
        let broken = evtxecmd(r#"{"EventData":"#);
        let read = crate::record::Reader::new().read(
            crate::record::Format::Json,
            broken.as_bytes(),
            |_, _| {},
        );
        assert_eq!(read.unwrap_err().offset(), broken.find(r#"{\""#).unwrap());
    }

    /// Whatever it is.
    #[test]
    fn every_value_of_the_payload_is_read() {
        let record = r#"{"EventId":1,"Provider":"Microsoft-Windows-Sysmon","Payload":"{\"EventData\":{\"Image\":\"i\",\"User\":\"u\",\"CommandLine\":\"c\"}}"}"#;
        assert_eq!(
            event(record),
            "windows/process_creation EventID=1 User=u Image=i CommandLine=c"
        );
    }

    #[test]
    fn osquery_has_rows_with_and_without_an_envelope() {
        let data = r#""data":"{\"EventData\":{\"SubjectUserName\":\"ann\",\"TaskName\":\"\\\\x\"}}","datetime":"2024-02-03T04:05:06Z","source":"Security","provider_name":"Microsoft-Windows-Security-Auditing","computer_name":"ws1","eventid":"4699""#;
        let result = format!(
            r#"{{"name":"pack_x_windows_events","hostIdentifier":"h","unixTime":1706933107,"columns":{{{data}}},"action":"added"}}"#
        );
        assert_eq!(event(&result), EXPECTED);
        let row = event(&format!("{{{data}}}"));
        assert_eq!(row, EXPECTED.replace(" Channel=Security", ""));
        let snapshot = format!(
            r#"{{"snapshot":[{{{data}}},{{{data}}}],"name":"x","action":"snapshot"}}"#
        );
        let expected = EXPECTED.replace(" Channel=Security", "");
        let expected = [0, 1].map(|item| format!("{item}: {expected}"));
        assert_eq!(events(&snapshot).0, expected);
        let other =
            result.replace("provider_name", "x").replace("source", "y");
        assert_eq!(events(&other).1.events, 0);
    }
}
