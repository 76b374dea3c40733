use std::rc::Rc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::closed;
use crate::testing::connection;

/// Whatever a test waits for comes within this time.
const PATIENCE: Duration = Duration::from_secs(10);

/// The end of a connection is seen behind these bytes, which stay; not before it is there.
async fn check(bytes: &[u8], end: impl AsyncFnOnce(TcpStream)) -> Rc<TcpStream> {
    let (ours, mut theirs) = connection().await;
    theirs.write_all(bytes).await.expect("there is room");
    tokio::time::timeout(Duration::from_millis(50), closed(&ours)).await.expect_err("it is open");
    end(theirs).await;
    tokio::time::timeout(PATIENCE, closed(&ours)).await.expect("it is closed");
    ours
}

#[tokio::test]
async fn an_end_is_seen_and_what_came_before_it_stays() {
    for bytes in [&b""[..], b"media"] {
        let ours = check(bytes, async |theirs| drop(theirs)).await;
        let mut read = Vec::new();
        while let Ok(1..) = ours.try_read_buf(&mut read) {}
        assert_eq!(read, bytes);
    }
    // A connection that breaks: closed over bytes that were not read.
    let (ours, theirs) = connection().await;
    ours.try_write(b"unread").expect("there is room");
    theirs.readable().await.expect("it is open");
    drop(theirs);
    tokio::time::timeout(PATIENCE, closed(&ours)).await.expect("it is closed");
}
