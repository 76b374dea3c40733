//! Which numbers of packets were used (RFC 3711 clauses 3.3.1 and 3.3.2).

/// Packets that come so much later than newer ones are still told from those that came before: what is sent again comes
/// late, a second at most, and a stream of ten megabits has a thousand packets in that.
const WINDOW: u64 = 1024;
const WORDS: usize = (WINDOW / 64) as usize;
/// The largest number of RTP packets (RFC 3711 clause 3.2.1: 48 bits).
const MAX_INDEX: u64 = (1 << 48) - 1;
/// Sources that one side may use in a session. Each costs 150 bytes; publishers have six of simulcast, and some change them
/// when they change what they send. Only who has the keys makes new ones.
const MAX_SOURCES: usize = 64;

/// The windows of the sources of one side.
#[derive(Debug, Default)]
pub(super) struct Sources {
    all: Vec<(u32, Window)>,
}

/// Numbers of one source.
#[derive(Clone, Debug)]
struct Window {
    newest: u64,
    /// A bit for each of the newest numbers, in its place modulo the size.
    used: [u64; WORDS],
}

impl Sources {
    /// The number over its wraps that is meant by sixteen bits: the one next to the newest.
    pub(super) fn index(&self, ssrc: u32, sequence: u16) -> Option<u64> {
        match self.all.iter().find(|(of, _)| *of == ssrc) {
            Some((_, window)) => window.index(sequence),
            None => Some(sequence.into()),
        }
    }

    /// Uses a number, if `pass` says that its packet is good. False when it is not, or the number was used before or is too
    /// old to tell.
    pub(super) fn take(&mut self, ssrc: u32, index: u64, pass: impl FnOnce() -> bool) -> bool {
        if index > MAX_INDEX {
            return false;
        }
        match self.all.iter_mut().find(|(of, _)| *of == ssrc) {
            Some((_, window)) => {
                let passes = window.is_free(index) && pass();
                if passes {
                    window.mark(index);
                }
                passes
            }
            None => {
                let passes = self.all.len() < MAX_SOURCES && pass();
                if passes {
                    let mut window = Window { newest: index, used: [0; WORDS] };
                    window.mark(index);
                    self.all.push((ssrc, window));
                }
                passes
            }
        }
    }
}

impl Window {
    /// RFC 3711 clause 3.3.1.
    fn index(&self, sequence: u16) -> Option<u64> {
        let (wraps, newest, sequence) = (self.newest >> 16, self.newest & 0xffff, u64::from(sequence));
        let wraps = if newest < 0x8000 && sequence > newest + 0x8000 {
            wraps.checked_sub(1)?
        } else if newest >= 0x8000 && sequence < newest - 0x8000 {
            wraps + 1
        } else {
            wraps
        };
        Some(wraps << 16 | sequence)
    }

    fn is_free(&self, index: u64) -> bool {
        let is_used = self.used.get(word(index)).is_none_or(|word| word & bit(index) != 0);
        index > self.newest || (self.newest - index < WINDOW && !is_used)
    }

    fn mark(&mut self, index: u64) {
        if index > self.newest {
            if index - self.newest >= WINDOW {
                self.used = [0; WORDS];
            } else {
                (self.newest + 1..index).for_each(|passed| self.set(passed, false));
            }
            self.newest = index;
        }
        self.set(index, true);
    }

    fn set(&mut self, index: u64, to: bool) {
        if let Some(word) = self.used.get_mut(word(index)) {
            *word = if to { *word | bit(index) } else { *word & !bit(index) };
        }
    }
}

fn word(index: u64) -> usize {
    (index % WINDOW / 64) as usize
}

fn bit(index: u64) -> u64 {
    1 << (index % 64)
}
