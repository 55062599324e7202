/**
 * White space that may stand before and after each text that was put into a source: taking out what is between two of them gives
 * the source again. A vertical tab and a form feed: no line ends, and V8 still keeps the text with one byte a character.
 */
export const insertionMark = '\v\f';
