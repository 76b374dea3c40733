use super::*;

impl Output {
    /// True while a publish writes.
    pub(crate) fn is_written(&self) -> bool {
        self.turn.available_permits() == 0
    }

    /// True when somebody may begin to write.
    pub(crate) fn gives_turns(&self) -> bool {
        self.turn.try_acquire().is_ok()
    }

    /// The key in use becomes one that encrypts nothing.
    pub(crate) fn break_key(&self) {
        let mut state = self.state();
        if let Some(key) = state.key.take() {
            let secret = Secret { key: vec![0; 3], ..key.secret.clone() };
            state.key = Some(Arc::new(InUse { blob: key.blob.clone(), secret, listed: key.listed.clone() }));
        }
    }
}

/// `5.2` is segment 5 with two parts, `/9` the parts of the segment before.
fn progress(words: &str) -> Progress {
    let (now, before) = words.split_once('/').expect("parts of the one before");
    let (msn, parts) = now.split_once('.').expect("a segment and its parts");
    let number = |text: &str| text.parse().expect("a number");
    Progress { msn: number(msn), parts: number(parts), parts_before: number(before), ..Progress::default() }
}

#[test]
fn a_request_is_for_what_is_there_or_for_what_comes() {
    let check = |now: &str, msn: u64, part: Option<u64>, expect: bool| {
        assert_eq!(progress(now).has(msn, part), expect, "{now}: {msn} {part:?}");
    };
    check("5.2/9", 4, None, true);
    check("5.2/9", 5, None, false);
    check("5.2/9", 6, None, false);
    check("5.2/9", 5, Some(1), true);
    check("5.2/9", 5, Some(2), false);
    check("5.2/9", 6, Some(0), false);
    // A part beyond the last one is the first of the next segment.
    check("5.0/9", 4, Some(8), true);
    check("5.0/9", 4, Some(9), false);
    check("5.1/9", 4, Some(9), true);
    check("5.0/9", 3, Some(99), true);
    check("0.0/0", 0, Some(0), false);
    check("5.0/9", u64::MAX, None, false);
}

#[test]
fn others_are_told_the_newest_segment_and_part() {
    let check = |now: &str, expect: (u64, Option<u64>)| assert_eq!(progress(now).last(), expect, "{now}");
    check("5.2/9", (5, Some(1)));
    check("5.0/9", (4, Some(8)));
    check("5.0/0", (4, None));
    check("0.0/0", (0, None));
}
