//! A browser with several tabs, made of nothing: storage, locks, databases, and messages that take their time.
//!
//! A tab that hangs does nothing, and hears of everything at once when it goes on. One that does not hang is told of
//! everything within [`DELAY_MS`].

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use hearth_web_state::{
    session::{
        ANSWER_WITHIN_MS, Effect, HAND_OVER_WITHIN_MS, Input, LEAD_PATIENCE_MS, LOG_OUT_WITHIN_MS, LOOK_EVERY_MS, Lease,
        LeaseNews, Mark, PAUSE_WITHIN_MS, Place, STEAL_GRACE_MS, Session,
    },
    trouble::Trouble,
};

use crate::random::Random;

/// How long a message takes at most, in milliseconds.
pub(crate) const DELAY_MS: u64 = 100;

/// What reaches a page.
#[derive(Clone, Debug)]
enum Event {
    Script,
    Forget,
    Cleared,
    Granted,
    Look,
    StorageChanged,
    Is(Input),
}

#[derive(Clone)]
pub(crate) struct Tab {
    pub(crate) session: Session,
    pub(crate) hangs: bool,
    /// The session whose databases are open here.
    open: Option<String>,
    /// Which page of the tab it is: what was meant for an earlier one is lost.
    page: u64,
    lease: Option<Lease>,
    late: Vec<Event>,
    forgetting: BTreeSet<String>,
    fresh: Option<String>,
}

pub(crate) struct World {
    pub(crate) random: Random,
    pub(crate) tabs: BTreeMap<usize, Tab>,
    /// The session in storage.
    pub(crate) kept: Option<String>,
    /// Sessions that are to be forgotten.
    pub(crate) marks: BTreeSet<String>,
    pub(crate) databases: BTreeSet<String>,
    /// Sessions of which a person has said that they are to be forgotten.
    pub(crate) words: BTreeSet<String>,
    has_locks: bool,
    lease: Option<Mark>,
    holder: Option<usize>,
    line: VecDeque<usize>,
    events: BTreeMap<(u64, u64), (usize, u64, Event)>,
    count: u64,
    now_ms: u64,
}

impl World {
    pub(crate) fn new(seed: u64, has_locks: bool) -> Self {
        Self {
            random: Random::new(seed),
            tabs: BTreeMap::new(),
            kept: None,
            marks: BTreeSet::new(),
            databases: BTreeSet::new(),
            words: BTreeSet::new(),
            has_locks,
            lease: None,
            holder: None,
            line: VecDeque::new(),
            events: BTreeMap::new(),
            count: 0,
            now_ms: 0,
        }
    }

    pub(crate) fn open_tab(&mut self) -> usize {
        self.count += 1;
        let id = self.count as usize;
        let tab = Tab {
            session: Session::default(),
            hangs: false,
            open: None,
            page: 0,
            lease: None,
            late: Vec::new(),
            forgetting: BTreeSet::new(),
            fresh: None,
        };
        self.tabs.insert(id, tab);
        self.soon(id, Event::Script);
        id
    }

    /// Ends a tab; one that crashes leaves its mark behind.
    pub(crate) fn end_tab(&mut self, id: usize, crashes: bool) {
        self.unload(id, crashes);
        self.tabs.remove(&id);
    }

    pub(crate) fn wake(&mut self, id: usize) {
        let Some(tab) = self.tabs.get_mut(&id) else { return };
        tab.hangs = false;
        let page = tab.page;
        for event in std::mem::take(&mut tab.late) {
            self.deliver(id, page, event);
        }
        self.check();
    }

    /// A new session is logged in to, in a tab that takes it.
    pub(crate) fn log_in(&mut self, id: usize, store: String) {
        if let Some(tab) = self.tabs.get_mut(&id) {
            tab.fresh = Some(store.clone());
        }
        let kept = self.kept.clone();
        self.step(id, Input::LoggedIn { store, kept });
    }

    /// Runs until then.
    pub(crate) fn run_until(&mut self, until_ms: u64) {
        while let Some(entry) = self.events.first_entry() {
            if entry.key().0 > until_ms {
                break;
            }
            let ((at_ms, _), (id, page, event)) = entry.remove_entry();
            self.now_ms = at_ms;
            self.deliver(id, page, event);
            self.check();
        }
        self.now_ms = until_ms;
    }

    /// The tabs that run with databases open.
    pub(crate) fn check(&self) {
        let open: Vec<_> = self.tabs.iter().filter(|(_, tab)| tab.open.is_some() && !tab.hangs).collect();
        assert!(open.len() < 2, "two tabs have databases open: {:?}", open.iter().map(|(id, _)| id).collect::<Vec<_>>());
    }

    fn later(&mut self, id: usize, after_ms: u64, event: Event) {
        if let Some(tab) = self.tabs.get(&id) {
            self.count += 1;
            self.events.insert((self.now_ms + after_ms, self.count), (id, tab.page, event));
        }
    }

    fn soon(&mut self, id: usize, event: Event) {
        let after_ms = 1 + self.random.below(DELAY_MS);
        self.later(id, after_ms, event);
    }

    fn others(&self, id: usize) -> Vec<usize> {
        self.tabs.keys().copied().filter(|other| *other != id).collect()
    }

    fn deliver(&mut self, id: usize, page: u64, event: Event) {
        let Some(tab) = self.tabs.get_mut(&id).filter(|tab| tab.page == page) else { return };
        if tab.hangs {
            tab.late.push(event);
            return;
        }
        let kept = self.kept.clone();
        match event {
            Event::Script => {
                tab.forgetting = self.marks.clone();
                self.deliver(id, page, Event::Forget);
            }
            Event::Forget => self.forget(id),
            Event::Cleared => self.step(id, Input::Cleared { kept }),
            Event::Granted => self.step(id, Input::LeadGranted { kept }),
            Event::StorageChanged => {
                if tab.lease.is_some() {
                    self.look(id);
                }
                self.step(id, Input::StorageChanged { kept });
            }
            Event::Look => {
                self.later(id, LOOK_EVERY_MS.into(), Event::Look);
                self.look(id);
            }
            Event::Is(input) => self.step(id, input),
        }
    }

    /// What the script of the page does before the program begins: databases that somebody has open cannot be deleted.
    fn forget(&mut self, id: usize) {
        let Some(tab) = self.tabs.get(&id) else { return };
        let is_open = |store: &String| self.tabs.values().any(|other| other.open.as_ref() == Some(store));
        if tab.forgetting.iter().any(is_open) {
            return self.later(id, 50, Event::Forget);
        }
        for store in tab.forgetting.clone() {
            assert!(self.words.contains(&store), "{store} was forgotten without a word");
            assert_ne!(self.kept.as_ref(), Some(&store), "{store} is kept and was forgotten");
            self.databases.remove(&store);
            self.marks.remove(&store);
        }
        self.soon(id, Event::Cleared);
    }

    fn look(&mut self, id: usize) {
        let mark = self.lease.clone();
        let now_ms = self.now_ms;
        let news = self.tabs.get_mut(&id).and_then(|tab| tab.lease.as_mut()).map(|lease| lease.look(now_ms, mark));
        match news {
            Some(LeaseNews::Write(mark)) => self.write(id, mark),
            Some(LeaseNews::Granted(mark)) => {
                self.write(id, mark);
                let kept = self.kept.clone();
                self.step(id, Input::LeadGranted { kept });
            }
            Some(LeaseNews::Lost) => self.step(id, Input::LeadLost),
            Some(LeaseNews::Nothing) | None => {}
        }
    }

    fn write(&mut self, id: usize, mark: Mark) {
        self.lease = Some(mark);
        self.tell_of_storage(id);
    }

    fn tell_of_storage(&mut self, id: usize) {
        for other in self.others(id) {
            self.soon(other, Event::StorageChanged);
        }
    }

    pub(crate) fn step(&mut self, id: usize, input: Input) {
        let Some(tab) = self.tabs.get_mut(&id) else { return };
        for effect in tab.session.step(input) {
            self.run(id, effect);
        }
    }

    fn run(&mut self, id: usize, effect: Effect) {
        match effect {
            Effect::ClearFiles | Effect::KeepProgram => {}
            Effect::DropNewSession => {
                if let Some(tab) = self.tabs.get_mut(&id) {
                    tab.fresh = None;
                }
            }
            Effect::Save => self.save(id),
            Effect::AskForLead => self.ask(id),
            Effect::StealLead => self.steal(id),
            Effect::Tell(word) => {
                for other in self.others(id) {
                    self.soon(other, Event::Is(Input::Heard(word)));
                }
            }
            Effect::AwaitLead => self.later(id, HAND_OVER_WITHIN_MS.into(), Event::Is(Input::LeadIsSlow)),
            Effect::AwaitAnswer => self.later(id, ANSWER_WITHIN_MS.into(), Event::Is(Input::NoAnswer)),
            Effect::Open => self.open(id),
            Effect::Pause => {
                let after_ms = self.random.below(PAUSE_WITHIN_MS.into());
                self.later(id, after_ms, Event::Is(Input::Paused));
            }
            Effect::EndSession => {
                let after_ms = self.random.below(LOG_OUT_WITHIN_MS.into());
                let is_told = self.random.chance(70);
                self.later(id, after_ms, Event::Is(Input::ServerTold(is_told)));
            }
            Effect::Wipe { .. } => {
                let Some(store) = self.tabs.get(&id).and_then(|tab| tab.open.clone().or(self.kept.clone())) else { return };
                assert!(self.words.contains(&store), "{store} is wiped without a word");
                self.marks.insert(store.clone());
                self.kept.take_if(|kept| *kept == store);
                self.tell_of_storage(id);
                self.reload(id);
            }
            Effect::Reload => self.reload(id),
        }
    }

    fn save(&mut self, id: usize) {
        if let Some(store) = self.tabs.get_mut(&id).and_then(|tab| tab.fresh.take()) {
            assert_eq!(self.kept, None, "a session took the place of another");
            self.kept = Some(store);
        }
        self.tell_of_storage(id);
    }

    fn ask(&mut self, id: usize) {
        self.later(id, LEAD_PATIENCE_MS.into(), Event::Is(Input::LeadIsSlow));
        if !self.has_locks {
            let (number, now_ms) = (u128::from(self.random.next()), self.now_ms);
            if let Some(tab) = self.tabs.get_mut(&id) {
                tab.lease = Some(Lease::new(number, now_ms));
            }
            return self.later(id, 0, Event::Look);
        }
        self.line.push_back(id);
        self.serve_line();
    }

    fn serve_line(&mut self) {
        if self.holder.is_none()
            && let Some(next) = self.line.pop_front()
        {
            self.holder = Some(next);
            self.soon(next, Event::Granted);
        }
    }

    fn steal(&mut self, id: usize) {
        if !self.has_locks {
            let (mark, now_ms) = (self.lease.clone(), self.now_ms);
            let lease = self.tabs.get_mut(&id).and_then(|tab| tab.lease.as_mut());
            if let Some(LeaseNews::Granted(mark)) = lease.map(|lease| lease.steal(now_ms, mark.as_ref())) {
                self.write(id, mark);
                self.later(id, STEAL_GRACE_MS.into(), Event::Granted);
            }
            return;
        }
        if let Some(before) = self.holder.replace(id).filter(|before| *before != id) {
            // The browser tells the loser before it grants anything.
            self.later(before, 0, Event::Is(Input::LeadLost));
        }
        self.line.retain(|waiting| *waiting != id);
        self.later(id, STEAL_GRACE_MS.into(), Event::Granted);
    }

    fn open(&mut self, id: usize) {
        let Some(tab) = self.tabs.get_mut(&id) else { return };
        tab.open = self.kept.clone();
        self.databases.extend(self.kept.clone());
        let after_ms = 20 + self.random.below(2_000);
        let outcome = if self.random.chance(5) { Input::OpenFailed(Trouble::NoStorage) } else { Input::Opened };
        self.later(id, after_ms, Event::Is(outcome));
    }

    /// The page goes, and with it everything that it held.
    fn unload(&mut self, id: usize, crashes: bool) {
        let Some(tab) = self.tabs.get_mut(&id) else { return };
        tab.open = None;
        tab.page += 1;
        tab.late.clear();
        let lease = tab.lease.take();
        if let Some(mut lease) = lease.filter(|_| !crashes)
            && let Some(mark) = lease.let_go(self.lease.as_ref())
        {
            self.write(id, mark);
        }
        self.line.retain(|waiting| *waiting != id);
        self.holder.take_if(|holder| *holder == id);
        self.serve_line();
    }

    fn reload(&mut self, id: usize) {
        self.unload(id, false);
        if let Some(tab) = self.tabs.get_mut(&id) {
            tab.session = Session::default();
            self.soon(id, Event::Script);
        }
    }

    /// Whether the tab stands where nothing more comes by itself.
    pub(crate) fn is_at_rest(place: &Place) -> bool {
        matches!(place, Place::SignedOut | Place::Waiting(_) | Place::Open | Place::Lost { .. } | Place::Failed(_))
    }
}
