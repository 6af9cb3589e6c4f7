/*!
Windows event XML, and Sysmon for Linux in the same shape.
*/

use std::collections::BTreeMap;

use roxmltree::{Document, Node};

use super::super::plain_lines;
use super::Events;
use super::windows::Windows;

/// An event after the header that syslog writes.
pub(super) fn after(text: &str, at: usize) -> Events {
    let (header, event) = text.split_at(at);
    let is_odd = |it: char| it.is_control() || matches!(it, '{' | '>');
    let plain = header.strip_prefix('<').map_or(header, |it| {
        let priority = it.split_once('>');
        priority.map_or("<", |(number, rest)| {
            let digits = number.bytes().all(|it| it.is_ascii_digit());
            if digits && !number.is_empty() { rest } else { "<" }
        })
    });
    let is_plain = !plain.contains('<')
        && !plain.contains(is_odd)
        && !plain.contains("type=");
    is_plain.then(|| read(event)).flatten()
}

pub(super) fn read(text: &str) -> Events {
    let text = plain_lines(text)?;
    let document = Document::parse(&text).ok()?;
    let root = document.root_element();
    if root.tag_name().name() != "Event" {
        return None;
    }
    is_plain(&document, &text)?;
    let child = |parent: Node<'_, '_>, name: &str| {
        let mut children = parent.children();
        children.find(|it| it.tag_name().name() == name).map(|it| it.id())
    };
    let node = |id| document.get_node(id).unwrap();
    let system = node(child(root, "System")?);
    let is_deep = |it: Node<'_, '_>| it.children().any(|it| it.is_element());
    if text[system.range()].contains('&') || system.children().any(is_deep) {
        return None;
    }
    let leaf = |name: &str| -> Option<Option<String>> {
        let Some(it) = child(system, name) else { return Some(None) };
        plain_text(node(it)).map(Some)
    };
    let attribute = |name: &str, attributes: [&str; 2]| {
        let it = node(child(system, name)?);
        let mut values = attributes.iter().filter_map(|at| it.attribute(*at));
        values.next().map(str::to_string)
    };
    let mut windows = Windows {
        id: leaf("EventID")?,
        channel: leaf("Channel")?.map(|it| it.trim().to_string()),
        provider: attribute("Provider", ["Name", "EventSourceName"]),
        host: leaf("Computer")?,
        sid: attribute("Security", ["UserID", "UserId"]),
        ..Windows::default()
    };
    if let Some(it) = child(root, "UserData") {
        if child(root, "EventData").is_some() {
            return None;
        }
        // One element of any name, which has the fields.
        let mut elements = node(it).children().filter(|it| it.is_element());
        let fields = elements.next()?;
        if elements.next().is_some() {
            return None;
        }
        for it in fields.children().filter(|it| it.is_element()) {
            let name = it.tag_name().name().to_string();
            if let Some(text) = plain_text(it) {
                windows.data.insert(name, text);
            }
        }
    }
    if let Some(it) = child(root, "EventData") {
        windows.data = data(node(it))?;
    }
    windows.event()
}

/// The text of an element that holds nothing else.
fn plain_text(node: Node<'_, '_>) -> Option<String> {
    let mut text = String::new();
    for child in node.children() {
        text += child.is_text().then(|| child.text())??;
    }
    Some(text)
}

/// The fields of an `EventData` element.
fn data(node: Node<'_, '_>) -> Option<BTreeMap<String, String>> {
    let mut data = BTreeMap::new();
    for it in node.children().filter(Node::is_element) {
        let name = it.attribute("Name");
        let name = name.filter(|_| it.tag_name().name() == "Data");
        if let Some(name) = name {
            data.insert(name.to_string(), plain_text(it)?);
        }
    }
    Some(data)
}

/// The fields of an `EventData` element by itself.
pub(super) fn event_data(text: &str) -> Option<BTreeMap<String, String>> {
    let text = plain_lines(text)?;
    let document = Document::parse(&text).ok()?;
    is_plain(&document, &text)?;
    let root = document.root_element();
    if root.tag_name().name() != "EventData" {
        return None;
    }
    data(root)
}

/// Text that has no field's name, of which there may be several.
fn is_nameless(node: &Node<'_, '_>) -> bool {
    node.tag_name().name() == "Data" && !node.has_attribute("Name")
}

/// `None` where readers may differ.
fn is_plain(document: &Document<'_>, text: &str) -> Option<()> {
    let root = document.root_element();
    // No writer spells the names of things with references.
    let mut attributes = root.descendants().flat_map(|it| it.attributes());
    if attributes.any(|it| text[it.range_value()].contains('&')) {
        return None;
    }
    // Two of what there is one of have no one reading.
    for parent in root.descendants() {
        let mut names: Vec<&str> = parent
            .children()
            .filter(|it| it.is_element() && !is_nameless(it))
            .map(|it| match it.attribute("Name") {
                Some(name) if it.tag_name().name() == "Data" => name,
                _ => it.tag_name().name(),
            })
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        if count != names.len() {
            return None;
        }
    }
    Some(())
}
