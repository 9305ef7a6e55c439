// WebVTT, as Zoom and Teams export transcripts: cues → sentences with their speakers. Pure.

export interface VttSentence {
  /** NULL where nobody is named. */
  readonly speaker: string | null;
  /** Milliseconds from the start. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What keeps a file from being read; reads on after its name. */
export class VttProblem extends Error {}

const timing = /^\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3})\s*-->\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3})(?:\s|$)/;
const leadingName = /^\s*([\p{L}\p{N}][^:.!?<>]{0,59}):\s+(\S.*)$/su;
const entities: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
  '&quot;': '"',
  '&nbsp;': ' ',
  '&lrm;': '',
  '&rlm;': '',
};

/**
 * @param text of the whole file
 * @throws VttProblem when it is no WebVTT, or nobody says anything in it
 */
export function parseWebVtt(text: string): VttSentence[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  if (!/^WEBVTT(\s|$)/.test(lines[0] ?? '')) throw new VttProblem('does not begin with WEBVTT');
  const cues = [...blocksOf(lines.slice(1))].flatMap((block) => {
    const at = block.findIndex((line) => timing.test(line));
    // Without a time it is a note, a style or a header.
    const [, from, to] = timing.exec(block[at] ?? '') ?? [];
    if (from === undefined || to === undefined) return [];
    return [{ start: milliseconds(from), end: milliseconds(to), words: block.slice(at + 1).join(' ') }];
  });
  // A colon is common in speech: the first words are names only where most cues begin with one.
  const areNamed = cues.filter(({ words }) => leadingName.test(words)).length * 2 >= cues.length;
  const sentences = cues.flatMap(({ start, end, words }) => spokenIn(words, start, end, areNamed));
  if (sentences.length === 0) throw new VttProblem('holds no words');
  return sentences;
}

function* blocksOf(lines: readonly string[]): Generator<string[]> {
  let block: string[] = [];
  for (const line of lines) {
    if (line.trim() !== '') block.push(line);
    else {
      if (block.length > 0) yield block;
      block = [];
    }
  }
  if (block.length > 0) yield block;
}

/** `[hours:]minutes:seconds.milliseconds`; some write a comma. */
function milliseconds(time: string): number {
  const [seconds = '0', minutes = '0', hours = '0'] = time.replace(',', '.').split(':').toReversed();
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000);
}

/** A cue may hold several voices (`<v Ann>…</v>`), or begin with the speaker (`Ann: …`), as Zoom writes it. */
function spokenIn(cue: string, start: number, end: number, areNamed: boolean): VttSentence[] {
  const voices = [...cue.matchAll(/<v(?:\.[^\s>]*)?\s+([^>]*)>(.*?)(?=<\/v>|<v[.\s]|$)/gs)];
  const [, name = '', words = cue] = (areNamed ? leadingName.exec(cue) : undefined) ?? [];
  const spoken =
    voices.length > 0 ? voices.map(([, voice = '', said = '']) => ({ name: voice, words: said })) : [{ name, words }];
  return spoken.flatMap((part) => {
    const [text, speaker] = [plainText(part.words), plainText(part.name)];
    return text === '' ? [] : [{ speaker: speaker === '' ? null : speaker, start, end, text }];
  });
}

function plainText(markup: string): string {
  return markup
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:lt|gt|amp|quot|nbsp|lrm|rlm);/g, (entity) => entities[entity] ?? entity)
    .replace(/&#(\d{1,7});/g, (entity, code) => characterOf(Number(code)) ?? entity)
    .replace(/\s+/g, ' ')
    .trim()
    .toWellFormed();
}

function characterOf(code: number): string | undefined {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
