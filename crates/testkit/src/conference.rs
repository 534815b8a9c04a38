//! Conference files in a few lines: a test names only what it is about.

use std::fmt::Write as _;

use plenary_conference::Conference;

/// A conference file that is being written. Where a method takes `more`, that is TOML for the table it adds.
#[derive(Debug, Clone)]
pub struct ConferenceFile(String);

impl ConferenceFile {
    /// Three days in Taipei, without people and rooms.
    pub fn new(languages: &[&str]) -> Self {
        Self(format!(
            "[conference]\nid = \"test\"\nname = \"Conference of Cities\"\ntheme = \"Floods & fires\"\n\
             time_zone = \"Asia/Taipei\"\nstarts = 2021-10-12\nends = 2021-10-14\nlanguages = {languages:?}\n"
        ))
    }

    /// Member delegations with one delegate each: the delegate of `tokyo` is `tokyo-1`.
    #[must_use]
    pub fn cities(self, ids: &[&str]) -> Self {
        ids.iter().fold(self, |file, id| file.city(id, "", ""))
    }

    /// A delegation and its delegate.
    #[must_use]
    pub fn city(mut self, id: &str, more: &str, more_of_delegate: &str) -> Self {
        let name = capitalized(id);
        let country = match id {
            "seoul" => "KR",
            "delhi" => "IN",
            "brussels" => "BE",
            _ => "JP",
        };
        let _ = writeln!(
            self.0,
            "[[delegation]]\nid = \"{id}\"\nname = \"{name}\"\ncountry = \"{country}\"\n{more}"
        );
        let more = format!("delegation = \"{id}\"\n{more_of_delegate}");
        self.person(
            &format!("{id}-1"),
            &format!("{name} delegate"),
            "delegate",
            &more,
        )
    }

    #[must_use]
    pub fn person(mut self, id: &str, name: &str, role: &str, more: &str) -> Self {
        let _ = writeln!(
            self.0,
            "[[person]]\nid = \"{id}\"\nname = \"{name}\"\nrole = \"{role}\"\n{more}"
        );
        self
    }

    /// People without a delegation, called by their ids.
    #[must_use]
    pub fn staff(self, people: &[(&str, &str)]) -> Self {
        let add =
            |file: Self, (id, role): &(&str, &str)| file.person(id, &capitalized(id), role, "");
        people.iter().fold(self, add)
    }

    #[must_use]
    pub fn room(mut self, id: &str, title: &str, more: &str) -> Self {
        let _ = writeln!(
            self.0,
            "[[room]]\nid = \"{id}\"\ntitle = \"{title}\"\n{more}"
        );
        self
    }

    /// An item of the agenda on the first day, which starts at `starts`, such as `09:00`.
    #[must_use]
    pub fn item(mut self, room: &str, title: &str, starts: &str, minutes: u8, more: &str) -> Self {
        let _ = writeln!(
            self.0,
            "[[item]]\nroom = \"{room}\"\ntitle = \"{title}\"\nstarts = 2021-10-12T{starts}:00\nminutes = {minutes}\n{more}"
        );
        self
    }

    pub fn toml(&self) -> &str {
        &self.0
    }

    pub fn parse(&self) -> Conference {
        plenary_conference::parse(self.0.as_bytes(), "test.toml")
            .unwrap_or_else(|faults| panic!("{faults:?} in\n{}", self.0))
    }
}

fn capitalized(id: &str) -> String {
    let (first, rest) = id.split_at(1);
    first.to_uppercase() + rest
}
