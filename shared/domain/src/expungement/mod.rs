//! Oregon record clearance: which charges can be set aside, and when.
