/** What the page asks of a player library, whichever it is. */

import type { Fault } from '../faults';

export interface Engine {
  /** The library and its version; empty for the browser itself. */
  readonly library: string;
  /** What is played, where that is only known while playing: `LL-HLS` or `HLS`. */
  form(): string | null;
  /** What `latency` is measured against: the newest that has arrived, or the newest that the server offers. */
  readonly behind: 'arrived' | 'offered';
  /** How far playback is behind, in seconds. */
  latency(): number | null;
  /** Of the media that arrive. */
  kbps(): number | null;
  /** Ends every request, and leaves the video element empty. */
  destroy(): void;
}

/** What a player tells; after `fault` or `ended` it is of no more use. */
export interface Listener {
  fault(fault: Fault): void;
  /** The server ended the stream in good order. */
  ended(): void;
}

export interface Source {
  url: string;
  video: HTMLVideoElement;
  listener: Listener;
}

/** Seconds that are loaded and not played yet; `null` before anything is. */
export function buffered(video: HTMLVideoElement): number | null {
  const ranges = video.buffered;
  return ranges.length > 0 ? Math.max(0, ranges.end(ranges.length - 1) - video.currentTime) : null;
}
