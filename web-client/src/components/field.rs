//! A labelled line of input with a hint and an error, tied together for screen readers.

use dioxus::prelude::*;

use super::icon::{Icon, Shape};

/// What kind of text it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// An e-mail address.
    Email,
    /// A password, hidden unless the person looks.
    Password,
}

/// `id` is also the form field's name. `oninput` gets the whole new value.
#[component]
pub(crate) fn Field(
    id: String,
    label: String,
    value: String,
    oninput: EventHandler<String>,
    #[props(default = Kind::Text)] kind: Kind,
    #[props(default)] hint: Option<String>,
    #[props(default)] error: Option<String>,
    #[props(default)] autocomplete: &'static str,
    #[props(default = 512)] max_len: i64,
    #[props(default)] optional: bool,
    #[props(default)] disabled: bool,
    #[props(default)] onblur: EventHandler<()>,
    children: Element,
) -> Element {
    let mut shown = use_signal(|| false);
    let input_type = match kind {
        Kind::Text => "text",
        Kind::Email => "email",
        Kind::Password if shown() => "text",
        Kind::Password => "password",
    };
    let described = match (&error, &hint) {
        (Some(_), _) => Some(format!("{id}-error")),
        (None, Some(_)) => Some(format!("{id}-hint")),
        (None, None) => None,
    };
    rsx! {
        div { class: "field",
            label { class: "field-label", r#for: "{id}",
                "{label}"
                if optional { span { class: "field-optional", " (optional)" } }
            }
            div { class: "field-box",
                input {
                    id: "{id}",
                    name: "{id}",
                    class: "field-input",
                    r#type: input_type,
                    value: "{value}",
                    autocomplete,
                    autocapitalize: "none",
                    spellcheck: "false",
                    maxlength: max_len,
                    disabled,
                    "aria-invalid": if error.is_some() { "true" },
                    "aria-describedby": described,
                    "aria-required": if optional { None } else { Some("true") },
                    oninput: move |event| oninput.call(event.value()),
                    onblur: move |_| onblur.call(()),
                }
                if kind == Kind::Password {
                    button {
                        class: "field-eye",
                        r#type: "button",
                        "aria-label": if shown() { "Hide password" } else { "Show password" },
                        onclick: move |_| shown.toggle(),
                        Icon { shape: if shown() { Shape::EyeOff } else { Shape::Eye } }
                    }
                }
            }
            {children}
            if let Some(error) = &error {
                p { class: "field-error", id: "{id}-error", role: "alert", "{error}" }
            } else if let Some(hint) = &hint {
                p { class: "field-hint", id: "{id}-hint", "{hint}" }
            }
        }
    }
}
