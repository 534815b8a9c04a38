//! A text for people in several languages: `title.en = "…"` beside `title.zh-Hant-TW = "…"`.

use std::collections::BTreeMap;

use plenary_ids::Language;
use toml::de::{DeTable, DeValue};

use crate::{
    diagnostic::{Faults, Place, nearest},
    section::{Placed, Section},
};

/// A text by language; empty where the file gives it in one language only. It has the first language of the conference.
pub type Translations = BTreeMap<Language, String>;

/// A text for people.
#[derive(Debug, Default)]
pub(crate) struct Translated {
    /// In the first language of the conference.
    pub(crate) plain: String,
    pub(crate) by_language: Translations,
}

impl Section<'_, '_> {
    /// A text for people, one line: a string, or a table of strings by language. `spoken` are the languages of the
    /// conference; empty where they could not be read.
    pub(crate) fn translated(
        &self,
        key: &'static str,
        spoken: &[Language],
        faults: &mut Faults<'_>,
    ) -> Option<Translated> {
        match self.get(key)?.get_ref() {
            DeValue::Table(table) => self.by_language(key, table, spoken, faults),
            DeValue::String(_) => Some(Translated {
                plain: self.line(key, faults)?,
                by_language: Translations::new(),
            }),
            _ => {
                let wanted = "a string, or strings by language";
                self.expected(key, self.get(key)?, wanted, faults);
                None
            }
        }
    }

    fn by_language(
        &self,
        key: &'static str,
        table: &DeTable<'_>,
        spoken: &[Language],
        faults: &mut Faults<'_>,
    ) -> Option<Translated> {
        let mut by_language = Translations::new();
        let mut complete = true;
        for (tag, value) in table {
            let at: Place = tag.span();
            let tag = tag.get_ref().as_ref();
            let Ok(language) = Language::new(tag) else {
                let message = format!(
                    "\"{}\" in \"{key}\" of {} is no BCP 47 language tag.",
                    tag.escape_debug(),
                    self.title()
                );
                let hint = "Write a tag such as \"en\" or \"zh-Hant-TW\".";
                faults.add(&at, message, hint);
                complete = false;
                continue;
            };
            if !spoken.is_empty() && !spoken.contains(&language) {
                let message = format!("The conference has no language \"{language}\".");
                let hint = nearest(tag, spoken.iter().map(Language::as_str));
                faults.warn(&at, message, hint);
            }
            let text = if let DeValue::String(text) = value.get_ref() {
                let placed = Placed {
                    at: value.span(),
                    value: text.as_ref(),
                };
                self.checked_line(key, &placed, faults)
            } else {
                self.expected(key, value, "a string", faults);
                None
            };
            let Some(text) = text else {
                complete = false;
                continue;
            };
            if by_language.insert(language.clone(), text).is_some() {
                let message = format!(
                    "\"{language}\" stands twice in \"{key}\" of {}.",
                    self.title()
                );
                faults.add(&at, message, "Remove one of them.");
            }
        }
        if !complete {
            return None;
        }
        let plain = match spoken.first() {
            Some(first) => by_language.get(first),
            None => by_language.values().next(),
        };
        if let Some(plain) = plain {
            return Some(Translated {
                plain: plain.clone(),
                by_language,
            });
        }
        let first = spoken.first().map_or("en", Language::as_str);
        let message = format!(
            "\"{key}\" of {} is missing in \"{first}\", the first language of the conference.",
            self.title()
        );
        faults.add(self.at(), message, format!("Add {key}.{first} = \"…\"."));
        None
    }
}
