import { readFile } from 'node:fs/promises'

/** Memory in RAM of a process of this machine, in mebibytes. Linux only. */
export async function residentMebibytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024
}
