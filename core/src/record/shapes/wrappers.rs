/*!
What wraps records.
*/

use crate::record::keys::Key;
use crate::record::shape::{Layout, like, own, records};

pub(super) const LAYOUT: Layout = Layout {
    name: "Wrapped records",
    about: "records in lists, in objects and in strings",
    lost: "",
    verified: true,
    members: &[
        records("records"),
        records("items"),
        records("value"),
        like("_source", ""),
        like("result", ""),
        like("unmapped", ""),
        own("_raw", Key::Original),
        own("raw_data", Key::Original),
        own("SyslogMessage", Key::Original),
        own("RenderedDescription", Key::Original),
    ],
};
