// A place for whole files by name: a folder of this machine, later a bucket. Every call is durable when it returns, and a reader
// sees a file whole or not at all.

export interface Store {
  /** Names below `folder` (which ends with `/`; `''` is all of it), in no order. */
  list(folder: string): Promise<string[]>;
  /** Undefined: there is no such file. */
  read(name: string): Promise<Buffer | undefined>;
  /** @returns false when there is one already: of two who try at once, one wins. */
  create(name: string, content: string): Promise<boolean>;
  /** Puts it in the place of what is there. */
  put(name: string, content: string): Promise<void>;
  /** What is not there is removed already. */
  remove(name: string): Promise<void>;
}
