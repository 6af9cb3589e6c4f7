/*!
Detection of scheduled-task abuse (MITRE ATT&CK T1053) that any collector can
embed.

An endpoint record goes in: a Windows event, Sysmon, auditd, Azure activity.
Out comes which detections match, on which bytes, and why. This crate is pure:
it does no I/O, starts no threads, reads no clock and has no `unsafe` code.

# The main types

- [`Detector`]: the rules, compiled. Immutable, shared by all threads.
  [`Detector::evaluate`] takes one [`Event`](event::Event) and a [`Scratch`],
  the memory that evaluation works in, and gives [`Matches`].
- [`Match`]: a detection and its [`Evidence`]: which field, which bytes, which
  pattern. [`Match::message`] says it in plain words, [`Finding`] as NDJSON.
- [`Scanner`]: raw bytes in chunks of any size to matches. It finds the records,
  reads those that could matter, follows sequences, and accounts for all.
- [`event`]: what happened, as typed structs that borrow their values.
  [`record`]: raw records to events. [`catalog`] and [`rule`]: what is looked
  for. [`Correlator`]: sequences of events, and counts.

# Examples

One event, built by hand:

```
use t1053::event::{Event, ProcessCreation};
use t1053::{Detector, Scratch};

let detector = Detector::new();
let mut scratch = Scratch::new(&detector);
let event = Event::linux(ProcessCreation {
    image: Some(b"/usr/bin/crontab"),
    command_line: Some(b"crontab -u www-data -e"),
    ..Default::default()
});
let matches = detector.evaluate(&event, &mut scratch);
let slugs: Vec<&str> =
    matches.clone().map(|found| found.detection().slug.as_ref()).collect();
assert_eq!(slugs, ["cron_table_replaced", "linux_edit_cron_table_parameter"]);
let verdict = matches.verdict().unwrap();
assert_eq!(verdict.to_string(), "informational: changes cron job as www-data");
```

Raw records, as they come from a file or a socket:

```
use std::ops::ControlFlow;
use t1053::{Detector, Report, Scanner};

let mut scanner = Scanner::new(&Detector::new());
let mut slugs = Vec::new();
let mut sink = |report: Report<'_>| {
    if let Report::Match(it) = report {
        slugs.push(it.found.detection().slug.clone());
    }
    ControlFlow::Continue(())
};
let line = b"type=PATH msg=audit(1700000000.123:7): item=1 \
    name=\"/etc/cron.d/job\" mode=0100644 nametype=CREATE\n";
for chunk in line.chunks(10) {
    scanner.feed(chunk, &mut sink);
}
scanner.finish(&mut sink);
assert!(slugs.iter().any(|slug| slug == "cron_file_written"));
```

Some detections only, one of them silenced where it is known to be harmless:

```
use t1053::Detector;
use t1053::event::Field;
use t1053::rule::Operation;

let detector = Detector::builder()
    .enable("technique:T1053.005".parse()?)
    .disable("kind:Hunting".parse()?)
    .exclude(
        "scheduled_task_deleted_or_created_via_cmd",
        Field::ParentImage,
        Operation::EndsWith,
        r"\patch-agent.exe",
    )
    .build()?;
# Ok::<(), Box<dyn std::error::Error>>(())
```

# What it costs

Evaluation allocates nothing, takes no lock, cannot fail and cannot panic; its
time follows the bytes of the values that rules for the kind of event look at.
A warm scanner allocates nothing either. Memory is bounded: a detector, its
scratch, a scanner's largest record and a fixed number of sequence keys; each
type says how much it holds.

# Features

- `std` (default): needed at present; declared so that it can become optional.
- `serde`: `Serialize` for events and detections.
- `sigma`: the module `sigma`, the compiler from Sigma files to rules. A
  [`RuleSet`] takes files then, and not only packs. Brings a YAML parser.
- `regex`: the `re` modifier in rules. Brings regex-automata. No built-in
  detection needs it.
*/

#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

#[cfg(not(feature = "std"))]
compile_error!("t1053 needs its feature `std`, which is on by default");

mod bytes;
pub mod catalog;
#[cfg(feature = "sigma")]
mod config;
mod correlate;
mod derive;
mod detector;
mod error;
pub mod event;
mod filter;
mod finding;
mod join;
mod keep;
mod line;
mod memory;
mod pack;
pub mod record;
mod repeats;
mod risk;
pub mod rule;
mod rule_set;
mod rule_state;
mod scanner;
mod search;
#[cfg(feature = "sigma")]
pub mod sigma;
mod state;
mod time;
mod utf16;
mod verdict;
mod verdict_finding;
#[doc(hidden)]
pub mod vocabulary;

#[cfg(feature = "sigma")]
pub use config::{Config, ConfigError, ConfigProblem};
pub use correlate::{Correlator, CorrelatorBuilder, CorrelatorCounts};
pub use derive::{
    Canonical, Job, JobIter, JobReader, TaskDefinition, TaskElements,
    UnknownCanonical,
};
pub use detector::{
    BuildError, BuildErrorKind, Detector, DetectorBuilder, Evidence,
    Exclusion, ExplainedPart, ExplainedQuestion, ExplainedStep, Explanation,
    Grouping, Match, Matches, OtherDetector, Scratch, Selector, SelectorError,
    SelectorErrorKind,
};
pub use finding::{Finding, KeptFinding, Message};
pub use join::JoinCounts;
pub use keep::{Keep, KeptQuote, Quote};
#[doc(hidden)]
pub use pack::seal_pack;
pub use record::Format;
pub use repeats::{Closed, GroupLine, Grouped, RepeatCounts, Repeats};
pub use risk::{RiskLine, RiskOf, RiskPart, RiskReached, RiskTracker};
pub use rule_set::{
    RuleProblem, RuleProblemKind, RuleSet, RuleSetBuilder, RuleSetError,
};
pub use rule_state::Restored;
pub use scanner::lookahead::{Lookahead, Looked, Standing};
pub use scanner::{
    MatchedEvent, NotUnderstood, Place, RecordEvent, RecordMatch, Report,
    ScanCounts, Scanner, ScannerBuilder, SequenceEvent, Source, Unreadable,
};
pub use state::{StateError, StateErrorKind};
pub use time::Timestamp;
pub use verdict::{CRITICAL, Verdict};
pub use verdict_finding::VerdictFinding;

/// The examples in the README run, too.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// And those in docs/correlation.md.
#[cfg(doctest)]
#[doc = include_str!("../../docs/correlation.md")]
struct Correlation;
