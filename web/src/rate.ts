/** Rates over the last seconds. */

interface Sample {
  at: number;
  amount: number;
}

/** What was added per second, over a window that slides with the clock. */
export class Rate {
  private samples: Sample[] = [];
  private first: number | null = null;

  /**
   * All in seconds. `skip`: what comes so soon after the first is not counted, because a server sends what it has kept
   * at once. `least`: nothing is told before it.
   */
  constructor(
    private readonly window: number,
    private readonly least: number,
    private readonly skip = 0,
  ) {}

  /** `now` in seconds of any clock that does not go back. */
  add(amount: number, now: number): void {
    this.first ??= now + this.skip;
    if (now < this.first) return;
    const last = this.samples.at(-1);
    // One entry for each tenth of a second: a stream comes in hundreds of pieces.
    if (last && now - last.at < 0.1) last.amount += amount;
    else this.samples.push({ at: now, amount });
    this.drop(now);
  }

  /** Per second, or `null` while that cannot be said. */
  perSecond(now: number): number | null {
    this.drop(now);
    if (this.first === null || now - this.first < this.least) return null;
    const span = Math.min(this.window, now - this.first);
    return this.samples.reduce((sum, sample) => sum + sample.amount, 0) / span;
  }

  private drop(now: number): void {
    const from = now - this.window;
    this.samples = this.samples.filter(sample => sample.at > from);
  }
}

/** The bit rate of media that come in whole pieces: bytes by their own length, not by the clock. */
export class PieceRate {
  private pieces: { bytes: number; seconds: number }[] = [];

  /** `window`: seconds of media that count. */
  constructor(private readonly window = 10) {}

  add(bytes: number, seconds: number): void {
    if (seconds <= 0) return;
    this.pieces.push({ bytes, seconds });
    while (this.pieces.length > 1 && this.seconds() - (this.pieces[0]?.seconds ?? 0) >= this.window)
      this.pieces.shift();
  }

  /** Kilobits per second, or `null` before the first piece. */
  kbps(): number | null {
    const seconds = this.seconds();
    const bytes = this.pieces.reduce((sum, piece) => sum + piece.bytes, 0);
    return seconds > 0 ? (bytes * 8) / 1000 / seconds : null;
  }

  private seconds(): number {
    return this.pieces.reduce((sum, piece) => sum + piece.seconds, 0);
  }
}
