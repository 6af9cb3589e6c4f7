/*!
Logs, made up but shaped like real ones.

A log is records of one shape, of which a given share are candidates: of a
kind that some rule asks for. One candidate in fifty is an attack. The sizes
of records and what they repeat (NXLog's rendered `Message`, the call trace of
Sysmon 10) are those of real logs, for speed depends on them.
*/

use std::fmt::Write;

use t1053::Format;

use crate::random::Random;

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// NXLog: one flat JSON object, with the rendered message.
    FlatJson,
    /// `evtx_dump`: the event's XML as JSON.
    EvtxJson,
    /// Winlogbeat: fields in the Elastic Common Schema.
    EcsJson,
    /// Windows event XML, one line an event.
    Xml,
    /// auditd lines.
    Auditd,
    /// `WinEventLog` text, many lines an event.
    Text,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Shape; 6] = [
        Shape::FlatJson,
        Shape::EvtxJson,
        Shape::EcsJson,
        Shape::Xml,
        Shape::Auditd,
        Shape::Text,
    ];

    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Shape::FlatJson => "flat JSON",
            Shape::EvtxJson => "evtx JSON",
            Shape::EcsJson => "ECS JSON",
            Shape::Xml => "XML",
            Shape::Auditd => "auditd",
            Shape::Text => "text",
        }
    }

    /// The library's name for it.
    pub fn format(self) -> Format {
        match self {
            Shape::FlatJson | Shape::EvtxJson | Shape::EcsJson => Format::Json,
            Shape::Xml => Format::Xml,
            Shape::Auditd => Format::Auditd,
            Shape::Text => Format::WinEventLog,
        }
    }
}

/// Records, one after the other.
#[derive(Clone, Debug)]
pub struct Log {
    /// What it is.
    pub name: String,
    /// How its records are written.
    pub shape: Shape,
    /// The records.
    pub bytes: Vec<u8>,
}

impl Log {
    /// A log of about `bytes`, in which `candidates` of 1,000 records are of
    /// a kind that some rule asks for.
    pub fn made(shape: Shape, candidates: usize, bytes: usize) -> Log {
        let mut random = Random::new(candidates as u64 + 1);
        let mut text = String::with_capacity(bytes + (64 << 10));
        // Spread evenly: of any 1,000 records in a row.
        let mut due = 500;
        for number in 0.. {
            if text.len() >= bytes {
                break;
            }
            due += candidates;
            let is_candidate = due >= 1000;
            if is_candidate {
                due -= 1000;
            }
            if shape == Shape::Auditd {
                let event = match (is_candidate, random.one_in(50)) {
                    (false, _) => Audit::Other,
                    (true, false) => Audit::Candidate,
                    (true, true) => Audit::Attack,
                };
                audit(&mut text, &mut random, number, event);
            } else {
                let event = Made::new(&mut random, number, is_candidate);
                event.write(&mut text, shape);
            }
        }
        let share = candidates as f64 / 10.0;
        Log {
            name: format!("{}, {share} % candidates", shape.name()),
            shape,
            bytes: text.into_bytes(),
        }
    }

    /// A log of about `bytes`, in which every record must be read: it has
    /// what rules look for, though few match.
    pub fn noise(shape: Shape, bytes: usize) -> Log {
        let mut random = Random::new(7);
        let mut text = String::with_capacity(bytes + (64 << 10));
        for number in 0.. {
            if text.len() >= bytes {
                break;
            }
            let is_attack = random.one_in(50);
            if shape == Shape::Auditd {
                let audit_event =
                    if is_attack { Audit::Attack } else { Audit::NearMiss };
                audit(&mut text, &mut random, number, audit_event);
                continue;
            }
            let (channel, provider) = SYSMON;
            let mut fields = process(&mut random, is_attack);
            for (name, value) in &mut fields {
                match *name {
                    "Image" => {
                        *value = r"C:\Windows\System32\schtasks.exe".into()
                    }
                    "OriginalFileName" => *value = "schtasks.exe".into(),
                    "CommandLine" if !is_attack => {
                        let word = random.word();
                        *value = format!(
                            "schtasks.exe /query /tn {word} /fo csv /v"
                        );
                    }
                    _ => {}
                }
            }
            let event = Made { number, id: 1, channel, provider, fields };
            event.write(&mut text, shape);
        }
        Log {
            name: format!("{}, every record to be read", shape.name()),
            shape,
            bytes: text.into_bytes(),
        }
    }
}

/// A Windows event before it is written in some shape.
struct Made {
    number: usize,
    id: u32,
    channel: &'static str,
    provider: &'static str,
    fields: Vec<(&'static str, String)>,
}

const SYSMON: (&str, &str) =
    ("Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon");
const SECURITY: (&str, &str) =
    ("Security", "Microsoft-Windows-Security-Auditing");
const POWERSHELL: (&str, &str) = (
    "Microsoft-Windows-PowerShell/Operational",
    "Microsoft-Windows-PowerShell",
);

const PROGRAMS: [&str; 14] = [
    r"C:\Windows\System32\svchost.exe",
    r"C:\Windows\System32\backgroundTaskHost.exe",
    r"C:\Windows\System32\RuntimeBroker.exe",
    r"C:\Windows\System32\conhost.exe",
    r"C:\Windows\System32\wbem\WmiPrvSE.exe",
    r"C:\Windows\System32\cmd.exe",
    r"C:\Windows\System32\dllhost.exe",
    r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
    r"C:\Windows\explorer.exe",
    r"C:\Windows\System32\taskhostw.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE",
    r"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.2009.7-0\MsMpEng.exe",
];

const TAILS: [&str; 8] = [
    " -k netsvcs -p -s Schedule",
    " -Embedding",
    " /c dir /b \"C:\\Users\\Public\\Documents\\reports\"",
    " --type=renderer --field-trial-handle=1844,i,1042,131072 --lang=en-US --device-scale-factor=1 --num-raster-threads=4 /prefetch:1",
    " 0xffffffff -ForceV1",
    " /Processid:{AB8902B4-09CA-4BB6-B78D-A8F59079A8D5}",
    " -NoProfile -NonInteractive -File \"C:\\Program Files\\Monitoring\\agent\\check_disk.ps1\" -warn 80",
    "",
];

const MODULES: [&str; 10] = [
    r"C:\Windows\SYSTEM32\ntdll.dll",
    r"C:\Windows\System32\KERNELBASE.dll",
    r"c:\windows\system32\rpcss.dll",
    r"C:\Windows\System32\RPCRT4.dll",
    r"C:\Windows\System32\combase.dll",
    r"c:\windows\system32\lsm.dll",
    r"C:\Windows\System32\sechost.dll",
    r"C:\Windows\System32\KERNEL32.DLL",
    r"C:\Windows\System32\wbem\cimwin32.dll",
    r"C:\Windows\System32\framedynos.dll",
];

impl Made {
    fn new(random: &mut Random, number: usize, is_candidate: bool) -> Made {
        let (id, log, fields) = if is_candidate {
            Made::candidate(random)
        } else {
            Made::other(random)
        };
        let (channel, provider) = log;
        Made { number, id, channel, provider, fields }
    }

    fn candidate(
        random: &mut Random,
    ) -> (u32, (&'static str, &'static str), Vec<(&'static str, String)>) {
        let is_attack = random.one_in(50);
        match random.below(20) {
            0 => {
                let text = if is_attack {
                    "$a = New-ScheduledTaskAction -Execute 'calc.exe'\nRegister-ScheduledTask -TaskName upd -Action $a".to_owned()
                } else {
                    let name = random.word();
                    format!(
                        "function Get-{name} {{ param([string]$Path)\n  Get-ChildItem -Path $Path -Recurse | Where-Object {{ $_.Length -gt 1MB }} | Sort-Object Length -Descending | Select-Object -First 20 FullName, Length\n}}\nGet-{name} -Path 'D:\\Shares\\{name}'"
                    )
                };
                let fields = vec![
                    ("MessageNumber", "1".into()),
                    ("MessageTotal", "1".into()),
                    ("ScriptBlockText", text),
                    ("ScriptBlockId", guid(random)),
                    ("Path", String::new()),
                ];
                (4104, POWERSHELL, fields)
            }
            1 | 2 => {
                let object = if is_attack {
                    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tree\Updater\SD".to_owned()
                } else {
                    format!(
                        r"HKLM\System\CurrentControlSet\Services\{}\Parameters\LastStart",
                        random.word()
                    )
                };
                let fields = vec![
                    ("RuleName", "-".into()),
                    (
                        "EventType",
                        if is_attack { "DeleteValue" } else { "SetValue" }
                            .into(),
                    ),
                    ("UtcTime", "2025-03-11 10:00:00.101".into()),
                    ("ProcessGuid", guid(random)),
                    ("ProcessId", random.below(9000).to_string()),
                    ("Image", random.pick(&PROGRAMS).into()),
                    ("TargetObject", object),
                    ("Details", "DWORD (0x00000001)".into()),
                    ("User", r"NT AUTHORITY\SYSTEM".into()),
                ];
                (13, SYSMON, fields)
            }
            3 => {
                let command = if is_attack {
                    r"C:\Users\Public\a.exe"
                } else {
                    r"C:\Program Files\Backup\bkp.exe"
                };
                let content = format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n  <RegistrationInfo>\r\n    <Author>CORP\\svc</Author>\r\n  </RegistrationInfo>\r\n  <Triggers>\r\n    <CalendarTrigger><StartBoundary>2025-03-11T02:00:00</StartBoundary><ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay></CalendarTrigger>\r\n  </Triggers>\r\n  <Principals><Principal id=\"Author\"><RunLevel>LeastPrivilege</RunLevel><UserId>CORP\\svc</UserId></Principal></Principals>\r\n  <Settings><MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy><Hidden>false</Hidden><Enabled>true</Enabled></Settings>\r\n  <Actions Context=\"Author\">\r\n    <Exec>\r\n      <Command>{command}</Command>\r\n      <Arguments>--nightly</Arguments>\r\n    </Exec>\r\n  </Actions>\r\n</Task>"
                );
                let fields = vec![
                    ("SubjectUserSid", sid(random)),
                    ("SubjectUserName", "svc".into()),
                    ("SubjectDomainName", "CORP".into()),
                    ("SubjectLogonId", format!("0x{}", random.hex(6))),
                    ("TaskName", format!(r"\{}", random.word())),
                    ("TaskContent", content),
                ];
                (4698, SECURITY, fields)
            }
            _ => (1, SYSMON, process(random, is_attack)),
        }
    }

    fn other(
        random: &mut Random,
    ) -> (u32, (&'static str, &'static str), Vec<(&'static str, String)>) {
        match random.below(10) {
            0 => {
                let fields = vec![
                    ("RuleName", "-".into()),
                    ("UtcTime", "2025-03-11 10:00:00.101".into()),
                    ("ProcessGuid", guid(random)),
                    ("ProcessId", random.below(9000).to_string()),
                    ("Image", random.pick(&PROGRAMS).into()),
                    ("User", r"NT AUTHORITY\NETWORK SERVICE".into()),
                    ("Protocol", "tcp".into()),
                    ("Initiated", "true".into()),
                    ("SourceIp", "10.20.1.14".into()),
                    ("SourcePort", random.below(65000).to_string()),
                    ("DestinationIp", "10.20.1.3".into()),
                    ("DestinationPort", "443".into()),
                ];
                (3, SYSMON, fields)
            }
            1 => {
                let fields = vec![
                    ("SubjectUserSid", "S-1-0-0".into()),
                    ("SubjectUserName", "-".into()),
                    ("TargetUserSid", sid(random)),
                    ("TargetUserName", format!("{}$", random.word())),
                    ("TargetDomainName", "CORP".into()),
                    ("TargetLogonId", format!("0x{}", random.hex(6))),
                    ("LogonType", "3".into()),
                    ("LogonProcessName", "Kerberos".into()),
                    ("AuthenticationPackageName", "Kerberos".into()),
                    ("LogonGuid", guid(random)),
                    ("KeyLength", "0".into()),
                    ("IpAddress", "10.20.1.77".into()),
                    ("IpPort", random.below(65000).to_string()),
                    ("ImpersonationLevel", "%%1833".into()),
                ];
                (4624, SECURITY, fields)
            }
            _ => {
                let frames = 12 + random.below(16);
                let trace: Vec<String> = (0..frames)
                    .map(|_| {
                        format!("{}+{}", random.pick(&MODULES), random.hex(5))
                    })
                    .collect();
                let fields = vec![
                    ("RuleName", "-".into()),
                    ("UtcTime", "2025-03-11 10:00:00.101".into()),
                    ("SourceProcessGUID", guid(random)),
                    ("SourceProcessId", random.below(9000).to_string()),
                    ("SourceThreadId", random.below(9000).to_string()),
                    ("SourceImage", random.pick(&PROGRAMS).into()),
                    ("TargetProcessGUID", guid(random)),
                    ("TargetProcessId", random.below(9000).to_string()),
                    ("TargetImage", random.pick(&PROGRAMS).into()),
                    ("GrantedAccess", "0x1000".into()),
                    ("CallTrace", trace.join("|")),
                ];
                (10, SYSMON, fields)
            }
        }
    }

    fn write(&self, text: &mut String, shape: Shape) {
        match shape {
            Shape::FlatJson => self.flat_json(text),
            Shape::EvtxJson => self.evtx_json(text),
            Shape::EcsJson => self.ecs_json(text),
            Shape::Xml => self.xml(text),
            Shape::Text => self.text(text),
            Shape::Auditd => {}
        }
    }

    fn message(&self) -> String {
        let mut message = match self.id {
            1 => "Process Create:",
            3 => "Network connection detected:",
            10 => "Process accessed:",
            13 => "Registry value set:",
            _ => "An event was logged.",
        }
        .to_owned();
        for (name, value) in &self.fields {
            let _ = write!(message, "\r\n{name}: {value}");
        }
        message
    }

    fn seconds(&self) -> usize {
        (self.number / 20) % 60
    }

    fn flat_json(&self, text: &mut String) {
        let _ = write!(
            text,
            "{{\"EventTime\":\"2025-03-11 10:00:{:02}\",\"Hostname\":\"ws-014.corp.example\",\"Keywords\":-9223372036854775808,\"SeverityValue\":2,\"Severity\":\"INFO\",\"EventID\":{},\"SourceName\":\"{}\",\"ProviderGuid\":\"{{5770385F-C22A-43E0-BF4C-06F5698FFBD9}}\",\"Version\":5,\"Task\":{},\"OpcodeValue\":0,\"RecordNumber\":{},\"ProcessID\":2928,\"ThreadID\":3404,\"Channel\":\"{}\",\"Domain\":\"NT AUTHORITY\",\"AccountName\":\"SYSTEM\",\"UserID\":\"S-1-5-18\",\"AccountType\":\"User\",\"Message\":",
            self.seconds(),
            self.id,
            self.provider,
            self.id,
            1000 + self.number,
            self.channel,
        );
        json_string(text, &self.message());
        text.push_str(",\"Opcode\":\"Info\"");
        for (name, value) in &self.fields {
            let _ = write!(text, ",\"{name}\":");
            json_string(text, value);
        }
        text.push_str(",\"EventReceivedTime\":\"2025-03-11 10:01:00\",\"SourceModuleName\":\"eventlog\",\"SourceModuleType\":\"im_msvistalog\"}\r\n");
    }

    fn evtx_json(&self, text: &mut String) {
        let _ = write!(
            text,
            "{{\"Event\":{{\"#attributes\":{{\"xmlns\":\"http://schemas.microsoft.com/win/2004/08/events/event\"}},\"System\":{{\"Provider\":{{\"#attributes\":{{\"Name\":\"{}\",\"Guid\":\"{{5770385f-c22a-43e0-bf4c-06f5698ffbd9}}\"}}}},\"EventID\":{},\"Version\":5,\"Level\":4,\"Task\":{},\"Opcode\":0,\"Keywords\":\"0x8000000000000000\",\"TimeCreated\":{{\"#attributes\":{{\"SystemTime\":\"2025-03-11T10:00:{:02}.868863Z\"}}}},\"EventRecordID\":{},\"Correlation\":null,\"Execution\":{{\"#attributes\":{{\"ProcessID\":1912,\"ThreadID\":996}}}},\"Channel\":\"{}\",\"Computer\":\"ws-014.corp.example\",\"Security\":{{\"#attributes\":{{\"UserID\":\"S-1-5-18\"}}}}}},\"EventData\":{{",
            self.provider,
            self.id,
            self.id,
            self.seconds(),
            1000 + self.number,
            self.channel,
        );
        for (index, (name, value)) in self.fields.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let _ = write!(text, "{comma}\"{name}\":");
            json_string(text, value);
        }
        text.push_str("}}}\n");
    }

    fn ecs_json(&self, text: &mut String) {
        let _ = write!(
            text,
            "{{\"@timestamp\":\"2025-03-11T10:00:{:02}.868Z\",\"agent\":{{\"hostname\":\"ws-014\",\"id\":\"9ecce8bd-f6ab-41ac-9936-14f8c2c81242\",\"type\":\"winlogbeat\",\"version\":\"8.11.0\"}},\"ecs\":{{\"version\":\"8.0.0\"}},\"event\":{{\"code\":\"{}\",\"kind\":\"event\",\"provider\":\"{}\"}},\"host\":{{\"name\":\"ws-014.corp.example\",\"os\":{{\"family\":\"windows\",\"platform\":\"windows\"}}}},\"log\":{{\"level\":\"information\"}},\"message\":",
            self.seconds(),
            self.id,
            self.provider,
        );
        json_string(text, &self.message());
        let _ = write!(
            text,
            ",\"winlog\":{{\"api\":\"wineventlog\",\"channel\":\"{}\",\"computer_name\":\"ws-014.corp.example\",\"event_data\":{{",
            self.channel,
        );
        for (index, (name, value)) in self.fields.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let _ = write!(text, "{comma}\"{name}\":");
            json_string(text, value);
        }
        let _ = writeln!(
            text,
            "}},\"event_id\":\"{}\",\"opcode\":\"Info\",\"provider_name\":\"{}\",\"record_id\":{}}}}}",
            self.id,
            self.provider,
            1000 + self.number,
        );
    }

    fn xml(&self, text: &mut String) {
        let _ = write!(
            text,
            "<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"><System><Provider Name=\"{}\" Guid=\"{{5770385f-c22a-43e0-bf4c-06f5698ffbd9}}\"/><EventID>{}</EventID><Version>5</Version><Level>4</Level><Task>{}</Task><Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords><TimeCreated SystemTime=\"2025-03-11T10:00:{:02}.8688632Z\"/><EventRecordID>{}</EventRecordID><Correlation/><Execution ProcessID=\"1912\" ThreadID=\"996\"/><Channel>{}</Channel><Computer>ws-014.corp.example</Computer><Security UserID=\"S-1-5-18\"/></System><EventData>",
            self.provider,
            self.id,
            self.id,
            self.seconds(),
            1000 + self.number,
            self.channel,
        );
        for (name, value) in &self.fields {
            let _ = write!(text, "<Data Name=\"{name}\">");
            for character in value.chars() {
                match character {
                    '<' => text.push_str("&lt;"),
                    '>' => text.push_str("&gt;"),
                    '&' => text.push_str("&amp;"),
                    '\r' => text.push_str("&#13;"),
                    '\n' => text.push_str("&#10;"),
                    other => text.push(other),
                }
            }
            text.push_str("</Data>");
        }
        text.push_str("</EventData></Event>\n");
    }

    fn text(&self, text: &mut String) {
        let _ = write!(
            text,
            "03/11/2025 10:00:{:02} AM\nLogName={}\nEventCode={}\nEventType=4\nComputerName=ws-014.corp.example\nUser=NOT_TRANSLATED\nSid=S-1-5-18\nSidType=0\nSourceName={}\nType=Information\nRecordNumber={}\nKeywords=None\nTaskCategory=None\nOpCode=Info\nMessage={}\n",
            self.seconds(),
            self.channel,
            self.id,
            self.provider,
            1000 + self.number,
            self.message().replace("\r\n", "\n"),
        );
    }
}

fn process(
    random: &mut Random,
    is_attack: bool,
) -> Vec<(&'static str, String)> {
    let image: &str = random.pick(&PROGRAMS);
    let (image, line) = if is_attack {
        let name = random.word();
        let line = random.pick(&[
            r#"schtasks.exe /create /tn "{}" /tr "C:\Users\Public\{}.exe" /sc onlogon /ru SYSTEM /f"#,
            r#"SCHTASKS /Create /S fs01 /U corp\adm /TN {} /TR "cmd /c {}" /SC once /ST 23:59"#,
            r#"schtasks /run /tn \{}"#,
        ]);
        (r"C:\Windows\System32\schtasks.exe", line.replace("{}", &name))
    } else if random.one_in(30) {
        let line = "schtasks /query /fo csv /v".to_owned();
        (r"C:\Windows\System32\schtasks.exe", line)
    } else {
        (image, format!("\"{image}\"{}", random.pick(&TAILS)))
    };
    let name = image.rsplit('\\').next().unwrap_or_default();
    let parent: &str = random.pick(&PROGRAMS);
    vec![
        ("RuleName", "-".into()),
        ("UtcTime", "2025-03-11 10:00:00.101".into()),
        ("ProcessGuid", guid(random)),
        ("ProcessId", random.below(9000).to_string()),
        ("Image", image.into()),
        ("FileVersion", "10.0.19041.1 (WinBuild.160101.0800)".into()),
        ("Description", "Host Process for Windows Services".into()),
        ("Product", "Microsoft® Windows® Operating System".into()),
        ("Company", "Microsoft Corporation".into()),
        ("OriginalFileName", name.into()),
        ("CommandLine", line),
        ("CurrentDirectory", r"C:\Windows\system32\".into()),
        ("User", r"NT AUTHORITY\SYSTEM".into()),
        ("LogonGuid", guid(random)),
        ("LogonId", "0x3e7".into()),
        ("TerminalSessionId", "0".into()),
        ("IntegrityLevel", "System".into()),
        (
            "Hashes",
            format!(
                "MD5={},SHA256={},IMPHASH={}",
                random.hex(32),
                random.hex(64),
                random.hex(32)
            ),
        ),
        ("ParentProcessGuid", guid(random)),
        ("ParentProcessId", random.below(9000).to_string()),
        ("ParentImage", parent.into()),
        ("ParentCommandLine", format!("{parent}{}", random.pick(&TAILS))),
    ]
}

fn guid(random: &mut Random) -> String {
    format!(
        "{{{}-{}-{}-{}-{}}}",
        random.hex(8),
        random.hex(4),
        random.hex(4),
        random.hex(4),
        random.hex(12)
    )
}

fn sid(random: &mut Random) -> String {
    format!(
        "S-1-5-21-{}-{}-1104",
        random.below(1 << 30),
        random.below(1 << 30)
    )
}

fn json_string(text: &mut String, value: &str) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            other => text.push(other),
        }
    }
    text.push('"');
}

/// What an auditd line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Audit {
    /// Of a kind between the others that no rule asks for.
    Other,
    /// A started program, or a file.
    Candidate,
    /// The same, with what rules look for, but nothing wrong.
    NearMiss,
    /// The same, and something is.
    Attack,
}

/// One auditd line.
fn audit(text: &mut String, random: &mut Random, number: usize, kind: Audit) {
    let id = format!(
        "msg=audit(17416872{:02}.{:03}:{}):",
        (number / 100) % 100,
        number % 1000,
        4000 + number / 4
    );
    let (program, path) = *random.pick(&[
        &("sh", "/usr/bin/dash"),
        &("ps", "/usr/bin/ps"),
        &("sshd", "/usr/sbin/sshd"),
        &("python3", "/usr/bin/python3.11"),
        &("grep", "/usr/bin/grep"),
        &("apt-get", "/usr/bin/apt-get"),
    ]);
    let plain = kind == Audit::Candidate;
    let attack = kind == Audit::Attack;
    let _ = match (kind, random.below(4)) {
        (Audit::Other, 0) => writeln!(
            text,
            "type=BPRM_FCAPS {id} fver=0 fp=0 fi=0 fe=0 old_pp=000001fffeffffff old_pi=0 old_pe=000001fffeffffff old_pa=0 pp=000001fffeffffff pi=0 pe=000001fffeffffff pa=0 frootid=0"
        ),
        (Audit::Other, 1) => writeln!(
            text,
            "type=USER_START {id} pid={} uid=0 auid=1000 ses=3 subj=unconfined msg='op=PAM:session_open grantors=pam_keyinit,pam_limits,pam_unix acct=\"deploy\" exe=\"/usr/bin/sudo\" hostname=? addr=? terminal=/dev/pts/0 res=success'",
            random.below(30000)
        ),
        (Audit::Other, 2) => writeln!(
            text,
            "type=SOCKADDR {id} saddr=0200{}0000000000000000",
            random.hex(12).to_uppercase()
        ),
        (Audit::Other, _) => writeln!(
            text,
            "type=SERVICE_START {id} pid=1 uid=0 auid=4294967295 ses=4294967295 subj=unconfined msg='unit=session-{} comm=\"systemd\" exe=\"/usr/lib/systemd/systemd\" hostname=? addr=? terminal=? res=success'",
            random.below(900)
        ),
        (_, 0 | 1) => {
            let (program, path) = if plain {
                (program, path)
            } else {
                ("crontab", "/usr/bin/crontab")
            };
            let call = if attack { 82 } else { 59 };
            writeln!(
                text,
                "type=SYSCALL {id} arch=c000003e syscall={call} success=yes exit=0 a0={} a1={} a2={} a3={} items=2 ppid={} pid={} auid=1000 uid=1000 gid=1000 euid=1000 suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000 tty=pts0 ses=3 comm=\"{program}\" exe=\"{path}\" subj=unconfined key=\"exec\"",
                random.hex(12),
                random.hex(12),
                random.hex(12),
                random.hex(15),
                random.below(30000),
                random.below(30000)
            )
        }
        // Whatever path rules look for is reason enough for one to match.
        (_, 2) if kind != Audit::NearMiss => {
            let path = if attack { "/etc/cron.d/upd" } else { path };
            let role = if attack { "CREATE" } else { "NORMAL" };
            writeln!(
                text,
                "type=PATH {id} item=0 name=\"{path}\" inode={} dev=fe:00 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype={role} cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0",
                random.below(900_000)
            )
        }
        (..) => {
            let title = match kind {
                // systemctl restart cron
                Audit::Attack => "73797374656D63746C0072657374617274\
                     0063726F6E"
                    .to_owned(),
                // systemctl status cron
                Audit::NearMiss => "73797374656D63746C00737461747573\
                     0063726F6E"
                    .to_owned(),
                _ => random.hex(48).to_uppercase(),
            };
            writeln!(text, "type=PROCTITLE {id} proctitle={title}")
        }
    };
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use t1053::{Detector, Scanner};

    use super::*;

    fn scanned(log: &Log) -> Scanner {
        let mut scanner = Scanner::new(&Detector::new());
        let _ = scanner.feed(&log.bytes, |_| ControlFlow::Continue(()));
        let _ = scanner.finish(|_| ControlFlow::Continue(()));
        scanner
    }

    #[test]
    fn every_record_is_read_or_known_to_be_of_no_interest() {
        for shape in Shape::ALL {
            for candidates in [10, 1000] {
                let log = Log::made(shape, candidates, 1 << 20);
                let scanner = scanned(&log);
                let counts = scanner.counts();
                assert_eq!(counts.unreadable, 0, "{}", log.name);
                assert!(counts.records > 300, "{}", log.name);
                assert!(
                    counts.read * 1000
                        <= counts.records * (candidates as u64 + 1)
                );
            }
        }
    }

    #[test]
    fn noise_passes_every_filter() {
        for shape in Shape::ALL {
            let log = Log::noise(shape, 1 << 20);
            let scanner = scanned(&log);
            let counts = scanner.counts();
            assert_eq!(counts.read, counts.records, "{}", log.name);
            assert!(counts.matches > 0, "{}", log.name);
            assert!(counts.matches < counts.records, "{}", log.name);
        }
    }

    #[test]
    fn the_same_each_time() {
        let log = || Log::made(Shape::Xml, 140, 1 << 16);
        assert_eq!(log().bytes, log().bytes);
    }
}
