use super::Connections;

// row: config.md §3 max_connections
#[test]
fn a_place_that_is_given_back_can_be_taken_again() {
    let connections = Connections::new(2);
    let first = connections.enter().expect("a place");
    let _second = connections.enter().expect("a place");
    assert!(connections.enter().is_none());
    assert_eq!((connections.open(), connections.accepted(), connections.refused()), (2, 2, 1));
    drop(first);
    assert!(connections.enter().is_some());
}
