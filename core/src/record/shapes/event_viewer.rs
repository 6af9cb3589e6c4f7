/*!
Windows events as the Event Viewer saves them as CSV: the header is in the
language of the system, and has no name for the message
([`delimited`](crate::record::delimited)).
*/

use crate::record::keys::Key;
use crate::record::shape::{Layout, copied, hint};

pub(super) const LAYOUT: Layout = Layout {
    name: "Event Viewer, CSV",
    about: "what the Event Viewer saves, in English, German and French",
    lost: "host and log; where a value of several lines ends, in other \
           languages than English",
    verified: false,
    members: &[
        copied("Event ID", Key::EventId),
        copied("Ereignis-ID", Key::EventId),
        copied("ID de l’événement", Key::EventId),
        hint("Date and Time", Key::EventTime),
        hint("Datum und Uhrzeit", Key::EventTime),
        hint("Date et heure", Key::EventTime),
        copied("Quelle", Key::Provider),
    ],
};
