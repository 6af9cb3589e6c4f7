/*!
Windows events as Splunk extracts and exports them: the labels of the rendered
message with underscores, and the names of its Common Information Model.
*/

use crate::record::keys::Key;
use crate::record::raw::Rank::{Copied, Hint};
use crate::record::shape::{Form, Layout, Member, copied, hint, value};

pub(super) const LAYOUT: Layout = Layout {
    name: "Splunk",
    about: "extracted fields of Windows events, alone or in an export",
    lost: "which section of the message an account stands in",
    verified: false,
    members: MEMBERS,
};

const MEMBERS: &[Member] = &[
    value("source", Key::Channel, Hint, Form::EventLog),
    value("sourcetype", Key::Channel, Hint, Form::EventLog),
    hint("signature_id", Key::EventId),
    hint("dest", Key::Computer),
    copied("New_Process_Name", Key::NewProcessName),
    copied("New_Process_ID", Key::NewProcessId),
    copied("Process_Command_Line", Key::CommandLine),
    copied("Creator_Process_Name", Key::ParentProcessName),
    copied("Creator_Process_ID", Key::ParentProcessId),
    copied("Mandatory_Label", Key::MandatoryLabel),
    first("Account_Name", Key::SubjectUserName),
    first("Account_Domain", Key::SubjectDomainName),
    first("Security_ID", Key::SubjectUserSid),
    first("Logon_ID", Key::SubjectLogonId),
    copied("Task_Name", Key::TaskName),
    copied("Task_Content", Key::TaskContent),
    copied("Task_New_Content", Key::TaskContent),
    hint("process", Key::CommandLine),
    hint("process_path", Key::Image),
    hint("parent_process", Key::ParentCommandLine),
    hint("parent_process_path", Key::ParentImage),
];

/// Of several the first counts: that of the subject.
const fn first(path: &'static str, key: Key) -> Member {
    value(path, key, Copied, Form::First)
}

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    #[test]
    fn labels_have_underscores() {
        let record = r#"{"EventCode":"4688","source":"XmlWinEventLog:Security","host":"ws1","New_Process_Name":"C:\\a.exe","Process_Command_Line":"a -x","Creator_Process_Name":"C:\\b.exe","Account_Name":["ann","-"],"Account_Domain":["E","-"]}"#;
        let expected = r"windows/process_creation EventID=4688 Channel=Security Computer=ws1 User=E\ann Image=C:\a.exe CommandLine=a -x ParentImage=C:\b.exe SubjectUserName=ann SubjectDomainName=E";
        assert_eq!(event(record), expected);
        assert_eq!(event(&record.replace("Xml", "")), expected);
        let renamed = record.replace("\"source\"", "\"sourcetype\"");
        assert_eq!(event(&renamed), expected);
        let result = format!(r#"{{"preview":false,"result":{record}}}"#);
        assert_eq!(event(&result), expected);
        // A file's path is no log.
        let other = record.replace("XmlWinEventLog:", "/var/log/");
        assert_eq!(events(&other).1.not_understood, 1);
    }

    #[test]
    fn values_that_were_not_extracted_come_from_the_message() {
        let record = r#"{"results":[{"EventCode":"4698","LogName":"Security","SourceName":"Microsoft Windows security auditing.","Task_Name":"\\x","Message":"A scheduled task was created.\r\n\r\nSubject:\r\n\tSecurity ID:\t\tS-1-5-18\r\n\tAccount Name:\t\tann\r\n\tAccount Domain:\t\tE\r\n\r\nTask Information:\r\n\tTask Name: \t\t\\y\r\n\tTask Content: \t\t<?xml version=\"1.0\"?>\r\n<Task>\r\n</Task>\r\n"}],"fields":[{"name":"EventCode"}]}"#;
        let (found, _) = events(record);
        assert_eq!(
            found,
            [
                "0: windows/task_registered EventID=4698 Channel=Security User=E\\ann TaskName=\\x TaskContent=<?xml version=\"1.0\"?>\r\n<Task>\r\n</Task> SubjectUserSid=S-1-5-18 SubjectUserName=ann SubjectDomainName=E"
            ]
        );
    }

    #[test]
    fn common_information_model() {
        let record = r#"{"signature_id":1,"source":"XmlWinEventLog:Microsoft-Windows-Sysmon/Operational","dest":"ws1","process":"a -x","process_path":"C:\\a.exe","parent_process":"b","parent_process_path":"C:\\b.exe"}"#;
        assert_eq!(
            event(record),
            r"windows/process_creation EventID=1 Channel=Microsoft-Windows-Sysmon/Operational Computer=ws1 Image=C:\a.exe CommandLine=a -x ParentImage=C:\b.exe ParentCommandLine=b"
        );
    }
}
