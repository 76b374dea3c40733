/** Every text of the page in English. `{name}` is filled in; see `fill`. */

export const en = {
  title: 'Live streams',
  skipToPlayer: 'Skip to the player',
  otherLanguage: '中文',
  otherLanguageLabel: '切换到中文',
  serverVersion: 'version {version}',

  licences: 'Licences of what this page is made of',

  // The list
  streams: 'Live streams',
  streamsCount: '{count} live',
  filter: 'Filter',
  filterNone: 'No name contains “{text}”.',
  listLoading: 'Asking the server who is live…',
  listEmpty: 'Nobody is live yet. A stream appears here within two seconds of being pushed.',
  listWaiting: 'No publisher yet',
  clients: '{count} connected',
  audioOnly: 'audio only',
  outputFault: '{output}: {what} ({count} times, last at {time})',
  outputFaultOnce: '{output}: {what} (at {time})',
  playByName: 'Play by name',
  playByNameHint: 'app/stream',
  play: 'Play',
  apiFailed: 'The list is not available: the API of the server does not answer.',
  apiStale: 'The list is old: the API of the server stopped answering.',
  apiUnreachable: '{url}: no answer',
  apiHttp: '{url}: HTTP status {number}',
  apiNotApi: '{url}: the answer is not that of the API',
  apiCode: '{url}: error code {number}',
  apiAuth: 'It asks for a password: open {url} in a tab, sign in, then reload this page.',
  apiToken: 'The API of the server asks for its token.',
  token: 'API token',
  tokenUse: 'Use it',
  tokenWhere: 'Printed at the first start of the server, and kept in the line “admin” of its file objs/weir.secrets.',
  tokenWrong: 'That was not the token.',
  apiInstead: 'A stream can still be played by its name.',

  // The empty state
  leadTitle: 'Put a video on this page',
  leadStep1: 'Copy this line into a terminal. It needs nothing but ffmpeg, and sends a test picture:',
  leadStep2: 'Wait two seconds. The stream appears in the list and plays here by itself.',
  leadStep3: 'Open this page on another device, or share the link of the stream.',
  leadMore: 'A file or OBS instead',
  leadChoose: 'Choose a stream to watch it here.',

  // The player
  player: 'Player',
  playerFlv: 'HTTP-FLV',
  playerTs: 'HTTP-TS',
  playerHls: 'HLS',
  playerLlHls: 'LL-HLS',
  playerNativeHls: 'HLS by the browser',
  playerWsFlv: 'WebSocket-FLV',
  playerWsTs: 'WebSocket-TS',
  theBrowser: 'the browser itself',
  instead: '{failed} failed at the format of this stream, so it is played by {player}.',
  video: 'Video of the stream',
  starting: 'Connecting to {url}…',
  badgeLive: 'live',
  idle: 'Not playing. Playback starts at the live point.',
  soundOff: 'Turn the sound on',
  tryAgain: 'Try again',
  willRetry: 'It is tried again by itself.',
  copyLink: 'Copy link',
  addresses: 'Addresses of this stream',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'Press Ctrl+C to copy',

  // Measures
  measures: 'Measures',
  measureForm: 'Played as',
  measureFormNoParts: 'the playlist has no parts, {library}',
  measureLatency: 'Latency',
  measureLatencyArrived: 'behind what has arrived',
  measureLatencyOffered: 'behind what the server offers',
  measureStalls: 'Stalls',
  measureStallsTime: '{seconds} s in all',
  measureStalledNow: 'stalled now, {seconds} s in all',
  measureResolution: 'Resolution',
  measureFps: '{fps} frames/s',
  measureDropped: 'Dropped frames',
  measureDroppedOf: 'of {frames}',
  measureBitrate: 'Bit rate',
  measureBitrateServer: 'as the server measures it',
  measureBitratePlayer: 'as it arrives here',
  measureUrl: 'URL',
  measureNone: '–',
  seconds: '{value} s',
  kbps: '{value} kbit/s',
  mbps: '{value} Mbit/s',

  // Faults
  faultNoMse:
    'This browser has no Media Source Extensions, which {player} needs. Choose HLS, or use a current Chrome, Edge, Firefox or Safari.',
  faultNoNativeHls:
    'This browser does not play HLS by itself. Choose HLS without “by the browser”: that brings its own player.',
  faultCodec:
    'This browser does not decode {codec} here. Push H.264 with AAC, which every browser plays, or use a browser that decodes {codec}.',
  faultCodecHevc: 'Chrome and Edge decode H.265 only where the graphics card does; Safari does on most devices.',
  faultCodecAsked: 'The browser was asked for: {mime}',
  faultDropped: 'The connection ended: {url}.',
  faultGone: '{stream} is not live any more: its publisher left, or lost the connection.',
  faultNotLive: 'Nobody publishes {stream} at the moment.',
  faultBack: 'It plays by itself as soon as somebody publishes it.',
  faultHttp: 'The server answered with HTTP status {status} to {url}.',
  faultHttpHls:
    'HLS needs “hls { enabled on; }” in the configuration of the vhost, and a finished first segment, which takes as long as hls_fragment says.',
  faultHttpLive:
    '{player} needs “http_remux { enabled on; }” in the configuration of the vhost, with a mount that ends in {extension}.',
  faultHttpRefused: 'The server refuses this player: its log says by which directive.',
  faultUnreachable:
    'There is no answer from {url}. The server may be down or refuse the connection, or a firewall may be in between.',
  faultUnreachableOther: 'That is another server than the one of this page: it must send CORS headers, too.',
  faultWebSocket: 'The server may not offer streams by WebSocket. HTTP-FLV carries the same.',
  faultMixed:
    'This page came over HTTPS, so the browser blocks {url}, which is not encrypted. Open this page by http://, or have the server offer its streams by HTTPS.',
  faultSilent:
    'Connected for {seconds} s, and nothing to show has come. The stream may lack a key frame, or a track that it announces.',
  faultDecode: 'The browser could not decode the stream.',
  faultFormat: 'What came from {url} is not {player}.',
  faultLibrary:
    'The code of the player could not be loaded from this server. Was it replaced meanwhile? Reload this page.',
  faultUnknown: '{player} failed.',
  faultSaid: 'It says: {said}',

  // Pushing
  push: 'How to push',
  pushKeyNote:
    'From here, the server asks publishers for a key: put the one in the line “publish” of its file objs/weir.secrets in place of KEY.',
  pushTest: 'A test picture, with ffmpeg',
  pushFile: 'A file, with ffmpeg',
  pushFileHint: 'FILE.mp4 is a file of yours with H.264 and AAC.',
  pushObs: 'OBS',
  pushObsWhere: 'Settings → Stream → Service: Custom. Set the keyframe interval under Output to 2 s.',
  pushServer: 'Server',
  pushKey: 'Stream key',
};

export type Texts = typeof en;
