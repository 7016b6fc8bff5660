//! The whole house, run as a user runs it: the real `commonweal serve` in a process of its own, driven over HTTP.

mod flow;
mod host;
mod hostile;
mod kill;
mod outage;
