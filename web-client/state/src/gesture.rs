//! A finger on a message: it rests there, scrolls, or pulls the message aside to answer it.

/// A finger that moves no further than this rests.
const SLACK_PX: f64 = 10.0;
/// How far a message can be pulled, and from where on letting go answers it.
const FURTHEST_PX: f64 = 72.0;
const ANSWERS_FROM_PX: f64 = 56.0;

/// What a finger that is still down does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Finger {
    /// It has not moved to speak of.
    Rests,
    /// It scrolls, or moves in a direction that means nothing.
    Elsewhere,
    /// It has pulled the message this far, in pixels.
    Pulls(f64),
}

impl Finger {
    /// `right` and `down` are how far it has come since it was put down, in pixels.
    pub fn at(right: f64, down: f64) -> Self {
        if right.abs().max(down.abs()) <= SLACK_PX {
            Self::Rests
        } else if right > 2.0 * down.abs() {
            Self::Pulls(right.min(FURTHEST_PX))
        } else {
            Self::Elsewhere
        }
    }

    /// Whether letting go now answers the message.
    pub fn answers(self) -> bool {
        matches!(self, Self::Pulls(px) if px >= ANSWERS_FROM_PX)
    }
}

#[cfg(test)]
mod tests {
    use super::Finger;

    #[test]
    fn only_a_pull_far_enough_to_the_right_answers() {
        for (right, down, expected, answers) in [
            (0.0, 0.0, Finger::Rests, false),
            (9.0, -9.0, Finger::Rests, false),
            (0.0, 40.0, Finger::Elsewhere, false),
            (-80.0, 0.0, Finger::Elsewhere, false),
            (60.0, 40.0, Finger::Elsewhere, false),
            (40.0, 10.0, Finger::Pulls(40.0), false),
            (56.0, -10.0, Finger::Pulls(56.0), true),
            (300.0, 20.0, Finger::Pulls(72.0), true),
        ] {
            let finger = Finger::at(right, down);
            assert_eq!((finger, finger.answers()), (expected, answers), "{right}, {down}");
        }
    }
}
