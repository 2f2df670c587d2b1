//! Blocking people, and telling those who run the server about them.

use hearth_web_state::{chats::ChatsChange, trouble::Trouble};
use matrix_sdk::ruma::{
    OwnedUserId, UserId, api::client::reporting::report_user::v3::Request as ReportUser,
    events::ignored_user_list::IgnoredUserListEventContent,
};

use super::{
    Account,
    trouble::{of_http, of_sdk},
};
use crate::browser;

impl Account {
    /// Hears nothing more of this person. The list of the blocked is kept on the server, for all devices.
    ///
    /// # Errors
    /// What the server refused.
    pub(crate) async fn block(&self, user_id: &str) -> Result<(), Trouble> {
        self.client.account().ignore_user(&parse(user_id)?).await.map_err(|error| of_sdk(&error))
    }

    /// Hears of this person again.
    ///
    /// # Errors
    /// What the server refused.
    pub(crate) async fn unblock(&self, user_id: &str) -> Result<(), Trouble> {
        self.client.account().unignore_user(&parse(user_id)?).await.map_err(|error| of_sdk(&error))
    }

    /// Tells those who run the server about a person. Nothing of any chat is sent along.
    ///
    /// # Errors
    /// [`Trouble::NotOffered`] when the server takes no reports, or what else it refused.
    pub(crate) async fn report(&self, user_id: &str, reason: &str) -> Result<(), Trouble> {
        let request = ReportUser::new(parse(user_id)?, reason.trim().to_owned());
        match self.client.send(request).await {
            Ok(_) => Ok(()),
            Err(error) => Err(of_http(&error)),
        }
    }

    /// Reports whom one has blocked, now and on every change, for as long as it is polled.
    pub(crate) async fn watch_blocked(&self, mut report: impl FnMut(ChatsChange)) {
        let mut changes = self.client.subscribe_to_ignore_user_list_changes();
        match self.client.account().account_data::<IgnoredUserListEventContent>().await {
            Ok(kept) => {
                let content = kept.and_then(|content| content.deserialize().ok()).unwrap_or_default();
                report(ChatsChange::Blocked(content.ignored_users.keys().map(ToString::to_string).collect()));
            }
            Err(error) => browser::warn(&format!("reading whom one has blocked: {error}")),
        }
        while let Some(blocked) = changes.next().await {
            report(ChatsChange::Blocked(blocked));
        }
    }
}

fn parse(user_id: &str) -> Result<OwnedUserId, Trouble> {
    UserId::parse(user_id).map_err(|_| Trouble::NoSuchPerson)
}
