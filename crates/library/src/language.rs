//! Matroska's language codes as BCP 47 tags.

use plenary_ids::Language;

/// ISO 639-2 codes, which Matroska has in `Language`, of languages that have a shorter tag. RFC 5646, section 2.2.1,
/// wants the shortest.
const SHORT: &[(&str, &str)] = &[
    ("ara", "ar"),
    ("ben", "bn"),
    ("chi", "zh"),
    ("zho", "zh"),
    ("cze", "cs"),
    ("ces", "cs"),
    ("dan", "da"),
    ("dut", "nl"),
    ("nld", "nl"),
    ("eng", "en"),
    ("fin", "fi"),
    ("fre", "fr"),
    ("fra", "fr"),
    ("ger", "de"),
    ("deu", "de"),
    ("gre", "el"),
    ("ell", "el"),
    ("heb", "he"),
    ("hin", "hi"),
    ("hun", "hu"),
    ("ind", "id"),
    ("ita", "it"),
    ("jpn", "ja"),
    ("kaz", "kk"),
    ("khm", "km"),
    ("kor", "ko"),
    ("lao", "lo"),
    ("may", "ms"),
    ("msa", "ms"),
    ("mon", "mn"),
    ("nep", "ne"),
    ("nor", "no"),
    ("per", "fa"),
    ("fas", "fa"),
    ("pol", "pl"),
    ("por", "pt"),
    ("rus", "ru"),
    ("sin", "si"),
    ("spa", "es"),
    ("swe", "sv"),
    ("tam", "ta"),
    ("tgl", "tl"),
    ("tha", "th"),
    ("tur", "tr"),
    ("ukr", "uk"),
    ("urd", "ur"),
    ("uzb", "uz"),
    ("vie", "vi"),
];

/// The language that a track names; none if it names none, or one that is no language.
pub(crate) fn language(named: &str) -> Option<Language> {
    let short = SHORT.iter().find(|(long, _)| *long == named);
    let tag = short.map_or(named, |(_, short)| *short);
    // Undetermined, no linguistic content, several, and without a code (ISO 639-2).
    if matches!(tag, "und" | "zxx" | "mul" | "mis") {
        return None;
    }
    Language::new(tag).ok()
}

/// The three letters of ISO 639-2 that Matroska has in `Language` for a language, as far as it is a common one.
pub fn iso639_2(language: &Language) -> Option<&'static str> {
    let primary = language.as_str().split('-').next()?;
    // Of two codes the bibliographic one stands first, and is the one that Matroska wants.
    SHORT
        .iter()
        .find(|(_, short)| *short == primary)
        .map(|(long, _)| *long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_has_its_shortest_tag() {
        let tag = |named| language(named).map(|it| it.to_string());
        assert_eq!(tag("jpn").as_deref(), Some("ja"));
        assert_eq!(tag("zh-hant-tw").as_deref(), Some("zh-Hant-TW"));
        assert_eq!(tag("haw").as_deref(), Some("haw"));
        assert_eq!((tag("und"), tag("?")), (None, None));
    }

    #[test]
    fn a_language_has_its_three_letters_for_older_readers() {
        let letters = |tag| iso639_2(&Language::new(tag).unwrap());
        assert_eq!(letters("zh-Hant-TW"), Some("chi"));
        assert_eq!(letters("ja"), Some("jpn"));
        assert_eq!(letters("haw"), None);
    }
}
