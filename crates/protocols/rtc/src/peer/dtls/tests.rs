use super::{MAX_RECORDS, records};

fn record(kind: u8, len: u16) -> Vec<u8> {
    [&[kind, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1][..], &len.to_be_bytes(), &vec![7; len.into()]].concat()
}

#[track_caller]
fn check(datagram: &[u8], expect: &[usize]) {
    assert_eq!(records(datagram).map(<[u8]>::len).collect::<Vec<_>>(), expect);
}

#[test]
fn datagrams_are_cut_into_records() {
    check(&[], &[]);
    check(&record(22, 0), &[13]);
    check(&[record(22, 40), record(20, 1), record(22, 48)].concat(), &[53, 14, 61]);
    check(&record(22, 5).repeat(40), &[18; MAX_RECORDS]);
}

#[test]
fn what_is_cut_short_is_left_out() {
    let two = [record(22, 40), record(20, 1)].concat();
    for len in 0..two.len() {
        check(&two[..len], if len < 53 { &[] } else { &[53] });
    }
    check(&[&record(22, 1)[..], &[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 255, 255, 0]].concat(), &[14]);
}

#[test]
fn other_heads_go_as_they_are() {
    check(&[0x2f; 50], &[50]);
    check(&[&record(22, 9)[..], &[0x2e; 30]].concat(), &[22, 30]);
}
