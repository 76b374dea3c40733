/** Counts the times that playback stood still for want of data. */

/** Shorter ones are the browser at work, not something that a viewer sees. Milliseconds. */
const LEAST_MS = 100;

/** Events of a video element; `broken` is when its player failed and is being started anew. */
export type PlayEvent = 'playing' | 'progress' | 'waiting' | 'seeking' | 'seeked' | 'pause' | 'broken' | 'gone';

/** Waiting before the first picture, while seeking, while paused or without a publisher is no stall. */
export class StallMeter {
  private finished = 0;
  private finishedMs = 0;
  private since: number | null = null;
  private played = false;
  private seeks = false;

  /** `now` in milliseconds of any clock that does not go back. */
  on(event: PlayEvent, now: number): void {
    switch (event) {
      case 'playing':
      case 'progress':
        this.played = true;
        this.seeks = false;
        this.close(now);
        break;
      case 'waiting':
        if (this.played && !this.seeks) this.since ??= now;
        break;
      case 'broken':
        if (this.played) this.since ??= now;
        break;
      case 'seeking':
        this.seeks = true;
        break;
      case 'seeked':
        this.seeks = false;
        break;
      case 'pause':
        this.close(now);
        this.played = false;
        break;
      case 'gone':
        // What looked like a stall was the end.
        this.since = null;
        this.played = false;
        break;
    }
  }

  /** Whether playback stands still now. */
  stalled(now: number): boolean {
    return this.since !== null && now - this.since >= LEAST_MS;
  }

  /** Stalls so far, with the one that lasts. */
  count(now: number): number {
    return this.finished + (this.stalled(now) ? 1 : 0);
  }

  /** Their length together, in milliseconds. */
  totalMs(now: number): number {
    return this.finishedMs + (this.stalled(now) ? now - (this.since ?? now) : 0);
  }

  private close(now: number): void {
    if (this.stalled(now)) {
      this.finished += 1;
      this.finishedMs += now - (this.since ?? now);
    }
    this.since = null;
  }
}
