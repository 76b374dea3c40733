/** Keeps playback close to what arrives: faster while it is behind, with more in reserve after each stall. */

/** What is kept in reserve at first, at most, and how it grows with a stall. Seconds. */
const FIRST = 0.2;
const MOST = 3;
const GROWTH = 1.6;
/** Behind by more than so many times the reserve, playback runs faster, until it is behind by the reserve. */
const SLACK = 2;
const HURRIED = 1.2;
/** Behind by more than this beyond the reserve, it jumps: a group of pictures or a long pause has piled up. Seconds. */
const JUMP = 3;

/** What to do with the player. */
export type Move = { rate: number } | { skip: number };

export class Chase {
  private reserve = FIRST;
  private hurries = false;

  /** Playback had to wait: what arrives is less even than was thought. */
  stalled(): void {
    this.reserve = Math.min(MOST, this.reserve * GROWTH);
    this.hurries = false;
  }

  /** `behind`: seconds that are loaded and not played yet. */
  look(behind: number): Move {
    if (behind > this.reserve + JUMP) {
      this.hurries = false;
      return { skip: behind - this.reserve };
    }
    if (behind > this.reserve * SLACK) this.hurries = true;
    if (behind <= this.reserve) this.hurries = false;
    return { rate: this.hurries ? HURRIED : 1 };
  }
}
