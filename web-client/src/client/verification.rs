//! Comparing emoji, on the library's verification requests. What happens to one comes out as [`Input`]; what the machine
//! of `hearth_web_state::verification` asks for goes in.

mod late;

use std::{cell::RefCell, rc::Rc};

use futures_channel::mpsc;
use futures_util::{FutureExt, StreamExt, join, select};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    trouble::Trouble,
    verification::{Cause, Effect, Emoji, Input, Other},
};
use matrix_sdk::{
    Client,
    encryption::{
        identities::RequestVerificationError,
        verification::{CancelInfo, SasState, SasVerification, Verification, VerificationRequest, VerificationRequestState},
    },
    ruma::{
        DeviceId, OwnedUserId, TransactionId, UserId,
        api::client::to_device::send_event_to_device::v3::Request as SendToDevice,
        events::{
            AnyToDeviceEventContent,
            key::verification::request::ToDeviceKeyVerificationRequestEvent,
            room::message::{MessageType, OriginalSyncRoomMessageEvent},
        },
        serde::Raw,
        to_device::DeviceIdOrAllDevices,
    },
};
use matrix_sdk_base::crypto::DeviceData;

use super::{Account, names::PersonName, trouble::of_sdk};
use crate::browser;

/// How soon it is looked again whether a comparison counts, and how soon at last.
const LOOK_AGAIN_MS: u32 = 250;
const LOOK_SELDOM_MS: u32 = 8_000;

/// One comparison of the library. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Comparison {
    client: Client,
    request: VerificationRequest,
    sas: Rc<RefCell<Option<SasVerification>>>,
}

impl Comparison {
    fn new(client: Client, request: VerificationRequest) -> Self {
        Self { client, request, sas: Rc::default() }
    }

    /// Has the library send what it has queued. It does so with each round of the poll for keys; what is compared in a
    /// chat comes by another poll, and would wait for up to half a minute at every step. A message to oneself ends that
    /// round at once.
    async fn hurry(&self) {
        let (Some(user_id), Some(device_id)) = (self.client.user_id(), self.client.device_id()) else { return };
        let Ok(nothing) = Raw::<AnyToDeviceEventContent>::from_json_string("{}".to_owned()) else { return };
        let to_oneself = [(DeviceIdOrAllDevices::DeviceId(device_id.to_owned()), nothing)].into();
        let messages = [(user_id.to_owned(), to_oneself)].into();
        let request = SendToDevice::new_raw("m.dummy".into(), TransactionId::new(), messages);
        if let Err(error) = self.client.send(request).await {
            browser::warn(&format!("hurrying a comparison: {error}"));
        }
    }
}

impl Account {
    /// Asks the other side to compare. A person is asked in the chat with them, one's own devices directly.
    ///
    /// # Errors
    /// What the server refused.
    pub(crate) async fn ask_to_compare(&self, other: &Other) -> Result<Comparison, Trouble> {
        let own_id = self.client.user_id().ok_or(Trouble::SessionEnded)?;
        let asked = match other {
            Other::OwnDevices => {
                let encryption = self.client.encryption();
                if !encryption.has_devices_to_verify_against().await.map_err(|error| of_sdk(&error))? {
                    return Err(Trouble::NoOtherDevice);
                }
                self.identity_of(own_id).await?.request_verification().await
            }
            Other::Person { user_id, .. } => {
                let user_id = UserId::parse(user_id).map_err(|_| Trouble::NoSuchPerson)?;
                self.identity_of(&user_id).await?.request_verification().await
            }
            Other::OwnDevice { id, .. } => {
                let id: &DeviceId = id.as_str().into();
                let device = self.client.encryption().get_device(own_id, id).await.ok().flatten();
                let device = device.ok_or(Trouble::Unknown)?;
                device.request_verification().await.map_err(RequestVerificationError::Sdk)
            }
        };
        asked.map(|request| Comparison::new(self.client.clone(), request)).map_err(|error| match error {
            RequestVerificationError::Sdk(error) => of_sdk(&error),
            RequestVerificationError::RoomCreation(_) => Trouble::NotAllowed,
        })
    }

    /// Reports whoever asks to compare from now on: another device of one's own, or somebody with whom one has a chat.
    pub(crate) async fn watch_offers(&self, mut report: impl FnMut(Other, Comparison)) {
        let (sender, mut asked) = mpsc::unbounded::<(OwnedUserId, String)>();
        let (in_chat, late) = (sender.clone(), sender.clone());
        let directly = self.client.add_event_handler(move |event: ToDeviceKeyVerificationRequestEvent| {
            // Whoever listened is gone with the page.
            let _ = sender.unbounded_send((event.sender, event.content.transaction_id.to_string()));
            std::future::ready(())
        });
        let chatted = self.client.add_event_handler(move |event: OriginalSyncRoomMessageEvent| {
            if matches!(event.content.msgtype, MessageType::VerificationRequest(_)) {
                let _ = in_chat.unbounded_send((event.sender, event.event_id.to_string()));
            }
            std::future::ready(())
        });
        let _guards = [directly, chatted].map(|handler| self.client.event_handler_drop_guard(handler));
        let hearing = async {
            while let Some((user_id, flow_id)) = asked.next().await {
                if let Some((other, comparison)) = self.offered(&user_id, &flow_id).await {
                    report(other, comparison);
                }
            }
        };
        join!(hearing, self.follow_late_words(late));
    }

    /// Who asks, and what they ask for, if they are heard.
    async fn offered(&self, user_id: &UserId, flow_id: &str) -> Option<(Other, Comparison)> {
        let request = self.client.encryption().get_verification_request(user_id, flow_id).await?;
        let comparison = Comparison::new(self.client.clone(), request);
        match comparison.request.state() {
            VerificationRequestState::Requested { other_device_data, .. } if !comparison.request.we_started() => {
                let other = self.other(user_id, &other_device_data).await?;
                return Some((other, comparison));
            }
            // The library ends what is asked while something else is going on with the same person. They wait.
            VerificationRequestState::Cancelled(_) => comparison.hurry().await,
            _ => {}
        }
        None
    }

    /// Who asks; `None` for strangers and the blocked, who are not heard.
    async fn other(&self, user_id: &UserId, device: &DeviceData) -> Option<Other> {
        if user_id.as_str() == self.user_id() {
            if !self.is_confirmed().await {
                return Some(Other::OwnDevices);
            }
            let id = device.device_id().to_string();
            return Some(Other::OwnDevice { name: device.display_name().unwrap_or(&id).to_owned(), id });
        }
        if self.client.is_user_ignored(user_id).await {
            return None;
        }
        let room = self.chat_with(user_id)?;
        let member = room.get_member_no_sync(user_id).await.ok().flatten();
        let name = PersonName::new(member.as_ref().and_then(|member| member.display_name()), user_id.as_str()).shown;
        Some(Other::Person { user_id: user_id.to_string(), name })
    }
}

impl Comparison {
    /// How it came to nothing, if it did.
    pub(crate) fn end(&self) -> Option<Input> {
        self.request.cancel_info().map(|info| cancelled(&info))
    }

    /// Does what the machine asks for. The asking itself is done by [`Account::ask_to_compare`].
    ///
    /// # Errors
    /// What could not be sent.
    pub(crate) async fn perform(&self, effect: Effect) -> Result<(), Trouble> {
        let sas = self.sas.borrow().clone();
        let done = match (effect, sas) {
            (Effect::Ask, _) => Ok(()),
            (Effect::Accept, _) => self.request.accept().await,
            (Effect::Start, _) => self.request.start_sas().await.map(drop),
            (Effect::Confirm, Some(sas)) => sas.confirm().await,
            (Effect::Mismatch, Some(sas)) => sas.mismatch().await,
            (Effect::Cancel, Some(sas)) => sas.cancel().await,
            (Effect::Confirm | Effect::Mismatch, None) => return Err(Trouble::Unknown),
            (Effect::Cancel, None) => self.request.cancel().await,
        };
        done.map_err(|error| {
            browser::warn(&format!("comparing emoji: {error}"));
            of_sdk(&error)
        })
    }

    /// Waits until what was compared counts. The library says that a comparison is done before it has signed anything, the
    /// signature goes out with a round of the poll for keys, and counts when it has come back from the server.
    async fn settle(&self, sas: &SasVerification) {
        let mut pause_ms = LOOK_AGAIN_MS;
        while !self.counts(sas).await {
            self.hurry().await;
            TimeoutFuture::new(pause_ms).await;
            pause_ms = LOOK_SELDOM_MS.min(pause_ms * 2);
        }
    }

    /// Whether the other side is known as verified: a person by their identity, a device of one's own and this one by one's own.
    async fn counts(&self, sas: &SasVerification) -> bool {
        let encryption = self.client.encryption();
        let (other, device) = (self.request.other_user_id(), sas.other_device().device_id());
        if self.client.user_id() != Some(other) {
            return encryption.get_user_identity(other).await.ok().flatten().is_some_and(|identity| identity.is_verified());
        }
        let own = encryption.get_own_device().await.ok().flatten();
        let theirs = encryption.get_device(other, device).await.ok().flatten();
        [own, theirs].iter().all(|device| device.as_ref().is_some_and(|device| device.is_cross_signed_by_owner()))
    }

    /// Reports what happens to it, until it is over: that both agree, and that it is done when that counts.
    pub(crate) async fn watch(&self, mut report: impl FnMut(Input)) {
        let mut states = futures_util::stream::iter([self.request.state()]).chain(self.request.changes()).boxed_local();
        let mut steps = futures_util::stream::pending().boxed_local();
        loop {
            select! {
                state = states.next().fuse() => match state {
                    Some(VerificationRequestState::Ready { .. }) => report(Input::Ready),
                    // Where both sides started at once there is a second one, which takes the place of the first.
                    Some(VerificationRequestState::Transitioned { verification: Verification::SasV1(sas) }) => {
                        if !sas.we_started() && let Err(error) = sas.accept().await {
                            report(Input::Failed(of_sdk(&error)));
                        }
                        steps = futures_util::stream::iter([sas.state()]).chain(sas.changes()).boxed_local();
                        *self.sas.borrow_mut() = Some(sas);
                    }
                    Some(VerificationRequestState::Cancelled(info)) => return report(cancelled(&info)),
                    Some(_) => {}
                    None => return,
                },
                step = steps.next().fuse() => {
                    if step.is_some() && self.request.room_id().is_some() {
                        self.hurry().await;
                    }
                    match step {
                        Some(SasState::KeysExchanged { emojis: Some(emoji), .. }) => {
                            let emoji = emoji.emojis.map(|emoji| Emoji { symbol: emoji.symbol, word: emoji.description });
                            report(Input::Emoji(Box::new(emoji)));
                        }
                        Some(SasState::KeysExchanged { emojis: None, .. }) => report(Input::NoEmoji),
                        Some(SasState::Done { .. }) => {
                            report(Input::Agreed);
                            let done = self.sas.borrow().clone();
                            if let Some(sas) = done {
                                self.settle(&sas).await;
                            }
                            return report(Input::Done);
                        }
                        Some(SasState::Cancelled(info)) => return report(cancelled(&info)),
                        Some(_) => {}
                        // Its successor may still come.
                        None => steps = futures_util::stream::pending().boxed_local(),
                    }
                },
            }
        }
    }
}

fn cancelled(info: &CancelInfo) -> Input {
    Input::Cancelled(Cause::from_code(info.cancel_code().as_str()))
}
