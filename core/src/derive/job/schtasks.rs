/*!
`schtasks`: options to a job.

Options begin with `/` or `-`, are compared whole and without case, and come
in any order, the verb among them. A value is the next word, unless that is
an option that the verb knows. Source: the usage that the program prints, and
trials of what it takes.
*/

use super::facts::{Activity, Interface, Jobs, Scheduler, Trigger};
use super::traits::Trait;
use super::{account, action};
use crate::derive::canonical::arena::{Arena, Piece};
use crate::derive::canonical::argv::{Quotes, Word};
use crate::derive::canonical::command::{Command, Commands, System};
use crate::derive::canonical::notes::{Notes, Obfuscation};
use crate::derive::canonical::path;
use crate::derive::canonical::tool::option;
use crate::event::Field;

/// What is asked of the program, and the options that come with it: those
/// with a value, and those without.
struct Verb {
    name: &'static str,
    activity: Activity,
    values: &'static [&'static str],
    flags: &'static [&'static str],
}

const VERBS: [Verb; 7] = [
    Verb {
        name: "create",
        activity: Activity::Create,
        values: &[
            "s", "u", "p", "ru", "rp", "sc", "mo", "d", "m", "i", "tn", "tr",
            "st", "ri", "et", "du", "xml", "sd", "ed", "ec", "rl", "delay",
        ],
        flags: &["k", "v1", "it", "np", "z", "f", "hresult"],
    },
    Verb {
        name: "change",
        activity: Activity::Update,
        values: &[
            "s", "u", "p", "tn", "ru", "rp", "tr", "st", "ri", "et", "du",
            "sd", "ed", "rl", "delay",
        ],
        flags: &["k", "it", "enable", "disable", "z", "hresult"],
    },
    Verb {
        name: "delete",
        activity: Activity::Delete,
        values: &["s", "u", "p", "tn"],
        flags: &["f", "hresult"],
    },
    Verb {
        name: "run",
        activity: Activity::Start,
        values: &["s", "u", "p", "tn"],
        flags: &["i", "hresult"],
    },
    Verb {
        name: "end",
        activity: Activity::Stop,
        values: &["s", "u", "p", "tn"],
        flags: &["hresult"],
    },
    Verb {
        name: "showsid",
        activity: Activity::Query,
        values: &["tn"],
        flags: &[],
    },
    QUERY,
];

/// What is done when no verb is given, too.
const QUERY: Verb = Verb {
    name: "query",
    activity: Activity::Query,
    values: &["s", "u", "p", "fo", "tn", "xml"],
    flags: &["nh", "v", "hresult"],
};

/// Options whose value may be left out.
const MAY_LACK_VALUE: [&str; 3] = ["p", "rp", "xml"];

impl Verb {
    fn knows(&self, name: &[u8]) -> Option<&'static str> {
        let all = self.values.iter().chain(self.flags);
        all.copied().find(|known| is(name, known))
    }

    fn takes_value(&self, option: &str) -> bool {
        self.values.contains(&option)
    }
}

fn is(name: &[u8], known: &str) -> bool {
    name.eq_ignore_ascii_case(known.as_bytes())
}

/// Tells the job that a call of schtasks speaks of. What had to be undone to
/// read it is added to `notes`.
pub(crate) fn read(
    commands: &mut Commands,
    command: Command,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    let words = commands.words(command).get(1..).unwrap_or_default();
    let arena = &commands.arena;
    // Help, of the program or of a verb: nothing is done.
    let asks = |word: &Word| matches!(arena.get(word.text), b"/?" | b"-?");
    if words.len() < 3 && words.iter().any(asks) {
        return;
    }
    let verb = verb_of(words, arena);
    let said = options_of(words, arena, verb, notes);
    for activity in activities(verb, &said) {
        jobs.say(Field::JobActivity, activity.name());
    }
    jobs.say(Field::JobScheduler, Scheduler::WindowsTasks.name());
    jobs.say(Field::JobInterface, Interface::Schtasks.name());
    if let Some(target) = said.of("s") {
        jobs.write(
            Field::JobTarget,
            super::facts::host(target, &mut commands.arena),
        );
    }
    if let Some(name) = said.of("tn") {
        let name = super::facts::task_name(name, &mut commands.arena);
        jobs.write(Field::JobName, name);
    }
    if verb.activity != Activity::Query {
        definition(&said, &mut commands.arena, jobs, notes);
        let start = said.of("st").map(|start| commands.arena.get(start));
        let schedule = said.of("sc").map(|once| commands.arena.get(once));
        if start.is_some_and(|start| matches!(start, b"00:00" | b"0:00"))
            && schedule.is_some_and(|once| is(once, "once"))
        {
            jobs.say(Field::JobTrait, Trait::StartMidnight.name());
        }
        if let Some(line) = said.of("tr") {
            action::push_line(commands, line, command, jobs);
        }
    }
    jobs.end();
}

/// The verb of a call, by the first option that is one.
fn verb_of(words: &[Word], arena: &Arena) -> &'static Verb {
    let options = words.iter().filter_map(|word| option(arena.get(word.text)));
    let mut verbs = options
        .filter_map(|name| VERBS.iter().find(|verb| is(name, verb.name)));
    verbs.next().unwrap_or(&QUERY)
}

/// The options of one call, with their values.
struct Said {
    values: [(&'static str, Option<Piece>); 24],
    count: usize,
}

impl Said {
    fn has(&self, name: &str) -> bool {
        self.values.iter().take(self.count).any(|(known, _)| *known == name)
    }

    /// The value of an option; of several the last counts.
    fn of(&self, name: &str) -> Option<Piece> {
        let said = self.values.iter().take(self.count).rev();
        said.filter(|(known, _)| *known == name).find_map(|(_, value)| *value)
    }

    fn add(&mut self, name: &'static str, value: Option<Piece>) {
        if let Some(free) = self.values.get_mut(self.count) {
            *free = (name, value);
            self.count = self.count.saturating_add(1);
        }
    }
}

fn options_of(
    words: &[Word],
    arena: &Arena,
    verb: &Verb,
    notes: &mut Notes,
) -> Said {
    let mut said = Said { values: [("", None); 24], count: 0 };
    let mut rest = words.iter().peekable();
    while let Some(word) = rest.next() {
        let Some(name) = option(arena.get(word.text)) else { continue };
        let is_verb = is(name, verb.name);
        let Some(known) = verb.knows(name) else {
            note_quotes(*word, is_verb, notes);
            continue;
        };
        note_quotes(*word, true, notes);
        if !verb.takes_value(known) {
            said.add(known, None);
            continue;
        }
        let is_option = |next: &&Word| {
            let name = option(arena.get(next.text));
            let known = name.and_then(|name| verb.knows(name));
            known.is_some()
        };
        let lacks_value = rest.peek().copied().is_none_or(|next| {
            is_option(&next) && MAY_LACK_VALUE.contains(&known)
                || is_option(&next) && next.quotes == Quotes::None
        });
        let value = if lacks_value { None } else { rest.next() };
        said.add(known, value.map(|value| value.text));
    }
    said
}

/// A quoted value is common, a quoted option is how to hide it.
fn note_quotes(word: Word, is_known: bool, notes: &mut Notes) {
    if is_known && word.quotes != Quotes::None {
        notes.add(Obfuscation::QuotedOption);
    }
}

fn activities(
    verb: &Verb,
    said: &Said,
) -> impl Iterator<Item = Activity> + use<> {
    let switches = [
        (said.has("enable"), Activity::Enable),
        (said.has("disable"), Activity::Disable),
    ];
    let is_change = verb.activity == Activity::Update;
    let is_switch = is_change && switches.iter().any(|(is_on, _)| *is_on);
    let changes = ["ru", "tr", "st", "ri", "et", "du", "sd", "ed", "rl"];
    let is_more = changes.iter().any(|name| said.has(name));
    let main = Some(verb.activity).filter(|_| !is_switch || is_more);
    let switched = switches.into_iter().filter(move |(is_on, _)| *is_on);
    let switched = switched.map(|(_, activity)| activity);
    main.into_iter().chain(switched.filter(move |_| is_change))
}

/// What the options say of the job itself.
fn definition(
    said: &Said,
    arena: &mut Arena,
    jobs: &mut Jobs,
    notes: &mut Notes,
) {
    if let Some(file) = said.of("xml") {
        jobs.say(Field::JobInterface, Interface::Xml.name());
        jobs.write(Field::JobFile, path::windows(file, arena, notes));
    }
    if let Some(user) = said.of("ru") {
        account::push(user, System::Windows, arena, jobs);
    }
    if let Some(level) = said.of("rl") {
        let level = arena.get(level);
        for known in ["highest", "limited"] {
            if is(level, known) {
                jobs.say(Field::JobRunLevel, known);
            }
        }
    }
    if let Some(schedule) = said.of("sc")
        && let Some(trigger) = trigger(arena.get(schedule))
    {
        jobs.say(Field::JobTrigger, trigger.name());
    }
    // Repeated every so many minutes.
    if let Some(interval) = said.of("ri")
        && is_below_an_hour(arena.get(interval))
    {
        jobs.say(Field::JobTrigger, Trigger::Minute.name());
    }
}

fn is_below_an_hour(minutes: &[u8]) -> bool {
    let number = core::str::from_utf8(minutes).ok();
    let number = number.and_then(|text| text.parse::<u32>().ok());
    number.is_some_and(|minutes| minutes > 0 && minutes < 60)
}

fn trigger(schedule: &[u8]) -> Option<Trigger> {
    let named = [
        ("minute", Trigger::Minute),
        ("hourly", Trigger::Hourly),
        ("daily", Trigger::Daily),
        ("weekly", Trigger::Weekly),
        ("monthly", Trigger::Monthly),
        ("once", Trigger::Once),
        ("onstart", Trigger::Boot),
        ("onlogon", Trigger::Logon),
        ("onidle", Trigger::Idle),
        ("onevent", Trigger::OnEvent),
    ];
    let found = named.iter().find(|(name, _)| is(schedule, name));
    found.map(|(_, trigger)| *trigger)
}
