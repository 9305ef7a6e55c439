// Gong and Semarize behind the Airbyte source face. What costs time to load is loaded by the commands that need it.
import { reportLines } from '../../pipeline/summary.ts';
import { planFullRefresh } from './full-refresh.ts';
import type { OpenSource, SourceFace } from './source.ts';

const runs = 'semarize_runs';

export const gongSource: SourceFace = {
  async spec() {
    const { sourceSpec } = await import('../../settings/host-settings.ts');
    return sourceSpec();
  },
  async open(config, io, log): Promise<OpenSource> {
    const { parseHostSettings } = await import('../../settings/host-settings.ts');
    const { openSource } = await import('../../pipeline/source.ts');
    const settings = parseHostSettings(config, io.clock.now(), io.redactor.learn);
    const source = await openSource(settings, { ...io, log });
    return {
      discover: () => source.discover(),
      async check(signal) {
        const rows = await source.check(signal);
        for (const { level, name, detail, nextStep = '' } of rows)
          if (level === 'warn') log('warn', `${name}: ${detail}`, { next_step: nextStep });
        const failed = rows.filter(({ level }) => level === 'fail');
        const sentences = failed.map(({ name, detail, nextStep }) =>
          [`${name}: ${detail}`, ...(nextStep === undefined ? [] : [nextStep])].join(' → '),
        );
        return { ok: failed.length === 0, message: failed.length === 0 ? 'ok' : sentences.join('\n') };
      },
      read(catalog, states, signal) {
        // What was bought is known only from the state, and is never bought twice.
        const asked = catalog.some(({ stream, syncMode }) => stream.name === runs && syncMode === 'full_refresh');
        if (asked) log('warn', `The stream ${runs} is read incrementally: a full refresh would buy its runs again.`);
        const refresh = planFullRefresh(catalog, states, new Set([runs]));
        const streams = catalog.map(({ stream }) => stream.name);
        return refresh.mark(source.read({ streams, states: refresh.states, signal }));
      },
      summarize: reportLines,
      close: () => source.close(),
    };
  },
};
