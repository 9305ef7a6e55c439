// Which version of its table a record belongs to. Taps number full reads of a table, and say which number is the live one.

/** The number, when `text` is one that a column holds. @param text of a JSON value */
export function versionOf(text: string): string | undefined {
  return /^-?\d{1,18}$/.test(text) ? text : undefined;
}

export function createVersions() {
  /** By stream: the live version, or `seen` when records named one. */
  const known = new Map<string, string>();
  const unversioned = new Set<string>();
  /** Of the last record without one: asked for each. */
  let recent: string | undefined;

  return {
    /** Has the stream versions? */
    isKnown: (stream: string) => known.has(stream),
    /**
     * The version of a record: its own, or the one that was made the live one before it.
     * @param text of the record's version, as JSON
     */
    ofRecord(stream: string, text: string | undefined): string | undefined {
      const own = text === undefined ? undefined : versionOf(text);
      if (own !== undefined) {
        if (!known.has(stream)) known.set(stream, seen);
        return own;
      }
      if (stream === recent) return undefined;
      const live = known.get(stream);
      if (live !== undefined && live !== seen) return live;
      unversioned.add(stream);
      recent = stream;
      return undefined;
    },
    /** @returns false when records without a version came: which of them are of the live one, nobody knows */
    activate(stream: string, version: string): boolean {
      if (unversioned.has(stream)) return false;
      known.set(stream, version);
      return true;
    },
  };
}

const seen = 'seen';
