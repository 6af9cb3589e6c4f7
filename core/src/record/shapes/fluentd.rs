/*!
Windows events of fluentd's and other collectors' that take the rendered
message apart, or hand it on.
*/

use crate::record::keys::Key;
use crate::record::raw::Rank::Own;
use crate::record::shape::{Form, Layout, Member, copied, hint, own, value};

pub(super) const LAYOUT: Layout = Layout {
    name: "fluentd",
    about: "windows_eventlog and windows_eventlog2, Kinesis Agent",
    lost: "",
    verified: true,
    members: MEMBERS,
};

const MEMBERS: &[Member] = &[
    value("string_inserts", Key::Inserts, Own, Form::List),
    copied("description", Key::Message),
    // Sysmon calls what a program is by this name, too.
    hint("Description", Key::Message),
    hint("time_generated", Key::EventTime),
    // The labels of the message, with `parse_description`.
    own("subject.security_id", Key::SubjectUserSid),
    own("subject.account_name", Key::SubjectUserName),
    own("subject.account_domain", Key::SubjectDomainName),
    own("subject.logon_id", Key::SubjectLogonId),
    own("creator_subject.security_id", Key::SubjectUserSid),
    own("creator_subject.account_name", Key::SubjectUserName),
    own("creator_subject.account_domain", Key::SubjectDomainName),
    own("creator_subject.logon_id", Key::SubjectLogonId),
    own("target_subject.account_name", Key::TargetUserName),
    own("process_information.new_process_id", Key::NewProcessId),
    own("process_information.new_process_name", Key::NewProcessName),
    own("process_information.mandatory_label", Key::MandatoryLabel),
    own("process_information.creator_process_id", Key::ParentProcessId),
    own("process_information.creator_process_name", Key::ParentProcessName),
    own("process_information.process_command_line", Key::CommandLine),
    own("task_information.task_name", Key::TaskName),
    own("task_information.task_content", Key::TaskContent),
    own("task_information.task_new_content", Key::TaskContent),
];

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    const EXPECTED: &str = r"windows/task_deleted EventID=4699 Channel=Security Computer=ws1 User=E\ann TaskName=\x SubjectUserSid=S-1-5-18 SubjectUserName=ann SubjectDomainName=E SubjectLogonId=0x1";

    #[test]
    fn data_is_a_list_in_the_templates_order() {
        let record = r#"{"ProviderName":"Microsoft-Windows-Security-Auditing","EventID":"4699","Channel":"Security","Computer":"ws1","Description":"A scheduled task was deleted.","EventData":["S-1-5-18","ann","E","0x1","\\x",""]}"#;
        let found = event(record);
        assert_eq!(found.replace(" TaskContent=", ""), EXPECTED);
        let kinesis = record
            .replace("EventID", "EventId")
            .replace("Channel", "LogName")
            .replace("\"Computer", "\"MachineName");
        assert_eq!(event(&kinesis), found);
        let other = record.replace("EventData", "Other");
        assert!(!event(&other).contains("TaskName"));
    }

    #[test]
    fn labels_of_the_message_are_members() {
        let record = r#"{"ProviderName":"Microsoft-Windows-Security-Auditing","EventID":"4699","Channel":"Security","Computer":"ws1","DescriptionTitle":"A scheduled task was deleted.","subject.security_id":"S-1-5-18","subject.account_name":"ann","subject.account_domain":"E","subject.logon_id":"0x1","task_information.task_name":"\\x"}"#;
        assert_eq!(event(record), EXPECTED);
    }

    #[test]
    fn the_older_plugins_channels_are_in_small_letters() {
        let record = r#"{"channel":"security","record_number":"7","time_generated":"2024-02-03 04:05:06 +0000","event_id":"4699","event_type":"audit_success","source_name":"Microsoft-Windows-Security-Auditing","computer_name":"ws1","description":"x","string_inserts":["S-1-5-18","ann","E","0x1","\\x",""]}"#;
        let found = event(record).replace(" TaskContent=", "");
        let expected = EXPECTED
            .replace("Security", "security")
            .replace("task_deleted", "task_deleted 2024-02-03T04:05:06Z")
            .replace(r" TaskName", " EventRecordID=7 TaskName");
        assert_eq!(found, expected);
        let other = record.replace("4699", "4624");
        assert_eq!(events(&other).1.events, 0);
    }
}
