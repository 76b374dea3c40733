use nix::unistd::Pid;

use super::parent_to_follow;

// row: errors.md §3 1021
// row: ops.md §3 asprocess
#[test]
fn the_first_process_is_nobody_to_follow() {
    for nobody in [0, 1] {
        let refused = parent_to_follow(Pid::from_raw(nobody)).expect_err("refused");
        assert_eq!(refused.code(), 1021);
    }
    assert_eq!(parent_to_follow(Pid::from_raw(4127)).expect("followed"), Pid::from_raw(4127));
}
