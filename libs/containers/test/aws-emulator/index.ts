export { pythonEnvironment, type PythonEnvironment } from './python.ts'
export { startEmulator, type AwsEmulator } from './start.ts'
