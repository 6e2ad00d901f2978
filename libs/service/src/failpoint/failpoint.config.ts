/** Folder in which fault tests arm points; unset everywhere else, and then every point is nothing. */
export const failpointDir = process.env.FAILPOINT_DIR;
