//! `GET /_matrix/client/v3/account/3pid`

use axum::extract::State;
use engine::Engine;
use ruma::{
    MilliSecondsSinceUnixEpoch, UInt,
    api::client::account::get_3pids::v3::{Request, Response},
    thirdparty::{Medium, ThirdPartyIdentifierInit},
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(_): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let emails = views::accounts::emails(&*engine.rows(), &sender.user_id)?;
    let identifiers = emails.into_iter().map(|row| {
        let added_at = MilliSecondsSinceUnixEpoch(UInt::new_saturating(row.added_at_ms));
        // The type has no "not verified"; the moment of adding stands for both.
        let address = row.email.to_string();
        ThirdPartyIdentifierInit { address, medium: Medium::Email, validated_at: added_at, added_at }.into()
    });
    Ok(Ruma(Response::new(identifiers.collect())))
}
