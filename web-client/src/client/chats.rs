//! The sidebar's source: the library's room list, turned into [`ChatsChange`]s.

mod latest;

use std::collections::HashSet;

use futures_util::{
    FutureExt, StreamExt,
    future::{join_all, pending},
    pin_mut,
};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    chats::{Chat, ChatsChange, Part, Preview, Standing},
    list::ListChange,
    safety::{Encryption, Safety},
    trouble::Trouble,
};
use matrix_sdk::{
    EncryptionState, Room, RoomState,
    ruma::{OwnedRoomId, RoomId, UserId, api::client::membership::leave_room::v3::Request as LeaveRoom},
};
use matrix_sdk_ui::{
    eyeball_im::{Vector, VectorDiff},
    room_list_service::{RoomListItem, RoomListLoadingState, filters::new_filter_non_left},
    timeline::{LatestEventValue, RoomExt},
};

use super::{
    Account,
    calls::is_lagged,
    names::PersonName,
    trouble::{of_http, of_sdk},
};
use crate::browser;

use latest::{Latest, latest};

/// The most chats in the sidebar.
const MAX_CHATS: usize = 500;
/// The most chats whose receipts, typing and latest messages are followed at once.
const MAX_FOLLOWED: usize = 50;
/// After so long without news, invitations are looked at again: whom a chat is with can become known without any.
const INVITATIONS_AGAIN_MS: u32 = 1_000;

impl Account {
    /// Reports the chats and every change to them, for as long as it is polled.
    pub(crate) async fn watch_chats(&self, mut report: impl FnMut(ChatsChange)) {
        let list = match self.sync.room_list_service().all_rooms().await {
            Ok(list) => list,
            Err(error) => {
                browser::warn(&format!("room list: {error}"));
                return report(ChatsChange::Failed(Trouble::Unknown));
            }
        };
        let (entries, control) = list.entries_with_dynamic_adapters(MAX_CHATS);
        pin_mut!(entries);
        control.set_filter(Box::new(new_filter_non_left()));
        let loading = list.loading_state();
        pin_mut!(loading);
        let mut followed: Vec<OwnedRoomId> = Vec::new();
        let mut asked: HashSet<OwnedRoomId> = HashSet::new();
        let mut shown: Vector<RoomListItem> = Vector::new();
        let mut happened = self.client.event_cache().subscribe_to_room_generic_updates();
        loop {
            let again = self.invitations_again().fuse();
            pin_mut!(again);
            futures_util::select! {
                () = again => self.join_known(&mut asked).await,
                diffs = entries.next().fuse() => {
                    let Some(diffs) = diffs else { return };
                    for diff in &diffs {
                        diff.clone().apply(&mut shown);
                    }
                    let changes = join_all(diffs.into_iter().map(to_change)).await;
                    report(ChatsChange::List(changes));
                    self.join_known(&mut asked).await;
                    self.follow(&mut followed).await;
                },
                update = happened.recv().fuse() => match update {
                    Ok(update) => if let Some(change) = seen_again(&shown, &update.room_id).await {
                        report(ChatsChange::List(vec![change]));
                    },
                    Err(error) if is_lagged(&error) => {}
                    Err(_) => return,
                },
                state = loading.next().fuse() => match state {
                    Some(RoomListLoadingState::Loaded { .. }) => report(ChatsChange::Loaded),
                    Some(RoomListLoadingState::NotLoaded) => {}
                    None => return,
                },
            }
        }
    }

    /// Accepts an invitation and whatever else the same person asks for: they are one request.
    ///
    /// # Errors
    /// What the server refused.
    pub(crate) async fn accept(&self, chat_id: &str) -> Result<(), Trouble> {
        for room in self.asked_with(chat_id).await? {
            room.join().await.map_err(|error| of_sdk(&error))?;
        }
        Ok(())
    }

    /// Declines an invitation and whatever else the same person asks for.
    ///
    /// # Errors
    /// What the server refused.
    pub(crate) async fn decline(&self, chat_id: &str) -> Result<(), Trouble> {
        for room in self.asked_with(chat_id).await? {
            self.leave(room.room_id().as_str()).await?;
        }
        Ok(())
    }

    /// This chat, and every other to which whoever asks for it has invited.
    async fn asked_with(&self, chat_id: &str) -> Result<Vec<Room>, Trouble> {
        let room = self.room(chat_id)?;
        let inviter = room.invite_details().await.ok().map(|invite| invite.inviter_id);
        let mut asked = vec![room];
        for other in self.client.invited_rooms() {
            let is_theirs = other.invite_details().await.is_ok_and(|invite| Some(invite.inviter_id) == inviter);
            if is_theirs && other.room_id() != chat_id && asked.len() < MAX_CHATS {
                asked.push(other);
            }
        }
        Ok(asked)
    }

    /// Leaves a chat, or declines an invitation to it.
    ///
    /// # Errors
    /// What the server refused.
    pub(crate) async fn leave(&self, chat_id: &str) -> Result<(), Trouble> {
        let room = self.room(chat_id)?;
        if room.state() == RoomState::Joined {
            return room.leave().await.map_err(|error| of_sdk(&error));
        }
        // Past the library, which forgets what it declines: of a room that it has forgotten it opens no timeline any more,
        // should one be invited and accept after all. That it was declined comes with the sync.
        let declined = self.client.send(LeaveRoom::new(room.room_id().to_owned())).await;
        declined.map(|_| ()).map_err(|error| of_http(&error))
    }

    pub(super) fn room(&self, chat_id: &str) -> Result<Room, Trouble> {
        let room_id = RoomId::parse(chat_id).map_err(|_| Trouble::Unknown)?;
        self.client.get_room(&room_id).ok_or(Trouble::Unknown)
    }

    /// Returns when it is time to look at invitations again; never while there are none.
    async fn invitations_again(&self) {
        if self.client.invited_rooms().is_empty() {
            pending::<()>().await;
        }
        TimeoutFuture::new(INVITATIONS_AGAIN_MS).await;
    }

    /// Whoever one has a chat with, because one began it or accepted it, needs not ask again: both may have begun one at
    /// once, or they have left and come back. Everybody else's invitations wait for an answer. Tried once a visit; one
    /// that failed stays among the requests.
    async fn join_known(&self, asked: &mut HashSet<OwnedRoomId>) {
        let invited = self.client.invited_rooms();
        if invited.is_empty() {
            return;
        }
        let known: HashSet<String> = self.client.joined_rooms().iter().filter_map(peer_of).collect();
        for room in invited {
            let Ok(invite) = room.invite_details().await else { continue };
            let is_known = known.contains(invite.inviter_id.as_str()) && room.is_direct().await.unwrap_or(false);
            let is_new = is_known && asked.len() < MAX_CHATS && !asked.contains(room.room_id());
            if !is_new || self.client.is_user_ignored(&invite.inviter_id).await {
                continue;
            }
            asked.insert(room.room_id().to_owned());
            wasm_bindgen_futures::spawn_local(async move {
                if let Err(error) = room.join().await {
                    browser::warn(&format!("joining a chat with somebody known: {error}"));
                }
            });
        }
    }

    /// Asks the server for receipts, typing and recent messages of the joined chats.
    async fn follow(&self, followed: &mut Vec<OwnedRoomId>) {
        let mut joined: Vec<_> = self.client.joined_rooms();
        joined.sort_by_key(|room| std::cmp::Reverse(room.recency_stamp().map(u64::from)));
        let mut wanted: Vec<_> = joined.iter().take(MAX_FOLLOWED).map(|room| room.room_id().to_owned()).collect();
        wanted.sort();
        if wanted != *followed {
            let ids: Vec<&RoomId> = wanted.iter().map(AsRef::as_ref).collect();
            self.sync.room_list_service().set_room_subscriptions(&ids).await;
            *followed = wanted;
        }
    }
}

/// A chat in which something happened. The library's list does not move for all of it: that somebody has joined, or that a
/// call has ended, is nothing to tell there.
async fn seen_again(shown: &Vector<RoomListItem>, room_id: &RoomId) -> Option<ListChange<Chat>> {
    let index = shown.iter().position(|room| room.room_id() == room_id)?;
    let room = shown.get(index)?.clone();
    Some(ListChange::Set(index, to_chat(room).await))
}

async fn to_change(diff: VectorDiff<RoomListItem>) -> ListChange<Chat> {
    match diff {
        VectorDiff::Append { values } => ListChange::Append(join_all(values.into_iter().map(to_chat)).await),
        VectorDiff::Clear => ListChange::Clear,
        VectorDiff::PushFront { value } => ListChange::PushFront(to_chat(value).await),
        VectorDiff::PushBack { value } => ListChange::PushBack(to_chat(value).await),
        VectorDiff::PopFront => ListChange::PopFront,
        VectorDiff::PopBack => ListChange::PopBack,
        VectorDiff::Insert { index, value } => ListChange::Insert(index, to_chat(value).await),
        VectorDiff::Set { index, value } => ListChange::Set(index, to_chat(value).await),
        VectorDiff::Remove { index } => ListChange::Remove(index),
        VectorDiff::Truncate { length } => ListChange::Truncate(length),
        VectorDiff::Reset { values } => ListChange::Reset(join_all(values.into_iter().map(to_chat)).await),
    }
}

async fn to_chat(room: RoomListItem) -> Chat {
    if room.state() == RoomState::Invited {
        return to_request(&room).await;
    }
    let peer = peer_of(&room);
    let Latest { preview, at_ms, missed } = latest(&room).await;
    let name = name_of(&room, peer.as_deref()).await;
    Chat {
        id: room.room_id().to_string(),
        name: name.shown,
        skeleton: name.skeleton,
        is_odd: name.is_odd,
        peer,
        peer_part: part_of(&room),
        preview,
        at_ms,
        unread: room.num_unread_messages() + missed,
        standing: Standing::Joined,
        safety: safety_of(&room),
    }
}

fn safety_of(room: &Room) -> Safety {
    Safety {
        encryption: match room.encryption_state() {
            EncryptionState::Encrypted => Encryption::On,
            EncryptionState::NotEncrypted => Encryption::Off,
            EncryptionState::Unknown => Encryption::Unknown,
        },
        people: room.active_members_count(),
    }
}

/// A request is called after who asks. What they call the chat, and what they say in it, is not looked at.
async fn to_request(room: &Room) -> Chat {
    let (peer, raw) = match room.invite_details().await {
        Ok(invite) => {
            let raw = invite.inviter.as_ref().and_then(|member| member.display_name()).map(ToOwned::to_owned);
            (Some(invite.inviter_id.to_string()), raw)
        }
        Err(_) => (None, None),
    };
    let at_ms = match room.latest_event().await {
        LatestEventValue::RemoteInvite { timestamp, .. } => Some(timestamp.get().into()),
        _ => None,
    };
    let name = PersonName::new(raw.as_deref(), peer.as_deref().unwrap_or("Somebody"));
    Chat {
        id: room.room_id().to_string(),
        name: name.shown,
        skeleton: name.skeleton,
        is_odd: name.is_odd,
        peer,
        peer_part: Part::Joined,
        preview: Preview::Invitation,
        at_ms,
        unread: 0,
        standing: Standing::Invited,
        safety: Safety::default(),
    }
}

/// Whom a chat of two is with. Which chats are direct is account data, which can come after the chat itself and then
/// changes nothing in the list; but two people who are alone in a chat are with each other all the same.
pub(super) fn peer_of(room: &Room) -> Option<String> {
    let info = room.clone_info();
    if info.active_members_count() > 2 {
        return None;
    }
    let targets = room.direct_targets();
    let listed = if targets.len() == 1 { targets.iter().next().map(ToString::to_string) } else { None };
    listed.or_else(|| match info.heroes() {
        [only] => Some(only.user_id.to_string()),
        _ => None,
    })
}

/// The part of the other person in a chat of two.
pub(super) fn part_of(room: &Room) -> Part {
    Part::of_counts(room.joined_members_count(), room.invited_members_count())
}

/// A chat of two is called after its person, even before that person has joined, and whatever either calls the chat.
async fn name_of(room: &Room, peer: Option<&str>) -> PersonName {
    if let Some(peer) = peer {
        return PersonName::new(name_of_member(room, peer).await.as_deref(), peer);
    }
    use matrix_sdk::RoomDisplayName as Name;
    match room.display_name().await {
        Ok(Name::Named(name) | Name::Calculated(name) | Name::Aliased(name)) => PersonName::new(Some(&name), "Chat"),
        Ok(Name::EmptyWas(name)) if !name.is_empty() => PersonName::new(Some(&name), "Chat"),
        _ => PersonName::new(None, "Empty chat"),
    }
}

async fn name_of_member(room: &Room, user_id: &str) -> Option<String> {
    let user_id = UserId::parse(user_id).ok()?;
    if let Ok(Some(member)) = room.get_member_no_sync(&user_id).await {
        return member.display_name().map(ToOwned::to_owned);
    }
    room.clone_info().heroes().iter().find(|hero| hero.user_id == user_id)?.display_name.clone()
}
