//! Part of a picture: what is around something, or in a batch.

use std::collections::VecDeque;

use whimbrel_lang::nearest;

use super::picture::{Picture, Shape};
use crate::error::{BAD_ARGUMENT, CliError};

/// What to look at.
#[derive(Clone, Copy, Debug)]
pub struct Focus<'a> {
    /// Names of services, resources, steps or what steps are about.
    pub around: &'a [String],
    /// Names of batches.
    pub batches: &'a [String],
    /// How many arrows away something may be.
    pub depth: usize,
}

/// Narrows a picture to what is looked at.
///
/// # Errors
/// When nothing has that name.
pub fn narrow(picture: &mut Picture, focus: Focus<'_>) -> Result<(), CliError> {
    if focus.around.is_empty() && focus.batches.is_empty() {
        return Ok(());
    }
    for name in focus.around {
        let mut any = false;
        for one in &mut picture.boxes {
            if &one.name == name || one.of.as_ref() == Some(name) {
                (one.sought, any) = (true, true);
            }
        }
        if !any {
            let all = picture.boxes.iter();
            let known = all.flat_map(|one| [Some(one.name.as_str()), one.of.as_deref()]);
            return Err(unknown("nothing", name, known.flatten()));
        }
    }
    let mut start: Vec<bool> = picture.boxes.iter().map(|one| one.sought).collect();
    for name in focus.batches {
        let mut any = false;
        for (start, one) in start.iter_mut().zip(&picture.boxes) {
            if one.batch.as_ref() == Some(name) {
                (*start, any) = (true, true);
            }
        }
        if !any {
            let known = picture.boxes.iter().filter_map(|one| one.batch.as_deref());
            return Err(unknown("no batch", name, known));
        }
    }
    let keep = reached(picture, &start, focus.depth);
    picture.narrow(&keep);
    Ok(())
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> CliError {
    let error = CliError::new(
        BAD_ARGUMENT,
        format!("{what} is called `{name}` in this picture"),
    );
    match nearest(name, known) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("`whimbrel plan` tells the names of batches and of what moves in them"),
    }
}

/// What is no further than `depth` from where the search starts. A way through a resource counts
/// once: who shares a table with a service is as near as who it calls.
fn reached(picture: &Picture, start: &[bool], depth: usize) -> Vec<bool> {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); picture.boxes.len()];
    for arrow in &picture.arrows {
        for (from, to) in [(arrow.from, arrow.to), (arrow.to, arrow.from)] {
            if let Some(next) = next.get_mut(from) {
                next.push(to);
            }
        }
    }
    let is_shared = |at: usize| {
        let shape = picture.boxes.get(at).map(|one| one.shape);
        matches!(shape, Some(Shape::Store | Shape::Messages))
    };
    let mut far: Vec<Option<usize>> = start.iter().map(|yes| yes.then_some(0)).collect();
    let mut waiting: VecDeque<(usize, usize)> = (0..start.len())
        .filter(|at| start.get(*at) == Some(&true))
        .map(|at| (at, 0))
        .collect();
    while let Some((at, away)) = waiting.pop_front() {
        if far.get(at).copied().flatten() != Some(away) || away >= depth {
            continue;
        }
        for &to in next.get(at).map_or(&[][..], Vec::as_slice) {
            let then = away + usize::from(!is_shared(to));
            let Some(known) = far.get_mut(to) else {
                continue;
            };
            if known.is_none_or(|known| then < known) {
                *known = Some(then);
                if then == away {
                    waiting.push_front((to, then));
                } else {
                    waiting.push_back((to, then));
                }
            }
        }
    }
    far.iter().map(Option::is_some).collect()
}
