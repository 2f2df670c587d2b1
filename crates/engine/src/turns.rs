//! Turns of people: one person, with however many devices, has one long and one short read at work at a time. Their others wait for
//! those, and not others for them.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use ruma::{OwnedUserId, UserId};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::yield_now,
};

use crate::SubmitError;

/// Long reads of one person that wait or are at work. One over is refused with [`SubmitError::Overloaded`], so that nobody takes
/// everybody's places.
pub const PERSON_LONG_READS_MAX: usize = 64;

/// Everybody who reads. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Turns {
    people: Arc<Mutex<HashMap<OwnedUserId, Entry>>>,
}

#[derive(Default)]
struct Entry {
    /// How many hold it.
    readers: usize,
    of: Arc<OfPerson>,
}

struct OfPerson {
    /// Places for long reads: of the one at work, and of those that wait.
    places: Semaphore,
    long: Semaphore,
    short: Semaphore,
}

/// Somebody who reads, as long as they do.
pub(crate) struct Person {
    user: OwnedUserId,
    of: Arc<OfPerson>,
    turns: Turns,
}

/// A turn, which ends when it is dropped.
pub(crate) struct Turn<'p> {
    _turn: SemaphorePermit<'p>,
    _place: Option<SemaphorePermit<'p>>,
    has_waited: bool,
}

impl Turn<'_> {
    /// Whether another read of the same person came first.
    pub(crate) fn has_waited(&self) -> bool {
        self.has_waited
    }
}

impl Default for OfPerson {
    fn default() -> Self {
        Self { places: Semaphore::new(PERSON_LONG_READS_MAX), long: Semaphore::new(1), short: Semaphore::new(1) }
    }
}

impl Turns {
    /// A place among those who read. Nobody waits here yet.
    pub(crate) fn of(&self, user: &UserId) -> Person {
        let mut people = self.people.lock();
        let entry = people.entry(user.to_owned()).or_default();
        entry.readers += 1;
        Person { user: user.to_owned(), of: Arc::clone(&entry.of), turns: self.clone() }
    }
}

impl Person {
    /// Waits for this person's turn at what takes a while.
    ///
    /// # Errors
    /// [`SubmitError::Overloaded`] when too many of theirs wait already.
    pub(crate) async fn long(&self) -> Result<Turn<'_>, SubmitError> {
        let place = self.of.places.try_acquire().map_err(|_| SubmitError::Overloaded)?;
        let (turn, has_waited) = turn(&self.of.long).await?;
        Ok(Turn { _turn: turn, _place: Some(place), has_waited })
    }

    /// Waits for this person's turn at what takes little.
    ///
    /// # Errors
    /// [`SubmitError::Stopping`], never in fact.
    pub(crate) async fn short(&self) -> Result<Turn<'_>, SubmitError> {
        let (turn, has_waited) = turn(&self.of.short).await?;
        Ok(Turn { _turn: turn, _place: None, has_waited })
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        let mut people = self.turns.people.lock();
        if let Some(entry) = people.get_mut(&self.user) {
            entry.readers -= 1;
            if entry.readers == 0 {
                people.remove(&self.user);
            }
        }
    }
}

/// A turn, and whether there was somebody to wait for.
async fn turn(turns: &Semaphore) -> Result<(SemaphorePermit<'_>, bool), SubmitError> {
    if let Ok(turn) = turns.try_acquire() {
        return Ok((turn, false));
    }
    // The semaphore is never closed, so there always is a turn in the end.
    let turn = turns.acquire().await.map_err(|_| SubmitError::Stopping)?;
    // Who has just ended wakes the next one of the same person, and that would come before everybody else who is ready.
    yield_now().await;
    Ok((turn, true))
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::{Pin, pin},
        task::{Context, Poll, Waker},
    };

    use ruma::user_id;

    use super::*;

    fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn whoever_has_many_devices_waits_for_themselves_and_nobody_else_does() {
        let turns = Turns::default();
        let heavy: Vec<Person> = (0..900).map(|_| turns.of(user_id!("@heavy:h"))).collect();
        let other = turns.of(user_id!("@other:h"));
        let mut waiting: Vec<_> = heavy.iter().map(|person| Box::pin(person.short())).collect();
        let polled: Vec<_> = waiting.iter_mut().map(|one| poll(one.as_mut())).collect();
        let at_work: Vec<_> = polled.into_iter().filter(Poll::is_ready).collect();
        assert_eq!(at_work.len(), 1, "of 900 devices");
        let others = poll(pin!(other.short()));
        assert!(matches!(others, Poll::Ready(Ok(turn)) if !turn.has_waited()), "somebody else comes at once");
        assert!(poll(pin!(heavy[0].long())).is_ready(), "what takes long keeps what takes little waiting no more than that");
        drop(at_work);
        assert!(poll(waiting[1].as_mut()).is_pending(), "the next one lets others go first");
        let next = poll(waiting[1].as_mut());
        assert!(matches!(next, Poll::Ready(Ok(turn)) if turn.has_waited()), "and gives way on the processors too");
    }

    #[test]
    fn one_person_takes_only_their_own_places() {
        let turns = Turns::default();
        let (heavy, other) = (turns.of(user_id!("@heavy:h")), turns.of(user_id!("@other:h")));
        let mut waiting: Vec<_> = (0..PERSON_LONG_READS_MAX).map(|_| Box::pin(heavy.long())).collect();
        let turn = poll(waiting.remove(0).as_mut());
        assert!(matches!(turn, Poll::Ready(Ok(_))));
        assert!(waiting.iter_mut().all(|one| poll(one.as_mut()).is_pending()));
        assert!(matches!(poll(pin!(heavy.long())), Poll::Ready(Err(SubmitError::Overloaded))));
        assert!(matches!(poll(pin!(other.long())), Poll::Ready(Ok(_))));
    }

    #[test]
    fn nobody_is_kept_who_reads_no_more() {
        let turns = Turns::default();
        let (first, second) = (turns.of(user_id!("@a:h")), turns.of(user_id!("@a:h")));
        drop(first);
        assert!(poll(pin!(second.short())).is_ready());
        assert_eq!(turns.people.lock().len(), 1);
        drop(second);
        assert!(turns.people.lock().is_empty());
    }
}
