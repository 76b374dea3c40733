use super::*;

#[test]
fn sound_is_whole_and_the_unknown_says_nothing() {
    assert_eq!(peek(Codec::Opus, &[]), Peek::WHOLE);
    assert_eq!(peek(Codec::OtherVideo, &[1, 2, 3]), Peek::default());
}
