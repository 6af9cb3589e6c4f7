/*!
Findings as Arrow tables.
*/

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{
    Int32Builder, Int64Builder, ListBuilder, StringBuilder, StructBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::ffi::FFI_ArrowSchema;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchIterator};
use arrow_schema::{
    ArrowError, DataType, Field, Fields, Schema, SchemaRef, TimeUnit,
};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use t1053::{Detector, Keep};

use crate::error::InternalError;
use crate::part::Finding;

/// A batch has at most so many findings, and ends once it has so many bytes
/// of text: offsets have 31 bits.
const MOST_ROWS: usize = 8192;
const MOST_BYTES: usize = 1 << 26;

/// The columns: the members of a line of NDJSON, in its order, but for its
/// `schema`, which is in the metadata.
///
/// What is kept of the event follows: `event`, `offset`, `length`, a column for
/// each field, and `raw`.
///
/// Numbers are signed: Spark refuses unsigned ones. Places have 64 bits, since
/// they may be over 2^31.
pub(crate) fn schema(keep: &Keep) -> SchemaRef {
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let list = |of| DataType::List(Arc::new(Field::new("item", of, true)));
    let mut columns = vec![
        Field::new("path", DataType::Utf8, true),
        Field::new("record", DataType::Int64, false),
        Field::new("item", DataType::Int64, true),
        Field::new("detection", DataType::Utf8, false),
        Field::new("title", DataType::Utf8, false),
        Field::new("kind", DataType::Utf8, false),
        Field::new("techniques", list(DataType::Utf8), false),
        Field::new("risk_score", DataType::Int32, true),
        Field::new("time", time, true),
        Field::new("host", DataType::Utf8, true),
        Field::new("user", DataType::Utf8, true),
        Field::new("message", DataType::Utf8, false),
        Field::new("evidence", list(DataType::Struct(pieces())), false),
    ];
    if !keep.is_empty() {
        columns.extend([
            Field::new("event", DataType::Utf8, false),
            Field::new("offset", DataType::Int64, false),
            Field::new("length", DataType::Int64, false),
        ]);
        let fields = keep.fields().iter();
        columns
            .extend(fields.map(|field| {
                Field::new(column(*field), DataType::Utf8, true)
            }));
        let raw = Field::new("raw", DataType::Utf8, true);
        columns.extend(keep.raw().then_some(raw));
    }
    let version = t1053::Finding::SCHEMA.to_string();
    let metadata = HashMap::from([("t1053.schema".to_owned(), version)]);
    Arc::new(Schema::new_with_metadata(columns, metadata))
}

/// Columns that there are in any case, and that a field has the name of.
const TAKEN: [&str; 4] = ["user", "path", "item", "kind"];

/// The name of the column of a field that is kept: its own. That of a field
/// which another column is called as, case aside, begins with `event.`: some
/// engines take both for one.
pub(crate) fn column(field: t1053::event::Field) -> String {
    let name = field.name();
    match TAKEN.iter().any(|taken| name.eq_ignore_ascii_case(taken)) {
        true => format!("event.{name}"),
        false => name.to_owned(),
    }
}

fn pieces() -> Fields {
    Fields::from(vec![
        Field::new("field", DataType::Utf8, false),
        Field::new("start", DataType::Int64, false),
        Field::new("end", DataType::Int64, false),
        Field::new("text", DataType::Utf8, false),
        Field::new("pattern", DataType::Utf8, false),
    ])
}

/// Builds the columns that tell of the event.
struct QuoteBuilder {
    event: StringBuilder,
    offset: Int64Builder,
    length: Int64Builder,
    /// The fields that are kept, and the record if that is.
    texts: Vec<StringBuilder>,
}

impl QuoteBuilder {
    fn new(keep: &Keep) -> QuoteBuilder {
        let texts = keep.fields().len();
        let texts = texts.saturating_add(usize::from(keep.raw()));
        let texts = (0..texts).map(|_| StringBuilder::new()).collect();
        QuoteBuilder {
            event: StringBuilder::new(),
            offset: Int64Builder::new(),
            length: Int64Builder::new(),
            texts,
        }
    }

    /// Adds a finding's event; returns how many bytes of text it has.
    fn push(&mut self, found: &Finding<'_>) -> usize {
        self.event.append_value(found.event().name());
        self.offset.append_value(signed(found.offset()));
        self.length.append_value(signed(found.length()));
        let values = found.fields().map(|(_, value)| value);
        let values = values.chain([found.raw()]);
        let mut bytes = 0_usize;
        // There is no column for a record that is not kept.
        for (column, value) in self.texts.iter_mut().zip(values) {
            column.append_option(value.map(String::from_utf8_lossy));
            bytes = bytes.saturating_add(value.map_or(0, <[u8]>::len));
        }
        bytes
    }

    fn finish(&mut self) -> impl Iterator<Item = ArrayRef> {
        let texts = self.texts.iter_mut();
        let texts = texts.map(|column| Arc::new(column.finish()) as ArrayRef);
        let first: [ArrayRef; 3] = [
            Arc::new(self.event.finish()),
            Arc::new(self.offset.finish()),
            Arc::new(self.length.finish()),
        ];
        first.into_iter().chain(texts)
    }
}

/// Builds one batch.
struct Batch {
    path: StringBuilder,
    record: Int64Builder,
    item: Int64Builder,
    detection: StringBuilder,
    title: StringBuilder,
    kind: StringBuilder,
    techniques: ListBuilder<StringBuilder>,
    risk_score: Int32Builder,
    time: TimestampMicrosecondBuilder,
    host: StringBuilder,
    user: StringBuilder,
    message: StringBuilder,
    evidence: ListBuilder<StructBuilder>,
    schema: SchemaRef,
    quote: Option<QuoteBuilder>,
    rows: usize,
    bytes: usize,
}

impl Batch {
    fn new(keep: &Keep) -> Batch {
        Batch {
            path: StringBuilder::new(),
            record: Int64Builder::new(),
            item: Int64Builder::new(),
            detection: StringBuilder::new(),
            title: StringBuilder::new(),
            kind: StringBuilder::new(),
            techniques: ListBuilder::new(StringBuilder::new()),
            risk_score: Int32Builder::new(),
            time: TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            host: StringBuilder::new(),
            user: StringBuilder::new(),
            message: StringBuilder::new(),
            evidence: ListBuilder::new(StructBuilder::from_fields(
                pieces(),
                0,
            )),
            schema: schema(keep),
            quote: (!keep.is_empty()).then(|| QuoteBuilder::new(keep)),
            rows: 0,
            bytes: 0,
        }
    }

    fn push(&mut self, found: &Finding<'_>, known: &t1053::rule::Detection) {
        let lossy = String::from_utf8_lossy;
        self.path.append_option(found.path());
        self.record.append_value(signed(found.record()));
        self.item.append_option(found.item().map(i64::from));
        self.detection.append_value(&known.slug);
        self.title.append_value(&known.title);
        self.kind.append_value(known.kind.name());
        for technique in known.techniques.iter() {
            self.techniques.values().append_value(technique);
        }
        self.techniques.append(true);
        let risk = known.risk.map(|risk| i32::from(risk.score));
        self.risk_score.append_option(risk);
        let time = found.time().map(|it| it.ticks().div_euclid(10));
        self.time.append_option(time);
        self.host.append_option(found.host().map(lossy));
        self.user.append_option(found.user().map(lossy));
        self.message.append_value(found.message());
        for it in found.evidence() {
            let text = lossy(it.text);
            self.count_bytes(text.len());
            self.count_bytes(it.pattern.len());
            let row = self.evidence.values();
            for (place, value) in [(0, it.name()), (3, &text), (4, it.pattern)]
            {
                let column = row.field_builder::<StringBuilder>(place);
                if let Some(column) = column {
                    column.append_value(value);
                }
            }
            for (place, value) in [(1, it.range.start), (2, it.range.end)] {
                let column = row.field_builder::<Int64Builder>(place);
                if let Some(column) = column {
                    column.append_value(signed(value as u64));
                }
            }
            row.append(true);
        }
        self.evidence.append(true);
        let quoted = self.quote.as_mut().map(|quote| quote.push(found));
        self.count_bytes(quoted.unwrap_or(0));
        self.rows = self.rows.saturating_add(1);
        self.count_bytes(found.message().len());
    }

    fn count_bytes(&mut self, more: usize) {
        self.bytes = self.bytes.saturating_add(more);
    }

    fn is_full(&self) -> bool {
        self.rows >= MOST_ROWS || self.bytes >= MOST_BYTES
    }

    fn finish(mut self) -> Result<RecordBatch, ArrowError> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.path.finish()),
            Arc::new(self.record.finish()),
            Arc::new(self.item.finish()),
            Arc::new(self.detection.finish()),
            Arc::new(self.title.finish()),
            Arc::new(self.kind.finish()),
            Arc::new(self.techniques.finish()),
            Arc::new(self.risk_score.finish()),
            Arc::new(self.time.finish()),
            Arc::new(self.host.finish()),
            Arc::new(self.user.finish()),
            Arc::new(self.message.finish()),
            Arc::new(self.evidence.finish()),
        ];
        columns.extend(self.quote.iter_mut().flat_map(QuoteBuilder::finish));
        // Lists that were built with a plain field take the schema's.
        RecordBatch::try_new(self.schema, columns)
    }
}

/// A count of records or bytes, which memory and files hold fewer of than
/// there are signed numbers.
fn signed(count: u64) -> i64 {
    debug_assert!(i64::try_from(count).is_ok(), "{count}");
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn batches<'p>(
    detector: &Detector,
    keep: &Keep,
    findings: impl Iterator<Item = Finding<'p>>,
) -> Result<Vec<RecordBatch>, ArrowError> {
    let mut batches = Vec::new();
    let mut batch = Batch::new(keep);
    for finding in findings {
        let detection = detector.detection(finding.detection());
        if let Some(detection) = detection {
            batch.push(&finding, detection);
        }
        if batch.is_full() {
            let full = std::mem::replace(&mut batch, Batch::new(keep));
            batches.push(full.finish()?);
        }
    }
    if batch.rows > 0 {
        batches.push(batch.finish()?);
    }
    Ok(batches)
}

/// Findings of a detector as a stream in a capsule. It is made at once, so
/// that nothing can go wrong while the consumer reads it.
pub(crate) fn stream<'py, 'p>(
    py: Python<'py>,
    detector: &Detector,
    keep: &Keep,
    findings: impl Iterator<Item = Finding<'p>> + Send,
) -> PyResult<Bound<'py, PyAny>> {
    let batches = py.detach(|| batches(detector, keep, findings));
    let batches = batches.map_err(defect)?;
    let batches = batches.into_iter().map(Ok);
    let reader = RecordBatchIterator::new(batches, schema(keep));
    let stream = FFI_ArrowArrayStream::new(Box::new(reader));
    let name = c"arrow_array_stream";
    Ok(PyCapsule::new_with_value(py, stream, name)?.into_any())
}

/// The schema in a capsule.
pub(crate) fn schema_capsule<'py>(
    py: Python<'py>,
    keep: &Keep,
) -> PyResult<Bound<'py, PyAny>> {
    let schema = FFI_ArrowSchema::try_from(schema(keep).as_ref());
    let schema = schema.map_err(defect)?;
    let name = c"arrow_schema";
    Ok(PyCapsule::new_with_value(py, schema, name)?.into_any())
}

fn defect(error: ArrowError) -> PyErr {
    InternalError::new_err(format!("a defect in t1053: {error}"))
}
