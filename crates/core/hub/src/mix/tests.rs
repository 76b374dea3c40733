use super::Mix;
use crate::fixture::{frame, word};

fn check(words: &str, expect: &str, still_waiting: &str) {
    let mut mix = Mix::default();
    let mut out = Vec::new();
    for name in words.split_whitespace() {
        mix.push(frame(name), |ready| out.push(word(&ready, ready.timestamp())));
    }
    assert_eq!(out.join(" "), expect, "{words}");
    let rest: Vec<String> = mix.flush().map(|frame| word(&frame, frame.timestamp())).collect();
    assert_eq!(rest.join(" "), still_waiting, "{words}");
}

// row: protocols.md §1.5 mix_correct
#[test]
fn audio_and_video_come_out_in_the_order_of_time() {
    check("K0 P40 a10 a30 a50 P80", "K0 a10 a30 P40 a50", "P80");
    check("a0 a1 a2 a3 a4 a5 a6 a7 a8", "", "a0 a1 a2 a3 a4 a5 a6 a7 a8");
    check("a0 a1 a2 a3 a4 a5 a6 a7 a8 a9", "a0", "a1 a2 a3 a4 a5 a6 a7 a8 a9");
}
