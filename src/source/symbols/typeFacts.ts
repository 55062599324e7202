import { answersOf } from '../project/answers.ts';
import type { ts } from '../typescript.ts';

/** What the checker says of a member's name where it is used; both unset where it does not know the member. */
export interface MemberFact {
  readonly declarations?: readonly ts.Declaration[];
  readonly valueDeclaration?: ts.Declaration;
}

/** Answers of the checker by the nodes that were asked about, also those of earlier programs that still hold. */
export interface TypeFacts {
  /** The member that a name stands for: `close` in `file.close()`. */
  memberAt(name: ts.Node): MemberFact;
  /** The answer to a question about the types at a node, which must hold no nodes, symbols or types itself. */
  answer<T extends boolean | string | null>(question: string, node: ts.Node, find: () => T): T;
}

export function createTypeFacts(program: ts.Program, checker: ts.TypeChecker): TypeFacts {
  const answers = answersOf(program);
  const members = answers.question<MemberFact>('member');
  return {
    memberAt: (name) =>
      members.find(name, () => {
        const { declarations, valueDeclaration } = checker.getSymbolAtLocation(name) ?? {};
        answers.restOnAll(declarations ?? []);
        return { ...(declarations ? { declarations } : {}), ...(valueDeclaration ? { valueDeclaration } : {}) };
      }),
    answer: (question, node, find) => answers.question<ReturnType<typeof find>>(`type: ${question}`).find(node, find),
  };
}
