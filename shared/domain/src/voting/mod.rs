//! Voter registration: what a voter tells us, and what the states ask.
