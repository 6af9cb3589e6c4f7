/*!
Windows events on their way through Graylog: in GELF, whose members beyond its
own begin with an underscore, and as Graylog names what Beats send it.
*/

use crate::record::keys::Key;
use crate::record::shape::{
    Form, Layout, Member, copied, data, hint, own, prefix,
};

pub(super) const LAYOUT: Layout = Layout {
    name: "GELF and Graylog",
    about: "NXLog's GELF output, Graylog's own records of Winlogbeat",
    lost: "the kind of registry event where a severity stands in EventType",
    verified: false,
    members: MEMBERS,
};

const MEMBERS: &[Member] = &[
    prefix("_", "gelf"),
    data("gelf", Form::Text),
    own("gelf.EventID", Key::EventId),
    own("gelf.RecordNumber", Key::RecordNumber),
    own("gelf.SourceName", Key::Provider),
    own("gelf.ProviderName", Key::Provider),
    own("gelf.Channel", Key::Channel),
    own("gelf.Hostname", Key::Computer),
    own("gelf.EventTime", Key::EventTime),
    own("gelf.UserID", Key::WriterSid),
    own("gelf.AccountName", Key::AccountName),
    own("gelf.Domain", Key::AccountDomain),
    own("gelf.Message", Key::Message),
    copied("full_message", Key::Message),
    hint("short_message", Key::Message),
    prefix("winlogbeat_", "winlogbeat"),
    prefix("winlogbeat.winlog_event_data_", "EventData"),
    prefix("winlogbeat.event_data_", "EventData"),
    own("winlogbeat.winlog_event_id", Key::EventId),
    own("winlogbeat.winlog_record_id", Key::RecordNumber),
    own("winlogbeat.event_id", Key::EventId),
    copied("winlogbeat.event_code", Key::EventId),
    own("winlogbeat.winlog_provider_name", Key::Provider),
    own("winlogbeat.source_name", Key::Provider),
    copied("winlogbeat.event_provider", Key::Provider),
    own("winlogbeat.winlog_channel", Key::Channel),
    own("winlogbeat.log_name", Key::Channel),
    own("winlogbeat.winlog_computer_name", Key::Computer),
    own("winlogbeat.computer_name", Key::Computer),
    copied("winlogbeat.host_name", Key::Computer),
    own("winlogbeat.@timestamp", Key::Received),
    own("winlogbeat.winlog_user_identifier", Key::WriterSid),
    own("winlogbeat.user_identifier", Key::WriterSid),
    own("winlogbeat.message", Key::Message),
    copied("winlogbeat.process_executable", Key::Image),
    copied("winlogbeat.process_command_line", Key::CommandLine),
    copied("winlogbeat.process_parent_executable", Key::ParentImage),
    copied("winlogbeat.process_parent_command_line", Key::ParentCommandLine),
    copied("winlogbeat.registry_path", Key::TargetObject),
    copied("winlogbeat.file_path", Key::TargetFilename),
];

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    const GELF: &str = r#"{"version":"1.1","host":"ws1","short_message":"A scheduled task","timestamp":1706933106.5,"level":6,"_EventID":4698,"_Channel":"Security","_SourceName":"Microsoft-Windows-Security-Auditing","_EventType":"AUDIT_SUCCESS","_TaskName":"\\x","_TaskContent":"<Task/>"}"#;

    #[test]
    fn members_of_gelf_begin_with_an_underscore() {
        assert_eq!(
            event(GELF),
            r"windows/task_registered 2024-02-03T04:05:06.5Z EventID=4698 Channel=Security Computer=ws1 TaskName=\x TaskContent=<Task/>"
        );
        let without = GELF.replace("_EventID", "_Event");
        assert_eq!(events(&without).1.not_understood, 1);
        let other = GELF.replace("4698", "4624");
        assert_eq!(events(&other).1.others, 1);
    }

    #[test]
    fn graylog_writes_dots_as_underscores() {
        let record = r#"{"timestamp":"2024-02-03 04:05:06.500","source":"ws1","gl2_source_input":"1","winlogbeat_winlog_event_id":1,"winlogbeat_winlog_channel":"Microsoft-Windows-Sysmon/Operational","winlogbeat_winlog_provider_name":"Microsoft-Windows-Sysmon","winlogbeat_winlog_computer_name":"ws1","winlogbeat_winlog_event_data_Image":"C:\\a.exe","winlogbeat_winlog_event_data_CommandLine":"a -x"}"#;
        let expected = r"windows/process_creation 2024-02-03T04:05:06.5Z EventID=1 Channel=Microsoft-Windows-Sysmon/Operational Computer=ws1 Image=C:\a.exe CommandLine=a -x";
        assert_eq!(event(record), expected);
        let older = record
            .replace("_winlog_event", "_event")
            .replace("winlog_channel", "log_name")
            .replace("winlog_provider", "source")
            .replace("winlog_computer", "computer");
        assert_eq!(event(&older), expected);
        let other = record.replace("winlogbeat_winlog_event_id", "other_id");
        assert_eq!(events(&other).1.not_understood, 1);
    }
}
