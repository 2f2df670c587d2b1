//! Where messages are written: Enter sends, Shift and Enter begin a new line. Where there are only fingers, and with them
//! no Shift to hold, Enter begins a new line and the button sends.

use dioxus::{prelude::*, web::WebEventExt};
use hearth_web_state::files::Found;
use web_sys::File;

use super::{
    emoji_picker::EmojiPicker,
    icon::{Icon, Shape},
};
use crate::browser::{
    self,
    files::{of_clipboard, of_input},
};

/// The id of the text area, for moving the focus to it.
pub(crate) const COMPOSER_ID: &str = "composer";
/// The id of the browser's field for files.
const ATTACH_ID: &str = "attach";
/// The id of the dialog that has any emoji to write.
const EMOJI_ID: &str = "composer-emoji";
/// What a key has for a code while an input method takes it, also when Safari says that the composition is over.
const KEY_CODE_OF_INPUT_METHOD: u32 = 229;

/// What the text is for, when it is no message of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Purpose {
    /// Whether it takes the place of another message.
    pub(crate) is_edit: bool,
    /// Whose message it answers, and how that begins.
    pub(crate) quote: Option<(String, String)>,
}

/// `draft` is the text so far. `ontype` runs on every change with whether there is text. `onlast` asks for one's own
/// last message, `onleave` gives up what the text is for. `onfiles` has what was picked or pasted; with files nothing need
/// be written.
#[component]
pub(crate) fn Composer(
    to: String,
    draft: String,
    purpose: Option<Purpose>,
    has_files: bool,
    ondraft: EventHandler<String>,
    onsend: EventHandler<()>,
    ontype: EventHandler<bool>,
    onlast: EventHandler<()>,
    onleave: EventHandler<()>,
    onfiles: EventHandler<Vec<Found<File>>>,
) -> Element {
    let empty = draft.trim().is_empty() && !has_files;
    let is_edit = purpose.as_ref().is_some_and(|purpose| purpose.is_edit);
    let is_blank = draft.is_empty();
    let has_purpose = purpose.is_some();
    let enter_sends = browser::has_pointer();
    let send = use_callback(move |()| {
        onsend.call(());
        ontype.call(false);
    });
    let text = draft.clone();
    let mut is_choosing = use_signal(|| false);
    use_effect(use_reactive!(|draft| {
        // Also when a draft is restored or cleared, not only while typing.
        let _ = draft;
        browser::fit_height(COMPOSER_ID);
    }));
    rsx! {
        if let Some(purpose) = purpose { PurposeLine { purpose, onleave } }
        form {
            class: "composer",
            onsubmit: move |event| {
                event.prevent_default();
                send.call(());
            },
            if !is_edit { Attach { onfiles } }
            textarea {
                id: COMPOSER_ID,
                class: "composer-text",
                "aria-label": "Message",
                placeholder: "Message {to}",
                rows: 1,
                maxlength: 32_000,
                dir: "auto",
                autocomplete: "off",
                enterkeyhint: if enter_sends { "send" } else { "enter" },
                value: "{text}",
                oninput: move |event| {
                    let text = event.value();
                    ontype.call(!text.trim().is_empty());
                    ondraft.call(text);
                },
                onpaste: move |event| {
                    let found = event.try_as_web_event().map(|event| of_clipboard(&event)).unwrap_or_default();
                    if !found.is_empty() && !is_edit {
                        event.prevent_default();
                        onfiles.call(found);
                    }
                },
                onkeydown: move |event| {
                    let plain = event.modifiers().is_empty();
                    match event.key() {
                        Key::Enter if enter_sends && !event.modifiers().shift() && !is_composing(&event) => send.call(()),
                        Key::ArrowUp if plain && is_blank && !has_purpose => onlast.call(()),
                        Key::Escape if has_purpose && !is_composing(&event) => onleave.call(()),
                        _ => return,
                    }
                    event.prevent_default();
                },
            }
            button {
                class: "icon-button composer-tool",
                r#type: "button",
                "aria-label": "Emoji",
                title: "Emoji",
                "aria-haspopup": "dialog",
                onclick: move |_| {
                    is_choosing.set(true);
                    browser::show_dialog(EMOJI_ID);
                },
                Icon { shape: Shape::Smile }
            }
            button { class: "composer-send", r#type: "submit", disabled: empty, "aria-label": "Send", title: "Send",
                Icon { shape: Shape::Send }
            }
        }
        // Not in the form, which Enter in the search field would send.
        EmojiPicker {
            id: EMOJI_ID,
            is_open: is_choosing,
            onpick: move |emoji: String| {
                is_choosing.set(false);
                if let Some(text) = browser::insert_text(COMPOSER_ID, &emoji) {
                    ontype.call(true);
                    ondraft.call(text);
                }
                browser::focus(COMPOSER_ID);
            },
            onclose: move |()| is_choosing.set(false),
        }
    }
}

/// The way to files. The field for them is the browser's own and looks like it; a button stands for it.
#[component]
fn Attach(onfiles: EventHandler<Vec<Found<File>>>) -> Element {
    rsx! {
        button {
            class: "icon-button composer-tool",
            r#type: "button",
            "aria-label": "Attach files",
            title: "Attach files",
            onclick: move |_| browser::press(ATTACH_ID),
            Icon { shape: Shape::Clip }
        }
        input {
            id: ATTACH_ID,
            r#type: "file",
            multiple: true,
            hidden: true,
            onchange: move |event| {
                let found = event.try_as_web_event().map(|event| of_input(&event)).unwrap_or_default();
                if !found.is_empty() {
                    onfiles.call(found);
                }
            },
        }
    }
}

/// Whether an input method takes the key, which then confirms what it proposes and sends nothing.
fn is_composing(event: &KeyboardEvent) -> bool {
    let is_taken = event.try_as_web_event().is_some_and(|event| event.key_code() == KEY_CODE_OF_INPUT_METHOD);
    event.is_composing() || is_taken
}

#[component]
fn PurposeLine(purpose: Purpose, onleave: EventHandler<()>) -> Element {
    let leave = if purpose.is_edit { "Cancel editing" } else { "Cancel reply" };
    rsx! {
        div { class: "composer-purpose", role: "group", "aria-label": if purpose.is_edit { "Editing" } else { "Replying" },
            Icon { shape: if purpose.is_edit { Shape::Pen } else { Shape::Reply } }
            p { class: "composer-purpose-text",
                if let Some((name, excerpt)) = purpose.quote {
                    "Replying to "
                    bdi { class: "message-quote-name", "{name}" }
                    ": "
                    bdi { "{excerpt}" }
                } else {
                    "Editing your message"
                }
            }
            button { class: "icon-button composer-purpose-leave", r#type: "button", "aria-label": leave, title: leave, onclick: move |_| onleave.call(()),
                Icon { shape: Shape::Close }
            }
        }
    }
}
