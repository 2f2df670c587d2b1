//! A finger that is drawn sideways over a message, to answer it.

/// How far a finger moves, in pixels, before it is plain where it goes.
const DECIDED_AFTER: f64 = 8.0;
/// From how many pixels on it is an answer when the finger is lifted.
const ENOUGH: f64 = 60.0;
/// How far the message follows, in pixels.
const FURTHEST: f64 = 80.0;

/// A finger on a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Swipe {
    from: (f64, f64),
    course: Course,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Course {
    /// It rests.
    Open,
    /// To the right, by so much.
    Sideways(f64),
    /// Anywhere else, which is none of our business.
    Elsewhere,
}

impl Swipe {
    /// The finger is laid on the message, at this place in the window, in pixels.
    pub fn begin(x: f64, y: f64) -> Self {
        Self { from: (x, y), course: Course::Open }
    }

    /// The finger has moved here.
    #[must_use]
    pub fn moved(self, x: f64, y: f64) -> Self {
        let (right, down) = (x - self.from.0, (y - self.from.1).abs());
        let course = match self.course {
            Course::Open if right.abs().max(down) < DECIDED_AFTER => Course::Open,
            Course::Open if right <= down => Course::Elsewhere,
            Course::Open | Course::Sideways(_) => Course::Sideways(right.clamp(0.0, FURTHEST)),
            Course::Elsewhere => Course::Elsewhere,
        };
        Self { course, ..self }
    }

    /// Whether the finger rests where it was laid.
    pub fn rests(self) -> bool {
        self.course == Course::Open
    }

    /// By how many pixels the message follows; `None` when it does not.
    pub fn shift(self) -> Option<f64> {
        match self.course {
            Course::Sideways(shift) => Some(shift),
            Course::Open | Course::Elsewhere => None,
        }
    }

    /// Whether lifting the finger now answers the message.
    pub fn is_enough(self) -> bool {
        self.shift().is_some_and(|shift| shift >= ENOUGH)
    }
}

#[cfg(test)]
mod tests {
    use super::Swipe;

    #[test]
    fn a_finger_drawn_to_the_right_answers_once_it_has_come_far_enough() {
        let swipe = Swipe::begin(100.0, 100.0);
        assert_eq!((swipe.rests(), swipe.shift()), (true, None));
        let swipe = swipe.moved(105.0, 104.0);
        assert_eq!((swipe.rests(), swipe.shift()), (true, None));
        let swipe = swipe.moved(140.0, 110.0);
        assert_eq!((swipe.rests(), swipe.shift(), swipe.is_enough()), (false, Some(40.0), false));
        let swipe = swipe.moved(160.0, 190.0);
        assert_eq!((swipe.shift(), swipe.is_enough()), (Some(60.0), true));
        assert_eq!(swipe.moved(400.0, 100.0).shift(), Some(80.0));
        let back = swipe.moved(90.0, 100.0);
        assert_eq!((back.shift(), back.is_enough()), (Some(0.0), false));
    }

    #[test]
    fn a_finger_that_scrolls_or_goes_left_never_answers() {
        for (x, y) in [(104.0, 120.0), (104.0, 80.0), (80.0, 100.0), (110.0, 110.0)] {
            let swipe = Swipe::begin(100.0, 100.0).moved(x, y);
            assert_eq!((swipe.rests(), swipe.shift()), (false, None));
            assert_eq!(swipe.moved(300.0, 100.0).shift(), None);
        }
    }
}
