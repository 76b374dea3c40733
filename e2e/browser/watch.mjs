// Opens a page in headless Chromium, waits until its video plays, watches it for a while and prints what was seen as one
// line of JSON. Usage: node watch.mjs '{"url": "http://…", "seconds": 5}'
//
// With "clock": true each picture is that of picture.js, which carries the time at which it was made: what is shown is
// compared with the time at which it is shown.
//
// With "steps": [[SELECTOR, TEXT], …] each text is typed into what is there by then and sent with Enter; without a text,
// it is enough that something is there to be seen.
//
// With "squeeze": N the network lets through no more than N bytes a second once the video plays, until the pictures have
// another width; then all again, until it is another once more. "widths" has them, one after the other.
import { fileURLToPath } from 'node:url';
import { launch } from './launch.mjs';

const PATIENCE_MS = 20_000;
const SWITCH_MS = 40_000;

const wish = JSON.parse(process.argv[2]);
const browser = await launch();
const errors = [];
try {
  const page = await browser.newPage({ viewport: wish.viewport ?? { width: 1280, height: 800 } });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.addInitScript({ path: fileURLToPath(new URL('picture.js', import.meta.url)) });
  await page.goto(wish.url);
  for (const [selector, text] of wish.steps ?? []) {
    await page.locator(selector).waitFor({ timeout: PATIENCE_MS });
    if (text === undefined) continue;
    await page.fill(selector, text);
    await page.press(selector, 'Enter');
  }
  const playing = await page
    .waitForFunction(
      () => {
        const video = document.querySelector('video');
        return video !== null && video.currentTime > 0.5 && !video.paused && video.readyState >= 2;
      },
      undefined,
      { timeout: wish.patience ?? PATIENCE_MS },
    )
    .then(() => true)
    .catch(() => false);
  // A player that joined in the middle of a group of pictures catches up.
  await page.waitForTimeout((wish.settle ?? 0) * 1000);
  const widths = playing && wish.squeeze !== undefined ? await squeeze(page, wish.squeeze) : undefined;
  const seen = playing ? await page.evaluate(watch, wish) : {};
  if (wish.screenshot !== undefined) await page.screenshot({ path: wish.screenshot });
  const text = await page.evaluate(() => document.body.innerText);
  const protocols = await page.evaluate(loaded);
  console.log(JSON.stringify({ playing, ...seen, widths, protocols, errors, text }));
} finally {
  await browser.close();
}

async function squeeze(page, bytes) {
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  const width = () => page.evaluate(() => document.querySelector('video').videoWidth);
  const widths = [await width()];
  for (const downloadThroughput of [bytes, -1]) {
    const limits = { offline: false, latency: 0, downloadThroughput, uploadThroughput: -1 };
    await network.send('Network.emulateNetworkConditions', limits);
    // 0 while the page begins anew with a player that ran dry.
    const isOther = (before) => ![0, before].includes(document.querySelector('video').videoWidth);
    await page.waitForFunction(isOther, widths.at(-1), { timeout: SWITCH_MS }).catch(() => {});
    widths.push(await width());
  }
  return widths;
}

/** Runs in the page. */
async function watch(wish) {
  const video = document.querySelector('video');
  const read = picture.reader(video);
  const delays = [];
  let waits = 0;
  video.addEventListener('waiting', () => (waits += 1));
  const before = { time: video.currentTime, quality: video.getVideoPlaybackQuality() };
  if (wish.clock) {
    const next = () =>
      video.requestVideoFrameCallback(() => {
        delays.push(read().age);
        next();
      });
    next();
  }
  await new Promise((resolve) => setTimeout(resolve, (wish.seconds ?? 5) * 1000));
  const quality = video.getVideoPlaybackQuality();
  delays.sort((a, b) => a - b);
  return {
    width: video.videoWidth,
    height: video.videoHeight,
    advanced: video.currentTime - before.time,
    decoded: quality.totalVideoFrames - before.quality.totalVideoFrames,
    dropped: quality.droppedVideoFrames - before.quality.droppedVideoFrames,
    waits,
    samples: delays.length,
    delay_p50: delays[Math.floor(delays.length / 2)],
    delay_p95: delays[Math.floor(delays.length * 0.95)],
  };
}

/** Runs in the page: by which protocol each kind of file came from the page's own server. */
function loaded() {
  const protocols = {};
  for (const { name, nextHopProtocol } of performance.getEntriesByType('resource')) {
    const { origin, pathname } = new URL(name);
    // A request that was given up has none.
    if (origin !== location.origin || nextHopProtocol === '') continue;
    const kind = pathname.split('.').pop();
    protocols[kind] = [...new Set([...(protocols[kind] ?? []), nextHopProtocol])];
  }
  return protocols;
}
