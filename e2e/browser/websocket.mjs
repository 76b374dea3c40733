// Opens a WebSocket in headless Chromium, writes to a file what its messages carry, and prints the code with which it was
// closed. Usage: node websocket.mjs ws://… FILE
import { writeFile } from 'node:fs/promises';
import { launch } from './launch.mjs';

const [url, file] = process.argv.slice(2);
const browser = await launch();
try {
  const page = await browser.newPage();
  const [code, text] = await page.evaluate(receive, url);
  await writeFile(file, Buffer.from(text, 'base64'));
  console.log(code);
} finally {
  await browser.close();
}

/** Runs in the page. */
async function receive(url) {
  const socket = new WebSocket(url);
  const messages = [];
  socket.addEventListener('message', ({ data }) => messages.push(data));
  const { code } = await new Promise((resolve) => socket.addEventListener('close', resolve));
  const reader = new FileReader();
  await new Promise((resolve) => {
    reader.addEventListener('load', resolve);
    reader.readAsDataURL(new Blob(messages));
  });
  return [code, reader.result.split(',')[1]];
}
