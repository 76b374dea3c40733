//! Included by the tests beside the bodies of the fuzzer.

/// Gives each input that was kept for a target to its body.
pub(crate) fn replay(target: &str, body: impl Fn(&[u8])) {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fuzz/corpus").join(target);
    for entry in std::fs::read_dir(&corpus).unwrap_or_else(|error| panic!("no {}: {error}", corpus.display())) {
        body(&std::fs::read(entry.expect("a readable folder").path()).expect("a readable file"));
    }
}
