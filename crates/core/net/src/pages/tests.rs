use std::io::Read;
use std::os::unix::fs::MetadataExt;

use super::*;

/// Bytes of memory that a pool has.
fn memory(pool: &Pool) -> u64 {
    pool.file.metadata().expect("a file").blocks() * 512
}

#[tokio::test]
async fn a_socket_gets_what_was_stored() {
    let pool = Pool::new().expect("memory");
    let [first, second] = [b'a', b'b'].map(|byte| vec![byte; 300_001]);
    let (_before, pages) = (pool.store(&first).expect("room"), pool.store(&second).expect("room"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    let reader = std::thread::spawn(move || {
        let mut got = Vec::new();
        std::net::TcpStream::connect(addr).expect("a listener").read_to_end(&mut got).expect("bytes");
        got
    });
    let (socket, _) = listener.accept().await.expect("a connection");
    socket.writable().await.expect("a socket");
    assert_eq!(try_send_before(&socket, b"head").expect("room in the socket"), 4);
    let mut sent = 1;
    while sent < pages.len() {
        socket.writable().await.expect("a socket");
        match pages.try_send(&socket, sent) {
            Ok(len) => sent += len,
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
        }
        // What was handed to the kernel is sent all the same.
    }
    drop(pages);
    drop(socket);
    let got = reader.join().expect("a reader");
    assert_eq!(got.len(), 4 + 300_000);
    assert!(got.starts_with(b"head") && got.iter().skip(4).all(|byte| *byte == b'b'));
}

#[test]
fn memory_is_given_back() {
    let pool = Pool::new().expect("memory");
    let stored: Vec<Pages> = (0..10).map(|_| pool.store(&[1; 100_000]).expect("room")).collect();
    assert!(memory(&pool) >= 1_000_000);
    drop(stored);
    assert_eq!(memory(&pool), 0);
    assert!(pool.store(&[]).expect("nothing takes no room").is_empty());
}

#[test]
fn huge_pages_are_seen() {
    let check = |global: Option<&str>, sizes: &[(&str, &str)], expect: bool| {
        let folder = tempfile::tempdir().expect("a folder");
        if let Some(global) = global {
            std::fs::write(folder.path().join("shmem_enabled"), global).expect("a switch");
        }
        for (size, chosen) in sizes {
            let size = folder.path().join(format!("hugepages-{size}kB"));
            std::fs::create_dir(&size).expect("a folder");
            std::fs::write(size.join("shmem_enabled"), chosen).expect("a switch");
        }
        assert_eq!(has_huge_pages(folder.path()), expect, "{global:?} {sizes:?}");
    };
    let never = "always within_size advise [never] deny force\n";
    check(None, &[], false);
    check(Some(never), &[], false);
    check(Some("always within_size [advise] never deny force\n"), &[], false);
    check(Some("[always] within_size advise never deny force\n"), &[], true);
    check(Some("always [within_size] advise never deny force\n"), &[], true);
    check(Some("always within_size advise never deny [force]\n"), &[], true);
    check(Some(never), &[("2048", "always [inherit] within_size advise never\n")], false);
    check(Some(never), &[("2048", "always [inherit] within_size advise never\n"), ("64", "[always] inherit\n")], true);
    assert!(!has_huge_pages(Path::new("/nowhere")));
}

#[test]
fn parts_begin_at_pages_of_the_machine() {
    let pool = Pool::new().expect("memory");
    let [first, second] = [1, 2].map(|byte| pool.store(&[byte; 10]).expect("room"));
    let page = sysconf(SysconfVar::PAGE_SIZE).expect("a size").expect("it is known") as u64;
    assert_eq!((first.at, second.at), (0, page));
}
