import { readdir, readFile, readlink } from 'node:fs/promises'

/** A process of this machine. */
export interface FoundProcess {
  readonly pid: number
  readonly group: number
  readonly command: string
}

/** Processes that name a folder among their arguments or work in it; not this one. */
export async function processesIn(folder: string): Promise<readonly FoundProcess[]> {
  const all = await processes()
  const found = await Promise.all(
    all.map(async (one) => {
      if (one.command.includes(folder)) return [one]
      const cwd = await readlink(`/proc/${one.pid}/cwd`).catch(() => '')
      return cwd === folder || cwd.startsWith(`${folder}/`) ? [one] : []
    })
  )
  return found.flat().filter(({ pid }) => pid !== process.pid)
}

/** Processes of a process group that have not ended. */
export async function processGroup(group: number): Promise<readonly FoundProcess[]> {
  return (await processes()).filter((one) => one.group === group)
}

/** What is mounted below a folder, by mount point. */
export async function mountsBelow(folder: string): Promise<readonly string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')
  // Source: proc(5), /proc/pid/mountinfo: the fifth field is the mount point.
  return lines.map((line) => line.split(' ')[4] ?? '').filter((path) => path.startsWith(`${folder}/`))
}

async function processes(): Promise<readonly FoundProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [stat, command] = await Promise.all(
        ['stat', 'cmdline'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => ''))
      )
      // Source: proc(5), /proc/pid/stat: behind the name in parentheses come state, parent and process group.
      const [state, , group] = (stat ?? '').slice((stat ?? '').lastIndexOf(')') + 2).split(' ')
      if (group === undefined || state === 'Z' || state === 'X') return []
      return [
        { pid: Number(pid), group: Number(group), command: (command ?? '').replaceAll('\0', ' ').trim() }
      ]
    })
  )
  return found.flat()
}
