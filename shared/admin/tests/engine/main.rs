//! The engine through real routers, on a real database, as browsers without scripts use it: a model with every kind of column,
//! worked on by people of two organisations.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "what fails here ends the test"
)]

mod attacks;
mod house;
mod work;
