/*!
Tools that were written to abuse schedulers, by the switches that they take:
what they are called is up to whoever uses them.
*/

use super::action;
use super::facts::{Activity, Interface, Jobs, Scheduler, host, task_name};
use super::traits::Trait;
use crate::bytes;
use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::command::{Command, Commands, System};
use crate::event::Field;

/// Tells the job that a call of such a tool speaks of; whether it is one.
pub(crate) fn read(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
) -> bool {
    match command.origin.system {
        System::Windows => {
            persistence(commands, command, jobs)
                || registry(commands, command, jobs)
                || in_policy(commands, command, jobs)
                || with_prefixes(commands, command, jobs)
                || over_rpc(commands, command, jobs)
        }
        System::Unix => {
            over_rpc(commands, command, jobs)
                || in_policy(commands, command, jobs)
        }
    }
}

fn word(commands: &Commands, command: Command, index: usize) -> Option<Piece> {
    commands.words(command).get(index).map(|word| word.text)
}

/// The word behind another one.
fn behind(
    commands: &Commands,
    command: Command,
    name: &[u8],
) -> Option<Piece> {
    let mut words = commands.words(command).iter();
    let at = words.position(|word| {
        commands.arena.get(word.text).eq_ignore_ascii_case(name)
    })?;
    word(commands, command, at.saturating_add(1))
}

fn head(activity: Activity, interface: Interface, jobs: &mut Jobs) {
    jobs.head(activity, Scheduler::WindowsTasks, interface);
    jobs.say(Field::JobTrait, Trait::AttackTool.name());
}

/// `-t schtask -c program -a arguments -n name -m add`, as SharPersist has it.
fn persistence(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
) -> bool {
    let kind = behind(commands, command, b"-t");
    let kind = kind.map(|kind| commands.arena.get(kind));
    let is_it = kind.is_some_and(|kind| {
        kind.eq_ignore_ascii_case(b"schtask")
            || kind.eq_ignore_ascii_case(b"schtaskbackdoor")
    });
    let Some(mode) = behind(commands, command, b"-m").filter(|_| is_it) else {
        return false;
    };
    let mode = commands.arena.get(mode);
    let is = |name: &[u8]| mode.eq_ignore_ascii_case(name);
    let is_other_task = kind.is_some_and(|kind| kind.len() > b"schtask".len());
    let activity = match () {
        // It puts an action of its own into a task that is there.
        () if is(b"add") && is_other_task => Activity::Update,
        () if is(b"add") => Activity::Create,
        () if is(b"remove") => Activity::Delete,
        () => Activity::Query,
    };
    head(activity, Interface::Com, jobs);
    if let Some(name) = behind(commands, command, b"-n") {
        let name = task_name(name, &mut commands.arena);
        jobs.write(Field::JobName, name);
    }
    if let Some(program) = behind(commands, command, b"-c") {
        let arguments = behind(commands, command, b"-a");
        action::push(commands, program, arguments, command, jobs);
    }
    jobs.end();
    true
}

/// `host add name program arguments user daily 12:00`, as GhostTask has it,
/// which writes the registry.
fn registry(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
) -> bool {
    let is_at = |index: usize, names: &[&[u8]]| {
        let word = commands.text(command, index).unwrap_or_default();
        names.iter().any(|name| word.eq_ignore_ascii_case(name))
    };
    let is_add = is_at(2, &[b"add"])
        && is_at(7, &[b"second", b"daily", b"weekly", b"logon"]);
    let program = commands.text(command, 0).unwrap_or_default();
    let is_named = bytes::find(program, b"ghosttask", 0, false).is_some();
    let is_other = is_named && is_at(2, &[b"add", b"delete"]);
    if !is_add && !is_other {
        return false;
    }
    let activity = match is_at(2, &[b"delete"]) {
        true => Activity::Delete,
        false => Activity::Create,
    };
    head(activity, Interface::Registry, jobs);
    let target = word(commands, command, 1).filter(|target| {
        let target = commands.arena.get(*target);
        !target.eq_ignore_ascii_case(b"localhost")
    });
    if let Some(target) = target {
        let target = host(target, &mut commands.arena);
        jobs.write(Field::JobTarget, target);
    }
    if let Some(name) = word(commands, command, 3) {
        let name = task_name(name, &mut commands.arena);
        jobs.write(Field::JobName, name);
    }
    let program = word(commands, command, 4);
    if let Some(program) = program.filter(|_| activity == Activity::Create) {
        let arguments = word(commands, command, 5);
        action::push(commands, program, arguments, command, jobs);
    }
    jobs.end();
    true
}

/// A task that a group policy hands out: `--AddComputerTask --TaskName x
/// --Command y --Arguments z`, as SharpGPOAbuse has it; `-gpo-id .. -taskname
/// x -command y`, as pyGPOAbuse does.
fn in_policy(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
) -> bool {
    let has = |names: &[&[u8]]| {
        commands.words(command).iter().any(|word| {
            let text = commands.arena.get(word.text);
            names.iter().any(|name| text.eq_ignore_ascii_case(name))
        })
    };
    let adds = has(&[b"--addcomputertask", b"--addusertask"]);
    if !adds && !has(&[b"-gpo-id"]) {
        return false;
    }
    head(Activity::Create, Interface::File, jobs);
    let (name, program) = match adds {
        true => (b"--taskname".as_slice(), b"--command".as_slice()),
        false => (b"-taskname".as_slice(), b"-command".as_slice()),
    };
    if let Some(name) = behind(commands, command, name) {
        let name = task_name(name, &mut commands.arena);
        jobs.write(Field::JobName, name);
    }
    if let Some(program) = behind(commands, command, program) {
        let arguments = behind(commands, command, b"--arguments");
        let mut outer = command;
        // What is run is Windows', wherever the tool runs.
        outer.origin.system = System::Windows;
        match arguments {
            Some(_) => action::push(commands, program, arguments, outer, jobs),
            None => action::push_line(commands, program, outer, jobs),
        }
    }
    jobs.end();
    true
}

/// Tools whose options stand before their values in one word: `/method:create
/// /taskname:x /program:y`, as ScheduleRunner has it; `action=taskscheduler
/// taskname=x command=y`, as SharpMove and SharpStay do.
fn with_prefixes(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
) -> bool {
    let value = |commands: &Commands, names: &[&[u8]]| {
        commands.words(command).iter().find_map(|word| {
            let text = commands.arena.get(word.text);
            let mut names = names.iter();
            let name =
                names.find(|name| bytes::starts_with(text, name, false))?;
            Some(word.text.after(name.len()))
        })
    };
    let said = |commands: &Commands, name: &[u8], values: &[&[u8]]| {
        value(commands, &[name]).is_some_and(|said| {
            let said = commands.arena.get(said);
            values.iter().any(|value| said.eq_ignore_ascii_case(value))
        })
    };
    let (method, action) = (b"/method:", b"action=");
    let name = value(commands, &[b"/taskname:", b"taskname="]);
    let Some(name) = name else { return false };
    let activity = match () {
        () if said(commands, method, &[b"create", b"move"])
            || said(
                commands,
                action,
                &[b"taskscheduler", b"scheduledtask"],
            ) =>
        {
            Activity::Create
        }
        () if said(commands, action, &[b"modschtask"]) => Activity::Update,
        () if said(commands, method, &[b"delete"]) => Activity::Delete,
        () if said(commands, method, &[b"run"]) => Activity::Start,
        () => return false,
    };
    head(activity, Interface::Com, jobs);
    let target = value(commands, &[b"/remoteserver:", b"computername="])
        .filter(|host| {
            !commands.arena.get(*host).eq_ignore_ascii_case(b"localhost")
        });
    if let Some(target) = target {
        let target = host(target, &mut commands.arena);
        jobs.write(Field::JobTarget, target);
    }
    let name = task_name(name, &mut commands.arena);
    jobs.write(Field::JobName, name);
    if said(commands, b"/technique:", &[b"hide"]) {
        jobs.say(Field::JobHidden, "true");
    }
    if let Some(program) = value(commands, &[b"/program:"]) {
        let arguments = value(commands, &[b"/argument:"]);
        action::push(commands, program, arguments, command, jobs);
    } else if let Some(line) = value(commands, &[b"command="]) {
        action::push_line(commands, line, command, jobs);
    }
    jobs.end();
    true
}

/// `atexec.py domain/user@host command`, or another tool told to work that
/// way: `--exec-method atexec`.
fn over_rpc(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
) -> bool {
    let has = |text: &[u8]| bytes::find(text, b"atexec", 0, false).is_some();
    let mut words = commands.words(command).iter();
    let is_first = |commands: &Commands| {
        let first = commands.text(command, 0).unwrap_or_default();
        let second = commands.text(command, 1).unwrap_or_default();
        has(first) || has(second) && second.ends_with(b".py")
    };
    let is_method = words.any(|word| {
        commands.arena.get(word.text).eq_ignore_ascii_case(b"atexec")
    });
    if !is_method && !is_first(commands) {
        return false;
    }
    head(Activity::Create, Interface::Rpc, jobs);
    // `domain/user:password@host`.
    let mut words = commands.words(command).iter().map(|word| word.text);
    let account = words.find_map(|word| {
        let at = memchr::memrchr(b'@', commands.arena.get(word))?;
        Some(word.after(at.saturating_add(1)))
    });
    if let Some(target) = account {
        let target = host(target, &mut commands.arena);
        jobs.write(Field::JobTarget, target);
    }
    jobs.end();
    true
}

#[cfg(test)]
mod tests {
    use crate::derive::canonical::command::System;
    use crate::derive::job::process::tests::told;

    #[test]
    fn tools_are_known_by_their_switches() {
        const HEAD: &str = "Scheduler=task_scheduler|Interface=";
        for (line, expected) in [
            (
                r#"p.exe -t schtask -c "C:\x y.exe" -a "-z" -n N -m add -o hourly"#,
                format!(
                    r"Activity=create|{HEAD}com|Trait=attack_tool|Name=\N|Command=C:\x y.exe|Arguments=-z"
                ),
            ),
            (
                "p.exe -t schtask -n N -m remove",
                format!(
                    r"Activity=delete|{HEAD}com|Trait=attack_tool|Name=\N"
                ),
            ),
            (
                r#"g.exe SRV add n cmd.exe "/c calc" user daily 12:00"#,
                format!(
                    r"Activity=create|{HEAD}registry|Trait=attack_tool|Target=srv|Name=\n|Command=cmd.exe|Arguments=/c calc|Command=calc|Arguments="
                ),
            ),
            (
                r#"p.exe -t schtaskbackdoor -c C:\x.exe -n N -m add"#,
                format!(
                    r"Activity=update|{HEAD}com|Trait=attack_tool|Name=\N|Command=C:\x.exe|Arguments="
                ),
            ),
            (
                r#"s.exe --AddComputerTask --TaskName "Upd" --Author D\a --Command "cmd.exe" --Arguments "/c calc" --GPOName "Default""#,
                format!(
                    r"Activity=create|{HEAD}file|Trait=attack_tool|Name=\Upd|Command=cmd.exe|Arguments=/c calc|Command=calc|Arguments="
                ),
            ),
            (
                r"r.exe /method:create /taskname:Cleanup /trigger:daily /starttime:23:30 /program:calc.exe /argument:-x /remoteserver:SRV /technique:hide",
                format!(
                    r"Activity=create|{HEAD}com|Trait=attack_tool|Target=srv|Name=\Cleanup|Hidden=true|Command=calc.exe|Arguments=-x"
                ),
            ),
            (
                r#"m.exe action=taskscheduler computername=SRV command="C:\x.exe -z" taskname=Debug"#,
                format!(
                    r"Activity=create|{HEAD}com|Trait=attack_tool|Target=srv|Name=\Debug|Command=C:\x.exe|Arguments=-z"
                ),
            ),
            (
                "nxc.exe smb SRV -u a -x whoami --exec-method atexec",
                format!("Activity=create|{HEAD}rpc|Trait=attack_tool"),
            ),
            ("x.exe /taskname:Cleanup /verbose", String::new()),
            ("x.exe action=start taskname=Debug", String::new()),
            ("tar.exe -t x -m y", String::new()),
            ("git.exe remote add n", String::new()),
        ] {
            assert_eq!(told(line, System::Windows), expected, "{line}");
        }
        let line = "python3 atexec.py d/u:p@SRV whoami";
        assert_eq!(
            told(line, System::Unix),
            format!("Activity=create|{HEAD}rpc|Trait=attack_tool|Target=srv")
        );
    }
}
