/** A message that could not be processed. Control characters in its texts are written as `\u001b`. */
export interface DeadLetter {
  /** Its sequence in the stream of dead letters. */
  id: string;
  reason: string;
  /** Where it was published first, and where it is sent again. */
  subject: string;
  /** Its sequence in the stream that it came from; null when only a part of the message was set aside. */
  sequence: string | null;
  /** When it was set aside. */
  at: string;
  /** Bytes. */
  size: number;
  /** How its data begin: 500 characters in a list, 65,536 of a single one. */
  preview: string;
  truncated: boolean;
}

/** Oldest first. */
export interface DeadLetterPage {
  items: DeadLetter[];
  nextCursor: string | null;
  /** Dead letters in all. */
  total: number;
}

export interface DeadLetterQuery {
  /** 1 to 50; default 20. A page of large messages may hold fewer and still have a cursor. */
  limit?: number;
  cursor?: string;
}

/** A dead letter that was sent again. */
export interface Requeued {
  id: string;
  subject: string;
}
