// A place for whole files by name: a folder of this machine, or a bucket. Every call is durable when it returns, and a reader sees a
// file whole or not at all.

export interface Store {
  /** Names below `folder` (which ends with `/`; `''` is all of it), in no order. */
  list(folder: string): Promise<string[]>;
  /** Undefined: there is no such file. */
  read(name: string): Promise<Buffer | undefined>;
  /**
   * @param content that nobody else would write
   * @returns false when there is one already: of two who try at once, one wins.
   */
  create(name: string, content: string): Promise<boolean>;
  /** Puts it in the place of what is there. */
  put(name: string, content: string): Promise<void>;
  /** What is not there is removed already. */
  remove(name: string): Promise<void>;
}

export interface TaggedContent {
  readonly content: Buffer;
  /** Of this content: what `replace` compares. */
  readonly etag: string;
  /** Milliseconds since it was written, by the store's clock alone. */
  readonly ageMs: number;
}

/** A store in which a file can be exchanged for another by who knows what is there. */
export interface TaggedStore extends Store {
  readTagged(name: string): Promise<TaggedContent | undefined>;
  /**
   * Puts it in the place of that content and no other.
   * @param content that nobody else would write
   * @returns false when another content is there, or none
   */
  replace(name: string, content: string, etag: string): Promise<boolean>;
}

export interface StoredFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch, by the clock of the store. */
  readonly modifiedAt: number;
}

/** A store of large files as well, which programs of this machine read and write: the home of a lake. */
export interface FileStore extends Store {
  /** The folder of this machine below which programs find a file by its name, once it was brought. */
  readonly root: string;
  /** Where others find a file: its path, or its URL. */
  addressOf(name: string): string;
  /** Names of the folders in `folder`, without a slash at the end. */
  folders(folder: string): Promise<string[]>;
  /** Every file below `folder`, at any depth, hidden ones too. */
  walk(folder: string): AsyncIterable<StoredFile>;
  /** Moves the file at `path`, which lies below `root` and whose bytes are durable, to a name that nobody used before. */
  take(path: string, name: string): Promise<void>;
  /** Gives the file at a name, which stays, another one that nobody used before; programs of this machine may keep one copy. */
  copy(name: string, to: string): Promise<void>;
  /** Removes every file below `folder`; a Delta table there is gone at once, or was there longest by its first entry. */
  removeFolder(folder: string): Promise<void>;
  /** Returns when programs of this machine can read these files below `root`. */
  bring(names: readonly string[]): Promise<void>;
  /**
   * May we write here, is there room, and is a name given only once? Leaves nothing behind.
   * @param shown how messages name the store
   * @throws ConnectorError
   */
  probe(shown: string): Promise<void>;
}
