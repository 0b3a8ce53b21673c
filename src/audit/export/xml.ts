/** Texts and names as XML 1.0 can hold them. */

/** Not a character of XML 1.0 (section 2.2), lone surrogates among them; and what would end an attribute's value or change in it. */
const UNSAFE = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}|[&<>"\t\n\r]/gu;

const ENTITIES = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["\t", "&#9;"],
  ["\n", "&#10;"],
  ["\r", "&#13;"],
]);

/** For an attribute's value or an element's text. What XML can't hold becomes U+FFFD. */
export function xmlText(text: string): string {
  return text.replace(UNSAFE, (character) => ENTITIES.get(character) ?? "\uFFFD");
}

/** XML 1.0, section 2.3: `NameStartChar` without the colon, which would claim an extension's prefix. */
const NAME_START =
  "A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F" +
  "\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}";
const STARTS_NAME = new RegExp(`^[${NAME_START}]`, "u");
const NO_NAME_CHARACTER = new RegExp(
  `[^${NAME_START}\\-.0-9\\u00B7\\u0300-\\u036F\\u203F-\\u2040]`,
  "gu",
);

/** A `Name`: what it can't hold becomes `_`. */
export function xmlName(text: string): string {
  const name = text.replace(NO_NAME_CHARACTER, "_");
  return STARTS_NAME.test(name) ? name : `_${name}`;
}
