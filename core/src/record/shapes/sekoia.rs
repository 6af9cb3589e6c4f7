/*!
Windows events of SEKOIA's agent.
*/

use crate::record::keys::Key;
use crate::record::shape::{Form, Layout, data, own};

pub(super) const LAYOUT: Layout = Layout {
    name: "SEKOIA agent",
    about: "Windows events: `action.properties` beside `event.code`",
    lost: "",
    verified: true,
    members: &[
        own("action.properties.SourceName", Key::Provider),
        data("action.properties", Form::Text),
    ],
};

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    #[test]
    fn properties_are_the_events_data() {
        let record = r#"{"user":{"name":"ann","domain":"E"},"action":{"properties":{"SourceName":"Microsoft-Windows-Security-Auditing","SubjectUserName":"ann","SubjectDomainName":"E","TaskName":"\\x","EventType":"AUDIT_SUCCESS"},"id":4699},"event":{"provider":"SEKOIA-IO-Endpoint","code":4699},"host":{"hostname":"ws1"},"@timestamp":"2024-02-03T04:05:06Z"}"#;
        assert_eq!(
            event(record),
            r"windows/task_deleted 2024-02-03T04:05:06Z EventID=4699 Computer=ws1 User=E\ann TaskName=\x SubjectUserName=ann SubjectDomainName=E"
        );
        for (from, to) in [("SourceName", "x"), ("\"code\"", "\"x\"")] {
            let other = record.replace(from, to);
            assert_eq!(events(&other).1.events, 0, "{from}");
        }
    }
}
