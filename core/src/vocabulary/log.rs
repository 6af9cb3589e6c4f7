use super::platform::Platform;
use super::table::with_logs;

/// Declares [`Log`].
macro_rules! declare {
    ($(
        $(#[doc = $doc:literal])*
        $log:ident: $platform:ident, $service:literal, $selector:literal,
            providers [$($provider:literal),* $(,)?],
            channels [$($channel:literal),* $(,)?];
    )*) => {
        /// A log whose events name their kind by an id.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Log {
            $($(#[doc = $doc])* $log,)*
        }

        impl Log {
            /// Every log, in declaration order.
            pub const ALL: &'static [Log] = &[$(Log::$log,)*];

            /// The platform that it is kept on.
            pub const fn platform(self) -> Platform {
                match self {
                    $(Log::$log => Platform::$platform,)*
                }
            }

            /// The service that Sigma calls it; two logs may share one.
            pub const fn service(self) -> &'static str {
                match self {
                    $(Log::$log => $service,)*
                }
            }

            /// The key by which Sigma rules give an id: `EventID`, or `type`
            /// of auditd; empty where all events are of one kind.
            pub const fn selector(self) -> &'static str {
                match self {
                    $(Log::$log => $selector,)*
                }
            }

            pub(crate) const fn providers(self) -> &'static [&'static str] {
                match self {
                    $(Log::$log => &[$($provider),*],)*
                }
            }

            pub(crate) const fn channels(self) -> &'static [&'static str] {
                match self {
                    $(Log::$log => &[$($channel),*],)*
                }
            }
        }
    };
}

with_logs!(declare);

impl Log {
    /// The log that a provider writes to, in any case.
    pub fn from_provider(name: &[u8]) -> Option<Log> {
        Log::find(name, Log::providers)
    }

    /// The log of a channel, in any case.
    pub fn from_channel(name: &[u8]) -> Option<Log> {
        Log::find(name, Log::channels)
    }

    fn find(
        name: &[u8],
        names: impl Fn(Log) -> &'static [&'static str],
    ) -> Option<Log> {
        let is_called = |log: &Log| {
            let mut names = names(*log).iter();
            names.any(|known| known.as_bytes().eq_ignore_ascii_case(name))
        };
        Log::ALL.iter().copied().find(is_called)
    }
}
