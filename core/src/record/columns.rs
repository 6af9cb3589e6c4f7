/*!
The columns of a table in JSON, as answers of Kusto, Elasticsearch and
OpenSearch have them.
*/

use super::error::{RecordError, RecordErrorKind};
use super::names::{Place, Signs};
use super::syntax::json::{Cursor, Value};

/// Whether a member of a table is the list of its columns.
pub(super) fn are_columns(name: &[u8]) -> bool {
    matches!(name, b"columns" | b"Columns" | b"schema")
}

/// Whether a member of a table is the list of its rows.
pub(super) fn are_rows(name: &[u8]) -> bool {
    matches!(name, b"rows" | b"Rows" | b"data" | b"values" | b"datarows")
}

/// Most columns of a table. The widest of Sentinel's have 230.
const MOST_COLUMNS: usize = 512;

/// The columns of a table: what the member of each one's name is.
pub(super) struct Columns {
    places: [Place; MOST_COLUMNS],
    count: usize,
}

impl Columns {
    pub(super) fn new() -> Columns {
        Columns { places: [Place::UNKNOWN; MOST_COLUMNS], count: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn places(&self) -> &[Place] {
        self.places.get(..self.count).unwrap_or_default()
    }

    /// Reads the list of columns that comes next.
    pub(super) fn read(
        &mut self,
        cursor: &mut Cursor<'_>,
    ) -> Result<(), RecordError> {
        let columns = cursor.value()?;
        if columns == Value::Object {
            return cursor.close(columns);
        }
        while columns == Value::Array && cursor.element()? {
            let column = cursor.value()?;
            let mut place = Place::UNKNOWN;
            if let Value::String(name) = column {
                place = Place::RECORD.member(name, &mut Signs::default());
            }
            while column == Value::Object
                && let Some(member) = cursor.member()?
            {
                if !matches!(member, b"name" | b"ColumnName") {
                    continue;
                }
                let name = cursor.value()?;
                if let Value::String(name) = name {
                    let signs = &mut Signs::default();
                    place = Place::RECORD.member(name, signs);
                } else if matches!(name, Value::Object | Value::Array) {
                    cursor.close(name)?;
                }
            }
            if column == Value::Array {
                cursor.close(column)?;
            }
            let Some(slot) = self.places.get_mut(self.count) else {
                let reason = "more columns than are read";
                let kind = RecordErrorKind::Json(reason);
                return Err(RecordError::new(kind, cursor.offset()));
            };
            *slot = place;
            self.count = self.count.saturating_add(1);
        }
        Ok(())
    }
}

/// Whether the object last opened is a table, as the frames of Kusto's
/// answers are, and what pandas writes (`orient="split"`).
pub(super) fn is_table(mut cursor: Cursor<'_>) -> bool {
    let (mut has_columns, mut has_rows) = (false, false);
    while let Ok(Some(member)) = cursor.member() {
        has_columns |= are_columns(member);
        has_rows |= are_rows(member) && opens_row(cursor.clone());
    }
    has_columns && has_rows
}

/// Whether a list of lists comes next, or an empty one.
fn opens_row(mut cursor: Cursor<'_>) -> bool {
    matches!(cursor.value(), Ok(Value::Array))
        && matches!(
            cursor
                .element()
                .map(|is_any| !is_any || cursor.value() == Ok(Value::Array)),
            Ok(true)
        )
}
