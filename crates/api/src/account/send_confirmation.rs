//! `POST /_matrix/client/unstable/org.hearth.email/send`: asks once more whether an address of the sender's is right, `{"email"}` → `{}`.

use axum::{Json, extract::State};
use domain::{Rejection, directory::EmailAddress};
use engine::Engine;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{body::Body, error::ApiError, extract::Sender, limits::Limits, mailing::Mailing};

#[derive(Deserialize)]
pub(crate) struct Asked {
    email: String,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(limits): State<Limits>,
    State(mailing): State<Mailing>,
    sender: Sender,
    Body(asked): Body<Asked>,
) -> Result<Json<Value>, ApiError> {
    let owned = match EmailAddress::parse(&asked.email) {
        Ok(email) => views::accounts::user_by_email(&*engine.rows(), &email)?.map(|owner| (email, owner)),
        Err(_) => None,
    };
    // The same for somebody else's and for nobody's: which addresses have accounts is told to nobody.
    let Some((email, _)) = owned.filter(|(_, owner)| *owner == sender.user_id) else {
        return Err(Rejection::not_found("The account has no such address.").into());
    };
    limits.letter(sender.user_id.as_str())?;
    limits.letter(email.as_str())?;
    mailing.send_confirmation(&engine, email, sender.user_id).await?;
    Ok(Json(json!({})))
}
