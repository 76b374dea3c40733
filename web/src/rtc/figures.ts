/** What a connection tells of itself (W3C webrtc-stats), in figures that people read. */

import { Rate } from '../rate';

/** One of several sizes that a publisher sends the same picture in. */
export interface Layer {
  width: number;
  height: number;
  fps: number | null;
}

/** The way that the media take. */
export interface Path {
  protocol: 'udp' | 'tcp';
  /** Of the server, `10.0.0.5:8000`. */
  remote: string;
  /** By TCP, although the server told of UDP: it got no answer. */
  insteadOfUdp: boolean;
  /** By a TURN server. */
  relayed: boolean;
}

export interface Figures {
  /** As the connection names them: `H264`, `opus`. */
  video: string | null;
  audio: string | null;
  /** The largest comes first; empty before there is a picture. */
  layers: readonly Layer[];
  /** Of all media. */
  kbps: number | null;
  roundTripMs: number | null;
  /** Packets that were lost, of 100. */
  lossPercent: number | null;
  /** Times that the picture stood still; `null` where the browser does not count them. */
  freezes: number | null;
  frozenMs: number;
  /** How long media wait before they are shown. */
  bufferMs: number | null;
  /** What the encoder had to give in to: `bandwidth`, `cpu`. */
  limit: string | null;
  path: Path | null;
}

/** One entry of a report: which members it has depends on its type and on the browser. */
export type Stat = Record<string, unknown> & { id: string; type: string };

/** Seconds that rates are taken over. */
const WINDOW = 3;
/** Losses are rare: their share is taken over more. Seconds. */
const LOSS_WINDOW = 10;

/** Reads one report after another of a connection. */
export class Meter {
  private readonly bytes = new Rate(WINDOW, 1);
  private readonly lost = new Rate(LOSS_WINDOW, 1);
  private readonly packets = new Rate(LOSS_WINDOW, 1);
  private readonly last = new Map<string, number>();

  /** `now` in seconds of any clock that does not go back. */
  read(stats: readonly Stat[], now: number): Figures {
    const byId = new Map(stats.map(one => [one.id, one]));
    const of = (...types: string[]) => stats.filter(one => types.includes(one.type));
    const media = of('inbound-rtp', 'outbound-rtp');
    const pair = selected(stats, byId);
    const counted = of('inbound-rtp', 'remote-inbound-rtp');
    const lost = this.grown('lost', sum(counted, 'packetsLost'));
    const passed = this.grown('packets', sum(media, 'packetsReceived') + sum(media, 'packetsSent'));
    const isSender = media.some(one => one.type === 'outbound-rtp');
    this.bytes.add(this.grown('bytes', sum(media, 'bytesReceived') + sum(media, 'bytesSent')), now);
    this.lost.add(lost, now);
    // What a sender counts as sent holds what was lost.
    this.packets.add(isSender ? passed : passed + lost, now);
    const video = media.filter(one => one['kind'] === 'video');
    const bits = this.bytes.perSecond(now);
    return {
      video: codecOf(video, byId),
      audio: codecOf(
        media.filter(one => one['kind'] === 'audio'),
        byId,
      ),
      layers: layersOf(video),
      kbps: bits === null ? null : (bits * 8) / 1000,
      roundTripMs: roundTrip(pair, counted),
      lossPercent: this.loss(now),
      freezes: number(video.find(one => 'freezeCount' in one)?.['freezeCount']),
      frozenMs: sum(video, 'totalFreezesDuration') * 1000,
      bufferMs: this.buffer(video.length > 0 ? video : media),
      limit: video.map(one => text(one['qualityLimitationReason'])).find(why => why !== '' && why !== 'none') ?? null,
      path: pathOf(pair, byId),
    };
  }

  private loss(now: number): number | null {
    const [lost, packets] = [this.lost.perSecond(now), this.packets.perSecond(now)];
    return lost === null || packets === null || packets <= 0 ? null : Math.min(100, (lost / packets) * 100);
  }

  /** The mean wait of what was shown since the last report. */
  private buffer(media: readonly Stat[]): number | null {
    const waited = this.grown('waited', sum(media, 'jitterBufferDelay'));
    const shown = this.grown('shown', sum(media, 'jitterBufferEmittedCount'));
    return shown > 0 ? (waited / shown) * 1000 : null;
  }

  /** By how much a counter has grown since the last report; one that fell has begun anew. */
  private grown(name: string, total: number): number {
    const before = this.last.get(name) ?? total;
    this.last.set(name, total);
    return Math.max(0, total - before);
  }
}

function selected(stats: readonly Stat[], byId: ReadonlyMap<string, Stat>): Stat | undefined {
  const transport = stats.find(one => one.type === 'transport' && 'selectedCandidatePairId' in one);
  const named = byId.get(text(transport?.['selectedCandidatePairId']));
  // Firefox tells it on the pair.
  return named ?? stats.find(one => one.type === 'candidate-pair' && (one['selected'] ?? one['nominated']) === true);
}

function roundTrip(pair: Stat | undefined, counted: readonly Stat[]): number | null {
  const times = [pair?.['currentRoundTripTime'], ...counted.map(one => one['roundTripTime'])];
  const seconds = times.map(number).find(time => time !== null);
  return seconds === undefined || seconds === null ? null : seconds * 1000;
}

function pathOf(pair: Stat | undefined, byId: ReadonlyMap<string, Stat>): Path | null {
  const remote = byId.get(text(pair?.['remoteCandidateId']));
  if (!remote) return null;
  const address = text(remote['address']) || text(remote['ip']);
  // Browsers keep an address to themselves that only came with packets.
  const host = address.includes(':') ? `[${address}]` : address || '*';
  const protocol = remote['protocol'] === 'tcp' ? 'tcp' : 'udp';
  const isUdp = (one: Stat) => one.type === 'remote-candidate' && one['protocol'] === 'udp';
  return {
    protocol,
    insteadOfUdp: protocol === 'tcp' && [...byId.values()].some(isUdp),
    remote: `${host}:${number(remote['port']) ?? 0}`,
    relayed: byId.get(text(pair?.['localCandidateId']))?.['candidateType'] === 'relay',
  };
}

function layersOf(video: readonly Stat[]): Layer[] {
  return video
    .map(one => ({
      width: number(one['frameWidth']) ?? 0,
      height: number(one['frameHeight']) ?? 0,
      fps: number(one['framesPerSecond']),
    }))
    .filter(layer => layer.width > 0)
    .sort((a, b) => b.width - a.width);
}

function codecOf(media: readonly Stat[], byId: ReadonlyMap<string, Stat>): string | null {
  const mime = media.map(one => text(byId.get(text(one['codecId']))?.['mimeType'])).find(one => one !== '');
  return mime?.replace(/^\w+\//, '') ?? null;
}

function sum(stats: readonly Stat[], name: string): number {
  return stats.reduce((total, one) => total + (number(one[name]) ?? 0), 0);
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
