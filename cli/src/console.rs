//! Where commands write: results on standard output, everything else on standard error.

use std::io::{self, BufWriter, Write};

use anstyle::{AnsiColor, Style};

use crate::environment::Terminals;

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What a piece of text is, which decides its colour.
#[derive(Clone, Copy, Debug)]
pub enum Tone {
    /// A heading.
    Heading,
    /// Less important.
    Faint,
    /// Something good.
    Good,
    /// Something to look at.
    Warning,
    /// Something bad.
    Bad,
    /// The bars of charts.
    Bar,
}

/// Colours text, or not.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    /// Whether it does.
    pub on: bool,
}

impl Paint {
    /// `text` in its tone.
    pub fn tone(self, tone: Tone, text: &str) -> String {
        if !self.on {
            return text.to_owned();
        }
        let style = match tone {
            Tone::Heading => Style::new().bold(),
            Tone::Faint => Style::new().dimmed(),
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Warning => AnsiColor::Yellow.on_default(),
            Tone::Bad => AnsiColor::Red.on_default().bold(),
            Tone::Bar => AnsiColor::Cyan.on_default(),
        };
        format!("{style}{text}{style:#}")
    }
}

/// A stream whose reader may go away (`whimbrel check | head`): what nobody reads is dropped, and
/// the command goes on to the outcome its exit code tells.
struct WhileRead<W> {
    to: W,
    closed: bool,
}

impl<W: Write> WhileRead<W> {
    fn new(to: W) -> Self {
        Self { to, closed: false }
    }

    fn kept<T>(&mut self, done: io::Result<T>, dropped: T) -> io::Result<T> {
        match done {
            Err(problem) if problem.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(dropped)
            }
            done => done,
        }
    }
}

impl<W: Write> Write for WhileRead<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let done = self.to.write(bytes);
        self.kept(done, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let done = self.to.flush();
        self.kept(done, ())
    }
}

/// The two streams and what they can do.
pub struct Console {
    /// Results.
    pub out: Box<dyn Write>,
    /// Diagnostics and progress.
    pub err: Box<dyn Write>,
    /// Colour of results.
    pub paint: Paint,
    /// Colour of diagnostics.
    pub err_paint: Paint,
    /// Whether results are read as they are printed.
    pub out_is_terminal: bool,
    /// Whether progress is seen.
    pub progress: bool,
    /// Columns of text.
    pub width: usize,
}

impl Console {
    /// The process's own streams.
    pub fn new(terminals: Terminals, choice: ColorChoice) -> Self {
        let colored = |terminal: bool| match choice {
            ColorChoice::Auto => terminal && !terminals.no_color,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        Self {
            out: Box::new(BufWriter::new(WhileRead::new(io::stdout()))),
            err: Box::new(WhileRead::new(io::stderr())),
            paint: Paint {
                on: colored(terminals.out),
            },
            err_paint: Paint {
                on: colored(terminals.err),
            },
            out_is_terminal: terminals.out,
            progress: terminals.err,
            width: terminals.width,
        }
    }
}
