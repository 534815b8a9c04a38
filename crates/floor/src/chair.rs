//! The chair: taking it, handing it over, its priority, and the settings that it may change. Rules of order, section
//! 11.

use plenary_ids::PersonId;

use crate::{
    command::Scope,
    draft::Draft,
    event::{ChairStep, Change},
    refusal::{Code, Refusal},
    settings::SettingsPatch,
};

impl Draft<'_> {
    pub(crate) fn take_chair(&mut self) -> Result<(), Refusal> {
        let (Scope::Chair, Some(person)) = (self.actor.scope, self.by()) else {
            return Err(Refusal::new(
                Code::Forbidden,
                "Only a moderator takes the chair.",
            ));
        };
        match &self.floor.chair {
            Some(chair) if *chair != person && self.floor.connected.contains(chair) => {
                let detail =
                    format!("{chair} is in the chair and present; ask for it to be handed over.");
                Err(Refusal::new(Code::Conflict, detail))
            }
            _ => {
                self.seat_in_chair(person);
                Ok(())
            }
        }
    }

    pub(crate) fn hand_over_chair(&mut self, to: &PersonId) -> Result<(), Refusal> {
        self.needs_chair()?;
        self.seat_in_chair(to.clone());
        Ok(())
    }

    /// Seats a person in the chair. The priority of the former chair ends.
    fn seat_in_chair(&mut self, person: PersonId) {
        if self.floor.chair.as_ref() == Some(&person) {
            return;
        }
        if self.floor.chair_priority {
            self.emit(Change::Chair(ChairStep::Priority { on: false }));
        }
        let chair = Some(person);
        self.emit(Change::Chair(ChairStep::Changed { chair }));
    }

    /// Empties the chair of a person who may not preside any more.
    pub(crate) fn unseat(&mut self, person: &PersonId) -> Result<(), Refusal> {
        self.needs_system()?;
        if self.floor.chair.as_ref() == Some(person) {
            if self.floor.chair_priority {
                self.emit_automatic(Change::Chair(ChairStep::Priority { on: false }));
            }
            self.emit_automatic(Change::Chair(ChairStep::Changed { chair: None }));
        }
        Ok(())
    }

    pub(crate) fn set_chair_priority(&mut self, on: bool) -> Result<(), Refusal> {
        self.needs_chair()?;
        if self.floor.chair.is_none() {
            return Err(Refusal::new(
                Code::Conflict,
                "Nobody is in the chair; take it first.",
            ));
        }
        if self.floor.chair_priority != on {
            self.emit(Change::Chair(ChairStep::Priority { on }));
        }
        Ok(())
    }

    pub(crate) fn change_settings(&mut self, patch: &SettingsPatch) -> Result<(), Refusal> {
        self.needs_chair()?;
        if let Some(problem) = patch.problem() {
            return Err(Refusal::new(Code::Invalid, problem));
        }
        let settings = patch.applied_to(&self.floor.settings);
        if settings != *self.floor.settings {
            self.emit(Change::Settings { settings });
        }
        Ok(())
    }
}
