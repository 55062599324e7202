// One task, awaits of settled values.
const rounds = Number(process.argv[2] ?? 10_000_000);
async function main() {
  let sum = 0;
  for (let i = 0; i < rounds; i++) sum += await i;
  return sum;
}
await main();
console.log(JSON.stringify(process.cpuUsage()));
