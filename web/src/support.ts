/** What this browser can play, and by which player. */

import type { LiveStream } from './api';
import { type PlayerKind, PLAYERS } from './choice';
import { type Fault, codecName } from './faults';
import { type VideoCodec, available, videoCodec } from './rtc/codecs';

/** What a browser says of itself. */
export interface Browser {
  /** Media Source Extensions, the managed ones of iPhones included. */
  mse: boolean;
  nativeHls: boolean;
  /** The video codecs that WebRTC plays here, none where the browser does not tell; `null`: there is no WebRTC. */
  rtc: readonly VideoCodec[] | null;
  /** Those that it can send. */
  rtcSends: readonly VideoCodec[];
  /** The page came over HTTPS. */
  secure: boolean;
  /** By Media Source Extensions. */
  supports(mime: string): boolean;
  /** By a video element alone. */
  playsNatively(mime: string): boolean;
}

/** The likeliest to start at once and to stay close to the publisher come first. */
const PREFERRED: readonly PlayerKind[] = ['flv', 'hls', 'native-hls'];
/** Where mpegts.js is not likely to play. Without parts in the playlist, this is plain HLS. */
const BY_HLS: readonly PlayerKind[] = ['ll-hls', 'native-hls'];
/**
 * What mpegts.js 1.8 reads in FLV, whoever made it. It stops at packets of Enhanced RTMP that it does not know, which
 * ffmpeg sends with Opus, FLAC and AV1. HEVC mostly comes without.
 */
const IN_FLV = ['H264', 'HEVC', 'VP6', 'AAC', 'MP3'];

/** A middling profile of each codec that the API tells by name: a browser that has the codec has this one. */
const PROBES: Record<string, string | undefined> = {
  H264: 'video/mp4; codecs="avc1.64001f"',
  HEVC: 'video/mp4; codecs="hvc1.1.6.L93.B0"',
  AV1: 'video/mp4; codecs="av01.0.05M.08"',
  VP9: 'video/mp4; codecs="vp09.00.31.08"',
  AAC: 'audio/mp4; codecs="mp4a.40.2"',
  Opus: 'audio/mp4; codecs="opus"',
};

/** Codecs that no browser has. */
const EXTINCT = ['VP6'];

/** The browser that runs this. */
export function thisBrowser(): Browser {
  const global = globalThis as typeof globalThis & { ManagedMediaSource?: typeof MediaSource };
  const source = global.MediaSource ?? global.ManagedMediaSource;
  const playsNatively = (mime: string) => document.createElement('video').canPlayType(mime) !== '';
  return {
    mse: typeof source?.isTypeSupported === 'function',
    nativeHls: playsNatively('application/vnd.apple.mpegurl'),
    ...rtcCodecs(),
    secure: location.protocol === 'https:',
    supports: mime => source?.isTypeSupported(mime) ?? false,
    playsNatively,
  };
}

function rtcCodecs(): Pick<Browser, 'rtc' | 'rtcSends'> {
  if (typeof RTCPeerConnection === 'undefined') return { rtc: null, rtcSends: [] };
  const of = (side: typeof RTCRtpReceiver | typeof RTCRtpSender) =>
    available(side.getCapabilities?.('video')?.codecs ?? []);
  return { rtc: of(RTCRtpReceiver), rtcSends: of(RTCRtpSender) };
}

/** The players that make sense to offer. */
export function offered(browser: Browser): PlayerKind[] {
  return PLAYERS.filter(kind => kind !== 'native-hls' || browser.nativeHls);
}

/** Somebody publishes by WebRTC: every other way out is a detour, where there is one. */
function isRtc(stream: LiveStream | null): boolean {
  return stream?.tcUrl.startsWith('webrtc:') ?? false;
}

/** The player for somebody who did not ask for one. */
export function best(browser: Browser, stream: LiveStream | null): PlayerKind {
  const works = (kind: PlayerKind) => obstacle(kind, '', browser, stream) === null;
  if (isRtc(stream) && works('webrtc')) return 'webrtc';
  const readable = !stream?.multitrack && codecsOf(stream).every(codec => IN_FLV.includes(codec));
  return (readable ? PREFERRED : BY_HLS).find(works) ?? (browser.mse ? 'flv' : 'native-hls');
}

/** The player to try after one that failed at what came; `null`: that fault is not one of the player, or none is left. */
export function instead(
  kind: PlayerKind,
  fault: Fault,
  browser: Browser,
  stream: LiveStream | null,
): PlayerKind | null {
  if (kind === 'webrtc' || kind.endsWith('hls') || !['codec', 'format'].includes(fault.kind)) return null;
  return BY_HLS.find(other => obstacle(other, '', browser, stream) === null) ?? null;
}

function codecsOf(stream: LiveStream | null): string[] {
  return [stream?.video, stream?.audio].flatMap(track => track?.codec ?? []);
}

/** Whether a kind is played by the browser itself here: there is nothing else to play HLS with. */
export function isNative(kind: PlayerKind, browser: Browser): boolean {
  return kind === 'native-hls' || (kind.endsWith('hls') && !browser.mse && browser.nativeHls);
}

/** Why a player cannot work, before it is tried. `stream` is what the API knows, if it does. */
export function obstacle(kind: PlayerKind, url: string, browser: Browser, stream: LiveStream | null): Fault | null {
  if (browser.secure && /^(http|ws):/.test(url)) return { kind: 'mixed' };
  if (kind === 'webrtc') return rtcObstacle(browser.rtc, stream);
  if (kind === 'native-hls' && !browser.nativeHls) return { kind: 'no-native-hls' };
  const native = isNative(kind, browser);
  if (!native && !browser.mse) return { kind: 'no-mse' };
  const plays = native ? browser.playsNatively : browser.supports;
  for (const track of [stream?.video, stream?.audio]) {
    const mime = track && PROBES[track.codec];
    if (track && EXTINCT.includes(track.codec)) return { kind: 'codec', codec: track.codec, mime: '' };
    if (track && mime && !plays(mime)) return { kind: 'codec', codec: codecName(track.codec), mime };
  }
  return null;
}

function rtcObstacle(has: readonly VideoCodec[] | null, stream: LiveStream | null): Fault | null {
  if (has === null) return { kind: 'no-rtc' };
  const codec = videoCodec(stream?.video?.codec ?? '');
  const lacks = codec !== null && has.length > 0 && !has.includes(codec);
  return lacks ? { kind: 'rtc-codec', codec: codecName(codec), has: has.map(codecName) } : null;
}
