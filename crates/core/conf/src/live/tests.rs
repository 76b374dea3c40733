use super::*;

#[test]
fn clones_see_what_is_stored() {
    let live = Live::new(1);
    let session = live.clone();
    let held = session.load();
    live.store(2);
    assert_eq!((**held, **session.load()), (1, 2));
    assert!(live.same(&session) && !live.same(&Live::new(2)));
}
