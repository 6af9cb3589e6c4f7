/*!
Names of the formats that records come in.
*/

use core::fmt;

/// The shape of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Told apart record by record.
    #[default]
    Auto,
    /// Any JSON shape: NXLog, Winlogbeat/ECS, evtx_dump, Wazuh, Sentinel,
    /// OCSF, Laurel, auditbeat, auoms, Azure activity; an object may stand
    /// behind a syslog prefix.
    Json,
    /// Windows event XML and Sysmon for Linux XML, with or without a syslog
    /// prefix.
    Xml,
    /// Windows events as blocks of text: classic `LogName=`/`EventCode=`,
    /// what wevtutil and the Event Viewer write, `Format-List`. Lines of
    /// Snare, CEF and their kin, and tables, are told by `Auto` alone.
    WinEventLog,
    /// auditd lines, raw, enriched or interpreted.
    Auditd,
}

impl Format {
    /// Every format, in declaration order.
    pub const ALL: &'static [Format] = &[
        Format::Auto,
        Format::Json,
        Format::Xml,
        Format::WinEventLog,
        Format::Auditd,
    ];

    /// The name on command lines and in bindings.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Auto => "auto",
            Format::Json => "json",
            Format::Xml => "xml",
            Format::WinEventLog => "wineventlog",
            Format::Auditd => "auditd",
        }
    }
}

/// A name that is no format's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat {
    name: String,
}

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> =
            Format::ALL.iter().map(|format| format.name()).collect();
        let UnknownFormat { name } = self;
        write!(f, "there is no format `{name}`, only {}", names.join(", "))?;
        crate::error::write_nearest(f, name, names.into_iter())
    }
}

impl core::error::Error for UnknownFormat {}

impl core::str::FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Format, UnknownFormat> {
        let mut all = Format::ALL.iter().copied();
        all.find(|format| format.name() == name)
            .ok_or_else(|| UnknownFormat { name: name.into() })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
