//! Does what the machine of the session says.

use dioxus::{core::spawn_forever, prelude::*};
use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::session::{
    ANSWER_WITHIN_MS, Effect, HAND_OVER_WITHIN_MS, Input, LEAD_PATIENCE_MS, PAUSE_WITHIN_MS, SLOW_AFTER_MS,
};

use super::Shell;
use crate::{
    browser,
    client::{Session, end_session},
};

/// How long the end of a call has to get out before the page goes, in milliseconds.
const LAST_WORDS_MS: u32 = 300;
/// How long a log-out waits for keys that are being backed up, in milliseconds.
const BACKUP_PATIENCE_MS: u32 = 3_000;

impl Shell {
    pub(super) fn run(self, effect: Effect) {
        match effect {
            Effect::ClearFiles => {
                spawn_forever(browser::files::clear_disk());
            }
            Effect::Save => self.save(),
            Effect::AskForLead => {
                if let Some(ways) = &*self.ways.peek() {
                    ways.lead.ask();
                }
                self.later(LEAD_PATIENCE_MS, Input::LeadIsSlow);
            }
            Effect::StealLead => {
                if let Some(ways) = &*self.ways.peek() {
                    ways.lead.steal();
                }
            }
            Effect::AwaitLead => self.later(HAND_OVER_WITHIN_MS, Input::LeadIsSlow),
            Effect::Tell(word) => {
                if let Some(ways) = &*self.ways.peek() {
                    ways.tabs.tell(word);
                }
            }
            Effect::AwaitAnswer => self.later(ANSWER_WITHIN_MS, Input::NoAnswer),
            Effect::Open => {
                spawn_forever(self.open());
            }
            Effect::KeepProgram => browser::keep_program(),
            Effect::Pause => {
                spawn_forever(self.pause());
            }
            Effect::EndSession => {
                spawn_forever(self.end_session());
            }
            Effect::DropNewSession => {
                if let Some(session) = self.fresh_session.peek().clone() {
                    spawn_forever(async move {
                        end_session(&session).await;
                    });
                }
            }
            Effect::Wipe { is_server_told } => self.wipe(is_server_told),
            Effect::Reload => browser::reload(),
        }
    }

    /// Waits until what an earlier log-out left is forgotten, and says so when that takes long.
    pub(super) async fn clear(mut self) {
        let clearing = Box::pin(browser::wait_for_wipe());
        if let Either::Right(((), clearing)) = select(clearing, TimeoutFuture::new(SLOW_AFTER_MS)).await {
            self.clears_slowly.set(true);
            clearing.await;
            self.clears_slowly.set(false);
        }
    }

    fn save(self) {
        let Some(session) = self.fresh_session.peek().clone() else { return };
        if let Err(trouble) = session.save() {
            self.step(Input::SaveFailed(trouble));
        }
    }

    fn later(self, after_ms: u32, input: Input) {
        spawn_forever(async move {
            TimeoutFuture::new(after_ms).await;
            self.step(input);
        });
    }

    async fn pause(self) {
        if let Some(account) = self.account.peek().clone() {
            let pausing = async {
                account.pause().await;
                TimeoutFuture::new(LAST_WORDS_MS).await;
            };
            select(Box::pin(pausing), TimeoutFuture::new(PAUSE_WITHIN_MS)).await;
        }
        self.step(Input::Paused);
    }

    async fn end_session(self) {
        if let Some(account) = self.account.peek().clone() {
            account.finish_backup(BACKUP_PATIENCE_MS).await;
            select(Box::pin(account.pause()), TimeoutFuture::new(PAUSE_WITHIN_MS)).await;
        }
        let is_told = match Session::load() {
            Some(session) => end_session(&session).await,
            None => true,
        };
        self.step(Input::ServerTold(is_told));
    }

    fn wipe(self, is_server_told: bool) {
        let Some(store) = self.machine.peek().store().map(ToOwned::to_owned) else { return browser::reload() };
        let kept = Session::kept();
        browser::wipe_and_leave(&store, is_server_told, kept.is_none_or(|kept| kept == store));
    }
}
