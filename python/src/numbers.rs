/*!
How `serde` writes what the core knows by numbers.
*/

/// A field by its number, which never changes.
pub(crate) mod field {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
    use t1053::event::Field;

    pub(crate) fn serialize<S: Serializer>(
        field: &Field,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        field.number().serialize(to)
    }

    pub(crate) fn deserialize<'d, D: Deserializer<'d>>(
        from: D,
    ) -> Result<Field, D::Error> {
        let number = u32::deserialize(from)?;
        Field::from_number(number).ok_or_else(|| D::Error::custom("field"))
    }
}

/// A kind of event by its number, which never changes.
pub(crate) mod kind {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
    use t1053::event::EventKind;

    pub(crate) fn serialize<S: Serializer>(
        kind: &EventKind,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        kind.number().serialize(to)
    }

    pub(crate) fn deserialize<'d, D: Deserializer<'d>>(
        from: D,
    ) -> Result<EventKind, D::Error> {
        let number = u32::deserialize(from)?;
        EventKind::from_number(number).ok_or_else(|| D::Error::custom("kind"))
    }
}

/// A time by its ticks.
pub(crate) mod time {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use t1053::Timestamp;

    pub(crate) fn serialize<S: Serializer>(
        time: &Option<Timestamp>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        time.map(Timestamp::ticks).serialize(to)
    }

    pub(crate) fn deserialize<'d, D: Deserializer<'d>>(
        from: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let ticks = Option::<i64>::deserialize(from)?;
        Ok(ticks.map(Timestamp::from_ticks))
    }
}
