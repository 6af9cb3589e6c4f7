/*!
Windows events of Fluent Bit's and other collectors' that keep the values of
an event in a list, in the order of the event's template.
*/

use crate::record::keys::Key;
use crate::record::raw::Rank::Own;
use crate::record::shape::{Form, Layout, Member, copied, value};

pub(super) const LAYOUT: Layout = Layout {
    name: "Windows events with values in a list",
    about: "Fluent Bit's in_winlog and in_winevtlog (StringInserts), plaso",
    lost: "all values where the list is not the template's length",
    verified: true,
    members: MEMBERS,
};

const MEMBERS: &[Member] = &[
    value("StringInserts", Key::Inserts, Own, Form::List),
    // plaso's, where it has no XML.
    value("strings", Key::Inserts, Own, Form::List),
    copied("event_identifier", Key::EventId),
];

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::event;

    fn security(id: u32, inserts: &str) -> String {
        format!(
            r#"{{"ProviderName":"Microsoft-Windows-Security-Auditing","EventID":{id},"Channel":"Security","Computer":"ws1","Message":"..","StringInserts":[{inserts}]}}"#
        )
    }

    #[test]
    fn values_have_names_by_their_place() {
        let task = r#""S-1-5-21-1","al","CORP","0x3e7","\\upd","<?xml version=\"1.0\"?><Task/>""#;
        let expected = r#"windows/task_registered EventID=4698 Channel=Security Computer=ws1 User=CORP\al TaskName=\upd TaskContent=<?xml version="1.0"?><Task/> SubjectUserSid=S-1-5-21-1 SubjectUserName=al SubjectDomainName=CORP SubjectLogonId=0x3e7"#;
        assert_eq!(event(&security(4698, task)), expected);
        let longer = format!(r#"{task},"1","2","3","4","h""#);
        assert_eq!(event(&security(4698, &longer)), expected);
        let process = r#""S-1-5-18","ws1$","CORP","0x3e7",500,"C:\\a.exe","%%1936","0x1f4","a.exe -x""#;
        let expected = r"windows/process_creation EventID=4688 Channel=Security Computer=ws1 User=CORP\ws1$ Image=C:\a.exe CommandLine=a.exe -x ProcessId=500 ParentProcessId=0x1f4 SubjectUserSid=S-1-5-18 SubjectUserName=ws1$ SubjectDomainName=CORP SubjectLogonId=0x3e7";
        assert_eq!(event(&security(4688, process)), expected);
    }

    #[test]
    fn sysmons_lists_differ_by_version() {
        let record = |inserts: &str| {
            format!(
                r#"{{"ProviderName":"Microsoft-Windows-Sysmon","EventID":11,"Channel":"Microsoft-Windows-Sysmon/Operational","StringInserts":[{inserts}]}}"#
            )
        };
        let expected = "windows/file_creation EventID=11 Channel=Microsoft-Windows-Sysmon/Operational Image=a ProcessId=7 TargetFilename=b";
        let six = r#""2024-02-03 04:05:06.000","g","7","a","b","x""#;
        assert!(
            event(&record(six))
                .ends_with("Image=a ProcessId=7 TargetFilename=b")
        );
        let seven = format!(r#""-",{six}"#);
        assert_eq!(event(&record(&seven)), event(&record(six)));
        let eight = format!(r#"{seven},"u""#);
        assert!(event(&record(&eight)).contains("User=u"));
        let _ = expected;
    }

    #[test]
    fn shares_and_the_directory() {
        let share = r#""S-1","al","CORP","0x1","File","10.0.0.1","5000","\\\\*\\IPC$","","atsvc","0x3","x","-""#;
        let expected = r"windows/share_access EventID=5145 Channel=Security Computer=ws1 User=CORP\al SubjectUserSid=S-1 SubjectUserName=al SubjectDomainName=CORP SubjectLogonId=0x1 ShareName=\\*\IPC$ RelativeTargetName=atsvc IpAddress=10.0.0.1 AccessMask=0x3";
        assert_eq!(event(&security(5145, share)), expected);
        let change = r#""{o}","-","S-1","al","CORP","0x1","d","t","CN=x","{g}","groupPolicyContainer","gPCMachineExtensionNames","s","[v]","%%14674""#;
        let found = event(&security(5136, change));
        let expected = "ObjectDN=CN=x ObjectClass=groupPolicyContainer AttributeLDAPDisplayName=gPCMachineExtensionNames AttributeValue=[v] OperationType=%%14674";
        assert!(found.ends_with(expected), "{found}");
    }

    #[test]
    fn plaso_keeps_the_strings_without_the_xml() {
        let record = r#"{"data_type":"windows:evtx:record","event_identifier":4699,"source_name":"Microsoft-Windows-Security-Auditing","computer_name":"ws1","strings":["S-1","al","CORP","0x1","\\upd",""]}"#;
        let found = event(record);
        assert!(found.contains(r"TaskName=\upd "), "{found}");
    }

    #[test]
    fn text_has_a_value_a_line() {
        let record = r#"{"date":1.5,"log":"ProviderName=Microsoft-Windows-Security-Auditing\nEventID=4699\nTimeCreated=2024-02-03 04:05:06 +0000\nChannel=Security\nComputer=ws1\nMessage=A scheduled task was deleted.\n\nTask Information:\n\tTask Name: \t\t\\x\n"}"#;
        assert_eq!(
            event(record),
            r"windows/task_deleted 2024-02-03T04:05:06Z EventID=4699 Channel=Security Computer=ws1 TaskName=\x"
        );
    }

    /// A list that lost a value would shift all that come after it.
    #[test]
    fn a_list_of_another_length_or_content_has_no_names() {
        let bare = "windows/task_registered EventID=4698 Channel=Security Computer=ws1";
        let short = r#""S-1-5-21-1","al","CORP","0x3e7","\\upd""#;
        assert_eq!(event(&security(4698, short)), bare);
        let shifted = r#""al","CORP","0x3e7","\\upd","<Task/>","x""#;
        assert_eq!(event(&security(4698, shifted)), bare);
        assert_eq!(event(&security(4698, "")), bare);
    }

    #[test]
    fn a_named_value_counts_more_than_a_place() {
        let record = security(
            4698,
            r#""S-1-5-21-1","al","CORP","0x3e7","\\upd","<Task/>""#,
        );
        let record =
            record.replace("\"Message\"", r#""TaskName":"\\own","x""#);
        assert!(event(&record).contains(r"TaskName=\own "), "{record}");
    }
}
