/** Sends a signal, SIGKILL unless another is named, to those of the processes that there are. */
export function signal(pids: readonly (number | undefined)[], name: NodeJS.Signals = 'SIGKILL'): void {
  for (const pid of pids) if (pid !== undefined && pid > 1) process.kill(pid, name)
}
