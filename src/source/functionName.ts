import { ts } from './typescript.ts';

/** The name V8 prints for a function in a stack, as far as the text tells: `load`, `Store.load`, `Object.load`, `<anonymous>`. */
export function functionName(node: ts.FunctionLikeDeclaration): string {
  if (ts.isConstructorDeclaration(node)) return `new ${className(node.parent)}`;
  if (ts.isMethodDeclaration(node) || ts.isGetAccessor(node) || ts.isSetAccessor(node)) return memberName(node.name, node.parent);
  if (node.name) return node.name.text;
  if (ts.isFunctionDeclaration(node)) return 'default';
  let value: ts.Node = node;
  while (ts.isParenthesizedExpression(value.parent)) value = value.parent;
  const parent = value.parent;
  if (ts.isVariableDeclaration(parent) || ts.isBindingElement(parent) || ts.isParameter(parent)) {
    return parent.initializer === value && ts.isIdentifier(parent.name) ? parent.name.text : anonymous;
  }
  if (ts.isPropertyAssignment(parent)) return memberName(parent.name, parent.parent);
  if (ts.isPropertyDeclaration(parent)) return memberName(parent.name, parent.parent);
  if (ts.isExportAssignment(parent)) return 'default';
  if (ts.isBinaryExpression(parent) && parent.right === value && assignmentOperators.has(parent.operatorToken.kind)) {
    return assignedName(parent.left);
  }
  return anonymous;
}

const anonymous = '<anonymous>';

const assignmentOperators = new Set<ts.SyntaxKind>([
  ts.SyntaxKind.EqualsToken,
  ts.SyntaxKind.QuestionQuestionEqualsToken,
  ts.SyntaxKind.BarBarEqualsToken,
  ts.SyntaxKind.AmpersandAmpersandEqualsToken,
]);

function assignedName(target: ts.Expression): string {
  if (ts.isIdentifier(target)) return target.text;
  if (!ts.isPropertyAccessExpression(target)) return anonymous;
  // Inside a class V8 puts the receiver's class in front: `this.load = async () => …` runs as `Store.load`.
  if (target.expression.kind === ts.SyntaxKind.ThisKeyword) {
    const owner = ts.findAncestor(target, (node) => ts.isClassLike(node));
    return owner ? `${className(owner)}.${target.name.text}` : target.name.text;
  }
  const left = ts.isIdentifier(target.expression) ? target.expression.text : assignedName(target.expression);
  return left === anonymous ? target.name.text : `${left}.${target.name.text}`;
}

function memberName(name: ts.PropertyName, owner: ts.Node): string {
  let text: string;
  if (ts.isComputedPropertyName(name)) {
    if (ts.isStringLiteralLike(name.expression)) text = name.expression.text;
    else return `[${name.expression.getText().slice(0, 60)}]`;
  } else text = name.text;
  // V8 puts a receiver in front only of names that are identifiers.
  if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(text)) return text;
  return `${ts.isClassLike(owner) ? className(owner) : 'Object'}.${text}`;
}

function className(owner: ts.Node): string {
  if (!ts.isClassLike(owner)) return 'Object';
  if (owner.name) return owner.name.text;
  const parent = owner.parent;
  if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) return parent.name.text;
  if (ts.isBinaryExpression(parent) && ts.isIdentifier(parent.left)) return parent.left.text;
  return ts.isClassDeclaration(owner) ? 'default' : 'Object';
}
