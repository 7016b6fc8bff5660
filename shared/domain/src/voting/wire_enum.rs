/// Declares a closed list of wire codes: an enum with `ALL`, `as_str`, `parse`, `Display`, `FromStr` and serde, all by code.
///
/// What people read (labels) is never used as data: it comes from a method of the enum that needs it.
macro_rules! wire_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
        }

        impl $name {
            /// Every value, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The wire code.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// Reads a wire code.
            ///
            /// # Errors
            /// `invalid_choice` for anything else: `"X" is not a valid choice.`
            pub fn parse(text: &str) -> Result<Self, $crate::Invalid> {
                match text {
                    $($code => Ok(Self::$variant),)+
                    other => Err($crate::Invalid::choice(other)),
                }
            }
        }

        impl $crate::WireEnum for $name {
            const CODES: &'static [&'static str] = &[$($code),+];
            fn from_code(code: &str) -> Result<Self, $crate::Invalid> {
                Self::parse(code)
            }
        }

        $crate::person::newtype::checked_text!(@common $name);
    };
}
pub(crate) use wire_enum;
