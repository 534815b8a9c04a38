//! Characters that nobody sees.

/// What a character does that is not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    /// It is a difference that nobody sees, such as a zero-width space in a name.
    Invisible,
    /// It changes the direction of the text around it (UAX #9, section 2).
    Directional,
}

/// What a character does that is not seen, if it is one. The zero-width joiner and non-joiner are none, because many
/// scripts and emoji need them, and neither are variation selectors.
///
/// ```
/// use plenary_text::{Hidden, hidden};
/// assert_eq!(hidden('\u{202e}'), Some(Hidden::Directional));
/// assert_eq!(hidden('\u{200b}'), Some(Hidden::Invisible));
/// assert_eq!((hidden('\u{200d}'), hidden('京')), (None, None));
/// ```
pub fn hidden(c: char) -> Option<Hidden> {
    match c {
        '\u{061c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => Some(Hidden::Directional),
        // Soft hyphen, fillers, zero-width spaces, line separators, invisible operators, annotations, and tags.
        '\u{00ad}'
        | '\u{034f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{2060}'..='\u{2064}'
        | '\u{206a}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e007f}' => Some(Hidden::Invisible),
        _ => None,
    }
}
