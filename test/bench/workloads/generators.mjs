// A pipeline of async generators.
const rounds = Number(process.argv[2] ?? 3_000_000);
async function* numbers() {
  for (let i = 0; i < rounds; i++) yield i;
}
async function* even(source) {
  for await (const n of source) if (n % 2 === 0) yield n;
}
async function main() {
  let sum = 0;
  for await (const n of even(numbers())) sum += n;
  return sum;
}
await main();
console.log(JSON.stringify(process.cpuUsage()));
