/*!
`systemctl`, `systemd-run`, and the bus behind them.
*/

use super::facts::{Activity, Interface, Jobs, Scheduler, Trigger, host};
use super::options::{self, Grammar, Item};
use super::{account, action};
use crate::derive::canonical::arena::{Arena, Piece};
use crate::derive::canonical::command::{Command, Commands, System};
use crate::derive::canonical::notes::Notes;
use crate::derive::canonical::path;
use crate::event::Field;

const CONTROL: Grammar = Grammar {
    letters: b"tpHMsno",
    names: &[
        "type",
        "state",
        "property",
        "host",
        "machine",
        "root",
        "signal",
        "kill-whom",
        "lines",
        "output",
        "job-mode",
        "what",
        "image",
        "preset-mode",
        "timestamp",
        "drop-in",
        "when",
    ],
    stops: false,
};

/// What verbs of systemctl do to a job.
const VERBS: [(&str, Activity); 24] = [
    ("enable", Activity::Enable),
    ("reenable", Activity::Enable),
    ("preset", Activity::Enable),
    ("link", Activity::Enable),
    ("add-wants", Activity::Enable),
    ("add-requires", Activity::Enable),
    ("unmask", Activity::Enable),
    ("start", Activity::Start),
    ("restart", Activity::Start),
    ("try-restart", Activity::Start),
    ("reload-or-restart", Activity::Start),
    ("disable", Activity::Disable),
    ("mask", Activity::Disable),
    ("stop", Activity::Disable),
    ("edit", Activity::Update),
    ("set-property", Activity::Update),
    ("revert", Activity::Update),
    ("list-timers", Activity::Query),
    ("status", Activity::Query),
    ("cat", Activity::Query),
    ("show", Activity::Query),
    ("is-active", Activity::Query),
    ("is-enabled", Activity::Query),
    ("list-paths", Activity::Query),
];

/// Most units of one call that are told.
const MOST_UNITS: usize = 16;

/// Tells the jobs that a call of systemctl speaks of: one a timer or path.
pub(crate) fn read_control(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
) {
    let mut verb = None;
    let mut units = [Piece::default(); MOST_UNITS];
    let (mut count, mut is_now, mut target) = (0_usize, false, None);
    let arena = &commands.arena;
    options::read(commands, command, CONTROL, &mut |item| {
        match item {
            Item::Operand(word, _) if verb.is_none() => verb = Some(word),
            Item::Operand(word, _) => {
                if let Some(free) = units.get_mut(count) {
                    *free = word;
                    count = count.saturating_add(1);
                }
            }
            Item::Letter(b'H' | b'M', value) => target = value,
            Item::Long(name, value) => match arena.get(name) {
                b"now" => is_now = true,
                b"host" | b"machine" | b"root" => target = value,
                _ => {}
            },
            Item::Letter(..) => {}
        }
        true
    });
    let Some(verb) = verb else { return };
    let verb = commands.arena.get(verb);
    let known = VERBS.iter().find(|(name, _)| name.as_bytes() == verb);
    let Some(&(name, activity)) = known else { return };
    let is_list = name.starts_with("list-");
    let target = target.filter(|target| !is_own(commands.arena.get(*target)));
    let target = target.map(|target| host(target, &mut commands.arena));
    let say = |unit: Option<Piece>, file: Option<Piece>, jobs: &mut Jobs| {
        jobs.say(Field::JobActivity, activity.name());
        if is_now && activity == Activity::Enable {
            jobs.say(Field::JobActivity, Activity::Start.name());
        }
        jobs.say(Field::JobScheduler, Scheduler::Systemd.name());
        jobs.say(Field::JobInterface, Interface::Systemctl.name());
        if let Some(unit) = unit {
            jobs.write(Field::JobName, unit);
        }
        if let Some(file) = file {
            jobs.write(Field::JobFile, file);
        }
        if let Some(target) = target {
            jobs.write(Field::JobTarget, target);
        }
        jobs.end();
    };
    if is_list {
        say(None, None, jobs);
        return;
    }
    for unit in units.iter().take(count) {
        if is_scheduling(commands.arena.get(*unit)) {
            let name = last_part(*unit, commands);
            let is_file = commands.arena.get(*unit).contains(&b'/');
            let file = is_file.then(|| {
                let directory = command.origin.directory;
                let notes = &mut Notes::default();
                path::unix(*unit, directory, &mut commands.arena, notes)
            });
            say(Some(name), file, jobs);
        }
    }
}

/// Whether a name of a machine is that of this one, where only the user may
/// be another: `ann@`, `ann@.host`.
fn is_own(machine: &[u8]) -> bool {
    machine.ends_with(b"@") || machine.ends_with(b".host")
}

/// Whether a unit schedules: a timer, a path, or all timers.
fn is_scheduling(unit: &[u8]) -> bool {
    unit.ends_with(b".timer")
        || unit.ends_with(b".path")
        || unit == b"timers.target"
}

/// A unit's name, where its file was given.
fn last_part(unit: Piece, commands: &Commands) -> Piece {
    let slash = memchr::memrchr(b'/', commands.arena.get(unit));
    unit.after(slash.map_or(0, |at| at.saturating_add(1)))
}

const RUN: Grammar = Grammar {
    letters: b"pHMuE",
    names: &[
        "unit",
        "property",
        "description",
        "slice",
        "uid",
        "gid",
        "nice",
        "setenv",
        "working-directory",
        "host",
        "machine",
        "service-type",
        "on-active",
        "on-boot",
        "on-startup",
        "on-unit-active",
        "on-unit-inactive",
        "on-calendar",
        "timer-property",
        "path-property",
        "socket-property",
    ],
    stops: false,
};

/// Options of systemd-run that make a timer, and when it is then.
const TIMERS: [(&str, Trigger); 10] = [
    ("on-active", Trigger::Once),
    ("on-boot", Trigger::Boot),
    ("on-startup", Trigger::Boot),
    ("on-unit-active", Trigger::Interval),
    ("on-unit-inactive", Trigger::Interval),
    ("on-calendar", Trigger::Calendar),
    ("on-clock-change", Trigger::OnEvent),
    ("on-timezone-change", Trigger::OnEvent),
    ("timer-property", Trigger::Calendar),
    ("path-property", Trigger::PathChange),
];

/// The option that a name is, or the only one that it is the beginning of.
fn timer_option(name: &[u8]) -> Option<Trigger> {
    let exact = TIMERS.iter().find(|(known, _)| known.as_bytes() == name);
    if let Some((_, trigger)) = exact {
        return Some(*trigger);
    }
    let mut fitting =
        TIMERS.iter().filter(|(known, _)| known.as_bytes().starts_with(name));
    let (_, trigger) = fitting.next()?;
    // `--on-b`, but not `--on` or `--on-c`.
    (fitting.next().is_none() && name.len() > 3).then_some(*trigger)
}

/// Tells the job that a call of systemd-run speaks of: one with a timer.
pub(crate) fn read_run(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
) {
    let mut triggers = [None; 4];
    let mut count = 0_usize;
    let (mut name, mut user, mut target, mut first) = (None, None, None, None);
    let arena = &commands.arena;
    options::read(commands, command, RUN, &mut |item| {
        match item {
            // A calendar has blanks, and the line may have lost its quotes.
            Item::Operand(word, _)
                if count > 0 && is_calendar(arena.get(word)) => {}
            Item::Operand(_, place) => {
                first = first.or(Some(place));
                return false;
            }
            Item::Letter(b'u', value) => name = value,
            Item::Letter(b'H' | b'M', value) => target = value,
            Item::Letter(b'p', value) => {
                let text = value.map(|value| arena.get(value));
                if text.is_some_and(|text| text.starts_with(b"User=")) {
                    user = value.map(|value| value.after(5));
                }
            }
            Item::Long(option, value) => match arena.get(option) {
                b"unit" => name = value,
                b"uid" => user = value,
                b"host" | b"machine" => target = value,
                b"property" => {
                    let text = value.map(|value| arena.get(value));
                    if text.is_some_and(|text| text.starts_with(b"User=")) {
                        user = value.map(|value| value.after(5));
                    }
                }
                option => {
                    if let (Some(trigger), Some(free)) =
                        (timer_option(option), triggers.get_mut(count))
                    {
                        *free = Some((trigger, value));
                        count = count.saturating_add(1);
                    }
                }
            },
            Item::Letter(..) => {}
        }
        true
    });
    if count == 0 {
        return;
    }
    jobs.head(Activity::Create, Scheduler::Systemd, Interface::SystemdRun);
    if let Some(name) = name {
        jobs.write(Field::JobName, name);
    }
    for (trigger, value) in triggers.iter().flatten() {
        let value = value.map(|value| commands.arena.get(value));
        let trigger = narrowed(*trigger, value.unwrap_or_default());
        jobs.say(Field::JobTrigger, trigger.name());
    }
    if let Some(user) = user {
        account::push(user, System::Unix, &commands.arena, jobs);
    }
    let target = target.filter(|target| !is_own(commands.arena.get(*target)));
    if let Some(target) = target {
        let target = host(target, &mut commands.arena);
        jobs.write(Field::JobTarget, target);
    }
    if let Some(first) = first {
        action::push_words(commands, command, first, jobs);
    }
    jobs.end();
}

/// What a unit's file calls the times at which it starts another.
const KEYS: [(&[u8], Trigger); 12] = [
    (b"OnActiveSec", Trigger::Once),
    (b"OnBootSec", Trigger::Boot),
    (b"OnStartupSec", Trigger::Boot),
    (b"OnUnitActiveSec", Trigger::Interval),
    (b"OnUnitInactiveSec", Trigger::Interval),
    (b"OnCalendar", Trigger::Calendar),
    (b"OnClockChange", Trigger::OnEvent),
    (b"OnTimezoneChange", Trigger::OnEvent),
    (b"PathExists", Trigger::PathChange),
    (b"PathChanged", Trigger::PathChange),
    (b"PathModified", Trigger::PathChange),
    (b"DirectoryNotEmpty", Trigger::PathChange),
];

/// Most lines of a unit's file that are read.
const MOST_LINES: usize = 64;

/// States when a timer or a path starts, which is being told, by the lines of
/// its file.
pub(crate) fn triggers(unit: Piece, arena: &Arena, jobs: &mut Jobs) {
    let lines = arena.get(unit).split(|byte| *byte == b'\n');
    for line in lines.take(MOST_LINES) {
        let Some(at) = memchr::memchr(b'=', line) else { continue };
        let (key, value) = line.split_at_checked(at).unwrap_or_default();
        let key = key.trim_ascii();
        let value = value.get(1..).unwrap_or_default();
        let known = KEYS.iter().find(|(known, _)| *known == key);
        if let Some((_, trigger)) = known {
            let trigger = narrowed(*trigger, value);
            jobs.say(Field::JobTrigger, trigger.name());
        }
    }
}

/// Whether a word can only be part of a calendar: `*:*:00`.
fn is_calendar(word: &[u8]) -> bool {
    word.iter().all(|byte| byte.is_ascii_digit() || b"*:-/,.~".contains(byte))
        && word.contains(&b':')
}

/// A trigger, narrowed by its value: how often it is.
pub(crate) fn narrowed(trigger: Trigger, value: &[u8]) -> Trigger {
    match (trigger, value.trim_ascii()) {
        (Trigger::Calendar, b"minutely") => Trigger::Minute,
        (Trigger::Calendar, b"hourly") => Trigger::Hourly,
        (Trigger::Calendar, b"daily") => Trigger::Daily,
        (Trigger::Calendar, b"weekly") => Trigger::Weekly,
        (Trigger::Calendar, b"monthly") => Trigger::Monthly,
        (Trigger::Calendar, value) if value.starts_with(b"*:") => {
            Trigger::Minute
        }
        (Trigger::Interval, value) if is_below_an_hour(value) => {
            Trigger::Minute
        }
        _ => trigger,
    }
}

/// Whether a span of systemd's is shorter than an hour: `30`, `30s`, `5min`.
fn is_below_an_hour(span: &[u8]) -> bool {
    let digits = span.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, unit) = span.split_at_checked(digits).unwrap_or_default();
    let number = core::str::from_utf8(number).ok();
    let Some(number) = number.and_then(|text| text.parse::<u32>().ok()) else {
        return false;
    };
    match unit.trim_ascii() {
        b"" | b"s" | b"sec" | b"second" | b"seconds" => number < 3600,
        b"m" | b"min" | b"minute" | b"minutes" => number < 60,
        b"ms" | b"us" => true,
        _ => false,
    }
}

/// Tells the job that a call of the bus speaks of.
pub(crate) fn read_bus(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
) {
    let words = commands.words(command).iter();
    let has = |wanted: &[u8]| {
        words.clone().any(|word| {
            memchr::memmem::find(commands.arena.get(word.text), wanted)
                .is_some()
        })
    };
    let activity = if has(b"StartTransientUnit") {
        Activity::Create
    } else if has(b"EnableUnitFiles") || has(b"LinkUnitFiles") {
        Activity::Enable
    } else {
        return;
    };
    let unit = words.clone().map(|word| word.text).find(|text| {
        let text = commands.arena.get(*text);
        let text = text.strip_prefix(b"string:").unwrap_or(text);
        is_scheduling(text)
    });
    let Some(unit) = unit else { return };
    jobs.head(activity, Scheduler::Systemd, Interface::Busctl);
    let name = last_part(unit, commands);
    jobs.write(Field::JobName, name);
    jobs.end();
}

#[cfg(test)]
mod tests {
    use crate::derive::canonical::command::System;
    use crate::derive::job::process::tests::told;

    #[test]
    fn calls_of_systemctl() {
        const HEAD: &str = "Scheduler=systemd|Interface=systemctl";
        for (line, expected) in [
            (
                "systemctl enable --now x.timer",
                format!("Activity=enable|Activity=start|{HEAD}|Name=x.timer"),
            ),
            (
                "systemctl --user start a.service x.timer",
                format!("Activity=start|{HEAD}|Name=x.timer"),
            ),
            (
                "systemctl -H ann@srv stop x.path",
                format!("Activity=disable|{HEAD}|Name=x.path|Target=srv"),
            ),
            (
                "systemctl --user -M ann@ enable /tmp/x.timer",
                format!(
                    "Activity=enable|{HEAD}|Name=x.timer|File=/tmp/x.timer"
                ),
            ),
            ("systemctl list-timers", format!("Activity=query|{HEAD}")),
            ("systemctl start x.service", String::new()),
            ("systemctl daemon-reload", String::new()),
            ("systemctl", String::new()),
        ] {
            assert_eq!(told(line, System::Unix), expected, "{line}");
        }
    }

    #[test]
    fn calls_of_systemd_run() {
        const HEAD: &str =
            "Activity=create|Scheduler=systemd|Interface=systemd_run";
        for (line, expected) in [
            (
                "systemd-run --unit=x --on-boot=60 --on-unit-active 60 /bin/sh /tmp/y",
                format!(
                    "{HEAD}|Name=x|Trigger=boot|Trigger=minute|Command=/usr/bin/sh|Arguments=/tmp/y"
                ),
            ),
            (
                "systemd-run --on-cal=hourly --uid=0 x",
                format!(
                    "{HEAD}|Trigger=hourly|User=root|Command=x|Arguments="
                ),
            ),
            ("systemd-run --on-c=hourly x", String::new()),
            ("systemd-run x --on-boot=1", String::new()),
        ] {
            assert_eq!(told(line, System::Unix), expected, "{line}");
        }
    }
}
