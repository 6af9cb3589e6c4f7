/*!
Windows events as the Event Viewer saves them as CSV: the header is in the
language of the system, and has no name for the message. Whatever the
language, [`delimited`](crate::record::delimited) gives the columns their
English names.
*/

use crate::record::keys::Key;
use crate::record::shape::{Layout, copied, hint};

pub(super) const LAYOUT: Layout = Layout {
    name: "Event Viewer, CSV",
    about: "what the Event Viewer saves, in 13 languages",
    lost: "host and log; where a value of several lines ends, in other \
           languages than English",
    verified: false,
    members: &[
        copied("Event ID", Key::EventId),
        hint("Date and Time", Key::EventTime),
    ],
};
