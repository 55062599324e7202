/** Traces in the notation of `buildTrace`, as real programs leave them; used by tests of several parts. */

/** `main` runs two `count` that sleep a second, side by side; the first throws. */
export const sleepTogether = `
  run /p/sleep.ts
  target v24.0.0
  file /p/sleep.ts
  site 1 module "sleep.ts" 1:1-30:1
  site 2 function "main" 3:1-8:2 owner 1
  site 3 await "await Promise.all([count(), count()])" 4:3-4:40 owner 2 hint task callees count
  site 4 function "count" 10:1-15:2
  site 5 await "await sleep(1000)" 12:3-12:20 owner 4 hint timer callees sleep
  site 6 await "await main()" 20:1-20:13 owner 1 hint task callees main
  0 turn main
  10 start 1 site 1
  12 start 2 site 2 in 1
  14 start 3 site 4 in 2
  15 suspend 3 at 5
  16 start 4 site 4 in 2
  17 suspend 4 at 5
  18 suspend 2 at 3
  20 suspend 1 at 6
  1000100 turn timer late 3000
  1000110 resume 3
  1000120 settle 3 throw
  error 3 RangeError: too   many
  1000200 turn timer
  1000210 resume 4
  1000220 settle 4
  1000230 resume 2 throw
  1000240 settle 2 throw
  1000250 resume 1 throw
  1000260 settle 1 throw
  exit 1 1050000
`;

/** `main` starts `stuck`, which waits for ever, drops `audit`, then a helper blocks for 150 ms while `audit` is due. */
export const threeFaults = `
  run /p/faults.ts
  target v24.0.0
  file /p/node_modules/x/y.js skipped: it is in an excluded folder
  file /p/faults.ts
  site 1 function "main" 1:1-9:2
  site 2 await "await slowStep()" 2:3-2:19 owner 1 hint task callees slowStep
  site 3 dropped-call "audit()" 3:3-3:10 owner 1 callees audit
  site 4 function "audit" 10:1-19:2
  site 5 await "await sleep(10)" 11:3-11:18 owner 4 hint timer callees sleep
  site 6 function "stuck" 20:1-29:2
  site 7 await "await new Promise(() => {})" 21:3-21:30 owner 6
  site 8 function "slowStep" 30:1-39:2
  site 9 await "await sleep(5)" 31:3-31:17 owner 8 hint timer callees sleep
  site 10 blocking "while (performance.now() < until) { }" 32:3-34:4 owner 8 blocking busy-wait
  0 turn main
  100 start 1 site 1
  110 start 2 site 4 in 1
  120 suspend 2 at 5
  130 start 3 site 6 in 1
  140 suspend 3 at 7
  150 start 4 site 8 in 1
  160 suspend 4 at 9
  170 suspend 1 at 2
  5200 turn timer
  5210 resume 4
  155220 block 10 for 150000 in 4
  155230 settle 4
  155240 resume 1
  155250 settle 1
  155300 turn timer late 145000
  155310 resume 2
  155320 settle 2
  exit 0 200000
`;

/** `chain` twice, each two steps; the second chain is the slower one. */
export const chains = `
  run /p/chains.ts virtual
  file /p/chains.ts
  site 1 function "main" 1:1-9:2
  site 2 await "await Promise.all([chain(6), chain(9)])" 2:3-2:42 owner 1 hint task callees chain
  site 3 function "chain" 10:1-14:2
  site 4 await "await part1(n)" 11:3-11:17 owner 3 hint task callees part1
  site 5 await "await part2(n)" 12:3-12:17 owner 3 hint task callees part2
  site 6 function "part1" 20:1-22:2
  site 7 await "await sleep(n * 100)" 21:3-21:23 owner 6 hint timer callees sleep
  site 8 function "part2" 30:1-32:2
  site 9 await "await sleep(n * 100 + 50)" 31:3-31:28 owner 8 hint timer callees sleep
  0 turn main
  0 start 1 site 1
  0 start 2 site 3 in 1
  0 start 3 site 6 in 2
  0 suspend 3 at 7
  0 suspend 2 at 4
  0 start 4 site 3 in 1
  0 start 5 site 6 in 4
  0 suspend 5 at 7
  0 suspend 4 at 4
  0 suspend 1 at 2
  600000 turn timer
  600000 resume 3
  600000 settle 3
  600000 resume 2
  600000 start 6 site 8 in 2
  600000 suspend 6 at 9
  600000 suspend 2 at 5
  900000 turn timer
  900000 resume 5
  900000 settle 5
  900000 resume 4
  900000 start 7 site 8 in 4
  900000 suspend 7 at 9
  900000 suspend 4 at 5
  1250000 turn timer
  1250000 resume 6
  1250000 settle 6
  1250000 resume 2
  1250000 settle 2
  1850000 turn timer
  1850000 resume 7
  1850000 settle 7
  1850000 resume 4
  1850000 settle 4
  1850000 resume 1
  1850000 settle 1
  exit 0 90000
`;
