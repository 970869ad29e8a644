/** Characters that drawings cannot show as they are, and how wide the others are. */

/** What moves a terminal's cursor, turns the direction of a line, or is not to be seen at all, and halves of pairs. */
export const unprintable = /\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|\p{Cs}|\p{Default_Ignorable_Code_Point}|\p{Noncharacter_Code_Point}/gu;

/** Marks that stand over, under or around the character before them. */
const combining = /\p{Mn}|\p{Me}/u;

/** The blocks of East Asia and of pictures that terminals and fixed fonts give two columns: "W" and "F" of EastAsianWidth.txt, in whole blocks. */
const wide =
  /[\u1100-\u115f\u231a\u231b\u2329\u232a\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{16fe0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** How many columns of a fixed font a text takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const char of text) columns += char < '\u0300' ? 1 : combining.test(char) ? 0 : wide.test(char) ? 2 : 1;
  return columns;
}

/** As much of a text as fits, with its end left out if need be. */
export function shortened(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let short = '';
  let taken = 0;
  for (const char of text) {
    taken += columnsOf(char);
    if (taken >= columns) break;
    short += char;
  }
  return `${short}…`;
}
