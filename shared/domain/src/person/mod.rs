//! What people are called and where they live: names, addresses, e-mail, phone, checked once at the edge.
//!
//! Every type here is made by `parse` and cannot hold anything that `parse` refuses ("parse, don't validate"): a handler
//! that has a [`Zip5`] has five digits. All of them read and write JSON as plain strings, and those that hold personal
//! data print as `Name(…)` under `{:?}`, so that no log line can give a voter away. `Display` and `as_str` do show the value.

mod ascii;
mod contact;
mod date;
mod flag;
mod invalid;
mod language;
pub(crate) mod newtype;
mod phone;
mod place;
mod secret;
mod small_uuid;
mod text;
mod web;

pub use ascii::{fold_to_ascii, slugify};
pub use contact::Email;
pub use date::{BirthDate, parse_date};
pub use flag::{Flag, parse_flag};
pub use invalid::Invalid;
pub use language::Language;
pub use phone::Phone;
pub use place::{StateCode, Zip5};
pub use secret::Secret;
pub use small_uuid::SmallUuid;
pub use text::{Line, Name, Text};
pub use web::{Slug, WebUrl, trim_embed_url};

#[cfg(test)]
mod tests;
