/** Faults in sentences. */

import { extension } from './address';
import type { OutputFault } from './api';
import { type PlayerKind, type StreamName, displayName } from './choice';
import type { Fault } from './faults';
import { clock, count } from './format';
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
}

/** What people call a player. */
export function playerName(kind: PlayerKind, texts: Texts): string {
  return {
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
    ...(fault.kind === 'codec' ? { codec: fault.codec, mime: fault.mime } : {}),
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
      return [texts.faultHttp, ...said, ...httpAdvice(fault.status, scene.kind, texts)];
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
    case 'unknown':
      return [texts.faultUnknown, ...said];
  }
}

function httpAdvice(status: number, kind: PlayerKind, texts: Texts): string[] {
  if (status === 401 || status === 403) return [texts.faultHttpRefused];
  if (status !== 404) return [];
  return [kind.endsWith('hls') ? texts.faultHttpHls : texts.faultHttpLive];
}
