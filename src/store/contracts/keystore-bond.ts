/** What ties the database to the one keystore that opens what is sealed in it. */

export interface KeystoreBond {
  /** Ties to this keystore where none is yet. @returns the id of the one that it is tied to */
  readonly tie: (id: string) => Promise<string>;
  /** Ties to this keystore in the place of any other: what was sealed under that is not opened any more. */
  readonly tieAnew: (id: string) => Promise<void>;
}
