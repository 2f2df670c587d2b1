//! Taking media in: whether it may come, then its bytes, then the record that they are there.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{FromRef, FromRequestParts, Request},
    http::{
        HeaderMap,
        header::{CONTENT_LENGTH, EXPECT},
        request::Parts,
    },
};
use domain::{
    Rejection,
    user::media::{AdmitUpload, UploadName},
};
use engine::{BlobWriter, Engine, SubmitError};
use http_body_util::BodyExt as _;
use ruma::{MxcUri, OwnedMxcUri};
use tracing::Instrument as _;

use super::{
    under_way::{UploadUnderWay, UploadsUnderWay},
    work::MediaWork,
};
use crate::{app::App, body::broken_off, endpoint::drain, error::ApiError};

/// How long the rest of a refused upload is read and forgotten, so that its client hears why it was refused.
const DRAIN_MAX: Duration = Duration::from_secs(60);

/// What uploads need.
pub(crate) struct Uploader {
    engine: Engine,
    under_way: UploadsUnderWay,
    bytes_max: u64,
}

impl FromRequestParts<App> for Uploader {
    type Rejection = ApiError;

    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let bytes_max = u64::try_from(app.settings.now().upload_bytes_max).unwrap_or(u64::MAX);
        Ok(Self { engine: Engine::from_ref(app), under_way: MediaWork::from_ref(app).uploads, bytes_max })
    }
}

/// Bytes that have been taken in and are not recorded.
struct Received {
    writer: Box<dyn BlobWriter>,
    size_bytes: u64,
    place: UploadUnderWay,
}

impl Uploader {
    /// Takes an upload in and returns the last part of its address.
    ///
    /// # Errors
    /// What [`AdmitUpload`] refuses, before a byte is kept; 413 `M_TOO_LARGE` beyond the admin's limit; 429 while too many uploads
    /// of this person are under way; 507 when the disk has no room; 408 for a body that does not come to its end. Nothing is
    /// kept then.
    pub(super) async fn take_in(self, name: UploadName, request: Request) -> Result<String, ApiError> {
        let (parts, mut body) = request.into_parts();
        match self.receive(&name, declared_bytes(&parts.headers), &mut body).await {
            Ok(received) => self.record(received, name).await,
            Err(error) => {
                // Who waits to be asked for the body has not sent it.
                if !parts.headers.contains_key(EXPECT) {
                    drain(body, usize::try_from(self.bytes_max).unwrap_or(usize::MAX), DRAIN_MAX).await;
                }
                Err(error)
            }
        }
    }

    async fn receive(&self, name: &UploadName, declared: Option<u64>, body: &mut Body) -> Result<Received, ApiError> {
        let said_bytes = declared.unwrap_or_default();
        self.check_size(said_bytes)?;
        let room = self.engine.submit(AdmitUpload { name: name.clone(), size_bytes: said_bytes }).await?;
        let mut place = self.under_way.begin(&name.user_id, room)?;
        place.hold(said_bytes)?;
        let mut writer = self.engine.blobs().begin(said_bytes).await.map_err(SubmitError::from)?;
        let mut size_bytes = 0_u64;
        while let Some(frame) = body.frame().await {
            let Ok(bytes) = frame.map_err(|_| broken_off())?.into_data() else { continue };
            size_bytes = size_bytes.saturating_add(bytes.len() as u64);
            self.check_size(size_bytes)?;
            place.hold(size_bytes)?;
            writer.write(bytes).await.map_err(SubmitError::from)?;
        }
        Ok(Received { writer, size_bytes, place })
    }

    fn check_size(&self, size_bytes: u64) -> Result<(), ApiError> {
        if size_bytes > self.bytes_max {
            return Err(Rejection::too_large("The file is larger than this server takes.").into());
        }
        Ok(())
    }

    /// On a task of its own: a client that goes away now must not part the bytes from their record.
    async fn record(self, received: Received, name: UploadName) -> Result<String, ApiError> {
        let Received { writer, size_bytes, place } = received;
        let record = async move {
            let recorded = self.engine.record_upload(writer, size_bytes, name).await;
            drop(place);
            recorded
        };
        let recorded = tokio::spawn(record.in_current_span()).await;
        Ok(recorded.map_err(|_| SubmitError::Fault("recording an upload panicked".into()))??)
    }
}

/// How many bytes the client says that it sends.
fn declared_bytes(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

pub(super) fn address(engine: &Engine, media_id: &str) -> OwnedMxcUri {
    <&MxcUri>::from(format!("mxc://{}/{media_id}", engine.server_name()).as_str()).to_owned()
}
