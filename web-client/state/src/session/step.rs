//! What follows from what: the whole table.

use super::{Effect as E, Input, Place as P, Session, Wait, Word};

impl Session {
    /// Takes one thing that happened and says what is to be done, in order. What means nothing where the tab stands is
    /// ignored.
    pub fn step(&mut self, input: Input) -> Vec<E> {
        match input {
            Input::Cleared { kept } if self.place == P::Clearing => self.begin(kept),
            Input::LoggedIn { store, kept } if self.place == P::SignedOut => self.logged_in(store, kept),
            Input::StorageChanged { kept } => self.on_storage(kept.as_ref()),
            Input::LeadGranted { kept } if matches!(self.place, P::Waiting(_)) => {
                // Whoever was in the lead before may have logged out.
                if kept == self.store { self.to(P::Opening, [E::Open]) } else { self.leave([E::Reload]) }
            }
            Input::LeadLost => self.on_lead_lost(),
            Input::Heard(word) => self.on_word(word),
            Input::SaveFailed(trouble) | Input::OpenFailed(trouble) if matches!(self.place, P::Waiting(_) | P::Opening) => {
                self.to(P::Failed(trouble), [])
            }
            Input::LeadIsSlow => self.on_slow_lead(),
            Input::NoAnswer if self.place == P::Waiting(Wait::Asked) => {
                self.to(P::Waiting(Wait::Promised), [E::StealLead, E::AwaitLead])
            }
            Input::Opened if self.place == P::Opening => self.to(P::Open, [E::KeepProgram]),
            Input::Paused if self.place == P::HandingOver => self.leave([E::Reload]),
            // The databases stay open: what is in them is what the person logs in again for.
            Input::Refused { is_soft } if self.place == P::Open => self.to(P::Lost { is_soft }, [E::Pause]),
            other => self.on_person(&other),
        }
    }

    fn on_person(&mut self, input: &Input) -> Vec<E> {
        match (&self.place, input) {
            (P::Waiting(Wait::Short | Wait::Long), Input::UseItHere) => {
                self.to(P::Waiting(Wait::Asked), [E::Tell(Word::LetGo), E::AwaitAnswer])
            }
            (P::Lost { .. }, Input::LoggedInAgain) => self.leave([E::Save, E::Reload]),
            (P::Open | P::Failed(_), Input::LogOut | Input::Forget) => self.to(P::LoggingOut, [E::EndSession]),
            // The server would not take the word; of a token that is merely over it still has the device.
            (P::Lost { is_soft }, Input::Forget) => {
                let is_server_told = !is_soft;
                self.leave([E::Wipe { is_server_told }])
            }
            (P::LoggingOut, Input::ServerTold(is_server_told)) => self.leave([E::Wipe { is_server_told: *is_server_told }]),
            (P::Failed(_), Input::TryAgain) => self.leave([E::Reload]),
            _ => Vec::new(),
        }
    }

    /// After an earlier log-out is finished.
    fn begin(&mut self, kept: Option<String>) -> Vec<E> {
        self.store = kept;
        match self.store {
            Some(_) => self.to(P::Waiting(Wait::Short), [E::AskForLead]),
            None => self.to(P::SignedOut, [E::ClearFiles]),
        }
    }

    fn logged_in(&mut self, store: String, kept: Option<String>) -> Vec<E> {
        if kept.is_some() {
            // Another tab was quicker. Its session stays, and this tab joins it.
            return self.leave([E::DropNewSession, E::Reload]);
        }
        self.store = Some(store);
        self.to(P::Waiting(Wait::Short), [E::Save, E::AskForLead])
    }

    fn on_storage(&mut self, kept: Option<&String>) -> Vec<E> {
        match self.place {
            // A page that begins looks by itself, and one that goes does not care any more.
            P::Clearing | P::LoggingOut | P::Leaving => Vec::new(),
            _ if kept == self.store.as_ref() => Vec::new(),
            _ => self.leave([E::Pause, E::Reload]),
        }
    }

    fn on_slow_lead(&mut self) -> Vec<E> {
        match self.place {
            P::Waiting(Wait::Short | Wait::Promised) => self.to(P::Waiting(Wait::Long), []),
            _ => Vec::new(),
        }
    }

    fn on_lead_lost(&mut self) -> Vec<E> {
        match self.place {
            // In line, it was this tab's own already, to be used in a moment.
            P::Waiting(_) | P::Opening | P::Open | P::HandingOver | P::Lost { .. } | P::Failed(_) => {
                self.leave([E::Pause, E::Reload])
            }
            // The person's word counts, whether the server has heard it or not.
            P::LoggingOut => self.leave([E::Wipe { is_server_told: false }]),
            P::Clearing | P::SignedOut | P::Leaving => Vec::new(),
        }
    }

    fn on_word(&mut self, word: Word) -> Vec<E> {
        match (word, &self.place) {
            (Word::LetGo, P::Open) => self.to(P::HandingOver, [E::Tell(Word::LettingGo), E::Pause]),
            (Word::LetGo, P::Opening | P::Lost { .. } | P::Failed(_)) => self.leave([E::Tell(Word::LettingGo), E::Reload]),
            // It is about to happen anyway.
            (Word::LetGo, P::HandingOver | P::LoggingOut | P::Leaving) => vec![E::Tell(Word::LettingGo)],
            (Word::LettingGo, P::Waiting(Wait::Asked)) => self.to(P::Waiting(Wait::Promised), [E::AwaitLead]),
            _ => Vec::new(),
        }
    }

    fn to<const N: usize>(&mut self, place: P, effects: [E; N]) -> Vec<E> {
        self.place = place;
        effects.into()
    }

    fn leave<const N: usize>(&mut self, effects: [E; N]) -> Vec<E> {
        self.to(P::Leaving, effects)
    }
}
