import { expect, test } from 'vitest';
import { Api, ApiUnavailable, parseStreams } from './api';
import { Token } from './token';

/** As SRS 7 answers, with a second stream of a vhost that nobody publishes. */
const ANSWER = `{"code":0,"server":"vid-sample1","service":"o43n47a7","pid":"23453","streams":[
  {"id":"vid-5583m84","name":"cam10","vhost":"vid-6ri0h12","app":"live","tcUrl":"rtmp://127.0.0.1:1935/live",
   "url":"/live/cam10","live_ms":1795237942107,"clients":4,"frames":0,"send_bytes":966972,"recv_bytes":967594,
   "kbps":{"recv_30s":512,"send_30s":0},"publish":{"active":true,"cid":"9k72z660"},
   "video":{"codec":"H264","profile":"Baseline","level":"3.1","width":1280,"height":720},
   "audio":{"codec":"AAC","sample_rate":44100,"channel":2,"profile":"LC"}},
  {"id":"vid-1","name":"cam2","vhost":"vid-6ri0h12","app":"live","tcUrl":"","url":"/live/cam2","clients":1,
   "publish":{"active":false},"video":null,"audio":null},
  {"id":"vid-2","name":"x","vhost":"vid-7","app":"a/b","tcUrl":"","url":"v.test/a/b/x","clients":1,
   "publish":{"active":false},"video":null,"audio":null}]}`;

test('streams are read as SRS writes them', () => {
  const streams = parseStreams(JSON.parse(ANSWER));
  expect(streams.map(one => [one.vhost, one.app, one.stream, one.live])).toEqual([
    ['', 'live', 'cam2', false],
    ['', 'live', 'cam10', true],
    ['v.test', 'a/b', 'x', false],
  ]);
  expect(streams[1]).toEqual({
    vhost: '',
    app: 'live',
    stream: 'cam10',
    live: true,
    clients: 4,
    kbps: 512,
    tcUrl: 'rtmp://127.0.0.1:1935/live',
    video: { codec: 'H264', profile: 'Baseline', width: 1280, height: 720 },
    audio: { codec: 'AAC', sampleRate: 44100, channels: 2 },
    multitrack: false,
    faults: [],
  });
});

test('tracks and faults are read where there are any', () => {
  const stream = { app: 'live', name: 'x', tracks: [{ track: 0 }, { track: 1 }] };
  const faults = [{ output: 'HLS', what: 'the disk is full', count: 2, last_ms: 1795237942107 }, null];
  expect(parseStreams({ streams: [{ ...stream, faults }] })).toMatchObject([
    {
      multitrack: true,
      faults: [{ output: 'HLS', what: 'the disk is full', count: 2, lastMs: 1795237942107 }],
    },
  ]);
});

test('nonsense is left out', () => {
  expect(parseStreams(null)).toEqual([]);
  expect(parseStreams({ streams: 'x' })).toEqual([]);
  expect(parseStreams({ streams: [null, 7, {}, { app: 'live' }, { app: 1, name: 2 }] })).toEqual([]);
  expect(parseStreams({ streams: [{ app: 'live', name: 'x', clients: 'many' }] })).toMatchObject([{ clients: 0 }]);
});

/** An API at origins that answer as told, and the URLs that were asked. */
function api(answers: Record<string, Response | Error>) {
  const asked: string[] = [];
  const get = (input: RequestInfo | URL) => {
    const { origin } = new URL(String(input));
    asked.push(origin);
    const answer = answers[origin] ?? new TypeError('Failed to fetch');
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer.clone());
  };
  return { api: new Api(['http://page.test', 'http://page.test:1985'], get), asked, answers };
}

test('the API is looked for until it is found, and then not any more', async () => {
  const { api: one, asked } = api({
    'http://page.test': new Response('Not Found', { status: 404 }),
    'http://page.test:1985': new Response(ANSWER),
  });
  expect(await one.streams()).toHaveLength(3);
  await one.streams();
  expect(asked).toEqual(['http://page.test', 'http://page.test:1985', 'http://page.test:1985']);
  expect(one.origin).toBe('http://page.test:1985');
});

test('a page of HTML is no API', async () => {
  const { api: one } = api({
    'http://page.test': new Response('<!doctype html>'),
    'http://page.test:1985': new Response(ANSWER),
  });
  expect(await one.streams()).toHaveLength(3);
});

test('each place says why it failed, and all are asked again', async () => {
  const answers: Record<string, Response> = {
    'http://page.test': new Response('{"code":1061}'),
    'http://page.test:1985': new Response('', { status: 401 }),
  };
  const { api: one, asked } = api(answers);
  const path = '/api/v1/streams/?start=0&count=1000';
  await expect(one.streams()).rejects.toEqual(
    new ApiUnavailable([
      { url: `http://page.test${path}`, reason: 'code', number: 1061 },
      { url: `http://page.test:1985${path}`, reason: 'http', number: 401 },
    ]),
  );
  answers['http://page.test'] = new Response(ANSWER);
  await one.streams();
  expect(asked).toHaveLength(3);
});

test('the version', async () => {
  const { api: one } = api({
    'http://page.test': new Response('{"code":0,"data":{"major":7,"minor":0,"revision":18,"version":"7.0.18"}}'),
  });
  expect(await one.version()).toBe('7.0.18');
});

test('a token is sent once the API asked for it, and forgotten when it is wrong', async () => {
  const sent: (string | null)[] = [];
  const get = (_input: RequestInfo | URL, init?: RequestInit) => {
    const authorization = new Headers(init?.headers).get('Authorization');
    sent.push(authorization);
    const headers = { 'WWW-Authenticate': 'Bearer realm="weir"' };
    const isRight = authorization === 'Bearer right';
    return Promise.resolve(isRight ? new Response(ANSWER) : new Response('', { status: 401, headers }));
  };
  const token = new Token();
  const one = new Api(['http://page.test:1985'], get, token);
  const refused = { failures: [expect.objectContaining({ reason: 'token' })] };
  await expect(one.streams()).rejects.toMatchObject(refused);
  expect(token.state).toBe('asked');
  token.give('wrong');
  await expect(one.streams()).rejects.toMatchObject(refused);
  expect([token.value, token.state]).toEqual([null, 'wrong']);
  token.give('right');
  expect(await one.streams()).toHaveLength(3);
  expect([token.value, token.state]).toEqual(['right', 'none']);
  expect(sent).toEqual([null, 'Bearer wrong', 'Bearer right']);
});

test('a password is no token', async () => {
  const headers = { 'WWW-Authenticate': 'Basic realm="SRS"' };
  const { api: one } = api({ 'http://page.test': new Response('', { status: 401, headers }) });
  await expect(one.streams()).rejects.toMatchObject({ failures: [{ reason: 'http', number: 401 }, {}] });
  expect(one.token.state).toBe('none');
});
