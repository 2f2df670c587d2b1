//! Which rows of a chat are on the page: enough for the screen and what is scrolled to next, however many there are.
//!
//! Rows are counted by those with a key: what is never shown takes no place. Where the window ends is kept as the key of
//! a row, since rows come and go at both ends.

use std::ops::Range;

use super::Row;

/// How many rows are on the page at first, and how many come when the reader nears an edge.
const STEP: usize = 60;
/// More than this are never on the page. Half of it is higher than any screen.
const MOST: usize = 4 * STEP;

/// What is on the page. By itself the newest rows, and those that arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The key of the last row; `None` follows what arrives.
    last: Option<String>,
    count: usize,
}

impl Default for Window {
    fn default() -> Self {
        Self { last: None, count: STEP }
    }
}

impl Window {
    /// The rows that are on the page.
    pub fn range(&self, rows: &[Row]) -> Range<usize> {
        let end = self.end(rows);
        start_of(rows, end, self.count)..end
    }

    /// Whether the newest row is on the page.
    pub fn is_newest(&self, rows: &[Row]) -> bool {
        self.end(rows) == rows.len()
    }

    /// Moves towards older rows, away from newer ones when it gets too large; false when there are none.
    pub fn older(&mut self, rows: &[Row]) -> bool {
        let range = self.range(rows);
        if !rows.iter().take(range.start).any(|row| row.key().is_some()) {
            return false;
        }
        if self.count + STEP > MOST {
            self.last = last_key(rows, start_of(rows, range.end, STEP));
        }
        self.count = MOST.min(self.count + STEP);
        true
    }

    /// Moves towards newer rows; false when the newest is on the page.
    pub fn newer(&mut self, rows: &[Row]) -> bool {
        let end = self.end(rows);
        if end == rows.len() {
            return false;
        }
        self.end_after(rows, end);
        self.count = MOST.min(self.count + STEP);
        true
    }

    /// Brings the row with this key onto the page, with others around it; whether that moved anything.
    pub fn reach(&mut self, rows: &[Row], key: &str) -> bool {
        let Some(at) = position(rows, key) else { return false };
        if self.range(rows).contains(&at) {
            return false;
        }
        self.end_after(rows, at + 1);
        self.count = 2 * STEP;
        true
    }

    /// Ends a step after this row, or at the newest.
    fn end_after(&mut self, rows: &[Row], from: usize) {
        let mut keyed = rows.iter().enumerate().skip(from).filter_map(|(at, row)| Some((at, row.key()?)));
        self.last = keyed.nth(STEP - 1).filter(|(at, _)| at + 1 < rows.len()).map(|(_, key)| key.to_owned());
    }

    fn end(&self, rows: &[Row]) -> usize {
        // A last row that is gone: everything was fetched anew, and the newest is the place to be.
        self.last.as_deref().and_then(|key| position(rows, key)).map_or(rows.len(), |at| at + 1)
    }
}

/// Where the last `count` rows before `end` begin.
fn start_of(rows: &[Row], end: usize, count: usize) -> usize {
    let keyed = rows.iter().enumerate().take(end).rev().filter(|(_, row)| row.key().is_some());
    keyed.take(count).last().map_or(0, |(at, _)| at)
}

fn last_key(rows: &[Row], end: usize) -> Option<String> {
    rows.iter().take(end).rev().find_map(Row::key).map(ToOwned::to_owned)
}

fn position(rows: &[Row], key: &str) -> Option<usize> {
    rows.iter().rposition(|row| row.key() == Some(key))
}

#[cfg(test)]
mod tests {
    use std::{ops::Range, rc::Rc};

    use super::{MOST, STEP, Window};
    use crate::{conversation::Row, message::example};

    fn row(key: usize) -> Row {
        Row::Message { message: Rc::new(example(&key.to_string(), "you", 0)), readers: Vec::new() }
    }

    /// `count` rows, of which one in three is never shown.
    fn rows(count: usize) -> Vec<Row> {
        (0..count).map(|at| if at % 3 == 1 { Row::Hidden { readers: Vec::new() } } else { row(at) }).collect()
    }

    fn shown(rows: &[Row], range: Range<usize>) -> usize {
        rows[range].iter().filter(|row| row.key().is_some()).count()
    }

    #[test]
    fn the_newest_are_on_the_page_and_stay_there() {
        let mut all = rows(1_000);
        let mut window = Window::default();
        assert_eq!(shown(&all, window.range(&all)), STEP);
        all.push(row(1_000));
        assert!(window.is_newest(&all) && window.range(&all).end == 1_001);
        assert!(!window.newer(&all));
        assert_eq!(Window::default().range(&[]), 0..0);
        assert!(!Window::default().older(&all[..5]));
    }

    #[test]
    fn whoever_goes_up_and_down_sees_every_row_and_never_more_than_fit() {
        let all = rows(2_000);
        let mut window = Window::default();
        let mut before = window.range(&all);
        let walk = |window: &mut Window, before: &mut Range<usize>, moved: bool| {
            let range = window.range(&all);
            if moved {
                assert!(shown(&all, range.clone()) <= MOST);
                let (from, to) = (range.start.max(before.start), range.end.min(before.end));
                assert!(shown(&all, from..to) >= STEP, "{before:?} {range:?} have too little in common");
            }
            *before = range;
            moved
        };
        while {
            let moved = window.older(&all);
            walk(&mut window, &mut before, moved)
        } {}
        assert_eq!(window.range(&all).start, 0);
        while {
            let moved = window.newer(&all);
            walk(&mut window, &mut before, moved)
        } {}
        assert!(window.is_newest(&all));
        assert_eq!(window.last, None, "what arrives is followed again");
    }

    #[test]
    fn what_arrives_and_what_is_fetched_moves_nobody() {
        let mut all = rows(900);
        let mut window = Window::default();
        for _ in 0..6 {
            window.older(&all);
        }
        let keys = |all: &[Row], window: &Window| -> Vec<String> {
            all[window.range(all)].iter().filter_map(|row| row.key().map(ToOwned::to_owned)).collect()
        };
        let before = keys(&all, &window);
        assert!(!window.is_newest(&all));
        all.push(row(5_000));
        for key in 6_000..6_040 {
            all.insert(0, row(key));
        }
        assert_eq!(keys(&all, &window), before);
    }

    #[test]
    fn a_row_is_reached_wherever_it_is() {
        let all = rows(2_001);
        for key in [0, 3, 999, 1_995, 2_000] {
            let mut window = Window::default();
            window.reach(&all, &key.to_string());
            assert!(window.range(&all).contains(&key), "{key}");
        }
        assert!(!Window::default().reach(&all, "none") && !Window::default().reach(&all, "2000"));
    }

    #[test]
    fn when_everything_was_fetched_anew_the_newest_is_shown() {
        let all = rows(900);
        let mut window = Window::default();
        window.reach(&all, "0");
        assert!(!window.is_newest(&all));
        let anew: Vec<Row> = (10_000..10_020).map(row).collect();
        assert_eq!(window.range(&anew), 0..20);
    }
}
