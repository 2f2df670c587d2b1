//! The page before and after the program: the static sign-in form, and leaving without a trace.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// What a person typed into the static form before the program arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BootForm {
    /// Whether the form stood on "sign up".
    pub(crate) is_sign_up: bool,
    /// The token of the invite by whose link the person came.
    pub(crate) invite: Option<String>,
    /// Username or e-mail, of the log-in form.
    pub(crate) identifier: String,
    /// E-mail, of the sign-up form.
    pub(crate) email: String,
    /// Username, of the sign-up form.
    pub(crate) username: String,
    /// Display name, of the sign-up form.
    pub(crate) display_name: String,
    /// Password.
    pub(crate) password: String,
    /// The id of the field that has the focus, without its prefix.
    pub(crate) focused: Option<String>,
    /// Whether the form was submitted already.
    pub(crate) submitted: bool,
    /// Whether the page was left because the server had ended the session.
    pub(crate) session_ended: bool,
}

/// Keeps the token of an invite for as long as the tab lives; the script in `index.html` takes it out of the address.
const INVITE_KEY: &str = "hearth.invite";

/// Forgets the invite, which was used or never counts again.
pub(crate) fn forget_invite() {
    super::store_in_tab(INVITE_KEY, None);
}

/// The host that the page came from, with its port if it has one.
pub(crate) fn host() -> String {
    super::window().and_then(|window| window.location().host().ok()).unwrap_or_default()
}

fn value(id: &str) -> String {
    super::by_id(id)
        .and_then(|element| element.dyn_into::<HtmlInputElement>().ok())
        .map(|input| input.value())
        .unwrap_or_default()
}

/// Reads the static form; `None` once it is gone.
pub(crate) fn take_boot() -> Option<BootForm> {
    let boot = super::by_id("boot")?;
    let focused = boot.owner_document().and_then(|document| document.active_element()).map(|element| element.id());
    let invite = boot.dataset().get("invite").or_else(|| super::stored_in_tab(INVITE_KEY));
    Some(BootForm {
        is_sign_up: invite.is_some() || boot.dataset().get("mode").as_deref() == Some("sign-up"),
        invite,
        identifier: value("boot-identifier"),
        email: value("boot-email"),
        username: value("boot-username"),
        display_name: value("boot-display-name"),
        password: value("boot-password"),
        focused: focused.and_then(|id| id.strip_prefix("boot-").map(ToOwned::to_owned)),
        submitted: boot.dataset().get("submitted").is_some(),
        session_ended: boot.dataset().get("notice").as_deref() == Some("ended"),
    })
}

/// Takes the static form away, now that the program's own stands in its place.
pub(crate) fn remove_boot() {
    if let Some(boot) = super::by_id("boot") {
        boot.remove();
    }
}

/// Forgets everything this site keeps in the browser, and loads the page afresh.
///
/// The databases are still open here, and an open database cannot be deleted. So a mark is left; the script in
/// `index.html` finds it on the fresh page, deletes databases, caches and workers, and removes the mark. `reason` is
/// "asked", or "ended" when the server had ended the session, which the fresh page then says.
pub(crate) fn wipe_and_leave(reason: &str) {
    let Some(window) = super::window() else { return };
    for storage in [window.local_storage(), window.session_storage()].into_iter().flatten().flatten() {
        // Clearing fails only where keeping would have failed too.
        let _ = storage.clear();
    }
    super::store("hearth.wipe", reason);
    super::set_history_view("", true);
    // Replacing leaves no entry behind that the back button could return to.
    let _ = window.location().replace("/");
}
