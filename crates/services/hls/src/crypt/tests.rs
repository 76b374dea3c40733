use std::io::Write;
use std::process::{Command, Stdio};

use super::*;

/// What openssl makes of an encrypted segment.
fn decrypt(secret: &Secret, bytes: &[u8]) -> Vec<u8> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut openssl = Command::new("openssl")
        .args(["enc", "-d", "-aes-128-cbc", "-K", &hex(&secret.key), "-iv", &hex(&secret.iv)])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("openssl");
    openssl.stdin.take().expect("it is piped").write_all(bytes).expect("it reads");
    let out = openssl.wait_with_output().expect("it ends");
    assert!(out.status.success(), "{out:?}");
    out.stdout
}

// row: config.md §11 hls hls_keys
#[test]
fn openssl_decrypts_what_was_encrypted() {
    for len in [0, 1, 15, 16, 188 * 7] {
        let plain: Vec<u8> = (0..len).map(|byte| byte as u8).collect();
        let secret = Secret::random().expect("there is chance");
        let mut segment = plain.clone();
        secret.encrypt(&mut segment).expect("it is a key");
        assert_eq!(segment.len(), (len / 16 + 1) * 16);
        assert_eq!(decrypt(&secret, &segment), plain, "{len}");
    }
}

#[test]
fn keys_are_random_and_not_printed() {
    let (a, b) = (Secret::random().expect("chance"), Secret::random().expect("chance"));
    assert!(a.key != b.key && a.iv != b.iv && a.key != a.iv);
    assert_eq!(format!("{a:?}"), "Secret");
}
