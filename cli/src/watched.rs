//! A simulation while it runs: its progress on the terminal, and how somebody ends it.
//!
//! The first Ctrl-C (or `SIGTERM`, which schedulers send) stops the run, and the command goes on
//! with what is done by then. From the second one on, and outside of a run, a signal ends the
//! process at once, as if nobody listened. What comes at the same time is one signal: `timeout` and
//! schedulers send theirs to the process and to its group.

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

/// How long after a signal another one is still the same.
const SAME: Duration = Duration::from_millis(300);

/// What the signal handlers see and set.
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
    let (stop, end) = (Arc::clone(&signals.stop), Arc::clone(&signals.end));
    std::thread::spawn(move || {
        while !stop.load(Ordering::SeqCst) {
            std::thread::sleep(TICK);
        }
        std::thread::sleep(SAME);
        end.store(true, Ordering::SeqCst);
    });
    signals
});

fn listen(signal: i32, signals: &Signals) -> std::io::Result<()> {
    flag::register_conditional_default(signal, Arc::clone(&signals.end))?;
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
        let terminal = ProgressDrawTarget::stderr();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                show(
                    || (watch.done(), watch.goal()),
                    &ended,
                    PATIENCE,
                    terminal,
                    colored,
                );
            });
            let made = run(watch);
            drop(running);
            made
        })
    } else {
        run(&watch)
    };
    if !signals.stop.load(Ordering::SeqCst) {
        signals.end.store(true, Ordering::SeqCst);
    }
    made
}

/// Shows how far the run is, in trials done and to be done, until it has ended; nothing if that
/// takes no longer than `patience`.
fn show(
    far: impl Fn() -> (u64, u64),
    ended: &Receiver<()>,
    patience: Duration,
    terminal: ProgressDrawTarget,
    colored: bool,
) {
    let over = |wait| ended.recv_timeout(wait) != Err(RecvTimeoutError::Timeout);
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
    bar.set_style(style(colored));
    let update = || {
        let (done, goal) = far();
        bar.set_length(goal);
        bar.set_position(done);
    };
    if over(patience) {
        return;
    }
    update();
    bar.set_draw_target(terminal);
    while !over(TICK) {
        update();
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

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::*;

    fn shown(patience: Duration, while_running: impl FnOnce(&InMemoryTerm)) -> InMemoryTerm {
        let terminal = InMemoryTerm::new(5, 90);
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let (running, ended) = channel();
        std::thread::scope(|scope| {
            scope.spawn(move || show(|| (1_234, 10_000), &ended, patience, target, false));
            while_running(&terminal);
            drop(running);
        });
        terminal
    }

    #[test]
    fn a_long_run_shows_how_far_it_is_and_leaves_nothing_behind() {
        let terminal = shown(Duration::ZERO, |terminal| {
            while !terminal.contents().contains(" left") {
                std::thread::yield_now();
            }
            let line = terminal.contents();
            assert!(line.starts_with("simulating "), "{line}");
            assert!(line.contains("1,234 of 10,000 trials, "), "{line}");
        });
        assert_eq!(terminal.contents(), "");
    }

    #[test]
    fn a_short_run_shows_nothing() {
        let terminal = shown(Duration::MAX, |_| ());
        assert_eq!(terminal.contents(), "");
    }
}
