/** Publishes a camera, a screen or a microphone by WHIP, and connects again where the way is lost. */

import { type Fault, codecName, retryAfter } from '../faults';
import { type Capability, type VideoCodec, available, only } from '../rtc/codecs';
import type { Figures } from '../rtc/figures';
import { type Heard, Peer, type Wish } from '../rtc/peer';
import { takesSimulcast } from '../rtc/sdp';
import { type Devices, capture, theseDevices } from './capture';
import type { PublishWish } from './wish';

/**
 * - `idle`: nothing is published
 * - `asking`: the browser asks for the camera
 * - `connecting`: there is a picture here, and not yet at the server
 * - `live`: it is published
 * - `failed`: see `fault`
 */
export type Phase = 'idle' | 'asking' | 'connecting' | 'live' | 'failed';

export interface PublishReport {
  phase: Phase;
  fault: Fault | null;
  /** It will be tried again without being asked. */
  retries: boolean;
  /** What is published. */
  media: MediaStream | null;
  figures: Figures | null;
}

/** Where a wish goes to. */
export interface Target {
  urls: readonly string[];
  bearer: string | null;
}

/** What a publisher needs of the browser. */
export interface Means {
  devices: Devices;
  connect(wish: Wish, heard: Heard): Pick<Peer, 'close'>;
  capabilities(): readonly Capability[];
}

/** Sizes of simulcast, the smallest first. Browsers give each its share of the bit rate. */
const LAYERS: readonly RTCRtpEncodingParameters[] = [
  { rid: 'q', scaleResolutionDownBy: 4 },
  { rid: 'h', scaleResolutionDownBy: 2 },
  { rid: 'f', scaleResolutionDownBy: 1 },
];
/** An attempt that got so far has succeeded, whatever comes after. Milliseconds. */
const STEADY_MS = 10_000;
/** Servers notice within this many of these that a publisher is gone. Milliseconds. */
const OWN_TRIES = 15;
const OWN_WAIT_MS = 3000;

/** The browser that runs this. */
export function theseMeans(): Means {
  return {
    devices: theseDevices(),
    connect: (wish, heard) => new Peer(wish, heard),
    capabilities: () => RTCRtpSender.getCapabilities?.('video')?.codecs ?? [],
  };
}

/** Publishes one wish after another. */
export class Publisher {
  private wish: PublishWish | null = null;
  private target: Target = { urls: [], bearer: null };
  private peer: Pick<Peer, 'close'> | null = null;
  private media: MediaStream | null = null;
  private figures: Figures | null = null;
  private phase: Phase = 'idle';
  private fault: Fault | null = null;
  private attempts = 0;
  /** The server took this publisher before. */
  private hasLived = false;
  private since = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;
  /** Counts starts: what belongs to an older one comes too late. */
  private run = 0;

  constructor(
    private readonly means: Means,
    private readonly onChange: (report: PublishReport) => void,
  ) {}

  /** Asks for the source and publishes it from then on. */
  async start(wish: PublishWish, target: Target): Promise<void> {
    this.letGo();
    this.wish = wish;
    this.target = target;
    const run = this.run;
    this.set('asking', null);
    const media = await capture(wish.source, this.means.devices);
    if (run !== this.run) return 'kind' in media ? undefined : stopAll(media);
    if ('kind' in media) return this.set('failed', media);
    this.media = media;
    // The browser has a button of its own that ends the sharing of a screen.
    for (const track of media.getTracks()) track.addEventListener('ended', () => this.onEnded(run));
    this.connect();
  }

  /** Ends what is published, and gives the camera back. */
  stop(): void {
    this.letGo();
    this.set('idle', null);
  }

  private letGo(): void {
    this.run += 1;
    this.disconnect();
    if (this.media) stopAll(this.media);
    this.media = null;
    this.attempts = 0;
    this.hasLived = false;
  }

  private disconnect(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.peer?.close();
    this.peer = null;
    this.figures = null;
  }

  private onEnded(run: number): void {
    if (run === this.run && this.media?.getTracks().every(track => track.readyState === 'ended')) this.stop();
  }

  private connect(): void {
    this.disconnect();
    const run = this.run;
    const mine = (act: () => void) => run === this.run && act();
    // The fault of the attempt before stays to be read until this one is through.
    this.set('connecting', this.fault);
    const wish: Wish = { ...this.target, needs: 'all', prepare: connection => this.prepare(connection), answered };
    this.peer = this.means.connect(wish, {
      connected: () => mine(() => this.onConnected()),
      fault: fault => mine(() => this.fail(fault)),
      figures: figures => mine(() => this.onFigures(figures)),
    });
  }

  private onConnected(): void {
    this.since = performance.now();
    this.hasLived = true;
    this.set('live', null);
  }

  private onFigures(figures: Figures): void {
    this.figures = figures;
    if (performance.now() - this.since > STEADY_MS) this.attempts = 0;
    this.report();
  }

  private fail(fault: Fault): void {
    this.disconnect();
    const delay = again(fault, this.attempts, this.hasLived);
    this.attempts += 1;
    if (delay !== null) this.timer = setTimeout(() => this.connect(), delay);
    this.set('failed', fault);
  }

  private prepare(connection: RTCPeerConnection): Fault | null {
    const { wish, media } = this;
    if (!wish || !media) return null;
    const capabilities = this.means.capabilities();
    const chosen = wish.codec && only(wish.codec, capabilities);
    if (wish.codec && !chosen) {
      return { kind: 'rtc-codec', codec: codecName(wish.codec), has: available(capabilities).map(codecName) };
    }
    for (const track of [...media.getAudioTracks(), ...media.getVideoTracks()]) {
      const isVideo = track.kind === 'video';
      const transceiver = connection.addTransceiver(track, {
        direction: 'sendonly',
        streams: [media],
        ...(isVideo && wish.simulcast && { sendEncodings: layers(wish.codec) }),
      });
      if (isVideo && chosen) transceiver.setCodecPreferences([...chosen] as RTCRtpCodec[]);
    }
    return null;
  }

  private set(phase: Phase, fault: Fault | null): void {
    this.phase = phase;
    this.fault = fault;
    this.report();
  }

  private report(): void {
    const { phase, fault, media, figures } = this;
    this.onChange({ phase, fault, media, figures, retries: this.timer !== null });
  }
}

/** A server that takes one size gets the largest: browsers send it the first of those that were offered. */
function answered(connection: RTCPeerConnection, sdp: string): void {
  if (takesSimulcast(sdp)) return;
  for (const sender of connection.getSenders()) {
    const parameters = sender.getParameters();
    if (!parameters.encodings?.some(one => (one.scaleResolutionDownBy ?? 1) !== 1)) continue;
    for (const encoding of parameters.encodings) encoding.scaleResolutionDownBy = 1;
    void sender.setParameters(parameters).catch(() => undefined);
  }
}

/** Without a mode, Chromium sends the layers of VP9 and AV1 in one stream, which is something else than simulcast. */
function layers(codec: VideoCodec | null): RTCRtpEncodingParameters[] {
  const mode = codec === 'vp9' || codec === 'av1' ? { scalabilityMode: 'L1T1' } : {};
  return LAYERS.map(layer => ({ ...layer, ...mode }));
}

/** When to connect again, in milliseconds; `null`: only when somebody asks. */
function again(fault: Fault, attempts: number, hasLived: boolean): number | null {
  // The server may not have noticed yet that the connection before is gone.
  const isOwn = fault.kind === 'http' && fault.status === 409 && hasLived;
  if (isOwn) return attempts < OWN_TRIES ? OWN_WAIT_MS : null;
  return fault.kind === 'http' && fault.status < 500 ? null : retryAfter(fault, attempts);
}

function stopAll(media: MediaStream): void {
  for (const track of media.getTracks()) track.stop();
}
