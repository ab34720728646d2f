import { setTimeout as sleep } from 'node:timers/promises'
import { CodedError } from '@fast-mcp/errors'
import type { ProxyAdmin } from '../haproxy/admin.ts'
import type { Slot } from '../haproxy/config.ts'

/** Which task is in which slot of the load balancer. */
export class SlotBoard {
  readonly #admin: ProxyAdmin
  readonly #ports: Map<string, number | undefined>
  /** Ports that got requests when the board was read. */
  readonly #up: ReadonlySet<number>

  private constructor(admin: ProxyAdmin, ports: Map<string, number | undefined>, up: ReadonlySet<number>) {
    this.#admin = admin
    this.#ports = ports
    this.#up = up
  }

  /** As the load balancer has it now. */
  static async read(admin: ProxyAdmin): Promise<SlotBoard> {
    const slots = await admin.slots()
    return new SlotBoard(
      admin,
      new Map(slots.map(({ name, port, status }) => [name, status === 'maintenance' ? undefined : port])),
      new Set(slots.filter(({ status }) => status === 'up').map(({ port }) => port))
    )
  }

  has(port: number): boolean {
    return [...this.#ports.values()].includes(port)
  }

  /** Whether the task on a port got requests when the board was read. */
  isUp(port: number): boolean {
    return this.#up.has(port)
  }

  /** Slots and ports, for the configuration. */
  get slots(): readonly Slot[] {
    return [...this.#ports].map(([name, port]) => ({ name, port }))
  }

  /** Puts a task into a free slot, or the one it has, and waits until its health checks pass there. */
  async attach(port: number, limitMs: number, signal: AbortSignal): Promise<void> {
    const free = this.#slotOf(port) ?? [...this.#ports].find(([, taken]) => taken === undefined)?.[0]
    if (free === undefined)
      throw new CodedError('internal', `no slot of the load balancer is free for port ${port}`, {
        remedy: 'Run `make destroy` and `make deploy`.'
      })
    this.#ports.set(free, port)
    await this.#admin.attach(free, port, limitMs, signal)
  }

  /** Lets a task finish its requests, for at most `limitMs`; does nothing for one without a slot. False where some were left. */
  async drain(port: number, limitMs: number, signal: AbortSignal): Promise<boolean> {
    const slot = this.#slotOf(port)
    return slot === undefined || (await this.#admin.drain(slot, limitMs, signal))
  }

  /** Frees the slot of a task that is gone. */
  async release(port: number): Promise<void> {
    const slot = this.#slotOf(port)
    if (slot === undefined) return
    await this.#admin.release(slot)
    this.#ports.set(slot, undefined)
  }

  /** As `release`, for a task that could not be taken away: whatever comes of it, its slot is not written down. */
  async abandon(port: number): Promise<void> {
    const slot = this.#slotOf(port)
    if (slot === undefined) return
    this.#ports.set(slot, undefined)
    await this.#admin.release(slot).catch((error: unknown) => {
      if (!(error instanceof CodedError)) throw error
    })
  }

  /** Waits until the tasks on these ports get requests. Throws CodedError `rollout-failed` where they do not. */
  async requireUp(ports: readonly number[], limitMs: number, signal: AbortSignal): Promise<void> {
    const end = performance.now() + limitMs
    for (;;) {
      const slots = await this.#admin.slots()
      const down = ports.filter((port) => !slots.some((slot) => slot.port === port && slot.status === 'up'))
      if (down.length === 0) return
      if (performance.now() >= end)
        throw new CodedError(
          'rollout-failed',
          `the load balancer gives no requests to the new tasks on port ${down.join(', ')}`,
          { remedy: 'Read the logs of the tasks below, mend the server and run `make full` again.' }
        )
      await sleep(25, undefined, { signal })
    }
  }

  /** Frees every slot whose port is none of these. */
  async keepOnly(ports: readonly number[]): Promise<void> {
    for (const port of this.#ports.values())
      if (port !== undefined && !ports.includes(port)) await this.release(port)
  }

  #slotOf(port: number): string | undefined {
    return [...this.#ports].find(([, taken]) => taken === port)?.[0]
  }
}
