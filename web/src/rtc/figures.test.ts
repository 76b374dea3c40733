import { expect, test } from 'vitest';
import { type Figures, Meter, type Stat } from './figures';

const WAY: Stat[] = [
  { id: 't', type: 'transport', selectedCandidatePairId: 'p' },
  { id: 'other', type: 'candidate-pair', nominated: true, remoteCandidateId: 'none' },
  { id: 'p', type: 'candidate-pair', currentRoundTripTime: 0.012, localCandidateId: 'l', remoteCandidateId: 'r' },
  { id: 'l', type: 'local-candidate', candidateType: 'host' },
  { id: 'r', type: 'remote-candidate', protocol: 'udp', address: '192.0.2.7', port: 8000 },
  { id: 'c', type: 'codec', mimeType: 'video/H264' },
  { id: 'o', type: 'codec', mimeType: 'audio/opus' },
];

/** A player, after so many seconds. */
function played(second: number): Stat[] {
  const video = {
    kind: 'video',
    codecId: 'c',
    bytesReceived: 1000 + second * 125_000,
    packetsReceived: second * 95,
    packetsLost: second * 5,
    frameWidth: 1280,
    frameHeight: 720,
    framesPerSecond: 30,
    freezeCount: 2,
    totalFreezesDuration: 1.5,
    jitterBufferDelay: second * 30 * 0.04,
    jitterBufferEmittedCount: second * 30,
  };
  return [
    ...WAY,
    { id: 'v', type: 'inbound-rtp', ...video },
    { id: 'a', type: 'inbound-rtp', kind: 'audio', codecId: 'o', packetsReceived: 0, packetsLost: 0 },
  ];
}

function after(seconds: number, stats: (second: number) => Stat[]): Figures {
  const meter = new Meter();
  for (let second = 0; second < seconds; second++) meter.read(stats(second), second);
  return meter.read(stats(seconds), seconds);
}

test('a player', () => {
  const figures = after(10, played);
  expect(figures).toMatchObject({
    video: 'H264',
    audio: 'opus',
    layers: [{ width: 1280, height: 720, fps: 30 }],
    roundTripMs: 12,
    freezes: 2,
    frozenMs: 1500,
    limit: null,
    path: { protocol: 'udp', remote: '192.0.2.7:8000', insteadOfUdp: false, relayed: false },
  });
  expect(figures.kbps).toBeCloseTo(1000);
  expect(figures.lossPercent).toBeCloseTo(5);
  expect(figures.bufferMs).toBeCloseTo(40);
});

test('a publisher of three sizes', () => {
  const layer = (width: number, second: number): Stat => ({
    id: `v${width}`,
    type: 'outbound-rtp',
    kind: 'video',
    codecId: 'c',
    bytesSent: second * width * 100,
    packetsSent: second * 100,
    frameWidth: width,
    frameHeight: (width * 9) / 16,
    framesPerSecond: 25,
    qualityLimitationReason: width === 1280 ? 'bandwidth' : 'none',
  });
  const figures = after(10, second => [
    ...WAY,
    ...[320, 640, 1280].map(width => layer(width, second)),
    { id: 'x', type: 'remote-inbound-rtp', kind: 'video', packetsLost: second * 3, roundTripTime: 0.5 },
  ]);
  expect(figures.layers.map(one => one.width)).toEqual([1280, 640, 320]);
  expect(figures).toMatchObject({ limit: 'bandwidth', freezes: null, bufferMs: null });
  expect(figures.kbps).toBeCloseTo((2240 * 100 * 8) / 1000);
  expect(figures.lossPercent).toBeCloseTo(1);
});

test('ways: by TCP, by IPv6, by a TURN server, and as Firefox tells them', () => {
  const check = (
    pair: object,
    local: object,
    remote: object,
    expected: Partial<Figures['path']>,
    others: Stat[] = [],
  ) => {
    const stats: Stat[] = [
      { id: 'p', type: 'candidate-pair', localCandidateId: 'l', remoteCandidateId: 'r', ...pair },
      { id: 'l', type: 'local-candidate', ...local },
      { id: 'r', type: 'remote-candidate', port: 8000, ...remote },
      ...others,
    ];
    expect(new Meter().read(stats, 0).path).toEqual(expected && { insteadOfUdp: false, ...expected });
  };
  const tcp = { protocol: 'tcp', address: '::1' };
  const byTcp = { protocol: 'tcp', remote: '[::1]:8000', relayed: false } as const;
  check({ selected: true }, {}, tcp, byTcp);
  const blocked: Stat = { id: 'u', type: 'remote-candidate', protocol: 'udp' };
  check({ selected: true }, {}, tcp, { ...byTcp, insteadOfUdp: true }, [blocked]);
  const udp = { protocol: 'udp', ip: '192.0.2.7' };
  check({ nominated: true }, { candidateType: 'relay' }, udp, {
    protocol: 'udp',
    remote: '192.0.2.7:8000',
    relayed: true,
  });
  check({ selected: false, nominated: true }, {}, udp, null);
  check({ selected: true }, {}, { protocol: 'udp' }, { protocol: 'udp', remote: '*:8000', relayed: false });
});

test('nothing is told before it is known', () => {
  expect(new Meter().read([], 0)).toEqual({
    video: null,
    audio: null,
    layers: [],
    kbps: null,
    roundTripMs: null,
    lossPercent: null,
    freezes: null,
    frozenMs: 0,
    bufferMs: null,
    limit: null,
    path: null,
  });
});
