//! One's own name, devices and password.

use futures_util::TryFutureExt;
use hearth_web_state::trouble::Trouble;
use matrix_sdk::ruma::{
    DeviceId, OwnedDeviceId,
    api::client::uiaa::{AuthData, MatrixUserIdentifier, Password, UserIdentifier},
};

use super::{
    Account, rows,
    trouble::{of_http, of_sdk},
};

/// One's own profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Profile {
    /// What others see.
    pub(crate) name: String,
}

/// A device that is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeviceLine {
    /// The device id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// When it was last seen, in milliseconds since the Unix epoch.
    pub(crate) seen_ms: Option<u64>,
    /// Whether it is this browser.
    pub(crate) is_this: bool,
    /// Whether one has confirmed it; unknown for one that has uploaded no keys.
    pub(crate) is_confirmed: Option<bool>,
}

impl Account {
    /// One's own profile as the server has it.
    ///
    /// # Errors
    /// When the server could not be asked.
    pub(crate) async fn profile(&self) -> Result<Profile, Trouble> {
        let name = self.client.account().get_display_name().await.map_err(|error| of_sdk(&error))?;
        Ok(Profile { name: name.filter(|name| !name.is_empty()).unwrap_or_else(|| rows::short_name(self.user_id())) })
    }

    /// Changes what others see.
    ///
    /// # Errors
    /// What the server refused.
    pub(crate) async fn set_name(&self, name: &str) -> Result<(), Trouble> {
        let name = name.trim();
        let name = (!name.is_empty()).then_some(name);
        self.client.account().set_display_name(name).await.map_err(|error| of_sdk(&error))
    }

    /// The devices that are logged in, this one first, then by when they were last seen.
    ///
    /// # Errors
    /// When the server could not be asked.
    pub(crate) async fn devices(&self) -> Result<Vec<DeviceLine>, Trouble> {
        let answer = self.client.devices().await.map_err(|error| of_http(&error))?;
        let known = match self.client.user_id() {
            Some(own_id) => self.client.encryption().get_user_devices(own_id).await.ok(),
            None => None,
        };
        let is_confirmed = |id: &DeviceId| Some(known.as_ref()?.get(id)?.is_cross_signed_by_owner());
        let mut lines: Vec<DeviceLine> = answer
            .devices
            .into_iter()
            .map(|device| DeviceLine {
                is_this: device.device_id.as_str() == self.device_id(),
                is_confirmed: is_confirmed(&device.device_id),
                name: device.display_name.unwrap_or_else(|| "Unnamed device".to_owned()),
                seen_ms: device.last_seen_ts.map(|at| at.get().into()),
                id: device.device_id.to_string(),
            })
            .collect();
        lines.sort_by_key(|line| (!line.is_this, std::cmp::Reverse(line.seen_ms)));
        Ok(lines)
    }

    /// Gives a device another name.
    ///
    /// # Errors
    /// What the server refused.
    pub(crate) async fn rename_device(&self, id: &str, name: &str) -> Result<(), Trouble> {
        let renamed = self.client.rename_device(&OwnedDeviceId::from(id), name).await;
        renamed.map(|_| ()).map_err(|error| of_http(&error))
    }

    /// Logs other devices out; the server wants the password for it.
    ///
    /// # Errors
    /// [`Trouble::WrongPassword`] or what else the server refused.
    pub(crate) async fn remove_devices(&self, ids: &[String], password: &str) -> Result<(), Trouble> {
        let ids: Vec<OwnedDeviceId> = ids.iter().map(|id| OwnedDeviceId::from(id.as_str())).collect();
        self.proven(password, |auth| self.client.delete_devices(&ids, auth).map_err(Into::into)).await
    }

    /// Finds out whether this is the password: by logging no device out, for which the server wants it too.
    ///
    /// # Errors
    /// [`Trouble::WrongPassword`] or what else the server refused.
    pub(super) async fn prove_password(&self, password: &str) -> Result<(), Trouble> {
        self.remove_devices(&[], password).await
    }

    /// Changes the password, and logs all other devices out.
    ///
    /// # Errors
    /// [`Trouble::WrongPassword`] or what else the server refused.
    pub(crate) async fn change_password(&self, new: &str, password: &str) -> Result<(), Trouble> {
        let own = self.client.account();
        self.proven(password, |auth| own.change_password(new, auth)).await
    }

    /// Ends the account for good. With `erases` the server is asked to forget what was written.
    ///
    /// # Errors
    /// [`Trouble::WrongPassword`] or what else the server refused.
    pub(crate) async fn deactivate(&self, password: &str, erases: bool) -> Result<(), Trouble> {
        let own = self.client.account();
        self.proven(password, |auth| own.deactivate(None, auth, erases)).await
    }

    /// Does what the server wants the password for: asked without it, the server says for what
    /// (<https://spec.matrix.org/v1.16/client-server-api/#user-interactive-authentication-api>).
    async fn proven<T, F>(&self, password: &str, act: impl Fn(Option<AuthData>) -> F) -> Result<(), Trouble>
    where
        F: Future<Output = matrix_sdk::Result<T>>,
    {
        let Err(error) = act(None).await else { return Ok(()) };
        let Some(uiaa) = error.as_uiaa_response() else { return Err(of_sdk(&error)) };
        let user = UserIdentifier::Matrix(MatrixUserIdentifier::new(self.user_id().to_owned()));
        let mut auth = Password::new(user, password.to_owned());
        auth.session.clone_from(&uiaa.session);
        match act(Some(AuthData::Password(auth))).await {
            Ok(_) => Ok(()),
            Err(error) if error.as_uiaa_response().is_some() => Err(Trouble::WrongPassword),
            Err(error) => Err(of_sdk(&error).at_login()),
        }
    }
}
