/** What is stored does not have the form of a frame, or does not open. The message is a full sentence. */
export class BadFrame extends Error {}
