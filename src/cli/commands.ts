// The commands of the people's program, in the order of the help.

import type { Command } from './command.ts';
import { analyze } from './people/analyze.ts';
import { check } from './people/check.ts';
import { configShow } from './people/config-show.ts';
import { copy } from './people/copy.ts';
import { demo } from './people/demo.ts';
import { files } from './people/files.ts';
import { importConversations, importOutcomes, importRuns } from './people/import.ts';
import { lakeCompact, lakeVacuum } from './people/lake-upkeep.ts';
import { load } from './people/load.ts';
import { marts } from './people/marts.ts';
import { plan } from './people/plan.ts';
import { query } from './people/query.ts';
import { report } from './people/report.ts';
import { runsList } from './people/runs-list.ts';
import { runsShow } from './people/runs-show.ts';
import { sandbox } from './people/sandbox.ts';
import { stateShow } from './people/state-show.ts';
import { sync } from './people/sync.ts';

export const commands: readonly Command[] = [
  demo,
  sandbox,
  check,
  configShow,
  plan,
  sync,
  copy,
  load,
  importOutcomes,
  importConversations,
  importRuns,
  marts,
  analyze,
  query,
  report,
  files,
  lakeCompact,
  lakeVacuum,
  stateShow,
  runsList,
  runsShow,
];
