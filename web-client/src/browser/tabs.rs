//! What the tabs of this browser say to each other.

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use hearth_web_state::session::Word;
use wasm_bindgen::JsValue;
use web_sys::{BroadcastChannel, MessageEvent};

const CHANNEL: &str = "hearth";

/// The line to the other tabs.
pub(crate) struct Tabs {
    /// `None` in a browser that has none. A lead that is asked for is taken then.
    channel: Option<BroadcastChannel>,
}

impl Tabs {
    /// Opens the line. What is heard comes for the life of the page, as often as a person asks for the lead.
    pub(crate) fn new() -> (Self, UnboundedReceiver<Word>) {
        let (sender, receiver) = unbounded();
        let channel = BroadcastChannel::new(CHANNEL).ok();
        if let Some(channel) = &channel {
            listen(channel, sender);
        }
        (Self { channel }, receiver)
    }

    /// Says something to all other tabs.
    pub(crate) fn tell(&self, word: Word) {
        if let Some(channel) = &self.channel {
            // It fails only once the line is closed, which it never is.
            let _ = channel.post_message(&JsValue::from_str(word.as_str()));
        }
    }
}

fn listen(channel: &BroadcastChannel, sender: UnboundedSender<Word>) {
    use wasm_bindgen::JsCast;
    super::listen(channel, "message", move |event| {
        let text = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
        if let Some(word) = text.and_then(|text| Word::parse(&text)) {
            // Nobody listens any more once the page goes.
            let _ = sender.unbounded_send(word);
        }
    });
}
