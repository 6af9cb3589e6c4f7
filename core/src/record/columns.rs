/*!
The columns of a table in JSON, as answers of Kusto, Elasticsearch and
OpenSearch have them.
*/

use super::error::{RecordError, RecordErrorKind};
use super::names::{Place, Signs};
use super::syntax::json::{Cursor, Value};

/// Whether a member of a table is the list of its columns.
pub(super) fn are_columns(name: &[u8]) -> bool {
    matches!(name, b"columns" | b"Columns" | b"schema" | b"ResultSetMetadata")
}

/// Whether a member of a table is the list of its rows.
pub(super) fn are_rows(name: &[u8]) -> bool {
    matches!(name, b"rows" | b"Rows" | b"data" | b"values" | b"datarows")
}

/// Most columns of a table. The widest of Sentinel's have 230.
const MOST_COLUMNS: usize = 512;

/// Longest name of a column that a row is written with: each row that is
/// nothing as it stands has them once more.
const MOST_NAME: usize = 128;

/// The columns of a table: their names, and what the member of each one's
/// name is.
pub(super) struct Columns<'a> {
    names: [&'a [u8]; MOST_COLUMNS],
    places: [Place; MOST_COLUMNS],
    count: usize,
}

impl<'a> Columns<'a> {
    pub(super) fn new() -> Columns<'a> {
        Columns {
            names: [b""; MOST_COLUMNS],
            places: [Place::UNKNOWN; MOST_COLUMNS],
            count: 0,
        }
    }

    /// Their names; those that are too long are empty.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a [u8]> {
        self.names.into_iter().take(self.count)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn places(&self) -> &[Place] {
        self.places.get(..self.count).unwrap_or_default()
    }

    /// Reads the list of columns that comes next, or the object that holds it.
    pub(super) fn read(
        &mut self,
        cursor: &mut Cursor<'a>,
    ) -> Result<(), RecordError> {
        match cursor.value()? {
            // BigQuery has its columns in the fields of a schema, and Athena
            // in what tells of a set of results.
            Value::Object => {
                while let Some(name) = cursor.member()? {
                    if matches!(name, b"fields" | b"ColumnInfo")
                        && cursor.value()? == Value::Array
                    {
                        self.list(cursor)?;
                    }
                }
                Ok(())
            }
            Value::Array => self.list(cursor),
            _ => Ok(()),
        }
    }

    /// Reads the list of columns last opened.
    fn list(&mut self, cursor: &mut Cursor<'a>) -> Result<(), RecordError> {
        while cursor.element()? {
            let column = cursor.value()?;
            let mut named: &[u8] = b"";
            if let Value::String(name) = column {
                named = name;
            }
            while column == Value::Object
                && let Some(member) = cursor.member()?
            {
                if !matches!(member, b"name" | b"Name" | b"ColumnName") {
                    continue;
                }
                let name = cursor.value()?;
                if let Value::String(name) = name {
                    named = name;
                } else if matches!(name, Value::Object | Value::Array) {
                    cursor.close(name)?;
                }
            }
            if column == Value::Array {
                cursor.close(column)?;
            }
            let (Some(name), Some(place)) = (
                self.names.get_mut(self.count),
                self.places.get_mut(self.count),
            ) else {
                let reason = "more columns than are read";
                let kind = RecordErrorKind::Json(reason);
                return Err(RecordError::new(kind, cursor.offset()));
            };
            *place = Place::RECORD.member(named, &mut Signs::default());
            if named.len() <= MOST_NAME {
                *name = named;
            }
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
