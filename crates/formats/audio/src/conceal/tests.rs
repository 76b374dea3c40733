use super::*;
use crate::testing::{steepest, tone};

#[test]
fn an_echo_goes_on_from_the_last_sample_and_dies_away() {
    let (mut echo, mut planes) = (Echo::default(), vec![Vec::new()]);
    let last = tone(440.0, 48_000, 1000);
    echo.remember(std::slice::from_ref(&last));
    let mut all = last.clone();
    for _ in 0..4 {
        echo.play(1024, 48_000, &mut planes);
        all.extend_from_slice(&planes[0]);
    }
    assert!(steepest(&all) <= steepest(&last) * 1.2);
    assert!(all[1000..1480].iter().any(|sample| sample.abs() > 0.3));
    assert!(all[1000 + 1920..].iter().all(|sample| *sample == 0.0));
}

#[test]
fn an_echo_of_nothing_is_silence() {
    let mut planes = vec![vec![1.0], vec![1.0]];
    Echo::default().play(3, 48_000, &mut planes);
    assert_eq!(planes, [[0.0; 3]; 2]);
}

#[test]
fn a_seam_has_no_step() {
    let mut seam = Seam::new();
    let mut all = vec![0.0];
    for level in [0.5, -0.5, 0.25] {
        let mut planes = vec![vec![level; 480]];
        seam.join(&mut planes, 48_000);
        seam.join(&mut [Vec::new()], 48_000);
        all.extend_from_slice(&planes[0]);
        assert_eq!(planes[0][479], level);
        seam.open();
    }
    // A half turn of a cosine over 240 samples.
    assert!(steepest(&all) < 0.007, "{}", steepest(&all));
}
