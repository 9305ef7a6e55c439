// The source: what it offers, whether it can reach its services, what a sync would read and buy, and the read itself.
import type { Stream } from '../core/catalog.ts';
import type { Clock } from '../core/clock.ts';
import { type CrashPoint, noCrashPoint } from '../core/crash-point.ts';
import { ConnectorError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Message } from '../core/message.ts';
import { connectGong } from '../gong/connect.ts';
import { connectSemarize } from '../semarize/connect.ts';
import { keyClassOf } from '../semarize/run-body.ts';
import { isListedHost } from './base-url.ts';
import { type CheckRow, checkSource } from './check.ts';
import type { SourceConfig } from './config.ts';
import { openReading } from './open-reading.ts';
import { type Plan, planSync } from './plan.ts';
import type { ReadRequest } from './read-request.ts';
import { fingerprintsOf, parseStates } from './state.ts';
import { discoverStreams, isStreamName, type StreamName } from './streams.ts';
import { createWaits } from './waits.ts';

export interface SourceOptions {
  readonly config: SourceConfig;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly crashPoint?: CrashPoint | undefined;
  readonly userAgent: string;
  /** Longest wait that a service may ask for before the sync checkpoints and stops; milliseconds. */
  readonly maxWaitMs: number;
  readonly proxy?: { http?: string | undefined; https?: string | undefined; no?: string | undefined } | undefined;
}

export interface GongSemarizeSource {
  discover(): Stream[];
  check(signal: AbortSignal): Promise<CheckRow[]>;
  /** Lists calls, fetches no transcript, creates no run. */
  plan(request: ReadRequest): Promise<Plan>;
  /** Messages as core/message.ts describes them; the last one is a report, also when it then throws. */
  read(request: ReadRequest): AsyncGenerator<Message>;
  close(): Promise<void>;
}

export function createGongSemarizeSource(options: SourceOptions): GongSemarizeSource {
  const { config, clock, log } = options;
  const waits = createWaits();
  const environment = {
    retry: { tries: 6, baseMs: 1000, capMs: 60_000, maxWaitMs: options.maxWaitMs },
    clock,
    random: options.random,
    log,
    proxy: options.proxy,
    userAgent: options.userAgent,
    onWait: waits.begin,
  };
  const isListed = (url: string) => isListedHost(new URL(url), config.allowed_hosts);
  const keyClass = keyClassOf(config.semarize_api_key ?? '');
  const fingerprints = fingerprintsOf(config, keyClass);
  const closers: (() => Promise<void>)[] = [];

  const gong = (usedToday: number) => {
    const connection = connectGong(config, environment, isListed(config.gong_base_url), usedToday);
    closers.push(() => connection.http.close());
    return connection;
  };
  const semarize = () => {
    const { semarize_api_key: key } = config;
    if (key === undefined) return undefined;
    const connection = connectSemarize(
      { ...config, semarize_api_key: key },
      environment,
      isListed(config.semarize_base_url),
    );
    closers.push(() => connection.http.close());
    return connection.client;
  };

  function openRequest(request: ReadRequest) {
    const states = new Map(request.states);
    // Without a key it says nothing about which class of key it belongs to, and it is not touched.
    if (config.semarize_api_key === undefined) states.delete('semarize_runs');
    const state = parseStates(states, fingerprints);
    const [day, count] = state.calls.requests ?? ['', 0];
    const isToday = day === new Date(clock.now()).toISOString().slice(0, 10);
    return openReading({
      config,
      request,
      selected: selectStreams(config, request.streams),
      state,
      fingerprints,
      gong: gong(isToday ? count : 0),
      semarize: semarize(),
      keyClass,
      clock,
      log,
      crashPoint: options.crashPoint ?? noCrashPoint,
    });
  }

  return {
    discover: () => discoverStreams(config),
    check: (signal) => checkSource(config, gong(0), semarize(), clock, signal),
    plan: (request) => planSync(openRequest(request)),
    read: (request) => waits.interleave(openRequest(request).read(), selectStreams(config, request.streams)),
    async close() {
      await Promise.all(closers.splice(0).map((close) => close()));
    },
  };
}

/** @throws ConnectorError area `config` for a stream that does not exist, or that this configuration does not offer. */
function selectStreams(config: SourceConfig, names: readonly string[] | undefined): Set<StreamName> {
  const offered = discoverStreams(config).map(({ name }) => name as StreamName);
  if (names === undefined) return new Set(offered);
  const selected = new Set<StreamName>();
  for (const name of names) {
    if (!isStreamName(name))
      throw new ConnectorError(`There is no stream "${name.slice(0, 60)}".`, {
        area: 'config',
        fields: { stream: name.slice(0, 60) },
        hint: `the streams are ${offered.join(', ')}`,
      });
    if (!offered.includes(name))
      throw new ConnectorError('The stream semarize_runs needs a Semarize key.', {
        area: 'config',
        fields: { stream: name },
        hint: 'set SEMARIZE_API_KEY (semarize_api_key), or select calls and transcripts only',
      });
    selected.add(name);
  }
  return selected;
}
