/*!
Gates: what must be seen of an event for a rule to be looked at.

# What makes a gate sound

A gate is a set of tests of which *at least one passes whenever the predicate
holds*. So where none has passed, the rule cannot match, and its program need
not run. By the shape of the predicate:

- a test that a search settles is a gate by itself;
- one that a search does not settle, a wildcard or regular expression, has
  the literals that every passing value contains: the set of tests `contains
  LITERAL` of the same field;
- a test of a derived field has its guard's gate, which is about direct
  fields: the guard holds whenever the test passes (where to derive the field
  is cheaper, the test is treated as one of a direct field);
- for *all of* several parts, the gate of any part will do, as that part holds
  when all do;
- for *any of* several parts, it takes the gates of all, as each part may be
  the one that holds;
- *none of* several parts holds of events without anything to be seen, and has
  no gate.

For example, of

```text
all of
    Image|endswith: '\powershell.exe'
    any of
        CommandLine|contains: DownloadString
        CommandLine|re: 'iwr\s+http'
    none of
        User|contains: backup
```

the first part gives `{Image ends with \powershell.exe}`, the second one
`{CommandLine contains DownloadString, CommandLine contains http}`, and the
third one nothing. Either of the two would be right.

# Which one is chosen

The one for which rules are looked at the least in vain: with few rules the
first, since comparing a name is cheap and a command line would have to be
searched for nothing else; with thousands of rules the second, since command
lines are searched anyway and PowerShell is started all day.
*/

use crate::derive;
use crate::rule::{Operation, Predicate, Test};

/// What running the program of a rule costs whose gate has opened, roughly in
/// nanoseconds.
const PROGRAM: usize = 30;

/// A set of tests of which at least one passes whenever a predicate holds.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) tests: Vec<Test>,
    weight: usize,
}

impl Gate {
    /// The cheapest gate of a predicate, in a plan of so many entries;
    /// `None` where there is none.
    pub(super) fn of(predicate: &Predicate, entries: usize) -> Option<Gate> {
        let of = |part| Gate::of(part, entries);
        match predicate {
            Predicate::Test(test) => match implied(test) {
                Some(implied) => of(&implied),
                None => Gate::of_test(test, entries),
            },
            Predicate::All(parts) => {
                parts.iter().filter_map(of).min_by_key(|gate| gate.weight)
            }
            Predicate::Any(parts) => {
                let gates = parts.iter().map(of);
                let gates: Option<Vec<Gate>> = gates.collect();
                Some(Gate::of_any(gates?))
            }
            Predicate::None(_) => None,
        }
    }

    fn of_test(test: &Test, entries: usize) -> Option<Gate> {
        test.search()?;
        // The search is paid for by all entries together, each of which
        // brings its own share of programs that run in vain.
        let in_vain = (test.frequency() as usize)
            .saturating_mul(PROGRAM)
            .saturating_mul(entries)
            / 10_000;
        let weight = test.cost().saturating_add(in_vain);
        Some(Gate { tests: vec![test.clone()], weight })
    }

    fn of_any(gates: Vec<Gate>) -> Gate {
        let weights = gates.iter().map(|gate| gate.weight);
        let weight = weights.fold(0, usize::saturating_add);
        let tests = gates.into_iter().flat_map(|gate| gate.tests).collect();
        Gate { tests, weight }
    }
}

/// What holds whenever a test passes and is cheaper to tell: the guard of a
/// derived field, or that a literal is there which a search finds; `None`
/// where there is nothing cheaper.
pub(super) fn implied(test: &Test) -> Option<Predicate> {
    let is_cheaper = |guard: &Predicate| {
        guard.cost() < derive::cost(test.field).saturating_add(test.cost())
    };
    if let Some(guard) = derive::guard(test).filter(is_cheaper) {
        return Some(guard);
    }
    if test.search().is_some() {
        return None;
    }
    let contains = |bytes: &[u8]| {
        let text = str::from_utf8(bytes).ok()?.to_owned().into();
        let member = test.member.clone();
        let test = Test::new(test.field, Operation::Contains, text);
        Some(Predicate::Test(Test { member, ..test }))
    };
    let required = test.required()?;
    let tests = required.iter().map(|fragment| contains(&fragment.bytes));
    Some(Predicate::Any(tests.collect::<Option<Vec<_>>>()?.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Field;

    fn test(field: Field, operation: Operation, pattern: &str) -> Predicate {
        let pattern = pattern.to_owned().into();
        Predicate::Test(Test::new(field, operation, pattern))
    }

    fn of(predicate: &Predicate, entries: usize) -> Option<Vec<String>> {
        let gate = Gate::of(predicate, entries)?;
        let show = |test: &Test| format!("{} {}", test.field, test.pattern);
        Some(gate.tests.iter().map(show).collect())
    }

    /// The example above.
    #[test]
    fn few_rules_are_gated_by_names_and_many_by_what_is_rare() {
        let contains =
            |text| test(Field::CommandLine, Operation::Contains, text);
        let rule = Predicate::All(
            vec![
                test(Field::Image, Operation::EndsWith, r"\powershell.exe"),
                Predicate::Any(
                    vec![
                        contains("DownloadString"),
                        test(
                            Field::CommandLine,
                            Operation::Like,
                            "*iwr *http*",
                        ),
                    ]
                    .into(),
                ),
                Predicate::None(
                    vec![test(Field::User, Operation::Contains, "backup")]
                        .into(),
                ),
            ]
            .into(),
        );
        let few = ["Image \\powershell.exe".to_owned()];
        assert_eq!(of(&rule, 10).unwrap(), few);
        let many = ["CommandLine DownloadString", "CommandLine iwr "];
        assert_eq!(of(&rule, 3000).unwrap(), many);
    }

    #[test]
    fn what_can_hold_without_anything_has_no_gate() {
        let contains = test(Field::User, Operation::Contains, "a");
        for predicate in [
            Predicate::ALWAYS,
            test(Field::User, Operation::Exists, ""),
            test(Field::User, Operation::Null, ""),
            test(Field::User, Operation::Like, "?*"),
            test(Field::User, Operation::Contains, ""),
            test(Field::Command, Operation::Null, ""),
            Predicate::None(vec![contains.clone()].into()),
            Predicate::Any(vec![contains, Predicate::ALWAYS].into()),
        ] {
            assert_eq!(of(&predicate, 1), None, "{predicate:?}");
        }
        // What never holds never opens.
        let never = Predicate::Any(Vec::new().into());
        assert_eq!(of(&never, 1), Some(Vec::new()));
    }
}
