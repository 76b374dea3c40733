/** What the page asks of a player library, whichever it is. */

import type { PlayerKind } from '../choice';
import type { Fault } from '../faults';
import type { Figures } from '../rtc/figures';

export interface Engine {
  /** The library and its version; empty for the browser itself. */
  readonly library: string;
  /** What is played, where that is only known while playing: `LL-HLS` or `HLS`. */
  form(): string | null;
  /** What `latency` is measured against: the newest that arrived, that the server offers, or that it sends. */
  readonly behind: 'arrived' | 'offered' | 'sent';
  /** How far playback is behind, in seconds. */
  latency(): number | null;
  /** Of the media that arrive. */
  kbps(): number | null;
  /** Whether media arrive, where the clock of the video element goes on without. */
  flows?(): boolean;
  /** What only a WebRTC connection knows. */
  figures?(): Figures | null;
  /** Ends every request, and leaves the video element empty. */
  destroy(): void;
}

/** What a player tells; after `fault` or `ended` it is of no more use. */
export interface Listener {
  fault(fault: Fault): void;
  /** The server ended the stream in good order. */
  ended(): void;
  /** Nothing arrives, which the video element does not tell by itself. */
  waiting(): void;
}

/** What is played. */
export interface Target {
  kind: PlayerKind;
  url: string;
  /** The same at other places, for a server that has it there. */
  elsewhere: readonly string[];
  /** The token to send, where the protocol has a place for it. */
  bearer: string | null;
  /** Why it cannot be played, where that is known before it is tried. */
  barred: Fault | null;
}

export interface Source extends Omit<Target, 'kind' | 'barred'> {
  video: HTMLVideoElement;
  listener: Listener;
}

/** Seconds that are loaded and not played yet; `null` before anything is. */
export function buffered(video: HTMLVideoElement): number | null {
  const ranges = video.buffered;
  return ranges.length > 0 ? Math.max(0, ranges.end(ranges.length - 1) - video.currentTime) : null;
}
