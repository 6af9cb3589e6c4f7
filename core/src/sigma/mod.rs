/*!
The compiler from [Sigma](https://sigmahq.io) files to rules.

[`compile`] reads a file, which may hold several YAML documents, and returns
the [`Rule`]s in it. A rule that it cannot honour to the letter is an error,
never a rule that does less than it says.

# What it reads

All of [Sigma's specification](https://sigmahq.io/sigma-specification/) 2.1
that is about single events, and the anchors of YAML.

*Log sources*: any. Those of our kinds of event (`category`
`process_creation`, `file_event`, `registry_set`, `ps_script`, ...; `service`
`security`, `sysmon`, `powershell`, `taskscheduler`, `auditd`, ...) are rules
about typed events; a `product` alone, about all events of that platform. Every
other one is about [generic events](crate::event::Generic) that say the same
product, category and service. In services with several kinds of event,
`EventID` (in auditd the record's `type`) picks the kind, and ids that have
none are generic events. A name that is nearly a known one is refused.

*Fields*: those of [`Field`](crate::event::Field), in exactly that spelling,
and `NewProcessName`, `ParentProcessName` and `TaskContentNew` for the fields
that these are. What else a kind of event is known to have (`Hashes`,
`Product`, `Description`, auditd's `a0`) is looked for among the event's
[members](crate::event::Event::members); of generic events, everything but
`EventID`, `Channel` and `Computer` is.

*Values*: text in which `*` is any run of characters and `?` any one, escaped
by a backslash; numbers are text. Case is ignored, of all letters, one to one:
an ASCII letter is equal to its ASCII twin only, and `ß` to nothing but
itself. `null` is a field that is absent, `''` one that is there and empty.
Values without a field are keywords, looked for in every value of the event.

*Modifiers*: `contains`, `startswith`, `endswith`, `all`, `cased`, `windash`,
`wide` or `utf16le`, `utf16be`, `utf16`, `base64`, `base64offset`, `re` with
`i`, `m` and `s`, `cidr`, `exists`, `fieldref` (also with `contains`,
`startswith`, `endswith`), `lt`, `lte`, `gt`, `gte`, `neq`, `minute`, `hour`,
`day`, `week`, `month`, `year` (of a time in UTC, also with `lt` and so on) and
`expand` with the values that [`compile_with`] is given; and three of our own:

- `token`: the value occurs, and where an edge character of it is
  alphanumeric the neighbouring character is not. `CommandLine|token: /s`
  finds `/s` but not `/sc`.
- `canonical`: what the field means is asked, whatever way it is written:
  `CommandLine|canonical|contains: schtasks /create` finds `cmd /c
  "s^chtasks   /cr"e"ate"`. It asks a field of its own, its twin:
  `CanonicalCommandLine` (of `CommandLine`, `argv`, `proctitle`),
  `CanonicalScript` (`ScriptBlockText`), `CanonicalPath` (`TargetFilename`,
  `TargetObject`, `name`). Each command that a line starts is a value of its
  twin. Every event that has the plain field is read for it, which costs some
  microseconds.
- `entropy|gt`: the Shannon entropy of the field, in bits per character, is
  above the number.

*Conditions*: `and`, `or`, `not`, parentheses, `1 of`, `any of` and `all of`
with `them` or a pattern of names; of several, any may hold.

*Filters*: documents with `filter`, for the rules that they name, or for `any`
of their log source.

*Correlations*: `temporal_ordered`, `temporal`, `event_count`, `value_count`,
`value_sum`, `value_avg`, `value_median` and `value_percentile`, of rules in any
of the texts that are loaded together, with `aliases`, and by fields or members;
and correlations of these, at most 16 with 16 rules. The `condition` of a
`temporal` or `temporal_ordered` correlation may be a text without `not`.

*The key `t1053`* holds what Sigma has no place for: `pack`, `kind`,
`published_name`, `risk`, `risk_objects`, `group_by` and `message`. All of it
may be left out, as may `name`: a rule without a name is called by its title,
as in `windows_schtasks_create_run_as_system`.

*Limits*: values and conditions nest at most 64 levels deep; the comparisons
of one rule, and what the aliases of one document stand for, take at most 1
MiB; YAML tags are refused, and so are what `re` cannot run in linear time
(lookaround, back references) and aggregations in conditions, which
correlations have replaced.

# Example

```
let rules = t1053::sigma::compile(r"
title: Task from a share
logsource: {category: process_creation, product: windows}
detection:
    program:
        Image|endswith: '\schtasks.exe'
    share:
        CommandLine|contains: '/tr \\\\'
    condition: program and share
level: high
")?;
assert_eq!(rules[0].detection.slug, "task_from_a_share");

let error = t1053::sigma::compile(r"
title: Task from a share
logsource: {category: process_creation, product: windows}
detection:
    share:
        ComandLine|contains: '/tr \\\\'
    condition: share
level: high
").unwrap_err();
assert_eq!(
    error.to_string(),
    "document 1, line 6, in detection > share > ComandLine|contains: there \
     is no field `ComandLine`; did you mean `CommandLine`?",
);
# Ok::<(), t1053::sigma::SigmaError>(())
```
*/

mod alternatives;
mod collection;
mod condition;
mod correlation;
mod detection;
mod document;
mod encoding;
pub(crate) mod error;
mod export;
mod fields;
mod filter;
mod limits;
mod metadata;
mod modifiers;
mod placeholders;
mod predicate;
pub mod samples;
mod source;
#[cfg(test)]
mod tests;
mod text;
pub(crate) mod yaml;

pub use self::error::{SigmaError, SigmaErrorKind};
pub use self::export::{ExportError, export};
pub use self::placeholders::Placeholders;
pub(crate) use self::placeholders::Spelling;

pub(crate) use self::collection::{Compiled, compile_together};
use crate::rule::Rule;

/// Compiles the rules of a Sigma file, in their order there.
///
/// A rule that a correlation refers to is part of that correlation, and not
/// a rule by itself unless the correlation says `generate: true`.
///
/// # Errors
///
/// The text is not YAML, not Sigma, or asks for something that is not
/// supported.
pub fn compile(yaml: &str) -> Result<Vec<Rule>, SigmaError> {
    compile_with(yaml, &Placeholders::new())
}

/// The same, with values for the placeholders of `expand`.
///
/// # Errors
///
/// As [`compile`]; or a placeholder has no values.
pub fn compile_with(
    yaml: &str,
    placeholders: &Placeholders,
) -> Result<Vec<Rule>, SigmaError> {
    let spelling = Spelling::of(placeholders);
    let Compiled { rules, errors } = compile_together(&[yaml], &spelling);
    match errors.into_iter().next() {
        Some((_, error)) => Err(error),
        None => Ok(rules.into_iter().map(|placed| placed.rule).collect()),
    }
}
