// Publishers and players of WebRTC in one page of headless Chromium. Prints a line of JSON twice a second, with what each of
// them has seen and counted so far, in the order of the wish. SIGTERM has it take them down, and a last line tells what came
// of that. Usage: node rtc.mjs '{"peers": [{…}, …]}'
//
// A peer: "role" is publish or play, "api" is where the server's calls are, "stream" is APP/STREAM, "by" is http (WHIP and
// WHEP; without it) or json (the calls of SRS), "query" is added to the URL (&NAME=VALUE…), "bearer" is a token, "relay" a
// UDP port on this machine that stands in for the server's, "codec" allows one alone (H264, VP8, …),
// "tracks" is how many there are of pictures, each of another size.
// A publisher: "audio" is its only codec for sound; "camera": true for the browser's fake one, else the picture of
// picture.js in "width", "height" and "fps", under so much "noise" (0 to 1) that it needs its bit rate, with a tone of 440 Hz;
// "bitrate", or "layers" as WebRTC has its encodings; "silent": true for no tone at first, "dtx": true for Opus that sends
// hardly anything then. SIGUSR2 has tones begin that were silent, and the others end.
// A peer begins when those before it are connected.
import { fileURLToPath } from 'node:url';
import { launch } from './launch.mjs';

const EVERY_MS = 500;

const wish = JSON.parse(process.argv[2]);
let isOver = false;
process.once('SIGTERM', () => (isOver = true));
const browser = await launch({ handleSIGTERM: false });
const errors = [];
try {
  const page = await browser.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
  for (const script of ['picture.js', 'peers.js']) {
    await page.addInitScript({ path: fileURLToPath(new URL(script, import.meta.url)) });
  }
  process.on('SIGUSR2', () => void page.evaluate(() => peers.turnSound()));
  // A document of the server's own: it is secure enough for a camera, and may read all headers of the answers.
  await page.goto(`${wish.peers[0].api}/api/v1/versions`);
  const tell = async () => console.log(JSON.stringify({ peers: await page.evaluate(() => peers.sample()), errors }));
  const started = page.evaluate(async (all) => {
    for (const one of all) await peers.start(one);
  }, wish.peers);
  started.catch((error) => errors.push(String(error)));
  while (!isOver) {
    await tell();
    await page.waitForTimeout(EVERY_MS);
  }
  await page.evaluate(() => peers.end());
  await tell();
} finally {
  await browser.close();
}
