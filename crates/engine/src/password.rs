//! Argon2id, off the async threads and few at a time: one hash takes 19 MiB and some 20 ms of a core.

use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::SubmitError;

/// How many passwords are hashed at once.
const AT_ONCE: usize = 2;

static PERMITS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(AT_ONCE));

/// Verified when there is no such account, so that the answer takes as long.
static DECOY: LazyLock<String> =
    LazyLock::new(|| Argon2::default().hash_password(b"decoy").map(|hash| hash.to_string()).unwrap_or_default());

/// The PHC string of a password (`$argon2id$v=19$…`), with a salt of its own.
///
/// # Errors
/// [`SubmitError::Fault`] when hashing fails, which no password causes.
pub async fn hash(password: String) -> Result<String, SubmitError> {
    let password = Zeroizing::new(password);
    work(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
        .await?
        .map_err(|error| SubmitError::Fault(format!("a password could not be hashed: {error}").into()))
}

/// True when `password` is the one behind the PHC string. Takes as long, and is false, without one.
///
/// # Errors
/// [`SubmitError::Fault`] when the work was cut off by a shutdown.
pub async fn verify(password: String, phc: Option<String>) -> Result<bool, SubmitError> {
    let password = Zeroizing::new(password);
    work(move || {
        let known = phc.is_some();
        let phc = phc.unwrap_or_else(|| DECOY.clone());
        let matches =
            PasswordHash::new(&phc).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        matches && known
    })
    .await
}

async fn work<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> Result<T, SubmitError> {
    let _permit = PERMITS.acquire().await.map_err(|_| SubmitError::Stopping)?;
    tokio::task::spawn_blocking(job).await.map_err(|_| SubmitError::Stopping)
}

#[cfg(test)]
mod tests {
    use super::{hash, verify};

    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let phc = hash("correct horse".to_owned()).await.unwrap_or_else(|e| panic!("{e}"));
        assert!(phc.starts_with("$argon2id$v=19$"), "{phc}");
        for (password, phc, expected) in
            [("correct horse", Some(phc.clone()), true), ("wrong", Some(phc), false), ("decoy", None, false)]
        {
            let verified = verify(password.to_owned(), phc).await.unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(verified, expected, "{password}");
        }
    }
}
