//! `GET /.well-known/matrix/support`

use std::sync::Arc;

use axum::extract::State;
use domain::Rejection;
use ruma::api::client::discovery::discover_support::{Contact, ContactRole, Response};

use crate::{
    app::{ApiSettings, Support},
    error::ApiError,
    extract::Ruma,
};

pub(crate) async fn handle(State(settings): State<Arc<ApiSettings>>) -> Result<Ruma<Response>, ApiError> {
    let Support { email, page } = settings.support.clone();
    if email.is_none() && page.is_none() {
        return Err(Rejection::not_found("Nobody has said how to get help here.").into());
    }
    let contacts = email.map(|email| Contact::with_email_address(ContactRole::Admin, email));
    let mut response = Response::with_contacts(contacts.into_iter().collect());
    response.support_page = page;
    Ok(Ruma(response))
}
