/*!
Windows events as Wazuh writes them: names with a small first letter,
backslashes doubled.
*/

use crate::record::keys::Key;
use crate::record::raw::Rank::Own;
use crate::record::shape::{Form, Layout, Member, data, like, value};

pub(super) const LAYOUT: Layout = Layout {
    name: "Windows events of Wazuh",
    about: "eventchannel records: `win.system` and `win.eventdata`",
    lost: "a task's definition from its first entity on",
    verified: true,
    members: &[
        like("data.win", "win"),
        system("win.system.eventID", Key::EventId),
        system("win.system.eventRecordID", Key::RecordNumber),
        system("win.system.providerName", Key::Provider),
        system("win.system.channel", Key::Channel),
        system("win.system.computer", Key::Computer),
        system("win.system.systemTime", Key::SystemTime),
        system("win.system.message", Key::Message),
        like("win.eventData", "win.eventdata"),
        data("win.eventdata", Form::Doubled),
    ],
};

const fn system(path: &'static str, key: Key) -> Member {
    value(path, key, Own, Form::Text)
}
