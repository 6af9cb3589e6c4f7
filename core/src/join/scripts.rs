/*!
PowerShell scripts that are logged in several parts.

PowerShell logs the text of a script block (4104) in parts of ten to twenty
thousand characters, one right after the other. What stands across the border
of two is in neither. So the parts wait for each other, and the whole text is
an event once more:

```text
ScriptBlockId  MessageNumber  MessageTotal  ScriptBlockText
{7f3a..}       1              2             ..; Register-Sched
{7f3a..}       2              2             uledTask -TaskName x ..
```

A script is over when all parts are there, when a part of another one on the
same host is ten seconds younger, when the host or the end of the stream says
so, or for want of room. Where parts are missing, the others are taken as far
as they came, with a line's end for each gap, so that nothing is found that
only the gap brought together.
*/

use core::ops::Range;
use std::collections::VecDeque;

use super::assembly::Joined;
use super::counts::JoinCounts;
use super::keys::{Done, hash};
use crate::bytes;
use crate::event::{Event, EventKind, Field, Platform};
use crate::memory::{self, held};
use crate::state::{Content, StateError, Writer, corrupt};
use crate::time::Timestamp;

/// Most scripts that wait for parts. A host writes one after the other.
const MOST_OPEN: usize = 256;

/// Most parts of one script: 20 MB of text.
const MOST_PARTS: usize = 1024;

/// Most bytes that are kept of one script.
const MOST_BYTES: usize = 4 << 20;

/// Most bytes that all scripts hold together, beside what one part brings.
const MOST_HELD: usize = 16 << 20;

/// How much younger a part of another script is when one is taken to be over,
/// in ticks of 100 ns: ten seconds. Parts have times of milliseconds apart,
/// but collectors that sort by time of arrival mix them.
const MOST_AGE: i64 = 10 * 10_000_000;

/// What all parts of a script have in common, and the joined event has of the
/// first that came.
const COMMON: [Field; 7] = [
    Field::ScriptBlockId,
    Field::Computer,
    Field::EventId,
    Field::Channel,
    Field::User,
    Field::UserSid,
    Field::Path,
];

/// Keeps parts of scripts until all of a script are there.
#[derive(Debug, Default)]
pub(super) struct Scripts {
    /// Scripts that have begun and not ended, in the order in which they
    /// began.
    open: Vec<Open>,
    scripts: Vec<Script>,
    spare: Vec<usize>,
    /// Scripts that have ended and were not taken yet.
    ended: VecDeque<usize>,
    /// Scripts that ended last.
    done: Done,
    /// Bytes that open scripts hold.
    held: usize,
    /// Bytes that all have room for.
    room: usize,
    /// The text of the script that is put together.
    text: Vec<u8>,
    records: Vec<u64>,
}

/// A script that has begun and not ended.
#[derive(Clone, Copy, Debug)]
struct Open {
    /// Hash of its id and host.
    key: u64,
    /// Its place in `scripts`.
    script: usize,
}

/// A script of which parts have come.
#[derive(Debug, Default)]
struct Script {
    /// Hash of its host.
    host: u64,
    /// When the first and the last of its parts were written.
    times: Option<(Timestamp, Timestamp)>,
    /// How many parts there are.
    total: u32,
    /// Where each value of [`COMMON`] stands.
    common: [Option<Range<usize>>; COMMON.len()],
    /// Those values, and the text of parts.
    bytes: Vec<u8>,
    parts: Vec<Part>,
}

/// A part of a script.
#[derive(Clone, Debug)]
struct Part {
    number: u32,
    record: u64,
    text: Range<usize>,
}

impl Script {
    /// Begins a script, by a part of it.
    fn begin(&mut self, event: &Event<'_>, host: u64) {
        debug_assert!(self.parts.is_empty() && self.bytes.is_empty());
        self.host = host;
        self.times = None;
        self.total = 0;
        let Script { common, bytes, .. } = self;
        for (field, place) in COMMON.iter().zip(common) {
            let value = event.get(*field);
            *place = value.map(|value| append(bytes, value));
        }
    }

    fn common(&self) -> impl Iterator<Item = (Field, Option<&[u8]>)> {
        COMMON.into_iter().zip(&self.common).map(|(field, place)| {
            let value = place.clone().and_then(|place| self.bytes.get(place));
            debug_assert_eq!(value.is_some(), place.is_some());
            (field, value)
        })
    }

    /// Whether a part is one of it.
    fn is_of(&self, event: &Event<'_>) -> bool {
        let mut common = self.common().take(2);
        common.all(|(field, value)| event.get(field) == value)
    }

    /// Takes a part. Returns whether there was room, and memory; one that is
    /// there already takes none.
    fn take(&mut self, part: &NumberedPart<'_>) -> bool {
        self.total = self.total.max(part.total);
        if let Some(time) = part.time {
            let (first, last) = self.times.unwrap_or((time, time));
            self.times = Some((first.min(time), last.max(time)));
        }
        if self.parts.iter().any(|known| known.number == part.number) {
            return true;
        }
        let size = self.bytes.len().saturating_add(part.text.len());
        if self.parts.len() >= MOST_PARTS || size > MOST_BYTES {
            return false;
        }
        let text = bytes::range(self.bytes.len(), part.text.len());
        if !memory::append(&mut self.bytes, part.text) {
            return false;
        }
        let NumberedPart { number, record, .. } = *part;
        self.parts.push(Part { number, record, text });
        true
    }

    fn is_whole(&self) -> bool {
        u32::try_from(self.parts.len()).is_ok_and(|came| came >= self.total)
    }

    fn size(&self) -> usize {
        let parts = self.parts.len().saturating_mul(size_of::<Part>());
        self.bytes.len().saturating_add(parts)
    }

    fn room(&self) -> usize {
        let parts = self.parts.capacity().saturating_mul(size_of::<Part>());
        self.bytes.capacity().saturating_add(parts)
    }

    /// Makes ready for another; keeps the memory.
    fn clear(&mut self) {
        self.bytes.clear();
        self.parts.clear();
    }

    /// Puts the text together, and the numbers of the records in the order in
    /// which they came. Returns whether there was memory for it.
    fn assemble(
        &mut self,
        text: &mut Vec<u8>,
        records: &mut Vec<u64>,
    ) -> bool {
        text.clear();
        records.clear();
        let most = self.bytes.len().saturating_add(self.parts.len());
        if text.try_reserve(most).is_err() {
            return false;
        }
        for part in &self.parts {
            // A raw record may hold several.
            if records.last() != Some(&part.record) {
                records.push(part.record);
            }
        }
        self.parts.sort_unstable_by_key(|part| part.number);
        let mut before = 0_u32;
        for part in &self.parts {
            if before.saturating_add(1) != part.number {
                text.push(b'\n');
            }
            before = part.number;
            let part = self.bytes.get(part.text.clone());
            debug_assert!(part.is_some(), "a part without its text");
            text.extend_from_slice(part.unwrap_or_default());
        }
        true
    }

    /// The event that the parts make.
    fn event<'a>(&'a self, text: &'a [u8]) -> Event<'a> {
        let mut event = Event::new(Platform::Windows, EventKind::ScriptBlock);
        event.time = self.times.map(|(first, _)| first);
        let text = [(Field::ScriptBlockText, Some(text))];
        for (field, value) in self.common().chain(text) {
            let set = value.map(|value| event.set(field, value));
            debug_assert!(set.is_none_or(|set| set.is_ok()), "{field}");
        }
        event
    }
}

/// One of several parts, as a record tells it.
struct NumberedPart<'a> {
    number: u32,
    total: u32,
    record: u64,
    time: Option<Timestamp>,
    text: &'a [u8],
}

impl<'a> NumberedPart<'a> {
    /// What an event says, if it is a part of several.
    fn of(event: &Event<'a>, record: u64) -> Option<NumberedPart<'a>> {
        let number = |field: Field| {
            u32::try_from(bytes::number(event.get(field)?)?).ok()
        };
        let total = number(Field::MessageTotal)?;
        let number = number(Field::MessageNumber)?;
        if total < 2 || number < 1 {
            return None;
        }
        let text = event.get(Field::ScriptBlockText).unwrap_or_default();
        Some(NumberedPart { number, total, record, time: event.time, text })
    }
}

impl Scripts {
    /// Takes an event of a script block; one that is whole passes by.
    pub(super) fn observe(
        &mut self,
        event: &Event<'_>,
        record: u64,
        counts: &mut JoinCounts,
    ) {
        let Some(part) = NumberedPart::of(event, record) else { return };
        let Some(id) = event.get(Field::ScriptBlockId) else { return };
        let host = hash(0, event.host.unwrap_or_default());
        let key = hash(host, id);
        let Some(at) = self.find(event, host, key, counts) else { return };
        let place = self.open.get(at).map(|open| open.script);
        let script = place.and_then(|place| self.scripts.get_mut(place));
        debug_assert!(script.is_some(), "no script {place:?}");
        let Some(script) = script else { return };
        let (size, room) = (script.size(), script.room());
        if !script.take(&part) {
            counts.cut = counts.cut.saturating_add(1);
        }
        let grown = |now: usize, before: usize| now.saturating_sub(before);
        self.held = self.held.saturating_add(grown(script.size(), size));
        self.room = self.room.saturating_add(grown(script.room(), room));
        if script.is_whole() {
            self.end(at);
        }
        while self.held > MOST_HELD && !self.open.is_empty() {
            self.evict(counts);
        }
    }

    /// The place in `open` of a part's script, which may begin with it; `None`
    /// where that has ended.
    fn find(
        &mut self,
        event: &Event<'_>,
        host: u64,
        key: u64,
        counts: &mut JoinCounts,
    ) -> Option<usize> {
        let same = self.open.iter().position(|open| {
            let script = || self.scripts.get(open.script);
            open.key == key && script().is_some_and(|one| one.is_of(event))
        });
        if same.is_some() {
            return same;
        }
        if self.done.get(key).is_some() {
            counts.late = counts.late.saturating_add(1);
            return None;
        }
        if let Some(time) = event.time {
            self.end_where(|script| {
                let age = script.times.map(|(_, last)| time.ticks_since(last));
                script.host == host && age.is_some_and(|age| age > MOST_AGE)
            });
        }
        while self.open.len() >= MOST_OPEN {
            self.evict(counts);
        }
        let place = self.spare.pop().unwrap_or_else(|| {
            self.scripts.push(Script::default());
            self.scripts.len().saturating_sub(1)
        });
        let begun = self.scripts.get_mut(place);
        debug_assert!(begun.is_some(), "no script {place}");
        let begun = begun?;
        let room = begun.room();
        begun.begin(event, host);
        let grown = begun.room().saturating_sub(room);
        self.room = self.room.saturating_add(grown);
        self.held = self.held.saturating_add(begun.size());
        self.open.push(Open { key, script: place });
        Some(self.open.len().saturating_sub(1))
    }

    fn end_where(&mut self, mut is_over: impl FnMut(&Script) -> bool) {
        let mut at = 0_usize;
        while let Some(open) = self.open.get(at) {
            if self.scripts.get(open.script).is_some_and(&mut is_over) {
                self.end(at);
            } else {
                at = at.saturating_add(1);
            }
        }
    }

    /// Ends the script that began first, for want of room.
    fn evict(&mut self, counts: &mut JoinCounts) {
        counts.evicted = counts.evicted.saturating_add(1);
        self.end(0);
    }

    /// Ends an open script.
    fn end(&mut self, at: usize) {
        if at >= self.open.len() {
            debug_assert!(false, "no script to end");
            return;
        }
        let Open { key, script: place } = self.open.remove(at);
        self.done.insert(key, false);
        if let Some(script) = self.scripts.get(place) {
            self.held = self.held.saturating_sub(script.size());
        }
        self.ended.push_back(place);
    }

    /// Ends scripts of which no part was written at a time or later, and those
    /// without a time; all of them where none is given.
    pub(super) fn flush(&mut self, before: Option<Timestamp>) {
        self.end_where(|script| match (before, script.times) {
            (Some(before), Some((_, last))) => last < before,
            _ => true,
        });
        if before.is_none() {
            self.done = Done::default();
        }
    }

    /// Whether a script has ended and was not taken.
    pub(super) fn has_ended(&self) -> bool {
        !self.ended.is_empty()
    }

    /// Hands over the script that ended first, if more than one part came:
    /// one alone was seen as it is. Returns whether there was one.
    pub(super) fn next_ended(
        &mut self,
        counts: &mut JoinCounts,
        sink: &mut Joined<'_>,
    ) -> bool {
        let Some(place) = self.ended.pop_front() else { return false };
        let Scripts { scripts, text, records, .. } = self;
        let script = scripts.get_mut(place);
        debug_assert!(script.is_some(), "no script {place}");
        if let Some(script) = script {
            if !script.is_whole() {
                counts.incomplete = counts.incomplete.saturating_add(1);
            }
            let is_more = script.parts.len() > 1;
            if is_more && script.assemble(text, records) {
                counts.joined = counts.joined.saturating_add(1);
                sink(records, &script.event(text));
            } else if is_more {
                counts.cut = counts.cut.saturating_add(1);
            }
            if self.room > MOST_HELD {
                self.room = self.room.saturating_sub(script.room());
                *script = Script::default();
            }
            script.clear();
        }
        self.spare.push(place);
        true
    }

    /// Bytes of memory held.
    pub(super) fn memory_usage(&self) -> usize {
        let scripts = self.scripts.iter().map(Script::room);
        let lists = [held(&self.open), held(&self.spare)];
        let more = [held(&self.text), held(&self.records)];
        let scripts = scripts.chain([held(&self.scripts)]);
        scripts.chain(lists).chain(more).sum()
    }

    /// How many scripts are not over.
    pub(super) fn pending(&self) -> u64 {
        self.open.len() as u64
    }

    /// Forgets all scripts, those too that have ended; keeps the memory.
    pub(super) fn clear(&mut self) {
        self.flush(None);
        while let Some(place) = self.ended.pop_front() {
            if let Some(script) = self.scripts.get_mut(place) {
                script.clear();
            }
            self.spare.push(place);
        }
        // The same stream then takes the same memory for the same scripts.
        self.spare.sort_unstable_by(|a, b| b.cmp(a));
    }

    /// Writes the scripts that are not over, and those that ended last.
    pub(super) fn save(&self, writer: &mut Writer) {
        writer.number(self.open.len() as u64);
        for open in &self.open {
            let script = self.scripts.get(open.script);
            debug_assert!(script.is_some(), "no script of {open:?}");
            let Some(script) = script else { continue };
            writer.byte(u8::from(script.times.is_some()));
            let ticks = |time: Timestamp| time.ticks();
            let (first, last) = script.times.unzip();
            writer.signed(first.map_or(0, ticks));
            writer.signed(last.map_or(0, ticks));
            writer.number(u64::from(script.total));
            for (_, value) in script.common() {
                writer.byte(u8::from(value.is_some()));
                writer.text(value.unwrap_or_default());
            }
            writer.number(script.parts.len() as u64);
            for Part { number, record, text } in &script.parts {
                writer.number(u64::from(*number));
                writer.number(*record);
                let text = script.bytes.get(text.clone());
                writer.text(text.unwrap_or_default());
            }
        }
        self.done.save(writer);
    }

    /// Takes what [`save`](Scripts::save) wrote, into one that knows nothing.
    pub(super) fn restore(
        &mut self,
        content: &mut Content<'_>,
    ) -> Result<(), StateError> {
        let none = &mut JoinCounts::default();
        let small = |number: u64| u32::try_from(number).or(Err(corrupt()));
        for _ in 0..content.number()? {
            let has_times = content.truth()?;
            let first = Timestamp::from_ticks(content.signed()?);
            let last = Timestamp::from_ticks(content.signed()?);
            let total = small(content.number()?)?;
            let mut event =
                Event::new(Platform::Windows, EventKind::ScriptBlock);
            for field in COMMON {
                let has_value = content.truth()?;
                let value = content.text()?;
                if has_value {
                    event.set(field, value).or(Err(corrupt()))?;
                }
            }
            let id = event.get(Field::ScriptBlockId).ok_or_else(corrupt)?;
            let host = hash(0, event.host.unwrap_or_default());
            let key = hash(host, id);
            let open = self.open.len();
            let at = self.find(&event, host, key, none);
            let at = at.filter(|at| *at == open).ok_or_else(corrupt)?;
            let place = self.open.get(at).map(|open| open.script);
            let script = place.and_then(|place| self.scripts.get_mut(place));
            let script = script.ok_or_else(corrupt)?;
            let (size, room) = (script.size(), script.room());
            for _ in 0..content.number()? {
                let number = small(content.number()?)?;
                let record = content.number()?;
                let text = content.text()?;
                let time = None;
                let part = NumberedPart { number, total, record, time, text };
                let came = script.parts.len();
                if !script.take(&part) || script.parts.len() == came {
                    return Err(corrupt());
                }
            }
            script.times = has_times.then_some((first, last));
            if script.parts.is_empty() || script.is_whole() {
                return Err(corrupt());
            }
            let size = script.size().saturating_sub(size);
            let room = script.room().saturating_sub(room);
            self.held = self.held.saturating_add(size);
            self.room = self.room.saturating_add(room);
            if self.held > 2 * MOST_HELD {
                return Err(corrupt());
            }
        }
        self.done.restore(content)
    }
}

/// Appends a value; returns where it stands.
fn append(bytes: &mut Vec<u8>, value: &[u8]) -> Range<usize> {
    let start = bytes.len();
    bytes.extend_from_slice(value);
    bytes::range(start, value.len())
}
