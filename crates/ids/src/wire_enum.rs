//! Enums whose values are single words on the wire and in files.

/// Declares such an enum. Each word stands once, beside its variant; serde, the schema, `ALL`, `as_str` and `Display`
/// follow from it. The crate that uses it depends on `serde` and `schemars`.
///
/// ```
/// plenary_ids::wire_enum! {
///     /// The colour of a clock.
///     #[derive(Default)]
///     pub enum Colour {
///         /// Time is left.
///         #[default]
///         Green = "green",
///         /// Hardly any is left.
///         Amber = "amber",
///     }
/// }
/// assert_eq!(Colour::ALL.map(Colour::as_str), ["green", "amber"]);
/// assert_eq!(serde_json::from_str::<Colour>("\"amber\"")?, Colour::Amber);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! wire_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord,
            ::serde::Serialize, ::serde::Deserialize, ::schemars::JsonSchema,
        )]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word of the wire and of the conference file.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, out: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                out.pad(self.as_str())
            }
        }
    };
}
