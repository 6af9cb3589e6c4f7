/*!
Log sources: which platform and kinds of event a rule is about.

Most are of a kind of event, or of all kinds in the logs of a service. Every
other one is that of generic events, whose own log source is compared with
it; a service has such events besides those of its kinds.
*/

use super::error::{Error, Reason, is_near};
use super::yaml::{Map, Node};
use crate::event::{EventKind, Field, Platform};
use crate::rule::{Operation, Predicate, Test};
use crate::vocabulary::{Log, sources};

/// The log source of a rule.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) platform: Platform,
    /// The key whose value picks the kind of event, or nothing.
    pub(super) selector: &'static str,
    /// The kinds of event, each with the selector's value.
    pub(super) kinds: Vec<(EventKind, &'static str)>,
    /// The values of `EventType` that the source stands for; empty for any.
    pub(super) event_types: &'static [&'static str],
    /// What holds of generic events of it; `None` where it has none.
    pub(super) generic: Option<Predicate>,
}

/// What a log source says.
struct Named<'y> {
    product: Option<&'y str>,
    category: Option<&'y str>,
    service: Option<&'y str>,
}

/// The log source of a rule.
pub(super) fn source(map: Map<'_>) -> Result<Source, Error> {
    map.only(&["category", "product", "service", "definition"])?;
    let product = map.read("product", Node::words)?;
    let category = map.read("category", Node::words)?;
    let service = map.read("service", Node::words)?;
    let named = Named { product, category, service };
    if product.is_none() && category.is_none() && service.is_none() {
        let what = "`category`, `product` or `service`";
        return Err(Error::new(map.line, Reason::Expected(what)));
    }
    let mut platforms = Platform::ALL.iter().copied();
    let is_meant = |known: &Platform| {
        !matches!(known, Platform::Any | Platform::Other)
            && Some(known.name()) == product
    };
    // Of no product, or of one that is no platform.
    let platform = platforms.find(is_meant).unwrap_or(match product {
        None => Platform::Any,
        Some(_) => Platform::Other,
    });
    let source = match (category, service) {
        (Some(category), None) => of_category(category, platform),
        (None, Some(service)) => of_service(service, platform, &named),
        (Some(_), Some(service)) => {
            // The service says which log, and so more than the category.
            let source = of_service(service, platform, &named);
            source.filter(|_| platform == Platform::Kubernetes)
        }
        (None, None) => Some(of_platform(platform, &named)),
    };
    if let Some(source) = source {
        return Ok(source);
    }
    check(map, &named)?;
    let platform = match platform {
        Platform::Any => Platform::Other,
        platform => platform,
    };
    Ok(Source {
        platform,
        selector: "",
        kinds: Vec::new(),
        event_types: &[],
        generic: Some(named.holds()),
    })
}

impl Named<'_> {
    /// What holds of the generic events of the log source.
    fn holds(&self) -> Predicate {
        let test = |(field, name): (Field, Option<&str>)| {
            let pattern = name?.to_owned().into();
            let test = Test::new(field, Operation::Equals, pattern);
            Some(Predicate::Test(test))
        };
        let tests = [
            (Field::LogProduct, self.product),
            (Field::LogCategory, self.category),
            (Field::LogService, self.service),
        ];
        super::predicate::all(tests.into_iter().filter_map(test))
    }
}

/// A category that kinds of event stand for, on a platform of theirs or on
/// all; `None` for any other one.
fn of_category(name: &str, platform: Platform) -> Option<Source> {
    let (kind, category) = EventKind::of_category(name, platform)?;
    // Where all events of the kind have one id, a rule may give it.
    let (selector, id) = match kind.ids() {
        [(log, id)] => (log.selector(), *id),
        _ => ("", ""),
    };
    Some(Source {
        platform,
        selector,
        kinds: vec![(kind, id)],
        event_types: category.event_types,
        generic: None,
    })
}

/// A service whose logs have kinds of event; `None` for any other one.
fn of_service(
    name: &str,
    platform: Platform,
    named: &Named<'_>,
) -> Option<Source> {
    let is_meant =
        |log: &&Log| log.service() == name && log.platform() == platform;
    let log = Log::ALL.iter().find(is_meant)?;
    let mut kinds = Vec::new();
    for &kind in EventKind::ALL {
        for (log, id) in kind.ids() {
            let one = (kind, *id);
            let is_here = is_meant(&log);
            if is_here && !kinds.contains(&one) {
                kinds.push(one);
            }
        }
    }
    let has_others = !log.selector().is_empty();
    Some(Source {
        platform,
        selector: log.selector(),
        kinds,
        event_types: &[],
        generic: has_others.then(|| named.holds()),
    })
}

/// All events of a product.
fn of_platform(platform: Platform, named: &Named<'_>) -> Source {
    // A line about a job is an event of its log as well.
    let kinds = EventKind::ALL.iter().filter(|kind| {
        !matches!(
            kind,
            EventKind::Generic
                | EventKind::JobRecord
                | EventKind::ScheduledJob
        ) && kind.platforms().contains(&platform)
    });
    Source {
        platform,
        selector: "",
        kinds: kinds.map(|kind| (*kind, "")).collect(),
        event_types: &[],
        generic: Some(named.holds()),
    }
}

/// Refuses what looks like a slip of the pen.
fn check(map: Map<'_>, named: &Named<'_>) -> Result<(), Error> {
    let of_kinds = EventKind::ALL.iter().flat_map(|kind| kind.categories());
    let of_kinds = of_kinds.map(|category| category.name);
    let categories: Vec<&str> =
        of_kinds.chain(sources::categories()).collect();
    let services = Log::ALL.iter().map(|log| log.service());
    let services: Vec<&str> = services.chain(sources::services()).collect();
    let products = Platform::ALL.iter();
    let products: Vec<&str> =
        products.map(|platform| platform.name()).collect();
    let is_windows = named.product == Some("windows");
    for (key, name, known, is_checked) in [
        ("product", named.product, &products, true),
        ("category", named.category, &categories, true),
        ("service", named.service, &services, is_windows),
    ] {
        let Some(name) = name.filter(|_| is_checked) else { continue };
        if !known.contains(&name) && is_near(name, known) {
            let line = map.get(key).map_or(map.line, |entry| entry.value.line);
            return Err(Error::new(line, Reason::unknown(key, name, known)));
        }
    }
    Ok(())
}

/// Whether events of a kind come from several logs, or under several ids,
/// so that the kind does not say what `EventID` is.
pub(super) fn many_ids(kind: EventKind) -> bool {
    kind.ids().len() > 1
}
