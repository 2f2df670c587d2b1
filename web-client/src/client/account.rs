//! An open account: the library's client on this session's databases, and its sync loop.

use std::rc::Rc;

use hearth_web_state::trouble::Trouble;
use matrix_sdk::{
    Client, SessionMeta,
    authentication::matrix::MatrixSession,
    encryption::{BackupDownloadStrategy, EncryptionSettings},
    ruma::UserId,
};
use matrix_sdk_base::{
    BaseClient, DmRoomDefinition, ThreadingSupport, cross_process_lock::CrossProcessLockConfig, crypto::CollectStrategy,
    store::StoreConfig,
};
use matrix_sdk_indexeddb::{IndexeddbStores, OpenStoreError};
use matrix_sdk_ui::sync_service::SyncService;

use super::{http::homeserver, link::Link, openings::Openings, session::Session, token, trouble::of_sdk};
use crate::browser;

/// An open account. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Account {
    pub(super) client: Client,
    /// What the client stands on; for what the client itself does not offer.
    pub(super) base: BaseClient,
    pub(super) sync: Rc<SyncService>,
    session: Session,
    pub(super) link: Link,
    pub(super) openings: Openings,
}

impl PartialEq for Account {
    fn eq(&self, other: &Self) -> bool {
        self.session == other.session
    }
}

impl Account {
    /// Opens the session's databases, without asking the server anything, so it works offline too.
    ///
    /// # Errors
    /// [`Trouble::NoStorage`] when the databases cannot be opened.
    pub(crate) async fn open(session: Session) -> Result<Self, Trouble> {
        let base = foundation(&session.store).await.map_err(|error| {
            browser::warn(&format!("opening the databases: {error}"));
            Trouble::NoStorage
        })?;
        let client = Client::builder()
            .homeserver_url(homeserver())
            .base_client(base.clone())
            .with_encryption_settings(EncryptionSettings {
                // Done by `keys`, where the password for it is at hand.
                auto_enable_cross_signing: false,
                backup_download_strategy: BackupDownloadStrategy::AfterDecryptionFailure,
                auto_enable_backups: false,
            })
            .handle_refresh_tokens()
            .build()
            .await
            .map_err(|error| {
                browser::warn(&format!("preparing the account: {error}"));
                Trouble::NoStorage
            })?;
        token::keep_renewed(&client).map_err(|error| of_sdk(&error))?;
        client.restore_session(matrix_session(&session)?).await.map_err(|error| of_sdk(&error))?;
        let sync = SyncService::builder(client.clone()).build().await.map_err(|error| {
            browser::warn(&format!("preparing to sync: {error}"));
            Trouble::Unknown
        })?;
        Ok(Self { client, base, sync: Rc::new(sync), session, link: Link::default(), openings: Openings::default() })
    }

    /// `@alice:example.org`.
    pub(crate) fn user_id(&self) -> &str {
        &self.session.user_id
    }

    /// This browser, as the server knows it.
    pub(crate) fn device_id(&self) -> &str {
        &self.session.device_id
    }

    /// The part of the user id after the colon, for completing usernames.
    pub(crate) fn server_name(&self) -> &str {
        self.session.user_id.split_once(':').map_or("", |(_, server)| server)
    }

    /// Stops syncing and sending.
    pub(crate) async fn pause(&self) {
        self.client.send_queue().set_enabled(false).await;
        self.sync.stop().await;
    }
}

/// Opens the databases as the library's builder would, and keeps hold of what it would keep to itself.
async fn foundation(store: &str) -> Result<BaseClient, OpenStoreError> {
    let stores = IndexeddbStores::open(store, None).await?;
    let config = StoreConfig::new(CrossProcessLockConfig::multi_process("main"))
        .state_store(stores.state)
        .event_cache_store(stores.event_cache)
        .media_store(stores.media)
        .crypto_store(stores.crypto);
    let mut base = BaseClient::new(config, ThreadingSupport::Disabled, DmRoomDefinition::MatrixSpec);
    // Keys go only to devices that their owner has signed. What comes from others is shown, with a mark: the library does
    // not look again at what it once refused to decrypt.
    base.room_key_recipient_strategy = CollectStrategy::IdentityBasedStrategy;
    Ok(base)
}

fn matrix_session(session: &Session) -> Result<MatrixSession, Trouble> {
    let user_id = UserId::parse(&session.user_id).map_err(|_| Trouble::SessionEnded)?;
    Ok(MatrixSession {
        meta: SessionMeta { user_id, device_id: session.device_id.as_str().into() },
        tokens: session.tokens(),
    })
}
