/*!
Log sources: which platform and kinds of event a rule is about.
*/

use super::error::{Error, Reason};
use super::yaml::Map;
use crate::event::{EventKind, Platform};
use crate::vocabulary::Log;

/// A log source that rules may name: a category of the vocabulary's, or a
/// service.
#[derive(Debug)]
pub(super) struct Source {
    name: &'static str,
    platforms: Vec<Platform>,
    /// The key whose value picks the kind of event, or nothing.
    pub(super) selector: &'static str,
    /// The kinds of event, each with the selector's value.
    pub(super) kinds: Vec<(EventKind, &'static str)>,
    /// The values of `EventType` that the source stands for; empty for any.
    pub(super) event_types: &'static [&'static str],
}

/// The categories that rules may name.
fn categories() -> Vec<Source> {
    let kinds = EventKind::ALL.iter();
    let categories = kinds.flat_map(|&kind| {
        // Where all events of the kind have one id, a rule may give it.
        let (selector, id) = match kind.ids() {
            [(log, id)] => (log.selector(), *id),
            _ => ("", ""),
        };
        kind.categories().iter().map(move |category| Source {
            name: category.name,
            platforms: kind.platforms().to_vec(),
            selector,
            kinds: vec![(kind, id)],
            event_types: category.event_types,
        })
    });
    categories.collect()
}

/// The services that rules may name.
fn services() -> Vec<Source> {
    let mut services: Vec<Source> = Vec::new();
    for log in Log::ALL {
        let name = log.service();
        match services.iter_mut().find(|service| service.name == name) {
            Some(service) => service.platforms.push(log.platform()),
            None => services.push(Source {
                name,
                platforms: vec![log.platform()],
                selector: log.selector(),
                kinds: kinds_of_service(name),
                event_types: &[],
            }),
        }
    }
    services
}

/// The kinds of event in the logs of a service, each with its id.
fn kinds_of_service(service: &str) -> Vec<(EventKind, &'static str)> {
    let mut kinds = Vec::new();
    for &kind in EventKind::ALL {
        for (log, id) in kind.ids() {
            let one = (kind, *id);
            if log.service() == service && !kinds.contains(&one) {
                kinds.push(one);
            }
        }
    }
    kinds
}

/// The log source of a rule.
pub(super) fn source(map: Map<'_>) -> Result<(Source, Platform), Error> {
    map.only(&["category", "product", "service", "definition"])?;
    let (key, sources) = match (map.get("category"), map.get("service")) {
        (Some(_), None) => ("category", categories()),
        (None, Some(_)) => ("service", services()),
        _ => {
            let reason = "expected either `category` or `service`";
            return Err(Error::new(map.line, Reason::Other(reason.into())));
        }
    };
    let names: Vec<&str> = sources.iter().map(|source| source.name).collect();
    let mut sources = sources.into_iter();
    let source = map.need(key, |node| {
        let name = node.words()?;
        let found = sources.find(|source| source.name == name);
        let valid = names.iter().copied();
        found.ok_or_else(|| node.error(Reason::unknown(key, name, valid)))
    })?;
    let platform = map.read("product", |node| {
        let name = node.words()?;
        let platforms = source.platforms.iter().copied();
        let found = platforms.clone().find(|known| known.name() == name);
        let valid = platforms.map(Platform::name);
        found
            .ok_or_else(|| node.error(Reason::unknown("product", name, valid)))
    })?;
    // What is the same on all platforms needs none.
    let any = source.platforms.contains(&Platform::Any);
    let platform = platform.or(any.then_some(Platform::Any));
    let missing = || Error::new(map.line, Reason::Missing("product"));
    Ok((source, platform.ok_or_else(missing)?))
}

/// Whether events of a kind come from several logs, or under several ids,
/// so that the kind does not say what `EventID` is.
pub(super) fn many_ids(kind: EventKind) -> bool {
    kind.ids().len() > 1
}
