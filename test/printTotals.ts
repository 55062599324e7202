// Prints `N passed, N failed` over all suites that ran. The argument is the exit code of the test command: where that is
// not 0 although no test failed (types, lint, a suite that could not start), the broken step counts as one failure.
import { totalCounts } from './suiteCounts.ts';

const exitCode = Number(process.argv[2] ?? '0');
const { passed, failed } = await totalCounts();
console.log(`${passed} passed, ${exitCode !== 0 && failed === 0 ? 1 : failed} failed`);
