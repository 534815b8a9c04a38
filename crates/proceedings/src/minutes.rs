//! The proceedings as minutes, which a secretariat circulates after the meeting.

use jiff::{Zoned, civil::Date};
use plenary_conference::{ItemKind, Role, Status};
use plenary_ids::{PersonId, Seq};

use crate::{
    Attendance, Interpretation, Proceedings, RecordedItem, Span, Time,
    markdown::{Document, date, duration, enumerate, escape},
    sentences::clock_sentence,
};

impl Proceedings {
    /// Writes minutes in Markdown, in English, with times in the conference's zone.
    pub fn minutes(&self) -> String {
        let minutes = Minutes::new(self);
        let mut document = Document::default();
        minutes.heading(&mut document);
        minutes.participants(&mut document);
        minutes.business(&mut document);
        minutes.time_used(&mut document);
        minutes.attendance(&mut document);
        minutes.interpretation(&mut document);
        minutes.corrections(&mut document);
        minutes.footer(&mut document);
        document.text()
    }
}

/// A paragraph of the minutes, and the event by which it is ordered: a clock that was set back changes no order.
struct Paragraph<'a> {
    seq: Seq,
    at: &'a Time,
    text: String,
}

/// The record, with the beginning and end of the meeting.
pub(crate) struct Minutes<'a> {
    pub(crate) record: &'a Proceedings,
    began: &'a Zoned,
    ended: &'a Zoned,
}

impl<'a> Minutes<'a> {
    fn new(record: &'a Proceedings) -> Self {
        let spans = || record.attendance.iter().flat_map(|entry| &entry.spans);
        let generated = record.generated.zoned();
        let began = spans().map(|span| span.from.zoned()).min();
        let ended = spans().map(|span| span.to.as_ref().map_or(generated, Time::zoned));
        Self {
            record,
            began: began.unwrap_or(generated),
            ended: ended.max().unwrap_or(generated),
        }
    }

    fn heading(&self, document: &mut Document) {
        let record = self.record;
        document.block(&format!("# {}", escape(&record.room.title)));
        document.block(&format!("**{}**", escape(&record.conference.name)));
        if !record.conference.theme.is_empty() {
            document.block(&format!("*{}*", escape(&record.conference.theme)));
        }
        let when = if self.is_one_day() {
            format!(
                "on {} from {} to {}",
                date(self.began),
                clock(self.began),
                clock(self.ended)
            )
        } else {
            format!(
                "from {}, {}, to {}, {}",
                date(self.began),
                clock(self.began),
                date(self.ended),
                clock(self.ended)
            )
        };
        document.block(&format!(
            "Minutes of the meeting held {when}. All times are in {} (UTC{}).",
            escape(&record.conference.time_zone),
            self.began.strftime("%:z")
        ));
    }

    fn participants(&self, document: &mut Document) {
        document.block("## Present");
        let mut lines = Vec::new();
        let chairs = self.record.chair.iter().filter_map(|change| {
            let chair = change.chair.as_ref()?;
            let from = self.clock(&change.at);
            Some(format!("{} (from {from})", self.name(chair)))
        });
        let chairs: Vec<String> = chairs.collect();
        if !chairs.is_empty() {
            lines.push(format!("- In the chair: {}", enumerate(&chairs)));
        }
        for (status, title) in [
            (Status::Member, "Members"),
            (Status::Observer, "Observers"),
            (Status::Guest, "Guests"),
        ] {
            let cities = self.record.delegations.iter();
            let cities = cities.filter(|it| it.status == status && it.present);
            let cities: Vec<String> = cities
                .map(|it| {
                    let people = self.record.attendance.iter();
                    let people =
                        people.filter(|entry| entry.delegation.as_ref() == Some(&it.delegation));
                    let people: Vec<String> = people.map(|entry| escape(&entry.name)).collect();
                    format!("{} ({})", escape(&it.name), people.join(", "))
                })
                .collect();
            if !cities.is_empty() {
                lines.push(format!("- {title}: {}", cities.join("; ")));
            }
        }
        let absent = self.record.delegations.iter().filter(|it| !it.present);
        let absent: Vec<String> = absent.map(|it| escape(&it.name)).collect();
        if !absent.is_empty() {
            lines.push(format!("- Absent: {}", absent.join("; ")));
        }
        let staff = self.record.attendance.iter();
        let staff =
            staff.filter(|entry| entry.delegation.is_none() && entry.role != Role::Moderator);
        let staff: Vec<String> = staff.map(|entry| escape(&entry.name)).collect();
        if !staff.is_empty() {
            lines.push(format!("- Secretariat: {}", staff.join("; ")));
        }
        if lines.is_empty() {
            lines.push("No one has attended yet.".to_owned());
        }
        document.block(&lines.join("\n"));
    }

    /// The course of the meeting, item by item, in numbered paragraphs.
    fn business(&self, document: &mut Document) {
        document.block("## Proceedings");
        let mut paragraphs = self.paragraphs();
        paragraphs.sort_by_key(|paragraph| paragraph.seq);
        if paragraphs.is_empty() {
            document.block("There was no business.");
        }
        let mut item: Option<Option<&RecordedItem>> = None;
        let mut day: Option<Date> = None;
        for (number, paragraph) in (1..).zip(&paragraphs) {
            let on = self.item_at(paragraph.seq);
            let today = paragraph.at.zoned().date();
            if !self.is_one_day() && day != Some(today) {
                document.block(&format!("### {}", date(paragraph.at.zoned())));
            }
            if item != Some(on) {
                self.item_heading(document, on, item.is_some());
            }
            (item, day) = (Some(on), Some(today));
            document.block(&format!("{number}. {}", paragraph.text));
        }
    }

    fn item_heading(&self, document: &mut Document, item: Option<&RecordedItem>, later: bool) {
        let Some(item) = item else {
            if later {
                document.block("### Other business");
            }
            return;
        };
        let planned = format!(
            "{}; scheduled for {} ({} min)",
            item_kind(item.kind),
            self.clock(&item.planned),
            item.minutes
        );
        let began = item
            .began
            .as_ref()
            .map(|at| format!("; opened at {}", self.clock(at)));
        let ended = item
            .ended
            .as_ref()
            .map(|at| format!(", closed at {}", self.clock(at)));
        document.block(&format!("### {}", escape(&item.title)));
        document.block(&format!(
            "*{planned}{}{}.*",
            began.unwrap_or_default(),
            ended.unwrap_or_default()
        ));
    }

    fn item_at(&self, seq: Seq) -> Option<&'a RecordedItem> {
        let begun = self.record.items.iter().filter(|item| {
            let began = item.began_seq.is_some_and(|began| began <= seq);
            let ended = item.ended_seq.is_some_and(|ended| ended < seq);
            began && !ended
        });
        begun.max_by_key(|item| item.began_seq)
    }

    fn paragraphs(&self) -> Vec<Paragraph<'a>> {
        let record = self.record;
        let list = record.list.iter().map(|change| Paragraph {
            seq: change.seq,
            at: &change.at,
            text: self.list_sentence(change.what, &change.at, change.by.as_ref()),
        });
        let chair = record.chair.iter().map(|change| Paragraph {
            seq: change.seq,
            at: &change.at,
            text: match &change.chair {
                Some(chair) => format!(
                    "{} took the chair at {}.",
                    self.name(chair),
                    self.clock(&change.at)
                ),
                None => format!("The chair became vacant at {}.", self.clock(&change.at)),
            },
        });
        let speeches = record.speeches.iter().map(|speech| Paragraph {
            seq: speech.seq,
            at: &speech.began,
            text: self.speech_sentences(speech),
        });
        let points = record.points_of_order.iter().map(|point| Paragraph {
            seq: point.seq,
            at: &point.raised,
            text: self.point_sentences(point),
        });
        let decisions = record.decisions.iter().map(|decision| Paragraph {
            seq: decision.seq,
            at: &decision.opened_at,
            text: self.decision_sentences(decision),
        });
        let undone = record.undone.iter().map(|undoing| Paragraph {
            seq: undoing.seq,
            at: &undoing.at,
            text: self.undo_sentences(undoing),
        });
        let clock = record.clock.iter().map(|change| Paragraph {
            seq: change.seq,
            at: &change.at,
            text: clock_sentence(change),
        });
        let notices = record.notices.iter().map(|notice| Paragraph {
            seq: notice.seq,
            at: &notice.at,
            text: self.notice_sentence(notice),
        });
        let postponements = record.postponements.iter().map(|postponement| Paragraph {
            seq: postponement.seq,
            at: &postponement.at,
            text: self.postponement_sentence(postponement),
        });
        let recording = record.recording.iter().map(|change| Paragraph {
            seq: change.seq,
            at: &change.at,
            text: self.recording_sentence(change),
        });
        let gaps = record.recording_gaps.iter().map(|gap| Paragraph {
            seq: gap.seq,
            at: &gap.from,
            text: self.gap_sentence(gap),
        });
        let all = chair.chain(list).chain(points).chain(speeches);
        let all = all.chain(decisions).chain(clock).chain(notices);
        let all = all.chain(postponements).chain(undone);
        all.chain(recording).chain(gaps).collect()
    }

    fn time_used(&self, document: &mut Document) {
        document.block("## Speaking time");
        let rows: Vec<Vec<String>> = self
            .record
            .delegations
            .iter()
            .map(|it| {
                vec![
                    escape(&it.name),
                    it.status.to_string(),
                    it.speeches.to_string(),
                    duration(it.used_ms),
                ]
            })
            .collect();
        document.table(&["Delegation", "Status", "Speeches", "Time"], &rows);
    }

    fn attendance(&self, document: &mut Document) {
        if self.record.attendance.is_empty() {
            return;
        }
        document.block("## Attendance");
        let row = |entry: &Attendance| {
            vec![
                escape(&entry.name),
                entry.role.to_string(),
                self.spans(&entry.spans),
            ]
        };
        let rows: Vec<Vec<String>> = self.record.attendance.iter().map(row).collect();
        document.table(&["Name", "Role", "Present"], &rows);
    }

    fn interpretation(&self, document: &mut Document) {
        if self.record.interpretation.is_empty() {
            return;
        }
        document.block("## Interpretation");
        let row = |it: &Interpretation| {
            vec![
                escape(it.language.as_str()),
                escape(&it.name),
                self.spans(&it.spans),
            ]
        };
        let rows: Vec<Vec<String>> = self.record.interpretation.iter().map(row).collect();
        document.table(&["Language", "Interpreter", "On air"], &rows);
    }

    fn spans(&self, spans: &[Span]) -> String {
        let spans = spans.iter().map(|span| match &span.to {
            Some(to) => format!("{}–{}", self.clock(&span.from), self.clock(to)),
            None => format!("{}–", self.clock(&span.from)),
        });
        spans.collect::<Vec<_>>().join(", ")
    }

    fn corrections(&self, document: &mut Document) {
        if self.record.corrections.is_empty() {
            return;
        }
        document.block("## Corrections");
        for (number, correction) in (1..).zip(&self.record.corrections) {
            let entry = correction
                .about_seq
                .map(|seq| format!("To entry {}, by", seq.0));
            document.block(&format!(
                "{number}. {} {} at {}: {}",
                entry.as_deref().unwrap_or("By"),
                self.name(&correction.by),
                self.clock(&correction.at),
                escape(&correction.text)
            ));
        }
    }

    fn footer(&self, document: &mut Document) {
        let record = self.record;
        document.block("---");
        document.block(&format!(
            "Drawn up on {} at {} from entries {} to {} of the log of room {}.",
            date(record.generated.zoned()),
            clock(record.generated.zoned()),
            record.from_seq.0,
            record.to_seq.0,
            escape(record.room.id.as_str())
        ));
        if let Some(seal) = &record.seal {
            document.block(&format!(
                "Sealed: {} `{}`, signed `{}` with the key `{}`.",
                seal.algorithm, seal.hash, seal.signature, seal.key
            ));
        }
    }

    pub(crate) fn name(&self, person: &PersonId) -> String {
        let known = self
            .record
            .attendance
            .iter()
            .find(|entry| entry.person == *person);
        escape(known.map_or(person.as_str(), |entry| entry.name.as_str()))
    }

    fn is_one_day(&self) -> bool {
        self.began.date() == self.ended.date()
    }

    /// Writes a time as `09:04`, with the date if the meeting lasted several days.
    pub(crate) fn clock(&self, time: &Time) -> String {
        let at = time.zoned();
        if self.is_one_day() && at.date() == self.began.date() {
            clock(at)
        } else {
            at.strftime("%-d %b %H:%M").to_string()
        }
    }
}

fn clock(at: &Zoned) -> String {
    at.strftime("%H:%M").to_string()
}

fn item_kind(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Address => "Address",
        ItemKind::Presentations => "Presentations",
        ItemKind::Debate => "Debate",
        ItemKind::Decision => "Decision",
        ItemKind::Report => "Report",
    }
}
