/*!
Random conditions, written down in some of the ways that there are, and what
they come to by looking at each name.
*/

use t1053::event::{Event, ProcessCreation};
use t1053::{Correlator, Detector, Scratch, Timestamp};

use super::random::Choices;

/// The names of selections and rules.
const NAMES: [&str; 4] = ["a", "ab", "b", "c_1"];

/// Patterns, each with the places of the names that it stands for.
const PATTERNS: [(&str, &[usize]); 4] =
    [("a*", &[0, 1]), ("*b", &[1, 2]), ("c_*", &[3]), ("them", &[0, 1, 2, 3])];

enum Condition {
    Name(usize),
    /// Whether all are asked for, and the place of a pattern.
    Of(bool, usize),
    Not(Box<Condition>),
    And(Vec<Condition>),
    Or(Vec<Condition>),
}

impl Condition {
    fn any(choices: &mut Choices<'_>, depth: usize, not: bool) -> Condition {
        let kinds = if depth == 0 { 2 } else { 5 };
        let parts = |choices: &mut Choices<'_>| -> Vec<Condition> {
            let count = 2 + choices.of(2);
            let part = |_| Condition::any(choices, depth - 1, not);
            (0..count).map(part).collect()
        };
        match choices.of(kinds) {
            0 => Condition::Name(choices.of(NAMES.len())),
            1 => {
                let all = choices.of(2) == 1;
                Condition::Of(all, choices.of(PATTERNS.len()))
            }
            2 => Condition::And(parts(choices)),
            3 if not => {
                let inner = Condition::any(choices, depth - 1, not);
                Condition::Not(Box::new(inner))
            }
            _ => Condition::Or(parts(choices)),
        }
    }

    /// Whether it holds where some names do, as bits.
    fn holds(&self, names: u32) -> bool {
        let holds = |at: usize| names >> at & 1 == 1;
        match self {
            Condition::Name(at) => holds(*at),
            Condition::Of(all, pattern) => {
                let mut names = PATTERNS[*pattern].1.iter();
                match all {
                    true => names.all(|at| holds(*at)),
                    false => names.any(|at| holds(*at)),
                }
            }
            Condition::Not(inner) => !inner.holds(names),
            Condition::And(parts) => parts.iter().all(|it| it.holds(names)),
            Condition::Or(parts) => parts.iter().any(|it| it.holds(names)),
        }
    }

    /// The names that it speaks of, as bits.
    fn names(&self) -> u32 {
        match self {
            Condition::Name(at) => 1 << at,
            Condition::Of(_, pattern) => {
                PATTERNS[*pattern].1.iter().fold(0, |all, at| all | 1 << at)
            }
            Condition::Not(inner) => inner.names(),
            Condition::And(parts) | Condition::Or(parts) => {
                parts.iter().fold(0, |all, part| all | part.names())
            }
        }
    }

    /// As text; in parentheses where something else stands around it, but for
    /// what needs none.
    fn write(
        &self,
        choices: &mut Choices<'_>,
        text: &mut String,
        alone: bool,
    ) {
        let blank = [" ", "  ", " \t"][choices.of(3)];
        match self {
            Condition::Name(at) => *text += NAMES[*at],
            Condition::Of(all, pattern) => {
                let one = ["1", "any", "ANY"][choices.of(3)];
                let of = ["of", "OF"][choices.of(2)];
                *text += if *all { "all" } else { one };
                *text += &format!("{blank}{of} {}", PATTERNS[*pattern].0);
            }
            Condition::Not(inner) => {
                *text += &format!("not{blank}");
                inner.write(choices, text, false);
            }
            Condition::And(parts) | Condition::Or(parts) => {
                let words = match self {
                    Condition::And(_) => ["and", "AND"],
                    _ => ["or", "Or"],
                };
                *text += if alone { "" } else { "(" };
                for (at, part) in parts.iter().enumerate() {
                    if at > 0 {
                        let word = words[choices.of(2)];
                        *text += &format!("{blank}{word} ");
                    }
                    // `and` binds before `or`.
                    let is_and = matches!(part, Condition::And(_));
                    let binds = is_and && matches!(self, Condition::Or(_));
                    part.write(choices, text, binds);
                }
                *text += if alone { "" } else { ")" };
            }
        }
    }
}

/// A condition over selections and one over the rules of a correlation: with
/// each set of names that hold, the library finds what the conditions say.
/// `detector` makes one of Sigma's texts, which this crate does not ask the
/// library to read.
pub fn conditions(bytes: &[u8], detector: impl Fn(&str) -> Detector) {
    let mut choices = Choices::new(bytes);
    let condition = Condition::any(&mut choices, 4, true);
    let mut text = String::new();
    condition.write(&mut choices, &mut text, true);
    let selections: String = named(&condition)
        .map(|at| {
            format!("    {}: {{CommandLine|contains: '<{at}>'}}\n", NAMES[at])
        })
        .collect();
    let made = detector(&format!(
        "title: T\nlogsource: {{category: process_creation}}\n\
         detection:\n{selections}    condition: \"{text}\"\n",
    ));
    let mut scratch = Scratch::new(&made);
    for names in 0..1 << NAMES.len() {
        let line = line(names);
        let event = event(&line, 0);
        let found = made.evaluate(&event, &mut scratch).count();
        assert_eq!(found == 1, condition.holds(names), "{text} {names:b}");
    }

    let condition = Condition::any(&mut choices, 3, false);
    if named(&condition).count() < 2 {
        return;
    }
    let mut text = String::new();
    condition.write(&mut choices, &mut text, true);
    let rules: String = named(&condition)
        .map(|at| {
            let name = NAMES[at];
            format!(
                "title: {name}\nname: {name}\nlogsource: {{category: \
                 process_creation}}\ndetection: {{s: {{CommandLine|contains: \
                 '<{at}>'}}, condition: s}}\n---\n",
            )
        })
        .collect();
    let listed: Vec<&str> = named(&condition).map(|at| NAMES[at]).collect();
    let made = detector(&format!(
        "{rules}title: T\ncorrelation:\n    type: temporal\n    rules: [{}]\n    \
         timespan: 1m\n    condition: \"{text}\"\n",
        listed.join(", "),
    ));
    let mut scratch = Scratch::new(&made);
    for names in 0..1 << NAMES.len() {
        let mut correlator =
            Correlator::builder(&made).capacity(4).build().unwrap();
        let mut found = 0;
        for at in (0..NAMES.len()).filter(|at| names >> at & 1 == 1) {
            let line = line(1 << at);
            let event = event(&line, at);
            correlator.observe(&event, &mut scratch, |_| found += 1);
        }
        assert_eq!(found > 0, condition.holds(names), "{text} {names:b}");
    }
}

fn named(condition: &Condition) -> impl Iterator<Item = usize> {
    let names = condition.names();
    (0..NAMES.len()).filter(move |at| names >> at & 1 == 1)
}

/// A command line of which some names hold.
fn line(names: u32) -> String {
    let holds = (0..NAMES.len()).filter(|at| names >> at & 1 == 1);
    holds.map(|at| format!("<{at}>")).collect()
}

fn event(line: &str, seconds: usize) -> Event<'_> {
    let command_line = Some(line.as_bytes());
    let mut event =
        Event::windows(ProcessCreation { command_line, ..Default::default() });
    let seconds = i64::try_from(seconds).unwrap();
    event.time = Some(Timestamp::from_unix_millis(seconds * 1000));
    event
}
