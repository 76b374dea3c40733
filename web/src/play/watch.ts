/** One stream on one video element: starts a player, measures it, says why it fails, starts it again. */

import type { LiveStream } from '../api';
import type { PlayerKind } from '../choice';
import { type Fault, refine, retryAfter } from '../faults';
import { Rate } from '../rate';
import type { Figures } from '../rtc/figures';
import { type PlayEvent, StallMeter } from '../stalls';
import { type Browser, isNative, obstacle } from '../support';
import type { Engine, Source, Target } from './engine';

const TICK_MS = 500;
/** No picture for so long after a start is worth a word. Milliseconds. */
const SILENT_MS = 10_000;
/** A stream that is paused for longer is let go: it cannot be kept. Milliseconds. */
const PAUSED_MS = 20_000;
/** An attempt that got so far has succeeded, whatever comes after. Milliseconds. */
const STEADY_MS = 10_000;
/** Standing still for longer, with no publisher, is not a stall any more. Milliseconds. */
const GONE_MS = 2000;

/**
 * - `idle`: nothing asked for, or let go: a click starts it
 * - `starting`: no picture yet
 * - `playing`: a picture, moving, paused or stalled
 * - `failed`: see `fault`
 */
export type Phase = 'idle' | 'starting' | 'playing' | 'failed';

export interface Report {
  phase: Phase;
  fault: Fault | null;
  /** It will be tried again without being asked. */
  retries: boolean;
  /** The browser allows no sound before a click. */
  silenced: boolean;
  library: string | null;
  form: string | null;
  behind: Engine['behind'] | null;
  latency: number | null;
  stalled: boolean;
  stalls: number;
  stalledMs: number;
  width: number;
  height: number;
  fps: number | null;
  /** Frames decoded so far, and those of them that were never shown. */
  frames: number;
  dropped: number;
  kbps: number | null;
  /** With WebRTC. */
  figures: Figures | null;
}

/** Plays one target after another on a video element. */
export class Watch {
  private target: Target | null = null;
  private stream: LiveStream | null = null;
  /** What the API says of the publisher; `null` where it is not asked or does not know. */
  private live: boolean | null = null;
  private engine: Engine | null = null;
  /** Counts starts: what belongs to an older one comes too late. */
  private run = 0;
  private phase: Phase = 'idle';
  private fault: Fault | null = null;
  private attempts = 0;
  private hasPlayed = false;
  private retryTimer: ReturnType<typeof setTimeout> | null = null;
  private startedAt = 0;
  private pausedAt: number | null = null;
  private lastTime = 0;
  private silenced = false;
  private stalls = new StallMeter();
  private frameRate = new Rate(3, 1);
  private lastFrames = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly browser: Browser,
    private readonly onChange: (report: Report) => void,
  ) {
    const events = ['playing', 'waiting', 'seeking', 'seeked', 'timeupdate', 'pause', 'play', 'volumechange'];
    for (const name of events) video.addEventListener(name, () => this.onVideo(name));
    setInterval(() => this.tick(), TICK_MS);
  }

  /** Plays `target` from now on. For `stream` and `live` see `know`. */
  play(target: Target, stream: LiveStream | null, live: boolean | null): void {
    const again = this.target?.url === target.url && this.target.kind === target.kind;
    this.target = target;
    this.stream = stream;
    this.live = live;
    if (!again) {
      this.stalls = new StallMeter();
      this.hasPlayed = false;
    }
    this.attempts = 0;
    this.fault = null;
    void this.start();
  }

  /** Ends playing; nothing is chosen any more. */
  stop(): void {
    this.target = null;
    this.letGo();
    this.report();
  }

  /** What the API says now: what the stream is, and whether somebody publishes it. `null` where it does not know. */
  know(stream: LiveStream | null, live: boolean | null): void {
    const came = live === true && this.live === false;
    this.stream = stream;
    this.live = live;
    if (this.fault) this.blame(refine(this.fault, live, this.hasPlayed));
    // A request that was held while nobody published may be held in vain.
    if (came && (this.phase === 'failed' || this.phase === 'starting')) {
      this.attempts = 0;
      this.fault = null;
      void this.start();
    }
  }

  /** Sound, now that somebody asked for it. */
  unmute(): void {
    this.video.muted = false;
    this.silenced = false;
    void this.video.play().catch(() => undefined);
    this.report();
  }

  private async start(): Promise<void> {
    const { target } = this;
    if (!target) return;
    this.close();
    const run = this.run;
    this.startedAt = performance.now();
    // The fault of the attempt before stays to be read until there is a picture.
    this.phase = 'starting';
    this.report();
    const fault = target.barred ?? obstacle(target.kind, target.url, this.browser, this.stream);
    if (fault) return this.fail(fault);
    const source: Source = {
      ...target,
      video: this.video,
      listener: {
        fault: fault => this.later(run, () => this.fail(fault)),
        ended: () => this.later(run, () => this.fail({ kind: 'dropped' })),
        waiting: () => this.later(run, () => this.stalls.on('waiting', performance.now())),
      },
    };
    try {
      const open = await loadEngine(target.kind, this.browser);
      if (run !== this.run) return;
      this.engine = open(source);
    } catch (error) {
      if (run === this.run) this.fail({ kind: 'library', said: String(error) });
      return;
    }
    await this.begin(run);
  }

  /** Libraries do not like to be taken down from within. */
  private later(run: number, act: () => void): void {
    queueMicrotask(() => run === this.run && act());
  }

  /** Asks the browser to play: with sound if it may be, without if not. */
  private async begin(run: number): Promise<void> {
    try {
      await this.video.play();
    } catch (error) {
      const refused = error instanceof DOMException && error.name === 'NotAllowedError';
      if (run !== this.run || !refused) return;
      if (this.video.muted) return this.letGo();
      this.video.muted = true;
      this.silenced = true;
      await this.begin(run);
    }
  }

  private fail(fault: Fault): void {
    const refined = refine(fault, this.live, this.hasPlayed);
    this.close();
    this.phase = 'failed';
    this.stalls.on('broken', performance.now());
    this.blame(refined);
    const delay = retryAfter(refined, this.attempts);
    this.attempts += 1;
    if (delay === null) this.stalls.on('pause', performance.now());
    else this.retryTimer = setTimeout(() => void this.start(), delay);
    this.report();
  }

  private blame(fault: Fault): void {
    this.fault = fault;
    if (fault.kind === 'gone' || fault.kind === 'not-live') this.stalls.on('gone', performance.now());
  }

  /** Ends the player, and keeps what was chosen. */
  private letGo(): void {
    this.close();
    this.stalls.on('pause', performance.now());
    this.phase = 'idle';
    this.fault = null;
    this.report();
  }

  private close(): void {
    this.run += 1;
    if (this.retryTimer !== null) clearTimeout(this.retryTimer);
    this.retryTimer = null;
    this.engine?.destroy();
    this.engine = null;
    this.pausedAt = null;
    this.lastTime = 0;
    this.lastFrames = 0;
    this.frameRate = new Rate(3, 1);
  }

  private onVideo(name: string): void {
    if (!this.engine) return;
    const now = performance.now();
    if (name === 'timeupdate') {
      if (this.video.currentTime <= this.lastTime || this.video.seeking || this.engine.flows?.() === false) return;
      this.lastTime = this.video.currentTime;
      this.moving(now);
    } else if (name === 'playing') {
      this.moving(now);
    } else if (name === 'pause') {
      this.pausedAt = now;
      this.stalls.on('pause', now);
    } else if (name === 'play') {
      this.pausedAt = null;
    } else if (name === 'volumechange') {
      this.silenced &&= this.video.muted;
    } else {
      if (name === 'seeking') this.lastTime = 0;
      this.stalls.on(name as PlayEvent, now);
    }
    this.report();
  }

  private moving(now: number): void {
    this.stalls.on('playing', now);
    this.phase = 'playing';
    this.fault = null;
    this.hasPlayed = true;
    if (now - this.startedAt > STEADY_MS) this.attempts = 0;
  }

  private tick(): void {
    if (this.phase === 'idle') return;
    const now = performance.now();
    if (this.pausedAt !== null && now - this.pausedAt > PAUSED_MS) return this.letGo();
    if (this.phase === 'starting' && now - this.startedAt > SILENT_MS) {
      const seconds = Math.round((now - this.startedAt) / 1000);
      this.blame(refine({ kind: 'silent', seconds }, this.live, this.hasPlayed));
    }
    if (this.phase === 'playing' && this.live === false && this.stalls.stalled(now - GONE_MS)) {
      return this.fail({ kind: 'gone' });
    }
    this.report();
  }

  private report(): void {
    const { engine, video } = this;
    const now = performance.now();
    const shown = this.phase === 'playing';
    const quality = shown ? video.getVideoPlaybackQuality() : null;
    const figures = (shown && engine?.figures?.()) || null;
    this.onChange({
      phase: this.phase,
      fault: this.fault,
      retries: this.retryTimer !== null || this.fault?.kind === 'silent' || this.phase === 'starting',
      silenced: this.silenced && shown,
      library: engine?.library ?? null,
      form: engine?.form() ?? null,
      behind: engine?.behind ?? null,
      latency: shown ? (engine?.latency() ?? null) : null,
      stalled: this.stalls.stalled(now),
      // A browser that counts frozen pictures sees shorter ones.
      stalls: figures?.freezes ?? this.stalls.count(now),
      stalledMs: figures?.freezes == null ? this.stalls.totalMs(now) : figures.frozenMs,
      width: shown ? video.videoWidth : 0,
      height: shown ? video.videoHeight : 0,
      fps: quality && this.framesPerSecond(quality.totalVideoFrames, now / 1000),
      frames: quality?.totalVideoFrames ?? 0,
      dropped: quality?.droppedVideoFrames ?? 0,
      kbps: engine?.kbps() ?? null,
      figures,
    });
  }

  private framesPerSecond(frames: number, now: number): number | null {
    this.frameRate.add(Math.max(0, frames - this.lastFrames), now);
    this.lastFrames = frames;
    return this.frameRate.perSecond(now);
  }
}

/** The code of a player is fetched when the player is first asked for. */
async function loadEngine(kind: PlayerKind, browser: Browser): Promise<(source: Source) => Engine> {
  if (kind === 'webrtc') return (await import('./whep')).open;
  if (isNative(kind, browser)) return (await import('./native')).open;
  if (kind === 'hls' || kind === 'll-hls') {
    const { open } = await import('./hls');
    return source => open(kind === 'll-hls', source);
  }
  const { open } = await import('./mpegts');
  return source => open(kind.endsWith('ts') ? 'mpegts' : 'flv', source);
}
