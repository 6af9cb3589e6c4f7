//! Records of every format, each of which matches something.

/// A record that a detection matches.
pub struct Sample {
    /// The name of its format.
    pub format: &'static str,
    /// The slug of the detection.
    pub slug: &'static str,
    /// The record itself.
    pub record: &'static str,
}

/// One of each format.
pub const RECORDS: [Sample; 4] = [
    Sample {
        format: "json",
        slug: "windows_schtasks_create_run_as_system",
        record: r#"{"EventID":1,"SourceName":"Microsoft-Windows-Sysmon","Channel":"Microsoft-Windows-Sysmon/Operational","Image":"C:\\Windows\\System32\\schtasks.exe","CommandLine":"schtasks /create /tn x /ru SYSTEM /tr a.exe"}"#,
    },
    Sample {
        format: "xml",
        slug: "windows_schtasks_create_run_as_system",
        record: "<Event xmlns='urn:e'><System><Provider Name='Microsoft-Windows-Sysmon'/><EventID>1</EventID><Channel>Microsoft-Windows-Sysmon/Operational</Channel></System><EventData><Data Name='Image'>C:\\Windows\\System32\\schtasks.exe</Data><Data Name='CommandLine'>schtasks /create /tn x /ru SYSTEM /tr &quot;a&quot;</Data></EventData></Event>",
    },
    Sample {
        format: "auditd",
        slug: "linux_auditd_possible_append_cronjob_entry_on_existing_cronjob_file",
        record: "type=PATH msg=audit(1700000000.042:77): item=1 name=\"/etc/cron.d/x\" inode=1 mode=0100644 ouid=0 nametype=CREATE",
    },
    Sample {
        format: "text",
        slug: "windows_schtasks_create_run_as_system",
        record: "03/12/2021 10:48:14 AM\nLogName=Security\nSourceName=Microsoft Windows security auditing.\nEventCode=4688\nComputerName=h\nMessage=A new process has been created.\n\nProcess Information:\n\tNew Process Name:\tC:\\Windows\\System32\\schtasks.exe\n\tProcess Command Line:\tschtasks /create /tn x /ru SYSTEM /tr a.exe\n",
    },
];
