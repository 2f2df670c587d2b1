//! How many bytes wait for the log. Their number is bounded too, but a unit can be large: its facts, and their JSON.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use event_log::Unit;

use crate::SubmitError;

/// Bytes of the payloads of one unit: of all that one command decides.
pub const UNIT_BYTES_MAX: usize = event_log::MAX_UNIT_BYTES;

/// The bytes under way.
#[derive(Clone)]
pub(crate) struct Queued {
    bytes: Arc<AtomicUsize>,
    bytes_max: usize,
}

/// What one unit takes of them, until this is dropped.
pub(crate) struct Weight {
    of: Queued,
    bytes: usize,
}

impl Queued {
    /// Nothing yet, and at most so much. One over is refused.
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { bytes: Arc::default(), bytes_max }
    }

    /// Takes room for a unit.
    ///
    /// # Errors
    /// [`SubmitError::Overloaded`] when there is none.
    pub(crate) fn weigh(&self, unit: &Unit) -> Result<Weight, SubmitError> {
        let bytes = unit.drafts.iter().map(|draft| draft.payload.len()).sum();
        let before = self.bytes.fetch_add(bytes, Ordering::SeqCst);
        // Given back by its drop if there was no room.
        let weight = Weight { of: self.clone(), bytes };
        if before.saturating_add(bytes) > self.bytes_max { Err(SubmitError::Overloaded) } else { Ok(weight) }
    }
}

impl Drop for Weight {
    fn drop(&mut self) {
        self.of.bytes.fetch_sub(self.bytes, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use event_log::{Class, Draft};

    use super::*;

    #[test]
    fn so_many_bytes_wait_and_no_more() {
        let unit = |bytes| {
            let (stream, kind, payload) = ("room:!r:h".to_owned(), "test".to_owned(), vec![b' '; bytes]);
            Unit::of(vec![Draft { stream, kind, kind_version: 1, class: Class::Plain, payload }])
        };
        let (queued, part) = (Queued::new(1 << 20), unit(1 << 18));
        let mut weights: Vec<Weight> = (0..4).map(|_| queued.weigh(&part).ok().unwrap()).collect();
        assert!(matches!(queued.weigh(&unit(1)), Err(SubmitError::Overloaded)));
        weights.pop();
        assert!(queued.weigh(&part).is_ok());
        drop(weights);
        assert_eq!(queued.bytes.load(Ordering::SeqCst), 0);
    }
}
