//! The commands, on matrix-sdk and matrix-sdk-ui. Nothing here speaks HTTP or knows the server.

use std::{collections::HashMap, future::Future, path::PathBuf, time::Duration};

use anyhow::{Context as _, bail};
use futures_util::StreamExt as _;
use matrix_sdk::{
    Client, Room, RoomState,
    authentication::matrix::MatrixSession,
    encryption::EncryptionSettings,
    ruma::{
        OwnedEventId, OwnedRoomId, OwnedUserId,
        api::client::{
            account::register,
            uiaa::{AuthData, Dummy},
        },
        events::room::{member::MembershipState, message::RoomMessageEventContent},
    },
};
use matrix_sdk_ui::{
    room_list_service,
    sync_service::SyncService,
    timeline::{RoomExt as _, Timeline},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::{
    files,
    messages::{history, message},
};

const DEVICE_NAME: &str = "matrix-sdk";
/// How often a condition is looked at for which the SDK has no stream.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
const FIRST_SYNC_TIMEOUT: Duration = Duration::from_secs(30);

/// One line of the runner's.
#[derive(Deserialize)]
#[serde(tag = "cmd", rename_all = "snake_case")]
pub(crate) enum Command {
    Register { url: String, username: String, password: String },
    Login { url: String, username: String, password: String },
    StartSync,
    StopSync,
    CreateDm { user_id: OwnedUserId },
    Join { room_id: OwnedRoomId, timeout_s: f64 },
    WaitJoined { room_id: OwnedRoomId, user_id: OwnedUserId, timeout_s: f64 },
    Send { room_id: OwnedRoomId, body: String },
    SendFile { room_id: OwnedRoomId, name: String, data: Vec<u8> },
    ReadFile { room_id: OwnedRoomId, event_id: OwnedEventId },
    WaitMessage { room_id: OwnedRoomId, body: String, timeout_s: f64 },
    History { room_id: OwnedRoomId },
    Logout,
}

/// One user's client: signed in or not, syncing or not.
pub(crate) struct Driver {
    /// Holds a SQLite store for each sign-in, and goes with the process.
    stores: tempfile::TempDir,
    sign_ins: u32,
    account: Option<Account>,
    running: Option<Running>,
}

/// What it takes to open the client again, as an app would keep it.
struct Account {
    url: String,
    store: PathBuf,
    session: MatrixSession,
}

struct Running {
    client: Client,
    sync: Option<SyncService>,
    timelines: HashMap<OwnedRoomId, Timeline>,
}

impl Driver {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let stores = tempfile::Builder::new().prefix("hearth-matrix-sdk-").tempdir()?;
        Ok(Self { stores, sign_ins: 0, account: None, running: None })
    }

    pub(crate) async fn run(&mut self, command: Command) -> anyhow::Result<Value> {
        match command {
            Command::Register { url, username, password } => {
                let (client, store) = self.new_client(&url).await?;
                register(&client, username, password).await?;
                self.signed_in(url, store, client).await
            }
            Command::Login { url, username, password } => {
                let (client, store) = self.new_client(&url).await?;
                let login = client.matrix_auth().login_username(username, &password);
                login.initial_device_display_name(DEVICE_NAME).await?;
                self.signed_in(url, store, client).await
            }
            Command::StartSync => self.start_sync().await,
            Command::StopSync => {
                self.stop_sync().await;
                Ok(json!({}))
            }
            Command::Logout => {
                self.running()?.client.matrix_auth().logout().await?;
                self.stop_sync().await;
                self.account = None;
                Ok(json!({}))
            }
            Command::CreateDm { user_id } => {
                let room = self.running()?.client.create_dm(&user_id).await?;
                Ok(json!({ "room_id": room.room_id() }))
            }
            Command::Join { room_id, timeout_s } => self.join(room_id, timeout_s).await,
            Command::WaitJoined { room_id, user_id, timeout_s } => self.wait_joined(room_id, user_id, timeout_s).await,
            Command::Send { room_id, body } => {
                let content = RoomMessageEventContent::text_plain(body);
                let sent = self.room(&room_id)?.send(content).await?;
                Ok(json!({ "event_id": sent.response.event_id }))
            }
            Command::SendFile { room_id, name, data } => files::send(&self.room(&room_id)?, name, data).await,
            Command::ReadFile { room_id, event_id } => files::read(&self.room(&room_id)?, &event_id).await,
            Command::WaitMessage { room_id, body, timeout_s } => self.wait_message(room_id, body, timeout_s).await,
            Command::History { room_id } => history(&self.room(&room_id)?).await,
        }
    }

    pub(crate) async fn close(mut self) {
        self.stop_sync().await;
    }

    fn running(&mut self) -> anyhow::Result<&mut Running> {
        self.running.as_mut().context("not signed in, or not syncing")
    }

    fn room(&mut self, room_id: &OwnedRoomId) -> anyhow::Result<Room> {
        self.running()?.client.get_room(room_id).context("no such room")
    }

    /// A client with an empty store of its own, as after installing the app.
    async fn new_client(&mut self, url: &str) -> anyhow::Result<(Client, PathBuf)> {
        self.sign_ins += 1;
        let store = self.stores.path().join(self.sign_ins.to_string());
        Ok((open(url, &store).await?, store))
    }

    async fn signed_in(&mut self, url: String, store: PathBuf, client: Client) -> anyhow::Result<Value> {
        // Others must find this device's keys before they write to it.
        client.encryption().wait_for_e2ee_initialization_tasks().await;
        let session = client.matrix_auth().session().context("signed in without a session")?;
        let answer = json!({
            "user_id": session.meta.user_id,
            "device_id": session.meta.device_id,
            "access_token": session.tokens.access_token,
        });
        self.account = Some(Account { url, store, session });
        self.running = Some(Running { client, sync: None, timelines: HashMap::new() });
        Ok(answer)
    }

    async fn start_sync(&mut self) -> anyhow::Result<Value> {
        if self.running.is_none() {
            let account = self.account.as_ref().context("not signed in")?;
            let client = open(&account.url, &account.store).await?;
            client.restore_session(account.session.clone()).await?;
            self.running = Some(Running { client, sync: None, timelines: HashMap::new() });
        }
        let running = self.running()?;
        let sync = SyncService::builder(running.client.clone()).with_offline_mode().build().await?;
        let mut states = sync.room_list_service().state();
        sync.start().await;
        let first_sync = async {
            while !matches!(states.get(), room_list_service::State::Running) {
                states.next().await.context("the room list ended")?;
            }
            anyhow::Ok(())
        };
        timeout(FIRST_SYNC_TIMEOUT, first_sync).await.context("no first sync")??;
        running.sync = Some(sync);
        Ok(json!({}))
    }

    /// Takes the client down; its store stays, so that coming back is like starting the app again.
    async fn stop_sync(&mut self) {
        if let Some(Running { sync: Some(sync), .. }) = self.running.take() {
            sync.stop().await;
        }
    }

    async fn join(&mut self, room_id: OwnedRoomId, timeout_s: f64) -> anyhow::Result<Value> {
        let client = self.running()?.client.clone();
        let is_in = |state| client.get_room(&room_id).filter(|room| room.state() == state);
        let invited = until("invite", timeout_s, async || Ok(is_in(RoomState::Invited))).await?;
        invited.join().await?;
        until("join", timeout_s, async || Ok(is_in(RoomState::Joined))).await?;
        Ok(json!({}))
    }

    async fn wait_joined(&mut self, room_id: OwnedRoomId, user_id: OwnedUserId, timeout_s: f64) -> anyhow::Result<Value> {
        let room = self.room(&room_id)?;
        until("joined member", timeout_s, async || {
            let member = room.get_member(&user_id).await?;
            let joined = member.is_some_and(|member| *member.membership() == MembershipState::Join);
            Ok((joined && room.encryption_state().is_encrypted()).then_some(()))
        })
        .await?;
        Ok(json!({}))
    }

    /// Looks at the room's timeline as a window on it would: subscribed to the room, following the changes.
    async fn wait_message(&mut self, room_id: OwnedRoomId, body: String, timeout_s: f64) -> anyhow::Result<Value> {
        let room = self.room(&room_id)?;
        let running = self.running()?;
        if !running.timelines.contains_key(&room_id) {
            let sync = running.sync.as_ref().context("not syncing")?;
            sync.room_list_service().set_room_subscriptions(&[&room_id]).await;
            running.timelines.insert(room_id.clone(), room.timeline().await?);
        }
        let timeline = &running.timelines[&room_id];
        let (_, mut changes) = timeline.subscribe().await;
        let found = async {
            loop {
                let items = timeline.items().await;
                let events = items.iter().filter_map(|item| item.as_event());
                if let Some(found) = events.filter_map(message).find(|message| message["body"] == body) {
                    return anyhow::Ok(found);
                }
                changes.next().await.context("the timeline ended")?;
            }
        };
        let limit = Duration::from_secs_f64(timeout_s);
        timeout(limit, found).await.with_context(|| format!("no message {body:?}"))?
    }
}

async fn open(url: &str, store: &PathBuf) -> anyhow::Result<Client> {
    let encryption = EncryptionSettings { auto_enable_cross_signing: true, ..Default::default() };
    let builder = Client::builder().homeserver_url(url).sqlite_store(store, None);
    Ok(builder.with_encryption_settings(encryption).build().await?)
}

/// Registers as an app does: asks first, and completes the stage that the server names.
async fn register(client: &Client, username: String, password: String) -> anyhow::Result<()> {
    let mut request = register::v3::Request::new();
    request.username = Some(username);
    request.password = Some(password);
    request.initial_device_display_name = Some(DEVICE_NAME.to_owned());
    let Err(error) = client.matrix_auth().register(request.clone()).await else {
        return Ok(());
    };
    let Some(asked) = error.as_uiaa_response() else {
        return Err(error.into());
    };
    let mut dummy = Dummy::new();
    dummy.session = asked.session.clone();
    request.auth = Some(AuthData::Dummy(dummy));
    client.matrix_auth().register(request).await?;
    Ok(())
}

/// The first value that `look` finds, asked again every [`POLL_INTERVAL`].
async fn until<T, F>(what: &str, timeout_s: f64, mut look: impl FnMut() -> F) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<Option<T>>>,
{
    let search = async {
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            sleep(POLL_INTERVAL).await;
        }
    };
    match timeout(Duration::from_secs_f64(timeout_s), search).await {
        Ok(found) => found,
        Err(_) => bail!("no {what} in {timeout_s} s"),
    }
}
