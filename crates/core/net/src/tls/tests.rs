use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::Certificate;

/// Writes a certificate for `name` and its key.
fn issue(folder: &Path, name: &str) -> Vec<u8> {
    let issued = rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate");
    fs::write(folder.join("server.crt"), issued.cert.pem()).expect("written");
    fs::write(folder.join("server.key"), issued.signing_key.serialize_pem()).expect("written");
    issued.cert.der().to_vec()
}

fn served(certificate: &Arc<Certificate>) -> Vec<u8> {
    certificate.current.load().cert[0].to_vec()
}

#[tokio::test(start_paused = true)]
async fn a_changed_certificate_is_read_again_and_a_broken_one_is_not_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = issue(folder.path(), "first.example");
    let paths = (folder.path().join("server.key"), folder.path().join("server.crt"));
    let certificate = Certificate::read(&paths.0, &paths.1).expect("it can be read");
    assert_eq!(served(&certificate), first);
    let watching = tokio::spawn(certificate.clone().watch());
    tokio::time::sleep(super::CHECK).await;
    let second = issue(folder.path(), "second.example");
    tokio::time::sleep(super::CHECK * 2).await;
    assert_eq!(served(&certificate), second);
    fs::write(&paths.1, "not a certificate").expect("written");
    tokio::time::sleep(super::CHECK * 2).await;
    assert_eq!(served(&certificate), second);
    watching.abort();
}

// row: errors.md §2 4041 / 4042 / 4045
#[test]
fn a_file_at_fault_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    issue(folder.path(), "a.example");
    let (key, cert) = (folder.path().join("server.key"), folder.path().join("server.crt"));
    let missing = Certificate::read(&folder.path().join("none.key"), &cert).expect_err("there is no key");
    assert!(missing.to_string().contains("none.key") && missing.code() == 4045, "{missing}");
    fs::write(&cert, "").expect("written");
    let empty = Certificate::read(&key, &cert).expect_err("no certificate");
    assert!(empty.to_string().contains("server.crt"), "{empty}");
}
