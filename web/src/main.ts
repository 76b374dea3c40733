/** The page: what is live, how to push, and a player. */

import './style.css';
import { type Ports, apiOrigins, isOwn, mediaUrl, needsPushKey, parsePorts, rtcUrls, rtmpPort } from './address';
import { Api, type ApiFailure, ApiUnavailable, type LiveStream } from './api';
import {
  type Choice,
  type PlayerKind,
  type StreamName,
  displayName,
  formatChoice,
  parseChoice,
  sameStream,
} from './choice';
import type { Fault } from './faults';
import type { Target } from './play/engine';
import { type Report, Watch } from './play/watch';
import type { Publisher } from './publish/publish';
import { type PublishWish, extraOf, parsePublish } from './publish/wish';
import { pushTo } from './push';
import { best, instead, offered, thisBrowser } from './support';
import { LANGUAGES, type Language, fill, languageFor } from './texts';
import { Token } from './token';
import { copy, wireCopying } from './view/copy';
import { byId, setText, translate } from './view/dom';
import { PublishForm } from './view/publish';
import { Stage } from './view/stage';
import { StreamList } from './view/streams';

const POLL_MS = 2000;
const LANGUAGE_KEY = 'weir.language';

const page = location;
const browser = thisBrowser();
/** Known before the API is asked for the first time. */
let told: Ports | null = null;
const token = new Token(sessionStore());
let api = apiAt(apiOrigins(page));

let language = savedLanguage() ?? languageFor(navigator.language);
let version = '';
let streams: readonly LiveStream[] | null = null;
let failures: readonly ApiFailure[] = [];
let choice: Choice | null = null;
/** The player of the choice. */
let kind: PlayerKind = 'flv';
/** The player that failed at the format of the choice, for which `kind` stands in. */
let failed: PlayerKind | null = null;
/** The fault for which another player was looked for last. */
let seen: Fault | null = null;
let phase: Report['phase'] = 'idle';
/** Somebody chose, or came by a link: nothing is chosen for them any more. */
let decided = false;
let pollTimer: ReturnType<typeof setTimeout> | undefined;

const texts = () => LANGUAGES[language];
const watch = new Watch(byId<HTMLVideoElement>('video'), browser, onReport);
const stage = new Stage(page, offered(browser), texts, () => language, {
  player: chosen => choice && choose({ ...choice, player: chosen, autostart: true }),
  again: play,
  unmute: () => watch.unmute(),
});
const list = new StreamList(
  texts,
  () => language,
  stream => formatChoice(choiceOf(stream)),
  stream => choose(choiceOf(stream)),
);

/** Its code is fetched when somebody publishes. */
let publisher: Promise<Publisher> | null = null;
const form = new PublishForm(page, browser.rtcSends, texts, () => language, {
  start: (wish, key) => void publish(wish, key),
  stop: () => void publisher?.then(one => one.stop()),
  url: wish => whipUrls(wish)[0] ?? '',
});

/** The choice of a stream from the list, by the player that was used last. */
function choiceOf({ vhost, app, stream }: StreamName): Choice {
  const player = choice?.player;
  return { vhost, app, stream, extra: [], autostart: true, ...(player && { player }) };
}

/** Plays from now on, and puts the choice into the address of the page. */
function choose(chosen: Choice): void {
  decided = true;
  const query = formatChoice(chosen);
  if (query !== page.search) history.pushState(null, '', `/${query}`);
  take(chosen);
  if (chosen.autostart) byId('stage').scrollIntoView({ block: 'nearest' });
}

function take(chosen: Choice | null): void {
  choice = chosen;
  failed = null;
  show();
  if (!chosen) return watch.stop();
  if (chosen.autostart) play();
  else watch.stop();
}

function play(): void {
  failed = null;
  playBy(choice?.player ?? best(browser, known()));
}

function playBy(chosen: PlayerKind): void {
  if (!choice) return;
  kind = chosen;
  show();
  watch.play(target(choice, kind), known(), isLive());
}

function target(chosen: Choice, by: PlayerKind): Target {
  const [, ...elsewhere] = by === 'webrtc' ? rtcUrls(chosen, 'whep', page, told) : [];
  const barred = by === 'webrtc' && isOwn(chosen, page, told) ? rtcOff() : null;
  const carried = chosen.extra.some(([key]) => ['token', 'key'].includes(key));
  const bearer = isOwn(chosen, page, told) && !carried ? token.value : null;
  return { kind: by, url: mediaUrl(chosen, by, page), elsewhere, bearer, barred };
}

/** What the server says of its WebRTC, if it says that there is none. */
function rtcOff(): Fault | null {
  return told?.rtc === null ? { kind: 'rtc-off' } : null;
}

async function publish(wish: PublishWish, key: string): Promise<void> {
  // Nobody wants to hear themselves.
  decided = true;
  form.update(null, wish);
  const failed = (fault: Fault) => form.update({ phase: 'failed', fault, retries: false, media: null, figures: null });
  const barred = publishBarred(wish);
  if (barred) return failed(barred);
  const bearer = key || (isOwn(wish, page, told) ? token.value : null);
  try {
    publisher ??= import('./publish/publish').then(
      ({ Publisher, theseMeans }) => new Publisher(theseMeans(), report => form.update(report)),
    );
    await (await publisher).start(wish, { urls: whipUrls(wish), bearer });
  } catch (error) {
    publisher = null;
    failed({ kind: 'library', said: String(error) });
  }
}

function publishBarred(wish: PublishWish | null): Fault | null {
  if (!browser.rtc) return { kind: 'no-rtc' };
  return wish && !isOwn(wish, page, told) ? null : rtcOff();
}

function whipUrls(wish: PublishWish): string[] {
  return rtcUrls({ ...wish, extra: extraOf(wish) }, 'whip', page, told);
}

function onReport(report: Report): void {
  phase = report.phase;
  stage.update(report);
  if (report.phase === 'failed' && report.fault && report.fault !== seen) {
    seen = report.fault;
    void playInstead(report.fault);
  }
}

/** Plays HLS, if the server offers it, when another player failed at what came. */
async function playInstead(fault: Fault): Promise<void> {
  const [was, chosen] = [kind, choice];
  const other = instead(was, fault, browser, known());
  if (!chosen || other === null) return;
  const answer = await fetch(mediaUrl(chosen, other, page), { cache: 'no-store' }).catch(() => null);
  // Meanwhile somebody may have chosen something else, and the player may have got over it.
  if (!answer?.ok || choice !== chosen || kind !== was || phase === 'playing') return;
  failed = was;
  playBy(other);
}

/** What the stream is may become known only after a player was chosen for it. */
function reconsider(): void {
  const stream = known();
  if (!choice || choice.player || !stream || failed || phase === 'playing') return;
  const better = best(browser, stream);
  if (better === kind) return;
  if (phase === 'idle') kind = better;
  else playBy(better);
}

/** What the API knows of the choice; another server's streams are not in its list. */
function known(): LiveStream | null {
  const chosen = choice;
  if (!chosen || chosen.origin !== undefined) return null;
  return streams?.find(stream => sameStream(stream, chosen)) ?? null;
}

/** Whether somebody publishes the choice; `null` where that cannot be known. */
function isLive(): boolean | null {
  const answered = streams !== null && failures.length === 0;
  return !answered || choice?.origin !== undefined ? null : (known()?.live ?? false);
}

function show(): void {
  const port = rtmpPort(
    (streams ?? []).map(stream => stream.tcUrl),
    told?.rtmp,
  );
  const url = choice ? mediaUrl(choice, kind, page) : '';
  const hasStreams = (streams ?? []).some(one => one.live);
  stage.show({ choice, kind, failed, url, stream: known(), hasStreams, rtmpPort: port });
  list.show({ streams, failures, token: token.state, chosen: choice });
  // To whom waits for a stream, how to publish that one.
  const keyed = needsPushKey(page.hostname, told);
  const push = pushTo(choice && isLive() !== true ? choice : null, page.hostname, port, keyed);
  form.show({ keyed, barred: publishBarred(null) });
  for (const note of document.querySelectorAll<HTMLElement>('.key-note')) note.hidden = !keyed;
  setText(byId('lead-line'), push.test);
  setText(byId('push-test'), push.test);
  setText(byId('push-file'), push.file);
  setText(byId('push-server'), push.server);
  setText(byId('push-key'), push.key);
  setText(byId('version'), version && fill(texts().serverVersion, { version }));
  document.title = `${choice ? displayName(choice) : texts().title} – weir`;
}

/** Another server than weir, or an older one, has no such file. */
async function learnPorts(): Promise<void> {
  told = await fetch('/weir.json', { cache: 'no-store' })
    .then(answer => (answer.ok ? answer.json() : null))
    .then(parsePorts)
    .catch(() => null);
  api = apiAt(apiOrigins(page, told));
}

function apiAt(origins: string[]): Api {
  return new Api(origins, undefined, token);
}

async function poll(): Promise<void> {
  try {
    streams = await api.streams();
    failures = [];
    version ||= await api.version().catch(() => '');
  } catch (error) {
    if (!(error instanceof ApiUnavailable)) throw error;
    failures = error.failures;
  }
  watch.know(known(), choice ? isLive() : null);
  reconsider();
  const live = (streams ?? []).filter(stream => stream.live);
  const [only] = live;
  if (!decided && only && live.length === 1) {
    decided = true;
    take(choiceOf(only));
  }
  show();
}

/** Asks now, and again after each answer; not while nobody looks. */
async function pollForEver(): Promise<void> {
  pollTimer = undefined;
  if (!document.hidden) await poll();
  pollTimer = setTimeout(() => void pollForEver(), POLL_MS);
}

/** Asks without waiting for the next turn; while an answer is awaited, that turn is soon enough. */
function pollNow(): void {
  if (pollTimer === undefined) return;
  clearTimeout(pollTimer);
  void pollForEver();
}

function speak(chosen: Language): void {
  language = chosen;
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en';
  byId('language').lang = chosen === 'zh' ? 'en' : 'zh-CN';
  translate(texts());
  show();
}

function savedLanguage(): Language | null {
  try {
    const saved = localStorage.getItem(LANGUAGE_KEY);
    return saved === 'en' || saved === 'zh' ? saved : null;
  } catch {
    return null;
  }
}

function sessionStore(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    // Then a token is asked for anew each time.
    return null;
  }
}

function fromAddress(): Choice | null {
  if (parsePublish(page.search, page)) return null;
  return parseChoice(page.search, page) ?? parseChoice(page.hash.slice(1), page);
}

byId('language').addEventListener('click', () => {
  speak(language === 'zh' ? 'en' : 'zh');
  try {
    localStorage.setItem(LANGUAGE_KEY, language);
  } catch {
    // Then it is asked for anew each time.
  }
});
byId('link').addEventListener('click', event => {
  const shared = choice && `${page.origin}/${formatChoice({ ...choice, player: kind })}`;
  if (shared && event.currentTarget instanceof HTMLElement) void copy(shared, event.currentTarget, texts);
});
byId<HTMLFormElement>('by-name').addEventListener('submit', event => {
  event.preventDefault();
  const written = byId<HTMLInputElement>('name').value;
  const chosen = parseChoice(new URLSearchParams({ stream: written }).toString(), page);
  if (chosen) choose(chosen);
});
byId<HTMLFormElement>('by-token').addEventListener('submit', event => {
  event.preventDefault();
  const input = byId<HTMLInputElement>('token');
  token.give(input.value);
  input.value = '';
  pollNow();
});
addEventListener('popstate', () => take(fromAddress()));
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) pollNow();
});

wireCopying(texts);
const linked = fromAddress();
decided = linked !== null;
if (linked && !linked.autostart) kind = linked.player ?? best(browser, null);
speak(language);
take(linked);
const asked = parsePublish(page.search, page);
if (asked) {
  form.fillIn(asked.wish);
  byId('push').scrollIntoView();
}
document.body.dataset['ready'] = '';
void learnPorts().then(() => {
  // A link is not to send somebody's camera anywhere else, and browsers let nobody share a screen without a click.
  const starts = asked?.autostart && asked.wish.source !== 'screen' && isOwn(asked.wish, page, told);
  if (starts) void publish(asked.wish, '');
  return pollForEver();
});
