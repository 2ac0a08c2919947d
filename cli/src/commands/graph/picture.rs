//! What is drawn: boxes, arrows and frames, before any notation.

use std::collections::BTreeSet;

/// A drawing.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// What it shows.
    pub title: String,
    /// Frames, each after the one it stands in.
    pub frames: Vec<Frame>,
    /// Boxes.
    pub boxes: Vec<Vertex>,
    /// Whether the frames stand in turn, first ones first, and what is needed before who needs it.
    pub in_turn: bool,
    /// Inches between columns.
    pub gap: f64,
    /// Arrows.
    pub arrows: Vec<Arrow>,
    /// What the arrows say, beside the legend of their looks.
    pub reading: &'static str,
    /// What was left out, for the legend.
    pub left_out: Option<String>,
}

/// What stands together.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What it is called.
    pub name: String,
    /// The frame that it stands in.
    pub within: Option<usize>,
}

/// What a box looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// A service.
    Service,
    /// What keeps data: a table, a datastore, a cache, a volume.
    Store,
    /// A topic or queue.
    Messages,
    /// An external system.
    External,
    /// A step.
    Step,
    /// A decision.
    Gate,
}

/// A service, a resource or a step.
#[derive(Clone, Debug)]
pub struct Vertex {
    /// Its whole name.
    pub name: String,
    /// What stands in it.
    pub label: String,
    /// What stands below that, smaller.
    pub detail: Option<String>,
    /// What it looks like.
    pub shape: Shape,
    /// Whether it stays where it is.
    pub stays: bool,
    /// Whether it is on a cycle that nothing answers.
    pub on_cycle: bool,
    /// Whether it was asked for by name.
    pub sought: bool,
    /// The frame that it stands in.
    pub frame: Option<usize>,
    /// Its batch.
    pub batch: Option<String>,
    /// What it is about, where that is not itself.
    pub of: Option<String>,
}

/// What an arrow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A need that does not decide who goes first, or one step after another.
    Plain,
    /// A need that decides who goes first.
    Binding,
    /// A need that a bridge of the plan covers.
    Bridged,
    /// On a cycle told.
    Cycle,
    /// On the critical path.
    Critical,
}

/// From who needs to whom, or from a step to the next.
#[derive(Clone, Debug)]
pub struct Arrow {
    /// Index of a box.
    pub from: usize,
    /// Index of a box.
    pub to: usize,
    /// Whether it points both ways.
    pub both: bool,
    /// What it is.
    pub kind: Kind,
    /// Whether nobody declared it.
    pub hidden: bool,
    /// What it is, in words.
    pub told: String,
}

impl Kind {
    /// Its colour, of a contrast of at least 3 to 1 with white and with near-black.
    pub fn color(self) -> &'static str {
        match self {
            Self::Plain => "#8a93a0",
            Self::Binding => "#3d6fb4",
            Self::Bridged => "#2a8c63",
            Self::Cycle | Self::Critical => "#d6303a",
        }
    }

    /// How thick its line is, in points.
    pub fn width(self) -> &'static str {
        match self {
            Self::Plain => "1",
            Self::Binding | Self::Bridged => "1.5",
            Self::Cycle | Self::Critical => "2.5",
        }
    }

    /// What its colour stands for.
    fn legend(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Binding => Some("decides who goes first"),
            Self::Bridged => Some("a bridge covers it"),
            Self::Cycle => Some("on the shortest cycle of a component"),
            Self::Critical => Some("on the critical path"),
        }
    }
}

/// A line of the legend: a sample in its colour, and what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegendLine {
    /// A few letters that look like it.
    pub sample: &'static str,
    /// The sample's colour.
    pub color: &'static str,
    /// What it stands for.
    pub text: &'static str,
}

/// The text of a box: dark on the light fills.
pub const INK: &str = "#1f2733";

impl Vertex {
    /// Its fill.
    pub fn fill(&self) -> &'static str {
        match (self.stays, self.shape) {
            (_, Shape::External) => "#efe3f5",
            (true, _) => "#eceef1",
            (false, Shape::Service | Shape::Step) => "#dce8f7",
            (false, Shape::Store) => "#fbeed0",
            (false, Shape::Messages) => "#dff1e4",
            (false, Shape::Gate) => "#fde2c8",
        }
    }

    /// Its border.
    pub fn border(&self) -> &'static str {
        if self.on_cycle {
            Kind::Cycle.color()
        } else {
            "#5b6675"
        }
    }

    /// How thick its border is, in points.
    pub fn border_width(&self) -> &'static str {
        match (self.sought, self.on_cycle) {
            (true, _) => "3",
            (_, true) => "1.8",
            _ => "1",
        }
    }
}

impl Picture {
    /// What the looks stand for, as far as they occur.
    pub fn legend(&self) -> Vec<LegendLine> {
        let line = |sample, color, text| LegendLine {
            sample,
            color,
            text,
        };
        let mut lines = vec![line("→", Kind::Plain.color(), self.reading)];
        if self.arrows.iter().any(|arrow| arrow.both) {
            lines.push(line(
                "↔",
                Kind::Plain.color(),
                "writes: who reads needs the writer",
            ));
        }
        if self.arrows.iter().any(|arrow| arrow.hidden) {
            lines.push(line(
                "╌╌",
                Kind::Plain.color(),
                "hidden: nobody declared the need",
            ));
        }
        let kinds: BTreeSet<Kind> = self.arrows.iter().map(|arrow| arrow.kind).collect();
        for kind in kinds {
            if let Some(text) = kind.legend() {
                lines.push(line("━━", kind.color(), text));
            }
        }
        if self.boxes.iter().any(|one| one.on_cycle) {
            let text = "in a component: each needs each";
            lines.push(line("▢", Kind::Cycle.color(), text));
        }
        if self.boxes.iter().any(|one| one.stays) {
            lines.push(line("■", "#b9bfc8", "stays where it is"));
        }
        lines
    }

    /// Leaves only the boxes that `keep` holds, the arrows between them, and the frames around
    /// them.
    pub fn narrow(&mut self, keep: &[bool]) {
        let is_kept = |at: usize| keep.get(at).copied().unwrap_or(false);
        let place = places(keep);
        self.boxes = kept(std::mem::take(&mut self.boxes), keep);
        self.arrows
            .retain(|arrow| is_kept(arrow.from) && is_kept(arrow.to));
        for arrow in &mut self.arrows {
            arrow.from = place.get(arrow.from).copied().unwrap_or(0);
            arrow.to = place.get(arrow.to).copied().unwrap_or(0);
        }
        self.drop_empty_frames();
    }

    /// Drops the frames that nothing stands in.
    fn drop_empty_frames(&mut self) {
        let mut used = vec![false; self.frames.len()];
        for one in &self.boxes {
            let mut at = one.frame;
            while let Some(frame) = at {
                if let Some(used) = used.get_mut(frame) {
                    *used = true;
                }
                at = self.frames.get(frame).and_then(|frame| frame.within);
            }
        }
        let place = places(&used);
        let moved = |at: Option<usize>| at.and_then(|at| place.get(at).copied());
        self.frames = kept(std::mem::take(&mut self.frames), &used);
        for frame in &mut self.frames {
            frame.within = moved(frame.within);
        }
        for one in &mut self.boxes {
            one.frame = moved(one.frame);
        }
    }
}

/// What stands directly in each frame, by index, and at the top.
#[derive(Clone, Debug)]
pub struct Nest {
    /// First at the top, then in each frame: the frames and the boxes in it.
    inner: Vec<(Vec<usize>, Vec<usize>)>,
}

impl Nest {
    /// Sorts a picture's frames and boxes.
    pub fn new(picture: &Picture) -> Self {
        let mut inner = vec![(Vec::new(), Vec::new()); picture.frames.len() + 1];
        for (at, frame) in picture.frames.iter().enumerate() {
            if let Some((frames, _)) = inner.get_mut(place(frame.within)) {
                frames.push(at);
            }
        }
        for (at, one) in picture.boxes.iter().enumerate() {
            if let Some((_, boxes)) = inner.get_mut(place(one.frame)) {
                boxes.push(at);
            }
        }
        Self { inner }
    }

    /// The frames directly in a frame, or at the top.
    pub fn frames(&self, within: Option<usize>) -> &[usize] {
        let inner = self.inner.get(place(within));
        inner.map_or(&[], |(frames, _)| frames)
    }

    /// The boxes directly in a frame, or at the top.
    pub fn boxes(&self, within: Option<usize>) -> &[usize] {
        let inner = self.inner.get(place(within));
        inner.map_or(&[], |(_, boxes)| boxes)
    }
}

fn place(frame: Option<usize>) -> usize {
    frame.map_or(0, |frame| frame + 1)
}

/// Where each stands once what is not kept is gone.
fn places(keep: &[bool]) -> Vec<usize> {
    let mut next = 0;
    let place = |kept: &bool| {
        let at = next;
        next += usize::from(*kept);
        at
    };
    keep.iter().map(place).collect()
}

fn kept<T>(all: Vec<T>, keep: &[bool]) -> Vec<T> {
    let both = all.into_iter().zip(keep);
    both.filter_map(|(one, keep)| keep.then_some(one)).collect()
}

/// The most letters of a name in a box; the whole name is in the tooltip.
const LONGEST: usize = 30;

/// A name as it can stand anywhere: on one line, with no letter that controls a terminal, is no
/// text in XML or turns the direction of writing.
pub fn shown(name: &str) -> String {
    let letter = |letter: char| match letter {
        '\n' | '\r' | '\t' => ' ',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        control if control.is_control() => '\u{fffd}',
        other => other,
    };
    name.chars().map(letter).collect()
}

/// A name cut to what fits in a box: its end tells more than its middle.
pub fn short(name: &str) -> String {
    let letters: Vec<char> = shown(name).chars().collect();
    if letters.len() <= LONGEST {
        return letters.into_iter().collect();
    }
    let (start, rest) = letters.split_at(LONGEST * 2 / 3);
    let (_, end) = rest.split_at(rest.len() - LONGEST / 3);
    start.iter().chain(&['…']).chain(end).collect()
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, short, shown};

    #[test]
    fn names_are_shown_on_one_line_of_harmless_letters() {
        assert_eq!(shown("a\nb\u{7}\u{202e}c é"), "a b\u{fffd}\u{fffd}c é");
    }

    #[test]
    fn long_names_keep_their_ends() {
        assert_eq!(short("orders"), "orders");
        let long = format!("{}-end", "x".repeat(80));
        let cut = short(&long);
        assert_eq!(cut.chars().count(), LONGEST + 1);
        assert!(cut.starts_with("xxx") && cut.ends_with("-end"), "{cut}");
    }
}
