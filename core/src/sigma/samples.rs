/*!
The samples beside a rule: raw records that it must match, or must not.

A samples file is a list of cases:

```yaml
- case: a task that runs as SYSTEM
  expect: match            # or near_miss, or absent_field
  records:
    - '{"EventID":1,"Image":"C:\\Windows\\System32\\schtasks.exe"}'
```

# Example

```
use t1053::sigma::samples::{Expectation, read};

let cases = read("[{case: a, expect: match, records: ['{}']}]")?;
assert_eq!(cases[0].expect, Expectation::Match);
# Ok::<(), t1053::sigma::SigmaError>(())
```
*/

use super::SigmaError;
use super::error::{Error, Mark, Reason};
use super::yaml::{self, Node};

/// What scanning the records of a case must come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// The rule matches.
    Match,
    /// It does not: one decisive thing differs.
    NearMiss,
    /// It does not: a field that it needs is absent.
    AbsentField,
}

impl Expectation {
    /// Every expectation.
    pub const ALL: &'static [Expectation] =
        &[Expectation::Match, Expectation::NearMiss, Expectation::AbsentField];

    /// The name in samples files.
    pub const fn name(self) -> &'static str {
        match self {
            Expectation::Match => "match",
            Expectation::NearMiss => "near_miss",
            Expectation::AbsentField => "absent_field",
        }
    }
}

/// Some records, and what scanning them in order must come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What the case is about.
    pub name: String,
    /// What must come of it.
    pub expect: Expectation,
    /// The records, as a collector would hand them over.
    pub records: Vec<String>,
}

/// Reads a samples file.
///
/// # Errors
///
/// The text is not YAML, or not a list of cases.
pub fn read(yaml: &str) -> Result<Vec<Case>, SigmaError> {
    let documents = yaml::documents(yaml, 0)?;
    match documents.as_slice() {
        [cases] => Ok(cases
            .items()
            .iter()
            .map(case)
            .collect::<Result<Vec<Case>, Error>>()?),
        _ => {
            Err(Error::new(Mark::START, Reason::Expected("one document"))
                .into())
        }
    }
}

fn case(node: &Node) -> Result<Case, Error> {
    let map = node.map()?;
    map.only(&["case", "expect", "records"])?;
    let expect = map.need("expect", |node| {
        let name = node.words()?;
        let mut all = Expectation::ALL.iter().copied();
        let names =
            Expectation::ALL.iter().map(|expectation| expectation.name());
        all.find(|expectation| expectation.name() == name).ok_or_else(|| {
            node.error(Reason::unknown("expectation", name, names))
        })
    })?;
    let records = map.need("records", |node| match node.items() {
        [] => Err(node.error(Reason::Expected("at least one record"))),
        records => records
            .iter()
            .map(|record| record.text().map(str::to_string))
            .collect(),
    })?;
    let name = map.need("case", Node::words)?.to_string();
    Ok(Case { name, expect, records })
}
