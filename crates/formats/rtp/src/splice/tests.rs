use super::*;

#[test]
fn nothing_before_the_key_frame_of_a_chosen_source() {
    let mut splice = Splice::new(90_000, 100, 5_000);
    let peek = Peek { starts_frame: true, ..Peek::default() };
    let at = Duration::from_secs(1);
    let mut arrival = Arrival { source: 'a', sequence: 7, timestamp: 3, at, peek, numbers: Numbers::default() };
    assert_eq!(splice.place(&arrival), None);
    splice.switch_to('a');
    assert_eq!((splice.place(&arrival), splice.pending()), (None, Some('a')));
    arrival.peek = Peek::WHOLE;
    let first = Placed { sequence: 100, timestamp: 5_000, numbers: Numbers::default() };
    assert_eq!((splice.place(&arrival), splice.current(), splice.pending()), (Some(first), Some('a'), None));
}
