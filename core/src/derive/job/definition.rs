/*!
Task definitions, XML, to the facts of their job.

A definition that was cut, or that is broken, is read as far as it goes.
*/

use super::facts::{Jobs, Trigger};
use super::{account, action};
use crate::derive::canonical::arena::Piece;
use crate::derive::canonical::command::{Command, Commands, Origin, System};
use crate::event::Field;
use crate::record::syntax::xml::{self, Token, Tokens};

/// Deepest element whose name matters: `Task/Triggers/X/Repetition/Interval`.
const MOST_DEPTH: usize = 5;

/// An element whose name is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Element {
    #[default]
    Other,
    RegistrationInfo,
    Triggers,
    Trigger,
    Repetition,
    Principals,
    Principal,
    Settings,
    Actions,
    Exec,
    ComHandler,
}

/// What the settings say that changes what an event of the task means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// Whether the definition itself says who runs it.
    pub(crate) has_user: bool,
    /// Whether it names its author.
    pub(crate) has_author: bool,
    /// Whether it names itself.
    pub(crate) name: Option<Piece>,
    /// Whether it is switched off.
    pub(crate) is_disabled: bool,
}

/// States what a definition says, for the job that is being told.
pub(crate) fn push(
    definition: Piece,
    commands: &mut Commands,
    jobs: &mut Jobs,
) -> Said {
    let text = commands.arena.get(definition);
    let is_definition = memchr::memmem::find(text, b"<").is_some()
        || memchr::memmem::find(text, b"&lt;").is_some();
    if !is_definition {
        return Said::default();
    }
    let Some(copy) =
        commands.borrow_text(definition, super::facts::DEFINITION_DEPTH)
    else {
        return Said::default();
    };
    if copy.trim_ascii_start().starts_with(b"&lt;") {
        let plain = commands
            .arena
            .write_with(|bytes| xml::unescape_into(&copy, bytes));
        let mut copy = copy;
        copy.clear();
        copy.extend_from_slice(commands.arena.get(plain));
        let said = read(&copy, commands, jobs);
        commands.return_text(copy, super::facts::DEFINITION_DEPTH);
        said
    } else {
        let said = read(&copy, commands, jobs);
        commands.return_text(copy, super::facts::DEFINITION_DEPTH);
        said
    }
}

/// Reads a definition.
fn read(text: &[u8], commands: &mut Commands, jobs: &mut Jobs) -> Said {
    let mut tokens = Tokens::new(text);
    let mut path = [Element::Other; MOST_DEPTH];
    let mut said = Said::default();
    let mut act = Action::default();
    while let Some(token) = tokens.next() {
        let name = match token {
            Token::Start(name) => xml::local_name(name),
            Token::Text(_) => continue,
            Token::End => {
                // Back in `Actions`: an action has ended.
                if tokens.depth() == 2 && act.is_any() {
                    act.tell(commands, jobs);
                    act = Action::default();
                }
                if tokens.depth() == 0 {
                    break;
                }
                continue;
            }
        };
        let depth = tokens.depth();
        let parent = depth.checked_sub(2).and_then(|at| path.get(at));
        let parent = parent.copied().unwrap_or_default();
        let element = known(depth, parent, name);
        if let Some(slot) =
            depth.checked_sub(1).and_then(|at| path.get_mut(at))
        {
            *slot = element;
        }
        if element == Element::Trigger
            && let Some(trigger) = trigger(name)
        {
            jobs.say(Field::JobTrigger, trigger.name());
        }
        if element != Element::Other {
            continue;
        }
        let calendar =
            (parent == Element::Trigger).then(|| schedule(name)).flatten();
        if let Some(trigger) = calendar {
            jobs.say(Field::JobTrigger, trigger.name());
            continue;
        }
        if is_asked(parent, name) {
            let raw = tokens.text();
            let value = commands
                .arena
                .write_with(|bytes| xml::unescape_into(raw, bytes));
            take(parent, name, value, commands, jobs, &mut said, &mut act);
        }
    }
    if act.is_any() {
        act.tell(commands, jobs);
    }
    said
}

/// Which element a name is at a depth.
fn known(depth: usize, parent: Element, name: &[u8]) -> Element {
    match (depth, parent, name) {
        (2, _, b"RegistrationInfo") => Element::RegistrationInfo,
        (2, _, b"Triggers") => Element::Triggers,
        (2, _, b"Principals") => Element::Principals,
        (2, _, b"Settings") => Element::Settings,
        (2, _, b"Actions") => Element::Actions,
        (3, Element::Triggers, _) => Element::Trigger,
        (3, Element::Principals, b"Principal") => Element::Principal,
        (3, Element::Actions, b"Exec") => Element::Exec,
        (3, Element::Actions, b"ComHandler") => Element::ComHandler,
        (4, Element::Trigger, b"Repetition") => Element::Repetition,
        _ => Element::Other,
    }
}

fn trigger(name: &[u8]) -> Option<Trigger> {
    Some(match name {
        b"BootTrigger" => Trigger::Boot,
        b"LogonTrigger" => Trigger::Logon,
        b"IdleTrigger" => Trigger::Idle,
        b"EventTrigger" | b"WnfStateChangeTrigger" => Trigger::OnEvent,
        b"RegistrationTrigger" => Trigger::Registration,
        b"SessionStateChangeTrigger" => Trigger::Session,
        b"TimeTrigger" => Trigger::Once,
        // The schedule in it tells.
        _ => return None,
    })
}

fn schedule(name: &[u8]) -> Option<Trigger> {
    Some(match name {
        b"ScheduleByDay" => Trigger::Daily,
        b"ScheduleByWeek" => Trigger::Weekly,
        b"ScheduleByMonth" => Trigger::Monthly,
        b"ScheduleByMonthDayOfWeek" => Trigger::Monthly,
        _ => return None,
    })
}

/// Whether the text of an element is looked at.
fn is_asked(parent: Element, name: &[u8]) -> bool {
    matches!(
        (parent, name),
        (Element::RegistrationInfo, b"Author" | b"URI")
            | (Element::Repetition, b"Interval")
            | (Element::Principal, b"UserId" | b"GroupId" | b"RunLevel")
            | (Element::Settings, b"Hidden" | b"Enabled")
            | (Element::Exec, b"Command" | b"Arguments")
            | (Element::ComHandler, b"ClassId" | b"Data")
    )
}

fn take(
    parent: Element,
    name: &[u8],
    value: Piece,
    commands: &mut Commands,
    jobs: &mut Jobs,
    said: &mut Said,
    act: &mut Action,
) {
    let text = commands.arena.get(value).trim_ascii();
    let is_true = text == b"1" || text.eq_ignore_ascii_case(b"true");
    match (parent, name) {
        (_, b"Author") => {
            said.has_author = true;
            jobs.write(Field::JobAuthor, value);
        }
        (_, b"URI") => said.name = Some(value),
        (_, b"Interval") => {
            if let Some(trigger) = interval(text) {
                jobs.say(Field::JobTrigger, trigger.name());
            }
        }
        (Element::Principal, b"RunLevel") => {
            if text == b"HighestAvailable" {
                jobs.say(Field::JobRunLevel, "highest");
            } else if text == b"LeastPrivilege" {
                jobs.say(Field::JobRunLevel, "limited");
            }
        }
        (Element::Principal, _) => {
            said.has_user = true;
            account::push(value, System::Windows, &commands.arena, jobs);
        }
        (_, b"Hidden") => {
            let hidden = if is_true { "true" } else { "false" };
            jobs.say(Field::JobHidden, hidden);
        }
        (_, b"Enabled") => said.is_disabled = !is_true && !text.is_empty(),
        (_, b"Command") => act.program = Some(value),
        (_, b"Arguments") => act.arguments = Some(value),
        (_, b"ClassId") => act.class = Some(value),
        (_, b"Data") => act.data = Some(value),
        _ => debug_assert!(false, "an element that is asked for has no use"),
    }
}

/// How often a trigger is repeated: `PT5M`, `PT1H`.
fn interval(text: &[u8]) -> Option<Trigger> {
    let rest = text.strip_prefix(b"PT")?;
    match rest.last() {
        Some(b'M' | b'S') if !rest.contains(&b'H') => Some(Trigger::Minute),
        Some(b'H' | b'M' | b'S') => Some(Trigger::Hourly),
        _ => None,
    }
}

/// One action of a definition.
#[derive(Clone, Copy, Default)]
struct Action {
    program: Option<Piece>,
    arguments: Option<Piece>,
    class: Option<Piece>,
    data: Option<Piece>,
}

impl Action {
    fn is_any(&self) -> bool {
        self.program.or(self.class).or(self.arguments).is_some()
    }

    fn tell(&self, commands: &mut Commands, jobs: &mut Jobs) {
        if let Some(class) = self.class {
            let arena = &mut commands.arena;
            let mark = arena.mark();
            arena.extend(b"com:");
            arena.extend_from(class);
            let class = arena.since(mark);
            let class = arena.lower(class);
            let none = arena.add(b"");
            jobs.write(Field::JobCommand, class);
            jobs.write(Field::JobArguments, self.data.unwrap_or(none));
            return;
        }
        let program = match self.program {
            Some(program) => program,
            None => commands.arena.add(b""),
        };
        let outer = outermost();
        action::push(commands, program, self.arguments, outer, jobs);
    }
}

/// The command that a definition's own words stand in: none.
pub(crate) fn outermost() -> Command {
    Command::nowhere(Origin::outermost(System::Windows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(xml: &str) -> String {
        let (mut commands, mut jobs) = (Commands::default(), Jobs::default());
        let xml = commands.arena.add(xml.as_bytes());
        let said = push(xml, &mut commands, &mut jobs);
        jobs.end();
        let mut shown = jobs.shown(0, &commands.arena);
        if said.is_disabled {
            shown += "|off";
        }
        shown
    }

    #[test]
    fn definitions_tell_of_their_job() {
        let task = r#"<?xml version="1.0"?><t:Task xmlns:t="x">
            <t:RegistrationInfo><t:Author>E\ann</t:Author><t:URI>\x</t:URI></t:RegistrationInfo>
            <t:Triggers><t:LogonTrigger/><t:CalendarTrigger><t:ScheduleByDay/></t:CalendarTrigger>
            <t:TimeTrigger><t:Repetition><t:Interval>PT5M</t:Interval></t:Repetition></t:TimeTrigger></t:Triggers>
            <t:Principals><t:Principal id="a"><t:UserId>S-1-5-18</t:UserId><t:RunLevel>HighestAvailable</t:RunLevel></t:Principal></t:Principals>
            <t:Settings><t:Hidden>true</t:Hidden><t:Enabled>false</t:Enabled></t:Settings>
            <t:Actions><t:Exec><t:Command>cmd.exe</t:Command><t:Arguments>/c "C:\a b\x.exe" &amp; y</t:Arguments></t:Exec>
            <t:ComHandler><t:ClassId>{AB}</t:ClassId><t:Data>d</t:Data></t:ComHandler></t:Actions></t:Task>"#;
        let expected = r#"Author=E\ann|Trigger=logon|Trigger=daily|Trigger=once|Trigger=minute|User=SYSTEM|RunLevel=highest|Hidden=true|Command=cmd.exe|Arguments=/c C:\a b\x.exe & y|Command=C:\a b\x.exe|Arguments=|Command=y|Arguments=|Command=com:{ab}|Arguments=d|off"#;
        assert_eq!(told(task), expected);
        let escaped = task
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        assert_eq!(told(&escaped), expected);
        assert_eq!(told("no definition"), "");
        let half = task.get(..task.len() / 2).unwrap();
        assert!(told(half).starts_with(r"Author=E\ann|"));
    }
}
