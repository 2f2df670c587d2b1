//! Randomness that a seed decides.

use engine::EntropySource;
use event_log::{NoRandomness, Salt, Salts};
use parking_lot::Mutex;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// The same numbers for the same seed.
#[derive(Debug)]
pub struct SeededEntropy {
    generator: Mutex<ChaCha20Rng>,
}

impl SeededEntropy {
    /// Randomness from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { generator: Mutex::new(ChaCha20Rng::seed_from_u64(seed)) }
    }
}

impl EntropySource for SeededEntropy {
    fn seed(&self) -> [u8; 32] {
        let mut seed = [0; 32];
        self.generator.lock().fill_bytes(&mut seed);
        seed
    }
}

impl Salts for SeededEntropy {
    fn draw(&self, salts: &mut [Salt]) -> Result<(), NoRandomness> {
        self.generator.lock().fill_bytes(salts.as_flattened_mut());
        Ok(())
    }
}
