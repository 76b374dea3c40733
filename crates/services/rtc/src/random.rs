//! Numbers and words that nobody can guess.

/// A number.
pub(crate) fn number() -> u32 {
    let mut bytes = [0; 4];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has random numbers, or nothing here is safe");
    u32::from_ne_bytes(bytes)
}

/// Small letters and digits, as SRS has them in its names.
pub(crate) fn word(len: usize) -> String {
    (0..len).filter_map(|_| char::from_digit(number() % 36, 36)).collect()
}
