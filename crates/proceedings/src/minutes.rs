//! The proceedings as minutes: what a secretariat sends round after the meeting.

use jiff::{Zoned, civil::Date};
use plenary_conference::{ItemKind, Role, Status};
use plenary_ids::PersonId;

use crate::{
    Attendance, Interpretation, Proceedings, RecordedItem, Span, Time,
    markdown::{Document, and, date, duration, plain},
};

impl Proceedings {
    /// Minutes in Markdown, in English, with the conference's own times.
    pub fn minutes(&self) -> String {
        let minutes = Minutes::of(self);
        let mut document = Document::default();
        minutes.head(&mut document);
        minutes.present(&mut document);
        minutes.course(&mut document);
        minutes.time_used(&mut document);
        minutes.comings_and_goings(&mut document);
        minutes.interpretation(&mut document);
        minutes.corrections(&mut document);
        minutes.foot(&mut document);
        document.text()
    }
}

/// Something that happened, and the sentence about it.
struct Happening<'a> {
    at: &'a Time,
    words: String,
}

/// The record, and from when to when it tells.
pub(crate) struct Minutes<'a> {
    pub(crate) record: &'a Proceedings,
    began: &'a Zoned,
    ended: &'a Zoned,
}

impl<'a> Minutes<'a> {
    fn of(record: &'a Proceedings) -> Self {
        let spans = || record.attendance.iter().flat_map(|who| &who.spans);
        let generated = record.generated.zoned();
        let began = spans().map(|span| span.from.zoned()).min();
        let ended = spans().map(|span| span.to.as_ref().map_or(generated, Time::zoned));
        Self {
            record,
            began: began.unwrap_or(generated),
            ended: ended.max().unwrap_or(generated),
        }
    }

    fn head(&self, document: &mut Document) {
        let record = self.record;
        document.block(&format!("# {}", plain(&record.room.title)));
        document.block(&format!("**{}**", plain(&record.conference.name)));
        if !record.conference.theme.is_empty() {
            document.block(&format!("*{}*", plain(&record.conference.theme)));
        }
        let when = if self.is_one_day() {
            format!(
                "{}, {} to {}",
                date(self.began),
                clock(self.began),
                clock(self.ended)
            )
        } else {
            format!(
                "{}, {}, to {}, {}",
                date(self.began),
                clock(self.began),
                date(self.ended),
                clock(self.ended)
            )
        };
        document.block(&format!(
            "Minutes of the meeting of {when}. Times are those of {} (UTC{}).",
            plain(&record.conference.time_zone),
            self.began.strftime("%:z")
        ));
    }

    fn present(&self, document: &mut Document) {
        document.block("## Present");
        let mut lines = Vec::new();
        let chairs = self.record.chair.iter().filter_map(|change| {
            let chair = change.chair.as_ref()?;
            let from = self.clock(&change.at);
            Some(format!("{} (from {from})", self.name(chair)))
        });
        let chairs: Vec<String> = chairs.collect();
        if !chairs.is_empty() {
            lines.push(format!("- In the chair: {}", and(&chairs)));
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
                        people.filter(|who| who.delegation.as_ref() == Some(&it.delegation));
                    let people: Vec<String> = people.map(|who| plain(&who.name)).collect();
                    format!("{} ({})", plain(&it.name), people.join(", "))
                })
                .collect();
            if !cities.is_empty() {
                lines.push(format!("- {title}: {}", cities.join("; ")));
            }
        }
        let absent = self.record.delegations.iter().filter(|it| !it.present);
        let absent: Vec<String> = absent.map(|it| plain(&it.name)).collect();
        if !absent.is_empty() {
            lines.push(format!("- Not present: {}", absent.join("; ")));
        }
        let staff = self.record.attendance.iter();
        let staff = staff.filter(|who| who.delegation.is_none() && who.role != Role::Moderator);
        let staff: Vec<String> = staff.map(|who| plain(&who.name)).collect();
        if !staff.is_empty() {
            lines.push(format!("- Secretariat: {}", staff.join("; ")));
        }
        if lines.is_empty() {
            lines.push("Nobody has been in this room yet.".to_owned());
        }
        document.block(&lines.join("\n"));
    }

    /// What happened, item by item, in numbered paragraphs.
    fn course(&self, document: &mut Document) {
        document.block("## Proceedings");
        let mut happenings = self.happenings();
        happenings.sort_by(|a, b| a.at.zoned().cmp(b.at.zoned()));
        if happenings.is_empty() {
            document.block("Nothing was said.");
        }
        let mut item: Option<Option<&RecordedItem>> = None;
        let mut day: Option<Date> = None;
        for (number, happening) in (1..).zip(&happenings) {
            let on = self.item_at(happening.at.zoned());
            let today = happening.at.zoned().date();
            if !self.is_one_day() && day != Some(today) {
                document.block(&format!("### {}", date(happening.at.zoned())));
            }
            if item != Some(on) {
                self.item_heading(document, on, item.is_some());
            }
            (item, day) = (Some(on), Some(today));
            document.block(&format!("{number}. {}", happening.words));
        }
    }

    fn item_heading(&self, document: &mut Document, item: Option<&RecordedItem>, later: bool) {
        let Some(item) = item else {
            if later {
                document.block("### After the item");
            }
            return;
        };
        let planned = format!(
            "{}; planned for {}, {} min",
            item_kind(item.kind),
            self.clock(&item.planned),
            item.minutes
        );
        let began = item
            .began
            .as_ref()
            .map(|at| format!("; begun at {}", self.clock(at)));
        let ended = item
            .ended
            .as_ref()
            .map(|at| format!(", ended at {}", self.clock(at)));
        document.block(&format!("### {}", plain(&item.title)));
        document.block(&format!(
            "*{planned}{}{}.*",
            began.unwrap_or_default(),
            ended.unwrap_or_default()
        ));
    }

    fn item_at(&self, at: &Zoned) -> Option<&'a RecordedItem> {
        let begun = self.record.items.iter().filter(|item| {
            let began = item.began.as_ref().is_some_and(|began| began.zoned() <= at);
            let ended = item.ended.as_ref().is_some_and(|ended| ended.zoned() < at);
            began && !ended
        });
        begun.max_by_key(|item| item.began.as_ref().map(Time::zoned))
    }

    fn happenings(&self) -> Vec<Happening<'a>> {
        let record = self.record;
        let list = record.list.iter().map(|change| Happening {
            at: &change.at,
            words: self.list_sentence(change.what, &change.at, change.by.as_ref()),
        });
        let chair = record.chair.iter().map(|change| Happening {
            at: &change.at,
            words: match &change.chair {
                Some(chair) => format!(
                    "{} took the chair at {}.",
                    self.name(chair),
                    self.clock(&change.at)
                ),
                None => format!("The chair became vacant at {}.", self.clock(&change.at)),
            },
        });
        let speeches = record.speeches.iter().map(|speech| Happening {
            at: &speech.began,
            words: self.speech_sentences(speech),
        });
        let points = record.points_of_order.iter().map(|point| Happening {
            at: &point.raised,
            words: self.point_sentences(point),
        });
        let decisions = record.decisions.iter().map(|decision| Happening {
            at: &decision.opened_at,
            words: self.decision_sentences(decision),
        });
        let all = chair.chain(list).chain(points).chain(speeches);
        all.chain(decisions).collect()
    }

    fn time_used(&self, document: &mut Document) {
        document.block("## Time used");
        let rows: Vec<Vec<String>> = self
            .record
            .delegations
            .iter()
            .map(|it| {
                vec![
                    plain(&it.name),
                    it.status.to_string(),
                    it.speeches.to_string(),
                    duration(it.used_ms),
                ]
            })
            .collect();
        document.table(&["Delegation", "Status", "Speeches", "Time"], &rows);
    }

    fn comings_and_goings(&self, document: &mut Document) {
        if self.record.attendance.is_empty() {
            return;
        }
        document.block("## Attendance");
        let row = |who: &Attendance| {
            vec![
                plain(&who.name),
                who.role.to_string(),
                self.spans(&who.spans),
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
                plain(it.language.as_str()),
                plain(&it.name),
                self.spans(&it.spans),
            ]
        };
        let rows: Vec<Vec<String>> = self.record.interpretation.iter().map(row).collect();
        document.table(&["Language", "Interpreter", "Heard"], &rows);
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
            let about = correction
                .about_seq
                .map(|seq| format!(" to entry {}", seq.0));
            document.block(&format!(
                "{number}. By {} at {}{}: {}",
                self.name(&correction.by),
                self.clock(&correction.at),
                about.unwrap_or_default(),
                plain(&correction.text)
            ));
        }
    }

    fn foot(&self, document: &mut Document) {
        let record = self.record;
        document.block("---");
        document.block(&format!(
            "Drawn up on {} at {} from entries {} to {} of the log of room {}.",
            date(record.generated.zoned()),
            clock(record.generated.zoned()),
            record.from_seq.0,
            record.to_seq.0,
            plain(record.room.id.as_str())
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
            .find(|who| who.person == *person);
        plain(known.map_or(person.as_str(), |who| who.name.as_str()))
    }

    fn is_one_day(&self) -> bool {
        self.began.date() == self.ended.date()
    }

    /// `09:04`, with the date where the meeting went on for days.
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
