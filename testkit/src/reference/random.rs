/*!
Random rules and events made of a string of bytes, so that whoever shrinks or
mutates the bytes shrinks or mutates the case: no bytes make the plainest one.
*/

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use t1053::event::{Event, EventKind, Field, NamedValue, Platform};
use t1053::rule::{
    Aggregation, Attribute, Bound, Chain, Count, Counted, Detection, List,
    Logic, Measure, Operation, Order, Origin, Predicate, Relation, Rule,
    Selection, Sequence, Stage, StageInput, Statistic, Test,
};
use t1053::{Detector, Timestamp};

use crate::rules::rule;

/// Choices, made by bytes until there are none left; then always the first.
pub struct Choices<'b> {
    bytes: &'b [u8],
    /// Whether rules may have regular expressions: to compile one takes as
    /// long as all the rest.
    expressions: bool,
}

/// What patterns and values are made of: few and alike, so that they meet.
const PIECES: [&str; 26] = [
    "",
    "a",
    "b",
    "A",
    "ab",
    "aB",
    "/",
    "\\",
    " ",
    "-l",
    ".",
    "*",
    "?",
    "\\*",
    "at",
    "cron",
    "é",
    "É",
    "schtasks",
    "EXE",
    "\0",
    "1",
    "aa",
    "schtasks.exe",
    // Its other case is an ASCII letter, which it is not equal to.
    "\u{212a}",
    "k",
];

/// What regular expressions are made of: each is one by itself.
const EXPRESSIONS: [&str; 24] = [
    "",
    "a",
    "b+",
    "A?",
    "(ab|a)",
    ".",
    ".*",
    "[^a]",
    "[a-c]{2}",
    "^",
    "$",
    r"\b",
    r"\w+?",
    r"\\",
    "/",
    r"\s",
    r"\.exe",
    "(?:cron|at)*",
    "(?i:EXE)",
    "schtasks",
    r"\d{1,2}",
    r"\B",
    "(?s:.)",
    "-l?",
];

/// Whether the library was built with regular expressions. It is asked, and
/// not this crate's features: cargo may build the two with others.
static EXPRESSIONS_COMPILE: LazyLock<bool> = LazyLock::new(|| {
    let test = Test::new(Field::Image, Operation::Regex, "a".into());
    let rule = rule("r", EventKind::ProcessCreation, Predicate::Test(test));
    Detector::builder().without_builtin().rule(rule).build().is_ok()
});

const FIELDS: [Field; 11] = [
    Field::CommandLine,
    Field::Image,
    Field::User,
    Field::TaskName,
    Field::TaskContent,
    Field::Command,
    Field::Hidden,
    Field::EventId,
    Field::Member,
    Field::AnyValue,
    Field::Kind,
];

const ORDERS: [Order; 5] =
    [Order::Same, Order::Below, Order::AtMost, Order::Above, Order::AtLeast];

const RELATIONS: [Relation; 4] = [
    Relation::Equals,
    Relation::StartsWith,
    Relation::EndsWith,
    Relation::Contains,
];

/// Names of members.
const MEMBERS: [&str; 3] = ["a", "b", "A"];

const KINDS: [EventKind; 5] = [
    EventKind::ProcessCreation,
    EventKind::TaskRegistered,
    EventKind::TaskDeleted,
    EventKind::TaskScheduler,
    EventKind::Generic,
];

const SPELLINGS: [&str; 10] = [
    "<Task>",
    "</Task>",
    "<Actions>",
    "<Exec>",
    "</Exec>",
    "</Actions>",
    "<Command>",
    "</Command>",
    "<Settings><Hidden>",
    "</Hidden></Settings>",
];

impl<'b> Choices<'b> {
    /// Choices made by these bytes.
    pub fn new(bytes: &'b [u8]) -> Choices<'b> {
        Choices { bytes, expressions: true }
    }

    /// Whether no bytes are left.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// One of so many, from 0.
    pub fn of(&mut self, many: usize) -> usize {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        usize::from(*first) % many
    }

    fn any<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.of(of.len())]
    }

    fn text(&mut self, most: usize) -> String {
        let count = self.of(most + 1);
        (0..count).map(|_| self.any(&PIECES)).collect()
    }

    fn value(&mut self) -> Vec<u8> {
        let mut value = self.text(6).into_bytes();
        if self.of(8) == 7 {
            // Not UTF-8, and half of a character.
            value.push(self.any(&[0xFF, 0xC3]));
            value.extend(self.text(2).into_bytes());
        }
        value
    }

    fn definition(&mut self) -> Vec<u8> {
        let mut actions = String::new();
        for _ in 0..self.of(3) {
            let name = self.any(&["Exec", "Exec", "ComHandler"]);
            let command = escaped(&self.text(3));
            actions +=
                &format!("<{name}><Command>{command}</Command></{name}>");
        }
        let hidden =
            self.any(&["", "<Hidden>true</Hidden>", "<Hidden> A\n</Hidden>"]);
        let mut text = format!(
            "<Task><Settings>{hidden}</Settings><Actions>{actions}</Actions>\
             </Task>",
        );
        match self.of(8) {
            // A level more of escapes; or broken.
            1 | 2 => text = escaped(&text),
            3 => {
                text.clear();
                for _ in 0..self.of(12) {
                    text += self.any(&SPELLINGS);
                    text += self.any(&PIECES);
                }
            }
            _ => {}
        }
        text.into_bytes()
    }

    fn test(&mut self) -> Test {
        let expressions = self.expressions && *EXPRESSIONS_COMPILE;
        let expression = if expressions && self.of(8) == 7 {
            Operation::Regex
        } else {
            Operation::Contains
        };
        let order = self.any(&ORDERS);
        let relation = self.any(&RELATIONS);
        let other = self.any(&[
            Field::Member,
            Field::Member,
            Field::User,
            Field::Command,
        ]);
        let operation = self.any(&[
            Operation::Contains,
            Operation::Equals,
            Operation::StartsWith,
            Operation::EndsWith,
            Operation::Name,
            Operation::Like,
            Operation::Token,
            Operation::Exists,
            Operation::Null,
            Operation::EntropyAbove(1.2),
            Operation::EntropyAbove(2.3),
            expression,
            Operation::Number { measure: Measure::Value, order, number: 1.0 },
            Operation::Relates { other, relation },
        ]);
        let field = self.any(&FIELDS);
        let member = match field {
            Field::Member => self.any(&MEMBERS),
            _ => "",
        };
        let pattern = Cow::Owned(match operation {
            Operation::Relates { .. } => self.any(&MEMBERS).into(),
            _ if field == Field::Kind => self.any(&KINDS).name().into(),
            Operation::Regex => {
                let count = self.of(4);
                (0..count).map(|_| self.any(&EXPRESSIONS)).collect()
            }
            _ => self.text(3),
        });
        let cased = self.of(4) == 3;
        let member = member.into();
        Test { member, cased, ..Test::new(field, operation, pattern) }
    }

    fn predicate(&mut self, depth: usize) -> Predicate {
        if depth == 0 || self.of(3) == 0 {
            return Predicate::Test(self.test());
        }
        let which = self.of(3);
        let parts: List<Predicate> =
            (0..self.of(4)).map(|_| self.predicate(depth - 1)).collect();
        match which {
            0 => Predicate::All(parts),
            1 => Predicate::Any(parts),
            _ => Predicate::None(parts),
        }
    }

    fn platform(&mut self) -> Platform {
        self.any(&[Platform::Windows, Platform::Windows, Platform::Linux])
    }

    /// A few rules for single events.
    pub fn rules(&mut self) -> Vec<Rule> {
        let rules = 0..=self.of(6);
        rules.map(|number| self.rule(number)).collect()
    }

    fn rule(&mut self, number: usize) -> Rule {
        let platform = self.platform();
        let kinds = (0..=self.of(2)).map(|_| self.any(&KINDS)).collect();
        let predicate = self.predicate(3);
        Rule {
            detection: Detection::new(format!("r{number}"), "R", platform),
            logic: Logic::Single(Selection { kinds, predicate }),
        }
    }

    /// Rules for several events, most of different kinds.
    pub fn sequences(&mut self) -> Vec<Rule> {
        self.expressions = false;
        let rules = 0..=self.of(2);
        rules.map(|number| self.correlation(number)).collect()
    }

    fn correlation(&mut self, number: usize) -> Rule {
        // An event may be several steps.
        let second = match self.of(4) {
            3 => EventKind::TaskRegistered,
            _ => EventKind::TaskDeleted,
        };
        let third = match self.of(2) {
            1 => EventKind::TaskRegistered,
            _ => EventKind::TaskDeleted,
        };
        let mut step = |kind| {
            let predicate = match self.of(3) {
                2 => self.predicate(1),
                _ => Predicate::ALWAYS,
            };
            Selection { kinds: vec![kind].into(), predicate }
        };
        let mut steps =
            vec![step(EventKind::TaskRegistered), step(second), step(third)];
        let of = self.of(14);
        if of < 3 {
            steps.truncate(2);
        }
        let group_by: List<Attribute> = match self.of(5) {
            0 => vec![Field::TaskName.into()],
            1 => vec![Field::TaskName.into(), Field::User.into()],
            2 => vec![Field::Command.into(), Field::User.into()],
            3 => vec![self.alias(steps.len())],
            _ => vec![],
        }
        .into();
        let within_seconds = self.any(&[30, 1, 3, 10]);
        let which = of;
        let of = match of {
            4 => Some(Counted::Events),
            5 => Some(Counted::Values(Field::TaskName.into())),
            6 => Some(Counted::Values(Field::Command.into())),
            7 => Some(Counted::Selections),
            8 => Some(Counted::Values(self.alias(steps.len()))),
            _ => None,
        };
        let slug = match steps.len() {
            2 => format!("pair{number}"),
            _ => format!("more{number}"),
        };
        let logic = match of {
            None if which > 10 => return self.chain(number, steps),
            None if which > 8 => self.aggregation(steps, group_by),
            None => Logic::Sequence(Sequence {
                steps: steps.into(),
                group_by,
                within_seconds,
            }),
            Some(of) => Logic::Count(Count {
                events: steps.into(),
                of,
                at_least: self.any(&[2, 1, 3]),
                group_by,
                within_seconds,
            }),
        };
        let title = Cow::Borrowed("S");
        Rule {
            detection: Detection::new(slug, title, Platform::Windows),
            logic,
        }
    }

    /// A correlation of a correlation of two events, which may be a step of
    /// the outer one together with the third or by itself.
    fn chain(&mut self, number: usize, events: Vec<Selection>) -> Rule {
        let event = StageInput::Event;
        let first = vec![vec![event(0)].into(), vec![event(1)].into()].into();
        let inner = Stage { steps: first, logic: self.stage() };
        let match_of = StageInput::Stage(0);
        let steps: List<List<StageInput>> = match self.of(4) {
            0 => vec![vec![match_of].into(), vec![event(2)].into()],
            1 => vec![vec![event(2)].into(), vec![match_of].into()],
            2 => vec![vec![event(2), match_of].into()],
            _ => vec![vec![match_of].into(), vec![match_of, event(2)].into()],
        }
        .into();
        let mut logic = self.stage();
        // A sequence has two steps at least, and nothing is both.
        if matches!(logic, Logic::Sequence(_))
            && (steps.len() < 2 || steps[1].len() > 1)
        {
            logic = Logic::Count(Count {
                events: List::default(),
                of: Counted::Selections,
                at_least: 1,
                group_by: self.grouping(),
                within_seconds: 10,
            });
        }
        let outer = Stage { steps, logic };
        let slug = format!("more{number}");
        Rule {
            detection: Detection::new(slug, "C", Platform::Windows),
            logic: Logic::Chain(Chain {
                events: events.into(),
                stages: vec![inner, outer].into(),
            }),
        }
    }

    /// What a stage of a chain of three events asks.
    fn stage(&mut self) -> Logic {
        let events = List::default();
        let group_by = self.grouping();
        let within_seconds = self.any(&[30, 1, 3, 10]);
        let of = match self.of(5) {
            0 => Counted::Events,
            1 => Counted::Values(Field::TaskName.into()),
            2 => Counted::Values(self.alias(3)),
            3 => Counted::Selections,
            _ => {
                let steps = events;
                return Logic::Sequence(Sequence {
                    steps,
                    group_by,
                    within_seconds,
                });
            }
        };
        let at_least = self.any(&[2, 1, 3]);
        Logic::Count(Count { events, of, at_least, group_by, within_seconds })
    }

    fn grouping(&mut self) -> List<Attribute> {
        match self.of(3) {
            0 => vec![],
            1 => vec![Field::TaskName.into()],
            _ => vec![self.alias(3)],
        }
        .into()
    }

    fn aggregation(
        &mut self,
        events: Vec<Selection>,
        group_by: List<Attribute>,
    ) -> Logic {
        let number = |member: &'static str| Origin {
            field: Field::Member,
            member: member.into(),
        };
        let origins = match self.of(2) {
            0 => vec![number("n")],
            _ => {
                events.iter().map(|_| number(self.any(&["n", "m"]))).collect()
            }
        };
        let bound = |order, number| Bound { order, number };
        let bounds = match self.of(3) {
            0 => vec![bound(Order::AtLeast, 3.0)],
            1 => vec![bound(Order::AtLeast, 1.5), bound(Order::Below, 4.0)],
            _ => vec![bound(Order::Below, 2.0)],
        };
        Logic::Aggregation(Aggregation {
            events: events.into(),
            of: Attribute { name: "n".into(), origins: origins.into() },
            statistic: self.any(&[
                Statistic::Sum,
                Statistic::Average,
                Statistic::Percentile(50),
            ]),
            bounds: bounds.into(),
            group_by,
            within_seconds: self.any(&[30, 1, 3, 10]),
        })
    }

    /// What is something else in the events of each step.
    fn alias(&mut self, steps: usize) -> Attribute {
        let origins = (0..steps).map(|_| {
            let field =
                self.any(&[Field::TaskName, Field::User, Field::Member]);
            Origin { field, member: self.any(&["", "a", "b"]).into() }
        });
        Attribute { name: "alias".into(), origins: origins.collect() }
    }

    /// An event that rules made here may match.
    pub fn event(&mut self) -> OwnedEvent {
        let platform = self.platform();
        let kind = self.any(&KINDS);
        let mut values = Vec::new();
        for field in FIELDS {
            let value = match (self.of(4), field) {
                (0, _) => continue,
                (_, Field::TaskContent) => self.definition(),
                _ => self.value(),
            };
            values.push((field, value));
        }
        let members = (0..self.of(4))
            .map(|_| NamedValue::new(self.any(&MEMBERS), self.any(&PIECES)));
        let members = members.collect();
        OwnedEvent { platform, kind, time: None, values, members }
    }

    /// Halves of pairs, with times that may repeat and go back.
    pub fn halves(&mut self) -> Vec<OwnedEvent> {
        let mut time = 0;
        let mut halves = Vec::new();
        while !self.is_empty() && halves.len() < 32 {
            time += match self.of(8) {
                7 => -20_000_000,
                6 => 290_000_000,
                it => i64::try_from(it).unwrap() * 5_000_000,
            };
            let kinds = [EventKind::TaskRegistered, EventKind::TaskDeleted];
            let kind = self.any(&kinds);
            let name = self.any(&["x", "X", "y"]).into();
            let user = self.any(&["", "u"]).into();
            let action = "<Exec><Command>a</Command></Exec>";
            let actions = match self.of(4) {
                0 => action.to_owned(),
                1 => action.replace(">a<", ">A<"),
                2 => action.repeat(2),
                _ => String::new(),
            };
            let content = format!("<Task><Actions>{actions}</Actions></Task>");
            let values = vec![
                (Field::TaskName, name),
                (Field::User, user),
                (Field::TaskContent, content.into()),
            ];
            let members = (0..self.of(3)).map(|_| {
                let name = self.any(&["a", "b"]);
                NamedValue { name, value: self.any(&[b"x", b"X", b"y"]) }
            });
            let mut members: Vec<_> = members.collect();
            for name in ["n", "m"] {
                let value = self.any(&[&b"1"[..], b"2", b"4", b"-1", b"n"]);
                members.push(NamedValue { name, value });
            }
            let platform = Platform::Windows;
            let time = Some(time);
            halves.push(OwnedEvent { platform, kind, time, values, members });
        }
        halves
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('\0', "")
}

/// An event with values of its own.
#[derive(Clone, Debug)]
pub struct OwnedEvent {
    /// Where it happened.
    pub platform: Platform,
    /// What happened.
    pub kind: EventKind,
    /// When, in the ticks of a [`Timestamp`].
    pub time: Option<i64>,
    /// The values of its fields.
    pub values: Vec<(Field, Vec<u8>)>,
    /// The values under their own names.
    pub members: Vec<NamedValue<'static>>,
}

impl OwnedEvent {
    /// The event, which borrows the values.
    pub fn event(&self) -> Event<'_> {
        let mut event = Event::new(self.platform, self.kind);
        event.time = self.time.map(Timestamp::from_ticks);
        for (field, value) in &self.values {
            let _ = event.set(*field, value);
        }
        event.members = &self.members;
        event
    }
}

impl fmt::Display for OwnedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.platform, self.kind)?;
        if let Some(time) = self.time {
            write!(f, " at {}", Timestamp::from_ticks(time))?;
        }
        for (field, value) in &self.values {
            write!(f, " {field}=\"{}\"", value.escape_ascii())?;
        }
        for NamedValue { name, value } in &self.members {
            write!(f, " {name}=\"{}\"", value.escape_ascii())?;
        }
        Ok(())
    }
}
