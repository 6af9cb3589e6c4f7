/*!
Windows events as one flat object.
*/

use crate::record::keys::Key;
use crate::record::shape::{Form, Layout, Member, copied, data, hint, own};

pub(super) const LAYOUT: Layout = Layout {
    name: "Windows events, flat",
    about: "one object with Windows' own names: NXLog, Logstash, Sentinel",
    lost: "the kind of registry event where a severity stands in EventType",
    verified: true,
    members: MEMBERS,
};

const MEMBERS: &[Member] = &[
    data("", Form::Text),
    own("EventID", Key::EventId),
    own("EventRecordID", Key::RecordNumber),
    own("EventRecordId", Key::RecordNumber),
    copied("RecordNumber", Key::RecordNumber),
    copied("record_number", Key::RecordNumber),
    copied("EventId", Key::EventId),
    copied("EventCode", Key::EventId),
    copied("event_id", Key::EventId),
    own("SourceName", Key::Provider),
    own("ProviderName", Key::Provider),
    own("source_name", Key::Provider),
    own("provider_name", Key::Provider),
    own("EventSourceName", Key::Provider),
    own("Provider", Key::Provider),
    copied("Source", Key::Provider),
    own("Channel", Key::Channel),
    own("LogName", Key::Channel),
    own("log_name", Key::Channel),
    own("EventLog", Key::Channel),
    own("Hostname", Key::Computer),
    own("Computer", Key::Computer),
    own("ComputerName", Key::Computer),
    own("computer_name", Key::Computer),
    own("MachineName", Key::Computer),
    hint("host", Key::Computer),
    own("EventTime", Key::EventTime),
    own("TimeCreated", Key::EventTime),
    own("TimeGenerated", Key::EventTime),
    // As Log Analytics exports tables.
    copied("TimeGenerated [UTC]", Key::EventTime),
    copied("time", Key::EventTime),
    copied("_time", Key::EventTime),
    own("@timestamp", Key::Received),
    hint("Timestamp", Key::Received),
    own("UserID", Key::WriterSid),
    own("UserId", Key::WriterSid),
    own("AccountName", Key::AccountName),
    own("Domain", Key::AccountDomain),
    own("Message", Key::Message),
    own("message", Key::Message),
];

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    #[test]
    fn ids_may_have_been_through_floating_point() {
        let record =
            r#"{"EventID":4699.0,"Channel":"Security","TaskName":"x"}"#;
        let expected =
            "windows/task_deleted EventID=4699 Channel=Security TaskName=x";
        assert_eq!(event(record), expected);
        let other = record.replace("4699.0", "4699.5");
        assert_eq!(events(&other).1.events, 0);
    }
}
