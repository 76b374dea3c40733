import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Fault } from '../faults';
import type { Heard, Wish } from '../rtc/peer';
import type { Devices } from './capture';
import { type PublishReport, Publisher } from './publish';
import type { PublishWish } from './wish';

const WISH: PublishWish = {
  vhost: '',
  app: 'live',
  stream: 'x',
  extra: [],
  source: 'camera',
  codec: null,
  simulcast: false,
};
const TARGET = { urls: ['http://weir.test/'], bearer: null };
const BUSY: Fault = { kind: 'http', status: 409, said: '' };
const CODECS = ['VP8', 'rtx', 'H264'].map(name => ({ mimeType: `video/${name}` }));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class Track extends EventTarget {
  readyState = 'live';
  constructor(readonly kind: string) {
    super();
  }
  stop() {
    this.readyState = 'ended';
  }
}

/** A publisher without a browser: what it asked for, and what it hears. */
function stage(refusals: Record<string, string> = {}) {
  const tracks = [new Track('audio'), new Track('video')];
  const of = (kind: string) => tracks.filter(track => track.kind === kind);
  const media = { getTracks: () => tracks, getAudioTracks: () => of('audio'), getVideoTracks: () => of('video') };
  const asked: string[] = [];
  const give = async (what: string) => {
    asked.push(what);
    const name = refusals[what];
    if (name !== undefined) throw Object.assign(new Error('no'), { name });
    return media;
  };
  const devices = {
    secure: true,
    media: {
      getUserMedia: (wanted: MediaStreamConstraints) => give(Object.keys(wanted).join('+')),
      getDisplayMedia: () => give('screen'),
    },
  } as unknown as Devices;
  const peers: { wish: Wish; heard: Heard; close: ReturnType<typeof vi.fn> }[] = [];
  const reports: PublishReport[] = [];
  const publisher = new Publisher(
    {
      devices,
      capabilities: () => CODECS,
      connect: (wish, heard) => {
        const peer = { wish, heard, close: vi.fn() };
        peers.push(peer);
        return peer;
      },
    },
    report => reports.push(report),
  );
  const last = () => reports.at(-1);
  return { publisher, devices, asked, peers, tracks, last };
}

test('a camera is asked for, then published', async () => {
  const { publisher, asked, peers, last, tracks } = stage();
  const started = publisher.start(WISH, TARGET);
  expect(last()).toMatchObject({ phase: 'asking', media: null });
  await started;
  expect(asked).toEqual(['video+audio']);
  expect(last()).toMatchObject({ phase: 'connecting' });
  peers[0]?.heard.connected();
  expect(last()).toMatchObject({ phase: 'live', fault: null });
  publisher.stop();
  expect(peers[0]?.close).toHaveBeenCalled();
  expect(tracks.every(track => track.readyState === 'ended')).toBe(true);
  expect(last()).toMatchObject({ phase: 'idle', media: null });
});

test('what cannot be captured is said', async () => {
  const check = async (
    refusals: Record<string, string>,
    source: PublishWish['source'],
    fault: Fault,
    asks: string[],
  ) => {
    const { publisher, last, asked } = stage(refusals);
    await publisher.start({ ...WISH, source }, TARGET);
    expect(last()).toMatchObject({ phase: 'failed', fault });
    expect(asked).toEqual(asks);
  };
  const no = { 'video+audio': 'NotFoundError', video: 'NotFoundError' };
  await check(no, 'camera', { kind: 'no-device', source: 'camera' }, ['video+audio', 'video']);
  await check({ 'video+audio': 'NotAllowedError' }, 'camera', { kind: 'denied', source: 'camera' }, ['video+audio']);
  await check({ screen: 'NotAllowedError' }, 'screen', { kind: 'denied', source: 'screen' }, ['screen']);
  await check({ audio: 'NotFoundError' }, 'microphone', { kind: 'no-device', source: 'microphone' }, ['audio']);
});

test('a page that may not ask says so', async () => {
  const { publisher, devices, last, asked } = stage();
  devices.secure = false;
  await publisher.start(WISH, TARGET);
  expect(last()).toMatchObject({ phase: 'failed', fault: { kind: 'insecure' } });
  expect(asked).toEqual([]);
});

test('a camera without a microphone is enough', async () => {
  const { publisher, last } = stage({ 'video+audio': 'NotFoundError' });
  await publisher.start(WISH, TARGET);
  expect(last()?.phase).toBe('connecting');
});

test('a connection that is lost is made again, with the same camera', async () => {
  const { publisher, asked, peers, last } = stage();
  await publisher.start(WISH, TARGET);
  peers[0]?.heard.connected();
  peers[0]?.heard.fault({ kind: 'dropped' });
  expect(last()).toMatchObject({ phase: 'failed', retries: true });
  vi.advanceTimersByTime(1000);
  expect(peers.length).toBe(2);
  // The server still has the connection before.
  peers[1]?.heard.fault(BUSY);
  expect(last()).toMatchObject({ retries: true });
  vi.advanceTimersByTime(3000);
  peers[2]?.heard.connected();
  expect(last()).toMatchObject({ phase: 'live', fault: null, retries: false });
  expect(asked.length).toBe(1);
});

test('a refusal stays one', async () => {
  for (const status of [401, 404, 409]) {
    const { publisher, peers, last } = stage();
    await publisher.start(WISH, TARGET);
    peers[0]?.heard.fault({ ...BUSY, status });
    expect(last()).toMatchObject({ phase: 'failed', retries: false });
  }
});

test('what belongs to an older start comes too late', async () => {
  const { publisher, peers, last, tracks } = stage();
  await publisher.start(WISH, TARGET);
  publisher.stop();
  peers[0]?.heard.fault({ kind: 'dropped' });
  expect(last()).toMatchObject({ phase: 'idle', fault: null, retries: false });
  // A camera that is given when nobody wants it any more is given back.
  for (const track of tracks) track.readyState = 'live';
  const started = publisher.start(WISH, TARGET);
  publisher.stop();
  await started;
  expect(tracks.every(track => track.readyState === 'ended')).toBe(true);
  expect(peers.length).toBe(1);
});

test('a screen that is no longer shared ends it', async () => {
  const { publisher, tracks, last } = stage();
  await publisher.start({ ...WISH, source: 'screen' }, TARGET);
  for (const track of tracks) {
    track.stop();
    track.dispatchEvent(new Event('ended'));
  }
  expect(last()?.phase).toBe('idle');
});

test('an offer holds what was wished for', async () => {
  const check = async (changes: Partial<PublishWish>, rids: (string | undefined)[], codecs: string[] | null) => {
    const { publisher, peers } = stage();
    await publisher.start({ ...WISH, ...changes }, TARGET);
    const added: { kind: string; init: RTCRtpTransceiverInit }[] = [];
    let preferred: string[] | null = null;
    const connection = {
      addTransceiver: (track: Track, init: RTCRtpTransceiverInit) => {
        added.push({ kind: track.kind, init });
        const setCodecPreferences = (all: { mimeType: string }[]) => (preferred = all.map(one => one.mimeType));
        return { setCodecPreferences };
      },
    } as unknown as RTCPeerConnection;
    expect(peers[0]?.wish.prepare(connection)).toBeNull();
    expect(added.map(one => one.kind)).toEqual(['audio', 'video']);
    expect(added.every(one => one.init.direction === 'sendonly')).toBe(true);
    expect((added[1]?.init.sendEncodings ?? []).map(one => one.rid)).toEqual(rids);
    expect(added[0]?.init.sendEncodings).toBeUndefined();
    expect(preferred).toEqual(codecs);
  };
  await check({}, [], null);
  await check({ codec: 'h264' }, [], ['video/H264', 'video/rtx']);
  await check({ simulcast: true }, ['q', 'h', 'f'], null);
  await check({ simulcast: true, codec: 'h264' }, ['q', 'h', 'f'], ['video/H264', 'video/rtx']);
  const { publisher, peers } = stage();
  await publisher.start({ ...WISH, codec: 'av1' }, TARGET);
  const fault = peers[0]?.wish.prepare({} as RTCPeerConnection);
  expect(fault).toEqual({ kind: 'rtc-codec', codec: 'AV1', has: ['H.264', 'VP8'] });
});

test('a server that takes one size gets the whole picture', async () => {
  const check = async (sdp: string, scales: number[]) => {
    const { publisher, peers } = stage();
    await publisher.start({ ...WISH, simulcast: true }, TARGET);
    let parameters = { encodings: [{ scaleResolutionDownBy: 4 }] };
    const getParameters = () => structuredClone(parameters);
    const setParameters = async (set: typeof parameters) => void (parameters = set);
    const senders = [{ getParameters, setParameters }];
    peers[0]?.wish.answered?.({ getSenders: () => senders } as unknown as RTCPeerConnection, sdp);
    expect(parameters.encodings.map(one => one.scaleResolutionDownBy)).toEqual(scales);
  };
  await check('v=0\r\n', [1]);
  await check('v=0\r\na=simulcast:recv q;h;f\r\n', [4]);
});
