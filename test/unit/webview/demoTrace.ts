import { buildTrace } from '../support/traceBuilder.ts';

/**
 * A small importer: pages from the network under `Promise.all`, files, a queue with two workers, a child process, a call that blocks,
 * one task that throws and one that never settles. Times in µs.
 */
export function demoTrace(
  options: { readonly clock?: 'wall' | 'virtual'; readonly exit?: boolean; readonly extra?: string } = {},
): Uint8Array {
  return buildTrace(`
run /project/src/import.ts${options.clock === 'virtual' ? ' virtual' : ''}
target v24.0.0
file /project/src/import.ts
site 1 module "import.ts" 1:1-60:1
site 2 await "importAll(sources)" 58:1-58:27 owner 1 hint task callees importAll
site 3 function "importAll" 10:1-20:2
site 4 await "Promise.all(sources.map(importOne))" 12:3-12:44 owner 3 hint task callees importOne
site 5 function "importOne" 22:1-33:2
site 6 await "fetchPage(source.url)" 23:16-23:43 owner 5 hint task callees fetchPage
site 7 await "queue.push(page)" 26:3-26:25 owner 5 hint queue
site 8 function "worker" 35:1-44:2
site 9 await "queue.take()" 37:18-37:36 owner 8 hint queue
site 10 await "writeFile(target, text)" 40:5-40:34 owner 8 hint file
site 11 blocking "JSON.parse(readFileSync(schemaPath, 'utf8'))" 39:20-39:52 owner 8 blocking sync-io
site 12 await "run('git', ['add', target])" 42:5-42:36 owner 8 hint process
site 13 await "stopped" 46:3-46:16 owner 8
site 14 settle-call "resolve(item)" 52:9-52:22 owner 5
file /project/src/network.ts
site 20 function "fetchPage" 5:1-14:2
site 21 await "fetch(url)" 6:20-6:36 owner 20 hint network
site 22 await "response.text()" 9:16-9:37 owner 20 hint network
site 23 await "setTimeout(backOff)" 11:5-11:30 owner 20 hint timer
file /project/vendor/legacy.js skipped: it has no async function
file /project/src/generated/schema.js skipped: excluded by interleave.run.exclude
0 turn main
100 start 1 site 1
900 start 2 site 3 in 1
1200 start 3 site 8 in 2
1400 suspend 3 at 9
1500 start 4 site 8 in 2
1600 suspend 4 at 9
1700 start 5 site 5 in 2
1800 start 6 site 20 in 5
2600 suspend 6 at 21
2700 suspend 5 at 6
2800 start 7 site 5 in 2
2900 start 8 site 20 in 7
3300 suspend 8 at 21
3400 suspend 7 at 6
3500 start 9 site 5 in 2
3600 start 10 site 20 in 9
4000 suspend 10 at 21
4100 suspend 9 at 6
4300 suspend 2 at 4
4500 suspend 1 at 2
41000 turn network
41200 resume 6
41900 suspend 6 at 22
52000 turn network
52100 resume 6
53400 settle 6
53500 resume 5
54300 settle-call 14 in 5
54500 suspend 5 at 7
54700 resume 3
112800 block 11 for 56400 in 3 detail 1
113400 suspend 3 at 10
113600 resume 5
114000 settle 5
114200 turn network
114300 resume 8
115900 suspend 8 at 22
116200 turn network
116300 resume 10 throw
116900 suspend 10 at 23
121000 turn network
121100 resume 8
121900 settle 8
122100 resume 7
122500 settle-call 14 in 7
122700 suspend 7 at 7
122900 resume 4
124800 suspend 4 at 10
125000 resume 7
125200 settle 7
128000 turn file
128100 resume 3
128700 suspend 3 at 12
139000 turn file
139100 resume 4
139500 suspend 4 at 12
169500 turn timer late 2500
169600 resume 10
170200 suspend 10 at 21
182000 turn process
182200 resume 3
182600 suspend 3 at 9
196000 turn process
196100 resume 4
196400 suspend 4 at 9
221000 turn network
221200 resume 10 throw
222000 settle 10 throw
222200 resume 9 throw
222600 settle 9 throw
222800 resume 2 throw
223500 settle 2 throw
223700 resume 1
${options.extra ?? ''}
224600 settle 1
detail 1 schema.json, 48 MB
error 10 TypeError: fetch failed | request node:http:99 | fetchPage /project/src/network.ts:9 | async importOne /project/src/import.ts:23 | async Promise.all | async importAll /project/src/import.ts:12
error 9 TypeError: fetch failed
error 2 TypeError: fetch failed
${options.exit === false ? '' : 'exit 0'}
`);
}

/** Start-up code and a worker that are busy at nobody's cost, and one call of a task that is a fault. Times in µs. */
export function calmTrace(options: { readonly fault?: boolean } = {}): Uint8Array {
  const end = options.fault === false ? '80000 settle 1' : '140000 block 3 for 60000 in 1\n142000 settle 1';
  return buildTrace(`
run /p/hash.ts
target v24.0.0
file /p/hash.ts
site 1 function "main" 5:1-9:2
site 2 blocking "readFileSync('words')" 1:1-1:22 blocking sync-io
site 3 blocking "pbkdf2Sync(word)" 7:3-7:19 owner 1 blocking crypto
site 4 await "sleep(5)" 6:3-6:17 owner 1 hint timer
site 5 blocking "pbkdf2Sync(all)" 20:3-20:19 blocking crypto
thread 1 worker 1
0 turn main
70000 block 2 for 60000
72000 start 1 site 1
74000 suspend 1 at 4
79000 turn timer
79500 resume 1
${end}
@1 90000 turn main
@1 200000 block 5 for 100000
exit 0 260000
`);
}
