//! What people have typed, in files that other people open.
//!
//! A name may begin like a formula, hold a character that nobody sees, or turn the direction of the words after it. The one
//! writer of tables is [`Table`], the one way to put a name into a sentence is [`isolated`], and [`hidden`] says which
//! characters a reader does not see. It knows nothing of conferences. Start reading at [`Table`].

mod direction;
mod hidden;
mod table;

pub use direction::isolated;
pub use hidden::{Hidden, hidden};
pub use table::{Table, TableError};
