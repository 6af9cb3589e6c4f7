/*!
Typed events, of each kind one that matches and one that does not.
*/

use t1053::event::{
    AuditPath, AuditProctitle, AuditSyscall, CloudActivity, Event, EventData,
    EventKind, FileCreation, Platform, ProcessCreation, RegistryEvent,
    ScriptBlock, TaskRegistered, TaskScheduler,
};

/// An event to evaluate.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The kind, and whether it matches.
    pub name: String,
    /// Whether some detection matches it.
    pub is_hit: bool,
    /// The event.
    pub event: Event<'static>,
}

fn sample(
    platform: Platform,
    is_hit: bool,
    data: impl Into<EventData<'static>>,
) -> Sample {
    let data = data.into();
    let mut event = Event::new(platform, data.kind());
    event.data = data;
    // Rules about the registry ask who did it.
    event.user = Some(br"NT AUTHORITY\SYSTEM");
    let outcome = if is_hit { "hit" } else { "miss" };
    Sample { name: format!("{}, {outcome}", data.kind()), is_hit, event }
}

/// A process creation of the usual size that matches nothing.
pub fn process_miss() -> Event<'static> {
    let data = ProcessCreation {
        image: Some(br"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe"),
        command_line: Some(br#""C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe" --type=renderer --field-trial-handle=1844,i,1042,131072 --lang=en-US --device-scale-factor=1 --num-raster-threads=4 /prefetch:1"#),
        original_file_name: Some(b"msedge.exe"),
        current_directory: Some(br"C:\Program Files (x86)\Microsoft\Edge\Application\"),
        process_id: Some(b"6112"),
        integrity_level: Some(b"Medium"),
        parent_image: Some(br"C:\Windows\explorer.exe"),
        parent_command_line: Some(br"C:\Windows\Explorer.EXE /NOUACCHECK"),
        parent_process_id: Some(b"4020"),
        ..Default::default()
    };
    sample(Platform::Windows, false, data).event
}

/// A process creation of the usual size that several detections match.
pub fn process_hit() -> Event<'static> {
    let data = ProcessCreation {
        image: Some(br"C:\Windows\System32\schtasks.exe"),
        command_line: Some(br#"schtasks.exe /create /tn "updater" /tr "C:\Users\Public\updater.exe" /sc onlogon /ru SYSTEM /f"#),
        original_file_name: Some(b"schtasks.exe"),
        current_directory: Some(br"C:\Users\deploy\"),
        process_id: Some(b"6112"),
        integrity_level: Some(b"High"),
        parent_image: Some(br"C:\Windows\System32\cmd.exe"),
        parent_command_line: Some(br"C:\Windows\system32\cmd.exe"),
        parent_process_id: Some(b"4020"),
        ..Default::default()
    };
    sample(Platform::Windows, true, data).event
}

/// An event of a kind that no rule asks for.
pub fn of_no_interest() -> Event<'static> {
    let data = FileCreation {
        target_filename: Some(br"C:\Windows\Temp\a.tmp"),
        image: Some(br"C:\Windows\System32\svchost.exe"),
        ..Default::default()
    };
    // Rules about created files are about Linux.
    sample(Platform::Windows, false, data).event
}

/// Events of every kind that rules ask for.
pub fn all() -> Vec<Sample> {
    let of = |event: Event<'static>, is_hit| {
        sample(event.platform, is_hit, event.data)
    };
    const SCRIPT: &[u8] = b"function Get-Report { param([string]$Path)\n  Get-ChildItem -Path $Path -Recurse | Where-Object { $_.Length -gt 1MB } | Sort-Object Length -Descending | Select-Object -First 20 FullName, Length\n}\nGet-Report -Path 'D:\\Shares\\reports' | Export-Csv -NoTypeInformation -Path 'D:\\Shares\\reports\\large.csv'";
    let definition = |is_hit| -> &'static [u8] {
        if is_hit {
            br#"<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"><Settings><Hidden>true</Hidden></Settings><Actions Context="Author"><Exec><Command>powershell.exe</Command><Arguments>-enc http://203.0.113.7/a</Arguments></Exec></Actions></Task>"#
        } else {
            br#"<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"><Settings><Hidden>false</Hidden></Settings><Actions Context="Author"><Exec><Command>C:\Program Files\Backup\bkp.com</Command><Arguments>--nightly --keep 14</Arguments></Exec></Actions></Task>"#
        }
    };
    let mut samples = vec![
        of(process_hit(), true),
        of(process_miss(), false),
        sample(
            Platform::Windows,
            false,
            EventData::new(EventKind::TaskDeleted),
        ),
    ];
    for is_hit in [true, false] {
        let of = |hit: &'static [u8], miss: &'static [u8]| {
            Some(if is_hit { hit } else { miss })
        };
        samples.extend([
            sample(
                Platform::Linux,
                is_hit,
                FileCreation {
                    target_filename: of(
                        b"/etc/cron.d/updater",
                        b"/var/lib/postgresql/15/main/base/16384/2619",
                    ),
                    image: Some(b"/usr/bin/bash"),
                    process_id: Some(b"812"),
                },
            ),
            sample(
                Platform::Windows,
                is_hit,
                RegistryEvent {
                    event_type: of(b"DeleteValue", b"SetValue"),
                    target_object: of(
                        br"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tree\Updater\SD",
                        br"HKLM\System\CurrentControlSet\Services\bam\State\UserSettings\S-1-5-18\SequenceNumber",
                    ),
                    details: Some(b"DWORD (0x00000001)"),
                    image: Some(br"C:\Windows\system32\svchost.exe"),
                    process_id: Some(b"1204"),
                },
            ),
            sample(
                Platform::Windows,
                is_hit,
                TaskRegistered {
                    task_name: of(br"\qzkxwvjpyh", br"\aaaa"),
                    task_content: Some(definition(is_hit)),
                    subject_user_sid: Some(b"S-1-5-21-1-2-3-1104"),
                    subject_user_name: Some(b"deploy"),
                    subject_domain_name: Some(b"CORP"),
                    subject_logon_id: Some(b"0x3e7"),
                    ..Default::default()
                },
            ),
            sample(
                Platform::Windows,
                is_hit,
                ScriptBlock {
                    script_block_text: of(
                        b"$a = New-ScheduledTaskAction -Execute calc.exe; Register-ScheduledTask -TaskName upd -Action $a",
                        SCRIPT,
                    ),
                    message_number: Some(b"1"),
                    message_total: Some(b"1"),
                    ..Default::default()
                },
            ),
            sample(
                Platform::Linux,
                is_hit,
                AuditSyscall {
                    syscall_name: Some(b"rename"),
                    success: Some(b"yes"),
                    comm: of(b"crontab", b"python3"),
                    exe: of(b"/usr/bin/crontab", b"/usr/bin/python3.11"),
                    uid: Some(b"1000"),
                    ..Default::default()
                },
            ),
            sample(
                Platform::Linux,
                is_hit,
                AuditPath {
                    name: of(b"/etc/cron.d/updater", b"/usr/lib/python3.11"),
                    nametype: of(b"CREATE", b"NORMAL"),
                    ..Default::default()
                },
            ),
            sample(
                Platform::Linux,
                is_hit,
                AuditProctitle {
                    proctitle: of(b"systemctl restart cron", b"python3 -m http.server"),
                    ..Default::default()
                },
            ),
        ]);
    }
    let mut run = sample(
        Platform::Windows,
        true,
        TaskScheduler {
            task_name: Some(br"\updater"),
            action_name: Some(br"C:\Windows\System32\cmd.exe"),
            ..Default::default()
        },
    );
    run.event.event_id = Some(b"200");
    samples.push(run);
    samples.push(sample(
        Platform::Azure,
        false,
        CloudActivity {
            operation_name: Some(b"MICROSOFT.COMPUTE/VIRTUALMACHINES/READ"),
            result_type: Some(b"Success"),
            ..Default::default()
        },
    ));
    let mut none = sample(Platform::Windows, false, of_no_interest().data);
    none.name = "of a kind no rule asks for".into();
    samples.push(none);
    samples
}

#[cfg(test)]
mod tests {
    use t1053::{Detector, Scratch};

    use super::*;

    #[test]
    fn samples_match_as_they_say() {
        let detector = Detector::new();
        let mut scratch = Scratch::new(&detector);
        for Sample { name, is_hit, event } in all() {
            let found = detector.evaluate(&event, &mut scratch).count();
            // A registered task always matches a rule that asks for no more.
            let is_task = event.kind() == EventKind::TaskRegistered;
            assert_eq!(found > usize::from(is_task), is_hit, "{name}");
        }
    }
}
