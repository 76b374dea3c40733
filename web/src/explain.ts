/** Faults in sentences. */

import { extension, isLoopback, isPrivate } from './address';
import type { OutputFault } from './api';
import { type PlayerKind, type StreamName, displayName } from './choice';
import type { Fault } from './faults';
import { clock, count } from './format';
import { type Candidate, candidateName } from './rtc/sdp';
import { type Texts, fill } from './texts';

/** What servers say for want of anything better. */
const SAYS_NOTHING = /^(not found|forbidden|unauthorized)?\.?$/i;

/** What a fault happened to. */
export interface Scene {
  stream: StreamName;
  kind: PlayerKind;
  url: string;
  /** The server of the media is the one of the page. */
  sameOrigin: boolean;
  /** It is not played, but published from this page. */
  publishes?: boolean;
}

/** What people call a player. */
export function playerName(kind: PlayerKind, texts: Texts): string {
  return {
    webrtc: texts.playerWebRtc,
    flv: texts.playerFlv,
    ts: texts.playerTs,
    hls: texts.playerHls,
    'll-hls': texts.playerLlHls,
    'native-hls': texts.playerNativeHls,
    'ws-flv': texts.playerWsFlv,
    'ws-ts': texts.playerWsTs,
  }[kind];
}

/** What happened, then what may be done about it, each a sentence or two. */
export function explain(fault: Fault, scene: Scene, texts: Texts): string[] {
  const values = {
    ...('said' in fault ? { said: fault.said } : {}),
    ...('status' in fault ? { status: fault.status } : {}),
    ...('seconds' in fault ? { seconds: fault.seconds } : {}),
    ...('codec' in fault ? { codec: fault.codec } : {}),
    ...('mime' in fault ? { mime: fault.mime } : {}),
    ...('has' in fault ? { has: fault.has.join(', ') } : {}),
    ...('offered' in fault ? { offered: fault.offered.join(', ') } : {}),
    ...('tried' in fault ? { tried: fault.tried.map(candidateName).join(', '), ports: portsOf(fault.tried) } : {}),
    origin: originOf(scene.url),
    stream: displayName(scene.stream),
    player: playerName(scene.kind, texts),
    url: scene.url,
    extension: extension(scene.kind),
  };
  return sentences(fault, scene, texts).map(text => fill(text, values));
}

/** What an output could not do, how often, and when last. */
export function faultLine({ output, what, count: times, lastMs }: OutputFault, texts: Texts, language: string): string {
  const text = times > 1 ? texts.outputFault : texts.outputFaultOnce;
  return fill(text, { output, what, count: count(times, language), time: clock(lastMs, language) });
}

function sentences(fault: Fault, scene: Scene, texts: Texts): string[] {
  const said = 'said' in fault && !SAYS_NOTHING.test(fault.said) ? [texts.faultSaid] : [];
  switch (fault.kind) {
    case 'no-mse':
      return [texts.faultNoMse];
    case 'no-native-hls':
      return [texts.faultNoNativeHls];
    case 'codec':
      return [
        texts.faultCodec,
        ...(/HEVC/.test(fault.codec) ? [texts.faultCodecHevc] : []),
        ...(fault.mime === '' ? [] : [texts.faultCodecAsked]),
      ];
    case 'dropped':
      return [texts.faultDropped];
    case 'gone':
      return [texts.faultGone, texts.faultBack];
    case 'not-live':
      return [texts.faultNotLive, texts.faultBack];
    case 'http':
      return [texts.faultHttp, ...said, ...httpAdvice(fault.status, scene, texts)];
    case 'unreachable':
      return [
        texts.faultUnreachable,
        ...(scene.kind.startsWith('ws-') ? [texts.faultWebSocket] : []),
        ...(scene.sameOrigin ? [] : [texts.faultUnreachableOther]),
        ...said,
      ];
    case 'mixed':
      return [texts.faultMixed];
    case 'silent':
      return [texts.faultSilent];
    case 'decode':
      return [texts.faultDecode, ...said];
    case 'format':
      return [texts.faultFormat, ...said];
    case 'library':
      return [texts.faultLibrary, ...said];
    case 'no-rtc':
      return [texts.faultNoRtc];
    case 'rtc-off':
      return [texts.faultRtcOff];
    case 'no-endpoint':
      return [texts.faultNoEndpoint, texts.faultRtcOff];
    case 'rtc-codec':
      return [fault.has.length > 0 ? texts.faultRtcCodec : texts.faultRtcNoCodec];
    case 'not-answered':
      return [fault.media === 'video' ? texts.faultNotAnsweredVideo : texts.faultNotAnsweredAudio];
    case 'ice':
      return iceSentences(fault.tried, scene, texts);
    case 'dtls':
      return [texts.faultDtls];
    case 'insecure':
      return [texts.faultInsecure];
    case 'denied':
      return [fault.source === 'screen' ? texts.faultDeniedScreen : texts.faultDenied];
    case 'no-device':
      return [
        {
          camera: texts.faultNoCamera,
          microphone: texts.faultNoMicrophone,
          screen: texts.faultNoScreen,
        }[fault.source],
      ];
    case 'device-busy':
      return [texts.faultDeviceBusy, ...said];
    case 'unknown':
      return [texts.faultUnknown, ...said];
  }
}

/** Which addresses were tried, and which of the usual causes they point at. */
function iceSentences(tried: readonly Candidate[], { url }: Scene, texts: Texts): string[] {
  if (tried.length === 0) return [texts.faultIceNone, texts.faultIceCandidate];
  const { hostname } = new URL(url, 'http://localhost');
  const isFar = !isLoopback(hostname) && !isPrivate(hostname);
  // Only this machine reaches 127.0.0.1, and only their own network the private ones.
  const isHidden = ({ address }: Candidate) =>
    (isFar && isPrivate(address)) || (!isLoopback(hostname) && isLoopback(address));
  const [udp, tcp] = ['udp', 'tcp'].map(protocol => tried.some(one => one.protocol === protocol));
  return [
    texts.faultIce,
    ...(tried.every(isHidden) ? [texts.faultIcePrivate, texts.faultIceCandidate] : [texts.faultIceFirewall]),
    ...(udp && tcp ? [texts.faultIceBoth] : udp ? [texts.faultIceUdp] : []),
  ];
}

/** `UDP 8000, TCP 8000`. */
function portsOf(tried: readonly Candidate[]): string {
  return [...new Set(tried.map(({ protocol, port }) => `${protocol.toUpperCase()} ${port}`))].join(', ');
}

function originOf(url: string): string {
  return /^\w+:\/\/[^/?]+/.exec(url)?.[0] ?? url;
}

function httpAdvice(status: number, { kind, publishes }: Scene, texts: Texts): string[] {
  if (publishes) {
    if (status === 401) return [texts.faultHttpKey];
    if (status === 403) return [texts.faultHttpRefusedPublisher];
    if (status === 409) return [texts.faultHttpBusy];
  }
  if (status === 401 || status === 403) return [texts.faultHttpRefused];
  if (status !== 404 || kind === 'webrtc') return [];
  return [kind.endsWith('hls') ? texts.faultHttpHls : texts.faultHttpLive];
}
