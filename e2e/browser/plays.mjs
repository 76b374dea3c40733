// Opens several pages in one headless Chromium and tells of each whether its video plays: time passes, pictures and sound
// are decoded. Prints one line of JSON. Usage: node plays.mjs '{"urls": ["http://…"], "seconds": 3}'
import { launch } from './launch.mjs';

const PATIENCE_MS = 30_000;
// So many pages are open at once: each decodes.
const AT_ONCE = 4;

const wish = JSON.parse(process.argv[2]);
const browser = await launch();
const seen = new Array(wish.urls.length);
try {
  const waiting = wish.urls.map((url, at) => [url, at]);
  const take = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [url, at] = next;
      seen[at] = await watch(url);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}

async function watch(url) {
  const errors = [];
  const page = await browser.newPage({ viewport: { width: 480, height: 360 } });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(url, { waitUntil: 'commit' });
  const plays = await page
    .waitForFunction(
      (seconds) => {
        const video = document.querySelector('video');
        if (video === null || video.readyState < 2) return false;
        video.first ??= video.currentTime;
        const pictures = video.getVideoPlaybackQuality().totalVideoFrames;
        return video.currentTime - video.first > seconds && pictures > seconds * 10 && video.webkitAudioDecodedByteCount > 0;
      },
      wish.seconds,
      { timeout: PATIENCE_MS },
    )
    // A page that has another player stand in shows nothing of the one that it was asked for.
    .then(async () => !(await page.locator('#instead').isVisible()))
    .catch(() => false);
  const text = plays ? '' : await page.evaluate(() => document.body.innerText);
  await page.close();
  return { url, plays, errors: errors.slice(-3), text: text.slice(0, 400) };
}
