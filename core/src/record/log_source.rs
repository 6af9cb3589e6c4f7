//! What the caller tells of the log that records are from.

use crate::event::{EventKind, Generic, Platform};
use crate::vocabulary::Category;

/// A log source in Sigma's terms, for records that do not say themselves
/// what they are.
///
/// # Example
///
/// ```
/// use t1053::record::{Format, LogSource, Reader};
///
/// let mut reader = Reader::new();
/// reader.ask_for(["eventType"].into_iter().collect());
/// reader.tell(LogSource::new().product("okta").service("okta"));
/// let record = br#"{"eventType":"user.session.start"}"#;
/// let mut kinds = Vec::new();
/// reader.read(Format::Json, record, |_, event| {
///     kinds.push(event.kind().name());
///     assert_eq!(event.member("eventType"), Some(&b"user.session.start"[..]));
/// })?;
/// assert_eq!(kinds, ["generic"]);
/// # Ok::<(), t1053::record::RecordError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogSource {
    product: Option<Box<str>>,
    category: Option<Box<str>>,
    service: Option<Box<str>>,
    /// The platform that the product is, if it is one.
    platform: Option<Platform>,
    /// The kind of event that the category is there.
    kind: Option<(EventKind, Category)>,
}

impl LogSource {
    /// One of which nothing is told yet.
    pub fn new() -> LogSource {
        LogSource::default()
    }

    /// Says the product: `okta`, `linux`.
    #[must_use]
    pub fn product(mut self, name: &str) -> LogSource {
        self.product = Some(name.into());
        let mut all = Platform::ALL.iter().copied();
        self.platform = all.find(|platform| platform.name() == name);
        self.with_kind()
    }

    /// Says the category: `proxy`, `webserver`.
    #[must_use]
    pub fn category(mut self, name: &str) -> LogSource {
        self.category = Some(name.into());
        self.with_kind()
    }

    /// Says the service: `sshd`, `audit`.
    #[must_use]
    pub fn service(mut self, name: &str) -> LogSource {
        self.service = Some(name.into());
        self
    }

    /// What its generic events say of it.
    pub(crate) fn generic(&self) -> Generic<'_> {
        let [product, category, service] =
            [&self.product, &self.category, &self.service]
                .map(|name| name.as_deref().map(str::as_bytes));
        Generic { product, category, service }
    }

    /// Works out what each record of it is, once for all.
    fn with_kind(self) -> LogSource {
        let named = self.category.as_deref().zip(self.platform);
        let named = named.filter(|(_, platform)| *platform != Platform::Other);
        let kind = named.and_then(|(category, platform)| {
            EventKind::of_category(category, platform)
        });
        LogSource { kind, ..self }
    }

    /// The kind of event that the category is, on the platform that the
    /// product is.
    pub(crate) fn kind(&self) -> Option<(EventKind, Category)> {
        self.kind
    }

    /// The platform that the product is.
    pub(crate) fn platform(&self) -> Platform {
        self.platform.unwrap_or(Platform::Other)
    }
}
