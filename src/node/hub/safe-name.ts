/** Names of files, in folders or not, that cannot lead out of the folder they are put in. */
export const SAFE_NAME: RegExp = /^[A-Za-z0-9_][\w.+-]*(\/[A-Za-z0-9_][\w.+-]*)*$/;
