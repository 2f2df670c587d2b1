//! The page before and after the program: the static sign-in form, and leaving without a trace.

use std::{cell::Cell, rc::Rc};

use futures_channel::oneshot;
use hearth_web_state::session::WipeMark;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlElement, HtmlInputElement};

/// What a person typed into the static form before the program arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BootForm {
    /// Whether the form stood on "sign up".
    pub(crate) is_sign_up: bool,
    /// The token of the invite by whose link the person came.
    pub(crate) invite: Option<String>,
    /// The token of the link by which the person came to set a new password.
    pub(crate) reset: Option<String>,
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
    /// Whether the page was left by a log-out that the server has not heard of.
    pub(crate) unreached: bool,
}

/// Keeps the token of an invite for as long as the tab lives; the script in `index.html` takes it out of the address.
const INVITE_KEY: &str = "hearth.invite";

/// Forgets the invite, which was used or never counts again.
pub(crate) fn forget_invite() {
    super::store_in_tab(INVITE_KEY, None);
}

/// Keeps the token of a link that resets a password, as that of an invite.
const RESET_KEY: &str = "hearth.reset";

/// Forgets the link that resets a password, which was used or is not wanted.
pub(crate) fn forget_reset() {
    super::store_in_tab(RESET_KEY, None);
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

/// Whether the static form is there, and is that for a new account.
pub(crate) fn is_boot_sign_up() -> bool {
    super::by_id("boot").is_some_and(|boot| is_sign_up(&boot, invite_of(&boot).as_deref()))
}

fn is_sign_up(boot: &HtmlElement, invite: Option<&str>) -> bool {
    invite.is_some() || boot.dataset().get("mode").as_deref() == Some("sign-up")
}

fn invite_of(boot: &HtmlElement) -> Option<String> {
    boot.dataset().get("invite").or_else(|| super::stored_in_tab(INVITE_KEY))
}

/// Reads the static form; `None` once it is gone.
pub(crate) fn take_boot() -> Option<BootForm> {
    let boot = super::by_id("boot")?;
    let focused = boot.owner_document().and_then(|document| document.active_element()).map(|element| element.id());
    let invite = invite_of(&boot);
    Some(BootForm {
        is_sign_up: is_sign_up(&boot, invite.as_deref()),
        invite,
        reset: boot.dataset().get("reset").or_else(|| super::stored_in_tab(RESET_KEY)),
        identifier: value("boot-identifier"),
        email: value("boot-email"),
        username: value("boot-username"),
        display_name: value("boot-display-name"),
        password: value("boot-password"),
        focused: focused.and_then(|id| id.strip_prefix("boot-").map(ToOwned::to_owned)),
        submitted: boot.dataset().get("submitted").is_some(),
        unreached: boot.dataset().get("notice").as_deref() == Some("unreached"),
    })
}

/// Takes the static form away, now that the program's own stands in its place.
pub(crate) fn remove_boot() {
    if let Some(boot) = super::by_id("boot") {
        boot.remove();
    }
}

/// Names what the next page forgets before it begins: the script in `index.html` reads it.
const WIPE_KEY: &str = "hearth.wipe";

/// Forgets a session: what storage has at once, and its databases on the page that is loaded now.
///
/// The databases are still open here, and an open database cannot be deleted. So a mark is left; the script in `index.html`
/// finds it on the fresh page, deletes what it names, and removes it. `clears_storage` unless another session is kept by now.
pub(crate) fn wipe_and_leave(store: &str, is_server_told: bool, clears_storage: bool) {
    let Some(window) = super::window() else { return };
    let before = super::stored(WIPE_KEY);
    super::store(WIPE_KEY, &WipeMark::with(before.as_deref(), store, is_server_told).to_text());
    if clears_storage && let Some(storage) = super::local_storage() {
        let count = storage.length().unwrap_or(0);
        let keys: Vec<String> = (0..count).filter_map(|index| storage.key(index).ok().flatten()).collect();
        for key in keys.iter().filter(|key| *key != WIPE_KEY) {
            // Removing fails only where keeping would have failed too.
            let _ = storage.remove_item(key);
        }
    }
    if let Some(storage) = window.session_storage().ok().flatten() {
        let _ = storage.clear();
    }
    super::history::clear_history_view();
    // Replacing leaves no entry behind that the back button could return to.
    let _ = window.location().replace("/");
}

/// Waits until the script in `index.html` has done what a log-out asked for. Databases that another tab has open go when
/// that tab is closed.
pub(crate) async fn wait_for_wipe() {
    let Some(window) = super::window() else { return };
    if let Ok(value) = Reflect::get(&window, &"hearthWiped".into())
        && let Ok(promise) = value.dyn_into::<Promise>()
    {
        // What could not be done now stays marked, and is tried again by the next page.
        let _ = JsFuture::from(promise).await;
    }
}

/// Whether the browser trusts the way by which the page came: by https, or from this very machine.
pub(crate) fn is_secure() -> bool {
    super::window().is_some_and(|window| window.is_secure_context())
}

/// Whether the browser keeps what this site asks it to keep: words and databases.
pub(crate) async fn can_keep() -> bool {
    const PROBE: &str = "hearth.probe";
    let keeps_words = super::store(PROBE, "1") && super::stored(PROBE).as_deref() == Some("1");
    super::unstore(PROBE);
    keeps_words && keeps_databases(PROBE).await
}

/// Opens a database, which browsers refuse that keep nothing, and deletes it again.
async fn keeps_databases(name: &str) -> bool {
    let request = |method: &str| -> Option<JsValue> {
        let factory = Reflect::get(super::window()?.as_ref(), &"indexedDB".into()).ok()?;
        let method: Function = Reflect::get(&factory, &method.into()).ok()?.dyn_into().ok()?;
        method.call1(&factory, &name.into()).ok()
    };
    let Some(opening) = request("open") else { return false };
    let is_open = settled(&opening).await;
    if let Ok(database) = Reflect::get(&opening, &"result".into())
        && let Some(close) =
            Reflect::get(&database, &"close".into()).ok().and_then(|close| close.dyn_into::<Function>().ok())
    {
        let _ = close.call0(&database);
    }
    // An empty database that stays takes no room.
    let _ = request("deleteDatabase");
    is_open
}

/// Whether a request of IndexedDB succeeds.
async fn settled(request: &JsValue) -> bool {
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(Cell::new(Some(sender)));
    let listener = |succeeds: bool| {
        let sender = Rc::clone(&sender);
        Closure::<dyn FnMut()>::new(move || {
            if let Some(sender) = sender.take() {
                // Nobody waits any more once the page goes.
                let _ = sender.send(succeeds);
            }
        })
    };
    let (done, failed) = (listener(true), listener(false));
    // A request takes any listener.
    let _ = Reflect::set(request, &"onsuccess".into(), done.as_ref());
    let _ = Reflect::set(request, &"onerror".into(), failed.as_ref());
    receiver.await.unwrap_or(false)
}
