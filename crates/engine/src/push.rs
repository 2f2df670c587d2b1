//! Tells the pushers of people what is new while their clients sleep (spec: "Push Notifications"). Each pusher waits as a sync does, looks
//! up what there is to tell once somebody has touched its owner, and tells it through a port. How far each was told is a fact, so that a
//! start goes on from there; what was told shortly before the power went may be told twice.

mod backoff;
pub(crate) mod changed;
mod gateway;
mod notification;
mod served;

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    sync::Semaphore,
    task::{Id, JoinSet},
};
use views::push::{PusherKey, pusher_keys};

use crate::{Engine, SubmitError};

use changed::Changed;
pub use gateway::{PushError, PushGateway, PushPace};
use served::Served;

/// Pushers that are served, in the order of their owners' names. One that waits takes a kilobyte or two.
const SERVED_MAX: usize = 10_000;
/// Requests that are under way at once.
const SENT_AT_ONCE: usize = 32;
/// How soon to look again for pushers when the views cannot be read.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

impl Engine {
    /// Has [`Engine::run_pushers`] end, now that the engine's waiters have ended.
    pub fn end_pushers(&self) {
        self.pushers().wake();
    }

    /// Serves every pusher there is and will be, until the engine's waiters end and [`Engine::end_pushers`] is called.
    pub async fn run_pushers(&self, gateway: Arc<dyn PushGateway>, pace: PushPace) {
        let places = Arc::new(Semaphore::new(SENT_AT_ONCE));
        let (mut under_way, mut served) = (JoinSet::new(), HashMap::<PusherKey, Id>::new());
        self.pushers().look_later();
        while !self.waiters().is_ending() {
            let found = self.changed_pushers().unwrap_or_else(|_| {
                self.pushers().look_later();
                Vec::new()
            });
            for key in found {
                if served.len() < SERVED_MAX && !served.contains_key(&key) {
                    let one = Served::new(self.clone(), Arc::clone(&gateway), pace, Arc::clone(&places), key.clone());
                    served.insert(key, under_way.spawn(one.run()).id());
                }
            }
            tokio::select! {
                () = self.pushers().wait(LOOK_AGAIN) => {}
                Some(ended) = under_way.join_next_with_id() => {
                    let (id, has_panicked) = ended.map_or_else(|error| (error.id(), true), |(id, ())| (id, false));
                    // Another one of its name may have been set meanwhile. One that has panicked rests until it is set again.
                    for ((user_id, ..), _) in served.extract_if(|_, known| *known == id) {
                        if !has_panicked {
                            self.pushers().note(&user_id);
                        }
                    }
                }
            }
        }
        // Each writes down how far it was told.
        while under_way.join_next().await.is_some() {}
    }

    /// The pushers of those whose pushers may have changed.
    fn changed_pushers(&self) -> Result<Vec<PusherKey>, SubmitError> {
        let rows = self.rows();
        match self.pushers().take() {
            Changed::All => Ok(pusher_keys(&*rows, None, SERVED_MAX)?),
            Changed::Of(people) => {
                let mut found = Vec::new();
                for user_id in people {
                    found.extend(pusher_keys(&*rows, Some(&user_id), SERVED_MAX)?);
                }
                Ok(found)
            }
        }
    }
}
