/** What is wrong with a keystore that an operator can put right: told in one line, and never with what is secret. */

export class KeystoreUnfit extends Error {
  override readonly name = "KeystoreUnfit";
}
