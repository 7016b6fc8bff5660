//! Randomness as a port. Tokens, ids and jitter come from here.

use uuid::Uuid;

pub trait Random: Send + Sync {
    /// Fills `buffer` from a source fit for secrets.
    fn fill(&self, buffer: &mut [u8]);

    /// A random (version 4) UUID: 122 bits that cannot be guessed.
    fn uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// Even in `0.0..1.0`.
    fn unit(&self) -> f64 {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    }
}

/// The operating system's generator.
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(
        clippy::expect_used,
        reason = "without randomness no token is safe: better no answer at all"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system gives random bytes");
    }
}
