// 1,000 tasks with 1,000 awaits each, ten times in turn.
const tasks = Number(process.argv[2] ?? 1_000);
async function task() {
  let sum = 0;
  for (let i = 0; i < 1_000; i++) sum += await i;
  return sum;
}
for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: tasks }, task));
console.log(JSON.stringify(process.cpuUsage()));
