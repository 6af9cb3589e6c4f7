/*!
The compiler from [Sigma](https://sigmahq.io) files to rules.

[`compile`] reads a file, which may hold several YAML documents, and returns
the [`Rule`]s in it. A rule that it cannot honour to the letter is an error,
never a rule that does less than it says.

# What it reads

*Log sources*: `category` `process_creation`, `file_event` (Windows, Linux),
`registry_event`, `registry_set`, `registry_add`, `registry_delete`,
`ps_script` (Windows); `service` `security`, `taskscheduler`, `powershell`,
`sysmon` (Windows), `auditd` (Linux) and `activitylogs` (Azure).

*Fields*: those of [`Field`](crate::event::Field), in exactly that spelling.
In `security`, `sysmon` and `powershell` rules `EventID` picks the kinds of
event; in `auditd` rules the record's `type` does: `SYSCALL`, `EXECVE`,
`PATH`, `PROCTITLE` or `CWD`.

*Selections*: maps, lists of maps, lists of values; wildcards `*` and `?`,
escaped by a backslash; `null` for a field that is absent or empty.
Keywords, values without a field, are refused.

*Modifiers*: `contains`, `startswith`, `endswith`, `all`, `cased`, `cidr`,
`exists`, `re` with `i`, `m` and `s`, `windash`; and two of our own:

- `token`: the value occurs, and where an edge character of it is
  alphanumeric the neighbouring character is not. `CommandLine|token: /s`
  finds `/s` but not `/sc`.
- `entropy|gt`: the Shannon entropy of the field, in bits per character, is
  above the number.

*Conditions*: `and`, `or`, `not`, parentheses, `1 of`, `any of` and `all of`
with `them` or a pattern of names.

*Correlations*: `temporal_ordered` of two rules in the same file.

*The key `t1053`* holds what Sigma has no place for: `pack`, `kind`,
`published_name`, `risk`, `risk_objects`, `group_by` and `message`. All of it
may be left out, as may `name`: a rule without a name is called by its title,
as in `windows_schtasks_create_run_as_system`.

*Limits*: values and conditions nest at most 64 levels deep; the comparisons
of one rule take at most 1 MiB; YAML tags and aliases are refused.

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

mod collection;
mod condition;
mod correlation;
mod detection;
mod document;
mod error;
mod limits;
mod metadata;
mod modifiers;
mod predicate;
pub mod samples;
mod source;
#[cfg(test)]
mod tests;
mod text;
mod yaml;

pub use self::error::{SigmaError, SigmaErrorKind};

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
    let Compiled { rules, errors } = compile_together(&[yaml]);
    match errors.into_iter().next() {
        Some((_, error)) => Err(error),
        None => Ok(rules.into_iter().map(|placed| placed.rule).collect()),
    }
}
