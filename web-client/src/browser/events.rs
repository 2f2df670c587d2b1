//! What happens around the program: keys pressed anywhere, the back button, focus, the network, other tabs.

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use wasm_bindgen::JsCast;
use web_sys::{Event, KeyboardEvent, PopStateEvent, StorageEvent};

/// Something that happened around the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PageEvent {
    /// Ctrl or ⌘ and K.
    FindPeople,
    /// Escape.
    Escape,
    /// Alt and arrow up.
    PreviousChat,
    /// Alt and arrow down.
    NextChat,
    /// The page came into view or left it.
    Attention,
    /// The browser has a network again.
    Online,
    /// The browser has no network any more.
    Offline,
    /// Back or forward was pressed; the view of that history entry.
    Moved(String),
    /// Another tab logged in or out.
    SessionChanged,
    /// There is a newer program.
    NewVersion,
    /// A note was pressed; the chat that it is about.
    NotePressed(String),
}

/// Everything from now on, for the life of the page. Unbounded, but as slow as a person's fingers.
pub(crate) fn page_events() -> UnboundedReceiver<PageEvent> {
    let (sender, receiver) = unbounded();
    let (Some(window), Some(document)) = (super::window(), super::window().and_then(|window| window.document())) else {
        return receiver;
    };
    forward(&document, "keydown", &sender, |event| of_key(event.dyn_ref::<KeyboardEvent>()?));
    forward(&document, "visibilitychange", &sender, |_| Some(PageEvent::Attention));
    forward(&window, "focus", &sender, |_| Some(PageEvent::Attention));
    forward(&window, "blur", &sender, |_| Some(PageEvent::Attention));
    forward(&window, "online", &sender, |_| Some(PageEvent::Online));
    forward(&window, "offline", &sender, |_| Some(PageEvent::Offline));
    forward(&window, "hearth-version", &sender, |_| Some(PageEvent::NewVersion));
    forward(&window, "hearth-open", &sender, |event| Some(PageEvent::NotePressed(super::notes::pressed(event)?)));
    forward(&window, "popstate", &sender, |event| {
        let view = super::history::view_of(&event.dyn_ref::<PopStateEvent>()?.state());
        Some(PageEvent::Moved(view.unwrap_or_default()))
    });
    forward(&window, "storage", &sender, |event| {
        let key = event.dyn_ref::<StorageEvent>()?.key();
        // No key means that everything was cleared.
        (key.is_none() || key.as_deref() == Some("hearth.session")).then_some(PageEvent::SessionChanged)
    });
    receiver
}

/// A key of calls, pressed anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallKey {
    /// Alt, Shift and M.
    Mute,
    /// Alt, Shift and V. There is no key that turns it on.
    CameraOff,
    /// Alt, Shift and Enter.
    Accept,
    /// Alt, Shift and H.
    HangUp,
}

/// Keys of calls from now on, for the life of the page: chords that browsers leave to pages (decision 73), by the place of the key,
/// as Alt makes other letters of them on some keyboards. They mean something only while `armed` holds.
pub(crate) fn call_keys(armed: impl Fn() -> bool + 'static) -> UnboundedReceiver<CallKey> {
    let (sender, receiver) = unbounded();
    if let Some(document) = super::window().and_then(|window| window.document()) {
        super::listen(&document, "keydown", move |event| {
            let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
            let is_command = event.ctrl_key() || event.meta_key();
            let is_chord = event.alt_key() && event.shift_key() && !is_command && !event.repeat();
            let key = match event.code().as_str() {
                "KeyM" => CallKey::Mute,
                "KeyV" => CallKey::CameraOff,
                "Enter" | "NumpadEnter" => CallKey::Accept,
                "KeyH" => CallKey::HangUp,
                _ => return,
            };
            if is_chord && armed() {
                event.prevent_default();
                // Nobody listens any more once the screen is gone.
                let _ = sender.unbounded_send(key);
            }
        });
    }
    receiver
}

/// Tells whenever something is shown on the whole screen, or no more, for as long as the first of the two is kept.
pub(crate) fn full_screen_changes() -> (Option<super::Listening>, UnboundedReceiver<()>) {
    let (sender, receiver) = unbounded();
    let document = super::window().and_then(|window| window.document());
    let listening = document.map(|document| {
        super::Listening::to(&document, "fullscreenchange", move |_| {
            // Nobody listens any more once the screen is gone.
            let _ = sender.unbounded_send(());
        })
    });
    (listening, receiver)
}

fn forward(
    target: &web_sys::EventTarget,
    name: &str,
    sender: &UnboundedSender<PageEvent>,
    read: impl Fn(&Event) -> Option<PageEvent> + 'static,
) {
    let sender = sender.clone();
    super::listen(target, name, move |event| {
        if let Some(happened) = read(&event) {
            // Nobody listens any more once the screen is gone.
            let _ = sender.unbounded_send(happened);
        }
    });
}

/// Whether it was pressed in something that lies over the page and sees to its Escape itself, or while such a thing is open: what had the
/// focus in it may just have gone.
fn is_in_front(event: &KeyboardEvent) -> bool {
    let document = super::window().and_then(|window| window.document());
    if document.is_some_and(|document| document.query_selector("dialog[open]").ok().flatten().is_some()) {
        return true;
    }
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let over = target.and_then(|element| element.closest("dialog, [role=menu], [role=alertdialog]").ok().flatten());
    over.is_some()
}

/// Whether it was pressed in a list to choose from, which opens by Alt and an arrow.
fn is_in_choice(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|element| element.tag_name() == "SELECT")
}

fn of_key(event: &KeyboardEvent) -> Option<PageEvent> {
    let command = event.ctrl_key() || event.meta_key();
    let happened = match event.key().as_str() {
        "k" | "K" if command && !event.shift_key() && !event.alt_key() => PageEvent::FindPeople,
        // What was in front has taken it already, or sees to it itself.
        "Escape" if !event.is_composing() && !event.default_prevented() && !is_in_front(event) => PageEvent::Escape,
        "ArrowUp" | "ArrowDown" if is_in_choice(event) => return None,
        "ArrowUp" if event.alt_key() && !command => PageEvent::PreviousChat,
        "ArrowDown" if event.alt_key() && !command => PageEvent::NextChat,
        _ => return None,
    };
    if happened != PageEvent::Escape {
        event.prevent_default();
    }
    Some(happened)
}
