/*!
Windows event XML, and Sysmon for Linux in the same shape.
*/

use memchr::{memchr, memchr_iter};

use crate::bytes;
use crate::event::EventKinds;

use super::context::{Context, Reading, Sink};
use super::decode::Decoded;
use super::error::{RecordError, RecordErrorKind};
use super::inserts;
use super::keys::Key;
use super::member_names::MemberNames;
use super::members::Members;
use super::message::read_message;
use super::raw::{Encoding, Rank, Raw};
use super::syntax::xml::{Token, Tokens, local_name, split_name};
use super::windows::{WindowsRecord, kind_of};

/// Reads one record: one event or several, bare or in an `Events` element,
/// with anything before, between and after them.
pub(crate) fn read(
    record: &[u8],
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> Result<Reading, RecordError> {
    let mut reading = Reading::default();
    let mut first_error = None;
    let mut items = 0_u32;
    let mut wrapped = false;
    let mut start = find_event(record, 0, &mut wrapped);
    while let Some(at) = start {
        let event = record.get(at..).unwrap_or_default();
        let mut windows = WindowsRecord::new();
        let unwanted = match context.wants_generic() {
            true => None,
            false => unwanted_length(event, context.wanted),
        };
        let length = match unwanted {
            Some(length) => Ok(length),
            None => read_event(event, &mut windows),
        };
        let read = length.unwrap_or_else(|error| error.offset);
        let end = at.saturating_add(read);
        start = find_event(record, end, &mut wrapped);
        let several = wrapped || items > 0 || start.is_some();
        let item = several.then_some(items);
        items = items.saturating_add(1);
        match length {
            Ok(_)
                if unwanted.is_none()
                    && emit(event, &windows, item, context, sink) =>
            {
                reading.events = reading.events.saturating_add(1);
            }
            Ok(_) => reading.others = reading.others.saturating_add(1),
            Err(RecordError { kind, .. }) => {
                let error = RecordError::new(kind, end);
                first_error = first_error.or(Some(error));
            }
        }
    }
    match first_error {
        Some(error) => Err(error),
        None if items == 0 && !wrapped => {
            Err(RecordError::new(RecordErrorKind::UnknownShape, 0))
        }
        None => Ok(reading),
    }
}

/// Hands over an event, with its members where they are asked for.
fn emit<'a>(
    event: &'a [u8],
    windows: &WindowsRecord<'a>,
    item: Option<u32>,
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> bool {
    match context.names {
        None => emit_whole(windows, item, context, sink),
        Some(names) => {
            with_members(event, names, windows, item, context, sink)
        }
    }
}

/// Hands over an event with its members.
#[inline(never)]
fn with_members<'a>(
    event: &'a [u8],
    names: &MemberNames,
    windows: &WindowsRecord<'a>,
    item: Option<u32>,
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> bool {
    let buffer = context.members.pop().unwrap_or_default();
    let mut members = Members::new(names, buffer);
    members.provider(windows.get(Key::Provider));
    members.read_xml(event);
    let mut is_event = false;
    let buffer = members.give(sink, |sink| {
        is_event = emit_whole(windows, item, context, sink);
    });
    context.members.push(buffer);
    is_event
}

/// Hands over an event. Values that it has not may stand in its message.
fn emit_whole(
    windows: &WindowsRecord<'_>,
    item: Option<u32>,
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> bool {
    let message = windows.get(Key::Message).filter(|_| windows.is_hollow());
    if let Some(message) = message
        && let Some((_, kind)) = windows.kind()
        && let Some((text, mut context)) = context.inside()
    {
        let message = Decoded::from_raw(message, text).resolve(text);
        let mut windows = windows.clone();
        read_message(kind, message, &mut windows);
        return windows.emit(item, &mut context, sink);
    }
    windows.emit(item, context, sink)
}

/// Where the next event begins. Notes an element that wraps events on the
/// way there.
fn find_event(
    record: &[u8],
    from: usize,
    wrapped: &mut bool,
) -> Option<usize> {
    let rest = record.get(from..)?;
    for at in memchr_iter(b'<', rest) {
        let tag = bytes::after(rest, at);
        let name = tag.strip_prefix(b"/").unwrap_or(tag);
        match split_name(name).map(|(name, _)| local_name(name)) {
            Some(b"Event") if name.len() == tag.len() => {
                return Some(from.saturating_add(at));
            }
            Some(b"Events") => *wrapped = true,
            _ => {}
        }
    }
    None
}

/// The part of an event that an element is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    System,
    Data,
    Rendering,
    Other,
}

/// Reads the event that begins here; returns its length. Where that fails,
/// the next event is to be looked for from the error's offset on.
fn read_event<'a>(
    event: &'a [u8],
    record: &mut WindowsRecord<'a>,
) -> Result<usize, RecordError> {
    let mut tokens = Tokens::new(event);
    let mut section = Section::Other;
    let mut unnamed = Unnamed::default();
    while let Some(token) = tokens.next() {
        let name = match token {
            Token::Start(name) => local_name(name),
            Token::End if tokens.depth() == 0 => {
                unnamed.give(record);
                return Ok(tokens.offset());
            }
            _ => continue,
        };
        match (tokens.depth(), section) {
            (1, _) => {}
            // The event was cut short, and another follows.
            (_, _) if name == b"Event" => {
                let kind = RecordErrorKind::Xml("an event does not end");
                return Err(RecordError::new(kind, tokens.tag_offset()));
            }
            (2, _) => {
                section = match name {
                    b"System" => Section::System,
                    b"EventData" => {
                        tokens.text();
                        read_plain_data(&mut tokens, record);
                        Section::Data
                    }
                    b"UserData" => Section::Data,
                    b"RenderingInfo" => Section::Rendering,
                    _ => Section::Other,
                };
            }
            (_, Section::System) => read_system(name, &mut tokens, record),
            (_, Section::Data) => {
                read_data(name, &mut tokens, record, &mut unnamed);
                read_plain_data(&mut tokens, record);
            }
            (_, Section::Rendering) => {
                read_rendering(name, &mut tokens, record);
            }
            (_, Section::Other) => {}
        }
    }
    let unknown = RecordError::new(RecordErrorKind::UnknownShape, 0);
    Err(tokens.error().unwrap_or(unknown))
}

/// The length of the event that begins here, when it is plain to see that it
/// is of a kind that is not wanted.
///
/// Looks at how each tag begins and no further, which is several times
/// cheaper than to read them all. `None` where the event is wanted, and where
/// anything is out of the ordinary.
fn unwanted_length(event: &[u8], wanted: EventKinds) -> Option<usize> {
    let mut tags = memchr_iter(b'<', event).map(|at| {
        let tag = bytes::after(event, at);
        let ordinary = match tag {
            // Anything may stand in a section or a comment.
            [b'!' | b'?', ..] => false,
            // Another event, where this one was cut short.
            [b'E', b'v', b'e', b'n', b't', next, ..] => {
                at == 0 || next.is_ascii_alphanumeric()
            }
            _ => true,
        };
        ordinary.then_some((at, tag))
    });
    tags.next()??;
    tags.next()?.filter(|(_, tag)| tag.starts_with(b"System>"))?;
    let (mut provider, mut id, mut channel) = (None, None, None);
    loop {
        let (_, tag) = tags.next()??;
        let (value, rest, end) =
            if let Some(rest) = tag.strip_prefix(b"Provider Name=") {
                let (&quote, rest) = rest.split_first()?;
                (&mut provider, rest, quote)
            } else if let Some(rest) = tag.strip_prefix(b"EventID") {
                let (_, rest) = rest.split_at_checked(memchr(b'>', rest)?)?;
                (&mut id, rest.strip_prefix(b">")?, b'<')
            } else if let Some(rest) = tag.strip_prefix(b"Channel>") {
                (&mut channel, rest, b'<')
            } else if tag.starts_with(b"/System>") {
                break;
            } else {
                continue;
            };
        *value = Some(rest.get(..memchr(end, rest)?)?.trim_ascii());
    }
    // What is missing here may yet come from the rendering.
    let kind = kind_of(Some(provider?), Some(channel?), id?);
    if kind.is_some_and(|(_, kind)| wanted.contains(kind)) {
        return None;
    }
    loop {
        let (at, tag) = tags.next()??;
        if tag.starts_with(b"/Event>") {
            return Some(at.saturating_add(b"</Event>".len()));
        }
    }
}

fn read_system<'a>(
    name: &[u8],
    tokens: &mut Tokens<'a>,
    record: &mut WindowsRecord<'a>,
) {
    match name {
        b"EventID" => set_text(Key::EventId, tokens, record),
        b"EventRecordID" => set_text(Key::RecordNumber, tokens, record),
        b"Channel" => set_text(Key::Channel, tokens, record),
        b"Computer" => set_text(Key::Computer, tokens, record),
        b"Provider" | b"TimeCreated" | b"Security" => {
            while let Some((attribute, value)) = tokens.attribute() {
                let (key, rank) = match attribute {
                    b"Name" => (Key::Provider, Rank::Own),
                    // An older source's second name.
                    b"EventSourceName" => (Key::Provider, Rank::Copied),
                    b"SystemTime" => (Key::SystemTime, Rank::Own),
                    b"UserID" | b"UserId" => (Key::WriterSid, Rank::Own),
                    _ => continue,
                };
                record.offer(key, text_of(value), rank);
            }
        }
        _ => {
            tokens.leaf();
        }
    }
}

/// Reads an event's data where it stands alone, as some collectors hand it
/// on beside the system's part.
pub(crate) fn read_event_data<'a>(
    xml: &'a [u8],
    record: &mut WindowsRecord<'a>,
) -> Result<(), RecordError> {
    let mut tokens = Tokens::new(xml);
    let mut unnamed = Unnamed::default();
    while let Some(token) = tokens.next() {
        if let Token::Start(name) = token
            && let name @ (b"Data" | b"Param") = local_name(name)
        {
            read_data(name, &mut tokens, record, &mut unnamed);
        }
    }
    unnamed.give(record);
    tokens.error().map_or(Ok(()), Err)
}

/// Values of the event's data that have no names: where they stand tells
/// what they are.
#[derive(Default)]
struct Unnamed<'a> {
    values: [&'a [u8]; inserts::MOST_VALUES],
    count: usize,
}

impl<'a> Unnamed<'a> {
    fn add(&mut self, value: &'a [u8]) {
        if let Some(slot) = self.values.get_mut(self.count) {
            *slot = value;
        }
        self.count = self.count.saturating_add(1);
    }

    fn give(&self, record: &mut WindowsRecord<'a>) {
        let values = self.values.get(..self.count).unwrap_or_default();
        if !values.is_empty() {
            inserts::name_all(record, values.iter().copied().map(text_of));
        }
    }
}

/// Reads the values of the event's data that are written as they most often
/// are, in half the time.
fn read_plain_data<'a>(
    tokens: &mut Tokens<'a>,
    record: &mut WindowsRecord<'a>,
) {
    while let Some((name, text)) =
        tokens.plain_leaf(b"<Data Name=", b"</Data>")
    {
        if let Some(key) = Key::from_data_name(name) {
            record.set(key, text_of(text));
        }
    }
}

/// Reads a value of the event's data: an element `Data` with a name, or, in
/// data of the event's own making, one under that name.
fn read_data<'a>(
    name: &[u8],
    tokens: &mut Tokens<'a>,
    record: &mut WindowsRecord<'a>,
    unnamed: &mut Unnamed<'a>,
) {
    let mut key = None;
    if name == b"Data" {
        let mut is_named = false;
        while let Some((attribute, value)) = tokens.attribute() {
            if attribute == b"Name" {
                key = Key::from_data_name(value);
                is_named = true;
            }
        }
        if !is_named {
            unnamed.add(tokens.leaf().unwrap_or_default());
            return;
        }
    } else {
        key = Key::from_data_name(name);
    }
    match key {
        Some(key) => set_text(key, tokens, record),
        None => {
            tokens.leaf();
        }
    }
}

/// Reads a value of the rendering, which is for people and stands back
/// behind what the event itself says.
fn read_rendering<'a>(
    name: &[u8],
    tokens: &mut Tokens<'a>,
    record: &mut WindowsRecord<'a>,
) {
    let key = match name {
        b"Provider" => Key::Provider,
        b"Channel" => Key::Channel,
        b"Message" => Key::Message,
        _ => return,
    };
    if let Some(text) = tokens.leaf() {
        record.offer(key, text_of(text), Rank::Hint);
    }
}

/// Sets a value to the text of the element that began last.
fn set_text<'a>(
    key: Key,
    tokens: &mut Tokens<'a>,
    record: &mut WindowsRecord<'a>,
) {
    if let Some(text) = tokens.leaf() {
        record.set(key, text_of(text));
    }
}

fn text_of(bytes: &[u8]) -> Raw<'_> {
    Raw { bytes, encoding: Encoding::Xml }
}

#[cfg(test)]
pub(crate) mod tests {
    use crate::event::{Event, EventKind, Field};
    use crate::record::{Format, Reader};

    use super::*;

    const PROCESS: &str = r#"<Event xmlns="urn:event">
      <System>
        <Provider Name="Microsoft-Windows-Sysmon" Guid="{0-1}"/>
        <EventID>1</EventID>
        <Version>5</Version>
        <TimeCreated SystemTime="2024-05-06T07:08:09.123456700Z"/>
        <Correlation/>
        <Execution ProcessID="8" ThreadID="9"/>
        <Channel>Microsoft-Windows-Sysmon/Operational</Channel>
        <Computer>host.example</Computer>
        <Security UserID="S-1-5-18"/>
      </System>
      <EventData>
        <Data Name="RuleName">-</Data>
        <Data Name="ProcessId">42</Data>
        <Data Name="Image">C:\Windows\System32\at.exe</Data>
        <Data Name="OriginalFileName">-</Data>
        <Data Name="CommandLine">at  \\b "x &amp; y"&#13;&#10;&lt;</Data>
        <Data Name="CurrentDirectory"></Data>
        <Data Name="User">EXAMPLE\ann</Data>
        <Data Name="ParentImage"/>
      </EventData>
    </Event>"#;

    const PROCESS_READ: &str = "windows/process_creation \
        2024-05-06T07:08:09.1234567Z|EventID=1|\
        Channel=Microsoft-Windows-Sysmon/Operational|\
        Computer=host.example|User=EXAMPLE\\ann|UserSid=S-1-5-18|\
        Image=C:\\Windows\\System32\\at.exe|\
        CommandLine=at  \\\\b \"x & y\"\r\n<|CurrentDirectory=|\
        ProcessId=42|ParentImage=";

    const SERVICE: &str = r#"<Event xmlns="urn:event">
      <System>
        <Provider Name="Service Control Manager" EventSourceName="SCM"/>
        <EventID Qualifiers="16384">1</EventID>
        <Channel>System</Channel>
        <Computer>host.example</Computer>
        <Security/>
      </System>
      <EventData>
        <Data Name="Image">C:\Windows\System32\at.exe</Data>
        <Binary>00</Binary>
      </EventData>
    </Event>"#;

    /// The same on one line.
    fn flat(xml: &str) -> String {
        xml.lines().map(str::trim).collect()
    }

    /// An event with the given system part and whatever follows it.
    fn event(system: &str, rest: &str) -> String {
        format!("<Event><System>{system}</System>{rest}</Event>")
    }

    /// An event on one line.
    pub(crate) fn shown(event: &Event<'_>) -> String {
        let mut shown = format!("{}/{}", event.platform, event.kind());
        if let Some(time) = event.time {
            shown += &format!(" {time}");
        }
        for &field in Field::ALL {
            if let Some(value) = event.get(field) {
                let value = String::from_utf8_lossy(value);
                shown += &format!("|{field}={value}");
            }
        }
        shown
    }

    type Outcome =
        (Vec<(Option<u32>, String)>, Result<u32, (&'static str, usize)>);

    /// The events of a record, and how many others there were or what went
    /// wrong.
    fn read_kinds(record: &[u8], wanted: EventKinds) -> Outcome {
        let mut events = Vec::new();
        let reading = Reader::wanting(wanted).read(
            Format::Xml,
            record,
            |item, event| events.push((item, shown(event))),
        );
        let others = match reading {
            Ok(reading) => {
                assert_eq!(reading.events as usize, events.len());
                Ok(reading.others)
            }
            Err(error) => Err((error.reason(), error.offset())),
        };
        (events, others)
    }

    fn read(record: impl AsRef<[u8]>) -> Outcome {
        read_kinds(record.as_ref(), EventKinds::ALL)
    }

    fn one(read: &str) -> Outcome {
        (vec![(None, read.into())], Ok(0))
    }

    #[test]
    fn as_rendered_and_as_forwarded() {
        for xml in [PROCESS.into(), flat(PROCESS)] {
            assert_eq!(read(&xml), one(PROCESS_READ));
            // The only double quotes that are not an attribute's.
            let forwarded =
                xml.replace("\"x &amp; y\"", "@").replace('"', "'");
            let forwarded = forwarded.replace('@', "\"x &amp; y\"");
            assert_eq!(read(forwarded), one(PROCESS_READ));
            let spaced = xml
                .replace("=\"", " =\n\"")
                .replace("</Data>", "</Data >")
                .replace("/>", "\t/>");
            assert_eq!(read(spaced), one(PROCESS_READ));
            let reordered = xml
                .replace("<Data Name", "<Data Type='x' Name")
                .replace("Name=\"M", "Guid='>' Name=\"M");
            assert_eq!(read(reordered), one(PROCESS_READ));
        }
    }

    #[test]
    fn around_the_event() {
        let flat = flat(PROCESS);
        for (before, after) in [
            ("\u{feff}", "\r\n"),
            ("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n", ""),
            ("<134>May  6 07:08:09 host sysmon: ", "\n"),
            ("May  6 07:08:09 host sysmon[1]: a < b ", " </x>"),
            ("<!-- <x> -->", "\0"),
        ] {
            let record = format!("{before}{flat}{after}");
            assert_eq!(read(&record), one(PROCESS_READ), "{before}");
            let mut detected = 0;
            Reader::new()
                .read(Format::Auto, record.as_bytes(), |_, _| detected += 1)
                .unwrap();
            assert_eq!(detected, 1, "{before}");
        }
    }

    #[test]
    fn other_records() {
        assert_eq!(read(SERVICE), (vec![], Ok(1)));
        assert_eq!(read(flat(SERVICE)), (vec![], Ok(1)));
        let none = EventKinds::NONE.with(EventKind::FileCreation);
        let read_none = read_kinds(PROCESS.as_bytes(), none);
        assert_eq!(read_none, (vec![], Ok(1)));
        for xml in ["<Event/>", "<Event></Event>"] {
            assert_eq!(read(xml), (vec![], Ok(1)), "{xml}");
        }
        for xml in ["<Events/>", "</Events>", "<Events>\n</Events>"] {
            assert_eq!(read(xml), (vec![], Ok(0)), "{xml}");
        }
        let unknown = "not a record of any format that is read here";
        for text in ["", "Sysmon v1.3.3 started", "<EventData/>", "<a/>"] {
            assert_eq!(read(text), (vec![], Err((unknown, 0))), "{text}");
        }
    }

    #[test]
    fn several_events() {
        let read_at = |items: &[u32]| {
            let read = |&item| (Some(item), PROCESS_READ.to_string());
            items.iter().map(read).collect::<Vec<_>>()
        };
        let whole = [PROCESS, SERVICE, PROCESS].concat();
        assert_eq!(read(&whole), (read_at(&[0, 2]), Ok(1)));
        let wrapped = format!("<Events>{PROCESS}\n</Events>");
        assert_eq!(read(&wrapped), (read_at(&[0]), Ok(0)));

        // One that breaks off does not take the next one with it.
        let ended = "an element does not end";
        for (first, reason) in [
            (PROCESS.replace("</Event>", ""), "an event does not end"),
            (SERVICE.replace("</Event>", ""), "an event does not end"),
            (
                PROCESS.replace("</Channel>", ""),
                "an end tag does not match its start tag",
            ),
            (
                SERVICE.replace("</Event>", "</Evnt>"),
                "an end tag does not match its start tag",
            ),
            (
                "<Event><System><Provider Name='Serv".into(),
                "an attribute's value does not end",
            ),
            ("<Event><System><Prov".into(), "a tag does not end"),
        ] {
            let record = format!("{first}{PROCESS}");
            let (events, outcome) = read(&record);
            assert_eq!(events, read_at(&[1]), "{record}");
            assert_eq!(outcome.unwrap_err().0, reason, "{record}");
            let record = format!("{PROCESS}{first}");
            let (events, outcome) = read(&record);
            assert_eq!(events, read_at(&[0]), "{record}");
            assert!(outcome.is_err(), "{record}");
        }
        let cut = PROCESS.replace("</Event>", "");
        assert_eq!(read(&cut), (vec![], Err((ended, cut.len()))));
    }

    #[test]
    fn values() {
        let system = "<Provider Name='Microsoft-Windows-Sysmon'/>\
            <EventID> 13 </EventID>";
        let value = |data: &str| {
            let xml = event(system, &format!("<EventData>{data}</EventData>"));
            let (events, others) = read(xml);
            assert_eq!(others, Ok(0));
            let (_, shown) = events.first().unwrap();
            let (_, value) = shown.split_once("|Details=")?;
            Some(value.to_string())
        };
        for (data, expected) in [
            ("<Data Name='Details'>a\r\nb </Data>", Some("a\r\nb ")),
            ("<Data Name='Details'/>", Some("")),
            ("<Data Name='Details'> <x/></Data>", None),
            ("<Data>Details</Data>", None),
            ("<Data Name='details'>x</Data>", None),
            (
                "<Data Name='Details'><![CDATA[<a> &amp;]]> &amp;</Data>",
                Some("<a> &amp; &"),
            ),
            ("<Data Name='Details'>a<!-- b -->c</Data>", Some("ac")),
            (
                "<Data Name='Details'>&lt;unknown process&gt;</Data>",
                Some("<unknown process>"),
            ),
            ("<Data Name='Details'>(null)</Data>", Some("(null)")),
            (
                "<Data Name='Details'>&nope; &#xd800;</Data>",
                Some("&nope; &#xd800;"),
            ),
            ("<x/><Details>by name</Details>", Some("by name")),
        ] {
            assert_eq!(value(data).as_deref(), expected, "{data}");
        }
    }

    #[test]
    fn task_content() {
        let content = r#"&lt;?xml version="1.0" encoding="UTF-16"?&gt;
            &lt;Task&gt;&lt;Actions&gt;&lt;Exec&gt;
            &lt;Command&gt;cmd&lt;/Command&gt;
            &lt;Arguments&gt;&amp;quot;a&amp;quot; &amp;amp; b&lt;/Arguments&gt;
            &lt;/Exec&gt;&lt;/Actions&gt;&lt;/Task&gt;"#;
        let xml = event(
            "<Provider Name='Microsoft-Windows-Security-Auditing'/>\
            <EventID>4702</EventID>",
            &format!(
                "<EventData><Data Name='TaskName'>\\x</Data>\
                <Data Name='TaskContentNew'>{content}</Data></EventData>"
            ),
        );
        let (events, others) = read(xml);
        assert_eq!(others, Ok(0));
        let (_, shown) = &events[0];
        assert!(
            shown.starts_with(
                "windows/task_updated|EventID=4702|TaskName=\\x|"
            )
        );
        let (_, content) = shown.split_once("|TaskContent=").unwrap();
        assert!(content.starts_with("<?xml version=\"1.0\""), "{content}");
        assert!(content.contains("<Command>cmd</Command>"), "{content}");
        assert!(content.contains(">&quot;a&quot; &amp; b<"), "{content}");
    }

    #[test]
    fn user_data() {
        let xml = event(
            "<Provider Name='Microsoft-Windows-TaskScheduler'/>\
            <EventID>106</EventID>",
            "<UserData><x:Task xmlns:x='urn:x'><TaskName>\\y</TaskName>\
            <x:UserContext>EXAMPLE\\ann</x:UserContext><Path><z/></Path>\
            </x:Task></UserData>",
        );
        let read_as = "windows/task_scheduler|EventID=106|User=EXAMPLE\\ann|TaskName=\\y";
        assert_eq!(read(xml), one(read_as));
    }

    #[test]
    fn an_event_type_with_a_reference() {
        let xml = event(
            "<Provider Name='Microsoft-Windows-Sysmon'/>\
            <EventID>12</EventID>",
            "<EventData><Data Name='EventType'>&#68;eleteKey</Data>\
            </EventData>",
        );
        let read_as = "windows/registry_event|EventID=12|EventType=DeleteKey";
        assert_eq!(read(xml), one(read_as));
    }

    #[test]
    fn rendering_stands_back() {
        let rendering = "<RenderingInfo Culture='en-US'>\
            <Message>Registry value set:&#10;EventType: DeleteValue</Message>\
            <Keywords><Keyword>x</Keyword></Keywords>\
            <Channel>Rendered</Channel><Provider>Rendered</Provider>\
            <EventID>1</EventID></RenderingInfo>";
        let xml = event(
            "<Provider Name='Microsoft-Windows-Sysmon'/>\
            <EventID>12</EventID><Channel>Forwarded</Channel>",
            &format!("{rendering}<EventData/>"),
        );
        let read_as = "windows/registry_event|EventID=12|Channel=Forwarded|\
            EventType=DeleteValue";
        assert_eq!(read(xml), one(read_as));
        // Without either in the system's part, the rendering decides.
        let rendering = rendering.replace(
            "<Provider>Rendered",
            "<Provider>Microsoft-Windows-Sysmon",
        );
        let xml = event("<EventID>12</EventID>", &rendering);
        let read_as = read_as.replace("Forwarded", "Rendered");
        assert_eq!(read(xml), one(&read_as));
        // So does a log's name that only the rendering gives.
        let rendering = rendering.replace(
            "<Channel>Rendered",
            "<Channel>Microsoft-Windows-Sysmon/Operational",
        );
        let xml =
            event("<Provider Name='x'/><EventID>12</EventID>", &rendering);
        assert_eq!(read(xml).0.len(), 1);
    }

    #[test]
    fn sysmon_for_linux() {
        let xml = event(
            "<Provider Name='Linux-Sysmon' Guid='{0}'/><EventID>11</EventID>\
            <Channel>Linux-Sysmon/Operational</Channel>\
            <Security UserId='0'/>",
            "<EventData><Data Name='Image'>&lt;unknown process&gt;</Data>\
            <Data Name='TargetFilename'>/etc/cron.d/x</Data>\
            <Data Name='User'>-</Data></EventData>",
        );
        let read_as = "linux/file_creation|EventID=11|\
            Channel=Linux-Sysmon/Operational|UserSid=0|\
            Image=<unknown process>|TargetFilename=/etc/cron.d/x";
        assert_eq!(read(xml), one(read_as));
    }

    #[test]
    fn namespace_prefixes() {
        let prefixed = flat(PROCESS)
            .replace("</", "</e:")
            .replace('<', "<e:")
            .replace("<e:/e:", "</e:");
        assert_eq!(read(prefixed), one(PROCESS_READ));
    }

    #[test]
    fn parts_in_any_order() {
        let (system, data) = PROCESS.split_once("</System>").unwrap();
        let system = system.replace("<Event xmlns=\"urn:event\">", "");
        let data = data.replace("</Event>", "");
        let xml = format!("<Event>{data}{system}</System></Event>");
        assert_eq!(read(xml), one(PROCESS_READ));
    }

    #[test]
    fn quotes_of_attributes() {
        let system = "<Provider Name='Microsoft-Windows-Sysmon'/>\
            <EventID>1</EventID>";
        let expected = r"windows/process_creation|EventID=1|Image=C:\a.exe";
        for attributes in [
            r#"Name="Image""#,
            "Name='Image'",
            r#"Name="Image" Kind="x""#,
            "Name='Image' Kind='x'",
            r#"Name='Image' Kind="x""#,
        ] {
            let data = format!(r"<Data {attributes}>C:\a.exe</Data>");
            let data = format!("<EventData>{data}</EventData>");
            assert_eq!(read(event(system, &data)), one(expected), "{data}");
        }
    }

    /// An older source may be named in a second attribute only.
    #[test]
    fn second_names() {
        let id = "<EventID>1</EventID>";
        let sysmon = "EventSourceName='Microsoft-Windows-Sysmon'";
        let provider = format!("<Provider {sysmon}/>{id}");
        let expected = "windows/process_creation|EventID=1";
        assert_eq!(read(event(&provider, "")), one(expected));
        let both = format!("<Provider {sysmon} Name='Other'/>{id}");
        assert_eq!(read(event(&both, "")).0.len(), 0);
    }

    /// Records cut anywhere and with any byte replaced never panic, and what
    /// is read of them does not depend on which kinds are wanted.
    #[test]
    fn damaged() {
        let wanted = EventKinds::NONE.with(EventKind::ProcessCreation);
        let file = flat(PROCESS).replace("D>1<", "D>11<");
        let service = flat(SERVICE);
        for record in [
            format!("{file}{}", flat(PROCESS)),
            format!("<14>x {service}{file}"),
            format!("<Events>{service}</Events>"),
            event("<EventID/>", "<!-- <Event> --><![CDATA[</Event>]]><a/>"),
        ] {
            let record = record.as_bytes();
            let check = |damaged: &[u8]| {
                let (mut all, all_others) = read(damaged);
                all.retain(|(_, it)| {
                    it.starts_with("windows/process_creation")
                });
                let (some, some_others) = read_kinds(damaged, wanted);
                assert_eq!(
                    some,
                    all,
                    "{all_others:?} {some_others:?} {}",
                    String::from_utf8_lossy(damaged)
                );
            };
            for at in 0..record.len() {
                check(&record[..at]);
                for &byte in b"<>&/!?=' \0\xff" {
                    let mut damaged = record.to_vec();
                    damaged[at] = byte;
                    check(&damaged);
                }
            }
        }
    }

    #[test]
    fn hostile() {
        let deep = event("", &"<UserData>".repeat(100_000));
        assert_eq!(
            read(deep).1.unwrap_err().0,
            "elements are nested too deeply",
        );
        // Each of these must cost its own length, not that of the record.
        for part in ["<Event>", "<Event><", "<Event><![CDATA[", "<Event a='"] {
            let (events, outcome) = read(part.repeat(100_000));
            assert!(events.is_empty() && outcome.is_err(), "{part}");
        }
        let huge = format!(" Guid='{}'/>", "x".repeat(1 << 20));
        let xml = PROCESS.replace(" Guid=\"{0-1}\"/>", &huge);
        assert_eq!(read(xml), one(PROCESS_READ));
    }

    #[test]
    fn values_without_names_are_told_by_their_order() {
        let system = "<Provider Name='Microsoft-Windows-Security-Auditing'/>\
            <EventID>4699</EventID><Channel>Security</Channel>";
        let values = ["S-1", "ann", "E", "0x1", "\\x", "&lt;Task/>"];
        let data: String = values
            .iter()
            .map(|value| format!("<Data>{value}</Data>"))
            .collect();
        let data = format!("<EventData>{data}</EventData>");
        let (found, _) = read(event(system, &data));
        let [(_, found)] = &found[..] else { panic!("{found:?}") };
        assert!(found.contains(r"TaskName=\x|TaskContent=<Task/>"), "{found}");
        // A list of another length has none.
        let short = data.replace("<Data>0x1</Data>", "");
        let found = format!("{:?}", read(event(system, &short)));
        assert!(!found.contains("TaskName"), "{found}");
    }

    #[test]
    fn values_that_stand_only_in_the_message_are_read() {
        let system = "<Provider Name='Microsoft-Windows-Security-Auditing'/>\
            <EventID>4699</EventID><Channel>Security</Channel>";
        let message = "<RenderingInfo Culture='en-US'><Message>A scheduled \
            task was deleted.\n\nTask Information:\n\tTask Name: \t\t\\a&amp;b\
            </Message></RenderingInfo>";
        let found = format!("{:?}", read(event(system, message)));
        assert!(found.contains("TaskName=\\\\a&b"), "{found}");
    }
}
