/*!
Arrow tables to records or events.
*/

use std::sync::{Mutex, OnceLock};

use arrow_array::cast::AsArray;
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi};
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::types::{
    Date32Type, Date64Type, Float16Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, RecordBatch, RecordBatchIterator, RecordBatchReader,
    make_array,
};
use arrow_schema::{DataType, Fields, SchemaRef, TimeUnit};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods};
use t1053::Timestamp;
use t1053::event::{EventKind, Field, Platform};

use crate::error::{FieldError, SourceError, guarded};
use crate::event::{Events, guess, kind_named, platform_named, time_of_count};
use crate::record::{write_float, write_text};

/// Nested no deeper than this: what a schema refers to is followed by
/// recursion.
const DEEPEST: usize = 32;

/// Rows that are worked on at a time, between looks for signals.
const ROWS: usize = 8192;

/// A table that is read a few rows at a time.
#[pyclass(frozen, module = "t1053._t1053")]
pub(crate) struct Table {
    schema: SchemaRef,
    source: Mutex<Batches>,
    plan: OnceLock<Plan>,
}

struct Batches {
    reader: Box<dyn RecordBatchReader + Send>,
    /// What is left of the batch at hand.
    rest: Option<RecordBatch>,
}

/// What is made of a row.
enum Plan {
    /// A record, as the line of JSON that it would be.
    Records,
    /// The record that stands in a column.
    Raw(Vec<usize>),
    /// An event.
    Events {
        /// Where it is not given, each row tells.
        platform: Option<Platform>,
        kind: EventKind,
        time: Option<Vec<usize>>,
        system: Option<Vec<usize>>,
        fields: Vec<(Vec<usize>, Field)>,
    },
}

#[pymethods]
impl Table {
    /// Takes over a stream in a capsule.
    #[new]
    fn new(capsule: &Bound<'_, PyCapsule>) -> PyResult<Table> {
        guarded(|| {
            let name = c"arrow_array_stream";
            let pointer = capsule.pointer_checked(Some(name))?;
            let stream = pointer.cast::<FFI_ArrowArrayStream>().as_ptr();
            // SAFETY: a capsule of this name holds such a stream; taking it
            // over marks it as released, as the interface asks for.
            let reader = unsafe { RecordBatchStreamReader::from_raw(stream) };
            Table::of(Box::new(reader.map_err(unreadable)?))
        })
    }

    /// Takes over one batch in two capsules.
    #[staticmethod]
    fn of_batch(
        schema: &Bound<'_, PyCapsule>,
        array: &Bound<'_, PyCapsule>,
    ) -> PyResult<Table> {
        guarded(|| {
            let schema = schema.pointer_checked(Some(c"arrow_schema"))?;
            let array = array.pointer_checked(Some(c"arrow_array"))?;
            // SAFETY: capsules of these names hold such; taking them over
            // marks them as released, as the interface asks for.
            let (schema, array) = unsafe {
                (
                    FFI_ArrowSchema::from_raw(schema.cast().as_ptr()),
                    FFI_ArrowArray::from_raw(array.cast().as_ptr()),
                )
            };
            // SAFETY: the schema is that of the array.
            let data = unsafe { from_ffi(array, &schema) };
            let array = make_array(data.map_err(unreadable)?);
            let rows = array.as_struct_opt().ok_or_else(|| {
                SourceError::new_err("an array of no columns is no table")
            })?;
            let batch = RecordBatch::from(rows);
            let schema = batch.schema();
            let batches = [Ok(batch)].into_iter();
            Table::of(Box::new(RecordBatchIterator::new(batches, schema)))
        })
    }

    /// The columns: a name, with those of structs joined by dots.
    fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        collect_names(self.schema.fields(), "", &mut names);
        names
    }

    /// Makes records of rows.
    fn as_records(&self) {
        let _ = self.plan.set(Plan::Records);
    }

    /// Takes the records that stand in a column.
    fn as_raw(&self, column: &str) -> PyResult<()> {
        guarded(|| {
            let _ = self.plan.set(Plan::Raw(self.column(column)?));
            Ok(())
        })
    }

    /// Makes events of rows: which column gives the time, the name of the
    /// operating system, and each field.
    fn as_events(
        &self,
        platform: Option<&str>,
        kind: &str,
        time: Option<&str>,
        system: Option<&str>,
        fields: Vec<(String, String)>,
    ) -> PyResult<()> {
        guarded(|| {
            let fields = fields.into_iter().map(|(column, field)| {
                let field = field.parse::<Field>();
                let field =
                    field.map_err(|it| FieldError::new_err(it.to_string()))?;
                Ok((self.column(&column)?, field))
            });
            let plan = Plan::Events {
                platform: platform.map(platform_named).transpose()?,
                kind: kind_named(kind)?,
                time: time.map(|it| self.column(it)).transpose()?,
                system: system.map(|it| self.column(it)).transpose()?,
                fields: fields.collect::<PyResult<_>>()?,
            };
            let _ = self.plan.set(plan);
            Ok(())
        })
    }
}

impl Table {
    fn of(reader: Box<dyn RecordBatchReader + Send>) -> PyResult<Table> {
        let schema = reader.schema();
        if !schema.fields().iter().all(|it| depth(it.data_type()) > 0) {
            return Err(SourceError::new_err(format!(
                "a column is nested deeper than {DEEPEST} levels"
            )));
        }
        let source = Mutex::new(Batches { reader, rest: None });
        Ok(Table { schema, source, plan: OnceLock::new() })
    }

    /// The place of a column in the schema.
    fn column(&self, name: &str) -> PyResult<Vec<usize>> {
        find(self.schema.fields(), name).ok_or_else(|| {
            FieldError::new_err(format!("there is no column `{name}`"))
        })
    }

    /// The next batch.
    pub(crate) fn next(&self) -> PyResult<Option<Rows<'_>>> {
        let source = self.source.lock();
        let mut source = source.map_err(|_| {
            SourceError::new_err("the table ended with a defect")
        })?;
        let batch = match source.rest.take() {
            Some(rest) => Some(rest),
            None => source.reader.next().transpose().map_err(unreadable)?,
        };
        let batch =
            batch.map(|batch| match batch.num_rows().checked_sub(ROWS) {
                Some(more @ 1..) => {
                    source.rest = Some(batch.slice(ROWS, more));
                    batch.slice(0, ROWS)
                }
                _ => batch,
            });
        Ok(batch.map(|batch| {
            let plan = self.plan.get_or_init(|| Plan::Records);
            Rows { batch, plan }
        }))
    }
}

fn unreadable(error: impl std::fmt::Display) -> PyErr {
    SourceError::new_err(format!("the table cannot be read: {error}"))
}

/// How many levels are left below `DEEPEST`; 0 when there are none.
fn depth(of: &DataType) -> usize {
    match of {
        DataType::Struct(fields) => {
            let depths = fields.iter().map(|it| depth(it.data_type()));
            depths.min().unwrap_or(DEEPEST).saturating_sub(1)
        }
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _) => {
            depth(item.data_type()).saturating_sub(1)
        }
        _ => DEEPEST,
    }
}

fn collect_names(fields: &Fields, prefix: &str, names: &mut Vec<String>) {
    for field in fields {
        let name = format!("{prefix}{}", field.name());
        if let DataType::Struct(inner) = field.data_type() {
            collect_names(inner, &format!("{name}."), names);
        } else {
            names.push(name);
        }
    }
}

fn find(fields: &Fields, name: &str) -> Option<Vec<usize>> {
    for (index, field) in fields.iter().enumerate() {
        let Some(rest) = name.strip_prefix(field.name().as_str()) else {
            continue;
        };
        if let DataType::Struct(inner) = field.data_type() {
            let rest = rest.strip_prefix('.');
            if let Some(mut place) = rest.and_then(|it| find(inner, it)) {
                place.insert(0, index);
                return Some(place);
            }
        } else if rest.is_empty() {
            return Some(vec![index]);
        }
    }
    None
}

/// A batch of rows.
pub(crate) struct Rows<'t> {
    batch: RecordBatch,
    plan: &'t Plan,
}

/// What a row became.
pub(crate) enum Row<'r> {
    Record(&'r [u8]),
    /// All rows of the batch.
    Events(&'r Events),
}

impl Rows<'_> {
    /// Lends what each row becomes.
    pub(crate) fn each(&self, mut take: impl FnMut(Row<'_>)) {
        let rows = self.batch.num_rows();
        let mut text = Vec::new();
        match self.plan {
            Plan::Records => {
                let fields = self.batch.schema_ref().fields();
                for row in 0..rows {
                    text.clear();
                    let columns = self.batch.columns();
                    write_object(fields, columns, row, &mut text);
                    take(Row::Record(&text));
                }
            }
            Plan::Raw(place) => {
                for row in 0..rows {
                    text.clear();
                    self.plain(place, row, &mut text);
                    take(Row::Record(&text));
                }
            }
            Plan::Events { platform, kind, time, system, fields } => {
                let mut events = Events::default();
                for row in 0..rows {
                    for (place, field) in fields {
                        text.clear();
                        if self.plain(place, row, &mut text) {
                            events.value(*field, &text);
                        }
                    }
                    let platform = platform.unwrap_or_else(|| {
                        text.clear();
                        let named = system
                            .as_ref()
                            .is_some_and(|it| self.plain(it, row, &mut text));
                        let system = named.then_some(text.as_slice());
                        guess(*kind, system, events.path())
                    });
                    let time = time.as_ref().and_then(|it| self.time(it, row));
                    events.end(platform, *kind, time);
                }
                take(Row::Events(&events));
            }
        }
    }

    /// The array of a column.
    fn array(&self, place: &[usize], row: usize) -> Option<&ArrayRef> {
        let (first, rest) = place.split_first()?;
        let mut array = self.batch.columns().get(*first)?;
        for place in rest {
            if array.is_null(row) {
                return None;
            }
            array = array.as_struct_opt()?.columns().get(*place)?;
        }
        Some(array)
    }

    fn plain(&self, place: &[usize], row: usize, out: &mut Vec<u8>) -> bool {
        let array = self.array(place, row);
        array.is_some_and(|it| write_plain(it, row, out))
    }

    fn time(&self, place: &[usize], row: usize) -> Option<Timestamp> {
        let array = self.array(place, row)?;
        if let Some(ticks) = ticks(array, row) {
            return Some(Timestamp::from_ticks(ticks));
        }
        let mut text = Vec::new();
        write_plain(array, row, &mut text);
        let number = str::from_utf8(&text).ok()?.trim().parse::<f64>();
        match number {
            Ok(number) => time_of_count(number),
            Err(_) => Timestamp::parse(&text),
        }
    }
}

/// The ticks of a timestamp; `None` for other types and nulls.
fn ticks(array: &dyn Array, row: usize) -> Option<i64> {
    if array.is_null(row) {
        return None;
    }
    Some(match array.data_type() {
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => array
                .as_primitive::<TimestampSecondType>()
                .value(row)
                .saturating_mul(10_000_000),
            TimeUnit::Millisecond => array
                .as_primitive::<TimestampMillisecondType>()
                .value(row)
                .saturating_mul(10_000),
            TimeUnit::Microsecond => array
                .as_primitive::<TimestampMicrosecondType>()
                .value(row)
                .saturating_mul(10),
            TimeUnit::Nanosecond => array
                .as_primitive::<TimestampNanosecondType>()
                .value(row)
                .div_euclid(100),
        },
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>().value(row);
            i64::from(days).saturating_mul(864_000_000_000)
        }
        DataType::Date64 => array
            .as_primitive::<Date64Type>()
            .value(row)
            .saturating_mul(10_000),
        _ => return None,
    })
}

/// Writes a value as text; false for nulls and what has none. A list's items
/// are separated by blanks, as arguments are.
fn write_plain(array: &dyn Array, row: usize, out: &mut Vec<u8>) -> bool {
    match value(array, row) {
        Value::Nothing | Value::Object(_) => return false,
        Value::Text(text) => out.extend_from_slice(text),
        Value::Integer(number) => {
            out.extend_from_slice(number.to_string().as_bytes());
        }
        Value::Float(number) if !number.is_finite() => return false,
        Value::Float(number) => write_float(number, out),
        Value::Truth(truth) => {
            out.extend_from_slice(truth.to_string().as_bytes());
        }
        Value::Time(time) => {
            out.extend_from_slice(time.to_string().as_bytes());
        }
        Value::List(items) => {
            for item in 0..items.len() {
                if item > 0 {
                    out.push(b' ');
                }
                write_plain(&items, item, out);
            }
        }
    }
    true
}

/// Writes a value as JSON; recursion is bounded by `DEEPEST`.
fn write_json(array: &dyn Array, row: usize, out: &mut Vec<u8>) {
    match value(array, row) {
        Value::Nothing => out.extend_from_slice(b"null"),
        Value::Text(text) => write_text(text, out),
        Value::Integer(number) => {
            out.extend_from_slice(number.to_string().as_bytes());
        }
        Value::Float(number) => write_float(number, out),
        Value::Truth(truth) => {
            out.extend_from_slice(truth.to_string().as_bytes());
        }
        Value::Time(time) => write_text(time.to_string().as_bytes(), out),
        Value::List(items) => {
            out.push(b'[');
            for item in 0..items.len() {
                if item > 0 {
                    out.push(b',');
                }
                write_json(&items, item, out);
            }
            out.push(b']');
        }
        Value::Object(object) => {
            write_object(object.fields(), object.columns(), row, out);
        }
    }
}

/// Writes an object of the columns that have a value: what is null in a
/// table was absent in the record.
fn write_object(
    fields: &Fields,
    columns: &[ArrayRef],
    row: usize,
    out: &mut Vec<u8>,
) {
    out.push(b'{');
    let start = out.len();
    for (field, column) in fields.iter().zip(columns) {
        if matches!(value(column, row), Value::Nothing) {
            continue;
        }
        if out.len() > start {
            out.push(b',');
        }
        write_text(field.name().as_bytes(), out);
        out.push(b':');
        write_json(column, row, out);
    }
    out.push(b'}');
}

/// A value in an array.
enum Value<'a> {
    Nothing,
    Text(&'a [u8]),
    Integer(i128),
    Float(f64),
    Truth(bool),
    Time(Timestamp),
    List(ArrayRef),
    Object(&'a arrow_array::StructArray),
}

/// The value at a row. Types that no log has count as nothing.
fn value(array: &dyn Array, row: usize) -> Value<'_> {
    if array.is_null(row) {
        return Value::Nothing;
    }
    if let Some(ticks) = ticks(array, row) {
        return Value::Time(Timestamp::from_ticks(ticks));
    }
    macro_rules! integer {
        ($type:ty) => {
            Value::Integer(array.as_primitive::<$type>().value(row).into())
        };
    }
    match array.data_type() {
        DataType::Utf8 => {
            Value::Text(array.as_string::<i32>().value(row).as_bytes())
        }
        DataType::LargeUtf8 => {
            Value::Text(array.as_string::<i64>().value(row).as_bytes())
        }
        DataType::Utf8View => {
            Value::Text(array.as_string_view().value(row).as_bytes())
        }
        DataType::Binary => Value::Text(array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => {
            Value::Text(array.as_binary::<i64>().value(row))
        }
        DataType::BinaryView => Value::Text(array.as_binary_view().value(row)),
        DataType::FixedSizeBinary(_) => {
            Value::Text(array.as_fixed_size_binary().value(row))
        }
        DataType::Boolean => Value::Truth(array.as_boolean().value(row)),
        DataType::Int8 => integer!(Int8Type),
        DataType::Int16 => integer!(Int16Type),
        DataType::Int32 => integer!(Int32Type),
        DataType::Int64 => integer!(Int64Type),
        DataType::UInt8 => integer!(UInt8Type),
        DataType::UInt16 => integer!(UInt16Type),
        DataType::UInt32 => integer!(UInt32Type),
        DataType::UInt64 => integer!(UInt64Type),
        DataType::Float16 => Value::Float(
            array.as_primitive::<Float16Type>().value(row).to_f64(),
        ),
        DataType::Float32 => {
            Value::Float(array.as_primitive::<Float32Type>().value(row).into())
        }
        DataType::Float64 => {
            Value::Float(array.as_primitive::<Float64Type>().value(row))
        }
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let keys = dictionary.keys();
            match value(keys, row) {
                Value::Integer(key) => match usize::try_from(key) {
                    Ok(key) if key < dictionary.values().len() => {
                        value(dictionary.values().as_ref(), key)
                    }
                    _ => Value::Nothing,
                },
                _ => Value::Nothing,
            }
        }
        DataType::List(_) => Value::List(array.as_list::<i32>().value(row)),
        DataType::LargeList(_) => {
            Value::List(array.as_list::<i64>().value(row))
        }
        DataType::FixedSizeList(_, _) => {
            Value::List(array.as_fixed_size_list().value(row))
        }
        DataType::Struct(_) => Value::Object(array.as_struct()),
        _ => Value::Nothing,
    }
}
