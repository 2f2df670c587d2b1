//! Where the other side is heard: one hidden audio element a stream, apart from what is shown, so that no change of
//! screens interrupts the sound.

use std::{cell::RefCell, collections::HashMap};

use wasm_bindgen::JsCast;
use web_sys::{HtmlAudioElement, MediaStream};

use super::media;
use crate::browser;

/// All that is heard.
#[derive(Default)]
pub(super) struct Outlet {
    elements: RefCell<HashMap<String, HtmlAudioElement>>,
    speaker: RefCell<String>,
}

impl Outlet {
    /// Plays the sound of a stream, once.
    pub(super) fn play(&self, stream: &MediaStream) {
        if stream.get_audio_tracks().length() == 0 || self.elements.borrow().contains_key(&stream.id()) {
            return;
        }
        let Some(element) = new_element() else { return };
        element.set_src_object(Some(stream));
        use_speaker(&element, &self.speaker.borrow());
        // A page in which somebody has just pressed a button may play; nothing else is known to forbid it.
        if let Ok(playing) = element.play() {
            let playing = wasm_bindgen_futures::JsFuture::from(playing);
            wasm_bindgen_futures::spawn_local(async move {
                if playing.await.is_err() {
                    browser::warn("the browser does not play the call's sound");
                }
            });
        }
        self.elements.borrow_mut().insert(stream.id(), element);
    }

    /// Plays through this loudspeaker from now on.
    pub(super) fn use_speaker(&self, device_id: &str) {
        self.speaker.replace(device_id.to_owned());
        for element in self.elements.borrow().values() {
            use_speaker(element, device_id);
        }
    }

    /// Silences and forgets everything.
    pub(super) fn clear(&self) {
        for (_, element) in self.elements.borrow_mut().drain() {
            element.set_src_object(None);
            element.remove();
        }
    }
}

fn use_speaker(element: &HtmlAudioElement, device_id: &str) {
    if device_id.is_empty() {
        return;
    }
    let element = element.clone();
    let device_id = device_id.to_owned();
    wasm_bindgen_futures::spawn_local(async move {
        if !media::set_speaker(&element, &device_id).await {
            browser::warn("the chosen speaker cannot be used");
        }
    });
}

fn new_element() -> Option<HtmlAudioElement> {
    let document = browser::window()?.document()?;
    let element: HtmlAudioElement = document.create_element("audio").ok()?.dyn_into().ok()?;
    element.set_autoplay(true);
    // The body takes any element and any element takes an attribute.
    let _ = element.set_attribute("data-role", "remote-audio");
    let _ = document.body()?.append_child(&element);
    Some(element)
}
