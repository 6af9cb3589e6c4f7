/*!
Windows events as converters from EVTX write them: the event's XML as objects.
*/

use crate::record::keys::Key;
use crate::record::raw::Rank::{Hint, Own};
use crate::record::shape::{
    Form, Layout, Member, data, like, own, pairs, records, value,
};

pub(super) const LAYOUT: Layout = Layout {
    name: "Windows events, nested",
    about: "the event's XML as objects: evtx_dump, chainsaw, Winlogbeat 6",
    lost: "",
    verified: true,
    members: MEMBERS,
};

const MEMBERS: &[Member] = &[
    records("Event"),
    like("Event.System", "System"),
    like("Event.EventData", "EventData"),
    like("Event.UserData", "UserData"),
    like("UserData.*", "EventData"),
    like("event_data", "EventData"),
    like("user_data", "EventData"),
    pairs("EventData.Data", "EventData"),
    data("EventData", Form::Text),
    // As text: the element itself; as a list: values without names.
    value("EventData", Key::DataText, Own, Form::ListOrText),
    // Grafana's agents keep the elements as they are.
    value("event_data", Key::DataText, Own, Form::Text),
    // Log Analytics has the values without their names, each in an element.
    value("ParameterXml", Key::DataText, Hint, Form::Text),
    value("EventData.Data", Key::DataText, Own, Form::List),
    value("EventData.#text", Key::DataText, Own, Form::List),
    like("ExtraEventData", "EventData"),
    like("Provider", "System.Provider"),
    like("System.Provider_attributes", "System.Provider"),
    like("System.Provider.#attributes", "System.Provider"),
    own("System.Provider.Name", Key::Provider),
    own("System.Provider.@Name", Key::Provider),
    like("EventID", "System.EventID"),
    own("System.EventID", Key::EventId),
    own("System.EventID.#text", Key::EventId),
    own("System.EventID.Value", Key::EventId),
    own("System.EventID.value", Key::EventId),
    like("System.TimeCreated_attributes", "System.TimeCreated"),
    like("System.TimeCreated.#attributes", "System.TimeCreated"),
    own("System.TimeCreated", Key::SystemTime),
    own("System.TimeCreated.SystemTime", Key::SystemTime),
    own("System.TimeCreated.@SystemTime", Key::SystemTime),
    own("System.Channel", Key::Channel),
    own("System.EventRecordID", Key::RecordNumber),
    own("System.Computer", Key::Computer),
    like("System.Security_attributes", "System.Security"),
    like("System.Security.#attributes", "System.Security"),
    own("System.Security.UserID", Key::WriterSid),
    own("System.Security.@UserID", Key::WriterSid),
    own("System.Security.UserId", Key::WriterSid),
    own("System.Security.@UserId", Key::WriterSid),
];

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::event;

    #[test]
    fn a_list_of_texts_has_names_by_their_places() {
        for data in [r#"["\\x","E\\ann"]"#, r##"{"#text":["\\x","E\\ann"]}"##]
        {
            let record = format!(
                r##"{{"Event":{{"System":{{"Provider":{{"#attributes":{{"Name":"Microsoft-Windows-TaskScheduler"}}}},"EventID":106}},"EventData":{{"Data":{data}}}}}}}"##
            );
            let expected =
                r"windows/task_scheduler EventID=106 User=E\ann TaskName=\x";
            assert_eq!(event(&record), expected, "{record}");
        }
    }
}
