//! The one program that lays pictures out: `dot`, of Graphviz.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line is the room that touches the outside"
)]

use std::io::{self, Write as _};
use std::process::{Command, Output, Stdio};

use super::picture::Picture;
use crate::error::{CliError, LAYOUT_FAILED, NO_GRAPHVIZ, PICTURE_TOO_LARGE};
use crate::render::number::count;

/// More boxes or arrows than these nobody could read, and `dot` takes minutes for.
const MOST_BOXES: usize = 600;
const MOST_ARROWS: usize = 1_200;

/// The SVG that Graphviz draws of `text`.
///
/// # Errors
/// When the picture is too large to be read, or Graphviz is missing or fails.
pub fn svg(picture: &Picture, text: &str) -> Result<String, CliError> {
    let (boxes, arrows) = (picture.boxes.len(), picture.arrows.len());
    if boxes > MOST_BOXES || arrows > MOST_ARROWS {
        let (boxes, arrows) = (count(boxes, "box"), count(arrows, "arrow"));
        let boxes = boxes.replace("boxs", "boxes");
        let message = format!("a picture of {boxes} and {arrows} is too large to be read");
        return Err(CliError::new(PICTURE_TOO_LARGE, message)
            .help("narrow it with `--around NAME` or `--batch NAME`, or take `--as dot`"));
    }
    let output = run(text).map_err(|problem| {
        let message = match problem.kind() {
            io::ErrorKind::NotFound => {
                "`dot`, which lays the picture out, is not on the PATH".to_owned()
            }
            _ => format!("`dot`, which lays the picture out, cannot be run: {problem}"),
        };
        CliError::new(NO_GRAPHVIZ, message).help(
            "install Graphviz (`apt-get install graphviz`, `brew install graphviz`, \
             `winget install graphviz`), or take `--as dot` or `--as mermaid`",
        )
    })?;
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or("it says nothing");
    if !output.status.success() {
        let message = format!("`dot` could not lay the picture out: {said}");
        return Err(CliError::new(LAYOUT_FAILED, message).help("narrow it with `--around NAME`"));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| CliError::new(LAYOUT_FAILED, "`dot` wrote no UTF-8 text"))
}

/// Hands `text` to `dot`, which reads all of it before it writes.
fn run(text: &str) -> io::Result<Output> {
    let mut dot = Command::new("dot")
        .args(["-Tsvg", "-Gcharset=UTF-8"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = dot.stdin.take() {
        // What it thinks of a text it does not read to the end, it says itself.
        let _ = input.write_all(text.as_bytes());
    }
    dot.wait_with_output()
}
