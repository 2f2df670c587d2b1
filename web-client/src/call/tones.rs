//! The sounds of calls, made by the browser's own oscillators, so that there is no file to fetch.
//!
//! A browser plays nothing before the person has touched the page; then a call rings for the eye only.

use std::{cell::Cell, rc::Rc};

use gloo_timers::future::TimeoutFuture;
use hearth_web_state::call::Tone;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioContext, AudioContextState, OscillatorType};

/// How long a browser may take to let sound out.
const RESUME_WITHIN_MS: u32 = 400;

/// One note: when it starts and how long it sounds, in milliseconds; its pitch in hertz.
struct Note(f64, f64, f32);

fn notes(tone: Tone) -> &'static [Note] {
    match tone {
        Tone::Silence => &[],
        Tone::Ring => &[
            Note(0.0, 260.0, 659.3),
            Note(170.0, 260.0, 784.0),
            Note(340.0, 520.0, 987.8),
            Note(900.0, 260.0, 659.3),
            Note(1_070.0, 260.0, 784.0),
            Note(1_240.0, 520.0, 987.8),
        ],
        Tone::Ringback => &[Note(0.0, 900.0, 392.0), Note(0.0, 900.0, 493.9)],
        Tone::Busy => &[Note(0.0, 200.0, 415.3), Note(350.0, 200.0, 415.3), Note(700.0, 200.0, 415.3)],
        Tone::Over => &[Note(0.0, 120.0, 587.3), Note(110.0, 200.0, 392.0)],
    }
}

/// After how long a sound comes again, in milliseconds; `None` for sounds that come once.
fn every_ms(tone: Tone) -> Option<u32> {
    match tone {
        Tone::Ring => Some(3_000),
        Tone::Ringback => Some(3_200),
        Tone::Silence | Tone::Busy | Tone::Over => None,
    }
}

/// The sound card is let go of this long after a sound that comes once.
const LET_GO_AFTER_MS: u32 = 2_000;

/// How often it is handed to the sound card in advance: for as long as anything rings, because browsers slow the timers
/// of a page that nobody looks at.
const REPEATS: u32 = 20;

fn volume(tone: Tone) -> f32 {
    if tone == Tone::Ring { 0.16 } else { 0.06 }
}

/// Plays one sound at a time. Cloning shares it.
#[derive(Clone, Default)]
pub(super) struct Tones {
    context: Rc<Cell<Option<AudioContext>>>,
    /// Goes up with every change, so that an older repetition knows it is over.
    turn: Rc<Cell<u64>>,
}

impl Tones {
    /// Plays a sound, and again as long as it repeats and nothing else is asked for.
    pub(super) fn play(&self, tone: Tone) {
        let turn = self.silence();
        if tone == Tone::Silence {
            return;
        }
        let tones = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            // Before the person has touched the page nothing may sound; it is tried again until something does.
            while !tones.sounds(tone, turn).await && tones.turn.get() == turn {
                let Some(pause_ms) = every_ms(tone) else { return };
                TimeoutFuture::new(pause_ms).await;
            }
            if every_ms(tone).is_none() {
                TimeoutFuture::new(LET_GO_AFTER_MS).await;
                if tones.turn.get() == turn {
                    tones.silence();
                }
            }
        });
    }

    /// Ends the repetition.
    pub(super) fn stop(&self) {
        self.silence();
    }

    fn silence(&self) -> u64 {
        self.turn.set(self.turn.get() + 1);
        if let Some(context) = self.context.take() {
            // Closing ends what sounds at this moment; a context that is closed already stays so.
            let _ = context.close();
        }
        self.turn.get()
    }

    /// Hands the sound and its repetitions over; `false` if nothing may sound yet.
    async fn sounds(&self, tone: Tone, turn: u64) -> bool {
        let context = match self.context.take() {
            Some(context) => context,
            None => match AudioContext::new() {
                Ok(context) => context,
                Err(_) => return false,
            },
        };
        self.context.set(Some(context.clone()));
        if context.state() == AudioContextState::Suspended
            && let Ok(resumed) = context.resume()
        {
            let patience = TimeoutFuture::new(RESUME_WITHIN_MS);
            futures_util::future::select(JsFuture::from(resumed), patience).await;
        }
        if context.state() != AudioContextState::Running || self.turn.get() != turn {
            return false;
        }
        let (every_ms, repeats) = every_ms(tone).map_or((0, 1), |every_ms| (every_ms, REPEATS));
        for repeat in 0..repeats {
            for Note(start_ms, length_ms, pitch_hz) in notes(tone) {
                let start_ms = start_ms + f64::from(repeat * every_ms);
                // A note that cannot be played is only not heard.
                let _ = sound(&context, &Note(start_ms, *length_ms, *pitch_hz), volume(tone));
            }
        }
        true
    }
}

fn sound(context: &AudioContext, note: &Note, volume: f32) -> Result<(), wasm_bindgen::JsValue> {
    let Note(start_ms, length_ms, pitch_hz) = *note;
    let start = context.current_time() + start_ms / 1_000.0;
    let end = start + length_ms / 1_000.0;
    let oscillator = context.create_oscillator()?;
    let gain = context.create_gain()?;
    oscillator.set_type(OscillatorType::Sine);
    oscillator.frequency().set_value(pitch_hz);
    // A soft start and a long fading end, without which a note begins and ends in a click.
    gain.gain().set_value_at_time(0.0, start)?;
    gain.gain().linear_ramp_to_value_at_time(volume, start + 0.02)?;
    gain.gain().exponential_ramp_to_value_at_time(0.000_1, end)?;
    oscillator.connect_with_audio_node(&gain)?;
    gain.connect_with_audio_node(context.destination().unchecked_ref())?;
    oscillator.start_with_when(start)?;
    oscillator.stop_with_when(end)
}
