//! What people are called and where they live: names, addresses, e-mail, phone, checked once at the edge.
