//! `POST /_matrix/client/v3/user_directory/search`

use std::sync::Arc;

use axum::extract::State;
use domain::{Rejection, directory::EmailAddress, user::profile::DISPLAY_NAME};
use engine::Engine;
use ruma::{
    UserId,
    api::client::user_directory::search_users::v3::{Request, Response, User},
};
use views::{Rows, ViewFault, accounts::FoundUser};

use crate::{
    app::ApiSettings,
    error::ApiError,
    extract::{Ruma, Sender},
};

/// The most people that one search gives.
pub(crate) const FOUND_MAX: usize = 50;
/// The longest search term.
const TERM_BYTES_MAX: usize = 512;

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(settings): State<Arc<ApiSettings>>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    if request.search_term.len() > TERM_BYTES_MAX {
        return Err(Rejection::invalid_param("A search term has at most 512 bytes.").into());
    }
    engine
        .read(&sender.user_id, |rows| {
            let limit = usize::try_from(u64::from(request.limit)).unwrap_or(FOUND_MAX).min(FOUND_MAX);
            let may_see = |user_id: &UserId| -> Result<bool, ViewFault> {
                Ok(settings.search_all_users
                    || *user_id == sender.user_id
                    || is_name_of(&request.search_term, user_id)
                    || views::membership::shares_a_room(rows, &sender.user_id, user_id)?)
            };
            let (mut found, limited) = views::accounts::search_users(rows, &request.search_term, limit, &may_see)?;
            if settings.search_by_email
                && let Some(by_email) = by_email(rows, &request.search_term)?
                && found.iter().all(|user| user.user_id != by_email.user_id)
            {
                found.insert(0, by_email);
            }
            let results = found.into_iter().map(|found| {
                let mut user = User::new(found.user_id);
                user.display_name = found.display_name;
                user.avatar_url = found.avatar_url.map(Into::into);
                user
            });
            Ok(Ruma(Response::new(results.collect(), limited)))
        })
        .await
}

/// Whether the term is somebody's whole user id, or the part before the colon. Who knows that may ask for the profile as well.
fn is_name_of(term: &str, user_id: &UserId) -> bool {
    let term = term.trim();
    term.eq_ignore_ascii_case(user_id.as_str())
        || term.strip_prefix('@').unwrap_or(term).eq_ignore_ascii_case(user_id.localpart())
}

/// Who has exactly this address. Parts of addresses find nobody.
fn by_email(rows: &dyn Rows, term: &str) -> Result<Option<FoundUser>, ViewFault> {
    let Ok(email) = EmailAddress::parse(term) else { return Ok(None) };
    let Some(user_id) = views::accounts::user_by_email(rows, &email)? else { return Ok(None) };
    let name = views::accounts::profile_field(rows, &user_id, DISPLAY_NAME)?;
    let display_name = name.and_then(|name| name.as_str().map(str::to_owned));
    Ok(Some(FoundUser { user_id, display_name, avatar_url: None }))
}
