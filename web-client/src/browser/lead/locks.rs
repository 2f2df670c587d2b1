//! The lead by the browser's lock manager (<https://www.w3.org/TR/web-locks/>).

use futures_channel::mpsc::UnboundedSender;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

use super::news::LeadNews;
use crate::browser;

const LOCK: &str = "hearth";

/// The lock manager.
pub(crate) struct Locks {
    manager: JsValue,
    request: Function,
    news: UnboundedSender<LeadNews>,
}

impl Locks {
    /// `None` where the browser has none, as on pages that came over plain HTTP.
    pub(super) fn find(news: UnboundedSender<LeadNews>) -> Option<Self> {
        let manager = Reflect::get(&browser::window()?.navigator(), &"locks".into()).ok()?;
        let request = Reflect::get(&manager, &"request".into()).ok()?.dyn_into::<Function>().ok()?;
        Some(Self { manager, request, news })
    }

    /// Asks for the lock, or takes it.
    pub(super) fn request(&self, steals: bool) {
        let (granted, lost) = (self.news.clone(), self.news.clone());
        let hold = Closure::<dyn FnMut() -> Promise>::new(move || {
            let news = if steals { LeadNews::Stolen } else { LeadNews::Granted };
            // Nobody listens any more once the page goes.
            let _ = granted.unbounded_send(news);
            // The lock is held until this promise settles, which is never: it goes with the page.
            Promise::new(&mut |_, _| {})
        });
        let options = Object::new();
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&options, &"steal".into(), &JsValue::from_bool(steals));
        let asked = self.request.call3(&self.manager, &LOCK.into(), &options, hold.as_ref());
        hold.forget();
        if let Ok(promise) = asked.and_then(JsCast::dyn_into::<Promise>) {
            let stolen = Closure::<dyn FnMut(JsValue)>::new(move |_| {
                let _ = lost.unbounded_send(LeadNews::Lost);
            });
            // The promise only ever rejects: when the lock is stolen.
            let _ = promise.catch(&stolen);
            stolen.forget();
        }
    }
}
