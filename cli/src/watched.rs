//! A simulation while it runs: its progress on the terminal, and how somebody ends it.
//!
//! The first Ctrl-C (or `SIGTERM`, which schedulers send) stops the run, and the command goes on
//! with what is done by then. From the second one on, and outside of a run, a signal ends the
//! process at once, as if nobody listened.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line is the room that touches the outside"
)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use whimbrel_simulator::Watch;

use crate::console::Console;
use crate::render::number;

/// What is over before that shows no progress.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the bar is brought up to date.
const TICK: Duration = Duration::from_millis(100);

/// What the signal handlers set.
struct Signals {
    /// The run is to stop.
    stop: Arc<AtomicBool>,
    /// The next signal ends the process.
    end: Arc<AtomicBool>,
}

static SIGNALS: LazyLock<Signals> = LazyLock::new(|| {
    let signals = Signals {
        stop: Arc::default(),
        end: Arc::default(),
    };
    for signal in [SIGINT, SIGTERM] {
        // Where the system lets nobody listen, a signal ends the process as it always did.
        let _ = listen(signal, &signals);
    }
    signals
});

fn listen(signal: i32, signals: &Signals) -> std::io::Result<()> {
    // In this order: a signal that finds `end` unset sets it for the next one.
    flag::register_conditional_default(signal, Arc::clone(&signals.end))?;
    flag::register(signal, Arc::clone(&signals.end))?;
    flag::register(signal, Arc::clone(&signals.stop))?;
    Ok(())
}

/// Runs trials that a signal stops, with a bar where somebody sees it and `progress` is wanted.
pub fn watched<T>(progress: bool, console: &Console, run: impl FnOnce(&Watch) -> T) -> T {
    let signals = &*SIGNALS;
    let watch = Watch::new(Arc::clone(&signals.stop));
    signals.end.store(false, Ordering::SeqCst);
    let made = if progress && console.progress {
        let colored = console.err_paint.on;
        let (running, ended) = channel();
        let watch = &watch;
        std::thread::scope(|scope| {
            scope.spawn(move || show(watch, &ended, colored));
            let made = run(watch);
            drop(running);
            made
        })
    } else {
        run(&watch)
    };
    signals.end.store(true, Ordering::SeqCst);
    made
}

/// Shows how far the run is until it has ended, if that takes long.
fn show(watch: &Watch, ended: &Receiver<()>, colored: bool) {
    let over = |wait| ended.recv_timeout(wait) != Err(RecvTimeoutError::Timeout);
    let bar = ProgressBar::with_draw_target(Some(watch.goal()), ProgressDrawTarget::hidden());
    bar.set_style(style(colored));
    let began = std::time::Instant::now();
    while !over(TICK) {
        bar.set_length(watch.goal());
        bar.set_position(watch.done());
        if bar.is_hidden() && began.elapsed() >= PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
    bar.finish_and_clear();
}

fn style(colored: bool) -> ProgressStyle {
    let bar = if colored {
        "{wide_bar:.cyan}"
    } else {
        "{wide_bar}"
    };
    let template = format!("simulating {bar} {{human_pos}} of {{human_len}} trials{{speed}}");
    let style = ProgressStyle::with_template(&template);
    style
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key(
            "speed",
            |state: &ProgressState, text: &mut dyn std::fmt::Write| {
                let rate = number::number(state.per_sec(), 0.0, 1.0);
                let left = HumanDuration(state.eta());
                let _ = write!(text, ", {rate}/s, {left} left");
            },
        )
}
