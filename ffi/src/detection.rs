/*!
What is known of the detections, laid out for C once per detector.
*/

use core::ptr;

use t1053::Detector;
use t1053::rule::{Detection, List, Role, Text};

use crate::pointer::t1053_text;

/// Something that a match raises the risk of.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_risk_object {
    /// Its field in the publisher's data model: `dest`, `user`.
    pub field: t1053_text,
    /// What it is: `Hostname`, `Endpoint`, `User`, `Process`.
    pub object: t1053_text,
    /// Which side it is on: `victim` or `attacker`.
    pub role: t1053_text,
}

/// Another rule that a rule has to do with. Members are never added: arrays
/// are made of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_related {
    /// The other rule's id.
    pub id: t1053_text,
    /// What it is to the rule: `derived`, `obsolete`, `merged`, `renamed`,
    /// `similar`.
    pub relation: t1053_text,
}

/// What is known of a detection. Everything in it lives as long as the
/// detector, and any thread may read it.
///
/// Only the library makes these; members may be added at the end.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct t1053_detection {
    /// Size of this struct in the library that is running.
    pub struct_size: usize,
    /// The stable public name; never changes.
    pub slug: t1053_text,
    /// The published title.
    pub title: t1053_text,
    /// The published id; NULL where the publisher gives none.
    pub id: t1053_text,
    /// The publisher's own name, where it differs from the title; or NULL.
    pub published_name: t1053_text,
    /// Where it was first published: `scheduled-tasks`,
    /// `scheduled-task-job`, `behaviours` (ours); or NULL.
    pub pack: t1053_text,
    /// How it is meant to be used: `TTP`, `Anomaly`, `Hunting`, `Alert`.
    pub kind: t1053_text,
    /// How severe a match is: `informational`, `low`, `medium`, `high`,
    /// `critical`.
    pub severity: t1053_text,
    /// Where its events are recorded: `windows`, `linux`, `azure`, `macos`,
    /// `kubernetes`, `aws`, `gcp`; or `any`.
    pub platform: t1053_text,
    /// What it finds and why that matters.
    pub description: t1053_text,
    /// One line in plain words about a match; `{Field}` stands for a value,
    /// and what stands between `[` and `]` is left out where an event lacks a
    /// field that is named there.
    pub message: t1053_text,
    /// The published risk, 0 to 100; -1 where none is published.
    pub risk_score: i32,
    /// How much harm a true match means, 0 to 100, or -1.
    pub risk_impact: i32,
    /// How sure a match is, 0 to 100, or -1.
    pub risk_confidence: i32,
    /// 0; keeps the struct without gaps.
    pub reserved: u32,
    /// ATT&CK techniques: `T1053.005`.
    pub techniques: *const t1053_text,
    /// How many techniques.
    pub techniques_len: usize,
    /// ATT&CK tactics: `persistence`.
    pub tactics: *const t1053_text,
    /// How many tactics.
    pub tactics_len: usize,
    /// What a match raises the risk of.
    pub risk_objects: *const t1053_risk_object,
    /// How many risk objects.
    pub risk_objects_len: usize,
    /// Harmless things that match too.
    pub false_positives: *const t1053_text,
    /// How many false positives.
    pub false_positives_len: usize,
    /// Where to read more.
    pub references: *const t1053_text,
    /// How many references.
    pub references_len: usize,
    /// What the publisher groups alerts by.
    pub group_by: *const t1053_text,
    /// How many of those.
    pub group_by_len: usize,
    /// What a match adds to the verdict of its event: 0 that a scheduler was
    /// used, 1 a weak sign, 2 a medium one, 3 a strong one; -1 where the
    /// detection counts by its severity.
    pub weight: i32,
    /// 0; keeps the struct without gaps.
    pub reserved_too: u32,
    /// What must be switched on in the source of the events; empty where it
    /// is on by default.
    pub needs: t1053_text,
    /// What to do about a match, in a line; empty where nothing is said.
    pub response: t1053_text,
    /// Who wrote it, as its file says, or NULL.
    pub author: t1053_text,
    /// The licence that it is under, or NULL.
    pub license: t1053_text,
    /// How far it is tested: `stable`, `test`, `experimental`, `deprecated`,
    /// `unsupported`; or NULL.
    pub status: t1053_text,
    /// When it was written, as in `2025-01-31`, or NULL.
    pub date: t1053_text,
    /// When it was last changed, or NULL.
    pub modified: t1053_text,
    /// Other rules that it has to do with.
    pub related: *const t1053_related,
    /// How many of those.
    pub related_len: usize,
}

/// A detector, and its detections as C sees them.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) detector: Detector,
    /// How scanners read logs.
    #[cfg(feature = "sigma")]
    pub(crate) config: Option<t1053::Config>,
    /// In the detector's order. They point into the detector's rules and
    /// into the three lists below, none of which ever changes.
    pub(crate) detections: Vec<t1053_detection>,
    _texts: Vec<t1053_text>,
    _objects: Vec<t1053_risk_object>,
    _related: Vec<t1053_related>,
}

// SAFETY: nothing changes after construction, and what the pointers point to
// is held by the same value.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    /// Bytes of memory held.
    pub(crate) fn memory_usage(&self) -> usize {
        let Shared {
            detector, detections, _texts, _objects, _related, ..
        } = self;
        let lists = [
            size_of_val(detections.as_slice()),
            size_of_val(_texts.as_slice()),
            size_of_val(_objects.as_slice()),
            size_of_val(_related.as_slice()),
        ];
        lists.into_iter().fold(detector.memory_usage(), usize::saturating_add)
    }

    pub(crate) fn new(detector: Detector) -> Shared {
        let mut texts = Vec::new();
        let mut objects = Vec::new();
        let mut related = Vec::new();
        for detection in detector.detections() {
            add_texts(detection, &mut texts);
            let risk_objects = detection.risk_objects.iter();
            objects.extend(risk_objects.map(|it| t1053_risk_object {
                field: t1053_text::of(&it.field),
                object: t1053_text::of(&it.object),
                role: t1053_text::of(Role::name(it.role)),
            }));
        }
        for it in detector.detections().flat_map(|it| it.related.iter()) {
            related.push(t1053_related {
                id: t1053_text::of(&it.id),
                relation: t1053_text::of(&it.relation),
            });
        }
        // The lists have their final place in memory now.
        let mut lists =
            Lists { texts: &texts, objects: &objects, related: &related };
        let detections = detector.detections();
        let detections =
            detections.map(|it| described(it, &mut lists)).collect();
        Shared {
            detector,
            #[cfg(feature = "sigma")]
            config: None,
            detections,
            _texts: texts,
            _objects: objects,
            _related: related,
        }
    }
}

/// Adds what [`described`] takes, in the same order.
fn add_texts(detection: &Detection, texts: &mut Vec<t1053_text>) {
    let of = |list: &List<Text>| -> Vec<t1053_text> {
        list.iter().map(|it| t1053_text::of(it)).collect()
    };
    texts.extend(of(&detection.techniques));
    let tactics = detection.tactics.iter();
    texts.extend(tactics.map(|it| t1053_text::of(it.name())));
    texts.extend(of(&detection.false_positives));
    texts.extend(of(&detection.references));
    texts.extend(of(&detection.group_by));
}

/// What is left of the lists.
struct Lists<'l> {
    texts: &'l [t1053_text],
    objects: &'l [t1053_risk_object],
    related: &'l [t1053_related],
}

/// Takes the first so many off a list.
fn take<T>(list: &mut &[T], count: usize) -> *const T {
    let (taken, rest) = list.split_at_checked(count).unwrap_or((&[], &[]));
    *list = rest;
    if taken.is_empty() { ptr::null() } else { taken.as_ptr() }
}

fn described(detection: &Detection, lists: &mut Lists<'_>) -> t1053_detection {
    let text = |text: &Option<Text>| {
        text.as_ref().map_or(t1053_text::NONE, |it| t1053_text::of(it))
    };
    let risk = detection.risk;
    let number = |it: Option<u8>| it.map_or(-1, i32::from);
    t1053_detection {
        struct_size: size_of::<t1053_detection>(),
        slug: t1053_text::of(&detection.slug),
        title: t1053_text::of(&detection.title),
        id: text(&detection.id),
        published_name: text(&detection.published_name),
        pack: detection
            .pack
            .map_or(t1053_text::NONE, |it| t1053_text::of(it.name())),
        kind: t1053_text::of(detection.kind.name()),
        severity: t1053_text::of(detection.severity.name()),
        platform: t1053_text::of(detection.platform.name()),
        description: t1053_text::of(&detection.description),
        message: t1053_text::of(&detection.message),
        risk_score: number(risk.map(|it| it.score)),
        risk_impact: number(risk.map(|it| it.impact)),
        risk_confidence: number(risk.map(|it| it.confidence)),
        reserved: 0,
        techniques: take(&mut lists.texts, detection.techniques.len()),
        techniques_len: detection.techniques.len(),
        tactics: take(&mut lists.texts, detection.tactics.len()),
        tactics_len: detection.tactics.len(),
        risk_objects: take(&mut lists.objects, detection.risk_objects.len()),
        risk_objects_len: detection.risk_objects.len(),
        false_positives: take(
            &mut lists.texts,
            detection.false_positives.len(),
        ),
        false_positives_len: detection.false_positives.len(),
        references: take(&mut lists.texts, detection.references.len()),
        references_len: detection.references.len(),
        group_by: take(&mut lists.texts, detection.group_by.len()),
        group_by_len: detection.group_by.len(),
        weight: number(detection.weight),
        reserved_too: 0,
        needs: t1053_text::of(&detection.needs),
        response: t1053_text::of(&detection.response),
        author: text(&detection.author),
        license: text(&detection.license),
        status: text(&detection.status),
        date: text(&detection.date),
        modified: text(&detection.modified),
        related: take(&mut lists.related, detection.related.len()),
        related_len: detection.related.len(),
    }
}
