// A headless Chromium, spoken to by its DevTools protocol: what it makes of a page, without a driver of somebody else's.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'undici';

type Json = Record<string, unknown>;

export interface Page {
  /** Sends one command. @throws what the browser answers as an error */
  send(method: string, params?: Json): Promise<Json>;
  /** Events so far, in order. */
  readonly events: readonly { readonly method: string; readonly params: Json }[];
  close(): Promise<void>;
}

/** Debian's package; installed where it is missing and we may. @throws with apt's words when that fails */
export function findChromium(): string {
  const found = spawnSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).stdout.trim();
  if (found !== '') return found;
  for (const words of [
    ['update', '-q'],
    ['install', '-y', '-q', '--no-install-recommends', 'chromium'],
  ]) {
    const { status, stderr } = spawnSync('apt-get', words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`Chromium is missing and apt-get ${words[0]} failed: ${stderr}`);
  }
  return '/usr/bin/chromium';
}

/** Opens one blank page; requests, dialogs, console messages and policy violations come as events. */
export async function openPage(): Promise<Page> {
  const profile = mkdtempSync(join(tmpdir(), 'gong-elt-chromium-'));
  const browser = spawn(
    findChromium(),
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const socket = await connect(await addressOf(browser));
  const waiting = new Map<number, { resolve: (value: Json) => void; reject: (error: Error) => void }>();
  const events: { method: string; params: Json }[] = [];
  let last = 0;
  let session: string | undefined;
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as {
      id?: number;
      method?: string;
      params?: Json;
      result?: Json;
      error?: { message: string };
    };
    if (message.id === undefined) {
      events.push({ method: message.method ?? '', params: message.params ?? {} });
      return;
    }
    const { resolve, reject } = waiting.get(message.id) ?? {};
    if (message.error === undefined) resolve?.(message.result ?? {});
    else reject?.(new Error(message.error.message));
  });
  const send = (method: string, params: Json = {}) =>
    new Promise<Json>((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      socket.send(JSON.stringify({ id: last, method, params, sessionId: session }));
    });
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  ({ sessionId: session } = (await send('Target.attachToTarget', { targetId, flatten: true })) as {
    sessionId: string;
  });
  for (const domain of ['Page', 'Runtime', 'Network', 'Log', 'Audits', 'Accessibility']) await send(`${domain}.enable`);
  return {
    send,
    events,
    async close() {
      const ended = new Promise((resolve) => browser.once('exit', resolve));
      socket.close();
      browser.kill();
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** Loads an address and waits until it has nothing left to load. */
export async function load(page: Page, url: string): Promise<void> {
  const before = page.events.length;
  await page.send('Page.navigate', { url });
  while (!page.events.slice(before).some(({ method }) => method === 'Page.loadEventFired'))
    await new Promise((resolve) => setTimeout(resolve, 50));
}

/** The value of an expression in the page; promises are waited for. @throws what it throws */
export async function evaluate(page: Page, expression: string): Promise<unknown> {
  const { result, exceptionDetails } = (await page.send('Runtime.evaluate', {
    expression,
    awaitPromise: true,
    returnByValue: true,
  })) as { result: { value?: unknown }; exceptionDetails?: { text: string; exception?: { description?: string } } };
  if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value;
}

function addressOf(browser: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    browser.stderr?.on('data', (text) => {
      said += String(text);
      const address = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
    browser.once('exit', (code) => reject(new Error(`Chromium ended with ${code}: ${said}`)));
  });
}

function connect(address: string): Promise<WebSocket> {
  const socket = new WebSocket(address);
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve(socket));
    socket.addEventListener('error', () => reject(new Error(`no answer at ${address}`)));
  });
}
