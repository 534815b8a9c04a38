//! The one writer of tables.

use std::borrow::Cow;

use crate::hidden::hidden;

/// Without it a spreadsheet reads UTF-8 as the encoding of its country.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A table as CSV (RFC 4180) for spreadsheets: a byte order mark, a header, quoted fields and CRLF. A field that a
/// spreadsheet would execute gets an apostrophe in front (CSV injection). A row has as many fields as the header.
///
/// ```
/// let mut table = plenary_text::Table::new(["name", "reason"])?;
/// table.row(["Tokyo, \"first\"".into(), "=1+1".into()])?;
/// assert_eq!(table.finish()?, "\u{feff}name,reason\r\n\"Tokyo, \"\"first\"\"\",'=1+1\r\n");
/// # Ok::<(), plenary_text::TableError>(())
/// ```
#[derive(Debug)]
pub struct Table<const COLUMNS: usize> {
    out: csv::Writer<Vec<u8>>,
}

/// That a table could not be written, which only a fault of the program causes.
pub type TableError = csv::Error;

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// A table with its header.
    pub fn new(columns: [&str; COLUMNS]) -> Result<Self, TableError> {
        let out = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(BYTE_ORDER_MARK.to_string().into_bytes());
        let mut table = Self { out };
        table.row(columns.map(Cow::Borrowed))?;
        Ok(table)
    }

    /// Adds a row.
    pub fn row(&mut self, fields: [Cow<'_, str>; COLUMNS]) -> Result<(), TableError> {
        self.out
            .write_record(fields.map(|field| guarded(field).into_owned()))
    }

    /// The whole table.
    pub fn finish(self) -> Result<String, TableError> {
        let bytes = self
            .out
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// A field that no spreadsheet executes. Some strip what is not seen before they look for a formula.
fn guarded(field: Cow<'_, str>) -> Cow<'_, str> {
    let seen = field.trim_start_matches(|c: char| c.is_whitespace() || hidden(c).is_some());
    if field.starts_with(['\t', '\r', '\n']) || seen.starts_with(begins_formula) {
        Cow::Owned(format!("'{field}"))
    } else {
        field
    }
}

/// The characters that begin a formula, also in the full-width and small forms of East Asian keyboards.
fn begins_formula(c: char) -> bool {
    matches!(
        c,
        '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(field: &str) -> String {
        let mut table = Table::new(["text"]).unwrap();
        table.row([field.into()]).unwrap();
        let text = table.finish().unwrap();
        let rest = text.strip_prefix("\u{feff}text\r\n").unwrap();
        rest.strip_suffix("\r\n").unwrap().to_owned()
    }

    #[test]
    fn a_table_begins_with_a_byte_order_mark_and_its_lines_end_with_cr_lf() {
        let table = Table::new(["a", "b"]).unwrap().finish().unwrap();
        assert_eq!(table.as_bytes(), b"\xef\xbb\xbfa,b\r\n");
    }

    #[test]
    fn a_comma_a_quote_or_a_line_end_stays_in_its_field() {
        for (field, expected) in [
            ("Tokyo delegate", "Tokyo delegate"),
            ("Tokyo, \"first\"", "\"Tokyo, \"\"first\"\"\""),
            ("a\r\nb", "\"a\r\nb\""),
        ] {
            assert_eq!(written(field), expected);
        }
    }

    #[test]
    fn a_field_that_begins_like_a_formula_is_text_also_in_wide_characters_and_behind_what_nobody_sees()
     {
        for formula in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "＝1",
            "＋1",
            "－1",
            "＠a",
            "﹦1",
            " =1",
            "\u{200b}=1",
            "\u{feff}＝1",
            "\u{3000}=1",
        ] {
            assert_eq!(written(formula), format!("'{formula}"));
        }
        for (field, expected) in [("\tx", "'\tx"), ("\rx", "\"'\rx\""), ("\nx", "\"'\nx\"")] {
            assert_eq!(written(field), expected);
        }
        assert_eq!(written("a=1"), "a=1");
    }
}
