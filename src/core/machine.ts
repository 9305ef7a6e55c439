// The machine and the process that the product runs in, as far as it needs to know: found out by the room `process`, or made up by
// a test.

/** What tells one process from another, also after its id was given to somebody else. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Of this start of the machine; empty where the system does not tell. */
  readonly bootId: string;
  /** Of a process, or undefined when there is no such process; empty where the system does not tell. */
  readonly startTimeOf: (pid: number) => Promise<string | undefined>;
}

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
  /** Would Node take any certificate, so that the keys go to whoever shows one? */
  readonly trustsAnyCertificate: boolean;
}
