// Preloaded into a process: prints the name of every package that it loads to stderr.
import { register } from 'node:module';

const hook = `export async function load(url, context, next) {
  const name = url.split('/node_modules/').at(-1);
  if (url.includes('/node_modules/')) process._rawDebug('loaded ' + name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/'));
  return next(url, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
