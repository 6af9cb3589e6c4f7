/*!
The text that a `temporal` correlation may have as its `condition`: which of its
rules there must be events of.

It is brought into the form of steps that must all be there, each of which is
any of some rules:

```text
a and (b or c)            a; b or c
(a and b) or c            a or c; b or c
```
*/

use super::condition::{self, Named};
use super::error::{Error, Reason};
use super::yaml::Node;
use crate::event::Field;
use crate::rule::{Chain, Operation, Predicate, Test};

/// For each step the places of its rules in a list of names.
type Steps = Vec<Vec<usize>>;

/// The steps that a condition of a type of correlation asks for.
pub(super) fn steps_of(
    node: &Node,
    kind: &str,
    rules: &[&str],
) -> Result<Steps, Error> {
    let named = rules.iter().enumerate().map(|(at, name)| {
        // Stands for the rule until the condition is read.
        let place = at.to_string().into();
        let test = Test::new(Field::Kind, Operation::Equals, place);
        Named::new(name, Predicate::Test(test), 0)
    });
    let named: Vec<Named<'_>> = named.collect();
    let predicate = condition::condition(node, &named)?;
    let refused = |reason| Err(node.error(reason));
    if let Some(unused) = named.iter().find(|named| !named.used()) {
        let reason = format!("it does not use `{}`", unused.name());
        return refused(Reason::Other(reason));
    }
    let steps = match all_of(&predicate) {
        Ok(steps) => without_needless(steps),
        Err(reason) => return refused(reason),
    };
    if steps.len() > Chain::MOST {
        return refused(Reason::TooLarge);
    }
    match kind {
        "temporal" => Ok(steps),
        _ => in_order(steps).or_else(refused),
    }
}

/// The steps of what is asked of all rules.
fn all_of(predicate: &Predicate) -> Result<Steps, Reason> {
    match predicate {
        Predicate::Test(test) => {
            Ok(vec![test.pattern.parse().into_iter().collect()])
        }
        Predicate::All(parts) => {
            let steps = parts.iter().map(all_of);
            Ok(steps.collect::<Result<Vec<_>, Reason>>()?.concat())
        }
        Predicate::Any(parts) => {
            let mut steps = vec![Vec::new()];
            for part in parts.iter() {
                let more = all_of(part)?;
                if steps.len().saturating_mul(more.len()) > MOST {
                    return Err(Reason::TooLarge);
                }
                let with = |step: &Vec<usize>| {
                    let step = step.clone();
                    more.iter().map(move |more| [&*step, more].concat())
                };
                steps = steps.iter().flat_map(with).collect();
                steps = without_needless(steps);
            }
            Ok(steps)
        }
        Predicate::None(_) => {
            // That there is none is not known before the time span is over,
            // and then there may be no event to tell it.
            let what = "`not` in the condition of a correlation is";
            Err(Reason::Unsupported(what.into()))
        }
    }
}

/// More steps are refused while a condition is taken apart: it may ask for the
/// product of what its parts ask for.
const MOST: usize = 256;

/// The steps that are not met whenever another is.
fn without_needless(mut steps: Steps) -> Steps {
    for step in &mut steps {
        step.sort_unstable();
        step.dedup();
    }
    // The shortest first: no step is met by one that asks for more rules.
    steps.sort_by_key(Vec::len);
    let mut needed: Steps = Vec::new();
    for step in steps {
        let meets =
            |other: &Vec<usize>| other.iter().all(|at| step.contains(at));
        if !needed.iter().any(meets) {
            needed.push(step);
        }
    }
    needed.sort();
    needed
}

/// The steps in the order of their rules, if they have one.
fn in_order(steps: Steps) -> Result<Steps, Reason> {
    let is_before = |pair: &[Vec<usize>]| match pair {
        [one, next] => one.last() < next.first(),
        _ => true,
    };
    match steps.windows(2).all(is_before) {
        true if steps.len() > 1 => Ok(steps),
        true => Err(Reason::Expected("2 to 16 steps")),
        false => {
            let what = "an ordered correlation whose alternatives do not \
                        stand side by side in `rules` is";
            Err(Reason::Unsupported(what.into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sigma::yaml;

    const RULES: [&str; 10] =
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

    fn steps(kind: &str, text: &str, rules: usize) -> Result<Steps, String> {
        let node = yaml::documents(text, 0).unwrap().remove(0);
        let steps = steps_of(&node, kind, RULES.get(..rules).unwrap());
        steps.map_err(|error| crate::sigma::SigmaError::from(error).message())
    }

    #[test]
    fn conditions_become_steps() {
        for (text, rules, expected) in [
            ("a and b", 2, &[&[0][..], &[1]][..]),
            ("a AND b AND c", 3, &[&[0], &[1], &[2]]),
            ("a or b", 2, &[&[0, 1]]),
            ("a and (b or c)", 3, &[&[0], &[1, 2]]),
            ("(a and b) or c", 3, &[&[0, 2], &[1, 2]]),
            ("a or (a and b)", 2, &[&[0]]),
            ("(a or b) and (b or a)", 2, &[&[0, 1]]),
            ("all of them", 3, &[&[0], &[1], &[2]]),
            ("1 of them", 4, &[&[0, 1, 2, 3]]),
            ("not not a and b", 2, &[&[0], &[1]]),
        ] {
            let expected = expected.iter().map(|step| step.to_vec());
            let expected: Steps = expected.collect();
            assert_eq!(steps("temporal", text, rules), Ok(expected), "{text}");
        }
    }

    /// What holds of a set of rules that have events holds of its steps.
    #[test]
    fn steps_ask_what_the_condition_asks() {
        let text = "(a and (b or c)) or (d and b) or (c and d and (a or b))";
        let found = steps("temporal", text, 4).unwrap();
        for present in 0..16 {
            let [a, b, c, d] = [0, 1, 2, 3].map(|at| present >> at & 1 == 1);
            let asked = (a && (b || c)) || (d && b) || (c && d && (a || b));
            let is_met = |step: &Vec<usize>| {
                step.iter().any(|at| present >> at & 1 == 1)
            };
            assert_eq!(found.iter().all(is_met), asked, "{present:b}");
        }
    }

    #[test]
    fn ordered_alternatives_stand_side_by_side() {
        let ordered = |text: &str| steps("temporal_ordered", text, 3);
        assert_eq!(
            ordered("c and b and a"),
            steps("temporal", "a and b and c", 3)
        );
        assert_eq!(ordered("a and (b or c)"), Ok(vec![vec![0], vec![1, 2]]));
        let refused = "an ordered correlation whose alternatives do not stand \
                       side by side in `rules` is not supported";
        assert_eq!(ordered("b and (a or c)"), Err(refused.into()));
        assert_eq!(ordered("(a and b) or c"), Err(refused.into()));
    }

    #[test]
    fn conditions_that_grow_are_refused() {
        let same = vec!["(a and b)"; 100].join(" or ");
        let once = steps("temporal", "a and b", 2);
        assert_eq!(steps("temporal", &same, 2), once);
        let pairs = |many: usize| {
            let pairs = RULES.chunks(2).take(many);
            let pairs = pairs.map(|pair| format!("({})", pair.join(" and ")));
            let text = pairs.collect::<Vec<_>>().join(" or ");
            steps("temporal", &text, many * 2).map(|steps| steps.len())
        };
        assert_eq!(pairs(4), Ok(16));
        assert!(pairs(5).is_err());
    }
}
