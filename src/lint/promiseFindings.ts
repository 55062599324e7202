import type { Finding, FindingSeverity } from '../shared/lintMessages.ts';
import { findPromiseIssues, type PromiseIssue } from '../source/promises/findPromiseIssues.ts';
import type { LoadedFile } from '../source/project/project.ts';

/** The rules about promises: `floating`, `await-in-loop`, `lost-async-callback` and the others beside them. */
export function promiseFindings(file: LoadedFile): readonly Finding[] {
  return findPromiseIssues(file).map(({ issue, place }) => ({
    rule: issue.rule,
    severity: severityOfIssue(issue),
    message: messageOf(issue),
    path: file.path,
    ...place,
    chain: [],
  }));
}

function severityOfIssue(issue: PromiseIssue): FindingSeverity {
  switch (issue.rule) {
    case 'floating':
      return issue.place === 'async' ? 'warning' : issue.place === 'sync' ? 'information' : 'hint';
    case 'await-in-loop':
      return 'hint';
    case 'return-in-try':
    case 'lost-async-callback':
    case 'late-await':
    case 'lost-update':
      return 'warning';
    case 'async-executor':
    case 'unobserved-siblings':
      return 'information';
  }
}

function messageOf(issue: PromiseIssue): string {
  switch (issue.rule) {
    case 'floating':
      return floatingText(issue);
    case 'await-in-loop':
      return 'Each round of this loop waits for the one before, though none needs it: the waits add up. Start them together with `await Promise.all(…)`, in batches where there are many.';
    case 'lost-async-callback':
      return lostCallbackText(issue);
    case 'async-executor':
      return 'What this async executor throws does not reject the promise: the error is an unhandled rejection, and whoever awaits the promise waits for ever. Await first, outside `new Promise`, or let the executor be synchronous.';
    case 'return-in-try':
      return issue.block === 'catch'
        ? `\`return\` hands out the promise of \`${issue.call}\` before it is settled: if it rejects, this \`catch\` does not see the error. Use \`return await\`.`
        : `\`return\` hands out the promise of \`${issue.call}\` before it is settled: the \`finally\` block runs while it still works. Use \`return await\`.`;
    case 'unobserved-siblings':
      return issue.after === 'closed'
        ? `When one of these promises rejects, \`Promise.all\` does not wait for the others: \`${issue.resource}\` is closed or taken away while they still use it. Wait for all with \`Promise.allSettled\`, then deal with the errors.`
        : 'When one of these promises rejects, `Promise.all` does not wait for the others: the next attempt writes the same things beside them. Wait for all with `Promise.allSettled`, then try again.';
    case 'late-await':
      return `Nobody handles \`${issue.name}\` while line ${issue.otherLine} awaits something else: if \`${issue.call}\` rejects meanwhile, it is an unhandled rejection, which ends a Node process. Await both together with \`Promise.all\`, or start it later.`;
    case 'lost-update':
      return issue.readLine === undefined
        ? `\`${issue.target}\` is read before the \`await\` and written after it: what others write to it meanwhile is lost. Await first, then read and write in one go.`
        : `\`${issue.target}\` is written from what line ${issue.readLine} read before an \`await\`: what others wrote to it meanwhile is lost. Read it again after the \`await\`.`;
  }
}

function floatingText({ call, place }: Extract<PromiseIssue, { readonly rule: 'floating' }>): string {
  const lost = `nobody takes the promise of \`${call}\``;
  if (place === 'module') {
    return `If it fails, ${lost}: Node ends the process with an unhandled rejection. Add a \`.catch(…)\` that reports the error, or \`await\` it.`;
  }
  const fail = 'if it rejects, the error is an unhandled rejection, which ends a Node process';
  if (place === 'async') {
    return `Here ${lost}: the code goes on before it is done, and ${fail}. Use \`await\`, or \`void\` and a \`.catch(…)\` where nobody is meant to wait.`;
  }
  return `Here ${lost}: ${fail}. Add a \`.catch(…)\`, or return the promise.`;
}

function lostCallbackText({ method, harm }: Extract<PromiseIssue, { readonly rule: 'lost-async-callback' }>): string {
  switch (harm) {
    case 'dropped':
      return `\`${method}\` drops the promises of this async callback: nothing waits for them, and what they reject with nobody handles. Use \`for … of\` with \`await\`, or \`await Promise.all(….map(…))\`.`;
    case 'truthy':
      return `\`${method}\` takes the promise of this async callback for its answer, and a promise is always true. Await the answers first, with \`await Promise.all(….map(…))\`.`;
    case 'order':
      return `\`${method}\` takes the promise of this async callback for a number, which it is not: the order stays undefined. Await the keys first, then sort by them.`;
    case 'sum':
      return `From the second round on the accumulator of this \`${method}\` is the promise of the round before, and nothing here awaits it. Await it, or use a loop.`;
    case 'values':
      return `What this \`${method}\` gives is an array of promises, and it is used as if it held their values. Use \`await Promise.all(…)\` on it.`;
  }
}
