// JSON.parse of each line alone, nothing else: the price of a loader that parses. Argument: input.
import { createReadStream } from 'node:fs';

let rest = Buffer.alloc(0);
let rows = 0;
for await (const chunk of createReadStream(process.argv[2], { highWaterMark: 1 << 20 })) {
  let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10)) {
    JSON.parse(bytes.toString('utf8', 0, end));
    rows += 1;
    bytes = bytes.subarray(end + 1);
  }
  rest = bytes;
}
if (rows === 0) throw new Error('no rows');
