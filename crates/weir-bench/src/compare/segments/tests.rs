use super::*;

#[test]
fn what_wrk_says_is_read() {
    let check = |text: &str, expect| assert_eq!(read_wrk(text).ok(), expect, "{text}");
    let good = "Running 6s test @ http://127.0.0.1:8080/a.ts\n  1 threads and 16 connections\n  Thread Stats   Avg\n    \
                Latency     1.37ms\n  69811 requests in 6.00s, 10.23GB read\nRequests/sec:  11632.46\nTransfer/sec:  1.70GB\n";
    check(good, Some((69811.0, 11632.46)));
    check(&format!("{good}  Non-2xx or 3xx responses: 7\n"), None);
    check(&format!("{good}  Socket errors: connect 0, read 3, write 0, timeout 0\n"), None);
    check("  0 requests in 6.00s, 0.00B read\nRequests/sec:      0.00\n", None);
    check("unable to connect", None);
}
