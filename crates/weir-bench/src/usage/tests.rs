use super::*;

const MS: fn(u64) -> Duration = Duration::from_millis;

#[test]
fn stat_lines_hold_odd_names() {
    let check = |line, expect| assert_eq!(parse_stat(line, MS(10)), expect, "{line}");
    let cpu = Cpu { user: MS(120), system: MS(50), total: MS(170) };
    check("7 (weir) S 1 7 7 0 -1 4194560 99 0 0 0 12 5 0 0 20 0 3", Some(("weir", cpu)));
    check("7 (a) b (c) S 1 7 7 0 -1 4194560 99 0 0 0 12 5 0 0 20 0 3", Some(("a) b (c", cpu)));
    check("7 (weir) S 1 7 7 0 -1", None);
    check("", None);
}

#[test]
fn schedstat_counts_nanoseconds() {
    assert_eq!(parse_schedstat("2500000 17 4\n"), Some(Duration::from_micros(2500)));
    assert_eq!(parse_schedstat(""), None);
}

#[test]
fn resident_memory_is_in_kibibytes() {
    assert_eq!(parse_resident("Name:\tweir\nVmRSS:\t     20 kB\nThreads:\t1\n"), Some(20 << 10));
    assert_eq!(parse_resident("Name:\tweir\n"), None);
}

#[test]
fn this_process_has_threads_and_memory() {
    let before = Sample::take(std::process::id()).unwrap();
    assert!(before.memory > 0 && !before.threads.is_empty());
    let began = std::time::Instant::now();
    while began.elapsed() < MS(60) {
        std::hint::black_box(fastrand::u32(..));
    }
    let used = Sample::take(std::process::id()).unwrap().since(&before);
    assert!(used.cpu.total <= began.elapsed() * 64 + MS(200));
}

#[test]
fn what_was_used_is_a_difference() {
    let sample = |user, names: &[(&str, u64)]| Sample {
        cpu: Cpu { user: MS(user), system: MS(0), total: MS(user) },
        threads: names
            .iter()
            .map(|(name, ms)| ((*name).to_owned(), Cpu { user: MS(*ms), system: MS(0), total: MS(*ms) }))
            .collect(),
        memory: 5,
    };
    let used = sample(30, &[("a", 20), ("b", 7), ("new", 3)]).since(&sample(10, &[("a", 3), ("b", 7)]));
    assert_eq!(used.cpu.user, MS(20));
    assert_eq!(used.threads.keys().collect::<Vec<_>>(), ["a", "new"]);
    assert_eq!(used.threads["a"].user, MS(17));
}
