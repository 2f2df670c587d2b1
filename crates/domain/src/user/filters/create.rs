//! Keeps a filter (spec: `POST /user/{userId}/filter`).

use ruma::OwnedUserId;
use serde_json::value::RawValue;

use super::{FILTER_BYTES_MAX, FILTERS_MAX, FILTERS_TOTAL_BYTES_MAX, FilterCreated};
use crate::{Command, Context, Decision, Fact, Rejection, short_digest::ShortDigest, user::UserState};

/// Keeps a filter. The same filter again has the same id.
#[derive(Clone, Debug)]
pub struct CreateFilter {
    /// Whose filter.
    pub user_id: OwnedUserId,
    /// The filter.
    pub filter: Box<RawValue>,
}

impl Command for CreateFilter {
    type On = UserState;
    type Reply = String;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, _: &Context<'_>) -> Result<Decision<String>, Rejection> {
        let user_id = state.account.active()?;
        if let Some(id) = state.filters.ids.get(&ShortDigest::of(self.filter.get())) {
            return Ok(Decision::AlreadyDone(id.clone()));
        }
        if self.filter.get().len() > FILTER_BYTES_MAX {
            return Err(Rejection::too_large("A filter has at most 65,536 bytes."));
        }
        if state.filters.ids.len() >= FILTERS_MAX {
            return Err(Rejection::forbidden("The account has as many filters as it may have."));
        }
        if state.filters.bytes + self.filter.get().len() > FILTERS_TOTAL_BYTES_MAX {
            return Err(Rejection::too_large("The filters of an account have at most 4 MiB."));
        }
        // Ids do not begin with a brace: that is how a filter in a query is told from an id.
        let filter_id = state.filters.ids.len().to_string();
        let fact = FilterCreated { user_id: user_id.clone(), filter_id: filter_id.clone(), filter: self.filter };
        Ok(Decision::accept([Fact::FilterCreated(fact)], filter_id))
    }
}
