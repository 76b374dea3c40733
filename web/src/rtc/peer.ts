/** One WebRTC connection with a server, by WHIP or WHEP: there is an offer, an answer, and a way between them or none. */

import type { Fault } from '../faults';
import { type Figures, Meter, type Stat } from './figures';
import { candidatesIn, mediaIn, refusedBy } from './sdp';
import { type Answer, ask, end } from './signal';

/** What a connection is for. */
export interface Wish {
  /** The endpoint; see `Asked`. */
  urls: readonly string[];
  bearer: string | null;
  /** Says what is sent and received; a fault where the browser cannot. */
  prepare(connection: RTCPeerConnection): Fault | null;
  /** Called with the answer's description when it is in force. */
  answered?(connection: RTCPeerConnection, sdp: string): void;
  /** `all`: nothing that is offered may be refused. `one`: it is enough that one is not. */
  needs: 'all' | 'one';
}

/** What a connection tells; after `fault` it is of no more use. */
export interface Heard {
  connected(): void;
  fault(fault: Fault): void;
  figures(figures: Figures): void;
}

/** The ones of this machine are known at once; servers far away are not waited for. Milliseconds. */
const GATHER_MS = 1000;
/** A way that exists is found in less. Milliseconds. */
const FIND_MS = 8000;
/** A way that is lost may come back for so long. Milliseconds. */
const LOST_MS = 6000;
const FIGURES_MS = 1000;

/** What servers told of STUN and TURN, by endpoint: of use from the next connection on. */
const told = new Map<string, readonly RTCIceServer[]>();

export class Peer {
  private readonly connection: RTCPeerConnection;
  private readonly meter = new Meter();
  private answer: Answer | null = null;
  private closed = false;
  private isConnected = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ticker: ReturnType<typeof setInterval> | undefined;
  private readonly onLeave = () => this.close();

  constructor(
    private readonly wish: Wish,
    private readonly heard: Heard,
  ) {
    const iceServers = [...(told.get(this.endpoint) ?? [])];
    this.connection = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' });
    this.connection.addEventListener('connectionstatechange', () => this.onState());
    addEventListener('pagehide', this.onLeave);
    void this.start().catch((error: unknown) => this.fail({ kind: 'unknown', said: String(error) }));
  }

  /** Ends the session at the server, too. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    removeEventListener('pagehide', this.onLeave);
    clearTimeout(this.timer);
    clearInterval(this.ticker);
    this.connection.close();
    this.leave();
  }

  private get endpoint(): string {
    return this.wish.urls[0] ?? '';
  }

  private async start(): Promise<void> {
    const { connection, wish } = this;
    const fault = wish.prepare(connection);
    if (fault) return this.fail(fault);
    await connection.setLocalDescription(await connection.createOffer());
    await gathered(connection);
    if (this.closed) return;
    const offer = connection.localDescription?.sdp ?? '';
    const answer = await ask({ urls: wish.urls, bearer: wish.bearer, offer });
    if (!('sdp' in answer)) return this.fail(answer);
    this.answer = answer;
    // Who left meanwhile has a session at the server all the same.
    if (this.closed) return this.leave();
    await this.take(answer, offer);
  }

  private async take(answer: Answer, offer: string): Promise<void> {
    const refused = refusedBy(answer.sdp, offer);
    const first = refused.find(media => media.kind === 'video') ?? refused[0];
    if (first && (this.wish.needs === 'all' || refused.length === mediaIn(offer).length)) {
      return this.fail({ kind: 'not-answered', media: first.kind, offered: first.codecs });
    }
    if (answer.iceServers.length > 0) {
      told.set(this.endpoint, answer.iceServers);
      this.connection.setConfiguration({ ...this.connection.getConfiguration(), iceServers: [...answer.iceServers] });
    }
    await this.connection.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
    if (this.closed) return;
    this.wish.answered?.(this.connection, answer.sdp);
    if (!this.isConnected) this.timer = setTimeout(() => this.fail(this.noWay()), FIND_MS);
  }

  private onState(): void {
    const state = this.connection.connectionState;
    if (this.closed || state === 'new' || state === 'connecting') return;
    clearTimeout(this.timer);
    if (state === 'connected') {
      if (!this.isConnected) this.ticker = setInterval(() => void this.measure(), FIGURES_MS);
      this.isConnected = true;
      this.heard.connected();
    } else if (state === 'disconnected') {
      this.timer = setTimeout(() => this.fail({ kind: 'dropped' }), LOST_MS);
    } else {
      this.fail(this.isConnected ? { kind: 'dropped' } : this.noWay());
    }
  }

  private noWay(): Fault {
    if (['connected', 'completed'].includes(this.connection.iceConnectionState)) return { kind: 'dtls' };
    return { kind: 'ice', tried: candidatesIn(this.answer?.sdp ?? '') };
  }

  private async measure(): Promise<void> {
    const report = await this.connection.getStats().catch(() => null);
    if (!report || this.closed) return;
    const stats: Stat[] = [];
    report.forEach((one: Stat) => stats.push(one));
    this.heard.figures(this.meter.read(stats, performance.now() / 1000));
  }

  private fail(fault: Fault): void {
    if (this.closed) return;
    this.close();
    this.heard.fault(fault);
  }

  private leave(): void {
    const resource = this.answer?.resource;
    if (!resource) return;
    // A token is for those who asked for it.
    const isSame = this.wish.urls.some(url => new URL(url, location.href).origin === new URL(resource).origin);
    end(resource, isSame ? this.wish.bearer : null);
  }
}

async function gathered(connection: RTCPeerConnection): Promise<void> {
  if (connection.iceGatheringState === 'complete') return;
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, GATHER_MS);
    connection.addEventListener('icegatheringstatechange', () => {
      if (connection.iceGatheringState !== 'complete') return;
      clearTimeout(timer);
      resolve();
    });
  });
}
