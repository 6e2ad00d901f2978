/** Something that the person who typed `npm start` can put right; shown without a stack trace. */
export class StartError extends Error {}
