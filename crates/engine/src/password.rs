//! Argon2id, off the async threads and few at a time: one hash takes 19 MiB and some 20 ms of a core.

use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::SubmitError;

/// What hashing one password takes, bytes: Argon2's usual `m`, 19 MiB.
pub const PASSWORD_MEMORY_BYTES: usize = argon2::Params::DEFAULT_M_COST as usize * 1_024;
/// How many wait for that, those that are being hashed included: about a second's work.
const WAITING_MAX: usize = 64;

/// Verified when there is no such account, so that the answer takes as long.
static DECOY: LazyLock<String> =
    LazyLock::new(|| Argon2::default().hash_password(b"decoy").map(|hash| hash.to_string()).unwrap_or_default());

/// Hashes passwords.
pub struct Passwords(Queue);

impl Passwords {
    /// So many are hashed at once.
    #[must_use]
    pub const fn new(at_once: usize) -> Self {
        Self(Queue::new(at_once, WAITING_MAX))
    }

    /// The PHC string of a password (`$argon2id$v=19$…`), with a salt of its own.
    ///
    /// # Errors
    /// [`SubmitError::Overloaded`] when too many wait already; [`SubmitError::Fault`] when hashing fails, which no password
    /// causes.
    pub async fn hash(&self, password: String) -> Result<String, SubmitError> {
        let password = Zeroizing::new(password);
        self.0
            .work(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|error| SubmitError::Fault(format!("a password could not be hashed: {error}").into()))
    }

    /// True when `password` is the one behind the PHC string. Takes as long, and is false, without one.
    ///
    /// # Errors
    /// [`SubmitError::Overloaded`] when too many wait already; [`SubmitError::Stopping`] when the work was cut off by a shutdown.
    pub async fn verify(&self, password: String, phc: Option<String>) -> Result<bool, SubmitError> {
        let password = Zeroizing::new(password);
        let job = move || {
            let known = phc.is_some();
            let phc = phc.unwrap_or_else(|| DECOY.clone());
            let is_right = |hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
            PasswordHash::new(&phc).is_ok_and(is_right) && known
        };
        self.0.work(job).await
    }
}

/// Work that takes long, a little of it at once, and a bounded number that waits.
struct Queue {
    places: Semaphore,
    workers: Semaphore,
}

impl Queue {
    const fn new(at_once: usize, waiting_max: usize) -> Self {
        Self { places: Semaphore::const_new(waiting_max), workers: Semaphore::const_new(at_once) }
    }

    async fn work<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, SubmitError> {
        let _place = self.places.try_acquire().map_err(|_| SubmitError::Overloaded)?;
        let _worker = self.workers.acquire().await.map_err(|_| SubmitError::Stopping)?;
        tokio::task::spawn_blocking(job).await.map_err(|_| SubmitError::Stopping)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Passwords, Queue, SubmitError};

    #[tokio::test]
    async fn what_finds_no_place_in_the_queue_is_told_so_at_once() {
        let queue = Arc::new(Queue::new(1, 2));
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let first = tokio::spawn({
            let queue = queue.clone();
            async move { queue.work(move || wait.recv().is_ok()).await }
        });
        let second = tokio::spawn({
            let queue = queue.clone();
            async move { queue.work(|| ()).await }
        });
        while queue.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(queue.work(|| ()).await, Err(SubmitError::Overloaded)));
        drop(go);
        assert!(matches!((first.await, second.await), (Ok(Ok(false)), Ok(Ok(())))));
        assert!(queue.work(|| ()).await.is_ok());
    }

    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let passwords = Passwords::new(2);
        let phc = passwords.hash("correct horse".to_owned()).await.unwrap_or_else(|e| panic!("{e}"));
        assert!(phc.starts_with("$argon2id$v=19$"), "{phc}");
        for (password, phc, expected) in
            [("correct horse", Some(phc.clone()), true), ("wrong", Some(phc), false), ("decoy", None, false)]
        {
            let verified = passwords.verify(password.to_owned(), phc).await.unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(verified, expected, "{password}");
        }
    }
}
