//! The lead where the browser has no lock manager, as on pages that came over plain HTTP: a mark in storage.
//!
//! Whoever leads renews the mark. A mark that nobody renews for [`STALE_MS`] may be claimed: the claim is written, and
//! counts when nobody has objected for [`SETTLE_MS`]. A tab that leads and was only slow objects by writing its own mark
//! again, so a claim succeeds only against a tab that does nothing at all. Of several claims the last one written counts.
//! Each lead has a number, its term, by which a tab that slept knows that others have led meanwhile.
//!
//! The driver calls [`Lease::look`] when storage changes and at least every [`LOOK_EVERY_MS`], with what storage holds, and
//! writes what it says.

/// How often the driver looks, in milliseconds.
pub const LOOK_EVERY_MS: u32 = 500;
/// How long a mark counts that nobody renews, in milliseconds.
const STALE_MS: u64 = 4_000;
/// How long a claim waits for an objection of the tab that led last, in milliseconds.
const SETTLE_MS: u64 = 1_000;
/// How long a claim waits for other claims when nobody led, in milliseconds.
const SETTLE_FREE_MS: u64 = 300;
/// How often a mark is renewed, in milliseconds. Browsers slow timers of hidden pages down to one in a second.
const RENEW_MS: u64 = 1_000;

/// What a mark says of its tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// It leads.
    Leads,
    /// It would like to.
    Claims,
    /// It has let go.
    Free,
}

impl MarkKind {
    const ALL: [(Self, &'static str); 3] = [(Self::Leads, "leads"), (Self::Claims, "claims"), (Self::Free, "free")];
}

/// What stands in storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Who wrote it: a random number of the tab.
    pub tab: u128,
    /// What it says.
    pub kind: MarkKind,
    /// How many leads there were.
    pub term: u64,
    /// Another number each time it is renewed.
    pub renewed: u64,
}

impl Mark {
    /// As it is written.
    pub fn to_text(&self) -> String {
        let kind = MarkKind::ALL.into_iter().find(|(kind, _)| *kind == self.kind).map_or("", |(_, word)| word);
        format!("{:032x} {kind} {} {}", self.tab, self.term, self.renewed)
    }

    /// Reads it; anything unknown is none.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.splitn(5, ' ').collect();
        let [tab, kind, term, renewed] = parts.as_slice() else { return None };
        Some(Self {
            tab: u128::from_str_radix(tab, 16).ok()?,
            kind: MarkKind::ALL.into_iter().find(|(_, word)| word == kind)?.0,
            term: term.parse().ok()?,
            renewed: renewed.parse().ok()?,
        })
    }
}

/// What a look leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseNews {
    /// Nothing.
    Nothing,
    /// The mark is to be written.
    Write(Mark),
    /// The lead is this tab's; the mark is to be written.
    Granted(Mark),
    /// Another tab has taken the lead.
    Lost,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stand {
    /// Another tab's mark, as it was first seen.
    Watching {
        seen: Option<Mark>,
        since_ms: u64,
    },
    Claiming {
        since_ms: u64,
        settle_ms: u64,
    },
    Leading {
        renewed_ms: u64,
    },
    Over,
}

/// One tab's part in it, from when it asks for the lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    tab: u128,
    stand: Stand,
    term: u64,
    renewed: u64,
}

impl Lease {
    /// Asks for the lead, as the tab with this random number.
    pub fn new(tab: u128, now_ms: u64) -> Self {
        Self { tab, stand: Stand::Watching { seen: None, since_ms: now_ms }, term: 0, renewed: 0 }
    }

    /// Looks at what storage holds at `now_ms`, of any clock that does not go back.
    pub fn look(&mut self, now_ms: u64, mark: Option<Mark>) -> LeaseNews {
        let is_mine = mark.as_ref().is_some_and(|mark| mark.tab == self.tab);
        match self.stand {
            Stand::Watching { .. } => self.watch(now_ms, mark),
            Stand::Claiming { since_ms, settle_ms } if is_mine => {
                if now_ms.saturating_sub(since_ms) < settle_ms {
                    LeaseNews::Nothing
                } else {
                    self.lead(now_ms)
                }
            }
            Stand::Claiming { .. } => {
                self.stand = Stand::Watching { seen: mark, since_ms: now_ms };
                LeaseNews::Nothing
            }
            Stand::Leading { renewed_ms } => {
                let is_taken = mark.as_ref().is_some_and(|mark| {
                    mark.term > self.term || (!is_mine && mark.kind == MarkKind::Leads && mark.term == self.term)
                });
                if is_taken {
                    self.stand = Stand::Over;
                    return LeaseNews::Lost;
                }
                if is_mine && now_ms.saturating_sub(renewed_ms) < RENEW_MS {
                    return LeaseNews::Nothing;
                }
                self.stand = Stand::Leading { renewed_ms: now_ms };
                LeaseNews::Write(self.mark(MarkKind::Leads))
            }
            Stand::Over => LeaseNews::Nothing,
        }
    }

    /// Takes the lead without waiting, from a tab that does not answer. `mark` is what storage holds.
    pub fn steal(&mut self, now_ms: u64, mark: Option<&Mark>) -> LeaseNews {
        match self.stand {
            Stand::Watching { .. } | Stand::Claiming { .. } => {
                self.term = mark.map_or(0, |mark| mark.term);
                self.lead(now_ms)
            }
            Stand::Leading { .. } | Stand::Over => LeaseNews::Nothing,
        }
    }

    /// The page goes: the mark to be written, if the one in storage is this tab's.
    pub fn let_go(&mut self, mark: Option<&Mark>) -> Option<Mark> {
        self.stand = Stand::Over;
        let ours = mark.filter(|mark| mark.tab == self.tab)?;
        Some(Mark { kind: MarkKind::Free, ..ours.clone() })
    }

    fn watch(&mut self, now_ms: u64, mark: Option<Mark>) -> LeaseNews {
        let Stand::Watching { seen, since_ms } = &self.stand else { return LeaseNews::Nothing };
        let is_free = mark.as_ref().is_none_or(|mark| mark.kind == MarkKind::Free);
        if !is_free && *seen != mark {
            self.stand = Stand::Watching { seen: mark, since_ms: now_ms };
            return LeaseNews::Nothing;
        }
        if !is_free && now_ms.saturating_sub(*since_ms) < STALE_MS {
            return LeaseNews::Nothing;
        }
        self.term = mark.map_or(0, |mark| mark.term);
        let settle_ms = if is_free { SETTLE_FREE_MS } else { SETTLE_MS };
        self.stand = Stand::Claiming { since_ms: now_ms, settle_ms };
        LeaseNews::Write(self.mark(MarkKind::Claims))
    }

    fn lead(&mut self, now_ms: u64) -> LeaseNews {
        self.term += 1;
        self.stand = Stand::Leading { renewed_ms: now_ms };
        LeaseNews::Granted(self.mark(MarkKind::Leads))
    }

    fn mark(&mut self, kind: MarkKind) -> Mark {
        self.renewed += 1;
        Mark { tab: self.tab, kind, term: self.term, renewed: self.renewed }
    }
}

#[cfg(test)]
mod tests {
    use super::{Lease, LeaseNews, Mark, MarkKind};

    fn written(news: LeaseNews) -> Option<Mark> {
        match news {
            LeaseNews::Write(mark) | LeaseNews::Granted(mark) => Some(mark),
            LeaseNews::Nothing | LeaseNews::Lost => None,
        }
    }

    #[test]
    fn marks_are_read_as_they_are_written() {
        let mark = Mark { tab: 7, kind: MarkKind::Claims, term: 3, renewed: 9 };
        assert_eq!(Mark::parse(&mark.to_text()), Some(mark));
        for text in ["", "leads", "7 leads 1", "7 rules 1 1", "x leads 1 1", "7 leads 1 1 1", "7 leads -1 1"] {
            assert_eq!(Mark::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_claim_counts_unless_somebody_objects() {
        let mut first = Lease::new(1, 0);
        let claim = written(first.look(0, None));
        assert_eq!(first.look(299, claim.clone()), LeaseNews::Nothing);
        let lead = written(first.look(300, claim)).unwrap();
        assert_eq!((lead.kind, lead.term), (MarkKind::Leads, 1));

        // The first one is slow: its mark is as it was for four seconds.
        let mut second = Lease::new(2, 1_000);
        assert_eq!(second.look(1_000, Some(lead.clone())), LeaseNews::Nothing);
        assert_eq!(second.look(4_999, Some(lead.clone())), LeaseNews::Nothing);
        let claim = written(second.look(5_000, Some(lead))).unwrap();
        let objection = written(first.look(5_010, Some(claim))).unwrap();
        assert_eq!(objection.kind, MarkKind::Leads);
        assert_eq!(second.look(6_000, Some(objection.clone())), LeaseNews::Nothing);

        // It goes, and the second one has the lead at once.
        let free = first.let_go(Some(&objection));
        let claim = written(second.look(6_500, free));
        assert!(matches!(second.look(6_800, claim), LeaseNews::Granted(Mark { term: 2, .. })));
    }

    #[test]
    fn whoever_slept_while_others_led_has_lost_it() {
        let mut first = Lease::new(1, 0);
        let claim = written(first.look(0, None));
        let lead = written(first.look(300, claim));
        let mut second = Lease::new(2, 0);
        let stolen = written(second.steal(9_000, lead.as_ref()));
        let free = second.let_go(stolen.as_ref());
        let mut third = Lease::new(3, 9_000);
        let claim = written(third.look(9_500, free.clone()));
        for mark in [stolen, free, claim] {
            assert_eq!(first.clone().look(10_000, mark), LeaseNews::Lost);
        }
    }
}
