//! The agenda of a room, and the progress of its items.

use plenary_conference::{ItemKind, RecordingStarts, Translations};
use plenary_ids::{ItemId, MediaId, Millis, Moment, PersonId};
use serde::{Deserialize, Serialize};

/// The agenda of a room.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Agenda {
    /// In the order in which they are planned. An item that was postponed stands where it is due now.
    pub items: Vec<AgendaItem>,
    /// The item that is on; a room has at most one.
    pub current: Option<ItemId>,
}

/// An item of the agenda.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AgendaItem {
    /// Its name, the same for as long as the conference lasts.
    pub id: ItemId,
    /// The title that people see.
    pub title: String,
    /// The title by language, where the conference file gives it so.
    #[serde(default, skip_serializing_if = "Translations::is_empty")]
    pub titles: Translations,
    /// The kind of the item, which decides how its speeches run.
    pub kind: ItemKind,
    /// When it is planned to begin.
    #[serde(with = "crate::rfc3339")]
    #[schemars(with = "String")]
    pub starts: Moment,
    /// When it is expected now, if it was postponed.
    #[serde(
        default,
        with = "crate::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub due: Option<Moment>,
    /// How long it is planned to take.
    pub minutes: u32,
    /// The planned speakers, in order.
    pub speakers: Vec<PersonId>,
    /// The time of each planned speech, or of every speech where none is planned; absent: the room's.
    #[serde(default, rename = "limit_ms", skip_serializing_if = "Option::is_none")]
    pub limit: Option<Millis>,
    /// The recorded address that is played in it, as a file of the media library.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<MediaId>,
    /// The person who speaks in the recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beneficiary: Option<PersonId>,
    /// What begins the recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording_starts: Option<RecordingStarts>,
    /// Whether it is planned, on or done.
    pub state: ItemState,
    /// When it was first taken up.
    #[serde(
        default,
        with = "crate::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub began: Option<Moment>,
    /// The moment at which it was done.
    #[serde(
        default,
        with = "crate::rfc3339::optional",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub ended: Option<Moment>,
}

/// The progress of an agenda item.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// It has not been taken up.
    #[default]
    Planned,
    /// It is taken up now.
    On,
    /// Over; it may be taken up again.
    Done,
}

/// A room that is a day late is not shown as late: the plan of that day was not followed at all.
const A_DAY: Millis = Millis::from_secs(24 * 60 * 60);

impl Agenda {
    /// The item that is on.
    pub fn on(&self) -> Option<&AgendaItem> {
        let current = self.current.as_ref()?;
        self.items.iter().find(|item| item.id == *current)
    }

    /// The next item: the first that is still planned.
    pub fn next(&self) -> Option<&AgendaItem> {
        let mut planned = self.items.iter();
        planned.find(|item| item.state == ItemState::Planned)
    }

    /// How late the room runs: the largest of how late the present item began, how far it is beyond its planned end,
    /// and how far the planned beginning of the next has gone by. Of an item that was postponed the time at which it is due
    /// now counts; the others keep theirs. Zero if the room is in time; none if nothing is left to be late with, or the
    /// planned day is over.
    pub fn late(&self, now: Moment) -> Option<Millis> {
        let (on, next) = (self.on(), self.next());
        let began = on.and_then(|item| Some(item.began?.since(item.expected())));
        let overrun = on.map(|item| now.since(item.ends()));
        let waits = next.map(|item| now.since(item.expected()));
        let late = [began, overrun, waits].into_iter().flatten().max()?;
        (late < A_DAY).then_some(late)
    }
}

impl AgendaItem {
    /// When it is to begin: as planned, or as postponed.
    pub fn expected(&self) -> Moment {
        self.due.unwrap_or(self.starts)
    }

    /// When it is to end.
    pub fn ends(&self) -> Moment {
        self.expected()
            .after(Millis::from_secs(u64::from(self.minutes) * 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NINE: Moment = Moment(1_634_000_400_000);

    fn minutes(minutes: u64) -> Millis {
        Millis::from_secs(minutes * 60)
    }

    fn item(id: &str, after: u64, state: ItemState, began: Option<u64>) -> AgendaItem {
        AgendaItem {
            id: id.parse().unwrap(),
            title: id.to_owned(),
            titles: Translations::new(),
            kind: ItemKind::Presentations,
            starts: NINE.after(minutes(after)),
            due: None,
            minutes: 20,
            speakers: Vec::new(),
            limit: None,
            recording: None,
            beneficiary: None,
            recording_starts: None,
            state,
            began: began.map(|after| NINE.after(minutes(after))),
            ended: None,
        }
    }

    fn agenda(items: Vec<AgendaItem>) -> Agenda {
        let on = items.iter().find(|item| item.state == ItemState::On);
        Agenda {
            current: on.map(|item| item.id.clone()),
            items,
        }
    }

    #[test]
    fn a_room_in_which_nothing_has_begun_is_late_from_the_first_planned_minute() {
        let planned = agenda(vec![item("a", 0, ItemState::Planned, None)]);
        assert_eq!(planned.late(Moment(0)), Some(Millis(0)));
        assert_eq!(planned.late(NINE.after(minutes(7))), Some(minutes(7)));
        assert_eq!(planned.next().map(|item| item.id.as_str()), Some("a"));
        assert_eq!(planned.late(NINE.after(minutes(60 * 24 * 30))), None);
    }

    #[test]
    fn an_item_that_began_late_stays_late_and_one_that_overruns_becomes_late() {
        let first = |began| {
            agenda(vec![
                item("a", 0, ItemState::On, Some(began)),
                item("b", 20, ItemState::Planned, None),
            ])
        };
        assert_eq!(first(5).late(NINE.after(minutes(6))), Some(minutes(5)));
        assert_eq!(first(0).late(NINE.after(minutes(19))), Some(Millis(0)));
        assert_eq!(first(0).late(NINE.after(minutes(23))), Some(minutes(3)));
    }

    #[test]
    fn a_postponed_item_is_late_from_when_it_is_due_and_the_next_from_its_planned_time() {
        let mut both = agenda(vec![
            item("b", 20, ItemState::Planned, None),
            item("a", 0, ItemState::Planned, None),
        ]);
        both.items[1].due = Some(NINE.after(minutes(40)));
        assert_eq!(both.late(NINE.after(minutes(19))), Some(Millis(0)));
        assert_eq!(both.late(NINE.after(minutes(23))), Some(minutes(3)));
        both.items.remove(0);
        assert_eq!(both.late(NINE.after(minutes(23))), Some(Millis(0)));
        assert_eq!(both.late(NINE.after(minutes(41))), Some(minutes(1)));
    }

    #[test]
    fn the_last_item_is_late_beyond_its_end_and_a_finished_agenda_is_not() {
        let last = agenda(vec![item("a", 0, ItemState::On, Some(0))]);
        assert_eq!(last.late(NINE.after(minutes(22))), Some(minutes(2)));
        let done = agenda(vec![item("a", 0, ItemState::Done, Some(0))]);
        assert_eq!(done.late(NINE.after(minutes(22))), None);
    }
}
