//! What a message says.

use std::rc::Rc;

use dioxus::prelude::*;
use hearth_web_state::{
    emoji::is_only_emoji,
    markdown::{Block, Inline, Style, foreign::from_html, inlines, parse},
    message::{Content, Message},
};

use super::{file::FileBody, wish::Wish};
use crate::components::icon::{Icon, Shape};

#[component]
pub(super) fn MessageBody(message: Rc<Message>, onwish: Callback<Wish>) -> Element {
    if message.trust.hides_text() {
        return rsx! {};
    }
    let edited = if message.edited {
        rsx! { span { class: "message-edited", " (edited)" } }
    } else {
        rsx! {}
    };
    match &message.content {
        Content::Text(text) | Content::Notice(text) if is_only_emoji(text) => rsx! {
            p { class: "message-text message-emoji", dir: "auto", "{text}" {edited} }
        },
        Content::Text(text) | Content::Notice(text) => written(text, message.formatted.as_deref(), edited),
        Content::Emote(text) => rsx! {
            p { class: "message-text message-emote", dir: "auto",
                bdi { "{message.sender_name}" }
                " "
                {all(&inlines(text))}
                {edited}
            }
        },
        Content::Undecryptable(missing) => rsx! {
            p { class: "message-text message-aside",
                Icon { shape: Shape::Lock }
                span { "{missing.words()}" }
                if missing.needs_recovery_key() {
                    button { class: "link", r#type: "button", onclick: move |_| onwish.call(Wish::Unlock), "Enter recovery key" }
                }
            }
        },
        Content::File(file) => rsx! {
            FileBody { message: message.clone(), file: (**file).clone(), onwish }
            if let Some(caption) = &file.caption { {written(caption, None, edited)} }
        },
        content => {
            let words = content.summary();
            rsx! { p { class: "message-text message-aside", dir: "auto", "{words}" {edited} } }
        }
    }
}

/// What another client sent with more than text is shown as it meant it; what was only typed, as people mean it.
fn blocks(text: &str, formatted: Option<&str>) -> Vec<Block> {
    formatted.map(from_html).filter(|blocks| !blocks.is_empty()).unwrap_or_else(|| parse(text))
}

/// Text as people write it.
fn written(text: &str, formatted: Option<&str>, edited: Element) -> Element {
    match blocks(text, formatted).as_slice() {
        [Block::Text(inlines)] => rsx! {
            p { class: "message-text", dir: "auto", {all(inlines)} {edited} }
        },
        blocks => rsx! {
            div { class: "message-text message-blocks",
                {blocks.iter().map(block)}
                {edited}
            }
        },
    }
}

fn block(block: &Block) -> Element {
    match block {
        Block::Text(inlines) => rsx! { p { dir: "auto", {all(inlines)} } },
        Block::Quote(inlines) => rsx! { blockquote { dir: "auto", {all(inlines)} } },
        Block::Code(code) => rsx! { pre { tabindex: 0, code { "{code}" } } },
        Block::List { first: None, items } => rsx! {
            ul { {items.iter().map(|item| rsx! { li { dir: "auto", {all(item)} } })} }
        },
        Block::List { first: Some(first), items } => rsx! {
            ol { start: "{first}", {items.iter().map(|item| rsx! { li { dir: "auto", {all(item)} } })} }
        },
    }
}

fn all(inlines: &[Inline]) -> Element {
    rsx! { {inlines.iter().map(inline)} }
}

fn inline(inline: &Inline) -> Element {
    match inline {
        Inline::Text(text) => rsx! { span { "{text}" } },
        Inline::Link(text, href) => rsx! {
            a { href: "{href}", target: "_blank", rel: "noopener noreferrer nofollow", "{text}" }
        },
        Inline::Code(code) => rsx! { code { "{code}" } },
        Inline::Styled(style, inner) => match style {
            Style::Bold => rsx! { strong { {all(inner)} } },
            Style::Italic => rsx! { em { {all(inner)} } },
            Style::Struck => rsx! { del { {all(inner)} } },
            Style::Hidden => rsx! { span { class: "spoiler", tabindex: 0, title: "Hidden: press to show", {all(inner)} } },
        },
    }
}
