use std::time::{Duration, SystemTime};

use super::{Faults, MAX_FAULTS};

#[test]
fn the_same_fault_is_counted_and_many_do_not_pile_up() {
    let (faults, then) = (Faults::default(), SystemTime::UNIX_EPOCH);
    let later = then + Duration::from_secs(1);
    for at in [then, later] {
        faults.add("HLS", "the disk is full", at);
    }
    faults.add("MPEG-TS", "the disk is full", then);
    let told: Vec<_> = faults.all().into_iter().map(|fault| (fault.output, fault.count, fault.last)).collect();
    assert_eq!(told, [("HLS", 2, later), ("MPEG-TS", 1, then)]);

    for at in 0..1000 {
        faults.add("HLS", &format!("fault {at}"), then);
    }
    let all = faults.all();
    assert_eq!((all.len(), all.last().map(|fault| fault.what.as_str())), (MAX_FAULTS, Some("fault 999")));
    faults.clear();
    assert_eq!(faults.all(), []);
}
