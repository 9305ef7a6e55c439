// The machine and the process that the product runs in, as far as it needs to know: found out by the room `process`, or made up by
// a test.

/** What tells one process from another, also after its id was given to somebody else; it can be written down. */
export interface ProcessMark {
  readonly pid: number;
  readonly host: string;
  /** Of this start of the machine; empty where the system does not tell. */
  readonly bootId: string;
  /** Empty where the system does not tell. */
  readonly startTime: string;
  /** In which `pid` counts: a container has one of its own. Empty where the system does not tell; 0.1.0 did not write it down. */
  readonly pidNamespace?: string | undefined;
}

export interface ProcessIdentity extends ProcessMark {
  readonly pidNamespace: string;
  /** Of a process, or undefined when there is no such process; empty where the system does not tell. */
  readonly startTimeOf: (pid: number) => Promise<string | undefined>;
}

/**
 * What became of the process behind `mark`, as `own` can tell. A process id proves nothing outside its namespace, and containers
 * may share a host name. So where the namespaces differ, or one side does not know its own, nothing is known; a mark of 0.1.0
 * is judged as 0.1.0 did.
 */
export async function fateOf(mark: ProcessMark, own: ProcessIdentity): Promise<'lives' | 'gone' | 'unknown'> {
  if (mark.host !== own.host) return 'unknown';
  if (mark.pidNamespace !== undefined && mark.pidNamespace !== own.pidNamespace) return 'unknown';
  // The machine was started anew since: its processes are gone.
  if (mark.bootId !== own.bootId) return mark.bootId !== '' && own.bootId !== '' ? 'gone' : 'unknown';
  const startTime = await own.startTimeOf(mark.pid);
  if (startTime === undefined) return 'gone';
  if (startTime === mark.startTime) return 'lives';
  return startTime === '' || mark.startTime === '' ? 'unknown' : 'gone';
}

/** Environment variables that are set. */
export type Variables = Readonly<Record<string, string | undefined>>;

export interface Machine {
  identify(): Promise<ProcessIdentity>;
  /** Megabytes that DuckDB may take at the most when nobody set a limit. */
  readonly duckDbMegabytes: number;
  /** What we call ourselves towards the services. */
  readonly userAgent: string;
  readonly proxy: {
    readonly http?: string | undefined;
    readonly https?: string | undefined;
    readonly no?: string | undefined;
  };
  /** Environment variables that have their names from others, and mean the same here as in their tools: AWS's. */
  readonly variables: Variables;
  /** Takes a secret that was found on the way out of all messages from now on. */
  readonly hide: (secret: string) => void;
  /** Would Node take any certificate, so that the keys go to whoever shows one? */
  readonly trustsAnyCertificate: boolean;
}
