/** Port the server listens on in its container. */
export const containerPort = 8000
