/*!
Windows events of OpenTelemetry's collector, and its own envelope around log
records of every kind (OTLP).
*/

use crate::record::keys::Key;
use crate::record::raw::Rank::Own;
use crate::record::shape::{
    Form, Layout, Member, copied, hint, own, pairs, records, value,
};

pub(super) const LAYOUT: Layout = Layout {
    name: "OpenTelemetry",
    about: "OTLP log records, and the Windows event log receiver's bodies",
    lost: "values that are lists",
    verified: true,
    members: MEMBERS,
};

const MEMBERS: &[Member] = &[
    records("resourceLogs"),
    records("scopeLogs"),
    // As versions before 1.0 call it.
    records("instrumentationLibraryLogs"),
    records("logRecords"),
    pairs("resource.attributes", "resource"),
    copied("resource.host.name", Key::Computer),
    pairs("attributes", ""),
    own("timeUnixNano", Key::EventTime),
    copied("observedTimeUnixNano", Key::EventTime),
    own("body.stringValue", Key::Original),
    pairs("body.kvlistValue.values", ""),
    // The receiver's body.
    own("event_id.id", Key::EventId),
    copied("record_id", Key::RecordNumber),
    own("provider.name", Key::Provider),
    copied("channel", Key::Channel),
    copied("computer", Key::Computer),
    hint("system_time", Key::SystemTime),
    pairs("EventData.data", "EventData"),
    // Values without names.
    value("EventData.data", Key::DataText, Own, Form::List),
];

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};
    use crate::record::{Format, Reader};

    /// A log record with a body, in its envelope.
    fn envelope(body: &str) -> String {
        format!(
            r#"{{"resourceLogs":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"x"}}}},{{"key":"host.name","value":{{"stringValue":"ws1"}}}}]}},"scopeLogs":[{{"scope":{{}},"logRecords":[{{"timeUnixNano":"1706933106000000000","body":{body}}}]}}]}}]}}"#
        )
    }

    const EXPECTED: &str = r"windows/task_registered 2024-02-03T04:05:06Z EventID=4698 Channel=Security Computer=ws1 User=E\ann TaskName=\upd SubjectUserName=ann SubjectDomainName=E";

    #[test]
    fn a_body_of_names_and_values_is_read_as_an_object() {
        let body = r#"{"kvlistValue":{"values":[{"key":"channel","value":{"stringValue":"Security"}},{"key":"event_id","value":{"kvlistValue":{"values":[{"key":"qualifiers","value":{"intValue":"0"}},{"key":"id","value":{"intValue":"4698"}}]}}},{"key":"event_data","value":{"kvlistValue":{"values":[{"value":{"stringValue":"\\upd"},"key":"TaskName"},{"key":"SubjectUserName","value":{"stringValue":"ann"}},{"key":"SubjectDomainName","value":{"stringValue":"E"}}]}}}]}}"#;
        let (events, reading) = events(&envelope(body));
        assert_eq!(events, [format!("0: {EXPECTED}")]);
        assert_eq!(reading.events, 1);
        // Cut short, it is an error and never a part of one.
        let record = envelope(body);
        let end = record.rfind("}]}]}]}").unwrap();
        for at in 1..record.len() {
            let mut events = 0;
            let read = Reader::new().read(
                Format::Json,
                &record.as_bytes()[..at],
                |_, _| events += 1,
            );
            assert!(read.is_err(), "cut at {at}");
            assert_eq!(events, usize::from(at > end), "cut at {at}");
        }
    }

    #[test]
    fn lists_of_pairs_are_read_as_objects() {
        let body = r#"{"kvlistValue":{"values":[{"key":"channel","value":{"stringValue":"Security"}},{"key":"event_id","value":{"kvlistValue":{"values":[{"key":"id","value":{"intValue":"4698"}}]}}},{"key":"event_data","value":{"kvlistValue":{"values":[{"key":"data","value":{"arrayValue":{"values":[{"kvlistValue":{"values":[{"key":"TaskName","value":{"stringValue":"\\upd"}}]}},{"kvlistValue":{"values":[{"key":"SubjectUserName","value":{"stringValue":"ann"}},{"key":"SubjectDomainName","value":{"stringValue":"E"}}]}}]}}}]}}}]}}"#;
        assert_eq!(events(&envelope(body)).0, [format!("0: {EXPECTED}")]);
    }

    #[test]
    fn a_body_of_text_is_read_as_a_record() {
        let xml = r#"<Event><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4698</EventID><Channel>Security</Channel></System><EventData><Data Name='TaskName'>\\upd</Data><Data Name='SubjectUserName'>ann</Data><Data Name='SubjectDomainName'>E</Data></EventData></Event>"#;
        let body = format!(r#"{{"stringValue":"{xml}"}}"#);
        let (events, _) = events(&envelope(&body));
        assert_eq!(events, [format!("0: {EXPECTED}")]);
    }

    #[test]
    fn the_receivers_body_is_a_windows_event() {
        let data = r#"{"TaskName":"\\upd","SubjectUserName":"ann","SubjectDomainName":"E"}"#;
        let list = r#"{"data":[{"TaskName":"\\upd"},{"SubjectUserName":"ann"},{"SubjectDomainName":"E"}]}"#;
        for data in [data, list] {
            let record = format!(
                r#"{{"channel":"Security","computer":"ws1","event_id":{{"id":4698,"qualifiers":0}},"provider":{{"name":"Microsoft-Windows-Security-Auditing"}},"system_time":"2024-02-03T04:05:06Z","event_data":{data}}}"#
            );
            assert_eq!(event(&record), EXPECTED);
        }
        let list = r#"{"channel":"Security","computer":"ws1","event_id":{"id":4698},"system_time":"2024-02-03T04:05:06Z","event_data":{"data":["S-1","ann","E","0x1","\\upd","<Task/>"]}}"#;
        let read = event(list);
        assert!(read.contains(r"TaskName=\upd TaskContent=<Task/>"), "{read}");
    }
}
