// Opens a page in headless Chromium that asks the API of another origin, as consoles do: by fetch, and by script elements
// that call a function of the page (JSONP). Prints the answers as one line of JSON.
// Usage: node console.mjs '{"page": "http://…", "api": "http://…", "paths": ["/api/…"], "scripts": ["/api/…?a=b"]}'
import { launch } from './launch.mjs';

const wish = JSON.parse(process.argv[2]);
const browser = await launch();
try {
  const page = await browser.newPage();
  await page.goto(wish.page);
  console.log(JSON.stringify(await page.evaluate(ask, wish)));
} finally {
  await browser.close();
}

/** Runs in the page. */
async function ask({ api, paths, scripts }) {
  const answers = [];
  for (const path of paths) {
    const response = await fetch(api + path);
    answers.push(await response.json());
  }
  window.console_callbacks = {};
  for (const [number, path] of scripts.entries()) {
    const answer = new Promise((resolve, reject) => {
      window.console_callbacks[`_${number}`] = resolve;
      const script = document.createElement('script');
      script.src = `${api}${path}${path.includes('?') ? '&' : '?'}callback=console_callbacks._${number}`;
      script.onerror = () => reject(new Error(`no script: ${script.src}`));
      document.head.append(script);
    });
    answers.push(await answer);
  }
  return answers;
}
