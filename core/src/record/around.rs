/*!
What wraps a record says of it.
*/

use crate::Timestamp;
use crate::event::Event;

use super::keys::Key;
use super::windows::WindowsRecord;

/// What the record around another says of where and when it was, for what
/// the inner one does not say.
pub(super) struct Around<'a> {
    time: Option<Timestamp>,
    host: Option<&'a [u8]>,
}

impl<'a> Around<'a> {
    pub(super) fn of(windows: &WindowsRecord<'a>) -> Around<'a> {
        let host = windows.get(Key::Computer).map(|raw| raw.bytes);
        let host = host.filter(|host| !host.contains(&b'\\'));
        Around { time: windows.time(), host }
    }

    pub(super) fn complete<'b>(&self, event: &Event<'b>) -> Event<'b>
    where
        'a: 'b,
    {
        let mut event = *event;
        event.time = event.time.or(self.time);
        event.host = event.host.or(self.host);
        event
    }
}
