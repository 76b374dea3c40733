use super::*;

#[test]
fn a_lack_is_told_once_when_it_lasts() {
    let began = Instant::now();
    let empty = || Some(Empty { container: Container::Mp3, codecs: "H.264".to_owned() });
    let mut lack = Lack::default();
    let mut told = |millis: u64, empty| lack.lasts(empty, began + Duration::from_millis(millis)).is_some();
    assert!(!told(0, empty()) && !told(1_900, empty()));
    // The sound of which the stream had not spoken yet.
    assert!(!told(1_950, None) && !told(2_100, empty()) && !told(4_000, empty()));
    assert!(told(4_100, empty()));
    // Who comes later waits as long.
    assert!(!told(4_200, empty()) && !told(6_100, empty()) && told(6_200, empty()));
}
