//! Accounts and organisations through their real routers, on a real database, with the local twins: what works, and each attack
//! that is known by name.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "what fails here ends the test"
)]

mod abuse;
mod attacks;
mod house;
mod passkeys;
mod people;
mod tenants;
