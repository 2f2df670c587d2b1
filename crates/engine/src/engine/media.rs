//! Media bytes come and go with the facts about them: bytes first when they come, and bytes first when they go, so that a crash
//! leaves at most bytes that nobody names. Those a sweep takes away.

use std::time::Duration;

use domain::user::media::{ERASED_AT_ONCE_MAX, EraseMedia, UploadMedia, UploadName};
use projection::parked;
use ruma::{OwnedUserId, UserId};
use views::{
    accounts::member_profile,
    media::{MediaRow, is_mentioned, media, named, owned, owned_after, owners_erased},
};

use super::Engine;
use crate::{
    SubmitError,
    blobs::{BlobDigest, BlobError, BlobWriter, Blobs},
};

/// Parked records that are looked through for facts about media.
const PARKED_MAX: usize = 10_000;
/// Erased accounts whose media one sweep erases.
const ERASED_OWNERS_MAX: usize = 1_000;

impl From<BlobError> for SubmitError {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::Full => Self::Full,
            BlobError::Io(error) => Self::Fault(format!("the blob store failed: {error}").into()),
        }
    }
}

impl Engine {
    /// Where media bytes are.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.shared.blobs
    }

    /// Keeps what was written and records it. Returns the last part of its address. Whoever may be stopped in the middle has to
    /// spawn this: the bytes must not be given up while the record is on its way.
    ///
    /// # Errors
    /// What the rules refuse; then the bytes are gone, unless somebody else has uploaded the same. What the storages cannot do.
    pub async fn record_upload(
        &self,
        written: Box<dyn BlobWriter>,
        size_bytes: u64,
        name: UploadName,
    ) -> Result<String, SubmitError> {
        let shared = self.blobs().gate().read().await;
        let digest = written.keep().await?;
        let recorded = self.submit(UploadMedia { name, digest, size_bytes }).await;
        drop(shared);
        // After any other error the record may be in the log all the same.
        if let Err(SubmitError::Rejected(_) | SubmitError::Overloaded) = &recorded {
            self.delete_unless_named(&digest, &[]).await?;
        }
        recorded
    }

    /// Erases what a person has uploaded, all of it. Cut off and called again, it goes on.
    ///
    /// # Errors
    /// When a storage does not answer.
    pub(crate) async fn erase_media_of(&self, user_id: OwnedUserId) -> Result<(), SubmitError> {
        loop {
            let media_ids = owned(&*self.rows(), &user_id, ERASED_AT_ONCE_MAX)?;
            if media_ids.is_empty() {
                return Ok(());
            }
            self.erase(user_id.clone(), media_ids).await?;
        }
    }

    /// The bytes go first: what is cut off is found again by the addresses, which are there as long as it is not done.
    async fn erase(&self, user_id: OwnedUserId, media_ids: Vec<String>) -> Result<(), SubmitError> {
        for media_id in &media_ids {
            let found = media(&*self.rows(), media_id)?;
            if let Some(MediaRow::Uploaded { media, .. }) = found {
                self.delete_unless_named(&media.digest.0, &media_ids).await?;
            }
        }
        self.submit(EraseMedia { user_id, media_ids }).await
    }

    /// Erases those of these media that are the person's and that nothing names that the server can see: no event in clear, not
    /// their profile. Returns how many.
    ///
    /// # Errors
    /// When a storage does not answer.
    pub(crate) async fn forget_media(&self, user_id: OwnedUserId, media_ids: Vec<String>) -> Result<usize, SubmitError> {
        let mut forgotten = Vec::new();
        for media_id in media_ids {
            let Some(MediaRow::Uploaded { media, .. }) = media(&*self.rows(), &media_id)? else { continue };
            if media.user_id == user_id && !self.is_shown(&user_id, &media_id)? {
                forgotten.push(media_id);
            }
        }
        let count = forgotten.len();
        if count > 0 {
            self.erase(user_id, forgotten).await?;
        }
        Ok(count)
    }

    /// Erases what was uploaded before a position and is shown by nothing that the server can see. Returns how many files.
    ///
    /// # Errors
    /// As [`Engine::sweep_media`].
    pub(crate) async fn forget_media_before(&self, before: u64) -> Result<usize, SubmitError> {
        self.check_media_is_known()?;
        let (mut after, mut count) = (None, 0);
        loop {
            let page = owned_after(&*self.rows(), after.as_ref(), ERASED_AT_ONCE_MAX)?;
            for of_one in page.chunk_by(|(one, _), (other, _)| one == other) {
                let mut old = Vec::new();
                for (_, media_id) in of_one {
                    if let Some(MediaRow::Uploaded { position, .. }) = media(&*self.rows(), media_id)?
                        && position < before
                    {
                        old.push(media_id.clone());
                    }
                }
                if let Some(Ok(user_id)) = of_one.first().map(|(user_id, _)| UserId::parse(user_id)) {
                    count += self.forget_media(user_id, old).await?;
                }
            }
            match page.last() {
                Some(last) => after = Some(last.clone()),
                None => return Ok(count),
            }
        }
    }

    fn is_shown(&self, user_id: &UserId, media_id: &str) -> Result<bool, SubmitError> {
        let rows = self.rows();
        let avatar = member_profile(&*rows, user_id)?.avatar_url;
        let is_avatar = avatar.is_some_and(|uri| uri.as_str().ends_with(&format!("/{media_id}")));
        Ok(is_avatar || is_mentioned(&*rows, media_id)?)
    }

    /// Erases the media of erased accounts that an older server has left, and deletes bytes that are kept for at least so long
    /// and that no fact names: of uploads that a crash cut off, or of a log that was restored from a backup. Returns how many
    /// blobs went in the latter way.
    ///
    /// # Errors
    /// When a storage does not answer, or the log has a record about media that this version does not read: what that names is
    /// not known, and nothing is deleted.
    pub async fn sweep_media(&self, at_least: Duration) -> Result<usize, SubmitError> {
        self.check_media_is_known()?;
        for user_id in owners_erased(&*self.rows(), ERASED_OWNERS_MAX)? {
            self.erase_media_of(user_id).await?;
        }
        let mut swept = 0;
        for first_byte in 0..=u8::MAX {
            for digest in self.blobs().store().kept_for(first_byte, at_least).await? {
                // Most are named, and for those nobody has to wait at the gate.
                if named(&*self.rows(), &digest, 1)?.is_empty() {
                    swept += usize::from(self.delete_unless_named(&digest, &[]).await?);
                }
            }
        }
        Ok(swept)
    }

    fn check_media_is_known(&self) -> Result<(), SubmitError> {
        let about_media = ["media.uploaded", "media.erased"];
        let parked = parked(&*self.rows(), PARKED_MAX)?;
        if parked.len() == PARKED_MAX || parked.iter().any(|record| about_media.contains(&record.kind.as_str())) {
            return Err(SubmitError::Fault("a record about media does not read, so that no media is deleted".into()));
        }
        Ok(())
    }

    /// Deletes the bytes at a digest, unless an address leads to them that is not one of `but`. Says whether it did.
    async fn delete_unless_named(&self, digest: &BlobDigest, but: &[String]) -> Result<bool, SubmitError> {
        let _alone = self.blobs().gate().write().await;
        let names = named(&*self.rows(), digest, but.len() + 1)?;
        if names.iter().any(|name| !but.contains(name)) {
            return Ok(false);
        }
        self.blobs().store().delete(digest).await?;
        Ok(true)
    }
}
