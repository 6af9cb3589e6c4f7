/*!
What a detection is: its metadata, and the predicate that it compiles to.

These are plain data. The built-in detections are constants of these types,
compiled ahead from the Sigma files under `core/detections/`; rules read at
run time (feature `sigma`) are the same types with owned parts.
*/

use core::fmt;
use std::borrow::Cow;

use crate::event::Platform;

mod attribute;
mod blind_spot;
mod expression;
mod list;
mod logic;
mod measure;
mod message;
mod operation;
mod predicate;
pub(crate) mod rarity;
mod show;
mod statistic;

pub use attribute::{Attribute, Origin};
pub use blind_spot::BlindSpot;
pub(crate) use expression::Expressions;
pub use list::{List, Text};
pub use logic::{
    Aggregation, Chain, Count, Counted, Logic, Selection, Sequence, Stage,
    StageInput,
};
pub(crate) use measure::number;
pub use measure::{Measure, Order};
pub(crate) use message::{Piece, pieces};
pub use operation::*;
pub(crate) use operation::{Edge, Required, Search, TestKey};
pub use predicate::Predicate;
pub(crate) use predicate::single;
pub use statistic::{Bound, Statistic};

/// Declares an enum of names.
macro_rules! names {
    (
        $(#[$doc:meta])*
        $type:ident {
            $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize))]
        #[non_exhaustive]
        pub enum $type {
            $(
                $(#[$variant_doc])*
                #[cfg_attr(feature = "serde", serde(rename = $name))]
                $variant,
            )*
        }

        impl $type {
            /// Every variant, in declaration order.
            pub const ALL: &'static [$type] = &[$($type::$variant,)*];

            /// The name in rules, selectors and output.
            pub const fn name(self) -> &'static str {
                match self {
                    $($type::$variant => $name,)*
                }
            }

            /// The variant of a name, ignoring ASCII case.
            pub fn from_name(name: &str) -> Option<$type> {
                let mut all = $type::ALL.iter().copied();
                all.find(|variant| variant.name().eq_ignore_ascii_case(name))
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

names! {
    /// How a detection is meant to be used.
    Kind {
        /// Worth an alert by itself.
        Ttp = "TTP",
        /// Unusual; raises the risk of those involved.
        Anomaly = "Anomaly",
        /// A lead for a person who hunts.
        Hunting = "Hunting",
        /// An alert of the alert pack, which ships without a risk score.
        Alert = "Alert",
        /// That a scheduler was used; of interest with others only.
        Inventory = "Inventory",
    }
}

names! {
    /// Where a detection was first published.
    Pack {
        /// The analytic story "Scheduled Tasks".
        ScheduledTasks = "scheduled-tasks",
        /// The alert pack "Scheduled Task job (T1053)".
        ScheduledTaskJob = "scheduled-task-job",
        /// Ours: what scheduled jobs do, whatever way they were set up.
        Behaviours = "behaviours",
    }
}

names! {
    /// What an adversary is after: an ATT&CK tactic.
    Tactic {
        /// TA0043.
        Reconnaissance = "reconnaissance",
        /// TA0042.
        ResourceDevelopment = "resource-development",
        /// TA0001.
        InitialAccess = "initial-access",
        /// TA0002.
        Execution = "execution",
        /// TA0003.
        Persistence = "persistence",
        /// TA0004.
        PrivilegeEscalation = "privilege-escalation",
        /// TA0005 until version 19 of ATT&CK.
        DefenseEvasion = "defense-evasion",
        /// TA0005 from version 19 of ATT&CK.
        Stealth = "stealth",
        /// TA0112, from version 19 of ATT&CK.
        DefenseImpairment = "defense-impairment",
        /// TA0006.
        CredentialAccess = "credential-access",
        /// TA0007.
        Discovery = "discovery",
        /// TA0008.
        LateralMovement = "lateral-movement",
        /// TA0009.
        Collection = "collection",
        /// TA0011.
        CommandAndControl = "command-and-control",
        /// TA0010.
        Exfiltration = "exfiltration",
        /// TA0040.
        Impact = "impact",
    }
}

names! {
    /// How severe a match is: Sigma's level.
    Severity {
        /// Only of interest with others.
        Informational = "informational",
        /// Rarely needs a look by itself.
        Low = "low",
        /// Wants a look when there is time.
        Medium = "medium",
        /// Wants a look soon.
        High = "high",
        /// Wants a look now.
        Critical = "critical",
    }
}

/// The published risk of a detection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Risk {
    /// Impact times confidence over 100, as published: 0 to 100.
    pub score: u8,
    /// How much harm a true match means: 0 to 100.
    pub impact: u8,
    /// How sure a match is: 0 to 100.
    pub confidence: u8,
}

names! {
    /// Which side of an attack a risk object is on.
    Role {
        /// It was done to.
        Victim = "victim",
        /// It did.
        Attacker = "attacker",
    }
}

/// Something that a match raises the risk of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RiskObject {
    /// Its field in the publisher's data model: `dest`, `user`.
    pub field: Text,
    /// What it is: `Hostname`, `Endpoint`, `User`, `Process`.
    pub object: Text,
    /// Which side it is on.
    pub role: Role,
}

/// What is known of a detection besides what it matches.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Detection {
    /// The stable public name; never changes.
    pub slug: Text,
    /// The published title.
    pub title: Text,
    /// The published id; `None` where the publisher gives none.
    pub id: Option<Text>,
    /// The publisher's own name, where it differs from the title.
    pub published_name: Option<Text>,
    /// Where it was first published; `None` for a user's own rule.
    pub pack: Option<Pack>,
    /// How it is meant to be used.
    pub kind: Kind,
    /// ATT&CK techniques: `T1053.005`.
    pub techniques: List<Text>,
    /// ATT&CK tactics.
    pub tactics: List<Tactic>,
    /// The published risk; the alert pack has none.
    pub risk: Option<Risk>,
    /// What a match raises the risk of.
    pub risk_objects: List<RiskObject>,
    /// How severe a match is.
    pub severity: Severity,
    /// What a match adds to the verdict of its event: 0 that a scheduler was
    /// used, 1 a weak sign, 2 a medium one, 3 a strong one; `None` where the
    /// rule counts by its severity.
    pub weight: Option<u8>,
    /// What must be switched on in the source of the events; empty where it
    /// is on by default.
    pub needs: Text,
    /// What to do about a match, in a line.
    pub response: Text,
    /// Where its events are recorded.
    pub platform: Platform,
    /// What it finds and why that matters.
    pub description: Text,
    /// Harmless things that match too.
    pub false_positives: List<Text>,
    /// Where to read more.
    pub references: List<Text>,
    /// What the publisher groups alerts by; empty where it does not.
    pub group_by: List<Text>,
    /// One line in plain words about a match; `{Field}` stands for a value,
    /// and what stands between `[` and `]` is left out where an event lacks a
    /// field that is named there.
    pub message: Text,
    /// Who wrote it, as its file says; `None` of the built-in ones.
    pub author: Option<Text>,
    /// The licence that it is under, where its file says.
    pub license: Option<Text>,
    /// How far it is tested: `stable`, `test`, `experimental`, `deprecated`,
    /// `unsupported`.
    pub status: Option<Text>,
    /// When it was written: `2025-01-31`.
    pub date: Option<Text>,
    /// When it was last changed.
    pub modified: Option<Text>,
    /// Other rules that it has to do with.
    pub related: List<Related>,
}

/// Another rule that a rule has to do with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Related {
    /// The other rule's id.
    pub id: Text,
    /// What it is to the rule: `derived`, `obsolete`, `merged`, `renamed`,
    /// `similar`.
    pub relation: Text,
}

impl Detection {
    /// A detection with the given slug and title and everything else at its
    /// plainest, to be filled in.
    pub fn new(
        slug: impl Into<Text>,
        title: impl Into<Text>,
        platform: Platform,
    ) -> Detection {
        let title = title.into();
        Detection {
            slug: slug.into(),
            message: title.clone(),
            title,
            id: None,
            published_name: None,
            pack: None,
            kind: Kind::Hunting,
            techniques: List::Static(&[]),
            tactics: List::Static(&[]),
            risk: None,
            risk_objects: List::Static(&[]),
            severity: Severity::Medium,
            weight: None,
            needs: Cow::Borrowed(""),
            response: Cow::Borrowed(""),
            platform,
            description: Cow::Borrowed(""),
            false_positives: List::Static(&[]),
            references: List::Static(&[]),
            group_by: List::Static(&[]),
            author: None,
            license: None,
            status: None,
            date: None,
            modified: None,
            related: List::Static(&[]),
        }
    }

    /// The published risk score, 0 where there is none.
    pub fn risk_score(&self) -> u8 {
        self.risk.map_or(0, |risk| risk.score)
    }
}

/// A detection: what it matches, and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// What is known of it.
    pub detection: Detection,
    /// What it matches.
    pub logic: Logic,
}

impl Rule {
    /// The events that it can never match for want of a field, of logs that
    /// tell the same otherwise.
    ///
    /// A field that is only asked for by a filter (`not filter`) makes no blind
    /// spot: without it the rule matches all the same.
    ///
    /// ```
    /// let text = "
    ///     title: Started by a service
    ///     logsource: {category: process_creation, product: windows}
    ///     detection:
    ///         service: {ParentCommandLine|contains: -s Schedule}
    ///         tool: {OriginalFileName: tool.exe}
    ///         condition: service and not tool
    /// ";
    /// # #[cfg(feature = "sigma")] {
    /// let rules = t1053::sigma::compile(text).unwrap();
    /// let spots = rules[0].blind_spots();
    /// assert_eq!(spots.len(), 1);
    /// let told = "Security 4688 has no ParentCommandLine";
    /// assert_eq!(spots[0].to_string(), told);
    /// # }
    /// ```
    pub fn blind_spots(&self) -> Vec<BlindSpot> {
        self.logic.blind_spots(self.detection.platform)
    }
}
