use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

#[test]
fn files_are_whole_or_not_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a/b/c.ts").to_str().expect("text").to_owned();
    write_file(&path, ".tmp", b"one").expect("it is written");
    write_file(&path, ".tmp", b"two").expect("it is written over");
    assert_eq!(fs::read(&path).expect("it is there"), b"two");
    assert_eq!(fs::read_dir(folder.path().join("a/b")).expect("a folder").count(), 1);
    remove_file(&path).expect("it goes");
    remove_file(&path).expect("it is gone");
    let below_file = folder.path().join("file");
    fs::write(&below_file, b"x").expect("a file");
    let error = write_file(below_file.join("c.ts").to_str().expect("text"), ".tmp", b"x").expect_err("no folder");
    assert_eq!(error.kind(), ErrorKind::NotADirectory);
}

struct Count {
    left: AtomicUsize,
    block: Option<Mutex<()>>,
}

impl Work for Count {
    fn work(&self) {
        if let Some(block) = &self.block {
            drop(block.lock());
        }
        self.left.fetch_sub(1, Ordering::SeqCst);
    }

    fn has_more(&self) -> bool {
        self.left.load(Ordering::SeqCst) > 0
    }
}

#[tokio::test]
async fn one_that_hangs_does_not_stop_the_others() {
    let disk = Arc::new(Disk::default());
    let hangs = Arc::new(Count { left: AtomicUsize::new(1), block: Some(Mutex::new(())) });
    let held = hangs.block.as_ref().expect("it blocks").lock();
    disk.submit(hangs.clone());
    let others: Vec<_> = (0..20).map(|_| Arc::new(Count { left: AtomicUsize::new(3), block: None })).collect();
    others.iter().for_each(|work| disk.submit(work.clone()));
    disk.tend();
    assert_eq!(disk.state().threads, 1, "nothing has waited for long");
    tokio::time::sleep(PATIENCE).await;
    disk.tend();
    for _ in 0..1000 {
        if others.iter().all(|work| !work.has_more()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(others.iter().all(|work| !work.has_more()) && hangs.has_more());
    assert!(!disk.drain(Duration::from_millis(20)).await, "one hangs");
    drop(held);
    assert!(disk.drain(Duration::from_secs(5)).await);
    assert!(disk.state().threads <= THREADS);
}
