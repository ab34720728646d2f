/**
 * Where the sample registry says it is: in its manifests, and to clients. The folder can lie anywhere; this is where
 * the container has it, and the same name everywhere keeps builds and the examples of the tools the same.
 */
export const sampleUri = 'file:///app/sample'
