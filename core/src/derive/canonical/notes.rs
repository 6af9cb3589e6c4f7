/*!
What had to be undone to read a text.
*/

/// A way of writing that hides what is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obfuscation {
    /// An option with quotes in or around it: `/cr"ea"te`.
    QuotedOption,
    /// Carets of cmd: `s^chtasks`.
    Caret,
    /// Part of a variable: `%x:~1,2%`.
    Substring,
    /// `!x!`, expanded when it runs.
    DelayedExpansion,
    /// A loop that puts a text together.
    Loop,
    /// PowerShell's backtick: `sch``tasks`.
    Backtick,
    /// Texts put together: `'sch' + 'tasks'`.
    Concatenation,
    /// Texts put into places: `'{1}{0}' -f ..`.
    Format,
    /// Characters by number: `[char]115`.
    CharCodes,
    /// A text turned around.
    Reversal,
    /// Base64 or the like.
    Encoded,
    /// A name with wildcards: `/usr/bin/cr?ntab`.
    WildcardName,
    /// `$'\x63ron'`.
    AnsiC,
    /// Variables, parameters, braces and commands of sh.
    Expansion,
    /// A character that does not show.
    HiddenCharacter,
    /// A letter that looks like another.
    LookAlike,
    /// `/etc/./cron.d`, `\Windows\x\..\System32`.
    DotSegments,
    /// `/proc/self/root/etc`.
    ProcRoot,
    /// A link under another name.
    Link,
    /// A tool under another name.
    Renamed,
    /// A tool that is told another name than its own.
    Argv0,
    /// More text than is read.
    Limit,
}

impl Obfuscation {
    /// Every one, in declaration order.
    pub(crate) const ALL: &[Obfuscation] = &[
        Obfuscation::QuotedOption,
        Obfuscation::Caret,
        Obfuscation::Substring,
        Obfuscation::DelayedExpansion,
        Obfuscation::Loop,
        Obfuscation::Backtick,
        Obfuscation::Concatenation,
        Obfuscation::Format,
        Obfuscation::CharCodes,
        Obfuscation::Reversal,
        Obfuscation::Encoded,
        Obfuscation::WildcardName,
        Obfuscation::AnsiC,
        Obfuscation::Expansion,
        Obfuscation::HiddenCharacter,
        Obfuscation::LookAlike,
        Obfuscation::DotSegments,
        Obfuscation::ProcRoot,
        Obfuscation::Link,
        Obfuscation::Renamed,
        Obfuscation::Argv0,
        Obfuscation::Limit,
    ];

    /// The name in rules and output.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Obfuscation::QuotedOption => "quoted_option",
            Obfuscation::Caret => "caret",
            Obfuscation::Substring => "substring",
            Obfuscation::DelayedExpansion => "delayed_expansion",
            Obfuscation::Loop => "loop",
            Obfuscation::Backtick => "backtick",
            Obfuscation::Concatenation => "concatenation",
            Obfuscation::Format => "format",
            Obfuscation::CharCodes => "char_codes",
            Obfuscation::Reversal => "reversal",
            Obfuscation::Encoded => "encoded",
            Obfuscation::WildcardName => "wildcard_name",
            Obfuscation::AnsiC => "ansi_c",
            Obfuscation::Expansion => "expansion",
            Obfuscation::HiddenCharacter => "hidden_character",
            Obfuscation::LookAlike => "look_alike",
            Obfuscation::DotSegments => "dot_segments",
            Obfuscation::ProcRoot => "proc_root",
            Obfuscation::Link => "link",
            Obfuscation::Renamed => "renamed",
            Obfuscation::Argv0 => "argv0",
            Obfuscation::Limit => "limit",
        }
    }
}

/// What had to be undone so far: a set of [`Obfuscation`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Notes(u32);

// A bit each.
const _: () = assert!(Obfuscation::ALL.len() <= 32);

impl Notes {
    /// Notes one.
    pub(crate) fn add(&mut self, what: Obfuscation) {
        self.0 |= 1_u32.wrapping_shl(what as u32);
    }

    /// Notes all of another set.
    pub(crate) fn merge(&mut self, others: Notes) {
        self.0 |= others.0;
    }

    /// Whether one was noted.
    pub(crate) fn has(self, what: Obfuscation) -> bool {
        self.0 & 1_u32.wrapping_shl(what as u32) != 0
    }

    /// Those that were noted.
    pub(crate) fn iter(self) -> impl Iterator<Item = Obfuscation> {
        let all = Obfuscation::ALL.iter().copied();
        all.filter(move |what| self.has(*what))
    }

    /// Whether none was noted.
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }
}
