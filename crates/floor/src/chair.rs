//! Who is in the chair, its priority, and the settings it may change.

use plenary_ids::PersonId;

use crate::{
    command::Scope,
    decide::Draft,
    event::Event,
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

    /// A priority does not outlive the chair who held it.
    fn seat_in_chair(&mut self, person: PersonId) {
        if self.floor.chair.as_ref() == Some(&person) {
            return;
        }
        if self.floor.chair_priority {
            self.emit(Event::ChairPriority {
                on: false,
                by: self.by(),
            });
        }
        self.emit(Event::ChairChanged {
            chair: Some(person),
            by: self.by(),
        });
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
            self.emit(Event::ChairPriority { on, by: self.by() });
        }
        Ok(())
    }

    pub(crate) fn change_settings(&mut self, patch: &SettingsPatch) -> Result<(), Refusal> {
        self.needs_chair()?;
        let settings = patch.applied_to(&self.floor.settings);
        if let Some(problem) = settings.problem() {
            return Err(Refusal::new(Code::Invalid, problem));
        }
        if settings != *self.floor.settings {
            self.emit(Event::Settings {
                settings,
                by: self.by(),
            });
        }
        Ok(())
    }
}
