//! A few samples more or fewer, unheard: how the output follows a clock that is not quite its own.

/// Samples over which one sample is put in or left out. In between, the two neighbours are mixed, which costs some treble
/// for these 2.7 ms.
const FADE: usize = 128;

/// Appends `plane` to `out`, longer by `by` samples, or shorter when `by` is negative. The changes are spread evenly; at
/// most every eighth sample is changed.
pub fn stretch(plane: &[f32], by: i32, out: &mut Vec<f32>) {
    let times = (by.unsigned_abs() as usize).min(plane.len() / 8);
    if times == 0 {
        out.extend_from_slice(plane);
        return;
    }
    let mut rest = plane;
    for left in (1..=times).rev() {
        let (part, behind) = rest.split_at(rest.len() / left);
        one(part, by > 0, out);
        rest = behind;
    }
}

/// One sample more or fewer, at the end of `part`.
fn one(part: &[f32], longer: bool, out: &mut Vec<f32>) {
    let len = if longer { part.len() + 1 } else { part.len() - 1 };
    let fade = FADE.min(len);
    out.extend_from_slice(part.get(..len - fade).unwrap_or_default());
    for j in len - fade..len {
        let weight = (j + fade - len) as f32 / fade as f32 + 0.5 / fade as f32;
        let here = part.get(j).or(part.last()).copied().unwrap_or_default();
        let beside = if longer { j.checked_sub(1) } else { j.checked_add(1) };
        let there = beside.and_then(|beside| part.get(beside)).copied().unwrap_or(here);
        out.push(here + (there - here) * weight);
    }
}

#[cfg(test)]
mod tests;
