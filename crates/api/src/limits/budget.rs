//! What a person may use, and how much of it one of their devices may.

use std::num::NonZeroU32;

use governor::Quota;

use super::buckets::{Buckets, Refused};
use crate::sender::Sender;

/// Buckets for people and for their devices.
///
/// A device gets at most four fifths of what its person gets. So a client that runs wild always leaves a fifth to the
/// person's others, which is enough to sync, to answer and to log it out.
pub(super) struct Budget {
    people: Buckets,
    devices: Buckets,
}

impl Budget {
    /// So many tokens a second for a person, and so many at once; buckets for so many people and devices.
    pub(super) fn new(per_second: NonZeroU32, at_once: NonZeroU32, keys_max: usize) -> Self {
        let quota = |share: fn(NonZeroU32) -> NonZeroU32| {
            Buckets::new(Quota::per_second(share(per_second)).allow_burst(share(at_once)), keys_max)
        };
        Self { people: quota(|tokens| tokens), devices: quota(four_fifths) }
    }

    /// Takes `tokens` for a request of `sender`.
    pub(super) fn take(&self, sender: &Sender, tokens: NonZeroU32) -> Result<(), Refused> {
        // The device first: what it is refused costs the person nothing.
        self.devices.take((&sender.user_id, &sender.device_id), tokens)?;
        self.people.take(&sender.user_id, tokens)
    }
}

fn four_fifths(tokens: NonZeroU32) -> NonZeroU32 {
    NonZeroU32::new(tokens.get() - tokens.get().div_ceil(5)).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_runs_wild_leaves_a_fifth_to_the_others() {
        let sender =
            |device: &str| Sender { user_id: ruma::owned_user_id!("@alice:h"), device_id: device.into(), asked_at_ms: 0 };
        let budget = Budget::new(NonZeroU32::MIN, NonZeroU32::new(100).unwrap(), 9);
        let taken = |device| (0..1_000).take_while(|_| budget.take(&sender(device), NonZeroU32::MIN).is_ok()).count();
        assert_eq!((taken("WILD"), taken("PHONE"), taken("TABLET")), (80, 20, 0));
    }
}
