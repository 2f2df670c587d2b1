//! Finding people and opening the one direct chat with each.

use futures_util::FutureExt;
use hearth_web_state::{
    chats::{Part, prefers},
    identifier::Identifier,
    trouble::Trouble,
};
use matrix_sdk::{
    Room, RoomState,
    ruma::{OwnedUserId, RoomId, UserId},
};

use super::{
    Account,
    chats::{part_of, peer_of},
    http::within,
    names::PersonName,
    openings::Opening,
    trouble::{of_http, of_sdk},
};

/// The most people shown for one search.
const MAX_FOUND: u64 = 20;

/// Whoever searches is told after so long that the server cannot be reached.
const SEARCH_WITHIN_MS: u32 = 10_000;

/// Somebody one can talk with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// `@alice:example.org`.
    pub(crate) user_id: String,
    /// What they call themselves, or the local part of the user id.
    pub(crate) name: String,
}

impl Account {
    /// People whose username or display name contains what was typed; a full user id is looked up as it is.
    ///
    /// # Errors
    /// When the server could not be asked.
    pub(crate) async fn find_people(&self, typed: &str) -> Result<Vec<Person>, Trouble> {
        let term = typed.trim();
        if term.is_empty() {
            return Ok(Vec::new());
        }
        let bare = term.strip_prefix('@').and_then(|rest| rest.split(':').next()).unwrap_or(term);
        let search = async { self.client.search_users(bare, MAX_FOUND).await.map_err(|error| of_http(&error)) };
        let found = within(SEARCH_WITHIN_MS, search).await?;
        let mut people: Vec<Person> = found
            .results
            .into_iter()
            .filter(|user| user.user_id.as_str() != self.user_id())
            .map(|user| Person {
                name: PersonName::new(user.display_name.as_deref(), user.user_id.as_str()).shown,
                user_id: user.user_id.to_string(),
            })
            .collect();
        // Somebody the directory does not list can still be reached by their exact name.
        if let Some(exact) = self.exact(term)
            && people.iter().all(|person| person.user_id != exact)
            && let Some(person) = self.by_id(&exact).await
        {
            people.insert(0, person);
        }
        Ok(people)
    }

    /// The chat with this person: the existing one, to which they are invited again if they have left, or a new encrypted
    /// one. Returns the chat's id.
    ///
    /// # Errors
    /// What the server refused.
    pub(crate) async fn open_direct_chat(&self, user_id: &str) -> Result<String, Trouble> {
        let user_id = UserId::parse(user_id).map_err(|_| Trouble::NoSuchPerson)?;
        if let Some(room) = self.chat_with(&user_id).filter(|room| part_of(room) != Part::Gone) {
            return Ok(room.room_id().to_string());
        }
        let opening = {
            let mut openings = self.openings.borrow_mut();
            openings.retain(|_, opening| !self.is_over(opening));
            let start = || self.clone().find_or_make(user_id.clone()).boxed_local().shared();
            openings.entry(user_id.clone()).or_insert_with(start).clone()
        };
        opening.await
    }

    /// Of the chats with this person, the one that both use.
    pub(super) fn chat_with(&self, user_id: &UserId) -> Option<Room> {
        let mut best: Option<Room> = None;
        for room in self.client.joined_rooms() {
            let is_better = best
                .as_ref()
                .is_none_or(|best| prefers(part_of(&room), room.room_id().as_str(), part_of(best), best.room_id().as_str()));
            if is_better && peer_of(&room).is_some_and(|peer| peer == user_id.as_str()) {
                best = Some(room);
            }
        }
        best
    }

    /// Whether it failed, or led to a chat that either has left since.
    fn is_over(&self, opening: &Opening) -> bool {
        match opening.peek() {
            None => false,
            Some(Err(_)) => true,
            Some(Ok(chat_id)) => {
                self.room(chat_id).is_ok_and(|room| room.state() == RoomState::Left || part_of(&room) == Part::Gone)
            }
        }
    }

    /// Asks the person of this chat of two, who has left, to come back.
    ///
    /// # Errors
    /// What the server refused.
    pub(crate) async fn invite_again(&self, chat_id: &str) -> Result<(), Trouble> {
        let room = self.room(chat_id)?;
        let user_id = UserId::parse(peer_of(&room).unwrap_or_default()).map_err(|_| Trouble::NoSuchPerson)?;
        room.invite_user_by_id(&user_id).await.map_err(|error| of_sdk(&error))
    }

    async fn find_or_make(self, user_id: OwnedUserId) -> Result<String, Trouble> {
        for room in self.client.invited_rooms() {
            let from_them = room.invite_details().await.is_ok_and(|invite| invite.inviter_id == user_id);
            if from_them && room.is_direct().await.unwrap_or(false) {
                room.join().await.map_err(|error| of_sdk(&error))?;
                return Ok(room.room_id().to_string());
            }
        }
        if let Some(room) = self.chat_with(&user_id) {
            match room.invite_user_by_id(&user_id).await.map_err(|error| of_sdk(&error)) {
                Ok(()) => return Ok(room.room_id().to_string()),
                // Where one may not invite, a new chat is begun.
                Err(Trouble::NotAllowed) => {}
                Err(trouble) => return Err(trouble),
            }
        }
        let room = self.client.create_dm(&user_id).await.map_err(|error| of_sdk(&error))?;
        Ok(room.room_id().to_string())
    }

    /// Whether the chat is known locally, which a chat made a moment ago may not be yet.
    pub(crate) fn knows(&self, chat_id: &str) -> bool {
        RoomId::parse(chat_id).is_ok_and(|room_id| self.client.get_room(&room_id).is_some())
    }

    /// Whether somebody asks for this chat and one has not answered yet.
    pub(crate) fn is_asked(&self, chat_id: &str) -> bool {
        self.room(chat_id).is_ok_and(|room| room.state() == RoomState::Invited)
    }

    /// The user id that was meant exactly, if one was.
    fn exact(&self, typed: &str) -> Option<String> {
        let user_id = match Identifier::parse(typed)? {
            Identifier::UserId(user_id) => user_id,
            Identifier::Username(name) => format!("@{name}:{}", self.server_name()),
            Identifier::Email(_) => return None,
        };
        (user_id != self.user_id()).then_some(user_id)
    }

    async fn by_id(&self, user_id: &str) -> Option<Person> {
        let id = UserId::parse(user_id).ok()?;
        let profile = self.client.account().fetch_user_profile_of(&id).await.ok()?;
        let name = profile.get("displayname").and_then(|name| name.as_str());
        Some(Person { user_id: user_id.to_owned(), name: PersonName::new(name, user_id).shown })
    }
}
