//! Text of any direction within a sentence, by the isolates of the bidirectional algorithm (UAX #9).

use std::borrow::Cow;

use crate::hidden::{Hidden, hidden};

/// First strong isolate: what follows has its own direction.
const FSI: char = '\u{2068}';
/// Pop directional isolate: ends the isolate that was begun last.
const PDI: char = '\u{2069}';

/// A text as it may stand within another: in an isolate, if it could reorder what stands around it. Isolates that the
/// text itself leaves open are closed, and ends of isolates that it did not begin are left out.
///
/// ```
/// assert_eq!(plenary_text::isolated("Tokyo"), "Tokyo");
/// assert_eq!(plenary_text::isolated("\u{202e}oykoT"), "\u{2068}\u{202e}oykoT\u{2069}");
/// ```
pub fn isolated(text: &str) -> Cow<'_, str> {
    if !text.chars().any(reorders) {
        return Cow::Borrowed(text);
    }
    let mut isolate = String::with_capacity(text.len() + 2 * FSI.len_utf8());
    isolate.push(FSI);
    let mut open = 0_usize;
    for c in text.chars() {
        match c {
            '\u{2066}'..=FSI => open = open.saturating_add(1),
            PDI if open == 0 => continue,
            PDI => open = open.saturating_sub(1),
            _ => {}
        }
        isolate.push(c);
    }
    // The last one also ends every embedding and override within (rule X6a).
    isolate.extend(std::iter::repeat_n(PDI, open.saturating_add(1)));
    Cow::Owned(isolate)
}

/// Whether a character is written from right to left, or changes the direction.
fn reorders(c: char) -> bool {
    let right_to_left = matches!(c,
        '\u{0590}'..='\u{08ff}'
        | '\u{fb1d}'..='\u{fdff}'
        | '\u{fe70}'..='\u{fefe}'
        | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1efff}');
    right_to_left || hidden(c) == Some(Hidden::Directional)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_that_is_written_from_right_to_left_is_isolated_and_joiners_are_kept() {
        assert_eq!(isolated("القاهرة"), "\u{2068}القاهرة\u{2069}");
        assert_eq!(
            isolated("می\u{200c}خواهم"),
            "\u{2068}می\u{200c}خواهم\u{2069}"
        );
        for plain in ["", "Tokyo", "臺北市", "👩\u{200d}🚒"] {
            assert!(matches!(isolated(plain), Cow::Borrowed(same) if same == plain));
        }
    }

    #[test]
    fn a_name_that_ends_the_isolate_around_it_stays_within() {
        assert_eq!(isolated("a\u{2069}\u{202e}b"), "\u{2068}a\u{202e}b\u{2069}");
        assert_eq!(isolated("\u{2067}x"), "\u{2068}\u{2067}x\u{2069}\u{2069}");
    }

    proptest! {
        #[test]
        fn every_isolate_that_begins_in_the_text_ends_in_it(text in "[a\u{5d0}\u{202a}-\u{202e}\u{2066}-\u{2069}]{0,12}") {
            let mut open = 0_i32;
            let isolated = isolated(&text);
            for (index, c) in isolated.char_indices() {
                open += match c {
                    '\u{2066}'..=FSI => 1,
                    PDI => -1,
                    _ => 0,
                };
                let is_last = index + c.len_utf8() == isolated.len();
                prop_assert!(open > 0 || is_last || isolated == text, "{isolated:?}");
            }
            prop_assert_eq!(open, 0);
        }
    }
}
