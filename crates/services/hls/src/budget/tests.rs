use super::*;
use crate::blob::{OnDisk, Sort};
use crate::plan::File;

fn blob(budget: &Arc<Budget>, len: usize) -> Arc<Blob> {
    let file = File { name: "x".to_owned(), path: "x".to_owned(), url: "/x".to_owned() };
    Blob::new(file, Sort::Ts, vec![0; len].into(), budget, true)
}

#[test]
fn what_is_on_disk_is_let_go_first_the_oldest_of_it() {
    let budget = Budget::of(100, 1000);
    let blobs: Vec<_> = (0..4).map(|_| blob(&budget, 40)).collect();
    assert_eq!(budget.used(), 160, "nothing is on disk");
    for blob in blobs.iter().skip(1) {
        assert!(blob.settle(OnDisk::Written));
        budget.spare(blob);
    }
    let in_memory: Vec<bool> = blobs.iter().map(|blob| blob.bytes().is_some()).collect();
    assert_eq!(in_memory, [true, false, false, true]);
    assert_eq!(budget.used(), 80);
    assert!(blobs[1].body().is_some(), "it is read from disk");
    blobs[0].forget();
    assert!(blobs[0].bytes().is_some(), "it is nowhere else");
    drop(blobs);
    assert_eq!(budget.used(), 0);
}

#[test]
fn what_has_left_is_forgotten_behind_what_stays() {
    let budget = Budget::of(1 << 20, 1 << 20);
    let stays = blob(&budget, 1);
    assert!(stays.settle(OnDisk::Written));
    budget.spare(&stays);
    for _ in 0..10_000 {
        let leaves = blob(&budget, 1);
        assert!(leaves.settle(OnDisk::Written));
        budget.spare(&leaves);
    }
    let spare = budget.spare_list();
    assert!(spare.list.len() <= LEAST_ROOM + 1, "{}", spare.list.len());
    assert!(spare.list.iter().any(|one| one.upgrade().is_some()), "it may still be let go");
}

#[test]
fn what_waits_for_the_disk_can_be_discarded() {
    let budget = Budget::of(100, 1000);
    let check = |was: OnDisk, used: usize| {
        let blob = blob(&budget, 40);
        assert!(was == OnDisk::Waiting || blob.settle(was));
        assert_eq!((blob.discard(), budget.used()), (was, used));
        assert!(!blob.settle(OnDisk::Written), "{was:?}: nobody wants it any more");
    };
    check(OnDisk::Waiting, 0);
    check(OnDisk::Failed, 40);
    check(OnDisk::Written, 40);
}

#[test]
fn a_count_follows_what_grows_and_shrinks() {
    let budget = Budget::of(100, 1000);
    let mut count = budget.count();
    count.set(700);
    let held = budget.hold(vec![0; 400].into());
    assert!(budget.is_exceeded());
    count.set(100);
    assert!(!budget.is_exceeded() && budget.used() == 500);
    drop((count, held));
    assert_eq!(budget.used(), 0);
}

#[test]
fn parts_of_a_segment_count_once() {
    let budget = Budget::of(1000, 1000);
    let part = blob(&budget, 40);
    let whole = blob(&budget, 100);
    part.share(whole.bytes().expect("it is in memory").slice(20..60));
    assert_eq!(budget.used(), 100);
    assert_eq!(part.bytes().expect("it is in memory").len(), 40);
}

#[test]
fn what_many_ask_for_is_sent_from_pages() {
    let budget = Budget::of(1 << 20, 1 << 20);
    let (long, short) = (blob(&budget, LARGE), blob(&budget, LARGE - 1));
    let is_in_pages =
        |blob: &Blob| matches!(blob.body(), Some(weir_httpd::Body::Pages(bytes, pages)) if bytes.len() == pages.len());
    assert!((1..HOT).all(|_| !long.is_hot()));
    assert!(long.is_hot() && !long.is_hot(), "it is copied once");
    assert!(!is_in_pages(&long), "nothing is copied where it is asked for");
    long.store();
    assert!(is_in_pages(&long) && !is_in_pages(&short));
    assert!((0..2 * HOT).all(|_| !short.is_hot()));
    assert_eq!(budget.used(), LARGE * 3 - 1, "the copy counts too");
    long.share(long.bytes().expect("it is in memory"));
    assert_eq!(budget.used(), LARGE * 2 - 1);
    drop((long, short));
    assert_eq!(budget.used(), 0);
}
