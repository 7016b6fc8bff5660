//! The pages for people with records and those who help them. They need no JavaScript and speak English and Spanish.
//!
//! What a visitor does travels in the page itself ([`state`]); the record is judged anew with every press of a button, which
//! takes less than a millisecond.

pub(crate) mod demo;
mod edit;
mod edit_form;
pub(crate) mod home;
pub(crate) mod login;
pub(crate) mod paperwork;
mod paperwork_form;
mod questions;
pub(crate) mod record;
pub(crate) mod rules;
pub(crate) mod search;
mod source;
mod state;
#[cfg(test)]
mod tests;
mod view;
