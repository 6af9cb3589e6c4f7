//! Jobs of real and of hostile events.

use std::fs;
use std::time::Instant;

use t1053::event::{
    Event, EventKind, Field, FileCreation, Platform, ProcessCreation,
    RegistryEvent, ScriptBlock, TaskDeleted, TaskRegistered,
};
use t1053::record::Reader;
use t1053::{
    Canonical, Detector, Format, JobReader, Scratch, Timestamp, Verdict,
};
use testkit::rules::any_job;

/// Reading jobs allocates nothing once the memory is warm, over every event
/// there is; and each job says what runs it.
#[test]
fn warm_reader_of_jobs_never_allocates() {
    let mut jobs = JobReader::new();
    let mut told = 0;
    for file in testkit::record_files() {
        let mut bytes = fs::read(&file).unwrap();
        bytes.truncate(4 << 20);
        for record in bytes.split(|byte| *byte == b'\n') {
            let mut reader = Reader::new();
            let _ = reader.read(Format::Auto, record, |_, event| {
                for job in jobs.read(event) {
                    assert!(job.value(Field::JobScheduler).is_some());
                    told += 1;
                }
                let info = allocation_counter::measure(|| {
                    let _ = jobs.read(event).count();
                });
                assert_eq!(info.count_total, 0, "{event:?}");
            });
        }
    }
    assert!(told > 100, "{told}");
}

/// Texts made to be slow take time in proportion to their length, and no
/// event more than a bounded time.
#[test]
fn hostile_texts_take_bounded_time() {
    let pieces = [
        "$(",
        "`",
        "${x#*",
        "{a,",
        "'",
        "\"",
        "\\",
        "<<E\n",
        "(",
        "[char]",
        "'a'+",
        "&('",
        "for %i in (a) do ",
        "%x:a=",
        "!x!",
        "^",
        "|iex ",
        "schtasks /create ",
        "crontab -;",
        "a=b;",
        "/etc/cron.d/x ",
        "$x",
        "@(",
        "-f ",
        "\u{201c}",
        "{a,b}",
        "`a`",
        "@(a",
    ];
    let mut jobs = JobReader::new();
    for piece in pieces {
        for shell in ["cmd /c ", "sh -c ", "powershell -c ", ""] {
            let line = shell.to_owned() + &piece.repeat(10_000);
            for event in [
                Event::windows(ProcessCreation {
                    image: Some(b"x"),
                    command_line: Some(line.as_bytes()),
                    ..Default::default()
                }),
                Event::linux(ProcessCreation {
                    image: Some(b"x"),
                    command_line: Some(line.as_bytes()),
                    ..Default::default()
                }),
                Event::windows(ScriptBlock {
                    script_block_text: Some(line.as_bytes()),
                    ..Default::default()
                }),
            ] {
                let start = Instant::now();
                let _ = jobs.read(&event).count();
                let took = start.elapsed().as_millis();
                // A hundred times what it takes without optimisation.
                assert!(took < 20_000, "{shell}{piece}: {took} ms");
            }
        }
    }
    assert!(jobs.memory_usage() < 4 << 20, "{}", jobs.memory_usage());
}

/// How far texts are taken apart is the caller's choice; what a record says
/// outright is told in any case.
#[test]
fn less_canonical_text_tells_no_more() {
    let line = |text: &'static str| {
        Event::windows(ProcessCreation {
            image: Some(br"C:\Windows\System32\cmd.exe"),
            command_line: Some(text.as_bytes()),
            ..Default::default()
        })
    };
    let script = Event::windows(ScriptBlock {
        script_block_text: Some(b"Register-ScheduledTask -TaskName x"),
        ..Default::default()
    });
    let file = Event::linux(FileCreation {
        target_filename: Some(b"/etc/cron.d/x"),
        image: Some(b"/usr/bin/bash"),
        ..Default::default()
    });
    for (event, told) in [
        (line("schtasks /create /tn x /tr y"), [false, true, true]),
        (line("cmd /c schtasks /create /tn x /tr y"), [false, false, true]),
        (script, [false, false, true]),
        (file, [true, true, true]),
    ] {
        for (&canonical, told) in Canonical::ALL.iter().zip(told) {
            let builder = Detector::builder().canonical(canonical);
            let detector = builder.build().unwrap();
            let mut scratch = Scratch::new(&detector);
            let matches = detector.evaluate(&event, &mut scratch);
            let verdict = matches.verdict();
            let has_job = verdict.is_some_and(|all| all.job().is_some());
            assert_eq!(has_job, told, "{canonical:?} {event:?}");
        }
    }
    for canonical in Canonical::ALL {
        assert_eq!(canonical.name().parse(), Ok(*canonical));
    }
}

/// A detector is asked about every job that a reader tells, and about no
/// other: no guard is too narrow.
#[test]
fn detector_sees_each_job_that_a_reader_tells() {
    let detector = any_job();
    let mut scratch = Scratch::new(&detector);
    let mut jobs = JobReader::new();
    let mut missed = Vec::new();
    let mut check = |event: &Event<'_>| {
        let told = jobs.read(event).next().is_some();
        let is_asked = !detector.evaluate(event, &mut scratch).is_empty();
        if is_asked != told {
            let shown = |field| event.get(field).map(String::from_utf8_lossy);
            let line = shown(Field::CommandLine).or(shown(Field::Argv));
            missed.push(format!("{:?}: {line:?} {event:?}", event.kind()));
        }
    };
    for file in testkit::record_files() {
        let mut bytes = fs::read(&file).unwrap();
        bytes.truncate(4 << 20);
        for record in bytes.split(|byte| *byte == b'\n') {
            let mut reader = Reader::new();
            let _ = reader.read(Format::Auto, record, |_, event| check(event));
        }
    }
    for (image, line) in [
        ("/usr/bin/aws", "aws scheduler create-schedule --name x"),
        ("/usr/bin/gcloud", "gcloud scheduler jobs run x"),
        ("/usr/bin/az", "az logic workflow create -n x"),
        ("/usr/bin/az", "az automation runbook start -n x"),
        ("/usr/bin/aws", "aws events put-targets --rule x"),
        ("/usr/bin/python3", "python3 atexec.py a@b c"),
        ("/usr/bin/perl", "perl -e system(\"crontab /tmp/x\")"),
        ("/usr/bin/cat", "cat x | tee /etc/cron.d/y"),
        ("/usr/bin/dash", "sh -c at now < /tmp/x"),
        ("/usr/bin/dash", "sh -c c${x}rontab -r"),
        ("/usr/bin/defaults", "defaults write /Library/LaunchAgents/x y z"),
        ("/usr/bin/tar", "tar xf a -C /var/spool/cron"),
        ("/usr/bin/pdsh", "pdsh -w h at now"),
        ("/usr/bin/tmux", "tmux new -d batch"),
        ("/usr/bin/ansible", "ansible all -a 'at now'"),
        ("/usr/bin/ansible", "ansible all -a \"at now\""),
        ("/usr/bin/ansible", "ansible all -a 'batch'"),
        ("/usr/bin/salt", "salt '*' cmd.run batch"),
        ("/usr/bin/torsocks", "torsocks at now"),
        ("/usr/bin/parallel", "parallel at now"),
        ("/usr/sbin/ip", "ip netns exec n atq"),
        ("/usr/sbin/capsh", "capsh -- -c batch"),
        ("/usr/lib/ld-linux-x86-64.so.2", "ld-linux-x86-64.so.2 /bin/at now"),
        ("/bin/launchctl", "launchctl asuser 501 at now"),
    ] {
        check(&Event::linux(ProcessCreation {
            image: Some(image.as_bytes()),
            command_line: Some(line.as_bytes()),
            ..Default::default()
        }));
    }
    for line in [
        "a.exe -t schtask -c x -n y -m add",
        "reg add HKCU\\Environment /v windir /d x",
        "powershell saps schtasks '/run /tn x'",
        "python -c \"os.system('schtasks /run /tn x')\"",
        "cmd /c dir &amp; schtasks /run /tn x",
        "aws.exe events enable-rule --name x",
        "a.exe /create /tn x /tr y",
        "a.exe /run /tn x",
        "a.exe -end -tn x",
        "wsl at now",
        "wsl.exe -u root -e cp /tmp/x /etc/cron.d/",
        r#""C:\Windows\System32\wsl.exe" systemctl enable x.timer"#,
        "wsl ls /etc/cron.d",
        "ssh root@h 'echo x >> /etc/cron.d/y'",
        "plink.exe -ssh -pw z root@h at now",
        "docker.exe exec c batch",
        r#"C:\git\bash.exe -c "cp /tmp/x /etc/cron.d""#,
        r#""C:\git\bash.exe" -c "cp /tmp/x /etc/cron.d""#,
    ] {
        check(&Event::windows(ProcessCreation {
            command_line: Some(line.as_bytes()),
            ..Default::default()
        }));
    }
    // Of processes whose file is not told.
    for line in ["at now", "batch", "atq", "atrm 3", "x -run /tn a"] {
        let line = Some(line.as_bytes());
        let process =
            || ProcessCreation { command_line: line, ..Default::default() };
        check(&Event::linux(process()));
        check(&Event::windows(process()));
    }
    for object in
        [r"HKU\S-1-5-21-1\Environment\windir", r"HKCU\Environment\SystemRoot"]
    {
        check(&Event::windows(RegistryEvent {
            target_object: Some(object.as_bytes()),
            event_type: Some(b"SetValue"),
            ..Default::default()
        }));
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// A host may put together what no log has: its reader and its detector say
/// the same of it.
#[test]
fn event_that_its_platform_does_not_log_speaks_of_no_job() {
    let detector = any_job();
    let mut scratch = Scratch::new(&detector);
    let mut jobs = JobReader::new();
    for (platform, count) in [(Platform::Windows, 1), (Platform::Linux, 0)] {
        let mut event = Event::new(platform, EventKind::TaskDeleted);
        event.set(Field::TaskName, b"\\a").unwrap();
        assert_eq!(jobs.read(&event).count(), count, "{platform}");
        let found = detector.evaluate(&event, &mut scratch).count();
        assert_eq!(found, count, "{platform}");
    }
}

/// The verdict's id of the first event of a record.
fn id(record: &str) -> Option<String> {
    let detector = Detector::new();
    let mut id = None;
    let mut scratch = Scratch::new(&detector);
    let _ = Reader::new().read(Format::Auto, record.as_bytes(), |_, event| {
        let matches = detector.evaluate(event, &mut scratch);
        id = id.take().or_else(|| matches.verdict().map(hex));
    });
    id
}

fn hex(verdict: Verdict<'_>) -> String {
    verdict.id().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The number that a log gives its event tells two apart that are the same in
/// all else; however a record is written, and typed, it is one id.
#[test]
fn id_of_a_verdict_counts_the_id_that_the_log_gives_the_event() {
    let detector = Detector::new();
    let mut scratch = Scratch::new(&detector);
    let mut event = Event::windows(TaskDeleted {
        task_name: Some(br"\Up"),
        subject_user_name: Some(b"ann"),
        ..Default::default()
    });
    event.event_id = Some(b"4699");
    event.channel = Some(b"Security");
    event.host = Some(b"ws1");
    event.user = Some(b"ann");
    event.time = Timestamp::parse(b"2024-02-03T04:05:06Z");
    let mut typed = |record_id: Option<&'static [u8]>| {
        event.record_id = record_id;
        hex(detector.evaluate(&event, &mut scratch).verdict().unwrap())
    };
    let all = [Some(&b"7"[..]), Some(b"8"), None].map(&mut typed);
    // Vectors: they stay for as long as what is hashed does.
    assert_eq!(all, IDS);
    for record in [
        r#"{"EventTime":"2024-02-03T04:05:06Z","Hostname":"WS1","EventID":4699,"Channel":"Security","EventRecordID":7,"TaskName":"\\Up","SubjectUserName":"ann"}"#,
        r#"{"TimeCreated":"2024-02-03T04:05:06Z","Computer":"ws1","EventID":4699,"Channel":"Security","RecordNumber":"7","TaskName":"\\Up","SubjectUserName":"ann"}"#,
        r#"{"Event":{"System":{"EventID":4699,"Channel":"Security","Computer":"ws1","EventRecordID":7,"TimeCreated":{"@SystemTime":"2024-02-03T04:05:06Z"}},"EventData":{"TaskName":"\\Up","SubjectUserName":"ann"}}}"#,
        r#"{"winlog":{"event_id":4699,"channel":"Security","computer_name":"ws1","record_id":7,"event_data":{"TaskName":"\\Up","SubjectUserName":"ann"}},"@timestamp":"2024-02-03T04:05:06Z"}"#,
        r#"{"win":{"system":{"eventID":"4699","channel":"Security","computer":"ws1","eventRecordID":"7","systemTime":"2024-02-03T04:05:06Z"},"eventdata":{"taskName":"\\\\Up","subjectUserName":"ann"}}}"#,
        "<Event><System><EventID>4699</EventID><TimeCreated SystemTime='2024-02-03T04:05:06Z'/><EventRecordID>7</EventRecordID><Channel>Security</Channel><Computer>ws1</Computer></System><EventData><Data Name='TaskName'>\\Up</Data><Data Name='SubjectUserName'>ann</Data></EventData></Event>",
    ] {
        assert_eq!(id(record).as_deref(), Some(IDS[0]), "{record}");
        let other = record.replace('7', "8");
        assert_eq!(id(&other).as_deref(), Some(IDS[1]), "{other}");
    }
    // The kernel's audit has a serial, clouds an id of their own.
    let audit = "type=PATH msg=audit(1700000000.042:77): item=1 name=\"/etc/cron.d/x\" nametype=CREATE";
    assert!(id(audit).is_some());
    assert_ne!(id(audit), id(&audit.replace(":77)", ":78)")));
    let aws = r#"{"eventVersion":"1.08","userIdentity":{"arn":"a"},"eventTime":"2024-02-03T04:05:06Z","eventSource":"scheduler.amazonaws.com","eventName":"CreateSchedule","eventID":"6f1","requestParameters":{"name":"n"}}"#;
    assert!(id(aws).is_some());
    assert_ne!(id(aws), id(&aws.replace("6f1", "6f2")));
}

const IDS: [&str; 3] = [
    "8fd881263dc638347183a21a0bb583d5",
    "dd9e3e930bfd41967e78c432fe6a529b",
    "9f00d58eeb74f4a3e0e1351d97d741e3",
];

/// A process of Windows: its parent, its own path, its line.
fn process(parent: &str, image: &str, line: &str) -> String {
    let parent_line = match parent {
        "" => "C:\\Windows\\System32\\svchost.exe -k netsvcs -p -s Schedule",
        _ => "",
    };
    let parent = match parent {
        "" => r"C:\Windows\System32\svchost.exe",
        parent => parent,
    };
    let event = Event::windows(ProcessCreation {
        image: Some(image.as_bytes()),
        command_line: Some(line.as_bytes()),
        parent_image: Some(parent.as_bytes()),
        parent_command_line: Some(parent_line.as_bytes()),
        ..Default::default()
    });
    said_of(&event)
}

/// The verdict of an event, as it is shown.
fn said_of(event: &Event<'_>) -> String {
    let detector = Detector::new();
    let mut scratch = Scratch::new(&detector);
    let verdict = detector.evaluate(event, &mut scratch).verdict();
    verdict.map_or(String::new(), |verdict| verdict.to_string())
}

/// A vendor's folder speaks for what vendors install, and for nothing that
/// somebody else could have started from there.
#[test]
fn vendors_answer_only_for_their_own_programs() {
    const SCHTASKS: &str = r"C:\Windows\System32\schtasks.exe";
    const CMD: &str = r"C:\Windows\System32\cmd.exe";
    let hidden = r#"schtasks /create /tn Report /tr "powershell -w hidden -File C:\Tools\r.ps1" /sc onlogon /ru SYSTEM"#;
    let plain = r#"schtasks /create /tn Report /tr C:\Tools\r.exe /sc onlogon /ru SYSTEM"#;
    for (parent, line, severity) in [
        (r"C:\Program Files\Acme\setup.exe", plain, "informational"),
        (r"C:\Program Files\PowerShell\7\pwsh.exe", hidden, "medium"),
        (r"C:\Program Files\Python312\python.exe", hidden, "medium"),
        (r"C:\Program Files\Git\usr\bin\bash.exe", hidden, "medium"),
        (r"C:\Program Files (x86)\AnyDesk\AnyDesk.exe", plain, "medium"),
        // Programs of Windows that do harm by what they are told.
        (
            CMD,
            r"schtasks /create /tn R /tr C:\Windows\System32\cleanmgr.exe /sc onlogon /ru SYSTEM",
            "informational",
        ),
        (
            CMD,
            r#"schtasks /create /tn R /tr "C:\Windows\System32\shutdown.exe /r /t 0" /sc once /st 18:00 /ru SYSTEM"#,
            "medium",
        ),
        (
            CMD,
            r#"schtasks /create /tn R /tr "C:\Windows\System32\net.exe user x y /add" /sc onlogon /ru SYSTEM"#,
            "medium",
        ),
        // Of what stands in a user's folder only the vendor's own programs.
        (
            CMD,
            r"schtasks /create /tn R /tr C:\Users\ann\AppData\Local\Microsoft\OneDrive\OneDrive.exe /sc onlogon",
            "low",
        ),
        (
            CMD,
            r"schtasks /create /tn R /tr C:\Users\ann\AppData\Local\Microsoft\syspps.exe /sc onlogon",
            "high",
        ),
        // In ProgramData a vendor's program is odd, but no more than that.
        (
            CMD,
            r#"schtasks /create /tn R /tr "\"C:\ProgramData\HP\HP Print Scan Doctor\HPPSdr.exe\" -hm" /sc onlogon /ru SYSTEM"#,
            "medium",
        ),
        (
            CMD,
            r"schtasks /create /tn R /tr C:\ProgramData\HP\svchost.exe /sc onlogon /ru SYSTEM",
            "high",
        ),
        (
            CMD,
            r"schtasks /create /tn R /tr C:\ProgramData\Remcos\remcos.exe /sc onlogon /ru SYSTEM",
            "high",
        ),
    ] {
        let said = process(parent, SCHTASKS, line);
        let head = format!("{severity}: ");
        assert!(said.starts_with(&head), "{parent} {line}\n{said}");
    }
}

/// What the scheduler of Windows starts says as much as what it was told.
#[test]
fn children_of_the_scheduler_are_judged_by_what_they_run() {
    for (image, line, expected) in [
        (
            r"C:\Windows\System32\cmd.exe",
            r"cmd.exe /C tasklist > C:\Windows\Temp\HtmDVYZs.tmp 2>&1",
            "high: starts task, C:\\Windows\\System32\\cmd.exe [by attack tool]",
        ),
        (
            r"C:\Windows\System32\cmd.exe",
            r"cmd.exe /C C:\Tools\backup.bat > C:\Windows\Temp\backup.tmp 2>&1",
            "informational: starts task, C:\\Windows\\System32\\cmd.exe",
        ),
        (
            r"C:\Windows\System32\wscript.exe",
            r#"wscript.exe "C:\Users\Public\v.vbs""#,
            "medium: starts task, C:\\Windows\\System32\\wscript.exe [child suspicious]",
        ),
        (
            r"C:\Windows\System32\wscript.exe",
            r#""C:\Windows\System32\WScript.exe" "C:\Users\ann\letters\x.mdb" //e:vbscript //b"#,
            "medium: starts task, C:\\Windows\\System32\\wscript.exe [child suspicious]",
        ),
        (
            r"C:\Windows\System32\cmd.exe",
            r"cmd.exe /c C:\Users\Public\backup.bat",
            "low: starts task, C:\\Windows\\System32\\cmd.exe [child writable path]",
        ),
        (
            r"C:\Users\ann\AppData\Local\Temp\q.exe",
            r"C:\Users\ann\AppData\Local\Temp\q.exe",
            "low: starts task, C:\\Users\\ann\\AppData\\Local\\Temp\\q.exe [child writable path]",
        ),
        (
            r"C:\Users\ann\AppData\Local\Microsoft\OneDrive\OneDriveStandaloneUpdater.exe",
            r#""C:\Users\ann\AppData\Local\Microsoft\OneDrive\OneDriveStandaloneUpdater.exe" /reporting"#,
            "informational: starts task, C:\\Users\\ann\\AppData\\Local\\Microsoft\\OneDrive\\OneDriveStandaloneUpdater.exe",
        ),
    ] {
        assert_eq!(process("", image, line), expected, "{line}");
    }
}

/// Windows sets up, disables and deletes tasks of its own day by day.
#[test]
fn tasks_of_windows_are_no_alarm_where_windows_handles_them() {
    let content = |action: &str| {
        format!(
            "<Task><RegistrationInfo><Author>Microsoft Corporation</Author></RegistrationInfo><Triggers><LogonTrigger/></Triggers><Principals><Principal><UserId>S-1-5-18</UserId></Principal></Principals><Actions>{action}</Actions></Task>"
        )
    };
    let class = "<ComHandler><ClassId>{DFA14C43-F385-4170-99CC-1B7765FA0E4A}</ClassId></ComHandler>";
    let library = r"<Exec><Command>%windir%\system32\rundll32.exe</Command><Arguments>/d acproxy.dll,PerformAutochkOperations</Arguments></Exec>";
    let other = r"<Exec><Command>%windir%\system32\rundll32.exe</Command><Arguments>C:\Tools\acproxy.dll,Run</Arguments></Exec>";
    for (subject, name, action, severity) in [
        ("WS1$", r"\Microsoft\Windows\Shell\Refresh", class, "informational"),
        (
            "WS1$",
            r"\Microsoft\Windows\Autochk\Proxy",
            library,
            "informational",
        ),
        ("WS1$", r"\Microsoft\Windows\Autochk\Proxy", other, "high"),
        ("WS1$", r"\Autochk Proxy", library, "high"),
        ("ann", r"\Microsoft\Windows\Autochk\Proxy", library, "high"),
        ("ann", r"\Microsoft\Windows\Shell\Refresh", class, "medium"),
    ] {
        let content = content(action);
        let event = Event::windows(TaskRegistered {
            task_name: Some(name.as_bytes()),
            task_content: Some(content.as_bytes()),
            subject_user_name: Some(subject.as_bytes()),
            ..Default::default()
        });
        let said = said_of(&event);
        let head = format!("{severity}: ");
        assert!(said.starts_with(&head), "{subject} {name}\n{said}");
    }
    for (subject, name, severity) in [
        (
            "WS1$",
            r"\Microsoft\Windows\UpdateOrchestrator\Reboot_AC",
            "informational",
        ),
        ("ann", r"\Microsoft\Windows\UpdateOrchestrator\Reboot_AC", "medium"),
        (
            "WS1$",
            r"\Microsoft\Windows\Windows Defender\Windows Defender Scheduled Scan",
            "medium",
        ),
    ] {
        let event = Event::windows(TaskDeleted {
            task_name: Some(name.as_bytes()),
            subject_user_name: Some(subject.as_bytes()),
            ..Default::default()
        });
        let said = said_of(&event);
        let head = format!("{severity}: ");
        assert!(said.starts_with(&head), "{subject} {name}\n{said}");
    }
}

/// Names are random only if nothing in them is a word.
#[test]
fn names_of_words_are_not_random() {
    for (name, is_random) in [
        ("rmclient", false),
        ("SyncHost", false),
        ("DataSync", false),
        ("MyAppTask", false),
        ("sqlmaint", false),
        ("dnsflush", false),
        ("wuzhrmlgv", true),
        ("HtmDVYZs", true),
    ] {
        let line = format!(r"schtasks /create /tn {name} /tr C:\Tools\r.exe");
        let image = r"C:\Windows\System32\schtasks.exe";
        let said = process(r"C:\Windows\System32\cmd.exe", image, &line);
        assert_eq!(said.contains("name random"), is_random, "{said}");
    }
}

/// What an encoded command sets up is not encoded itself, and a table of
/// PowerShell hides nothing.
#[test]
fn plain_style_of_powershell_is_not_obfuscated() {
    for (script, absent) in [
        (
            "$p = @{\n TaskName = 'Rotate'\n TaskPath = '\\Ops\\'\n Action = New-ScheduledTaskAction -Execute 'C:\\Program Files\\Ops\\logrotate.exe'\n}\nRegister-ScheduledTask @p",
            "obfuscated",
        ),
        (
            "Register-ScheduledTask -TaskName Rotate -Action (New-ScheduledTaskAction 'C:\\Program Files\\Ops\\logrotate.exe')",
            "encoded",
        ),
    ] {
        let event = Event::windows(ScriptBlock {
            script_block_text: Some(script.as_bytes()),
            ..Default::default()
        });
        let said = said_of(&event);
        assert!(
            said.contains(r"C:\Program Files\Ops\logrotate.exe"),
            "{said}"
        );
        assert!(!said.contains(absent), "{said}");
    }
    // schtasks /create /tn Up /tr C:\Tools\r.exe
    let line = "powershell -enc cwBjAGgAdABhAHMAawBzACAALwBjAHIAZQBhAHQAZQAgAC8AdABuACAAVQBwACAALwB0AHIAIABDADoAXABUAG8AbwBsAHMAXAByAC4AZQB4AGUA";
    let image = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe";
    assert_eq!(
        process(r"C:\Windows\System32\cmd.exe", image, line),
        r"low: creates task \Up, C:\Tools\r.exe [by encoded command]",
    );
}

/// Of jobs that weigh the same, the line names the one that is changed.
#[test]
fn line_names_what_is_done_before_what_is_looked_at() {
    let event = Event::windows(ScriptBlock {
        script_block_text: Some(
            b"Get-ScheduledTask ServerManager | Disable-ScheduledTask",
        ),
        ..Default::default()
    });
    assert_eq!(
        said_of(&event),
        r"informational: disables task \ServerManager"
    );
}
